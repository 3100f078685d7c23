//! How a matter ends otherwise than by an opinion (art. 33), and the carrying out of what was supported (art. 32).

use jiff::civil::Date;
use policy::Clock;
use serde::Serialize;

use super::State;
use super::acts::{Party, Refused, Resolution};
use super::matter::{Confirmation, Issued, Matter, Tick};
use crate::words::words;

words! {
    /// How two parties came to terms (art. 33).
    Settling {
        /// 调解: the unit mediated.
        Mediated = "mediated", "调解";
        /// 和解: the parties by themselves.
        Reconciled = "reconciled", "和解";
    }
}

/// 调解、和解协议, signed by both parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// How it came about.
    pub manner: Settling,
    /// Both sides, by name.
    pub parties: String,
    /// What the dispute was.
    pub facts: String,
    /// What was agreed.
    pub terms: String,
    /// How it is carried out.
    pub performance: String,
    /// The last day for that.
    pub due_on: Date,
    /// The day on which both signed.
    pub agreed_on: Date,
    /// Both parties consented to it.
    pub consented: bool,
}

impl Matter {
    /// What it may be closed as: withdrawn where it was withdrawn, and only there.
    pub fn resolutions(&self) -> Vec<Resolution> {
        let fits = |resolution: &&Resolution| (**resolution == Resolution::Withdrawn) == self.withdrawn.is_some();
        Resolution::ALL.iter().filter(fits).copied().collect()
    }

    /// The agreement stands in the place of a written answer that both have in hands.
    pub(super) fn settle(&mut self, by: Party, agreement: &Agreement, today: Date) -> Result<Vec<Tick>, Refused> {
        let by = by.official.ok_or(Refused::NotTheLead)?;
        if !agreement.consented {
            return Err(Refused::NotBoth);
        }
        let on = agreement.agreed_on;
        let accepted = self.lead.and_then(|lead| lead.accepted_on).unwrap_or(on);
        if on > today || on < accepted {
            return Err(Refused::ImpossibleDay(accepted));
        }
        if agreement.due_on < on {
            return Err(Refused::DueBeforeAgreed);
        }
        self.opinion = Some(Issued { on, by, served_on: Some(on) });
        self.state = State::Answered;
        self.to_execute = true;
        Ok(vec![Tick::Stop(Clock::Notice, on), Tick::Stop(Clock::Handling, on)])
    }

    /// Nothing is owed any more to whoever withdrew.
    pub(super) fn withdraw(&mut self, by: Party, today: Date) -> Vec<Tick> {
        self.withdrawn = Some(by.official.map_or(Confirmation::Code, Confirmation::Signature));
        self.state = State::Answered;
        let owed = [Clock::Registration, Clock::Notice, Clock::Objection, Clock::Handling];
        owed.map(|clock| Tick::Stop(clock, today)).to_vec()
    }

