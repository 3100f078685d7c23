//! The register of what people said: the viewer's own, or that of the viewer's place.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::FromRow;

use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::households::Scope;
use crate::petitions::{push_sight, veil};
use crate::web::{Access, App, Page, Query, Rooms, Shell, day, html};

/// `/notes`.
pub fn rooms() -> Rooms {
    Rooms::new().get("/notes", Access::May("notes.list"), register)
}

const PAGE: usize = 50;
/// A page, and the row that says that there is a next one.
const ASKED: i64 = 51;

#[derive(Default, Deserialize)]
struct Filter {
    /// Anything: the viewer's own only.
    #[serde(default)]
    mine: String,
    /// A place as typed.
    #[serde(default)]
    place: String,
    /// Its code, where it was picked.
    #[serde(default)]
    place_code: String,
    before: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    entry: i64,
    official: i64,
    petition: Option<i64>,
    writer: String,
    village: String,
    place: String,
    head: String,
    content: String,
    noted_on: String,
    expires_on: String,
}

impl Row {
    fn day(&self, today: &Date) -> String {
        self.noted_on.parse().map_or_else(|_| self.noted_on.clone(), |on| day(on, *today))
    }
    fn place(&self) -> String {
        if self.village == self.place || self.village.is_empty() {
            self.place.clone()
        } else {
            format!("{} {}", self.village, self.place)
        }
    }
    fn has_lapsed(&self, today: &Date) -> bool {
        self.expires_on <= today.to_string()
    }
}

#[derive(Template)]
#[template(path = "notes/register.html")]
struct Register {
    shell: Shell,
    rows: Vec<Row>,
    mine: bool,
    place: String,
    place_code: String,
    unknown: bool,
    next: Option<i64>,
    today: Date,
}

async fn register(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let on = today.to_string();
    let mine = !filter.mine.is_empty();
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &on).await?;
    let mut place = divisions::place(&mut read, filter.place_code.trim(), &on).await?;
    if place.is_none() && !filter.place.trim().is_empty() {
        let mut found = divisions::search(&mut read, &filter.place, "", &on, 20).await?;
        found.retain(|place| scope.holds(&place.code));
        place = found.into_iter().next();
    }
    let unknown = place.is_none() && !filter.place.trim().is_empty();

    let mut sql = Sql::new(
        "SELECT n.id, n.entry, n.official, e.petition, o.name AS writer, COALESCE(v.name, '') AS village, d.name AS place,
                COALESCE(h.head, '') AS head, n.content, n.noted_on, n.expires_on
           FROM note n
           JOIN entry e ON e.id = n.entry
           JOIN official o ON o.id = n.official
           JOIN division d ON d.code = n.division
           LEFT JOIN household h ON h.id = e.household
           LEFT JOIN division v ON v.code = h.village
          WHERE NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = n.entry)",
    );
    if mine {
        sql.push(" AND n.official = ").bind(viewer.official);
    } else {
        scope.push(&mut sql, "n.division");
        sql.push(" AND (e.petition IS NULL OR EXISTS (SELECT 1 FROM petition p WHERE p.id = e.petition");
        push_sight(&mut sql, &viewer);
        sql.push("))");
    }
    if let Some(place) = &place {
        sql.push(" AND n.division >= ").bind(place.code.clone());
        sql.push(" AND n.division < ").bind(divisions::end(&place.code));
    }
    if unknown {
        sql.push(" AND 1 = 0");
    }
    if let Some(before) = filter.before {
        sql.push(" AND n.id < ").bind(before);
    }
    sql.push(" ORDER BY n.id DESC").limit(ASKED);
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    let others = rows.iter_mut().filter(|row| row.official != viewer.official);
    let told = others.filter_map(|row| Some((row.petition?, &mut row.content))).collect();
    veil(&mut read, &viewer, told).await?;
    drop(read);
    if rows.iter().any(|row| row.official != viewer.official) {
        // What others wrote down names households: one reading for the page, of the place that it is about.
        let codes = place.as_ref().map_or_else(|| scope.codes(), |place| std::slice::from_ref(&place.code));
        let mut write = app.db.write().await?;
        for code in codes {
            let subject = Subject("notes", code.parse()?);
            chain::record_reading(&mut write, &app, viewer.actor(), "notes.read", subject).await?;
        }
        write.commit().await?;
    }
    let (place, place_code) = match place {
        Some(place) => (place.full_name(), place.code),
        None => (filter.place, String::new()),
    };
    html(&Register { shell: Shell::new(&viewer, "notes"), rows, mine, place, place_code, unknown, next, today })
}
