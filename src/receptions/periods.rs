//! Key periods (重要时段): in each unit a member of the leadership is on duty every day. Rosters by unit, gaps shown.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules::period_days;
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/key-periods", Access::May("receptions.list"), ledger)
        .post("/key-periods", Access::May("receptions.arrange"), make)
        .get("/key-periods/{id}", Access::May("receptions.list"), show)
}

/// A key period.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Period {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) from_on: String,
    pub(super) to_on: String,
    #[sqlx(default)]
    filled: i64,
}

impl Period {
    /// Its days.
    pub(super) fn days(&self) -> anyhow::Result<Vec<Date>> {
        period_days(self.from_on.parse()?, self.to_on.parse()?).map_err(anyhow::Error::msg)
    }
    fn when(&self, today: &Date) -> String {
        let day = |text: &str| text.parse().map_or_else(|_| text.to_owned(), |on| crate::web::day(on, *today));
        format!("{}至{}", day(&self.from_on), day(&self.to_on))
    }
    fn length(&self) -> usize {
        self.days().map_or(0, |days| days.len())
    }
}

/// One period by its id.
pub(super) async fn find(read: &mut AnyConnection, id: i64) -> Result<Period, Refusal> {
    let found: Option<Period> = sqlx::query_as("SELECT id, name, from_on, to_on FROM key_period WHERE id = $1")
        .bind(id)
        .fetch_optional(read)
        .await?;
    found.ok_or(Refusal::NotFound)
}

/// Adds to a query over `unit u` that the viewer sees its roster: the units of the place, or the own one.
pub(super) fn push_units(sql: &mut Sql, viewer: &Viewer) {
    if sight::runs_a_place(viewer) {
        sql.push(" AND u.division >= ").bind(viewer.place.clone());
        sql.push(" AND u.division < ").bind(divisions::end(&viewer.place));
    } else {
        sql.push(" AND u.id = ").bind(viewer.unit);
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct PeriodForm {
    key: String,
    name: String,
    from: String,
    to: String,
}

#[derive(Template)]
#[template(path = "receptions/periods.html")]
struct LedgerPage {
    shell: Shell,
    periods: Vec<Period>,
    may_arrange: bool,
    form: PeriodForm,
    problems: Problems,
    today: Date,
}

async fn ledger(State(app): State<App>, viewer: Viewer) -> Page {
    let form = PeriodForm { key: forms::new_key(), ..PeriodForm::default() };
    list(&app, &viewer, form, Problems::default()).await
}

async fn list(app: &App, viewer: &Viewer, form: PeriodForm, problems: Problems) -> Page {
    let mut sql = Sql::new(
        "SELECT k.id, k.name, k.from_on, k.to_on,
                (SELECT COUNT(*) FROM key_period_roster r JOIN key_period_duty y ON y.roster = r.id
                   JOIN unit u ON u.id = r.unit WHERE r.period = k.id",
    );
    push_units(&mut sql, viewer);
    sql.push(") AS filled FROM key_period k ORDER BY k.from_on DESC, k.id DESC").limit(100);
    let mut read = app.db.read().await?;
    let periods = sql.fetch_all(&mut read).await?;
    drop(read);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (shell, may_arrange) = (Shell::new(viewer, "receptions"), viewer.may("receptions.arrange"));
    html_with(status, &LedgerPage { shell, periods, may_arrange, form, problems, today: app.today() })
}

async fn make(State(app): State<App>, viewer: Viewer, Form(mut form): Form<PeriodForm>) -> Page {
    let mut problems = Problems::default();
    let name = forms::tidy(&form.name);
    problems.require((2..=30).contains(&name.chars().count()), "name", "名称请填 2 至 30 个字，如 国庆");
    let day = |typed: &str| forms::half_width(typed.trim()).parse::<Date>().ok();
    let span = day(&form.from).zip(day(&form.to));
    match span.map(|(from, to)| period_days(from, to)) {
        None => problems.add("from", "请填写起日和止日，如 2026-10-01"),
        Some(Err(why)) => problems.add("to", why),
        Some(Ok(_)) => {}
    }
    let Some((from, to)) = span.filter(|_| problems.is_empty()) else {
        return list(&app, &viewer, form, problems).await;
    };
    let id = app.id();
    let mut write = app.db.write().await?;
    let path = format!("/key-periods/{id}");
    match forms::take_key(&mut write, &app, &form.key, &path).await? {
        Some(earlier) if earlier.starts_with("/key-periods/") => return see(&earlier),
        Some(_) => {
            drop(write);
            form.key = forms::new_key();
            problems.add("", "这张表单的编号已经用在别处，请再提交一次");
            return list(&app, &viewer, form, problems).await;
        }
        None => {}
    }
    sqlx::query("INSERT INTO key_period (id, name, from_on, to_on, made_on, made_by) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(id)
        .bind(name.clone())
        .bind(from.to_string())
        .bind(to.to_string())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let content = json!({ "name": name, "from": from, "to": to });
    chain::record(&mut write, &app, viewer.actor(), "key_period.made", Subject("key_period", id), &content).await?;
    write.commit().await?;
    see(&path)
}

#[derive(FromRow)]
struct UnitRow {
    id: i64,
    name: String,
}

#[derive(FromRow)]
struct DutyRow {
    unit: i64,
    duty_on: String,
    name: String,
}

/// A unit's line on the sheet of a period.
struct Line {
    unit: i64,
    name: String,
    /// One a day; empty: nobody is on duty.
    cells: Vec<String>,
}

impl Line {
    fn gaps(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_empty()).count()
    }
}

#[derive(Template)]
#[template(path = "receptions/period.html")]
struct PeriodPage {
    shell: Shell,
    period: Period,
    days: Vec<Date>,
    lines: Vec<Line>,
    may_roster: bool,
    today: Date,
}

impl PeriodPage {
    fn gaps(&self) -> usize {
        self.lines.iter().map(Line::gaps).sum()
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let period = find(&mut read, id).await?;
    let mut sql = Sql::new("SELECT u.id, u.name FROM unit u WHERE u.kind <> 'village' AND u.valid_from <= ");
    sql.bind(period.to_on.clone()).push(" AND (u.valid_to IS NULL OR u.valid_to > ").bind(period.from_on.clone());
    sql.push(")");
    push_units(&mut sql, &viewer);
    sql.push(" ORDER BY u.kind, u.code").limit(500);
    let units: Vec<UnitRow> = sql.fetch_all(&mut read).await?;
    let mut sql = Sql::new(
        "SELECT r.unit, y.duty_on, f.name FROM key_period_duty y JOIN key_period_roster r ON r.id = y.roster
           JOIN official f ON f.id = y.official JOIN unit u ON u.id = r.unit WHERE r.period = ",
    );
    sql.bind(id);
    push_units(&mut sql, &viewer);
    let duties: Vec<DutyRow> = sql.fetch_all(&mut read).await?;
    drop(read);
    let days = period.days()?;
    let on: HashMap<(i64, &str), &str> =
        duties.iter().map(|row| ((row.unit, row.duty_on.as_str()), row.name.as_str())).collect();
    let cell =
        |unit: i64, day: &Date| on.get(&(unit, day.to_string().as_str())).copied().unwrap_or_default().to_owned();
    let lines = units
        .into_iter()
        .map(|unit| Line { cells: days.iter().map(|day| cell(unit.id, day)).collect(), unit: unit.id, name: unit.name })
        .collect();
    let may_roster = viewer.may("receptions.roster");
    html(&PeriodPage { shell: Shell::new(&viewer, "receptions"), period, days, lines, may_roster, today: app.today() })
}
