//! Sessions on the server: the cookie is random, its SM3 is the key, and it ends by idleness and by age.

use axum::http::{HeaderMap, HeaderValue, header};
use sqlx::{AnyConnection, FromRow};

use super::Viewer;
use crate::secrets::{random_hex, sm3};
use crate::web::App;

const COOKIE: &str = "youzhi_session";

/// A session that nobody used for so long has ended: half a working day.
const IDLE_MS: i64 = 4 * 3600 * 1000;
/// A session ends at this age whatever happens: one working day with its evening.
const AGE_MS: i64 = 14 * 3600 * 1000;
/// Use is written down once a minute at most.
const SEEN_EVERY_MS: i64 = 60 * 1000;

/// The token in the cookie, if there is one.
pub fn session_cookie(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE)
}

/// The value of a cookie, if there is one of that name.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(of, _)| *of == name)
        .map(|(_, value)| value.to_owned())
}

/// The header that sets the cookie, or, without a token, takes it away.
pub(super) fn set_cookie(app: &App, token: Option<&str>) -> HeaderValue {
    let secure = if app.secure_cookies { "; Secure" } else { "" };
    let text = match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax{secure}"),
        None => format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"),
    };
    HeaderValue::try_from(text).expect("the token is hexadecimal")
}

/// Begins a session and gives its token; the one that the browser had before is ended.
pub(super) async fn begin(
    write: &mut AnyConnection,
    app: &App,
    account: i64,
    appointment: i64,
    before: Option<String>,
) -> Result<String, sqlx::Error> {
    if let Some(before) = before {
        end(write, &before).await?;
    }
    let token = random_hex::<32>();
    let now = app.now().as_millisecond();
    sqlx::query(
        "INSERT INTO session (token_hash, account, appointment, created_at, seen_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(sm3(&[token.as_bytes()]).to_vec())
    .bind(account)
    .bind(appointment)
    .bind(now)
    .bind(now)
    .execute(write)
    .await?;
    Ok(token)
}

/// Ends one session.
pub(super) async fn end(write: &mut AnyConnection, token: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM session WHERE token_hash = $1")
        .bind(sm3(&[token.as_bytes()]).to_vec())
        .execute(write)
        .await?;
    Ok(())
}

/// Ends every session of an account but one: after a new password, or when it is disabled.
pub(super) async fn end_others(write: &mut AnyConnection, account: i64, but: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM session WHERE account = $1 AND token_hash <> $2")
        .bind(account)
        .bind(sm3(&[but.as_bytes()]).to_vec())
        .execute(write)
        .await?;
    Ok(())
}

/// A form's key is remembered for so long: a phone may send what it kept when it is back in reach.
const KEY_MS: i64 = 90 * 24 * 3600 * 1000;
/// Failed sign-ins are forgotten after a day.
const FAILURE_MS: i64 = 24 * 3600 * 1000;

/// Removes sessions that have ended, and keys and failures that are old.
pub async fn sweep(app: &App) -> anyhow::Result<()> {
    let now = app.now().as_millisecond();
    let mut write = app.db.write().await?;
    sqlx::query("DELETE FROM session WHERE created_at < $1 OR seen_at < $2")
        .bind(now - AGE_MS)
        .bind(now - IDLE_MS)
        .execute(&mut *write)
        .await?;
    for (sql, before) in [
        ("DELETE FROM sign_in_failure WHERE last_at < $1", now - FAILURE_MS),
        ("DELETE FROM form_key WHERE taken_at < $1", now - KEY_MS),
    ] {
        sqlx::query(sql).bind(before).execute(&mut *write).await?;
    }
    write.commit().await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    seen_at: i64,
    account: i64,
    official: i64,
    name: String,
    appointment: i64,
    post: i64,
    post_title: String,
    unit: i64,
    unit_name: String,
    place: String,
    role: Option<String>,
}

/// Who a token belongs to, if its session, account and appointment still hold.
pub async fn viewer_of(app: &App, token: &str) -> anyhow::Result<Option<Viewer>> {
    let hash = sm3(&[token.as_bytes()]).to_vec();
    let now = app.now().as_millisecond();
    let day = app.today();
    let mut read = app.db.read().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT s.seen_at, a.id AS account, o.id AS official, o.name, ap.id AS appointment,
                p.id AS post, p.title AS post_title, u.id AS unit, u.name AS unit_name, u.division AS place, g.role
           FROM session s
           JOIN account a ON a.id = s.account AND a.disabled_on IS NULL
           JOIN official o ON o.id = a.official
           JOIN appointment ap ON ap.id = s.appointment AND ap.official = o.id
                AND ap.held_from <= $4 AND (ap.held_to IS NULL OR ap.held_to > $4)
           JOIN post p ON p.id = ap.post
           JOIN unit u ON u.id = p.unit
           LEFT JOIN role_grant g ON g.appointment = ap.id
          WHERE s.token_hash = $1 AND s.created_at > $2 AND s.seen_at > $3",
    )
    .bind(hash.clone())
    .bind(now - AGE_MS)
    .bind(now - IDLE_MS)
    .bind(day.to_string())
    .fetch_all(&mut *read)
    .await?;
    drop(read);
    let roles: Vec<String> = rows.iter().filter_map(|row| row.role.clone()).collect();
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    if now - row.seen_at > SEEN_EVERY_MS
        && let Err(error) = seen(app, hash, now).await
    {
        // Looking up goes on where nothing can be written, such as on a full disk.
        tracing::warn!(error = format!("{error:#}"), "noting that a session was used");
    }
    Ok(Some(Viewer {
        account: row.account,
        official: row.official,
        name: row.name,
        appointment: row.appointment,
        post: row.post,
        post_title: row.post_title,
        unit: row.unit,
        unit_name: row.unit_name,
        place: row.place,
        roles,
        day,
    }))
}

async fn seen(app: &App, hash: Vec<u8>, now: i64) -> Result<(), sqlx::Error> {
    let mut write = app.db.write().await?;
    sqlx::query("UPDATE session SET seen_at = $1 WHERE token_hash = $2")
        .bind(now)
        .bind(hash)
        .execute(&mut *write)
        .await?;
    write.commit().await
}
