//! The score (得分) of one person for one period, from the plan items that were due in it (PAY 2).
//!
//! A score is a whole number of basis points, 0 to 10,000 (100.00 %). The score that is shown is the
//! score that is used: nothing finer is kept.

use jiff::civil::Date;

/// Full credit and the highest score, in basis points.
pub const FULL: u16 = 10_000;

/// A plan item (预安项) as the settlement sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// How much it counts against the others; 1 unless the plan says otherwise.
    pub weight: u32,
    /// The day on which it was due.
    pub due: Date,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a plan item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Not cancelled so far.
    Open,
    /// 销号: cancelled by the superior.
    Cancelled {
        /// The day of completion, as accounted and accepted at cancellation: a slow superior costs the
        /// owner nothing.
        completed: Date,
        /// The day of the cancellation itself.
        on: Date,
    },
    /// 撤销: withdrawn with the superior's recorded consent.
    Withdrawn,
    /// 顺延: deferred to a later period with the superior's recorded consent.
    Deferred,
}

/// How items are credited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crediting {
    /// The last day on which a cancellation counts for this settlement.
    pub cut_off: Date,
    /// The credit of what was done late and cancelled, in basis points.
    pub late_credit_bp: u16,
}

impl Item {
    /// What the item is credited with, in basis points; nothing if it does not count in this period.
    pub fn credit(&self, crediting: &Crediting) -> Option<u16> {
        match self.fate {
            Fate::Withdrawn | Fate::Deferred => None,
            Fate::Cancelled { completed, on } if on <= crediting.cut_off => {
                Some(if completed <= self.due { FULL } else { crediting.late_credit_bp })
            }
            Fate::Open | Fate::Cancelled { .. } => Some(0),
        }
    }
}

/// What a person's period comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Score {
    /// Scored from at least one item, in basis points.
    Scored(u16),
    /// No item counts and no plan was submitted: scores 0 and is flagged.
    NoPlan,
    /// A plan was submitted, but none of its items counts: not scored, the stake is given back.
    NotScored,
}

impl Score {
    /// The basis points with which the person enters the group; none for who is not in it.
    pub fn basis_points(self) -> Option<u16> {
        match self {
            Self::Scored(bp) => Some(bp),
            Self::NoPlan => Some(0),
            Self::NotScored => None,
        }
    }
}

/// The score from the items that were due in the period.
///
/// Weights of 0 do not count. The sums are exact: a million items of the greatest weight and credit
/// stay far below 2^64.
pub fn score(items: &[Item], plan_submitted: bool, crediting: &Crediting) -> Score {
    let mut weights = 0_u64;
    let mut credits = 0_u64;
    for item in items {
        if let Some(credit) = item.credit(crediting) {
            let weight = u64::from(item.weight);
            weights += weight;
            credits += weight * u64::from(credit.min(FULL));
        }
    }
    match (weights, plan_submitted) {
        (0, true) => Score::NotScored,
        (0, false) => Score::NoPlan,
        _ => {
            // Round half up: floor(x + 1/2) = floor((2 * credits + weights) / (2 * weights)).
            let rounded = (2 * credits + weights) / (2 * weights);
            Score::Scored(u16::try_from(rounded).unwrap_or(FULL))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const CREDITING: Crediting = Crediting { cut_off: date(2026, 12, 5), late_credit_bp: 5_000 };

    fn item(weight: u32, fate: Fate) -> Item {
        Item { weight, due: date(2026, 11, 20), fate }
    }

    fn done(day: i8) -> Fate {
        Fate::Cancelled { completed: date(2026, 11, day), on: date(2026, 12, 4) }
    }

    fn scored(items: &[Item]) -> Score {
        score(items, true, &CREDITING)
    }

    #[test]
    fn on_the_due_date_is_on_time_and_the_day_after_is_late() {
        assert_eq!(scored(&[item(1, done(20))]), Score::Scored(10_000));
        assert_eq!(scored(&[item(1, done(21))]), Score::Scored(5_000));
    }

    #[test]
    fn a_cancellation_counts_until_the_cut_off() {
        let on = |day| Fate::Cancelled { completed: date(2026, 11, 1), on: date(2026, 12, day) };
        assert_eq!(scored(&[item(1, on(5))]), Score::Scored(10_000));
        assert_eq!(scored(&[item(1, on(6))]), Score::Scored(0));
    }

    #[test]
    fn weights_count_and_halves_round_up() {
        // (3 x 10000 + 1 x 0) / 4 = 7500.
        assert_eq!(scored(&[item(3, done(1)), item(1, Fate::Open)]), Score::Scored(7_500));
        // 10000 / 3 = 3333.33; 20000 / 3 = 6666.67; 25000 / 8 = 3125; 5000 / 16 = 312.5.
        assert_eq!(scored(&[item(1, done(1)), item(2, Fate::Open)]), Score::Scored(3_333));
        assert_eq!(scored(&[item(2, done(1)), item(1, Fate::Open)]), Score::Scored(6_667));
        assert_eq!(scored(&[item(1, done(30)), item(15, Fate::Open)]), Score::Scored(313));
    }

    #[test]
    fn withdrawn_and_deferred_items_do_not_count() {
        let items = [item(1, done(1)), item(9, Fate::Withdrawn), item(9, Fate::Deferred)];
        assert_eq!(scored(&items), Score::Scored(10_000));
        assert_eq!(scored(&items[1..]), Score::NotScored);
    }

    #[test]
    fn nobody_is_silently_left_out() {
        assert_eq!(score(&[], false, &CREDITING), Score::NoPlan);
        assert_eq!(score(&[], true, &CREDITING), Score::NotScored);
        assert_eq!(Score::NoPlan.basis_points(), Some(0));
        assert_eq!(Score::NotScored.basis_points(), None);
    }
}
