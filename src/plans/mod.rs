//! Plans (E1 to E4): what an official promises for a month gets a number when the superior freezes it, and the number
//! is cancelled by the superior when it was done: never by the owner, never by the supervision office, never by itself.
//!
//! `rules` and `stages` decide (pure), `sight` says in SQL what a viewer finds, `items` looks up, `beside` says what else
//! is shown with an item, the rest are acts, pages, and what other rooms may know ([`items_for_pay`], [`figures`], [`mine`], [`todo()`], [`rates`]).

mod acts;
mod below;
mod beside;
mod cancelling;
mod checks;
mod delegations;
mod details;
mod drawn;
mod entering;
mod erase;
mod figures;
mod form;
mod fulfilling;
mod helping;
mod item;
mod items;
mod ledger;
mod ledger_sheet;
mod month;
pub mod narrowed;
#[cfg(test)]
mod orders_tests;
mod picture;
mod post_duties;
mod propose;
mod quarters;
pub mod rates;
mod regroup;
mod regrouped;
pub mod regrouping;
mod reopened;
mod responsibilities;
pub mod rules;
mod sight;
pub mod stages;
mod stagnant;
mod submissions;
mod summary;
mod todo;
pub mod tree;
mod unlocks;
mod waiting;
pub mod window;

pub(crate) use checks::draw_by;
pub use erase::erase;
pub use figures::{Figures, PayItem, Within, figures, items_for_pay, mine, propose_cancellation, submitted};
pub use fulfilling::propose_fulfilled;
pub use items::Listed;
pub use ledger::{taken, windows};
pub use ledger_sheet::answer;
pub use reopened::{cancelled_before_reopening, to_reverse};
pub use stagnant::stagnant;
pub use summary::{counts_of, of_official, owes_account};
pub use todo::{Todo, todo};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(month::rooms())
        .with(ledger::rooms())
        .with(stagnant::rooms())
        .with(picture::rooms())
        .with(propose::rooms())
        .with(helping::rooms())
        .with(responsibilities::rooms())
        .with(regroup::rooms())
        .with(submissions::rooms())
        .with(waiting::rooms())
        .with(quarters::rooms())
        .with(cancelling::rooms())
        .with(checks::rooms())
        .with(delegations::rooms())
        .with(unlocks::rooms())
        .with(item::rooms())
        .with(acts::rooms())
}
