//! One account: the paper, the person's words, the comment; and the same as a Word file.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::{Period, PlanCycle};
use sqlx::AnyConnection;

use super::find::{self, Person, Words, Written};
use super::rules::{self, CannotWrite};
use super::told;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::paper::{Block, Paper};
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, html_with};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/statements/{official}/{period}", Access::May("statements.read"), show).get(
        "/statements/{official}/{period}/statement.docx",
        Access::May("statements.read"),
        word,
    )
}

/// An account as its page, its file and its acts need it.
pub(super) struct Found {
    pub(super) person: Person,
    pub(super) period: Period,
    pub(super) written: Written,
}

/// The account of an address, where the viewer may see it.
pub(super) async fn find(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (official, period): (i64, &str),
) -> Result<Found, Refusal> {
    let period = find::period(period).ok_or(Refusal::NotFound)?;
    if period.first_day() > app.today() {
        return Err(Refusal::NotFound);
    }
    let person = find::person(read, viewer, official, period, app.today()).await?;
    let written = find::written(read, viewer, official, period).await?;
    Ok(Found { person, period, written })
}

/// What was typed into the two forms and did not pass.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) words: Option<String>,
    pub(super) comment: String,
    pub(super) problems: Problems,
    /// Somebody, or the same person elsewhere, has written in the meantime.
    pub(super) overtaken: bool,
}

#[derive(Template)]
#[template(path = "statements/show.html")]
struct StatementPage {
    shell: Shell,
    person: Person,
    path: String,
    paper: Paper,
    written: Written,
    /// What stands in the form of words.
    words: String,
    comment: String,
    problems: Problems,
    overtaken: bool,
    /// The records have moved since it was handed in: what they said then.
    then: Option<Words>,
    may_write: bool,
    /// Why it cannot be handed in yet; empty where it can.
    not_yet: String,
    may_comment: bool,
    late: bool,
    own: bool,
}

/// The page of an account, with what was typed where something was wrong.
pub(super) async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, found: Found, sent: Sent) -> Page {
    let today = app.today();
    let Found { person, period, written } = found;
    let told = told::told(read, viewer, person.official, period).await?;
    let own = person.official == viewer.official;
    let last = if own { written.words.last() } else { written.handed_in() };
    let kept = last.map_or(String::new(), |words| words.content.clone());
    let paper = told::paper(&person, period, &told, (&kept, &written), today);
    let then = written.handed_in().cloned().filter(|words| {
        (words.due, words.cancelled, words.on_time) != (told.counts.due(), told.counts.cancelled, told.counts.on_time)
    });
    let state = written.state();
    let may_write = own && viewer.may("statements.write");
    let rule = rules::write(period, &state, "", true, today);
    let cycle = PlanCycle::of(&app.policy, period).map_err(anyhow::Error::from)?;
    let late = |on: Date| on > cycle.account_to;
    let status = match (sent.overtaken, sent.problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let handed_in: Option<Date> = written.handed_in().and_then(|words| words.handed_in_on.parse().ok());
    let view = StatementPage {
        shell: Shell::new(viewer, "statements"),
        path: format!("/statements/{}/{}", person.official, find::window(period)),
        may_comment: viewer.may("statements.comment")
            && rules::comment(find::reader(viewer, &person), &state, "可以").is_ok(),
        may_write: may_write && rule != Err(CannotWrite::Commented),
        not_yet: rule.err().map_or(String::new(), |why| why.to_string()),
        late: handed_in.is_some_and(late),
        words: sent.words.unwrap_or(kept),
        comment: sent.comment,
        problems: sent.problems,
        overtaken: sent.overtaken,
        paper,
        written,
        then,
        own,
        person,
    };
    html_with(status, &view)
}

/// Whoever reads an account that is not the own leaves a record.
async fn read_by(app: &App, viewer: &Viewer, official: i64) -> Result<(), Refusal> {
    if official == viewer.official {
        return Ok(());
    }
    let mut write = app.db.write().await?;
    let subject = Subject("official", official);
    chain::record_reading(&mut write, app, viewer.actor(), "statement.read", subject).await?;
    write.commit().await?;
    Ok(())
}

async fn show(State(app): State<App>, viewer: Viewer, Path((official, period)): Path<(i64, String)>) -> Page {
    let mut read = app.db.read().await?;
    let found = find(&mut read, &app, &viewer, (official, &period)).await?;
    drop(read);
    read_by(&app, &viewer, official).await?;
    let mut read = app.db.read().await?;
    page(&mut read, &app, &viewer, found, Sent::default()).await
}

/// The account as a Word file: what was handed in, or the draft to its writer.
async fn word(State(app): State<App>, viewer: Viewer, Path((official, period)): Path<(i64, String)>) -> Page {
    let mut read = app.db.read().await?;
    let Found { person, period, written } = find(&mut read, &app, &viewer, (official, &period)).await?;
    let told = told::told(&mut read, &viewer, official, period).await?;
    drop(read);
    read_by(&app, &viewer, official).await?;
    let last = if official == viewer.official { written.words.last() } else { written.handed_in() };
    let words = last.map_or("", |words| words.content.as_str());
    let paper = told::paper(&person, period, &told, (words, &written), app.today());
    let name = format!("{}{}述职报告", person.name, find::window(period).name().replace(' ', ""));
    Ok(paper.download(&name)?)
}
