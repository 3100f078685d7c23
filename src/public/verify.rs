//! Checking one link of the evidence chain: anybody may, since a hash tells nothing of what was written.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;

use super::frame::Frame;
use crate::chain::verify;
use crate::web::{Access, App, ClientAddress, Page, Query, Rooms, date_of, day, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/verify", Access::Public, page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    link: String,
}

#[derive(Template)]
#[template(path = "public/verify.html")]
struct VerifyPage {
    frame: Frame,
    link: String,
    /// Its place in the chain and the day on which it was written.
    found: Option<(i64, String)>,
}

async fn page(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    frame: Frame,
    Query(asked): Query<Asked>,
) -> Page {
    let link = asked.link.trim().to_owned();
    let mut found = None;
    if !link.is_empty() {
        limits::check(&app.limits.code, address)?;
        if let Some((seq, at)) = verify::find(&app.db, &link).await? {
            found = Some((seq, day(date_of(Timestamp::from_millisecond(at)?), app.today())));
        }
    }
    frame.show(&app, StatusCode::OK, &VerifyPage { frame, link, found })
}
