//! 处理意见书 (art. 32): its form, and, once it is issued, the paper.

use askama::Template;
use axum::extract::{Request, State};

use super::card::{Petition, attempt, find};
use super::files::with_files;
use super::forms::{self, ActForm};
use super::history::History;
use super::papers::{self, Written, record};
use super::rules::{Noun, Outcome, Terms};
use crate::accounts::Viewer;
use crate::files::Received;
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/{id}/opinion", Access::May("petitions.read"), opinion).post_files(
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
    received: Received,
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
        received: Received::default(),
        problems: Problems::default(),
    })
}

fn terms(app: &App) -> anyhow::Result<Terms> {
    Ok(Terms::on(&app.policy, app.today())?)
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
    let terms = terms(&app)?;
    let shell = Shell::new(&viewer, "petitions");
    let page = OpinionForm { shell, petition, remedy, terms, form, received, problems };
    html_with(status, &page)
}
