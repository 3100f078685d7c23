//! The ledger of settlements, and the form that settles a unit's month.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use policy::Month;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::course::{Objections, Standing, Term};
use super::rules::Scope;
use super::settle::{Order, Unsettled, settle};
use super::sight;
use super::words::{county_classes, month_words, yuan};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Query, Refusal, Rooms, Shell, date_of, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/runs", Access::May("pay.list"), list).post("/pay/runs", Access::May("pay.settle"), post)
}

const PAGE: u16 = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    month: String,
    unit: Option<i64>,
    before: Option<i64>,
}

#[derive(FromRow)]
struct RunRow {
    id: i64,
    unit_name: String,
    month: String,
    policy: String,
    settled_at: i64,
    submitted_on: Option<String>,
    unnoticed: i64,
    checks: i64,
    shown_since: Option<String>,
    notice_days: i64,
    objection_days: i64,
    in_time: i64,
    accepted: i64,
    approvals: i64,
    people: i64,
    open_groups: i64,
    pool_fen: i64,
    paid_fen: i64,
}

/// A run as the ledger shows it.
struct Row {
    id: i64,
    unit: String,
    month: String,
    people: i64,
    pool: String,
    paid: String,
    state: (&'static str, &'static str),
}

#[derive(FromRow)]
pub(super) struct UnitChoice {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) kind: String,
}

impl UnitChoice {
    pub(super) fn scope(&self) -> Scope {
        Scope { unit: self.id, county: self.kind == "county" }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct SettleForm {
    key: String,
    unit: String,
    month: String,
    replaces: String,
    version: String,
}

/// Why the form came back.
struct Problem {
    text: String,
    run: Option<i64>,
}

#[derive(Template)]
#[template(path = "pay/ledger.html")]
struct Ledger {
    shell: Shell,
    rows: Vec<Row>,
    next: Option<i64>,
    months: Vec<Month>,
    chosen: String,
    units: Vec<UnitChoice>,
    unit: String,
    form: SettleForm,
    problem: Option<Problem>,
    may_settle: bool,
    may_authorise: bool,
    may_simulate: bool,
    may_see_objections: bool,
    county: String,
    county_classes: String,
}

async fn list(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let form = SettleForm {
        key: forms::new_key(),
        month: Month::of(app.today()).plus(-1).to_string(),
        ..SettleForm::default()
    };
    page(&app, &viewer, &filter, form, None).await
}

async fn page(app: &App, viewer: &Viewer, filter: &Filter, form: SettleForm, problem: Option<Problem>) -> Page {
    let mut read = app.db.read().await?;
    let (rows, next) = rows(&mut read, app, viewer, filter).await?;
    let units = units(&mut read, viewer).await?;
    drop(read);
    let this = Month::of(app.today());
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let county = units.iter().find(|unit| unit.kind == "county").map(|unit| unit.name.clone()).unwrap_or_default();
    let page = Ledger {
        shell: Shell::new(viewer, "pay"),
        rows,
        next,
        months: (0..24).map(|back| this.plus(-back)).collect(),
        chosen: filter.month.parse::<Month>().map_or(String::new(), |month| month.to_string()),
        units,
        unit: filter.unit.map_or(String::new(), |unit| unit.to_string()),
        form,
        problem,
        may_settle: viewer.may("pay.settle"),
        may_authorise: viewer.may("pay.authorise"),
        may_simulate: viewer.may("pay.simulate"),
        may_see_objections: viewer.may("pay.objections"),
        county,
        county_classes: county_classes(app.policy.pay_classes(this.first_day())?),
    };
    html_with(status, &page)
}

async fn rows(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    filter: &Filter,
) -> anyhow::Result<(Vec<Row>, Option<i64>)> {
    let mut sql = Sql::new(
        "SELECT r.id, u.name AS unit_name, r.month, r.policy, r.settled_at, r.submitted_on, r.unnoticed,
                (SELECT COUNT(*) FROM pay_check c WHERE c.run = r.id) AS checks,
                (SELECT MAX(l.since) FROM pay_notice_line l WHERE l.run = r.id) AS shown_since,
                COALESCE((SELECT n.working_days FROM pay_notice n WHERE n.run = r.id), 0) AS notice_days,
                COALESCE((SELECT n.objection_days FROM pay_notice n WHERE n.run = r.id), 0) AS objection_days,
                (SELECT COUNT(*) FROM pay_objection b
                  WHERE b.run = r.id AND b.answered_on IS NULL AND b.in_time = 1) AS in_time,
                (SELECT COUNT(*) FROM pay_objection b WHERE b.run = r.id AND b.accepted = 1 AND b.carried_by IS NULL
                    AND b.correction IS NULL) AS accepted,
                (SELECT COUNT(*) FROM pay_approval a WHERE a.run = r.id) AS approvals,
                (SELECT COUNT(DISTINCT s.official) FROM pay_share s WHERE s.run = r.id) AS people,
                (SELECT COUNT(DISTINCT s.class) FROM pay_share s
                  WHERE s.run = r.id AND s.state IN ('undecided', 'infeasible')) AS open_groups,
                (SELECT CAST(COALESCE(SUM(s.stake_fen), 0) AS BIGINT) FROM pay_share s WHERE s.run = r.id) AS pool_fen,
                (SELECT CAST(COALESCE(SUM(s.share_fen), 0) AS BIGINT) FROM pay_share s WHERE s.run = r.id) AS paid_fen
           FROM pay_run r JOIN unit u ON u.id = r.unit
          WHERE r.replaced_by IS NULL",
    );
    if let Ok(month) = filter.month.parse::<Month>() {
        sql.push(" AND r.month = ").bind(month.to_string());
    }
    if let Some(unit) = filter.unit {
        sql.push(" AND r.unit = ").bind(unit);
    }
    if let Some(before) = filter.before {
        sql.push(" AND r.id < ").bind(before);
    }
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY r.id DESC").limit(i64::from(PAGE) + 1);
    let mut found: Vec<RunRow> = sql.fetch_all(read).await?;
    let more = found.len() > usize::from(PAGE);
    found.truncate(usize::from(PAGE));
    let next = found.last().filter(|_| more).map(|row| row.id);
    let shown = viewer.sees("pay.amount");
    let amount = |fen: i64| if shown { yuan(fen) } else { "—".to_owned() };
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let policy: super::kept::KeptPolicy = serde_json::from_str(&row.policy)?;
        let notice = match row.shown_since {
            Some(since) => {
                let since = since.parse()?;
                let term = |days| Term::of(&app.calendar, since, days);
                Some(term(u16::try_from(row.notice_days)?).later(term(u16::try_from(row.objection_days)?)))
            }
            None => None,
        };
        let standing = Standing {
            today: app.today(),
            settled_on: date_of(jiff::Timestamp::from_millisecond(row.settled_at)?),
            cut_off: policy.cut_off,
            open_groups: usize::try_from(row.open_groups)?,
            authorised: false, // no word of the ledger depends on it
            unnoticed: row.unnoticed == 1,
            checked: row.checks > 0,
            notice,
            objections: Objections {
                unanswered: usize::try_from(row.in_time)?,
                in_time: usize::try_from(row.in_time)?,
                accepted: usize::try_from(row.accepted)?,
            },
            submitted: row.submitted_on.is_some(),
            approvals: usize::try_from(row.approvals)?,
            replaced: false,
        };
        rows.push(Row {
            id: row.id,
            unit: row.unit_name,
            month: month_words(row.month.parse()?),
            people: row.people,
            pool: amount(row.pool_fen),
            paid: if row.open_groups > 0 { "—".to_owned() } else { amount(row.paid_fen) },
            state: standing.words(),
        });
    }
    Ok((rows, next))
}

/// The units of which the viewer may find a settlement.
pub(super) async fn units(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<UnitChoice>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT r.id, r.name, r.kind FROM (SELECT id, id AS unit, name, kind, code, valid_to FROM unit) r
          WHERE r.kind <> 'village' AND r.valid_to IS NULL",
    );
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY r.kind, r.code LIMIT 500");
    sql.fetch_all(read).await
}

