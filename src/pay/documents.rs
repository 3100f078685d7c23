//! Authorising documents: performance pay rests on one that is named, or nothing of it goes out (E5). The paper itself
//! lies beside the row; the last day of one may become known later.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules;
use super::scheme::rules::Authority;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::files::{self, HeldFile, Holder, HolderKind, Received, Sent, Waiting};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html_with, see};

const ACCESS: Access = Access::May("pay.authorise");

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/pay/documents", ACCESS, list)
        .post_files("/pay/documents", ACCESS, record)
        .post_files("/pay/documents/{id}/files", ACCESS, add)
        .post("/pay/documents/{id}/end", ACCESS, end)
        .get("/pay/documents/{id}/files/{file}", Access::May("pay.scheme"), open)
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
    /// Its days, as the rules judge them.
    pub(super) fn authority(&self) -> Authority<'_> {
        Authority { holds_from: &self.holds_from, holds_to: &self.holds_to }
    }
    /// Whether it holds on every day of the month.
    pub(super) fn covers(&self, month: Month) -> bool {
        self.authority().covers(month)
    }
    /// Whether it holds today, and the colour of that tag.
    pub(super) fn state(&self, today: &Date) -> (&'static str, &'static str) {
        let today = today.to_string();
        match () {
            () if today < self.holds_from => ("未施行", "on"),
            () if !self.holds_to.is_empty() && self.holds_to < today => ("已失效", ""),
            () => ("施行中", "ok"),
        }
    }
    /// Whether nothing of it was attached.
    pub(super) fn has_no(&self, files: &[HeldFile]) -> bool {
        files.iter().all(|file| file.holder != self.id)
    }
}

const SELECT: &str = "SELECT id, number, title, issuer, holds_from, COALESCE(holds_to, '') AS holds_to
   FROM authorising_document ";

/// One document.
pub(super) async fn document(read: &mut AnyConnection, id: i64) -> Result<Document, sqlx::Error> {
    let sql = format!("{SELECT} WHERE id = $1");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_one(read).await
}

/// The latest hundred.
pub(super) async fn all(read: &mut AnyConnection) -> Result<Vec<Document>, sqlx::Error> {
    let sql = format!("{SELECT} ORDER BY holds_from DESC, id DESC LIMIT 100");
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(read).await
}

/// Those that hold on every day of a month, the latest first.
pub(super) async fn covering(read: &mut AnyConnection, month: Month) -> Result<Vec<Document>, sqlx::Error> {
    let sql = format!(
        "{SELECT} WHERE holds_from <= $1 AND (holds_to IS NULL OR holds_to >= $2)
          ORDER BY holds_from DESC, id DESC LIMIT 20"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(month.first_day().to_string())
        .bind(month.last_day().to_string())
        .fetch_all(read)
        .await
}

/// Whether some document holds on a day.
pub(super) async fn holding(read: &mut AnyConnection, on: Date) -> Result<bool, sqlx::Error> {
    let (held,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM authorising_document WHERE holds_from <= $1 AND (holds_to IS NULL OR holds_to >= $1)",
    )
    .bind(on.to_string())
    .fetch_one(read)
    .await?;
    Ok(held > 0)
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
    today: Date,
    documents: Vec<Document>,
    files: Vec<HeldFile>,
    form: DocumentForm,
    /// Of the forms beside each document.
    key: String,
    problems: Problems,
    law: &'static str,
    /// What came with the form and was taken in already.
    held: Vec<Waiting>,
    optional: bool,
}

async fn page(app: &App, viewer: &Viewer, form: DocumentForm, problems: Problems, held: Vec<Waiting>) -> Page {
    let mut read = app.db.read().await?;
    let documents = all(&mut read).await?;
    let files = files::of_kind(&mut read, HolderKind::AuthorisingDocument).await?;
    drop(read);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DocumentsPage {
        shell: Shell::new(viewer, "pay"),
        today: app.today(),
        documents,
        files,
        form,
        key: forms::new_key(),
        problems,
        law: rules::LAW,
        held,
        optional: true,
    };
    html_with(status, &page)
}

fn fresh() -> DocumentForm {
    DocumentForm { key: forms::new_key(), ..DocumentForm::default() }
}

async fn list(State(app): State<App>, viewer: Viewer) -> Page {
    page(&app, &viewer, fresh(), Problems::default(), Vec::new()).await
}

fn complain(received: &Received, problems: &mut Problems) {
    for text in &received.refused {
        problems.add("files", text.clone());
    }
}

async fn record(State(app): State<App>, viewer: Viewer, request: Request) -> Page {
    let Sent { form, files } = files::read::<DocumentForm>(request, &app).await?;
    let received = files::receive(&app, files, None).await?;
    let mut problems = Problems::default();
    complain(&received, &mut problems);
    let Some(judged) = form.judge(&mut problems) else {
        return page(&app, &viewer, form, problems, received.waiting).await;
    };
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
        return page(&app, &viewer, form, problems, received.waiting).await;
    }
    let content = json!({
        "number": judged.number, "title": judged.title, "issuer": judged.issuer,
        "holds_from": judged.from, "holds_to": judged.to,
    });
    let subject = Subject("authorising_document", id);
    chain::record(&mut write, &app, viewer.actor(), "authorising_document.recorded", subject, &content).await?;
    let holder = Holder(HolderKind::AuthorisingDocument, id);
    files::give(&mut write, &app, viewer.actor(), holder, &received.waiting).await?;
    write.commit().await?;
    see("/pay/documents")
}

