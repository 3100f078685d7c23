//! Telling people up the line of posts that a clock runs out, or has run out: each rung once.

use std::collections::HashSet;

use sqlx::{AnyConnection, FromRow};

use super::disputes::{holder, line};
use super::filter::owed;
use super::rules::{Ladder, Rung};
use super::sight;
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::web::App;

/// Clocks looked at in one go.
const BATCH: i64 = 200;

#[derive(FromRow)]
struct Row {
    id: i64,
    petition: i64,
    kind: String,
    due_on: String,
    unit: Option<i64>,
    handler: Option<i64>,
}

/// Tells of every clock that is owed and runs out within the days of the county's value, or has run out. Gives how many
/// times somebody was told. A review is owed by the unit that reviews; where that is an organ above the county, the
/// petition office is told, which writes down what was decided.
///
/// What was told before is known by its row: run twice, or taken up again where it was killed, it tells what is left.
pub async fn urge(app: &App) -> anyhow::Result<usize> {
    let today = app.today();
    let ladder = Ladder::on(&app.policy, today)?;
    let last = ladder.last_due(today).to_string();
    let (mut after, mut told) = ((String::new(), 0_i64), 0);
    loop {
        let mut read = app.db.read().await?;
        let mut sql = Sql::new(
            "SELECT c.id, c.petition, c.kind, c.due_on,
                    CASE WHEN v.id IS NULL THEN p.unit ELSE COALESCE(v.unit, p.received_by) END AS unit,
                    CASE WHEN v.id IS NULL THEN p.handler END AS handler
               FROM clock c JOIN petition p ON p.id = c.petition
               LEFT JOIN review v ON v.id = (SELECT MAX(w.id) FROM review w WHERE w.petition = c.petition AND w.stage = c.kind)
              WHERE ",
        );
        sql.push(owed!("c")).push(" AND c.due_on <= ").bind(last.clone());
        sql.push(" AND (c.due_on > ").bind(after.0.clone()).push(" OR (c.due_on = ").bind(after.0.clone());
        sql.push(" AND c.id > ").bind(after.1).push(")) ORDER BY c.due_on, c.id").limit(BATCH);
        let rows: Vec<Row> = sql.fetch_all(&mut read).await?;
        let Some(end) = rows.last() else { return Ok(told) };
        after = (end.due_on.clone(), end.id);
        let whole = i64::try_from(rows.len())? == BATCH;
        // All that was told of these clocks, not a question for each: most were told of days ago.
        let mut sql = Sql::new("SELECT clock, due_on, rung FROM urging WHERE clock IN (0");
        for row in &rows {
            sql.push(", ").bind(row.id);
        }
        sql.push(")");
        let known: HashSet<(i64, String, String)> = sql.fetch_all(&mut read).await?.into_iter().collect();
        let mut left = Vec::new();
        for row in &rows {
            for rung in ladder.reached(row.due_on.parse()?, today) {
                if !known.contains(&(row.id, row.due_on.clone(), rung.word().to_owned())) {
                    left.push((row, rung));
                }
            }
        }
        drop(read);
        if !left.is_empty() {
            let mut write = app.db.write().await?;
            for (row, rung) in left {
                told += usize::from(tell(&mut write, app, row, rung).await?);
            }
            write.commit().await?;
        }
        if !whole {
            return Ok(told);
        }
    }
}

/// Whether this told it, and the clock still runs to that day.
async fn tell(write: &mut AnyConnection, app: &App, row: &Row, rung: Rung) -> anyhow::Result<bool> {
    let today = app.today();
    let (post, official) = whom(write, row, rung).await?;
    let told = sqlx::query(
        "INSERT INTO urging (id, petition, clock, due_on, rung, post, official, told_on)
         SELECT $1, petition, id, due_on, $2, $3, $4, $5 FROM clock WHERE id = $6 AND stopped_on IS NULL AND due_on = $7
             ON CONFLICT (clock, rung, due_on) DO NOTHING",
    )
    .bind(app.id())
    .bind(rung.word())
    .bind(post)
    .bind(official)
    .bind(today.to_string())
    .bind(row.id)
    .bind(row.due_on.clone())
    .execute(&mut *write)
    .await?;
    if told.rows_affected() == 0 {
        return Ok(false);
    }
    let content = serde_json::json!({
        "clock": row.kind, "due": row.due_on, "official": official, "post": post, "rung": rung,
    });
    chain::record(write, app, Actor::NOBODY, "petition.urged", Subject("petition", row.petition), &content).await?;
    Ok(true)
}

/// The post to tell and who holds it: before the due day whoever handles it; then the head of the unit and those above.
/// Whoever is to be kept from the petition is passed over, and where the line ends its last post is told.
async fn whom(read: &mut AnyConnection, row: &Row, rung: Rung) -> Result<(Option<i64>, Option<i64>), sqlx::Error> {
    let Some(unit) = row.unit else { return Ok((None, None)) };
    if let (Rung::Warn, Some(handler)) = (rung, row.handler)
        && !sight::is_recused(read, handler, row.petition).await?
    {
        let post: Option<(i64,)> = sqlx::query_as(
            "SELECT a.post FROM appointment a JOIN post p ON p.id = a.post
              WHERE a.official = $1 AND p.unit = $2 AND a.held_to IS NULL ORDER BY a.id LIMIT 1",
        )
        .bind(handler)
        .bind(unit)
        .fetch_optional(&mut *read)
        .await?;
        if let Some((post,)) = post {
            return Ok((Some(post), Some(handler)));
        }
    }
    let mut last = (None, None);
    for (place, post) in line(read, unit).await?.into_iter().enumerate() {
        if let Some(official) = holder(read, post, row.petition).await? {
            last = (Some(post), Some(official));
            if place >= rung.place() {
                break;
            }
        }
    }
    Ok(last)
}
