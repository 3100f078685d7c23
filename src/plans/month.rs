//! A unit's month: the steps, the figures, the ledger; handing in and freezing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::post_duties::PostDuty;
use policy::values::PolicyError;
use policy::{Calendar, Month, Period, PlanCycle};
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::beside::{self, Beside};
use super::items::{self, Listed, who};
use super::rules::{self, Condition};
use super::stages::{self, CannotFreeze, CannotSubmit, Step};
use super::submissions::{self, Reminder};
use super::tree::{self, Sum};
use super::unlocks::{self, Unlock};
use super::{below, cancelling, entering, post_duties, sight};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::secrets::{hex, sm3};
use crate::web::{
    Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, minute, see,
};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans", Access::May("plans.list"), show)
        .post("/plans/submissions", Access::May("plans.propose"), submit)
        .post("/plans/{id}/freezing", Access::May("plans.freeze"), freeze)
}

/// Rows on one page of the ledger.
const PAGE: usize = 50;

/// What the ledger can be narrowed to.
const STATES: [(&str, &str); 20] = [
    ("", "全部状态"),
    ("draft", "待定稿"),
    ("sent_back", "退改"),
    ("regrouped", "已合并、已拆分"),
    ("open", "未述职"),
    ("accounted", "已述职"),
    ("waiting", "待我销号"),
    ("returned", "述职退回"),
    ("cancelled", "已销号"),
    ("reversed", "销号已撤回"),
    ("withdrawn", "撤销"),
    ("deferred", "顺延"),
    ("undone", "撤回过销号"),
    ("silent", "没有动静"),
    ("added", "追加"),
    ("frozen", "定稿"),
    ("quarter", "季度预安"),
    ("unlocked", "解锁期间改动"),
    ("drawn", "抽查"),
    ("doubted", "抽查不实待定"),
];

/// Which part of which plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Filter {
    unit: String,
    month: String,
    owner: String,
    state: String,
    after: String,
}

/// A unit whose plan the viewer may see.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Unit {
    pub(super) id: i64,
    pub(super) name: String,
}

