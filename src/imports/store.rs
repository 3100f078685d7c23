//! Reading what the county has, and writing the rows that were judged good.

use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::judge::{Cells, Known, Verdict, held_from, login, parent_of, place_kind, unit_kind};
use super::kinds::Kind;
use crate::divisions::initials;
use crate::rows::{Rows, row};
use crate::web::App;

const DIVISIONS: &str = "SELECT code, name, kind FROM division WHERE valid_to IS NULL ORDER BY code";
const UNITS: &str = "SELECT u.code, u.name, u.kind, u.division, COALESCE(s.code, '') AS superior
                       FROM unit u LEFT JOIN unit s ON s.id = u.superior ORDER BY u.code";
const POSTS: &str = "SELECT p.code, u.code AS unit, p.title, p.listed_as, COALESCE(s.code, '') AS superior
                       FROM post p JOIN unit u ON u.id = p.unit LEFT JOIN post s ON s.id = p.superior ORDER BY p.code";
const OFFICIALS: &str = "SELECT o.number, o.name, p.code AS post, a.held_from, COALESCE(c.login, '') AS login
                           FROM appointment a JOIN official o ON o.id = a.official JOIN post p ON p.id = a.post
                           LEFT JOIN account c ON c.official = o.id
                          WHERE a.held_to IS NULL ORDER BY o.number, p.code";

#[derive(FromRow)]
struct HouseholdRow {
    id: i64,
    number: String,
    head: String,
    division: String,
    people: i64,
    phone: Option<Vec<u8>>,
}

/// What the rows of a kind may refer to.
pub(super) async fn known(read: &mut AnyConnection, app: &App, kind: Kind) -> anyhow::Result<Known> {
    let mut known = Known::default();
    let code = |row: Vec<String>| (row[0].clone(), row);
    if !matches!(kind, Kind::Posts | Kind::Officials) {
        let rows: Vec<(String, String, String)> = sqlx::query_as(DIVISIONS).fetch_all(&mut *read).await?;
        known.divisions = rows.into_iter().map(|(code, name, kind)| (code, (name, kind))).collect();
    }
    if matches!(kind, Kind::Units | Kind::Posts) {
        known.units = five(read, UNITS).await?.into_iter().map(code).collect();
    }
    if matches!(kind, Kind::Posts | Kind::Officials) {
        known.posts = five(read, POSTS).await?.into_iter().map(code).collect();
    }
    if kind == Kind::Officials {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT number, name FROM official").fetch_all(&mut *read).await?;
        known.officials = rows.into_iter().collect();
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT c.login, o.number FROM account c JOIN official o ON o.id = c.official")
                .fetch_all(&mut *read)
                .await?;
        known.logins = rows.into_iter().collect();
        let held = five(read, OFFICIALS).await?;
        known.held = held.into_iter().map(|row| (row[0].clone(), row[2].clone())).collect();
    }
    if kind == Kind::Households {
        for row in households(read).await? {
            let phone = match &row.phone {
                Some(sealed) => app.keys.decrypt(sealed, &format!("household.phone/{}", row.id))?,
                None => String::new(),
            };
            known.households.insert(row.number, [row.head, row.division, row.people.to_string(), phone]);
        }
    }
    Ok(known)
}

async fn five(read: &mut AnyConnection, sql: &'static str) -> Result<Vec<Vec<String>>, sqlx::Error> {
    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(sql).fetch_all(read).await?;
    Ok(rows.into_iter().map(|(a, b, c, d, e)| vec![a, b, c, d, e]).collect())
}

async fn households(read: &mut AnyConnection) -> Result<Vec<HouseholdRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, number, head, division, people, phone FROM household WHERE valid_to IS NULL ORDER BY number",
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
    let names: Vec<&'static str> = kind.columns().iter().map(|column| column.name).collect();
    let places = |rows: Vec<(String, String, String)>, groups: bool| {
        rows.into_iter()
            .filter(|(_, _, kind)| (kind == "group") == groups)
            .map(
                |(code, name, _)| {
                    if groups { vec![code, name] } else { vec![code.clone(), name, parent_of(&code).to_owned()] }
                },
            )
            .collect()
    };
    Ok(match kind {
        Kind::Divisions => (names, places(sqlx::query_as(DIVISIONS).fetch_all(read).await?, false)),
        Kind::Groups => (names, places(sqlx::query_as(DIVISIONS).fetch_all(read).await?, true)),
        Kind::Units => (names, five(read, UNITS).await?),
        Kind::Posts => (names, five(read, POSTS).await?),
        Kind::Officials => (names, five(read, OFFICIALS).await?),
        Kind::Households => {
            let rows = households(read).await?;
            let rows = rows.into_iter().map(|row| vec![row.number, row.head, row.division, row.people.to_string()]);
            (names[..4].to_vec(), rows.collect())
        }
    })
}

fn cell(cells: &Cells, at: usize) -> String {
    cells.get(at).cloned().flatten().unwrap_or_default()
}

/// Writes the rows that are new or say something else, in the order of the file.
pub(super) async fn take(
    write: &mut AnyConnection,
    app: &App,
    kind: Kind,
    rows: &[(Cells, Verdict)],
    known: &Known,
) -> anyhow::Result<()> {
    let today = app.today();
    match kind {
        Kind::Divisions | Kind::Groups => divisions(write, rows, today).await?,
        Kind::Units => {
            for (cells, verdict) in rows {
                unit(write, app, &known.units[&cell(cells, 0)], verdict, today).await?;
            }
        }
        Kind::Posts => {
            for (cells, verdict) in rows {
                post(write, app, &known.posts[&cell(cells, 0)], verdict).await?;
            }
        }
        Kind::Officials => {
            for (cells, verdict) in rows.iter().filter(|(_, verdict)| *verdict != Verdict::Same) {
                official(write, app, cells, verdict, today).await?;
            }
        }
        Kind::Households => households_in(write, app, rows, known, today).await?,
    }
    if kind == Kind::Households {
        crate::duties::reconcile(write, today.year(), today).await?;
    }
    Ok(())
}

