//! A known sum spread over many, as chance would have it.

use crate::demo::random::Random;

/// The most that one of the many gets.
const MOST: usize = 5;

/// Spreads `total` over `slots`: about evenly, some with more and some with none.
pub(super) fn share(random: &mut Random, slots: usize, total: usize) -> Vec<usize> {
    let mut shares = vec![total / slots; slots];
    let mut order: Vec<usize> = (0..slots).collect();
    random.shuffle(&mut order);
    for slot in order.iter().take(total % slots) {
        shares[*slot] += 1;
    }
    for _ in 0..slots / 4 {
        let (from, to) = (random.below(slots), random.below(slots));
        if from != to && shares[from] > 0 && shares[to] < MOST {
            shares[from] -= 1;
            shares[to] += 1;
        }
    }
    shares
}

/// Which of `total` are among `chosen` of them, in any order.
pub(super) fn choose(random: &mut Random, total: usize, chosen: usize) -> Vec<bool> {
    let mut marks = vec![true; chosen.min(total)];
    marks.resize(total, false);
    random.shuffle(&mut marks);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_kept_and_not_everybody_gets_the_same() {
        let mut random = Random::of(1, "share");
        for (slots, total) in [(228, 548), (4_092, 6_879), (7, 3)] {
            let shares = share(&mut random, slots, total);
            assert_eq!((shares.len(), shares.iter().sum::<usize>()), (slots, total));
            assert!(shares.iter().any(|share| *share != shares[0]) && shares.iter().all(|share| *share <= MOST));
        }
        let chosen = choose(&mut random, 548, 28);
        assert_eq!((chosen.len(), chosen.iter().filter(|one| **one).count()), (548, 28));
        assert!(chosen[..28].iter().any(|one| !one), "{chosen:?}");
    }
}
