//! How fast the program is, each figure as a ratio to a limit measured in the same run (docs/performance.md).
//!
//! `cargo xtask bench speed [-- PART… --seconds N --cases N --households N --rows N]`; the parts are registration,
//! card, ledger, search, export, settle and footprint. Ends with an error when a ratio is below what is promised.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on may stop")]
#![expect(
    clippy::disallowed_types,
    clippy::cast_precision_loss,
    clippy::type_complexity,
    clippy::unchecked_time_subtraction,
    reason = "a measured ratio is no amount of money, and the parts are a plain list"
)]

mod card;
mod export;
mod footprint;
#[expect(dead_code, reason = "shared with the tests of faults, each uses its part")]
#[path = "../../tests/faults/http.rs"]
mod http;
mod ledger;
mod measure;
#[expect(dead_code, reason = "shared with the tests of faults, each uses its part")]
#[path = "../../tests/faults/program.rs"]
mod program;
mod registration;
mod search;
mod settle;

use measure::Table;

/// How much is measured.
pub struct Size {
    /// Seconds a figure.
    pub seconds: u64,
    /// Cases of the long ledger.
    pub cases: i64,
    /// Households of the full county.
    pub households: u32,
    /// Rows of the settlement.
    pub rows: u64,
}

fn main() -> std::process::ExitCode {
    let mut size = Size { seconds: 2, cases: 1_000_000, households: 210_000, rows: 1_000_000 };
    let mut parts = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|n| n.parse::<u64>().ok()).expect("a number follows");
        match word.as_str() {
            // cargo's own.
            "--bench" => {}
            "--serve" => return card::serve(&words.next().expect("a folder follows")),
            "--sum" => return settle::sum(&words.next().expect("a file follows")),
            "--seconds" => size.seconds = number(),
            "--cases" => size.cases = number().cast_signed(),
            "--households" => size.households = u32::try_from(number()).unwrap(),
            "--rows" => size.rows = number(),
            part => parts.push(part.to_owned()),
        }
    }
    let mut table = Table::default();
    let all: [(&str, fn(&Size, &mut Table)); 7] = [
        ("registration", registration::measure),
        ("card", card::measure),
        ("ledger", ledger::measure),
        ("search", search::measure),
        ("export", export::measure),
        ("settle", settle::measure),
        ("footprint", footprint::measure),
    ];
    for (name, part) in all {
        if parts.is_empty() || parts.iter().any(|asked| asked == name) {
            part(&size, &mut table);
        }
    }
    table.finish()
}
