//! Dividing the pool of one group (PAY 3 to 6).
//!
//! # Exact, and within 128 bits
//!
//! With stakes s ≤ 10^10 fen, scores c ≤ 10^4, n ≤ 10^7 members and a spread D ≤ 10^7 fen, which
//! [`Settler::settle`] checks before it computes anything:
//!
//! | value | at most |
//! | --- | --- |
//! | pool P = Σ s | 10^17 |
//! | weight W = Σ s·c | 10^21 |
//! | ideal share, numerator P·s·c | 10^31 |
//! | deviation, numerator a = s·(P·c − W), over W | 10^31 either way |
//! | stretched (a spread below D, so A = max a − min a < D·W): s·A + D·a | 10^38 + 10^35 |
//! | ranked: s·2(n − 1) + D·(n + 1 − 2r) | 10^18 |
//!
//! An i128 holds 1.7 × 10^38, so no product or sum can overflow. (In the stretched case 0 lies between
//! min a and max a, because the deviations sum to 0; so |a| ≤ A < 10^28 and |D·a| < 10^35.)
//!
//! # The spread is never below D after rounding
//!
//! Let p have the greatest deviation d and q the least, d(p) − d(q) = Δ ≥ D. Stakes are whole fen, so
//! rounding x rounds d, and the fraction f of x is that of d. Each d becomes ⌊d⌋ or ⌊d⌋ + 1.
//! ⌊d(p)⌋ − ⌊d(q)⌋ = Δ − f(p) + f(q) is an integer, call it K.
//!
//! - f(p) > f(q): K > Δ − 1 ≥ D − 1, so K ≥ D; and if q is given a fen, p comes before it and is given
//!   one too. The difference stays at least K.
//! - f(p) < f(q): K > Δ ≥ D, so K ≥ D + 1. Even if q alone is given a fen, K − 1 ≥ D remains.
//! - f(p) = f(q): K = Δ ≥ D. Only if q were given a fen and p not could it fall below. Without ranks,
//!   Δ > 0 and Σ d = 0 give d(p) > 0 > d(q), hence c(p) > W/P > c(q): p has the higher score and comes
//!   first. With ranks, p is first and q last: d(p) = D/2 = −d(q). D is even ([`CannotSettle::OddSpread`]
//!   otherwise), so both fractions are 0, and a member without a fraction is never given a fen: fewer
//!   fen remain than there are members with one.
//!
//! Only a waiver (差额不可行 with a reason) leaves a group below D.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// The greatest stake of one person, in fen: 10^10, a hundred million yuan.
pub const MAX_STAKE_FEN: i64 = 10_000_000_000;
/// The greatest spread D, in fen.
pub const MAX_SPREAD_FEN: i64 = 10_000_000;
/// The greatest number of members of one group.
pub const MAX_MEMBERS: usize = 10_000_000;

/// Everybody scored in the same unit, class and period. The slices run in parallel.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// Stakes, in fen.
    pub stakes: &'a [i64],
    /// Scores, in basis points.
    pub scores: &'a [u16],
    /// 评议排序: 1 is best; empty, or 0 throughout, while there is none.
    pub ranks: &'a [u32],
    /// Whether an authorised person waived the spread with a reason.
    pub waived: bool,
}

/// What became of a group (PAY 3 to 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 已结算.
    Settled,
    /// 收回: nobody scored, the whole pool is forfeited.
    Forfeited,
    /// 待评议: the scores do not tell anyone apart and there is no ranking.
    Undecided,
    /// 差额不可行: the spread would take more than somebody put in.
    Infeasible,
}

impl State {
    /// The word in files: `settled`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Forfeited => "forfeited",
            Self::Undecided => "undecided",
            Self::Infeasible => "infeasible",
        }
    }

    /// The word on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Settled => "已结算",
            Self::Forfeited => "收回",
            Self::Undecided => "待评议",
            Self::Infeasible => "差额不可行",
        }
    }
}

/// By which of the rules the shares came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stretch {
    /// One member: the share is stake times score.
    Alone,
    /// The ideal shares hold: the spread is wide enough, was waived, or all is forfeited.
    None,
    /// Every deviation is multiplied by D / S.
    By {
        /// S times W: the difference of the greatest and the least s·(P·c − W).
        range: i128,
        /// D, in fen.
        spread_fen: i64,
    },
    /// The ranking spreads the group over D.
    Ranked {
        /// D, in fen.
        spread_fen: i64,
    },
}

/// What settling a group came to; the shares stand in the slice that the caller gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What became of the group.
    pub state: State,
    /// n.
    pub members: usize,
    /// P, in fen.
    pub pool_fen: i64,
    /// W, the sum of stake times score.
    pub weight: i128,
    /// By which rule.
    pub stretch: Stretch,
    /// What nobody gets back, in fen; it is recorded in an account of the unit.
    pub forfeited_fen: i64,
}

