//! The rows of a spreadsheet, column by column: read, and written again with what each gets.

use std::io::{self, Write};
use std::ops::Range;

use csv::ByteRecord;
use policy::pay::State;
use policy::pay::settle::{MAX_MEMBERS, MAX_STAKE_FEN};

use super::by_group::Settled;
use super::columns::{CLASS, Columns, OFFICIAL, RANK, SCORE, STAKE, UNIT};
use super::groups::{Groups, Written};
use super::text::{push_field, push_number, whole};
use super::{Bad, CannotSettleCsv};

/// Rows that are written at once.
const STRETCH: usize = 1 << 14;

/// The rows of the file, column by column.
#[derive(Default)]
pub(super) struct Rows {
    pub groups: Groups,
    pub group: Vec<u32>,
    pub stakes: Vec<i64>,
    pub scores: Vec<u16>,
    /// 0 for none; empty if the file has no such column.
    pub ranks: Vec<u32>,
    /// All officials' numbers, one after the other, and where each ends.
    pub officials: Vec<u8>,
    pub official_ends: Vec<u32>,
}

impl Rows {
    /// Checks the next row and takes it in.
    pub(super) fn take(&mut self, columns: &Columns, record: &ByteRecord) -> Result<(), Bad> {
        let row = self.len();
        if record.len() != columns.width {
            return Err(Bad::Width { row, found: record.len(), expected: columns.width });
        }
        if row >= u32::MAX as usize {
            return Err(CannotSettleCsv::TooLarge.into());
        }
        let bad = |column, why: String| Bad::Row { row, column, why };
        let group = self.groups.of(&record[columns.unit], &record[columns.class]);
        let group = group.map_err(|name| bad(if name.is_class { CLASS } else { UNIT }, name.why.to_owned()))?;
        let official = &record[columns.official];
        if official.is_empty() {
            return Err(bad(OFFICIAL, "没有填".to_owned()));
        }
        if !official.is_ascii() && std::str::from_utf8(official).is_err() {
            return Err(bad(OFFICIAL, "不是 UTF-8 编码".to_owned()));
        }
        let (stake, score) = (&record[columns.stake], &record[columns.score]);
        let stake = whole(stake, MAX_STAKE_FEN.unsigned_abs())
            .and_then(|fen| i64::try_from(fen).ok())
            .ok_or_else(|| bad(STAKE, format!("“{}”应为0至10000000000的整数（分）", String::from_utf8_lossy(stake))))?;
        let score = whole(score, 10_000)
            .and_then(|bp| u16::try_from(bp).ok())
            .ok_or_else(|| bad(SCORE, format!("“{}”应为0至10000的整数（万分比）", String::from_utf8_lossy(score))))?;
        if let Some(rank) = columns.rank {
            let rank = &record[rank];
            let read = if rank.is_empty() { Some(0) } else { whole(rank, MAX_MEMBERS as u64).filter(|&rank| rank > 0) };
            let rank = read
                .and_then(|rank| u32::try_from(rank).ok())
                .ok_or_else(|| bad(RANK, format!("“{}”应为空，或者是从1起的名次", String::from_utf8_lossy(rank))))?;
            self.ranks.push(rank);
        }
        self.officials.extend_from_slice(official);
        self.official_ends.push(u32::try_from(self.officials.len()).map_err(|_| CannotSettleCsv::TooLarge)?);
        self.group.push(group);
        self.stakes.push(stake);
        self.scores.push(score);
        Ok(())
    }

    /// Takes in the rows that follow in the file.
    pub(super) fn append(&mut self, after: Self) -> Result<(), CannotSettleCsv> {
        let too_large = |_| CannotSettleCsv::TooLarge;
        u32::try_from(self.len() + after.len()).map_err(too_large)?;
        u32::try_from(self.officials.len() + after.officials.len()).map_err(too_large)?;
        let officials_end = u32::try_from(self.officials.len()).map_err(too_large)?;
        let groups = self.groups.append(&after.groups);
        self.group.extend(after.group.iter().map(|&group| groups[group as usize]));
        self.stakes.extend(after.stakes);
        self.scores.extend(after.scores);
        self.ranks.extend(after.ranks);
        self.officials.extend(after.officials);
        self.official_ends.extend(after.official_ends.iter().map(|end| officials_end + end));
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.stakes.len()
    }

    pub(super) fn official(&self, row: usize) -> &[u8] {
        let begin = if row == 0 { 0 } else { self.official_ends[row - 1] as usize };
        &self.officials[begin..self.official_ends[row] as usize]
    }

    /// Writes all rows, in the order of the file; two threads put stretches of them into words.
    pub(super) fn write(&self, settled: &Settled, out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"unit,class,official,stake_fen,score_bp,share_fen,delta_fen,state\n")?;
        let groups = &self.groups.written();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut begin = 0;
        while begin < self.len() {
            let middle = self.len().min(begin + STRETCH);
            let end = self.len().min(middle + STRETCH);
            // Each thread has its text to itself: two lengths side by side would go to and fro between the cores.
            (first, second) = std::thread::scope(|scope| {
                let other = scope.spawn(move || self.put(middle..end, settled, groups, second));
                let first = self.put(begin..middle, settled, groups, first);
                (first, other.join().expect("putting numbers into words does not panic"))
            });
            out.write_all(&first)?;
            out.write_all(&second)?;
            begin = end;
        }
        out.flush()
    }

    fn put(&self, rows: Range<usize>, settled: &Settled, groups: &Written<'_>, mut text: Vec<u8>) -> Vec<u8> {
        text.clear();
        for row in rows {
            let group = self.group[row];
            let state = settled.states[group as usize];
            groups.push(&mut text, group);
            push_field(&mut text, self.official(row));
            text.push(b',');
            push_number(&mut text, self.stakes[row]);
            text.push(b',');
            push_number(&mut text, i64::from(self.scores[row]));
            text.push(b',');
            if matches!(state, State::Settled | State::Forfeited) {
                push_number(&mut text, settled.shares[row]);
                text.push(b',');
                push_number(&mut text, settled.shares[row] - self.stakes[row]);
            } else {
                text.push(b',');
            }
            text.push(b',');
            text.extend_from_slice(state.id().as_bytes());
            text.push(b'\n');
        }
        text
    }
}
