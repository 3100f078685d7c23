//! The frozen items of a month across units: the records behind the figures of the overview and of one's own month.

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
use crate::divisions;
use crate::web::{Access, App, Page, Query, Rooms, Shell, forms, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/items", Access::May("plans.list"), show)
}

const PAGE: usize = 50;

/// What the items can be narrowed to: word in the address, label.
const STATES: [(&str, &str); 4] =
    [("", "定稿和追加的"), ("due", "应完成的"), ("cancelled", "已销号的"), ("on_time", "按时完成的")];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Filter {
    month: String,
    /// A place: the units that serve it or a part of it. Nothing: whatever the viewer finds.
    place: String,
    state: String,
    /// 1: the viewer's own.
    mine: String,
    /// Keyset: id of the last row.
    after: String,
}

impl Filter {
    fn word(&self) -> &'static str {
        STATES.iter().find(|(word, _)| *word == self.state).map_or("", |(word, _)| word)
    }

    /// Adds what the items are narrowed to.
    fn narrow(&self, sql: &mut Sql, viewer: &Viewer, month: Month) {
        sql.push(" AND i.number IS NOT NULL AND p.month = ").bind(month.to_string());
        sql.push(" AND (i.owner = ").bind(viewer.official).push(" OR (1 = 1");
        sight::push_unit(sql, viewer, "p.unit");
        sql.push("))");
        sight::push_recusal(sql, viewer);
        if self.mine == "1" {
            sql.push(" AND i.owner = ").bind(viewer.official);
        }
        if !self.place.is_empty() {
            sql.push(" AND p.unit IN (SELECT w.id FROM unit w WHERE w.division >= ").bind(self.place.clone());
            sql.push(" AND w.division < ").bind(divisions::end(&self.place)).push(")");
        }
        sql.push(match self.word() {
            "due" => " AND f.item IS NULL",
            "cancelled" => " AND f.item IS NULL AND c.id IS NOT NULL AND v.cancellation IS NULL",
            "on_time" => " AND f.item IS NULL AND c.done_on <= i.due_on AND v.cancellation IS NULL",
            _ => "",
        });
    }
}

#[derive(Template)]
#[template(path = "plans/ledger.html")]
struct LedgerPage {
    shell: Shell,
    place: String,
    month: Month,
    filter: Filter,
    total: i64,
    rows: Vec<Listed>,
    next: Option<String>,
    today: Date,
    as_of: String,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let month = filter.month.parse().unwrap_or(Month::of(today));
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(
        "SELECT COUNT(*) FROM plan_item i
           JOIN plan p ON p.id = i.plan
           LEFT JOIN plan_relief f ON f.item = i.id
           LEFT JOIN cancellation c ON c.id = (SELECT MAX(c2.id) FROM cancellation c2 WHERE c2.item = i.id)
           LEFT JOIN cancellation_reversal v ON v.cancellation = c.id
          WHERE 1 = 1",
    );
    filter.narrow(&mut sql, &viewer, month);
    let counted: Option<(i64,)> = sql.fetch_optional(&mut read).await?;
    let mut sql = Sql::new(items::SELECT);
    filter.narrow(&mut sql, &viewer, month);
    if let Ok(after) = filter.after.parse::<i64>() {
        sql.push(" AND i.id > ").bind(after);
    }
    sql.push(" ORDER BY i.id").limit(i64::try_from(PAGE + 1).map_err(anyhow::Error::from)?);
    let mut rows = items::fetch_for(&viewer, sql, &mut read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let on = today.to_string();
    let place = match filter.place.as_str() {
        "" => String::new(),
        code => divisions::place(&mut read, code, &on).await?.map_or(String::new(), |place| place.full_name()),
    };
    html(&LedgerPage {
        shell: Shell::new(&viewer, "plans"),
        next: rows.last().filter(|_| more).map(|last| {
            let (place, state) = (forms::url_encode(&filter.place), filter.word());
            let mine = if filter.mine == "1" { "1" } else { "" };
            format!("/plans/items?month={month}&place={place}&state={state}&mine={mine}&after={}", last.id)
        }),
        total: counted.map_or(0, |(count,)| count),
        place,
        month,
        filter,
        rows,
        today,
        as_of: minute(app.now()),
    })
}
