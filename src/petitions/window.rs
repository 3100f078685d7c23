//! The window of a petition office: its form of registration and the receipt.

use anyhow::Context;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use sqlx::{AnyConnection, FromRow};

use super::files::complain;
use super::register::{NewPetition, PetitionForm, Registered, UnitChoice, register_with, units};
use super::rules::{Channel, Terms, Theme};
use super::sight;
use crate::accounts::{Viewer, county_petition_office};
use crate::chain::{self, Seal, Subject};
use crate::db::Sql;
use crate::divisions::Place;
use crate::files::{self, Received, Sent, Waiting};
use crate::web::{Access, App, Page, Problems, Refusal, Rooms, Shell, html, html_with};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/new", Access::May("petitions.register"), form).post_files(
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
    received: Received,
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
        received: Received::default(),
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
    files: Vec<Waiting>,
    title: String,
    seal: Option<Seal>,
    terms: Terms,
    /// Something else was registered under this form's key before.
    changed: bool,
    /// It is against the unit that registered it.
    against_own: bool,
    /// Which unit has it now; empty where none does.
    office: String,
    /// Whoever registered it finds it.
    finds: bool,
}

/// What is kept of a petition that was registered under a form's key: a form that was sent, changed and sent again
/// made it the first time.
#[derive(FromRow)]
struct Kept {
    title: String,
    content: String,
    division: String,
    place_detail: String,
    lead: String,
    people: i64,
    office: String,
    against_own: i64,
    /// Whether the viewer finds it.
    finds: i64,
}

impl Kept {
    async fn of(read: &mut AnyConnection, petition: i64, viewer: &Viewer) -> anyhow::Result<Self> {
        let mut sql = Sql::new(
            "SELECT p.title, p.content, p.division, p.place_detail, p.lead, p.people, COALESCE(u.name, '') AS office,
                    (SELECT COUNT(*) FROM recusal y WHERE y.petition = p.id AND y.unit = ",
        );
        sql.bind(viewer.unit).push(") AS against_own, CASE WHEN 1 = 1");
        sight::push(&mut sql, viewer);
        sql.push(" THEN 1 ELSE 0 END AS finds FROM petition p LEFT JOIN unit u ON u.id = p.received_by WHERE p.id = ");
        sql.bind(petition);
        sql.fetch_optional(read).await?.context("what was just registered is there")
    }

    fn differs_from(&self, new: &NewPetition) -> bool {
        let lead = new.petitioners.first().map_or("", |person| person.name.as_str());
        (&self.title, &self.content, &self.division, &self.place_detail, self.lead.as_str(), self.people)
            != (&new.title, &new.content, &new.division, &new.place_detail, lead, new.people)
    }
}

async fn post(State(app): State<App>, viewer: Viewer, request: Request) -> Page {
    let Sent { form, files } = files::read::<PetitionForm>(request, &app).await?;
    let received = files::receive(&app, files, None).await?;
    let mut problems = Problems::default();
    complain(&received, &mut problems);
    let mut offered = Vec::new();
    let mut read = app.db.read().await?;
    let Some(new) = form.judge(&mut read, &app, None, &mut problems, &mut offered).await? else {
        let units = units(&mut read).await?;
        let shell = Shell::new(&viewer, "petitions");
        let page = NewPage { shell, form, received, problems, offered, units };
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let today = app.today();
    let receiver = if new.against_unit == Some(viewer.unit) {
        county_petition_office(&mut read, new.against_unit.as_slice(), &today.to_string()).await?
    } else {
        Some(viewer.unit)
    };
    drop(read);
    let registered = match register_with(&app, viewer.actor(), receiver, (&new, &received.waiting), &form.key).await {
        Err(Refusal::Stale) => {
            let form = form.with_new_key(&mut problems);
            let mut read = app.db.read().await?;
            let units = units(&mut read).await?;
            let shell = Shell::new(&viewer, "petitions");
            let page = NewPage { shell, form, received, problems, offered, units };
            return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        registered => registered?,
    };
    let mut read = app.db.read().await?;
    let kept = Kept::of(&mut read, registered.id, &viewer).await?;
    // What was registered just now is linked within a second, not yet.
    let seal = if registered.again {
        chain::hash_of_last(&mut read, Subject("petition", registered.id)).await?
    } else {
        Some(Seal::Sealing)
    };
    html(&ReceiptPage {
        shell: Shell::new(&viewer, "petitions"),
        registered,
        files: received.waiting,
        seal,
        changed: kept.differs_from(&new),
        title: kept.title,
        terms: Terms::on(&app.policy, today)?,
        against_own: kept.against_own > 0,
        office: kept.office,
        finds: kept.finds > 0,
    })
}
