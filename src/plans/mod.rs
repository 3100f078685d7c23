//! Plans (E1 to E4): what an official promises for a month gets a number when the superior freezes it, and the number
//! is cancelled by the superior when it was done: never by the owner, never by the supervision office, never by itself.
//!
//! `rules` and `stages` decide (pure), `sight` says in SQL what a viewer finds, `items` looks up, the rest are acts,
//! pages, and what other rooms may know ([`items_for_pay`], [`figures`], [`mine`], [`todo`], [`rates`]).

mod acts;
mod drawn;
mod entering;
mod erase;
mod figures;
mod item;
mod items;
mod ledger;
mod ledger_sheet;
mod month;
pub mod narrowed;
mod picture;
mod propose;
pub mod rates;
pub mod rules;
mod sight;
pub mod stages;
mod stagnant;
mod summary;
mod todo;
mod waiting;
pub mod window;

pub use erase::erase;
pub use figures::{Figures, PayItem, Within, figures, items_for_pay, mine, propose_cancellation, submitted};
pub use items::Listed;
pub use ledger::{taken, windows};
pub use ledger_sheet::answer;
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
        .with(waiting::rooms())
        .with(item::rooms())
        .with(acts::rooms())
}