pub(super) async fn units(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Unit>, sqlx::Error> {
    let mut sql = Sql::new("SELECT u.id, u.name FROM unit u WHERE u.valid_to IS NULL");
    sight::push_unit(&mut sql, viewer, "u.id");
    sql.push(" ORDER BY CASE WHEN u.id = ").bind(viewer.unit).push(" THEN 0 ELSE 1 END, u.kind, u.code LIMIT 500");
    sql.fetch_all(read).await
}

/// The four figures above the ledger.
#[derive(Debug, Default, PartialEq, Eq)]
struct Numbers {
    frozen: usize,
    added: usize,
    withdrawn: usize,
    deferred: usize,
    on_time: usize,
    late: usize,
    waiting: usize,
    longest: i32,
    silent: usize,
    /// Cancelled once and reversed, whatever became of it since.
    undone: usize,
    drawn: usize,
    /// Failed checks whose reversal waits for the superior.
    doubted: usize,
    unlocked: usize,
}

/// A row of the ledger.
struct Line {
    listed: Listed,
    beside: Beside,
    /// Working days without anything done, where there are many.
    silent: Option<usize>,
    /// The viewer can cancel it now.
    cancels: bool,
    /// The viewer can change it: a draft of his own or of somebody below.
    revises: bool,
    /// What serves it.
    below: Sum,
}

/// Working days after `from` until `today`; none while the calendar of a day between is not known.
pub(super) fn working_days(calendar: &Calendar, from: Date, today: Date) -> usize {
    let mut day = from;
    let mut count = 0;
    while let Ok(next) = calendar.next_working_day(day) {
        if next > today {
            break;
        }
        (day, count) = (next, count + 1);
    }
    count
}

/// `most`: working days without anything done after which an item is called silent.
fn line(app: &App, viewer: &Viewer, listed: Listed, beside: Beside, most: i64) -> Line {
    let today = app.today();
    let silent = match listed.moved_on {
        Some(moved) if listed.item.condition.in_hand() && today >= listed.item.month.first_day() => {
            let days = working_days(&app.calendar, moved, today);
            Some(days).filter(|days| i64::try_from(*days).is_ok_and(|days| days >= most))
        }
        _ => None,
    };
    let cancels = viewer.may("plans.cancel") && listed.item.cancel(who(viewer)).is_ok();
    let revises =
        viewer.may("plans.propose") && listed.is_plain() && listed.item.revise(who(viewer), listed.item.due_on).is_ok();
    Line { listed, beside, silent, cancels, revises, below: Sum::default() }
}

impl Numbers {
    fn of(lines: &[Line], today: Date) -> Self {
        let mut numbers = Self::default();
        for line in lines {
            let listed = &line.listed;
            if listed.number.is_none() {
                continue;
            }
            if listed.added {
                numbers.added += 1;
            } else {
                numbers.frozen += 1;
            }
            numbers.silent += usize::from(line.silent.is_some());
            numbers.undone += usize::from(line.beside.reversed > 0);
            numbers.drawn += usize::from(line.beside.is_drawn());
            numbers.doubted += usize::from(line.beside.proposes());
            numbers.unlocked += usize::from(line.beside.unlocked > 0);
            match (&listed.item.condition, listed.late()) {
                (_, Some(0)) => numbers.on_time += 1,
                (_, Some(_)) => numbers.late += 1,
                (Condition::Withdrawn { .. }, _) => numbers.withdrawn += 1,
                (Condition::Deferred { .. }, _) => numbers.deferred += 1,
                (Condition::Accounted { since, .. }, _) if line.cancels => {
                    numbers.waiting += 1;
                    numbers.longest = numbers.longest.max((today - *since).get_days());
                }
                _ => {}
            }
        }
        numbers
    }
}

/// The drafts that a freezing by the viewer takes in, and what they say as one word: who freezes has seen just that.
fn to_freeze<'a>(lines: impl Iterator<Item = &'a Listed>, viewer: &Viewer) -> (Vec<&'a Listed>, String) {
    // Those of a quarter are frozen with their quarter.
    let monthly = lines.filter(|listed| listed.item.quarter.is_none());
    let taken: Vec<&Listed> = monthly.filter(|listed| listed.item.freezes(who(viewer))).collect();
    let said: Vec<String> = taken.iter().map(|listed| format!("{}.{}", listed.id, listed.version)).collect();
    let seen = hex(&sm3(&[said.join(",").as_bytes()])[..8]);
    (taken, seen)
}

#[derive(Template)]
#[template(path = "plans/month.html")]
struct MonthPage {
    shell: Shell,
    unit: Unit,
    units: Vec<Unit>,
    month: Month,
    steps: [Step; 5],
    numbers: Numbers,
    lines: Vec<Line>,
    total: usize,
    owners: Vec<(i64, String)>,
    filter: Filter,
    next: Option<i64>,
    plan: Option<i64>,
    /// What serves the viewer's own items of this month, each once.
    from_below: Sum,
    freezing: usize,
    seen: String,
    waiting: usize,
    /// Second keys that wait for the viewer.
    second: usize,
    may_delegate: bool,
    silent_after: i64,
    may_propose: bool,
    may_submit: bool,
    submitted_on: Option<String>,
    /// Exceptions to its locking, the latest first.
    unlocks: Vec<Unlock>,
    may_unlock: bool,
    problems: Problems,
    /// The viewer's own plan is to be handed in.
    reminder: Option<Reminder>,
    /// Duties of the viewer's post of which no own item of this month is; of the own unit's page alone.
    undone: Vec<PostDuty>,
    today: Date,
    as_of: String,
    /// The viewer, as an owner of items.
    viewer: i64,
}

