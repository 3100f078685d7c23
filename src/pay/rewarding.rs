//! 奖惩决定 in a month's payment (E7 after C8): what two keys have signed is taken once, by the next settlement of the one it
//! is about, as a line of its own. It never enters a score or a share.

use std::collections::BTreeMap;

use policy::Month;
use sqlx::AnyConnection;

use super::corrections::Correction;
use super::kept::Share;
use super::payment::{Payment, payment};
use super::runs::Run;
use super::words::{signed, tone, yuan};
use crate::rewards::{self, Kind, Reward};

/// A decision in the payment of a month.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    /// What was decided, by whom and on which document.
    pub(super) of: Reward,
    /// What the month pays or takes of it, in fen.
    pub(super) fen: i64,
    /// What a penalty could not reach, in fen.
    pub(super) left_fen: i64,
}

impl Taken {
    pub(super) fn amount(&self) -> String {
        signed(self.fen)
    }
    pub(super) fn tone(&self) -> &'static str {
        tone(self.fen)
    }
    /// What a penalty could not reach; nothing where it reached all.
    pub(super) fn left(&self) -> Option<String> {
        (self.left_fen > 0).then(|| yuan(self.left_fen))
    }
}

/// What a month pays to somebody, and out of what.
#[derive(Clone, Debug, Default)]
pub(super) struct Paid {
    pub(super) share_fen: i64,
    pub(super) corrections_fen: i64,
    pub(super) rewards: Vec<Taken>,
    pub(super) to_pay_fen: i64,
}

impl Paid {
    /// Whether there is more to it than the share.
    pub(super) fn is_more_than_share(&self) -> bool {
        self.corrections_fen != 0 || !self.rewards.is_empty()
    }
    pub(super) fn to_pay(&self) -> String {
        yuan(self.to_pay_fen)
    }
}

/// Takes every signed decision with an amount about those who have a share, as far as no other month has. Gives what
/// was taken now, for the record.
pub(super) async fn take(
    write: &mut AnyConnection,
    (unit, month): (i64, Month),
    shares: &[Share],
    today: jiff::civil::Date,
) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    let mut officials: Vec<i64> = shares.iter().map(|share| share.official).collect();
    officials.sort_unstable();
    officials.dedup();
    let mut taken = Vec::new();
    for reward in rewards::signed_until(write, &officials, month.quarter()).await? {
        let Some(amount) = reward.fen else { continue };
        let fen = if Kind::from_word(&reward.kind) == Some(Kind::Penalty) { -amount } else { amount };
        // Taken once: another settlement of the same person at the same moment waits here, and finds it taken.
        let done = sqlx::query(
            "INSERT INTO pay_reward (reward, unit, month, official, fen, taken_on) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (reward) DO NOTHING",
        )
        .bind(reward.id)
        .bind(unit)
        .bind(month.to_string())
        .bind(reward.official)
        .bind(fen)
        .bind(today.to_string())
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 1 {
            taken.push((reward.id, fen));
        }
    }
    Ok(taken)
}

impl Run {
    /// What its month pays to everybody in it, by official.
    pub(super) async fn paid(
        &self,
        read: &mut AnyConnection,
        shares: &[Share],
        corrections: &[Correction],
    ) -> Result<BTreeMap<i64, Paid>, sqlx::Error> {
        let taken: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT reward, official, fen FROM pay_reward WHERE unit = $1 AND month = $2 ORDER BY reward",
        )
        .bind(self.scope.unit)
        .bind(self.month.to_string())
        .fetch_all(&mut *read)
        .await?;
        let ids: Vec<i64> = taken.iter().map(|(reward, ..)| *reward).collect();
        let decisions = rewards::by_ids(read, &ids).await?;
        let mut paid: BTreeMap<i64, Paid> = BTreeMap::new();
        for share in shares {
            paid.entry(share.official).or_default().share_fen += share.share_fen.unwrap_or(0);
        }
        for one in corrections {
            paid.entry(one.official).or_default().corrections_fen += one.fen;
        }
        for (_, official, _) in &taken {
            paid.entry(*official).or_default();
        }
        for (official, of) in &mut paid {
            let decided: Vec<(i64, i64)> =
                taken.iter().filter(|(_, whose, _)| whose == official).map(|(id, _, fen)| (*id, *fen)).collect();
            let Payment { lines, to_pay } = payment(of.share_fen, of.corrections_fen, &decided);
            of.to_pay_fen = to_pay;
            of.rewards = lines
                .into_iter()
                .filter_map(|line| {
                    let of = decisions.iter().find(|one| one.id == line.reward)?.clone();
                    Some(Taken { of, fen: line.taken, left_fen: line.left() })
                })
                .collect();
        }
        Ok(paid)
    }
}
