//! The ledger on paper: what the filter finds, in the columns that were chosen, with its totals. Like the Excel file it
//! leaves the house, and leaves a record before it does.

use askama::Template;
use axum::extract::State;
use serde_json::json;

use super::columns::{Column, chosen};
use super::filter::{Filter, TABS, page};
use super::full::{self, Full};
use super::ledger::as_of;
use super::totals::Totals;
use super::words::Door;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/print", Access::May("petitions.export"), print)
}

/// Rows on paper: some twenty sheets. Whoever needs more takes the Excel file.
const MOST: usize = full::PAGE;

#[derive(Template)]
#[template(path = "petitions/print.html")]
struct PrintPage {
    shell: Shell,
    /// What the tab is called.
    tab: &'static str,
    narrowed: bool,
    columns: Vec<Column>,
    rows: Vec<Full>,
    is_cut: bool,
    totals: Totals,
    back: String,
    as_of: String,
}

async fn print(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let filter = Filter { after: String::new(), past: String::new(), ..filter };
    let columns = chosen(&filter.columns);
    let mut read = app.db.read().await?;
    let (rows, next) = page(&mut read, &app, &viewer, &filter, MOST, None).await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let rows = full::of(&mut read, &app, &viewer, &ids).await?;
    let totals = Totals::of(&mut read, &app, &viewer, &filter, Door::Within).await?;
    drop(read);
    let words: Vec<&str> = columns.iter().map(|column| column.word()).collect();
    let searched = !filter.q.trim().is_empty();
    let taken = json!({ "columns": words, "filter": filter.without_words(), "rows": rows.len(), "searched": searched });
    let mut write = app.db.write().await?;
    let subject = Subject("official", viewer.official);
    chain::record(&mut write, &app, viewer.actor(), "petitions.printed", subject, &taken).await?;
    write.commit().await?;
    html(&PrintPage {
        shell: Shell::new(&viewer, "petitions"),
        tab: TABS.iter().find(|(word, _)| *word == filter.tab()).map_or("", |(_, label)| label),
        narrowed: filter.is_narrowed(),
        columns,
        rows,
        is_cut: next.is_some(),
        totals,
        back: filter.address(filter.tab(), None),
        as_of: as_of(&app),
    })
}
