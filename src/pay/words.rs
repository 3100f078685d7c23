//! Amounts, scores and fractions as the pages of this room write them.

use jiff::civil::Date;
use policy::Month;
use policy::pay::Fraction;
use policy::values::{GroupBounds, PayClass};

/// Fen as yuan: 1,234.56.
pub(super) fn yuan(fen: i64) -> String {
    policy::money::yuan(fen)
}

/// A reward or penalty: +110.23, −12.50, 0.00.
pub(super) fn signed(fen: i64) -> String {
    let amount = policy::money::yuan(fen.saturating_abs());
    match fen {
        1.. => format!("+{amount}"),
        0 => amount,
        _ => format!("−{amount}"),
    }
}

/// The colour of a reward or penalty.
pub(super) fn tone(fen: i64) -> &'static str {
    match fen {
        1.. => "gain",
        0 => "",
        _ => "loss",
    }
}

/// Basis points as a score: 98.50.
pub(super) fn score(bp: u16) -> String {
    format!("{}.{:02}", bp / 100, bp % 100)
}

/// A fraction of fen as yuan to a hundred-thousandth of a fen, and whether more would follow.
pub(super) fn exact_yuan(fen: &Fraction) -> String {
    decimal(fen.numerator, fen.denominator, 2, 7)
}

/// A plain fraction as a decimal of six places.
pub(super) fn factor(fraction: &Fraction) -> String {
    decimal(fraction.numerator, fraction.denominator, 0, 6)
}

/// `numerator / denominator / 10^shift` with thousands and so many places, cut off with … where it does not end there.
fn decimal(numerator: i128, denominator: i128, shift: usize, places: usize) -> String {
    let sign = if numerator < 0 { "−" } else { "" };
    let mut rest = numerator.unsigned_abs();
    let denominator = denominator.unsigned_abs().max(1);
    let mut digits = (rest / denominator).to_string();
    rest %= denominator;
    for _ in shift..places {
        rest *= 10;
        digits.push(char::from_digit(u32::try_from(rest / denominator).unwrap_or(0), 10).unwrap_or('0'));
        rest %= denominator;
    }
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let mut grouped = String::with_capacity(whole.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let more = if rest == 0 { "" } else { "…" };
    format!("{sign}{grouped}.{part}{more}")
}

/// 2026 年 11 月.
pub(super) fn month_words(month: Month) -> String {
    format!("{} 年 {} 月", month.year(), month.number())
}

/// 2026年11月, as papers have it.
pub(super) fn month_on_paper(month: Month) -> String {
    format!("{}年{}月", month.year(), month.number())
}

/// 11 月 5 日.
pub(super) fn day(date: Date) -> String {
    format!("{} 月 {} 日", date.month(), date.day())
}

/// The classes that form one group over the whole county, which the county's own run settles.
pub(super) fn county_classes(classes: &[PayClass]) -> String {
    let names: Vec<&str> =
        classes.iter().filter(|class| class.group == GroupBounds::County).map(|class| class.name.as_str()).collect();
    names.join("、")
}

/// So many of so many as a percentage: 91.5%.
pub(super) fn percent(done: usize, of: usize) -> String {
    if of == 0 {
        return "—".to_owned();
    }
    let per_mille = (done * 2_000 + of) / (of * 2);
    format!("{}.{}%", per_mille / 10, per_mille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_fen_are_cut_off_and_say_so() {
        let fen = |numerator, denominator| exact_yuan(&Fraction { numerator, denominator });
        assert_eq!(fen(91_023, 1), "910.2300000");
        assert_eq!(fen(1_000_250, 11), "909.3181818…");
        assert_eq!(fen(15_000_000, 121), "1,239.6694214…");
        assert_eq!(fen(1, 2), "0.0050000");
        assert_eq!(fen(-1, 3), "−0.0033333…");
        assert_eq!(factor(&Fraction { numerator: 30_000, denominator: 22_000 }), "1.363636…");
    }

    #[test]
    fn rewards_and_penalties_carry_their_sign() {
        assert_eq!([signed(11_023), signed(0), signed(-1_250)], ["+110.23", "0.00", "−12.50"]);
        assert_eq!((score(9_850), score(10_000), score(5)), ("98.50".into(), "100.00".into(), "0.05".into()));
    }
}
