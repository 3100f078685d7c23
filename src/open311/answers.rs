//! Answers in the shape that was asked for, and errors in the shape that the specification gives them.

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::tz::Offset;
use jiff::{Timestamp, civil};
use serde::Serialize;

use crate::web::{App, Refusal};

/// The shape that the address ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
}

impl Format {
    fn of(path: &str) -> Self {
        if path.rsplit_once('.').is_some_and(|(_, ending)| ending == "xml") { Self::Xml } else { Self::Json }
    }
}

impl FromRequestParts<App> for Format {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Refusal> {
        Ok(Self::of(parts.uri.path()))
    }
}

/// What the elements of an answer are called in XML: the list, and one of it.
pub(super) type Names = (&'static str, &'static str);

/// A list; JSON has no name for it.
pub(super) fn list<T: Serialize>(format: Format, status: StatusCode, names: Names, rows: &[T]) -> Response {
    match format {
        Format::Json => answer(status, format, serde_json::to_string(rows).map_err(anyhow::Error::from)),
        Format::Xml => {
            let within = BTreeMap::from([(names.1, rows)]);
            answer(status, format, xml(names.0, &within))
        }
    }
}

/// A single thing under its name.
pub(super) fn one<T: Serialize>(format: Format, name: &'static str, row: &T) -> Response {
    match format {
        Format::Json => answer(StatusCode::OK, format, serde_json::to_string(row).map_err(anyhow::Error::from)),
        Format::Xml => answer(StatusCode::OK, format, xml(name, row)),
    }
}

fn xml<T: Serialize>(root: &str, value: &T) -> anyhow::Result<String> {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    value.serialize(quick_xml::se::Serializer::with_root(&mut text, Some(root))?)?;
    Ok(text)
}

fn answer(status: StatusCode, format: Format, body: anyhow::Result<String>) -> Response {
    let kind = match format {
        Format::Json => "application/json; charset=utf-8",
        Format::Xml => "text/xml; charset=utf-8",
    };
    match body {
        Ok(body) => (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response(),
        Err(error) => Refusal::Fault(error).into_response(),
    }
}

/// What is wrong, in words for whoever wrote the program or the person before it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Wrong {
    code: u16,
    description: String,
}

impl Wrong {
    pub(super) fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self { code: status.as_u16(), description: description.into() }
    }
}

/// Errors, with the status of the first.
pub(super) fn wrong(format: Format, errors: &[Wrong]) -> Response {
    let status = errors.first().and_then(|first| StatusCode::from_u16(first.code).ok());
    list(format, status.unwrap_or(StatusCode::BAD_REQUEST), ("errors", "error"), errors)
}

/// An outcome at the edge in the same shape; a fault keeps its page with the reference number.
pub(super) fn refused(format: Format, refusal: Refusal) -> Response {
    let (status, text) = match &refusal {
        Refusal::NotFound => (StatusCode::NOT_FOUND, "没有这个编号".to_owned()),
        Refusal::Malformed(text) => (StatusCode::BAD_REQUEST, text.clone()),
        Refusal::Stale => (StatusCode::CONFLICT, "请再试一次".to_owned()),
        Refusal::TooMany(seconds) => (StatusCode::TOO_MANY_REQUESTS, format!("请等 {seconds} 秒再试")),
        _ => return refusal.into_response(),
    };
    wrong(format, &[Wrong::new(status, text)])
}

/// An instant as the specification writes it: 2026-11-02T09:00:00+08:00.
pub(super) fn instant(at: Timestamp) -> String {
    format!("{}+08:00", Offset::constant(8).to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The beginning of a day, or its end where something is due in its course.
pub(super) fn day(on: civil::Date, end: bool) -> String {
    format!("{on}T{}+08:00", if end { "23:59:59" } else { "00:00:00" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_names_in_xml_alone_and_its_text_is_escaped() {
        let rows = [Wrong::new(StatusCode::NOT_FOUND, "<a> & b"), Wrong::new(StatusCode::NOT_FOUND, "二")];
        let text = xml("errors", &BTreeMap::from([("error", &rows[..])])).unwrap();
        assert_eq!(
            text,
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<errors><error><code>404</code>\
             <description>&lt;a&gt; &amp; b</description></error><error><code>404</code>\
             <description>二</description></error></errors>"
        );
        let none: [Wrong; 0] = [];
        let text = xml("errors", &BTreeMap::from([("error", &none[..])])).unwrap();
        assert!(text.ends_with("<errors/>"), "{text}");
    }
}
