//! Reckoning a month of a unit twice: as it was, and under other values. It reads and writes nothing.

use policy::{Month, Policy};
use sqlx::AnyConnection;

use super::rules::{Comparison, compare};
use crate::accounts::Viewer;
use crate::pay::inputs;
use crate::pay::kept::Share;
use crate::pay::ledger::UnitChoice;
use crate::pay::reckoning::{self, CannotReckon, Decided};
use crate::pay::runs;
use crate::pay::settle::decided;
use crate::web::Refusal;

/// A unit's month on both sides.
pub(super) struct Beside {
    pub(super) unit: i64,
    pub(super) name: String,
    /// The settlement that it was; nothing: the month was not settled, and both sides are reckoned now.
    pub(super) run: Option<i64>,
    /// Whether the records say something else today than when it was settled.
    pub(super) drifted: bool,
    pub(super) found: Comparison,
}

/// Why a unit's month has no two sides, in words.
pub(super) enum Without {
    /// Nobody is settled by this unit's run on either side.
    Nobody,
    /// It cannot be reckoned.
    Problem(String),
    /// At the edge.
    Refusal(Refusal),
}

impl<E: Into<Refusal>> From<E> for Without {
    fn from(error: E) -> Self {
        Self::Refusal(error.into())
    }
}

/// Settles a unit's month by the values that held and by others, from the same records.
///
/// What was is the settlement that stands, where there is one. Rankings hold on both sides, for they order the same
/// people; a waiver was given for the spread of its time, so under other values nobody has given one.
pub(super) async fn beside(
    read: &mut AnyConnection,
    viewer: &Viewer,
    unit: &UnitChoice,
    month: Month,
    (held, other): (&Policy, &Policy),
) -> Result<Beside, Without> {
    let scope = unit.scope();
    let was = decided(read, unit.id, month).await?;
    let would = Decided { rankings: was.rankings.clone(), ..Decided::default() };
    let mut reckon = async |policy: &Policy, decided: &Decided| -> Result<Vec<Share>, Without> {
        let kept = reckoning::policy_of(policy, month).map_err(|why| Without::Problem(why.to_string()))?;
        let gathered = inputs::gather(&mut *read, policy, scope, month).await?;
        match reckoning::reckon(policy, &kept, scope, &gathered, decided) {
            Ok(shares) => Ok(shares),
            Err(CannotReckon::Nobody) => Ok(Vec::new()),
            Err(why) => Err(Without::Problem(why.to_string())),
        }
    };
    let now = reckon(held, &was).await?;
    let after = reckon(other, &would).await?;
    let standing: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM pay_run WHERE unit = $1 AND month = $2 AND replaced_by IS NULL")
            .bind(unit.id)
            .bind(month.to_string())
            .fetch_optional(&mut *read)
            .await?;
    let (run, before) = match standing {
        Some((id,)) => {
            let run = runs::find(read, viewer, id).await?;
            (Some(id), run.shares(read).await?)
        }
        None => (None, now.clone()),
    };
    if before.is_empty() && after.is_empty() {
        return Err(Without::Nobody);
    }
    let drifted = fens(&before) != fens(&now);
    Ok(Beside { unit: unit.id, name: unit.name.clone(), run, drifted, found: compare(&before, &after) })
}

/// Whose, in which class, stake, score, share.
type Fens<'a> = (i64, &'a str, i64, Option<u16>, Option<i64>);

/// What a settlement came to, to tell whether it would come to the same today.
fn fens(shares: &[Share]) -> Vec<Fens<'_>> {
    let mut fens: Vec<Fens<'_>> = shares
        .iter()
        .map(|share| (share.official, share.class.as_str(), share.stake_fen, share.score_bp, share.share_fen))
        .collect();
    fens.sort_unstable();
    fens
}
