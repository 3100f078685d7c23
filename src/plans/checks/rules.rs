//! What is drawn, and what may be said of it. Pure.

use jiff::civil::Date;

use crate::secrets::{hex, sm3};

/// Why nothing is drawn, checked or upheld; the text is for the person who tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotCheck {
    /// Of that unit and month there is a seed.
    #[error("这个单位这个月已经定过种子，不能重定")]
    Seeded,
    /// The month has not begun.
    #[error("这个月还没有开始，没有可以抽查的")]
    NotBegun,
    /// Drawn by that seed.
    #[error("已经按种子抽过，不能重抽")]
    Drawn,
    /// Nothing was cancelled.
    #[error("这个单位这个月还没有销号的预安项")]
    Nothing,
    /// The result stands.
    #[error("这一项已经记过抽查结果")]
    Checked,
    /// The checker's own item, or one that he or she cancelled.
    #[error("自己的预安项、自己销的号由别人抽查")]
    Own,
    /// A day in the future, or before the drawing.
    #[error("抽查日期不能晚于今天，也不能早于抽取的 {0}")]
    ImpossibleDay(Date),
    /// What the superior would uphold was not doubted, or is reversed.
    #[error("这一项没有等您决定的抽查结果")]
    NotDoubted,
    /// Not the superior of the item's owner, or its owner.
    #[error("由责任人的上级决定维持还是撤回销号")]
    NotSuperior,
}

/// What decides an item's place in a drawing, as pages show it: the first sixteen digits of SM3 of seed, stroke, number.
pub fn lot(seed: &str, number: &str) -> String {
    hex(&sm3(&[seed.as_bytes(), b"/", number.as_bytes()])[..8])
}

/// Which of these numbers a seed draws: those with the smallest lots, as many as the share of ten thousand rounds up to,
/// in the order of their numbers. The same seed and numbers draw the same, whoever draws.
pub fn draw<'a>(seed: &str, numbers: &[&'a str], share_bp: i64) -> Vec<&'a str> {
    let share = usize::try_from(share_bp.clamp(0, 10_000)).unwrap_or_default();
    let size = (numbers.len() * share).div_ceil(10_000);
    let mut lots: Vec<(String, &str)> = numbers.iter().map(|number| (lot(seed, number), *number)).collect();
    lots.sort_unstable();
    let mut drawn: Vec<&str> = lots.into_iter().take(size).map(|(_, number)| number).collect();
    drawn.sort_unstable();
    drawn
}

/// Whether a checker writes down what was seen on a day of an item with that owner, cancelled by `cancelled_by`.
pub fn check(
    by: i64,
    (owner, cancelled_by): (i64, i64),
    checked: bool,
    (drawn_on, on): (Date, Date),
    today: Date,
) -> Result<(), CannotCheck> {
    match () {
        () if by == owner || by == cancelled_by => Err(CannotCheck::Own),
        () if checked => Err(CannotCheck::Checked),
        () if on > today || on < drawn_on => Err(CannotCheck::ImpossibleDay(drawn_on)),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_drawing_is_the_same_for_the_same_seed_in_whatever_order_and_rounds_up() {
        let numbers: Vec<String> = (1..=41).map(|n| format!("攸预〔2026〕12-{n:04}号")).collect();
        let mut numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let drawn = draw("seed", &numbers, 500);
        assert_eq!(drawn.len(), 3, "a twentieth of 41");
        numbers.reverse();
        assert_eq!(drawn, draw("seed", &numbers, 500));
        assert_ne!(drawn, draw("another", &numbers, 500));
        assert_eq!(draw("seed", &numbers[..1], 1).len(), 1);
        assert!(draw("seed", &[], 500).is_empty() && draw("seed", &numbers, 0).is_empty());
        // With a calculator: SM3 of "seed/甲".
        assert_eq!(lot("seed", "甲"), hex(&sm3(&["seed/甲".as_bytes()])[..8]));
    }

    #[test]
    fn nobody_checks_what_is_his_own() {
        let day = date(2027, 1, 8);
        let may = |by, checked, on| check(by, (1, 2), checked, (date(2027, 1, 6), on), day);
        assert_eq!(may(3, false, day), Ok(()));
        assert_eq!(may(1, false, day), Err(CannotCheck::Own));
        assert_eq!(may(2, false, day), Err(CannotCheck::Own));
        assert_eq!(may(3, true, day), Err(CannotCheck::Checked));
        assert_eq!(may(3, false, date(2027, 1, 9)), Err(CannotCheck::ImpossibleDay(date(2027, 1, 6))));
        assert_eq!(may(3, false, date(2027, 1, 5)), Err(CannotCheck::ImpossibleDay(date(2027, 1, 6))));
    }
}
