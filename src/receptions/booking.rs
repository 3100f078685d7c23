//! Booking a place in the queue of a day, and giving it up again: at the desk and with the code.

use serde_json::json;
use sqlx::AnyConnection;

use super::rules::{Origin, Refused, may_book};
use super::visitor::{self, Visitor};
use crate::chain::{self, Actor, Subject};
use crate::petitions::{code_for, code_key};
use crate::web::{App, Refusal, forms};

/// What booking gives back.
#[derive(Debug)]
pub(super) struct Booked {
    /// The booking.
    pub(super) id: i64,
    /// Number in the queue of the day.
    pub(super) queue: i64,
    /// Opens the booking's public page; kept as a keyed hash and shown this once.
    pub(super) code: String,
}

/// The path that a booking's key remembers.
const PATH: &str = "/bookings/";

/// Books a place: the next number of the day, a code, the chain. A form sent twice gives the same number.
pub(super) async fn book(
    app: &App,
    actor: Actor,
    origin: Origin,
    day: i64,
    visitor: &Visitor,
    key: &str,
) -> Result<Result<Booked, Refused>, Refusal> {
    let id = app.id();
    let code = code_for(app, key);
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, app, key, &format!("{PATH}{id}")).await? {
        let id: i64 = earlier.strip_prefix(PATH).and_then(|id| id.parse().ok()).ok_or(Refusal::Stale)?;
        let queue: Option<(i64,)> = sqlx::query_as("SELECT queue FROM reception_booking WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *write)
            .await?;
        let (queue,) = queue.ok_or(Refusal::Stale)?;
        return Ok(Ok(Booked { id, queue, code }));
    }
    let (queue, held_on) = next_number(&mut write, day).await?;
    let (live,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM reception_booking WHERE day = $1 AND cancelled_at IS NULL AND origin IN ('web', 'desk')",
    )
    .bind(day)
    .fetch_one(&mut *write)
    .await?;
    let on = held_on.parse()?;
    let capacity = app.policy.number("reception.capacity.count", on)?;
    if let Err(refused) = may_book(on, app.today(), live, capacity) {
        // The write is left uncommitted: neither the number nor the key is taken.
        return Ok(Err(refused));
    }
    let place = (id, day, queue, held_on.as_str());
    visitor::insert(&mut write, app, place, (origin, actor.official, None), visitor, code_key(app, &code)).await?;
    let content = json!({ "day": day, "queue": queue, "origin": origin, "visitor": visitor });
    chain::record(&mut write, app, actor, "reception.booked", Subject("reception_booking", id), &content).await?;
    write.commit().await?;
    Ok(Ok(Booked { id, queue, code }))
}

/// The next number of a day's queue, and the day. The row's lock serialises those who book at once.
pub(super) async fn next_number(write: &mut AnyConnection, day: i64) -> Result<(i64, String), Refusal> {
    let row: Option<(i64, String)> =
        sqlx::query_as("UPDATE reception_day SET queued = queued + 1 WHERE id = $1 RETURNING queued, held_on")
            .bind(day)
            .fetch_optional(write)
            .await?;
    row.ok_or(Refusal::NotFound)
}

/// Gives a booking up; its number is not given again. It is refused once the talk was written down.
pub(super) async fn cancel(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    id: i64,
) -> Result<Result<(), Refused>, Refusal> {
    let received: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM reception WHERE booking = $1").bind(id).fetch_optional(&mut *write).await?;
    if received.is_some() {
        return Ok(Err(Refused::Received));
    }
    let done = sqlx::query(
        "UPDATE reception_booking SET cancelled_at = $2, version = version + 1 WHERE id = $1 AND cancelled_at IS NULL",
    )
    .bind(id)
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Err(Refused::Cancelled));
    }
    chain::record(write, app, actor, "reception.cancelled", Subject("reception_booking", id), &json!({})).await?;
    Ok(Ok(()))
}