impl MonthPage {
    /// The address of the next page of the same ledger.
    fn next_page(&self) -> Option<String> {
        let Filter { owner, state, .. } = &self.filter;
        let (unit, month) = (self.unit.id, self.month);
        self.next.map(|after| {
            let (owner, state) = (forms::url_encode(owner), forms::url_encode(state));
            format!("/plans?unit={unit}&month={month}&owner={owner}&state={state}&after={after}")
        })
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut read = app.db.read().await?;
    page(&mut read, &app, &viewer, filter, Problems::default()).await
}

/// The days of a month's plan; a month before the rules had none.
pub(super) fn cycle(app: &App, month: Month) -> Result<PlanCycle, Refusal> {
    match PlanCycle::of(&app.policy, Period::Month(month)) {
        Ok(cycle) => Ok(cycle),
        Err(PolicyError::NotYet { .. }) => Err(Refusal::NotFound),
        Err(error) => Err(Refusal::Fault(error.into())),
    }
}

async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, mut filter: Filter, problems: Problems) -> Page {
    let today = app.today();
    let month = filter.month.parse().unwrap_or(Month::of(today));
    let units = units(read, viewer).await?;
    let wanted = if filter.unit.is_empty() { viewer.unit.to_string() } else { filter.unit.clone() };
    let unit = units.iter().find(|unit| unit.id.to_string() == wanted).cloned().ok_or(Refusal::NotFound)?;
    let plan: Option<(i64, Option<String>)> =
        sqlx::query_as("SELECT id, frozen_on FROM plan WHERE unit = $1 AND month = $2")
            .bind(unit.id)
            .bind(month.to_string())
            .fetch_optional(&mut *read)
            .await?;
    let frozen_on: Option<Date> =
        plan.as_ref().and_then(|(_, day)| day.as_deref()).map(str::parse).transpose().map_err(anyhow::Error::from)?;
    let found = items::of_month(read, viewer, unit.id, month).await?;
    let cycle = cycle(app, month)?;
    let submits = unit.id == viewer.unit && stages::submit(month, cycle.submit_by, &own(&found, viewer), today).is_ok();
    let submitted: Option<(String,)> = match &plan {
        Some((plan, _)) => {
            sqlx::query_as("SELECT submitted_on FROM plan_submission WHERE plan = $1 AND official = $2")
                .bind(*plan)
                .bind(viewer.official)
                .fetch_optional(&mut *read)
                .await?
        }
        None => None,
    };
    let (taken, seen) = to_freeze(found.iter(), viewer);
    let open = unlocks::in_force(read, unit.id, month, today).await?;
    let day = unlocks::rules::day(open, month.last_day(), today);
    let freezing = if viewer.may("plans.freeze") && day <= month.last_day() { taken.len() } else { 0 };
    let unlocks = unlocks::of_month(read, unit.id, month).await?;
    let mut besides = beside::of_month(read, unit.id, month).await?;
    let waiting = if viewer.may("plans.cancel") { items::waiting(read, viewer).await?.len() } else { 0 };
    // A leader has few items of his own; this bounds a mistake.
    let own_items: Vec<i64> = found
        .iter()
        .filter(|listed| listed.item.owner == viewer.official && listed.number.is_some())
        .map(|listed| listed.id)
        .take(200)
        .collect();
    let second = cancelling::awaits(read, app, viewer).await?;
    let mut owners: Vec<(i64, String)> =
        found.iter().map(|listed| (listed.item.owner, listed.owner_name.clone())).collect();
    owners.sort_by(|a, b| a.1.cmp(&b.1));
    owners.dedup();
    let silent_after = app.policy.number("plan.silent.working_days", today)?;
    let lines: Vec<Line> = found
        .into_iter()
        .map(|listed| {
            let beside = besides.remove(&listed.id).unwrap_or_default();
            line(app, viewer, listed, beside, silent_after)
        })
        .collect();
    let numbers = Numbers::of(&lines, today);
    let mut lines: Vec<Line> = lines.into_iter().filter(|line| filter.takes(line)).collect();
    let total = lines.len();
    // The order is that of `of_month`; an address that names an item which is gone begins anew.
    let after = lines.iter().position(|line| line.listed.id.to_string() == filter.after).map_or(0, |place| place + 1);
    lines.drain(..after);
    let next = lines.get(PAGE - 1).filter(|_| lines.len() > PAGE).map(|line| line.listed.id);
    lines.truncate(PAGE);
    let shown: Vec<i64> = lines.iter().map(|line| line.listed.id).collect();
    let roots: Vec<i64> = shown.iter().chain(&own_items).copied().collect();
    let nodes = below::nodes(read, viewer, &roots).await?;
    for line in &mut lines {
        line.below = tree::below(&[line.listed.id], &nodes);
    }
    let from_below = tree::below(&own_items, &nodes);
    filter.unit = wanted;
    let own_page = unit.id == viewer.unit && viewer.may("plans.propose");
    let reminder = if own_page { submissions::reminder(read, app, viewer).await? } else { None };
    let reminder = reminder.filter(|reminder| reminder.month == month);
    let undone = if own_page && today <= cycle.submit_by {
        let owed = post_duties::owed(read, app, viewer.appointment, month).await?;
        owed.into_iter().filter(|owed| owed.items.is_empty()).map(|owed| owed.duty).collect()
    } else {
        Vec::new()
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = MonthPage {
        shell: Shell::new(viewer, "plans"),
        steps: stages::steps(&cycle, month.into(), frozen_on, today),
        may_propose: viewer.may("plans.propose") && (month >= Month::of(today) || open.is_some()),
        may_unlock: viewer.may("plans.unlock")
            && unlocks.iter().all(|one| one.until_on < today.to_string())
            && (frozen_on.is_some() || today > cycle.cancel_by)
            && is_above(read, viewer, unit.id).await?,
        unlocks,
        may_submit: viewer.may("plans.propose") && submits && submitted.is_none(),
        submitted_on: submitted.map(|(day,)| day),
        plan: plan.map(|(id, _)| id),
        unit,
        units,
        month,
        numbers,
        lines,
        total,
        owners,
        filter,
        next,
        from_below,
        freezing,
        seen,
        waiting,
        second,
        may_delegate: viewer.may("plans.delegate"),
        silent_after,
        problems,
        reminder,
        undone,
        today,
        as_of: minute(app.now()),
        viewer: viewer.official,
    };
    html_with(status, &page)
}

/// Whether posts of a unit stand below the viewer's.
async fn is_above(read: &mut AnyConnection, viewer: &Viewer, unit: i64) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT id FROM post WHERE superior = $1 AND unit = $2 LIMIT 1")
        .bind(viewer.post)
        .bind(unit)
        .fetch_optional(read)
        .await?;
    Ok(found.is_some())
}

