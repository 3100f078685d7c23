//! What the search box looks for, as SQL: numbers, phones, names, and words in what was told.
//!
//! Names and words have indexes of their own. The newest that they find are looked up first, name and word apart, each
//! in the order of its index; the rows of the ledger are then read by id.

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

/// By which way petitions come into a query of the ledger.
#[derive(Clone, Copy)]
pub(super) enum Door<'a> {
    /// Each row of the filter is asked whether it is looked for.
    Within,
    /// The names that begin as typed.
    Names,
    /// The one that has this number in the national system.
    StateNumber(&'a str),
    /// The petitions that have the first of these pairs, if they have the others too.
    Pairs(&'a [String]),
    /// These alone, which were looked up before.
    Ids(&'a [i64]),
}

impl Door<'_> {
    /// Where the rows come from, where that is not the tab's to say.
    pub(super) fn source(self) -> Option<&'static str> {
        matches!(self, Self::Pairs(_)).then_some(" FROM petition_pair c CROSS JOIN petition p")
    }

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
            Self::Pairs([first, others @ ..]) => {
                sql.push(" AND c.petition = p.id AND c.pair = ").bind(first.clone());
                for pair in others {
                    has(sql, pair);
                }
            }
            Self::Pairs([]) => {
                sql.push(" AND 1 = 0");
            }
            Self::Names => {
                sql.push(" AND p.id IN (SELECT petition FROM petitioner WHERE");
                name(sql, filter.q.trim());
                sql.push(")");
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
    let mut found: BTreeSet<i64> = BTreeSet::new();
    if let Some(number) = state_number(&filter.q) {
        let sql = newest(app, viewer, filter, Door::StateNumber(&number), limit);
        found.extend(sql.fetch_all::<(i64,)>(&mut *read).await?.into_iter().map(|(id,)| id));
    }
    if viewer.0.sees("petitioner.name") {
        let sql = newest(app, viewer, filter, Door::Names, limit);
        found.extend(sql.fetch_all::<(i64,)>(&mut *read).await?.into_iter().map(|(id,)| id));
    }
    let pairs = rarest_first(read, pair_words(&words)).await?;
    if !pairs.is_empty() {
        let sql = newest(app, viewer, filter, Door::Pairs(&pairs), limit);
        found.extend(sql.fetch_all::<(i64,)>(&mut *read).await?.into_iter().map(|(id,)| id));
    }
    Ok(Some(found.into_iter().rev().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()))
}

fn newest(app: &App, viewer: (&Viewer, bool), filter: &Filter, door: Door<'_>, limit: i64) -> Sql {
    let mut sql = Sql::new("");
    push_newest(&mut sql, app, viewer, filter, door, limit);
    sql
}

/// Adds the look-up of the newest petitions that come in by a door.
pub(super) fn push_newest(
    sql: &mut Sql,
    app: &App,
    viewer: (&Viewer, bool),
    filter: &Filter,
    door: Door<'_>,
    limit: i64,
) {
    let by_pair = matches!(door, Door::Pairs(_));
    sql.push("SELECT p.id");
    from(sql, app, viewer, filter, door);
    if by_pair && let Ok(after) = filter.after.parse::<i64>() {
        sql.push(" AND c.petition < ").bind(after);
    }
    keyset(sql, filter);
    sql.push(if by_pair { " ORDER BY c.petition DESC" } else { " ORDER BY p.id DESC" }).limit(limit);
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

/// How many petitions words find, as far as [`HITS`] and one more; nothing where no words are looked for.
pub(super) async fn hits(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    filter: &Filter,
) -> Result<Option<usize>, sqlx::Error> {
    let helps = super::sight::helps(read, viewer).await?;
    let filter = Filter { after: String::new(), ..filter.clone() };
    Ok(ids(read, app, (viewer, helps), &filter, HITS + 1).await?.map(|ids| ids.len()))
}
