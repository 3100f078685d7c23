//! A quarter: the steps, the figures, the leaders' items of every unit that the viewer finds; freezing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle, Quarter};
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::{is_frozen, name, of_quarter, plans_by_quarter};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::plans::entering;
use crate::plans::items::{Listed, who};
use crate::plans::rules::{self, Condition};
use crate::plans::stages::{self, CannotFreeze, Step};
use crate::secrets::{hex, sm3};
use crate::web::{Access, App, Form, Page, Problems, Query, Refusal, Rooms, Shell, html_with, minute, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/quarters", Access::May("plans.list"), show).post(
        "/plans/quarters/freezing",
        Access::May("plans.freeze"),
        freeze,
    )
}

const PAGE: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    quarter: String,
    /// Keyset: id of the last row.
    after: String,
    /// What the freezing form has seen.
    seen: String,
}

/// The figures above the list.
#[derive(Debug, Default, PartialEq, Eq)]
struct Numbers {
    frozen: usize,
    added: usize,
    withdrawn: usize,
    deferred: usize,
    on_time: usize,
    late: usize,
    accounted: usize,
}

impl Numbers {
    fn of(found: &[Listed]) -> Self {
        let mut numbers = Self::default();
        for listed in found.iter().filter(|listed| listed.number.is_some()) {
            *(if listed.added { &mut numbers.added } else { &mut numbers.frozen }) += 1;
            match (&listed.item.condition, listed.late()) {
                (_, Some(0)) => numbers.on_time += 1,
                (_, Some(_)) => numbers.late += 1,
                (Condition::Withdrawn { .. }, _) => numbers.withdrawn += 1,
                (Condition::Deferred { .. }, _) => numbers.deferred += 1,
                (Condition::Accounted { .. }, _) => numbers.accounted += 1,
                _ => {}
            }
        }
        numbers
    }
}

#[derive(Template)]
#[template(path = "plans/quarters/page.html")]
struct QuarterPage {
    shell: Shell,
    quarter: Quarter,
    name: String,
    before: Quarter,
    after: Quarter,
    steps: [Step; 5],
    numbers: Numbers,
    lines: Vec<Listed>,
    total: usize,
    next: Option<i64>,
    freezing: usize,
    seen: String,
    may_propose: bool,
    problems: Problems,
    today: Date,
    as_of: String,
}

/// The drafts that a freezing by the viewer takes in, and what they say as one word: who freezes has seen just that.
fn to_freeze<'a>(found: &'a [Listed], viewer: &Viewer) -> (Vec<&'a Listed>, String) {
    let taken: Vec<&Listed> = found.iter().filter(|listed| listed.item.freezes(who(viewer))).collect();
    let said: Vec<String> = taken.iter().map(|listed| format!("{}.{}", listed.id, listed.version)).collect();
    let seen = hex(&sm3(&[said.join(",").as_bytes()])[..8]);
    (taken, seen)
}

/// Whether the viewer's post, or one below it, plans by the quarter.
async fn proposes(read: &mut AnyConnection, app: &App, viewer: &Viewer, quarter: Quarter) -> anyhow::Result<bool> {
    let posts: Vec<(String,)> = sqlx::query_as("SELECT DISTINCT listed_as FROM post WHERE id = $1 OR superior = $1")
        .bind(viewer.post)
        .fetch_all(read)
        .await?;
    for (listed_as,) in &posts {
        if plans_by_quarter(app, listed_as, quarter)? {
            return Ok(viewer.may("plans.propose"));
        }
    }
    Ok(false)
}

async fn show(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let mut read = app.db.read().await?;
    page(&mut read, &app, &viewer, &asked, Problems::default()).await
}

