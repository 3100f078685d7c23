//! What holds of every settlement, whatever the stakes and scores.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use policy::pay::{Group, Outcome, Settler, State, Stretch};
use proptest::prelude::*;

const SPREAD: i64 = 30_000;

#[derive(Debug, Clone)]
struct Member {
    stake: i64,
    score: u16,
    rank: u32,
    official: String,
}

fn settle(members: &[Member], waived: bool) -> (Outcome, Vec<i64>) {
    let stakes: Vec<i64> = members.iter().map(|m| m.stake).collect();
    let scores: Vec<u16> = members.iter().map(|m| m.score).collect();
    let ranks: Vec<u32> = members.iter().map(|m| m.rank).collect();
    let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived };
    let mut shares = vec![0; members.len()];
    let official = |i: usize| members[i].official.as_bytes();
    let outcome = Settler::new().settle(&group, SPREAD, official, &mut shares).unwrap();
    if outcome.state == State::Settled {
        for i in 0..members.len() {
            let why = outcome.explain(&group, &shares, i).unwrap();
            assert!((0..=1).contains(&why.rounding_fen), "{why:?}");
            assert_eq!(why.floor_fen + why.rounding_fen, shares[i]);
        }
    }
    (outcome, shares)
}

fn stakes() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0..200_000_i64,
        2 => Just(80_000),
        1 => Just(60_000),
        1 => 0..=10_000_000_000_i64,
    ]
}

fn scores() -> impl Strategy<Value = u16> {
    prop_oneof![4 => 0..=10_000_u16, 4 => 9_000..=9_010_u16, 2 => Just(10_000), 1 => Just(0)]
}

/// Members with distinct numbers and a full ranking in some order.
fn members() -> impl Strategy<Value = Vec<Member>> {
    prop::collection::vec((stakes(), scores()), 2..40).prop_flat_map(with_ranks)
}

/// A group whose scores tell nobody apart: equal, or of members without a stake.
fn equal_members() -> impl Strategy<Value = Vec<Member>> {
    let member = prop_oneof![
        4 => (15_000..100_000_i64).prop_map(|stake| (stake, 9_000)),
        1 => scores().prop_map(|score| (0, score)),
    ];
    prop::collection::vec(member, 2..40).prop_flat_map(with_ranks)
}

fn with_ranks(rows: Vec<(i64, u16)>) -> impl Strategy<Value = Vec<Member>> {
    let ranks: Vec<u32> = (1_u32..).take(rows.len()).collect();
    (Just(rows), Just(ranks).prop_shuffle()).prop_map(|(rows, ranks)| {
        let numbered = rows.into_iter().zip(ranks).enumerate();
        numbered
            .map(|(i, ((stake, score), rank))| Member {
                stake,
                score,
                rank,
                official: format!("{:x}", i * 7_919 % 997),
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_pool_is_conserved_to_the_fen(members in members(), waived in any::<bool>()) {
        let (outcome, shares) = settle(&members, waived);
        if outcome.state == State::Settled {
            prop_assert_eq!(shares.iter().sum::<i64>(), members.iter().map(|m| m.stake).sum::<i64>());
            prop_assert_eq!(outcome.forfeited_fen, 0);
            prop_assert!(shares.iter().all(|&share| share >= 0));
        }
    }

    #[test]
    fn the_spread_is_reached(members in prop_oneof![members(), equal_members()]) {
        let (outcome, shares) = settle(&members, false);
        if outcome.state == State::Settled {
            let deltas = || shares.iter().zip(&members).map(|(share, m)| share - m.stake);
            prop_assert!(deltas().max().unwrap() - deltas().min().unwrap() >= SPREAD);
        }
    }

    #[test]
    fn of_equal_stakes_the_higher_score_gets_no_less(members in members()) {
        let (outcome, shares) = settle(&members, true);
        if outcome.state == State::Settled && !matches!(outcome.stretch, Stretch::Ranked { .. }) {
            for (a, share_a) in members.iter().zip(&shares) {
                for (b, share_b) in members.iter().zip(&shares) {
                    if a.stake == b.stake && a.score > b.score {
                        prop_assert!(share_a >= share_b, "{a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter((members, shuffled) in members().prop_flat_map(|m| (Just(m.clone()), Just(m).prop_shuffle()))) {
        let (one, shares) = settle(&members, false);
        let (two, other) = settle(&shuffled, false);
        prop_assert_eq!(one, two);
        for (member, share) in members.iter().zip(&shares) {
            let place = shuffled.iter().position(|m| m.official == member.official).unwrap();
            prop_assert_eq!(*share, other[place]);
        }
    }

    /// A settler keeps its working memory between groups: what it settled before leaves no trace.
    #[test]
    fn what_was_settled_before_leaves_no_trace(before in members(), members in prop_oneof![members(), equal_members()]) {
        let mut settler = Settler::new();
        let settle_with = |settler: &mut Settler, members: &[Member]| {
            let stakes: Vec<i64> = members.iter().map(|m| m.stake).collect();
            let scores: Vec<u16> = members.iter().map(|m| m.score).collect();
            let ranks: Vec<u32> = members.iter().map(|m| m.rank).collect();
            let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived: false };
            let mut shares = vec![0; members.len()];
            let outcome = settler.settle(&group, SPREAD, |i| members[i].official.as_bytes(), &mut shares).unwrap();
            (outcome, shares)
        };
        settle_with(&mut settler, &before);
        prop_assert_eq!(settle_with(&mut settler, &members), settle(&members, false));
    }

    #[test]
    fn a_ranking_spreads_equal_scores_in_its_order(members in equal_members()) {
        let (outcome, shares) = settle(&members, false);
        if outcome.state == State::Settled {
            let mut by_rank: Vec<_> = members.iter().zip(&shares).map(|(m, share)| (m.rank, share - m.stake)).collect();
            by_rank.sort_unstable();
            prop_assert!(by_rank.is_sorted_by(|a, b| a.1 >= b.1));
        }
    }
}

#[test]
fn the_greatest_group_stays_within_128_bits() {
    // Ten million rows of the greatest stake and the greatest spread, one score a basis point below the
    // others: the stretched case, whose products are the greatest. Overflow would panic here.
    let n = 10_000_000;
    let stakes = vec![10_000_000_000_i64; n];
    let mut scores = vec![10_000_u16; n];
    scores[0] = 9_999;
    let mut shares = vec![0; n];
    let group = Group { stakes: &stakes, scores: &scores, ranks: &[], waived: false };
    let outcome = Settler::new().settle(&group, 10_000_000, |_| b"".as_slice(), &mut shares).unwrap();
    assert_eq!(outcome.state, State::Settled);
    assert!(matches!(outcome.stretch, Stretch::By { .. }));
    assert_eq!(shares.iter().sum::<i64>(), outcome.pool_fen);
}
