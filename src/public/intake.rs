//! The page on which a villager hands a matter in, and the receipt.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use policy::Policy;
use sqlx::AnyConnection;

use super::frame::Frame;
use super::rules::{Expectation, expectations};
use crate::accounts::county_petition_office;
use crate::chain::{self, Actor, Seal, Subject};
use crate::divisions::Place;
use crate::files::{self, Received, Sent, Waiting};
use crate::petitions::rules::{Channel, Terms};
use crate::petitions::{PetitionForm, Registered, UnitChoice, register_with, units};
use crate::web::{Access, App, ClientAddress, Page, Problems, Refusal, Rooms, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/", Access::Public, page).post_files("/intake", Access::Public, post)
}

#[derive(Template)]
#[template(path = "public/intake.html")]
struct IntakePage {
    frame: Frame,
    form: PetitionForm,
    received: Received,
    problems: Problems,
    offered: Vec<Place>,
    units: Vec<UnitChoice>,
    expectations: Vec<Expectation>,
}

impl IntakePage {
    async fn of(read: &mut AnyConnection, app: &App, frame: Frame, form: PetitionForm) -> anyhow::Result<Self> {
        let policy: &Policy = &app.policy;
        Ok(Self {
            frame,
            form,
            received: Received::default(),
            problems: Problems::default(),
            offered: Vec::new(),
            units: units(read).await?,
            expectations: expectations(policy, app.today())?,
        })
    }

    /// Whether the part about others who stand behind the matter is open.
    fn joint(&self) -> bool {
        let people = self.form.people.trim();
        self.form.persons().iter().skip(1).any(|person| !person.name.is_empty() || !person.phone.is_empty())
            || !(people.is_empty() || people == "1")
    }

    /// Whether the part about whom the matter is against is open.
    fn against(&self) -> bool {
        !self.form.against_unit.is_empty() || !self.form.against_official.is_empty()
    }
}

async fn page(State(app): State<App>, frame: Frame) -> Page {
    let mut read = app.db.read().await?;
    let page = IntakePage::of(&mut read, &app, frame, PetitionForm::fresh()).await?;
    frame.show(&app, StatusCode::OK, &page)
}

#[derive(Template)]
#[template(path = "public/receipt.html")]
struct ReceiptPage {
    frame: Frame,
    registered: Registered,
    files: Vec<Waiting>,
    title: String,
    terms: Terms,
    seal: Option<Seal>,
    changed: bool,
}

async fn post(State(app): State<App>, ClientAddress(address): ClientAddress, frame: Frame, request: Request) -> Page {
    // Before the body is read: who sends too often sends nothing more.
    limits::check(&app.limits.intake, address)?;
    let Sent { mut form, files } = files::read::<PetitionForm>(request, &app).await?;
    let received = files::receive(&app, files, Some(address)).await?;
    count_the_named(&mut form);
    let mut problems = Problems::default();
    for text in &received.refused {
        problems.add("files", text.clone());
    }
    let mut offered = Vec::new();
    let mut read = app.db.read().await?;
    let Some(new) = form.judge(&mut read, &app, Some(Channel::Web), &mut problems, &mut offered).await? else {
        let page = IntakePage { received, problems, offered, ..IntakePage::of(&mut read, &app, frame, form).await? };
        return frame.show(&app, StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let office = county_petition_office(&mut read, new.against_unit.as_slice(), &app.today().to_string()).await?;
    drop(read);
    let registered = match register_with(&app, Actor::NOBODY, office, (&new, &received.waiting), &form.key).await {
        Err(Refusal::Stale) => {
            let form = form.with_new_key(&mut problems);
            let mut read = app.db.read().await?;
            let page = IntakePage { received, problems, ..IntakePage::of(&mut read, &app, frame, form).await? };
            return frame.show(&app, StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        registered => registered?,
    };

    // What was registered under this form's key: a form that was sent, changed and sent again made it the first time.
    let mut read = app.db.read().await?;
    let (title, content): (String, String) = sqlx::query_as("SELECT title, content FROM petition WHERE id = $1")
        .bind(registered.id)
        .fetch_one(&mut *read)
        .await?;
    let seal = chain::hash_of_last(&mut read, Subject("petition", registered.id)).await?;
    let changed = content != new.content;
    let terms = Terms::on(&app.policy, app.today())?;
    frame.show(
        &app,
        StatusCode::OK,
        &ReceiptPage { frame, registered, files: received.waiting, title, terms, seal, changed },
    )
}

/// Whoever names others and leaves the number of people at one has said how many there are at least.
fn count_the_named(form: &mut PetitionForm) {
    let named = form.name.iter().filter(|name| !name.trim().is_empty()).count();
    if named > 1 && matches!(form.people.trim(), "" | "1") {
        form.people = named.to_string();
    } else if form.people.trim().is_empty() {
        "1".clone_into(&mut form.people);
    }
}
