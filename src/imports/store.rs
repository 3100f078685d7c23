//! Writing the rows that were judged good. What can be made ready is made ready before the write begins.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use serde_json::json;
use sqlx::AnyConnection;

use super::judge::{Cells, Known, Verdict, parent_of, place_kind, unit_kind};
use super::kinds::Kind;
use super::known::HouseholdRow;
use crate::chain::{self, Actor, Subject};
use crate::divisions::initials;
use crate::rows::{Rows, row};
use crate::web::App;

/// Good rows with what became of them, in the order of the file.
pub(super) type Good = Vec<(Cells, Verdict)>;

/// Households with their numbers sealed, ready to be written.
pub(super) struct Households {
    added: Rows,
    changed: Vec<Changed>,
}

struct Changed {
    id: i64,
    head: String,
    division: String,
    people: i64,
    phone: Option<Vec<u8>>,
    until: Option<String>,
}

fn cell(cells: &Cells, at: usize) -> String {
    cells.get(at).cloned().flatten().unwrap_or_default()
}

/// A day that may be missing.
fn until(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Makes households ready: their ids given, their phones encrypted.
pub(super) fn households(app: &App, good: &Good, known: &Known, rows: &[HouseholdRow]) -> anyhow::Result<Households> {
    let columns = "id, division, village, number, head, people, phone, valid_from, valid_to";
    let (mut added, mut changed) = (Rows::new("household", columns), Vec::new());
    let ids: HashMap<&str, i64> = rows.iter().map(|row| (row.number.as_str(), row.id)).collect();
    let sealed =
        |id: i64, phone: &str| (!phone.is_empty()).then(|| app.keys.encrypt(phone, &format!("household.phone/{id}")));
    for (cells, verdict) in good {
        let number = cell(cells, 0);
        let [head, division, people, phone, to] = &known.households[&number];
        let (people, head, division): (i64, _, _) = (people.parse()?, head.clone(), division.clone());
        match verdict {
            Verdict::Add => {
                let id = app.id();
                row!(added; id, division.clone(), division[..12].to_owned(), number, head, people, sealed(id, phone),
                     app.today(), until(to));
            }
            Verdict::Change => {
                let id = ids[number.as_str()];
                changed.push(Changed { id, head, division, people, phone: sealed(id, phone), until: until(to) });
            }
            Verdict::Same | Verdict::Refuse(_) => {}
        }
    }
    Ok(Households { added, changed })
}

impl Households {
    async fn write(&mut self, write: &mut AnyConnection, today: Date) -> anyhow::Result<()> {
        for row in &self.changed {
            sqlx::query(
                "UPDATE household SET head = $1, division = $2, people = $3, phone = $4, valid_to = $5 WHERE id = $6",
            )
            .bind(row.head.clone())
            .bind(row.division.clone())
            .bind(row.people)
            .bind(row.phone.clone())
            .bind(row.until.clone())
            .bind(row.id)
            .execute(&mut *write)
            .await?;
        }
        self.added.write(&mut *write).await?;
        crate::duties::reconcile(write, today.year(), today).await?;
        Ok(())
    }
}

/// Writes the rows that are new or say something else, in the order of the file.
pub(super) async fn take(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    kind: Kind,
    (rows, known, households): (&Good, &Known, &mut Option<Households>),
) -> anyhow::Result<()> {
    let today = app.today();
    if kind == Kind::Divisions || kind == Kind::Groups {
        return divisions(write, kind, rows, today).await;
    }
    if kind == Kind::WorkingDays {
        return working_days(write, app, actor, rows).await;
    }
    if let Some(households) = households {
        return households.write(write, today).await;
    }
    for (cells, verdict) in rows.iter().filter(|(_, verdict)| *verdict != Verdict::Same) {
        match kind {
            Kind::Units => unit(write, app, &known.units[&cell(cells, 0)], verdict, today).await?,
            Kind::Posts => post(write, app, &known.posts[&cell(cells, 0)], verdict).await?,
            Kind::Officials => official(write, app, cells, verdict).await?,
            Kind::Assignments => assignment(write, app, cells).await?,
            Kind::Allowances => allowance(write, cells).await?,
            Kind::Values => value(write, app, actor, cells).await?,
            Kind::Responsibilities => responsibility(write, app, cells).await?,
            Kind::Divisions | Kind::Groups | Kind::Households | Kind::WorkingDays | Kind::Petitions => {}
        }
    }
    Ok(())
}

async fn divisions(write: &mut AnyConnection, kind: Kind, rows: &Good, today: Date) -> anyhow::Result<()> {
    let mut added = Rows::new("division", "code, parent, name, initials, kind, valid_from, valid_to");
    let last = kind.columns().len() - 1;
    for (cells, verdict) in rows {
        let (code, name, to) = (cell(cells, 0), cell(cells, 1), until(&cell(cells, last)));
        match verdict {
            Verdict::Add => {
                let parent = Some(parent_of(&code).to_owned()).filter(|parent| !parent.is_empty());
                let kind = place_kind(&code).unwrap_or("group");
                row!(added; code, parent, name.clone(), initials(&name), kind, today, to);
            }
            Verdict::Change => {
                sqlx::query("UPDATE division SET name = $1, initials = $2, valid_to = $3 WHERE code = $4")
                    .bind(name.clone())
                    .bind(initials(&name))
                    .bind(to)
                    .bind(code)
                    .execute(&mut *write)
                    .await?;
            }
            Verdict::Same | Verdict::Refuse(_) => {}
        }
    }
    added.write(write).await
}

async fn id_of(write: &mut AnyConnection, sql: &'static str, code: &str) -> Result<Option<i64>, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as(sql).bind(code.to_owned()).fetch_optional(write).await?;
    Ok(found.map(|(id,)| id))
}

async fn unit(
    write: &mut AnyConnection,
    app: &App,
    unit: &[String],
    verdict: &Verdict,
    today: Date,
) -> anyhow::Result<()> {
    let sql = if *verdict == Verdict::Add {
        "INSERT INTO unit (code, name, kind, division, superior, valid_to, id, valid_from)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    } else {
        "UPDATE unit SET name = $2, kind = $3, division = $4, superior = $5, valid_to = $6 WHERE code = $1"
    };
    let superior = id_of(write, "SELECT id FROM unit WHERE code = $1", &unit[4]).await?;
    let mut query = sqlx::query(sql)
        .bind(unit[0].clone())
        .bind(unit[1].clone())
        .bind(unit_kind(&unit[2]).unwrap_or("department"))
        .bind(unit[3].clone())
        .bind(superior)
        .bind(until(&unit[5]));
    if *verdict == Verdict::Add {
        query = query.bind(app.id()).bind(today.to_string());
    }
    query.execute(write).await?;
    Ok(())
}

async fn post(write: &mut AnyConnection, app: &App, post: &[String], verdict: &Verdict) -> anyhow::Result<()> {
    let sql = if *verdict == Verdict::Add {
        "INSERT INTO post (code, title, listed_as, superior, id, unit) VALUES ($1, $2, $3, $4, $5, $6)"
    } else {
        "UPDATE post SET title = $2, listed_as = $3, superior = $4 WHERE code = $1"
    };
    let superior = id_of(write, "SELECT id FROM post WHERE code = $1", &post[4]).await?;
    let unit = id_of(write, "SELECT id FROM unit WHERE code = $1", &post[1]).await?;
    let mut query = sqlx::query(sql).bind(post[0].clone()).bind(post[2].clone()).bind(post[3].clone()).bind(superior);
    if *verdict == Verdict::Add {
        query = query.bind(app.id()).bind(unit);
    }
    query.execute(write).await?;
    Ok(())
}

/// An official, the appointment, and the account where the sheet names one. Such an account has no password that
/// anybody could type: the system officer sets the first.
async fn official(write: &mut AnyConnection, app: &App, cells: &Cells, verdict: &Verdict) -> anyhow::Result<()> {
    let (number, name, post, login) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), cell(cells, 4));
    let sql = if *verdict == Verdict::Add {
        "INSERT INTO official (number, name, initials, id) VALUES ($1, $2, $3, $4)"
    } else {
        "UPDATE official SET name = $2, initials = $3 WHERE number = $1"
    };
    let mut query = sqlx::query(sql).bind(number.clone()).bind(name.clone()).bind(initials(&name));
    if *verdict == Verdict::Add {
        query = query.bind(app.id());
    }
    query.execute(&mut *write).await?;
    sqlx::query(
        "INSERT INTO appointment (id, official, post, held_from, held_to)
         SELECT $1, o.id, p.id, $2, $3 FROM official o, post p WHERE o.number = $4 AND p.code = $5
             ON CONFLICT (official, post, held_from) DO UPDATE SET held_to = excluded.held_to",
    )
    .bind(app.id())
    .bind(cell(cells, 3))
    .bind(until(&cell(cells, 5)))
    .bind(number.clone())
    .bind(post)
    .execute(&mut *write)
    .await?;
    if !login.is_empty() {
        sqlx::query(
            "INSERT INTO account (id, official, login, password_hash)
             SELECT $1, o.id, $2, '' FROM official o WHERE o.number = $3 ON CONFLICT DO NOTHING",
        )
        .bind(app.id())
        .bind(login)
        .bind(number)
        .execute(write)
        .await?;
    }
    Ok(())
}

