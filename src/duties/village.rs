//! One village: who answers for it, its groups, and its households, those not yet visited first.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::{Coverage, village_coverage};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::entries::rules::VisitResult;
use crate::households::{Responsible, Scope, responsible};
use crate::web::{Access, App, Page, Path, Query, Refusal, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/duties/villages/{code}", Access::May("duties.list"), village)
}

const PAGE: usize = 100;
/// A page, and the row that says that there is a next one.
const ASKED: i64 = 101;

#[derive(Default, Deserialize)]
struct Filter {
    year: Option<i16>,
    /// Code of a group.
    #[serde(default)]
    group: String,
    /// `visited-division-id` of the last row of the page before.
    #[serde(default)]
    after: String,
}

/// A group of the village and its visits.
#[derive(FromRow)]
struct Group {
    code: String,
    name: String,
    households: i64,
    visited: i64,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    number: String,
    head: String,
    division: String,
    place: String,
    visited: i64,
    visited_on: String,
    last_result: String,
    last_on: String,
}

impl Row {
    fn last_result(&self) -> &'static str {
        VisitResult::from_word(&self.last_result).map_or("", VisitResult::label)
    }
}

#[derive(Template)]
#[template(path = "duties/village.html")]
struct VillagePage {
    shell: Shell,
    coverage: Coverage,
    responsible: Vec<Responsible>,
    groups: Vec<Group>,
    group: String,
    rows: Vec<Row>,
    next: Option<String>,
    year: i16,
    this_year: i16,
    may_write: bool,
    may_households: bool,
}

async fn groups(read: &mut AnyConnection, village: &str, year: i16, on: Date) -> Result<Vec<Group>, sqlx::Error> {
    sqlx::query_as(
        "SELECT g.code, g.name, COUNT(h.id) AS households, COUNT(f.subject) AS visited
           FROM household h
           JOIN division g ON g.code = h.division
           LEFT JOIN duty_fulfilment f ON f.duty = 'B2' AND f.subject = h.id AND f.period = $2
          WHERE h.village = $1 AND h.valid_from <= $3 AND (h.valid_to IS NULL OR h.valid_to > $3)
          GROUP BY g.code, g.name ORDER BY g.code",
    )
    .bind(village.to_owned())
    .bind(year.to_string())
    .bind(on.to_string())
    .fetch_all(read)
    .await
}

/// Where a page begins: the order is not yet visited, then group, then id.
fn start(after: &str) -> Option<(i64, String, i64)> {
    let mut parts = after.split('-');
    let (visited, division, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some((visited.parse().ok()?, division.to_owned(), id.parse().ok()?))
}

async fn rows(
    read: &mut AnyConnection,
    village: &str,
    filter: &Filter,
    year: i16,
    on: Date,
) -> Result<Vec<Row>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT h.id, h.number, h.head, h.division, g.name AS place,
                CASE WHEN f.subject IS NULL THEN 0 ELSE 1 END AS visited,
                COALESCE(f.fulfilled_on, '') AS visited_on,
                COALESCE(l.result, '') AS last_result, COALESCE(l.happened_on, '') AS last_on
           FROM household h
           JOIN division g ON g.code = h.division
           LEFT JOIN duty_fulfilment f ON f.duty = 'B2' AND f.subject = h.id AND f.period = ",
    );
    sql.bind(year.to_string());
    sql.push(
        " LEFT JOIN entry l ON l.id = (SELECT MAX(e.id) FROM entry e WHERE e.household = h.id AND e.kind = 'visit'
                 AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
                 AND e.happened_on >= ",
    );
    sql.bind(format!("{year:04}-01-01")).push(" AND e.happened_on <= ").bind(format!("{year:04}-12-31"));
    sql.push(") WHERE h.village = ").bind(village.to_owned());
    sql.push(" AND h.valid_from <= ").bind(on.to_string());
    sql.push(" AND (h.valid_to IS NULL OR h.valid_to > ").bind(on.to_string()).push(")");
    if !filter.group.is_empty() {
        sql.push(" AND h.division = ").bind(filter.group.clone());
    }
    if let Some((visited, division, id)) = start(&filter.after) {
        sql.push(" AND (CASE WHEN f.subject IS NULL THEN 0 ELSE 1 END, h.division, h.id) > (");
        sql.bind(visited).push(", ").bind(division).push(", ").bind(id).push(")");
    }
    sql.push(" ORDER BY CASE WHEN f.subject IS NULL THEN 0 ELSE 1 END, h.division, h.id").limit(ASKED);
    sql.fetch_all(read).await
}

async fn village(
    State(app): State<App>,
    viewer: Viewer,
    Path(code): Path<String>,
    Query(filter): Query<Filter>,
) -> Page {
    let today = app.today();
    let this_year = today.year();
    let year = filter.year.filter(|year| (2000..=this_year).contains(year)).unwrap_or(this_year);
    let on = jiff::civil::date(year, 12, 31).min(today);
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
    if !scope.holds(&code) {
        return Err(Refusal::NotFound);
    }
    let coverage = village_coverage(&mut read, &code, year).await?.ok_or(Refusal::NotFound)?;
    let responsible = responsible(&mut read, &code, today).await?;
    let groups = groups(&mut read, &code, year, on).await?;
    let mut rows = rows(&mut read, &code, &filter, year, on).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| {
        let (group, visited) = (&filter.group, row.visited);
        format!("/duties/villages/{code}?year={year}&group={group}&after={visited}-{}-{}", row.division, row.id)
    });
    html(&VillagePage {
        shell: Shell::new(&viewer, "duties"),
        coverage,
        responsible,
        groups,
        group: filter.group,
        rows,
        next,
        year,
        this_year,
        may_write: viewer.may("entries.write"),
        may_households: viewer.may("households.list"),
    })
}
