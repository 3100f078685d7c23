//! Who may do a thing, in the units around a viewer.

use sqlx::{AnyConnection, FromRow};

use super::{Viewer, permissions};
use crate::db::Sql;

/// Somebody who holds a role with an action.
#[derive(Clone, Debug, FromRow)]
pub struct Holder {
    /// The official.
    pub official: i64,
    /// By name.
    pub name: String,
    /// The post.
    pub title: String,
    /// The unit's name.
    pub unit: String,
}

/// Those who may do an action of `permissions.toml` on the viewer's day: in the viewer's unit, in posts below the
/// viewer's, and in posts with the same superior.
pub async fn holders_beside(
    read: &mut AnyConnection,
    viewer: &Viewer,
    action: &str,
) -> Result<Vec<Holder>, sqlx::Error> {
    let roles = permissions().actions.get(action).cloned().unwrap_or_default();
    let mut sql = Sql::new(
        "SELECT f.id AS official, f.name, MIN(o.title) AS title, MIN(u.name) AS unit
           FROM role_grant g JOIN appointment a ON a.id = g.appointment
           JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit JOIN official f ON f.id = a.official
          WHERE g.role IN (",
    );
    for (place, role) in roles.iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(role.clone());
    }
    let day = viewer.day.to_string();
    sql.push(") AND a.held_from <= ").bind(day.clone()).push(" AND (a.held_to IS NULL OR a.held_to > ").bind(day);
    sql.push(") AND (o.unit = ").bind(viewer.unit).push(" OR o.superior = ").bind(viewer.post);
    sql.push(" OR o.superior = (SELECT me.superior FROM post me WHERE me.id = ").bind(viewer.post);
    sql.push(")) GROUP BY f.id, f.name ORDER BY MIN(u.code), f.name, f.id").limit(500);
    sql.fetch_all(read).await
}
