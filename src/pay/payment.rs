//! What somebody is paid for a month: the share, corrections of earlier months, and what two keys decided on rewards and
//! penalties. Pure.

/// A reward or penalty in the payment of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The decision.
    pub reward: i64,
    /// What was decided, in fen; negative: a penalty.
    pub decided: i64,
    /// What the month pays or takes of it.
    pub taken: i64,
}

impl Line {
    /// What a penalty could not reach, in fen; 0 for a reward.
    pub fn left(&self) -> i64 {
        self.taken - self.decided
    }
}

/// The payment of somebody for a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The lines in the order in which they were decided.
    pub lines: Vec<Line>,
    /// What is paid, in fen; below 0 where corrections take back more than the month gives.
    pub to_pay: i64,
}

/// Adds rewards and takes penalties, each decision with its fen.
///
/// A penalty takes what the month gives and no more: nobody is left with less than nothing by it. What it could not
/// reach is shown as 未扣足 and is not carried into the next month by itself: what a later month owes somebody for that
/// month's work is not withheld without a decision on it (公务员法 art. 84), and two keys can decide again.
pub fn payment(share_fen: i64, corrections_fen: i64, decided: &[(i64, i64)]) -> Payment {
    let rewards: i64 = decided.iter().map(|(_, fen)| (*fen).max(0)).sum();
    let mut left = share_fen + corrections_fen + rewards;
    let mut lines = Vec::with_capacity(decided.len());
    for &(reward, fen) in decided {
        let taken = if fen < 0 { fen.max(-left.max(0)) } else { fen };
        left += taken.min(0);
        lines.push(Line { reward, decided: fen, taken });
    }
    Payment { lines, to_pay: left }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_penalty_takes_what_is_there_and_shows_what_it_could_not_reach() {
        let paid = payment(80_000, 0, &[(1, 20_000), (2, -30_000)]);
        assert_eq!(paid.to_pay, 70_000);
        let reached = payment(80_000, 0, &[(1, -60_000), (2, -50_000)]);
        assert_eq!(reached.to_pay, 0);
        assert_eq!(
            reached.lines.iter().map(|line| (line.taken, line.left())).collect::<Vec<_>>(),
            [(-60_000, 0), (-20_000, 30_000)]
        );
        // A reward that was decided later counts before a penalty takes anything.
        assert_eq!(payment(0, 0, &[(1, -50_000), (2, 20_000)]).to_pay, 0);
        // What a correction takes back is not the penalty's doing.
        let back = payment(0, -4_000, &[(1, -50_000)]);
        assert_eq!((back.to_pay, back.lines[0].left()), (-4_000, 50_000));
    }

    proptest! {
        #[test]
        fn no_penalty_leaves_less_than_nothing_and_no_fen_is_lost(
            share in 0_i64..1_000_000, corrections in -100_000_i64..100_000,
            decided in prop::collection::vec(-300_000_i64..300_000, 0..6),
        ) {
            let decided: Vec<(i64, i64)> = (1..).zip(decided).collect();
            let paid = payment(share, corrections, &decided);
            prop_assert!(paid.to_pay >= (share + corrections).min(0));
            let lines: i64 = paid.lines.iter().map(|line| line.taken).sum();
            prop_assert_eq!(paid.to_pay, share + corrections + lines);
            for line in &paid.lines {
                prop_assert!(line.left() >= 0 && line.taken >= line.decided);
                prop_assert!(line.decided < 0 || line.taken == line.decided);
                prop_assert_eq!(line.decided, line.taken - line.left());
            }
            // Something is left over only where nothing is.
            prop_assert!(paid.lines.iter().all(|line| line.left() == 0) || paid.to_pay <= 0);
        }
    }
}