/// Why a group cannot be settled; `member` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotSettle {
    /// The slices differ in length, or there is nobody.
    #[error("一组至少一人、至多一千万人，扣入、得分、名次须逐人对应")]
    Shape,
    /// A stake is negative or over 10^10 fen.
    #[error("扣入{stake}分不在0至10000000000之间")]
    Stake {
        /// Whose.
        member: usize,
        /// The stake.
        stake: i64,
    },
    /// A score is over 10,000 basis points.
    #[error("得分{score}超过10000")]
    Score {
        /// Whose.
        member: usize,
        /// The score.
        score: u16,
    },
    /// Ranks are neither all absent nor exactly 1 to n.
    #[error("名次须全组都没有，或者恰为1至{members}各一人：{rank}不合")]
    Rank {
        /// Whose rank is missing, too great, or held by somebody before.
        member: usize,
        /// The rank; 0 if it is missing.
        rank: u32,
        /// n.
        members: usize,
    },
    /// D is odd, negative or over the bound.
    #[error("最小差额{0}分须为0至10000000之间的偶数")]
    OddSpread(i64),
}

/// Settles groups one after the other, keeping its working memory between them.
#[derive(Debug, Default)]
pub struct Settler {
    remainders: Vec<i128>,
    order: Vec<u32>,
    seen: Vec<bool>,
}

impl Settler {
    /// One with no memory taken yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Divides the pool of `group` and writes what each member gets, in fen, to `shares`.
    ///
    /// `official` gives a member's number, as UTF-8, which breaks the last ties; numbers are distinct
    /// within a group. `shares` is left as it was where the state is undecided or infeasible.
    pub fn settle<'o>(
        &mut self,
        group: &Group<'_>,
        spread_fen: i64,
        official: impl Fn(usize) -> &'o [u8],
        shares: &mut [i64],
    ) -> Result<Outcome, CannotSettle> {
        let ranked = self.check(group, spread_fen, shares.len())?;
        let members = group.stakes.len();
        // P ≤ 10^17 fits an i64.
        let pool_fen = group.stakes.iter().sum();
        let weight = weight(group);
        let mut outcome =
            Outcome { state: State::Settled, members, pool_fen, weight, stretch: Stretch::None, forfeited_fen: 0 };
        if members == 1 {
            shares[0] = (group.stakes[0] * i64::from(group.scores[0]) + 5_000) / 10_000;
            outcome.stretch = Stretch::Alone;
            outcome.forfeited_fen = pool_fen - shares[0];
            return Ok(outcome);
        }
        if weight == 0 {
            shares.fill(0);
            outcome.state = State::Forfeited;
            outcome.forfeited_fen = pool_fen;
            return Ok(outcome);
        }

        outcome.stretch = match range(group, pool_fen, weight) {
            0 if ranked => Stretch::Ranked { spread_fen },
            0 => {
                outcome.state = State::Undecided;
                return Ok(outcome);
            }
            range if range < i128::from(spread_fen) * weight => Stretch::By { range, spread_fen },
            _ => Stretch::None,
        };
        let negative = |i| exact(&outcome, group, i).0 < 0;
        if outcome.stretch != Stretch::None && (0..members).any(negative) {
            if !group.waived {
                outcome.state = State::Infeasible;
                return Ok(outcome);
            }
            outcome.stretch = Stretch::None;
        }
        self.round(&outcome, group, official, shares);
        Ok(outcome)
    }

    /// Floors, then one fen each by the largest remainder until the pool is handed out.
    fn round<'o>(
        &mut self,
        outcome: &Outcome,
        group: &Group<'_>,
        official: impl Fn(usize) -> &'o [u8],
        shares: &mut [i64],
    ) {
        let remainders = &mut self.remainders;
        remainders.clear();
        let mut left = outcome.pool_fen;
        for (i, share) in shares.iter_mut().enumerate() {
            let (numerator, denominator) = exact(outcome, group, i);
            let (floor, remainder) = divide(numerator, denominator);
            *share = floor;
            left -= floor;
            remainders.push(remainder);
        }
        // Fewer fen are left than members have a fraction, so `left` is below n.
        let left = usize::try_from(left).expect("floors sum to no more than the pool");
        if left == 0 {
            return;
        }
        let by_rank = matches!(outcome.stretch, Stretch::Ranked { .. });
        let before = |&a: &u32, &b: &u32| -> Ordering {
            let (a, b) = (a as usize, b as usize);
            let by_remainder = remainders[b].cmp(&remainders[a]);
            by_remainder
                .then_with(|| group.scores[b].cmp(&group.scores[a]))
                .then_with(|| if by_rank { group.ranks[a].cmp(&group.ranks[b]) } else { Ordering::Equal })
                .then_with(|| official(a).cmp(official(b)))
        };
        self.order.clear();
        self.order.extend((0_u32..).take(shares.len()));
        self.order.select_nth_unstable_by(left - 1, before);
        for &i in &self.order[..left] {
            shares[i as usize] += 1;
        }
    }

    /// Whether the group has a ranking, if all its members are within bounds.
    fn check(&mut self, group: &Group<'_>, spread_fen: i64, shares: usize) -> Result<bool, CannotSettle> {
        let Group { stakes, scores, ranks, .. } = *group;
        let members = stakes.len();
        let shaped = scores.len() == members && shares == members;
        if !shaped || !(ranks.is_empty() || ranks.len() == members) {
            return Err(CannotSettle::Shape);
        }
        if members == 0 || members > MAX_MEMBERS {
            return Err(CannotSettle::Shape);
        }
        if spread_fen % 2 != 0 || !(0..=MAX_SPREAD_FEN).contains(&spread_fen) {
            return Err(CannotSettle::OddSpread(spread_fen));
        }
        let out = |&stake: &i64| !(0..=MAX_STAKE_FEN).contains(&stake);
        if let Some(member) = stakes.iter().position(out) {
            return Err(CannotSettle::Stake { member, stake: stakes[member] });
        }
        if let Some(member) = scores.iter().position(|&score| score > 10_000) {
            return Err(CannotSettle::Score { member, score: scores[member] });
        }
        if ranks.iter().all(|&rank| rank == 0) {
            return Ok(false);
        }
        self.seen.clear();
        self.seen.resize(members, false);
        for (member, &rank) in ranks.iter().enumerate() {
            // A missing rank wraps to the greatest place, which no group has.
            let place = rank.wrapping_sub(1) as usize;
            match self.seen.get_mut(place) {
                Some(seen) if !*seen => *seen = true,
                _ => {
                    return Err(CannotSettle::Rank { member, rank, members });
                }
            }
        }
        Ok(true)
    }
}

