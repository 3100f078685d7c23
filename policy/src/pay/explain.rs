//! One member's arithmetic, computed when somebody asks for it: no run stores it for everybody.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::settle::{Group, Outcome, State, Stretch, exact};

/// An exact number, in lowest terms, the denominator above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fraction {
    /// Above the line.
    pub numerator: i128,
    /// Below the line.
    pub denominator: i128,
}

impl Fraction {
    /// `numerator` over `denominator`, which is above 0.
    fn new(numerator: i128, denominator: i128) -> Self {
        let (mut a, mut b) = (numerator.abs(), denominator);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let common = a.max(1);
        Self { numerator: numerator / common, denominator: denominator / common }
    }
}

impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

/// How one member's share came about. All amounts are fen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What the member put in (扣入).
    pub stake_fen: i64,
    /// The score, in basis points.
    pub score_bp: u16,
    /// P, what the group put in.
    pub pool_fen: i64,
    /// The share before stretching: P·s·c / W; for one member alone s·c / 10,000.
    pub ideal: Fraction,
    /// D / S, by which every deviation was multiplied; none where there was nothing to stretch.
    pub stretch: Option<Fraction>,
    /// The place in the ranking, where the ranking decided.
    pub rank: Option<u32>,
    /// The share before rounding.
    pub exact: Fraction,
    /// Whole fen of it.
    pub floor_fen: i64,
    /// The fen that rounding added: 0 or 1.
    pub rounding_fen: i64,
    /// What the member gets back (应发).
    pub share_fen: i64,
    /// 奖惩: share less stake.
    pub delta_fen: i64,
}

impl Outcome {
    /// The arithmetic of member `i` of the group that came to this outcome with `shares`.
    ///
    /// None if nothing of the group is decided yet (待评议, 差额不可行), or there is no such member.
    pub fn explain(&self, group: &Group<'_>, shares: &[i64], i: usize) -> Option<Explanation> {
        let decided = matches!(self.state, State::Settled | State::Forfeited);
        let share_fen = *shares.get(i).filter(|_| decided)?;
        let (stake_fen, score_bp) = (*group.stakes.get(i)?, *group.scores.get(i)?);
        let product = i128::from(stake_fen) * i128::from(score_bp);
        let ideal = match self.stretch {
            Stretch::Alone => Fraction::new(product, 10_000),
            _ if self.weight == 0 => Fraction::new(0, 1),
            _ => Fraction::new(i128::from(self.pool_fen) * product, self.weight),
        };
        let (stretch, rank, exact) = match self.stretch {
            Stretch::Alone | Stretch::None => (None, None, ideal),
            Stretch::By { range, spread_fen } => {
                let (numerator, denominator) = exact(self, group, i);
                let factor = Fraction::new(i128::from(spread_fen) * self.weight, range);
                (Some(factor), None, Fraction::new(numerator, denominator))
            }
            Stretch::Ranked { .. } => {
                let (numerator, denominator) = exact(self, group, i);
                (None, group.ranks.get(i).copied(), Fraction::new(numerator, denominator))
            }
        };
        // A share is never negative, so the division is the floor.
        let floor_fen = i64::try_from(exact.numerator / exact.denominator).ok()?;
        Some(Explanation {
            stake_fen,
            score_bp,
            pool_fen: self.pool_fen,
            ideal,
            stretch,
            rank,
            exact,
            floor_fen,
            rounding_fen: share_fen - floor_fen,
            share_fen,
            delta_fen: share_fen - stake_fen,
        })
    }
}
