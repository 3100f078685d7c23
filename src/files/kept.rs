//! The files of a petition: listed, opened, withdrawn, destroyed, swept.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sqlx::{AnyConnection, FromRow};

use super::incoming::WAIT_MS;
use super::rules::{self, Kind, Part, Unwithdrawable};
use super::store::Kept;
use crate::chain::{self, Actor, Subject};
use crate::web::{App, Refusal, date_of, forms};

/// A file as lists show it.
#[derive(Clone, Debug, FromRow)]
pub struct File {
    /// The file.
    pub id: i64,
    /// Its name.
    pub name: String,
    kind: String,
    bytes: i64,
    part: String,
    from_petitioner: i64,
    added_at: i64,
    /// Who added it; nobody for the petitioner.
    pub added_by: Option<i64>,
    /// The name of that official.
    pub adder: String,
    thumbnail: Option<Vec<u8>>,
    /// Why it was withdrawn; empty while it is not.
    pub withdrawn_for: String,
    /// Who withdrew it.
    pub withdrawer: String,
}

impl File {
    /// 图片, PDF …
    pub fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }
    /// How long it is, for people.
    pub fn size(&self) -> String {
        rules::size(self.bytes)
    }
    /// With what it came.
    pub fn part(&self) -> &'static str {
        Part::from_word(&self.part).map_or("", Part::label)
    }
    /// Whether it is the petitioner's.
    pub fn is_petitioners(&self) -> bool {
        self.from_petitioner == 1
    }
    /// The day on which it was added.
    pub fn on(&self, today: &jiff::civil::Date) -> String {
        Timestamp::from_millisecond(self.added_at).map_or(String::new(), |at| crate::web::day(date_of(at), *today))
    }
    /// Whether it was withdrawn.
    pub fn is_withdrawn(&self) -> bool {
        !self.withdrawn_for.is_empty()
    }
    /// Whether it is a picture, which a browser shows.
    pub fn is_picture(&self) -> bool {
        Kind::from_word(&self.kind).is_some_and(Kind::is_picture)
    }
    /// The small picture as an address that a page holds itself: showing it is part of showing the page.
    pub fn thumbnail(&self, app: &App) -> Option<String> {
        let opened = app.keys.open(self.thumbnail.as_deref()?);
        match opened {
            Ok(small) => Some(format!("data:image/jpeg;base64,{}", STANDARD.encode(small))),
            Err(error) => {
                tracing::error!(file = self.id, error = format!("{error:#}"), "opening a thumbnail");
                None
            }
        }
    }
}

/// The files of a petition, oldest first, withdrawn ones included.
pub async fn of(read: &mut AnyConnection, petition: i64) -> Result<Vec<File>, sqlx::Error> {
    sqlx::query_as(
        "SELECT f.id, f.name, f.kind, f.bytes, f.part, f.from_petitioner, f.added_at, f.added_by,
                COALESCE(o.name, '') AS adder, f.thumbnail, COALESCE(w.reason, '') AS withdrawn_for,
                COALESCE(b.name, '') AS withdrawer
           FROM file f
           LEFT JOIN official o ON o.id = f.added_by
           LEFT JOIN file_withdrawal w ON w.file = f.id
           LEFT JOIN official b ON b.id = w.withdrawn_by
          WHERE f.petition = $1 ORDER BY f.added_at, f.id",
    )
    .bind(petition)
    .fetch_all(read)
    .await
}

/// Whether a petition has room for so many more.
pub async fn has_room_for(read: &mut AnyConnection, petition: i64, more: usize) -> Result<bool, sqlx::Error> {
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM file WHERE petition = $1").bind(petition).fetch_one(read).await?;
    Ok(count + more as i64 <= rules::PETITION_FILES)
}

/// A file that can be opened.
#[derive(Debug, FromRow)]
pub struct Found {
    object: String,
    name: String,
    kind: String,
}

/// A file of a petition that was not withdrawn. The caller has asked whether the viewer finds the petition.
pub async fn find(read: &mut AnyConnection, petition: i64, file: i64) -> Result<Found, Refusal> {
    let found: Option<Found> = sqlx::query_as(
        "SELECT object, name, kind FROM file
          WHERE id = $1 AND petition = $2 AND NOT EXISTS (SELECT 1 FROM file_withdrawal w WHERE w.file = $1)",
    )
    .bind(file)
    .bind(petition)
    .fetch_optional(read)
    .await?;
    found.ok_or(Refusal::NotFound)
}

/// What a browser may do with an opened file: show a picture, and nothing else.
const CONTENT_SECURITY: &str = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox";

