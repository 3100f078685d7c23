//! 接访 (C1 to C4): the year's reception days and who receives, booking a place, the talk and what comes of it.
//!
//! Days are made by rule ([`keep`], [`reconcile`]) and published; a person books on the public page or at the desk and
//! gets a number and a code; on the day a clerk writes down what is said, and what is not settled on the spot becomes a
//! petition bound to the leader who received. In key periods somebody of each unit's leadership is on duty every day.
//! `rules` decides (pure), `sight` says in SQL what a viewer finds.

mod booking;
mod calendar;
mod days;
mod desk;
mod erase;
mod export;
mod feed;
mod home;
mod leader;
mod periods;
mod public;
mod receive;
mod register;
mod roster;
pub mod rules;
mod show;
mod sight;
mod unit;
mod visitor;
mod visits;
mod year;

pub use calendar::{keep, reconcile};
pub use erase::erase;

use crate::web::Rooms;

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .with(public::rooms())
        .with(feed::rooms())
        .with(home::rooms())
        .with(year::rooms())
        .with(unit::rooms())
        .with(show::rooms())
        .with(desk::rooms())
        .with(register::rooms())
        .with(export::rooms())
        .with(periods::rooms())
        .with(roster::rooms())
}
