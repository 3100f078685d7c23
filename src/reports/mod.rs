//! Figures across rooms (G8, G9): the overview of a place and an official's own month. Reads only; every figure says
//! as of when and leads to the records that it counts.

mod annual;
mod columns;
mod counts;
mod figures;
mod my_month;
mod overview;
mod petitions;
mod rates;
mod rates_sheet;
mod work;

use crate::web::Rooms;

/// `/overview`, `/my-month`, `/petitions/figures`, `/plans/rates`, `/work`.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(overview::rooms())
        .with(my_month::rooms())
        .with(petitions::rooms())
        .with(rates::rooms())
        .with(work::rooms())
}
