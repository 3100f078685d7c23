//! Pages for people without an account: hand a matter in, follow it with the code on the receipt, check the chain.
//!
//! Nobody learns here who else has handed something in, whether a code exists, or what an official is called: the
//! code stands in request bodies alone, never in an address or a log, and what is wrong with it is never said.

mod follow;
mod frame;
mod intake;
mod rules;
mod verify;

/// What stands around a public page; for the public pages of other rooms.
pub use frame::Frame;

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new().with(intake::rooms()).with(follow::rooms()).with(verify::rooms())
}
