//! What the search box looks for, as SQL: numbers, phones, names, and words in what was told.
//!
//! Names and words have indexes of their own. The newest that they find are looked up first, name and word apart: the
//! index is walked in its order and each of its petitions is asked whether it belongs to the filter, by a count that no
//! planner turns into a join over the whole table. The rows of the ledger are then read by id.

use std::collections::BTreeSet;

use sqlx::AnyConnection;

use super::filter::{Filter, from, keyset};
use super::rules::{Search, pair_words, search, state_number};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::secrets::Purpose;
use crate::web::App;

/// How many hits are counted; more are said to be more.
pub(super) const HITS: i64 = 1_000;

/// Petitions of a name that are put in order to be asked. Where a name has more, petitions are asked for the name, the
/// newest first: it has so many that the next is not far.
const NAMED: i64 = 50_000;

/// By which way petitions come into a query of the ledger.
#[derive(Clone, Copy)]
pub(super) enum Door<'a> {
    /// Each row of the filter is asked whether it is looked for.
    Within,
    /// The one whose id is this column of the query around it, if it has these pairs.
    Of(&'static str, &'a [String]),
    /// Each row of the filter is asked for a name that begins as typed.
    Named,
    /// The one that has this number in the national system.
    StateNumber(&'a str),
    /// These alone, which were looked up before.
    Ids(&'a [i64]),
}

impl Door<'_> {
    /// Adds the condition.
    pub(super) fn push(self, sql: &mut Sql, app: &App, viewer: &Viewer, filter: &Filter) {
        match self {
            Self::Ids(ids) => {
                sql.push(" AND p.id IN (0");
                for id in ids {
                    sql.push(", ").bind(*id);
                }
                sql.push(")");
            }
            Self::Of(column, pairs) => {
                sql.push(" AND p.id = ").push(column);
                for pair in pairs {
                    sql.push(" AND (SELECT COUNT(*) FROM petition_pair h WHERE h.petition = p.id AND h.pair = ");
                    sql.bind(pair.to_owned()).push(") = 1");
                }
            }
            Self::Named => {
                sql.push(" AND (SELECT COUNT(*) FROM petitioner WHERE petition = p.id AND");
                name(sql, filter.q.trim());
                sql.push(") > 0");
            }
            Self::StateNumber(number) => {
                sql.push(" AND p.id IN (SELECT petition FROM state_number WHERE number = ");
                sql.bind(number.to_owned()).push(")");
            }
            Self::Within => within(sql, app, viewer, &filter.q),
        }
    }
}

/// Adds that a petition has a pair.
fn has(sql: &mut Sql, pair: &str) {
    sql.push(" AND EXISTS (SELECT 1 FROM petition_pair h WHERE h.petition = p.id AND h.pair = ");
    sql.bind(pair.to_owned()).push(")");
}

/// Adds that a name begins so.
fn name(sql: &mut Sql, typed: &str) {
    sql.push(" name >= ").bind(typed.to_owned());
    sql.push(" AND name < ").bind(crate::divisions::end_of_text(typed));
}

/// Adds what is looked for to a query whose rows come from elsewhere.
fn within(sql: &mut Sql, app: &App, viewer: &Viewer, typed: &str) {
    let kind = search(typed, app.today().year());
    if let Search::Words(words) = &kind {
        sql.push(" AND (1 = 0");
        if viewer.sees("petitioner.name") {
            sql.push(" OR EXISTS (SELECT 1 FROM petitioner WHERE petition = p.id AND");
            name(sql, words);
            sql.push(")");
        }
        let pairs = pair_words(words);
        if !pairs.is_empty() {
            sql.push(" OR (1 = 1");
            for pair in &pairs {
                has(sql, pair);
            }
            sql.push(")");
        }
        sql.push(" OR p.id IN (SELECT petition FROM state_number WHERE number = ");
        sql.bind(state_number(typed).unwrap_or_default()).push("))");
        return;
    }
    if kind == Search::Everything {
        return;
    }
    sql.push(" AND p.id IN (SELECT petition FROM state_number WHERE number = ");
    sql.bind(state_number(typed).unwrap_or_default());
    match kind {
        Search::Numbers(numbers) => {
            sql.push(" UNION ALL SELECT id FROM petition WHERE number IN (''");
            for number in numbers {
                sql.push(", ").bind(number);
            }
            sql.push(")");
        }
        // Whoever sees names and phones masked does not find by them either.
        Search::Phone(phone) if viewer.sees("petitioner.phone") => {
            sql.push(" UNION ALL SELECT petition FROM petitioner WHERE phone_key = ");
            sql.bind(app.keys.keyed(Purpose::Phone, &phone));
        }
        _ => {}
    }
    sql.push(")");
}

