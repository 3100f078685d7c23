//! Write once (记一笔): whatever an official did is one entry, and what it counts for is decided here and nowhere else.
//!
//! `rules::means` decides (pure); [`record`] carries it out in the caller's write: the household's yearly duty, the
//! note of what was said, the step on a case. The entry's page asks it again with what stood before the entry.
//! Progress on a plan item is a query over entries ([`households_met`]) and stored nowhere. An entry is never changed:
//! its writer may withdraw it on the same day, and it then counts for nothing any more.

mod cases;
mod erase;
mod mine;
mod record;
pub mod rules;
mod show;
mod tally;
mod write;

pub use erase::erase;
pub use record::{NewEntry, Recorded, households_met, record, record_step, withdraw};
pub use tally::{Tally, tally, worked_on};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new().with(write::rooms()).with(mine::rooms()).with(show::rooms())
}
