//! What every request passes: who sends it, from where, and whether the post held includes the action.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::set_header::SetResponseHeaderLayer;

use super::{Access, App, Refusal, Rooms};
use crate::accounts::{self, Viewer};

/// The largest form; uploads raise it on their own routes.
const FORM_LIMIT: usize = 256 * 1024;

/// The longest that anybody waits for a page.
const LONGEST: Duration = Duration::from_secs(30);

/// The longest that anybody sends files: thirty megabytes over a poor connection of a village.
const LONGEST_SENDING: Duration = Duration::from_mins(10);

/// Bytes a second of that connection.
const POOR: u64 = 50_000;

/// No script and no style but our own files, no frame, no address of another site.
const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; \
     manifest-src 'self'; worker-src 'self'";

/// Access by method and path.
type Table = HashMap<&'static str, HashMap<&'static str, Access>>;

/// The whole program as a router.
pub fn into_router(rooms: Rooms, app: App) -> Router {
    let mut table = Table::new();
    for route in &rooms.routes {
        table.entry(route.method).or_default().insert(route.path, route.access);
    }
    let sending: HashSet<&'static str> =
        rooms.routes.iter().filter(|route| route.takes_files).map(|route| route.path).collect();
    let sending = Arc::new(sending);
    let fixed = |name: &'static str, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    rooms
        .router
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(Extension(Arc::new(table)))
        .fallback(|| async { Refusal::NotFound })
        .method_not_allowed_fallback(|| async { Refusal::NotFound })
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
        .layer(CsrfLayer::new().with_rejection_response(|_: ProtectionError| Refusal::CrossSite.into_response()))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Refusal::Fault(anyhow::anyhow!("a handler panicked")).into_response()
        }))
        .layer(from_fn(move |request: Request, next: Next| {
            let path = request.extensions().get::<MatchedPath>();
            let sends = *request.method() == Method::POST && path.is_some_and(|path| sending.contains(path.as_str()));
            within(if sends { longest_sending(request.headers()) } else { LONGEST }, next.run(request))
        }))
        .layer(CompressionLayer::new())
        .layer(fixed("content-security-policy", CONTENT_SECURITY))
        .layer(fixed("x-content-type-options", "nosniff"))
        .layer(fixed("referrer-policy", "same-origin"))
        .layer(fixed("cross-origin-opener-policy", "same-origin"))
        .layer(fixed("permissions-policy", "geolocation=(), camera=(), microphone=()"))
        // Personal files must not lie in a browser's or a proxy's cache; our own files say otherwise themselves.
        .layer(fixed("cache-control", "no-store"))
        // A year in which a browser that was here asks for nothing unencrypted.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::STRICT_TRANSPORT_SECURITY,
            app.secure_cookies.then(|| HeaderValue::from_static("max-age=31536000")),
        ))
        .with_state(app)
}

/// How long a form with files may take: as long as any other, and what its length needs.
fn longest_sending(headers: &HeaderMap) -> Duration {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    length.map_or(LONGEST_SENDING, |bytes| (LONGEST + Duration::from_secs(bytes / POOR)).min(LONGEST_SENDING))
}

/// The response, or a page that says that it did not come in time. Whether an act was done is not known then.
async fn within(limit: Duration, response: impl Future<Output = Response>) -> Response {
    tokio::time::timeout(limit, response).await.unwrap_or_else(|_| Refusal::Late.into_response())
}

async fn guard(
    State(app): State<App>,
    Extension(table): Extension<Arc<Table>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let address = client_address(&app, &request);
    request.extensions_mut().insert(ClientAddress(address));
    let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let access = request
        .extensions()
        .get::<MatchedPath>()
        .and_then(|path| table.get(method.as_str())?.get(path.as_str()).copied())
        .ok_or(Refusal::NotFound)?;

    // PostgreSQL keeps no NUL in text; nobody types one.
    if request.uri().query().is_some_and(|query| query.contains("%00")) {
        return Err(Refusal::Malformed("地址里有不能用的字符。".to_owned()));
    }
    let cookie = accounts::session_cookie(request.headers());
    // A browser says where a form comes from; what has a session and does not say so is not answered.
    if cookie.is_some() && !method.is_safe() {
        let says = |name: &str| request.headers().get(name).is_some_and(|value| !value.is_empty());
        if !says("sec-fetch-site") && !says("origin") {
            return Err(Refusal::CrossSite);
        }
    }
    let viewer = match (&cookie, access) {
        (Some(token), _) => accounts::viewer_of(&app, token).await?,
        (None, _) => None,
    };
    match (access, &viewer) {
        (Access::Public, _) | (Access::SignedIn, Some(_)) => {}
        (Access::May(action), Some(viewer)) if viewer.may(action) => {}
        (Access::May(_), Some(_)) => return Err(Refusal::Forbidden),
        (_, None) => {
            let back = if method.is_safe() { request.uri().to_string() } else { "/".to_owned() };
            return Err(Refusal::SignIn(back));
        }
    }
    if let Some(viewer) = viewer {
        request.extensions_mut().insert(Arc::new(viewer));
    }
    Ok(next.run(request).await)
}

/// The address that the request came from.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(*parts.extensions.get::<Self>().expect("the guard sets it"))
    }
}

fn client_address(app: &App, request: &Request) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip().to_canonical());
    if app.proxy.map(|proxy| proxy.to_canonical()) != Some(peer) {
        return peer;
    }
    forwarded(request.headers()).unwrap_or(peer)
}

/// The named proxy appends what it saw, to the line that came in or as a line of its own: the last value of the last
/// line is its word, all before it the client's.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let line = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = line.rsplit(',').next()?.trim();
    last.parse().ok().or_else(|| last.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

impl FromRequestParts<App> for Viewer {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        let viewer = parts.extensions.get::<Arc<Self>>().cloned();
        viewer.map(|viewer| (*viewer).clone()).ok_or_else(|| Refusal::SignIn(parts.uri.to_string()))
    }
}

impl axum::extract::OptionalFromRequestParts<App> for Viewer {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Refusal> {
        Ok(parts.extensions.get::<Arc<Self>>().map(|viewer| (**viewer).clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxys_word_is_the_last_value_of_the_last_line() {
        let of = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            forwarded(&headers).map(|address| address.to_string())
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["9.9.9.9, 203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["9.9.9.9", "203.0.113.7"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["9.9.9.9", "8.8.8.8, 203.0.113.7:51034"]).as_deref(), Some("203.0.113.7"));
        assert_eq!(of(&["203.0.113.7", "unknown"]), None);
    }

    #[test]
    fn a_form_with_files_may_take_what_its_length_needs() {
        let of = |length: Option<&'static str>| {
            let headers = length.map(|length| (header::CONTENT_LENGTH, HeaderValue::from_static(length)));
            longest_sending(&headers.into_iter().collect())
        };
        assert_eq!(of(Some("2000")), LONGEST);
        assert_eq!(of(Some("10000000")), Duration::from_secs(230));
        assert_eq!(of(Some("18446744073709551615")), LONGEST_SENDING);
        assert_eq!(of(None), LONGEST_SENDING);
    }

    #[tokio::test]
    async fn who_waits_in_vain_gets_a_page_that_says_so() {
        let response = within(Duration::ZERO, std::future::pending()).await;
        assert_eq!(response.status(), 503);
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("系统太忙") && text.contains("故障编号"), "{text}");
    }
}
