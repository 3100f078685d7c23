//! What was brought before those above of one petition: sent, decided; and the paper as it goes out.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules::{self, Ground};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::paper::{Block, Paper};
use crate::petitions::card::{Petition, find};
use crate::petitions::papers::record;
use crate::petitions::rules::{State as Step, Terms};
use crate::petitions::veil;
use crate::petitions::voice::is_erased;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, day, forms, html, html_with, see};

/// The routes of what is brought before those above.
pub(in crate::petitions) fn rooms() -> Rooms {
    let access = || Access::May("petitions.submit");
    Rooms::new()
        .get("/petitions/{id}/submissions", access(), page)
        .post("/petitions/{id}/submissions", access(), send)
        .get("/petitions/{id}/submissions/{submission}", access(), letter)
        .get("/petitions/{id}/submissions/{submission}/letter.docx", access(), letter_file)
        .post("/petitions/{id}/submissions/{submission}/decision", access(), decide)
}

/// Where it is brought by default.
const ABOVE: &str = "县委、县人民政府";

/// One of them.
#[derive(Clone, Debug, FromRow)]
struct Submission {
    id: i64,
    number: String,
    ground: String,
    organ: String,
    subject: String,
    content: String,
    unit: i64,
    unit_name: String,
    sent_on: String,
    sent_by: String,
    decided_on: String,
    decision: String,
}

impl Submission {
    fn ground(&self) -> Ground {
        Ground::from_word(&self.ground).unwrap_or(Ground::Urgent)
    }
    fn is_decided(&self) -> bool {
        !self.decided_on.is_empty()
    }
    /// Whether the viewer writes down what was decided: of the unit that sent it, or of whoever disposes of the matter.
    fn is_open_to(&self, viewer: &Viewer, disposes: bool) -> bool {
        !self.is_decided() && (disposes || self.unit == viewer.unit)
    }
}

/// Those of a petition that the caller has found, the newest first.
async fn submissions(read: &mut AnyConnection, viewer: &Viewer, petition: i64) -> Result<Vec<Submission>, sqlx::Error> {
    let mut rows: Vec<Submission> = sqlx::query_as(
        "SELECT s.id, s.number, s.ground, s.organ, s.subject, s.content, s.unit, u.name AS unit_name, s.sent_on,
                f.name AS sent_by, COALESCE(s.decided_on, '') AS decided_on, s.decision
           FROM submission s JOIN official f ON f.id = s.sent_by JOIN unit u ON u.id = s.unit
          WHERE s.petition = $1 ORDER BY s.id DESC LIMIT 100",
    )
    .bind(petition)
    .fetch_all(&mut *read)
    .await?;
    let mut texts: Vec<(i64, &mut String)> = Vec::new();
    for row in &mut rows {
        texts.extend([&mut row.subject, &mut row.content, &mut row.decision].map(|text| (petition, text)));
    }
    veil(read, viewer, texts).await?;
    Ok(rows)
}

/// What waits for a decision: before whom, and since when.
#[derive(Debug, FromRow)]
pub(in crate::petitions) struct Waiting {
    pub(in crate::petitions) organ: String,
    pub(in crate::petitions) sent_on: String,
}

/// What of a petition waits for a decision, the oldest first.
pub(in crate::petitions) async fn waiting(
    read: &mut AnyConnection,
    petition: i64,
) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as(
        "SELECT organ, sent_on FROM submission
          WHERE petition = $1 AND ground = 'decision' AND decided_on IS NULL ORDER BY id LIMIT 20",
    )
    .bind(petition)
    .fetch_all(read)
    .await
}

/// What the forms of the page send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    ground: String,
    organ: String,
    subject: String,
    content: String,
    on: String,
}

#[derive(Template)]
#[template(path = "petitions/submissions/page.html")]
struct SubmissionsPage {
    shell: Shell,
    petition: Petition,
    rows: Vec<Submission>,
    may_send: bool,
    may_write: bool,
    disposes: bool,
    viewer: Viewer,
    terms: Terms,
    /// Which form came back: 0, sending; else the decision of one.
    sent: Option<i64>,
    form: Typed,
    problems: Problems,
    today: Date,
}

