//! Steps on a matter: which of the five duties of a bound leader (五包) they may be evidence of, and when.

use jiff::civil::Date;

use super::acts::{Duty, Party, Refused};
use super::{Matter, State};
use crate::entries::rules::judge_day;

impl Matter {
    /// Whether the party is the leader to whom it is bound.
    pub fn is_bound_to(&self, by: Party) -> bool {
        by.official.is_some() && self.leader == by.official
    }

    /// The duties of which the party's step may be evidence now: they are the bound leader's own. What is closed can
    /// only be called back, and nothing is called back after a closing that is still to come.
    pub fn duties(&self, by: Party) -> Vec<Duty> {
        if !self.is_bound_to(by) {
            return Vec::new();
        }
        let closed = self.state == State::Closed;
        Duty::ALL.iter().copied().filter(|duty| (*duty == Duty::CalledBack) == closed).collect()
    }

    pub(super) fn step(&self, by: Party, on: Date, duty: Option<Duty>, today: Date) -> Result<(), Refused> {
        judge_day(on, today)?;
        match duty {
            None if self.state == State::Closed => Err(Refused::Over(self.state)),
            Some(_) if !self.is_bound_to(by) => Err(Refused::NotTheLeader),
            Some(duty) if !self.duties(by).contains(&duty) => Err(match duty {
                Duty::CalledBack => Refused::NotClosed,
                _ => Refused::Over(self.state),
            }),
            Some(Duty::CalledBack) => match self.closed_on {
                Some(closed) if on < closed => Err(Refused::ImpossibleDay(closed)),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}
