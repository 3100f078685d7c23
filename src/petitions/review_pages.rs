//! The pages of 复查 and 复核: asked for at the desk, listed, worked on by the reviewing unit, and their paper.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::acts::{Hindered, standing};
use super::card::{Person, Petition, find as find_petition, of as petition_of, persons};
use super::clocks::{Running, Standing};
use super::history::History;
use super::papers::{Form as Shape, record};
use super::reviews::{self, Decision, Row};
use super::rules::{Manner, Outcome, Refused, Stage, Terms, Unreviewable, Verdict, petitioners};
use super::timeline::{self, Line};
use super::veil::{veil, veiled};
use crate::accounts::Viewer;
use crate::paper::{self, Block, Paper};
use crate::web::{
    Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, day, forms, html, html_with, see,
};

pub(super) fn rooms() -> Rooms {
    let (ask, work) = (|| Access::May("petitions.ask_review"), || Access::May("petitions.review"));
    Rooms::new()
        .get("/petitions/{id}/review", ask(), asking)
        .post("/petitions/{id}/review", ask(), ask_at_the_desk)
        .get("/reviews", work(), list)
        .get("/reviews/{id}", work(), page)
        .post("/reviews/{id}/hearing", work(), hear)
        .post("/reviews/{id}/opinion", work(), decide)
        .post("/reviews/{id}/service", work(), serve)
        .get("/reviews/{id}/paper", work(), on_page)
        .get("/reviews/{id}/paper.docx", work(), as_file)
}

/// The forms of these pages as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: String,
    on: String,
    until: String,
    reason: String,
    organ: String,
    verdict: String,
    facts: String,
    basis: String,
    reply: String,
    manner: String,
    signed_by: String,
}

impl Typed {
    fn day(&self) -> Option<Date> {
        forms::half_width(self.on.trim()).parse().ok()
    }
}

#[derive(Template)]
#[template(path = "petitions/review_form.html")]
struct AskPage {
    shell: Shell,
    petition: Petition,
    open: reviews::Open,
    typed: Typed,
    problems: Problems,
    today: Date,
}

impl AskPage {
    fn last(&self) -> String {
        self.open.last.map_or("待放假安排公布后确定的日期".to_owned(), |last| day(last, self.today))
    }
}

async fn asking(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let typed = Typed { on: app.today().to_string(), ..Typed::default() };
    ask_page(&app, &viewer, id, typed, Problems::default()).await
}

async fn ask_page(app: &App, viewer: &Viewer, id: i64, typed: Typed, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let mut petition = find_petition(&mut read, viewer, id).await?;
    let standing = standing(&mut read, app, Some(viewer), id).await?;
    let stands = (&standing.matter, &standing.history);
    // The last day is judged by the day that is typed; the form itself stands for whoever was in time.
    let today = app.today();
    let on = typed.day().unwrap_or(today);
    let open = match reviews::open(&mut read, app, id, stands, on).await {
        Ok(open) => open,
        Err(Hindered::Rule(Refused::Review(Unreviewable::Late(day) | Unreviewable::ImpossibleDay(day)))) => {
            reviews::open(&mut read, app, id, stands, day.min(today)).await.map_err(not_here)?
        }
        Err(hindered) => return Err(not_here(hindered)),
    };
    veil(&mut read, viewer, vec![(id, &mut petition.title)]).await?;
    drop(read);
    record(app, viewer, id).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new(viewer, "petitions");
    html_with(status, &AskPage { shell, petition, open, typed, problems, today })
}

/// Where nothing can be asked for there is no form.
fn not_here(hindered: Hindered) -> Refusal {
    match hindered {
        Hindered::Rule(_) => Refusal::NotFound,
        Hindered::Edge(refusal) => refusal,
    }
}

