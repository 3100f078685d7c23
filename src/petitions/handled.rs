//! Petitions by name, for the account of somebody who worked on them.

use sqlx::{AnyConnection, FromRow};

use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;

/// A petition that somebody worked on.
#[derive(Clone, Debug)]
pub struct Handled {
    /// 攸信〔2026〕0001号.
    pub number: String,
    /// It is closed, or was forwarded, by now.
    pub ended: bool,
}

#[derive(FromRow)]
struct Row {
    number: String,
    state: String,
}

/// The petitions of some ids that the viewer finds, by number.
pub async fn named(read: &mut AnyConnection, viewer: &Viewer, ids: &[i64]) -> Result<Vec<Handled>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT p.number, p.state FROM petition p WHERE p.id IN (");
    for (place, id) in ids.iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(*id);
    }
    sql.push(")");
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY p.number");
    let rows: Vec<Row> = sql.fetch_all(read).await?;
    let told = |row: Row| Handled { ended: matches!(row.state.as_str(), "closed" | "forwarded"), number: row.number };
    Ok(rows.into_iter().map(told).collect())
}
