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

use crate::rows::{Rows, row, write_together};
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
    let (rows, id) = rows(app, actor, action, subject, content)?;
    write_together(rows, write).await?;
    Ok(id)
}

/// The rows by which an act is recorded, for a write that sends them along with its own; and the record's id.
pub(crate) fn rows(
    app: &App,
    actor: Actor,
    action: &'static str,
    subject: Subject,
    content: &impl Serialize,
) -> anyhow::Result<([Rows; 2], i64)> {
    let content = serde_json::to_string(content)?;
    let salt: [u8; 16] = random();
    let commitment = sm3(&[&salt, content.as_bytes()]);
    let (id, record) = record_row(app, actor, action, subject, commitment.to_vec());
    let mut contents = Rows::new("chain_content", "record, salt, content");
    row!(contents; id, salt.to_vec(), content);
    Ok(([record, contents], id))
}

/// Records that somebody read a personal file. Show the file only when the write it is part of was committed.
pub async fn record_reading(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    action: &'static str,
    subject: Subject,
) -> anyhow::Result<i64> {
    let (id, record) = record_row(app, actor, action, subject, Vec::new());
    write_together([record], write).await?;
    Ok(id)
}

fn record_row(app: &App, actor: Actor, action: &'static str, subject: Subject, commitment: Vec<u8>) -> (i64, Rows) {
    let now = app.now();
    let id = app.id();
    let mut rows =
        Rows::new("chain_record", "id, at, official, appointment, action, subject_kind, subject, commitment");
    row!(rows; id, now.as_millisecond(), actor.official, actor.appointment, action, subject.0, subject.1, commitment);
    (id, rows)
}
