//! A unit's plan of a month or a quarter as bars over days and as a calendar, with the same in a table beneath.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use policy::{Calendar, Day, Month};
use serde::Deserialize;
use sqlx::AnyConnection;

use super::drawn::{self, Gantt, Promise, Sheet};
use super::items::{self, Listed};
use super::ledger::windows;
use super::month::{Unit, units};
use super::rules::Condition;
use super::sight;
use super::window::Window;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/picture", Access::May("plans.list"), show)
}

/// Rows of a drawing; the rest follows on further pages.
const PAGE: usize = 60;

/// As what: word, label.
const VIEWS: [(&str, &str); 2] = [("gantt", "甘特图"), ("calendar", "月历")];

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    period: String,
    unit: String,
    owner: String,
    view: String,
    after: String,
}

#[derive(Template)]
#[template(path = "plans/picture.html")]
struct PicturePage {
    shell: Shell,
    unit: Unit,
    units: Vec<Unit>,
    window: Window,
    windows: Vec<Window>,
    owners: Vec<(i64, String)>,
    owner: String,
    view: &'static str,
    gantt: Option<Gantt>,
    sheets: Vec<Sheet>,
    rows: Vec<Listed>,
    total: usize,
    next: Option<String>,
    today: Date,
    as_of: String,
}

impl PicturePage {
    fn is_shown(&self, view: &str) -> bool {
        self.view == view
    }

    fn at(&self, view: &str) -> String {
        format!("/plans/picture?period={}&unit={}&owner={}&view={view}", self.window, self.unit.id, self.owner)
    }
}

/// The items of a unit's plans of some months, drafts among them, by due date.
async fn items_of(read: &mut AnyConnection, viewer: &Viewer, unit: i64, window: Window) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND p.unit = ").bind(unit);
    sql.push(" AND p.month >= ").bind(window.first().to_string());
    sql.push(" AND p.month <= ").bind(window.last().to_string());
    sight::push_unit(&mut sql, viewer, "p.unit");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.due_on, i.id LIMIT 3000");
    items::fetch_for(viewer, sql, read).await
}

/// An item as it is drawn: it runs from its month's first day, or from the day on which it was added.
fn promise(listed: &Listed, today: Date) -> Promise {
    let first = listed.item.month.first_day();
    let from = listed.frozen_on.filter(|_| listed.added).map_or(first, |on| on.max(first)).min(listed.item.due_on);
    let (class, mark, done) = match &listed.item.condition {
        Condition::Cancelled { done_on, .. } if *done_on > listed.item.due_on => ("late", "迟", Some(*done_on)),
        Condition::Cancelled { done_on, .. } => ("done", "销", Some(*done_on)),
        Condition::Accounted { done_on, .. } => ("told", "述", Some(*done_on)),
        Condition::Withdrawn { .. } => ("off", "撤", None),
        Condition::Deferred { .. } => ("off", "延", None),
        Condition::Draft | Condition::SentBack { .. } => ("draft", "拟", None),
        _ if listed.item.due_on < today => ("overdue", "逾", None),
        _ => ("open", "办", None),
    };
    Promise {
        id: listed.id,
        number: listed.number.as_deref().and_then(|number| number.split('〕').nth(1)).unwrap_or("待编号").to_owned(),
        goal: listed.shown_goal(),
        owner: listed.owner_name.clone(),
        from,
        due: listed.item.due_on,
        done,
        class,
        mark,
        state: listed.item.condition.label(),
    }
}

/// Whether nobody works on a day; a year whose arrangement is not published has its weekends.
fn rests(calendar: &Calendar, day: Date) -> bool {
    match calendar.day(day) {
        Day::Working => false,
        Day::Rest { .. } => true,
        Day::Unpublished => day.weekday().to_monday_one_offset() > 5,
    }
}

/// When an item was done, for the table.
fn done_on(listed: &Listed) -> String {
    match listed.item.condition {
        Condition::Cancelled { done_on, .. } | Condition::Accounted { done_on, .. } => done_on.to_string(),
        _ => "—".to_owned(),
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let window = match Window::read(&asked.period) {
        Some(window @ (Window::Month(_) | Window::Quarter(_))) => window,
        _ => Window::Month(Month::of(today)),
    };
    let mut read = app.db.read().await?;
    let units = units(&mut read, &viewer).await?;
    let wanted = if asked.unit.is_empty() { viewer.unit.to_string() } else { asked.unit };
    let unit = units.iter().find(|unit| unit.id.to_string() == wanted).cloned().ok_or(Refusal::NotFound)?;
    let mut rows = items_of(&mut read, &viewer, unit.id, window).await?;
    drop(read);
    let mut owners: Vec<(i64, String)> =
        rows.iter().map(|listed| (listed.item.owner, listed.owner_name.clone())).collect();
    owners.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    owners.dedup();
    rows.retain(|listed| asked.owner.is_empty() || listed.item.owner.to_string() == asked.owner);
    let total = rows.len();
    let view = VIEWS.iter().find(|(word, _)| *word == asked.view).map_or("gantt", |(word, _)| word);
    let all: Vec<Promise> = rows.iter().map(|listed| promise(listed, today)).collect();
    // A calendar shows every due day of the month; its table is paged like the bars.
    let passed = rows.iter().position(|listed| listed.id.to_string() == asked.after).map_or(0, |place| place + 1);
    let shown = passed..(passed + PAGE).min(total);
    let resting = |day: Date| rests(&app.calendar, day);
    let days = (window.first().first_day(), window.last().last_day());
    let gantt = (view == "gantt").then(|| Gantt::of(&all[shown.clone()], days, today, resting));
    let months = (0..3).map(|n| window.first().plus(n)).filter(|month| *month <= window.last());
    let sheets = if view == "calendar" {
        months.map(|month| Sheet::of(&all, month, today, resting)).collect()
    } else {
        Vec::new()
    };
    let next = rows.get(shown.end).and_then(|_| rows.get(shown.end - 1)).map(|last| {
        format!("/plans/picture?period={window}&unit={}&owner={}&view={view}&after={}", unit.id, asked.owner, last.id)
    });
    rows.truncate(shown.end);
    rows.drain(..shown.start);
    let windows = windows(window, today).into_iter().filter(|window| !matches!(window, Window::Year(_))).collect();
    html(&PicturePage {
        shell: Shell::new(&viewer, "plans"),
        unit,
        units,
        windows,
        window,
        owners,
        owner: asked.owner,
        view,
        gantt,
        sheets,
        rows,
        total,
        next,
        today,
        as_of: minute(app.now()),
    })
}
