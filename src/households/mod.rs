//! Households (G1): the register that the duties need and nothing more, and who may look into which part of it.
//!
//! [`Scope`] is what an official's post reaches: the villages that he or she is assigned to, or the place of the unit.
//! Entries, duties and notes ask it too.

mod card;
mod pages;
mod register;
mod scope;

pub use pages::{Responsible, responsible};
pub use register::{Found, Household, Typed, find, phone_place, search, typed};
pub use scope::Scope;

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new().with(pages::rooms()).with(card::rooms())
}
