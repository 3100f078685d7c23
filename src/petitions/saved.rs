//! Saved filters of the ledger (常用条件): one's own, or for the whole unit, with the columns of its sheet. The words of
//! the search box are not kept: they name people.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum_extra::extract::Query as Repeated;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::columns::{Column, chosen};
use super::filter::Filter;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    let access = Access::May("petitions.list");
    Rooms::new()
        .get("/petitions/filters", access, page)
        .post("/petitions/filters", access, save)
        .post("/petitions/filters/{id}/name", access, rename)
        .post("/petitions/filters/{id}/deletion", access, delete)
}

/// More than anybody keeps apart; the ledger shows each as a link.
const MOST: i64 = 20;

/// A filter that was saved.
#[derive(Debug, FromRow)]
pub(super) struct Saved {
    pub(super) id: i64,
    pub(super) name: String,
    query: String,
    columns: String,
    /// 1: the viewer's own.
    pub(super) own: i64,
    /// 1: the whole unit has it.
    pub(super) shared: i64,
    /// Whose it is.
    pub(super) by: String,
}

impl Saved {
    /// Where it leads.
    pub(super) fn href(&self) -> String {
        if self.columns.is_empty() {
            format!("/petitions?{}", self.query)
        } else {
            format!("/petitions?{}&columns={}", self.query, self.columns)
        }
    }

    /// Whether it is the one that is shown.
    pub(super) fn is_shown(&self, filter: &Filter) -> bool {
        self.query == filter.without_words() && self.columns == filter.columns && filter.q.trim().is_empty()
    }

    fn columns(&self) -> Vec<Column> {
        chosen(&self.columns)
    }
}

