//! A unit's receptions: where it receives, and its days of this year and the next.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow};

use super::days::{DAY, Day, Member, county_hours, members};
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-units/{id}", Access::May("receptions.arrange"), show).post(
        "/reception-units/{id}/site",
        Access::May("receptions.arrange"),
        change,
    )
}

/// A unit of the viewer's place with its site; version 0: it has no row yet.
#[derive(FromRow)]
struct Unit {
    id: i64,
    name: String,
    place: String,
    hours: String,
    phone: String,
    version: i64,
}

/// The unit, where the viewer runs its receptions.
async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Unit, Refusal> {
    let mut sql = Sql::new(
        "SELECT u.id, u.name, COALESCE(s.place, '') AS place, COALESCE(s.hours, '') AS hours,
                COALESCE(s.phone, '') AS phone, COALESCE(s.version, 0) AS version
           FROM unit u LEFT JOIN reception_site s ON s.unit = u.id WHERE u.kind <> 'village' AND u.id = ",
    );
    sql.bind(id);
    if !sight::runs_a_place(viewer) {
        sql.push(" AND 1 = 0");
    }
    sql.push(" AND u.division >= ").bind(viewer.place.clone());
    sql.push(" AND u.division < ").bind(divisions::end(&viewer.place));
    let found: Option<Unit> = sql.fetch_optional(read).await?;
    found.ok_or(Refusal::NotFound)
}

#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Site {
    #[serde(skip_serializing)]
    version: String,
    place: String,
    hours: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "receptions/unit.html")]
struct UnitPage {
    shell: Shell,
    unit: Unit,
    site: Site,
    county: String,
    days: Vec<Day>,
    members: Vec<Member>,
    problems: Problems,
    today: Date,
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    page(&app, &viewer, id, None, Problems::default()).await
}

async fn page(app: &App, viewer: &Viewer, id: i64, typed: Option<Site>, problems: Problems) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let unit = find(&mut read, viewer, id).await?;
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.unit = ").bind(id).push(" AND d.held_on >= ").bind(today.saturating_sub(62.days()).to_string());
    sql.push(" ORDER BY d.held_on").limit(40);
    let days = sql.fetch_all(&mut read).await?;
    let members = members(&mut read, id, &today.to_string()).await?;
    drop(read);
    let site = typed.unwrap_or_else(|| Site {
        version: unit.version.to_string(),
        place: unit.place.clone(),
        hours: unit.hours.clone(),
        phone: unit.phone.clone(),
    });
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (county, shell) = (county_hours(app, today), Shell::new(viewer, "receptions"));
    html_with(status, &UnitPage { shell, unit, site, county, days, members, problems, today })
}

async fn change(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Site>) -> Page {
    let mut problems = Problems::default();
    let site = Site {
        version: typed.version.clone(),
        place: forms::tidy(&typed.place),
        hours: forms::tidy(&typed.hours),
        phone: forms::half_width(&forms::tidy(&typed.phone)),
    };
    problems.require(site.place.chars().count() <= 60, "place", "地点请控制在 60 字以内");
    problems.require(site.hours.chars().count() <= 60, "hours", "时间请控制在 60 字以内");
    let dialled = site.phone.chars().all(|c| c.is_ascii_digit() || "-、, ".contains(c));
    problems.require(dialled && site.phone.len() <= 60, "phone", "电话请填数字，几个号码用顿号隔开");
    if !problems.is_empty() {
        return page(&app, &viewer, id, Some(typed), problems).await;
    }
    let mut write = app.db.write().await?;
    let unit = find(&mut write, &viewer, id).await?;
    if site.version.trim() != unit.version.to_string() {
        return Err(Refusal::Stale);
    }
    let done = sqlx::query(
        "INSERT INTO reception_site (unit, place, hours, phone, version) VALUES ($1, $2, $3, $4, 1)
         ON CONFLICT (unit) DO UPDATE SET place = $2, hours = $3, phone = $4, version = reception_site.version + 1
          WHERE reception_site.version = $5",
    )
    .bind(id)
    .bind(site.place.clone())
    .bind(site.hours.clone())
    .bind(site.phone.clone())
    .bind(unit.version)
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    // Whoever subscribed to the calendar is told the new place.
    sqlx::query("UPDATE reception_day SET sequence = sequence + 1, changed_at = $2 WHERE unit = $1 AND held_on >= $3")
        .bind(id)
        .bind(app.now().as_millisecond())
        .bind(app.today().to_string())
        .execute(&mut *write)
        .await?;
    let subject = Subject("reception_site", id);
    chain::record(&mut write, &app, viewer.actor(), "reception_site.changed", subject, &site).await?;
    write.commit().await?;
    see(&format!("/reception-units/{id}"))
}
