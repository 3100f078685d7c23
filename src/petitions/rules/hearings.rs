//! 听证: days that are left out of a clock, where the law (art. 36) or a document of the county leaves them out.

use jiff::civil::Date;
use policy::{Clock, Suspension};

use super::Matter;
use super::acts::{Party, Refused};
use super::matter::Tick;

/// The longest hearing that is recorded at once, in days: more is a slip of the pen.
const LONGEST: i32 = 30;

/// A running clock out of which the time of a hearing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excluding {
    /// Which clock.
    pub clock: Clock,
    /// The day on which it began, which is not counted anyway.
    pub since: Date,
    /// Its last day; nothing: not known yet.
    pub due: Option<Date>,
}

impl Matter {
    /// Whether the party may record a hearing: the lead unit, or whoever took the matter in.
    pub(super) fn ready_to_hear(&self, by: Party) -> Result<(), Refused> {
        if self.excludes.is_empty() {
            return Err(Refused::NothingSuspended);
        }
        // The hearing of a re-review is not the business of the unit whose opinion is reviewed.
        let handling = self.excludes.iter().any(|excluding| excluding.clock == Clock::Handling);
        let leads = handling && by.unit == self.lead.map(|lead| lead.unit);
        let own = by.unit.is_some() && (leads || by.unit == self.receiver);
        if own { Ok(()) } else { Err(Refused::NotTheLead) }
    }

    /// Whether days are left out of the clock of a review or re-review while it runs.
    pub fn excludes_hearings_of(&self, clock: Clock) -> bool {
        self.excludes.iter().any(|excluding| excluding.clock == clock)
    }

    /// The days of a hearing that the reviewing unit held, left out of its own clock.
    ///
    /// # Errors
    /// Where the law leaves nothing out of that clock, or the days do not fit into it.
    pub fn hear_in_review(&self, clock: Clock, (from, to): (Date, Date), today: Date) -> Result<Suspension, Refused> {
        if !self.excludes_hearings_of(clock) {
            return Err(Refused::NothingSuspended);
        }
        let mut ticks = Vec::new();
        self.hear(from, to, today, &mut ticks)?;
        let span = ticks.iter().find_map(|tick| match tick {
            Tick::Suspend(of, span) if *of == clock => Some(*span),
            _ => None,
        });
        span.ok_or(Refused::NothingSuspended)
    }

    /// What a hearing does to the clocks. It only ever adds days, and it cannot bring back a term that has run out.
    pub(super) fn hear(&self, from: Date, to: Date, today: Date, ticks: &mut Vec<Tick>) -> Result<(), Refused> {
        let span = Suspension::new(from, to).map_err(|_| Refused::HearingDays)?;
        if (to - from).get_days() >= LONGEST {
            return Err(Refused::HearingLong(LONGEST));
        }
        for Excluding { clock, since, due } in &self.excludes {
            if from <= *since {
                return Err(Refused::HearingEarly(*since));
            }
            if due.is_some_and(|due| due < today || due < from) {
                return Err(Refused::HearingLate);
            }
            ticks.push(Tick::Suspend(*clock, span));
        }
        Ok(())
    }
}