async fn assignment(write: &mut AnyConnection, app: &App, cells: &Cells) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO village_assignment (id, official, village, held_from, held_to)
         SELECT $1, o.id, $2, $3, $4 FROM official o WHERE o.number = $5
             ON CONFLICT (official, village, held_from) DO UPDATE SET held_to = excluded.held_to",
    )
    .bind(app.id())
    .bind(cell(cells, 1))
    .bind(cell(cells, 2))
    .bind(until(&cell(cells, 3)))
    .bind(cell(cells, 0))
    .execute(write)
    .await?;
    Ok(())
}

async fn allowance(write: &mut AnyConnection, cells: &Cells) -> anyhow::Result<()> {
    let fen: i64 = cell(cells, 2).parse()?;
    sqlx::query(
        "INSERT INTO allowance (official, holds_from, fen) SELECT o.id, $1, $2 FROM official o WHERE o.number = $3
             ON CONFLICT (official, holds_from) DO UPDATE SET fen = excluded.fen",
    )
    .bind(cell(cells, 1))
    .bind(fen)
    .bind(cell(cells, 0))
    .execute(write)
    .await?;
    Ok(())
}

/// A line of a list of responsibilities: known by number, kind of unit and first day.
async fn responsibility(write: &mut AnyConnection, app: &App, cells: &Cells) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO responsibility (id, code, unit_kind, name, part, holds_from, holds_to, source)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (unit_kind, code, holds_from) DO UPDATE SET name = excluded.name, part = excluded.part,
                holds_to = excluded.holds_to, source = excluded.source",
    )
    .bind(app.id())
    .bind(cell(cells, 0))
    .bind(cell(cells, 1))
    .bind(cell(cells, 2))
    .bind(cell(cells, 3))
    .bind(cell(cells, 4))
    .bind(until(&cell(cells, 5)))
    .bind(cell(cells, 6).trim().to_owned())
    .execute(write)
    .await?;
    Ok(())
}

