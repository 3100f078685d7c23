//! 同一事项: petitions that are one matter, told again, by many, or through several doors. Candidates are proposed among
//! what the viewer finds; a person links them, and takes a link back.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::card::find;
use super::rules::{Common, Place, State as Step, likeness, pairs, recent};
use super::{sight, veil};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/petitions/{id}/thread", Access::May("petitions.read"), page)
        .post("/petitions/{id}/thread", Access::May("petitions.link"), link)
        .post("/petitions/{id}/thread/removal", Access::May("petitions.link"), unlink)
}

/// Newest petitions of the township whose texts are compared.
const COMPARED: i64 = 400;

/// Petitions of the same persons that are looked at.
const OF_PERSONS: i64 = 50;

/// Candidates that are shown.
const SHOWN: usize = 5;

/// Another petition of the thread, or one that may be of it.
#[derive(Debug, FromRow)]
pub(super) struct Other {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) registered_on: String,
    pub(super) title: String,
    content: String,
    division: String,
    pub(super) people: i64,
    state: String,
    /// What it is within the thread, or why it is proposed.
    #[sqlx(skip)]
    pub(super) why: String,
}

impl Other {
    pub(super) fn state(&self) -> &'static str {
        Step::from_word(&self.state).map_or("", Step::label)
    }
    fn on(&self) -> anyhow::Result<Date> {
        Ok(self.registered_on.parse()?)
    }
}

const OTHER: &str =
    "SELECT p.id, p.number, p.registered_on, p.title, p.content, p.division, p.people, p.state FROM petition p";

/// The petitions of a thread that the viewer finds, the earliest first, each with its place in it.
pub(super) async fn members(read: &mut AnyConnection, viewer: &Viewer, petition: i64) -> anyhow::Result<Vec<Other>> {
    let mut sql = Sql::new(OTHER);
    sql.push(" JOIN thread_member m ON m.petition = p.id WHERE m.thread = ");
    sql.push("(SELECT t.thread FROM thread_member t WHERE t.petition = ").bind(petition).push(")");
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY p.registered_at, p.id").limit(200);
    let mut found: Vec<Other> = sql.fetch_all(&mut *read).await?;
    if found.len() < 2 {
        // What else is in it is not this viewer's to know of.
        return Ok(Vec::new());
    }
    let persons = persons(read, found.iter().map(|other| other.id)).await?;
    let mut before: Vec<&Person> = Vec::new();
    for (index, other) in found.iter_mut().enumerate() {
        let own: Vec<&Person> = persons.iter().filter(|person| person.petition == other.id).collect();
        let again = own.iter().any(|person| before.iter().any(|earlier| person.is(earlier)));
        other.why = Place::of(index > 0, again).label(other.people);
        before.extend(own);
    }
    veil::veil(read, viewer, found.iter_mut().map(|other| (other.id, &mut other.title)).collect()).await?;
    Ok(found)
}

#[derive(Debug, FromRow)]
struct Person {
    id: i64,
    petition: i64,
    name: String,
    phone_key: Option<Vec<u8>>,
    identity: Option<Vec<u8>>,
}

impl Person {
    /// The same phone or, within what a person linked, the same name.
    fn is(&self, other: &Self) -> bool {
        self.name == other.name || (self.phone_key.is_some() && self.phone_key == other.phone_key)
    }
}

async fn persons(read: &mut AnyConnection, petitions: impl Iterator<Item = i64>) -> Result<Vec<Person>, sqlx::Error> {
    let mut sql = Sql::new("SELECT id, petition, name, phone_key, identity FROM petitioner WHERE petition IN (0");
    for petition in petitions {
        sql.push(", ").bind(petition);
    }
    sql.push(")");
    sql.fetch_all(read).await
}

