//! Whether what the chain says of files is what the store has (`verify`), and whether it has them at all (`doctor`).

use serde::Deserialize;
use sqlx::AnyConnection;

use super::store::{Kept, Store};
use crate::chain::verify::recorded;
use crate::db::Database;

/// What a walk over the files found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files whose stored bytes are those of their record.
    pub whole: usize,
    /// What is wrong with the others, in Chinese.
    pub faults: Vec<String>,
}

/// What a record tells of a file.
#[derive(Deserialize)]
struct Told {
    object: String,
    content_hash: String,
}

/// Reads every file that a record of the chain names and compares. It needs no keys: the name of an object is the hash
/// of its encrypted bytes.
pub async fn verify(db: &Database, store: &Store) -> anyhow::Result<Report> {
    let mut read = db.read().await?;
    let mut report = Report::default();
    let mut last = 0;
    loop {
        let page = recorded(&mut read, "file.added", last).await?;
        let Some((end, ..)) = page.last() else { break };
        last = *end;
        for (_, file, content) in page {
            let row: Option<(String, String)> = sqlx::query_as("SELECT object, content_hash FROM file WHERE id = $1")
                .bind(file)
                .fetch_optional(&mut *read)
                .await?;
            let (object, content_hash) = row.unwrap_or_default();
            let told: Told = serde_json::from_str(&content)?;
            let fault = if object.is_empty() {
                Some("登记不见了")
            } else if (&told.object, &told.content_hash) != (&object, &content_hash) {
                Some("登记与存证不符")
            } else {
                match store.get(&object).await? {
                    Kept::Whole(_) => None,
                    Kept::Missing => Some("存储里没有"),
                    Kept::Changed => Some("存储里的内容与存证不符"),
                }
            };
            match fault {
                None => report.whole += 1,
                Some(fault) => report.faults.push(format!("附件 {file}：{fault}（{}）", told.object)),
            }
        }
    }
    Ok(report)
}

/// The objects that the database holds, in their order.
pub async fn held(read: &mut AnyConnection) -> Result<Vec<String>, sqlx::Error> {
    let held: Vec<(String,)> = sqlx::query_as(
        "SELECT DISTINCT object FROM file
          WHERE petition IS NOT NULL OR EXISTS (SELECT 1 FROM file_holder h WHERE h.file = file.id)",
    )
    .fetch_all(read)
    .await?;
    let mut held: Vec<String> = held.into_iter().map(|(object,)| object).collect();
    held.sort_unstable();
    Ok(held)
}

/// Which of the objects that the database holds the store lacks, how many it holds, and how many more the store has.
pub async fn missing(db: &Database, store: &Store) -> anyhow::Result<(Vec<String>, usize, usize)> {
    let held = held(&mut *db.read().await?).await?;
    let mut there = store.names().await?;
    let count = held.len();
    let missing = held.into_iter().filter(|object| !there.remove(object)).collect();
    Ok((missing, count, there.len()))
}
