//! The inquiries on one petition: sent, answered, told; and the letter as it goes out.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules::{self, Barred};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::entries;
use crate::paper::{Block, Paper};
use crate::petitions::card::{Petition, find};
use crate::petitions::rules::{State as Step, Terms};
use crate::petitions::veil;
use crate::petitions::voice::is_erased;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, day, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/petitions/{id}/inquiries", Access::May("inquiries.list"), page)
        .post("/petitions/{id}/inquiries", Access::May("inquiries.write"), send)
        .get("/petitions/{id}/inquiries/{inquiry}", Access::May("inquiries.list"), letter)
        .get("/petitions/{id}/inquiries/{inquiry}/letter.docx", Access::May("inquiries.list"), letter_file)
        .post("/petitions/{id}/inquiries/{inquiry}/answer", Access::May("inquiries.write"), answer)
        .post("/petitions/{id}/inquiries/{inquiry}/telling", Access::May("inquiries.write"), tell)
}

/// An inquiry.
#[derive(Clone, Debug, FromRow)]
struct Inquiry {
    id: i64,
    number: String,
    organ: String,
    question: String,
    content: String,
    sent_on: String,
    sent_by: String,
    answered_on: String,
    answer: String,
    told_on: String,
    told: String,
}

impl Inquiry {
    fn is_answered(&self) -> bool {
        !self.answered_on.is_empty()
    }
    fn is_told(&self) -> bool {
        !self.told_on.is_empty()
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn waited(&self, today: &Date) -> i32 {
        self.sent_on.parse().map_or(0, |sent| rules::waited(sent, *today))
    }
}

/// The inquiries on a petition that the caller has found, the newest first.
async fn inquiries(read: &mut AnyConnection, viewer: &Viewer, petition: i64) -> Result<Vec<Inquiry>, sqlx::Error> {
    let mut rows: Vec<Inquiry> = sqlx::query_as(
        "SELECT i.id, i.number, i.organ, i.question, i.content, i.sent_on, f.name AS sent_by,
                COALESCE(i.answered_on, '') AS answered_on, i.answer, COALESCE(i.told_on, '') AS told_on, i.told
           FROM inquiry i JOIN official f ON f.id = i.sent_by WHERE i.petition = $1 ORDER BY i.id DESC LIMIT 100",
    )
    .bind(petition)
    .fetch_all(&mut *read)
    .await?;
    let mut texts: Vec<(i64, &mut String)> = Vec::new();
    for row in &mut rows {
        let four = [&mut row.question, &mut row.content, &mut row.answer, &mut row.told];
        texts.extend(four.map(|text| (petition, text)));
    }
    veil(read, viewer, texts).await?;
    Ok(rows)
}

/// What the forms of the page send.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    organ: String,
    question: String,
    content: String,
    on: String,
}

