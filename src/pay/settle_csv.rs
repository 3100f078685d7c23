//! `youzhi pay settle FILE.csv`: settles a spreadsheet without a database (PAY 8).
//!
//! The file is read as a stream, or as two; what is kept of a row is its numbers and the official's number, some
//! fifty bytes. Everything is checked and settled before the first byte is written, so bad input writes
//! nothing.

mod by_group;
mod columns;
mod groups;
mod names;
mod reading;
mod rows;
mod text;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use policy::Policy;
use policy::pay::Amounts;

/// Why a file cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum CannotSettleCsv {
    /// The file cannot be opened.
    #[error("打不开文件{path}：{why}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why; it is part of the text already, so it is not named as the source again.
        why: io::Error,
    },
    /// The file cannot be read to its end.
    #[error("读取失败：{0}")]
    Read(io::Error),
    /// The result cannot be written.
    #[error("写出失败：{0}")]
    Write(io::Error),
    /// The header does not name the columns.
    #[error("第1行（表头）：{0}")]
    Header(String),
    /// A row has more or fewer fields than the header.
    #[error("第{line}行：有{found}列，表头有{expected}列")]
    Width {
        /// The line, from 1.
        line: u64,
        /// Fields found.
        found: usize,
        /// Fields in the header.
        expected: usize,
    },
    /// A field is wrong.
    #[error("第{line}行，{column}列：{why}")]
    Field {
        /// The line, from 1.
        line: u64,
        /// The column, by its name in the header.
        column: &'static str,
        /// What is wrong.
        why: String,
    },
    /// More rows than this program takes.
    #[error("文件太大：行数或编号总长超过上限")]
    TooLarge,
    /// The values of the policy are wrong.
    #[error(transparent)]
    Policy(#[from] policy::values::PolicyError),
}

/// What was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How many rows.
    pub rows: usize,
    /// How many groups.
    pub groups: usize,
    /// Columns that are none of ours and were left out.
    pub ignored: Vec<String>,
}

/// Settles the file at `path` and writes the result as CSV to `out`, rows in the order of the file.
///
/// Columns are found by name, in any order; others are left out and named in the summary. The file names
/// no period, so the newest amounts that are known hold.
pub fn settle_csv(path: &Path, out: &mut impl Write) -> Result<Summary, CannotSettleCsv> {
    let amounts = Amounts::on(Policy::published(), Date::MAX)?;
    let file = File::open(path).map_err(|why| CannotSettleCsv::Open { path: path.to_owned(), why })?;
    // A pipe cannot be read again, so a line in it is counted as if no field held a line break.
    let again = file.metadata().is_ok_and(|file| file.is_file()).then_some(path);
    let (rows, ignored) = reading::read(file, again).map_err(|bad| bad.at_line(again))?;
    let settled = by_group::settle(&rows, amounts.min_spread_fen).map_err(|bad| bad.at_line(again))?;
    rows.write(&settled, out).map_err(CannotSettleCsv::Write)?;
    Ok(Summary { rows: rows.len(), groups: rows.groups.len(), ignored })
}

/// What is wrong, by row; the line is found out only when it is needed.
enum Bad {
    Row { row: usize, column: &'static str, why: String },
    Width { row: usize, found: usize, expected: usize },
    Other(CannotSettleCsv),
}

impl<E: Into<CannotSettleCsv>> From<E> for Bad {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl Bad {
    /// The same in a file that has so many rows before.
    fn after(self, rows: usize) -> Self {
        match self {
            Self::Row { row, column, why } => Self::Row { row: rows + row, column, why },
            Self::Width { row, found, expected } => Self::Width { row: rows + row, found, expected },
            other @ Self::Other(_) => other,
        }
    }

    fn at_line(self, path: Option<&Path>) -> CannotSettleCsv {
        let line = |row| path.and_then(|path| line_of(path, row).ok().flatten()).unwrap_or(row as u64 + 2);
        match self {
            Self::Row { row, column, why } => CannotSettleCsv::Field { line: line(row), column, why },
            Self::Width { row, found, expected } => CannotSettleCsv::Width { line: line(row), found, expected },
            Self::Other(error) => error,
        }
    }
}

/// The line, from 1, on which data row `row` (from 0) begins, read again for the message of an error.
fn line_of(path: &Path, row: usize) -> io::Result<Option<u64>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    // The header is record 0; blank lines between records are none.
    let mut records = 0;
    let mut quoted = false;
    for number in 1.. {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let blank = line.iter().all(|byte| matches!(byte, b'\r' | b'\n'));
        if !quoted && !blank {
            if records == row + 1 {
                return Ok(Some(number));
            }
            records += 1;
        }
        for &byte in &line {
            quoted ^= byte == b'"';
        }
    }
    Ok(None)
}
