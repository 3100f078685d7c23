//! 绩酬汇总: an approved run on a page or two of paper, as a Word file: on what it rests, its course, the sums, the keys.

use axum::extract::State;
use serde_json::json;

use super::payroll::{self, Sums, sums};
use super::runs::{self, Run};
use super::words::{month_on_paper, yuan};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::paper::{Paper, date};
use crate::web::{Access, App, Page, Path, Refusal, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/runs/{id}/summary.docx", Access::May("pay.export"), export)
}

async fn export(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find(&mut read, &viewer, id).await?;
    let shares = run.shares(&mut read).await?;
    let corrections = run.corrections(&mut read).await?;
    let paid = run.paid(&mut read, &shares, &corrections).await?;
    drop(read);
    let Some(approved_on) = run.approved_on() else { return Err(Refusal::NotFound) };
    let units = payroll::rows(&run, &shares, &corrections, &paid);
    let whole = sums(units.iter().flatten());
    let (unit, month) = (&run.unit_name, month_on_paper(run.month));
    let mut paper = Paper::new(format!("{unit}\n{month}绩酬汇总"), approved_on)
        .heading("一、依据")
        .text(basis(&run))
        .heading("二、经过")
        .text(course(&app, &run))
        .heading("三、合计")
        .text(words(whole));
    let rows = units.iter().map(|rows| {
        let sums = sums(rows);
        let amounts = [sums.stake, sums.share, sums.rewards + sums.penalties, sums.corrections, sums.to_pay];
        let mut row = vec![rows[0].unit.clone(), sums.people.to_string()];
        row.extend(amounts.map(yuan));
        row
    });
    let columns = [("单位", 5), ("人数", 2), ("扣入", 4), ("应发", 4), ("奖惩决定", 4), ("更正", 3), ("实发", 4)];
    paper = paper.table(&columns, rows.collect());
    let left: i64 = paid.values().flat_map(|of| &of.rewards).map(|taken| taken.left_fen).sum();
    if left > 0 {
        paper = paper.text(format!("惩处未扣足合计{}元，不自动转入以后月份。", yuan(left)));
    }
    paper = paper.heading("四、签批").text(keys(&run));
    paper.number = run.document.as_ref().map(|document| document.number.clone()).unwrap_or_default();
    paper.signed_by.clone_from(unit);
    let response = paper.download(&format!("绩酬汇总-{unit}-{}", run.month))?;
    let mut write = app.db.write().await?;
    let content = json!({ "file": "summary", "people": paid.len() });
    chain::record(&mut write, &app, viewer.actor(), "pay_run.exported", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    Ok(response)
}

fn basis(run: &Run) -> String {
    let Some(document) = &run.document else { return String::new() };
    let to = match document.holds_to.as_str() {
        "" => "长期有效".to_owned(),
        last => format!("至{}", on_paper(last)),
    };
    let from = on_paper(&document.holds_from);
    format!("{}《{}》（{}，自{from}起施行，{to}）。", document.number, document.title, document.issuer)
}

/// A day as papers have it.
fn on_paper(day: &str) -> String {
    day.parse().map_or_else(|_| day.to_owned(), date)
}

fn course(app: &App, run: &Run) -> String {
    let mut lines = vec![format!("{}{}结算（第{}次）。", date(run.settled_on()), run.settled_by_name, run.attempt)];
    if let Some(check) = &run.check {
        lines.push(format!("{}{}核对。", on_paper(&check.checked_on), check.name));
    }
    match &run.notice {
        Some(notice) => lines.push(format!(
            "{}{}公示，{}个工作日，自{}至{}。",
            date(notice.put_up_on),
            notice.put_up_by,
            notice.working_days,
            date(notice.latest()),
            notice.up(app).on_paper()
        )),
        None => lines.push("在设公示以前提交，没有公示。".to_owned()),
    }
    lines.join("\n")
}

fn words(whole: Sums) -> String {
    let mut lines = vec![
        format!("{}人，扣入{}元，应发{}元。", whole.people, yuan(whole.stake), yuan(whole.share)),
        format!("奖励{}元，惩处{}元，更正{}元。", yuan(whole.rewards), yuan(whole.penalties), yuan(whole.corrections)),
        format!("实发{}元（大写：{}）。", yuan(whole.to_pay), policy::money::capitals(whole.to_pay)),
    ];
    if whole.stake > whole.share {
        lines.push(format!("收回{}元，记入单位收回账。", yuan(whole.stake - whole.share)));
    }
    lines.join("\n")
}

fn keys(run: &Run) -> String {
    let submitted = run.submitted_on.as_deref().unwrap_or_default();
    let mut lines = vec![format!("提交：{} {}", run.submitted_by_name, on_paper(submitted))];
    lines.extend(run.approvals.iter().map(|key| format!("核准：{} {}", key.name, on_paper(&key.approved_on))));
    lines.join("\n")
}