#[derive(Template)]
#[template(path = "petitions/inquiries/page.html")]
struct InquiriesPage {
    shell: Shell,
    petition: Petition,
    rows: Vec<Inquiry>,
    may_write: bool,
    may_send: bool,
    terms: Terms,
    /// Which form came back: sending, or the answer or telling of an inquiry.
    sent: (&'static str, i64),
    form: Typed,
    problems: Problems,
    today: Date,
}

impl InquiriesPage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
    fn came_back(&self, form: &str, inquiry: i64) -> bool {
        self.sent.0 == form && self.sent.1 == inquiry
    }
    /// What was typed into a form that is not offered any more: it has no field to stand in.
    fn unplaced(&self) -> &str {
        let open = |row: &&Inquiry| match self.sent.0 {
            "answer" => !row.is_answered(),
            "telling" => row.is_answered() && !row.is_told(),
            _ => false,
        };
        let placed = match self.sent.0 {
            "send" => self.may_send,
            "" => true,
            _ => self.rows.iter().filter(open).any(|row| row.id == self.sent.1),
        };
        if placed { "" } else { &self.form.content }
    }
    fn typed(&self, form: &str, inquiry: i64) -> &str {
        if self.came_back(form, inquiry) { &self.form.content } else { "" }
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let form = Typed { key: forms::new_key(), on: app.today().to_string(), ..Typed::default() };
    show(&app, &viewer, id, ("", 0), form, Problems::default()).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    sent: (&'static str, i64),
    mut form: Typed,
    problems: Problems,
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut petition = find(&mut read, viewer, id).await?;
    let rows = inquiries(&mut read, viewer, id).await?;
    veil(&mut read, viewer, vec![(id, &mut petition.title)]).await?;
    let may_write = viewer.may("inquiries.write") && !is_erased(&mut read, id).await?;
    drop(read);
    recorded(app, viewer, id).await?;
    if form.key.is_empty() {
        form.key = forms::new_key();
    }
    if form.content.is_empty() && sent.0.is_empty() {
        form.content = format!(
            "我县信访事项 {} 反映“{}”。办理中遇到下列政策问题，界限不明确，特此请示，请予答复：\n",
            petition.number, petition.title
        );
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = InquiriesPage {
        shell: Shell::new(viewer, "inquiries"),
        may_write,
        may_send: may_write && !matches!(petition.state.as_str(), "closed" | "forwarded"),
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

/// What is read here is of a personal file: its reading is recorded like the card's.
async fn recorded(app: &App, viewer: &Viewer, petition: i64) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "petition.read", Subject("petition", petition)).await?;
    Ok(write.commit().await?)
}

#[derive(Template)]
#[template(path = "petitions/inquiries/letter.html")]
struct LetterPage {
    shell: Shell,
    petition: Petition,
    inquiry: i64,
    paper: Paper,
}

/// The letter, to be printed and sent.
async fn letter(State(app): State<App>, viewer: Viewer, Path((id, inquiry)): Path<(i64, i64)>) -> Page {
    let (petition, paper) = letter_of(&app, &viewer, (id, inquiry)).await?;
    html(&LetterPage { shell: Shell::new(&viewer, "inquiries"), petition, inquiry, paper })
}

/// The same as a Word file.
async fn letter_file(State(app): State<App>, viewer: Viewer, Path(which): Path<(i64, i64)>) -> Page {
    let (_, paper) = letter_of(&app, &viewer, which).await?;
    Ok(paper.download(&format!("请示 {}", paper.number))?)
}

async fn letter_of(app: &App, viewer: &Viewer, (id, inquiry): (i64, i64)) -> Result<(Petition, Paper), Refusal> {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, viewer, id).await?;
    let all = inquiries(&mut read, viewer, id).await?;
    let inquiry = all.into_iter().find(|one| one.id == inquiry).ok_or(Refusal::NotFound)?;
    let unit: Option<(String,)> = sqlx::query_as(
        "SELECT u.name FROM inquiry i JOIN appointment a ON a.official = i.sent_by AND a.held_from <= i.sent_on
            AND (a.held_to IS NULL OR a.held_to > i.sent_on)
           JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit WHERE i.id = $1 ORDER BY a.id LIMIT 1",
    )
    .bind(inquiry.id)
    .fetch_optional(&mut *read)
    .await?;
    drop(read);
    recorded(app, viewer, id).await?;
    let unit = unit.map_or(String::new(), |(name,)| name);
    let title = format!("{unit}\n关于{}的请示", inquiry.question);
    let mut paper = Paper::new(title, inquiry.sent_on.parse()?).text(inquiry.content).text("妥否，请批复。");
    (paper.number, paper.recipient, paper.signed_by) = (inquiry.number, inquiry.organ, unit);
    Ok((petition, paper))
}

/// The day of a form, or today's refusal of it.
fn day_of(form: &Typed, problems: &mut Problems) -> Option<Date> {
    let on = forms::half_width(form.on.trim()).parse().ok();
    problems.require(on.is_some(), "on", "请填写日期，如 2026-11-02");
    on
}

fn measured(problems: &mut Problems, field: &'static str, typed: &str, bounds: (usize, usize)) -> String {
    let text = forms::tidy(typed);
    if let Err(barred) = rules::text(&text, bounds) {
        problems.add(field, barred.to_string());
    }
    text
}

async fn send(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let today = app.today();
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let petition = find(&mut write, &viewer, id).await?;
    let organ = measured(&mut problems, "organ", &form.organ, (3, 60));
    let question = measured(&mut problems, "question", &form.question, (5, 100));
    let content = measured(&mut problems, "content", &form.content, (10, 5_000));
    let on = day_of(&form, &mut problems);
    let accused: Vec<(String,)> =
        sqlx::query_as("SELECT u.name FROM recusal r JOIN unit u ON u.id = r.unit WHERE r.petition = $1")
            .bind(id)
            .fetch_all(&mut *write)
            .await?;
    let accused: Vec<String> = accused.into_iter().map(|(name,)| name).collect();
    let state = Step::from_word(&petition.state).ok_or(Refusal::NotFound)?;
    if let Some(on) = on
        && let Err(barred) = rules::may_send((state, petition.registered_on.parse()?), (&organ, &accused), on, today)
    {
        problems.add(if matches!(barred, Barred::ToTheAccused) { "organ" } else { "on" }, barred.to_string());
    }
    let Some(on) = on.filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, ("send", 0), form, problems).await;
    };
    let (inquiry, to) = (app.id(), format!("/petitions/{id}/inquiries"));
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &to).await? {
        return see(&earlier);
    }
    let (serial,): (i64,) = sqlx::query_as(
        "INSERT INTO number_series (series, year, last) VALUES ('攸信请', $1, 1)
         ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last",
    )
    .bind(i64::from(today.year()))
    .fetch_one(&mut *write)
    .await?;
    let number = rules::number(today.year(), serial);
    sqlx::query(
        "INSERT INTO inquiry (id, petition, number, organ, question, content, sent_on, sent_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(inquiry)
    .bind(id)
    .bind(number.clone())
    .bind(organ.clone())
    .bind(question.clone())
    .bind(content.clone())
    .bind(on.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let (division,): (String,) =
        sqlx::query_as("SELECT division FROM petition WHERE id = $1").bind(id).fetch_one(&mut *write).await?;
    let step = format!("代访：请示{organ}（{number}），{question}");
    let entry = entries::record_step(&mut write, &app, &viewer, (id, &division), None, on, &step).await?;
    sqlx::query("INSERT INTO inquiry_entry (inquiry, entry) VALUES ($1, $2)")
        .bind(inquiry)
        .bind(entry)
        .execute(&mut *write)
        .await?;
    let told = json!({ "content": content, "number": number, "organ": organ, "question": question, "sent_on": on });
    chain::record(&mut write, &app, viewer.actor(), "inquiry.sent", Subject("petition", id), &told).await?;
    write.commit().await?;
    see(&to)
}

/// The inquiry of an address, on a petition that the viewer finds; its row is held.
async fn held(write: &mut AnyConnection, viewer: &Viewer, (id, inquiry): (i64, i64)) -> Result<Inquiry, Refusal> {
    find(write, viewer, id).await?;
    sqlx::query("UPDATE inquiry SET question = question WHERE id = $1").bind(inquiry).execute(&mut *write).await?;
    // Nothing new is written about what is erased; the page has no form for it.
    if is_erased(write, id).await? {
        return Err(Refusal::NotFound);
    }
    let all = inquiries(write, viewer, id).await?;
    all.into_iter().find(|one| one.id == inquiry).ok_or(Refusal::NotFound)
}

async fn answer(State(app): State<App>, viewer: Viewer, Path(path): Path<(i64, i64)>, Form(form): Form<Typed>) -> Page {
    let (id, inquiry) = path;
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let found = held(&mut write, &viewer, path).await?;
    let content = measured(&mut problems, "content", &form.content, (2, 5_000));
    let on = day_of(&form, &mut problems);
    if let Some(on) = on
        && let Err(barred) = rules::may_answer(found.sent_on.parse()?, found.is_answered(), on, app.today())
    {
        problems.add("on", barred.to_string());
    }
    let Some(on) = on.filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, ("answer", inquiry), form, problems).await;
    };
    sqlx::query("UPDATE inquiry SET answered_on = $2, answer = $3, recorded_by = $4 WHERE id = $1")
        .bind(inquiry)
        .bind(on.to_string())
        .bind(content.clone())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "answer": content, "answered_on": on, "number": found.number });
    chain::record(&mut write, &app, viewer.actor(), "inquiry.answered", Subject("petition", id), &told).await?;
    write.commit().await?;
    see(&format!("/petitions/{id}/inquiries"))
}

async fn tell(State(app): State<App>, viewer: Viewer, Path(path): Path<(i64, i64)>, Form(form): Form<Typed>) -> Page {
    let (id, inquiry) = path;
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let found = held(&mut write, &viewer, path).await?;
    let content = measured(&mut problems, "content", &form.content, (5, 1_000));
    if let Err(barred) = rules::may_tell(found.is_answered(), found.is_told()) {
        problems.add("", barred.to_string());
    }
    if !problems.is_empty() {
        drop(write);
        return show(&app, &viewer, id, ("telling", inquiry), form, problems).await;
    }
    sqlx::query("UPDATE inquiry SET told_on = $2, told = $3, told_by = $4 WHERE id = $1")
        .bind(inquiry)
        .bind(app.today().to_string())
        .bind(content.clone())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "number": found.number, "told": content });
    chain::record(&mut write, &app, viewer.actor(), "inquiry.told", Subject("petition", id), &told).await?;
    write.commit().await?;
    see(&format!("/petitions/{id}/inquiries"))
}
