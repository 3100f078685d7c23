//! Writing a talk down: the person in the queue, what came of it, the case and its binding, in one write.

use jiff::ToSpan;
use serde_json::json;
use sqlx::AnyConnection;

use super::booking::next_number;
use super::days::Day;
use super::rules::{Origin, Outcome, Refused, Sex};
use super::visitor::{self, Visitor, sealed};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::petitions::rules::Act;
use crate::petitions::{self, Hindered, NewPetition, code_for, code_key};
use crate::web::{App, Refusal, forms};

/// A talk, judged.
pub(super) struct Talk {
    pub(super) visitor: Visitor,
    /// Who received.
    pub(super) leader: i64,
    pub(super) result: Outcome,
    pub(super) answer: String,
    pub(super) urgent: bool,
    /// The person's place in the queue, with its version.
    pub(super) booking: Option<(i64, i64)>,
    /// What an earlier day left over.
    pub(super) carry: Option<i64>,
    /// The petition that it becomes, and the unit that takes it in.
    pub(super) case: Option<(NewPetition, Option<i64>)>,
}

/// What was written down.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The person's place in the queue.
    pub(super) booking: i64,
    /// The petition that it is with now; empty number: none.
    pub(super) petition: i64,
    pub(super) number: String,
    /// The code of a petition that was registered by this; empty for one that was there before.
    pub(super) code: String,
    /// Whether the clerk finds it.
    pub(super) finds: bool,
    /// Whether the receiving leader is bound to it.
    pub(super) bound: bool,
    /// Why not.
    pub(super) unbound_because: String,
}

/// The path that a talk's key remembers.
const PATH: &str = "/receptions/";

/// Writes a talk down. A form sent twice gives what it made the first time.
pub(super) async fn receive(
    app: &App,
    viewer: &Viewer,
    day: &Day,
    talk: Talk,
    key: &str,
) -> Result<Result<Done, Refused>, Refusal> {
    let id = app.id();
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, app, key, &format!("{PATH}{id}")).await? {
        let id = earlier.strip_prefix(PATH).and_then(|id| id.parse().ok()).ok_or(Refusal::Stale)?;
        return Ok(Ok(again(&mut write, app, viewer, id, key).await?));
    }
    let booking = match talk.booking {
        Some((booking, version)) => {
            if let Err(refused) = rewrite(&mut write, app, day, (booking, version), &talk.visitor).await? {
                return Ok(Err(refused));
            }
            booking
        }
        None => {
            if let Some(carry) = talk.carry
                && is_continued(&mut write, carry).await?
            {
                return Ok(Err(Refused::Received));
            }
            let booking = app.id();
            let (queue, held_on) = next_number(&mut write, day.id).await?;
            let origin = if talk.carry.is_some() { Origin::Carried } else { Origin::WalkIn };
            let place = (booking, day.id, queue, held_on.as_str());
            let code = code_key(app, &code_for(app, key));
            let from = (origin, Some(viewer.official), talk.carry);
            visitor::insert(&mut write, app, place, from, &talk.visitor, code).await?;
            booking
        }
    };
    let mut done = Done { booking, ..Done::default() };
    if talk.result == Outcome::Case {
        turn_into_case(&mut write, app, viewer, &talk, key, &mut done).await?;
    }
    sqlx::query(
        "INSERT INTO reception (id, booking, leader, post, result, answer, urgent, bound, received_at, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(booking)
    .bind(talk.leader)
    .bind(day.leader_title.clone())
    .bind(talk.result.word())
    .bind(talk.answer.clone())
    .bind(i64::from(talk.urgent))
    .bind(i64::from(done.bound))
    .bind(app.now().as_millisecond())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let petition = (done.petition != 0).then_some(done.petition);
    let content = json!({
        "day": day.id, "leader": talk.leader, "visitor": talk.visitor, "result": talk.result, "answer": talk.answer,
        "petition": petition, "bound": done.bound,
    });
    let subject = Subject("reception_booking", booking);
    chain::record(&mut write, app, viewer.actor(), "reception.recorded", subject, &content).await?;
    write.commit().await?;
    Ok(Ok(done))
}

async fn is_continued(write: &mut AnyConnection, booking: i64) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT b.id FROM reception_booking b WHERE b.continues = $1
         UNION ALL SELECT b.id FROM reception_booking b JOIN reception r ON r.booking = b.id
          WHERE b.id = $1 AND r.result <> 'continued'",
    )
    .bind(booking)
    .fetch_optional(write)
    .await?;
    Ok(found.is_some())
}

