//! One reception day: who receives, who comes, what earlier days left over; and the acts before the talk begins.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;

use super::booking::{Booked, book, cancel};
use super::days::{Day, Member, county_hours, find, members};
use super::leader;
use super::rules::{Notice, Origin, Refused, timetable};
use super::visitor::{By, VisitorForm};
use super::visits::{Visit, left_over, of_day, one};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::petitions::{UnitChoice, units};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/reception-days/{id}", Access::May("receptions.list"), show)
        .post("/reception-days/{id}/leader", Access::May("receptions.arrange"), arrange)
        .post("/reception-days/{id}/absence", Access::May("receptions.absence"), absence)
        .post("/reception-days/{id}/acknowledgment", Access::May("receptions.absence"), acknowledge)
        .post("/reception-days/{id}/bookings", Access::May("receptions.receive"), book_at_desk)
        .post("/reception-days/{id}/bookings/{booking}/cancellation", Access::May("receptions.receive"), cancel_at_desk)
}

#[derive(Template)]
#[template(path = "receptions/show.html")]
struct DayPage {
    shell: Shell,
    day: Day,
    visits: Vec<Visit>,
    left_over: Vec<Visit>,
    members: Vec<Member>,
    units: Vec<UnitChoice>,
    /// Which notices the receiving leader has seen.
    seen: Vec<(Notice, bool)>,
    hours: String,
    absence_by: Date,
    may_arrange: bool,
    may_receive: bool,
    may_be_absent: bool,
    problems: Problems,
    booking: VisitorForm,
    reason: String,
    today: Date,
}

impl DayPage {
    fn waiting(&self) -> usize {
        self.visits.iter().filter(|visit| visit.waits()).count()
    }
    fn has_begun(&self) -> bool {
        !self.day.is_ahead(&self.today)
    }
    fn is_over(&self) -> bool {
        self.day.held_on < self.today.to_string()
    }
    fn booking_open(&self) -> bool {
        !self.booking.matter.is_empty() || !self.booking.name.is_empty()
    }
    /// The receiving leader is whom it complains of; only those see this whom it is not to be kept from.
    fn against_leader(&self, visit: &Visit) -> bool {
        visit.against_official.is_some() && visit.against_official == self.day.leader
    }
    fn past(&self, visit: &Visit) -> String {
        visit.held_on.parse().map_or_else(|_| visit.held_on.clone(), |on| crate::web::day(on, self.today))
    }
}

/// What came back from a form.
#[derive(Default)]
struct Typed {
    problems: Problems,
    booking: Option<VisitorForm>,
    reason: String,
}