async fn post(State(app): State<App>, viewer: Viewer, Form(form): Form<SettleForm>) -> Page {
    let replaces = match (form.replaces.parse(), form.version.parse()) {
        (Ok(run), Ok(version)) => Some((run, version)),
        _ => None,
    };
    let judged = judge(&app, &viewer, &form).await?;
    let problem = match judged {
        Err(text) => Problem { text: text.to_owned(), run: None },
        Ok((scope, month)) => {
            let order = Order { key: form.key.clone(), scope, month, replaces };
            match settle(&app, &viewer, &order).await {
                Ok(path) => return see(&path),
                Err(Unsettled::Refusal(refusal)) => return Err(refusal),
                Err(Unsettled::Problem(text)) => Problem { text, run: order.replaces.map(|(run, _)| run) },
                Err(Unsettled::Exists(run)) => Problem {
                    text: "这个单位当月已经结算过。要重新结算，请到那次结算的页面上办。".to_owned(),
                    run: Some(run),
                },
            }
        }
    };
    page(&app, &viewer, &Filter::default(), form, Some(problem)).await
}

async fn judge(app: &App, viewer: &Viewer, form: &SettleForm) -> Result<Result<(Scope, Month), &'static str>, Refusal> {
    let Ok(month) = form.month.parse::<Month>() else { return Ok(Err("请选择月份")) };
    if month > Month::of(app.today()) {
        return Ok(Err("这个月还没有到"));
    }
    let unit: i64 = form.unit.parse().unwrap_or_default();
    let mut read = app.db.read().await?;
    let units = units(&mut read, viewer).await?;
    let Some(unit) = units.iter().find(|choice| choice.id == unit) else { return Ok(Err("请选择单位")) };
    Ok(Ok((unit.scope(), month)))
}