/// Petitions that may be the same matter, the likeliest first, among those that the viewer finds. Persons are compared
/// for those alone who see names and phones.
pub(super) async fn candidates(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    petition: i64,
) -> anyhow::Result<Vec<Other>> {
    let mut sql = Sql::new(OTHER);
    sql.push(" WHERE p.id = ").bind(petition);
    sight::push(&mut sql, viewer);
    let Some(this) = sql.fetch_optional::<Other>(&mut *read).await? else { return Ok(Vec::new()) };
    let mut found: HashMap<i64, (Other, Common)> = HashMap::new();
    let unlinked = |sql: &mut Sql| {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM thread_member m JOIN thread_member t ON t.thread = m.thread");
        sql.push(" WHERE m.petition = p.id AND t.petition = ").bind(petition).push(")");
        sql.push(" AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = p.id)");
    };
    let mut sql = Sql::new(OTHER);
    sql.push(" WHERE p.township = ").bind(crate::divisions::township_of(&this.division).to_owned());
    sql.push(" AND p.id <> ").bind(petition);
    sight::push(&mut sql, viewer);
    unlinked(&mut sql);
    sql.push(" ORDER BY p.id DESC").limit(COMPARED);
    for other in sql.fetch_all::<Other>(&mut *read).await? {
        found.insert(other.id, (other, Common::default()));
    }
    let own = if viewer.sees("petitioner.name") && viewer.sees("petitioner.phone") {
        persons(read, [petition].into_iter()).await?
    } else {
        Vec::new()
    };
    let mut same: Vec<Person> = Vec::new();
    for person in &own {
        let mut sql = Sql::new("SELECT id, petition, name, phone_key, identity FROM petitioner WHERE petition <> ");
        sql.bind(petition).push(" AND id IN (SELECT id FROM petitioner WHERE name = ").bind(person.name.clone());
        if let Some(key) = &person.phone_key {
            sql.push(" UNION ALL SELECT id FROM petitioner WHERE phone_key = ").bind(key.clone());
        }
        sql.push(") ORDER BY id DESC").limit(OF_PERSONS);
        same.extend(sql.fetch_all::<Person>(&mut *read).await?);
    }
    let missing: Vec<i64> = same.iter().map(|person| person.petition).filter(|id| !found.contains_key(id)).collect();
    if !missing.is_empty() {
        let mut sql = Sql::new(OTHER);
        sql.push(" WHERE p.id IN (0");
        for id in missing {
            sql.push(", ").bind(id);
        }
        sql.push(")");
        sight::push(&mut sql, viewer);
        unlinked(&mut sql);
        for other in sql.fetch_all::<Other>(&mut *read).await? {
            found.insert(other.id, (other, Common::default()));
        }
    }
    let text = pairs(&format!("{}，{}", this.title, this.content));
    let (village, township) = (village(&this.division), crate::divisions::township_of(&this.division));
    let today = this.on()?;
    let mut proposed = Vec::new();
    for (id, (mut other, mut common)) in found {
        common.township = crate::divisions::township_of(&other.division) == township;
        common.village = village.is_some() && self::village(&other.division) == village;
        common.likeness = likeness(&text, &pairs(&format!("{}，{}", other.title, other.content)));
        common.recent = recent(today, other.on()?);
        for person in same.iter().filter(|person| person.petition == id) {
            for mine in &own {
                common.phone |= mine.phone_key.is_some() && mine.phone_key == person.phone_key;
                common.name |= mine.name == person.name;
                common.identity |=
                    identity(app, mine)?.is_some_and(|number| identity(app, person).ok().flatten() == Some(number));
            }
        }
        other.why = common.reasons().join("；");
        if !other.why.is_empty() {
            proposed.push((common.weight(), other));
        }
    }
    proposed.sort_by_key(|(weight, other)| std::cmp::Reverse((*weight, other.id)));
    let mut proposed: Vec<Other> = proposed.into_iter().take(SHOWN).map(|(_, other)| other).collect();
    veil::veil(read, viewer, proposed.iter_mut().map(|other| (other.id, &mut other.title)).collect()).await?;
    Ok(proposed)
}

/// The twelve digits of a village.
fn village(division: &str) -> Option<&str> {
    division.get(..12)
}

fn identity(app: &App, person: &Person) -> anyhow::Result<Option<String>> {
    let opened = |sealed: &Vec<u8>| app.keys.decrypt(sealed, &format!("petitioner.identity/{}", person.id));
    person.identity.as_ref().map(opened).transpose()
}

#[derive(Template)]
#[template(path = "petitions/thread.html")]
struct ThreadPage {
    shell: Shell,
    id: i64,
    number: String,
    members: Vec<Other>,
    candidates: Vec<Other>,
    may_link: bool,
    typed: String,
    problems: Problems,
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, String::new(), Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, id: i64, typed: String, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, viewer, id).await?;
    let members = members(&mut read, viewer, id).await?;
    let candidates = candidates(&mut read, app, viewer, id).await?;
    let may_link = viewer.may("petitions.link");
    let shell = Shell::new(viewer, "petitions");
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(
        status,
        &ThreadPage { shell, id, number: petition.number, members, candidates, may_link, typed, problems },
    )
}

