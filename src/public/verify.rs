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
    /// Its place in the chain, the day on which it was written, and whether it holds when computed anew.
    found: Option<(i64, String, bool)>,
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
        if let Some(link) = verify::find(&app.db, &link).await? {
            if let Some(fault) = &link.fault {
                tracing::error!(seq = link.seq, fault, "a link of the chain does not hold");
            }
            let written = day(date_of(Timestamp::from_millisecond(link.at)?), app.today());
            found = Some((link.seq, written, link.fault.is_none()));
        }
    }
    frame.show(&app, StatusCode::OK, &VerifyPage { frame, link, found })
}
