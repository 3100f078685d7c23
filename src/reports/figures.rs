//! What the reports count. Each function says what its numerator and its denominator are.

use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use crate::accounts::Viewer;
use crate::db::Sql;
pub use crate::part::{Part, grouped};
use crate::plans::Figures;
use crate::{divisions, petitions};

impl From<Figures> for Part {
    fn from(figures: Figures) -> Self {
        Self { done: figures.cancelled, of: figures.due() }
    }
}

/// Petitions of a place that were bound to a leader from one year to another, both included, and those of them closed.
/// A petition handed from one leader to another, or bound in two of the years, is one petition.
pub async fn bound(
    read: &mut AnyConnection,
    viewer: &Viewer,
    place: &str,
    (first, last): (i16, i16),
) -> Result<Part, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS owed, CAST(COALESCE(SUM(CASE WHEN p.state = 'closed' THEN 1 ELSE 0 END), 0) AS BIGINT) AS done
           FROM petition p WHERE p.id IN (SELECT b.petition FROM leader_binding b WHERE b.bound_on >= ",
    );
    sql.bind(format!("{first}-01-01")).push(" AND b.bound_on <= ").bind(format!("{last}-12-31")).push(")");
    push_found(&mut sql, viewer, place);
    let part: Option<(i64, i64)> = sql.fetch_optional(read).await?;
    Ok(part.map(|(of, done)| Part { done, of }).unwrap_or_default())
}

/// Petitions of a place that were [`bound`] this year, and those, of whatever year, whose running binding is past its own
/// day.
pub async fn bindings(
    read: &mut AnyConnection,
    viewer: &Viewer,
    place: &str,
    today: Date,
) -> Result<(Part, i64), sqlx::Error> {
    let part = bound(read, viewer, place, (today.year(), today.year())).await?;
    let mut sql = Sql::new(
        "SELECT COUNT(*) FROM petition p WHERE p.state NOT IN ('closed', 'forwarded')
            AND p.id IN (SELECT b.petition FROM leader_binding b WHERE b.ended_on IS NULL AND b.due_on < ",
    );
    sql.bind(today.to_string()).push(")");
    push_found(&mut sql, viewer, place);
    let late: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok((part, late.map_or(0, |(late,)| late)))
}

/// Petitions registered in a place in a year, those of them closed or forwarded, and those, of whatever year, with a
/// clock past its due day.
pub async fn petitions(
    read: &mut AnyConnection,
    viewer: &Viewer,
    place: &str,
    today: Date,
) -> Result<(Part, i64), sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS owed,
                CAST(COALESCE(SUM(CASE WHEN p.state IN ('closed', 'forwarded') THEN 1 ELSE 0 END), 0) AS BIGINT) AS done
           FROM petition p WHERE p.registered_on >= ",
    );
    sql.bind(format!("{}-01-01", today.year())).push(" AND p.registered_on <= ");
    sql.bind(format!("{}-12-31", today.year()));
    push_found(&mut sql, viewer, place);
    let part: Option<(i64, i64)> = sql.fetch_optional(&mut *read).await?;
    let mut sql = Sql::new(
        "SELECT COUNT(DISTINCT p.id) FROM clock c JOIN petition p ON p.id = c.petition
          WHERE c.stopped_on IS NULL AND c.kind IN ('registration', 'notice', 'handling', 'review', 're-review')
            AND c.due_on < ",
    );
    sql.bind(today.to_string());
    push_found(&mut sql, viewer, place);
    let late: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok((part.map(|(of, done)| Part { done, of }).unwrap_or_default(), late.map_or(0, |(late,)| late)))
}

/// Adds to a query over `petition p` the place as the ledger has it, and that the viewer is not to be kept from it: a
/// count tells as well.
pub(super) fn push_found(sql: &mut Sql, viewer: &Viewer, place: &str) {
    match place.len() {
        ..=6 => {}
        9 => {
            sql.push(" AND p.township = ").bind(place.to_owned());
        }
        _ => {
            sql.push(" AND p.division >= ").bind(place.to_owned());
            sql.push(" AND p.division < ").bind(divisions::end(place));
        }
    }
    petitions::push_recusal(sql, viewer, "p.id");
}

/// A township's row of the overview.
#[derive(Debug, FromRow)]
pub struct Township {
    /// Nine digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Items of its units frozen as the month's plan, additions left out.
    pub planned: i64,
    /// Those cancelled.
    pub cancelled: i64,
    /// Petitions not closed.
    pub open: i64,
    /// Petitions with a clock past its due day.
    pub late: i64,
}

/// The townships of a place, by code, without what the viewer is to be kept from.
pub async fn townships(
    read: &mut AnyConnection,
    viewer: &Viewer,
    place: &str,
    month: Month,
    today: Date,
) -> Result<Vec<Township>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT d.code, d.name, COALESCE(l.planned, 0) AS planned, COALESCE(l.cancelled, 0) AS cancelled,
                COALESCE(p.open, 0) AS open, COALESCE(k.late, 0) AS late
           FROM division d
           LEFT JOIN (SELECT substr(u.division, 1, 9) AS township, COUNT(*) AS planned, COUNT(c.id) AS cancelled
                        FROM plan l JOIN unit u ON u.id = l.unit
                        JOIN plan_item i ON i.plan = l.id AND i.number IS NOT NULL
                        LEFT JOIN cancellation c ON c.item = i.id
                             AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
                       WHERE i.added = 0 AND NOT EXISTS (SELECT 1 FROM plan_relief r WHERE r.item = i.id) AND l.month = ",
    );
    sql.bind(month.to_string());
    petitions::push_recusal(&mut sql, viewer, "i.petition");
    sql.push(
        " GROUP BY substr(u.division, 1, 9)) l ON l.township = d.code
           LEFT JOIN (SELECT o.township, COUNT(*) AS open FROM petition o
                       WHERE o.state NOT IN ('closed', 'forwarded')",
    );
    petitions::push_recusal(&mut sql, viewer, "o.id");
    sql.push(
        " GROUP BY o.township) p ON p.township = d.code
           LEFT JOIN (SELECT q.township, COUNT(DISTINCT q.id) AS late
                        FROM clock c JOIN petition q ON q.id = c.petition
                       WHERE c.stopped_on IS NULL
                         AND c.kind IN ('registration', 'notice', 'handling', 'review', 're-review') AND c.due_on < ",
    );
    sql.bind(today.to_string());
    petitions::push_recusal(&mut sql, viewer, "q.id");
    sql.push(
        " GROUP BY q.township) k ON k.township = d.code
          WHERE d.kind IN ('township', 'street') AND d.valid_to IS NULL AND d.code >= ",
    );
    sql.bind(place.to_owned()).push(" AND d.code < ").bind(divisions::end(place)).push(" ORDER BY d.code");
    sql.fetch_all(read).await
}
