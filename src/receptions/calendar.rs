//! The year's reception days, made by rule: a reconciler that may run as often as it likes.

use std::collections::HashMap;

use jiff::civil::Date;
use policy::values::PolicyError;
use policy::{Month, Reception, reception_day};
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::erase::lapse;
use super::rules::{owes, rota, rule_of, rule_word};
use crate::chain::{self, Actor, Subject};
use crate::web::App;

#[derive(FromRow)]
struct Unit {
    id: i64,
    kind: String,
    valid_from: String,
    valid_to: Option<String>,
}

#[derive(FromRow)]
struct Holder {
    unit: i64,
    kind: String,
    listed_as: String,
    official: i64,
    held_from: String,
    held_to: Option<String>,
}

impl Holder {
    fn on(&self, day: &str) -> bool {
        holds(&self.held_from, self.held_to.as_deref(), day)
    }
}

#[derive(FromRow)]
struct Kept {
    id: i64,
    unit: i64,
    month: String,
    held_on: String,
    provisional: i64,
    leader: Option<i64>,
    version: i64,
}

fn holds(from: &str, to: Option<&str>, day: &str) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

/// Makes what is missing of this year and the next, and moves what the calendar of working days has moved. For a
/// process to call once a day. What is past its term of keeping is deleted on the way.
pub async fn keep(app: &App) -> anyhow::Result<()> {
    let today = app.today();
    let last = Month::new(today.year() + 1, 12)?;
    let mut write = app.db.write().await?;
    reconcile(&mut write, app, today, Month::of(today), last).await?;
    lapse(&mut write, app).await?;
    write.commit().await?;
    Ok(())
}

/// Brings the days of the months `first` to `last` to what the rule says of them; days before `since` are history and
/// are neither made nor touched. Running it again changes nothing.
///
/// Whoever receives is kept as long as he or she holds a post in the unit on the day; otherwise the rota says who.
pub async fn reconcile(
    write: &mut AnyConnection,
    app: &App,
    since: Date,
    first: Month,
    last: Month,
) -> anyhow::Result<()> {
    let units: Vec<Unit> =
        sqlx::query_as("SELECT id, kind, valid_from, valid_to FROM unit WHERE kind <> 'village' ORDER BY kind, code")
            .fetch_all(&mut *write)
            .await?;
    let holders: Vec<Holder> = sqlx::query_as(
        "SELECT o.unit, u.kind, o.listed_as, a.official, a.held_from, a.held_to
           FROM appointment a JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit
          WHERE u.kind <> 'village' ORDER BY o.code, a.id",
    )
    .fetch_all(&mut *write)
    .await?;
    let kept: Vec<Kept> = sqlx::query_as(
        "SELECT id, unit, month, held_on, provisional, leader, version FROM reception_day
          WHERE month >= $1 AND month <= $2",
    )
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(&mut *write)
    .await?;
    let mut kept: HashMap<(i64, String), Kept> =
        kept.into_iter().map(|row| ((row.unit, row.month.clone()), row)).collect();
    let mut of_unit: HashMap<i64, Vec<&Holder>> = HashMap::new();
    for holder in &holders {
        of_unit.entry(holder.unit).or_default().push(holder);
    }
    let mut made: Vec<i64> = Vec::new();
    let mut month = first;
    while month <= last {
        for unit in &units {
            let Some((held_on, provisional)) = by_rule(app, rule_of(&unit.kind), month)? else { continue };
            let day = held_on.to_string();
            let people = of_unit.get(&unit.id).map(Vec::as_slice).unwrap_or_default();
            let turn = || {
                let heads = people.iter().filter(|one| one.on(&day) && owes(&one.kind, &one.listed_as));
                rota(&heads.map(|one| one.official).collect::<Vec<_>>(), month)
            };
            match kept.remove(&(unit.id, month.to_string())) {
                None if held_on >= since && holds(&unit.valid_from, unit.valid_to.as_deref(), &day) => {
                    made.extend(make(write, app, unit, month, (held_on, provisional), turn()).await?);
                }
                Some(row) if row.held_on >= since.to_string() && held_on >= since => {
                    let stays = |leader: i64| people.iter().any(|one| one.official == leader && one.on(&day));
                    let leader = row.leader.filter(|leader| stays(*leader)).or_else(turn);
                    correct(write, app, &row, (held_on, provisional), leader).await?;
                }
                _ => {}
            }
        }
        month = month.plus(1);
    }
    if let Some(first_made) = made.first() {
        let content = json!({ "from": first, "to": last, "made": made.len() });
        let subject = Subject("reception_day", *first_made);
        chain::record(write, app, Actor::NOBODY, "reception_day.made", subject, &content).await?;
    }
    Ok(())
}

/// The day that the rule gives, and whether it is provisional; nothing before the rule held.
fn by_rule(app: &App, rule: Reception, month: Month) -> Result<Option<(Date, bool)>, PolicyError> {
    match reception_day(&app.policy, &app.calendar, rule, month) {
        Ok(deadline) => Ok(deadline.due.map(|day| (day, deadline.provisional))),
        Err(PolicyError::NotYet { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn make(
    write: &mut AnyConnection,
    app: &App,
    unit: &Unit,
    month: Month,
    (held_on, provisional): (Date, bool),
    leader: Option<i64>,
) -> Result<Option<i64>, sqlx::Error> {
    let id = app.id();
    let done = sqlx::query(
        "INSERT INTO reception_day (id, unit, kind, month, held_on, provisional, leader, changed_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1) ON CONFLICT (unit, month) DO NOTHING",
    )
    .bind(id)
    .bind(unit.id)
    .bind(rule_word(rule_of(&unit.kind)))
    .bind(month.to_string())
    .bind(held_on.to_string())
    .bind(i64::from(provisional))
    .bind(leader)
    .bind(app.now().as_millisecond())
    .execute(write)
    .await?;
    Ok((done.rows_affected() == 1).then_some(id))
}

async fn correct(
    write: &mut AnyConnection,
    app: &App,
    row: &Kept,
    (held_on, provisional): (Date, bool),
    leader: Option<i64>,
) -> anyhow::Result<()> {
    let (day, provisional) = (held_on.to_string(), i64::from(provisional));
    if row.held_on == day && row.provisional == provisional && row.leader == leader {
        return Ok(());
    }
    let done = sqlx::query(
        "UPDATE reception_day SET held_on = $3, provisional = $4, leader = $5, changed_at = $6,
                stands_for = CASE WHEN $7 = 1 THEN stands_for ELSE NULL END,
                sequence = sequence + 1, version = version + 1
          WHERE id = $1 AND version = $2",
    )
    .bind(row.id)
    .bind(row.version)
    .bind(day.clone())
    .bind(provisional)
    .bind(leader)
    .bind(app.now().as_millisecond())
    .bind(i64::from(row.leader == leader))
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 1 {
        let content = json!({ "from": row.held_on, "to": day, "leader": leader });
        let subject = Subject("reception_day", row.id);
        chain::record(write, app, Actor::NOBODY, "reception_day.moved", subject, &content).await?;
    }
    Ok(())
}
