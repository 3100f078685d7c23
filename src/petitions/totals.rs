//! The totals of a ledger: petitions, matters and people of the filtered set, by state and by category.

use sqlx::AnyConnection;

use super::filter::{Filter, matters, sums};
use super::rules::{Category, State};
use crate::accounts::Viewer;
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
    pub(super) async fn of(
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        filter: &Filter,
    ) -> Result<Self, sqlx::Error> {
        let found: i64 = sums(read, app, viewer, filter, MOST + 1).await?.iter().map(|(.., cases, _)| cases).sum();
        let rows = sums(read, app, viewer, filter, MOST).await?;
        let of = |holds: &dyn Fn(&str, &str) -> bool| {
            rows.iter().filter(|(state, category, ..)| holds(state, category)).map(|(.., cases, _)| cases).sum::<i64>()
        };
        let by_state = State::ALL.iter().map(|one| (one.label(), of(&|state, _| state == one.word())));
        let by_category = Category::ALL.iter().map(|one| (one.label(), of(&|_, category| category == one.word())));
        Ok(Self {
            matters: matters(read, app, viewer, filter, MOST).await?,
            cases: rows.iter().map(|(.., cases, _)| cases).sum(),
            people: rows.iter().map(|(.., people)| people).sum(),
            is_cut: found > MOST,
            by_state: by_state.filter(|(_, cases)| *cases > 0).collect(),
            by_category: by_category.filter(|(_, cases)| *cases > 0).collect(),
        })
    }
}