async fn ask_at_the_desk(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(typed): Form<Typed>,
) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    find_petition(&mut write, &viewer, id).await?;
    let Some(on) = typed.day() else {
        drop(write);
        problems.add("on", "请填写日期，如 2026-11-02");
        return ask_page(&app, &viewer, id, typed, problems).await;
    };
    let said = (forms::tidy(&typed.reason), forms::tidy(&typed.organ));
    let by = (viewer.actor(), Some(&viewer));
    match reviews::ask(&mut write, &app, by, id, (&said.0, &said.1), on).await {
        Ok(review) => {
            write.commit().await?;
            // The desk that wrote it down may not be the one that reviews it, but finds it.
            see(&format!("/reviews/{review}"))
        }
        Err(Hindered::Rule(refused)) => {
            drop(write);
            problems.add("", refused.to_string());
            ask_page(&app, &viewer, id, typed, problems).await
        }
        Err(Hindered::Edge(refusal)) => Err(refusal),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    past: String,
}

#[derive(Template)]
#[template(path = "petitions/reviews.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    past: i64,
    next: Option<i64>,
    today: Date,
}

impl ListPage {
    /// The number of the last row.
    fn shown(&self) -> i64 {
        self.past + self.rows.len() as i64
    }

    fn on(&self, text: &str) -> String {
        text.parse().map_or(String::new(), |on| day(on, self.today))
    }

    /// Where a review that runs stands.
    fn standing(&self, row: &Row) -> Standing {
        Standing::of(row.due.parse().ok(), false, None, self.today)
    }
}

async fn list(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let past: i64 = asked.past.parse().unwrap_or(0).max(0);
    let mut read = app.db.read().await?;
    let mut rows = reviews::list(&mut read, &viewer, past).await?;
    let next = (rows.len() > reviews::PAGE).then_some(past + reviews::PAGE as i64);
    rows.truncate(reviews::PAGE);
    veil(&mut read, &viewer, rows.iter_mut().map(|row| (row.petition, &mut row.title)).collect()).await?;
    drop(read);
    html(&ListPage { shell: Shell::new(&viewer, "reviews"), rows, past, next, today: app.today() })
}

/// The opinion that is reviewed.
#[derive(sqlx::FromRow)]
struct Answer {
    outcome: String,
    facts: String,
    basis: String,
    reply: String,
}

impl Answer {
    /// The one that stands, or the one that the review set aside.
    async fn of(read: &mut AnyConnection, row: &Row) -> Result<Option<Self>, sqlx::Error> {
        let aside: Option<Self> =
            sqlx::query_as("SELECT outcome, facts, basis, reply FROM reopening WHERE review = $1")
                .bind(row.id)
                .fetch_optional(&mut *read)
                .await?;
        match aside {
            Some(answer) => Ok(Some(answer)),
            None => {
                sqlx::query_as("SELECT outcome, facts, basis, reply FROM opinion WHERE petition = $1")
                    .bind(row.petition)
                    .fetch_optional(read)
                    .await
            }
        }
    }

    fn outcome(&self) -> &'static str {
        Outcome::from_word(&self.outcome).map_or("", Outcome::label)
    }
}

#[derive(Template)]
#[template(path = "petitions/review.html")]
struct ReviewPage {
    shell: Shell,
    row: Row,
    petition: Petition,
    persons: Vec<Person>,
    answer: Option<Answer>,
    lines: Vec<Line>,
    clocks: Vec<Running>,
    may_decide: bool,
    may_serve: bool,
    /// A hearing is left out of the days of this review.
    may_hear: bool,
    /// Why this viewer may not work on it, where it is not done.
    why_not: String,
    /// Whether the viewer finds the card.
    finds_card: bool,
    ends: bool,
    /// The form that came back.
    sent: &'static str,
    typed: Typed,
    problems: Problems,
    today: Date,
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, StatusCode::OK, (Typed::default(), "", Problems::default())).await
}

