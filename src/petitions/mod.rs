//! Petitions (C5, C6, C7): a matter comes in, gets a number, a clock and an owner, and is answered in its time.
//!
//! `rules` decides (pure), `sight` says in SQL what a viewer finds, the rest are acts and pages.

mod accompaniments;
mod acts;
mod bound;
mod brought;
mod card;
mod cards;
mod cause;
mod clocks;
mod columns;
mod disputes;
mod erasure;
mod export;
mod files;
mod filter;
mod forms;
mod found;
mod full;
mod handled;
mod history;
mod inquiries;
mod ledger;
mod opinion;
mod pairing;
mod papers;
mod print;
mod recount;
mod register;
mod review_pages;
mod reviews;
pub mod rules;
mod samples;
mod saved;
mod sight;
mod state_number;
mod store_brought;
mod submissions;
mod threads;
mod timeline;
mod totals;
mod urge;
mod urging;
mod veil;
mod voice;
mod window;
mod words;

pub use acts::{Hindered, act, judge_step};
pub use brought::{Bringing, Brings};
pub use clocks::{Running, Standing};
pub use disputes::{ToRule, to_rule};
/// What the ledger and the reports count as the same matter told again.
pub use filter::push_repeat;
pub use found::{Earlier, Found, find_among, find_numbers, find_people, find_person, push_reopened};
pub use handled::{Handled, named};
pub use pairing::pair;
pub use recount::recount;
pub use register::{
    NewPetition, NewPetitioner, PetitionForm, Registered, UnitChoice, by_code, enter, meant, register, register_with,
    units,
};
pub(crate) use register::{code_for, code_key};
/// Adds to a query over `petition p` that the viewer may find the row; for rooms that link to petitions.
pub use sight::push as push_sight;
/// Recusal alone, for rooms that count or name petitions to those whose sight is another.
pub use sight::{is_recused, push_recusal};
pub use urge::urge;
/// Petitioners' names in what others wrote.
pub use veil::{hidden, veil, veiled};
pub use voice::{
    PublicDeadline, PublicStep, PublicView, acknowledge, ask_review, public_view, rate, rating_label, supplement,
    withdraw,
};

use crate::web::Rooms;

/// The headings of the columns by which petitions come in, in their order.
pub fn sheet_columns() -> impl Iterator<Item = &'static str> {
    brought::columns().map(columns::Column::label)
}

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(ledger::rooms())
        .with(export::rooms())
        .with(urging::rooms())
        .with(window::rooms())
        .with(card::rooms())
        .with(opinion::rooms())
        .with(papers::rooms())
        .with(review_pages::rooms())
        .with(samples::rooms())
        .with(print::rooms())
        .with(cards::rooms())
        .with(saved::rooms())
        .with(state_number::rooms())
        .with(threads::rooms())
        .with(files::rooms())
        .with(erasure::rooms())
        .with(bound::rooms())
        .with(inquiries::rooms())
        .with(accompaniments::rooms())
        .with(submissions::rooms())
        .with(cause::rooms())
}
