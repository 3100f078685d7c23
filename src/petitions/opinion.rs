//! The papers of a petition: 处理意见书 with its remedy (art. 32), and 受理告知书 (art. 23).

use askama::Template;
use axum::extract::{Request, State};
use jiff::civil::Date;
use sqlx::FromRow;

use super::card::{Petition, attempt, find, persons};
use super::files::with_files;
use super::forms::{self, ActForm};
use super::history::History;
use super::rules::{Noun, Outcome, Terms, petitioners};
use super::veil::veiled;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::files::Received;
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/petitions/{id}/opinion", Access::May("petitions.read"), opinion)
        .post_files("/petitions/{id}/opinion", Access::May("petitions.handle"), issue)
        .get("/petitions/{id}/notice", Access::May("petitions.read"), notice)
}

#[derive(FromRow)]
struct Opinion {
    outcome: String,
    request: String,
    facts: String,
    basis: String,
    reply: String,
    issued_on: String,
}

#[derive(Template)]
#[template(path = "petitions/opinion.html")]
struct OpinionPage {
    shell: Shell,
    petition: Petition,
    addressee: String,
    opinion: Opinion,
    outcome: &'static str,
    issued_on: String,
    /// 处理意见书 of branch 6 alone has the remedy of arts. 35 and 36; the others are answers.
    remedy: bool,
    /// The lengths of the law on the day of the opinion.
    terms: Terms,
}

#[derive(Template)]
#[template(path = "petitions/opinion_form.html")]
struct OpinionForm {
    shell: Shell,
    petition: Petition,
    remedy: bool,
    terms: Terms,
    form: ActForm,
    received: Received,
    problems: Problems,
}

/// The paper, once it is issued; before that the form for whoever may write it.
async fn opinion(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, &viewer, id).await?;
    let issued: Option<Opinion> =
        sqlx::query_as("SELECT outcome, request, facts, basis, reply, issued_on FROM opinion WHERE petition = $1")
            .bind(id)
            .fetch_optional(&mut *read)
            .await?;
    let (persons, hidden) = persons(&mut read, &app, &viewer, &petition).await?;
    let history = History::of(&mut read, id, false).await?;
    drop(read);
    let matter = history.matter(&petition.facts()?, &app)?;
    let remedy = matter.has_handling_clock();
    let Some(mut opinion) = issued else {
        if !forms::may(&matter, &viewer, Noun::Opinion, app.today()) {
            return Err(Refusal::NotFound);
        }
        let form = ActForm { request: petition.content.clone(), ..ActForm::default() };
        record(&app, &viewer, id).await?;
        return html(&OpinionForm {
            shell: Shell::new(&viewer, "petitions"),
            petition,
            remedy,
            terms: terms(&app, app.today())?,
            form,
            received: Received::default(),
            problems: Problems::default(),
        });
    };
    record(&app, &viewer, id).await?;
    for text in [&mut opinion.request, &mut opinion.facts, &mut opinion.basis, &mut opinion.reply] {
        *text = veiled(text, &hidden);
    }
    let lead = persons.first().map_or("", |person| person.name.as_str());
    html(&OpinionPage {
        shell: Shell::new(&viewer, "petitions"),
        addressee: petitioners(lead, petition.people),
        outcome: Outcome::from_word(&opinion.outcome).map_or("", Outcome::label),
        terms: terms(&app, opinion.issued_on.parse()?)?,
        issued_on: in_full(&opinion.issued_on)?,
        petition,
        opinion,
        remedy,
    })
}

fn terms(app: &App, on: Date) -> anyhow::Result<Terms> {
    Ok(Terms::on(&app.policy, on)?)
}

/// A paper of a petition tells as much as its card: its reading is recorded like the card's.
async fn record(app: &App, viewer: &Viewer, id: i64) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "petition.read", Subject("petition", id)).await?;
    Ok(write.commit().await?)
}

fn in_full(day: &str) -> anyhow::Result<String> {
    let day: Date = day.parse()?;
    Ok(format!("{} 年 {} 月 {} 日", day.year(), day.month(), day.day()))
}

async fn issue(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, request: Request) -> Page {
    let (form, received) = with_files(&app, &viewer, id, request).await?;
    let (status, problems) = match attempt(&app, &viewer, id, "opinion", (&form, &received)).await? {
        Ok(()) => return see(&format!("/petitions/{id}/opinion")),
        Err(hindered) => hindered,
    };
    let mut read = app.db.read().await?;
    let petition = find(&mut read, &viewer, id).await?;
    let remedy = petition.category == "claim" && petition.branch == Some(6);
    drop(read);
    record(&app, &viewer, id).await?;
    let terms = terms(&app, app.today())?;
    let shell = Shell::new(&viewer, "petitions");
    let page = OpinionForm { shell, petition, remedy, terms, form, received, problems };
    html_with(status, &page)
}

#[derive(FromRow)]
struct Notice {
    accepted_on: String,
    path: String,
}

#[derive(Template)]
#[template(path = "petitions/notice.html")]
struct NoticePage {
    shell: Shell,
    petition: Petition,
    addressee: String,
    notice: Notice,
    accepted_on: String,
    due_on: String,
    terms: Terms,
}

/// The notice of acceptance, to be printed and served.
async fn notice(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let mut petition = find(&mut read, &viewer, id).await?;
    let notice: Option<Notice> = sqlx::query_as("SELECT accepted_on, path FROM acceptance WHERE petition = $1")
        .bind(id)
        .fetch_optional(&mut *read)
        .await?;
    let mut notice = notice.ok_or(Refusal::NotFound)?;
    let (persons, hidden) = persons(&mut read, &app, &viewer, &petition).await?;
    let history = History::of(&mut read, id, false).await?;
    drop(read);
    record(&app, &viewer, id).await?;
    petition.title = veiled(&petition.title, &hidden);
    notice.path = veiled(&notice.path, &hidden);
    let handling = history.clocks(&app)?.into_iter().rfind(|running| running.clock == policy::Clock::Handling);
    let due = handling.and_then(|running| running.deadline.due);
    let lead = persons.first().map_or("", |person| person.name.as_str());
    html(&NoticePage {
        shell: Shell::new(&viewer, "petitions"),
        addressee: petitioners(lead, petition.people),
        accepted_on: in_full(&notice.accepted_on)?,
        terms: terms(&app, notice.accepted_on.parse()?)?,
        due_on: due.map_or(Ok(String::new()), |due| in_full(&due.to_string()))?,
        petition,
        notice,
    })
}
