//! How much somebody wrote down in some days, by kind: for that person's own account.

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

/// Entries of an official that were not withdrawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Tally {
    /// Visits, whatever came of them.
    pub visits: i64,
    /// Households where somebody was met, each once.
    pub met: i64,
    /// Meetings.
    pub meetings: i64,
    /// Errands.
    pub errands: i64,
    /// Steps on cases.
    pub steps: i64,
}

/// What an official wrote down from one day to another, both included.
pub async fn tally(read: &mut AnyConnection, official: i64, (from, to): (Date, Date)) -> Result<Tally, sqlx::Error> {
    let found: Option<Tally> = sqlx::query_as(
        "SELECT COUNT(CASE WHEN e.kind = 'visit' THEN 1 END) AS visits,
                COUNT(DISTINCT CASE WHEN e.kind = 'visit' AND e.result = 'met' THEN e.household END) AS met,
                COUNT(CASE WHEN e.kind = 'meeting' THEN 1 END) AS meetings,
                COUNT(CASE WHEN e.kind = 'errand' THEN 1 END) AS errands,
                COUNT(CASE WHEN e.kind = 'case_step' THEN 1 END) AS steps
           FROM entry e
          WHERE e.recorded_by = $1 AND e.happened_on >= $2 AND e.happened_on <= $3
            AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)",
    )
    .bind(official)
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_optional(read)
    .await?;
    Ok(found.unwrap_or_default())
}

/// The petitions on which an official wrote steps down from one day to another, both included.
pub async fn worked_on(
    read: &mut AnyConnection,
    official: i64,
    (from, to): (Date, Date),
) -> Result<Vec<i64>, sqlx::Error> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "SELECT DISTINCT e.petition FROM entry e
          WHERE e.kind = 'case_step' AND e.petition IS NOT NULL AND e.recorded_by = $1
            AND e.happened_on >= $2 AND e.happened_on <= $3
            AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
          ORDER BY e.petition LIMIT 200",
    )
    .bind(official)
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_all(read)
    .await?;
    Ok(rows.into_iter().map(|(petition,)| petition).collect())
}
