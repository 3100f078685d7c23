//! What a settlement keeps, as JSON beside each share and run: enough to explain every fen and to settle it again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use policy::Month;
use policy::pay::{Amounts, Explanation, Group, Part, Settler, apportion, stake};
use policy::score::{Crediting, Fate, Item, Score, score};
use policy::values::{PayClass, StakeRow};
use serde::{Deserialize, Serialize};

/// The values that held for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPolicy {
    /// The month that was settled.
    pub month: Month,
    /// The day since when the amounts hold.
    pub version: Date,
    /// A quarter's sum of leaders, in fen.
    pub leaders_quarter_fen: i64,
    /// A month's sum of heads, in fen.
    pub unit_heads_month_fen: i64,
    /// The share of the allowance of everybody else, in basis points.
    pub others_share_bp: u16,
    /// What late work counts, in basis points.
    pub late_credit_bp: u16,
    /// The least spread, in fen.
    pub min_spread_fen: i64,
    /// Whether who has nobody above is not scored, for want of anybody who could cancel.
    pub without_superior_returned: bool,
    /// The last day on which a cancellation counts.
    pub cut_off: Date,
    /// The classes in the county's order.
    pub classes: Vec<PayClass>,
    /// Where the values are written.
    pub sources: Vec<String>,
}

impl KeptPolicy {
    /// The amounts as the arithmetic takes them.
    pub fn amounts(&self) -> Amounts {
        Amounts {
            version: self.version,
            leaders_quarter_fen: self.leaders_quarter_fen,
            unit_heads_month_fen: self.unit_heads_month_fen,
            others_share_bp: self.others_share_bp,
            late_credit_bp: self.late_credit_bp,
            min_spread_fen: self.min_spread_fen,
        }
    }

    /// How items are credited.
    pub fn crediting(&self) -> Crediting {
        Crediting { cut_off: self.cut_off, late_credit_bp: self.late_credit_bp }
    }
}

/// Days of the month in one unit and class, or out of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPart {
    /// The unit; empty for days out of service.
    pub unit: String,
    /// The class; empty for days out of service.
    pub class: String,
    /// Which row of the stakes; nothing for days out of service.
    pub row: Option<StakeRow>,
    /// Calendar days.
    pub days: u8,
    /// The stake of a whole month there, in fen.
    pub month_fen: i64,
    /// What these days carry of it, in fen.
    pub fen: i64,
    /// Whether it went into this group's pool.
    pub here: bool,
}

/// What became of an item by the cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFate {
    /// Not cancelled.
    Open,
    /// Cancelled.
    Cancelled,
    /// 撤销.
    Withdrawn,
    /// 顺延.
    Deferred,
}

/// A plan item as it counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptItem {
    /// The item.
    pub id: i64,
    /// Its number.
    pub number: String,
    /// Its goal.
    pub goal: String,
    /// Its weight.
    pub weight: u32,
    /// When it was due.
    pub due_on: Date,
    /// Added after freezing.
    pub added: bool,
    /// What became of it.
    pub fate: KeptFate,
    /// The day of completion, as accepted at cancellation.
    pub completed: Option<Date>,
    /// The day of cancellation.
    pub cancelled_on: Option<Date>,
    /// Cancelled after the cut-off by an exception (解锁例外) that opened its unit's month again: in time.
    #[serde(default)]
    pub unlocked: bool,
    /// What it is credited with; nothing if it does not count.
    pub credit: Option<u16>,
}

impl KeptItem {
    /// The item as the score counts it in a settlement with that cut-off.
    pub fn scored(&self, cut_off: Date) -> Item {
        let fate = match (self.fate, self.completed, self.cancelled_on) {
            (KeptFate::Cancelled, Some(completed), Some(on)) => {
                Fate::Cancelled { completed, on: if self.unlocked { on.min(cut_off) } else { on } }
            }
            (KeptFate::Withdrawn, ..) => Fate::Withdrawn,
            (KeptFate::Deferred, ..) => Fate::Deferred,
            _ => Fate::Open,
        };
        Item { weight: self.weight, due: self.due_on, fate }
    }

    /// Whether it is among the items that the score is of.
    pub fn counts(&self) -> bool {
        self.credit.is_some()
    }

    /// Whether its number was cancelled in time for this settlement.
    pub fn is_cancelled(&self, cut_off: Date) -> bool {
        let in_time = self.cancelled_on.is_some_and(|on| self.unlocked || on <= cut_off);
        self.counts() && self.fate == KeptFate::Cancelled && in_time
    }

    /// Whether it was done after its due day.
    pub fn is_late(&self) -> bool {
        self.completed.is_some_and(|completed| completed > self.due_on)
    }
}

