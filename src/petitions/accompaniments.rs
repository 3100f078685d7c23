//! 陪访 (C10): where the petitioner does not understand or accept the answer, officials go along with the
//! representatives to the city or the province. It is a step on the case, written once, with who went where beside it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::acts::{self, Hindered};
use super::card::{Petition, STALE, find, persons};
use super::forms;
use super::history::{History, party};
use super::rules::{Act, Duty, Level, Matter, Noun};
use super::veil::veiled;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/{id}/accompaniment", Access::May("petitions.handle"), page).post(
        "/petitions/{id}/accompaniment",
        Access::May("petitions.handle"),
        record,
    )
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: String,
    on: String,
    level: String,
    organ: String,
    officials: String,
    representatives: String,
    content: String,
    cleared: String,
    duty: String,
}

/// What the form says, judged.
struct Accompaniment {
    on: Date,
    level: Level,
    organ: String,
    officials: String,
    representatives: String,
    content: String,
    cleared: bool,
    duty: Option<Duty>,
}

impl Typed {
    fn judge(&self, problems: &mut Problems) -> Option<Accompaniment> {
        let on = crate::web::forms::half_width(self.on.trim()).parse().ok();
        problems.require(on.is_some(), "on", "请填写日期，如 2026-11-02");
        let level = Level::from_word(&self.level);
        problems.require(level.is_some(), "level", "请选择去的是市里还是省里");
        let mut text = |field: &'static str, typed: &str, (least, most): (usize, usize)| {
            let text = crate::web::forms::tidy(typed);
            if !(least..=most).contains(&text.chars().count()) {
                problems.add(field, format!("请写 {least} 至 {most} 字"));
            }
            text
        };
        let organ = text("organ", &self.organ, (2, 60));
        let officials = text("officials", &self.officials, (2, 200));
        let representatives = text("representatives", &self.representatives, (2, 200));
        let content = text("content", &self.content, (5, 2_000));
        let cleared = match self.cleared.as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        problems.require(cleared.is_some(), "cleared", "请选择疑虑消除了没有");
        let (Some(on), Some(level), Some(cleared), true) = (on, level, cleared, problems.is_empty()) else {
            return None;
        };
        let duty = Duty::from_word(&self.duty);
        Some(Accompaniment { on, level, organ, officials, representatives, content, cleared, duty })
    }
}

#[derive(Template)]
#[template(path = "petitions/accompaniment.html")]
struct FormPage {
    shell: Shell,
    petition: Petition,
    duties: Vec<Duty>,
    form: Typed,
    problems: Problems,
    today: Date,
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, StatusCode::OK, (None, Problems::default())).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    status: StatusCode,
    (typed, problems): (Option<Typed>, Problems),
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut petition = find(&mut read, viewer, id).await?;
    let (persons, hidden) = persons(&mut read, app, viewer, &petition).await?;
    let history = History::of(&mut read, id, false).await?;
    drop(read);
    let matter: Matter = history.matter(&petition.facts()?, app)?;
    // What came back is shown whatever has become of the matter: nothing typed is lost.
    if typed.is_none() && !forms::may(&matter, viewer, Noun::Step, today) {
        return Err(Refusal::NotFound);
    }
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "petition.read", Subject("petition", id)).await?;
    write.commit().await?;
    petition.title = veiled(&petition.title, &hidden);
    let names: Vec<String> = persons.into_iter().map(|person| person.name).collect();
    let mut form = typed.unwrap_or_else(|| Typed {
        on: today.to_string(),
        officials: viewer.name.clone(),
        representatives: names.join("、"),
        ..Typed::default()
    });
    form.version = petition.version.to_string();
    let shell = Shell::new(viewer, "petitions");
    let page = FormPage { shell, duties: matter.duties(party(viewer)), petition, form, problems, today };
    html_with(status, &page)
}

async fn record(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let mut problems = Problems::default();
    let mut read = app.db.read().await?;
    find(&mut read, &viewer, id).await?;
    drop(read);
    let Some(new) = form.judge(&mut problems) else {
        return show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, (Some(form), problems)).await;
    };
    let version = form.version.parse().map_err(|_| Refusal::Stale)?;
    let mut write = app.db.write().await?;
    let status = match carry_out(&mut write, &app, &viewer, (id, version), &new).await {
        Ok(()) => {
            write.commit().await?;
            return see(&format!("/petitions/{id}"));
        }
        Err(Hindered::Edge(Refusal::Stale)) => {
            problems.add("", STALE);
            StatusCode::CONFLICT
        }
        Err(Hindered::Edge(refusal)) => return Err(refusal),
        Err(Hindered::Rule(refused)) => {
            problems.add("", refused.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    drop(write);
    show(&app, &viewer, id, status, (Some(form), problems)).await
}

/// The step on the case, and who went where beside it, in one write.
async fn carry_out(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, version): (i64, i64),
    new: &Accompaniment,
) -> Result<(), Hindered> {
    let step = Act::Step { on: new.on, duty: new.duty, content: new.content.clone() };
    acts::act(write, app, viewer, id, version, &step).await?;
    let (entry,): (i64,) = sqlx::query_as("SELECT MAX(id) FROM entry WHERE petition = $1 AND recorded_by = $2")
        .bind(id)
        .bind(viewer.official)
        .fetch_one(&mut *write)
        .await?;
    sqlx::query(
        "INSERT INTO accompaniment (entry, petition, organ, level, officials, representatives, cleared)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(entry)
    .bind(id)
    .bind(new.organ.clone())
    .bind(new.level.word())
    .bind(new.officials.clone())
    .bind(new.representatives.clone())
    .bind(i64::from(new.cleared))
    .execute(&mut *write)
    .await?;
    let content = json!({
        "cleared": new.cleared, "entry": entry, "level": new.level, "officials": new.officials, "organ": new.organ,
        "representatives": new.representatives,
    });
    chain::record(write, app, viewer.actor(), "petition.accompanied", Subject("petition", id), &content).await?;
    Ok(())
}
