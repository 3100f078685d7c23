//! Many cards on paper: those that the filter finds, fifty at a time, each on a sheet of its own. The reading of each is
//! recorded before any is shown.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use sqlx::AnyConnection;

use super::card::{Person, Petition, find, persons};
use super::clocks::Running;
use super::filter::{Filter, page};
use super::history::History;
use super::ledger::as_of;
use super::rules::{Resolution, masked, petitioners};
use super::timeline::{self, Evidence, Line};
use super::veil::veiled;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/cards", Access::May("petitions.read"), cards)
}

/// Cards of one page.
const MOST: usize = 50;

/// A card as it lies on paper.
struct Card {
    petition: Petition,
    petitioners: String,
    persons: Vec<Person>,
    leader: String,
    bound_due: String,
    accepted: String,
    resolution: &'static str,
    five: Vec<Evidence>,
    lines: Vec<Line>,
    clocks: Vec<Running>,
}

#[derive(Template)]
#[template(path = "petitions/cards.html")]
struct CardsPage {
    shell: Shell,
    cards: Vec<Card>,
    back: String,
    next: Option<String>,
    as_of: String,
    today: Date,
}

async fn cards(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let (rows, next) = page(&mut read, &app, &viewer, &filter, MOST, None).await?;
    let mut cards = Vec::new();
    for row in &rows {
        cards.push(card(&mut read, &app, &viewer, row.id, today).await?);
    }
    drop(read);
    let mut write = app.db.write().await?;
    for card in &cards {
        let subject = Subject("petition", card.petition.id);
        chain::record_reading(&mut write, &app, viewer.actor(), "petition.read", subject).await?;
    }
    write.commit().await?;
    let past: usize = filter.past.parse().unwrap_or(0);
    let (tab, shown) = (filter.tab(), past + cards.len());
    html(&CardsPage {
        shell: Shell::new(&viewer, "petitions"),
        back: filter.address(tab, None),
        next: next.map(|after| filter.address(tab, Some((&after, shown)))),
        as_of: as_of(&app),
        cards,
        today,
    })
}

/// A card that the viewer may find, as far as he or she sees it.
async fn card(read: &mut AnyConnection, app: &App, viewer: &Viewer, id: i64, today: Date) -> Result<Card, Refusal> {
    let mut petition = find(read, viewer, id).await?;
    let (persons, hidden) = persons(read, app, viewer, &petition).await?;
    let history = History::of(read, id, false).await?;
    let matter = history.matter(&petition.facts()?, app)?;
    let veil = |text: &str| veiled(text, &hidden);
    petition.title = veil(&petition.title);
    petition.content = veil(&petition.content);
    petition.place_detail = veil(&petition.place_detail);
    if !petition.lead.is_empty() && !petition.shows(viewer, "petitioner.name") {
        petition.lead = masked(&petition.lead);
    }
    let registered: Date = petition.registered_on.parse()?;
    let binding = history.last("bound");
    Ok(Card {
        petitioners: petitioners(&petition.lead, petition.people),
        persons,
        leader: binding.map_or(String::new(), |binding| binding.official_name.clone()),
        bound_due: binding
            .and_then(|binding| binding.content.parse().ok())
            .map_or(String::new(), |due: Date| day(due, today)),
        accepted: matter.lead.and_then(|lead| lead.accepted_on).map_or(String::new(), |on| day(on, today)),
        resolution: history.last("closed").and_then(|e| Resolution::from_word(&e.word)).map_or("", Resolution::label),
        five: if binding.is_some() { timeline::five(&history, today, veil)? } else { Vec::new() },
        lines: timeline::lines(&history, (registered, petition.channel()), today, veil)?,
        clocks: history.clocks(app)?,
        petition,
    })
}