#[derive(Deserialize)]
struct Linked {
    /// The other petition, by id or by number.
    #[serde(default)]
    other: String,
}

/// Links two petitions that the viewer finds; what was linked to either is linked to both.
async fn link(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Linked>) -> Page {
    let mut write = app.db.write().await?;
    let this = find(&mut write, &viewer, id).await?;
    let typed = form.other.trim();
    let other: Option<(i64,)> = sqlx::query_as("SELECT id FROM petition WHERE id = $1 OR number = $2")
        .bind(typed.parse::<i64>().unwrap_or_default())
        .bind(typed.to_owned())
        .fetch_optional(&mut *write)
        .await?;
    let other = match other.filter(|(other,)| *other != id) {
        Some((other,)) => match find(&mut write, &viewer, other).await {
            // Of what the viewer may not find the page says no more than of what is not there.
            Err(Refusal::NotFound) => None,
            found => Some(found?),
        },
        None => None,
    };
    let Some(other) = other else {
        drop(write);
        let mut problems = Problems::default();
        problems.add("other", "没有找到另一件，请写它的编号");
        return show(&app, &viewer, id, form.other, problems).await;
    };
    // Both rows are held, the earlier first: who links one of them at the same moment waits.
    for petition in [id.min(other.id), id.max(other.id)] {
        sqlx::query("UPDATE petition SET version = version WHERE id = $1").bind(petition).execute(&mut *write).await?;
    }
    let threads: Vec<(i64, i64)> =
        sqlx::query_as("SELECT petition, thread FROM thread_member WHERE petition = $1 OR petition = $2")
            .bind(id)
            .bind(other.id)
            .fetch_all(&mut *write)
            .await?;
    let of = |petition: i64| threads.iter().find(|(of, _)| *of == petition).map(|(_, thread)| *thread);
    let (mine, theirs) = (of(id), of(other.id));
    if mine.is_some() && mine == theirs {
        return see(&format!("/petitions/{id}/thread"));
    }
    let thread = mine.or(theirs).unwrap_or_else(|| app.id());
    if let (Some(_), Some(theirs)) = (mine, theirs) {
        sqlx::query("UPDATE thread_member SET thread = $1 WHERE thread = $2")
            .bind(thread)
            .bind(theirs)
            .execute(&mut *write)
            .await?;
    }
    for petition in [id, other.id].into_iter().filter(|petition| of(*petition).is_none()) {
        sqlx::query("INSERT INTO thread_member (petition, thread, linked_at, linked_by) VALUES ($1, $2, $3, $4)")
            .bind(petition)
            .bind(thread)
            .bind(app.now().as_millisecond())
            .bind(viewer.official)
            .execute(&mut *write)
            .await?;
    }
    for (petition, with) in [(id, &other.number), (other.id, &this.number)] {
        let content = json!({ "thread": thread, "with": with });
        chain::record(&mut write, &app, viewer.actor(), "petition.linked", Subject("petition", petition), &content)
            .await?;
    }
    write.commit().await?;
    see(&format!("/petitions/{id}/thread"))
}

/// Takes a petition out of its thread; of two that are left alone, neither stays in it.
async fn unlink(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut write = app.db.write().await?;
    find(&mut write, &viewer, id).await?;
    let thread: Option<(i64,)> = sqlx::query_as("SELECT thread FROM thread_member WHERE petition = $1")
        .bind(id)
        .fetch_optional(&mut *write)
        .await?;
    // A second click: it is out already.
    let Some((thread,)) = thread else { return see(&format!("/petitions/{id}/thread")) };
    sqlx::query(
        "DELETE FROM thread_member WHERE petition = $1
             OR (thread = $2 AND (SELECT COUNT(*) FROM thread_member t WHERE t.thread = $2) < 3)",
    )
    .bind(id)
    .bind(thread)
    .execute(&mut *write)
    .await?;
    let content = json!({ "thread": thread });
    chain::record(&mut write, &app, viewer.actor(), "petition.unlinked", Subject("petition", id), &content).await?;
    write.commit().await?;
    see(&format!("/petitions/{id}/thread"))
}
