//! The cases that a writer may find, for entries that concern one.

use sqlx::{AnyConnection, FromRow};

use crate::accounts::{Viewer, permissions};
use crate::db::Sql;
use crate::petitions::{push_sight, rules::number, veil};
use crate::web::forms;

/// A case that an entry may concern.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Case {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
}

const CASE: &str = "SELECT p.id, p.number, p.title FROM petition p WHERE p.state NOT IN ('closed', 'forwarded')";

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
    if permissions().sights("petitions", &viewer.roles).is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(CASE);
    push_sight(&mut sql, viewer);
    sql.push(" ORDER BY p.id DESC LIMIT 30");
    let mut cases: Vec<Case> = sql.fetch_all(&mut *read).await?;
    veil(read, viewer, cases.iter_mut().map(|case| (case.id, &mut case.title)).collect()).await?;
    Ok(cases)
}
