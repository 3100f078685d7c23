//! The newest 50 of the ledger by filter, at 10,000 cases and at a hundred times as many.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::Size;
use crate::http::Client;
use crate::measure::{Table, counties, cpu, rest};
use crate::program::{County, Program};

/// The ledger's addresses: each tab, and what people narrow it by.
const FILTERS: [&str; 6] = [
    "tab=all",
    "tab=open",
    "tab=all&township=430223125",
    "tab=all&category=claim",
    "tab=closed",
    "tab=all&state=accepted",
];

/// Rounds over all filters, in turns; of each figure the one in the middle counts.
const ROUNDS: usize = 3;

/// Requests of a filter in a round.
const REQUESTS: u32 = 1_000;

pub fn measure(size: &Size, table: &mut Table) {
    for ((name, short), (_, long)) in counties().into_iter().zip(counties()) {
        let counties = [(short, 10_000), (long, size.cases)];
        let mut sides: [Side; 2] = counties.each_ref().map(|(county, cases)| {
            fill(county, 0, *cases);
            let program = county.start();
            rest(program.id());
            let mut officer = Client::new(program.address);
            officer.sign_in("xinfang", youzhi::demo::PASSWORD);
            Side { process: program.id(), _program: program, officer }
        });
        let rounds: [Vec<[Figures; 2]>; ROUNDS] =
            std::array::from_fn(|_| FILTERS.iter().map(|filter| round(&mut sides, filter)).collect());
        for (index, filter) in FILTERS.iter().enumerate() {
            let middle = |side: usize, figure: fn(&Figures) -> Duration| {
                let mut figures: Vec<Duration> = rounds.iter().map(|round| figure(&round[index][side])).collect();
                figures.sort();
                figures[ROUNDS / 2].as_secs_f64() * 1e3
            };
            for (side, (_, cases)) in counties.iter().enumerate() {
                let what = format!("ledger, {name}, {filter}, {cases} cases: CPU each, median");
                let (cpu, median) = (middle(side, |figures| figures.cpu), middle(side, |figures| figures.median));
                table.goal(&what, &format!("{cpu:.2} ms, {median:.2} ms"), "0.50 ms CPU", cpu <= 0.5);
            }
            let (short, long) = (middle(0, |figures| figures.p99), middle(1, |figures| figures.p99));
            table.at_most(
                &format!("ledger, {name}, {filter}, p99 at {} against 10,000 cases", size.cases),
                &format!("{long:.2} ms"),
                &format!("{short:.2} ms"),
                long / short,
                1.5,
            );
        }
    }
}

/// A serving program and who asks it.
struct Side {
    process: u32,
    _program: Program,
    officer: Client,
}

/// What the requests of a round took.
struct Figures {
    cpu: Duration,
    median: Duration,
    p99: Duration,
}

/// Asks both sides in turns, request by request: what else the machine does meanwhile falls on both.
fn round(sides: &mut [Side; 2], filter: &str) -> [Figures; 2] {
    let address = format!("/petitions?{filter}");
    let ask = |side: &mut Side| {
        let started = Instant::now();
        assert_eq!(side.officer.get(&address).unwrap().status, 200);
        started.elapsed()
    };
    for _ in 0..20 {
        let _ = sides.each_mut().map(ask);
    }
    let before = sides.each_ref().map(|side| cpu(side.process));
    let times: Vec<[Duration; 2]> = (0..REQUESTS).map(|_| sides.each_mut().map(ask)).collect();
    std::array::from_fn(|side| {
        let cpu = (cpu(sides[side].process) - before[side]) / REQUESTS;
        let mut times: Vec<Duration> = times.iter().map(|pair| pair[side]).collect();
        times.sort();
        Figures { cpu, median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    })
}

/// Cases from `from` to below `to`, spread over townships, categories and states, with clocks for what is open.
pub fn fill(county: &County, from: i64, to: i64) {
    let started = Instant::now();
    let sqlite = county.database().starts_with("sqlite:");
    let numbers = if sqlite {
        format!("WITH RECURSIVE g (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM g WHERE n + 1 < {to})")
    } else {
        format!("WITH g (n) AS (SELECT * FROM generate_series(CAST({from} AS BIGINT), {to} - 1))")
    };
    let petition = format!(
        "INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division, township,
                               place_detail, people, anonymous, lead, category, state, unit, version)
         {numbers} SELECT n + 1, '满〔2020〕' || n || '号', '2020-01-01', n, 'visit', '路灯不亮', '路灯不亮三个月', 'other',
                CASE n % 20 WHEN 0 THEN '430223125' ELSE '430223' END, CASE n % 20 WHEN 0 THEN '430223125' ELSE '430223' END,
                '', 1, 0, '罗新华', CASE n % 3 WHEN 0 THEN 'claim' WHEN 1 THEN 'report' ELSE 'suggestion' END,
                CASE WHEN n % 50 = 0 THEN 'accepted' WHEN n % 50 = 1 THEN 'registered' ELSE 'closed' END,
                (SELECT MIN(id) FROM unit), 1 FROM g"
    );
    let clock = format!(
        "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional, stopped_on)
         {numbers} SELECT n + 1, n + 1, 'registration', '2020-01-01', '2020-01-16', 0,
                CASE WHEN n % 50 < 2 THEN NULL ELSE '2020-01-09' END FROM g"
    );
    // Who was to be told of them was told long ago: what a program does once with so many is not in the measuring.
    let urging = format!(
        "INSERT INTO urging (id, petition, clock, due_on, rung, told_on)
         SELECT c.id * 4 + r.place, c.petition, c.id, c.due_on, r.rung, '2020-02-01'
           FROM clock c, (SELECT 0 AS place, 'unit' AS rung UNION ALL SELECT 1, 'superior' UNION ALL SELECT 2, 'above') r
          WHERE c.id > {from} AND c.id <= {to} AND c.due_on = '2020-01-16' AND c.stopped_on IS NULL"
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&county.database()).await.unwrap();
        // A server's own housekeeping would come by within minutes; it must not fall into the measuring.
        let tidied = if sqlite { "ANALYZE" } else { "VACUUM ANALYZE" };
        let written = if sqlite { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "CHECKPOINT" };
        for sql in [petition, clock, urging, tidied.to_owned(), written.to_owned()] {
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        connection.close().await.unwrap();
    });
    eprintln!("{to} cases filled in {:.0?}", started.elapsed());
}
