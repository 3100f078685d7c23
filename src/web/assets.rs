//! Our own stylesheet and scripts, inside the program; their address holds their hash, so they are kept for ever.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;

use super::{Access, Page, Path, Refusal, Rooms};
use crate::secrets::{hex, sm3};

const FILES: [(&str, &str, &str); 3] = [
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("youzhi.js", "text/javascript; charset=utf-8", include_str!("youzhi.js")),
];

/// A hash over all of them: one changes, all addresses change.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let texts: Vec<&[u8]> = FILES.iter().map(|(_, _, text)| text.as_bytes()).collect();
    hex(&sm3(&texts)[..6])
});

/// `/assets/{version}/{name}`.
pub fn rooms() -> Rooms {
    Rooms::new().get("/assets/{version}/{name}", Access::Public, asset)
}

async fn asset(Path((_, name)): Path<(String, String)>) -> Page {
    let (_, kind, text) = FILES.iter().find(|(file, _, _)| *file == name).ok_or(Refusal::NotFound)?;
    let headers = [(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, *text).into_response())
}
