//! The drawings of the plans that the viewer finds, and one of them: seed, population, lots, and what was seen.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use super::acts::Typed;
use super::rules;
use super::{Draw, find, seen};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::plans::beside::{self, Beside};
use crate::plans::items::{self, Listed, who};
use crate::plans::sight;
use crate::web::{Access, App, Page, Path, Problems, Query, Rooms, Shell, html_with};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/checks", Access::May("plans.list"), show).get(
        "/plans/checks/{id}",
        Access::May("plans.list"),
        one,
    )
}

const PAGE: usize = 50;

#[derive(Debug, FromRow)]
struct Unit {
    id: i64,
    name: String,
}

#[derive(Template)]
#[template(path = "plans/checks/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Draw>,
    units: Vec<Unit>,
    /// The months that can be drawn from, the latest first.
    months: Vec<Month>,
    may_check: bool,
    share_bp: i64,
    source: String,
    next: Option<i64>,
    typed: Typed,
    problems: Problems,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(typed): Query<Typed>) -> Page {
    let mut read = app.db.read().await?;
    list(&mut read, &app, &viewer, typed, Problems::default()).await
}

/// The drawings, with the form for another where the viewer may make one.
pub(super) async fn list(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    typed: Typed,
    problems: Problems,
) -> Page {
    let mut sql = seen(viewer);
    if let Ok(after) = typed.after.parse::<i64>() {
        sql.push(" AND k.id < ").bind(after);
    }
    sql.push(" ORDER BY k.id DESC").limit(i64::try_from(PAGE + 1).map_err(anyhow::Error::from)?);
    let mut rows: Vec<Draw> = sql.fetch_all(&mut *read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let may_check = viewer.may("plans.check");
    let mut units = Vec::new();
    if may_check {
        let mut sql = Sql::new("SELECT u.id, u.name FROM unit u WHERE u.valid_to IS NULL");
        sight::push_unit(&mut sql, viewer, "u.id");
        sql.push(" ORDER BY u.kind, u.code").limit(1_000);
        units = sql.fetch_all(read).await?;
    }
    let today = app.today();
    let now = Month::of(today);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ListPage {
        shell: Shell::new(viewer, "plans"),
        next: rows.last().filter(|_| more).map(|last| last.id),
        rows,
        units,
        months: (0..12).map(|back| now.plus(-back)).collect(),
        may_check,
        share_bp: app.policy.number("plan.check.share_bp", today)?,
        source: app.policy.row("plan.check.share_bp", today)?.1.source.to_string(),
        typed,
        problems,
    };
    html_with(status, &page)
}

/// An item of the sample.
struct Drawn {
    listed: Listed,
    beside: Beside,
    /// The viewer decides on a failed check.
    judges: bool,
}

#[derive(Template)]
#[template(path = "plans/checks/one.html")]
struct OnePage {
    shell: Shell,
    draw: Draw,
    rows: Vec<Drawn>,
    /// Samples that the viewer is to be kept from.
    kept: usize,
    /// Every number with its lot and whether it is drawn, the smallest lot first: worked out anew from the seed.
    lots: Vec<(String, String, bool)>,
    /// What the seed draws is what was drawn.
    agrees: bool,
    may_check: bool,
    typed: Typed,
    problems: Problems,
    today: Date,
}

async fn one(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let draw = find(&mut read, &viewer, id).await?;
    sample_page(&mut read, &app, &viewer, draw, Typed::default(), Problems::default()).await
}

pub(super) async fn sample_page(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    draw: Draw,
    typed: Typed,
    problems: Problems,
) -> Page {
    let kept: Vec<(String,)> = sqlx::query_as(
        "SELECT i.number FROM plan_check_sample s JOIN plan_item i ON i.id = s.item WHERE s.draw = $1 ORDER BY i.number",
    )
    .bind(draw.id)
    .fetch_all(&mut *read)
    .await?;
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.id IN (SELECT s.item FROM plan_check_sample s WHERE s.draw = ").bind(draw.id).push(")");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.number").limit(2_000);
    let found = items::fetch_for(viewer, sql, &mut *read).await?;
    let month: Month = draw.month.parse().map_err(anyhow::Error::from)?;
    let mut besides: HashMap<i64, Beside> = beside::of_month(read, draw.unit, month).await?;
    let me = who(viewer);
    let rows: Vec<Drawn> = found
        .into_iter()
        .map(|listed| {
            let beside = besides.remove(&listed.id).unwrap_or_default();
            let judges = viewer.may("plans.reverse") && beside.proposes() && listed.item.is_judged_by(me);
            Drawn { listed, beside, judges }
        })
        .collect();
    let numbers = draw.numbers();
    let drawn = rules::draw(&draw.seed, &numbers, draw.share_bp);
    let mut lots: Vec<(String, String, bool)> = numbers
        .iter()
        .map(|number| (rules::lot(&draw.seed, number), (*number).to_owned(), drawn.contains(number)))
        .collect();
    lots.sort_unstable();
    let agrees = kept.len() == drawn.len() && kept.iter().zip(&drawn).all(|((kept,), drawn)| kept == drawn);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OnePage {
        shell: Shell::new(viewer, "plans"),
        kept: kept.len() - rows.len(),
        rows,
        lots,
        agrees,
        may_check: viewer.may("plans.check"),
        draw,
        typed,
        problems,
        today: app.today(),
    };
    html_with(status, &page)
}