/// The viewer's own filters and those of the unit, by name.
pub(super) async fn of(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Saved>, sqlx::Error> {
    sqlx::query_as(
        "SELECT f.id, f.name, f.query, f.columns, CAST(CASE WHEN f.official = $1 THEN 1 ELSE 0 END AS BIGINT) AS own,
                CAST(CASE WHEN f.unit IS NULL THEN 0 ELSE 1 END AS BIGINT) AS shared, o.name AS by
           FROM ledger_filter f JOIN official o ON o.id = f.official
          WHERE f.official = $1 OR f.unit = $2 ORDER BY f.name, f.id LIMIT 60",
    )
    .bind(viewer.official)
    .bind(viewer.unit)
    .fetch_all(read)
    .await
}

#[derive(Template)]
#[template(path = "petitions/saved.html")]
struct SavedPage {
    shell: Shell,
    form: SavedForm,
    saved: Vec<Saved>,
    problems: Problems,
    /// The filter that came back with a name that it cannot have.
    sent: i64,
}

impl SavedPage {
    fn is_chosen(&self, column: &Column) -> bool {
        if self.form.columns.is_empty() {
            column.is_usual()
        } else {
            self.form.columns.iter().any(|c| c == column.word())
        }
    }
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SavedForm {
    name: String,
    /// The address of the ledger, as it stood.
    query: String,
    columns: Vec<String>,
    shared: String,
}

impl SavedForm {
    /// The filter of the address, in the one spelling in which it is kept.
    fn query(&self) -> String {
        let uri = format!("/?{}", self.query).parse::<Uri>().ok();
        let filter = uri.and_then(|uri| Repeated::<Filter>::try_from_uri(&uri).ok()).map(|Repeated(filter)| filter);
        filter.unwrap_or_default().without_words()
    }

    /// The columns, where they are others than the usual ones.
    fn columns(&self) -> String {
        let columns = chosen(&self.columns.join(","));
        if columns == chosen("") {
            return String::new();
        }
        columns.iter().map(|column| column.word()).collect::<Vec<_>>().join(",")
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let columns = filter.columns.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let form = SavedForm { query: filter.without_words(), columns, ..SavedForm::default() };
    show(&app, &viewer, form, 0, StatusCode::OK, Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, form: SavedForm, sent: i64, status: StatusCode, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let saved = of(&mut read, viewer).await?;
    drop(read);
    html_with(status, &SavedPage { shell: Shell::new(viewer, "petitions"), form, saved, problems, sent })
}

/// What is wrong with a name.
fn name(typed: &str, problems: &mut Problems) -> String {
    let name = forms::tidy(typed);
    problems.require((1..=20).contains(&name.chars().count()), "name", "请起一个名字，20 字以内");
    name
}

async fn save(State(app): State<App>, viewer: Viewer, Form(form): Form<SavedForm>) -> Page {
    let mut problems = Problems::default();
    let (name, query, columns) = (name(&form.name, &mut problems), form.query(), form.columns());
    let mut write = app.db.write().await?;
    let own: Vec<(String, String, String)> =
        sqlx::query_as("SELECT name, query, columns FROM ledger_filter WHERE official = $1")
            .bind(viewer.official)
            .fetch_all(&mut *write)
            .await?;
    let namesake = own.iter().find(|(of, ..)| *of == name);
    // A second click: it is there already.
    if namesake.is_some_and(|(_, of, with)| (of, with) == (&query, &columns)) {
        return see(&format!("/petitions?{query}"));
    }
    problems.require(namesake.is_none(), "name", "您已经有一个叫这个名字的条件");
    problems.require((own.len() as i64) < MOST, "", "最多保存 20 个条件，请先删掉不用的");
    if !problems.is_empty() {
        drop(write);
        return show(&app, &viewer, form, 0, StatusCode::UNPROCESSABLE_ENTITY, problems).await;
    }
    let id = app.id();
    sqlx::query(
        "INSERT INTO ledger_filter (id, official, unit, name, query, columns) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (official, name) DO NOTHING",
    )
    .bind(id)
    .bind(viewer.official)
    .bind((form.shared == "1").then_some(viewer.unit))
    .bind(name.clone())
    .bind(query.clone())
    .bind(columns.clone())
    .execute(&mut *write)
    .await?;
    let content = json!({ "columns": columns, "name": name, "query": query, "shared": form.shared == "1" });
    let subject = Subject("ledger_filter", id);
    chain::record(&mut write, &app, viewer.actor(), "ledger_filter.saved", subject, &content).await?;
    write.commit().await?;
    see(&format!(
        "/petitions?{query}{}",
        if columns.is_empty() { String::new() } else { format!("&columns={columns}") }
    ))
}

async fn rename(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<SavedForm>) -> Page {
    let mut problems = Problems::default();
    let name = name(&form.name, &mut problems);
    let mut write = app.db.write().await?;
    let own: Vec<(i64, String)> = sqlx::query_as("SELECT id, name FROM ledger_filter WHERE official = $1")
        .bind(viewer.official)
        .fetch_all(&mut *write)
        .await?;
    if own.iter().all(|(of, _)| *of != id) {
        return Err(Refusal::NotFound);
    }
    let free = own.iter().all(|(of, called)| *of == id || *called != name);
    problems.require(free, "name", "您已经有一个叫这个名字的条件");
    if !problems.is_empty() {
        drop(write);
        return show(&app, &viewer, form, id, StatusCode::UNPROCESSABLE_ENTITY, problems).await;
    }
    sqlx::query("UPDATE ledger_filter SET name = $2 WHERE id = $1")
        .bind(id)
        .bind(name.clone())
        .execute(&mut *write)
        .await?;
    let subject = Subject("ledger_filter", id);
    chain::record(&mut write, &app, viewer.actor(), "ledger_filter.renamed", subject, &json!({ "name": name })).await?;
    write.commit().await?;
    see("/petitions/filters")
}

async fn delete(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut write = app.db.write().await?;
    let deleted = sqlx::query("DELETE FROM ledger_filter WHERE id = $1 AND official = $2")
        .bind(id)
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    if deleted.rows_affected() == 0 {
        return Err(Refusal::NotFound);
    }
    let subject = Subject("ledger_filter", id);
    chain::record(&mut write, &app, viewer.actor(), "ledger_filter.deleted", subject, &json!({})).await?;
    write.commit().await?;
    see("/petitions/filters")
}
