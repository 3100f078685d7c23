//! How an item enters a plan: the plan's row, the item's row, its number.

use jiff::civil::Date;
use policy::Month;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::details::{self, Details};
use super::rules;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::App;

/// What an item says.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Wording {
    pub(super) goal: String,
    pub(super) standard: String,
    pub(super) due_on: Date,
    pub(super) weight: i64,
    pub(super) source: String,
    pub(super) petition: Option<i64>,
    pub(super) duty: Option<String>,
    pub(super) target: Option<i64>,
    pub(super) serves: Option<i64>,
    #[serde(flatten)]
    pub(super) details: Details,
}

/// Where it goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placing {
    pub(super) plan: i64,
    pub(super) month: Month,
    pub(super) owner: i64,
    pub(super) appointment: i64,
    pub(super) continues: Option<i64>,
    /// After freezing: it gets its number at once.
    pub(super) added: bool,
}

/// The plan of a unit for a month, made where there is none.
pub(super) async fn plan(write: &mut AnyConnection, app: &App, unit: i64, month: Month) -> Result<i64, sqlx::Error> {
    sqlx::query("INSERT INTO plan (id, unit, month) VALUES ($1, $2, $3) ON CONFLICT (unit, month) DO NOTHING")
        .bind(app.id())
        .bind(unit)
        .bind(month.to_string())
        .execute(&mut *write)
        .await?;
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM plan WHERE unit = $1 AND month = $2")
        .bind(unit)
        .bind(month.to_string())
        .fetch_one(write)
        .await?;
    Ok(id)
}

/// Whether the posts below a superior's have a frozen plan in a unit's month. Additions alone freeze nothing, and items
/// of a quarter are frozen with their quarter.
pub(super) async fn is_frozen(
    read: &mut AnyConnection,
    unit: i64,
    month: Month,
    superior: i64,
) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT i.id FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL AND i.added = 0
           JOIN appointment ap ON ap.id = i.appointment
           JOIN post po ON po.id = ap.post
          WHERE p.unit = $1 AND p.month = $2 AND po.superior = $3
            AND NOT EXISTS (SELECT 1 FROM plan_quarter_item q WHERE q.item = i.id) LIMIT 1",
    )
    .bind(unit)
    .bind(month.to_string())
    .bind(superior)
    .fetch_optional(read)
    .await?;
    Ok(found.is_some())
}

/// The post in which somebody goes on.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Present {
    pub(super) appointment: i64,
    pub(super) unit: i64,
    pub(super) superior: i64,
}

/// The post that an owner holds on a day with somebody above it: the one that an item was owed in, else that held
/// longest.
pub(super) async fn present(
    read: &mut AnyConnection,
    owner: i64,
    owed_in: i64,
    day: Date,
) -> Result<Option<Present>, sqlx::Error> {
    sqlx::query_as(
        "SELECT ap.id AS appointment, po.unit, po.superior
           FROM appointment ap JOIN post po ON po.id = ap.post
          WHERE ap.official = $1 AND po.superior IS NOT NULL
            AND ap.held_from <= $3 AND (ap.held_to IS NULL OR ap.held_to > $3)
          ORDER BY CASE WHEN ap.id = $2 THEN 0 ELSE 1 END, ap.held_from, ap.id LIMIT 1",
    )
    .bind(owner)
    .bind(owed_in)
    .bind(day.to_string())
    .fetch_optional(read)
    .await
}

/// The next `count` numbers of a month; gives the first. The series' row serialises those who number the same month.
pub(super) async fn numbers(write: &mut AnyConnection, month: Month, count: i64) -> Result<i64, sqlx::Error> {
    let (last,): (i64,) = sqlx::query_as(
        "INSERT INTO number_series (series, year, last) VALUES ($1, $2, $3)
         ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + $3 RETURNING last",
    )
    .bind(format!("攸预{:02}", month.number()))
    .bind(i64::from(month.year()))
    .bind(count)
    .fetch_one(write)
    .await?;
    Ok(last - count + 1)
}

/// Puts an item into a plan; an addition gets its number at once.
pub(super) async fn insert(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    placing: &Placing,
    wording: &Wording,
) -> anyhow::Result<i64> {
    let id = app.id();
    let number =
        if placing.added { Some(rules::number(placing.month, numbers(write, placing.month, 1).await?)) } else { None };
    sqlx::query(
        "INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, petition,
                                duty, target, serves, continues, added, proposed_by, frozen_on, frozen_by, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1)",
    )
    .bind(id)
    .bind(placing.plan)
    .bind(number)
    .bind(wording.goal.clone())
    .bind(wording.standard.clone())
    .bind(placing.owner)
    .bind(placing.appointment)
    .bind(wording.due_on.to_string())
    .bind(wording.weight)
    .bind(wording.source.clone())
    .bind(wording.petition)
    .bind(wording.duty.clone())
    .bind(wording.target)
    .bind(wording.serves)
    .bind(placing.continues)
    .bind(i64::from(placing.added))
    .bind(viewer.official)
    .bind(placing.added.then(|| app.today().to_string()))
    .bind(placing.added.then_some(viewer.official))
    .execute(&mut *write)
    .await?;
    details::keep(write, app, id, &wording.details).await?;
    let action = if placing.added { "plan_item.added" } else { "plan_item.proposed" };
    chain::record(write, app, viewer.actor(), action, Subject("plan_item", id), wording).await?;
    Ok(id)
}
