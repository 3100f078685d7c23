//! Taking files in: judged, encrypted, put into the store, and kept waiting until the form that they came with is
//! accepted. A form that comes back holds a ticket for each, so that nobody has to send a photograph twice.

use std::net::IpAddr;
use std::num::NonZeroU32;

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::form::Files;
use super::judge::{Fit, judge};
use super::rules::{self, Kind, Part, Unfit};
use crate::chain::{self, Actor, Subject};
use crate::secrets::{Purpose, hex, random_hex, sm3};
use crate::web::{App, Refusal, limits};

/// How long a ticket is good, and an object without a row is not swept: a day.
pub(super) const WAIT_MS: i64 = 24 * 3600 * 1000;

/// A file that was received and belongs to nothing yet.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What the form holds.
    pub ticket: String,
    /// As it will be called.
    pub name: String,
    /// SM3 of what whoever opens it gets.
    pub content_hash: String,
    pub(super) id: i64,
    pub(super) bytes: i64,
}

impl Waiting {
    /// How long it is, for people.
    pub fn size(&self) -> String {
        rules::size(self.bytes)
    }
}

/// What became of a form's files.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Those that were taken.
    pub waiting: Vec<Waiting>,
    /// What is wrong with the others, each with its name.
    pub refused: Vec<String>,
}

impl Received {
    /// Those that the form holds when it comes back; nothing in a form that does not.
    pub fn held(&self, back: &bool) -> &[Waiting] {
        if *back { &self.waiting } else { &[] }
    }
}

/// Takes in the files of a form. `address` is given where anybody may send them: it is charged for what it sends.
pub async fn receive(app: &App, files: Files, address: Option<IpAddr>) -> Result<Received, Refusal> {
    let mut received = Received::default();
    let mut refuse = |name: &str, unfit: Unfit| {
        received.refused.push(if name.is_empty() {
            unfit.to_string()
        } else {
            format!("“{}”{unfit}", shown(name))
        });
    };
    let mut waiting = Vec::new();
    for ticket in files.tickets {
        match claimable(app, &ticket).await? {
            Some(one) => waiting.push(one),
            None => refuse("", Unfit::Expired),
        }
    }
    for (name, unfit) in files.refused {
        refuse(&name, unfit);
    }
    let room = app.files.has_room();
    for new in files.new {
        let kibibytes = NonZeroU32::new(u32::try_from(new.bytes.len().div_ceil(1_024))?).unwrap_or(NonZeroU32::MIN);
        let unfit = match address {
            _ if waiting.len() >= rules::FORM_FILES => Some(Unfit::TooMany),
            _ if !room => Some(Unfit::NoRoom),
            Some(address) if !limits::takes(&app.limits.upload, address, kibibytes) => Some(Unfit::TooOften),
            _ => None,
        };
        let outcome = match unfit {
            Some(unfit) => Err(unfit),
            None => take(app, &new.name, new.bytes).await?,
        };
        match outcome {
            Ok(one) => waiting.push(one),
            Err(unfit) => refuse(&new.name, unfit),
        }
    }
    received.waiting = waiting;
    Ok(received)
}

/// A name in a sentence.
fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    if clean.chars().count() <= 40 { clean } else { clean.chars().take(39).chain(['…']).collect() }
}

/// What one file has become, on its way from the bench to the store.
struct Sealed {
    fit: Fit,
    content_hash: String,
    object: String,
    bytes: Vec<u8>,
    thumbnail: Option<Vec<u8>>,
}

