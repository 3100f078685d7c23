//! 处理意见书 (art. 32): its form, and, once it is issued, the paper.

use askama::Template;
use axum::extract::State;

use super::card::{Petition, attempt, find};
use super::forms::{self, ActForm};
use super::history::History;
use super::papers::{self, Written, record};
use super::rules::{Noun, Outcome, Terms};
use crate::accounts::Viewer;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/{id}/opinion", Access::May("petitions.read"), opinion).post(
        "/petitions/{id}/opinion",
        Access::May("petitions.handle"),
        issue,
    )
}

#[derive(Template)]
#[template(path = "petitions/opinion_form.html")]
struct OpinionForm {
    shell: Shell,
    petition: Petition,
    remedy: bool,
    terms: Terms,
    form: ActForm,
    problems: Problems,
}

/// The paper, once it is issued; before that the form for whoever may write it.
async fn opinion(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let petition = find(&mut read, &viewer, id).await?;
    let history = History::of(&mut read, id, false).await?;
    drop(read);
    if history.outcome().is_some() {
        return papers::show(&app, &viewer, id, Written::Opinion, papers::Form::OnPage).await;
    }
    let matter = history.matter(&petition.facts()?, &app)?;
    if !forms::may(&matter, &viewer, Noun::Opinion, app.today()) {
        return Err(Refusal::NotFound);
    }
    let form = ActForm { request: petition.content.clone(), ..ActForm::default() };
    record(&app, &viewer, id).await?;
    html(&OpinionForm {
        shell: Shell::new(&viewer, "petitions"),
        petition,
        remedy: matter.has_handling_clock(),
        terms: terms(&app)?,
        form,
        problems: Problems::default(),
    })
}

fn terms(app: &App) -> anyhow::Result<Terms> {
    Ok(Terms::on(&app.policy, app.today())?)
}

async fn issue(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<ActForm>) -> Page {
    let (status, problems) = match attempt(&app, &viewer, id, "opinion", &form).await? {
        Ok(()) => return see(&format!("/petitions/{id}/opinion")),
        Err(hindered) => hindered,
    };
    let mut read = app.db.read().await?;
    let petition = find(&mut read, &viewer, id).await?;
    let remedy = petition.category == "claim" && petition.branch == Some(6);
    drop(read);
    record(&app, &viewer, id).await?;
    let terms = terms(&app)?;
    let page = OpinionForm { shell: Shell::new(&viewer, "petitions"), petition, remedy, terms, form, problems };
    html_with(status, &page)
}
