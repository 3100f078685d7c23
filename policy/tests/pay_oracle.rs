//! PAY.md worked out a second time, in the plainest way and with fractions, and held against the settlement: whoever
//! changes the one has to find the other's agreement.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::cmp::Ordering;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::pay::{Group, Part, Settler, State, Stretch, apportion};
use policy::score::{Crediting, Fate, Item, Score, score};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// D, in fen.
const D: i64 = 30_000;

/// A fraction in lowest terms with a denominator above 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frac {
    over: i128,
    under: i128,
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

impl Frac {
    fn new(over: i128, under: i128) -> Self {
        let common = gcd(over, under).max(1) * under.signum();
        Self { over: over / common, under: under / common }
    }
    fn whole(number: i64) -> Self {
        Self::new(i128::from(number), 1)
    }
    fn plus(self, other: Self) -> Self {
        Self::new(self.over * other.under + other.over * self.under, self.under * other.under)
    }
    fn minus(self, other: Self) -> Self {
        self.plus(Self::new(-other.over, other.under))
    }
    fn times(self, other: Self) -> Self {
        // Crosswise first, so that the products stay small.
        let (one, two) = (Self::new(self.over, other.under), Self::new(other.over, self.under));
        Self::new(one.over * two.over, one.under * two.under)
    }
    fn upside_down(self) -> Self {
        Self::new(self.under, self.over)
    }
    fn floor(self) -> i64 {
        i64::try_from(self.over.div_euclid(self.under)).unwrap()
    }
    fn rest(self) -> Self {
        self.minus(Self::whole(self.floor()))
    }
    fn half_up(self) -> i64 {
        self.plus(Self::new(1, 2)).floor()
    }
    fn cmp(self, other: Self) -> Ordering {
        (self.over * other.under).cmp(&(other.over * self.under))
    }
}

/// Row of a spreadsheet: stake, score, rank, number.
type Member = (i64, u16, u32, String);

/// What sections 3 to 6 say of a group; ranks are 0 where there are none.
fn by_hand(group: &[Member], waived: bool) -> (State, Vec<i64>) {
    let n = i64::try_from(group.len()).unwrap();
    if n == 1 {
        let (stake, score, ..) = &group[0];
        return (State::Settled, vec![Frac::whole(*stake).times(Frac::new(i128::from(*score), 10_000)).half_up()]);
    }
    let pool = Frac::whole(group.iter().map(|(stake, ..)| *stake).sum());
    let weight: i128 = group.iter().map(|(stake, score, ..)| i128::from(*stake) * i128::from(*score)).sum();
    if weight == 0 {
        return (State::Forfeited, vec![0; group.len()]);
    }
    let ideal: Vec<Frac> = group
        .iter()
        .map(|(stake, score, ..)| pool.times(Frac::new(i128::from(*stake) * i128::from(*score), weight)))
        .collect();
    let delta: Vec<Frac> =
        ideal.iter().zip(group).map(|(share, (stake, ..))| share.minus(Frac::whole(*stake))).collect();
    let most = *delta.iter().max_by(|a, b| a.cmp(**b)).unwrap();
    let least = *delta.iter().min_by(|a, b| a.cmp(**b)).unwrap();
    let spread = most.minus(least);
    let mut ranked = false;
    let delta: Vec<Frac> = if spread.over == 0 {
        if group.iter().any(|(.., rank, _)| *rank == 0) {
            return (State::Undecided, Vec::new());
        }
        ranked = true;
        let step = Frac::new(1, i128::from(n - 1)).times(Frac::whole(D));
        group.iter().map(|(.., rank, _)| Frac::new(i128::from(n + 1 - 2 * i64::from(*rank)), 2).times(step)).collect()
    } else if spread.cmp(Frac::whole(D)) == Ordering::Less {
        delta.iter().map(|one| one.times(Frac::whole(D)).times(spread.upside_down())).collect()
    } else {
        delta
    };
    let mut exact: Vec<Frac> =
        delta.iter().zip(group).map(|(one, (stake, ..))| one.plus(Frac::whole(*stake))).collect();
    if exact.iter().any(|share| share.over < 0) {
        if !waived {
            return (State::Infeasible, Vec::new());
        }
        exact = ideal;
    }
    let mut fens: Vec<i64> = exact.iter().map(|share| share.floor()).collect();
    let mut order: Vec<usize> = (0..group.len()).collect();
    order.sort_by(|&a, &b| {
        let (one, other) = (&group[a], &group[b]);
        let by_rank = if ranked { one.2.cmp(&other.2) } else { Ordering::Equal };
        exact[b].rest().cmp(exact[a].rest()).then(other.1.cmp(&one.1)).then(by_rank).then(one.3.cmp(&other.3))
    });
    let left = group.iter().map(|(stake, ..)| *stake).sum::<i64>() - fens.iter().sum::<i64>();
    for place in order.into_iter().take(usize::try_from(left).unwrap()) {
        fens[place] += 1;
    }
    (State::Settled, fens)
}

