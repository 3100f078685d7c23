//! 六个一: how far the visits have come in the county, in a township, in the viewer's villages.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;

use super::coverage::{fill, percent};
use super::{Coverage, QUIET_DAYS, coverage, coverage_of};
use crate::accounts::Viewer;
use crate::divisions;
use crate::households::Scope;
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/duties", Access::May("duties.list"), overview)
}

#[derive(Default, Deserialize)]
struct Filter {
    /// A township of the viewer's place.
    #[serde(default)]
    place: String,
    year: Option<i16>,
    /// 1: only villages where nobody went for a long time.
    #[serde(default)]
    quiet: String,
}

/// The sum of several villages.
struct Sum {
    code: String,
    name: String,
    households: i64,
    visited: i64,
    quiet: usize,
    complete: usize,
    villages: usize,
}

impl Sum {
    fn of(code: &str, name: &str, villages: &[&Coverage], today: Date) -> Self {
        Self {
            code: code.to_owned(),
            name: name.to_owned(),
            households: villages.iter().map(|one| one.households).sum(),
            visited: villages.iter().map(|one| one.visited).sum(),
            quiet: villages.iter().filter(|one| one.is_quiet(today)).count(),
            complete: villages.iter().filter(|one| one.households > 0 && one.percent() == 100).count(),
            villages: villages.len(),
        }
    }
    fn percent(&self) -> i64 {
        percent(self.visited, self.households)
    }
    fn fill(&self) -> &'static str {
        fill(self.percent())
    }
}

#[derive(Template)]
#[template(path = "duties/overview.html")]
struct Overview {
    shell: Shell,
    place: String,
    whole: Sum,
    townships: Vec<Sum>,
    villages: Vec<Coverage>,
    up: bool,
    year: i16,
    this_year: i16,
    days_left: i32,
    quiet_days: i32,
    /// Only those are shown.
    quiet: bool,
    today: Date,
}

impl Overview {
    /// The shade of a village's tile, by quarters.
    fn shade(&self, village: &Coverage) -> &'static str {
        let shade = match village.percent() {
            0 => "",
            1..40 => "a",
            40..70 => "b",
            70..90 => "c",
            _ => "d",
        };
        match (shade, self.year == self.this_year && village.is_quiet(self.today)) {
            (shade, false) => shade,
            ("", true) => "quiet",
            ("a", true) => "a quiet",
            ("b", true) => "b quiet",
            ("c", true) => "c quiet",
            (_, true) => "d quiet",
        }
    }
    fn is_quiet(&self, village: &Coverage) -> bool {
        self.year == self.this_year && village.is_quiet(self.today)
    }
}

async fn overview(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let on = today.to_string();
    let this_year = today.year();
    let year = filter.year.filter(|year| (2000..=this_year).contains(year)).unwrap_or(this_year);
    let mut read = app.db.read().await?;
    let scope = Scope::of(&mut read, &viewer, &on).await?;
    let (mut villages, name) = match filter.place.trim() {
        "" => {
            let name = match scope.codes() {
                [one] => {
                    divisions::place(&mut read, one, &on).await?.map(|place| place.full_name()).unwrap_or_default()
                }
                several => format!("{} 个村", several.len()),
            };
            (coverage_of(&mut read, &scope, year).await?, name)
        }
        code => {
            let place = divisions::place(&mut read, code, &on).await?.filter(|place| scope.holds(&place.code));
            let place = place.ok_or(Refusal::NotFound)?;
            (coverage(&mut read, code, year).await?, place.full_name())
        }
    };
    drop(read);
    let whole = Sum::of(filter.place.trim(), &name, &villages.iter().collect::<Vec<_>>(), today);
    let mut townships: Vec<Sum> = villages
        .chunk_by(|one, next| one.township == next.township)
        .map(|of| Sum::of(&of[0].township, &of[0].township_name, &of.iter().collect::<Vec<_>>(), today))
        .collect();
    let quiet = filter.quiet == "1" && year == this_year;
    if townships.len() < 2 || quiet {
        townships.clear();
    }
    if quiet {
        villages.retain(|one| one.is_quiet(today));
    }
    html(&Overview {
        shell: Shell::new(&viewer, "duties"),
        place: name,
        whole,
        townships,
        villages,
        up: !filter.place.trim().is_empty(),
        year,
        this_year,
        days_left: (jiff::civil::date(this_year, 12, 31) - today).get_days(),
        quiet_days: QUIET_DAYS,
        quiet,
        today,
    })
}
