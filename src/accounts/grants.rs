//! Roles of others, which the security officer grants.

use std::fmt::Write as _;

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::admin::{Account, Typed, find, keeps_the_house, not_own, one_at_a_time, page};
use super::rules::judge_roles;
use super::{Viewer, permissions, sessions};
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/accounts/{official}/roles", Access::May("accounts.grant"), grant)
}

#[derive(Deserialize)]
pub(super) struct RolesForm {
    #[serde(default)]
    pub(super) appointment: i64,
    #[serde(default)]
    pub(super) role: Vec<String>,
}

/// Sets the roles of one appointment to those that were ticked.
async fn grant(State(app): State<App>, viewer: Viewer, Path(official): Path<i64>, Form(form): Form<RolesForm>) -> Page {
    not_own(&viewer, official)?;
    let mut write = app.db.write().await?;
    find(&mut write, official).await?;
    let own: Option<(i64,)> = sqlx::query_as("SELECT id FROM appointment WHERE id = $1 AND official = $2")
        .bind(form.appointment)
        .bind(official)
        .fetch_optional(&mut *write)
        .await?;
    own.ok_or(Refusal::NotFound)?;
    let roles: Vec<&String> = form.role.iter().filter(|role| permissions().roles.contains_key(*role)).collect();
    one_at_a_time(&mut write, official).await?;
    let elsewhere: Vec<(String,)> = sqlx::query_as(
        "SELECT g.role FROM appointment ap JOIN role_grant g ON g.appointment = ap.id
          WHERE ap.official = $1 AND ap.id <> $2 AND (ap.held_to IS NULL OR ap.held_to > $3)",
    )
    .bind(official)
    .bind(form.appointment)
    .bind(app.today().to_string())
    .fetch_all(&mut *write)
    .await?;
    let held = elsewhere.iter().map(|(role,)| role.as_str()).chain(roles.iter().map(|role| role.as_str()));
    if let Err(excluded) = judge_roles(held) {
        drop(write);
        let mut problems = Problems::default();
        problems.add("role", excluded.to_string());
        return page(&app, &viewer, official, Typed::Roles(form), problems, None).await;
    }
    let was_officer = keeps_the_house(&mut write, official).await?;
    sqlx::query("DELETE FROM role_grant WHERE appointment = $1").bind(form.appointment).execute(&mut *write).await?;
    let mut text = String::new();
    for role in roles {
        sqlx::query("INSERT INTO role_grant (appointment, role) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(form.appointment)
            .bind(role.clone())
            .execute(&mut *write)
            .await?;
        let _ = write!(text, "{role} ");
    }
    let content = json!({ "appointment": form.appointment, "roles": text.trim() });
    chain::record(&mut write, &app, viewer.actor(), "roles.granted", Subject("official", official), &content).await?;
    if !was_officer && keeps_the_house(&mut write, official).await? {
        forget_password(&mut write, &app, &viewer, official).await?;
    }
    write.commit().await?;
    see(&format!("/accounts/{official}"))
}

/// Whoever opened or reset an account may know its password. With the first of the three officers' roles it is good for
/// nothing any more, and neither are the sessions begun with it.
async fn forget_password(write: &mut AnyConnection, app: &App, viewer: &Viewer, official: i64) -> Result<(), Refusal> {
    let Account { account: Some(account), login, has_password: 1, .. } = find(write, official).await? else {
        return Ok(());
    };
    sqlx::query("UPDATE account SET password_hash = '' WHERE id = $1").bind(account).execute(&mut *write).await?;
    sessions::end_others(write, account, "").await?;
    let (subject, content) = (Subject("account", account), json!({ "login": login }));
    chain::record(write, app, viewer.actor(), "password.forgotten", subject, &content).await?;
    Ok(())
}
