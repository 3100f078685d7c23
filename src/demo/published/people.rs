//! Units, posts and officials of the year 2010, with superiors. Every name is invented.

use std::collections::HashMap;

use super::units::{ACCOUNTS, DEPARTMENT_STAFF, DEPARTMENTS, LEADERS, TOWNSHIP_LEADERS, TOWNSHIP_STAFF, staff_role};
use super::{BEGINNING, COUNTY, Place, SEED, begun};
use crate::accounts::passwords;
use crate::demo::PASSWORD;
use crate::demo::names;
use crate::demo::people::{Official, Rank, Unit};
use crate::demo::random::Random;
use crate::divisions::initials;
use crate::ids::Ids;
use crate::rows::{Rows, row};
use crate::web::App;

/// Everybody who holds a post.
#[derive(Debug)]
pub(super) struct People {
    pub(super) units: Vec<Unit>,
    pub(super) officials: Vec<Official>,
    by_code: HashMap<String, usize>,
}

impl People {
    /// A unit by its code.
    pub(super) fn unit(&self, code: &str) -> usize {
        self.by_code[code]
    }

    /// The unit of a township.
    pub(super) fn town(&self, division: &str) -> usize {
        self.unit(&town_code(division))
    }

    /// Somebody by the place in the unit.
    pub(super) fn in_place(&self, code: &str, place: usize) -> usize {
        self.units[self.unit(code)].staff[place]
    }
}

fn town_code(division: &str) -> String {
    format!("XZ{}", &division[6..])
}

/// Rows on their way into the database.
struct Maker<'i> {
    random: Random,
    ids: &'i Ids,
    people: People,
    units: Rows,
    posts: Rows,
    officials: Rows,
    appointments: Rows,
    grants: Rows,
    accounts: Rows,
    password: String,
}

impl Maker<'_> {
    fn id(&self) -> i64 {
        self.ids.next(begun())
    }

    fn unit(&mut self, code: &str, name: &str, kind: &str, division: &str) -> usize {
        let id = self.id();
        row!(self.units; id, code.to_owned(), name.to_owned(), kind.to_owned(), division.to_owned(), BEGINNING);
        let people = &mut self.people;
        people.by_code.insert(code.to_owned(), people.units.len());
        people.units.push(Unit {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            division: division.to_owned(),
            staff: Vec::new(),
        });
        people.units.len() - 1
    }

    /// Appoints somebody new to a new post, with the account that stands for the place, if any.
    fn appoint(
        &mut self,
        unit: usize,
        (title, listed_as): (&str, &str),
        rank: Rank,
        superior: Option<usize>,
        roles: &[&'static str],
    ) -> usize {
        let (post, id, appointment) = (self.id(), self.id(), self.id());
        let name = names::person(&mut self.random, 200);
        let number = format!("{:04}", self.people.officials.len() + 1);
        let place = &self.people.units[unit];
        let position = place.staff.len();
        let above = superior.map(|one| self.people.officials[one].post);
        let code = format!("{}-{:02}", place.code, position + 1);
        row!(self.posts; post, place.id, code, title.to_owned(), listed_as.to_owned(), above);
        row!(self.officials; id, number, name.clone(), initials(&name));
        row!(self.appointments; appointment, id, post, BEGINNING);
        for role in roles {
            row!(self.grants; appointment, *role);
        }
        let mine = |(_, code, at): &&(&str, &str, usize)| *code == place.code && *at == position;
        if let Some((login, ..)) = ACCOUNTS.iter().find(mine) {
            let account = self.id();
            row!(self.accounts; account, id, *login, self.password.clone());
        }
        self.people.units[unit].staff.push(self.people.officials.len());
        self.people.officials.push(Official { id, appointment, post, unit, rank, superior });
        self.people.officials.len() - 1
    }

    fn county(&mut self) -> Vec<usize> {
        let unit = self.unit("XLD", "县领导", "county", COUNTY);
        let mut made: Vec<usize> = Vec::new();
        for (title, listed_as, above) in LEADERS {
            let above = above.map(|place| made[place]);
            made.push(self.appoint(unit, (title, listed_as), Rank::Leader, above, &["leader"]));
        }
        made
    }

    fn departments(&mut self, leaders: &[usize]) {
        for (code, name, title, above) in DEPARTMENTS {
            let unit = self.unit(code, name, "department", COUNTY);
            let chief = self.appoint(unit, (title, title), Rank::Chief, Some(leaders[above]), &["superior"]);
            let deputy = format!("副{}", title.trim_start_matches('副'));
            let above: Vec<usize> = (0..2)
                .map(|_| self.appoint(unit, (&deputy, &deputy), Rank::Deputy, Some(chief), &["superior"]))
                .collect();
            for (index, title) in DEPARTMENT_STAFF.into_iter().enumerate() {
                let role = staff_role(code, 3 + index);
                self.appoint(unit, (title, "科员"), Rank::Staff, Some(above[index % 2]), &[role]);
            }
        }
    }

    fn towns(&mut self, towns: &[Place], leaders: &[usize]) {
        for (index, town) in towns.iter().enumerate() {
            let unit = self.unit(&town_code(&town.code), &town.name, "township", &town.code);
            let above = Some(leaders[TOWNSHIP_LEADERS[index % TOWNSHIP_LEADERS.len()]]);
            let kind = if town.name.contains('镇') { "镇" } else { "乡" };
            let roles = ["leader", "superior"];
            self.appoint(unit, ("党委书记", "乡镇党委书记"), Rank::Chief, above, &roles);
            let head = self.appoint(unit, (&format!("{kind}长"), "乡镇长"), Rank::Chief, above, &roles);
            let deputy = format!("副{kind}长");
            let deputies: Vec<usize> =
                (0..2).map(|_| self.appoint(unit, (&deputy, &deputy), Rank::Deputy, Some(head), &roles)).collect();
            for (index, title) in TOWNSHIP_STAFF.into_iter().enumerate() {
                let roles: &[&'static str] =
                    if index == 0 { &["township_official", "handler"] } else { &["township_official"] };
                self.appoint(unit, (title, "科员"), Rank::Staff, Some(deputies[index % 2]), roles);
            }
        }
    }
}

/// Appoints everybody, and opens the accounts.
pub(super) async fn appoint(app: &App, ids: &Ids, towns: &[Place]) -> anyhow::Result<People> {
    let mut maker = Maker {
        random: Random::of(SEED, "people"),
        ids,
        people: People { units: Vec::new(), officials: Vec::new(), by_code: HashMap::new() },
        units: Rows::new("unit", "id, code, name, kind, division, valid_from"),
        posts: Rows::new("post", "id, unit, code, title, listed_as, superior"),
        officials: Rows::new("official", "id, number, name, initials"),
        appointments: Rows::new("appointment", "id, official, post, held_from"),
        grants: Rows::new("role_grant", "appointment, role"),
        accounts: Rows::new("account", "id, official, login, password_hash"),
        password: passwords::hash(PASSWORD).await?,
    };
    let leaders = maker.county();
    maker.departments(&leaders);
    maker.towns(towns, &leaders);
    for rows in [
        &mut maker.units,
        &mut maker.posts,
        &mut maker.officials,
        &mut maker.appointments,
        &mut maker.grants,
        &mut maker.accounts,
    ] {
        rows.store(&app.db).await?;
    }
    Ok(maker.people)
}
