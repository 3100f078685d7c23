//! The yearly report on petitions (《信访工作条例》 art. 41): what it has to tell, from the figures. Pure.

use jiff::civil::Date;

use super::counts::{Annual, Ended};
use super::figures::{Part, grouped};
use super::petitions::{Line, Year};
use crate::paper::Paper;
use crate::petitions::rules::{Outcome, Resolution};

/// The report as a paper.
pub(super) fn paper(year: &Year, annual: &Annual, today: Date) -> Paper {
    let whole = &year.whole;
    let mut paper = Paper::new(format!("{}{}年\n信访工作年度报告", year.place, year.year), today)
        .heading("一、总体情况")
        .text(format!(
            "登记信访事项 {} 件、{} 人次，其中多人共同提出的 {} 件，同一事项再次提出的 {} 件。现在已办结或者转送 {} 件，占 {}。",
            grouped(&whole.petitions),
            grouped(&whole.people),
            grouped(&whole.joint),
            grouped(&year.repeats),
            grouped(&whole.ended),
            whole.ended().percent(),
        ))
        .table(
            &[("月份", 1), ("件", 1), ("人次", 1), ("多人共同", 1), ("已办结", 1)],
            year.months
                .iter()
                .map(|line| {
                    let counts = [line.petitions, line.people, line.joint, line.ended];
                    std::iter::once(line.label.clone()).chain(counts.iter().map(grouped)).collect()
                })
                .collect(),
        )
        .heading("二、渠道、类别、主题和地方");
    for table in &year.tables {
        let row = |line: &Line| {
            let share = Part { done: line.petitions, of: whole.petitions };
            vec![line.label.clone(), grouped(&line.petitions), share.percent(), line.ended().percent()]
        };
        paper = paper
            .table(&[(table.heading, 2), ("件", 1), ("占比", 1), ("办结率", 1)], table.lines.iter().map(row).collect());
    }
    paper = paper.heading("三、反映较多的单位");
    paper = if annual.complained_of.is_empty() {
        paper.text("没有登记反映对象是单位的事项。")
    } else {
        let units = annual.complained_of.iter().map(|(unit, count)| format!("{unit} {count} 件"));
        paper.text(format!("{}。", units.collect::<Vec<_>>().join("，")))
    };
    paper = paper.heading("四、转送、交办和督办").text(format!(
        "交办 {} 件，转送有权机关 {} 件；对逾期的逐级催办、督办 {} 次。",
        grouped(&annual.assigned),
        grouped(&annual.forwarded),
        grouped(&annual.urged),
    ));
    paper = paper.heading("五、期限和答复").table(
        &[("期限", 1), ("到期", 1), ("按期", 1), ("现在还逾期", 1), ("按期率", 1)],
        year.timed
            .iter()
            .map(|line| {
                let counts = [line.timed.due, line.timed.met, line.timed.open];
                let name = line.clock.name().to_owned();
                std::iter::once(name).chain(counts.iter().map(grouped)).chain([line.part().percent()]).collect()
            })
            .collect(),
    );
    let outcomes =
        Outcome::ALL.iter().map(|one| format!("{one} {} 件", Ended::count(&year.ended.outcomes, one.word())));
    let endings =
        Resolution::ALL.iter().map(|one| format!("{one} {} 件", Ended::count(&year.ended.resolutions, one.word())));
    paper
        .text(format!(
            "处理意见：{}。办结：{}。",
            outcomes.collect::<Vec<_>>().join("，"),
            endings.collect::<Vec<_>>().join("，")
        ))
        .heading("六、建议意见")
        .text(format!(
            "答复建议意见 {} 件，采纳 {} 件，采纳率 {}。",
            annual.suggestions,
            annual.adopted,
            Part { done: annual.adopted, of: annual.suggestions }.percent()
        ))
        .heading("七、群众评价")
        .text(format!(
            "群众自己评价 {} 件，参评率 {}；满意 {} 件，满意率 {}。在工作人员设备上评价的 {} 件不计。",
            grouped(&year.said.rated),
            year.taking_part().percent(),
            grouped(&year.said.satisfied),
            year.satisfied().percent(),
            grouped(&year.said.at_a_desk),
        ))
        .text(
            "口径：都按登记日期算在这一年，截至成文之日。办结率＝已办结、已转送÷登记；按期率＝到期日以前办到或者依法不再\
             需要办的÷昨天以前到期的；采纳＝建议意见的答复是予以支持；满意含基本满意；匿名的不计参评。",
        )
}
