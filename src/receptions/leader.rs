//! Who receives on a day: arranged by the petition office, changed with the next month, and told in time.

use policy::Month;
use serde_json::json;
use sqlx::AnyConnection;

use super::days::{DAY, Day, members};
use super::rules::{Notice, Refused, stands_for, swap, timetable};
use crate::accounts::Viewer;
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::web::{App, Refusal};

/// Names who receives on a day that is not past.
pub(super) async fn arrange(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    day: &Day,
    version: i64,
    leader: i64,
) -> Result<Result<(), Refused>, Refusal> {
    let today = app.today();
    let on = day.on()?;
    if version != day.version {
        return Err(Refusal::Stale);
    }
    if on < today {
        return Ok(Err(Refused::Over));
    }
    if !is_member(write, day, leader).await? {
        return Ok(Err(Refused::Stranger));
    }
    if day.leader == Some(leader) {
        return Ok(Ok(()));
    }
    let first: (Option<i64>,) = sqlx::query_as("SELECT stands_for FROM reception_day WHERE id = $1")
        .bind(day.id)
        .fetch_one(&mut *write)
        .await?;
    let notice_on = timetable(&app.policy, on)?.notice_on;
    let replaced = stands_for(notice_on, today, day.leader, first.0, leader);
    put(write, app, day, leader, replaced).await?;
    let content = json!({ "leader": leader, "before": day.leader });
    chain::record(write, app, actor, "reception_day.arranged", Subject("reception_day", day.id), &content).await?;
    Ok(Ok(()))
}

async fn is_member(read: &mut AnyConnection, day: &Day, official: i64) -> Result<bool, sqlx::Error> {
    Ok(members(read, day.unit, &day.held_on).await?.iter().any(|member| member.id == official))
}

async fn put(
    write: &mut AnyConnection,
    app: &App,
    day: &Day,
    leader: i64,
    replaced: Option<i64>,
) -> Result<(), Refusal> {
    let done = sqlx::query(
        "UPDATE reception_day SET leader = $3, stands_for = $4, changed_at = $5, sequence = sequence + 1,
                version = version + 1 WHERE id = $1 AND version = $2",
    )
    .bind(day.id)
    .bind(day.version)
    .bind(leader)
    .bind(replaced)
    .bind(app.now().as_millisecond())
    .execute(write)
    .await?;
    if done.rows_affected() == 0 { Err(Refusal::Stale) } else { Ok(()) }
}

/// The leader of a day cannot come: changes days with the leader of the next month.
pub(super) async fn absent(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    day: &Day,
    version: i64,
    reason: &str,
) -> Result<Result<(), Refused>, Refusal> {
    if version != day.version {
        return Err(Refusal::Stale);
    }
    let Some(leader) = day.leader else { return Ok(Err(Refused::NoLeader)) };
    let on = day.on()?;
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.unit = ").bind(day.unit);
    sql.push(" AND d.month = ").bind(day.month.parse::<Month>()?.plus(1).to_string());
    let next: Option<Day> = sql.fetch_optional(&mut *write).await?;
    let days = app.policy.days("reception.absence.days", on)?;
    let by = (timetable(&app.policy, on)?.absence_by, days);
    let substitute = match swap(on, app.today(), by, leader, next.as_ref().and_then(|next| next.leader)) {
        Ok(substitute) => substitute,
        Err(refused) => return Ok(Err(refused)),
    };
    let Some(next) = next else { return Ok(Err(Refused::NobodyToSwap)) };
    if !(is_member(write, day, substitute).await? && is_member(write, &next, leader).await?) {
        return Ok(Err(Refused::NobodyToSwap));
    }
    put(write, app, day, substitute, Some(leader)).await?;
    put(write, app, &next, leader, Some(substitute)).await?;
    sqlx::query(
        "INSERT INTO reception_absence (id, day, leader, reason, substitute, other_day, declared_on, declared_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(app.id())
    .bind(day.id)
    .bind(leader)
    .bind(reason.to_owned())
    .bind(substitute)
    .bind(next.id)
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let content = json!({ "leader": leader, "reason": reason, "substitute": substitute, "other_day": next.id });
    let subject = Subject("reception_day", day.id);
    chain::record(write, app, viewer.actor(), "reception_day.absent", subject, &content).await?;
    Ok(Ok(()))
}

/// The receiving leader has seen a notice; saying so again changes nothing.
pub(super) async fn acknowledge(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    day: i64,
    what: Notice,
) -> anyhow::Result<()> {
    let done = sqlx::query(
        "INSERT INTO reception_notice (day, official, what, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (day, official, what) DO NOTHING",
    )
    .bind(day)
    .bind(viewer.official)
    .bind(what.word())
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 1 {
        let subject = Subject("reception_day", day);
        let content = json!({ "what": what });
        chain::record(write, app, viewer.actor(), "reception_notice.seen", subject, &content).await?;
    }
    Ok(())
}
