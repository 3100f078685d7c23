//! Tests through the real router on a real database: SQLite by default, PostgreSQL where
//! `YOUZHI_TEST_DATABASE` names a server (`postgres://user@host:port/postgres`). A module a room.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[path = "../county/mod.rs"]
mod county;

mod accounts;
mod bindings;
mod chain;
mod db;
mod demo;
mod duties;
mod entries;
mod erasures;
mod fields;
mod households;
mod imports;
mod limits_of_time;
mod notes;
mod pay;
mod pay_signing;
mod petitions;
mod petitions_acts;
mod petitions_ledger;
mod petitions_turns;
mod petitions_veil;
mod plans;
mod public;
mod readings;
mod reports;
mod sign_in;
mod values;
