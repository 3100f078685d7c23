//! 停滞: the items about which nothing happened for as many working days as `plan.silent.working_days` says, the
//! longest first, with whoever they lie with. It tells where to ask, and rates nobody.

use askama::Template;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::values::PolicyError;
use policy::{Calendar, Day, Month, Period, PlanCycle};
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::items::Listed;
use super::month::{Unit, units, working_days};
use super::narrowed::{self, FROM, LEVELS, Narrowed};
use super::rules::Condition;
use super::window::Window;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/stagnant", Access::May("plans.oversee"), show)
}

const PAGE: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// 1: of months whose cut-off is past as well.
    old: String,
    /// Keyset: day and id of the last row.
    after: String,
}

/// The last day after which a number of working days has gone by until today: what moved later is not silent. Nothing
/// where the calendar is not known so far back.
pub(super) fn silent_since(calendar: &Calendar, today: Date, working: i64) -> Option<Date> {
    let (mut day, mut left) = (today, working);
    while left > 0 {
        match calendar.day(day) {
            Day::Working => left -= 1,
            Day::Rest { .. } => {}
            Day::Unpublished => return None,
        }
        day = day.saturating_sub(1.day());
    }
    Some(day)
}

#[derive(FromRow)]
struct Found {
    id: i64,
    moved: String,
}

/// The latest day on which something was done about an item: the freezing, its month's beginning, an account, a return,
/// a reversal, a visit that counts for it, a step on its case.
const MOVED: &str = "SELECT i.id AS id, (SELECT MAX(z.moved) FROM (
        SELECT CASE WHEN COALESCE(i.frozen_on, p.frozen_on) > p.month || '-01' THEN COALESCE(i.frozen_on, p.frozen_on)
               ELSE p.month || '-01' END AS moved
        UNION ALL SELECT MAX(a.given_on) FROM plan_account a WHERE a.item = i.id
        UNION ALL SELECT MAX(r.returned_on) FROM plan_return r JOIN plan_account ra ON ra.id = r.account
                   WHERE ra.item = i.id
        UNION ALL SELECT MAX(v.reversed_on) FROM cancellation_reversal v JOIN cancellation vc ON vc.id = v.cancellation
                   WHERE vc.item = i.id
        UNION ALL SELECT MAX(e.happened_on) FROM entry e
                   WHERE i.duty = 'B2' AND e.recorded_by = i.owner AND e.kind = 'visit'
                     AND e.happened_on >= p.month || '-01' AND e.happened_on <= p.month || '-31'
                     AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
        UNION ALL SELECT MAX(e.happened_on) FROM entry e
                   WHERE e.petition = i.petition
                     AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)) z) AS moved";

/// The silent items of some months, after a row, at most so many; and how many there are.
async fn silent(
    read: &mut AnyConnection,
    viewer: &Viewer,
    (narrowed, window): (&Narrowed, Window),
    since: Date,
    (after, most): (Option<(String, i64)>, usize),
) -> anyhow::Result<(Vec<Found>, i64)> {
    let open = |begin: &'static str| {
        let mut sql = Sql::new(begin);
        sql.push(MOVED).push(FROM);
        narrowed.push(&mut sql, viewer, window);
        // Whatever began later cannot be silent: early in a month nothing is looked into.
        sql.push(" AND f.item IS NULL AND c.id IS NULL AND p.month || '-01' <= ").bind(since.to_string());
        sql.push(" AND COALESCE(i.frozen_on, p.frozen_on, '') <= ").bind(since.to_string());
        sql.push(") x WHERE x.moved <= ").bind(since.to_string());
        sql
    };
    let count: Option<(i64,)> = open("SELECT COUNT(*) FROM (").fetch_optional(&mut *read).await?;
    let mut sql = open("SELECT x.id, x.moved FROM (");
    if let Some((moved, id)) = after {
        sql.push(" AND (x.moved > ").bind(moved.clone());
        sql.push(" OR (x.moved = ").bind(moved).push(" AND x.id > ").bind(id).push("))");
    }
    sql.push(" ORDER BY x.moved, x.id").limit(i64::try_from(most)?);
    Ok((sql.fetch_all(read).await?, count.map_or(0, |(count,)| count)))
}

