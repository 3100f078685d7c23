//! The totals of a ledger: petitions, matters and people of the filtered set, by state and by category.

use sqlx::AnyConnection;

use super::filter::{Filter, from, order};
use super::rules::{Category, State};
use super::sight;
use super::words::Door;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::App;

/// How many rows are added up; more are said to be more.
const MOST: i64 = 20_000;

/// Sums of the petitions that a filter finds.
#[derive(Debug)]
pub(super) struct Totals {
    /// 件次: a petition each.
    pub(super) cases: i64,
    /// 件数: those that were linked as one matter count once.
    pub(super) matters: i64,
    /// 人次: each case's people, however often the same person comes.
    pub(super) people: i64,
    /// There are more than were added up.
    pub(super) is_cut: bool,
    /// Label and number, those with none left out.
    pub(super) by_state: Vec<(&'static str, i64)>,
    /// The same by category.
    pub(super) by_category: Vec<(&'static str, i64)>,
}

impl Totals {
    /// Of what a filter finds, which comes in by a door.
    pub(super) async fn of(
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        filter: &Filter,
        door: Door<'_>,
    ) -> Result<Self, sqlx::Error> {
        let found: i64 =
            sums(read, app, viewer, (filter, door), MOST + 1).await?.iter().map(|(.., cases, _)| cases).sum();
        let rows = sums(read, app, viewer, (filter, door), MOST).await?;
        let of = |holds: &dyn Fn(&str, &str) -> bool| {
            rows.iter().filter(|(state, category, ..)| holds(state, category)).map(|(.., cases, _)| cases).sum::<i64>()
        };
        let by_state = State::ALL.iter().map(|one| (one.label(), of(&|state, _| state == one.word())));
        let by_category = Category::ALL.iter().map(|one| (one.label(), of(&|_, category| category == one.word())));
        Ok(Self {
            matters: matters(read, app, viewer, (filter, door), MOST).await?,
            cases: rows.iter().map(|(.., cases, _)| cases).sum(),
            people: rows.iter().map(|(.., people)| people).sum(),
            is_cut: found > MOST,
            by_state: by_state.filter(|(_, cases)| *cases > 0).collect(),
            by_category: by_category.filter(|(_, cases)| *cases > 0).collect(),
        })
    }
}

/// Of the first rows of a filter, in their order and as far as `most`: state, category, how many, how many people.
async fn sums(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (filter, door): (&Filter, Door<'_>),
    most: i64,
) -> Result<Vec<(String, String, i64, i64)>, sqlx::Error> {
    let helps = sight::helps(read, viewer).await?;
    let mut sql = Sql::new(
        "SELECT s.state, s.category, COUNT(*) AS cases, CAST(SUM(s.people) AS BIGINT) AS people
           FROM (SELECT p.state, p.category, p.people",
    );
    from(&mut sql, app, (viewer, helps), filter, door);
    sql.push(order(filter)).limit(most).push(") AS s GROUP BY s.state, s.category");
    sql.fetch_all(read).await
}

/// How many matters the same rows are: those of one thread are one.
async fn matters(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (filter, door): (&Filter, Door<'_>),
    most: i64,
) -> Result<i64, sqlx::Error> {
    let helps = sight::helps(read, viewer).await?;
    let mut sql = Sql::new(
        "SELECT COUNT(DISTINCT s.matter) AS matters
           FROM (SELECT COALESCE((SELECT m.thread FROM thread_member m WHERE m.petition = p.id), p.id) AS matter",
    );
    from(&mut sql, app, (viewer, helps), filter, door);
    sql.push(order(filter)).limit(most).push(") AS s");
    let found: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(found.map_or(0, |(matters,)| matters))
}