/// The file itself. A picture is shown, everything else is saved: no document is opened within this site.
///
/// The caller has recorded the reading and committed it.
pub async fn open(app: &App, found: Found) -> Result<Response, Refusal> {
    let bytes = match app.files.get(&found.object).await? {
        Kept::Whole(bytes) => bytes,
        Kept::Missing => return Err(anyhow::anyhow!("the store has no object {}", found.object).into()),
        Kept::Changed => return Err(anyhow::anyhow!("object {} is not what its name says", found.object).into()),
    };
    let keys = app.clone();
    let bytes = tokio::task::spawn_blocking(move || keys.keys.open(&bytes)).await??;
    let kind = Kind::from_word(&found.kind).ok_or_else(|| anyhow::anyhow!("no kind {}", found.kind))?;
    let manner = if kind.is_picture() { "inline" } else { "attachment" };
    // For programs that read no UTF-8: a name that says nothing, with the right ending.
    let disposition = format!(
        "{manner}; filename=\"file.{}\"; filename*=UTF-8''{}",
        kind.endings()[0],
        forms::url_encode(&found.name)
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.content_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition)?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    ];
    Ok((headers, bytes).into_response())
}

/// Withdraws a file that was added by mistake. `disposes` says whether the official's office disposes of the matter.
pub async fn withdraw(
    write: &mut AnyConnection,
    app: &App,
    (actor, disposes): (Actor, bool),
    (petition, file): (i64, i64),
    reason: &str,
) -> Result<Result<(), Unwithdrawable>, Refusal> {
    let row: Option<(Option<i64>, i64)> = sqlx::query_as(
        "SELECT f.added_by, CAST(CASE WHEN w.file IS NULL THEN 0 ELSE 1 END AS BIGINT) AS withdrawn
           FROM file f LEFT JOIN file_withdrawal w ON w.file = f.id WHERE f.id = $1 AND f.petition = $2",
    )
    .bind(file)
    .bind(petition)
    .fetch_optional(&mut *write)
    .await?;
    let (added_by, withdrawn) = row.ok_or(Refusal::NotFound)?;
    let official = actor.official.ok_or(Refusal::Forbidden)?;
    if let Err(why) = rules::may_withdraw((official, disposes), added_by, withdrawn == 1, reason) {
        return Ok(Err(why));
    }
    let done = sqlx::query(
        "INSERT INTO file_withdrawal (file, reason, withdrawn_at, withdrawn_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (file) DO NOTHING",
    )
    .bind(file)
    .bind(reason.to_owned())
    .bind(app.now().as_millisecond())
    .bind(official)
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Err(Unwithdrawable::Already));
    }
    chain::record(write, app, actor, "file.withdrawn", Subject("file", file), &reason).await?;
    Ok(Ok(()))
}

/// Forgets the files of a petition whose data are erased, and says which they were. Their bytes go with [`sweep`],
/// unless another record holds the same.
pub async fn erase(write: &mut AnyConnection, petition: i64) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query("DELETE FROM file_withdrawal WHERE file IN (SELECT id FROM file WHERE petition = $1)")
        .bind(petition)
        .execute(&mut *write)
        .await?;
    let gone: Vec<(i64,)> =
        sqlx::query_as("DELETE FROM file WHERE petition = $1 RETURNING id").bind(petition).fetch_all(write).await?;
    Ok(gone.into_iter().map(|(id,)| id).collect())
}

/// How many objects are swept at a time.
const SWEPT: i64 = 200;

/// Destroys what nothing holds: files whose form was never accepted, and objects without a file, a day after somebody
/// last put them there. It looks at what is and repairs it, so that it may be broken off anywhere.
pub async fn sweep(app: &App) -> anyhow::Result<()> {
    let before = app.now().as_millisecond() - WAIT_MS;
    let mut read = app.db.read().await?;
    let late: Vec<(i64,)> = sqlx::query_as(
        "SELECT id FROM file WHERE petition IS NULL AND added_at < $1
            AND NOT EXISTS (SELECT 1 FROM file_holder h WHERE h.file = file.id) LIMIT 200",
    )
    .bind(before)
    .fetch_all(&mut *read)
    .await?;
    drop(read);
    if !late.is_empty() {
        let mut write = app.db.write().await?;
        for (id,) in late {
            let sql = "DELETE FROM file WHERE id = $1 AND petition IS NULL
                          AND NOT EXISTS (SELECT 1 FROM file_holder h WHERE h.file = $1)";
            sqlx::query(sql).bind(id).execute(&mut *write).await?;
        }
        write.commit().await?;
    }
    let mut read = app.db.read().await?;
    let mut sql = crate::db::Sql::new("SELECT o.object FROM file_object o WHERE o.wanted_at < ");
    sql.bind(before).push(" AND NOT EXISTS (SELECT 1 FROM file f WHERE f.object = o.object)").limit(SWEPT);
    let idle: Vec<(String,)> = sql.fetch_all(&mut read).await?;
    drop(read);
    for (object,) in idle {
        // Whoever puts it there again waits for this write and puts it there after it.
        let mut write = app.db.write().await?;
        let gone = sqlx::query(
            "DELETE FROM file_object WHERE object = $1 AND wanted_at < $2
                AND NOT EXISTS (SELECT 1 FROM file f WHERE f.object = $1)",
        )
        .bind(object.clone())
        .bind(before)
        .execute(&mut *write)
        .await?;
        if gone.rows_affected() == 1 {
            // A store that does not answer must not hold up everybody's writes.
            tokio::time::timeout(std::time::Duration::from_secs(5), app.files.delete(&object)).await??;
            write.commit().await?;
        }
    }
    Ok(())
}
