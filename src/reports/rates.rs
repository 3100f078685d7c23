//! 销号率 (E4): planned, cancelled and on time side by side, by level, township, unit, post, person, month and quarter,
//! with the additions apart. Counts just the items that the viewer finds; every figure leads to them.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;

use super::columns::{self, Column, Columns};
use super::rates_sheet;
use crate::accounts::Viewer;
use crate::divisions;
use crate::part;
use crate::plans::narrowed::{LEVELS, Narrowed, label};
use crate::plans::rates::{self, By, Counts, Line};
use crate::plans::window::Window;
use crate::plans::{answer, taken, windows};
use crate::web::{Access, App, Page, Query, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/rates", Access::May("plans.list"), page).get(
        "/plans/rates.xlsx",
        Access::May("plans.export"),
        file,
    )
}

/// Rows on one page.
const PAGE: i64 = 100;

/// Rows of a sheet: more than a county has officials.
const MOST: i64 = 20_000;

/// The columns of a month's picture.
const MONTHS: usize = 12;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A word of [`By`].
    by: String,
    /// The place of the last row.
    after: String,
}

#[derive(Template)]
#[template(path = "reports/rates.html")]
struct RatesPage {
    shell: Shell,
    window: Window,
    windows: Vec<Window>,
    narrowed: Narrowed,
    /// What it is narrowed to, with the word of the address that says so.
    within: Vec<(&'static str, String)>,
    by: By,
    total: Counts,
    lines: Vec<Line>,
    columns: Option<Columns>,
    next: Option<String>,
    may_export: bool,
    as_of: String,
}

impl RatesPage {
    /// The items behind a figure of all rows.
    fn all(&self, added: &str, state: &str) -> String {
        format!("/plans/items?{}", self.narrowed.with("added", added).with("state", state).query())
    }

    /// The items behind a figure of one row.
    fn items(&self, line: &Line, added: &str, state: &str) -> String {
        let narrowed = self.narrowed.with("added", added).with("state", state);
        format!("/plans/items?{}", narrowed.with(self.by.narrows(), &line.key).query())
    }

    /// What the form of the period carries along.
    fn hidden(&self) -> Vec<(&'static str, &str)> {
        self.narrowed.words().into_iter().filter(|(word, _)| *word != "period").collect()
    }

    fn is_by(&self, by: &By) -> bool {
        self.by == *by
    }

    /// The same figures by something else.
    fn counted(&self, by: &By) -> String {
        format!("/plans/rates?{}&by={}", self.narrowed.query(), by.word())
    }

    /// A row looked into.
    fn into(&self, line: &Line) -> String {
        let narrowed = self.narrowed.with(self.by.narrows(), &line.key);
        format!("/plans/rates?{}&by={}", narrowed.query(), self.by.next().word())
    }

    fn without(&self, word: &str) -> String {
        format!("/plans/rates?{}&by={}", self.narrowed.with(word, "").query(), self.by.word())
    }

    fn name(&self, line: &Line) -> String {
        name(self.by, line)
    }
}

/// What a row is called.
pub(super) fn name(by: By, line: &Line) -> String {
    match by {
        By::Level => label(&LEVELS, &line.key).to_owned(),
        By::Township if line.key.len() <= 6 => "县本级".to_owned(),
        By::Month | By::Quarter => Window::read(&line.key).map_or(String::new(), Window::name),
        _ => line.name.clone(),
    }
}

/// What the figures are narrowed to, in words.
async fn within(
    read: &mut sqlx::AnyConnection,
    narrowed: &Narrowed,
    today: Date,
) -> Result<Vec<(&'static str, String)>, sqlx::Error> {
    let mut found = Vec::new();
    if !label(&LEVELS, &narrowed.level).is_empty() {
        found.push(("level", label(&LEVELS, &narrowed.level).to_owned()));
    }
    if !narrowed.township.is_empty() {
        let place = divisions::place(&mut *read, &narrowed.township, &today.to_string()).await?;
        let name = if narrowed.township.len() <= 6 {
            "县本级".to_owned()
        } else {
            place.map_or(narrowed.township.clone(), |place| place.name)
        };
        found.push(("township", name));
    }
    for (word, id, sql) in [
        ("unit", &narrowed.unit, "SELECT name FROM unit WHERE id = $1"),
        ("post", &narrowed.post, "SELECT title FROM post WHERE id = $1"),
        ("owner", &narrowed.owner, "SELECT name FROM official WHERE id = $1"),
    ] {
        if let Ok(id) = id.parse::<i64>() {
            let name: Option<(String,)> = sqlx::query_as(sql).bind(id).fetch_optional(&mut *read).await?;
            found.extend(name.map(|(name,)| (word, name)));
        }
    }
    Ok(found)
}

async fn page(
    State(app): State<App>,
    viewer: Viewer,
    Query(narrowed): Query<Narrowed>,
    Query(asked): Query<Asked>,
) -> Page {
    let today = app.today();
    let by = By::read(&asked.by);
    let window = narrowed.window(today);
    // State and addition are columns here, not filters.
    let narrowed = narrowed.with("state", "").with("added", "").with("period", &window.to_string());
    let mut read = app.db.read().await?;
    let total = rates::total(&mut read, &viewer, &narrowed, window).await?;
    let mut lines = rates::lines(&mut read, &viewer, (&narrowed, window), by, (&asked.after, PAGE + 1)).await?;
    let within = within(&mut read, &narrowed, today).await?;
    drop(read);
    let more = i64::try_from(lines.len()).is_ok_and(|count| count > PAGE);
    lines.truncate(usize::try_from(PAGE).map_err(anyhow::Error::from)?);
    let next = lines
        .last()
        .filter(|_| more)
        .map(|last| format!("/plans/rates?{}&by={}&after={}", narrowed.query(), by.word(), last.place));
    let drawn = matches!(by, By::Month | By::Quarter) && lines.len() > 1 && lines.len() <= MONTHS;
    let columns = drawn.then(|| {
        Columns::of(
            lines
                .iter()
                .map(|line| Column { label: name(by, line).split(' ').skip(2).collect(), part: line.counts.rate() }),
        )
    });
    html(&RatesPage {
        shell: Shell::new(&viewer, "plans"),
        windows: windows(window, today),
        window,
        narrowed,
        within,
        by,
        total,
        lines,
        columns,
        next,
        may_export: viewer.may("plans.export"),
        as_of: minute(app.now()),
    })
}

/// The same rows as an Excel file.
async fn file(
    State(app): State<App>,
    viewer: Viewer,
    Query(narrowed): Query<Narrowed>,
    Query(asked): Query<Asked>,
) -> Page {
    let by = By::read(&asked.by);
    let window = narrowed.window(app.today());
    let narrowed = narrowed.with("state", "").with("added", "");
    let mut read = app.db.read().await?;
    let total = rates::total(&mut read, &viewer, &narrowed, window).await?;
    let lines = rates::lines(&mut read, &viewer, (&narrowed, window), by, ("", MOST)).await?;
    drop(read);
    taken(&app, &viewer, "rates", &narrowed, lines.len()).await?;
    let as_of = minute(app.now());
    let heading = format!("{}销号率（截至 {as_of}）", window.name());
    let file = rates_sheet::write(by, &lines, &total, &heading).map_err(anyhow::Error::from)?;
    Ok(answer(file, &format!("rates-{window}-{}.xlsx", by.word())))
}
