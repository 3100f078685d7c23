//! 销号 itself, however it is asked for: one item from its page, several from one page, or the second key where the
//! values ask for two. One rule judges all of them.

mod bulk;
mod rules;
mod second;

use jiff::civil::Date;
use serde_json::json;
use sqlx::AnyConnection;

use super::delegations;
use super::items::{self, Listed};
use super::rules::CannotJudge;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{App, Refusal, Rooms};

pub(super) use second::{Keyed, awaits, key_of};

pub(super) fn rooms() -> Rooms {
    Rooms::new().with(bulk::rooms()).with(second::rooms())
}

/// What cancelling came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// The number is cancelled.
    Cancelled,
    /// The first of two keys is turned.
    Keyed,
}

/// A cancellation as it is kept.
struct Kept<'a> {
    account: i64,
    done_on: Date,
    by: i64,
    delegation: Option<i64>,
    told: &'a serde_json::Value,
}

async fn keep(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
    kept: &Kept<'_>,
) -> Result<(), Refusal> {
    items::raise(write, listed.id, listed.version).await?;
    sqlx::query(
        "INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by, delegation)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(app.id())
    .bind(listed.id)
    .bind(kept.account)
    .bind(kept.done_on.to_string())
    .bind(app.today().to_string())
    .bind(kept.by)
    .bind(kept.delegation)
    .execute(&mut *write)
    .await?;
    let subject = Subject("plan_item", listed.id);
    chain::record(write, app, viewer.actor(), "plan_item.cancelled", subject, kept.told).await?;
    listed.mark(write, app, viewer, "plan_item.cancelled").await?;
    Ok(())
}

/// Cancels an item that the viewer has found and whose row is held, or turns the first key where there are two. The
/// caller commits.
pub(super) async fn cancel(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
) -> Result<Result<Done, CannotJudge>, Refusal> {
    let accepted = match listed.item.cancel(delegations::acting(viewer, listed)) {
        Ok(accepted) => accepted,
        Err(why) => return Ok(Err(why)),
    };
    if second::key_of(write, listed).await?.is_some() {
        return Ok(Err(CannotJudge::Keyed));
    }
    let delegation = listed.delegated.as_ref().map(|held| held.id);
    let today = app.today();
    let values =
        (app.policy.number("plan.second_key.weight", today)?, app.policy.word("plan.second_key.sources", today)?);
    if let Some(why) = rules::second_key(listed.weight, &listed.source, values) {
        second::turn_first(write, app, viewer, listed, (accepted.account, delegation), &why).await?;
        return Ok(Ok(Done::Keyed));
    }
    let told = json!({ "account": accepted.account, "done_on": accepted.done_on, "delegation": delegation });
    let kept =
        Kept { account: accepted.account, done_on: accepted.done_on, by: viewer.official, delegation, told: &told };
    keep(write, app, viewer, listed, &kept).await?;
    Ok(Ok(Done::Cancelled))
}
