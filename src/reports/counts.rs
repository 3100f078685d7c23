//! What the figures of petitions count. All of them count the petitions registered in a place in a year, without what
//! the viewer is to be kept from.

use jiff::ToSpan;
use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::figures::push_found;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::{divisions, petitions};

/// Petitions that came in the same month, by the same door, about the same.
#[derive(Debug, FromRow)]
pub struct Came {
    /// 2026-11.
    pub month: String,
    /// The channel's word.
    pub channel: String,
    /// The category's word.
    pub category: String,
    /// The theme's word.
    pub theme: String,
    /// The cause's word, or that none is recorded.
    pub cause: String,
    /// Nine digits, or six for the county itself.
    pub township: String,
    /// 1: more than one person stands behind it.
    pub joint: i64,
    /// 1: closed, or forwarded.
    pub ended: i64,
    /// How many there are.
    pub petitions: i64,
    /// How many people stand behind them.
    pub people: i64,
}

/// The clocks of one kind that fell due before today.
#[derive(Clone, Debug, FromRow)]
pub struct Timed {
    /// `policy::Clock::id`.
    pub kind: String,
    /// How many petitions have such a clock.
    pub due: i64,
    /// Those whose duty was met, or fell away, by the due day.
    pub met: i64,
    /// Those that run on.
    pub open: i64,
}

/// How they ended.
#[derive(Debug, Default)]
pub struct Ended {
    /// By the outcome of the written opinion: word, how many.
    pub outcomes: Vec<(String, i64)>,
    /// By what the closure says: word, how many.
    pub resolutions: Vec<(String, i64)>,
}

impl Ended {
    /// How many there are of a word.
    pub fn count(rows: &[(String, i64)], word: &str) -> i64 {
        rows.iter().find(|(found, _)| found == word).map_or(0, |(_, count)| *count)
    }
}

/// What those who came said.
#[derive(Debug, Default, FromRow)]
pub struct Said {
    /// Answered or closed, with somebody who could be asked.
    pub asked: i64,
    /// Rated by the petitioner alone.
    pub rated: i64,
    /// Rated 3 to 5.
    pub satisfied: i64,
    /// Rated at the device of an official; counted nowhere else.
    pub at_a_desk: i64,
}

/// Adds the petitions of a year and a place, as far as the viewer may count them.
fn push_year(sql: &mut Sql, viewer: &Viewer, place: &str, year: i16) {
    sql.push(" WHERE p.registered_on >= ").bind(format!("{year}-01-01"));
    sql.push(" AND p.registered_on <= ").bind(format!("{year}-12-31"));
    push_found(sql, viewer, place);
}

/// The county and its townships, streets and parks within a place, those of earlier years as well: code and name.
pub async fn places(read: &mut AnyConnection, place: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT code, name FROM division
          WHERE kind IN ('county', 'township', 'street', 'park') AND code >= $1 AND code < $2 ORDER BY code",
    )
    .bind(place.to_owned())
    .bind(divisions::end(place))
    .fetch_all(read)
    .await
}

/// What came in a year.
pub async fn came(read: &mut AnyConnection, viewer: &Viewer, place: &str, year: i16) -> Result<Vec<Came>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT substr(p.registered_on, 1, 7) AS month, p.channel, p.category, p.theme,
                COALESCE(y.cause, 'none') AS cause, p.township,
                CASE WHEN p.people > 1 THEN 1 ELSE 0 END AS joint,
                CASE WHEN p.state IN ('closed', 'forwarded') THEN 1 ELSE 0 END AS ended,
                COUNT(*) AS petitions, CAST(SUM(p.people) AS BIGINT) AS people
           FROM petition p LEFT JOIN petition_cause y ON y.petition = p.id",
    );
    push_year(&mut sql, viewer, place, year);
    sql.push(" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8");
    sql.fetch_all(read).await
}

/// The clocks of a year's petitions that fell due before today, by kind. The rights to object and to ask for a review
/// are nobody's duty.
pub async fn timed(
    read: &mut AnyConnection,
    viewer: &Viewer,
    place: &str,
    year: i16,
    today: Date,
) -> Result<Vec<Timed>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT c.kind, COUNT(DISTINCT p.id) AS due,
                COUNT(DISTINCT CASE WHEN c.stopped_on <= c.due_on THEN p.id END) AS met,
                COUNT(DISTINCT CASE WHEN c.stopped_on IS NULL THEN p.id END) AS open
           FROM petition p JOIN clock c ON c.petition = p.id
                AND c.kind IN ('registration', 'notice', 'handling', 'review', 're-review') AND c.due_on <= ",
    );
    sql.bind((today - 1.days()).to_string());
    push_year(&mut sql, viewer, place, year);
    sql.push(" GROUP BY c.kind");
    sql.fetch_all(read).await
}

