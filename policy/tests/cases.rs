//! The worked cases of `cases/`, which a civil servant can check with pencil and calendar.

use jiff::civil::Date;
use policy::pay::{Amounts, Group, Part, Settler, State, apportion, stake};
use policy::score::{Crediting, Fate, Item, score};
use policy::values::StakeRow;
use policy::{Calendar, Clock, Month, Policy, Run, Suspension, deadline};
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
    month: Vec<MonthCase>,
    transfer: Vec<TransferCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MonthCase {
    name: String,
    explanation: String,
    month: String,
    row: StakeRow,
    members: Vec<Planner>,
    stakes: Vec<i64>,
    scores: Vec<u16>,
    shares: Vec<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planner {
    official: String,
    allowance: Option<i64>,
    items: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferCase {
    name: String,
    explanation: String,
    parts: Vec<(u8, i64)>,
    stakes: Vec<i64>,
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
    let count = cases.case.len() + cases.month.len() + cases.transfer.len();
    assert!(count >= 50, "{count} cases");
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

/// Weight, due day, and the day of completion or the word for what became of it.
fn item(text: &str) -> Item {
    let parts: Vec<&str> = text.split(' ').collect();
    let [weight, due, outcome] = parts[..] else { panic!("{text}") };
    let fate = match outcome {
        "未销" => Fate::Open,
        "撤销" => Fate::Withdrawn,
        "顺延" => Fate::Deferred,
        day => Fate::Cancelled { completed: day.parse().expect("a day"), on: day.parse().expect("a day") },
    };
    Item { weight: weight.parse().expect("a weight"), due: due.parse().expect("a day"), fate }
}

#[test]
fn every_month_comes_out_as_written_from_the_plan_to_the_fen() {
    let cases: PayCases = toml::from_str(include_str!("../cases/pay.toml")).unwrap();
    for case in cases.month {
        let name = format!("{}（{}）", case.name, case.explanation);
        let month: Month = case.month.parse().unwrap();
        let amounts = Amounts::on(Policy::published(), month.first_day()).unwrap();
        let cut_off = month.plus(1).first_day().saturating_add(jiff::ToSpan::days(9));
        let crediting = Crediting { cut_off, late_credit_bp: amounts.late_credit_bp };
        let of = |member: &Planner| {
            let items: Vec<Item> = member.items.iter().map(|text| item(text)).collect();
            let scored = score(&items, true, &crediting).basis_points().unwrap();
            (stake(&amounts, case.row, month, member.allowance).unwrap(), scored)
        };
        let (stakes, scores): (Vec<i64>, Vec<u16>) = case.members.iter().map(of).unzip();
        assert_eq!((&stakes, &scores), (&case.stakes, &case.scores), "{name}");
        let ranks = vec![0; stakes.len()];
        let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived: false };
        let mut shares = vec![0; stakes.len()];
        let official = |i: usize| case.members[i].official.as_bytes();
        Settler::new().settle(&group, amounts.min_spread_fen, official, &mut shares).unwrap();
        assert_eq!(shares, case.shares, "{name}");
    }
    for case in cases.transfer {
        let parts: Vec<Part> = case.parts.iter().map(|&(days, stake_fen)| Part { days, stake_fen }).collect();
        assert_eq!(apportion(&parts).unwrap(), case.stakes, "{}（{}）", case.name, case.explanation);
    }
}
