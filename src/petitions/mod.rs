//! Petitions (C5, C6, C7): a matter comes in, gets a number, a clock and an owner, and is answered in its time.
//!
//! `rules` decides (pure), `sight` says in SQL what a viewer finds, the rest are acts and pages.

mod accompaniments;
mod acts;
mod bound;
mod card;
mod clocks;
mod erasure;
mod export;
mod filter;
mod forms;
mod history;
mod inquiries;
mod ledger;
mod opinion;
mod register;
pub mod rules;
mod sight;
mod timeline;
mod veil;
mod voice;
mod window;

pub use acts::{Hindered, act, judge_step};
pub use clocks::{Running, Standing};
pub use register::{NewPetition, NewPetitioner, PetitionForm, Registered, UnitChoice, by_code, register, units};
/// Adds to a query over `petition p` that the viewer may find the row; for rooms that link to petitions.
pub use sight::push as push_sight;
/// Recusal alone, for rooms that count or name petitions to those whose sight is another.
pub use sight::{is_recused, push_recusal};
pub use veil::veil;
pub use voice::{PublicDeadline, PublicStep, PublicView, acknowledge, public_view, rate, rating_label, supplement};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(ledger::rooms())
        .with(export::rooms())
        .with(window::rooms())
        .with(card::rooms())
        .with(opinion::rooms())
        .with(erasure::rooms())
        .with(bound::rooms())
        .with(inquiries::rooms())
        .with(accompaniments::rooms())
}
