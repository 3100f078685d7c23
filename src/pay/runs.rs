//! Runs and their shares as the database keeps them; every look-up takes the viewer.

use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Month, Policy};
use sqlx::{AnyConnection, FromRow};

use super::course::{Objections, Standing};
use super::documents::{self, Document};
use super::kept::{KeptPolicy, Share};
use super::notice::{self, Check, Notice};
use super::objections;
use super::reckoning::policy_of;
use super::rules::Scope;
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, Refusal, date_of};

/// A settlement of a unit and month.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) id: i64,
    pub(super) scope: Scope,
    pub(super) unit_name: String,
    pub(super) month: Month,
    pub(super) attempt: i64,
    pub(super) policy: KeptPolicy,
    pub(super) document: Option<Document>,
    pub(super) settled_at: Timestamp,
    pub(super) settled_by: i64,
    pub(super) settled_by_name: String,
    pub(super) submitted_on: Option<String>,
    pub(super) submitted_by: Option<i64>,
    pub(super) submitted_by_name: String,
    pub(super) replaced_by: Option<i64>,
    pub(super) version: i64,
    pub(super) approvals: Vec<Approval>,
    /// Handed over before notices were part of the course.
    pub(super) unnoticed: bool,
    pub(super) check: Option<Check>,
    pub(super) notice: Option<Notice>,
    pub(super) objections: Objections,
}

/// A signature.
#[derive(Debug, FromRow)]
pub(super) struct Approval {
    pub(super) approved_by: i64,
    pub(super) name: String,
    pub(super) approved_on: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    unit: i64,
    unit_name: String,
    kind: String,
    month: String,
    attempt: i64,
    policy: String,
    document: Option<i64>,
    settled_at: i64,
    settled_by: i64,
    settled_by_name: String,
    submitted_on: Option<String>,
    submitted_by: Option<i64>,
    submitted_by_name: String,
    replaced_by: Option<i64>,
    version: i64,
    unnoticed: i64,
}

/// A run, to be followed by its id.
pub(super) const SELECT: &str =
    "SELECT r.id, r.unit, u.name AS unit_name, u.kind, r.month, r.attempt, r.policy, r.document,
        r.settled_at, r.settled_by, s.name AS settled_by_name, r.submitted_on, r.submitted_by,
        COALESCE(t.name, '') AS submitted_by_name, r.replaced_by, r.version, r.unnoticed
   FROM pay_run r
   JOIN unit u ON u.id = r.unit
   JOIN official s ON s.id = r.settled_by
   LEFT JOIN official t ON t.id = r.submitted_by
  WHERE r.id = ";

/// A run that the viewer may find; anything else does not exist.
pub(super) async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Run, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.bind(id);
    sight::push(&mut sql, viewer);
    with_the_rest(read, sql).await
}

/// A run in which the viewer has a share, once its notice was put up or it was submitted.
pub(super) async fn find_own(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Run, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.bind(id);
    sql.push(
        " AND (r.submitted_on IS NOT NULL OR EXISTS (SELECT 1 FROM pay_notice n WHERE n.run = r.id))
          AND r.replaced_by IS NULL
          AND EXISTS (SELECT 1 FROM pay_share x WHERE x.run = r.id AND x.official = ",
    );
    sql.bind(viewer.official).push(")");
    with_the_rest(read, sql).await
}

/// The run that the SQL finds, with what belongs to it.
pub(super) async fn with_the_rest(read: &mut AnyConnection, sql: Sql) -> Result<Run, Refusal> {
    let row: Row = sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)?;
    let approvals = sqlx::query_as(
        "SELECT a.approved_by, o.name, a.approved_on FROM pay_approval a JOIN official o ON o.id = a.approved_by
          WHERE a.run = $1 ORDER BY a.position",
    )
    .bind(row.id)
    .fetch_all(&mut *read)
    .await?;
    let document = match row.document {
        Some(document) => Some(documents::document(read, document).await?),
        None => None,
    };
    let check = notice::check_of(read, row.id).await?;
    let notice = notice::of_run(read, row.id).await?;
    let objections = objections::counts(read, row.id).await?;
    Ok(Run {
        id: row.id,
        scope: Scope { unit: row.unit, county: row.kind == "county" },
        unit_name: row.unit_name,
        month: row.month.parse()?,
        attempt: row.attempt,
        policy: serde_json::from_str(&row.policy)?,
        document,
        settled_at: Timestamp::from_millisecond(row.settled_at)?,
        settled_by: row.settled_by,
        settled_by_name: row.settled_by_name,
        submitted_on: row.submitted_on,
        submitted_by: row.submitted_by,
        submitted_by_name: row.submitted_by_name,
        replaced_by: row.replaced_by,
        version: row.version,
        approvals,
        unnoticed: row.unnoticed == 1,
        check,
        notice,
        objections,
    })
}

