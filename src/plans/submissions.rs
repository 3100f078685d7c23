//! 上报: who has handed in the plan of a month and who has not, by unit, for whoever finds those plans; and the reminder
//! of somebody's own.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::sight;
use super::stages::{Standing, standing};
use crate::accounts::{self, Viewer};
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/submissions", Access::May("plans.list"), show)
}

/// Rows on one page.
const PAGE: usize = 100;

/// The three levels, by the kinds of their units: word, label.
const LEVELS: [(&str, &str, &[&str]); 3] = [
    ("county", "县级", &["county"]),
    ("middle", "乡镇、部门", &["township", "department"]),
    ("village", "村级", &["village"]),
];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    month: String,
    /// One unit, with its officials.
    unit: String,
    level: String,
    /// Keyset: id of the last unit or appointment.
    after: String,
}

/// Somebody who owes a plan.
#[derive(Clone, Debug, FromRow)]
struct Row {
    appointment: i64,
    official: i64,
    name: String,
    title: String,
    unit: i64,
    unit_name: String,
    kind: String,
    submitted_on: Option<String>,
    items: i64,
}

/// An official with what became of the plan.
struct Owing {
    row: Row,
    standing: Standing,
}

/// What a unit's plans come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Count {
    owed: usize,
    in_time: usize,
    late: usize,
    missing: usize,
}

impl Count {
    fn add(&mut self, standing: Standing) {
        self.owed += 1;
        match standing {
            Standing::InTime(_) => self.in_time += 1,
            Standing::Late(_) => self.late += 1,
            Standing::Awaited | Standing::Missing(_) => self.missing += 1,
        }
    }
}

struct UnitLine {
    id: i64,
    name: String,
    count: Count,
}

#[derive(Template)]
#[template(path = "plans/submissions.html")]
struct SubmissionsPage {
    shell: Shell,
    month: Month,
    cycle: PlanCycle,
    /// The day whose holders of posts owe the plan.
    held_on: Date,
    level: &'static str,
    whole: Count,
    units: Vec<UnitLine>,
    /// The unit shown with its officials.
    unit: Option<UnitLine>,
    people: Vec<Owing>,
    next: Option<i64>,
    today: Date,
    as_of: String,
}

impl SubmissionsPage {
    /// The unit shown, as a further part of an address.
    fn of_unit(&self) -> String {
        self.unit.as_ref().map(|unit| format!("&unit={}", unit.id)).unwrap_or_default()
    }
}

