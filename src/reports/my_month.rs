//! 我的本月: on the phone, what waits for this official today, this year's visits, and this month's items.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use super::figures::{self, Part};
use super::overview::{Watched, watched};
use super::work::{self, FEW};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::duties::Coverage;
use crate::petitions::{self, Standing};
use crate::plans::rules::Condition;
use crate::plans::{self, Listed, Todo};
use crate::web::{Access, App, Page, Rooms, Shell, html};
use crate::{duties, pay, web};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/my-month", Access::May("reports.my_month"), my_month)
}

#[derive(FromRow)]
struct Household {
    id: i64,
    head: String,
}

/// A petition bound to this leader whose own deadline is today or over.
#[derive(FromRow)]
struct Bound {
    id: i64,
    number: String,
    title: String,
    due_on: String,
}

impl Bound {
    fn standing(&self, today: &Date) -> Standing {
        Standing::of(self.due_on.parse().ok(), false, None, *today)
    }
}

/// The villages that this official answers for, and how far the year's visits have come.
struct Visits {
    villages: Vec<Coverage>,
    part: Part,
    next: Vec<Household>,
}

impl Visits {
    fn names(&self) -> String {
        self.villages.iter().map(|village| village.name.as_str()).collect::<Vec<_>>().join("、")
    }
}

#[derive(Template)]
#[template(path = "reports/my_month.html")]
struct MyMonth {
    shell: Shell,
    viewer: Viewer,
    month: Month,
    today: Date,
    due: Vec<Watched>,
    bound: Vec<Bound>,
    todos: Vec<Todo>,
    stagnant: Option<i64>,
    /// Cancelled for a petition that is handled anew.
    to_reverse: Vec<Listed>,
    pay: Vec<pay::Waiting>,
    visits: Option<Visits>,
    items: Vec<Listed>,
    cancelled: usize,
    /// Those neither withdrawn nor deferred.
    due_items: usize,
    as_of: String,
    may_write: bool,
}

impl MyMonth {
    fn open(&self) -> usize {
        self.due.len() + self.bound.len() + self.to_reverse.len() + self.pay.len()
    }
    fn standing(&self, item: &Listed) -> Standing {
        Standing::of(Some(item.item.due_on), false, None, self.today)
    }
}

async fn my_month(State(app): State<App>, viewer: Viewer) -> Page {
    let today = app.today();
    let month = Month::of(today);
    let mut read = app.db.read().await?;
    let due = watched(&mut read, &viewer, today).await?;
    let bound = bound(&mut read, &viewer, today).await?;
    let todos = work::waiting(&mut read, &app, &viewer).await?;
    let stagnant = plans::stagnant(&mut read, &app, &viewer).await?;
    let to_reverse = plans::to_reverse(&mut read, &viewer).await?;
    let pay = pay::waiting_for(&mut read, &app, &viewer).await?;
    let visits = visits(&mut read, &viewer, today).await?;
    let mut items = plans::mine(&mut read, &viewer, month).await?;
    items.retain(|item| item.number.is_some());
    let cancelled = items.iter().filter(|item| matches!(item.item.condition, Condition::Cancelled { .. })).count();
    html(&MyMonth {
        shell: Shell::new(&viewer, "my-month"),
        may_write: viewer.may("entries.write"),
        viewer,
        month,
        today,
        due,
        bound,
        todos,
        stagnant,
        to_reverse,
        pay,
        visits,
        due_items: items.iter().filter(|item| !is_relieved(item)).count(),
        items,
        cancelled,
        as_of: web::minute(app.now()),
    })
}

/// What is bound to the viewer and due today or late, the most urgent first.
async fn bound(read: &mut AnyConnection, viewer: &Viewer, today: Date) -> Result<Vec<Bound>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT p.id, p.number, p.title, b.due_on FROM leader_binding b JOIN petition p ON p.id = b.petition
          WHERE b.ended_on IS NULL AND p.state NOT IN ('closed', 'forwarded') AND b.leader = ",
    );
    sql.bind(viewer.official).push(" AND b.due_on <= ").bind(today.to_string());
    petitions::push_sight(&mut sql, viewer);
    sql.push(" ORDER BY b.due_on, p.id LIMIT 20");
    let mut rows: Vec<Bound> = sql.fetch_all(&mut *read).await?;
    petitions::veil(read, viewer, rows.iter_mut().map(|row| (row.id, &mut row.title)).collect()).await?;
    Ok(rows)
}

fn is_relieved(item: &Listed) -> bool {
    matches!(item.item.condition, Condition::Withdrawn { .. } | Condition::Deferred { .. })
}

async fn visits(read: &mut AnyConnection, viewer: &Viewer, today: Date) -> Result<Option<Visits>, sqlx::Error> {
    let codes: Vec<(String,)> = sqlx::query_as(
        "SELECT d.code FROM village_assignment v JOIN division d ON d.code = v.village
          WHERE v.official = $1 AND v.held_from <= $2 AND (v.held_to IS NULL OR v.held_to > $2) ORDER BY d.code",
    )
    .bind(viewer.official)
    .bind(today.to_string())
    .fetch_all(&mut *read)
    .await?;
    if codes.is_empty() {
        return Ok(None);
    }
    let (mut villages, mut part, mut next) = (Vec::new(), Part::default(), Vec::new());
    for (code,) in &codes {
        if let Some(village) = duties::village_coverage(read, code, today.year()).await? {
            part = Part { done: part.done + village.visited, of: part.of + village.households };
            villages.push(village);
        }
        let unvisited: Vec<Household> = sqlx::query_as(
            "SELECT h.id, h.head FROM household h
              WHERE h.village = $1 AND h.valid_to IS NULL
                AND NOT EXISTS (SELECT 1 FROM duty_fulfilment f
                                 WHERE f.duty = 'B2' AND f.subject = h.id AND f.period = $2)
              ORDER BY h.id LIMIT 5",
        )
        .bind(code.clone())
        .bind(today.year().to_string())
        .fetch_all(&mut *read)
        .await?;
        next.extend(unvisited);
    }
    next.truncate(5);
    Ok(Some(Visits { villages, part, next }))
}
