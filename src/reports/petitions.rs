//! The petitions of a place and a year in figures (C11): what came, by which door and about what, whether it was done
//! in its time, how it ended, and what those who came said of it. Every figure leads to the petitions that it counts.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use policy::{Clock, Month};
use serde::Deserialize;
use sqlx::AnyConnection;

use super::annual;
use super::columns::{self, Column, Columns};
use super::counts::{self, Came, Ended, Said, Timed};
use super::figures::{self, Part};
use crate::accounts::{Sight, Viewer, permissions};
use crate::divisions;
use crate::petitions::rules::{Category, Cause, Channel, Outcome, Resolution, Theme, UNRECORDED};
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions/figures", Access::May("reports.petitions"), page).get(
        "/petitions/figures/report.docx",
        Access::May("reports.petitions"),
        report,
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    year: String,
}

/// A row of a table: what came under one heading, and how far it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) label: String,
    /// What the ledger is narrowed by: `channel=visit`.
    narrowed: String,
    pub(super) petitions: i64,
    pub(super) people: i64,
    pub(super) joint: i64,
    pub(super) ended: i64,
}

impl Line {
    /// Adds up what falls under it.
    fn of<'c>(label: &str, narrowed: String, came: impl Iterator<Item = &'c Came>) -> Self {
        let mut line = Self { label: label.to_owned(), narrowed, petitions: 0, people: 0, joint: 0, ended: 0 };
        for some in came {
            line.petitions += some.petitions;
            line.people += some.people;
            line.joint += if some.joint == 1 { some.petitions } else { 0 };
            line.ended += if some.ended == 1 { some.petitions } else { 0 };
        }
        line
    }

    pub(super) fn ended(&self) -> Part {
        Part { done: self.ended, of: self.petitions }
    }
}

/// A table of lines under a heading.
pub(super) struct Table {
    pub(super) heading: &'static str,
    pub(super) lines: Vec<Line>,
}

/// A kind of clock: how many fell due, and how they were met.
pub(super) struct TimedLine {
    pub(super) clock: Clock,
    pub(super) timed: Timed,
}

impl TimedLine {
    pub(super) fn part(&self) -> Part {
        Part { done: self.timed.met, of: self.timed.due }
    }
}

/// What was bound to leaders from one year to another, and how much of it is closed.
struct BoundLine {
    first: i16,
    last: i16,
    part: Part,
}

impl BoundLine {
    fn label(&self) -> String {
        if self.first == self.last {
            format!("{} 年", self.first)
        } else {
            format!("{}、{} 年", self.first, self.last)
        }
    }

    /// The address of the ledger's petitions behind it: all of them, or the closed ones.
    fn ledger(&self, tab: &str) -> String {
        let (first, last) = (self.first, self.last);
        let years = if first == last { first.to_string() } else { format!("{first}-{last}") };
        format!("/petitions?tab={tab}&bound={years}")
    }
}

/// The bound cases of the year before, of a year, and of both together, which is how a county tells them.
async fn bound(read: &mut AnyConnection, viewer: &Viewer, year: i16) -> Result<Vec<BoundLine>, sqlx::Error> {
    let mut lines = Vec::new();
    for (first, last) in [(year - 1, year - 1), (year, year), (year - 1, year)] {
        let part = figures::bound(&mut *read, viewer, &viewer.place, (first, last)).await?;
        lines.push(BoundLine { first, last, part });
    }
    Ok(lines)
}

#[derive(Template)]
#[template(path = "reports/petitions.html")]
struct FiguresPage {
    shell: Shell,
    years: Vec<i16>,
    /// Whether the viewer finds every petition behind a figure.
    leads: bool,
    columns: Columns,
    bound: Vec<BoundLine>,
    year: Year,
    as_of: String,
}

impl FiguresPage {
    /// The ledger's address of this year's petitions, narrowed further.
    fn ledger(&self, narrowed: &str) -> String {
        let year = self.year.year;
        match narrowed {
            "" => format!("/petitions?tab=all&year={year}"),
            // A month stands in the place of the year.
            month if month.starts_with("year=") => format!("/petitions?tab=all&{month}"),
            narrowed => format!("/petitions?tab=all&year={year}&{narrowed}"),
        }
    }
}

/// The figures of a year and a place.
pub(super) struct Year {
    pub(super) year: i16,
    pub(super) place: String,
    pub(super) whole: Line,
    /// Linked to an earlier petition as the same matter.
    pub(super) repeats: i64,
    pub(super) months: Vec<Line>,
    pub(super) tables: Vec<Table>,
    pub(super) timed: Vec<TimedLine>,
    pub(super) ended: Ended,
    pub(super) said: Said,
}

