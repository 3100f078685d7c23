//! Whose matter it is: the sender does not agree to an objection (art. 23), or lead and helpers do not agree on who leads
//! (art. 24). The common superior names the unit, and the unit named cannot object again.

use jiff::civil::Date;
use policy::Clock;

use super::acts::{Noun, Party, Refused};
use super::matter::{Lead, Tick};
use super::{Matter, State};
use crate::words::words;

words! {
    /// What a dispute is about.
    Quarrel {
        /// Whose remit it is.
        Objection = "objection", "管辖异议";
        /// Who leads.
        Deadlock = "deadlock", "主办协办意见不一致";
    }
}

/// A dispute that waits for its superior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// What it is about.
    pub kind: Quarrel,
    /// Who decides; nobody: the post is vacant.
    pub judge: Option<i64>,
}

impl Matter {
    /// Whether a dispute may be raised or decided now.
    pub(super) fn ready_to_dispute(&self, by: Party, noun: Noun) -> Result<(), Refused> {
        let need = |holds: bool, refused: Refused| if holds { Ok(()) } else { Err(refused) };
        let objected = self.lead.is_some_and(|lead| lead.objected);
        match noun {
            Noun::Ruling => {
                let dispute = self.dispute.ok_or(Refused::NoDispute)?;
                need(by.official.is_some() && dispute.judge == by.official, Refused::NotTheJudge)
            }
            Noun::Referral => {
                need(self.state == State::Assigned, Refused::NotYet(self.state))?;
                need(objected, Refused::NoObjection)?;
                need(self.dispute.is_none(), Refused::Disputed)
            }
            _ => {
                need(matches!(self.state, State::Assigned | State::Accepted), Refused::NotYet(self.state))?;
                let helps = by.unit.is_some_and(|unit| self.helpers.contains(&unit));
                need(helps || (by.unit.is_some() && by.unit == self.lead.map(|lead| lead.unit)), Refused::NotTheLead)?;
                need(!self.helpers.is_empty(), Refused::NoHelper)?;
                need(!objected, Refused::ObjectionRaised)?;
                need(self.dispute.is_none(), Refused::Disputed)
            }
        }
    }

    /// The superior names the unit that leads. The petitioner's days go on; another unit owes its own notice from today.
    pub(super) fn rule(&mut self, unit: i64, today: Date, ticks: &mut Vec<Tick>) -> Result<(), Refused> {
        if self.recused_units.contains(&unit) {
            return Err(Refused::Recused);
        }
        let dispute = self.dispute.take().ok_or(Refused::NoDispute)?;
        let lead = self.lead.as_mut().ok_or(Refused::NoDispute)?;
        self.designated.push(unit);
        ticks.push(Tick::Stop(Clock::Objection, today));
        if lead.unit == unit {
            lead.objected = false;
            return Ok(());
        }
        let before =
            std::mem::replace(lead, Lead { unit, since: today, object_by: None, objected: false, accepted_on: None });
        self.helpers.retain(|helper| *helper != unit);
        if dispute.kind == Quarrel::Deadlock {
            self.helpers.push(before.unit);
        }
        self.unit = Some(unit);
        self.handler = None;
        self.state = State::Assigned;
        self.notice_served = false;
        ticks.push(Tick::Stop(Clock::Notice, today));
        ticks.push(Tick::Start(Clock::Notice, today));
        Ok(())
    }

    /// A dispute that has lost what it was about falls away.
    pub(super) fn drop_dispute(&mut self) {
        let moot = match self.dispute {
            Some(Dispute { kind: Quarrel::Deadlock, .. }) => self.helpers.is_empty() || self.lead.is_none(),
            Some(_) => self.lead.is_none(),
            None => false,
        };
        if moot || self.withdrawn.is_some() {
            self.dispute = None;
        }
    }
}
