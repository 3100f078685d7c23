//! `/pay/schemes`: the scheme in force with its sources, those before it and those to come; and the form that sets one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::values::{GroupBounds, StakeRow};
use policy::{Month, Policy};
use serde_json::json;
use sqlx::AnyConnection;

use super::rules::{self, ClassRow, Setting, Typed, Wrong};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::files::{self, HeldFile, HolderKind};
use crate::imports::{ValueRow, take_values};
use crate::pay::documents::{self, Document};
use crate::pay::rules::LAW;
use crate::values;
use crate::web::{Access, App, Form, Page, Rooms, Shell, forms, html_with, see};

pub(in crate::pay) fn rooms() -> Rooms {
    Rooms::new().get("/pay/schemes", Access::May("pay.scheme"), show).post(
        "/pay/schemes",
        Access::May("pay.authorise"),
        set,
    )
}

/// The fields of a form that changes values: empty ones leave theirs as it is.
pub(in crate::pay) struct Fields {
    pub(in crate::pay) settings: Vec<Setting>,
    pub(in crate::pay) rows: Vec<ClassRow>,
    pub(in crate::pay) stakes: [(StakeRow, &'static str, &'static str); 3],
    pub(in crate::pay) groups: [(GroupBounds, &'static str, &'static str); 2],
    typed: Typed,
    wrong: Wrong,
}

impl Fields {
    /// For the values of a day, with what was typed and what is wrong with it.
    pub(in crate::pay) fn new(policy: &Policy, on: Date, typed: Typed, wrong: Wrong) -> Self {
        let settings = rules::settings(policy, on);
        let rows = rules::form_rows(policy, on, &typed);
        Self { settings, rows, stakes: rules::STAKES, groups: rules::GROUPS, typed, wrong }
    }
    pub(in crate::pay) fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }
    pub(in crate::pay) fn all(&self) -> &Typed {
        &self.typed
    }
    pub(in crate::pay) fn wrong(&self, key: &str) -> Option<&str> {
        self.wrong.get(key).map(String::as_str)
    }
    pub(in crate::pay) fn has_changes(&self) -> bool {
        self.has_classes() || self.typed.iter().any(|(name, text)| name.starts_with("pay.") && !text.is_empty())
    }
    pub(in crate::pay) fn has_classes(&self) -> bool {
        self.typed.contains_key("classes")
    }
}

/// A value that a step changes.
struct StepLine {
    label: String,
    before: String,
    value: String,
    source: String,
}

/// What changes on a day.
struct Step {
    from: Date,
    to_come: bool,
    lines: Vec<StepLine>,
    /// Who set it under which document; empty for values that came in otherwise.
    document: String,
    /// Whether some document covers its month.
    covered: bool,
}

#[derive(Template)]
#[template(path = "pay/scheme/page.html")]
struct SchemePage {
    shell: Shell,
    today: Date,
    /// The first day of the newest step that holds today.
    current: String,
    law: &'static str,
    authorised: bool,
    now: Vec<Setting>,
    classes: Vec<ClassRow>,
    cut_off: Option<i64>,
    steps: Vec<Step>,
    documents: Vec<Document>,
    files: Vec<HeldFile>,
    fields: Fields,
    months: Vec<Month>,
    key: String,
    seen: i64,
    problem: Option<String>,
    may_set: bool,
    may_simulate: bool,
}

async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    page(&app, &viewer, Typed::new(), Wrong::new(), None).await
}

/// What was typed without blanks around it, the values in ordinary width.
pub(in crate::pay) fn tidied(typed: Typed) -> Typed {
    let tidy = |name: &str, text: &str| match forms::tidy(text) {
        text if name.starts_with("pay.") => forms::half_width(&text),
        text => text,
    };
    typed.into_iter().map(|(name, text)| (name.clone(), tidy(&name, &text))).collect()
}

/// Why a form came back.
enum Why {
    Rule(String),
    Overtaken,
}

