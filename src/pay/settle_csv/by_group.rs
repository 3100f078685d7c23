//! The rows of each group together: looked through for doubles, and settled.

use policy::pay::{CannotSettle, Group, Settler, State};

use super::Bad;
use super::columns::{OFFICIAL, RANK, SCORE, STAKE, UNIT};
use super::names::hash;
use super::rows::Rows;

/// What became of the rows.
pub(super) struct Settled {
    /// By group.
    pub states: Vec<State>,
    /// By row.
    pub shares: Vec<i64>,
}

/// Settles all groups, one half of the rows on each of two threads.
pub(super) fn settle(rows: &Rows, spread_fen: i64) -> Result<Settled, Bad> {
    let (order, begins) = by_group(rows);
    let mut states = vec![State::Undecided; rows.groups.len()];
    let mut shares = vec![0; rows.len()];
    let half = begins.partition_point(|&begin| (begin as usize) < rows.len() / 2);
    let (states_one, states_two) = states.split_at_mut(half);
    let (shares_one, shares_two) = shares.split_at_mut(begins[half] as usize);
    let one = Half { rows, order: &order, begins: &begins[..=half] };
    let two = Half { rows, order: &order, begins: &begins[half..] };
    let (one, two) = std::thread::scope(|scope| {
        let two = scope.spawn(move || (two.official_twice(), two.settle(spread_fen, states_two, shares_two)));
        let one = (one.official_twice(), one.settle(spread_fen, states_one, shares_one));
        (one, two.join().expect("settling does not panic"))
    });
    if let Some(row) = one.0.into_iter().chain(two.0).min() {
        let why = format!("“{}”在同一单位同一类人员中重复", String::from_utf8_lossy(rows.official(row)));
        return Err(Bad::Row { row, column: OFFICIAL, why });
    }
    one.1.and(two.1)?;
    if !order.is_sorted() {
        let by_group = std::mem::replace(&mut shares, vec![0; rows.len()]);
        for (&row, share) in order.iter().zip(by_group) {
            shares[row as usize] = share;
        }
    }
    Ok(Settled { states, shares })
}

/// The rows, group after group, each in the order of the file; and where each group begins among them, and
/// the end of the last.
fn by_group(rows: &Rows) -> (Vec<u32>, Vec<u32>) {
    let mut begins = vec![0_u32; rows.groups.len() + 1];
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
        order[*place as usize] = row;
        *place += 1;
    }
    (order, begins)
}

/// Groups that follow one another.
struct Half<'a> {
    rows: &'a Rows,
    /// The rows of all groups.
    order: &'a [u32],
    /// Where each of these groups begins in `order`, and the end of the last.
    begins: &'a [u32],
}

impl Half<'_> {
    fn groups(&self) -> impl Iterator<Item = &[u32]> {
        self.begins.windows(2).map(|ends| &self.order[ends[0] as usize..ends[1] as usize])
    }

    /// The first row of the file whose official stands in its group already.
    fn official_twice(&self) -> Option<usize> {
        let rows = self.rows;
        let mut first: Option<usize> = None;
        let mut hashes: Vec<(u32, u32)> = Vec::new();
        for members in self.groups() {
            hashes.clear();
            hashes.extend(members.iter().map(|&row| (hash(rows.official(row as usize)), row)));
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
        first
    }

    /// Settles these groups: the state of each, and the shares in the order of `order`.
    fn settle(&self, spread_fen: i64, states: &mut [State], mut shares: &mut [i64]) -> Result<(), Bad> {
        let rows = self.rows;
        let mut settler = Settler::new();
        let mut copy = Copied::default();
        for (members, state) in self.groups().zip(states) {
            // Rows that stand together need no copy, and the greatest groups do.
            let (begin, last) = (members[0] as usize, members[members.len() - 1] as usize);
            let group = if last - begin + 1 == members.len() {
                let span = begin..=last;
                Group {
                    stakes: &rows.stakes[span.clone()],
                    scores: &rows.scores[span.clone()],
                    ranks: rows.ranks.get(span).unwrap_or_default(),
                    waived: false,
                }
            } else {
                copy.take(rows, members)
            };
            let official = |i: usize| rows.official(members[i] as usize);
            let share = shares.split_off_mut(..members.len()).expect("there is a share for each row");
            *state =
                settler.settle(&group, spread_fen, official, share).map_err(|error| refuse(members, &error))?.state;
        }
        Ok(())
    }
}

/// The rows of a group that stand apart in the file, brought together.
#[derive(Default)]
struct Copied {
    stakes: Vec<i64>,
    scores: Vec<u16>,
    ranks: Vec<u32>,
}

impl Copied {
    fn take(&mut self, rows: &Rows, members: &[u32]) -> Group<'_> {
        gather(&mut self.stakes, &rows.stakes, members);
        gather(&mut self.scores, &rows.scores, members);
        if !rows.ranks.is_empty() {
            gather(&mut self.ranks, &rows.ranks, members);
        }
        Group { stakes: &self.stakes, scores: &self.scores, ranks: &self.ranks, waived: false }
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
