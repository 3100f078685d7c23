//! What there is: the county's themes as services, and where the interface stands.

use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::date;
use serde::Serialize;

use super::answers::{Format, Wrong, day, list, one, wrong};
use crate::petitions::rules::Theme;
use crate::web::{Access, Path, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/open311/discovery.json", Access::Public, discovery)
        .get("/open311/discovery.xml", Access::Public, discovery)
        .get("/open311/v2/services.json", Access::Public, services)
        .get("/open311/v2/services.xml", Access::Public, services)
        .get("/open311/v2/services/{name}", Access::Public, definition)
}

#[derive(Serialize)]
struct Discovery {
    changeset: String,
    contact: &'static str,
    endpoints: Vec<Endpoint>,
}

#[derive(Serialize)]
struct Endpoint {
    specification: &'static str,
    url: &'static str,
    changeset: String,
    r#type: &'static str,
    formats: Vec<&'static str>,
}

async fn discovery(format: Format) -> Response {
    let changeset = day(date(2026, 11, 25), false);
    let endpoint = Endpoint {
        specification: "http://wiki.open311.org/GeoReport_v2",
        url: "/open311/v2",
        changeset: changeset.clone(),
        r#type: "production",
        formats: vec!["application/json", "text/xml"],
    };
    one(format, "discovery", &Discovery { changeset, contact: "县信访局", endpoints: vec![endpoint] })
}

#[derive(Serialize)]
struct Service {
    service_code: &'static str,
    service_name: &'static str,
    description: &'static str,
    /// No further questions belong to a service.
    metadata: bool,
    /// The id of a request is in the answer.
    r#type: &'static str,
    keywords: &'static str,
    group: &'static str,
}

async fn services(format: Format) -> Response {
    let services: Vec<Service> = Theme::ALL
        .iter()
        .map(|theme| Service {
            service_code: theme.word(),
            service_name: theme.label(),
            description: "反映问题、提出建议或者请求，登记后有编号、有期限、有答复",
            metadata: false,
            r#type: "realtime",
            keywords: theme.label(),
            group: "信访",
        })
        .collect();
    list(format, StatusCode::OK, ("services", "service"), &services)
}

/// No service has a definition beyond its line in the list.
async fn definition(format: Format, Path(name): Path<String>) -> Response {
    let code = name.rsplit_once('.').map_or(name.as_str(), |(code, _)| code);
    let text = match Theme::from_word(code) {
        Some(_) => "这项服务没有附加问题",
        None => "没有这项服务",
    };
    wrong(format, &[Wrong::new(StatusCode::NOT_FOUND, text)])
}