#[derive(FromRow)]
struct ShareRow {
    official: i64,
    name: String,
    class: String,
    stake_fen: i64,
    score_bp: Option<i64>,
    rank: Option<i64>,
    share_fen: Option<i64>,
    state: String,
    explanation: String,
}

impl Run {
    /// Its shares, by the county's order of classes, in each by what is received.
    pub(super) async fn shares(&self, read: &mut AnyConnection) -> anyhow::Result<Vec<Share>> {
        let rows: Vec<ShareRow> = sqlx::query_as(
            "SELECT s.official, o.name, s.class, s.stake_fen, s.score_bp, s.rank, s.share_fen, s.state, s.explanation
               FROM pay_share s JOIN official o ON o.id = s.official WHERE s.run = $1",
        )
        .bind(self.id)
        .fetch_all(read)
        .await?;
        let mut shares = Vec::with_capacity(rows.len());
        for row in rows {
            shares.push(Share {
                official: row.official,
                name: row.name,
                class: row.class,
                stake_fen: row.stake_fen,
                score_bp: row.score_bp.map(u16::try_from).transpose()?,
                rank: row.rank.map(u32::try_from).transpose()?,
                share_fen: row.share_fen,
                state: row.state,
                kept: serde_json::from_str(&row.explanation)?,
            });
        }
        let place = |share: &Share| self.policy.classes.iter().position(|class| class.name == share.class);
        shares.sort_by(|a, b| {
            let by_class = place(a).cmp(&place(b));
            let by_share = by_class.then_with(|| b.share_fen.cmp(&a.share_fen));
            by_share.then_with(|| b.score_bp.cmp(&a.score_bp)).then_with(|| a.kept.number.cmp(&b.kept.number))
        });
        Ok(shares)
    }

    /// How far it is. `documents` are those that cover its month.
    pub(super) fn standing(&self, app: &App, shares: &[Share], documents: &[Document]) -> Standing {
        let mut open: Vec<&str> = shares.iter().filter(|share| is_open(share)).map(|share| &*share.class).collect();
        open.dedup();
        Standing {
            today: app.today(),
            settled_on: self.settled_on(),
            cut_off: self.policy.cut_off,
            open_groups: open.len(),
            authorised: match &self.document {
                Some(bound) => bound.covers(self.month),
                None => !documents.is_empty(),
            },
            unnoticed: self.unnoticed,
            checked: self.check.is_some(),
            notice: self.notice.as_ref().map(|notice| notice.term(app)),
            objections: self.objections,
            submitted: self.submitted_on.is_some(),
            approvals: self.approvals.len(),
            replaced: self.replaced_by.is_some(),
        }
    }

    /// Whether the values of its month are others today than those by which it was settled.
    pub(super) fn is_of_other_values(&self, values: &Policy) -> bool {
        policy_of(values, self.month).is_ok_and(|now| now != self.policy)
    }

    /// The day on which it was settled.
    pub(super) fn settled_on(&self) -> Date {
        date_of(self.settled_at)
    }

    /// The day of the second key, from which it is locked.
    pub(super) fn approved_on(&self) -> Option<Date> {
        self.approvals.get(1)?.approved_on.parse().ok()
    }

    /// Its page.
    pub(super) fn path(&self) -> String {
        format!("/pay/runs/{}", self.id)
    }

    /// Takes the run's version: whoever comes with an older one, or after it was replaced, is told.
    pub(super) async fn raise(&self, write: &mut AnyConnection, version: i64) -> Result<(), Refusal> {
        let raised = sqlx::query(
            "UPDATE pay_run SET version = version + 1 WHERE id = $1 AND version = $2 AND replaced_by IS NULL",
        )
        .bind(self.id)
        .bind(version)
        .execute(write)
        .await?;
        if raised.rows_affected() == 1 { Ok(()) } else { Err(Refusal::Stale) }
    }
}

/// Whether a share waits for a ranking or a waiver.
pub(super) fn is_open(share: &Share) -> bool {
    matches!(share.state.as_str(), "undecided" | "infeasible")
}
