//! The demo's own small source of chance: the same seed and day give the same county on every machine.

/// splitmix64 (Steele, Lea and Flood 2014). For invented people only: nothing secret comes from here.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// A stream for one purpose: what one file draws does not move what another draws.
    pub(super) fn of(seed: u64, purpose: &str) -> Self {
        // FNV-1a, so that the stream depends on every letter.
        let mixed = purpose
            .bytes()
            .fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to `n` − 1; 0 where there is no choice.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let n = n.max(1) as u64;
        // The high half of the product: without the bias of a remainder that anybody could see.
        usize::try_from((u128::from(self.next()) * u128::from(n)) >> 64).expect("below n")
    }

    /// From `low` to `high`, both included.
    pub(super) fn within(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(usize::try_from(high - low + 1).unwrap_or(1)) as i64
    }

    /// True `permille` times in a thousand.
    pub(super) fn chance(&mut self, permille: usize) -> bool {
        self.below(1_000) < permille
    }

    /// One of them.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// One of them, the heavier the likelier.
    pub(super) fn weighed<'a, T>(&mut self, of: &'a [(T, usize)]) -> &'a T {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        for (item, weight) in of {
            if left < *weight {
                return item;
            }
            left -= weight;
        }
        &of[0].0
    }

    /// Puts them in another order.
    pub(super) fn shuffle<T>(&mut self, of: &mut [T]) {
        for at in (1..of.len()).rev() {
            of.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix64_gives_the_published_values() {
        // The reference sequence for seed 1234567.
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_purpose_has_a_stream_of_its_own() {
        assert_ne!(Random::of(1, "a").next(), Random::of(1, "b").next());
        assert_eq!(Random::of(1, "a").next(), Random::of(1, "a").next());
    }

    #[test]
    fn every_value_of_a_range_comes_up_and_none_beyond() {
        let mut random = Random::of(7, "range");
        let seen: std::collections::BTreeSet<i64> = (0..1_000).map(|_| random.within(-1, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-1, 0, 1, 2]);
    }

    #[test]
    fn shuffling_keeps_everybody() {
        let mut people: Vec<u32> = (0..50).collect();
        Random::of(3, "shuffle").shuffle(&mut people);
        assert_ne!(people, (0..50).collect::<Vec<_>>());
        people.sort_unstable();
        assert_eq!(people, (0..50).collect::<Vec<_>>());
    }
}
