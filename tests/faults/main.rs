//! The program itself under faults: killed at any moment, without room on its disk, without its database.
//!
//! After each of them every number that was acknowledged exists, none exists twice, and service returns by itself.
//! On SQLite by default, on PostgreSQL where `YOUZHI_TEST_DATABASE` names a server.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[expect(dead_code, reason = "shared with the benchmarks, each uses its part")]
mod http;
mod killed;
mod program;
mod room;
mod server;
mod vanished;
mod writers;

/// A small generator, so that a run that fails can be run again with the seed that it prints.
pub struct Dice(u64);

impl Dice {
    /// Seeded by `YOUZHI_TEST_SEED`, or by chance.
    pub fn thrown() -> Self {
        let seed = match std::env::var("YOUZHI_TEST_SEED") {
            Ok(seed) => seed.parse().expect("YOUZHI_TEST_SEED is a number"),
            Err(_) => u64::from_le_bytes(youzhi::secrets::random()),
        };
        println!("YOUZHI_TEST_SEED={seed}");
        Self(seed | 1)
    }

    /// A number from 0 to below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
