//! The account as a paper, out of the records: what was planned, accounted and cancelled, what else was done, the
//! person's own words, the comment.

use jiff::civil::Date;
use policy::Period;
use sqlx::AnyConnection;

use super::find::{Person, Written, window};
use crate::accounts::Viewer;
use crate::paper::Paper;
use crate::plans::rates::Counts;
use crate::plans::rules::Condition;
use crate::plans::{self, Listed};
use crate::web::day;
use crate::{duties, entries, petitions};

/// What the records of a period say of somebody.
pub(super) struct Told {
    pub(super) items: Vec<Listed>,
    pub(super) counts: Counts,
    entries: entries::Tally,
    first_visits: i64,
    petitions: Vec<petitions::Handled>,
}

/// Reads the records, as far as the viewer may know of them.
pub(super) async fn told(
    read: &mut AnyConnection,
    viewer: &Viewer,
    official: i64,
    period: Period,
) -> anyhow::Result<Told> {
    let items = plans::of_official(read, viewer, official, window(period)).await?;
    let days = (period.first_day(), period.last_day());
    let cases = entries::worked_on(read, official, days).await?;
    Ok(Told {
        counts: plans::counts_of(&items),
        items,
        entries: entries::tally(read, official, days).await?,
        first_visits: duties::met_by(read, official, days).await?,
        petitions: petitions::named(read, viewer, &cases).await?,
    })
}

/// 述职 of one item: when it was done and what was said of it.
fn accounted(listed: &Listed, today: Date) -> String {
    let (done_on, said) = match &listed.item.condition {
        Condition::Accounted { done_on, .. } | Condition::Cancelled { done_on, .. } => {
            (*done_on, &listed.account_content)
        }
        _ => return String::new(),
    };
    let content = if listed.veiled { String::new() } else { listed.told(said) };
    format!("{}完成\n{content}", day(done_on, today)).trim_end().to_owned()
}

/// What became of one item.
fn outcome(listed: &Listed, today: Date) -> String {
    match &listed.item.condition {
        Condition::Cancelled { on, .. } => {
            let late = if listed.late().unwrap_or(0) > 0 { "（迟）" } else { "" };
            format!("{}{}销号{late}", day(*on, today), listed.cancelled_by)
        }
        Condition::Withdrawn { reason } | Condition::Returned { reason, .. } | Condition::Reversed { reason, .. } => {
            let why = if listed.veiled { String::new() } else { listed.told(reason) };
            format!("{}\n{why}", listed.item.condition.label()).trim_end().to_owned()
        }
        Condition::Deferred { to, .. } => format!("顺延到 {to}"),
        other => other.label().to_owned(),
    }
}

fn rows<'a>(items: impl Iterator<Item = &'a Listed>, today: Date) -> Vec<Vec<String>> {
    items
        .map(|listed| {
            vec![
                listed.title().to_owned(),
                listed.shown_goal(),
                day(listed.item.due_on, today),
                accounted(listed, today),
                outcome(listed, today),
            ]
        })
        .collect()
}

/// The heads of the columns of items, with their shares of the width.
const COLUMNS: [(&str, usize); 5] = [("编号", 4), ("做到什么", 5), ("期限", 3), ("述职", 5), ("结果", 4)];

/// The whole account. `words` is what the person says: the version handed in, or the draft to its writer.
pub(super) fn paper(
    person: &Person,
    period: Period,
    told: &Told,
    (words, written): (&str, &Written),
    today: Date,
) -> Paper {
    let counts = &told.counts;
    let handed_in = written.handed_in().and_then(|words| words.handed_in_on.parse().ok());
    let name = window(period).name().replace(' ', "");
    let mut paper = Paper::new(
        format!("{}{}{}\n{name}述职报告", person.unit_name, person.title, person.name),
        handed_in.unwrap_or(today),
    );
    paper.recipient.clone_from(&person.superior_name);
    paper.signed_by.clone_from(&person.name);
    paper = paper.heading("一、预安和销号").text(format!(
        "定稿 {} 项，撤销 {} 项，顺延 {} 项，应完成 {} 项。已销号 {} 项，销号率 {}；其中按时 {} 项，按时率 {}。",
        counts.planned,
        counts.withdrawn,
        counts.deferred,
        counts.due(),
        counts.cancelled,
        counts.rate().percent(),
        counts.on_time,
        counts.on_time_rate().percent(),
    ));
    let frozen = rows(told.items.iter().filter(|listed| !listed.added), today);
    paper = if frozen.is_empty() { paper.text("没有定稿的预安项。") } else { paper.table(&COLUMNS, frozen) };
    if counts.added > 0 {
        paper = paper
            .text(format!("另有追加 {} 项，已销号 {} 项，不计入上面的销号率。", counts.added, counts.added_cancelled))
            .table(&COLUMNS, rows(told.items.iter().filter(|listed| listed.added), today));
    }
    let tally = &told.entries;
    paper = paper.heading("二、走访和日常工作").text(format!(
        "入户走访 {} 次，见到 {} 户，其中今年第一次走到的 {} 户；会议 {} 次，代办 {} 件，记办理信访 {} 次。",
        tally.visits, tally.met, told.first_visits, tally.meetings, tally.errands, tally.steps,
    ));
    paper = paper.heading("三、办理信访");
    paper = if told.petitions.is_empty() {
        paper.text("没有办理记录。")
    } else {
        let said =
            |one: &petitions::Handled| format!("{}（{}）", one.number, if one.ended { "现已办结" } else { "办理中" });
        let numbers: Vec<String> = told.petitions.iter().map(said).collect();
        paper.text(format!("办理 {} 件：{}。", numbers.len(), numbers.join("，")))
    };
    paper = paper.heading("四、本人说明").text(if words.is_empty() { "没有另外说明。" } else { words });
    if let Some(comment) = &written.comment {
        paper = paper
            .heading("五、上级点评")
            .text(format!("{}（{}，{}）", comment.content, comment.name, comment.commented_on));
    }
    paper
}
