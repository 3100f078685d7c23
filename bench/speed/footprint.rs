//! What the program takes: memory while it serves the full county, time to its first page, size of its file.

use std::time::{Duration, Instant};

use crate::Size;
use crate::http::Client;
use crate::measure::Table;
use crate::program::{County, fresh_folder};

pub fn measure(size: &Size, table: &mut Table) {
    // What a newcomer waits for, and the full county.
    fill(20_000, Duration::from_secs(15), table);
    let county = fill(size.households, Duration::from_secs(90), table);

    let mut starts: Vec<Duration> = (0..5).map(|_| start_to_first_page(&county)).collect();
    starts.sort();
    let shown = format!("{:.0} ms", starts[2].as_secs_f64() * 1e3);
    table.goal("start to first page, existing database", &shown, "300 ms", starts[2] < Duration::from_millis(300));

    let program = county.start();
    let mut officer = Client::new(program.address);
    officer.sign_in("xinfang", youzhi::demo::PASSWORD);
    let cases: Vec<(i64,)> = county.rows("SELECT id FROM petition ORDER BY id DESC LIMIT 500");
    for (case,) in &cases {
        officer.get("/petitions").unwrap();
        officer.get(&format!("/petitions/{case}")).unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let kib = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let resident = kib("VmRSS:");
    let shown = format!("{} MB, of it {} MB the program itself", resident / 1024, kib("RssFile:") / 1024);
    table.goal("resident memory after 1,000 pages", &shown, "80 MB", resident < 80 * 1024);

    let size = std::fs::metadata(env!("CARGO_BIN_EXE_youzhi")).unwrap().len();
    let shown = format!("{}.{} MB", size / 1_000_000, size / 100_000 % 10);
    table.goal("size of the binary as built", &shown, "–", true);
}

fn fill(households: u32, goal: Duration, table: &mut Table) -> County {
    let county = County::in_folder(fresh_folder());
    let started = Instant::now();
    let mut fill = county.command(&["demo", "--fill-only", "--households", &households.to_string(), "--data"]);
    assert!(fill.arg(&county.folder).status().unwrap().success());
    let took = started.elapsed();
    let what = format!("demo county of {households} households");
    table.goal(&what, &format!("{took:.1?}"), &format!("{} s", goal.as_secs()), took < goal);
    county
}

fn start_to_first_page(county: &County) -> Duration {
    let started = Instant::now();
    let program = county.start();
    assert_eq!(Client::new(program.address).get("/").unwrap().status, 200);
    let took = started.elapsed();
    program.kill();
    took
}
