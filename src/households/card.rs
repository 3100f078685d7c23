//! 便民服务联系卡 (D6): whom a household turns to, on a card for the door; its code opens the household's page.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use jiff::civil::Date;
use qrcode::QrCode;
use qrcode::render::svg;

use super::pages::{Responsible, responsible};
use super::{Household, Scope, find};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::forms::url_encode;
use crate::web::{Access, App, Page, Path, Refusal, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/households/{id}/card", Access::May("households.list"), card)
}

#[derive(Template)]
#[template(path = "households/card.html")]
struct Card {
    shell: Shell,
    household: Household,
    responsible: Vec<Responsible>,
    code: String,
    today: Date,
}

/// The address of the household's page as a picture of a square code. It carries the id alone: a card on a door tells no name.
fn code(app: &App, headers: &HeaderMap, id: i64) -> anyhow::Result<String> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if app.secure_cookies { "https" } else { "http" };
    let address = format!("{scheme}://{host}/households/{id}");
    let drawn = QrCode::new(address)?.render::<svg::Color>().min_dimensions(132, 132).build();
    Ok(format!("data:image/svg+xml,{}", url_encode(&drawn)))
}

async fn card(State(app): State<App>, viewer: Viewer, headers: HeaderMap, Path(id): Path<i64>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &today.to_string()).await?;
    let household = find(&mut read, &scope, id, today).await?.ok_or(Refusal::NotFound)?;
    let responsible = responsible(&mut read, &household.village, today).await?;
    drop(read);
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, &app, viewer.actor(), "household.read", Subject("household", id)).await?;
    write.commit().await?;
    let code = code(&app, &headers, id)?;
    html(&Card { shell: Shell::new(&viewer, "households"), household, responsible, code, today })
}
