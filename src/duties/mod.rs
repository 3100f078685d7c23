//! 六个一 (B): the recurring duties. Here B2: every household is visited at least once a year.
//!
//! A fulfilment is unique by duty, household and year, so that counting again changes nothing. How many households a
//! village has and how many were visited is kept in `duty_coverage`: counting 210,000 households and their visits
//! took 60 to 90 ms, reading 300 rows takes one. [`fulfil`] and [`withdraw`] keep it; [`reconcile`] makes it anew from
//! the rows themselves: after an import of households, and once a day ([`keep`]).

mod coverage;
mod fulfilment;
mod pages;
mod village;

pub use coverage::{Coverage, QUIET_DAYS, coverage, coverage_of, keep, reconcile, village_coverage};
pub use fulfilment::{fulfil, fulfilled, met_by, withdraw};

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new().with(pages::rooms()).with(village::rooms())
}
