//! 代访 (C9): where the policy is unclear the petition office writes to the superior authority instead of sending the
//! petitioner there, brings the answer back, and tells the petitioner in plain words. The waiting stops no clock.

mod open;
mod page;
mod rules;

use crate::web::Rooms;

/// The routes of inquiries.
pub(super) fn rooms() -> Rooms {
    Rooms::new().with(page::rooms()).with(open::rooms())
}

pub(super) use rules::waited;