/// A year's petitions that were linked to an earlier one as the same matter.
pub async fn repeats(read: &mut AnyConnection, viewer: &Viewer, place: &str, year: i16) -> Result<i64, sqlx::Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM petition p");
    push_year(&mut sql, viewer, place, year);
    petitions::push_repeat(&mut sql, viewer);
    let found: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(found.map_or(0, |(count,)| count))
}

/// How a year's petitions ended.
pub async fn ended(read: &mut AnyConnection, viewer: &Viewer, place: &str, year: i16) -> Result<Ended, sqlx::Error> {
    let mut sql = Sql::new("SELECT o.outcome, COUNT(*) FROM petition p JOIN opinion o ON o.petition = p.id");
    push_year(&mut sql, viewer, place, year);
    sql.push(" GROUP BY o.outcome");
    let outcomes = sql.fetch_all(&mut *read).await?;
    let mut sql = Sql::new("SELECT c.resolution, COUNT(*) FROM petition p JOIN closure c ON c.petition = p.id");
    push_year(&mut sql, viewer, place, year);
    sql.push(" GROUP BY c.resolution");
    Ok(Ended { outcomes, resolutions: sql.fetch_all(read).await? })
}

/// What was said of a year's petitions.
pub async fn said(read: &mut AnyConnection, viewer: &Viewer, place: &str, year: i16) -> Result<Said, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT COUNT(*) AS asked, COUNT(CASE WHEN r.recorded_by IS NULL THEN r.score END) AS rated,
                COUNT(CASE WHEN r.recorded_by IS NULL AND r.score >= 3 THEN 1 END) AS satisfied,
                COUNT(r.recorded_by) AS at_a_desk
           FROM petition p LEFT JOIN rating r ON r.petition = p.id",
    );
    push_year(&mut sql, viewer, place, year);
    sql.push(" AND p.state IN ('answered', 'closed') AND p.anonymous = 0");
    Ok(sql.fetch_optional(read).await?.unwrap_or_default())
}

/// What the yearly report of art. 41 tells beside the figures of the page.
#[derive(Debug, Default)]
pub struct Annual {
    /// Petitions given to a unit (交办).
    pub assigned: i64,
    /// Petitions sent on to the organ that the law names (转送).
    pub forwarded: i64,
    /// How often somebody up the line was told of a late clock (督办).
    pub urged: i64,
    /// Suggestions that were answered.
    pub suggestions: i64,
    /// Those of them that were supported.
    pub adopted: i64,
    /// The units most complained of, and how often.
    pub complained_of: Vec<(String, i64)>,
}

/// The same for a year.
pub async fn annual(read: &mut AnyConnection, viewer: &Viewer, place: &str, year: i16) -> Result<Annual, sqlx::Error> {
    let one = |text: &'static str, ending: &'static str| {
        let mut sql = Sql::new(text);
        push_year(&mut sql, viewer, place, year);
        sql.push(ending);
        sql
    };
    let assigned = one(
        "SELECT COUNT(*) FROM petition p",
        " AND EXISTS (SELECT 1 FROM assignment a WHERE a.petition = p.id AND a.part = 'lead')",
    );
    let forwarded = one("SELECT COUNT(*) FROM petition p JOIN forwarding f ON f.petition = p.id", "");
    let urged = one("SELECT COUNT(*) FROM petition p JOIN urging g ON g.petition = p.id AND g.rung <> 'warn'", "");
    let suggestions = one(
        "SELECT COUNT(*), COUNT(CASE WHEN o.outcome = 'supported' THEN 1 END)
           FROM petition p JOIN opinion o ON o.petition = p.id",
        " AND p.category = 'suggestion'",
    );
    let complained_of = one(
        "SELECT u.name, COUNT(*) FROM petition p
           JOIN recusal c ON c.petition = p.id AND c.reason = 'complained_of' JOIN unit u ON u.id = c.unit",
        " GROUP BY u.name ORDER BY 2 DESC, 1 LIMIT 5",
    );
    let number = |row: Option<(i64,)>| row.map_or(0, |(count,)| count);
    let (suggestions, adopted) = suggestions.fetch_optional(&mut *read).await?.unwrap_or_default();
    Ok(Annual {
        assigned: number(assigned.fetch_optional(&mut *read).await?),
        forwarded: number(forwarded.fetch_optional(&mut *read).await?),
        urged: number(urged.fetch_optional(&mut *read).await?),
        suggestions,
        adopted,
        complained_of: complained_of.fetch_all(read).await?,
    })
}
