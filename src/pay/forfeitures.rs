//! 收回账: what the settlements of a unit did not pay out, month by month, and what corrections have moved since. A view
//! over approved runs, never filled in.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use sqlx::FromRow;

use super::sight;
use super::words::{month_words, signed, yuan};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/forfeitures", Access::May("pay.list"), show)
}

const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    unit: Option<i64>,
    before: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    unit_name: String,
    month: String,
    forfeited: i64,
    corrected: i64,
}

/// A month of a unit.
struct Line {
    run: i64,
    unit: String,
    month: String,
    forfeited: String,
    corrected: String,
    left: String,
}

#[derive(Template)]
#[template(path = "pay/forfeitures.html")]
struct Forfeitures {
    shell: Shell,
    lines: Vec<Line>,
    unit: Option<i64>,
    total: String,
    next: Option<i64>,
    as_of: String,
}

/// The approved runs that did not pay out everything, or were corrected, and by how much.
fn push_runs(sql: &mut Sql, viewer: &Viewer, filter: &Filter) {
    sql.push(
        "SELECT r.id, u.name AS unit_name, r.month, s.forfeited, COALESCE(k.corrected, 0) AS corrected
           FROM pay_run r
           JOIN unit u ON u.id = r.unit
           JOIN pay_approval a ON a.run = r.id AND a.position = 2
           JOIN (SELECT run, CAST(SUM(stake_fen - COALESCE(share_fen, 0)) AS BIGINT) AS forfeited
                   FROM pay_share GROUP BY run) s ON s.run = r.id
           LEFT JOIN (SELECT c.mends, CAST(SUM(c.fen) AS BIGINT) AS corrected
                        FROM pay_correction c
                        JOIN pay_run q ON q.unit = c.unit AND q.month = c.month
                        JOIN pay_approval b ON b.run = q.id AND b.position = 2
                       GROUP BY c.mends) k ON k.mends = r.id
          WHERE (s.forfeited <> 0 OR k.corrected IS NOT NULL)",
    );
    if let Some(unit) = filter.unit {
        sql.push(" AND r.unit = ").bind(unit);
    }
    sight::push(sql, viewer);
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut read = app.db.read().await?;
    let mut sql = Sql::new("SELECT CAST(COALESCE(SUM(x.forfeited - x.corrected), 0) AS BIGINT) AS total FROM (");
    push_runs(&mut sql, &viewer, &filter);
    sql.push(") x");
    let total: Option<(i64,)> = sql.fetch_optional(&mut read).await?;
    let mut sql = Sql::new("");
    push_runs(&mut sql, &viewer, &filter);
    if let Some(before) = filter.before {
        sql.push(" AND r.id < ").bind(before);
    }
    sql.push(" ORDER BY r.id DESC").limit(i64::try_from(PAGE + 1).map_err(anyhow::Error::from)?);
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    drop(read);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let shown = viewer.sees("pay.amount");
    let amount = |fen: i64| if shown { yuan(fen) } else { "—".to_owned() };
    let mut lines = Vec::with_capacity(rows.len());
    let next = rows.last().filter(|_| more).map(|row| row.id);
    for row in rows {
        lines.push(Line {
            run: row.id,
            unit: row.unit_name,
            month: month_words(row.month.parse()?),
            forfeited: amount(row.forfeited),
            corrected: if shown { signed(-row.corrected) } else { "—".to_owned() },
            left: amount(row.forfeited - row.corrected),
        });
    }
    html(&Forfeitures {
        shell: Shell::new(&viewer, "pay"),
        lines,
        unit: filter.unit,
        total: amount(total.map_or(0, |(total,)| total)),
        next,
        as_of: minute(app.now()),
    })
}
