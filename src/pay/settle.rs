//! `POST /pay/runs`: settles a unit's month, or settles it again in place of a run that is not approved yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::Month;
use serde_json::json;
use sqlx::AnyConnection;

use super::kept::Share;
use super::reckoning::{self, CannotReckon, Decided};
use super::rules::Scope;
use super::{course, inputs, objections, rewarding};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{App, Refusal, date_of, forms};

/// What is to be settled.
pub(super) struct Order {
    pub(super) key: String,
    pub(super) scope: Scope,
    pub(super) month: Month,
    /// The run that it takes the place of, with the version that was seen.
    pub(super) replaces: Option<(i64, i64)>,
}

/// Why nothing was settled, in words for the form.
#[derive(Debug)]
pub(crate) enum Unsettled {
    /// A rule's refusal.
    Problem(String),
    /// The unit and month have this run: it is settled again on its own page.
    Exists(i64),
    /// At the edge.
    Refusal(Refusal),
}

impl<E: Into<Refusal>> From<E> for Unsettled {
    fn from(error: E) -> Self {
        Self::Refusal(error.into())
    }
}

/// Settles and gives the path of the run.
pub(super) async fn settle(app: &App, viewer: &Viewer, order: &Order) -> Result<String, Unsettled> {
    let id = app.id();
    let path = format!("/pay/runs/{id}");
    let mut write = app.db.write().await?;
    if let Some(earlier) = forms::take_key(&mut write, app, &order.key, &path).await? {
        return Ok(earlier);
    }
    let attempt = attempt(&mut write, order).await?;
    let run = NewRun { id, scope: order.scope, month: order.month, attempt, by: viewer.official, at: app.now() };
    let content = write_down(&mut write, app, &run).await?;
    if let Some((earlier, version)) = order.replaces {
        let replaced = sqlx::query(
            "UPDATE pay_run SET replaced_by = $3, version = version + 1
              WHERE id = $1 AND version = $2 AND replaced_by IS NULL
                AND NOT EXISTS (SELECT 1 FROM pay_approval a WHERE a.run = pay_run.id AND a.position = 2)",
        )
        .bind(earlier)
        .bind(version)
        .bind(id)
        .execute(&mut *write)
        .await?;
        if replaced.rows_affected() == 0 {
            return Err(Refusal::Stale.into());
        }
        objections::carry(&mut write, earlier, id).await?;
    }
    chain::record(&mut write, app, viewer.actor(), "pay_run.settled", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    Ok(path)
}

/// A run that is to be written down.
pub(crate) struct NewRun {
    pub(crate) id: i64,
    pub(crate) scope: Scope,
    pub(crate) month: Month,
    pub(crate) attempt: i64,
    /// Who settles.
    pub(crate) by: i64,
    /// When.
    pub(crate) at: Timestamp,
}

/// Reckons a run and writes it down with its shares and the rewards that it takes; gives what its record says.
pub(crate) async fn write_down(
    write: &mut AnyConnection,
    app: &App,
    run: &NewRun,
) -> Result<serde_json::Value, Unsettled> {
    // One set of values from here to the end, whatever is put in force meanwhile.
    let values: &policy::Policy = &app.policy;
    let (scope, month) = (run.scope, run.month);
    let kept = reckoning::policy_of(values, month).map_err(|why| Unsettled::Problem(why.to_string()))?;
    let decided = decided(&mut *write, scope.unit, month).await?;
    let gathered = inputs::gather(&mut *write, values, scope, month).await?;
    let shares = reckoning::reckon(values, &kept, scope, &gathered, &decided)
        .map_err(|why: CannotReckon| Unsettled::Problem(why.to_string()))?;
    let added = sqlx::query(
        "INSERT INTO pay_run (id, unit, month, attempt, policy, settled_at, settled_by, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1) ON CONFLICT (unit, month, attempt) DO NOTHING",
    )
    .bind(run.id)
    .bind(scope.unit)
    .bind(month.to_string())
    .bind(run.attempt)
    .bind(serde_json::to_string(&kept)?)
    .bind(run.at.as_millisecond())
    .bind(run.by)
    .execute(&mut *write)
    .await?;
    if added.rows_affected() == 0 {
        return Err(Refusal::Stale.into());
    }
    for share in &shares {
        insert(&mut *write, run.id, share).await?;
    }
    let rewards = rewarding::take(write, (scope.unit, month), &shares, date_of(run.at)).await?;
    let fens: Vec<_> = shares
        .iter()
        .map(|share| json!([share.kept.number, share.class, share.stake_fen, share.score_bp, share.share_fen]))
        .collect();
    Ok(json!({ "attempt": run.attempt, "month": month, "rewards": rewards, "shares": fens, "unit": scope.unit }))
}

/// Which settlement of the unit and month this is: the next after the one that it replaces.
async fn attempt(write: &mut AnyConnection, order: &Order) -> Result<i64, Unsettled> {
    let last: Option<(i64, i64)> =
        sqlx::query_as("SELECT id, attempt FROM pay_run WHERE unit = $1 AND month = $2 ORDER BY attempt DESC LIMIT 1")
            .bind(order.scope.unit)
            .bind(order.month.to_string())
            .fetch_optional(&mut *write)
            .await?;
    match (last, order.replaces) {
        (None, None) => Ok(1),
        (Some((last, attempt)), Some((replaces, _))) if last == replaces => {
            let (locked,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM pay_approval WHERE run = $1 AND position = 2")
                .bind(last)
                .fetch_one(&mut *write)
                .await?;
            let unanswered = objections::counts(write, last).await?.unanswered;
            course::settle_anew(locked > 0, unanswered).map_err(|why| Unsettled::Problem(why.to_string()))?;
            Ok(attempt + 1)
        }
        (Some((last, _)), None) => Err(Unsettled::Exists(last)),
        _ => Err(Refusal::Stale.into()),
    }
}

/// Rankings and waivers of the unit and month, by class.
pub(super) async fn decided(read: &mut AnyConnection, unit: i64, month: Month) -> anyhow::Result<Decided> {
    let ranked: Vec<(String, i64, i64)> =
        sqlx::query_as("SELECT class, official, rank FROM pay_ranking WHERE unit = $1 AND month = $2")
            .bind(unit)
            .bind(month.to_string())
            .fetch_all(&mut *read)
            .await?;
    let mut rankings: BTreeMap<String, BTreeMap<i64, u32>> = BTreeMap::new();
    for (class, official, rank) in ranked {
        rankings.entry(class).or_default().insert(official, u32::try_from(rank)?);
    }
    let waived: Vec<(String, String)> =
        sqlx::query_as("SELECT class, reason FROM pay_waiver WHERE unit = $1 AND month = $2")
            .bind(unit)
            .bind(month.to_string())
            .fetch_all(read)
            .await?;
    Ok(Decided { rankings, waivers: waived.into_iter().collect() })
}

async fn insert(write: &mut AnyConnection, run: i64, share: &Share) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO pay_share (run, official, class, stake_fen, score_bp, rank, share_fen, state, explanation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(run)
    .bind(share.official)
    .bind(share.class.clone())
    .bind(share.stake_fen)
    .bind(share.score_bp.map(i64::from))
    .bind(share.rank.map(i64::from))
    .bind(share.share_fen)
    .bind(share.state.clone())
    .bind(serde_json::to_string(&share.kept)?)
    .execute(write)
    .await?;
    Ok(())
}