/// The months that can still be cancelled in: this one, and the one before until its cut-off; or a year of them.
fn months(app: &App, today: Date, old: bool) -> Result<(Month, Month), PolicyError> {
    let now = Month::of(today);
    let before = PlanCycle::of(&app.policy, Period::Month(now.plus(-1)))?;
    let back = match (old, today <= before.cancel_by) {
        (true, _) => -12,
        (false, true) => -1,
        (false, false) => 0,
    };
    Ok((now.plus(back), now))
}

/// How many items are silent for the viewer today; nothing for whoever does not oversee.
pub async fn stagnant(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Option<i64>> {
    if !viewer.may("plans.oversee") {
        return Ok(None);
    }
    let today = app.today();
    let working = app.policy.number("plan.silent.working_days", today)?;
    let Some(since) = silent_since(&app.calendar, today, working) else { return Ok(None) };
    let (first, last) = months(app, today, false)?;
    let which = (&Narrowed::default(), Window::Months(first, last));
    let (_, count) = silent(read, viewer, which, since, (None, 1)).await?;
    Ok(Some(count))
}

/// A silent item.
struct Line {
    listed: Listed,
    moved: Date,
    /// Working days since then.
    days: usize,
}

impl Line {
    /// Whose turn it is.
    fn lies_with(&self) -> String {
        match self.listed.item.condition {
            Condition::Accounted { .. } => "上级，等销号".to_owned(),
            _ => format!("责任人 {}", self.listed.owner_name),
        }
    }
}

#[derive(Template)]
#[template(path = "plans/stagnant.html")]
struct StagnantPage {
    shell: Shell,
    narrowed: Narrowed,
    units: Vec<Unit>,
    old: bool,
    working: i64,
    known: bool,
    lines: Vec<Line>,
    total: i64,
    next: Option<String>,
    today: Date,
    as_of: String,
}

async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Query(narrowed): Query<Narrowed>,
    Query(asked): Query<Asked>,
) -> Page {
    let today = app.today();
    let working = app.policy.number("plan.silent.working_days", today)?;
    let since = silent_since(&app.calendar, today, working);
    let old = asked.old == "1";
    let (first, last) = months(&app, today, old)?;
    let after = asked.after.split_once('.').and_then(|(day, id)| Some((day.to_owned(), id.parse().ok()?)));
    let mut read = app.db.read().await?;
    let (mut found, total) = match since {
        Some(since) => {
            let which = (&narrowed, Window::Months(first, last));
            silent(&mut read, &viewer, which, since, (after, PAGE + 1)).await?
        }
        None => (Vec::new(), 0),
    };
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let ids: Vec<i64> = found.iter().map(|one| one.id).collect();
    let rows = narrowed::listed(&mut read, &viewer, &ids).await?;
    let units = units(&mut read, &viewer).await?;
    drop(read);
    let mut lines = Vec::with_capacity(rows.len());
    for listed in rows {
        let moved = found.iter().find(|one| one.id == listed.id).map(|one| one.moved.as_str()).unwrap_or_default();
        let moved: Date = moved.parse().map_err(anyhow::Error::from)?;
        lines.push(Line { days: working_days(&app.calendar, moved, today), moved, listed });
    }
    let old_word = if old { "1" } else { "" };
    html(&StagnantPage {
        shell: Shell::new(&viewer, "plans"),
        next: found.last().filter(|_| more).map(|last| {
            format!("/plans/stagnant?{}&old={old_word}&after={}.{}", narrowed.query(), last.moved, last.id)
        }),
        narrowed,
        units,
        old,
        working,
        known: since.is_some(),
        lines,
        total,
        today,
        as_of: minute(app.now()),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_moved_on_that_day_is_silent_and_what_moved_on_the_next_is_not() {
        let calendar = Calendar::published();
        // Monday 16 November 2026: ten working days back is Monday the 2nd, as the month's page counts.
        let since = silent_since(calendar, date(2026, 11, 16), 10).unwrap();
        assert_eq!(working_days(calendar, since, date(2026, 11, 16)), 10);
        assert_eq!(working_days(calendar, since.saturating_add(1.day()), date(2026, 11, 16)), 9);
        // Over the holiday of October.
        let since = silent_since(calendar, date(2026, 10, 12), 5).unwrap();
        assert_eq!(working_days(calendar, since, date(2026, 10, 12)), 5);
    }
}
