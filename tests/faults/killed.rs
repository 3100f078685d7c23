//! `kill -9` at random moments under eight writers, round after round on one database.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::Dice;
use crate::program::County;
use crate::writers::{assert_kept, eight};

#[test]
fn kill_9_under_eight_writers_loses_nothing_that_was_acknowledged() {
    let rounds = std::env::var("YOUZHI_TEST_ROUNDS").map_or(50, |rounds| rounds.parse().expect("a number of rounds"));
    let mut dice = Dice::thrown();
    let county = County::new();
    let mut program = county.start();
    let mut writers = eight(program.address);
    let (mut unheard, started) = (0, Instant::now());
    for round in 0..rounds {
        let never = AtomicBool::new(false);
        let before: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
        std::thread::scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.register_until(&never));
            }
            // Until the first answers; then a moment that falls anywhere in their work.
            std::thread::sleep(Duration::from_millis(100 + dice.below(700)));
            program.kill();
        });
        for writer in &writers {
            assert_eq!(writer.faults, [""; 0], "round {round}: a fault before the kill");
        }
        unheard += writers.iter().filter(|writer| writer.is_waiting()).count();
        county.verify();
        assert_kept(&county, &writers);
        program = county.start();
        let now: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
        assert!(round > 0 || now > before, "nobody was served in the first round");
        for writer in &mut writers {
            // Sends again what was not answered: whether or not it was kept, it is one petition with one number.
            writer.moved_to(program.address);
            writer.settle();
        }
    }
    assert_kept(&county, &writers);
    program.kill();
    county.verify();
    let registered: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    println!(
        "{rounds} rounds in {:.0?}: {registered} numbers acknowledged, {unheard} forms in flight at a kill",
        started.elapsed()
    );
    assert!(unheard > 0, "no kill met a form in flight: this proved nothing");
}