/// Groups as counties have them and as they do not: equal scores, a basis point apart, without a stake, with and
/// without ranks.
fn groups() -> impl Strategy<Value = Vec<Member>> {
    let stake = prop_oneof![5 => 0..200_000_i64, 3 => Just(80_000), 1 => 0..40_i64, 1 => Just(0)];
    let score = prop_oneof![3 => 0..=10_000_u16, 3 => 9_000..=9_003_u16, 3 => Just(9_000), 1 => Just(0)];
    let equal = (prop_oneof![Just(0_u16), Just(9_000), Just(10_000)], prop::collection::vec(10_000..100_000_i64, 1..9))
        .prop_map(|(score, stakes)| stakes.into_iter().map(|stake| (stake, score)).collect::<Vec<_>>());
    prop_oneof![3 => prop::collection::vec((stake, score), 1..12), 1 => equal].prop_flat_map(|rows| {
        let ranks: Vec<u32> = (1_u32..).take(rows.len()).collect();
        (Just(rows), Just(ranks).prop_shuffle(), any::<bool>()).prop_map(|(rows, ranks, with)| {
            let numbered = rows.into_iter().zip(ranks).enumerate();
            let member = |(i, ((stake, score), rank)): (usize, ((i64, u16), u32))| {
                (stake, score, if with { rank } else { 0 }, format!("{:x}", i * 7_919 % 997))
            };
            numbered.map(member).collect()
        })
    })
}

fn settled(group: &[Member], waived: bool) -> (policy::pay::Outcome, Vec<i64>) {
    let stakes: Vec<i64> = group.iter().map(|member| member.0).collect();
    let scores: Vec<u16> = group.iter().map(|member| member.1).collect();
    let ranks: Vec<u32> = group.iter().map(|member| member.2).collect();
    let of = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived };
    let mut fens = vec![0; group.len()];
    let outcome = Settler::new().settle(&of, D, |i| group[i].3.as_bytes(), &mut fens).unwrap();
    (outcome, fens)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_settlement_is_what_the_rule_gives_by_hand(group in groups(), waived in any::<bool>()) {
        let (state, fens) = by_hand(&group, waived);
        let (outcome, shares) = settled(&group, waived);
        prop_assert_eq!(outcome.state, state);
        if matches!(state, State::Settled | State::Forfeited) {
            prop_assert_eq!(&shares, &fens);
            let staked: i64 = group.iter().map(|(stake, ..)| *stake).sum();
            prop_assert_eq!(outcome.forfeited_fen, staked - fens.iter().sum::<i64>());
        } else {
            prop_assert!(shares.iter().all(|fen| *fen == 0), "nothing is given out of an open group");
        }
    }

    /// Of any two members the deviations stand in the proportion in which the scores put them, to the fen.
    #[test]
    fn everybody_is_stretched_by_one_factor(group in groups()) {
        let (outcome, shares) = settled(&group, false);
        if let (State::Settled, Stretch::By { range, spread_fen }) = (outcome.state, outcome.stretch) {
            let factor = Frac::new(i128::from(spread_fen) * outcome.weight, range);
            prop_assert!(factor.cmp(Frac::whole(1)) == Ordering::Greater);
            for ((stake, score, ..), share) in group.iter().zip(&shares) {
                let ideal = Frac::new(i128::from(outcome.pool_fen) * i128::from(*stake) * i128::from(*score), outcome.weight);
                let exact = ideal.minus(Frac::whole(*stake)).times(factor).plus(Frac::whole(*stake));
                let off = Frac::whole(*share).minus(exact);
                prop_assert!(off.over.abs() < off.under, "{off:?}");
            }
        }
    }

    #[test]
    fn parts_of_a_month_sum_to_the_stake_and_the_earlier_gets_the_odd_fen(
        days in prop::collection::vec(0..12_u8, 1..6),
        stakes in prop::collection::vec(0..300_000_i64, 6),
        one_class in any::<bool>(),
    ) {
        let total: i128 = days.iter().map(|days| i128::from(*days)).sum();
        prop_assume!(total > 0);
        let parts: Vec<Part> = days
            .iter()
            .zip(&stakes)
            .map(|(days, stake)| Part { days: *days, stake_fen: if one_class { stakes[0] } else { *stake } })
            .collect();
        let fens = apportion(&parts).unwrap();
        let exact: Vec<Frac> = parts
            .iter()
            .map(|part| Frac::whole(part.stake_fen).times(Frac::new(i128::from(part.days), total)))
            .collect();
        let sum = exact.iter().fold(Frac::whole(0), |sum, one| sum.plus(*one)).half_up();
        prop_assert_eq!(fens.iter().sum::<i64>(), sum);
        if one_class {
            prop_assert_eq!(sum, stakes[0]);
        }
        for (fen, exact) in fens.iter().zip(&exact) {
            prop_assert!((0..=1).contains(&(fen - exact.floor())), "{fen} of {exact:?}");
        }
        // Who gets an odd fen has the larger remainder, or the same and stands earlier.
        for (i, one) in exact.iter().enumerate().filter(|(i, one)| fens[*i] > one.floor()) {
            for (j, other) in exact.iter().enumerate().filter(|(j, other)| fens[*j] == other.floor()) {
                let order = one.rest().cmp(other.rest());
                prop_assert!(order == Ordering::Greater || (order == Ordering::Equal && i < j), "{i} before {j}");
            }
        }
    }

    #[test]
    fn a_score_is_the_weighted_credit_rounded_half_up(items in prop::collection::vec(item(), 0..12), submitted in any::<bool>()) {
        let counting: Vec<(i128, i128)> = items.iter().filter_map(credited).collect();
        let weights: i128 = counting.iter().map(|(weight, _)| weight).sum();
        let credits: i128 = counting.iter().map(|(weight, credit)| weight * credit).sum();
        let expected = match (weights, submitted) {
            (0, true) => Score::NotScored,
            (0, false) => Score::NoPlan,
            _ => Score::Scored(u16::try_from(Frac::new(credits, weights).half_up()).unwrap()),
        };
        let found = score(&items, submitted, &CREDITING);
        prop_assert_eq!(found, expected);
        prop_assert!(found.basis_points().is_none_or(|bp| bp <= 10_000));
    }

    /// Doing one more thing, or doing it in time, never lowers a score.
    #[test]
    fn a_better_fate_never_lowers_a_score(mut items in prop::collection::vec(item(), 1..12), which in any::<prop::sample::Index>()) {
        let which = which.index(items.len());
        if credited(&items[which]).is_none() {
            items[which].fate = Fate::Open;
        }
        let mut last = score(&items, true, &CREDITING);
        for fate in [fate(Some(1)), fate(Some(0))] {
            let mut better = items.clone();
            better[which].fate = fate;
            if credited(&better[which]) >= credited(&items[which]) {
                let after = score(&better, true, &CREDITING);
                prop_assert!(after.basis_points() >= last.basis_points(), "{last:?} {after:?}");
                last = after;
            }
        }
    }
}

