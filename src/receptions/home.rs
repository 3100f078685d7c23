//! Where the room begins: the days of a month for whoever runs a place, the own days for whoever receives, and what
//! waits to be seen.

use askama::Template;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::days::{DAY, Day};
use super::rules::{Notice, timetable};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-days", Access::May("receptions.list"), home)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    month: String,
}

/// A notice that waits for the viewer.
struct Waiting {
    day: Day,
    what: Notice,
}

#[derive(Template)]
#[template(path = "receptions/home.html")]
struct HomePage {
    shell: Shell,
    waiting: Vec<Waiting>,
    days: Vec<Day>,
    /// The month shown; nothing: the viewer's own days.
    month: Option<Month>,
    /// Days ahead on which nobody receives, for whoever arranges them.
    gaps: i64,
    may_arrange: bool,
    today: Date,
}

async fn home(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let month = sight::runs_a_place(&viewer).then(|| asked.month.parse().unwrap_or(Month::of(today)));
    let mut sql = Sql::new(DAY);
    sight::push(&mut sql, &viewer);
    match month {
        Some(month) => {
            sql.push(" AND d.month = ").bind(month.to_string());
            sql.push(" ORDER BY d.held_on, u.kind, u.code").limit(2_000);
        }
        None => {
            sql.push(" AND d.held_on >= ").bind(today.saturating_sub(400.days()).to_string());
            sql.push(" AND d.held_on <= ").bind(today.saturating_add(400.days()).to_string());
            sql.push(" ORDER BY d.held_on DESC, d.id").limit(200);
        }
    }
    let mut days: Vec<Day> = sql.fetch_all(&mut read).await?;
    let mut waiting = waiting(&mut read, &app, &viewer).await?;
    let shown = days.iter_mut().chain(waiting.iter_mut().map(|one| &mut one.day));
    count(&mut read, &viewer, shown.collect()).await?;
    let mut sql = Sql::new("SELECT COUNT(*) FROM reception_day d JOIN unit u ON u.id = d.unit WHERE d.leader IS NULL");
    sql.push(" AND d.held_on >= ").bind(today.to_string());
    sight::push(&mut sql, &viewer);
    let gaps: Option<(i64,)> = sql.fetch_optional(&mut read).await?;
    drop(read);
    html(&HomePage {
        waiting,
        days,
        month,
        gaps: gaps.map_or(0, |(gaps,)| gaps),
        may_arrange: viewer.may("receptions.arrange"),
        today,
        shell: Shell::new(&viewer, "receptions"),
    })
}

/// Counts anew of days who is booked and was received, among those whom the viewer finds: a count tells as well.
async fn count(read: &mut AnyConnection, viewer: &Viewer, days: Vec<&mut Day>) -> Result<(), sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT b.day, COUNT(CASE WHEN b.origin IN ('web', 'desk') THEN 1 END), COUNT(r.id)
           FROM reception_booking b LEFT JOIN reception r ON r.booking = b.id
          WHERE b.cancelled_at IS NULL AND b.day IN (0",
    );
    for day in &days {
        sql.push(", ").bind(day.id);
    }
    sql.push(")");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" GROUP BY b.day");
    let counted: Vec<(i64, i64, i64)> = sql.fetch_all(read).await?;
    for day in days {
        let found = counted.iter().find(|(of, ..)| *of == day.id);
        (day.booked, day.received) = found.map_or((0, 0), |(_, booked, received)| (*booked, *received));
    }
    Ok(())
}

/// What the rule says is to be known by today and the viewer has not seen: it waits until it is.
async fn waiting(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Waiting>> {
    let today = app.today();
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.leader = ").bind(viewer.official);
    sql.push(" AND d.held_on >= ").bind(today.to_string());
    sql.push(" AND d.held_on <= ").bind(today.saturating_add(62.days()).to_string());
    sql.push(" ORDER BY d.held_on, d.id").limit(20);
    let own: Vec<Day> = sql.fetch_all(&mut *read).await?;
    let seen: Vec<(i64, String)> = sqlx::query_as("SELECT day, what FROM reception_notice WHERE official = $1")
        .bind(viewer.official)
        .fetch_all(read)
        .await?;
    let mut waiting = Vec::new();
    for day in own {
        let table = timetable(&app.policy, day.on()?)?;
        for (what, from) in [(Notice::Day, table.notice_on), (Notice::List, table.list_on)] {
            let known = seen.iter().any(|(of, word)| *of == day.id && word == what.word());
            if from <= today && !known {
                waiting.push(Waiting { day: day.clone(), what });
            }
        }
    }
    Ok(waiting)
}
