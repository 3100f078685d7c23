//! What the viewer wrote, newest first, by keyset.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::FromRow;

use super::rules::{Kind, VisitResult};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/entries", Access::May("entries.list"), mine)
}

const PAGE: usize = 50;
/// A page, and the row that says that there is a next one.
const ASKED: i64 = 51;

#[derive(Default, Deserialize)]
struct Filter {
    before: Option<i64>,
    #[serde(default)]
    kind: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    kind: String,
    happened_on: String,
    place: String,
    head: String,
    result: String,
    content: String,
    withdrawn: i64,
}

impl Mine {
    fn is(&self, kind: &Kind) -> bool {
        self.kind == kind.word()
    }
}

impl Row {
    fn kind(&self) -> &'static str {
        Kind::from_word(&self.kind).map_or("", Kind::label)
    }
    fn result(&self) -> &'static str {
        VisitResult::from_word(&self.result).map_or("", VisitResult::label)
    }
    fn day(&self, today: &Date) -> String {
        self.happened_on.parse().map_or_else(|_| self.happened_on.clone(), |on| day(on, *today))
    }
}

#[derive(Template)]
#[template(path = "entries/mine.html")]
struct Mine {
    shell: Shell,
    rows: Vec<Row>,
    kind: &'static str,
    next: Option<i64>,
    today: Date,
}

async fn mine(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let kind = Kind::from_word(&filter.kind).map_or("", Kind::word);
    let mut sql = Sql::new(
        "SELECT e.id, e.kind, e.happened_on, d.name AS place, COALESCE(h.head, '') AS head,
                COALESCE(e.result, '') AS result, e.content,
                CASE WHEN w.entry IS NULL THEN 0 ELSE 1 END AS withdrawn
           FROM entry e
           JOIN division d ON d.code = e.division
           LEFT JOIN household h ON h.id = e.household
           LEFT JOIN entry_withdrawal w ON w.entry = e.id
          WHERE e.recorded_by = ",
    );
    sql.bind(viewer.official);
    if let Some(before) = filter.before {
        sql.push(" AND e.id < ").bind(before);
    }
    if !kind.is_empty() {
        sql.push(" AND e.kind = ").bind(kind.to_owned());
    }
    sql.push(" ORDER BY e.id DESC").limit(ASKED);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    html(&Mine { shell: Shell::new(&viewer, "entries"), rows, kind, next, today: app.today() })
}