/// Days of rest and work, with one record in the chain for each year that they fall into.
async fn working_days(write: &mut AnyConnection, app: &App, actor: Actor, rows: &Good) -> anyhow::Result<()> {
    let mut years: BTreeMap<i64, Vec<[String; 4]>> = BTreeMap::new();
    for (cells, _) in rows.iter().filter(|(_, verdict)| *verdict != Verdict::Same) {
        let row: [String; 4] = std::array::from_fn(|at| cell(cells, at));
        sqlx::query(
            "INSERT INTO calendar_day (day, kind, holiday, source) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, holiday = excluded.holiday, source = excluded.source",
        )
        .bind(row[0].clone())
        .bind(row[1].clone())
        .bind(row[2].clone())
        .bind(row[3].clone())
        .execute(&mut *write)
        .await?;
        let year = row[0].parse::<Date>()?.year();
        years.entry(year.into()).or_default().push(row);
    }
    for (year, days) in years {
        chain::record(write, app, actor, "calendar.recorded", Subject("calendar", year), &days).await?;
    }
    Ok(())
}

/// A value of the county's own, with what it said before in the chain.
async fn value(write: &mut AnyConnection, app: &App, actor: Actor, cells: &Cells) -> anyhow::Result<()> {
    let (key, from, value, source) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), cell(cells, 3));
    let was: Option<(i64, String, String)> =
        sqlx::query_as("SELECT id, value, source FROM policy_value WHERE name = $1 AND holds_from = $2")
            .bind(key.clone())
            .bind(from.clone())
            .fetch_optional(&mut *write)
            .await?;
    let id = was.as_ref().map_or_else(|| app.id(), |(id, _, _)| *id);
    sqlx::query(
        "INSERT INTO policy_value (id, name, holds_from, value, source) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (name, holds_from) DO UPDATE SET value = excluded.value, source = excluded.source",
    )
    .bind(id)
    .bind(key.clone())
    .bind(from.clone())
    .bind(value.trim().to_owned())
    .bind(source.trim().to_owned())
    .execute(&mut *write)
    .await?;
    let was = was.map(|(_, value, source)| json!({ "source": source, "value": value }));
    let content = json!({ "from": from, "key": key, "source": source.trim(), "value": value.trim(), "was": was });
    chain::record(write, app, actor, "policy_value.recorded", Subject("policy_value", id), &content).await?;
    Ok(())
}
