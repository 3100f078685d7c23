//! Rates, processor time and percentiles, and the table that they end in.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::program::County;

/// What was measured, line by line.
#[derive(Default)]
pub struct Table {
    failed: bool,
    begun: bool,
}

impl Table {
    /// A ratio that must be at least `least`.
    pub fn ratio(&mut self, what: &str, ours: &str, limit: &str, ratio: f64, least: f64) {
        self.line(what, ours, limit, &format!("{ratio:.2}"), &format!("≥ {least:.2}"), ratio >= least);
    }

    /// A ratio that must be at most `most`.
    pub fn at_most(&mut self, what: &str, ours: &str, limit: &str, ratio: f64, most: f64) {
        self.line(what, ours, limit, &format!("{ratio:.2}"), &format!("≤ {most:.2}"), ratio <= most);
    }

    /// A figure with a goal that no run fails by.
    pub fn goal(&mut self, what: &str, ours: &str, goal: &str, met: bool) {
        self.head();
        println!("| {what} | {ours} | | | {goal} | {} |", if met { "met" } else { "not met" });
    }

    fn line(&mut self, what: &str, ours: &str, limit: &str, ratio: &str, need: &str, holds: bool) {
        self.head();
        self.failed |= !holds;
        println!("| {what} | {ours} | {limit} | {ratio} | {need} | {} |", if holds { "holds" } else { "**fails**" });
    }

    fn head(&mut self) {
        if !std::mem::replace(&mut self.begun, true) {
            println!("| what | ours | limit | ratio | promised | |\n|---|---|---|---|---|---|");
        }
    }

    pub fn finish(self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// A rate with the processor time that the serving process spent on each.
#[derive(Clone, Copy)]
pub struct Rate {
    pub per_second: f64,
    pub cpu: Duration,
}

impl Rate {
    pub fn shown(self) -> String {
        format!("{:.0}/s, {:.2} ms CPU each", self.per_second, self.cpu.as_secs_f64() * 1e3)
    }
}

/// Keeps `connections` clients at work and counts what was answered.
pub fn load(
    client: &Client,
    process: u32,
    connections: usize,
    seconds: u64,
    request: impl Fn(&mut Client) + Sync,
) -> Rate {
    let (answered, before, started) = (AtomicU64::new(0), cpu(process), Instant::now());
    let until = started + Duration::from_secs(seconds);
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut own = client.another();
                while Instant::now() < until {
                    request(&mut own);
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let answered = answered.into_inner().max(1);
    Rate {
        per_second: answered as f64 / started.elapsed().as_secs_f64(),
        cpu: (cpu(process) - before) / u32::try_from(answered).unwrap(),
    }
}

/// The one in the middle by rate.
pub fn median(mut rates: Vec<Rate>) -> Rate {
    rates.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rates[rates.len() / 2]
}

/// Processor time that a process has used; the system counts hundredths of a second.
pub fn cpu(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// Waits until a process has done what it does once a day beside the requests: it rests for three seconds.
pub fn rest(process: u32) {
    let mut rested = 0;
    while rested < 3 {
        let before = cpu(process);
        std::thread::sleep(Duration::from_secs(1));
        rested = if cpu(process) - before < Duration::from_millis(30) { rested + 1 } else { 0 };
    }
}

/// The county of a part: its name and whether it lies on the server.
pub fn counties() -> Vec<(&'static str, County)> {
    let mut counties = Vec::new();
    let mut embedded = County::in_folder(crate::program::fresh_folder());
    embedded.fill();
    counties.push(("SQLite", embedded));
    if let Ok(admin) = std::env::var("YOUZHI_TEST_DATABASE") {
        embedded = County::in_folder(crate::program::fresh_folder());
        embedded.on_server(&admin);
        embedded.fill();
        counties.push(("PostgreSQL", embedded));
    }
    counties
}
