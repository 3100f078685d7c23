//! The public pages: who receives when and where, booking a place, and what became of it by the code.
//!
//! The code stands in request bodies alone, as on the page of a petition.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::booking::{Booked, book, cancel};
use super::days::{DAY, Day, county_hours, find};
use super::rules::{Origin, may_book};
use super::visitor::{By, VisitorForm};
use crate::chain::Actor;
use crate::db::Sql;
use crate::petitions::{UnitChoice, code_key, units};
use crate::public::Frame;
use crate::secrets::code_normal;
use crate::web::{Access, App, ClientAddress, Form, Page, Path, Problems, Query, Refusal, Rooms, forms, limits};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/receptions", Access::Public, calendar)
        .get("/receptions/{id}/booking", Access::Public, form)
        .post("/receptions/{id}/booking", Access::Public, post)
        .get("/bookings", Access::Public, ask)
        .post("/bookings", Access::Public, show)
        .post("/bookings/cancellation", Access::Public, give_up)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    month: String,
    /// Part of a unit's name.
    q: String,
    /// `departments`: those instead of the county's leaders and the townships.
    group: String,
}

#[derive(Template)]
#[template(path = "receptions/public.html")]
struct CalendarPage {
    frame: Frame,
    month: Month,
    before: Option<Month>,
    after: Option<Month>,
    days: Vec<Day>,
    q: String,
    departments: bool,
    hours: String,
    today: Date,
    capacity: i64,
}

impl CalendarPage {
    fn bookable(&self, day: &Day) -> bool {
        day.on().is_ok_and(|on| may_book(on, self.today, day.booked, self.capacity).is_ok())
    }
    fn has_provisional(&self) -> bool {
        self.days.iter().any(|day| day.provisional == 1)
    }
    fn is_full(&self, day: &Day) -> bool {
        day.is_ahead(&self.today) && day.booked >= self.capacity
    }
}

async fn calendar(State(app): State<App>, frame: Frame, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let (first, last) = published(&mut read, today).await?;
    let month = match asked.month.parse::<Month>() {
        Ok(month) => month,
        Err(_) => next_with_a_day(&mut read, today).await?,
    };
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.month = ").bind(month.to_string());
    let q = forms::tidy(&asked.q);
    // Whoever looks for a unit looks everywhere.
    let departments = asked.group == "departments";
    if q.is_empty() {
        sql.push(if departments { " AND u.kind = 'department'" } else { " AND u.kind <> 'department'" });
    }
    sql.push(" ORDER BY CASE u.kind WHEN 'county' THEN 0 WHEN 'township' THEN 1 ELSE 2 END, u.code").limit(2_000);
    let mut days: Vec<Day> = sql.fetch_all(&mut read).await?;
    drop(read);
    days.retain(|day| q.is_empty() || day.unit_name.contains(&q));
    let page = CalendarPage {
        frame,
        month,
        before: (month > first).then(|| month.plus(-1)),
        after: (month < last).then(|| month.plus(1)),
        days,
        q,
        departments,
        hours: county_hours(&app, today),
        today,
        capacity: app.policy.number("reception.capacity.count", today)?,
    };
    frame.show(&app, StatusCode::OK, &page)
}

/// First and last month that has days; without any, this one.
async fn published(read: &mut AnyConnection, today: Date) -> anyhow::Result<(Month, Month)> {
    let found: (Option<String>, Option<String>) =
        sqlx::query_as("SELECT MIN(month), MAX(month) FROM reception_day").fetch_one(read).await?;
    let of = |month: Option<String>| month.and_then(|month| month.parse().ok()).unwrap_or(Month::of(today));
    Ok((of(found.0), of(found.1)))
}

/// The month of the next day, today's included.
async fn next_with_a_day(read: &mut AnyConnection, today: Date) -> anyhow::Result<Month> {
    let next: (Option<String>,) = sqlx::query_as("SELECT MIN(month) FROM reception_day WHERE held_on >= $1")
        .bind(today.to_string())
        .fetch_one(read)
        .await?;
    Ok(next.0.and_then(|month| month.parse().ok()).unwrap_or(Month::of(today)))
}

#[derive(Template)]
#[template(path = "receptions/booking.html")]
struct BookingPage {
    frame: Frame,
    day: Day,
    form: VisitorForm,
    problems: Problems,
    units: Vec<UnitChoice>,
    hours: String,
    today: Date,
    left: i64,
    /// Why nothing is booked for this day any more.
    closed: Option<String>,
}

impl BookingPage {
    async fn show(
        app: &App,
        frame: Frame,
        day: Day,
        form: VisitorForm,
        problems: Problems,
        closed: Option<String>,
    ) -> Page {
        let today = app.today();
        let mut read = app.db.read().await?;
        let units = units(&mut read).await?;
        drop(read);
        let on = day.on()?;
        let left = (app.policy.number("reception.capacity.count", on)? - day.booked).max(0);
        let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let hours = county_hours(app, on);
        frame.show(app, status, &Self { frame, day, form, problems, units, hours, today, left, closed })
    }
    fn against(&self) -> bool {
        !self.form.against_unit.is_empty() || !self.form.against_official.is_empty()
    }
}

async fn form(State(app): State<App>, frame: Frame, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let day = find(&mut read, None, id).await?.ok_or(Refusal::NotFound)?;
    drop(read);
    let capacity = app.policy.number("reception.capacity.count", day.on()?)?;
    let closed = may_book(day.on()?, app.today(), day.booked, capacity).err().map(|refused| refused.to_string());
    BookingPage::show(&app, frame, day, VisitorForm::fresh(), Problems::default(), closed).await
}