async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, asked: &Asked, problems: Problems) -> Page {
    let today = app.today();
    let quarter = asked.quarter.parse().unwrap_or_else(|_| Quarter::of(today));
    let period = Period::Quarter(quarter);
    let cycle = PlanCycle::of(&app.policy, period).map_err(anyhow::Error::from)?;
    let mut found = of_quarter(read, viewer, quarter).await?;
    let (taken, seen) = to_freeze(&found, viewer);
    let freezing = if viewer.may("plans.freeze") && today <= period.last_day() { taken.len() } else { 0 };
    let frozen_on = found.iter().filter(|listed| !listed.added).filter_map(|listed| listed.frozen_on).min();
    let (numbers, total) = (Numbers::of(&found), found.len());
    let passed = found.iter().position(|listed| listed.id.to_string() == asked.after).map_or(0, |place| place + 1);
    found.drain(..passed);
    let next = found.get(PAGE - 1).filter(|_| found.len() > PAGE).map(|listed| listed.id);
    found.truncate(PAGE);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = QuarterPage {
        shell: Shell::new(viewer, "plans"),
        name: name(quarter),
        before: quarter.plus(-1),
        after: quarter.plus(1),
        steps: stages::steps(&cycle, period, frozen_on, today),
        may_propose: period.last_day() >= today && proposes(read, app, viewer, quarter).await?,
        quarter,
        numbers,
        lines: found,
        total,
        next,
        freezing,
        seen,
        problems,
        today,
        as_of: minute(app.now()),
    };
    html_with(status, &page)
}

async fn freeze(State(app): State<App>, viewer: Viewer, Form(asked): Form<Asked>) -> Page {
    let quarter: Quarter = asked.quarter.parse().map_err(|_| Refusal::NotFound)?;
    let today = app.today();
    let mut write = app.db.write().await?;
    let found = of_quarter(&mut write, &viewer, quarter).await?;
    let (taken, seen) = to_freeze(&found, &viewer);
    let cycle = PlanCycle::of(&app.policy, Period::Quarter(quarter)).map_err(anyhow::Error::from)?;
    let rule = stages::freeze(Period::Quarter(quarter), cycle.submit_by, false, today);
    if rule.is_err() || taken.is_empty() {
        let mut problems = Problems::default();
        problems.add("", rule.err().unwrap_or(CannotFreeze::Nothing).to_string());
        return page(&mut write, &app, &viewer, &asked, problems).await;
    }
    if seen != asked.seen {
        return Err(Refusal::Stale);
    }
    // What each unit has frozen before this freezing began makes the rest of it additions.
    let mut units: Vec<(i64, bool)> = Vec::new();
    for listed in &taken {
        if units.iter().all(|(unit, _)| *unit != listed.unit) {
            let frozen = is_frozen(&mut write, listed.unit, quarter, viewer.post).await?;
            let added = stages::freeze(Period::Quarter(quarter), cycle.submit_by, frozen, today).unwrap_or(true);
            units.push((listed.unit, added));
        }
    }
    // One series a month, in the order of months: whoever freezes as well waits and does not cross.
    for month in quarter.months() {
        let of_month: Vec<&&Listed> = taken.iter().filter(|listed| listed.item.month == month).collect();
        if of_month.is_empty() {
            continue;
        }
        let count = i64::try_from(of_month.len()).map_err(anyhow::Error::from)?;
        let first = entering::numbers(&mut write, month, count).await?;
        for (serial, listed) in (first..).zip(of_month) {
            let added = units.iter().any(|(unit, added)| *unit == listed.unit && *added);
            number(&mut write, &app, &viewer, listed, (month, serial), added).await?;
        }
    }
    write.commit().await?;
    see(&format!("/plans/quarters?quarter={quarter}"))
}

/// Freezes one draft with its number.
async fn number(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
    (month, serial): (Month, i64),
    added: bool,
) -> Result<(), Refusal> {
    let number = rules::number(month, serial);
    let frozen = sqlx::query(
        "UPDATE plan_item SET number = $3, added = $4, frozen_on = $5, frozen_by = $6, version = version + 1
          WHERE id = $1 AND version = $2 AND number IS NULL",
    )
    .bind(listed.id)
    .bind(listed.version)
    .bind(number.clone())
    .bind(i64::from(added))
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if frozen.rows_affected() != 1 {
        return Err(Refusal::Stale);
    }
    let told = json!({
        "number": number, "goal": listed.goal, "due_on": listed.item.due_on, "weight": listed.weight,
        "quarter": listed.item.quarter.map(|quarter| quarter.to_string()),
    });
    let subject = Subject("plan_item", listed.id);
    chain::record(write, app, viewer.actor(), "plan_item.frozen", subject, &told).await?;
    Ok(())
}
