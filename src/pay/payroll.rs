//! Everybody whom a month pays, one row a person, by unit: what the sheet and the summary are made of.

use std::collections::BTreeMap;

use super::corrections::Correction;
use super::kept::Share;
use super::rewarding::Paid;
use super::runs::Run;

/// A person in the payment of a month; all amounts in fen.
#[derive(Clone, Debug, Default)]
pub(super) struct PayRow {
    pub(super) unit: String,
    /// Whoever changed class within the month has several.
    pub(super) classes: Vec<String>,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) stake: i64,
    /// One a class; nothing: not scored.
    pub(super) scores: Vec<Option<u16>>,
    pub(super) share: i64,
    pub(super) rewards: i64,
    /// What penalties take; 0 or less.
    pub(super) penalties: i64,
    pub(super) corrections: i64,
    pub(super) to_pay: i64,
}

/// The sums of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) people: usize,
    pub(super) stake: i64,
    pub(super) share: i64,
    pub(super) rewards: i64,
    pub(super) penalties: i64,
    pub(super) corrections: i64,
    pub(super) to_pay: i64,
}

/// Adds rows up.
pub(super) fn sums<'a>(rows: impl IntoIterator<Item = &'a PayRow>) -> Sums {
    rows.into_iter().fold(Sums::default(), |sums, row| Sums {
        people: sums.people + 1,
        stake: sums.stake + row.stake,
        share: sums.share + row.share,
        rewards: sums.rewards + row.rewards,
        penalties: sums.penalties + row.penalties,
        corrections: sums.corrections + row.corrections,
        to_pay: sums.to_pay + row.to_pay,
    })
}

/// The rows by unit, in each in the order of its shares; whoever has a correction or a decision alone comes last.
pub(super) fn rows(
    run: &Run,
    shares: &[Share],
    corrections: &[Correction],
    paid: &BTreeMap<i64, Paid>,
) -> Vec<Vec<PayRow>> {
    let mut order: Vec<i64> = Vec::new();
    let mut people: BTreeMap<i64, PayRow> = BTreeMap::new();
    for share in shares {
        let row = people.entry(share.official).or_insert_with(|| {
            order.push(share.official);
            let here = share.kept.parts.iter().rfind(|part| part.here);
            let unit = here.map_or_else(|| run.unit_name.clone(), |part| part.unit.clone());
            PayRow { unit, number: share.kept.number.clone(), name: share.name.clone(), ..PayRow::default() }
        });
        row.classes.push(share.class.clone());
        row.scores.push(share.score_bp);
        row.stake += share.stake_fen;
        row.share += share.share_fen.unwrap_or(0);
    }
    for one in corrections {
        people.entry(one.official).or_insert_with(|| {
            order.push(one.official);
            let (unit, number, name) = (run.unit_name.clone(), one.number.clone(), one.name.clone());
            PayRow { unit, number, name, ..PayRow::default() }
        });
    }
    for (official, of) in paid {
        let row = people.entry(*official).or_insert_with(|| {
            order.push(*official);
            let name = of.rewards.first().map(|taken| taken.of.official_name.clone()).unwrap_or_default();
            PayRow { unit: run.unit_name.clone(), name, ..PayRow::default() }
        });
        row.rewards = of.rewards.iter().map(|taken| taken.fen.max(0)).sum();
        row.penalties = of.rewards.iter().map(|taken| taken.fen.min(0)).sum();
        row.corrections = of.corrections_fen;
        row.to_pay = of.to_pay_fen;
    }
    let mut units: Vec<Vec<PayRow>> = Vec::new();
    for row in order.iter().filter_map(|official| people.remove(official)) {
        match units.iter_mut().find(|rows| rows[0].unit == row.unit) {
            Some(rows) => rows.push(row),
            None => units.push(vec![row]),
        }
    }
    units
}