/// Puts what was said at the desk over what was said when booking.
async fn rewrite(
    write: &mut AnyConnection,
    app: &App,
    day: &Day,
    (booking, version): (i64, i64),
    visitor: &Visitor,
) -> Result<Result<(), Refused>, Refusal> {
    let row: Option<(i64, Option<i64>, Option<i64>)> = sqlx::query_as(
        "SELECT b.version, b.cancelled_at, r.id FROM reception_booking b LEFT JOIN reception r ON r.booking = b.id
          WHERE b.id = $1 AND b.day = $2",
    )
    .bind(booking)
    .bind(day.id)
    .fetch_optional(&mut *write)
    .await?;
    match row.ok_or(Refusal::NotFound)? {
        (_, _, Some(_)) => return Ok(Err(Refused::Received)),
        (_, Some(_), _) => return Ok(Err(Refused::Cancelled)),
        (now, ..) if now != version => return Err(Refusal::Stale),
        _ => {}
    }
    let (phone, phone_key) = sealed(app, booking, visitor);
    let done = sqlx::query(
        "UPDATE reception_booking SET name = $3, sex = $4, age = $5, phone = $6, phone_key = $7, address = $8,
                people = $9, matter = $10, reference = $11, petition = $12, against_unit = $13, against_official = $14,
                version = version + 1
          WHERE id = $1 AND version = $2 AND cancelled_at IS NULL",
    )
    .bind(booking)
    .bind(version)
    .bind(visitor.name.clone())
    .bind(visitor.sex.map_or("", Sex::word))
    .bind(visitor.age)
    .bind(phone)
    .bind(phone_key)
    .bind(visitor.address.clone())
    .bind(visitor.people)
    .bind(visitor.matter.clone())
    .bind(visitor.reference.clone())
    .bind(visitor.petition)
    .bind(visitor.against_unit)
    .bind(visitor.against_official)
    .execute(write)
    .await?;
    if done.rows_affected() == 0 { Err(Refusal::Stale) } else { Ok(Ok(())) }
}

/// Registers what was not settled on the spot, or takes the petition that it is about, and binds the leader who
/// received to it. Where the leader cannot be bound, the case is there all the same and the page says why.
async fn turn_into_case(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    talk: &Talk,
    key: &str,
    done: &mut Done,
) -> Result<(), Refusal> {
    let version = if let Some((new, receiver)) = &talk.case {
        let registered = petitions::enter(write, app, viewer.actor(), *receiver, (app.id(), new), key).await?;
        (done.petition, done.number, done.code) = (registered.id, registered.number, registered.code);
        sqlx::query("UPDATE reception_booking SET petition = $2, version = version + 1 WHERE id = $1")
            .bind(done.booking)
            .bind(done.petition)
            .execute(&mut *write)
            .await?;
        1
    } else {
        let about: Vec<i64> = talk.visitor.petition.into_iter().collect();
        let Some(found) = petitions::find_among(write, viewer, &about).await?.pop() else {
            "原信访件不在您的范围内".clone_into(&mut done.unbound_because);
            "原信访件".clone_into(&mut done.number);
            return Ok(());
        };
        (done.petition, done.number) = (found.id, found.number);
        found.version
    };
    let today = app.today();
    let days = app.policy.days("clock.handling.days", today)?;
    let due_on = today.saturating_add(i64::from(days).days());
    let bind = Act::Bind { leader: talk.leader, due_on };
    done.finds = true;
    match petitions::act(write, app, viewer, done.petition, version, &bind).await {
        Ok(()) => done.bound = true,
        Err(Hindered::Rule(refused)) => done.unbound_because = refused.to_string(),
        // Registered against the clerk's own unit: it went elsewhere and is not found here any more.
        Err(Hindered::Edge(Refusal::NotFound)) => {
            done.finds = false;
            "反映的是本单位，已转由别的单位处理".clone_into(&mut done.unbound_because);
        }
        Err(Hindered::Edge(refusal)) => return Err(refusal),
    }
    Ok(())
}

/// What a talk had become when it was first written down.
async fn again(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    reception: i64,
    key: &str,
) -> Result<Done, Refusal> {
    let row: Option<(i64, String, i64, Option<i64>)> = sqlx::query_as(
        "SELECT r.booking, r.result, r.bound, b.petition FROM reception r JOIN reception_booking b ON b.id = r.booking
          WHERE r.id = $1",
    )
    .bind(reception)
    .fetch_optional(&mut *write)
    .await?;
    let (booking, result, bound, petition) = row.ok_or(Refusal::Stale)?;
    let mut done = Done { booking, bound: bound == 1, ..Done::default() };
    if let (true, Some(petition)) = (result == Outcome::Case.word(), petition) {
        done.petition = petition;
        let code = code_for(app, key);
        let registered = petitions::by_code(write, app, &code).await? == Some(petition);
        let found = petitions::find_among(write, viewer, &[petition]).await?.pop();
        done.finds = found.is_some();
        done.number = found.map_or_else(|| "信访件".to_owned(), |found| found.number);
        if registered {
            done.code = code;
        }
    }
    Ok(done)
}
