//! 催办督办: what is late, for how long, and to whom it has gone; and what was told to the viewer.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::clocks::Standing;
use super::filter::owed;
use super::rules::Rung;
use super::{sight, veil};
use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, day, html};

/// `/petitions/urging`.
pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/urging", Access::May("petitions.urge"), show)
}

const PAGE: usize = 50;

/// Which of the two lists, and where its page begins: due day and id of the clock before.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    tab: String,
    after: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    petition: i64,
    number: String,
    title: String,
    unit: String,
    kind: String,
    due_on: String,
    provisional: i64,
}

/// Somebody was told of a clock.
#[derive(FromRow)]
struct Told {
    clock: i64,
    rung: String,
    told_on: String,
    post: String,
    name: String,
}

/// A clock with whom it has gone to.
struct Line {
    row: Row,
    told: Vec<Told>,
    today: Date,
}

impl Line {
    fn standing(&self) -> Standing {
        Standing::of(self.row.due_on.parse().ok(), self.row.provisional == 1, None, self.today)
    }
    fn clock(&self) -> &'static str {
        self.row.kind.parse::<policy::Clock>().map_or("", policy::Clock::name)
    }
    fn day(&self, told: &Told) -> String {
        told.told_on.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

impl Told {
    fn rung(&self) -> &'static str {
        Rung::from_word(&self.rung).map_or("", Rung::label)
    }
}

#[derive(Template)]
#[template(path = "petitions/urging.html")]
struct UrgingPage {
    shell: Shell,
    tab: &'static str,
    lines: Vec<Line>,
    begins: bool,
    next: Option<String>,
    as_of: String,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(choice): Query<Choice>) -> Page {
    let today = app.today();
    let whole = permissions().sights("petitions", &viewer.roles).contains(&Sight::Place);
    let tab = match (choice.tab.as_str(), whole) {
        ("late", _) | ("", true) => "late",
        _ => "mine",
    };
    let mut read = app.db.read().await?;
    let mut rows = rows(&mut read, &viewer, (tab, &choice.after), today).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next =
        rows.last().filter(|_| more).map(|row| format!("/petitions/urging?tab={tab}&after={}.{}", row.due_on, row.id));
    veil::veil(&mut read, &viewer, rows.iter_mut().map(|row| (row.petition, &mut row.title)).collect()).await?;
    let mut told = told(&mut read, &rows).await?;
    let lines = rows
        .into_iter()
        .map(|row| {
            let (own, others) = std::mem::take(&mut told).into_iter().partition(|told| told.clock == row.id);
            told = others;
            Line { row, told: own, today }
        })
        .collect();
    html(&UrgingPage {
        shell: Shell::new(&viewer, "urging"),
        tab,
        lines,
        begins: choice.after.is_empty(),
        next,
        as_of: super::ledger::as_of(&app),
    })
}

async fn rows(
    read: &mut AnyConnection,
    viewer: &Viewer,
    (tab, after): (&str, &str),
    today: Date,
) -> Result<Vec<Row>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT c.id, c.petition, p.number, p.title, COALESCE(u.name, '') AS unit, c.kind, c.due_on, c.provisional
           FROM clock c JOIN petition p ON p.id = c.petition LEFT JOIN unit u ON u.id = p.unit WHERE ",
    );
    sql.push(owed!("c"));
    if tab == "late" {
        sql.push(" AND c.due_on < ").bind(today.to_string());
    } else {
        sql.push(" AND c.id IN (SELECT g.clock FROM urging g WHERE g.due_on = c.due_on AND g.post = ");
        sql.bind(viewer.post).push(")");
    }
    sight::push(&mut sql, viewer);
    if let Some((due, id)) = after.split_once('.')
        && let (Ok(due), Ok(id)) = (due.parse::<Date>(), id.parse::<i64>())
    {
        sql.push(" AND (c.due_on > ").bind(due.to_string()).push(" OR (c.due_on = ").bind(due.to_string());
        sql.push(" AND c.id > ").bind(id).push("))");
    }
    sql.push(" ORDER BY c.due_on, c.id").limit(i64::try_from(PAGE).unwrap_or_default() + 1);
    sql.fetch_all(read).await
}

/// Whom the clocks of a page have gone to, as far as the day that is theirs now, the first rung first.
async fn told(read: &mut AnyConnection, rows: &[Row]) -> Result<Vec<Told>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT g.clock, g.rung, g.told_on, COALESCE(w.name || ' ' || o.title, '') AS post, COALESCE(f.name, '') AS name
           FROM urging g JOIN clock c ON c.id = g.clock AND c.due_on = g.due_on
           LEFT JOIN post o ON o.id = g.post LEFT JOIN unit w ON w.id = o.unit LEFT JOIN official f ON f.id = g.official
          WHERE g.clock IN (",
    );
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            sql.push(", ");
        }
        sql.bind(row.id);
    }
    sql.push(") ORDER BY g.id");
    sql.fetch_all(read).await
}