/// How one share came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The official's number, which decides the last ties.
    pub number: String,
    /// The month's allowance, where the stake is a share of it.
    pub allowance_fen: Option<i64>,
    /// The days of the month; several where somebody came, left or changed.
    pub parts: Vec<KeptPart>,
    /// Whether a plan was handed in for the month.
    pub submitted: bool,
    /// Whether nobody stood above any post held in the month: nothing could be frozen or cancelled.
    pub without_superior: bool,
    /// The items that were due.
    pub items: Vec<KeptItem>,
    /// n of the group: those with a score.
    pub members: usize,
    /// W of the group, as text: it may be greater than what other programs read as a number.
    pub weight: String,
    /// Whether the least spread was waived, and why.
    pub waived: Option<String>,
    /// The arithmetic; nothing where the stake is returned, or nothing is decided yet.
    pub arithmetic: Option<Explanation>,
}

impl Kept {
    /// The stake, reckoned from the parts that are kept.
    fn stake(&self, policy: &KeptPolicy) -> Option<i64> {
        let parts: Option<Vec<Part>> = self
            .parts
            .iter()
            .map(|part| {
                let stake_fen = match part.row {
                    Some(row) => stake(&policy.amounts(), row, policy.month, self.allowance_fen).ok()?,
                    None => 0,
                };
                Some(Part { days: part.days, stake_fen })
            })
            .collect();
        let fens = apportion(&parts?).ok()?;
        Some(self.parts.iter().zip(fens).filter(|(part, _)| part.here).map(|(_, fen)| fen).sum())
    }

    /// The score, reckoned from the items that are kept.
    fn score(&self, policy: &KeptPolicy) -> Score {
        let items: Vec<Item> = self.items.iter().map(|item| item.scored(policy.cut_off)).collect();
        score(&items, self.submitted || self.is_excused(policy), &policy.crediting())
    }

    /// Whether no plan is asked for.
    pub fn is_excused(&self, policy: &KeptPolicy) -> bool {
        self.without_superior && policy.without_superior_returned
    }
}

/// A share as it stands in the database, with what is kept of it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the fields are the columns")]
pub struct Share {
    /// Whose.
    pub official: i64,
    /// The name today.
    pub name: String,
    /// The class.
    pub class: String,
    /// 扣入.
    pub stake_fen: i64,
    /// 得分; nothing: not scored, the stake is returned.
    pub score_bp: Option<u16>,
    /// 评议排序.
    pub rank: Option<u32>,
    /// 应发; nothing: not decided.
    pub share_fen: Option<i64>,
    /// settled, returned, forfeited, undecided, infeasible.
    pub state: String,
    /// How it came about.
    pub kept: Kept,
}

/// Settles again from what is kept alone, and says whether every stake, score and share comes out the same.
pub fn comes_out_again(policy: &KeptPolicy, shares: &[Share]) -> bool {
    let mut groups: BTreeMap<&str, Vec<&Share>> = BTreeMap::new();
    for share in shares {
        let score = share.kept.score(policy).basis_points();
        if share.kept.stake(policy) != Some(share.stake_fen) || score != share.score_bp {
            return false;
        }
        match share.score_bp {
            None if share.share_fen != Some(share.stake_fen) => return false,
            None => {}
            Some(_) => groups.entry(&share.class).or_default().push(share),
        }
    }
    groups.values().all(|members| {
        let stakes: Vec<i64> = members.iter().map(|share| share.stake_fen).collect();
        let scores: Vec<u16> = members.iter().filter_map(|share| share.score_bp).collect();
        let ranks: Vec<u32> = members.iter().filter_map(|share| share.rank).collect();
        let waived = members.iter().any(|share| share.kept.waived.is_some());
        let group = Group { stakes: &stakes, scores: &scores, ranks: &ranks, waived };
        let mut fens = vec![0; members.len()];
        let number = |i: usize| members[i].kept.number.as_bytes();
        let outcome = Settler::new().settle(&group, policy.min_spread_fen, number, &mut fens);
        outcome.is_ok_and(|outcome| {
            members.iter().zip(&fens).all(|(share, fen)| {
                share.state == outcome.state.id() && share.share_fen.is_none_or(|kept| kept == *fen)
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_was_cancelled_late_counts_in_time_where_its_month_was_open_again() {
        let cut_off = date(2027, 1, 5);
        let crediting = Crediting { cut_off, late_credit_bp: 5_000 };
        let item = |unlocked| KeptItem {
            id: 1,
            number: String::new(),
            goal: String::new(),
            weight: 1,
            due_on: date(2026, 12, 20),
            added: false,
            fate: KeptFate::Cancelled,
            completed: Some(date(2026, 12, 20)),
            cancelled_on: Some(date(2027, 1, 8)),
            unlocked,
            credit: Some(0),
        };
        assert_eq!(item(false).scored(cut_off).credit(&crediting), Some(0));
        assert_eq!(item(true).scored(cut_off).credit(&crediting), Some(10_000));
        assert!(item(true).is_cancelled(cut_off) && !item(false).is_cancelled(cut_off));
        // What was kept before there were exceptions is read as it was.
        let mut before = serde_json::to_value(item(false)).unwrap();
        before.as_object_mut().unwrap().remove("unlocked");
        assert_eq!(serde_json::from_value::<KeptItem>(before).unwrap(), item(false));
    }
}
