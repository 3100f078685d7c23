//! The ledger as an Excel file of a hundred thousand rows: how fast against writing the same rows from memory, and how
//! much memory the serving process takes for it.

use std::time::Instant;

use youzhi::sheet::{self, Format};

use crate::Size;
use crate::http::Client;
use crate::ledger::fill;
use crate::measure::{Table, counties, rest};

const MOST: i64 = 100_000;

pub fn measure(size: &Size, table: &mut Table) {
    let cases = size.cases.min(MOST);
    for (name, county) in counties() {
        fill(&county, 0, cases);
        let program = county.start();
        rest(program.id());
        let mut officer = Client::new(program.address);
        officer.sign_in("xinfang", youzhi::demo::PASSWORD);
        // Few rows first: what any export takes is not of the rows.
        assert_eq!(officer.get("/petitions/export.xlsx?tab=bound").unwrap().status, 200);
        std::fs::write(format!("/proc/{}/clear_refs", program.id()), "5").unwrap();
        let before = peak(program.id());
        let started = Instant::now();
        let answer = officer.get("/petitions/export.xlsx?tab=all").unwrap();
        let took = started.elapsed();
        assert_eq!(answer.status, 200);
        let grown = peak(program.id()).saturating_sub(before);

        let sheet = sheet::read(&answer.body).unwrap();
        let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
        let rows: Vec<Vec<String>> = sheet.rows.into_iter().map(|(_, row)| row).collect();
        assert!(rows.len() as i64 >= cases, "{} rows", rows.len());
        let each = |took: std::time::Duration| rows.len() as f64 / took.as_secs_f64();
        let ours = each(took);
        let started = Instant::now();
        let written = sheet::write(Format::Xlsx, &columns, rows.iter().cloned()).unwrap();
        let limit = each(started.elapsed());
        assert!(!written.is_empty());
        let shown = |rate: f64| format!("{rate:.0} rows/s");
        let what = format!("export, {name}, {} rows, against writing them from memory", rows.len());
        table.ratio(&what, &shown(ours), &shown(limit), ours / limit, 0.25);
        let what = format!("export, {name}, {} rows: memory beyond that of serving", rows.len());
        table.goal(&what, &format!("{} MB", grown / 1024), "32 MB", grown < 32 * 1024);
    }
}

/// The most memory that a process has had since it was last asked to forget, in KiB.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
