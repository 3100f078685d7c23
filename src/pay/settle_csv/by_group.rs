//! The rows of each group together: looked through for doubles, and settled.

use policy::pay::{CannotSettle, Group, Settler, State};

use super::Bad;
use super::columns::{OFFICIAL, RANK, SCORE, STAKE, UNIT};
use super::rows::{Rows, official};

/// The rows of each group, in the order of the file.
pub(super) struct ByGroup {
    /// Rows, group after group.
    order: Vec<u32>,
    /// Where each group begins in `order`, and the end of the last.
    begins: Vec<usize>,
}

impl ByGroup {
    pub(super) fn of(rows: &Rows) -> Self {
        let mut begins = vec![0; rows.groups.len() + 1];
        for &group in &rows.group {
            begins[group as usize + 1] += 1;
        }
        for group in 1..begins.len() {
            begins[group] += begins[group - 1];
        }
        let mut next = begins.clone();
        let mut order = vec![0; rows.group.len()];
        for (row, &group) in (0_u32..).zip(&rows.group) {
            let place = &mut next[group as usize];
            order[*place] = row;
            *place += 1;
        }
        Self { order, begins }
    }

    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.begins.windows(2).map(|ends| &self.order[ends[0]..ends[1]])
    }

    /// Refuses the first row of the file whose official stands in its group already.
    pub(super) fn no_official_twice(&self, rows: &Rows) -> Result<(), Bad> {
        let mut first: Option<usize> = None;
        let mut hashes: Vec<(u32, u32)> = Vec::new();
        for members in self.groups() {
            hashes.clear();
            hashes.extend(members.iter().map(|&row| (rows.hashes[row as usize], row)));
            hashes.sort_unstable();
            for same in hashes.chunk_by_mut(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
                let official = |row: u32| rows.official(row as usize);
                same.sort_unstable_by(|a, b| official(a.1).cmp(official(b.1)).then(a.1.cmp(&b.1)));
                for pair in same.windows(2).filter(|pair| official(pair[0].1) == official(pair[1].1)) {
                    let row = pair[1].1 as usize;
                    first = Some(first.map_or(row, |first| first.min(row)));
                }
            }
        }
        let Some(row) = first else { return Ok(()) };
        let why = format!("“{}”在同一单位同一类人员中重复", String::from_utf8_lossy(rows.official(row)));
        Err(Bad::Row { row, column: OFFICIAL, why })
    }

    /// Settles every group and returns the state of each; shares go into the rows.
    pub(super) fn settle(&self, rows: &mut Rows, spread_fen: i64) -> Result<Vec<State>, Bad> {
        rows.shares.resize(rows.stakes.len(), 0);
        let mut settler = Settler::new();
        let mut states = Vec::with_capacity(rows.groups.len());
        let mut copy = Copied::default();
        for members in self.groups() {
            let number = |i: usize| official(&rows.officials, &rows.official_ends, members[i] as usize);
            let bad = |error| refuse(members, &error);
            // Rows that stand together need no copy, and the greatest groups do.
            let (begin, last) = (members[0] as usize, members[members.len() - 1] as usize);
            let outcome = if last - begin + 1 == members.len() {
                let span = begin..=last;
                let group = Group {
                    stakes: &rows.stakes[span.clone()],
                    scores: &rows.scores[span.clone()],
                    ranks: rows.ranks.get(span.clone()).unwrap_or_default(),
                    waived: false,
                };
                settler.settle(&group, spread_fen, number, &mut rows.shares[span]).map_err(bad)?
            } else {
                copy.take(rows, members);
                let Copied { stakes, scores, ranks, shares } = &mut copy;
                let group = Group { stakes, scores, ranks, waived: false };
                let outcome = settler.settle(&group, spread_fen, number, shares).map_err(bad)?;
                for (&row, &share) in members.iter().zip(&*shares) {
                    rows.shares[row as usize] = share;
                }
                outcome
            };
            states.push(outcome.state);
        }
        Ok(states)
    }
}

/// The rows of a group that stand apart in the file, brought together.
#[derive(Default)]
struct Copied {
    stakes: Vec<i64>,
    scores: Vec<u16>,
    ranks: Vec<u32>,
    shares: Vec<i64>,
}

impl Copied {
    fn take(&mut self, rows: &Rows, members: &[u32]) {
        gather(&mut self.stakes, &rows.stakes, members);
        gather(&mut self.scores, &rows.scores, members);
        if !rows.ranks.is_empty() {
            gather(&mut self.ranks, &rows.ranks, members);
        }
        self.shares.clear();
        self.shares.resize(members.len(), 0);
    }
}

fn gather<T: Copy>(into: &mut Vec<T>, from: &[T], members: &[u32]) {
    into.clear();
    into.extend(members.iter().map(|&row| from[row as usize]));
}

fn refuse(members: &[u32], error: &CannotSettle) -> Bad {
    let (member, column) = match error {
        CannotSettle::Stake { member, .. } => (*member, STAKE),
        CannotSettle::Score { member, .. } => (*member, SCORE),
        CannotSettle::Rank { member, .. } => (*member, RANK),
        CannotSettle::Shape | CannotSettle::OddSpread(_) => (0, UNIT),
    };
    Bad::Row { row: members[member] as usize, column, why: error.to_string() }
}
