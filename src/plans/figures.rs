//! What other rooms may know of plans: for pay, for the overview, for one's own month, and the account that the
//! closing of a case gives.

use std::collections::BTreeSet;

use jiff::civil::Date;
use policy::Month;
use policy::score::Fate;
use sqlx::{AnyConnection, FromRow};

use super::items::{self, Listed};
use super::rules::Condition;
use super::{sight, unlocks};
use crate::accounts::Viewer;
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::web::App;

/// A frozen item as the settlement counts it (PAY.md section 2).
#[derive(Clone, Debug)]
pub struct PayItem {
    /// Its owner.
    pub official: i64,
    /// The unit whose plan it stands in: that of the superior who approved it.
    pub unit: i64,
    /// The appointment that it is owed in.
    pub appointment: i64,
    /// The item.
    pub item: i64,
    /// 攸预〔2026〕11-0418号.
    pub number: String,
    /// What will be true when it is done; 信访事项 where it is bound to a petition.
    pub goal: String,
    /// 1 to 100.
    pub weight: i64,
    /// The day on which it was due.
    pub due_on: Date,
    /// What became of it. A cancellation says its day: `policy::score` knows the cut-off.
    pub fate: Fate,
    /// Added after freezing.
    pub added: bool,
    /// Cancelled while its unit's month was open by an exception: it counts as cancelled by the cut-off.
    pub unlocked: bool,
}

/// The frozen items due in a month of some officials, of whatever unit approved them, by owner and number: who is
/// transferred still owes what was frozen where he or she was.
pub async fn items_for_pay(read: &mut AnyConnection, officials: &[i64], month: Month) -> anyhow::Result<Vec<PayItem>> {
    let frozen = items::frozen(read, officials, month).await?;
    let unlocked = unlocks::counted_in_time(read, month).await?;
    Ok(frozen
        .into_iter()
        .map(|listed| PayItem {
            official: listed.item.owner,
            unit: listed.unit,
            appointment: listed.appointment,
            item: listed.id,
            // Whoever reads a settlement need not find the petition; the number leads to the item.
            goal: listed.shown_goal(),
            number: listed.number.unwrap_or_default(),
            weight: listed.weight,
            due_on: listed.item.due_on,
            fate: match listed.item.condition {
                Condition::Cancelled { done_on, on, .. } => Fate::Cancelled { completed: done_on, on },
                Condition::Withdrawn { .. } => Fate::Withdrawn,
                Condition::Deferred { .. } => Fate::Deferred,
                _ => Fate::Open,
            },
            added: listed.added,
            unlocked: unlocked.contains(&listed.id),
        })
        .collect())
}

/// Which of some officials handed in a plan for a month, in whatever unit.
pub async fn submitted(
    read: &mut AnyConnection,
    officials: &[i64],
    month: Month,
) -> Result<BTreeSet<i64>, sqlx::Error> {
    let mut found = BTreeSet::new();
    for some in officials.chunks(items::BOUND) {
        let mut sql =
            Sql::new("SELECT s.official FROM plan_submission s JOIN plan p ON p.id = s.plan WHERE p.month = ");
        sql.bind(month.to_string()).push(" AND s.official IN (");
        items::push_all(&mut sql, some);
        sql.push(")");
        let rows: Vec<(i64,)> = sql.fetch_all(&mut *read).await?;
        found.extend(rows.into_iter().map(|(official,)| official));
    }
    Ok(found)
}

/// Closing a case gives the account of the frozen plan items bound to it that are still in their owners' hands, for
/// the superior to cancel. Gives how many. The actor is whoever closed the case, and cannot cancel them.
pub async fn propose_cancellation(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    petition_id: i64,
    done_on: Date,
) -> anyhow::Result<usize> {
    let Some(by) = actor.official else { return Ok(0) };
    let mut given = 0;
    for listed in items::of_petition(write, petition_id).await? {
        // Where the owner accounts at this very moment, his own account stands.
        if !listed.item.condition.in_hand() || !items::raised(write, listed.id, listed.version).await? {
            continue;
        }
        let content = format!("{} 已办结，据此提请销号。", listed.petition_number);
        insert_account(write, app, &Account { item: listed.id, done_on, content: &content, proposed: true, by })
            .await?;
        let told = serde_json::json!({ "done_on": done_on, "petition": petition_id });
        chain::record(write, app, actor, "plan_item.accounted", Subject("plan_item", listed.id), &told).await?;
        given += 1;
    }
    Ok(given)
}

