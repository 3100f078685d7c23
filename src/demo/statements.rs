//! Written accounts of the demo: those of the county's leaders and of three units for the month and the quarter before,
//! most of them commented, some late, some still waiting.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde_json::json;
use sqlx::AnyConnection;

use super::World;
use super::history::{instant, moment};
use super::people::Rank;
use super::random::Random;
use crate::chain::Subject;
use crate::rows::{Rows, row};

/// What people add to their records.
const WORDS: [&str; 6] = [
    "",
    "前半月下雨误了工期，后半月加班补上。下月先把验收的事办完。",
    "两项涉及外单位配合，已经对接，请领导协调一次。",
    "走访中群众反映路灯和水渠的多，已经列进下月预安。",
    "本月没有难题。下月任务集中在中旬，已经分了工。",
    "个别材料不齐，已经补交；今后完成当天就把依据留好。",
];

/// What superiors answer.
const COMMENTS: [&str; 5] = [
    "完成得实在，依据齐全。下月抓紧前半月。",
    "按时的多，迟的两天要说清原因，以后早报。",
    "数字清楚。群众反映的事要一件一件有回音。",
    "同意。需要协调的，下周办公会上定。",
    "注意质量，不要赶在月底一次报。",
];

/// Due, cancelled and on time of somebody's months, as they stood on a day.
async fn counts(
    read: &mut AnyConnection,
    official: i64,
    period: Period,
    on: Date,
) -> Result<(i64, i64, i64), sqlx::Error> {
    sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN f.item IS NULL THEN 1 - i.added ELSE 0 END), 0) AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.id IS NOT NULL THEN 1 - i.added ELSE 0 END), 0)
                     AS BIGINT),
                CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.done_on <= i.due_on THEN 1 - i.added ELSE 0 END), 0)
                     AS BIGINT)
           FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL AND i.owner = $1
           LEFT JOIN plan_relief f ON f.item = i.id
           LEFT JOIN cancellation c ON c.item = i.id AND c.cancelled_on <= $4
                AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
          WHERE p.month >= $2 AND p.month <= $3",
    )
    .bind(official)
    .bind(Month::of(period.first_day()).to_string())
    .bind(Month::of(period.last_day()).to_string())
    .bind(on.to_string())
    .fetch_one(read)
    .await
}

/// Hands in and comments the accounts of the periods before.
pub(super) async fn give(world: &mut World<'_>) -> anyhow::Result<()> {
    let mut random = Random::of(world.seed, "statements");
    let mut statements = Rows::new("statement", "id, official, period, appointment");
    let mut words = Rows::new(
        "statement_words",
        "statement, version, content, written_on, written_by, handed_in_on, due, cancelled, on_time",
    );
    let mut comments = Rows::new("statement_comment", "statement, version, content, commented_on, commented_by");
    let ids = world.app.ids.past();
    let yesterday = world.today.saturating_sub(1.day());
    let now = Month::of(world.today);
    let mut read = world.app.db.read().await?;
    for period in [Period::Month(now.plus(-1)), Period::Quarter(now.plus(-3).quarter())] {
        let cycle = PlanCycle::of(&world.app.policy, period)?;
        let name = match period {
            Period::Month(month) => month.to_string(),
            Period::Quarter(quarter) => quarter.to_string(),
        };
        for code in ["XLD", "ZRZY", "LTA", "XFJ"] {
            let unit = world.people.unit(code);
            for one in world.people.units[unit].staff.clone() {
                let person = world.people.officials[one].clone();
                let Some(superior) = person.superior else { continue };
                let leads = matches!(person.rank, Rank::Leader | Rank::Chief) && ["XLD", "LTA"].contains(&code);
                if matches!(period, Period::Quarter(_)) && !leads {
                    continue;
                }
                let slow = random.chance(120);
                let late = random.within(0, if slow { 6 } else { 2 });
                let day = world.working_day(cycle.account_from.saturating_add(late.days()), yesterday);
                if day > yesterday || day < cycle.account_from || random.chance(100) {
                    continue;
                }
                let (due, cancelled, on_time) = counts(&mut read, person.id, period, day).await?;
                if due == 0 {
                    continue;
                }
                let id = ids.next(instant(moment(day, 15 * 60)));
                let content = *random.pick(&WORDS);
                row!(statements; id, person.id, name.clone(), person.appointment);
                row!(words; id, 1_i64, content, day, person.id, Some(day), due, cancelled, on_time);
                let told = json!({ "content": content, "period": name, "version": 1 });
                let subject = Subject("statement", id);
                world.history.add(moment(day, 15 * 60), Some(&person), "statement.handed_in", subject, &told);
                let read_on = world.working_day(day.saturating_add(random.within(1, 4).days()), yesterday);
                if read_on <= day || random.chance(250) {
                    continue;
                }
                let by = world.people.officials[superior].clone();
                let content = *random.pick(&COMMENTS);
                row!(comments; id, 1_i64, content, read_on, by.id);
                let told = json!({ "content": content, "version": 1 });
                world.history.add(moment(read_on, 16 * 60), Some(&by), "statement.commented", subject, &told);
            }
        }
    }
    drop(read);
    for rows in [&mut statements, &mut words, &mut comments] {
        rows.store(&world.app.db).await?;
    }
    Ok(())
}