async fn take(app: &App, name: &str, bytes: Vec<u8>) -> Result<Result<Waiting, Unfit>, Refusal> {
    let bench = app.files.bench.acquire().await?;
    let (keys, name) = (app.clone(), name.to_owned());
    let judged = tokio::task::spawn_blocking(move || {
        let fit = judge(&name, bytes)?;
        let bytes = keys.keys.seal(&fit.bytes);
        Ok(Sealed {
            content_hash: hex(&sm3(&[&fit.bytes])),
            object: hex(&sm3(&[&bytes])),
            thumbnail: fit.thumbnail.as_ref().map(|small| keys.keys.seal(small)),
            bytes,
            fit,
        })
    })
    .await?;
    drop(bench);
    let sealed = match judged {
        Ok(sealed) => sealed,
        Err(unfit) => return Ok(Err(unfit)),
    };
    want(app, &sealed.object).await?;
    if let Err(error) = app.files.put(&sealed.object, sealed.bytes).await {
        tracing::error!(error = format!("{error:#}"), "putting a file into the store");
        return Ok(Err(Unfit::NoRoom));
    }
    let ticket = random_hex::<16>();
    let one = Waiting {
        id: app.id(),
        name: sealed.fit.name,
        content_hash: sealed.content_hash,
        bytes: i64::try_from(sealed.fit.bytes.len())?,
        ticket,
    };
    let mut write = app.db.write().await?;
    sqlx::query(
        "INSERT INTO file (id, ticket, object, content_hash, name, kind, bytes, thumbnail, part, from_petitioner, added_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)",
    )
    .bind(one.id)
    .bind(kept(app, &one.ticket))
    .bind(sealed.object)
    .bind(one.content_hash.clone())
    .bind(one.name.clone())
    .bind(sealed.fit.kind.word())
    .bind(one.bytes)
    .bind(sealed.thumbnail)
    .bind(Part::Card.word())
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    write.commit().await?;
    Ok(Ok(one))
}

/// Says that an object is about to be put there, so that nobody sweeps it meanwhile.
async fn want(app: &App, object: &str) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    sqlx::query(
        "INSERT INTO file_object (object, wanted_at) VALUES ($1, $2) ON CONFLICT (object) DO UPDATE SET wanted_at = $2",
    )
    .bind(object.to_owned())
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    Ok(write.commit().await?)
}

/// A ticket as it is kept.
fn kept(app: &App, ticket: &str) -> String {
    hex(&app.keys.keyed(Purpose::FileTicket, ticket))
}

#[derive(FromRow)]
struct Row {
    id: i64,
    name: String,
    content_hash: String,
    bytes: i64,
}

async fn claimable(app: &App, ticket: &str) -> Result<Option<Waiting>, Refusal> {
    let mut read = app.db.read().await?;
    let row: Option<Row> =
        sqlx::query_as("SELECT id, name, content_hash, bytes FROM file WHERE ticket = $1 AND petition IS NULL")
            .bind(kept(app, ticket))
            .fetch_optional(&mut *read)
            .await?;
    Ok(row.map(|Row { id, name, content_hash, bytes }| Waiting {
        ticket: ticket.to_owned(),
        name,
        content_hash,
        id,
        bytes,
    }))
}

/// What the chain commits to.
#[derive(Serialize)]
pub(super) struct Added<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) petition: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) holder: Option<(&'static str, i64)>,
    pub(super) object: &'a str,
    pub(super) content_hash: &'a str,
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) bytes: i64,
    pub(super) part: Part,
    pub(super) from_petitioner: bool,
}

/// Makes received files those of a petition, in the write that does what they came with.
///
/// A ticket that somebody else has claimed meanwhile is stale.
pub async fn claim(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    petition: i64,
    (part, from_petitioner): (Part, bool),
    waiting: &[Waiting],
) -> Result<(), Refusal> {
    for one in waiting {
        let claimed: Option<(String, String)> = sqlx::query_as(
            "UPDATE file SET petition = $2, ticket = NULL, part = $3, from_petitioner = $4, added_at = $5, added_by = $6
              WHERE id = $1 AND petition IS NULL
                AND NOT EXISTS (SELECT 1 FROM file_holder h WHERE h.file = file.id) RETURNING object, kind",
        )
        .bind(one.id)
        .bind(petition)
        .bind(part.word())
        .bind(i64::from(from_petitioner))
        .bind(app.now().as_millisecond())
        .bind(actor.official)
        .fetch_optional(&mut *write)
        .await?;
        let (object, kind) = claimed.ok_or(Refusal::Stale)?;
        let added = Added {
            petition: Some(petition),
            holder: None,
            object: &object,
            content_hash: &one.content_hash,
            name: &one.name,
            kind: Kind::from_word(&kind).map_or("", Kind::word),
            bytes: one.bytes,
            part,
            from_petitioner,
        };
        chain::record(write, app, actor, "file.added", Subject("file", one.id), &added).await?;
    }
    Ok(())
}