impl Filter {
    fn takes(&self, line: &Line) -> bool {
        let listed = &line.listed;
        let state = match self.state.as_str() {
            "" => true,
            "waiting" => line.cancels,
            "silent" => line.silent.is_some(),
            "added" => listed.added,
            "frozen" => listed.number.is_some() && !listed.added,
            "quarter" => listed.item.quarter.is_some(),
            "undone" => line.beside.reversed > 0,
            "unlocked" => line.beside.unlocked > 0,
            "drawn" => line.beside.is_drawn(),
            "doubted" => line.beside.proposes(),
            state => listed.item.condition.word() == state,
        };
        state && (self.owner.is_empty() || self.owner == listed.item.owner.to_string())
    }
}

/// What has become of the viewer's own items.
fn own<'a>(found: &'a [Listed], viewer: &Viewer) -> Vec<&'a Condition> {
    let own = found.iter().filter(|listed| listed.item.owner == viewer.official);
    own.map(|listed| &listed.item.condition).collect()
}

/// Which month's plan is handed in.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Submission {
    month: String,
}

async fn submit(State(app): State<App>, viewer: Viewer, Form(form): Form<Submission>) -> Page {
    let month: Month = form.month.parse().map_err(|_| Refusal::NotFound)?;
    let cycle = cycle(&app, month)?;
    let mut write = app.db.write().await?;
    let found = items::of_month(&mut write, &viewer, viewer.unit, month).await?;
    let rule = stages::submit(month, cycle.submit_by, &own(&found, &viewer), app.today());
    let first = found.iter().find(|listed| listed.item.owner == viewer.official);
    let (Ok(()), Some(first)) = (rule, first) else {
        let mut problems = Problems::default();
        problems.add("", rule.err().unwrap_or(CannotSubmit::Nothing).to_string());
        let filter = Filter { month: month.to_string(), ..Filter::default() };
        return page(&mut write, &app, &viewer, filter, problems).await;
    };
    let plan = first.plan;
    let added = sqlx::query(
        "INSERT INTO plan_submission (plan, official, submitted_on) VALUES ($1, $2, $3)
         ON CONFLICT (plan, official) DO NOTHING",
    )
    .bind(plan)
    .bind(viewer.official)
    .bind(app.today().to_string())
    .execute(&mut *write)
    .await?;
    if added.rows_affected() == 1 {
        let told = json!({ "month": month });
        chain::record(&mut write, &app, viewer.actor(), "plan.submitted", Subject("plan", plan), &told).await?;
    }
    write.commit().await?;
    see(&format!("/plans?month={month}"))
}

