//! The worked cases of `cases/`, which a civil servant can check with pencil and calendar.

use jiff::civil::Date;
use policy::pay::{Group, Settler, State};
use policy::{Calendar, Clock, Policy, Run, Suspension, deadline};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockCases {
    case: Vec<ClockCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockCase {
    name: String,
    explanation: String,
    clock: Clock,
    from: Date,
    #[serde(default)]
    suspend: Vec<String>,
    #[serde(default)]
    extend: u16,
    due: Option<Date>,
    unmoved: Option<Date>,
    #[serde(default)]
    provisional: bool,
    article: Option<String>,
    refused: Option<String>,
}

#[test]
fn every_clock_case_comes_out_as_written() {
    let cases: ClockCases = toml::from_str(include_str!("../cases/clock.toml")).unwrap();
    assert!(cases.case.len() >= 60, "{} cases", cases.case.len());
    for case in cases.case {
        let name = format!("{}（{}）", case.name, case.explanation);
        let suspended: Vec<Suspension> = case.suspend.iter().map(|s| s.parse().unwrap()).collect();
        let run = Run { clock: case.clock, from: case.from, suspended: &suspended, extended_by: case.extend };
        match deadline(Policy::published(), Calendar::published(), &run) {
            Ok(deadline) => {
                assert_eq!(case.refused, None, "{name}");
                assert_eq!(deadline.due, case.due, "{name}");
                assert_eq!(deadline.unmoved, case.unmoved.or(case.due), "{name}");
                assert_eq!(deadline.provisional, case.provisional, "{name}");
                assert_eq!(deadline.why.is_some(), case.provisional, "{name}");
                if let Some(article) = case.article {
                    assert_eq!(deadline.article, article, "{name}");
                }
            }
            Err(refused) => {
                let expected = case.refused.unwrap_or_else(|| panic!("{name}: {refused}"));
                assert!(refused.to_string().contains(&expected), "{name}: {refused}");
            }
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayCases {
    case: Vec<PayCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PayCase {
    name: String,
    explanation: String,
    members: Vec<Member>,
    #[serde(default)]
    waived: bool,
    state: State,
    shares: Option<Vec<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    official: String,
    stake: i64,
    score: u16,
    #[serde(default)]
    rank: u32,
}

#[test]
fn every_pay_case_comes_out_as_written() {
    let cases: PayCases = toml::from_str(include_str!("../cases/pay.toml")).unwrap();
    assert!(cases.case.len() >= 25, "{} cases", cases.case.len());
    for case in cases.case {
        let name = format!("{}（{}）", case.name, case.explanation);
        let stakes: Vec<i64> = case.members.iter().map(|m| m.stake).collect();
        let scores: Vec<u16> = case.members.iter().map(|m| m.score).collect();
        let ranks: Vec<u32> = case.members.iter().map(|m| m.rank).collect();
        let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived: case.waived };
        let mut shares = vec![0; stakes.len()];
        let official = |i: usize| case.members[i].official.as_bytes();
        let outcome = Settler::new().settle(&group, 30_000, official, &mut shares).unwrap();
        assert_eq!(outcome.state, case.state, "{name}");
        if let Some(expected) = case.shares {
            assert_eq!(shares, expected, "{name}");
            let paid: i64 = shares.iter().sum();
            assert_eq!(paid + outcome.forfeited_fen, outcome.pool_fen, "{name}");
        }
    }
}
