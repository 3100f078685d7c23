//! Plans (E1 to E4): what an official promises for a month gets a number when the superior freezes it, and the number
//! is cancelled by the superior when it was done: never by the owner, never by the supervision office, never by itself.
//!
//! `rules` and `stages` decide (pure), `sight` says in SQL what a viewer finds, `items` looks up, the rest are acts,
//! pages, and what other rooms may know ([`items_for_pay`], [`figures`], [`mine`], [`waiting_for`]).

mod acts;
mod entering;
mod erase;
mod figures;
mod item;
mod items;
mod ledger;
mod month;
mod propose;
mod reopened;
pub mod rules;
mod sight;
pub mod stages;
mod waiting;

pub use erase::erase;
pub use figures::{
    Figures, PayItem, Waiting, Within, figures, items_for_pay, mine, propose_cancellation, submitted, waiting_for,
};
pub use items::Listed;
pub use reopened::{cancelled_before_reopening, to_reverse};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(month::rooms())
        .with(ledger::rooms())
        .with(propose::rooms())
        .with(waiting::rooms())
        .with(item::rooms())
        .with(acts::rooms())
}