/// How many files one document has at the most.
const MOST_FILES: usize = 30;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Adding {
    key: String,
}

async fn add(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, request: Request) -> Page {
    let mut read = app.db.read().await?;
    find(&mut read, id).await?;
    drop(read);
    let Sent { form, files } = files::read::<Adding>(request, &app).await?;
    let mut problems = Problems::default();
    problems.require(!files.is_empty(), "files", "请选择要添加的文件");
    let received = files::receive(&app, files, None).await?;
    complain(&received, &mut problems);
    if !problems.is_empty() {
        return page(&app, &viewer, fresh(), problems, Vec::new()).await;
    }
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, "/pay/documents").await? {
        return see(&earlier);
    }
    // The row is held, so that two who add at once do not both find room for the last.
    sqlx::query("UPDATE authorising_document SET number = number WHERE id = $1").bind(id).execute(&mut *write).await?;
    let there = files::of_kind(&mut write, HolderKind::AuthorisingDocument).await?;
    if there.iter().filter(|file| file.holder == id).count() + received.waiting.len() > MOST_FILES {
        drop(write);
        problems.add("files", format!("一份文件的附件至多 {MOST_FILES} 个"));
        return page(&app, &viewer, fresh(), problems, Vec::new()).await;
    }
    let holder = Holder(HolderKind::AuthorisingDocument, id);
    files::give(&mut write, &app, viewer.actor(), holder, &received.waiting).await?;
    write.commit().await?;
    see("/pay/documents")
}

async fn find(read: &mut AnyConnection, id: i64) -> Result<Document, Refusal> {
    let sql = format!("{SELECT} WHERE id = $1");
    let found: Option<Document> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(read).await?;
    found.ok_or(Refusal::NotFound)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EndForm {
    key: String,
    /// The last day that the page showed.
    was: String,
    holds_to: String,
}

/// The last day of a document becomes known: it was repealed, or another says how long it holds.
async fn end(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<EndForm>) -> Page {
    let mut write = app.db.write().await?;
    let document = find(&mut write, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, "/pay/documents").await? {
        return see(&earlier);
    }
    let to: Option<Date> = forms::half_width(form.holds_to.trim()).parse().ok();
    let mut problems = Problems::default();
    problems.require(to.is_some(), "end", "最后一日没有改：日期写成 2026-12-31");
    if let Some(to) = to {
        problems.require(document.holds_from <= to.to_string(), "end", "最后一日没有改：它在施行日之前");
    }
    let Some(to) = to.filter(|_| problems.is_empty()) else {
        drop(write);
        return page(&app, &viewer, fresh(), problems, Vec::new()).await;
    };
    let ended =
        sqlx::query("UPDATE authorising_document SET holds_to = $2 WHERE id = $1 AND COALESCE(holds_to, '') = $3")
            .bind(id)
            .bind(to.to_string())
            .bind(form.was.clone())
            .execute(&mut *write)
            .await?;
    if ended.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    let content = json!({ "number": document.number, "holds_to": to, "was": document.holds_to });
    let subject = Subject("authorising_document", id);
    chain::record(&mut write, &app, viewer.actor(), "authorising_document.ended", subject, &content).await?;
    write.commit().await?;
    see("/pay/documents")
}

/// The paper itself, for everybody whose pay rests on it.
async fn open(State(app): State<App>, Path((id, file)): Path<(i64, i64)>) -> Page {
    let mut read = app.db.read().await?;
    let found = files::find_of(&mut read, Holder(HolderKind::AuthorisingDocument, id), file).await?;
    drop(read);
    files::open(&app, found).await
}
