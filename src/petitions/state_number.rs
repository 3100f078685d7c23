//! 国家编号: the number of a matter in the national system, entered beside ours and found by it (art. 21).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::card::find;
use super::rules;
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    let access = Access::May("petitions.register");
    Rooms::new().get("/petitions/{id}/state-number", access, page).post("/petitions/{id}/state-number", access, record)
}

/// What is wrong with a number that is none.
pub(super) const NO_NUMBER: &str = "国家编号由字母、数字组成，6 到 40 位";

#[derive(Template)]
#[template(path = "petitions/state_number.html")]
struct NumberPage {
    shell: Shell,
    id: i64,
    /// Ours.
    number: String,
    /// The one that is kept; empty where there is none.
    kept: String,
    typed: String,
    problems: Problems,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    number: String,
    /// What stood there when the form was made.
    #[serde(default)]
    kept: String,
}

/// The number that is kept of a petition.
pub(super) async fn of(read: &mut AnyConnection, petition: i64) -> Result<Option<String>, sqlx::Error> {
    let kept: Option<(String,)> = sqlx::query_as("SELECT number FROM state_number WHERE petition = $1")
        .bind(petition)
        .fetch_optional(read)
        .await?;
    Ok(kept.map(|(number,)| number))
}

/// Why a number cannot be a petition's: another has it. Which one is told to whoever finds that one.
pub(super) async fn taken(
    read: &mut AnyConnection,
    viewer: &Viewer,
    number: &str,
    petition: i64,
) -> Result<Option<String>, sqlx::Error> {
    let holder: Option<(i64,)> = sqlx::query_as("SELECT petition FROM state_number WHERE number = $1")
        .bind(number.to_owned())
        .fetch_optional(&mut *read)
        .await?;
    let Some((holder,)) = holder.filter(|(holder,)| *holder != petition) else { return Ok(None) };
    let mut sql = Sql::new("SELECT p.number FROM petition p WHERE p.id = ");
    sql.bind(holder);
    sight::push(&mut sql, viewer);
    let found: Option<(String,)> = sql.fetch_optional(read).await?;
    Ok(Some(match found {
        Some((ours,)) => format!("这个国家编号已经登在 {ours} 上"),
        None => "这个国家编号已经登在别的事项上".to_owned(),
    }))
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, None, Problems::default(), StatusCode::OK).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    typed: Option<String>,
    problems: Problems,
    status: StatusCode,
) -> Page {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, viewer, id).await?;
    let kept = of(&mut read, id).await?.unwrap_or_default();
    let shell = Shell::new(viewer, "petitions");
    let typed = typed.unwrap_or_else(|| kept.clone());
    html_with(status, &NumberPage { shell, id, number: petition.number, kept, typed, problems })
}

async fn record(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    find(&mut write, &viewer, id).await?;
    let Some(number) = rules::state_number(&form.number) else {
        drop(write);
        problems.add("number", NO_NUMBER);
        return show(&app, &viewer, id, Some(form.number), problems, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let kept = of(&mut write, id).await?.unwrap_or_default();
    if kept == number {
        return see(&format!("/petitions/{id}"));
    }
    let problem = if kept == form.kept {
        taken(&mut write, &viewer, &number, id).await?.map(|why| (StatusCode::UNPROCESSABLE_ENTITY, why))
    } else {
        Some((StatusCode::CONFLICT, "别人刚刚登记了另一个编号，请核对后再提交".to_owned()))
    };
    if let Some((status, why)) = problem {
        drop(write);
        problems.add("number", why);
        return show(&app, &viewer, id, Some(form.number), problems, status).await;
    }
    sqlx::query(
        "INSERT INTO state_number (petition, number, recorded_at, recorded_by) VALUES ($1, $2, $3, $4)
             ON CONFLICT (petition) DO UPDATE SET number = excluded.number, recorded_at = excluded.recorded_at,
                recorded_by = excluded.recorded_by",
    )
    .bind(id)
    .bind(number.clone())
    .bind(app.now().as_millisecond())
    .bind(viewer.official)
    .execute(&mut *write)
    .await
    .map_err(|error| match &error {
        // Somebody else's, a moment ago.
        sqlx::Error::Database(database) if database.is_unique_violation() => Refusal::Stale,
        _ => error.into(),
    })?;
    let was = (!kept.is_empty()).then_some(kept);
    let content = serde_json::json!({ "number": number, "was": was });
    chain::record(&mut write, &app, viewer.actor(), "petition.state_numbered", Subject("petition", id), &content)
        .await?;
    write.commit().await?;
    see(&format!("/petitions/{id}"))
}