#[derive(Template)]
#[template(path = "receptions/booked.html")]
struct BookedPage {
    frame: Frame,
    day: Day,
    booked: Booked,
    hours: String,
    today: Date,
    /// The form was sent before with other words: the booking has those of the first time.
    changed: bool,
}

async fn post(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    frame: Frame,
    Path(id): Path<i64>,
    Form(form): Form<VisitorForm>,
) -> Page {
    limits::check(&app.limits.intake, address)?;
    if code_normal(&form.reference).is_some() {
        limits::check(&app.limits.code, address)?;
    }
    let mut read = app.db.read().await?;
    let day = find(&mut read, None, id).await?.ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    let visitor = form.judge(&mut read, &app, &day, By::Citizen, &mut problems).await?;
    drop(read);
    let Some(visitor) = visitor else {
        return BookingPage::show(&app, frame, day, form, problems, None).await;
    };
    match book(&app, Actor::NOBODY, Origin::Web, day.id, &visitor, &form.key).await {
        Ok(Ok(booked)) => {
            let mut read = app.db.read().await?;
            let (of, matter): (i64, String) = sqlx::query_as("SELECT day, matter FROM reception_booking WHERE id = $1")
                .bind(booked.id)
                .fetch_one(&mut *read)
                .await?;
            let changed = of != day.id || matter != visitor.matter;
            let day = find(&mut read, None, of).await?.ok_or(Refusal::NotFound)?;
            let (hours, today) = (county_hours(&app, day.on()?), app.today());
            frame.show(&app, StatusCode::OK, &BookedPage { frame, day, booked, hours, today, changed })
        }
        Ok(Err(refused)) => {
            problems.add("", refused.to_string());
            BookingPage::show(&app, frame, day, form, problems, None).await
        }
        Err(Refusal::Stale) => {
            problems.add("", "这张表单的编号已经用在别处，这次没有预约。请核对后再提交一次。");
            let form = VisitorForm { key: forms::new_key(), ..form };
            BookingPage::show(&app, frame, day, form, problems, None).await
        }
        Err(refusal) => Err(refusal),
    }
}

#[derive(Template)]
#[template(path = "receptions/ask.html")]
struct AskPage {
    frame: Frame,
    code: String,
    unknown: bool,
}

async fn ask(State(app): State<App>, frame: Frame) -> Page {
    frame.show(&app, StatusCode::OK, &AskPage { frame, code: String::new(), unknown: false })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    size: String,
}

/// A booking as its code opens it.
#[derive(FromRow)]
struct Own {
    id: i64,
    day: i64,
    queue: i64,
    booked_for: String,
    cancelled: i64,
    result: String,
}

#[derive(Template)]
#[template(path = "receptions/own.html")]
struct OwnPage {
    frame: Frame,
    said: Said,
    own: Own,
    day: Day,
    hours: String,
    today: Date,
    done: bool,
    problem: Option<String>,
}

impl OwnPage {
    /// The day as it was when the place was booked, where it has moved since.
    fn moved_from(&self) -> Option<String> {
        let before: Date = self.own.booked_for.parse().ok()?;
        (self.own.booked_for != self.day.held_on).then(|| crate::web::day(before, self.today))
    }
    fn live(&self) -> bool {
        self.own.cancelled == 0 && self.own.result.is_empty() && self.day.held_on >= self.today.to_string()
    }
}

async fn opened(app: &App, said: &Said) -> Result<Option<Own>, Refusal> {
    let mut read = app.db.read().await?;
    let own = sqlx::query_as(
        "SELECT b.id, b.day, b.queue, b.booked_for, CASE WHEN b.cancelled_at IS NULL THEN 0 ELSE 1 END AS cancelled,
                COALESCE(r.result, '') AS result
           FROM reception_booking b LEFT JOIN reception r ON r.booking = b.id WHERE b.code_key = $1",
    )
    .bind(code_key(app, &said.code))
    .fetch_optional(&mut *read)
    .await?;
    Ok(own)
}

async fn follow(app: &App, frame: Frame, said: Said, done: bool, problem: Option<String>) -> Page {
    let Some(own) = opened(app, &said).await? else {
        let page = AskPage { frame, code: said.code, unknown: true };
        return frame.show(app, StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let mut read = app.db.read().await?;
    let day = find(&mut read, None, own.day).await?.ok_or(Refusal::NotFound)?;
    drop(read);
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (hours, today) = (county_hours(app, day.on()?), app.today());
    frame.show(app, status, &OwnPage { frame, said, own, day, hours, today, done, problem })
}

async fn show(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    frame: Frame,
    Form(said): Form<Said>,
) -> Page {
    limits::check(&app.limits.code, address)?;
    let frame = frame.choosing(&said.size);
    follow(&app, frame, said, false, None).await
}

async fn give_up(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    frame: Frame,
    Form(said): Form<Said>,
) -> Page {
    limits::check(&app.limits.code, address)?;
    let Some(own) = opened(&app, &said).await? else {
        return follow(&app, frame, said, false, None).await;
    };
    let mut write = app.db.write().await?;
    match cancel(&mut write, &app, Actor::NOBODY, own.id).await? {
        Ok(()) => {
            write.commit().await?;
            follow(&app, frame, said, true, None).await
        }
        Err(refused) => {
            drop(write);
            follow(&app, frame, said, false, Some(refused.to_string())).await
        }
    }
}
