//! Authorising documents: performance pay rests on one that is named, or nothing of it goes out (E5).

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Problems, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/documents", Access::May("pay.authorise"), list).post(
        "/pay/documents",
        Access::May("pay.authorise"),
        record,
    )
}

/// A document that allows performance pay from a day, to a day or until further notice.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Document {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) issuer: String,
    pub(super) holds_from: String,
    /// The last day; empty while none is known.
    pub(super) holds_to: String,
}

impl Document {
    /// Whether it holds on every day of the month.
    pub(super) fn covers(&self, month: Month) -> bool {
        // ISO days compare as text.
        self.holds_from <= month.first_day().to_string()
            && (self.holds_to.is_empty() || self.holds_to >= month.last_day().to_string())
    }
}

/// One document.
pub(super) async fn document(read: &mut AnyConnection, id: i64) -> Result<Document, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, number, title, issuer, holds_from, COALESCE(holds_to, '') AS holds_to
           FROM authorising_document WHERE id = $1",
    )
    .bind(id)
    .fetch_one(read)
    .await
}

/// Those that hold on every day of a month, the latest first.
pub(super) async fn covering(read: &mut AnyConnection, month: Month) -> Result<Vec<Document>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, number, title, issuer, holds_from, COALESCE(holds_to, '') AS holds_to
           FROM authorising_document
          WHERE holds_from <= $1 AND (holds_to IS NULL OR holds_to >= $2) ORDER BY holds_from DESC, id DESC LIMIT 20",
    )
    .bind(month.first_day().to_string())
    .bind(month.last_day().to_string())
    .fetch_all(read)
    .await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DocumentForm {
    key: String,
    number: String,
    title: String,
    issuer: String,
    holds_from: String,
    holds_to: String,
}

struct Judged {
    number: String,
    title: String,
    issuer: String,
    from: Date,
    to: Option<Date>,
}

impl DocumentForm {
    fn judge(&self, problems: &mut Problems) -> Option<Judged> {
        let short = |text: &str| (1..=100).contains(&text.chars().count());
        let number = forms::tidy(&self.number);
        problems.require(short(&number), "number", "请填文号，100 字以内");
        let title = forms::tidy(&self.title);
        problems.require(short(&title), "title", "请填标题，100 字以内");
        let issuer = forms::tidy(&self.issuer);
        problems.require(short(&issuer), "issuer", "请填发文机关，100 字以内");
        let from: Option<Date> = forms::half_width(self.holds_from.trim()).parse().ok();
        problems.require(from.is_some(), "holds_from", "请填施行日期，例如 2026-01-01");
        let typed = forms::half_width(self.holds_to.trim());
        let to: Option<Date> = typed.parse().ok();
        problems.require(typed.is_empty() || to.is_some(), "holds_to", "日期写成 2026-12-31，长期有效的不填");
        if let (Some(from), Some(to)) = (from, to) {
            problems.require(from <= to, "holds_to", "失效日在施行日之前");
        }
        let from = from.filter(|_| problems.is_empty())?;
        Some(Judged { number, title, issuer, from, to })
    }
}

#[derive(Template)]
#[template(path = "pay/documents.html")]
struct DocumentsPage {
    shell: Shell,
    documents: Vec<Document>,
    form: DocumentForm,
    problems: Problems,
    law: &'static str,
}

async fn page(app: &App, viewer: &Viewer, form: DocumentForm, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let documents = sqlx::query_as(
        "SELECT id, number, title, issuer, holds_from, COALESCE(holds_to, '') AS holds_to
           FROM authorising_document ORDER BY holds_from DESC, id DESC LIMIT 100",
    )
    .fetch_all(&mut *read)
    .await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DocumentsPage { shell: Shell::new(viewer, "pay"), documents, form, problems, law: rules::LAW };
    html_with(status, &page)
}

async fn list(State(app): State<App>, viewer: Viewer) -> Page {
    let form = DocumentForm { key: forms::new_key(), ..DocumentForm::default() };
    page(&app, &viewer, form, Problems::default()).await
}

async fn record(State(app): State<App>, viewer: Viewer, Form(form): Form<DocumentForm>) -> Page {
    let mut problems = Problems::default();
    let Some(judged) = form.judge(&mut problems) else { return page(&app, &viewer, form, problems).await };
    let id = app.id();
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, "/pay/documents").await? {
        return see(&earlier);
    }
    let added = sqlx::query(
        "INSERT INTO authorising_document (id, number, title, issuer, holds_from, holds_to, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (number) DO NOTHING",
    )
    .bind(id)
    .bind(judged.number.clone())
    .bind(judged.title.clone())
    .bind(judged.issuer.clone())
    .bind(judged.from.to_string())
    .bind(judged.to.map(|to| to.to_string()))
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if added.rows_affected() == 0 {
        drop(write);
        problems.add("number", "这个文号已经登记过");
        return page(&app, &viewer, form, problems).await;
    }
    let content = json!({
        "number": judged.number, "title": judged.title, "issuer": judged.issuer,
        "holds_from": judged.from, "holds_to": judged.to,
    });
    let subject = Subject("authorising_document", id);
    chain::record(&mut write, &app, viewer.actor(), "authorising_document.recorded", subject, &content).await?;
    write.commit().await?;
    see("/pay/documents")
}
