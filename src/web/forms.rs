//! Forms: what was typed comes back with what is wrong; a form that must not run twice carries a key.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use sqlx::AnyConnection;

use super::{App, Refusal};
use crate::secrets::{Purpose, hex, random_hex};

/// A posted form. Fields are text, lists of text for repeated ones, and are judged by the room.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), app)
            .await
            .map_err(|rejection| Refusal::Malformed(rejection.to_string()))?;
        // PostgreSQL keeps no NUL in text; nobody types one.
        if bytes.windows(3).any(|three| three == b"%00") {
            return Err(Refusal::Malformed("表单里有不能用的字符。".to_owned()));
        }
        axum_extra::extract::Form::from_request(Request::from_parts(parts, Body::from(bytes)), app)
            .await
            .map(|axum_extra::extract::Form(value)| Self(value))
            .map_err(|rejection| Refusal::Malformed(rejection.to_string()))
    }
}

/// What is wrong with a form, by field, in the words shown beside it.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// Adds a problem of a field; an empty field name is of the form as a whole.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }

    /// Adds a problem unless the condition holds.
    pub fn require(&mut self, holds: bool, field: &'static str, text: &'static str) {
        if !holds {
            self.add(field, text);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first problem of a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(of, _)| *of == field).map(|(_, text)| text.as_str())
    }

    /// Every problem, for the summary above the form.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, text)| text.as_str())
    }
}

/// A fresh key for a form: 128 random bits.
pub fn new_key() -> String {
    random_hex::<16>()
}

/// Takes a form's key for what it is about to make at `outcome`. `Some(path)` where it was taken before: go there.
///
/// A second post at the same moment waits for the first to commit, on either database.
pub async fn take_key(
    write: &mut AnyConnection,
    app: &App,
    key: &str,
    outcome: &str,
) -> Result<Option<String>, Refusal> {
    if key.len() < 32 || key.len() > 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Err(Refusal::Malformed("表单缺少防重复的标记，请刷新页面后重填。".to_owned()));
    }
    // Kept as a keyed hash: the code on a receipt is made from its form's key.
    let kept = hex(&app.keys.keyed(Purpose::FormKey, key));
    let taken = sqlx::query(
        "INSERT INTO form_key (form_key, outcome, taken_at) VALUES ($1, $2, $3) ON CONFLICT (form_key) DO NOTHING",
    )
    .bind(kept.clone())
    .bind(outcome.to_owned())
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    if taken.rows_affected() == 1 {
        return Ok(None);
    }
    let (earlier,): (String,) =
        sqlx::query_as("SELECT outcome FROM form_key WHERE form_key = $1").bind(kept).fetch_one(write).await?;
    Ok(Some(earlier))
}

/// Text of a form as it is kept: trimmed, line ends as `\n`, without control characters.
pub fn tidy(text: &str) -> String {
    let text: String =
        text.replace("\r\n", "\n").chars().filter(|c| *c == '\n' || *c == '\t' || !c.is_control()).collect();
    text.trim().to_owned()
}

/// Digits and letters typed with a Chinese keyboard, in their ordinary width: `１３８` → `138`.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            c => c,
        })
        .collect()
}

/// A path or text as part of a query string.
pub fn url_encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_digits_become_ordinary_ones() {
        assert_eq!(half_width("１３８ ０００Ｘ"), "138 000X");
        assert_eq!(half_width("攸县"), "攸县");
    }

    #[test]
    fn what_is_kept_has_no_control_characters() {
        assert_eq!(tidy(" 一\r\n二\u{0} "), "一\n二");
    }
}
