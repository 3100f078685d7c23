//! Performance pay (E5 to E7): settled from the plan's cancellations by the rule in `policy::pay`, explained to the
//! fen, approved by two, and bound to a document that allows it.
//!
//! `rules`, `course`, `payment` and `reckoning` decide (pure), `kept` is what a run keeps, `inputs` gathers, `sight` says
//! in SQL what a viewer finds, `runs` looks up, the rest are acts and pages. Of the plan it knows what `plans` exports, of
//! rewards what `rewards` does, of petitions nothing. What waits for a viewer is [`waiting_for`].

mod answering;
mod corrections;
mod course;
mod deciding;
mod documents;
mod forfeitures;
mod inputs;
mod kept;
mod ledger;
mod notice;
mod notice_page;
mod objecting;
mod objections;
mod payment;
mod payroll;
mod reckoning;
mod rewarding;
mod rules;
mod run;
mod runs;
mod scheme;
mod settle;
pub mod settle_csv;
mod share;
mod sheet;
mod sight;
mod signing;
mod simulation;
mod stages;
mod summary;
mod words;

pub use objections::{Waiting, waiting_for};
pub(crate) use rules::Scope;
pub(crate) use settle::{NewRun, write_down};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(ledger::rooms())
        .with(run::rooms())
        .with(share::rooms())
        .with(deciding::rooms())
        .with(corrections::rooms())
        .with(forfeitures::rooms())
        .with(notice::rooms())
        .with(notice_page::rooms())
        .with(objecting::rooms())
        .with(answering::rooms())
        .with(signing::rooms())
        .with(summary::rooms())
        .with(sheet::rooms())
        .with(documents::rooms())
        .with(scheme::rooms())
        .with(simulation::rooms())
}
