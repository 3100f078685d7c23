//! 述职报告 (E3, B6): what somebody gives account of to the superior at the end of a month, and a leader at the end of a
//! quarter. It writes itself from the records of plans, duties, entries and petitions; the person adds words of his or
//! her own and hands it in, the superior comments. Nothing is typed twice.
//!
//! `rules` decides (pure), `find` looks up, `told` says it as a paper, the rest are pages and acts; [`todo()`] is what
//! waits for somebody here.

mod acts;
mod find;
mod list;
mod page;
pub mod rules;
mod todo;
mod told;

pub use todo::todo;

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new().with(list::rooms()).with(page::rooms()).with(acts::rooms())
}