/// The newest petitions of a filter that words find, so many at most; nothing where no words are looked for, or where
/// the rows come by due day and are few.
pub(super) async fn ids(
    read: &mut AnyConnection,
    app: &App,
    viewer: (&Viewer, bool),
    filter: &Filter,
    limit: i64,
) -> Result<Option<Vec<i64>>, sqlx::Error> {
    let Search::Words(words) = search(&filter.q, app.today().year()) else { return Ok(None) };
    if filter.by_due() {
        return Ok(None);
    }
    let number = state_number(&filter.q);
    let names = if viewer.0.sees("petitioner.name") { named(read, filter).await? } else { 0 };
    let pairs = rarest_first(read, pair_words(&words)).await?;
    let ways = [
        number.as_deref().map(|number| LookUp::Walk(Door::StateNumber(number))),
        match names {
            0 => None,
            1..=NAMED => Some(LookUp::Names),
            _ => Some(LookUp::Walk(Door::Named)),
        },
        pairs.split_first().map(|(first, others)| LookUp::Pairs(first, others)),
    ];
    let mut found: BTreeSet<i64> = BTreeSet::new();
    for way in ways.into_iter().flatten() {
        let mut sql = Sql::new("");
        way.push(&mut sql, app, viewer, filter, limit);
        found.extend(sql.fetch_all::<(i64,)>(&mut *read).await?.into_iter().map(|(id,)| id));
    }
    Ok(Some(found.into_iter().rev().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()))
}

/// How the newest petitions are looked up.
#[derive(Clone, Copy)]
pub(super) enum LookUp<'a> {
    /// The rows of the filter, one after the other.
    Walk(Door<'a>),
    /// The petitions of the names that begin as typed.
    Names,
    /// The petitions that have the first pair, if they have the others too.
    Pairs(&'a str, &'a [String]),
}

impl LookUp<'_> {
    /// Adds the statement.
    pub(super) fn push(self, sql: &mut Sql, app: &App, viewer: (&Viewer, bool), filter: &Filter, limit: i64) {
        let after = filter.after.parse::<i64>().ok();
        let older = |sql: &mut Sql| {
            if let Some(after) = after {
                sql.push(" AND petition < ").bind(after);
            }
        };
        let (column, pairs) = match self {
            Self::Walk(door) => {
                sql.push("SELECT p.id");
                from(sql, app, viewer, filter, door);
                keyset(sql, filter);
                sql.push(" ORDER BY p.id DESC").limit(limit);
                return;
            }
            Self::Names => {
                sql.push("SELECT n.petition FROM (SELECT DISTINCT petition FROM petitioner WHERE");
                name(sql, filter.q.trim());
                older(sql);
                sql.push(" ORDER BY petition DESC").limit(NAMED).push(") AS n WHERE 1 = 1");
                ("n.petition", &[][..])
            }
            Self::Pairs(first, others) => {
                sql.push("SELECT n.petition FROM petition_pair n WHERE n.pair = ").bind(first.to_owned());
                older(sql);
                ("n.petition", others)
            }
        };
        sql.push(" AND (SELECT COUNT(*)");
        from(sql, app, viewer, filter, Door::Of(column, pairs));
        sql.push(") = 1 ORDER BY n.petition DESC").limit(limit);
    }
}

/// How many petitioners have a name that begins as typed, as far as [`NAMED`] and one more.
async fn named(read: &mut AnyConnection, filter: &Filter) -> Result<i64, sqlx::Error> {
    let mut sql = Sql::new("SELECT COUNT(*) FROM (SELECT 1 AS one FROM petitioner WHERE");
    name(&mut sql, filter.q.trim());
    sql.limit(NAMED + 1).push(") AS counted");
    let counted: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(counted.map_or(0, |(count,)| count))
}

/// The pairs, the one that the fewest petitions have first: its index is walked. None where one is nowhere.
async fn rarest_first(read: &mut AnyConnection, pairs: Vec<String>) -> Result<Vec<String>, sqlx::Error> {
    if pairs.is_empty() {
        return Ok(pairs);
    }
    let mut sql = Sql::new("");
    for (index, pair) in pairs.iter().enumerate() {
        sql.push(if index == 0 { "SELECT COUNT(*) FROM (" } else { " UNION ALL SELECT COUNT(*) FROM (" });
        sql.push("SELECT 1 AS one FROM petition_pair WHERE pair = ").bind(pair.clone());
        sql.limit(HITS + 1).push(") AS counted");
    }
    let counts: Vec<(i64,)> = sql.fetch_all(read).await?;
    if counts.iter().any(|(count,)| *count == 0) {
        return Ok(Vec::new());
    }
    let mut counted: Vec<(i64, String)> = counts.into_iter().map(|(count,)| count).zip(pairs).collect();
    counted.sort();
    Ok(counted.into_iter().map(|(_, pair)| pair).collect())
}

/// The newest petitions that words find, as far as [`HITS`] and one more.
pub(super) struct Hits(Vec<i64>);

impl Hits {
    /// Of a filter from its beginning; nothing where no words are looked for.
    pub(super) async fn of(
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        filter: &Filter,
    ) -> Result<Option<Self>, sqlx::Error> {
        let helps = super::sight::helps(read, viewer).await?;
        let filter = Filter { after: String::new(), ..filter.clone() };
        Ok(ids(read, app, (viewer, helps), &filter, HITS + 1).await?.map(Self))
    }

    /// How many they are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// All of them; nothing where there are more.
    pub(super) fn all(&self) -> Option<&[i64]> {
        (self.0.len() as i64 <= HITS).then_some(&self.0)
    }

    /// Those of a filter's page; nothing where it goes on after the last of them.
    pub(super) fn page(&self, filter: &Filter, limit: i64) -> Option<Vec<i64>> {
        let after = filter.after.parse().unwrap_or(i64::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page: Vec<i64> = self.0.iter().copied().filter(|id| *id < after).take(limit).collect();
        (self.all().is_some() || page.len() == limit).then_some(page)
    }
}
