//! The rows of a spreadsheet, column by column: read, and written again with what each gets.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::mpsc;

use csv::ByteRecord;
use policy::pay::State;
use policy::pay::settle::{MAX_MEMBERS, MAX_STAKE_FEN};

use super::columns::{CLASS, Columns, OFFICIAL, RANK, SCORE, STAKE, UNIT};
use super::groups::{Groups, hash};
use super::text::{push_field, push_number, whole};
use super::{Bad, CannotSettleCsv};

/// Rows that are written at once.
const STRETCH: usize = 1 << 14;

/// Rows that are read at once.
const BATCH: usize = 512;

/// The rows of the file, column by column.
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
    /// A hash of each official's number, to find one that stands twice without going back to it.
    pub hashes: Vec<u32>,
    pub shares: Vec<i64>,
    pub ignored: Vec<String>,
}

impl Rows {
    /// Reads and checks the whole file.
    pub(super) fn read(file: File) -> Result<Self, Bad> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(1 << 16).from_reader(file);
        let mut header = ByteRecord::new();
        if !next(&mut reader, &mut header)? {
            return Err(CannotSettleCsv::Header("文件是空的".to_owned()).into());
        }
        let mut ignored = Vec::new();
        let columns = Columns::read(&header, &mut ignored)?;
        let mut rows = Self {
            groups: Groups::new(),
            group: Vec::new(),
            stakes: Vec::new(),
            scores: Vec::new(),
            ranks: Vec::new(),
            officials: Vec::new(),
            official_ends: Vec::new(),
            hashes: Vec::new(),
            shares: Vec::new(),
            ignored,
        };
        // One thread reads while this one checks; what was checked goes back to be filled anew.
        let (filled, to_check) = mpsc::sync_channel::<Result<Batch, CannotSettleCsv>>(4);
        let (checked, to_fill) = mpsc::channel::<Batch>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                loop {
                    let batch = Batch::read(&mut reader, to_fill.try_recv().unwrap_or_default());
                    let goes_on = batch.as_ref().is_ok_and(|batch| batch.len == BATCH);
                    // Nobody checks any more once a row was refused.
                    if filled.send(batch).is_err() || !goes_on {
                        return;
                    }
                }
            });
            for batch in to_check {
                let batch = batch?;
                for record in &batch.records[..batch.len] {
                    rows.take(&columns, record)?;
                }
                let _ = checked.send(batch);
            }
            Ok(rows)
        })
    }

    fn take(&mut self, columns: &Columns, record: &ByteRecord) -> Result<(), Bad> {
        let row = self.stakes.len();
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
        self.hashes.push(hash(official));
        self.officials.extend_from_slice(official);
        self.official_ends.push(u32::try_from(self.officials.len()).map_err(|_| CannotSettleCsv::TooLarge)?);
        self.group.push(group);
        self.stakes.push(stake);
        self.scores.push(score);
        Ok(())
    }

    pub(super) fn official(&self, row: usize) -> &[u8] {
        official(&self.officials, &self.official_ends, row)
    }

    /// Writes all rows, in the order of the file; two threads put stretches of them into words.
    pub(super) fn write(&self, states: &[State], out: &mut impl Write) -> io::Result<()> {
        out.write_all(b"unit,class,official,stake_fen,score_bp,share_fen,delta_fen,state\n")?;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut begin = 0;
        while begin < self.stakes.len() {
            let middle = self.stakes.len().min(begin + STRETCH);
            let end = self.stakes.len().min(middle + STRETCH);
            std::thread::scope(|scope| {
                let other = scope.spawn(|| self.put(middle..end, states, &mut second));
                self.put(begin..middle, states, &mut first);
                let written = out.write_all(&first);
                other.join().expect("putting numbers into words does not panic");
                written
            })?;
            out.write_all(&second)?;
            begin = end;
        }
        out.flush()
    }

    fn put(&self, rows: Range<usize>, states: &[State], text: &mut Vec<u8>) {
        text.clear();
        for row in rows {
            let group = self.group[row];
            let state = states[group as usize];
            text.extend_from_slice(self.groups.fields(group));
            push_field(text, self.official(row));
            text.push(b',');
            push_number(text, self.stakes[row]);
            text.push(b',');
            push_number(text, i64::from(self.scores[row]));
            text.push(b',');
            if matches!(state, State::Settled | State::Forfeited) {
                push_number(text, self.shares[row]);
                text.push(b',');
                push_number(text, self.shares[row] - self.stakes[row]);
            } else {
                text.push(b',');
            }
            text.push(b',');
            text.extend_from_slice(state.id().as_bytes());
            text.push(b'\n');
        }
    }
}

/// Records that go from thread to thread together; the vector keeps its memory.
#[derive(Default)]
struct Batch {
    records: Vec<ByteRecord>,
    /// How many of them hold a row.
    len: usize,
}

impl Batch {
    /// Fills the batch, with fewer than [`BATCH`] rows only at the end of the file.
    fn read(reader: &mut csv::Reader<File>, mut batch: Self) -> Result<Self, CannotSettleCsv> {
        batch.records.resize_with(BATCH, ByteRecord::new);
        batch.len = 0;
        while batch.len < BATCH && next(reader, &mut batch.records[batch.len])? {
            batch.len += 1;
        }
        Ok(batch)
    }
}

/// The number of the official in `row`.
pub(super) fn official<'a>(officials: &'a [u8], ends: &[u32], row: usize) -> &'a [u8] {
    let begin = if row == 0 { 0 } else { ends[row - 1] as usize };
    &officials[begin..ends[row] as usize]
}

fn next(reader: &mut csv::Reader<File>, record: &mut ByteRecord) -> Result<bool, CannotSettleCsv> {
    // With flexible rows of bytes, reading is all that can fail.
    reader.read_byte_record(record).map_err(|error| CannotSettleCsv::Read(error.into()))
}
