//! The window of a petition office: its form of registration and the receipt.

use anyhow::Context;
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
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
use crate::secrets::Purpose;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    let register = || Access::May("petitions.register");
    Rooms::new().get("/petitions/new", register(), form).post_files("/petitions", register(), post).post(
        "/petitions/{id}/explanation",
        register(),
        explain,
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
    /// Matters of the same person that ended with a re-review.
    ended: Vec<Ended>,
    /// What was typed of the explanation.
    said: String,
}

/// What is told to whoever comes again after a re-review, as the form proposes it.
const EXPLAINED: &str =
    "已向来访人说明：复核意见已经送达，以同一事实和理由再提出的不再受理（《信访工作条例》第三十六条）。";

/// A matter that ended with a re-review.
#[derive(FromRow)]
struct Ended {
    id: i64,
    number: String,
    title: String,
    key: String,
}

impl Ended {
    /// The columns, up to further conditions: the re-review of the answer that stands was served.
    const SELECT: &str = "SELECT p.id, p.number, p.title, '' AS key FROM review r
           JOIN review_service s ON s.review = r.id
           JOIN review_opinion o ON o.review = r.id AND o.verdict <> 'redo'
           JOIN petition p ON p.id = r.petition
          WHERE r.stage = 're-review' AND r.round = (SELECT COUNT(*) FROM reopening x WHERE x.petition = p.id)
            AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = p.id)";

    /// Those of the persons behind a new matter: of the same name and phone, or of the same name and place. Whether the
    /// facts are the same is for the clerk to say.
    async fn of(
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        new: &NewPetition,
    ) -> Result<Vec<Self>, sqlx::Error> {
        if new.petitioners.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new(Self::SELECT);
        sql.push(" AND EXISTS (SELECT 1 FROM petitioner q WHERE q.petition = p.id AND (1 = 0");
        let place: String = new.division.chars().take(12).collect();
        for person in &new.petitioners {
            sql.push(" OR (q.name = ").bind(person.name.clone());
            sql.push(" AND (substr(p.division, 1, 12) = ").bind(place.clone());
            sql.push(" OR q.phone_key = ").bind(app.keys.keyed(Purpose::Phone, &person.phone)).push("))");
        }
        sql.push("))");
        Self::found(read, viewer, sql).await
    }

    async fn found(read: &mut AnyConnection, viewer: &Viewer, mut sql: Sql) -> Result<Vec<Self>, sqlx::Error> {
        sight::push(&mut sql, viewer);
        sql.push(" ORDER BY p.id DESC").limit(5);
        let mut ended: Vec<Self> = sql.fetch_all(read).await?;
        for one in &mut ended {
            one.key = forms::new_key();
        }
        Ok(ended)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Explanation {
    key: String,
    content: String,
}

/// Records that whoever came again with the same facts was told why they are not accepted.
async fn explain(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Explanation>) -> Page {
    let content = forms::tidy(&typed.content);
    let mut write = app.db.write().await?;
    let mut sql = Sql::new(Ended::SELECT);
    sql.push(" AND p.id = ").bind(id);
    let ended = Ended::found(&mut write, &viewer, sql).await?;
    if ended.is_empty() {
        return Err(Refusal::NotFound);
    }
    if !(2..=500).contains(&content.chars().count()) {
        drop(write);
        let mut problems = Problems::default();
        problems.add("", "请写明怎样说明的，2 至 500 字");
        let mut read = app.db.read().await?;
        let (units, offered) = (units(&mut read).await?, Vec::new());
        let (shell, form) = (Shell::new(&viewer, "petitions"), PetitionForm::fresh());
        let (received, said) = (Received::default(), typed.content);
        let page = NewPage { shell, form, received, problems, offered, units, ended, said };
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let card = format!("/petitions/{id}");
    if forms::take_key(&mut write, &app, &typed.key, &card).await?.is_some() {
        return see(&card);
    }
    sqlx::query(
        "INSERT INTO explanation (id, petition, content, explained_on, explained_by) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(app.id())
    .bind(id)
    .bind(&content)
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let subject = Subject("petition", id);
    chain::record(&mut write, &app, viewer.actor(), "petition.repeat_explained", subject, &content).await?;
    write.commit().await?;
    see(&card)
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
        ended: Vec::new(),
        said: String::new(),
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
    may_link: bool,
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
        let (ended, said) = (Vec::new(), String::new());
        let page = NewPage { shell, form, received, problems, offered, units, ended, said };
        return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    if form.different != "1" {
        let ended = Ended::of(&mut read, &app, &viewer, &new).await?;
        if !ended.is_empty() {
            let units = units(&mut read).await?;
            let shell = Shell::new(&viewer, "petitions");
            let said = EXPLAINED.to_owned();
            let page = NewPage { shell, form, received, problems, offered, units, ended, said };
            return html_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    }
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
            let (ended, said) = (Vec::new(), String::new());
            let page = NewPage { shell, form, received, problems, offered, units, ended, said };
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
        may_link: viewer.may("petitions.link"),
    })
}
