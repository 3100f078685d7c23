//! What every page stands on: the application, routes with their access, refusals, forms, the layout.

pub mod assets;
pub mod forms;
mod guard;
pub mod layout;
pub mod limits;
mod refusal;
mod rooms;
mod time;

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;

pub use forms::{Form, Problems};
pub use guard::{ClientAddress, into_router};
pub use layout::Shell;
pub use refusal::Refusal;
pub use rooms::{Access, Path, Query, Rooms, Route};
pub use time::{TimeSource, date_of, day, minute};

use crate::db::Database;
use crate::ids::Ids;
use crate::secrets::Keys;
use crate::web::limits::Limits;

/// What a handler answers: a response, or why there is none.
pub type Page = Result<Response, Refusal>;

/// The running program, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the program is made of.
pub struct Parts {
    /// The database.
    pub db: Database,
    /// Where ids come from.
    pub ids: Ids,
    /// The county's keys.
    pub keys: Keys,
    /// Where the time comes from.
    pub time: TimeSource,
    /// How often one address may try.
    pub limits: Limits,
    /// Dated values of law and county.
    pub policy: crate::values::InForce<policy::Policy>,
    /// Which days are working days.
    pub calendar: crate::values::InForce<policy::Calendar>,
    /// Whether the session cookie is sent over encrypted connections only.
    pub secure_cookies: bool,
    /// Where the bytes of attachments lie.
    pub files: crate::files::Store,
    /// The one proxy whose X-Forwarded-For is believed.
    pub proxy: Option<std::net::IpAddr>,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The present instant, from the one source of time.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Today in China.
    pub fn today(&self) -> Date {
        date_of(self.now())
    }

    /// A new id.
    pub fn id(&self) -> i64 {
        self.ids.next(self.now())
    }
}

impl std::ops::Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A page as a response.
pub fn html(page: &impl Template) -> Page {
    html_with(StatusCode::OK, page)
}

/// A page with another status, such as 422 for a form that came back.
pub fn html_with(status: StatusCode, page: &impl Template) -> Page {
    let body = page.render().map_err(anyhow::Error::from)?;
    Ok((status, Html(body)).into_response())
}

/// Goes to another page after a post (303).
pub fn see(path: &str) -> Page {
    Ok(axum::response::Redirect::to(path).into_response())
}
