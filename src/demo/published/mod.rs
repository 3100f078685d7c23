//! The county of the published year: the county of 2010 with its twenty townships, filled with records out of which the
//! product's own lists and reports count what the county's account says of itself (`county/published.toml`).
//!
//! A database of its own kind beside the demo county: today is the real day, and pages show the year by its period. The
//! officials are invented and still hold the posts of then, so that their accounts open it.

mod bound;
mod cases;
mod figures;
mod goals;
mod matters;
mod people;
mod plans;
mod share;
mod units;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::FromRow;

pub use self::figures::{Figure, Published, Reading, figure, published};
use self::people::People;
use super::history::{History, instant, moment};
use crate::accounts::permissions;
use crate::ids::Ids;
use crate::web::App;
use crate::{divisions, marks};

/// The county's own places of 2010; the last column says which names are invented.
const DIVISIONS: &str = include_str!("../../../county/divisions-published.csv");

/// From which the county is made up.
const SEED: u64 = 2_010;

/// The county.
const COUNTY: &str = "430223";

/// From this day on its places, units, posts and officials are there.
const BEGINNING: &str = "2008-01-01";

/// The first of the two years of the bound cases; plans are those of the second.
const FIRST_YEAR: i16 = 2009;

/// The year of the plans.
const YEAR: i16 = 2010;

/// The mark that tells this database from the demo county's.
const MARK: &str = "published";

/// Pages that show the year, for whoever sees the whole county: path and what it shows.
pub const PAGES: [(&str, &str); 3] = [
    ("/plans/rates?period=2010&by=level", "2010 年销号率"),
    ("/petitions/figures?year=2010", "信访分析，含近两年包案"),
    ("/petitions?tab=all&bound=2009-2010", "2009、2010 年包案的信访事项"),
];

/// A place of the county.
#[derive(Clone, Debug, FromRow)]
struct Place {
    code: String,
    name: String,
    parent: String,
}

/// The county while it is being made up.
struct County<'a> {
    app: &'a App,
    /// One source for every table: what was before 2020 has no instants in its ids, only their order.
    ids: Ids,
    villages: Vec<Place>,
    people: People,
    history: History,
}

impl County<'_> {
    fn id(&self) -> i64 {
        self.ids.next(begun())
    }

    fn official(&self, index: usize) -> i64 {
        self.people.officials[index].id
    }

    /// The first working day from `day`, or the last before it where that would be after `last`.
    fn working_day(&self, day: Date, last: Date) -> Date {
        super::working_day(self.app, day, last)
    }
}

/// The instant that the ids of this past begin with.
fn begun() -> Timestamp {
    instant(moment(Date::constant(2008, 1, 1), 8 * 60))
}

/// Fills an empty database with the published year. It is not one transaction; the mark `seed` is its last row.
pub async fn fill(app: &App) -> anyhow::Result<()> {
    let mut write = app.db.write().await?;
    marks::claim(&mut write, marks::DEMO, &app.keys).await?;
    sqlx::query("INSERT INTO database_mark (name, value) VALUES ($1, $2)")
        .bind(MARK)
        .bind(YEAR.to_string())
        .execute(&mut *write)
        .await?;
    divisions::import(&mut write, DIVISIONS, BEGINNING).await.context("county/divisions-published.csv")?;
    let places: Vec<Place> =
        sqlx::query_as("SELECT code, name, COALESCE(parent, '') AS parent FROM division ORDER BY code")
            .fetch_all(&mut *write)
            .await?;
    write.commit().await?;
    let of_length = |length| places.iter().filter(move |place| place.code.len() == length).cloned();
    let towns: Vec<Place> = of_length(9).collect();
    let ids = app.ids.past();
    let people = people::appoint(app, &ids, &towns).await?;
    let mut county = County { app, ids, villages: of_length(12).collect(), people, history: History::default() };
    plans::plan(&mut county).await?;
    bound::bind(&mut county).await?;
    county.history.store(app).await?;
    super::pair_all(app).await?;
    super::finish(app, SEED).await
}

/// Whether a demo database is that of the published year.
pub async fn is_published(app: &App) -> anyhow::Result<bool> {
    let mut read = app.db.read().await?;
    Ok(marks::mark(&mut read, MARK).await?.is_some())
}

/// Who can sign in: login, and role, name and post in words.
pub async fn accounts(app: &App) -> anyhow::Result<Vec<(String, String)>> {
    let mut read = app.db.read().await?;
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT c.login, MIN(g.role), o.name, u.name, p.title FROM account c JOIN official o ON o.id = c.official
           JOIN appointment a ON a.official = o.id JOIN role_grant g ON g.appointment = a.id
           JOIN post p ON p.id = a.post JOIN unit u ON u.id = p.unit
          GROUP BY c.login, c.id, o.name, u.name, p.title ORDER BY c.id",
    )
    .fetch_all(&mut *read)
    .await?;
    let roles = &permissions().roles;
    let said = |(login, role, name, unit, title): (String, String, String, String, String)| {
        let role = roles.get(&role).cloned().unwrap_or(role);
        (login, format!("{role}：{name} {unit}{title}"))
    };
    Ok(rows.into_iter().map(said).collect())
}