impl SubmissionsPage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
    fn came_back(&self, submission: i64) -> bool {
        self.sent == Some(submission)
    }
    fn is_open(&self, row: &Submission) -> bool {
        self.may_write && row.is_open_to(&self.viewer, self.disposes)
    }
    /// What was typed into a form that is not offered any more: it has no field to stand in.
    fn unplaced(&self) -> &str {
        let placed = match self.sent {
            None => true,
            Some(0) => self.may_send,
            Some(id) => self.rows.iter().any(|row| row.id == id && self.is_open(row)),
        };
        if placed { "" } else { &self.form.content }
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, None, Typed::default(), Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, id: i64, sent: Option<i64>, mut form: Typed, problems: Problems) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut petition = find(&mut read, viewer, id).await?;
    let rows = submissions(&mut read, viewer, id).await?;
    veil(&mut read, viewer, vec![(id, &mut petition.title)]).await?;
    let may_write = !is_erased(&mut read, id).await?;
    drop(read);
    record(app, viewer, id).await?;
    let disposes = petition.disposes(viewer);
    if form.key.is_empty() {
        form.key = forms::new_key();
    }
    if sent.is_none() {
        ABOVE.clone_into(&mut form.organ);
        form.on = today.to_string();
        let ground = if disposes { Ground::Decision } else { Ground::Urgent };
        ground.word().clone_into(&mut form.ground);
        form.content = format!("信访事项 {} 反映“{}”。\n情况：\n建议：", petition.number, petition.title);
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SubmissionsPage {
        shell: Shell::new(viewer, "petitions"),
        may_send: may_write && !matches!(petition.state.as_str(), "closed" | "forwarded"),
        may_write,
        disposes,
        viewer: viewer.clone(),
        terms: Terms::on(&app.policy, today)?,
        petition,
        rows,
        sent,
        form,
        problems,
        today,
    };
    html_with(status, &page)
}

#[derive(Template)]
#[template(path = "petitions/submissions/letter.html")]
struct LetterPage {
    shell: Shell,
    petition: Petition,
    submission: i64,
    paper: Paper,
}

/// The paper, to be printed and sent.
async fn letter(State(app): State<App>, viewer: Viewer, Path((id, submission)): Path<(i64, i64)>) -> Page {
    let (petition, paper) = letter_of(&app, &viewer, (id, submission)).await?;
    html(&LetterPage { shell: Shell::new(&viewer, "petitions"), petition, submission, paper })
}

/// The same as a Word file.
async fn letter_file(State(app): State<App>, viewer: Viewer, Path(which): Path<(i64, i64)>) -> Page {
    let (_, paper) = letter_of(&app, &viewer, which).await?;
    Ok(paper.download(&format!("报告 {}", paper.number))?)
}

async fn letter_of(app: &App, viewer: &Viewer, (id, submission): (i64, i64)) -> Result<(Petition, Paper), Refusal> {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, viewer, id).await?;
    let all = submissions(&mut read, viewer, id).await?;
    let one = all.into_iter().find(|one| one.id == submission).ok_or(Refusal::NotFound)?;
    drop(read);
    record(app, viewer, id).await?;
    let (kind, end) = match one.ground() {
        Ground::Decision => ("请示", "妥否，请批示。"),
        Ground::Urgent => ("报告", "特此报告。"),
    };
    let title = format!("{}\n关于{}的{kind}", one.unit_name, one.subject);
    let mut paper = Paper::new(title, one.sent_on.parse()?).text(one.content).text(end);
    (paper.number, paper.recipient, paper.signed_by) = (one.number, one.organ, one.unit_name);
    Ok((petition, paper))
}

/// The day of a form.
fn day_of(form: &Typed, problems: &mut Problems) -> Option<Date> {
    let on = forms::half_width(form.on.trim()).parse().ok();
    problems.require(on.is_some(), "on", "请填写日期，如 2026-11-02");
    on
}

fn measured(problems: &mut Problems, field: &'static str, typed: &str, (least, most): (usize, usize)) -> String {
    let text = forms::tidy(typed);
    let fits = (least..=most).contains(&text.chars().count());
    if !fits {
        problems.add(field, format!("请写 {least} 至 {most} 字"));
    }
    text
}

