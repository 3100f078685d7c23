//! What stands beside the plans of the demo: a leader who is away lets another cancel, a month that is open again for one
//! unit, a spot check by a written seed, and a quarter's item of a town.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;
use serde_json::json;
use sqlx::AnyConnection;

use super::World;
use super::history::moment;
use super::people::Rank;
use crate::chain::Subject;
use crate::plans::{draw_by, rules};
use crate::secrets::{hex, sm3};

/// An act for the chain: when, who, which, on what, and what is said of it.
type Acted = (Date, usize, &'static str, Subject, serde_json::Value);

/// Writes them, with their records.
pub(super) async fn tell(world: &mut World<'_>) -> anyhow::Result<()> {
    let mut acts: Vec<Acted> = Vec::new();
    let mut write = world.app.db.write().await?;
    delegate(&mut write, world, &mut acts).await?;
    unlock(&mut write, world, &mut acts).await?;
    check(&mut write, world, &mut acts).await?;
    promise(&mut write, world, &mut acts).await?;
    write.commit().await?;
    for (minute, (day, by, action, subject, content)) in (0_i64..).zip(acts) {
        let by = world.people.officials[by].clone();
        world.history.add(moment(day, 9 * 60 + 10 + minute * 7), Some(&by), action, subject, &content);
    }
    Ok(())
}

fn ago(world: &World<'_>, days: i32) -> Date {
    world.today.saturating_sub(i64::from(days).days())
}

async fn delegate(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Acted>) -> anyhow::Result<()> {
    let (giver, delegate) = (world.people.cast("lingdao"), world.people.cast("pingyi"));
    let (from, until) = (ago(world, 2), world.today.saturating_add(12.days()));
    let (id, by, to) = (world.app.id(), &world.people.officials[giver], world.people.officials[delegate].id);
    sqlx::query(
        "INSERT INTO cancel_delegation (id, post, given_by, delegate, reason, given_on, until_on)
         VALUES ($1, $2, $3, $4, '赴省委党校学习，其间由贺建军代为销号', $5, $6)",
    )
    .bind(id)
    .bind(by.post)
    .bind(by.id)
    .bind(to)
    .bind(from.to_string())
    .bind(until.to_string())
    .execute(write)
    .await?;
    let told = json!({ "delegate": to, "until": until });
    acts.push((from, giver, "plan_delegation.given", Subject("plan_delegation", id), told));
    Ok(())
}

/// Last month of 县自然资源局 is open again.
async fn unlock(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Acted>) -> anyhow::Result<()> {
    let (asks, first) = (world.people.cast("fenguan"), world.people.cast("lingdao"));
    let county = world.people.unit("XLD");
    let Some(second) = world.people.of(county, Rank::Leader).into_iter().find(|one| *one != first) else {
        return Ok(());
    };
    let month = Month::of(world.today).plus(-1);
    let unit = world.people.units[world.people.officials[asks].unit].id;
    let official = |one: usize| world.people.officials[one].id;
    let (asked, opened, done) = (ago(world, 6), ago(world, 5), ago(world, 4));
    let until = world.today.saturating_add(2.days());
    let id = world.app.id();
    sqlx::query(
        "INSERT INTO plan_unlock (id, unit, month, reason, until_on, asked_on, asked_by, opened_on)
         VALUES ($1, $2, $3, '上月末集中防汛，到截止日没有来得及核定，申请补办', $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(unit)
    .bind(month.to_string())
    .bind(until.to_string())
    .bind(asked.to_string())
    .bind(official(asks))
    .bind(opened.to_string())
    .execute(&mut *write)
    .await?;
    let subject = || Subject("plan_unlock", id);
    acts.push((asked, asks, "plan_unlock.asked", subject(), json!({ "month": month, "until": until })));
    for (position, by) in [(1_i64, first), (2, second)] {
        sqlx::query("INSERT INTO plan_unlock_key (unlock, position, granted_by, granted_on) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(position)
            .bind(official(by))
            .bind(opened.to_string())
            .execute(&mut *write)
            .await?;
        acts.push((opened, by, "plan_unlock.granted", subject(), json!({ "position": position })));
    }
    acts.push((opened, second, "plan_unlock.opened", subject(), json!({ "month": month, "until": until })));
    add(write, world, (id, unit, month), (opened, done), acts).await
}

/// What the exception was for: something that was done in that month, added and cancelled while it was open.
async fn add(
    write: &mut AnyConnection,
    world: &World<'_>,
    (unlock, unit, month): (i64, i64, Month),
    (added, done): (Date, Date),
    acts: &mut Vec<Acted>,
) -> anyhow::Result<()> {
    let (owner, superior) = (world.people.cast("chengban"), world.people.cast("fenguan"));
    let (by, above) = (&world.people.officials[owner], world.people.officials[superior].id);
    let Some(plan) = plan_of(write, unit, month).await? else { return Ok(()) };
    let Some(number) = next_number(write, month).await? else { return Ok(()) };
    let (item, account) = (world.app.id(), world.app.id());
    sqlx::query(
        "INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added,
                                proposed_by, frozen_on, frozen_by, version)
         VALUES ($1, $2, $3, '灾毁耕地核查建档，19处', '核查表由村组签字', $4, $5, $6, 1, 'arranged', 1, $7, $8, $7, 4)",
    )
    .bind(item)
    .bind(plan)
    .bind(number.clone())
    .bind(by.id)
    .bind(by.appointment)
    .bind(month.last_day().to_string())
    .bind(above)
    .bind(added.to_string())
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
         VALUES ($1, $2, $3, '19处都到现场核过，核查表已签字归档。', 0, $4, $5)",
    )
    .bind(account)
    .bind(item)
    .bind(month.day(29).to_string())
    .bind(added.to_string())
    .bind(by.id)
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(world.app.id())
    .bind(item)
    .bind(account)
    .bind(month.day(29).to_string())
    .bind(done.to_string())
    .bind(above)
    .execute(&mut *write)
    .await?;
    for (kind, day, who) in [
        ("plan_item.added", added, superior),
        ("plan_item.accounted", added, owner),
        ("plan_item.cancelled", done, superior),
    ] {
        sqlx::query(
            "INSERT INTO plan_unlock_act (id, unlock, item, kind, acted_on, acted_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(world.app.id())
        .bind(unlock)
        .bind(item)
        .bind(kind)
        .bind(day.to_string())
        .bind(world.people.officials[who].id)
        .execute(&mut *write)
        .await?;
        acts.push((day, who, kind, Subject("plan_item", item), json!({ "number": number })));
    }
    Ok(())
}

/// The plan of a unit's month, where there is one.
async fn plan_of(write: &mut AnyConnection, unit: i64, month: Month) -> Result<Option<i64>, sqlx::Error> {
    let plan: Option<(i64,)> = sqlx::query_as("SELECT id FROM plan WHERE unit = $1 AND month = $2")
        .bind(unit)
        .bind(month.to_string())
        .fetch_optional(write)
        .await?;
    Ok(plan.map(|(id,)| id))
}

/// The next number of a month that has some.
async fn next_number(write: &mut AnyConnection, month: Month) -> Result<Option<String>, sqlx::Error> {
    let last: Option<(i64,)> =
        sqlx::query_as("UPDATE number_series SET last = last + 1 WHERE series = $1 AND year = $2 RETURNING last")
            .bind(format!("攸预{:02}", month.number()))
            .bind(i64::from(month.year()))
            .fetch_optional(write)
            .await?;
    Ok(last.map(|(serial,)| rules::number(month, serial)))
}

/// The supervision office drew among what 莲塘坳镇 cancelled last month.
async fn check(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Acted>) -> anyhow::Result<()> {
    let checker = world.people.cast("ducha");
    let head = world.people.cast("zhenzhang");
    let unit = world.people.units[world.people.officials[head].unit].id;
    let month = Month::of(world.today).plus(-1);
    let (fixed, drawn_on, checked) = (ago(world, 4), ago(world, 3), ago(world, 1));
    let found: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT i.number, i.id, c.id FROM plan p JOIN plan_item i ON i.plan = p.id JOIN cancellation c ON c.item = i.id
          WHERE p.unit = $1 AND p.month = $2 AND c.cancelled_on <= $3
            AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
            AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id) ORDER BY i.number",
    )
    .bind(unit)
    .bind(month.to_string())
    .bind(drawn_on.to_string())
    .fetch_all(&mut *write)
    .await?;
    if found.is_empty() {
        return Ok(());
    }
    let seed = hex(&sm3(&[b"plan_check/", world.seed.to_string().as_bytes()])[..16]);
    let share_bp = world.app.policy.number("plan.check.share_bp", month.first_day())?;
    let numbers: Vec<&str> = found.iter().map(|(number, ..)| number.as_str()).collect();
    let (id, by) = (world.app.id(), world.people.officials[checker].id);
    sqlx::query(
        "INSERT INTO plan_check (id, unit, month, seed, share_bp, fixed_on, fixed_by, population, drawn_on, drawn_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $7)",
    )
    .bind(id)
    .bind(unit)
    .bind(month.to_string())
    .bind(seed.clone())
    .bind(share_bp)
    .bind(fixed.to_string())
    .bind(by)
    .bind(numbers.join(" "))
    .bind(drawn_on.to_string())
    .execute(&mut *write)
    .await?;
    let drawn = draw_by(&seed, &numbers, share_bp);
    let subject = || Subject("plan_check", id);
    acts.push((fixed, checker, "plan_check.seeded", subject(), json!({ "month": month, "seed": seed })));
    acts.push((drawn_on, checker, "plan_check.drawn", subject(), json!({ "drawn": drawn })));
    for (place, (_, item, cancellation)) in
        found.iter().filter(|(number, ..)| drawn.contains(&number.as_str())).enumerate()
    {
        // The first is doubted, so that its superior has something to decide.
        let (passed, seen) = if place == 0 {
            (0_i64, "现场看，主体做完了，公示栏里没有公示，问了三户都说不知道。")
        } else {
            (1, "现场看过，台账、照片和实际一致。")
        };
        sqlx::query(
            "INSERT INTO plan_check_sample (id, draw, item, cancellation, passed, seen, checked_on, checked_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(world.app.id())
        .bind(id)
        .bind(*item)
        .bind(*cancellation)
        .bind(passed)
        .bind(seen)
        .bind(checked.to_string())
        .bind(by)
        .execute(&mut *write)
        .await?;
        let told = json!({ "passed": passed == 1, "seen": seen });
        acts.push((checked, checker, "plan_item.checked", Subject("plan_item", *item), told));
    }
    Ok(())
}

/// A quarter's item of 莲塘坳镇, which stands in this month's plan.
async fn promise(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Acted>) -> anyhow::Result<()> {
    let head = world.people.cast("zhenzhang");
    let owner = &world.people.officials[head];
    let Some(superior) = owner.superior else { return Ok(()) };
    let month = Month::of(world.today);
    let quarter = month.quarter();
    let first = quarter.months()[0].first_day();
    let frozen = world.working_day(first.saturating_sub(1.day()), first.saturating_sub(1.day()));
    let unit = world.people.units[owner.unit].id;
    let Some(plan) = plan_of(write, unit, month).await? else { return Ok(()) };
    let Some(number) = next_number(write, month).await? else { return Ok(()) };
    let id = world.app.id();
    sqlx::query(
        "INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added,
                                proposed_by, frozen_on, frozen_by, version)
         VALUES ($1, $2, $3, '全镇农村集中供水全部通水', '县水务局逐村验收单，公示无异议', $4, $5, $6, 5, 'own', 0, $4, $7, $8, 2)",
    )
    .bind(id)
    .bind(plan)
    .bind(number.clone())
    .bind(owner.id)
    .bind(owner.appointment)
    .bind(month.last_day().to_string())
    .bind(frozen.to_string())
    .bind(world.people.officials[superior].id)
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO plan_quarter_item (item, quarter) VALUES ($1, $2)")
        .bind(id)
        .bind(quarter.to_string())
        .execute(write)
        .await?;
    let told = json!({ "number": number, "quarter": quarter.to_string() });
    acts.push((frozen, superior, "plan_item.frozen", Subject("plan_item", id), told));
    Ok(())
}
