//! Routes that say who may use them: a route without an access cannot be written.

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::routing::MethodRouter;
use serde::de::DeserializeOwned;

use super::{App, Refusal};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, with or without an account.
    Public,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has a role that `permissions.toml` gives this action.
    May(&'static str),
}

/// One route as the guard and the permission test see it.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// GET or POST.
    pub method: &'static str,
    /// As written, with `{…}` for parameters.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// It takes files: it may be sent more, and slower.
    pub takes_files: bool,
}

/// The routes of one room or of all.
#[derive(Default)]
pub struct Rooms {
    pub(super) router: Router<App>,
    pub(super) routes: Vec<Route>,
}

impl Rooms {
    /// No route yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A page.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("GET", path, access, false, axum::routing::get(handler))
    }

    /// An act.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add("POST", path, access, false, axum::routing::post(handler))
    }

    /// An act whose form carries files; its handler reads the request with [`crate::files::read`].
    #[must_use]
    pub fn post_files<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let handler = axum::routing::post(handler).layer(DefaultBodyLimit::max(crate::files::READ));
        self.add("POST", path, access, true, handler)
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        takes_files: bool,
        handler: MethodRouter<App>,
    ) -> Self {
        self.router = self.router.route(path, handler);
        self.routes.push(Route { method, path, access, takes_files });
        self
    }

    /// Takes in another room's routes.
    #[must_use]
    pub fn with(mut self, room: Self) -> Self {
        self.router = self.router.merge(room.router);
        self.routes.extend(room.routes);
        self
    }

    /// Every route, for the permission test.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

/// Path parameters; one that does not fit is not found, like any other address that does not exist.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let taken: Result<axum::extract::Path<T>, PathRejection> =
            <axum::extract::Path<T> as FromRequestParts<App>>::from_request_parts(parts, app).await;
        taken.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Refusal::NotFound)
    }
}

/// Query parameters; what cannot be read is taken as not given, since addresses are edited and shared by hand.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + Default + Send> FromRequestParts<App> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let taken: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, app).await;
        Ok(Self(taken.map(|axum::extract::Query(value)| value).unwrap_or_default()))
    }
}
