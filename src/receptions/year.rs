//! The sheet of a year: one line a unit, one column a month, printed on one page of A4; and where something is missing.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::FromRow;

use super::days::{DAY, Day};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-days/year", Access::May("receptions.list"), year)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    year: String,
}

/// A unit's line: twelve cells.
struct Line {
    unit: i64,
    name: String,
    cells: [Option<Day>; 12],
}

impl Line {
    /// The months from this one on in which nobody receives.
    fn gaps(&self, today: Date) -> Vec<String> {
        let open = |cell: &&Day| cell.leader.is_none() && cell.held_on >= today.to_string();
        self.cells.iter().flatten().filter(open).map(|day| format!("{} 月", day.month_number())).collect()
    }
}

#[derive(FromRow)]
struct Lacking {
    id: i64,
    name: String,
}

#[derive(Template)]
#[template(path = "receptions/year.html")]
struct YearPage {
    shell: Shell,
    year: i16,
    lines: Vec<Line>,
    /// The day that most units have in each month, with whether it is provisional.
    usual: [Option<(String, bool)>; 12],
    gaps: Vec<(i64, String, String)>,
    /// Units of the viewer's place without any day in the year.
    lacking: Vec<Lacking>,
    may_arrange: bool,
}

impl YearPage {
    /// What a cell says besides the name: its day, where it is not the usual one of the column.
    fn day_of(&self, day: &Day) -> String {
        let usual = self.usual.get(usize::try_from(day.month_number() - 1).unwrap_or_default());
        match usual {
            Some(Some((usual, _))) if *usual == day.held_on => String::new(),
            _ => day.on().map_or_else(|_| String::new(), |on| format!("{}日", on.day())),
        }
    }
    fn heading(&self, index: &usize) -> String {
        match &self.usual[*index] {
            Some((day, _)) => format!("{}日", day[8..].trim_start_matches('0')),
            None => String::new(),
        }
    }
    fn provisional(&self, index: &usize) -> bool {
        self.usual[*index].as_ref().is_some_and(|(_, provisional)| *provisional)
    }
    fn any_provisional(&self) -> bool {
        self.usual.iter().flatten().any(|(_, provisional)| *provisional)
    }
}

async fn year(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let year = asked.year.trim().parse::<i16>().ok().filter(|year| (2007..=9998).contains(year));
    let year = year.unwrap_or(today.year());
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.month >= ").bind(format!("{year}-01")).push(" AND d.month <= ").bind(format!("{year}-12"));
    sight::push(&mut sql, &viewer);
    sql.push(" ORDER BY u.kind, u.code, d.month").limit(50_000);
    let mut read = app.db.read().await?;
    let days: Vec<Day> = sql.fetch_all(&mut read).await?;
    // A unit that exists on the last day of the year and has no day in it.
    let mut sql = Sql::new("SELECT u.id, u.name FROM unit u WHERE u.kind <> 'village' AND u.valid_from <= ");
    sql.bind(format!("{year}-12-31")).push(" AND (u.valid_to IS NULL OR u.valid_to > ").bind(format!("{year}-12-31"));
    sql.push(") AND NOT EXISTS (SELECT 1 FROM reception_day e WHERE e.unit = u.id AND e.month >= ");
    sql.bind(format!("{year}-01")).push(" AND e.month <= ").bind(format!("{year}-12")).push(")");
    if !sight::runs_a_place(&viewer) {
        sql.push(" AND 1 = 0");
    }
    sql.push(" AND u.division >= ").bind(viewer.place.clone());
    sql.push(" AND u.division < ").bind(crate::divisions::end(&viewer.place));
    sql.push(" ORDER BY u.kind, u.code").limit(500);
    let lacking = sql.fetch_all(&mut read).await?;
    drop(read);
    let usual = std::array::from_fn(|index| usual(&days, index));
    let lines = lines(days);
    let gaps = lines
        .iter()
        .filter_map(|line| {
            let months = line.gaps(today);
            (!months.is_empty()).then(|| (line.unit, line.name.clone(), months.join("、")))
        })
        .collect();
    html(&YearPage {
        year,
        lines,
        usual,
        gaps,
        lacking,
        may_arrange: viewer.may("receptions.arrange"),
        shell: Shell::new(&viewer, "receptions"),
    })
}

/// The day that most of a month's days fall on.
fn usual(days: &[Day], index: usize) -> Option<(String, bool)> {
    let mut counted: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for day in days.iter().filter(|day| usize::try_from(day.month_number()).is_ok_and(|month| month == index + 1)) {
        *counted.entry((&day.held_on, day.provisional == 1)).or_default() += 1;
    }
    let ((day, provisional), _) = counted.into_iter().max_by_key(|(_, count)| *count)?;
    Some((day.to_owned(), provisional))
}

fn lines(days: Vec<Day>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for day in days {
        if lines.last().is_none_or(|line| line.unit != day.unit) {
            lines.push(Line { unit: day.unit, name: day.unit_name.clone(), cells: std::array::from_fn(|_| None) });
        }
        let index = usize::try_from(day.month_number() - 1).unwrap_or_default();
        if let Some(cell) = lines.last_mut().and_then(|line| line.cells.get_mut(index)) {
            *cell = Some(day);
        }
    }
    lines
}