impl Typed {
    fn refused(refused: Refused) -> Self {
        let mut typed = Self::default();
        typed.problems.add("", refused.to_string());
        typed
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    page(&app, &viewer, id, Typed::default()).await
}

async fn page(app: &App, viewer: &Viewer, id: i64, typed: Typed) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let day = find(&mut read, Some(viewer), id).await?.ok_or(Refusal::NotFound)?;
    let visits = of_day(&mut read, viewer, &day).await?;
    let left_over =
        if day.held_on >= today.to_string() { left_over(&mut read, viewer, &day).await? } else { Vec::new() };
    let may_arrange = viewer.may("receptions.arrange");
    let members = if may_arrange { members(&mut read, day.unit, &day.held_on).await? } else { Vec::new() };
    let may_receive = viewer.may("receptions.receive");
    let units = if may_receive { units(&mut read).await? } else { Vec::new() };
    let seen: Vec<(String,)> = sqlx::query_as("SELECT what FROM reception_notice WHERE day = $1 AND official = $2")
        .bind(id)
        .bind(day.leader)
        .fetch_all(&mut *read)
        .await?;
    drop(read);
    let table = timetable(&app.policy, day.on()?)?;
    let due = [(Notice::Day, table.notice_on), (Notice::List, table.list_on)];
    let seen = due
        .into_iter()
        .filter(|(_, from)| *from <= today && day.leader.is_some())
        .map(|(what, _)| (what, seen.iter().any(|(word,)| word == what.word())))
        .collect();
    if !(visits.is_empty() && left_over.is_empty()) {
        let mut write = app.db.write().await?;
        let subject = Subject("reception_day", id);
        chain::record_reading(&mut write, app, viewer.actor(), "reception_day.read", subject).await?;
        write.commit().await?;
    }
    let own = day.leader == Some(viewer.official);
    let status = if typed.problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DayPage {
        shell: Shell::new(viewer, "receptions"),
        hours: county_hours(app, day.on()?),
        absence_by: table.absence_by,
        may_be_absent: day.leader.is_some() && (own || may_arrange) && today <= table.absence_by,
        may_arrange,
        may_receive,
        visits,
        left_over,
        members,
        units,
        seen,
        problems: typed.problems,
        booking: typed.booking.unwrap_or_else(VisitorForm::fresh),
        reason: typed.reason,
        today,
        day,
    };
    html_with(status, &page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Act {
    version: String,
    leader: String,
    /// `unit`: back to the page of the unit.
    back: String,
    reason: String,
    what: String,
}

impl Act {
    fn version(&self) -> i64 {
        self.version.trim().parse().unwrap_or_default()
    }
}

async fn arrange(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Act>) -> Page {
    let mut write = app.db.write().await?;
    let day = find(&mut write, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let chosen = form.leader.trim().parse().unwrap_or_default();
    match leader::arrange(&mut write, &app, viewer.actor(), &day, form.version(), chosen).await? {
        Ok(()) => {
            write.commit().await?;
            let to = if form.back == "unit" {
                format!("/reception-units/{}", day.unit)
            } else {
                format!("/reception-days/{id}")
            };
            see(&to)
        }
        Err(refused) => {
            drop(write);
            page(&app, &viewer, id, Typed::refused(refused)).await
        }
    }
}

async fn absence(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Act>) -> Page {
    let reason = forms::tidy(&form.reason);
    let length = reason.chars().count();
    let mut write = app.db.write().await?;
    let day = find(&mut write, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    if day.leader != Some(viewer.official) && !viewer.may("receptions.arrange") {
        return Err(Refusal::NotFound);
    }
    let mut typed = Typed { reason: form.reason.clone(), ..Typed::default() };
    typed.problems.require((2..=200).contains(&length), "reason", "请写明不能到场的原因，2 至 200 字");
    if typed.problems.is_empty() {
        match leader::absent(&mut write, &app, &viewer, &day, form.version(), &reason).await? {
            Ok(()) => {
                write.commit().await?;
                // Whose day it no longer is may not find it any more.
                return see("/reception-days");
            }
            Err(refused) => typed.problems.add("reason", refused.to_string()),
        }
    }
    drop(write);
    page(&app, &viewer, id, typed).await
}

async fn acknowledge(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Act>) -> Page {
    let mut write = app.db.write().await?;
    let day = find(&mut write, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let Some(what) = Notice::from_word(&form.what).filter(|_| day.leader == Some(viewer.official)) else {
        return Err(Refusal::NotFound);
    };
    leader::acknowledge(&mut write, &app, &viewer, id, what).await?;
    write.commit().await?;
    see("/reception-days")
}

#[derive(Template)]
#[template(path = "receptions/booked_desk.html")]
struct BookedPage {
    shell: Shell,
    day: Day,
    booked: Booked,
    who: String,
    hours: String,
    today: Date,
}

async fn book_at_desk(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(form): Form<VisitorForm>,
) -> Page {
    let mut read = app.db.read().await?;
    let day = find(&mut read, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    let visitor = form.judge(&mut read, &app, &day, By::Desk(&viewer), &mut problems).await?;
    drop(read);
    if let Some(visitor) = visitor {
        match book(&app, viewer.actor(), Origin::Desk, id, &visitor, &form.key).await {
            Ok(Ok(booked)) => {
                let (hours, today) = (county_hours(&app, day.on()?), app.today());
                let shell = Shell::new(&viewer, "receptions");
                return html(&BookedPage { shell, day, booked, who: visitor.name, hours, today });
            }
            Ok(Err(refused)) => problems.add("", refused.to_string()),
            Err(Refusal::Stale) => {
                problems.add("", "这张表单的编号已经用在别处，这次没有预约。请核对后再提交一次。");
                let form = VisitorForm { key: forms::new_key(), ..form };
                return page(&app, &viewer, id, Typed { problems, booking: Some(form), reason: String::new() }).await;
            }
            Err(refusal) => return Err(refusal),
        }
    }
    page(&app, &viewer, id, Typed { problems, booking: Some(form), reason: String::new() }).await
}

async fn cancel_at_desk(State(app): State<App>, viewer: Viewer, Path((id, booking)): Path<(i64, i64)>) -> Page {
    let mut write = app.db.write().await?;
    let day = find(&mut write, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let visit = one(&mut write, &viewer, &day, booking).await?.filter(|visit| visit.day == id);
    let visit = visit.ok_or(Refusal::NotFound)?;
    match cancel(&mut write, &app, viewer.actor(), visit.id).await? {
        Ok(()) => {
            write.commit().await?;
            see(&format!("/reception-days/{id}"))
        }
        Err(refused) => {
            drop(write);
            page(&app, &viewer, id, Typed::refused(refused)).await
        }
    }
}
