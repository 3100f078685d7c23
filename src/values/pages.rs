//! The values in force with their sources, to be read and not to be written: what changes them is an import.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;

use super::days::{Year, days, years};
use crate::accounts::Viewer;
use crate::web::{Access, App, Page, Rooms, Shell, html};

/// `/values`.
pub fn rooms() -> Rooms {
    Rooms::new().get("/values", Access::May("values.list"), ledger)
}

struct Line {
    from: Date,
    value: String,
    source: String,
    /// It is the one of today.
    holds: bool,
}

struct Key {
    name: String,
    meaning: String,
    local: bool,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "values/ledger.html")]
struct Ledger {
    shell: Shell,
    keys: Vec<Key>,
    years: Vec<Year>,
    may_import: bool,
}

async fn ledger(State(app): State<App>, viewer: Viewer) -> Page {
    let today = app.today();
    let policy: &policy::Policy = &app.policy;
    let keys = policy
        .keys()
        .map(|(name, meaning, local)| {
            let now = policy.row(name, today).ok().map(|(from, _)| from);
            let line = |(from, row): (Date, &policy::values::Row)| Line {
                from,
                value: super::text(&row.value),
                source: row.source.to_string(),
                holds: now == Some(from),
            };
            let mut lines: Vec<Line> = policy.rows(name).map(line).collect();
            lines.reverse();
            Key { name: name.to_owned(), meaning: meaning.to_owned(), local, lines }
        })
        .collect();
    let mut read = app.db.read().await?;
    let years = years(&days(&mut read).await?);
    let may_import = viewer.may_import("values");
    html(&Ledger { shell: Shell::new(&viewer, "values"), keys, years, may_import })
}
