//! Performance pay of the demo: a township's month that two have approved, and one of the land bureau whose notice is up,
//! with an objection that waits for its answer.

use anyhow::bail;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;
use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::World;
use super::history::{instant, moment};
use crate::chain::Subject;
use crate::pay::{NewRun, Scope, write_down};

/// What 周敏 says against her result.
const SAID: &str = "津补贴这个月起调了一档，扣入好像还是按原来的标准算的，请核对津补贴的施行日期。";

/// Something that happened to a run.
type Act = (Date, i64, usize, &'static str, Subject, Value);

/// Settles two units and takes each as far as it is to come.
pub(super) async fn tell(world: &mut World<'_>) -> anyhow::Result<()> {
    let this = Month::of(world.today);
    let yesterday = world.today.saturating_sub(1.day());
    // The last month whose cancellations are over since some days.
    let recent = if world.today.day() >= 9 { this.plus(-1) } else { this.plus(-2) };
    let mut acts: Vec<Act> = Vec::new();
    let mut write = world.app.db.write().await?;

    let after = world.working_day(this.plus(-1).day(6), yesterday);
    let run = settle(&mut write, world, "LTA", this.plus(-2), after, &mut acts).await?;
    let up = world.working_day(after.saturating_add(1.day()), yesterday);
    put_up(&mut write, world, run, (after, up), &mut acts).await?;
    let over = world.working_day(up.saturating_add(9.days()), yesterday);
    approve(&mut write, world, run, over, &mut acts).await?;

    let up = world.working_day(yesterday, yesterday);
    let before = world.working_day(up.saturating_sub(1.day()), up.saturating_sub(1.day()));
    let run = settle(&mut write, world, "ZRZY", recent, before, &mut acts).await?;
    put_up(&mut write, world, run, (before, up), &mut acts).await?;
    object(&mut write, world, run, yesterday, &mut acts).await?;
    write.commit().await?;
    for (day, minute, by, action, subject, content) in acts {
        let by = world.people.officials[by].clone();
        world.history.add(moment(day, minute), Some(&by), action, subject, &content);
    }
    Ok(())
}

/// Settles a unit's month, and once more where somebody had to decide what the scores leave open.
async fn settle(
    write: &mut AnyConnection,
    world: &World<'_>,
    unit: &str,
    month: Month,
    on: Date,
    acts: &mut Vec<Act>,
) -> anyhow::Result<i64> {
    let personnel = world.people.cast("renshi");
    let by = world.people.officials[personnel].id;
    let assessor = world.people.cast("pingyi");
    let unit = world.people.units[world.people.unit(unit)].id;
    let mut earlier = None;
    for attempt in 1..=3 {
        let minute = 9 * 60 + attempt;
        let id = world.app.id();
        let scope = Scope { unit, county: false };
        let run = NewRun { id, scope, month, attempt, by, at: instant(moment(on, minute)) };
        let content = match write_down(&mut *write, world.app, &run).await {
            Ok(content) => content,
            Err(why) => bail!("{why:?}"),
        };
        acts.push((on, minute, personnel, "pay_run.settled", Subject("pay_run", id), content));
        if let Some(earlier) = earlier {
            sqlx::query("UPDATE pay_run SET replaced_by = $2, version = version + 1 WHERE id = $1")
                .bind(earlier)
                .bind(id)
                .execute(&mut *write)
                .await?;
        }
        let open: Vec<(String, String)> = sqlx::query_as(
            "SELECT DISTINCT class, state FROM pay_share WHERE run = $1 AND state IN ('undecided', 'infeasible')",
        )
        .bind(id)
        .fetch_all(&mut *write)
        .await?;
        if open.is_empty() {
            return Ok(id);
        }
        for (class, state) in open {
            decide(write, (world, assessor), (id, unit, month), (&class, &state), on).await?;
            let action = if state == "undecided" { "pay_ranking.recorded" } else { "pay_waiver.recorded" };
            acts.push((on, minute, assessor, action, Subject("pay_run", id), json!({ "class": class })));
        }
        earlier = Some(id);
    }
    bail!("the scores of a unit of the demo cannot be settled")
}

/// A ranking by number, or a waiver.
async fn decide(
    write: &mut AnyConnection,
    (world, by): (&World<'_>, usize),
    (run, unit, month): (i64, i64, Month),
    (class, state): (&str, &str),
    on: Date,
) -> anyhow::Result<()> {
    let by = world.people.officials[by].id;
    if state == "infeasible" {
        sqlx::query(
            "INSERT INTO pay_waiver (unit, month, class, reason, waived_on, waived_by)
             VALUES ($1, $2, $3, '扣入合计不足以拉开，按得分分配', $4, $5)",
        )
        .bind(unit)
        .bind(month.to_string())
        .bind(class.to_owned())
        .bind(on.to_string())
        .bind(by)
        .execute(write)
        .await?;
        return Ok(());
    }
    let members: Vec<(i64,)> = sqlx::query_as(
        "SELECT s.official FROM pay_share s JOIN official o ON o.id = s.official
          WHERE s.run = $1 AND s.class = $2 AND s.score_bp IS NOT NULL ORDER BY o.number",
    )
    .bind(run)
    .bind(class.to_owned())
    .fetch_all(&mut *write)
    .await?;
    for (rank, (official,)) in (1_i64..).zip(members) {
        sqlx::query(
            "INSERT INTO pay_ranking (unit, month, class, official, rank, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(unit)
        .bind(month.to_string())
        .bind(class.to_owned())
        .bind(official)
        .bind(rank)
        .bind(by)
        .execute(&mut *write)
        .await?;
    }
    Ok(())
}

/// Checked on one day by finance, put up on another by personnel.
async fn put_up(
    write: &mut AnyConnection,
    world: &World<'_>,
    run: i64,
    (checked, up): (Date, Date),
    acts: &mut Vec<Act>,
) -> anyhow::Result<()> {
    let (finance, personnel) = (world.people.cast("caizheng2"), world.people.cast("renshi"));
    let policy = &world.app.policy;
    let days = |key| policy.days(key, up).map(i64::from);
    sqlx::query("INSERT INTO pay_check (run, checked_on, checked_by) VALUES ($1, $2, $3)")
        .bind(run)
        .bind(checked.to_string())
        .bind(world.people.officials[finance].id)
        .execute(&mut *write)
        .await?;
    sqlx::query(
        "INSERT INTO pay_notice (run, put_up_on, put_up_by, working_days, objection_days, answer_days, amounts, public)
         VALUES ($1, $2, $3, $4, $5, $6, 0, 0)",
    )
    .bind(run)
    .bind(up.to_string())
    .bind(world.people.officials[personnel].id)
    .bind(days("pay.notice.working_days")?)
    .bind(days("pay.objection.working_days")?)
    .bind(days("pay.objection_answer.working_days")?)
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO pay_notice_line (run, official, since)
         SELECT DISTINCT run, official, $2 FROM pay_share WHERE run = $1",
    )
    .bind(run)
    .bind(up.to_string())
    .execute(write)
    .await?;
    let subject = Subject("pay_run", run);
    acts.push((checked, 15 * 60, finance, "pay_run.checked", subject, json!({})));
    acts.push((up, 9 * 60, personnel, "pay_notice.put_up", subject, json!({ "amounts": false, "public": false })));
    Ok(())
}

/// Submitted and signed by two on one day.
async fn approve(
    write: &mut AnyConnection,
    world: &World<'_>,
    run: i64,
    on: Date,
    acts: &mut Vec<Act>,
) -> anyhow::Result<()> {
    let personnel = world.people.cast("renshi");
    let subject = Subject("pay_run", run);
    sqlx::query(
        "UPDATE pay_run SET document = (SELECT MIN(id) FROM authorising_document), submitted_on = $2, submitted_by = $3,
                            version = version + 1 WHERE id = $1",
    )
    .bind(run)
    .bind(on.to_string())
    .bind(world.people.officials[personnel].id)
    .execute(&mut *write)
    .await?;
    acts.push((on, 10 * 60, personnel, "pay_run.submitted", subject, json!({})));
    for (position, login) in [(1_i64, "lingdao"), (2, "caizheng")] {
        let by = world.people.cast(login);
        sqlx::query("INSERT INTO pay_approval (run, position, approved_by, approved_on) VALUES ($1, $2, $3, $4)")
            .bind(run)
            .bind(position)
            .bind(world.people.officials[by].id)
            .bind(on.to_string())
            .execute(&mut *write)
            .await?;
        acts.push((on, 10 * 60 + 20 * position, by, "pay_run.approved", subject, json!({ "position": position })));
    }
    Ok(())
}

/// 周敏 objects, and nobody has answered yet.
async fn object(
    write: &mut AnyConnection,
    world: &World<'_>,
    run: i64,
    on: Date,
    acts: &mut Vec<Act>,
) -> anyhow::Result<()> {
    let handler = world.people.cast("chengban");
    let id = world.app.id();
    sqlx::query(
        "INSERT INTO pay_objection (id, run, official, content, raised_on, in_time, answer_days)
         VALUES ($1, $2, $3, $4, $5, 1, $6)",
    )
    .bind(id)
    .bind(run)
    .bind(world.people.officials[handler].id)
    .bind(SAID)
    .bind(on.to_string())
    .bind(i64::from(world.app.policy.days("pay.objection_answer.working_days", on)?))
    .execute(write)
    .await?;
    let content = json!({ "content": SAID, "in_time": true, "run": run });
    acts.push((on, 16 * 60, handler, "pay_objection.raised", Subject("pay_objection", id), content));
    Ok(())
}
