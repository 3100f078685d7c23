//! The evidence chain (G5): who did or saw what, in a log that nobody can rewrite unnoticed.
//!
//! A write adds its record in its own transaction ([`record`]); a reading of a personal file does so before the file
//! is shown ([`record_reading`]). One sealer ([`seal`]) links committed records afterwards, so that no head row makes
//! the writers queue. Each link covers its record and the link before it:
//!
//! `hash = SM3(hash before ‖ canonical record)`, `commitment = SM3(salt ‖ content)`
//!
//! Salt and content lie apart from the record. Deleting personal data deletes them ([`destroy`]) and records which; the
//! record, its commitment and every link stay, so the chain still verifies and nobody can tell from it what was written.

mod destroy;
mod links;
mod pages;
mod past;
pub mod verify;
mod words;

pub use destroy::destroy;
pub use links::{Seal, hash_of_last, seal};
pub use pages::rooms;
pub use past::{Past, Sealed};

use serde::Serialize;
use sqlx::AnyConnection;

use crate::secrets::{random, sm3};
use crate::web::App;

/// Who acts: an official in a post, a citizen, or the program itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The official; nobody for a citizen and for the program.
    pub official: Option<i64>,
    /// The appointment acted in.
    pub appointment: Option<i64>,
}

impl Actor {
    /// A person without an account, or the program itself.
    pub const NOBODY: Self = Self { official: None, appointment: None };
}

/// What an act was done to: the table's noun and the row's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject(pub &'static str, pub i64);

/// Records an act and commits to its content. Call it in the write that does the act.
///
/// `content` is serialised in the order of its fields: use a struct or `serde_json::json!`, whose keys are sorted.
pub async fn record(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    content: &impl Serialize,
) -> anyhow::Result<i64> {
    let content = serde_json::to_string(content)?;
    let salt: [u8; 16] = random();
    let commitment = sm3(&[&salt, content.as_bytes()]);
    let id = insert(write, app, actor, action, subject, &commitment).await?;
    sqlx::query("INSERT INTO chain_content (record, salt, content) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(salt.to_vec())
        .bind(content)
        .execute(write)
        .await?;
    Ok(id)
}

/// Records that somebody read a personal file. Show the file only when the write it is part of was committed.
pub async fn record_reading(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    action: &'static str,
    subject: Subject,
) -> anyhow::Result<i64> {
    insert(write, app, actor, action, subject, &[]).await
}

async fn insert(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    commitment: &[u8],
) -> anyhow::Result<i64> {
    let now = app.now();
    let id = app.id();
    sqlx::query(
        "INSERT INTO chain_record (id, at, official, appointment, action, subject_kind, subject, commitment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(now.as_millisecond())
    .bind(actor.official)
    .bind(actor.appointment)
    .bind(action)
    .bind(subject.0)
    .bind(subject.1)
    .bind(commitment.to_vec())
    .execute(write)
    .await?;
    Ok(id)
}