fn weight(group: &Group<'_>) -> i128 {
    let products = group.stakes.iter().zip(group.scores);
    products.map(|(&stake, &score)| i128::from(stake * i64::from(score))).sum()
}

/// S·W, the difference of the greatest and the least s·(P·c − W).
fn range(group: &Group<'_>, pool_fen: i64, weight: i128) -> i128 {
    let (mut least, mut greatest) = (i128::MAX, i128::MIN);
    for i in 0..group.stakes.len() {
        let deviation = deviation(group, pool_fen, weight, i);
        least = least.min(deviation);
        greatest = greatest.max(deviation);
    }
    greatest - least
}

/// s·(P·c − W): what member `i` gains or loses before stretching, times W.
fn deviation(group: &Group<'_>, pool_fen: i64, weight: i128, i: usize) -> i128 {
    let (stake, score) = (i128::from(group.stakes[i]), i128::from(group.scores[i]));
    stake * (i128::from(pool_fen) * score - weight)
}

/// The exact share of member `i` as numerator and denominator, of a settled group of n ≥ 2.
pub(super) fn exact(outcome: &Outcome, group: &Group<'_>, i: usize) -> (i128, i128) {
    let Outcome { pool_fen, weight, .. } = *outcome;
    let stake = i128::from(group.stakes[i]);
    match outcome.stretch {
        Stretch::None | Stretch::Alone => {
            let numerator = i128::from(pool_fen) * stake * i128::from(group.scores[i]);
            (numerator, weight)
        }
        Stretch::By { range, spread_fen } => {
            let deviation = deviation(group, pool_fen, weight, i);
            (stake * range + i128::from(spread_fen) * deviation, range)
        }
        Stretch::Ranked { spread_fen } => {
            let members = outcome.members as i128;
            let denominator = 2 * (members - 1);
            let place = members + 1 - 2 * i128::from(group.ranks[i]);
            (stake * denominator + i128::from(spread_fen) * place, denominator)
        }
    }
}

/// Floor and remainder of a share that is not negative.
fn divide(numerator: i128, denominator: i128) -> (i64, i128) {
    let whole = |floor: i128| i64::try_from(floor).expect("a share is no more than the pool");
    // Most groups fit 64 bits, where a division takes a fraction of the time.
    if let (Ok(n), Ok(d)) = (u64::try_from(numerator), u64::try_from(denominator)) {
        (whole(i128::from(n / d)), i128::from(n % d))
    } else {
        let floor = numerator / denominator;
        (whole(floor), numerator - floor * denominator)
    }
}
