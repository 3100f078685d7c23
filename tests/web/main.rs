//! Tests through the real router on a real database: SQLite by default, PostgreSQL where
//! `YOUZHI_TEST_DATABASE` names a server (`postgres://user@host:port/postgres`). A module a room.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[path = "../county/mod.rs"]
mod county;

mod accounts;
mod bindings;
mod causes;
mod chain;
mod db;
mod demo;
mod duties;
mod entries;
mod erasures;
mod fields;
mod files;
mod households;
mod imports;
mod limits_of_time;
mod notes;
mod open311;
mod outcomes;
mod papers;
mod pay;
mod pay_cases;
mod pay_notice;
mod pay_payment;
mod pay_private;
mod pay_schemes;
mod pay_signing;
mod pay_simulations;
mod pay_sql;
mod petitions;
mod petitions_acts;
mod petitions_clocks;
mod petitions_disputes;
mod petitions_filters;
mod petitions_ledger;
mod petitions_paths;
mod petitions_sheet;
mod petitions_threads;
mod petitions_turns;
mod petitions_urging;
mod petitions_veil;
mod petitions_words;
mod pictures;
mod plans;
mod plans_cancelling;
mod plans_checks;
mod plans_items;
mod plans_quarters;
mod plans_unlocks;
mod public;
mod published;
mod rates;
mod readings;
mod receptions;
mod receptions_days;
mod reports;
mod reviews;
mod samples;
mod sign_in;
mod statements;
mod submissions;
mod values;
mod work;
