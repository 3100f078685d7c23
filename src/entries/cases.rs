//! The cases that a writer may find, for entries that concern one.

use sqlx::{AnyConnection, FromRow};

use crate::accounts::{Viewer, permissions};
use crate::db::Sql;
use crate::petitions::{push_sight, rules::number};
use crate::web::forms;

/// A case that an entry may concern.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Case {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) division: String,
}

const CASE: &str =
    "SELECT p.id, p.number, p.title, p.division FROM petition p WHERE p.state NOT IN ('closed', 'forwarded')";

/// Whether the viewer's post finds any petitions at all; where it does not, the form does not ask for one.
pub(super) fn may_concern(viewer: &Viewer) -> bool {
    !permissions().sights("petitions", &viewer.roles).is_empty()
}

/// An open case by id, where the viewer may find it.
pub(super) async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Option<Case>, sqlx::Error> {
    let mut sql = Sql::new(CASE);
    sql.push(" AND p.id = ").bind(id);
    push_sight(&mut sql, viewer);
    sql.fetch_optional(read).await
}

/// An open case by its number, or by the serial of this year alone: 攸信〔2026〕0187号, 0187, 187.
pub(super) async fn typed(
    read: &mut AnyConnection,
    viewer: &Viewer,
    text: &str,
    year: i16,
) -> Result<Option<Case>, sqlx::Error> {
    let text = forms::half_width(text.trim());
    let written = match text.trim_end_matches('号').parse::<i64>() {
        Ok(serial) => number(year, serial),
        Err(_) => text,
    };
    let mut sql = Sql::new(CASE);
    sql.push(" AND p.number = ").bind(written);
    push_sight(&mut sql, viewer);
    sql.fetch_optional(read).await
}

/// The newest open cases that the viewer may find, as suggestions.
pub(super) async fn open(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Case>, sqlx::Error> {
    if !may_concern(viewer) {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(CASE);
    push_sight(&mut sql, viewer);
    sql.push(" ORDER BY p.id DESC LIMIT 30");
    sql.fetch_all(read).await
}
