//! 季末点评会 (C8): per bound case what was done, out of the records; the leader's own account; the chief's comment; and the
//! decisions on rewards and penalties of that quarter.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Quarter;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::list::{Asked, Place, places, recorded};
use super::report;
use super::rules::{self, Barred, beside, days, quarter_name};
use super::sight::Eyes;
use super::track::{Binding, Met, PAGE, Which, bindings, evidence, five};
use super::{Stopped, binding};
use crate::accounts::{Viewer, chiefs_of};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::paper::{Block, Paper};
use crate::petitions::rules::Refused;
use crate::petitions::veil;
use crate::petitions::voice::is_erased;
use crate::rewards::{self, Reward};
use crate::web::{
    Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, day, forms, html, html_with, see,
};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/bindings/meeting", Access::May("bindings.list"), page)
        .get("/bindings/meeting/report", Access::May("bindings.list"), paper)
        .get("/bindings/meeting/report.docx", Access::May("bindings.list"), paper_file)
        .post("/bindings/{id}/account", Access::May("bindings.answer"), account)
        .post("/bindings/{id}/comment", Access::May("bindings.decide"), comment)
}

/// A case as the meeting speaks of it.
pub(super) struct Case {
    pub(super) binding: Binding,
    pub(super) five: Vec<Met>,
    /// The leader's account, once it is given; to its writer also the draft.
    pub(super) account: Option<Account>,
    pub(super) comment: Option<Comment>,
}

impl Case {
    /// The account stands; before that it is a draft or nothing.
    fn has_given(&self) -> bool {
        self.account.as_ref().is_some_and(|account| !account.given_on.is_empty())
    }
}

#[derive(Clone, Debug, FromRow)]
pub(super) struct Account {
    binding: i64,
    pub(super) content: String,
    /// '': a draft.
    pub(super) given_on: String,
}

#[derive(Clone, Debug, FromRow)]
pub(super) struct Comment {
    binding: i64,
    pub(super) content: String,
    pub(super) commented_on: String,
    pub(super) by_name: String,
}

/// The cases of a meeting with everything said of them; the second value is the keyset of the next page.
async fn cases(
    read: &mut AnyConnection,
    viewer: &Viewer,
    eyes: &Eyes,
    (quarter, today): (Quarter, Date),
    which: &Which<'_>,
) -> anyhow::Result<(Vec<Case>, Option<String>)> {
    let mut rows = bindings(read, viewer, eyes, which).await?;
    let more = rows.len() > usize::try_from(PAGE)?;
    rows.truncate(usize::try_from(PAGE)?);
    let next = rows.last().filter(|_| more).map(|last| format!("{}.{}", last.due_on, last.id));
    let petitions: Vec<i64> = rows.iter().map(|row| row.petition).collect();
    let evidence = evidence(read, viewer, &petitions, days(quarter).1).await?;
    let of: HashMap<i64, i64> = rows.iter().map(|row| (row.id, row.petition)).collect();
    let listed = |sql: &mut Sql| {
        sql.push(" AND x.binding IN (");
        for (index, row) in rows.iter().enumerate() {
            sql.push(if index == 0 { "" } else { ", " }).bind(row.id);
        }
        sql.push(")");
    };
    let (mut accounts, mut comments): (Vec<Account>, Vec<Comment>) = (Vec::new(), Vec::new());
    if !rows.is_empty() {
        let mut sql = Sql::new(
            "SELECT x.binding, x.content, COALESCE(x.given_on, '') AS given_on FROM binding_account x WHERE x.quarter = ",
        );
        sql.bind(quarter.to_string()).push(" AND (x.given_on IS NOT NULL OR x.written_by = ").bind(viewer.official);
        sql.push(")");
        listed(&mut sql);
        accounts = sql.fetch_all(&mut *read).await?;
        let mut sql = Sql::new(
            "SELECT x.binding, x.content, x.commented_on, f.name AS by_name FROM binding_comment x
               JOIN official f ON f.id = x.commented_by WHERE x.quarter = ",
        );
        sql.bind(quarter.to_string());
        listed(&mut sql);
        comments = sql.fetch_all(&mut *read).await?;
    }
    let mut texts: Vec<(i64, &mut String)> = Vec::new();
    texts.extend(accounts.iter_mut().map(|one| (of[&one.binding], &mut one.content)));
    texts.extend(comments.iter_mut().map(|one| (of[&one.binding], &mut one.content)));
    veil(read, viewer, texts).await?;
    let mut cases = Vec::new();
    for binding in rows {
        cases.push(Case {
            five: five(&evidence, binding.petition, today)?,
            account: accounts.iter().find(|one| one.binding == binding.id).cloned(),
            comment: comments.iter().find(|one| one.binding == binding.id).cloned(),
            binding,
        });
    }
    Ok((cases, next))
}

