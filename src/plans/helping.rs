//! 协办: the items of others that the viewer, or the viewer's unit, helps with in a month. The owner accounts for them.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;

use super::items::{self, Listed};
use super::rules::Condition;
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/helping", Access::May("plans.list"), show)
}

/// Rows on one page.
const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    month: String,
    /// Keyset: id of the last row.
    after: String,
}

#[derive(Template)]
#[template(path = "plans/helping.html")]
struct HelpingPage {
    shell: Shell,
    unit_name: String,
    month: Month,
    rows: Vec<Listed>,
    next: Option<i64>,
    today: Date,
    as_of: String,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let month = filter.month.parse().unwrap_or(Month::of(today));
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND p.month = ").bind(month.to_string());
    sql.push(" AND i.owner <> ").bind(viewer.official);
    sql.push(" AND EXISTS (SELECT 1 FROM plan_helper h WHERE h.item = i.id AND (h.official = ").bind(viewer.official);
    sql.push(" OR h.unit = ").bind(viewer.unit).push("))");
    sight::push_recusal(&mut sql, &viewer);
    if let Ok(after) = filter.after.parse::<i64>() {
        sql.push(" AND i.id > ").bind(after);
    }
    sql.push(" ORDER BY i.id").limit(i64::try_from(PAGE + 1).map_err(anyhow::Error::from)?);
    let mut rows = items::fetch_for(&viewer, sql, &mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    html(&HelpingPage {
        shell: Shell::new(&viewer, "plans"),
        unit_name: viewer.unit_name,
        month,
        next: rows.last().filter(|_| more).map(|last| last.id),
        rows,
        today,
        as_of: minute(app.now()),
    })
}
