//! Walks that begin where a dispute is near: what a ruling, a hearing or a recusal in between may bring about.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Clock;
use proptest::collection::vec;
use proptest::prelude::*;

use super::{MONDAY, act, fresh, go, party, walk};
use crate::petitions::rules::{Act, Category, Excluding, Matter, Paper, Part, Party};

const OFFICE: Party = Party { official: Some(90), unit: Some(9) };
const LEAD: Party = Party { official: Some(10), unit: Some(1) };
const HELPER: Party = Party { official: Some(20), unit: Some(2) };
const JUDGE: Party = Party { official: Some(80), unit: Some(8) };

/// An act by whoever's turn it might be, and of the others any.
fn near() -> impl Strategy<Value = (Party, Act, i64)> {
    let words = String::new;
    let turn = prop_oneof![
        3 => Just((LEAD, Act::Object { reason: words() })),
        3 => Just((OFFICE, Act::Refer { reason: words() })),
        1 => Just((OFFICE, Act::TakeBack)),
        2 => Just((HELPER, Act::Deadlock { reason: words() })),
        4 => (1_i64..4).prop_map(move |unit| (JUDGE, Act::Rule { unit, reason: words() })),
        3 => (1_i64..4).prop_map(move |unit| {
            (Party { official: Some(unit * 10), unit: Some(unit) }, Act::Accept { path: words() })
        }),
        2 => (1_i64..4).prop_map(move |unit| {
            (OFFICE, Act::Assign { unit, part: Part::Lead, instruction: words() })
        }),
        2 => (0_i64..9, 0_i64..9).prop_map(move |(from, days)| {
            let from = MONDAY.saturating_add(from.days());
            (OFFICE, Act::Hear { from, to: from.saturating_add(days.days()), reason: words() })
        }),
    ];
    prop_oneof![
        4 => (turn, 0_i64..2).prop_map(|((by, act), days)| (by, act, days)),
        1 => (party(), act(), 0_i64..3),
    ]
}

/// Given to unit 1, which has unit 2 beside it.
fn given(anonymous: bool) -> Matter {
    walk(
        fresh(anonymous),
        MONDAY,
        &[
            (OFFICE, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (OFFICE, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
            (OFFICE, Act::Assign { unit: 2, part: Part::Help, instruction: String::new() }),
        ],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_dispute_loses_a_clock_or_is_decided_by_another_than_the_superior(
        anonymous in prop::bool::weighted(0.2),
        acts in vec(near(), 1..40),
    ) {
        go(given(anonymous), acts)?;
    }
}

/// The walks come by what they are about: otherwise the property above would hold of nothing.
#[test]
fn the_walks_come_by_every_kind_of_ruling_and_by_hearings() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..200 {
        let acts = vec(near(), 30..40).new_tree(&mut runner).unwrap().current();
        let (mut matter, mut today) = (given(false), MONDAY);
        for (by, act, days) in acts {
            today = today.saturating_add(days.days());
            let Ok((next, _)) = matter.after(by, &act, today) else { continue };
            match (&act, matter.dispute) {
                (Act::Rule { unit, .. }, Some(dispute)) => {
                    let stays = matter.lead.is_some_and(|lead| lead.unit == *unit);
                    seen.insert(format!("{}, {}", dispute.kind.word(), if stays { "stays" } else { "goes" }));
                }
                (Act::Hear { .. }, _) => {
                    seen.insert("hearing".to_owned());
                }
                _ => {}
            }
            matter = with_what_the_store_adds(next, today);
        }
    }
    let all = ["deadlock, goes", "deadlock, stays", "hearing", "objection, goes", "objection, stays"];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// A matter as it is read anew: whoever decides its dispute, and the clocks that leave out hearings (here: handling too).
pub(super) fn with_what_the_store_adds(mut matter: Matter, today: Date) -> Matter {
    if let Some(dispute) = &mut matter.dispute {
        dispute.judge = Some(80).filter(|judge| !matter.recused_officials.contains(judge));
    }
    if matter.running.contains(&Clock::Handling) {
        if matter.excludes.is_empty() {
            matter.excludes.push(Excluding { clock: Clock::Handling, since: today, due: None });
        }
    } else {
        matter.excludes.clear();
    }
    matter
}

/// What may stop a clock that runs: its duty was met, or whose duty it was has changed, or there is nobody to tell.
pub(super) fn is_cause(act: &Act, clock: Clock, matter: &Matter) -> bool {
    // Nothing is owed any more to whoever withdrew.
    let owed = [Clock::Registration, Clock::Notice, Clock::Objection, Clock::Handling];
    if matches!(act, Act::Withdraw { .. }) {
        return owed.contains(&clock);
    }
    let code = *act == Act::Acknowledge;
    let served = |papers: &[Paper]| matches!(act, Act::Serve { paper, .. } if papers.contains(paper));
    let taken = matches!(act, Act::TakeBack | Act::Recuse { unit: Some(_), .. });
    match clock {
        Clock::Registration => matches!(act, Act::Forward { .. } | Act::Assign { part: Part::Lead, .. }),
        Clock::Notice => {
            let nobody = matter.is_untold() && matches!(act, Act::Accept { .. });
            let unreached = matches!(act, Act::Unreach { .. });
            taken
                || nobody
                || unreached
                || code
                || served(&[Paper::Notice, Paper::Opinion])
                || matches!(act, Act::Rule { .. } | Act::Close { .. })
        }
        Clock::Objection => taken || matches!(act, Act::Accept { .. } | Act::Object { .. } | Act::Rule { .. }),
        Clock::Handling => {
            let nobody = (matter.is_untold() && matches!(act, Act::Issue { .. })) || matches!(act, Act::Unreach { .. });
            let elsewhere = matches!(act, Act::Forward { .. }) || !matter.has_handling_clock();
            nobody || elsewhere || code || served(&[Paper::Opinion]) || matches!(act, Act::Close { .. })
        }
        _ => false,
    }
}

/// Nobody but the superior ends a dispute by a word, what is named cannot object again, and no answer goes out before.
pub(super) fn superiors_decide_for_good(
    matter: &Matter,
    by: Party,
    act: &Act,
    next: &Matter,
) -> Result<(), TestCaseError> {
    match act {
        Act::Rule { unit, .. } => {
            let dispute = matter.dispute.expect("there was one");
            prop_assert_eq!(dispute.judge, by.official);
            prop_assert_eq!(next.lead.map(|lead| (lead.unit, lead.objected)), Some((*unit, false)));
            prop_assert!(next.dispute.is_none());
        }
        Act::Object { .. } => {
            prop_assert!(!matter.designated.contains(&matter.lead.unwrap().unit), "named, and objects again");
        }
        Act::Issue { .. } => prop_assert!(matter.dispute.is_none(), "answered before it was clear who answers"),
        _ => {
            let taken = matches!(act, Act::TakeBack | Act::Recuse { .. } | Act::Withdraw { .. });
            prop_assert!(matter.dispute.is_none() || next.dispute.is_some() || taken, "{act:?} ended a dispute");
        }
    }
    prop_assert!(next.withdrawn.is_none() || next.dispute.is_none(), "whose matter it is matters no more");
    if let Some(lead) = next.lead {
        prop_assert!(!next.helpers.contains(&lead.unit), "leads and helps");
    }
    Ok(())
}
