//! What stands around a public page: ordinary or large type, kept in a cookie, so that it needs no script.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use crate::web::{App, Page, Query, Refusal, html_with};

const COOKIE: &str = "youzhi_size";

/// The size in which this browser reads.
#[derive(Clone, Copy, Debug)]
pub struct Frame {
    /// Large type.
    pub large: bool,
    chosen: bool,
}

#[derive(Default, Deserialize)]
struct Choice {
    #[serde(default)]
    size: String,
}

impl FromRequestParts<App> for Frame {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let kept = parts
            .headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, value)| name == COOKIE && value == "large");
        let Query(choice) = Query::<Choice>::from_request_parts(parts, app).await?;
        Ok(Self { large: kept, chosen: false }.choosing(&choice.size))
    }
}

impl Frame {
    /// With the size that a link or a form asks for; anything else changes nothing.
    #[must_use]
    pub fn choosing(self, size: &str) -> Self {
        match size {
            "large" => Self { large: true, chosen: true },
            "normal" => Self { large: false, chosen: true },
            _ => self,
        }
    }

    /// The size that the switch in the head leads to.
    pub fn other(self) -> &'static str {
        if self.large { "normal" } else { "large" }
    }

    /// What the switch says.
    pub fn switch(self) -> &'static str {
        if self.large { "标准字" } else { "大字" }
    }

    /// The page; a size that was chosen just now is kept for a year.
    pub fn show(self, app: &App, status: StatusCode, page: &impl Template) -> Page {
        let mut response = html_with(status, page)?;
        if self.chosen {
            let size = if self.large { "large" } else { "normal" };
            let secure = if app.secure_cookies { "; Secure" } else { "" };
            let cookie = format!("{COOKIE}={size}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
            response.headers_mut().insert(header::SET_COOKIE, HeaderValue::try_from(cookie)?);
        }
        Ok(response)
    }
}
