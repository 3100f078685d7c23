//! The ledger of divisions and the search behind every picker of a place.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use crate::accounts::Viewer;
use crate::web::{Access, App, Page, Path, Query, Refusal, Rooms, Shell, html};

/// `/divisions`, `/divisions/{code}`, `/divisions/search`.
pub fn rooms() -> Rooms {
    Rooms::new()
        .get("/divisions/search", Access::Public, search)
        .get("/divisions", Access::May("divisions.list"), top)
        .get("/divisions/{code}", Access::May("divisions.list"), show)
}

#[derive(Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct Suggestion {
    value: String,
    label: String,
    note: &'static str,
}

/// Names of places are public; what happened there is not.
async fn search(State(app): State<App>, Query(query): Query<Search>) -> Page {
    let mut read = app.db.read().await?;
    let today = app.today().to_string();
    let found = super::search(&mut read, &query.q, "", &today, 12).await?;
    let suggestions: Vec<Suggestion> = found
        .into_iter()
        .map(|place| Suggestion { label: place.full_name(), note: kind_name(&place.kind), value: place.code })
        .collect();
    Ok(Json(suggestions).into_response())
}

/// What people call a kind of place.
fn kind_name(kind: &str) -> &'static str {
    match kind {
        "county" => "县",
        "township" => "乡镇",
        "street" => "街道",
        "park" => "园区",
        "community" => "社区",
        "village" => "村",
        _ => "组",
    }
}

#[derive(FromRow)]
struct Row {
    code: String,
    name: String,
    kind: String,
    valid_from: String,
    below: i64,
    households: i64,
}

impl Row {
    fn kind_name(&self) -> &'static str {
        kind_name(&self.kind)
    }
}

#[derive(Template)]
#[template(path = "divisions/ledger.html")]
struct Ledger {
    shell: Shell,
    place: super::Place,
    parent: Option<String>,
    rows: Vec<Row>,
}

async fn top(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    let county: Option<(String,)> =
        sqlx::query_as("SELECT code FROM division WHERE kind = 'county'").fetch_optional(&mut *read).await?;
    drop(read);
    let (code,) = county.ok_or(Refusal::NotFound)?;
    ledger(&app, &viewer, &code).await
}

async fn show(State(app): State<App>, viewer: Viewer, Path(code): Path<String>) -> Page {
    ledger(&app, &viewer, &code).await
}

async fn ledger(app: &App, viewer: &Viewer, code: &str) -> Page {
    let today = app.today().to_string();
    let mut read = app.db.read().await?;
    let place = super::place(&mut read, code, &today).await?.ok_or(Refusal::NotFound)?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT d.code, d.name, d.kind, d.valid_from,
                (SELECT COUNT(*) FROM division b WHERE b.parent = d.code
                    AND (b.valid_to IS NULL OR b.valid_to > $2)) AS below,
                (SELECT COUNT(*) FROM household h WHERE h.village >= d.code AND h.village < d.code || '~'
                    AND length(d.code) <= 12 AND (h.valid_to IS NULL OR h.valid_to > $2)) AS households
           FROM division d
          WHERE d.parent = $1 AND d.valid_from <= $2 AND (d.valid_to IS NULL OR d.valid_to > $2)
          ORDER BY d.code",
    )
    .bind(code.to_owned())
    .bind(today)
    .fetch_all(&mut *read)
    .await?;
    let parent = match code.len() {
        14.. => Some(code[..12].to_owned()),
        12 => Some(code[..9].to_owned()),
        9 => Some(code[..6].to_owned()),
        _ => None,
    };
    html(&Ledger { shell: Shell::new(viewer, "divisions"), place, parent, rows })
}