/// The groups above are of every kind, or the comparison would say little.
#[test]
fn the_random_groups_come_to_every_end() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut ends = std::collections::BTreeMap::new();
    for _ in 0..2_000 {
        let group = groups().new_tree(&mut runner).unwrap().current();
        let (outcome, _) = settled(&group, false);
        let stretch = match outcome.stretch {
            Stretch::Alone => "alone",
            Stretch::None => "wide",
            Stretch::By { .. } => "stretched",
            Stretch::Ranked { .. } => "ranked",
        };
        *ends.entry((outcome.state.id(), stretch)).or_insert(0) += 1;
    }
    for end in [("settled", "alone"), ("settled", "wide"), ("settled", "stretched"), ("settled", "ranked")] {
        assert!(ends.get(&end).is_some_and(|count| *count >= 20), "{end:?} of {ends:?}");
    }
    for state in ["forfeited", "undecided", "infeasible"] {
        let count: i32 = ends.iter().filter(|((of, _), _)| *of == state).map(|(_, count)| count).sum();
        assert!(count >= 20, "{state} of {ends:?}");
    }
}

const DUE: Date = date(2026, 11, 20);
const CREDITING: Crediting = Crediting { cut_off: date(2026, 12, 5), late_credit_bp: 5_000 };

/// Cancelled in time, so many days late; or not at all.
fn fate(days_late: Option<i32>) -> Fate {
    days_late.map_or(Fate::Open, |late| Fate::Cancelled { completed: DUE + late.days(), on: date(2026, 12, 5) })
}

fn item() -> impl Strategy<Value = Item> {
    let fates = prop_oneof![
        Just(Fate::Open),
        Just(Fate::Withdrawn),
        Just(Fate::Deferred),
        (-9..9_i32, -9..9_i32).prop_map(|(late, after)| Fate::Cancelled {
            completed: DUE + late.days(),
            on: CREDITING.cut_off + after.days(),
        }),
    ];
    (0..=100_u32, fates).prop_map(|(weight, fate)| Item { weight, due: DUE, fate })
}

/// Weight and credit by section 2; nothing for what does not count.
fn credited(item: &Item) -> Option<(i128, i128)> {
    let credit = match item.fate {
        Fate::Withdrawn | Fate::Deferred => return None,
        Fate::Open => 0,
        Fate::Cancelled { on, .. } if on > CREDITING.cut_off => 0,
        Fate::Cancelled { completed, .. } if completed > item.due => 5_000,
        Fate::Cancelled { .. } => 10_000,
    };
    Some((i128::from(item.weight), credit))
}
