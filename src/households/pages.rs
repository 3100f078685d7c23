//! 户册: the register, the picker behind 记一笔, and a household's own page, whose reading is recorded.

use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow};

use super::register::list;
use super::{Found, Household, Scope, find, phone_place};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::petitions::{push_sight, veil};
use crate::web::{Access, App, Page, Path, Query, Refusal, Rooms, Shell, forms, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/households", Access::May("households.list"), register)
        .get("/households/search", Access::May("entries.write"), search)
        .get("/households/{id}", Access::May("households.list"), show)
}

const PAGE: usize = 50;
/// A page, and the row that says that there is a next one.
const ASKED: i64 = 51;

#[derive(Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Serialize)]
struct Suggestion {
    value: String,
    label: String,
    note: String,
}

/// Suggestions for a picker: nobody outside the viewer's scope, and none before two characters are typed.
async fn search(State(app): State<App>, viewer: Viewer, Query(query): Query<Search>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
    let found = super::search(&mut read, &scope, &query.q, today, 12).await?;
    let suggestions: Vec<Suggestion> = found
        .into_iter()
        .map(|one| Suggestion {
            value: one.id.to_string(),
            note: format!("{} · {}", one.place(), one.visited()),
            label: one.head,
        })
        .collect();
    Ok(Json(suggestions).into_response())
}

#[derive(Default, Deserialize)]
struct Filter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    place: String,
    /// `village-id` of the last row of the page before.
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "households/register.html")]
struct Register {
    shell: Shell,
    rows: Vec<Found>,
    q: String,
    place: String,
    place_name: String,
    next: Option<String>,
}

async fn register(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
    let place = divisions::place(&mut read, filter.place.trim(), &today.to_string()).await?;
    let within = place.as_ref().map(|place| place.code.clone()).unwrap_or_default();
    let after = filter.after.split_once('-').and_then(|(village, id)| Some((village.to_owned(), id.parse().ok()?)));
    let mut rows = list(&mut read, &scope, &within, &filter.q, after, today, ASKED).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| {
        let q = forms::url_encode(filter.q.trim());
        format!("/households?q={q}&place={within}&after={}-{}", row.village, row.id)
    });
    let place_name = match place {
        Some(place) => place.full_name(),
        None => match scope.codes() {
            [one] => divisions::place(&mut read, one, &today.to_string()).await?.map(|place| place.full_name()),
            villages => Some(format!("{} 个村", villages.len())),
        }
        .unwrap_or_default(),
    };
    html(&Register { shell: Shell::new(&viewer, "households"), rows, q: filter.q, place: within, place_name, next })
}

/// A visit as the household's page lists it.
#[derive(FromRow)]
struct Visit {
    id: i64,
    happened_on: String,
    recorded_by: i64,
    petition: Option<i64>,
    writer: String,
    result: String,
    content: String,
}

impl Visit {
    fn result(&self) -> &'static str {
        crate::entries::rules::VisitResult::from_word(&self.result).map_or("", |result| result.label())
    }
}

/// The visits of one year.
struct Year {
    year: String,
    visits: Vec<Visit>,
}

#[derive(Template)]
#[template(path = "households/show.html")]
struct Show {
    shell: Shell,
    household: Household,
    phone: String,
    responsible: Vec<Responsible>,
    years: Vec<Year>,
    this_year: String,
    may_write: bool,
    may_entries: bool,
    may_duties: bool,
}

/// An official who is assigned to a village (办点).
#[derive(Clone, Debug, FromRow)]
pub struct Responsible {
    /// The name.
    pub name: String,
    /// The post's title and unit.
    pub post: String,
}

/// Who is assigned to a village on a day.
pub async fn responsible(
    read: &mut AnyConnection,
    village: &str,
    today: Date,
) -> Result<Vec<Responsible>, sqlx::Error> {
    sqlx::query_as(
        "SELECT o.name, COALESCE((SELECT MIN(t.title) FROM appointment a JOIN post t ON t.id = a.post
                    WHERE a.official = o.id AND a.held_from <= $2 AND (a.held_to IS NULL OR a.held_to > $2)), '') AS post
           FROM village_assignment s JOIN official o ON o.id = s.official
          WHERE s.village = $1 AND s.held_from <= $2 AND (s.held_to IS NULL OR s.held_to > $2)
          ORDER BY o.number LIMIT 20",
    )
    .bind(village.to_owned())
    .bind(today.to_string())
    .fetch_all(read)
    .await
}

/// The newest visits; what was said about a petition is left out for those who may not find it, and names no petitioner
/// to those who see them masked.
async fn visits(read: &mut AnyConnection, viewer: &Viewer, household: i64) -> Result<Vec<Visit>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT e.id, e.happened_on, e.recorded_by, e.petition, o.name AS writer, COALESCE(e.result, '') AS result, e.content
           FROM entry e JOIN official o ON o.id = e.recorded_by
          WHERE e.kind = 'visit' AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
            AND e.household = ",
    );
    sql.bind(household);
    sql.push(" AND (e.petition IS NULL OR e.recorded_by = ").bind(viewer.official);
    sql.push(" OR EXISTS (SELECT 1 FROM petition p WHERE p.id = e.petition");
    push_sight(&mut sql, viewer);
    sql.push(")) ORDER BY e.happened_on DESC, e.id DESC LIMIT 200");
    let mut visits: Vec<Visit> = sql.fetch_all(&mut *read).await?;
    let others = visits.iter_mut().filter(|visit| visit.recorded_by != viewer.official);
    let told = others.filter_map(|visit| Some((visit.petition?, &mut visit.content))).collect();
    veil(read, viewer, told).await?;
    Ok(visits)
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
    let household = find(&mut read, &scope, id, today).await?.ok_or(Refusal::NotFound)?;
    let mut years: Vec<Year> = Vec::new();
    for visit in visits(&mut read, &viewer, id).await? {
        let year = visit.happened_on.get(..4).unwrap_or_default().to_owned();
        match years.last_mut() {
            Some(last) if last.year == year => last.visits.push(visit),
            _ => years.push(Year { year, visits: vec![visit] }),
        }
    }
    let responsible = responsible(&mut read, &household.village, today).await?;
    drop(read);
    let phone = match &household.phone {
        None => "没有登记".to_owned(),
        Some(sealed) if viewer.sees("household.phone") => app.keys.decrypt(sealed, &phone_place(id))?,
        Some(_) => "已登记，您的岗位看不到".to_owned(),
    };
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, &app, viewer.actor(), "household.read", Subject("household", id)).await?;
    write.commit().await?;
    html(&Show {
        shell: Shell::new(&viewer, "households"),
        household,
        phone,
        responsible,
        years,
        this_year: today.year().to_string(),
        may_write: viewer.may("entries.write"),
        may_entries: viewer.may("entries.list"),
        may_duties: viewer.may("duties.list"),
    })
}
