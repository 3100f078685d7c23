//! 季度包案清单: what waits for approval, what is bound, and what was not approved; as a page, on paper and in Excel.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use policy::Quarter;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::propose::{Proposal, proposals};
use super::rules::{beside, quarter, quarter_name, quarter_of};
use super::sight::Eyes;
use super::track::{Binding, Evidence, PAGE, Which, bindings, evidence, met};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::sheet::{self, Format};
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/bindings", Access::May("bindings.list"), page).get(
        "/bindings/export.xlsx",
        Access::May("bindings.list"),
        export,
    )
}

/// Which list is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    quarter: String,
    place: String,
    after: String,
}

impl Asked {
    /// The quarter asked for; this one where none can be read.
    pub(super) fn quarter(&self, today: Date) -> Quarter {
        quarter(&self.quarter).unwrap_or_else(|| quarter_of(today))
    }

    /// The keyset from which the page begins; '' the first.
    pub(super) fn after(&self) -> &str {
        &self.after
    }

    /// The list asked for, of those that a code can name.
    pub(super) fn place(&self) -> &str {
        let digits = self.place.bytes().all(|byte| byte.is_ascii_digit());
        if digits && matches!(self.place.len(), 6 | 9) { &self.place } else { "" }
    }
}

/// A list that can be chosen.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Place {
    pub(super) code: String,
    pub(super) name: String,
}

/// The lists that a county's office can choose from; nobody else finds more than one.
pub(super) async fn places(read: &mut AnyConnection, eyes: &Eyes) -> Result<Vec<Place>, sqlx::Error> {
    if !eyes.is_county_office() {
        return Ok(Vec::new());
    }
    let mut places: Vec<Place> = sqlx::query_as(
        "SELECT code, name FROM division WHERE kind IN ('county', 'township', 'street') AND valid_to IS NULL
          ORDER BY length(code), code",
    )
    .fetch_all(read)
    .await?;
    for place in places.iter_mut().filter(|place| place.code.len() == 6) {
        "县级".clone_into(&mut place.name);
    }
    Ok(places)
}

#[derive(Template)]
#[template(path = "petitions/bound/list.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides its own part of the page")]
struct ListPage {
    shell: Shell,
    waiting: Vec<Proposal>,
    declined: Vec<Proposal>,
    rows: Vec<Binding>,
    evidence: Vec<Evidence>,
    places: Vec<Place>,
    place: String,
    quarter: Quarter,
    next: Option<String>,
    is_first: bool,
    may_propose: bool,
    may_answer: bool,
    is_chief: bool,
    today: Date,
}

impl ListPage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
    fn met(&self, binding: &Binding) -> usize {
        met(&self.evidence, binding.petition)
    }
    fn name(&self) -> String {
        quarter_name(self.quarter)
    }
    /// The address of the list, or of another quarter's.
    fn at(&self, path: &str, quarters: i32) -> String {
        format!("{path}?quarter={}&place={}", beside(self.quarter, quarters), self.place)
    }
    fn is_now(&self) -> bool {
        self.quarter == quarter_of(self.today)
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let quarter = asked.quarter(today);
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, &app, &viewer).await?;
    let place = if eyes.is_county_office() { asked.place() } else { "" };
    let which = Which::Quarter(quarter, place, &asked.after);
    let mut rows = bindings(&mut read, &viewer, &eyes, &which).await?;
    let proposed = if asked.after.is_empty() {
        proposals(&mut read, &viewer, &eyes, (&quarter.to_string(), place, None)).await?
    } else {
        Vec::new()
    };
    let more = rows.len() > usize::try_from(PAGE)?;
    rows.truncate(usize::try_from(PAGE)?);
    let petitions: Vec<i64> = rows.iter().map(|row| row.petition).collect();
    let evidence = evidence(&mut read, &viewer, &petitions, today).await?;
    let places = places(&mut read, &eyes).await?;
    drop(read);
    recorded(&app, &viewer).await?;
    let next = rows
        .last()
        .filter(|_| more)
        .map(|last| format!("/bindings?quarter={quarter}&place={place}&after={}.{}", last.due_on, last.id));
    let (waiting, declined) = proposed.into_iter().partition(|one| one.decided_on.is_empty());
    html(&ListPage {
        shell: Shell::new(&viewer, "bindings"),
        waiting,
        declined,
        rows,
        evidence,
        places,
        place: place.to_owned(),
        quarter,
        next,
        is_first: asked.after.is_empty(),
        may_propose: viewer.may("bindings.propose"),
        may_answer: viewer.may("bindings.answer"),
        is_chief: eyes.chief.is_some(),
        today,
    })
}