#[derive(Template)]
#[template(path = "petitions/bound/meeting.html")]
struct MeetingPage {
    shell: Shell,
    cases: Vec<Case>,
    rewards: Vec<Reward>,
    may_see_rewards: bool,
    places: Vec<Place>,
    place: String,
    quarter: Quarter,
    next: Option<String>,
    /// One case alone, whose form came back.
    sent: Option<(&'static str, String)>,
    official: i64,
    may_answer: bool,
    eyes: Eyes,
    problems: Problems,
    today: Date,
}

impl MeetingPage {
    fn name(&self) -> String {
        quarter_name(self.quarter)
    }
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
    fn at(&self, path: &str, quarters: i32) -> String {
        format!("{path}?quarter={}&place={}", beside(self.quarter, quarters), self.place)
    }
    fn is_now(&self) -> bool {
        self.quarter == rules::quarter_of(self.today)
    }
    /// What was typed into a form that came back, or what is kept of it.
    fn text_of<'a>(&'a self, form: &str, kept: Option<&'a Account>) -> &'a str {
        match &self.sent {
            Some((sent, text)) if *sent == form => text,
            _ => kept.map_or("", |account| &account.content),
        }
    }
    /// What was typed into a form that is not offered any more: it has no field to stand in.
    fn unplaced(&self) -> &str {
        let Some((form, text)) = &self.sent else { return "" };
        let offered = |case: &Case| if *form == "account" { self.may_speak(case) } else { self.may_comment(case) };
        if self.cases.iter().any(offered) { "" } else { text }
    }
    fn may_speak(&self, case: &Case) -> bool {
        self.may_answer && case.binding.leader == self.official && case.comment.is_none()
    }
    fn may_comment(&self, case: &Case) -> bool {
        self.eyes.leads(&case.binding.place) && case.binding.leader != self.official && case.comment.is_none()
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let quarter = asked.quarter(app.today());
    let which = Which::Quarter(quarter, asked.place(), asked.after());
    show(&app, &viewer, (quarter, asked.place()), &which, None, Problems::default()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    (quarter, place): (Quarter, &str),
    which: &Which<'_>,
    sent: Option<(&'static str, String)>,
    problems: Problems,
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, app, viewer).await?;
    let (cases, next) = cases(&mut read, viewer, &eyes, (quarter, today), which).await?;
    let may_see_rewards = viewer.may("rewards.list");
    let rewards =
        if may_see_rewards { rewards::of_quarter(&mut read, app, viewer, quarter).await? } else { Vec::new() };
    let places = places(&mut read, &eyes).await?;
    drop(read);
    recorded(app, viewer).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = MeetingPage {
        shell: Shell::new(viewer, "bindings"),
        cases,
        rewards,
        may_see_rewards,
        places,
        place: place.to_owned(),
        next: next.map(|after| format!("/bindings/meeting?quarter={quarter}&place={place}&after={after}")),
        quarter,
        sent,
        official: viewer.official,
        may_answer: viewer.may("bindings.answer"),
        eyes,
        problems,
        today,
    };
    html_with(status, &page)
}

#[derive(Template)]
#[template(path = "petitions/bound/report.html")]
struct PaperPage {
    shell: Shell,
    paper: Paper,
    /// Quarter and place, as an address has them.
    asked: String,
}

/// The report of the meeting, to be printed.
async fn paper(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let paper = report_of(&app, &viewer, &asked).await?;
    let asked = format!("quarter={}&place={}", asked.quarter(app.today()), asked.place());
    html(&PaperPage { shell: Shell::new(&viewer, "bindings"), paper, asked })
}

/// The same as a Word file.
async fn paper_file(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let paper = report_of(&app, &viewer, &asked).await?;
    Ok(paper.download(&paper.title)?)
}

async fn report_of(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Paper, Refusal> {
    let (today, place) = (app.today(), asked.place());
    let quarter = asked.quarter(today);
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, app, viewer).await?;
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let which = Which::Quarter(quarter, place, &after);
        let (mut some, next) = cases(&mut read, viewer, &eyes, (quarter, today), &which).await?;
        all.append(&mut some);
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    let rewards = if viewer.may("rewards.list") {
        rewards::of_quarter(&mut read, app, viewer, quarter).await?
    } else {
        Vec::new()
    };
    drop(read);
    recorded(app, viewer).await?;
    Ok(report::paper(&quarter_name(quarter), &all, &rewards, today))
}

/// What the forms of the page send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    quarter: String,
    content: String,
    /// 1: given; anything else: a draft.
    given: String,
}

/// A case of which may be spoken at that quarter's end, with its petition held: what else is said of it waits.
async fn spoken(
    write: &mut AnyConnection,
    (app, viewer): (&App, &Viewer),
    eyes: &Eyes,
    id: i64,
    quarter: Option<Quarter>,
) -> Result<(Binding, Quarter), Stopped> {
    let found = binding::find(write, viewer, eyes, id).await?;
    sqlx::query("UPDATE petition SET version = version WHERE id = $1")
        .bind(found.petition)
        .execute(&mut *write)
        .await?;
    let found = binding::find(write, viewer, eyes, id).await?;
    if is_erased(write, found.petition).await? {
        return Err(Barred::Act(Refused::Erased).into());
    }
    let quarter = quarter.ok_or(Barred::OtherQuarter)?;
    rules::may_speak(quarter, (found.bound_on.parse()?, found.ended_on.parse().ok()), app.today())?;
    Ok((found, quarter))
}

async fn is_commented(write: &mut AnyConnection, id: i64, quarter: Quarter) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT binding FROM binding_comment WHERE binding = $1 AND quarter = $2")
            .bind(id)
            .bind(quarter.to_string())
            .fetch_optional(write)
            .await?;
    Ok(found.is_some())
}

/// Back to the meeting, or the one case again with what was typed.
async fn answer(
    app: &App,
    viewer: &Viewer,
    (id, form): (i64, &'static str),
    said: Said,
    done: Result<(), Stopped>,
) -> Page {
    let quarter = rules::quarter(&said.quarter).unwrap_or_else(|| rules::quarter_of(app.today()));
    match done {
        Ok(()) => see(&format!("/bindings/meeting?quarter={quarter}#case-{id}")),
        Err(Stopped::Edge(refusal)) => Err(refusal),
        Err(Stopped::Rule(barred)) => {
            let mut problems = Problems::default();
            problems.add("", barred.to_string());
            show(app, viewer, (quarter, ""), &Which::One(id), Some((form, said.content)), problems).await
        }
    }
}

async fn account(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(said): Form<Said>) -> Page {
    let done = give(&app, &viewer, id, &said).await;
    answer(&app, &viewer, (id, "account"), said, done).await
}

async fn give(app: &App, viewer: &Viewer, id: i64, said: &Said) -> Result<(), Stopped> {
    let mut write = app.db.write().await.map_err(Refusal::from)?;
    let eyes = Eyes::of(&mut write, app, viewer).await?;
    let (found, quarter) = spoken(&mut write, (app, viewer), &eyes, id, rules::quarter(&said.quarter)).await?;
    if found.leader != viewer.official {
        return Err(Barred::Act(Refused::NotTheLeader).into());
    }
    if is_commented(&mut write, id, quarter).await? {
        return Err(Barred::Commented.into());
    }
    let given: Option<(Option<String>,)> =
        sqlx::query_as("SELECT given_on FROM binding_account WHERE binding = $1 AND quarter = $2")
            .bind(id)
            .bind(quarter.to_string())
            .fetch_optional(&mut *write)
            .await?;
    // What was given is no draft any more: a change of it is given, measured and recorded like the first.
    let gives = said.given == "1" || given.is_some_and(|(on,)| on.is_some());
    let content = rules::text(&forms::tidy(&said.content), (if gives { 5 } else { 0 }, 2_000))?;
    sqlx::query(
        "INSERT INTO binding_account (binding, quarter, content, written_by, given_on) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (binding, quarter) DO UPDATE SET content = $3, given_on = COALESCE($5, binding_account.given_on)",
    )
    .bind(id)
    .bind(quarter.to_string())
    .bind(content.clone())
    .bind(viewer.official)
    .bind(gives.then(|| app.today().to_string()))
    .execute(&mut *write)
    .await?;
    if gives {
        let told = json!({ "binding": id, "content": content, "quarter": quarter.to_string() });
        let subject = Subject("petition", found.petition);
        chain::record(&mut write, app, viewer.actor(), "binding.accounted", subject, &told).await?;
    }
    write.commit().await.map_err(Refusal::from)?;
    Ok(())
}

async fn comment(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(said): Form<Said>) -> Page {
    let done = speak(&app, &viewer, id, &said).await;
    answer(&app, &viewer, (id, "comment"), said, done).await
}

async fn speak(app: &App, viewer: &Viewer, id: i64, said: &Said) -> Result<(), Stopped> {
    let mut write = app.db.write().await.map_err(Refusal::from)?;
    let eyes = Eyes::of(&mut write, app, viewer).await?;
    let (found, quarter) = spoken(&mut write, (app, viewer), &eyes, id, rules::quarter(&said.quarter)).await?;
    if !eyes.leads(&found.place) {
        return Err(Barred::NotChief(chiefs_of(app, &found.place)?).into());
    }
    if found.leader == viewer.official {
        return Err(Barred::OwnComment.into());
    }
    if is_commented(&mut write, id, quarter).await? {
        return Err(Barred::CommentedBefore.into());
    }
    let content = rules::text(&forms::tidy(&said.content), (2, 1_000))?;
    sqlx::query(
        "INSERT INTO binding_comment (binding, quarter, content, commented_on, commented_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(id)
    .bind(quarter.to_string())
    .bind(content.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let told = json!({ "binding": id, "content": content, "quarter": quarter.to_string() });
    let subject = Subject("petition", found.petition);
    chain::record(&mut write, app, viewer.actor(), "binding.commented", subject, &told).await?;
    write.commit().await.map_err(Refusal::from)?;
    Ok(())
}
