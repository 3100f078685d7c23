//! 季度预安 (E2): what leaders promise for a quarter beside the months, in the same model. A quarter's item stands in the
//! plan of the month in which it is due and counts there; it is proposed and frozen with its quarter, and items of the
//! months may serve it.

mod page;

use policy::{Month, Quarter};
use sqlx::AnyConnection;

use super::items::{self, Listed};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, Rooms};

pub(super) fn rooms() -> Rooms {
    page::rooms()
}

/// A quarter as pages name it.
pub(super) fn name(quarter: Quarter) -> String {
    format!("{} 年第 {} 季度", quarter.year(), quarter.number())
}

/// Whether the holder of a post that is listed so plans by the quarter, by the values of its first day.
pub(super) fn plans_by_quarter(app: &App, listed_as: &str, quarter: Quarter) -> anyhow::Result<bool> {
    let posts = app.policy.word("plan.quarter.posts", quarter.months()[0].first_day())?;
    Ok(posts.split('、').any(|post| post == listed_as))
}

/// Whether the posts below a superior's have a frozen plan for a unit's quarter. Additions alone freeze nothing.
pub(super) async fn is_frozen(
    read: &mut AnyConnection,
    unit: i64,
    quarter: Quarter,
    superior: i64,
) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT i.id FROM plan_quarter_item q
           JOIN plan_item i ON i.id = q.item AND i.number IS NOT NULL AND i.added = 0
           JOIN plan p ON p.id = i.plan
           JOIN appointment ap ON ap.id = i.appointment
           JOIN post po ON po.id = ap.post
          WHERE q.quarter = $1 AND p.unit = $2 AND po.superior = $3 LIMIT 1",
    )
    .bind(quarter.to_string())
    .bind(unit)
    .bind(superior)
    .fetch_optional(read)
    .await?;
    Ok(found.is_some())
}

/// Says of a new item that it is of a quarter.
pub(super) async fn put(write: &mut AnyConnection, item: i64, quarter: Quarter) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO plan_quarter_item (item, quarter) VALUES ($1, $2)")
        .bind(item)
        .bind(quarter.to_string())
        .execute(write)
        .await?;
    Ok(())
}

/// The items of a quarter that the viewer may find: by unit, frozen ones by month and number, then drafts.
async fn of_quarter(read: &mut AnyConnection, viewer: &Viewer, quarter: Quarter) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND q.quarter = ").bind(quarter.to_string());
    sql.push(" AND (i.owner = ").bind(viewer.official).push(" OR (1 = 1");
    sight::push_unit(&mut sql, viewer, "p.unit");
    sql.push("))");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY u.code, CASE WHEN i.number IS NULL THEN 1 ELSE 0 END, p.month, i.number, i.id").limit(2_000);
    items::fetch_for(viewer, sql, read).await
}

/// The month in whose plan an item of a quarter stands: that of its day, within the quarter.
pub(super) fn month_of(quarter: Quarter, due_on: jiff::civil::Date) -> Month {
    let [first, _, last] = quarter.months();
    Month::of(due_on).clamp(first, last)
}