async fn show(
    app: &App,
    viewer: &Viewer,
    id: i64,
    status: StatusCode,
    (typed, sent, problems): (Typed, &'static str, Problems),
) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut row = reviews::find(&mut read, viewer, id).await?;
    let mut petition = petition_of(&mut read, row.petition).await?;
    let (persons, hidden) = persons(&mut read, app, viewer, &petition).await?;
    let history = History::of(&mut read, row.petition, false).await?;
    let matter = history.matter(&petition.facts()?, app)?;
    let mut answer = Answer::of(&mut read, &row).await?;
    let finds_card = find_petition(&mut read, viewer, row.petition).await.is_ok();
    drop(read);
    record(app, viewer, row.petition).await?;

    let texts =
        [&mut petition.title, &mut petition.content, &mut row.reason, &mut row.facts, &mut row.basis, &mut row.reply];
    let answered = answer.iter_mut().flat_map(|one| [&mut one.facts, &mut one.basis, &mut one.reply]);
    for text in texts.into_iter().chain(answered) {
        *text = veiled(text, &hidden);
    }
    let review = row.review()?;
    let barred = match reviews::may_work(&row, &review, (&matter, &history), viewer) {
        Ok(()) => None,
        Err(Hindered::Rule(refused)) => Some(refused.to_string()),
        Err(Hindered::Edge(refusal)) => return Err(refusal),
    };
    let clock = review.stage.answer();
    let registered: Date = petition.registered_on.parse()?;
    let page = ReviewPage {
        shell: Shell::new(viewer, "reviews"),
        lines: timeline::lines(&history, (registered, petition.channel()), today, |text| veiled(text, &hidden))?,
        clocks: history.clocks(app)?.into_iter().filter(|running| running.clock == clock).collect(),
        may_decide: barred.is_none() && review.issued.is_none(),
        may_hear: barred.is_none() && review.issued.is_none() && matter.excludes_hearings_of(clock),
        may_serve: barred.is_none() && review.issued.is_some() && review.served_on.is_none(),
        why_not: barred.filter(|_| review.served_on.is_none()).unwrap_or_default(),
        ends: review.ends(),
        row,
        petition,
        persons,
        answer,
        finds_card,
        sent,
        typed,
        problems,
        today,
    };
    html_with(status, &page)
}

async fn hear(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut problems = Problems::default();
    let reason = forms::tidy(&typed.reason);
    problems.require((2..=500).contains(&reason.chars().count()), "reason", "请写明是什么听证，2 至 500 字");
    let until: Option<Date> = forms::half_width(typed.until.trim()).parse().ok();
    let days = typed.day().zip(until);
    problems.require(days.is_some(), "on", "请填写听证的起日和止日");
    let mut write = app.db.write().await?;
    reviews::find(&mut write, &viewer, id).await?;
    let Some(days) = days.filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, (typed, "hearing", problems)).await;
    };
    let version = typed.version.parse().map_err(|_| Refusal::Stale)?;
    let done = reviews::hear(&mut write, &app, &viewer, (id, version), (days, &reason)).await;
    finish(&app, &viewer, id, write, done, (typed, "hearing")).await
}

async fn decide(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut problems = Problems::default();
    let verdict = Verdict::from_word(&typed.verdict);
    problems.require(verdict.is_some(), "verdict", "请选择复查、复核的结果");
    let mut text = |typed: &str, what: &'static str| {
        let text = forms::tidy(typed);
        problems.require((5..=5_000).contains(&text.chars().count()), "", what);
        text
    };
    let facts = text(&typed.facts, "请写明查明的事实，5 至 5000 字");
    let basis = text(&typed.basis, "请写明依据，5 至 5000 字");
    let reply = text(&typed.reply, "请写明意见内容，5 至 5000 字");
    let mut write = app.db.write().await?;
    reviews::find(&mut write, &viewer, id).await?;
    let Some(verdict) = verdict.filter(|_| problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, (typed, "opinion", problems)).await;
    };
    let version = typed.version.parse().map_err(|_| Refusal::Stale)?;
    let decision = Decision { verdict, facts: &facts, basis: &basis, reply: &reply };
    let done = reviews::decide(&mut write, &app, &viewer, (id, version), &decision).await;
    finish(&app, &viewer, id, write, done, (typed, "opinion")).await
}