async fn send(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let today = app.today();
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let petition = find(&mut write, &viewer, id).await?;
    let organ = measured(&mut problems, "organ", &form.organ, (2, 100));
    let subject = measured(&mut problems, "subject", &form.subject, (5, 100));
    let content = measured(&mut problems, "content", &form.content, (10, 5_000));
    let ground = Ground::from_word(&form.ground);
    problems.require(ground.is_some(), "ground", "请选择报请决定还是紧急报告");
    let on = day_of(&form, &mut problems);
    let accused: Vec<(String,)> =
        sqlx::query_as("SELECT u.name FROM recusal r JOIN unit u ON u.id = r.unit WHERE r.petition = $1")
            .bind(id)
            .fetch_all(&mut *write)
            .await?;
    let accused: Vec<String> = accused.into_iter().map(|(name,)| name).collect();
    let state = Step::from_word(&petition.state).ok_or(Refusal::NotFound)?;
    let stands = (state, petition.registered_on.parse()?);
    if let Some((ground, on)) = ground.zip(on)
        && let Err(barred) =
            rules::may_submit(stands, (ground, petition.disposes(&viewer)), (&organ, &accused), (on, today))
    {
        problems.add("", barred.to_string());
    }
    let Some((ground, on)) = ground.zip(on).filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, Some(0), form, problems).await;
    };
    let (submission, to) = (app.id(), format!("/petitions/{id}/submissions"));
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &to).await? {
        return see(&earlier);
    }
    let (serial,): (i64,) = sqlx::query_as(
        "INSERT INTO number_series (series, year, last) VALUES ('攸信报', $1, 1)
         ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last",
    )
    .bind(i64::from(today.year()))
    .fetch_one(&mut *write)
    .await?;
    let number = format!("攸信报〔{}〕{serial}号", today.year());
    sqlx::query(
        "INSERT INTO submission (id, petition, number, ground, organ, subject, content, unit, sent_on, sent_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(submission)
    .bind(id)
    .bind(number.clone())
    .bind(ground.word())
    .bind(organ.clone())
    .bind(subject.clone())
    .bind(content.clone())
    .bind(viewer.unit)
    .bind(on.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let told = json!({ "content": content, "ground": ground, "number": number, "organ": organ, "sent_on": on,
                       "subject": subject });
    chain::record(&mut write, &app, viewer.actor(), "petition.submitted", Subject("petition", id), &told).await?;
    write.commit().await?;
    see(&to)
}

async fn decide(State(app): State<App>, viewer: Viewer, Path(path): Path<(i64, i64)>, Form(form): Form<Typed>) -> Page {
    let (id, submission) = path;
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let petition = find(&mut write, &viewer, id).await?;
    // The row is held, so that two who write at once do not both decide.
    sqlx::query("UPDATE submission SET subject = subject WHERE id = $1").bind(submission).execute(&mut *write).await?;
    let all = submissions(&mut write, &viewer, id).await?;
    let found = all.into_iter().find(|one| one.id == submission).ok_or(Refusal::NotFound)?;
    if is_erased(&mut write, id).await? || !(petition.disposes(&viewer) || found.unit == viewer.unit) {
        return Err(Refusal::NotFound);
    }
    let content = measured(&mut problems, "content", &form.content, (2, 2_000));
    let on = day_of(&form, &mut problems);
    if let Some(on) = on
        && let Err(barred) = rules::may_record(found.sent_on.parse()?, found.is_decided(), (on, app.today()))
    {
        problems.add("", barred.to_string());
    }
    let Some(on) = on.filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, Some(submission), form, problems).await;
    };
    sqlx::query("UPDATE submission SET decided_on = $2, decision = $3, recorded_by = $4 WHERE id = $1")
        .bind(submission)
        .bind(on.to_string())
        .bind(content.clone())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "decided_on": on, "decision": content, "number": found.number });
    let subject = Subject("petition", id);
    chain::record(&mut write, &app, viewer.actor(), "petition.submission_decided", subject, &told).await?;
    write.commit().await?;
    see(&format!("/petitions/{id}/submissions"))
}