async fn page(app: &App, viewer: &Viewer, typed: Typed, wrong: Wrong, why: Option<Why>) -> Page {
    let mut read = app.db.read().await?;
    let documents = documents::all(&mut read).await?;
    let files = files::of_kind(&mut read, HolderKind::AuthorisingDocument).await?;
    let set_by = set_by(&mut read).await?;
    let seen = last(&mut read).await?;
    let authorised = documents::holding(&mut read, app.today()).await?;
    drop(read);
    let today = app.today();
    // One set of values from here to the end, whatever is put in force meanwhile.
    let policy: &Policy = &app.policy;
    let days = rules::days(policy);
    let current = days.iter().rev().find(|day| **day <= today).map(ToString::to_string).unwrap_or_default();
    let mut steps: Vec<Step> = Vec::new();
    for (at, from) in days.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| rules::settings(policy, days[before])).unwrap_or_default();
        let lines = rules::settings(policy, *from).into_iter().filter(|one| one.from == *from).map(|one| StepLine {
            before: before.iter().find(|old| old.key == one.key).map_or("—".to_owned(), |old| old.value.clone()),
            label: one.label,
            value: one.value,
            source: one.source,
        });
        let day = from.to_string();
        let document = set_by.iter().find(|(from, ..)| *from == day);
        steps.push(Step {
            from: *from,
            to_come: *from > today,
            lines: lines.collect(),
            document: document.map_or(String::new(), |(_, number, title, who, on)| {
                format!("依据 {number}《{title}》，{who} {on} 登记")
            }),
            covered: documents.iter().any(|one| one.covers(Month::of(*from))),
        });
    }
    steps.reverse();
    let (status, problem) = match why {
        None if wrong.is_empty() => (StatusCode::OK, None),
        None => (StatusCode::UNPROCESSABLE_ENTITY, Some("有填得不对的，请改正后再提交".to_owned())),
        Some(Why::Rule(text)) => (StatusCode::UNPROCESSABLE_ENTITY, Some(text)),
        Some(Why::Overtaken) => (StatusCode::CONFLICT, Some("别人刚刚定了一个方案，请核对后再提交".to_owned())),
    };
    let this = Month::of(today);
    let newest = days.last().copied().unwrap_or(today).max(today);
    let page = SchemePage {
        shell: Shell::new(viewer, if viewer.may("pay.list") { "pay" } else { "my-pay" }),
        today,
        current,
        law: LAW,
        authorised,
        now: rules::settings(policy, today).into_iter().filter(Setting::is_single).collect(),
        classes: rules::class_rows(policy, today),
        cut_off: policy.number("plan.cancel_by.day", today).ok(),
        steps,
        documents,
        files,
        fields: Fields::new(policy, newest, typed, wrong),
        months: (-12..=12).rev().map(|ahead| this.plus(ahead)).collect(),
        key: forms::new_key(),
        seen,
        problem,
        may_set: viewer.may("pay.authorise"),
        may_simulate: viewer.may("pay.simulate"),
    };
    html_with(status, &page)
}

/// Under which document the values of a day were set: day, number, title, who, when; the latest of a day first.
async fn set_by(read: &mut AnyConnection) -> Result<Vec<(String, String, String, String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT s.holds_from, d.number, d.title, o.name, s.recorded_on
           FROM pay_scheme s JOIN authorising_document d ON d.id = s.document JOIN official o ON o.id = s.recorded_by
          ORDER BY s.holds_from DESC, s.id DESC",
    )
    .fetch_all(read)
    .await
}

/// The last scheme that somebody set.
async fn last(read: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    let (last,): (i64,) = sqlx::query_as("SELECT COALESCE(MAX(id), 0) FROM pay_scheme").fetch_one(read).await?;
    Ok(last)
}

/// The last month of which some settlement was submitted.
async fn submitted(read: &mut AnyConnection) -> anyhow::Result<Option<Month>> {
    let (month,): (Option<String>,) =
        sqlx::query_as("SELECT MAX(month) FROM pay_run WHERE submitted_on IS NOT NULL AND replaced_by IS NULL")
            .fetch_one(read)
            .await?;
    Ok(month.map(|month| month.parse()).transpose()?)
}

async fn set(State(app): State<App>, viewer: Viewer, Form(typed): Form<Typed>) -> Page {
    let typed = tidied(typed);
    let field = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let Ok(month) = field("from").parse::<Month>() else {
        let why = Why::Rule("请选择自哪个月起".to_owned());
        return page(&app, &viewer, typed, Wrong::new(), Some(why)).await;
    };
    let from = month.first_day();
    let policy: &Policy = &app.policy;
    let changes = match rules::changes(policy, from, &typed) {
        Ok(changes) => changes,
        Err(wrong) => return page(&app, &viewer, typed, wrong, None).await,
    };
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &field("key"), "/pay/schemes").await? {
        return see(&earlier);
    }
    let documents = documents::all(&mut write).await?;
    let document = documents.iter().find(|document| document.id.to_string() == field("document"));
    let submitted = submitted(&mut write).await?;
    if let Err(why) = rules::set(document.map(Document::authority), month, submitted, &changes) {
        drop(write);
        return page(&app, &viewer, typed, Wrong::new(), Some(Why::Rule(why.to_string()))).await;
    }
    let Some(document) = document else { return see("/pay/schemes") };
    let source = match field("article").as_str() {
        "" => format!("《{}》{}", document.title, document.number),
        article => format!("《{}》{} {article}", document.title, document.number),
    };
    let rows: Vec<ValueRow> = changes
        .iter()
        .map(|change| [change.key.clone(), from.to_string(), change.text.clone(), source.clone()])
        .collect();
    // Whoever takes values waits here for whoever takes some: what was last is known from then on.
    if let Err(why) = take_values(&mut write, &app, viewer.actor(), &rows).await? {
        drop(write);
        return page(&app, &viewer, typed, Wrong::new(), Some(Why::Rule(why))).await;
    }
    if last(&mut write).await?.to_string() != field("seen") {
        drop(write);
        return page(&app, &viewer, typed, Wrong::new(), Some(Why::Overtaken)).await;
    }
    let id = app.id();
    sqlx::query(
        "INSERT INTO pay_scheme (id, document, holds_from, recorded_on, recorded_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(document.id)
    .bind(from.to_string())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let set: Vec<_> = changes.iter().map(|change| json!([change.key, change.text])).collect();
    let content = json!({ "document": document.number, "from": from, "values": set });
    chain::record(&mut write, &app, viewer.actor(), "pay_scheme.recorded", Subject("pay_scheme", id), &content).await?;
    write.commit().await?;
    values::load(&app).await?;
    see("/pay/schemes")
}
