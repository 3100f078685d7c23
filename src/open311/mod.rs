//! Open311 GeoReport v2: what other programs may ask and send without an account, as JSON and as XML.
//!
//! It is the public page in another shape: a request becomes a petition with its number, clock and receipt. Who else
//! handed something in is nobody's to read, so a list without ids is empty, and what a request says is never repeated.
//! The id of a request is made by us alone and opens no more than its stages; to supplement, confirm or rate it takes
//! the code on the receipt, which stands in the notice of the one answer that made it.

mod answers;
mod requests;
mod services;
mod token;
mod updates;

use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;

use crate::web::{Access, Rooms};

/// The description of what stands here, for programs that read one.
const DESCRIPTION: &str = include_str!("openapi.json");

/// `/open311/v2/…`, in JSON and XML.
pub fn rooms() -> Rooms {
    Rooms::new()
        .get("/open311/v2/openapi.json", Access::Public, description)
        .with(services::rooms())
        .with(requests::rooms())
        .with(updates::rooms())
}

async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DESCRIPTION)
}