/// Records that a list, which tells of many petitions, was read.
pub(super) async fn recorded(app: &App, viewer: &Viewer) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    let subject = Subject("official", viewer.official);
    chain::record_reading(&mut write, app, viewer.actor(), "bindings.read", subject).await?;
    Ok(write.commit().await?)
}

const COLUMNS: [&str; 13] = [
    "编号",
    "事项",
    "清单",
    "依据",
    "提请理由",
    "包案领导",
    "状态",
    "包案日期",
    "期限",
    "剩余",
    "五包已有记录",
    "批准人",
    "移交",
];

/// Rows of a list that an Excel file holds; no quarter of a county has more.
const MOST: usize = 5_000;

/// The list as a file: proposals that wait, then what is bound, in the order of the page.
async fn export(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let quarter = asked.quarter(today);
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, &app, &viewer).await?;
    let place = if eyes.is_county_office() { asked.place() } else { "" };
    let mut lines: Vec<Vec<String>> = Vec::new();
    for one in proposals(&mut read, &viewer, &eyes, (&quarter.to_string(), place, None)).await? {
        let state = if one.decided_on.is_empty() { "待批准" } else { "未批准" };
        lines.push(vec![
            one.number.clone(),
            one.title.clone(),
            one.list().to_owned(),
            one.labels(),
            one.reason.clone(),
            one.leader_name.clone(),
            state.to_owned(),
            String::new(),
            one.due_on.clone(),
            String::new(),
            String::new(),
            one.decided_by.clone(),
            String::new(),
        ]);
    }
    let mut after = String::new();
    while lines.len() < MOST {
        let mut rows = bindings(&mut read, &viewer, &eyes, &Which::Quarter(quarter, place, &after)).await?;
        let more = rows.len() > usize::try_from(PAGE)?;
        rows.truncate(usize::try_from(PAGE)?);
        let petitions: Vec<i64> = rows.iter().map(|row| row.petition).collect();
        let evidence = evidence(&mut read, &viewer, &petitions, today).await?;
        for row in &rows {
            lines.push(vec![
                row.number.clone(),
                row.title.clone(),
                row.list().to_owned(),
                row.basis(),
                row.reason.clone(),
                row.leader_name.clone(),
                row.state().to_owned(),
                row.bound_on.clone(),
                row.due_on.clone(),
                row.standing(&today).text,
                format!("{}/5", met(&evidence, row.petition)),
                row.approved_by.clone(),
                row.handing_to.clone(),
            ]);
        }
        match rows.last().filter(|_| more) {
            Some(last) => after = format!("{}.{}", last.due_on, last.id),
            None => break,
        }
    }
    drop(read);
    // What leaves the house leaves a record, before it leaves.
    let mut write = app.db.write().await?;
    let taken = json!({ "place": place, "quarter": quarter.to_string(), "rows": lines.len() });
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, &app, viewer.actor(), "bindings.exported", subject, &taken).await?;
    write.commit().await?;
    let bytes = tokio::task::spawn_blocking(move || sheet::write(Format::Xlsx, &COLUMNS, lines))
        .await
        .map_err(anyhow::Error::from)??;
    let headers = [
        (header::CONTENT_TYPE, Format::Xlsx.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"bindings-{quarter}.xlsx\"")),
    ];
    Ok((headers, bytes).into_response())
}
