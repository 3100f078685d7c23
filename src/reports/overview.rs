//! The overview of a county or a township: four figures, what to watch today, coverage, townships.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use policy::Month;
use serde::Deserialize;
use sqlx::FromRow;

use super::figures::{self, Part, Township};
use super::work::{self, FEW};
use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::duties::{self, Coverage, QUIET_DAYS};
use crate::petitions;
use crate::plans::{self, Todo, Within};
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/overview", Access::May("reports.overview"), overview)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    month: String,
}

/// A petition that needs an eye today.
#[derive(FromRow)]
pub(super) struct Watched {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
    place: String,
    unit: String,
    due_on: String,
    kind: String,
    provisional: i64,
}

impl Watched {
    pub(super) fn standing(&self, today: &Date) -> petitions::Standing {
        petitions::Standing::of(self.due_on.parse().ok(), self.provisional == 1, None, *today)
    }
    pub(super) fn clock(&self) -> &'static str {
        self.kind.parse::<policy::Clock>().map_or("", policy::Clock::name)
    }
}

struct TownshipRow {
    township: Township,
    plans: Part,
    coverage: Part,
}

#[derive(Template)]
#[template(path = "reports/overview.html")]
struct Overview {
    shell: Shell,
    place: String,
    month: Month,
    months: Vec<Month>,
    /// The code of the place.
    code: String,
    plans: Part,
    on_time: i64,
    /// Whether the viewer finds every record behind a figure; where not, the figure is a number without a link.
    leads_to_plans: bool,
    leads_to_petitions: bool,
    leads_to_duties: bool,
    before: Part,
    bindings: Part,
    bindings_late: i64,
    petitions: Part,
    petitions_late: i64,
    coverage: Part,
    days_left: i32,
    watched: Vec<Watched>,
    todos: Vec<Todo>,
    stagnant: Option<i64>,
    villages: Vec<Coverage>,
    quiet: i64,
    townships: Vec<TownshipRow>,
    today: Date,
    as_of: String,
    viewer: Viewer,
}

impl Overview {
    /// The class of a village's tile.
    fn tile(&self, village: &Coverage) -> String {
        let shade = Part { done: village.visited, of: village.households }.shade();
        if village.is_quiet(self.today) { format!("{shade} quiet") } else { shade.to_owned() }
    }

    /// The address of the month's items of a place.
    fn items(&self, place: &str, state: &str) -> String {
        format!("/plans/items?period={}&place={place}&added=0&state={state}", self.month)
    }

    /// The change against the month before, in percentage points.
    fn change(&self) -> Option<String> {
        let difference = self.plans.per_mille()? - self.before.per_mille()?;
        let sign = if difference < 0 { "−" } else { "+" };
        Some(format!("较上月 {sign}{}.{}", difference.abs() / 10, difference.abs() % 10))
    }
}

async fn overview(State(app): State<App>, viewer: Viewer, Query(choice): Query<Choice>) -> Page {
    let today = app.today();
    let this_month = Month::of(today);
    let month: Month = choice.month.parse().unwrap_or(this_month).min(this_month);
    let today_text = today.to_string();
    let place = viewer.place.clone();

    let mut read = app.db.read().await?;
    let name =
        crate::divisions::place(&mut read, &place, &today_text).await?.map_or(String::new(), |at| at.full_name());
    let within = Within::Place(place.clone());
    let planned = plans::figures(&mut read, &viewer, &within, month).await?;
    let before = Part::from(plans::figures(&mut read, &viewer, &within, month.plus(-1)).await?);
    let (bindings, bindings_late) = figures::bindings(&mut read, &viewer, &place, today).await?;
    let (handled, petitions_late) = figures::petitions(&mut read, &viewer, &place, today).await?;
    let villages = duties::coverage(&mut read, &place, today.year()).await?;
    let townships =
        if place.len() <= 6 { figures::townships(&mut read, &viewer, &place, month, today).await? } else { Vec::new() };
    let watched = watched(&mut read, &viewer, today).await?;
    let todos = work::waiting(&mut read, &app, &viewer).await?;
    let stagnant = plans::stagnant(&mut read, &app, &viewer).await?;
    drop(read);

    let coverage = Part {
        done: villages.iter().map(|village| village.visited).sum(),
        of: villages.iter().map(|village| village.households).sum(),
    };
    let townships = townships
        .into_iter()
        .map(|township| {
            let own = villages.iter().filter(|village| village.township == township.code);
            let (mut done, mut of) = (0, 0);
            for village in own {
                done += village.visited;
                of += village.households;
            }
            let plans = Part { done: township.cancelled, of: township.planned };
            TownshipRow { township, plans, coverage: Part { done, of } }
        })
        .collect();
    let end_of_year = jiff::civil::date(today.year(), 12, 31);
    html(&Overview {
        shell: Shell::new(&viewer, "overview"),
        place: name,
        month,
        months: (0..12).map(|back| this_month.plus(-back)).collect(),
        plans: Part::from(planned),
        on_time: planned.on_time,
        leads_to_plans: viewer.may("plans.list") && planned.are_found(),
        leads_to_petitions: viewer.may("petitions.list")
            && permissions().sights("petitions", &viewer.roles).contains(&Sight::Place),
        leads_to_duties: viewer.may("duties.list"),
        code: place,
        before,
        bindings,
        bindings_late,
        petitions: handled,
        petitions_late,
        coverage,
        days_left: (end_of_year - today).get_days(),
        quiet: villages.iter().map(|village| i64::from(village.is_quiet(today))).sum(),
        watched,
        todos,
        stagnant,
        villages,
        townships,
        today,
        as_of: crate::web::minute(app.now()),
        viewer,
    })
}

/// Running clocks that are late or due within three days, the most urgent first; only what the viewer may find.
pub(super) async fn watched(
    read: &mut sqlx::AnyConnection,
    viewer: &Viewer,
    today: Date,
) -> Result<Vec<Watched>, sqlx::Error> {
    if !viewer.may("petitions.list") {
        return Ok(Vec::new());
    }
    let soon: Span = 3.days();
    let mut sql = Sql::new(
        "SELECT p.id, p.number, p.title, COALESCE(d.name, '') AS place, COALESCE(u.name, '') AS unit, c.due_on, c.kind,
                c.provisional
           FROM clock c
           JOIN petition p ON p.id = c.petition
           LEFT JOIN division d ON d.code = p.township
           LEFT JOIN unit u ON u.id = p.unit
          WHERE c.stopped_on IS NULL AND c.kind NOT IN ('objection', 'review-request', 're-review-request')
            AND c.due_on <= ",
    );
    sql.bind((today + soon).to_string());
    petitions::push_sight(&mut sql, viewer);
    sql.push(" ORDER BY c.due_on, p.id LIMIT 8");
    let mut rows: Vec<Watched> = sql.fetch_all(&mut *read).await?;
    petitions::veil(read, viewer, rows.iter_mut().map(|row| (row.id, &mut row.title)).collect()).await?;
    Ok(rows)
}
