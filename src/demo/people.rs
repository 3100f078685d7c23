//! Units, posts, and some six hundred officials around the cast, with superiors, villages and allowances.

use std::collections::HashMap;

use jiff::civil::Date;
use sqlx::FromRow;

use super::names;
use super::places::{SINCE, Village, beginning};
use super::random::Random;
use super::units::{CAST_UNITS, DEPARTMENTS, LEADERS, role_of, town_code};
use crate::divisions::initials;
use crate::ids::Ids;
use crate::rows::{Rows, row};
use crate::web::App;

/// How high somebody stands in the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// Of the county.
    Leader,
    /// 局长, 镇长, 党委书记.
    Chief,
    /// 副局长, 副镇长.
    Deputy,
    /// 科员.
    Staff,
}

/// An official in the one post that he or she holds.
#[derive(Clone, Debug)]
pub(super) struct Official {
    pub(super) id: i64,
    pub(super) appointment: i64,
    pub(super) post: i64,
    pub(super) unit: usize,
    pub(super) rank: Rank,
    /// Whoever cancels this official's items.
    pub(super) superior: Option<usize>,
}

/// A unit with its people.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) division: String,
    /// In the order in which they were appointed.
    pub(super) staff: Vec<usize>,
}

/// Everybody, and who goes to which village.
#[derive(Debug)]
pub(super) struct People {
    pub(super) units: Vec<Unit>,
    pub(super) officials: Vec<Official>,
    /// The officials assigned to each village now.
    pub(super) assigned: Vec<Vec<usize>>,
    by_code: HashMap<String, usize>,
    by_login: HashMap<String, usize>,
}

impl People {
    /// A unit by its code.
    pub(super) fn unit(&self, code: &str) -> usize {
        self.by_code[code]
    }

    /// The unit of a township, street or park.
    pub(super) fn town(&self, division: &str) -> usize {
        self.unit(&town_code(division))
    }

    /// One of the cast.
    pub(super) fn cast(&self, login: &str) -> usize {
        self.by_login[login]
    }

    /// People of a unit in a rank.
    pub(super) fn of(&self, unit: usize, rank: Rank) -> Vec<usize> {
        self.units[unit].staff.iter().copied().filter(|one| self.officials[*one].rank == rank).collect()
    }
}

#[derive(FromRow)]
struct CastRow {
    login: String,
    official: i64,
    appointment: i64,
    post: i64,
    superior: Option<i64>,
    unit: i64,
    unit_code: String,
    unit_name: String,
    kind: String,
    division: String,
    role: String,
}

/// Rows on their way into the database, with one source of ids a table.
struct Maker {
    random: Random,
    units: Rows,
    posts: Rows,
    officials: Rows,
    appointments: Rows,
    grants: Rows,
    allowances: Rows,
    ids: Ids,
    serial: i64,
}

impl Maker {
    fn id(&self) -> i64 {
        self.ids.next(beginning())
    }

    fn unit(&mut self, people: &mut People, code: &str, name: &str, kind: &str, division: &str) -> usize {
        let id = self.id();
        row!(self.units; id, code.to_owned(), name.to_owned(), kind.to_owned(), division.to_owned(), SINCE);
        people.units.push(Unit {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            division: division.to_owned(),
            staff: Vec::new(),
        });
        people.by_code.insert(code.to_owned(), people.units.len() - 1);
        people.units.len() - 1
    }

    /// Appoints somebody new.
    fn appoint(
        &mut self,
        people: &mut People,
        unit: usize,
        (title, listed_as): (&str, &str),
        rank: Rank,
        superior: Option<usize>,
    ) -> usize {
        let (post, id, appointment) = (self.id(), self.id(), self.id());
        let name = names::person(&mut self.random, 290);
        self.serial += 1;
        let place = &people.units[unit];
        let above = superior.map(|one| people.officials[one].post);
        let code = format!("{}-{:02}", place.code, place.staff.len() + 1);
        row!(self.posts; post, place.id, code, title.to_owned(), listed_as.to_owned(), above);
        row!(self.officials; id, format!("{:06}", self.serial), name.clone(), initials(&name));
        // Most have held their post since the last rotation, some came since.
        let from = if self.random.chance(850) { "2024-01-01" } else { "2025-03-01" };
        row!(self.appointments; appointment, id, post, from);
        row!(self.grants; appointment, role_of(&place.code, rank, &place.kind));
        self.allowance(id, rank);
        people.units[unit].staff.push(people.officials.len());
        people.officials.push(Official { id, appointment, post, unit, rank, superior });
        people.officials.len() - 1
    }

    fn allowance(&mut self, official: i64, rank: Rank) {
        let base = match rank {
            Rank::Leader => 320_000,
            Rank::Chief => 280_000,
            Rank::Deputy => 240_000,
            Rank::Staff => 180_000,
        };
        // In steps of twenty yuan, as pay tables go.
        let fen = base + self.random.within(0, 20) * 2_000;
        row!(self.allowances; official, "2024-01-01", fen);
    }
}