impl Year {
    async fn of(read: &mut AnyConnection, viewer: &Viewer, year: i16, today: Date) -> Result<Self, sqlx::Error> {
        let place = &viewer.place;
        let name = divisions::place(read, place, &today.to_string()).await?;
        let came = counts::came(read, viewer, place, year).await?;
        let timed = counts::timed(read, viewer, place, year, today).await?;
        let places = counts::places(read, place).await?;
        let months = months(year, today).map(|month| {
            let label = format!("{} 月", month.number());
            let month = month.to_string();
            Line::of(&label, format!("year={month}"), came.iter().filter(|some| some.month == month))
        });
        let channels = Channel::ALL.iter().map(|one| (one.word(), one.label()));
        let categories = Category::ALL.iter().map(|one| (one.word(), one.label()));
        let themes = Theme::ALL.iter().map(|one| (one.word(), one.label()));
        let causes = Cause::ALL.iter().map(|one| (one.word(), one.label())).chain([(UNRECORDED, "没有登记")]);
        let mut tables = vec![
            table("渠道", "channel", channels, &came, |came| &came.channel),
            table("类别", "category", categories, &came, |came| &came.category),
            table("主题", "theme", themes, &came, |came| &came.theme),
            table("成因", "cause", causes, &came, |came| &came.cause),
        ];
        if place.len() <= 6 {
            let places = places.iter().map(|(code, name)| (code.as_str(), name.as_str()));
            tables.push(table("地方", "township", places, &came, |came| &came.township));
        }
        Ok(Self {
            year,
            place: name.map_or(String::new(), |at| at.full_name()),
            whole: Line::of("全年", String::new(), came.iter()),
            repeats: counts::repeats(read, viewer, place, year).await?,
            months: months.collect(),
            tables,
            timed: Clock::ALL
                .into_iter()
                .filter_map(|clock| {
                    let timed = timed.iter().find(|timed| timed.kind == clock.id())?;
                    Some(TimedLine { clock, timed: timed.clone() })
                })
                .collect(),
            ended: counts::ended(read, viewer, place, year).await?,
            said: counts::said(read, viewer, place, year).await?,
        })
    }

    pub(super) fn satisfied(&self) -> Part {
        Part { done: self.said.satisfied, of: self.said.rated }
    }

    pub(super) fn taking_part(&self) -> Part {
        Part { done: self.said.rated, of: self.said.asked }
    }
}

/// The year asked for; what is none, or has not come yet, is this one.
fn chosen(choice: &Choice, today: Date) -> i16 {
    let this_year = today.year();
    choice.year.parse().ok().filter(|year| (1_000..=this_year).contains(year)).unwrap_or(this_year)
}

async fn page(State(app): State<App>, viewer: Viewer, Query(choice): Query<Choice>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let year = Year::of(&mut read, &viewer, chosen(&choice, today), today).await?;
    let bound = bound(&mut read, &viewer, year.year).await?;
    drop(read);
    let mut years: Vec<i16> = (0..3).map(|back| today.year() - back).collect();
    if !years.contains(&year.year) {
        years.push(year.year);
    }
    html(&FiguresPage {
        shell: Shell::new(&viewer, "petitions"),
        years,
        bound,
        leads: viewer.may("petitions.list") && permissions().sights("petitions", &viewer.roles).contains(&Sight::Place),
        columns: Columns::of(year.months.iter().map(|line| Column { label: line.label.clone(), part: line.ended() })),
        year,
        as_of: crate::web::minute(app.now()),
    })
}

/// The yearly report of art. 41 as a Word file.
async fn report(State(app): State<App>, viewer: Viewer, Query(choice): Query<Choice>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let year = Year::of(&mut read, &viewer, chosen(&choice, today), today).await?;
    let annual = counts::annual(&mut read, &viewer, &viewer.place, year.year).await?;
    drop(read);
    let mut paper = annual::paper(&year, &annual, today);
    paper.signed_by.clone_from(&viewer.unit_name);
    Ok(paper.download(&paper.title)?)
}

/// The months of a year as far as today.
fn months(year: i16, today: Date) -> impl Iterator<Item = Month> {
    (1..=12).filter_map(move |month| Month::new(year, month).ok()).take_while(move |month| month.first_day() <= today)
}

/// A table by one field: a line a value that occurs, in the order given, without those that nothing came under.
fn table<'w>(
    heading: &'static str,
    field: &str,
    values: impl Iterator<Item = (&'w str, &'w str)>,
    came: &[Came],
    of: fn(&Came) -> &String,
) -> Table {
    let lines = values
        .map(|(word, label)| Line::of(label, format!("{field}={word}"), came.iter().filter(|came| of(came) == word)))
        .filter(|line| line.petitions > 0)
        .collect();
    Table { heading, lines }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_running_year_has_the_months_so_far_and_a_past_one_all() {
        let of = |year, today| months(year, today).map(Month::number).collect::<Vec<_>>();
        assert_eq!(of(2026, date(2026, 3, 1)), [1, 2, 3]);
        assert_eq!(of(2026, date(2026, 2, 28)), [1, 2]);
        assert_eq!(of(2025, date(2026, 1, 1)).len(), 12);
    }
}
