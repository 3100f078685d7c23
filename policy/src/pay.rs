//! Performance pay (绩酬): what each person puts in, and what comes back, to the fen.
//!
//! [`stake`](mod@stake) gives what one person puts into the pool (扣入), [`settle`](mod@settle) divides the pool of one group
//! by the scores, and [`explain`](mod@explain) shows one member's arithmetic, line by line. All money is whole fen,
//! all scores are basis points, every product is an exact integer.

pub mod explain;
pub mod settle;
pub mod stake;

use jiff::civil::Date;

pub use explain::{Explanation, Fraction};
pub use settle::{CannotSettle, Group, Outcome, Settler, State, Stretch};
pub use stake::{CannotStake, Part, apportion, stake, thirds};

use crate::values::{PayClass, Policy, PolicyError};

/// The amounts of performance pay that hold on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// The day since when these very amounts hold, which names the version: 2010-01-01.
    pub version: Date,
    /// The fixed sum of leaders a quarter, in fen.
    pub leaders_quarter_fen: i64,
    /// The fixed sum of unit heads a month, in fen.
    pub unit_heads_month_fen: i64,
    /// The share of the allowance of everybody else, in basis points.
    pub others_share_bp: u16,
    /// The credit of what was done late, in basis points.
    pub late_credit_bp: u16,
    /// The least difference of the highest and the lowest reward or penalty, in fen; even.
    pub min_spread_fen: i64,
}

impl Amounts {
    const KEYS: [&str; 6] = [
        "pay.leaders.quarter_fen",
        "pay.unit_heads.month_fen",
        "pay.others.share_bp",
        "pay.late_credit_bp",
        "pay.min_spread_fen",
        "pay.classes",
    ];

    /// The amounts that hold on `on`, each within the bounds for which the arithmetic is exact.
    pub fn on(policy: &Policy, on: Date) -> Result<Self, PolicyError> {
        let fen = |key, most: i64| {
            let fen = policy.number(key, on)?;
            let wanted = "不为负且在上限之内的分";
            let kind = || PolicyError::Kind { key: String::from(key), wanted };
            if (0..=most).contains(&fen) { Ok(fen) } else { Err(kind()) }
        };
        let bp = |key| {
            let bp = u16::try_from(policy.number(key, on)?).ok().filter(|&bp| bp <= 10_000);
            let kind = || PolicyError::Kind { key: String::from(key), wanted: "0至10000的万分比" };
            bp.ok_or_else(kind)
        };
        let mut version = Date::MIN;
        for key in Self::KEYS {
            version = version.max(policy.row(key, on)?.0);
        }
        let min_spread_fen = fen("pay.min_spread_fen", settle::MAX_SPREAD_FEN)?;
        if min_spread_fen % 2 != 0 {
            let (key, wanted) = ("pay.min_spread_fen".to_owned(), "偶数分");
            return Err(PolicyError::Kind { key, wanted });
        }
        Ok(Self {
            version,
            leaders_quarter_fen: fen("pay.leaders.quarter_fen", settle::MAX_STAKE_FEN)?,
            unit_heads_month_fen: fen("pay.unit_heads.month_fen", settle::MAX_STAKE_FEN)?,
            others_share_bp: bp("pay.others.share_bp")?,
            late_credit_bp: bp("pay.late_credit_bp")?,
            min_spread_fen,
        })
    }
}

/// The class of a person who holds `posts`: the first in the county's order that names one of them,
/// otherwise the last class, which is everybody else.
pub fn class_of<'a>(policy: &'a Policy, on: Date, posts: &[&str]) -> Result<&'a PayClass, PolicyError> {
    let classes = policy.pay_classes(on)?;
    let named = |class: &&PayClass| class.posts.iter().any(|post| posts.contains(&post.as_str()));
    let everybody_else = classes.last().ok_or_else(|| PolicyError::Unknown("pay.classes".into()))?;
    Ok(classes.iter().find(named).unwrap_or(everybody_else))
}
