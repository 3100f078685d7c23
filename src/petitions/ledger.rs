//! The ledger: a view over the petitions that the viewer finds, by tab and filter, page by page.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use jiff::tz::Offset;
use sqlx::{AnyConnection, FromRow};

use super::filter::{COUNTED, Filter, Row, TABS, counts, page};
use super::register::{UnitChoice, units};
use super::rules::{Category, State as Step, Theme};
use super::saved::{self, Saved};
use super::totals::Totals;
use super::words::{Door, HITS, Hits};
use crate::accounts::Viewer;
use crate::web::{Access, App, Page, Query, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/petitions", Access::May("petitions.list"), ledger)
}

const PAGE: usize = 50;

struct Tab {
    word: &'static str,
    label: &'static str,
    count: String,
    /// Shown in red.
    hot: bool,
    href: String,
}

/// A township to filter by.
#[derive(Debug, FromRow)]
struct Township {
    code: String,
    name: String,
}

#[derive(Template)]
#[template(path = "petitions/ledger.html")]
struct Ledger {
    shell: Shell,
    tabs: Vec<Tab>,
    filter: Filter,
    townships: Vec<Township>,
    units: Vec<UnitChoice>,
    rows: Vec<Row>,
    first: usize,
    total: String,
    next: Option<String>,
    may_see_figures: bool,
    /// May be taken out: as a file or on paper.
    may_export: bool,
    saved: Vec<Saved>,
    totals: Option<Totals>,
    may_register: bool,
    as_of: String,
    today: Date,
}

impl Ledger {
    /// The query string of what is shown.
    fn address(&self) -> String {
        self.filter.address(self.filter.tab(), None)
    }

    /// The years to filter by, the latest first.
    fn years(&self) -> [i16; 3] {
        let year = self.today.year();
        [year, year - 1, year - 2]
    }
}

/// A count as a tab shows it.
fn counted(count: i64) -> String {
    if count > COUNTED { format!("{COUNTED}+") } else { count.to_string() }
}

/// The instant as pages write it: 11 月 22 日 16:05.
pub(super) fn as_of(app: &App) -> String {
    let now = Offset::constant(8).to_datetime(app.now());
    format!("{} {:02}:{:02}", day(now.date(), app.today()), now.hour(), now.minute())
}

async fn ledger(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut read = app.db.read().await?;
    let hits = Hits::of(&mut read, &app, &viewer, &filter).await?;
    let (rows, next) = page(&mut read, &app, &viewer, &filter, PAGE, hits.as_ref()).await?;
    let counts = counts(&mut read, &app, &viewer).await?;
    let townships = townships(&mut read, &viewer).await?;
    let units = units(&mut read).await?;
    let saved = saved::of(&mut read, &viewer).await?;
    let totals = if filter.totals.is_empty() || rows.is_empty() {
        None
    } else {
        let door = hits.as_ref().and_then(Hits::all).map_or(Door::Within, Door::Ids);
        Some(Totals::of(&mut read, &app, &viewer, &filter, door).await?)
    };
    drop(read);
    let past: usize = filter.past.parse().unwrap_or(0);
    let current = filter.tab();
    let tabs: Vec<Tab> = TABS
        .iter()
        .zip(&counts)
        .map(|((word, label), count)| Tab {
            word,
            label,
            count: counted(*count),
            hot: matches!(*word, "soon" | "late") && *count > 0,
            href: format!("/petitions?{}", filter.address(word, None)),
        })
        .collect();
    let whole = tabs.iter().find(|tab| tab.word == current).filter(|_| !filter.is_narrowed());
    html(&Ledger {
        shell: Shell::new(&viewer, "petitions"),
        first: past + 1,
        total: match (whole, hits.as_ref().map(Hits::count)) {
            (Some(tab), _) => format!("，共 {} 条", tab.count),
            (None, Some(hits)) if hits as i64 > HITS => format!("，超过 {HITS} 条，请再缩小"),
            (None, Some(hits)) => format!("，共 {hits} 条"),
            (None, None) => String::new(),
        },
        next: next.map(|after| format!("/petitions?{}", filter.address(current, Some((&after, past + rows.len()))))),
        may_see_figures: viewer.may("reports.petitions"),
        may_export: viewer.may("petitions.export"),
        saved,
        totals,
        may_register: viewer.may("petitions.register"),
        as_of: as_of(&app),
        today: app.today(),
        tabs,
        filter,
        townships,
        units,
        rows,
    })
}

/// The townships of the viewer's county, where the viewer sees more than one.
async fn townships(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Township>, sqlx::Error> {
    if viewer.place.len() > 6 {
        return Ok(Vec::new());
    }
    sqlx::query_as("SELECT code, name FROM division WHERE parent = $1 AND valid_to IS NULL ORDER BY code LIMIT 200")
        .bind(viewer.place.clone())
        .fetch_all(read)
        .await
}
