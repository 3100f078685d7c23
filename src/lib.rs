//! Youzhi 攸治: the system by which a county keeps its promises.
//!
//! The rooms, in the order in which they are best read.

pub mod backup;
pub mod cli;
pub mod db;
pub mod due;
pub mod ids;
pub mod marks;
pub mod paper;
pub mod parsers;
pub mod part;
mod rows;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod sheet;
pub mod web;
mod words;

pub mod accounts;
pub mod chain;
pub mod demo;
pub mod divisions;
pub mod duties;
pub mod entries;
pub mod files;
pub mod households;
pub mod imports;
pub mod notes;
pub mod officials;
pub mod open311;
pub mod pay;
pub mod petitions;
pub mod plans;
pub mod public;
pub mod receptions;
pub mod reports;
pub mod rewards;
pub mod statements;
pub mod values;

/// Every route of the program with its access.
pub fn rooms() -> web::Rooms {
    web::Rooms::new()
        .with(web::assets::rooms())
        .with(accounts::rooms())
        .with(divisions::rooms())
        .with(officials::rooms())
        .with(imports::rooms())
        .with(values::rooms())
        .with(households::rooms())
        .with(entries::rooms())
        .with(duties::rooms())
        .with(notes::rooms())
        .with(petitions::rooms())
        .with(public::rooms())
        .with(open311::rooms())
        .with(receptions::rooms())
        .with(plans::rooms())
        .with(pay::rooms())
        .with(reports::rooms())
        .with(rewards::rooms())
        .with(statements::rooms())
        .with(chain::rooms())
}
