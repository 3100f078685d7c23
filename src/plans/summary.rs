//! What somebody's own account tells of plans: the items of some months, and how many of them.

use sqlx::AnyConnection;

use super::items::{self, Listed};
use super::rates::Counts;
use super::rules::Condition;
use super::sight;
use super::window::Window;
use crate::accounts::Viewer;
use crate::db::Sql;

/// The items of an official that have a number, by month and number, without what the viewer is to be kept from. The
/// caller has asked whether the viewer may know of this official's plans.
pub async fn of_official(
    read: &mut AnyConnection,
    viewer: &Viewer,
    official: i64,
    window: Window,
) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.number IS NOT NULL AND i.owner = ").bind(official);
    sql.push(" AND p.month >= ").bind(window.first().to_string());
    sql.push(" AND p.month <= ").bind(window.last().to_string());
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY p.month, i.number LIMIT 1000");
    items::fetch_for(viewer, sql, read).await
}

/// The figures of some items, as the rates count them.
pub fn counts_of(items: &[Listed]) -> Counts {
    let mut counts = Counts::default();
    for listed in items {
        let cancelled = matches!(listed.item.condition, Condition::Cancelled { .. });
        if listed.added {
            counts.added += 1;
            counts.added_cancelled += i64::from(cancelled);
            continue;
        }
        counts.planned += 1;
        counts.cancelled += i64::from(cancelled);
        counts.on_time += i64::from(listed.late() == Some(0));
        match listed.item.condition {
            Condition::Withdrawn { .. } => counts.withdrawn += 1,
            Condition::Deferred { .. } => counts.deferred += 1,
            _ => {}
        }
    }
    counts
}

/// Whether somebody has something to give account of: an item with a number in some months, with a post above.
pub async fn owes_account(read: &mut AnyConnection, official: i64, window: Window) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT i.id FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL AND i.owner = $1
           JOIN appointment ap ON ap.id = i.appointment
           JOIN post po ON po.id = ap.post AND po.superior IS NOT NULL
          WHERE p.month >= $2 AND p.month <= $3 LIMIT 1",
    )
    .bind(official)
    .bind(window.first().to_string())
    .bind(window.last().to_string())
    .fetch_optional(read)
    .await?;
    Ok(found.is_some())
}
