//! A database that is gone under load and comes back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::program::{County, fresh_folder};
use crate::server::Server;
use crate::writers::{Outcome, Writer, assert_kept, eight};

#[test]
fn a_vanished_database_is_a_fault_with_a_reference_and_service_returns_by_itself() {
    if std::env::var_os("YOUZHI_TEST_DATABASE").is_some() {
        // The server that other tests share cannot be stopped.
        let server = Server::start_new();
        let mut county = County::in_folder(fresh_folder());
        county.on_server(&server.url);
        county.fill();
        gone_and_back(&county, || server.stop(), || server.start());
    } else {
        let county = County::new();
        let away = county.folder.with_extension("away");
        gone_and_back(
            &county,
            || std::fs::rename(&county.folder, &away).unwrap(),
            || std::fs::rename(&away, &county.folder).unwrap(),
        );
    }
}

fn gone_and_back(county: &County, go: impl Fn(), come: impl Fn()) {
    let mut program = county.start();
    let mut writers = eight(program.address);
    for round in 1..=3 {
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.register_until(&stop));
            }
            std::thread::sleep(Duration::from_millis(700));
            go();
            std::thread::sleep(Duration::from_millis(1500));
            come();
            std::thread::sleep(Duration::from_millis(300));
            stop.store(true, Ordering::Relaxed);
        });
        program.still_runs();
        for writer in &mut writers {
            assert!(writer.faults.len() >= round, "nobody was told that the database was gone");
            assert!(back_within(writer, Duration::from_secs(20)), "service did not return");
            writer.faults = vec![String::new(); round];
        }
        assert_kept(county, &writers);
    }
    program.still_runs();
    program.kill();
    county.verify();
}

fn back_within(writer: &mut Writer, limit: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < limit {
        if writer.register() == Outcome::Registered {
            return true;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    false
}
