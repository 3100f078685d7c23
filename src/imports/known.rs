//! Reading what the county has: for the rows of an import to be judged against, and for exports.

use sqlx::{AnyConnection, FromRow};

use super::judge::{Cells, Known, Place, parent_of};
use super::kinds::Kind;
use super::terms::Term;
use crate::chain::Actor;
use crate::petitions::Bringing;
use crate::values;
use crate::web::App;

const DIVISIONS: &str = "SELECT code, name, kind, COALESCE(valid_to, '') AS until FROM division ORDER BY code";
const UNITS: &str = "SELECT u.code, u.name, u.kind, u.division, COALESCE(s.code, '') AS superior,
                            COALESCE(u.valid_to, '') AS until
                       FROM unit u LEFT JOIN unit s ON s.id = u.superior ORDER BY u.code";
const POSTS: &str = "SELECT p.code, u.code AS unit, p.title, p.listed_as, COALESCE(s.code, '') AS superior, '' AS rest
                       FROM post p JOIN unit u ON u.id = p.unit LEFT JOIN post s ON s.id = p.superior ORDER BY p.code";
const OFFICIALS: &str = "SELECT o.number, o.name, p.code AS post, a.held_from, COALESCE(c.login, '') AS login,
                                COALESCE(a.held_to, '') AS held_to
                           FROM appointment a JOIN official o ON o.id = a.official JOIN post p ON p.id = a.post
                           LEFT JOIN account c ON c.official = o.id
                          ORDER BY o.number, p.code, a.held_from";
const ASSIGNMENTS: &str =
    "SELECT o.number, v.village, v.held_from, COALESCE(v.held_to, '') AS held_to, '' AS a, '' AS b
                             FROM village_assignment v JOIN official o ON o.id = v.official
                            ORDER BY o.number, v.village, v.held_from";

/// In the order of the kind's columns.
#[derive(FromRow)]
struct Listed {
    code: String,
    unit_kind: String,
    name: String,
    part: String,
    holds_from: String,
    holds_to: String,
    source: String,
}

async fn responsibilities(read: &mut AnyConnection) -> Result<Vec<Listed>, sqlx::Error> {
    sqlx::query_as(
        "SELECT code, unit_kind, name, part, holds_from, COALESCE(holds_to, '') AS holds_to, source
           FROM responsibility ORDER BY unit_kind, code, holds_from",
    )
    .fetch_all(read)
    .await
}

#[derive(FromRow)]
pub(super) struct HouseholdRow {
    pub(super) id: i64,
    pub(super) number: String,
    head: String,
    division: String,
    people: i64,
    phone: Option<Vec<u8>>,
    until: String,
}

/// What the rows of a kind may refer to, and of households also their ids.
pub(super) async fn known(
    read: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    rows: &[Cells],
) -> anyhow::Result<(Known, Vec<HouseholdRow>)> {
    let mut known = Known::default();
    if kind == Kind::Petitions {
        known.petitions = Some(Box::new(Bringing::of(read, app, actor, rows).await?));
        return Ok((known, Vec::new()));
    }
    let code = |row: Vec<String>| (row[0].clone(), row);
    if matches!(kind, Kind::Divisions | Kind::Groups | Kind::Units | Kind::Households | Kind::Assignments) {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(DIVISIONS).fetch_all(&mut *read).await?;
        known.divisions =
            rows.into_iter().map(|(code, name, kind, until)| (code, Place { name, kind, until })).collect();
    }
    if matches!(kind, Kind::Units | Kind::Posts) {
        known.units = six(read, UNITS).await?.into_iter().map(code).collect();
    }
    if matches!(kind, Kind::Posts | Kind::Officials) {
        known.posts = six(read, POSTS).await?.into_iter().map(|row| code(row[..5].to_vec())).collect();
    }
    if matches!(kind, Kind::Officials | Kind::Assignments | Kind::Allowances) {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT number, name FROM official").fetch_all(&mut *read).await?;
        known.officials = rows.into_iter().collect();
    }
    match kind {
        Kind::Officials => {
            let rows: Vec<(String, String)> =
                sqlx::query_as("SELECT c.login, o.number FROM account c JOIN official o ON o.id = c.official")
                    .fetch_all(&mut *read)
                    .await?;
            known.logins = rows.into_iter().collect();
            for row in six(read, OFFICIALS).await? {
                known.held.entry((row[0].clone(), row[2].clone())).or_default().push(term(&row[3], &row[5])?);
            }
        }
        Kind::Assignments => {
            for row in six(read, ASSIGNMENTS).await? {
                known.assigned.entry((row[0].clone(), row[1].clone())).or_default().push(term(&row[2], &row[3])?);
            }
        }
        Kind::Allowances => {
            let rows = allowances(read).await?;
            known.allowances = rows.into_iter().map(|(number, _, from, fen)| ((number, from), fen)).collect();
        }
        Kind::WorkingDays => {
            let rows = values::days(read).await?;
            known.days = rows.into_iter().map(|(day, kind, holiday, source)| (day, [kind, holiday, source])).collect();
        }
        Kind::Responsibilities => {
            for row in responsibilities(read).await? {
                let listed = known.listed.entry((row.code.clone(), row.unit_kind.clone())).or_default();
                listed.push(term(&row.holds_from, &row.holds_to)?);
                let key = (row.code, row.unit_kind, row.holds_from);
                known.responsibilities.insert(key, [row.name, row.part, row.source]);
            }
        }
        Kind::Values => {
            let rows = values::rows(read).await?;
            let row = |(key, from, value, source)| ((key, from), (value, source));
            known.values = rows.into_iter().map(row).collect();
        }
        _ => {}
    }
    let rows = if kind == Kind::Households { households(read).await? } else { Vec::new() };
    for row in &rows {
        let phone = match &row.phone {
            Some(sealed) => app.keys.decrypt(sealed, &format!("household.phone/{}", row.id))?,
            None => String::new(),
        };
        let said = [row.head.clone(), row.division.clone(), row.people.to_string(), phone, row.until.clone()];
        known.households.insert(row.number.clone(), said);
    }
    Ok((known, rows))
}

