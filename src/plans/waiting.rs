//! 逐项销号: what waits for the viewer, one item after another, each seen before it is judged.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::acts::Typed;
use super::items::{self, Listed};
use super::rules::Condition;
use crate::accounts::Viewer;
use crate::web::{Access, App, Page, Problems, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/waiting", Access::May("plans.cancel"), show)
}

#[derive(Template)]
#[template(path = "plans/waiting.html")]
struct WaitingPage {
    shell: Shell,
    listed: Option<Listed>,
    place: usize,
    count: usize,
    typed: Typed,
    problems: Problems,
}

/// Where to go on: after which item.
#[derive(Default, Deserialize)]
struct From {
    after: Option<i64>,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(from): Query<From>) -> Page {
    let mut read = app.db.read().await?;
    let mut waiting = items::waiting(&mut read, &viewer).await?;
    let count = waiting.len();
    // The last one leads to the first again: what was skipped still waits.
    let passed = waiting.iter().position(|listed| Some(listed.id) == from.after).map_or(0, |place| place + 1);
    let place = if passed < count { passed } else { 0 };
    let listed = if count == 0 { None } else { Some(waiting.swap_remove(place)) };
    let typed = Typed { back: "waiting".to_owned(), ..Typed::default() };
    let shell = Shell::new(&viewer, "plans");
    html(&WaitingPage { shell, listed, place: place + 1, count, typed, problems: Problems::default() })
}