/// Appoints everybody around the cast.
pub(super) async fn appoint(app: &App, seed: u64, villages: &[Village]) -> anyhow::Result<People> {
    let mut maker = Maker {
        random: Random::of(seed, "people"),
        units: Rows::new("unit", "id, code, name, kind, division, valid_from"),
        posts: Rows::new("post", "id, unit, code, title, listed_as, superior"),
        officials: Rows::new("official", "id, number, name, initials"),
        appointments: Rows::new("appointment", "id, official, post, held_from"),
        grants: Rows::new("role_grant", "appointment, role"),
        allowances: Rows::new("allowance", "official, holds_from, fen"),
        ids: app.ids.past(),
        serial: 0,
    };
    let mut people = cast(app, &mut maker).await?;
    let leaders = county(&mut maker, &mut people);
    departments(&mut maker, &mut people, &leaders);
    towns(app, &mut maker, &mut people, &leaders).await?;
    for rows in [
        &mut maker.units,
        &mut maker.posts,
        &mut maker.officials,
        &mut maker.appointments,
        &mut maker.grants,
        &mut maker.allowances,
    ] {
        rows.store(&app.db).await?;
    }
    superiors(app, &mut people).await?;
    assign(app, &mut maker.random, &mut people, villages).await?;
    Ok(people)
}

/// The cast as it stands, with the rank that its roles say.
async fn cast(app: &App, maker: &mut Maker) -> anyhow::Result<People> {
    let mut read = app.db.read().await?;
    let rows: Vec<CastRow> = sqlx::query_as(
        "SELECT o.number AS login, o.id AS official, a.id AS appointment, p.id AS post, p.superior,
                u.id AS unit, u.code AS unit_code, u.name AS unit_name, u.kind, u.division, g.role
           FROM appointment a
           JOIN official o ON o.id = a.official
           JOIN post p ON p.id = a.post
           JOIN unit u ON u.id = p.unit
           JOIN role_grant g ON g.appointment = a.id
          ORDER BY a.id",
    )
    .fetch_all(&mut *read)
    .await?;
    let mut people = People {
        units: Vec::new(),
        officials: Vec::new(),
        assigned: Vec::new(),
        by_code: HashMap::new(),
        by_login: HashMap::new(),
    };
    for row in &rows {
        if !people.by_code.contains_key(&row.unit_code) {
            people.by_code.insert(row.unit_code.clone(), people.units.len());
            people.units.push(Unit {
                id: row.unit,
                code: row.unit_code.clone(),
                name: row.unit_name.clone(),
                kind: row.kind.clone(),
                division: row.division.clone(),
                staff: Vec::new(),
            });
        }
        let unit = people.by_code[&row.unit_code];
        let rank = match row.role.as_str() {
            "leader" => Rank::Leader,
            "superior" => Rank::Chief,
            _ => Rank::Staff,
        };
        let superior = row.superior.and_then(|post| people.officials.iter().position(|one| one.post == post));
        people.by_login.insert(row.login.clone(), people.officials.len());
        people.units[unit].staff.push(people.officials.len());
        maker.allowance(row.official, rank);
        people.officials.push(Official {
            id: row.official,
            appointment: row.appointment,
            post: row.post,
            unit,
            rank,
            superior,
        });
    }
    Ok(people)
}

/// The county's leadership; gives those to whom units answer.
fn county(maker: &mut Maker, people: &mut People) -> Vec<usize> {
    let unit = people.unit("XLD");
    let mut made: Vec<usize> = Vec::new();
    for (index, post) in LEADERS.into_iter().enumerate() {
        // The secretary answers to nobody here, the county head and the chairs to him, the others to the county head.
        let superior = match index {
            0 => None,
            1 | 2 | 9 | 11 => made.first().copied(),
            10 => made.get(9).copied(),
            12 => made.get(11).copied(),
            _ => made.get(1).copied(),
        };
        made.push(maker.appoint(people, unit, post, Rank::Leader, superior));
    }
    let vice = people.cast("lingdao");
    people.officials[vice].superior = Some(made[1]);
    let organisation = people.cast("pingyi");
    people.officials[organisation].superior = Some(made[4]);
    let mut answered_to = vec![vice];
    answered_to.extend_from_slice(&made[3..9]);
    answered_to
}

fn departments(maker: &mut Maker, people: &mut People, leaders: &[usize]) {
    for (index, (code, name, title, deputies, staff)) in DEPARTMENTS.into_iter().enumerate() {
        let unit = maker.unit(people, code, name, "department", "430223");
        let chief = maker.appoint(people, unit, (title, title), Rank::Chief, Some(leaders[index % leaders.len()]));
        fill_unit(maker, people, unit, chief, ("副", title), deputies, staff);
    }
    for (code, head, deputies, staff) in CAST_UNITS {
        let unit = people.unit(code);
        let (chief, title) = match head {
            Some(title) => {
                let chief = maker.appoint(people, unit, (title, title), Rank::Chief, Some(leaders[0]));
                for one in people.of(unit, Rank::Staff) {
                    people.officials[one].superior = Some(chief);
                }
                (chief, title)
            }
            None => (people.of(unit, Rank::Chief)[0], "局长"),
        };
        fill_unit(maker, people, unit, chief, ("副", title), deputies, staff);
    }
}

