//! The duties of somebody's post beside the items of a month: which of them has an item, and which has none yet.

use policy::Month;
use policy::post_duties::{PostDuty, duties_of};
use sqlx::{AnyConnection, FromRow};

use crate::web::App;

/// A duty of a post with the items that a month's plan has of it.
#[derive(Clone, Debug)]
pub(super) struct Owed {
    pub(super) duty: PostDuty,
    /// Id of the item, and its number.
    pub(super) items: Vec<(i64, String)>,
}

#[derive(FromRow)]
struct Planned {
    id: i64,
    number: String,
    duty: String,
}

/// The duties of the post that an appointment is to, with its holder's items of a month. What was withdrawn, deferred,
/// merged or split stands for nothing any more.
pub(super) async fn owed(
    read: &mut AnyConnection,
    app: &App,
    appointment: i64,
    month: Month,
) -> anyhow::Result<Vec<Owed>> {
    let post: Option<(i64, String, String)> = sqlx::query_as(
        "SELECT ap.official, po.listed_as, u.kind FROM appointment ap
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
          WHERE ap.id = $1",
    )
    .bind(appointment)
    .fetch_optional(&mut *read)
    .await?;
    let Some((official, listed_as, kind)) = post else { return Ok(Vec::new()) };
    let policy: &policy::Policy = &app.policy;
    let duties = duties_of(policy, month.first_day(), &kind, &listed_as)?;
    if duties.is_empty() {
        return Ok(Vec::new());
    }
    let planned: Vec<Planned> = sqlx::query_as(
        "SELECT i.id, COALESCE(i.number, '待编号') AS number, i.duty FROM plan_item i JOIN plan p ON p.id = i.plan
          WHERE i.owner = $1 AND p.month = $2 AND i.duty IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id)
            AND NOT EXISTS (SELECT 1 FROM plan_merge m WHERE m.item = i.id)
            AND NOT EXISTS (SELECT 1 FROM plan_split s WHERE s.whole = i.id)
          ORDER BY i.id",
    )
    .bind(official)
    .bind(month.to_string())
    .fetch_all(read)
    .await?;
    let of = |duty: &PostDuty| {
        let found = planned.iter().filter(|one| one.duty == duty.code);
        found.map(|one| (one.id, one.number.clone())).collect()
    };
    Ok(duties.into_iter().map(|duty| Owed { duty: duty.clone(), items: of(duty) }).collect())
}