fn term(from: &str, to: &str) -> anyhow::Result<Term> {
    Ok((from.parse()?, if to.is_empty() { None } else { Some(to.parse()?) }))
}

async fn six(read: &mut AnyConnection, sql: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
    let rows: Vec<(String, String, String, String, String, String)> = sqlx::query_as(sql).fetch_all(read).await?;
    Ok(rows.into_iter().map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f]).collect())
}

/// Number, name, first day and fen.
async fn allowances(read: &mut AnyConnection) -> Result<Vec<(String, String, String, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT o.number, o.name, w.holds_from, w.fen FROM allowance w JOIN official o ON o.id = w.official
          ORDER BY o.number, w.holds_from",
    )
    .fetch_all(read)
    .await
}

async fn households(read: &mut AnyConnection) -> Result<Vec<HouseholdRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, number, head, division, people, phone, COALESCE(valid_to, '') AS until FROM household ORDER BY number",
    )
    .fetch_all(read)
    .await
}

/// Every record of a kind as an import would read it. Phones stay where they are: an export of them would be a list
/// of everybody's numbers, and an import without them changes none.
pub(super) async fn export(
    read: &mut AnyConnection,
    kind: Kind,
) -> anyhow::Result<(Vec<&'static str>, Vec<Vec<String>>)> {
    let mut names: Vec<&'static str> = kind.columns().iter().map(|column| column.name).collect();
    let rows = match kind {
        Kind::Divisions | Kind::Groups => {
            let groups = kind == Kind::Groups;
            let rows: Vec<(String, String, String, String)> = sqlx::query_as(DIVISIONS).fetch_all(read).await?;
            let of_kind = rows.into_iter().filter(|(_, _, kind, _)| (kind == "group") == groups);
            let row = |(code, name, _, until): (String, String, String, String)| {
                let parent = parent_of(&code).to_owned();
                if groups { vec![code, name, until] } else { vec![code, name, parent, until] }
            };
            of_kind.map(row).collect()
        }
        Kind::Units => six(read, UNITS).await?,
        Kind::Posts => six(read, POSTS).await?.into_iter().map(|row| row[..5].to_vec()).collect(),
        Kind::Officials => six(read, OFFICIALS).await?,
        Kind::Assignments => six(read, ASSIGNMENTS).await?.into_iter().map(|row| row[..4].to_vec()).collect(),
        Kind::Allowances => {
            let row = |(number, name, from, fen): (String, String, String, i64)| {
                vec![number, from, format!("{}.{:02}", fen / 100, fen % 100), name]
            };
            allowances(read).await?.into_iter().map(row).collect()
        }
        Kind::Households => {
            names.retain(|name| *name != "电话");
            let rows = households(read).await?.into_iter();
            rows.map(|row| vec![row.number, row.head, row.division, row.people.to_string(), row.until]).collect()
        }
        Kind::WorkingDays => {
            let rows = values::days(read).await?.into_iter();
            let word = |kind: &str| if kind == "work" { "班" } else { "休" }.to_owned();
            rows.map(|(day, kind, holiday, source)| vec![day, word(&kind), holiday, source]).collect()
        }
        Kind::Responsibilities => {
            let row = |row: Listed| {
                let Listed { code, unit_kind, name, part, holds_from, holds_to, source } = row;
                vec![code, unit_kind, name, part, holds_from, holds_to, source]
            };
            responsibilities(read).await?.into_iter().map(row).collect()
        }
        Kind::Values => {
            let rows = values::rows(read).await?.into_iter();
            rows.map(|(key, from, value, source)| vec![key, from, value, source]).collect()
        }
        // By the ledger, where scope and recusal are part of the query.
        Kind::Petitions => anyhow::bail!("信访事项请在网页的信访台账里导出"),
    };
    Ok((names, rows))
}
