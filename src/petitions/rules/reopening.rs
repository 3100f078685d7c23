//! 重新办理: an answer is set aside and the matter handled anew, because a review ordered it (art. 35) or because it had
//! been closed wrongly.

use jiff::civil::Date;
use policy::Clock;

use super::State;
use super::acts::{Party, Refused};
use super::matter::{Matter, Tick};

impl Matter {
    /// Whether an answer can be set aside: by a review that ordered it, or, once closed, by whoever disposes of it.
    pub(super) fn may_reopen(&self, by: Party, ordered: bool) -> Result<(), Refused> {
        if !matches!(self.state, State::Closed | State::Answered) || (self.state == State::Answered && !ordered) {
            return Err(Refused::NotYet(self.state));
        }
        // An agreement is carried out or not; whoever withdrew comes anew.
        if !self.opined || self.withdrawn.is_some() {
            return Err(Refused::NothingToReopen);
        }
        if self.handled_by(by) && !ordered { Err(Refused::OwnReopening) } else { Ok(()) }
    }

    /// The answer falls away and with it all that followed. Ordered by a review, the sixty days begin anew; what had been
    /// closed wrongly has lost its days.
    pub(super) fn reopen(&mut self, ordered: bool, today: Date) -> Vec<Tick> {
        let mut ticks = Vec::new();
        for clock in [Clock::ReviewRequest, Clock::ReReviewRequest] {
            ticks.push(Tick::Stop(clock, today));
        }
        (self.opinion, self.acknowledged, self.closed_on) = (None, None, None);
        (self.opined, self.to_execute) = (false, false);
        self.call_backs.clear();
        self.state = State::Accepted;
        if self.handler.is_some_and(|handler| self.recused_officials.contains(&handler)) {
            self.handler = None;
        }
        if self.has_handling_clock() {
            let begins = if ordered { Tick::Start(Clock::Handling, today) } else { Tick::Resume(Clock::Handling) };
            ticks.push(begins);
        }
        if self.lead.is_none_or(|lead| self.recused_units.contains(&lead.unit)) {
            self.take_from_lead(today, &mut ticks);
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::matter::{Issued, Lead};
    use super::super::paths::fresh;
    use super::super::{Act, Category};
    use super::*;

    const ON: Date = date(2026, 3, 2);
    const OFFICE: Party = Party { official: Some(90), unit: Some(9) };

    fn closed() -> Matter {
        let mut matter = fresh(false);
        (matter.category, matter.branch, matter.state) = (Category::Claim, Some(6), State::Closed);
        matter.lead = Some(Lead { unit: 1, since: ON, object_by: None, objected: false, accepted_on: Some(ON) });
        (matter.unit, matter.handler, matter.running) = (Some(1), Some(10), vec![Clock::ReviewRequest]);
        matter.opinion = Some(Issued { on: ON, by: 10, served_on: Some(ON) });
        (matter.opined, matter.closed_on, matter.to_execute) = (true, Some(ON), true);
        matter
    }

    fn reopen(ordered: bool) -> Act {
        Act::Reopen { reason: String::new(), review: ordered.then_some(7) }
    }

    #[test]
    fn what_was_closed_wrongly_goes_on_with_the_days_that_it_had() {
        let (matter, ticks) = closed().after(OFFICE, &reopen(false), ON).unwrap();
        assert_eq!((matter.state, matter.opinion, matter.closed_on), (State::Accepted, None, None));
        assert_eq!((matter.running.as_slice(), matter.to_execute), (&[Clock::Handling][..], false));
        assert!(ticks.contains(&Tick::Resume(Clock::Handling)), "{ticks:?}");
        let handler = Party { official: Some(10), unit: Some(1) };
        assert_eq!(closed().after(handler, &reopen(false), ON).unwrap_err(), Refused::OwnReopening);
        let answered = Matter { state: State::Answered, ..closed() };
        assert_eq!(answered.after(OFFICE, &reopen(false), ON).unwrap_err(), Refused::NotYet(State::Answered));
    }

    #[test]
    fn what_a_review_sends_back_has_its_sixty_days_anew() {
        let answered = Matter { state: State::Answered, ..closed() };
        let (_, ticks) = answered.after(OFFICE, &reopen(true), ON).unwrap();
        assert!(ticks.contains(&Tick::Start(Clock::Handling, ON)), "{ticks:?}");
    }

    #[test]
    fn a_unit_that_is_to_be_kept_from_it_does_not_get_it_back() {
        let mut matter = closed();
        matter.recused_units.push(1);
        let (matter, _) = matter.after(OFFICE, &reopen(false), ON).unwrap();
        assert_eq!((matter.state, matter.lead, matter.unit), (State::Registered, None, Some(9)));
        assert!(matter.running.contains(&Clock::Registration));
    }

    #[test]
    fn an_agreement_is_not_set_aside() {
        let settled = Matter { opined: false, ..closed() };
        assert_eq!(settled.after(OFFICE, &reopen(false), ON).unwrap_err(), Refused::NothingToReopen);
    }
}
