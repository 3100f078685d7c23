//! 成因: what the petition office holds to be at the root of a matter, for the figures; entered and corrected on record.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::card::{Petition, find};
use super::papers::record as record_reading;
use super::rules::Cause;
use super::veil;
use super::voice::is_erased;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    let access = || Access::May("petitions.classify");
    Rooms::new().get("/petitions/{id}/cause", access(), page).post("/petitions/{id}/cause", access(), record)
}

/// The cause that is recorded of a petition.
pub(super) async fn of(read: &mut AnyConnection, petition: i64) -> Result<Option<Cause>, sqlx::Error> {
    let kept: Option<(String,)> = sqlx::query_as("SELECT cause FROM petition_cause WHERE petition = $1")
        .bind(petition)
        .fetch_optional(read)
        .await?;
    Ok(kept.and_then(|(cause,)| Cause::from_word(&cause)))
}

/// A petition whose cause is this viewer's to say: of whoever disposes of it, while it is kept.
async fn open_to(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Petition, Refusal> {
    let petition = find(read, viewer, id).await?;
    if petition.disposes(viewer) && !is_erased(read, id).await? { Ok(petition) } else { Err(Refusal::NotFound) }
}

#[derive(Template)]
#[template(path = "petitions/cause.html")]
struct CausePage {
    shell: Shell,
    petition: Petition,
    kept: Option<Cause>,
    problems: Problems,
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, id: i64, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let mut petition = open_to(&mut read, viewer, id).await?;
    let kept = of(&mut read, id).await?;
    let texts = [&mut petition.title, &mut petition.content].map(|text| (id, text));
    veil::veil(&mut read, viewer, texts.into()).await?;
    drop(read);
    record_reading(app, viewer, id).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(status, &CausePage { shell: Shell::new(viewer, "petitions"), petition, kept, problems })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    cause: String,
}

async fn record(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    open_to(&mut write, &viewer, id).await?;
    let Some(cause) = Cause::from_word(&form.cause) else {
        drop(write);
        let mut problems = Problems::default();
        problems.add("cause", "请选择成因");
        return show(&app, &viewer, id, problems).await;
    };
    let was = of(&mut write, id).await?;
    let card = format!("/petitions/{id}");
    if was == Some(cause) {
        return see(&card);
    }
    sqlx::query(
        "INSERT INTO petition_cause (petition, cause, recorded_on, recorded_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (petition) DO UPDATE SET cause = excluded.cause, recorded_on = excluded.recorded_on,
                recorded_by = excluded.recorded_by",
    )
    .bind(id)
    .bind(cause.word())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let content = json!({ "cause": cause, "was": was });
    chain::record(&mut write, &app, viewer.actor(), "petition.cause_recorded", Subject("petition", id), &content)
        .await?;
    write.commit().await?;
    see(&card)
}
