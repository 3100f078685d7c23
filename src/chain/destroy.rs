//! Destroying what was written of a subject, so that what remains says only that something was.

use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use super::{Actor, Subject, record};
use crate::web::App;

/// The act; `verify` takes a missing content for lawful only where such a record names it.
pub(super) const DESTROYED: &str = "content.destroyed";

/// What the record of it says.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Destroyed {
    pub(super) reason: String,
    pub(super) records: Vec<i64>,
}

/// Deletes content and salt of every record of these subjects, in the write that erases the rows themselves, and
/// records it under the first of them. Says how many contents are gone.
pub async fn destroy(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    subjects: &[Subject],
    reason: &str,
) -> anyhow::Result<usize> {
    let Some(first) = subjects.first() else { return Ok(0) };
    let mut records = Vec::new();
    for subject in subjects {
        let found: Vec<(i64,)> = sqlx::query_as(
            "SELECT c.record FROM chain_content c JOIN chain_record r ON r.id = c.record
              WHERE r.subject_kind = $1 AND r.subject = $2 AND r.action <> $3 ORDER BY c.record",
        )
        .bind(subject.0)
        .bind(subject.1)
        .bind(DESTROYED)
        .fetch_all(&mut *write)
        .await?;
        records.extend(found.into_iter().map(|(record,)| record));
    }
    for record in &records {
        sqlx::query("DELETE FROM chain_content WHERE record = $1").bind(*record).execute(&mut *write).await?;
    }
    let destroyed = records.len();
    let content = Destroyed { reason: reason.to_owned(), records };
    record(write, app, actor, DESTROYED, *first, &content).await?;
    Ok(destroyed)
}