/// Everybody who owes a plan of a month and whose plan the viewer finds: holders of posts with one above them.
async fn owing(
    read: &mut AnyConnection,
    viewer: &Viewer,
    month: Month,
    held_on: Date,
) -> Result<Vec<Row>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT ap.id AS appointment, o.id AS official, o.name, po.title, u.id AS unit, u.name AS unit_name, u.kind,
                s.submitted_on, CAST(COALESCE(n.items, 0) AS BIGINT) AS items
           FROM appointment ap
           JOIN post po ON po.id = ap.post AND po.superior IS NOT NULL
           JOIN unit u ON u.id = po.unit
           JOIN official o ON o.id = ap.official
           LEFT JOIN (SELECT ps.official, MIN(ps.submitted_on) AS submitted_on
                        FROM plan_submission ps JOIN plan p ON p.id = ps.plan WHERE p.month = ",
    );
    sql.bind(month.to_string());
    sql.push(
        " GROUP BY ps.official) s ON s.official = o.id
           LEFT JOIN (SELECT i.owner, COUNT(*) AS items
                        FROM plan_item i JOIN plan p ON p.id = i.plan WHERE p.month = ",
    );
    sql.bind(month.to_string());
    sight::push_recusal(&mut sql, viewer);
    sql.push(" GROUP BY i.owner) n ON n.owner = o.id WHERE ap.held_from <= ").bind(held_on.to_string());
    sql.push(" AND (ap.held_to IS NULL OR ap.held_to > ").bind(held_on.to_string()).push(")");
    sight::push_unit(&mut sql, viewer, "po.unit");
    accounts::push_may(&mut sql, "ap.id", "plans.propose");
    sql.push(" ORDER BY CASE u.kind WHEN 'county' THEN 0 WHEN 'township' THEN 1 WHEN 'department' THEN 2 ELSE 3 END");
    sql.push(", u.code, o.number, ap.id").limit(20_000);
    sql.fetch_all(read).await
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let month = filter.month.parse().unwrap_or(Month::of(today).plus(1));
    let cycle = super::month::cycle(&app, month)?;
    let held_on = today.min(cycle.propose_by);
    let level = LEVELS.iter().find(|(word, ..)| *word == filter.level);
    let mut read = app.db.read().await?;
    let rows = owing(&mut read, &viewer, month, held_on).await?;
    let (mut units, mut whole): (Vec<UnitLine>, Count) = (Vec::new(), Count::default());
    let mut people = Vec::new();
    let mut places: BTreeMap<i64, usize> = BTreeMap::new();
    for row in rows {
        if level.is_some_and(|(_, _, kinds)| !kinds.contains(&row.kind.as_str())) {
            continue;
        }
        let submitted = row.submitted_on.as_deref().map(str::parse).transpose().map_err(anyhow::Error::from)?;
        let standing = standing(&cycle, submitted, today);
        let at = *places.entry(row.unit).or_insert_with(|| {
            units.push(UnitLine { id: row.unit, name: row.unit_name.clone(), count: Count::default() });
            units.len() - 1
        });
        units[at].count.add(standing);
        whole.add(standing);
        if row.unit.to_string() == filter.unit {
            people.push(Owing { row, standing });
        }
    }
    let unit = match filter.unit.as_str() {
        "" => None,
        wanted => {
            let at = units.iter().position(|unit| unit.id.to_string() == wanted).ok_or(Refusal::NotFound)?;
            Some(units.swap_remove(at))
        }
    };
    let next = if unit.is_some() {
        page_of(&mut people, &filter.after, |one| one.row.appointment)
    } else {
        page_of(&mut units, &filter.after, |one| one.id)
    };
    html(&SubmissionsPage {
        shell: Shell::new(&viewer, "plans"),
        month,
        cycle,
        held_on,
        level: level.map_or("", |(word, ..)| word),
        whole: unit.as_ref().map_or(whole, |unit| unit.count.clone()),
        units,
        unit,
        people,
        next,
        today,
        as_of: minute(app.now()),
    })
}

/// Leaves the rows of one page, and gives the key of the last where more follow.
fn page_of<T>(rows: &mut Vec<T>, after: &str, key: impl Fn(&T) -> i64) -> Option<i64> {
    let passed = rows.iter().position(|row| key(row).to_string() == after).map_or(0, |place| place + 1);
    rows.drain(..passed);
    let next = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE).map(&key);
    rows.truncate(PAGE);
    next
}

/// That somebody's own plan is to be handed in.
#[derive(Clone, Debug)]
pub struct Reminder {
    /// Of which month.
    pub month: Month,
    /// The last day on which it comes in time.
    pub by: Date,
    /// The last day on which it counts as handed in at all.
    pub last: Date,
}

/// The plan that the viewer has yet to hand in, from the days before the last one that the values set until nothing
/// can be handed in any more.
pub async fn reminder(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Option<Reminder>> {
    if !viewer.may("plans.propose") {
        return Ok(None);
    }
    let (today, now) = (app.today(), Month::of(app.today()));
    for month in [now, now.plus(1)] {
        let Ok(cycle) = PlanCycle::of(&app.policy, Period::Month(month)) else { continue };
        let days = app.policy.days("plan.remind.days", today)?;
        let from = cycle.propose_by.saturating_sub(i64::from(days).days());
        if today < from || today > cycle.submit_by {
            continue;
        }
        let owed: Option<(i64,)> = sqlx::query_as(
            "SELECT ap.id FROM appointment ap JOIN post po ON po.id = ap.post AND po.superior IS NOT NULL
              WHERE ap.id = $1 AND NOT EXISTS (SELECT 1 FROM plan_submission s JOIN plan p ON p.id = s.plan
                    WHERE s.official = ap.official AND p.month = $2)",
        )
        .bind(viewer.appointment)
        .bind(month.to_string())
        .fetch_optional(&mut *read)
        .await?;
        if owed.is_some() {
            return Ok(Some(Reminder { month, by: cycle.propose_by, last: cycle.submit_by }));
        }
    }
    Ok(None)
}
