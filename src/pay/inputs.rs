//! What a settlement starts from: posts, allowances, and the plan's cancellations as `plans` tells them.

use std::collections::BTreeMap;

use policy::Month;
use policy::Policy;
use policy::values::GroupBounds;
use sqlx::{AnyConnection, FromRow};

use super::rules::{Held, Scope};
use crate::db::Sql;
use crate::plans;

/// Somebody who holds a post in a unit that the run settles, with everything that the month counts.
#[derive(Debug)]
pub struct Person {
    /// The official.
    pub official: i64,
    /// 干部编号.
    pub number: String,
    /// The name.
    pub name: String,
    /// Every post held on days of the month, in whatever unit.
    pub held: Vec<Held>,
    /// The month's allowance: the one that holds on its last day.
    pub allowance_fen: Option<i64>,
    /// Frozen items due in the month, of whatever unit approved them.
    pub items: Vec<plans::PayItem>,
    /// Whether a plan for the month was handed in, in whatever unit: who is transferred in the month planned where
    /// he or she was.
    pub submitted: bool,
}

/// Everybody whom a run may settle, and the names of all units that they served in.
#[derive(Debug)]
pub struct Inputs {
    /// By official.
    pub people: Vec<Person>,
    /// By unit.
    pub units: BTreeMap<i64, String>,
}

#[derive(FromRow)]
struct HeldRow {
    official: i64,
    number: String,
    name: String,
    appointment: i64,
    unit: i64,
    unit_name: String,
    listed_as: String,
    superior: Option<i64>,
    held_from: String,
    held_to: Option<String>,
    allowance_fen: Option<i64>,
}

/// Gathers what a run of a unit and month starts from.
pub async fn gather(read: &mut AnyConnection, policy: &Policy, scope: Scope, month: Month) -> anyhow::Result<Inputs> {
    let mut inputs = Inputs { people: Vec::new(), units: BTreeMap::new() };
    for row in held(read, policy, scope, month).await? {
        let post = Held {
            appointment: row.appointment,
            unit: row.unit,
            listed_as: row.listed_as,
            has_superior: row.superior.is_some(),
            from: row.held_from.parse()?,
            to: row.held_to.map(|to| to.parse()).transpose()?,
        };
        inputs.units.insert(row.unit, row.unit_name);
        match inputs.people.last_mut() {
            Some(person) if person.official == row.official => person.held.push(post),
            _ => inputs.people.push(Person {
                official: row.official,
                number: row.number,
                name: row.name,
                held: vec![post],
                allowance_fen: row.allowance_fen,
                items: Vec::new(),
                submitted: false,
            }),
        }
    }
    // By owner, not by unit: who moved on the 1st was planned for where he or she holds no post in the month.
    let officials: Vec<i64> = inputs.people.iter().map(|person| person.official).collect();
    let mut items: BTreeMap<i64, Vec<plans::PayItem>> = BTreeMap::new();
    for item in plans::items_for_pay(read, &officials, month).await? {
        items.entry(item.official).or_default().push(item);
    }
    let submitted = plans::submitted(read, &officials, month).await?;
    for person in &mut inputs.people {
        person.items = items.remove(&person.official).unwrap_or_default();
        person.submitted = submitted.contains(&person.official);
    }
    Ok(inputs)
}

/// Every appointment in the month of everybody who may belong to the run's groups, by official and time.
async fn held(read: &mut AnyConnection, policy: &Policy, scope: Scope, month: Month) -> anyhow::Result<Vec<HeldRow>> {
    let (first, last) = (month.first_day().to_string(), month.last_day().to_string());
    let mut sql = Sql::new(
        "SELECT o.id AS official, o.number, o.name, a.id AS appointment, p.unit, u.name AS unit_name, p.listed_as,
                p.superior, a.held_from, a.held_to,
                (SELECT w.fen FROM allowance w WHERE w.official = o.id AND w.holds_from <= ",
    );
    sql.bind(last.clone());
    sql.push(
        " ORDER BY w.holds_from DESC LIMIT 1) AS allowance_fen
           FROM appointment a
           JOIN official o ON o.id = a.official
           JOIN post p ON p.id = a.post
           JOIN unit u ON u.id = p.unit
          WHERE a.held_from <= ",
    );
    sql.bind(last.clone()).push(" AND (a.held_to IS NULL OR a.held_to > ").bind(first.clone());
    sql.push(
        ") AND a.official IN (SELECT b.official FROM appointment b JOIN post q ON q.id = b.post
                               WHERE b.held_from <= ",
    );
    sql.bind(last).push(" AND (b.held_to IS NULL OR b.held_to > ").bind(first);
    sql.push(") AND (q.unit = ").bind(scope.unit);
    if scope.county {
        for class in policy.pay_classes(month.first_day())? {
            // A class of everybody else over the whole county: nobody can be left out beforehand.
            if class.posts.is_empty() && class.group == GroupBounds::County {
                sql.push(" OR 1 = 1");
            }
            for post in &class.posts {
                sql.push(" OR q.listed_as = ").bind(post.clone());
            }
        }
    }
    sql.push(")) ORDER BY o.id, a.held_from, a.id");
    Ok(sql.fetch_all(read).await?)
}