    /// Whether the petitioner's withdrawal and the closer are two keys: the code, unless the closer has seen it, or a
    /// signature that somebody else recorded.
    pub(super) fn withdrawn_with(&self, closer: Option<i64>) -> bool {
        match self.withdrawn {
            None => false,
            Some(Confirmation::Code) => closer != self.registered_by,
            Some(Confirmation::Signature(recorded_by)) => Some(recorded_by) != closer,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::paths::fresh;
    use super::super::{Act, Category, Outcome, Part};
    use super::*;

    const OFFICE: Party = Party { official: Some(90), unit: Some(9) };
    const OTHER: Party = Party { official: Some(91), unit: Some(9) };
    const THIRD: Party = Party { official: Some(92), unit: Some(9) };
    const HANDLER: Party = Party { official: Some(10), unit: Some(1) };
    const ON: Date = date(2026, 3, 2);

    fn walk(matter: Matter, acts: &[(Party, Act)]) -> Matter {
        acts.iter().fold(matter, |matter, (by, act)| {
            matter.after(*by, act, ON).unwrap_or_else(|refused| panic!("{act:?}: {refused}")).0
        })
    }

    fn accepted() -> Matter {
        let acts = [
            (OFFICE, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (OFFICE, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
            (HANDLER, Act::Accept { path: String::new() }),
        ];
        walk(fresh(false), &acts)
    }

    fn settle(consented: bool, due_on: Date) -> Act {
        let text = String::new;
        let (parties, facts, terms, performance) = (text(), text(), text(), text());
        let (manner, agreed_on) = (Settling::Mediated, ON);
        Act::Settle {
            agreement: Agreement { manner, parties, facts, terms, performance, due_on, agreed_on, consented },
        }
    }

    fn close(resolution: Resolution) -> Act {
        Act::Close { resolution }
    }

    #[test]
    fn that_somebody_stopped_coming_is_no_end() {
        assert!(Resolution::ALL.iter().all(|end| !end.label().contains('息') && !end.word().contains("settled")));
        assert_eq!(Resolution::from_word("xifang"), None);
        let refused = accepted().after(OTHER, &close(Resolution::Answered), ON).unwrap_err();
        assert_eq!(refused, Refused::NotYet(State::Accepted));
    }

    #[test]
    fn an_agreement_needs_both_and_closes_with_two_keys_like_any_answer() {
        let due = date(2026, 4, 2);
        assert_eq!(accepted().after(HANDLER, &settle(false, due), ON).unwrap_err(), Refused::NotBoth);
        assert_eq!(accepted().after(OTHER, &settle(true, due), ON).unwrap_err(), Refused::NotTheLead);
        let early = accepted().after(HANDLER, &settle(true, date(2026, 3, 1)), ON).unwrap_err();
        assert_eq!(early, Refused::DueBeforeAgreed);
        let settled = walk(accepted(), &[(HANDLER, settle(true, due))]);
        assert!(settled.running.is_empty() && settled.to_execute, "no clock and no review, but something to carry out");
        assert_eq!(settled.after(OTHER, &close(Resolution::Resolved), ON).unwrap_err(), Refused::OneKey);
        let called = walk(settled, &[(OTHER, Act::CallBack { on: ON, reached: true, content: String::new() })]);
        let closed = walk(called, &[(THIRD, close(Resolution::Resolved))]);
        let report = |done| Act::Execute { content: String::new(), done };
        let half = walk(closed, &[(HANDLER, report(false))]);
        assert!(half.to_execute);
        let done = walk(half, &[(HANDLER, report(true))]);
        assert_eq!(done.after(HANDLER, &report(true), ON).unwrap_err(), Refused::NothingToExecute);
    }

    #[test]
    fn what_is_supported_is_to_be_carried_out_and_the_rest_is_not() {
        for (outcome, expected) in
            [(Outcome::Supported, true), (Outcome::Explained, false), (Outcome::NotSupported, false)]
        {
            let text = String::new;
            let issue = Act::Issue { outcome, request: text(), facts: text(), basis: text(), reply: text() };
            assert_eq!(walk(accepted(), &[(HANDLER, issue)]).to_execute, expected, "{outcome}");
        }
    }

    #[test]
    fn a_withdrawal_is_the_petitioners_and_neither_the_handler_nor_one_official_alone_makes_it() {
        let withdraw = || Act::Withdraw { reason: String::new() };
        assert_eq!(accepted().after(HANDLER, &withdraw(), ON).unwrap_err(), Refused::OwnWithdrawal);
        assert_eq!(
            accepted().after(OTHER, &close(Resolution::Withdrawn), ON).unwrap_err(),
            Refused::NotYet(State::Accepted)
        );
        let signed = walk(accepted(), &[(OTHER, withdraw())]);
        assert!(signed.running.is_empty());
        assert_eq!(signed.resolutions(), [Resolution::Withdrawn]);
        assert_eq!(signed.after(OTHER, &close(Resolution::Withdrawn), ON).unwrap_err(), Refused::OneKey);
        assert_eq!(signed.after(THIRD, &close(Resolution::Answered), ON).unwrap_err(), Refused::Withdrawn);
        assert!(signed.after(THIRD, &close(Resolution::Withdrawn), ON).is_ok());
        let coded = walk(fresh(false), &[(Party::PETITIONER, withdraw())]);
        assert_eq!(coded.after(OFFICE, &close(Resolution::Withdrawn), ON).unwrap_err(), Refused::RegistrarKey);
        assert!(coded.after(OTHER, &close(Resolution::Withdrawn), ON).is_ok());
        assert_eq!(coded.after(Party::PETITIONER, &withdraw(), ON).unwrap_err(), Refused::Done);
    }
}
