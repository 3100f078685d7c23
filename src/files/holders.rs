//! Files that belong to no petition: they came with a record of another room, which has asked whether the viewer finds
//! that record.

use sqlx::{AnyConnection, FromRow};

use super::incoming::{Added, Waiting};
use super::kept::Found;
use super::rules::{self, Kind, Part};
use crate::chain::{self, Actor, Subject};
use crate::web::{App, Refusal};
use crate::words::words;

words! {
    /// What a file came with, where that is no petition.
    HolderKind {
        /// A document that allows performance pay.
        AuthorisingDocument = "authorising_document", "授权文件";
    }
}

/// A record that holds files.
#[derive(Clone, Copy, Debug)]
pub struct Holder(pub HolderKind, pub i64);

/// A file of such a record, as lists show it.
#[derive(Clone, Debug, FromRow)]
pub struct HeldFile {
    /// The file.
    pub id: i64,
    /// The record.
    pub holder: i64,
    /// Its name.
    pub name: String,
    kind: String,
    bytes: i64,
}

impl HeldFile {
    /// 图片, PDF …
    pub fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }
    /// How long it is, for people.
    pub fn size(&self) -> String {
        rules::size(self.bytes)
    }
}

/// Makes received files those of a record, in the write that makes the record. A ticket that somebody else has claimed
/// meanwhile is stale.
pub async fn give(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    Holder(kind, holder): Holder,
    waiting: &[Waiting],
) -> Result<(), Refusal> {
    for one in waiting {
        let part = Part::Document;
        let claimed: Option<(String, String)> = sqlx::query_as(
            "UPDATE file SET ticket = $2, part = $3, added_at = $4, added_by = $5
              WHERE id = $1 AND petition IS NULL
                AND NOT EXISTS (SELECT 1 FROM file_holder h WHERE h.file = file.id) RETURNING object, kind",
        )
        .bind(one.id)
        .bind(format!("held-{}", one.id))
        .bind(part.word())
        .bind(app.now().as_millisecond())
        .bind(actor.official)
        .fetch_optional(&mut *write)
        .await?;
        let (object, is) = claimed.ok_or(Refusal::Stale)?;
        sqlx::query("INSERT INTO file_holder (file, kind, holder) VALUES ($1, $2, $3)")
            .bind(one.id)
            .bind(kind.word())
            .bind(holder)
            .execute(&mut *write)
            .await?;
        let added = Added {
            petition: None,
            holder: Some((kind.word(), holder)),
            object: &object,
            content_hash: &one.content_hash,
            name: &one.name,
            kind: Kind::from_word(&is).map_or("", Kind::word),
            bytes: one.bytes,
            part,
            from_petitioner: false,
        };
        chain::record(write, app, actor, "file.added", Subject("file", one.id), &added).await?;
    }
    Ok(())
}

/// The files of every record of a kind, by record and time.
pub async fn of_kind(read: &mut AnyConnection, kind: HolderKind) -> Result<Vec<HeldFile>, sqlx::Error> {
    sqlx::query_as(
        "SELECT f.id, h.holder, f.name, f.kind, f.bytes FROM file_holder h JOIN file f ON f.id = h.file
          WHERE h.kind = $1 ORDER BY h.holder, f.added_at, f.id",
    )
    .bind(kind.word())
    .fetch_all(read)
    .await
}

/// A file of a record.
pub async fn find_of(read: &mut AnyConnection, Holder(kind, holder): Holder, file: i64) -> Result<Found, Refusal> {
    let found: Option<Found> = sqlx::query_as(
        "SELECT f.object, f.name, f.kind FROM file_holder h JOIN file f ON f.id = h.file
          WHERE h.file = $1 AND h.kind = $2 AND h.holder = $3",
    )
    .bind(file)
    .bind(kind.word())
    .bind(holder)
    .fetch_optional(read)
    .await?;
    found.ok_or(Refusal::NotFound)
}
