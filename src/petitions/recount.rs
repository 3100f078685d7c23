//! Computing the open clocks anew when working days became known or changed (G4).

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::clocks;
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::web::App;

/// Clocks computed in one write: few enough that nobody waits long for it.
const BATCH: i64 = 200;

#[derive(FromRow)]
struct Row {
    id: i64,
    petition: i64,
    kind: String,
    runs_from: String,
    extension: i64,
    due_on: String,
    provisional: i64,
}

/// Computes every open clock that is not over since last year, and keeps of each that came out differently the day
/// before, the day now and why. Gives how many did.
///
/// It compares what is kept with what comes out: run twice, or taken up again where it was killed, it does what is
/// left. A clock that somebody changed in between is left to that write, which computes by the same working days.
pub async fn recount(app: &App) -> anyhow::Result<usize> {
    let since = app.today().first_of_year().to_string();
    let (mut after, mut moved) = (0_i64, 0);
    loop {
        let mut read = app.db.read().await?;
        let mut sql = Sql::new(
            "SELECT id, petition, kind, runs_from, extension, COALESCE(due_on, '') AS due_on, provisional FROM clock
              WHERE stopped_on IS NULL AND id > ",
        );
        sql.bind(after)
            .push(" AND (due_on IS NULL OR due_on >= ")
            .bind(since.clone())
            .push(") ORDER BY id")
            .limit(BATCH);
        let rows: Vec<Row> = sql.fetch_all(&mut read).await?;
        drop(read);
        let Some(last) = rows.last() else { return Ok(moved) };
        after = last.id;
        let whole = i64::try_from(rows.len())? == BATCH;
        let mut write = app.db.write().await?;
        for row in &rows {
            moved += usize::from(set_anew(&mut write, app, row).await?);
        }
        write.commit().await?;
        if !whole {
            return Ok(moved);
        }
    }
}

/// Whether the clock came out differently, and was not changed meanwhile.
async fn set_anew(write: &mut AnyConnection, app: &App, row: &Row) -> anyhow::Result<bool> {
    let spans = clocks::spans(write, row.id).await?;
    let deadline = match clocks::computed(app, (&row.kind, &row.runs_from, row.extension), &spans) {
        Ok(deadline) => deadline,
        Err(error) => {
            // One that cannot be computed must not keep the others.
            tracing::warn!(clock = row.id, error = format!("{error:#}"), "computing a clock anew");
            return Ok(false);
        }
    };
    let now = deadline.due.map(|due| due.to_string());
    let provisional = i64::from(deadline.provisional);
    if now.as_deref().unwrap_or_default() == row.due_on && provisional == row.provisional {
        return Ok(false);
    }
    let changed = sqlx::query(
        "UPDATE clock SET due_on = $2, provisional = $3
          WHERE id = $1 AND stopped_on IS NULL AND extension = $4 AND COALESCE(due_on, '') = $5 AND provisional = $6",
    )
    .bind(row.id)
    .bind(now.clone())
    .bind(provisional)
    .bind(row.extension)
    .bind(row.due_on.clone())
    .bind(row.provisional)
    .execute(&mut *write)
    .await?;
    if changed.rows_affected() == 0 {
        return Ok(false);
    }
    let year = deadline.unmoved.or(deadline.due).map_or_else(|| app.today().year(), Date::year);
    let why = why(write, year, row.provisional == 1).await?;
    let was = (!row.due_on.is_empty()).then(|| row.due_on.clone());
    sqlx::query(
        "INSERT INTO clock_move (id, petition, clock, was_due, was_provisional, now_due, now_provisional, why, moved_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(app.id())
    .bind(row.petition)
    .bind(row.id)
    .bind(was.clone())
    .bind(row.provisional)
    .bind(now.clone())
    .bind(provisional)
    .bind(why.clone())
    .bind(app.today().to_string())
    .execute(&mut *write)
    .await?;
    let content = serde_json::json!({ "clock": row.kind, "now": now, "was": was, "why": why });
    chain::record(write, app, Actor::NOBODY, "clock.moved", Subject("petition", row.petition), &content).await?;
    Ok(true)
}

/// Which arrangement moved it, by which notice.
async fn why(write: &mut AnyConnection, year: i16, published: bool) -> Result<String, sqlx::Error> {
    let (first, next) = (format!("{year}-01-01"), format!("{}-01-01", year + 1));
    let source: Option<(String,)> =
        sqlx::query_as("SELECT source FROM calendar_day WHERE day >= $1 AND day < $2 ORDER BY day LIMIT 1")
            .bind(first)
            .bind(next)
            .fetch_optional(write)
            .await?;
    let what = if published { "公布" } else { "有变动" };
    Ok(match source {
        Some((source,)) => format!("{year} 年放假安排{what}：{source}"),
        None => format!("{year} 年放假安排{what}"),
    })
}