async fn towns(app: &App, maker: &mut Maker, people: &mut People, leaders: &[usize]) -> anyhow::Result<()> {
    let mut read = app.db.read().await?;
    let towns: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT code, name, kind FROM division WHERE kind IN ('township', 'street', 'park') ORDER BY code",
    )
    .fetch_all(&mut *read)
    .await?;
    drop(read);
    for (index, (code, name, kind)) in towns.into_iter().enumerate() {
        let above = Some(leaders[index % leaders.len()]);
        if kind == "park" {
            let unit = maker.unit(people, &town_code(&code), &format!("{name}管理委员会"), "department", &code);
            let chief = maker.appoint(people, unit, ("主任", "主任"), Rank::Chief, above);
            fill_unit(maker, people, unit, chief, ("副", "主任"), 1, 4);
            continue;
        }
        let head = if kind == "street" { "街道办事处主任" } else { "镇长" };
        let party = if kind == "street" { "街道党工委书记" } else { "党委书记" };
        let (unit, chief) = if let Some(unit) = people.by_code.get(&town_code(&code)) {
            (*unit, people.of(*unit, Rank::Chief)[0])
        } else {
            let unit = maker.unit(people, &town_code(&code), &name, "township", &code);
            (unit, maker.appoint(people, unit, (head, "乡镇长"), Rank::Chief, above))
        };
        maker.appoint(people, unit, (party, "乡镇党委书记"), Rank::Chief, above);
        let deputy = if kind == "street" { ("办事处副", "主任") } else { ("副", "镇长") };
        fill_unit(maker, people, unit, chief, deputy, 3, 11);
    }
    Ok(())
}

/// Deputies answer to the chief, staff to one of the deputies or to the chief.
fn fill_unit(
    maker: &mut Maker,
    people: &mut People,
    unit: usize,
    chief: usize,
    (prefix, title): (&str, &str),
    deputies: usize,
    staff: usize,
) {
    let mut above = vec![chief];
    for _ in 0..deputies {
        let post = (format!("{prefix}{title}"), format!("{prefix}{title}"));
        above.push(maker.appoint(people, unit, (&post.0, &post.1), Rank::Deputy, Some(chief)));
    }
    let titles: &[&str] = if people.units[unit].kind == "township" {
        &["办点干部", "民政专干", "农业服务中心主任", "综治专干", "国土专干", "办点干部", "社会事务办主任", "科员"]
    } else {
        &["科员", "办公室主任", "业务科科长", "科员", "法规科科长", "科员", "四级主任科员"]
    };
    for index in 0..staff {
        let superior = above[index % above.len()];
        maker.appoint(people, unit, (titles[index % titles.len()], "科员"), Rank::Staff, Some(superior));
    }
}

/// Writes down the superiors that the cast's posts have gained.
async fn superiors(app: &App, people: &mut People) -> anyhow::Result<()> {
    let mut write = app.db.write().await?;
    for login in people.by_login.values() {
        let one = &people.officials[*login];
        let above = one.superior.map(|above| people.officials[above].post);
        sqlx::query("UPDATE post SET superior = $1 WHERE id = $2")
            .bind(above)
            .bind(one.post)
            .execute(&mut *write)
            .await?;
    }
    write.commit().await?;
    Ok(())
}

/// 办点: every village has somebody of its township, some had somebody else before, some have a department's help.
async fn assign(app: &App, random: &mut Random, people: &mut People, villages: &[Village]) -> anyhow::Result<()> {
    let mut rows = Rows::new("village_assignment", "id, official, village, held_from, held_to");
    let ids = app.ids.past();
    let moved: Date = "2026-03-01".parse()?;
    let moved = if moved > app.today() { app.today().first_of_year() } else { moved };
    let mut turn: HashMap<usize, usize> = HashMap::new();
    let helpers: Vec<usize> = (0..people.units.len())
        .filter(|unit| people.units[*unit].kind == "department")
        .flat_map(|unit| people.of(unit, Rank::Staff).into_iter().take(2))
        .collect();
    for village in villages {
        let unit = people.town(&village.town);
        let staff = people.of(unit, Rank::Staff);
        let next = turn.entry(unit).or_default();
        let mut here = if village.code == super::VILLAGE {
            vec![people.cast("xiangzhen"), people.cast("cun")]
        } else {
            *next += 1;
            vec![staff[*next % staff.len()]]
        };
        let recent = random.chance(120) && village.code != super::VILLAGE;
        if recent {
            let before = staff[(*next + 1) % staff.len()];
            if !here.contains(&before) {
                row!(rows; ids.next(beginning()), people.officials[before].id, village.code.clone(), "2025-01-01", Some(moved));
            }
        }
        if random.chance(200) {
            here.push(*random.pick(&helpers));
        }
        for one in &here {
            let from = if recent { moved.to_string() } else { "2025-01-01".to_owned() };
            row!(rows; ids.next(beginning()), people.officials[*one].id, village.code.clone(), from, None::<Date>);
        }
        people.assigned.push(here);
    }
    rows.store(&app.db).await
}
