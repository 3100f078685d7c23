//! The window of a petition office: its form of registration and the receipt.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::register::{PetitionForm, Registered, UnitChoice, register, units};
use super::rules::{Channel, Terms, Theme};
use crate::accounts::{Viewer, county_petition_office};
use crate::chain::{self, Seal, Subject};
use crate::divisions::Place;
use crate::web::{Access, App, Form, Page, Problems, Refusal, Rooms, Shell, html, html_with};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/new", Access::May("petitions.register"), form).post(
        "/petitions",
        Access::May("petitions.register"),
        post,
    )
}

#[derive(Template)]
#[template(path = "petitions/new.html")]
struct NewPage {
    shell: Shell,
    form: PetitionForm,
    problems: Problems,
    offered: Vec<Place>,
    units: Vec<UnitChoice>,
}

async fn form(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    let units = units(&mut read).await?;
    html(&NewPage {
        shell: Shell::new(&viewer, "petitions"),
        form: PetitionForm::fresh(),
        problems: Problems::default(),
        offered: Vec::new(),
        units,
    })
}

#[derive(Template)]
#[template(path = "petitions/receipt.html")]
struct ReceiptPage {
    shell: Shell,
    registered: Registered,
    title: String,
    seal: Option<Seal>,
    terms: Terms,
    /// It is against the unit that registered it, which does not see it any more; this one has it now.
    passed_to: String,
}

async fn post(State(app): State<App>, viewer: Viewer, Form(form): Form<PetitionForm>) -> Page {
    let mut problems = Problems::default();
    let mut offered = Vec::new();
    let mut read = app.db.read().await?;
    let Some(new) = form.judge(&mut read, &app, None, &mut problems, &mut offered).await? else {
        let units = units(&mut read).await?;
        let shell = Shell::new(&viewer, "petitions");
        let page = NewPage { shell, form, problems, offered, units };
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let today = app.today();
    let against_own = new.against_unit == Some(viewer.unit);
    let receiver = if against_own {
        county_petition_office(&mut read, new.against_unit, &today.to_string()).await?
    } else {
        Some(viewer.unit)
    };
    let registered = match register(&app, viewer.actor(), receiver, &new, &form.key).await {
        Err(Refusal::Stale) => {
            let form = form.with_new_key(&mut problems);
            let units = units(&mut read).await?;
            let page = NewPage { shell: Shell::new(&viewer, "petitions"), form, problems, offered, units };
            return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        registered => registered?,
    };
    let passed_to: Option<(String,)> = match receiver.filter(|_| against_own) {
        Some(unit) => {
            sqlx::query_as("SELECT name FROM unit WHERE id = $1").bind(unit).fetch_optional(&mut *read).await?
        }
        None => None,
    };
    let seal = chain::hash_of_last(&mut read, Subject("petition", registered.id)).await?;
    html(&ReceiptPage {
        shell: Shell::new(&viewer, "petitions"),
        registered,
        seal,
        title: new.title,
        terms: Terms::on(&app.policy, today)?,
        passed_to: passed_to.map_or(String::new(), |(name,)| name),
    })
}
