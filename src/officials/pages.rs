//! The ledger of officials, with units as its filter.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use sqlx::FromRow;

use crate::accounts::Viewer;
use crate::db::Sql;
use crate::divisions;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

const PAGE: usize = 50;

/// `/officials`.
pub fn rooms() -> Rooms {
    Rooms::new().get("/officials", Access::May("officials.list"), ledger)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    q: String,
    unit: String,
    after: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    appointment: i64,
    number: String,
    name: String,
    title: String,
    listed_as: String,
    unit: String,
    superior: String,
    held_from: String,
}

#[derive(FromRow)]
struct UnitRow {
    code: String,
    name: String,
    officials: i64,
}

#[derive(Template)]
#[template(path = "officials/ledger.html")]
struct Ledger {
    shell: Shell,
    q: String,
    unit: String,
    units: Vec<UnitRow>,
    rows: Vec<Row>,
    next: Option<i64>,
    may_import: bool,
}

async fn ledger(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today().to_string();
    let mut read = app.db.read().await?;
    // Few enough for one list: a county has tens of units.
    let units: Vec<UnitRow> = sqlx::query_as(
        "SELECT u.code, u.name, COUNT(a.id) AS officials
           FROM unit u LEFT JOIN post p ON p.unit = u.id
           LEFT JOIN appointment a ON a.post = p.id AND a.held_from <= $1 AND (a.held_to IS NULL OR a.held_to > $1)
          WHERE u.valid_to IS NULL OR u.valid_to > $1
          GROUP BY u.code, u.name, u.kind ORDER BY u.kind, u.code LIMIT 2000",
    )
    .bind(today.clone())
    .fetch_all(&mut *read)
    .await?;
    let mut sql = Sql::new(
        "SELECT a.id AS appointment, o.number, o.name, p.title, p.listed_as, u.name AS unit,
                COALESCE(s.title, '') AS superior, a.held_from
           FROM appointment a
           JOIN official o ON o.id = a.official
           JOIN post p ON p.id = a.post
           JOIN unit u ON u.id = p.unit
           LEFT JOIN post s ON s.id = p.superior
          WHERE a.held_from <= ",
    );
    sql.bind(today.clone()).push(" AND (a.held_to IS NULL OR a.held_to > ").bind(today).push(")");
    if let Some(after) = filter.after {
        sql.push(" AND a.id > ").bind(after);
    }
    if !filter.unit.is_empty() {
        sql.push(" AND u.code = ").bind(filter.unit.clone());
    }
    let q = crate::web::forms::half_width(filter.q.trim());
    if q.is_ascii() && !q.is_empty() {
        let initials = q.to_ascii_lowercase();
        sql.push(" AND (o.number = ").bind(q.clone());
        sql.push(" OR (o.initials >= ").bind(initials.clone());
        sql.push(" AND o.initials < ").bind(divisions::end(&initials)).push("))");
    } else if !q.is_empty() {
        let part = format!("%{}%", divisions::like_text(&q));
        sql.push(" AND (o.name LIKE ").bind(part.clone()).push(" ESCAPE '!' OR p.title LIKE ");
        sql.bind(part).push(" ESCAPE '!')");
    }
    sql.push(" ORDER BY a.id").limit(PAGE as i64 + 1);
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.appointment);
    let may_import = viewer.may("imports.run");
    html(&Ledger {
        shell: Shell::new(&viewer, "officials"),
        q: filter.q,
        unit: filter.unit,
        units,
        rows,
        next,
        may_import,
    })
}
