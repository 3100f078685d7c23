//! 我的包案: what is bound to the viewer, with what, when and by whom on each of the five duties; taken from entries.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;

use super::rules::{quarter_name, quarter_of};
use super::sight::Eyes;
use super::track::{Binding, Met, Which, bindings, evidence, five};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/bindings/mine", Access::May("bindings.answer"), page)
}

/// A case with its five duties.
struct Case {
    binding: Binding,
    five: Vec<Met>,
    /// It waits for the viewer to take it over.
    to_take: bool,
}

impl Case {
    fn open(&self) -> usize {
        self.five.iter().filter(|met| met.lines.is_empty()).count()
    }
}

#[derive(Template)]
#[template(path = "petitions/bound/mine.html")]
struct MinePage {
    shell: Shell,
    cases: Vec<Case>,
    most: i64,
    present: usize,
    quarter: String,
    today: Date,
}

impl MinePage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

async fn page(State(app): State<App>, viewer: Viewer) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, &app, &viewer).await?;
    let mut rows = bindings(&mut read, &viewer, &eyes, &Which::Own).await?;
    // What is closed waits for its last duty alone and stands behind what is being handled.
    rows.sort_by_key(|row| !row.runs());
    let petitions: Vec<i64> = rows.iter().map(|row| row.petition).collect();
    let evidence = evidence(&mut read, &viewer, &petitions, today).await?;
    drop(read);
    let mut write = app.db.write().await?;
    let subject = Subject("official", viewer.official);
    chain::record_reading(&mut write, &app, viewer.actor(), "bindings.read", subject).await?;
    write.commit().await?;
    let mut cases = Vec::new();
    for binding in rows {
        let five = five(&evidence, binding.petition, today)?;
        cases.push(Case { five, to_take: binding.leader != viewer.official, binding });
    }
    html(&MinePage {
        shell: Shell::new(&viewer, "bindings"),
        present: cases.iter().filter(|case| case.binding.runs() && !case.to_take).count(),
        cases,
        most: app.policy.number("binding.leader.petitions", today)?,
        quarter: quarter_name(quarter_of(today)),
        today,
    })
}