async fn serve(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    reviews::find(&mut write, &viewer, id).await?;
    let Some((on, manner)) = typed.day().zip(Manner::from_word(&typed.manner)) else {
        drop(write);
        problems.add("on", "请填写送达日期和方式");
        return show(&app, &viewer, id, StatusCode::UNPROCESSABLE_ENTITY, (typed, "service", problems)).await;
    };
    let version = typed.version.parse().map_err(|_| Refusal::Stale)?;
    let signed_by: String = forms::tidy(&typed.signed_by).chars().take(30).collect();
    let done = reviews::serve(&mut write, &app, &viewer, (id, version), (on, manner, &signed_by)).await;
    finish(&app, &viewer, id, write, done, (typed, "service")).await
}

/// Commits what was done and leads back to the page, or brings the form back with the reason.
async fn finish(
    app: &App,
    viewer: &Viewer,
    id: i64,
    write: crate::db::Write,
    done: Result<(), Hindered>,
    (typed, sent): (Typed, &'static str),
) -> Page {
    let mut problems = Problems::default();
    let status = match done {
        Ok(()) => {
            write.commit().await?;
            return see(&format!("/reviews/{id}"));
        }
        Err(Hindered::Rule(refused)) => {
            problems.add("", refused.to_string());
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Err(Hindered::Edge(Refusal::Stale)) => {
            problems.add("", "这件复查刚刚有了变动，这一次没有提交。请核对后再提交");
            StatusCode::CONFLICT
        }
        Err(Hindered::Edge(refusal)) => return Err(refusal),
    };
    drop(write);
    show(app, viewer, id, status, (typed, sent, problems)).await
}

#[derive(Template)]
#[template(path = "petitions/review_paper.html")]
struct PaperPage {
    shell: Shell,
    row: Row,
    name: String,
    paper: Paper,
}

async fn on_page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    written(&app, &viewer, id, Shape::OnPage).await
}

async fn as_file(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    written(&app, &viewer, id, Shape::Word).await
}

/// 复查意见书, 复核意见书, once it is issued.
async fn written(app: &App, viewer: &Viewer, id: i64, shape: Shape) -> Page {
    let mut read = app.db.read().await?;
    let row = reviews::find(&mut read, viewer, id).await?;
    if row.issued_on.is_empty() {
        return Err(Refusal::NotFound);
    }
    let petition = petition_of(&mut read, row.petition).await?;
    let (persons, hidden) = persons(&mut read, app, viewer, &petition).await?;
    let next = reviews::above(&mut read, row.review()?.unit).await?.1;
    drop(read);
    record(app, viewer, row.petition).await?;
    let on: Date = row.issued_on.parse()?;
    let terms = Terms::on(&app.policy, on)?;
    let stage = row.stage();
    let name = format!("信访事项{stage}意见书");
    let lead = persons.first().map_or("", |person| person.name.as_str());
    let asked = paper::date(row.asked_on.parse()?);
    let paper = Paper::new(format!("{}\n{name}", row.organ), on)
        .text(format!("您不服信访事项（{}）的处理意见，于{asked}请求{stage}。经{stage}，现答复如下。", row.matter))
        .heading(format!("一、{stage}请求"))
        .text(row.reason.clone())
        .heading("二、查明的事实")
        .text(row.facts.clone())
        .heading("三、依据")
        .text(row.basis.clone())
        .heading(format!("四、{stage}意见：{}", row.verdict()))
        .text(row.reply.clone())
        .text(match stage {
            Stage::Review => format!(
                "如不服本复查意见，可以自收到本意见书之日起{}日内，向{next}请求复核（{}）。",
                terms.re_review_request.days, terms.re_review_request.article
            ),
            Stage::ReReview => format!(
                "对本复核意见不服，仍然以同一事实和理由提出投诉请求的，各级机关、单位不再受理（{}）。",
                terms.re_review_request.article
            ),
        });
    let paper = Paper {
        number: row.number.clone(),
        recipient: petitioners(lead, petition.people),
        signed_by: row.organ.clone(),
        ..paper
    };
    let paper = paper.each(|text| veiled(text, &hidden));
    if shape == Shape::Word {
        return Ok(paper.download(&format!("{name} {}", row.number))?);
    }
    html(&PaperPage { shell: Shell::new(viewer, "reviews"), row, name, paper })
}