/// An account as it is kept.
pub(super) struct Account<'a> {
    pub(super) item: i64,
    pub(super) done_on: Date,
    pub(super) content: &'a str,
    pub(super) proposed: bool,
    pub(super) by: i64,
}

pub(super) async fn insert_account(
    write: &mut AnyConnection,
    app: &App,
    account: &Account<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(app.id())
    .bind(account.item)
    .bind(account.done_on.to_string())
    .bind(account.content.to_owned())
    .bind(i64::from(account.proposed))
    .bind(app.today().to_string())
    .bind(account.by)
    .execute(write)
    .await?;
    Ok(())
}

/// Whose plans are counted.
#[derive(Clone, Debug)]
pub enum Within {
    /// One unit's.
    Unit(i64),
    /// Those of every unit that serves a place: 6, 9 or 12 digits.
    Place(String),
}

/// A month's plans in figures (E4). The three of the account stand side by side: due, cancelled, on time; all of them of
/// what was frozen at approval, with the additions apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Figures {
    /// Frozen at approval, relieved ones included.
    pub planned: i64,
    /// Added after freezing.
    pub added: i64,
    /// Of those planned, 撤销.
    pub withdrawn: i64,
    /// Of those planned, 顺延.
    pub deferred: i64,
    /// Of those planned, cancelled and not reversed.
    pub cancelled: i64,
    /// Of these, done not after the due date.
    pub on_time: i64,
    /// Those planned and added that the viewer finds one by one.
    pub found: i64,
}

impl Figures {
    /// What the rate is of: planned, less withdrawn and deferred.
    pub fn due(&self) -> i64 {
        self.planned - self.withdrawn - self.deferred
    }

    /// Whether the viewer finds every record behind the figures, so that they can lead there.
    pub fn are_found(&self) -> bool {
        self.found == self.planned + self.added
    }
}

/// The figures of a unit or a place for a month, without what the viewer is to be kept from.
pub async fn figures(
    read: &mut AnyConnection,
    viewer: &Viewer,
    within: &Within,
    month: Month,
) -> Result<Figures, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT CAST(COALESCE(SUM(1 - i.added), 0) AS BIGINT) AS planned,
                CAST(COALESCE(SUM(i.added), 0) AS BIGINT) AS added,
                CAST(COALESCE(SUM(CASE WHEN f.kind = 'withdrawn' THEN 1 - i.added ELSE 0 END), 0) AS BIGINT) AS withdrawn,
                CAST(COALESCE(SUM(CASE WHEN f.kind = 'deferred' THEN 1 - i.added ELSE 0 END), 0) AS BIGINT) AS deferred,
                CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.id IS NOT NULL THEN 1 - i.added ELSE 0 END), 0)
                     AS BIGINT) AS cancelled,
                CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.done_on <= i.due_on THEN 1 - i.added ELSE 0 END), 0)
                     AS BIGINT) AS on_time,
                CAST(COALESCE(SUM(CASE WHEN i.owner = ",
    );
    sql.bind(viewer.official).push(" OR (1 = 1");
    sight::push_unit(&mut sql, viewer, "p.unit");
    sql.push(
        ") THEN 1 ELSE 0 END), 0) AS BIGINT) AS found
           FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL
           LEFT JOIN plan_relief f ON f.item = i.id
           LEFT JOIN cancellation c ON c.item = i.id
                AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
          WHERE p.month = ",
    );
    sql.bind(month.to_string());
    match within {
        Within::Unit(unit) => sql.push(" AND p.unit = ").bind(*unit),
        Within::Place(place) => {
            sql.push(" AND p.unit IN (SELECT u.id FROM unit u WHERE u.division >= ").bind(place.clone());
            sql.push(" AND u.division < ").bind(divisions::end(place)).push(")")
        }
    };
    sight::push_recusal(&mut sql, viewer);
    Ok(sql.fetch_optional(read).await?.unwrap_or_default())
}

/// The viewer's own items of a month, by due date; drafts are among them. `/plans/items/{id}` shows each.
pub async fn mine(read: &mut AnyConnection, viewer: &Viewer, month: Month) -> anyhow::Result<Vec<Listed>> {
    items::own(read, viewer, month).await
}