async fn divisions(write: &mut AnyConnection, rows: &[(Cells, Verdict)], today: Date) -> anyhow::Result<()> {
    let mut added = Rows::new("division", "code, parent, name, initials, kind, valid_from");
    for (cells, verdict) in rows {
        let (code, name) = (cell(cells, 0), cell(cells, 1));
        match verdict {
            Verdict::Add => {
                let parent = Some(parent_of(&code).to_owned()).filter(|parent| !parent.is_empty());
                let kind = place_kind(&code).unwrap_or("group");
                row!(added; code, parent, name.clone(), initials(&name), kind, today);
            }
            Verdict::Change => {
                sqlx::query("UPDATE division SET name = $1, initials = $2 WHERE code = $3")
                    .bind(name.clone())
                    .bind(initials(&name))
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
    let sql = match verdict {
        Verdict::Add => {
            "INSERT INTO unit (code, name, kind, division, superior, id, valid_from) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        }
        Verdict::Change => "UPDATE unit SET name = $2, kind = $3, division = $4, superior = $5 WHERE code = $1",
        Verdict::Same | Verdict::Refuse(_) => return Ok(()),
    };
    let superior = id_of(write, "SELECT id FROM unit WHERE code = $1", &unit[4]).await?;
    let mut query = sqlx::query(sql)
        .bind(unit[0].clone())
        .bind(unit[1].clone())
        .bind(unit_kind(&unit[2]).unwrap_or("department"))
        .bind(unit[3].clone())
        .bind(superior);
    if *verdict == Verdict::Add {
        query = query.bind(app.id()).bind(today.to_string());
    }
    query.execute(write).await?;
    Ok(())
}

async fn post(write: &mut AnyConnection, app: &App, post: &[String], verdict: &Verdict) -> anyhow::Result<()> {
    let sql = match verdict {
        Verdict::Add => "INSERT INTO post (code, title, listed_as, superior, id, unit) VALUES ($1, $2, $3, $4, $5, $6)",
        Verdict::Change => "UPDATE post SET title = $2, listed_as = $3, superior = $4 WHERE code = $1",
        Verdict::Same | Verdict::Refuse(_) => return Ok(()),
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
async fn official(
    write: &mut AnyConnection,
    app: &App,
    cells: &Cells,
    verdict: &Verdict,
    today: Date,
) -> anyhow::Result<()> {
    let (number, name, post, login) = (cell(cells, 0), cell(cells, 1), cell(cells, 2), login(cells));
    if *verdict == Verdict::Add {
        sqlx::query("INSERT INTO official (id, number, name, initials) VALUES ($1, $2, $3, $4)")
            .bind(app.id())
            .bind(number.clone())
            .bind(name.clone())
            .bind(initials(&name))
            .execute(&mut *write)
            .await?;
    } else {
        sqlx::query("UPDATE official SET name = $1, initials = $2 WHERE number = $3")
            .bind(name.clone())
            .bind(initials(&name))
            .bind(number.clone())
            .execute(&mut *write)
            .await?;
    }
    let official = id_of(write, "SELECT id FROM official WHERE number = $1", &number).await?;
    let from = held_from(cells, today).map_err(anyhow::Error::msg)?;
    sqlx::query(
        "INSERT INTO appointment (id, official, post, held_from)
         SELECT $1, o.id, p.id, $2 FROM official o, post p
          WHERE o.number = $3 AND p.code = $4 AND NOT EXISTS
                (SELECT 1 FROM appointment a WHERE a.official = o.id AND a.post = p.id AND a.held_to IS NULL)",
    )
    .bind(app.id())
    .bind(from.to_string())
    .bind(number)
    .bind(post)
    .execute(&mut *write)
    .await?;
    if !login.is_empty() {
        sqlx::query(
            "INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, '') ON CONFLICT DO NOTHING",
        )
        .bind(app.id())
        .bind(official)
        .bind(login)
        .execute(write)
        .await?;
    }
    Ok(())
}

async fn households_in(
    write: &mut AnyConnection,
    app: &App,
    rows: &[(Cells, Verdict)],
    known: &Known,
    today: Date,
) -> anyhow::Result<()> {
    let mut added = Rows::new("household", "id, division, village, number, head, people, phone, valid_from");
    let mut ids: HashMap<String, i64> = HashMap::new();
    if rows.iter().any(|(_, verdict)| *verdict == Verdict::Change) {
        ids = households(write).await?.into_iter().map(|row| (row.number, row.id)).collect();
    }
    let sealed =
        |id: i64, phone: &str| (!phone.is_empty()).then(|| app.keys.encrypt(phone, &format!("household.phone/{id}")));
    for (cells, verdict) in rows {
        let number = cell(cells, 0);
        let [head, division, people, phone] = &known.households[&number];
        let people: i64 = people.parse()?;
        match verdict {
            Verdict::Add => {
                let id = app.id();
                row!(added; id, division.clone(), division[..12].to_owned(), number, head.clone(), people,
                     sealed(id, phone), today);
            }
            Verdict::Change => {
                let id = ids[&number];
                sqlx::query("UPDATE household SET head = $1, division = $2, people = $3, phone = $4 WHERE id = $5")
                    .bind(head.clone())
                    .bind(division.clone())
                    .bind(people)
                    .bind(sealed(id, phone))
                    .bind(id)
                    .execute(&mut *write)
                    .await?;
            }
            Verdict::Same | Verdict::Refuse(_) => {}
        }
    }
    added.write(write).await
}
