//! Emptying what was written about a petition whose data are erased.

use sqlx::AnyConnection;

use crate::notes;

/// Empties every entry on a petition, with what it noted and why it was withdrawn; that it was made stays. Gives the
/// entries, for their records in the chain.
pub async fn erase(write: &mut AnyConnection, petition: i64) -> Result<Vec<i64>, sqlx::Error> {
    let entries: Vec<(i64,)> = sqlx::query_as("SELECT id FROM entry WHERE petition = $1 ORDER BY id")
        .bind(petition)
        .fetch_all(&mut *write)
        .await?;
    for (entry,) in &entries {
        sqlx::query("UPDATE entry_withdrawal SET reason = '' WHERE entry = $1")
            .bind(*entry)
            .execute(&mut *write)
            .await?;
        notes::erase(write, *entry).await?;
    }
    sqlx::query("UPDATE entry SET content = '' WHERE petition = $1").bind(petition).execute(write).await?;
    Ok(entries.into_iter().map(|(entry,)| entry).collect())
}
