//! Updates of requests: the stages that a petition passed, and what the petitioner adds.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::answers::{Format, Names, Wrong, day, list, refused, wrong};
use super::requests::view;
use super::token;
use crate::chain::Actor;
use crate::petitions::{self, Hindered};
use crate::secrets::{hex, sm3};
use crate::web::{Access, App, ClientAddress, Form, Query, Refusal, Rooms, forms, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/open311/v2/servicerequestupdates.json", Access::Public, stages)
        .get("/open311/v2/servicerequestupdates.xml", Access::Public, stages)
        .post("/open311/v2/servicerequestupdates.json", Access::Public, add)
        .post("/open311/v2/servicerequestupdates.xml", Access::Public, add)
}

const NAMES: Names = ("service_request_updates", "request_update");

#[derive(Serialize)]
struct Update {
    update_id: String,
    service_request_id: String,
    status: &'static str,
    updated_datetime: String,
    description: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    service_request_id: String,
}

/// The turning points of a request, oldest first: none of them holds what somebody wrote.
async fn stages(
    State(app): State<App>,
    format: Format,
    ClientAddress(address): ClientAddress,
    Query(asked): Query<Asked>,
) -> Response {
    let id = asked.service_request_id.trim();
    if id.is_empty() {
        let none: [Update; 0] = [];
        return list(format, StatusCode::OK, NAMES, &none);
    }
    let found = async {
        limits::check(&app.limits.code, address)?;
        view(&app, id).await
    };
    let view = match found.await {
        Ok(view) => view,
        Err(refusal) => return refused(format, refusal),
    };
    let turning: Vec<_> = view.steps.iter().rev().filter(|step| step.key && !step.quotes).collect();
    let updates: Vec<Update> = turning
        .iter()
        .enumerate()
        .map(|(index, step)| Update {
            update_id: format!("{}-{}", &id[16..], index + 1),
            service_request_id: id.to_owned(),
            status: if view.is_over && index + 1 == turning.len() { "CLOSED" } else { "OPEN" },
            updated_datetime: day(step.on, false),
            description: step.text.clone(),
        })
        .collect();
    list(format, StatusCode::OK, NAMES, &updates)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    service_request_id: String,
    /// The sender's own id of the update: the same one a second time is taken once.
    update_id: String,
    description: String,
}

#[derive(Serialize)]
struct Added {
    update_id: String,
}

async fn add(
    State(app): State<App>,
    format: Format,
    ClientAddress(address): ClientAddress,
    sent: Result<Form<Sent>, Refusal>,
) -> Response {
    let added = async {
        limits::check(&app.limits.code, address)?;
        take(&app, &sent?.0).await
    };
    match added.await {
        Ok(update_id) => list(format, StatusCode::CREATED, NAMES, &[Added { update_id }]),
        Err(Hindered::Rule(refused)) => {
            wrong(format, &[Wrong::new(StatusCode::BAD_REQUEST, format!("description：{refused}"))])
        }
        Err(Hindered::Edge(refusal)) => refused(format, refusal),
    }
}

async fn take(app: &App, sent: &Sent) -> Result<String, Hindered> {
    let id = sent.service_request_id.trim();
    let petition = token::petition(&app.keys, id).ok_or(Refusal::NotFound)?;
    // Without an id of the sender's each sending is another update.
    let key = match sent.update_id.trim() {
        "" => forms::new_key(),
        own => hex(&sm3(&[b"open311/", id.as_bytes(), b"/", own.as_bytes()])),
    };
    let mut write = app.db.write().await?;
    let path = format!("/track/{petition}/open311");
    if forms::take_key(&mut write, app, &key, &path).await?.is_none() {
        petitions::supplement(&mut write, app, petition, Actor::NOBODY, &sent.description).await?;
        write.commit().await?;
    }
    Ok(key)
}
