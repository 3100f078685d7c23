//! Attachments: pictures, papers and recordings that people hand in and officials add.
//!
//! What a file is tells its content, never its name; what is not needed of it is not kept (`rules`, `judge`). The bytes
//! are encrypted and lie in a `store` under their hash; a row says whose they are, and the chain which they were. This
//! room knows no page: a room that has files asks first whether the viewer finds the record that they belong to.
//! Why so: docs/decisions/0006-files.md.

mod check;
mod form;
mod holders;
mod incoming;
mod judge;
mod kept;
mod papers;
mod pictures;
mod rules;
mod sound;
mod store;

pub use check::{Report, held, missing, verify};
pub use form::{Files, READ, Sent, read};
pub use holders::{HeldFile, Holder, HolderKind, find_of, give, of_kind};
pub use incoming::{Received, Waiting, claim, receive};
pub use judge::judged_twice;
pub use kept::{File, Found, erase, find, has_room_for, of, open, sweep, withdraw};
pub use rules::{ACCEPT, ACCEPTED, Kind, Part, Unwithdrawable};
pub use store::{Kept, Store};
