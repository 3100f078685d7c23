//! The stake (扣入) of one person for one month (PAY 1).

use super::Amounts;
use super::settle::MAX_STAKE_FEN;
use crate::period::Month;
use crate::values::StakeRow;

/// Why a stake cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotStake {
    /// A share of the allowance needs the allowance.
    #[error("按津补贴比例扣入，但没有当月津补贴")]
    NoAllowance,
    /// Negative, or beyond what the settlement takes.
    #[error("{fen}分不在0至10000000000分之间")]
    OutOfBounds {
        /// The amount.
        fen: i64,
    },
    /// Parts of the month without a day between them.
    #[error("各段天数合计为0，扣入无从分摊")]
    NoDays,
}

/// What a person whose class has the row `row` puts in for `month`, in fen.
///
/// Settlement is monthly for everybody (逐月兑现): of a sum named per quarter each month carries a
/// third. `allowance_fen` is the month's 津补贴; a fixed sum stands in place of the share, so it is
/// read for `others` only.
pub fn stake(amounts: &Amounts, row: StakeRow, month: Month, allowance_fen: Option<i64>) -> Result<i64, CannotStake> {
    match row {
        StakeRow::Leaders => Ok(thirds(amounts.leaders_quarter_fen)[month.place_in_quarter()]),
        StakeRow::UnitHeads => Ok(amounts.unit_heads_month_fen),
        StakeRow::Others => {
            let fen = bounded(allowance_fen.ok_or(CannotStake::NoAllowance)?)?;
            // At most 10^10 x 10^4: far within an i64.
            Ok((fen * i64::from(amounts.others_share_bp) + 5_000) / 10_000)
        }
    }
}

/// A quarter's sum over its three months, odd fen in the earlier ones: 200,000 is 66,667, 66,667 and
/// 66,666.
pub fn thirds(fen: i64) -> [i64; 3] {
    let odd = fen.rem_euclid(3);
    let third = fen.div_euclid(3);
    [third + i64::from(odd > 0), third + i64::from(odd > 1), third]
}

/// Calendar days of the month that a person spent in one group, or out of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// How many calendar days.
    pub days: u8,
    /// The stake of the whole month in the class of this part, in fen; 0 for days out of service.
    pub stake_fen: i64,
}

/// The stake of each part of a month in which a person joined, left or changed class or unit.
///
/// `parts` covers the month in order. A part's ideal stake is its class's stake for the month times
/// its share of the days; what the parts sum to is rounded half up, and they get whole fen by the
/// largest remainder, the earlier part first. If the class does not change, the parts therefore sum to
/// the stake exactly.
pub fn apportion(parts: &[Part]) -> Result<Vec<i64>, CannotStake> {
    let days: i128 = parts.iter().map(|part| i128::from(part.days)).sum();
    if days == 0 {
        return Err(CannotStake::NoDays);
    }
    let mut shares = Vec::with_capacity(parts.len());
    let mut remainders = Vec::with_capacity(parts.len());
    let mut exact = 0;
    for (place, part) in parts.iter().enumerate() {
        // At most 10^10 x 255 a part.
        let product = i128::from(bounded(part.stake_fen)?) * i128::from(part.days);
        exact += product;
        shares.push(whole(product / days));
        remainders.push((product % days, place));
    }
    let total = whole((2 * exact + days) / (2 * days));
    let missing = total - shares.iter().sum::<i64>();
    // The sort is stable, so of equal remainders the earlier part comes first.
    remainders.sort_by_key(|&(remainder, _)| std::cmp::Reverse(remainder));
    for (&(_, place), _) in remainders.iter().zip(0..missing) {
        shares[place] += 1;
    }
    Ok(shares)
}

fn bounded(fen: i64) -> Result<i64, CannotStake> {
    if (0..=MAX_STAKE_FEN).contains(&fen) { Ok(fen) } else { Err(CannotStake::OutOfBounds { fen }) }
}

fn whole(fen: i128) -> i64 {
    i64::try_from(fen).expect("no more than the bounded stakes from which it comes")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::Policy;

    fn amounts() -> Amounts {
        Amounts::on(Policy::published(), date(2010, 12, 1)).unwrap()
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_quarters_stake_is_carried_by_thirds() {
        let stakes =
            ["2010-10", "2010-11", "2010-12"].map(|m| stake(&amounts(), StakeRow::Leaders, month(m), None).unwrap());
        assert_eq!(stakes, [66_667, 66_667, 66_666]);
        assert_eq!(thirds(200_001), [66_667, 66_667, 66_667]);
        assert_eq!(thirds(200_002), [66_668, 66_667, 66_667]);
    }

    #[test]
    fn a_unit_head_puts_in_600_yuan_a_month() {
        assert_eq!(stake(&amounts(), StakeRow::UnitHeads, month("2010-12"), None), Ok(60_000));
    }

    #[test]
    fn everybody_else_puts_in_40_percent_rounded_half_up() {
        let of = |fen| stake(&amounts(), StakeRow::Others, month("2010-12"), Some(fen));
        assert_eq!(of(200_000), Ok(80_000));
        assert_eq!(of(123_456), Ok(49_382)); // 49,382.4
        assert_eq!(of(123_459), Ok(49_384)); // 49,383.6
        assert_eq!(of(1), Ok(0)); // 0.4
        assert_eq!(of(-1), Err(CannotStake::OutOfBounds { fen: -1 }));
        let none = stake(&amounts(), StakeRow::Others, month("2010-12"), None);
        assert_eq!(none, Err(CannotStake::NoAllowance));
    }

    #[test]
    fn a_transfer_divides_the_stake_by_days() {
        let part = |days, stake_fen| Part { days, stake_fen };
        // 80,000 x 10 / 31 = 25,806.45; x 21 / 31 = 54,193.55.
        assert_eq!(apportion(&[part(10, 80_000), part(21, 80_000)]), Ok(vec![25_806, 54_194]));
        // Equal remainders: the odd fen goes to the earlier part.
        assert_eq!(apportion(&[part(15, 80_001), part(15, 80_001)]), Ok(vec![40_001, 40_000]));
        let three = apportion(&[part(10, 100), part(10, 100), part(10, 100)]);
        assert_eq!(three, Ok(vec![34, 33, 33]));
        // Who joins on the 16th of a month of 30 days: the days before are nobody's.
        assert_eq!(apportion(&[part(15, 0), part(15, 60_000)]), Ok(vec![0, 30_000]));
        // From everybody else to unit head: 25,806.45 + 40,645.16 = 66,451.61, so 66,452.
        assert_eq!(apportion(&[part(10, 80_000), part(21, 60_000)]), Ok(vec![25_807, 40_645]));
        assert_eq!(apportion(&[part(0, 5)]), Err(CannotStake::NoDays));
    }
}
