//! The desk beside the leader: a clerk writes down while people speak, settles or turns into a case, next person.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::days::{Day, find};
use super::receive::{Done, Talk, receive};
use super::rules::{Outcome, Sex, may_receive};
use super::visitor::{By, VisitorForm};
use super::visits::{Visit, left_over, of_day, one};
use crate::accounts::{Viewer, county_petition_office};
use crate::chain::{self, Subject};
use crate::divisions::Place;
use crate::petitions::rules::Theme;
use crate::petitions::{self, Earlier, UnitChoice, units};
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-days/{id}/desk", Access::May("receptions.receive"), desk).post(
        "/reception-days/{id}/receptions",
        Access::May("receptions.receive"),
        post,
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Whom of the queue.
    booking: Option<i64>,
    /// What an earlier day left over.
    carry: Option<i64>,
    /// A petitioner of before.
    person: Option<i64>,
    /// Anything: somebody who is not in the queue.
    walk_in: String,
    /// First two characters of a name, or a phone.
    q: String,
    /// The talk that was written down just now.
    done: Option<i64>,
}

#[derive(Template)]
#[template(path = "receptions/desk.html")]
struct DeskPage {
    shell: Shell,
    day: Day,
    queue: Vec<Visit>,
    left_over: Vec<Visit>,
    /// Persons of the queue and petitioners of before whom the search found.
    found_visits: Vec<Visit>,
    found: Vec<Earlier>,
    q: String,
    form: VisitorForm,
    /// Number of the queue, or when it was left over.
    whose: String,
    done: Option<Visit>,
    problems: Problems,
    /// Why nothing can be written down yet.
    closed: Option<String>,
    offered: Vec<Place>,
    units: Vec<UnitChoice>,
    today: Date,
}

impl DeskPage {
    fn waiting(&self) -> Vec<&Visit> {
        self.queue.iter().filter(|visit| visit.waits()).collect()
    }
    fn received(&self) -> usize {
        self.queue.iter().filter(|visit| !visit.result.is_empty()).count()
    }
    fn current(&self, visit: &Visit) -> bool {
        self.form.booking == visit.id.to_string() || self.form.carry == visit.id.to_string()
    }
    fn details_open(&self) -> bool {
        !self.form.against_unit.is_empty() || !self.form.against_official.is_empty()
    }
    /// Where the clerk goes on typing.
    fn focus(&self) -> &'static str {
        match () {
            () if self.form.name.is_empty() => "name",
            () if self.form.matter.is_empty() => "matter",
            () => "answer",
        }
    }
    fn wrong(&self, field: &str) -> bool {
        self.problems.of(field).is_some()
    }
}

/// Everything of the page but the form.
async fn around(read: &mut AnyConnection, app: &App, viewer: &Viewer, day: Day) -> anyhow::Result<DeskPage> {
    let queue = of_day(read, viewer, &day).await?;
    let closed = may_receive(day.on()?, app.today(), day.leader).err().map(|refused| refused.to_string());
    let left_over = left_over(read, viewer, &day).await?;
    Ok(DeskPage {
        queue,
        left_over,
        found_visits: Vec::new(),
        found: Vec::new(),
        q: String::new(),
        form: VisitorForm::fresh(),
        whose: String::new(),
        done: None,
        problems: Problems::default(),
        closed,
        offered: Vec::new(),
        units: units(read).await?,
        today: app.today(),
        shell: Shell::new(viewer, "receptions"),
        day,
    })
}

/// The form with what the queue knows of somebody.
fn prefilled(app: &App, viewer: &Viewer, visit: &Visit) -> anyhow::Result<VisitorForm> {
    let phone = if viewer.sees("petitioner.phone") { visit.phone(app)? } else { String::new() };
    let reference = if visit.number.is_empty() { visit.reference.clone() } else { visit.number.clone() };
    Ok(VisitorForm {
        version: visit.version.to_string(),
        name: visit.name.clone(),
        phone,
        sex: visit.sex.clone(),
        age: visit.age.map(|age| age.to_string()).unwrap_or_default(),
        address: visit.address.clone(),
        people: visit.people.to_string(),
        matter: visit.matter.clone(),
        reference,
        against_unit: visit.against_unit.map(|unit| unit.to_string()).unwrap_or_default(),
        ..VisitorForm::fresh()
    })
}