/// What the freezing form carries.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Freezing {
    seen: String,
}

async fn freeze(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Freezing>) -> Page {
    let mut write = app.db.write().await?;
    let mut sql = Sql::new("SELECT p.unit, p.month FROM plan p WHERE p.id = ");
    sql.bind(id);
    sight::push_unit(&mut sql, &viewer, "p.unit");
    let (unit, month): (i64, String) = sql.fetch_optional(&mut write).await?.ok_or(Refusal::NotFound)?;
    let month: Month = month.parse().map_err(anyhow::Error::from)?;
    let found = items::of_month(&mut write, &viewer, unit, month).await?;
    let (taken, seen) = to_freeze(found.iter(), &viewer);
    // What comes after the first freezing of these posts is an addition and is shown apart.
    let frozen = entering::is_frozen(&mut write, unit, month, viewer.post).await?;
    let cycle = PlanCycle::of(&app.policy, Period::Month(month)).map_err(anyhow::Error::from)?;
    let open = unlocks::in_force(&mut write, unit, month, app.today()).await?;
    let day = unlocks::rules::day(open, month.last_day(), app.today());
    let rule = stages::freeze(month.into(), cycle.submit_by, frozen, day);
    let (Ok(added), false) = (rule, taken.is_empty()) else {
        let mut problems = Problems::default();
        problems.add("", rule.err().unwrap_or(CannotFreeze::Nothing).to_string());
        let filter = Filter { unit: unit.to_string(), month: month.to_string(), ..Filter::default() };
        return page(&mut write, &app, &viewer, filter, problems).await;
    };
    if seen != form.seen {
        return Err(Refusal::Stale);
    }
    let today = app.today().to_string();
    let count = i64::try_from(taken.len()).map_err(anyhow::Error::from)?;
    let first = entering::numbers(&mut write, month, count).await?;
    for (serial, listed) in (first..).zip(&taken) {
        let number = rules::number(month, serial);
        let frozen = sqlx::query(
            "UPDATE plan_item SET number = $3, added = $4, frozen_on = $5, frozen_by = $6, version = version + 1
              WHERE id = $1 AND version = $2 AND number IS NULL",
        )
        .bind(listed.id)
        .bind(listed.version)
        .bind(number.clone())
        .bind(i64::from(added))
        .bind(today.clone())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        if frozen.rows_affected() != 1 {
            return Err(Refusal::Stale);
        }
        let told =
            json!({ "number": number, "goal": listed.goal, "due_on": listed.item.due_on, "weight": listed.weight });
        let subject = Subject("plan_item", listed.id);
        chain::record(&mut write, &app, viewer.actor(), "plan_item.frozen", subject, &told).await?;
        unlocks::mark(&mut write, &app, &viewer, (unit, month), listed.id, "plan_item.frozen").await?;
    }
    sqlx::query("UPDATE plan SET frozen_on = $2, frozen_by = $3 WHERE id = $1")
        .bind(id)
        .bind(today)
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    write.commit().await?;
    see(&format!("/plans?unit={unit}&month={month}"))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn silence_is_counted_in_working_days() {
        let calendar = Calendar::published();
        // Monday 2 to Monday 16 November 2026: ten working days, the first day not counted.
        assert_eq!(working_days(calendar, date(2026, 11, 2), date(2026, 11, 16)), 10);
        assert_eq!(working_days(calendar, date(2026, 11, 2), date(2026, 11, 15)), 9);
    }
}
