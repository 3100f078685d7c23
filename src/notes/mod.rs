//! 社情民意登记本 (D5): what people said, as it was written down on a visit. One register a person is a view of it.
//!
//! A note holds for a while and then lapses. What was said about a petition is found by those only who may find the
//! petition; what a withdrawn entry noted is gone.

mod pages;

pub use pages::rooms;

use jiff::civil::Date;
use sqlx::AnyConnection;

use crate::accounts::Viewer;
use crate::web::App;

/// Adds what was said on a visit, in the write of its entry.
#[expect(clippy::too_many_arguments, reason = "a row's columns, each from another place")]
pub async fn add(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    entry: i64,
    division: &str,
    content: &str,
    noted_on: Date,
    expires_on: Date,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO note (id, entry, official, division, content, noted_on, expires_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(app.id())
    .bind(entry)
    .bind(viewer.official)
    .bind(division.to_owned())
    .bind(content.to_owned())
    .bind(noted_on.to_string())
    .bind(expires_on.to_string())
    .execute(write)
    .await?;
    Ok(())
}

/// Empties what was noted at an entry whose matter is erased.
pub async fn erase(write: &mut AnyConnection, entry: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE note SET content = '' WHERE entry = $1").bind(entry).execute(write).await?;
    Ok(())
}