async fn desk(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Query(asked): Query<Asked>) -> Page {
    let mut read = app.db.read().await?;
    let day = find(&mut read, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let mut page = around(&mut read, &app, &viewer, day).await?;
    page.q = forms::tidy(&asked.q);
    if page.q.chars().count() >= 2 {
        let typed = page.q.clone();
        let named = |visit: &&Visit| visit.waits() && visit.name.starts_with(&typed);
        page.found_visits = page.queue.iter().filter(named).cloned().collect();
        page.found = petitions::find_people(&mut read, &app, &viewer, &typed).await?;
    }
    // The queue goes on by itself: first what was left over, then whoever waits.
    let chosen = asked.booking.is_some() || asked.carry.is_some() || asked.person.is_some();
    let (mut booking, mut carry, mut read_file) = (asked.booking, asked.carry, None);
    if !chosen && asked.walk_in.is_empty() && page.q.is_empty() {
        carry = page.left_over.first().map(|visit| visit.id);
        booking = page.waiting().first().map(|visit| visit.id).filter(|_| carry.is_none());
    }
    if let Some(visit) = booking.and_then(|id| page.queue.iter().find(|visit| visit.id == id && visit.waits())) {
        page.whose = format!("{} 号 {}", visit.queue, visit.origin());
        page.form = VisitorForm { booking: visit.id.to_string(), ..prefilled(&app, &viewer, visit)? };
    } else if let Some(visit) = carry.and_then(|id| page.left_over.iter().find(|visit| visit.id == id)) {
        page.whose = format!("{}没有办完的", crate::web::day(visit.held_on.parse()?, page.today));
        page.form = VisitorForm { carry: visit.id.to_string(), ..prefilled(&app, &viewer, visit)? };
    } else if let Some(person) = asked.person {
        // Name, phone and address come from that petition's file.
        let person = petitions::find_person(&mut read, &viewer, person).await?.ok_or(Refusal::NotFound)?;
        page.whose = format!("以前来过：{}", person.number);
        read_file = Some(person.petition);
        page.form = VisitorForm {
            phone: person.phone(&app, &viewer)?,
            name: person.name,
            address: person.address,
            reference: person.number,
            ..VisitorForm::fresh()
        };
    }
    if let Some(done) = asked.done {
        page.done = one(&mut read, &viewer, &page.day, done).await?;
    }
    drop(read);
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, &app, viewer.actor(), "reception_day.read", Subject("reception_day", id)).await?;
    if let Some(petition) = read_file {
        chain::record_reading(&mut write, &app, viewer.actor(), "petition.read", Subject("petition", petition)).await?;
    }
    write.commit().await?;
    html(&page)
}

#[derive(Template)]
#[template(path = "receptions/received.html")]
struct ReceivedPage {
    shell: Shell,
    day: Day,
    done: Done,
}

async fn post(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<VisitorForm>) -> Page {
    let mut read = app.db.read().await?;
    let day = find(&mut read, Some(&viewer), id).await?.ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    let mut offered = Vec::new();
    let talk = judge(&mut read, &app, &viewer, &day, &form, &mut problems, &mut offered).await?;
    drop(read);
    let mut form = form;
    if let Some(talk) = talk {
        match receive(&app, &viewer, &day, talk, &form.key).await {
            Ok(Ok(done)) if done.number.is_empty() => {
                return see(&format!("/reception-days/{id}/desk?done={}", done.booking));
            }
            Ok(Ok(done)) => {
                return html(&ReceivedPage { shell: Shell::new(&viewer, "receptions"), day, done });
            }
            Ok(Err(refused)) => problems.add("", refused.to_string()),
            Err(Refusal::Stale) => {
                form.key = forms::new_key();
                problems.add("", "这一位的记录刚刚有了变化，这次没有记下。请核对后再提交一次");
            }
            Err(refusal) => return Err(refusal),
        }
    }
    let mut read = app.db.read().await?;
    let page = around(&mut read, &app, &viewer, day).await?;
    let whom = page.queue.iter().find(|visit| visit.id.to_string() == form.booking);
    // What was typed stands against what the queue says now.
    form.version = whom.map(|visit| visit.version.to_string()).unwrap_or_default();
    let whose = whom.map(|visit| format!("{} 号 {}", visit.queue, visit.origin())).unwrap_or_default();
    let page = DeskPage { form, whose, problems, offered, ..page };
    html_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn judge(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    day: &Day,
    form: &VisitorForm,
    problems: &mut Problems,
    offered: &mut Vec<Place>,
) -> Result<Option<Talk>, Refusal> {
    let leader = match may_receive(day.on()?, app.today(), day.leader) {
        Ok(leader) => Some(leader),
        Err(refused) => {
            problems.add("", refused.to_string());
            None
        }
    };
    let result = Outcome::from_word(&form.result);
    problems.require(result.is_some(), "", "请选择结果：当场答复、转为信访件，还是下次再谈");
    let answer = forms::tidy(&form.answer);
    let length = answer.chars().count();
    problems.require(result != Some(Outcome::Settled) || length >= 2, "answer", "当场答复的，请写下答复了什么");
    problems.require(length <= 2_000, "answer", "答复请控制在 2000 字以内");
    let id_of = |typed: &str| typed.trim().parse::<i64>().ok();
    let (booking, carry) = (id_of(&form.booking), id_of(&form.carry));
    let mut before = None;
    if let Some(id) = booking.or(carry) {
        before = Some(one(read, viewer, day, id).await?.ok_or(Refusal::NotFound)?);
    }
    let visitor = form.judge(read, app, day, By::Talk(viewer), problems).await?;
    let (Some(mut visitor), Some(result), Some(leader)) = (visitor, result, leader) else { return Ok(None) };
    if let Some(before) = &before {
        // What it is kept from, and what it is about, does not get lost by typing.
        visitor.petition = visitor.petition.or(before.petition);
        visitor.against_unit = visitor.against_unit.or(before.against_unit);
        visitor.against_official = visitor.against_official.or(before.against_official);
    }
    let mut case = None;
    if result == Outcome::Case && visitor.petition.is_none() {
        let Some(mut new) = form.as_petition().judge(read, app, None, problems, offered).await? else {
            return Ok(None);
        };
        new.against_unit = visitor.against_unit;
        new.against_officials = visitor.against_official.into_iter().collect();
        let receiver = if new.against_unit == Some(viewer.unit) {
            county_petition_office(read, new.against_unit.as_slice(), &app.today().to_string()).await?
        } else {
            Some(viewer.unit)
        };
        case = Some((new, receiver));
    }
    let version = form.version.trim().parse().unwrap_or_default();
    let booking = booking.map(|booking| (booking, version));
    let urgent = form.urgent == "1";
    Ok(Some(Talk { visitor, leader, result, answer, urgent, booking, carry, case }))
}
