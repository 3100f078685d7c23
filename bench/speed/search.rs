//! Finding among a million cases: by name, by a word that all have and one that few have, by number and by phone, from
//! eight connections at once.

use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::Size;
use crate::http::Client;
use crate::ledger::fill;
use crate::measure::{Table, counties, rest};
use crate::program::County;

/// What is typed, and what it is.
const SEARCHES: [(&str, &str); 6] = [
    ("a name of two characters, 1 in 1,000", "文甲"),
    ("a word that all have", "路灯"),
    ("a word that 1 in 10,000 has", "山塘"),
    ("two words, 1 in 100 of all", "路灯 水渠"),
    ("a number", "满〔2020〕77号"),
    ("a phone", "13812345678"),
];

const CONNECTIONS: usize = 8;

pub fn measure(size: &Size, table: &mut Table) {
    for (name, county) in counties() {
        let mut times: Vec<Vec<Duration>> = Vec::new();
        let mut filled = 0;
        for cases in [10_000, size.cases] {
            fill(&county, filled, cases);
            tell(&county, filled, cases);
            filled = cases;
            let program = county.start();
            rest(program.id());
            let mut officer = Client::new(program.address);
            officer.sign_in("xinfang", youzhi::demo::PASSWORD);
            times.push(SEARCHES.iter().map(|(_, typed)| p99(&officer, typed)).collect());
        }
        for (index, (what, _)) in SEARCHES.iter().enumerate() {
            let (short, long) = (times[0][index], times[1][index]);
            let shown = format!(
                "{:.1} ms, {:.2} of {:.1} ms at 10,000",
                long.as_secs_f64() * 1e3,
                long.as_secs_f64() / short.as_secs_f64(),
                short.as_secs_f64() * 1e3
            );
            let met = long < Duration::from_millis(50);
            table.goal(&format!("search, {name}, {what}, p99 at {} cases", size.cases), &shown, "50 ms", met);
        }
    }
}

/// The 99th of a hundred answers to a search, asked over eight connections that have asked before.
fn p99(officer: &Client, typed: &str) -> Duration {
    let address = format!("/petitions?q={}", youzhi::web::forms::url_encode(typed));
    let ask = |client: &mut Client, times: usize| -> Vec<Duration> {
        (0..times)
            .map(|_| {
                let started = Instant::now();
                assert_eq!(client.get(&address).unwrap().status, 200);
                started.elapsed()
            })
            .collect()
    };
    // Each connection of the server plans a statement when it first sees it; that is not what a search takes.
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    let mut own = officer.another();
                    ask(&mut own, 20);
                    ask(&mut own, 50)
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    times.sort();
    times[times.len() * 99 / 100]
}

/// Names, and words, for the cases from `from` to below `to`.
fn tell(county: &County, from: i64, to: i64) {
    let pairs = |pair: &str, every: i64| {
        format!(
            "INSERT INTO petition_pair (pair, petition) SELECT '{pair}', id FROM petition WHERE id > {from} AND id <= {to} AND id % {every} = 0"
        )
    };
    let names = format!(
        "INSERT INTO petitioner (id, petition, position, name, address)
         SELECT id, id, 1, CASE id % 1000 WHEN 7 THEN '文甲' ELSE '陈' || (id % 997) END, ''
           FROM petition WHERE id > {from} AND id <= {to}"
    );
    let tidied = if county.database().starts_with("sqlite:") { "ANALYZE" } else { "VACUUM ANALYZE" };
    let statements = [
        names,
        pairs("路灯", 1),
        pairs("灯不", 1),
        pairs("不亮", 1),
        pairs("水渠", 100),
        pairs("山塘", 10_000),
        tidied.to_owned(),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = sqlx::AnyConnection::connect(&county.database()).await.unwrap();
        for sql in statements {
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
        connection.close().await.unwrap();
    });
}
