//! A duty that is fulfilled proposes the cancellation of its item, as the closing of a case does.

use jiff::civil::Date;
use policy::Month;
use sqlx::AnyConnection;

use super::figures::{Account, insert_account};
use super::items;
use crate::chain::{self, Actor, Subject};
use crate::web::App;

/// A visit of `owner` on `on` may have filled the number that a plan item of that month promises: then its account is
/// given, for the superior to cancel; visits beyond the number propose nothing again. Gives how many. The owner's own
/// account takes the place of such a one.
pub async fn propose_fulfilled(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    (owner, duty): (i64, &str),
    on: Date,
) -> anyhow::Result<usize> {
    let month = Month::of(on);
    let mut given = 0;
    for listed in items::of_duty(write, owner, duty, month).await? {
        let Some(target) = listed.target.filter(|target| listed.progress == *target) else { continue };
        // Where the owner accounts at this very moment, his own account stands.
        if !listed.item.condition.in_hand() || !items::raised(write, listed.id, listed.version).await? {
            continue;
        }
        let (last,): (Option<String>,) = sqlx::query_as(
            "SELECT MAX(e.happened_on) FROM entry e
              WHERE e.recorded_by = $1 AND e.kind = 'visit' AND e.result = 'met' AND e.happened_on >= $2
                AND e.happened_on <= $3 AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)",
        )
        .bind(owner)
        .bind(month.first_day().to_string())
        .bind(month.last_day().to_string())
        .fetch_one(&mut *write)
        .await?;
        let done_on = last.map(|day| day.parse()).transpose()?.unwrap_or(on);
        let content = format!("已走访 {} / {target} 户，记一笔已经满数，据此提请销号。", listed.progress);
        let account = Account { item: listed.id, done_on, content: &content, proposed: true, by: owner };
        insert_account(write, app, &account).await?;
        let told = serde_json::json!({ "done_on": done_on, "duty": duty, "met": listed.progress });
        chain::record(write, app, actor, "plan_item.accounted", Subject("plan_item", listed.id), &told).await?;
        given += 1;
    }
    Ok(given)
}
