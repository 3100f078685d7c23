//! 包案 (C7, C8): the quarter's list from screening to approval, the leader's tracking, more time with the chief's
//! consent, the handover signed by both, and the quarter-end meeting, whose page writes itself from records.
//!
//! A petition office proposes, the chief of that level approves, and only then the case is bound. The direct binding on
//! the card stays for what cannot wait for a chief; lists and meeting call it 紧急直接包案, since it is on nobody's list
//! until somebody looks.

mod binding;
mod list;
mod meeting;
mod mine;
mod propose;
mod report;
pub(super) mod rules;
mod screen;
mod sight;
mod track;

pub(super) use track::room_of;

use super::acts::Hindered;
use crate::web::{Refusal, Rooms};
use rules::Barred;

/// Why an act on a bound case did not happen.
#[derive(Debug)]
enum Stopped {
    /// A rule is against it; the text goes back with the form.
    Rule(Barred),
    /// Not there, somebody was faster, or a fault.
    Edge(Refusal),
}

impl From<Barred> for Stopped {
    fn from(barred: Barred) -> Self {
        Self::Rule(barred)
    }
}

impl From<Hindered> for Stopped {
    fn from(hindered: Hindered) -> Self {
        match hindered {
            Hindered::Rule(refused) => Self::Rule(Barred::Act(refused)),
            Hindered::Edge(refusal) => Self::Edge(refusal),
        }
    }
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Edge(refusal)
    }
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        Self::Edge(error.into())
    }
}

impl From<anyhow::Error> for Stopped {
    fn from(error: anyhow::Error) -> Self {
        Self::Edge(error.into())
    }
}

impl From<jiff::Error> for Stopped {
    fn from(error: jiff::Error) -> Self {
        Self::Edge(error.into())
    }
}

/// The routes of bound cases.
pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .with(list::rooms())
        .with(screen::rooms())
        .with(propose::rooms())
        .with(binding::rooms())
        .with(mine::rooms())
        .with(meeting::rooms())
}
