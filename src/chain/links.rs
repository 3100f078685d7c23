//! Linking committed records.

use sqlx::{AnyConnection, FromRow};

use crate::db::{Database, Sql};
use crate::secrets::{hex, sm3};

/// How many records one pass links.
const BATCH: i64 = 1_000;

/// How many records one statement links: whoever writes meanwhile waits for the pass.
const AT_ONCE: usize = 50;

/// A record as the chain covers it.
#[derive(Debug, FromRow)]
pub(super) struct Record {
    pub(super) id: i64,
    pub(super) at: i64,
    pub(super) official: Option<i64>,
    pub(super) appointment: Option<i64>,
    pub(super) action: String,
    pub(super) subject_kind: String,
    pub(super) subject: i64,
    pub(super) commitment: Vec<u8>,
}

impl Record {
    /// The link's hash: SM3 over the hash before and every field, each with its length, so that no two records
    /// give the same bytes.
    pub(super) fn link(&self, before: &[u8]) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(160);
        let mut field = |value: &[u8]| {
            bytes.extend_from_slice(&(value.len() as u64).to_be_bytes());
            bytes.extend_from_slice(value);
        };
        field(&self.id.to_be_bytes());
        field(&self.at.to_be_bytes());
        field(&self.official.map(i64::to_be_bytes).map_or_else(Vec::new, Vec::from));
        field(&self.appointment.map(i64::to_be_bytes).map_or_else(Vec::new, Vec::from));
        field(self.action.as_bytes());
        field(self.subject_kind.as_bytes());
        field(&self.subject.to_be_bytes());
        field(&self.commitment);
        sm3(&[before, &bytes])
    }
}

/// Links what was committed, oldest first, and says how many records it linked.
///
/// Two processes may run this against one PostgreSQL: the sequence is the primary key, so one of them fails and
/// finds its work done at the next pass.
pub async fn seal(db: &Database) -> anyhow::Result<u64> {
    let mut linked = 0;
    loop {
        {
            // Most passes find nothing: they do not queue for the writing connection.
            let mut read = db.read().await?;
            let any: Option<(i64,)> =
                sqlx::query_as("SELECT record FROM chain_pending LIMIT 1").fetch_optional(&mut *read).await?;
            if any.is_none() {
                return Ok(linked);
            }
        }
        let mut write = db.write().await?;
        let mut sql = Sql::new(
            "SELECT r.id, r.at, r.official, r.appointment, r.action, r.subject_kind, r.subject, r.commitment
               FROM chain_pending p JOIN chain_record r ON r.id = p.record
              ORDER BY r.id",
        );
        sql.limit(BATCH);
        let records: Vec<Record> = sql.fetch_all(&mut write).await?;
        let (mut seq, mut before) = head(&mut write).await?;
        for some in records.chunks(AT_ONCE) {
            let mut insert = Sql::new("INSERT INTO chain_link (seq, record, hash) VALUES ");
            let mut delete = Sql::new("DELETE FROM chain_pending WHERE record IN (");
            for (index, record) in some.iter().enumerate() {
                seq += 1;
                before = record.link(&before).to_vec();
                insert.push(if index == 0 { "(" } else { ", (" }).bind(seq);
                insert.push(", ").bind(record.id).push(", ").bind(before.clone()).push(")");
                delete.push(if index == 0 { "" } else { ", " }).bind(record.id);
            }
            delete.push(")");
            insert.execute(&mut write).await?;
            delete.execute(&mut write).await?;
        }
        write.commit().await?;
        linked += records.len() as u64;
    }
}

async fn head(connection: &mut AnyConnection) -> Result<(i64, Vec<u8>), sqlx::Error> {
    let head: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM chain_link ORDER BY seq DESC LIMIT 1").fetch_optional(connection).await?;
    Ok(head.unwrap_or_default())
}

/// Where a record stands in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Committed, not yet linked: a matter of a second.
    Sealing,
    /// Linked; the hash as `sm3:…`.
    Sealed(String),
}

/// The seal of the last act (not reading) done to a subject; nothing where nothing was done.
pub async fn hash_of_last(
    connection: &mut AnyConnection,
    subject: super::Subject,
) -> Result<Option<Seal>, sqlx::Error> {
    let last: Option<(Option<Vec<u8>>,)> = sqlx::query_as(
        "SELECT l.hash FROM chain_record r LEFT JOIN chain_link l ON l.record = r.id
          WHERE r.subject_kind = $1 AND r.subject = $2 AND length(r.commitment) > 0
          ORDER BY r.id DESC LIMIT 1",
    )
    .bind(subject.0)
    .bind(subject.1)
    .fetch_optional(connection)
    .await?;
    Ok(last.map(|(hash,)| hash.map_or(Seal::Sealing, |hash| Seal::Sealed(format!("sm3:{}", hex(&hash))))))
}
