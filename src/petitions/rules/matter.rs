//! What may be done to a petition, by whom and when, and what comes of it.
//!
//! [`Matter::after`] is the whole state machine: a matter, a party and an act give the matter as it is then and the
//! clocks that start and stop, or the reason why not.

use jiff::civil::Date;
use policy::{Clock, Suspension};

use super::acts::{Act, Manner, Noun, Outcome, Paper, Part, Party, Refused, Resolution};
use super::{Category, Dispute, Excluding, Quarrel, State, Term};

/// A written opinion as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The day.
    pub on: Date,
    /// Its writer.
    pub by: i64,
    /// The day on which it reached the petitioner.
    pub served_on: Option<Date>,
}

/// How the petitioner confirmed that the answer was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// By the code on the receipt.
    Code,
    /// By a signature that this official recorded.
    Signature(i64),
}

/// A call-back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// By whom.
    pub by: i64,
    /// The day.
    pub on: Date,
    /// Whether somebody answered.
    pub reached: bool,
}

/// A unit's turn as lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lead {
    /// The unit.
    pub unit: i64,
    /// Dispatched on.
    pub since: Date,
    /// Last day on which it may object; nothing: not known yet.
    pub object_by: Option<Date>,
    /// It objected.
    pub objected: bool,
    /// It accepted on.
    pub accepted_on: Option<Date>,
}

/// A petition as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// How far it has come.
    pub state: State,
    /// Its category.
    pub category: Category,
    /// Branch of art. 31.
    pub branch: Option<i64>,
    /// Nobody to write to.
    pub anonymous: bool,
    /// Who found that name or address lead to nobody.
    pub unreachable: Option<i64>,
    /// Who registered it and so saw the code on the receipt; nobody: handed in on the public page.
    pub registered_by: Option<i64>,
    /// Took it in, and disposes of it: a petition office, or supervision where the office is complained of.
    pub receiver: Option<i64>,
    /// Responsible now.
    pub unit: Option<i64>,
    /// Who handles it.
    pub handler: Option<i64>,
    /// The lead unit.
    pub lead: Option<Lead>,
    /// Units that help.
    pub helpers: Vec<i64>,
    /// Whose matter it is waits for the common superior.
    pub dispute: Option<Dispute>,
    /// Units that a superior named: they cannot object.
    pub designated: Vec<i64>,
    /// Units to be kept from it.
    pub recused_units: Vec<i64>,
    /// Persons to be kept from it.
    pub recused_officials: Vec<i64>,
    /// Clocks that run.
    pub running: Vec<Clock>,
    /// Due day of the handling clock while it runs.
    pub handling_due: Option<Date>,
    /// The most by which it may be prolonged.
    pub extension: Term,
    /// Extended on.
    pub extended_on: Option<Date>,
    /// Running clocks out of which the time of a hearing is left.
    pub excludes: Vec<Excluding>,
    /// The notice of acceptance reached the petitioner.
    pub notice_served: bool,
    /// The notice of the extension reached the petitioner.
    pub extension_served: bool,
    /// Sent on to another organ on.
    pub forwarded_on: Option<Date>,
    /// The notice of that reached the petitioner.
    pub forwarding_served: bool,
    /// The written opinion.
    pub opinion: Option<Issued>,
    /// The petitioner confirmed that the answer was received.
    pub acknowledged: Option<Confirmation>,
    /// Call-backs.
    pub call_backs: Vec<Call>,
    /// 办结 on.
    pub closed_on: Option<Date>,
    /// The leader it is bound to.
    pub leader: Option<i64>,
    /// The petitioner withdrew it.
    pub withdrawn: Option<Confirmation>,
    /// What was supported or agreed is not carried out yet.
    pub to_execute: bool,
    /// What answers it is a written opinion, not an agreement.
    pub opined: bool,
}

/// What happens to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// It starts on a day, which is not counted.
    Start(Clock, Date),
    /// Its duty is met, or falls away.
    Stop(Clock, Date),
    /// It is prolonged by days.
    Extend(Clock, i64),
    /// Days are left out of it.
    Suspend(Clock, Suspension),
    /// It goes on from its first day, as if it had not been stopped.
    Resume(Clock),
}

/// Branches of art. 31 whose claims go to another procedure.
pub fn goes_elsewhere(category: Category, branch: Option<i64>) -> Option<&'static str> {
    match (category, branch) {
        (Category::Report, _) => Some("检举控告"),
        (Category::Claim, Some(1)) => Some("应由政法机关按法律程序处理的事项"),
        (Category::Claim, Some(2)) => Some("应通过仲裁解决的事项"),
        (Category::Claim, Some(3)) => Some("党员申诉"),
        (Category::Claim, Some(4)) => Some("应通过行政程序解决的事项"),
        _ => None,
    }
}

impl Matter {
    /// Whether only the residual procedure fits: it alone carries the sixty days.
    pub fn has_handling_clock(&self) -> bool {
        self.category == Category::Claim && self.branch == Some(6)
    }

    /// Whether a party is to be kept from it.
    pub fn keeps_out(&self, by: Party) -> bool {
        by.unit.is_some_and(|unit| self.recused_units.contains(&unit))
            || by.official.is_some_and(|official| self.recused_officials.contains(&official))
    }

    fn leads(&self, by: Party) -> Result<Lead, Refused> {
        self.lead.filter(|lead| by.unit == Some(lead.unit)).ok_or(Refused::NotTheLead)
    }

    /// Whether the party may do it now, apart from what the form will say. Roles are judged elsewhere.
    pub fn ready(&self, by: Party, noun: Noun, today: Date) -> Result<(), Refused> {
        use Noun::{
            Acceptance, Acknowledgment, Assignment, Binding, CallBack, Classification, Closure, Deadlock, Execution,
            Extension, Forwarding, Hearing, Help, Objection, Opinion, Recusal, Referral, Reopening, Ruling, Service,
            Settlement, Step, TakingBack, Unbinding, Unreachability, Withdrawal,
        };
        let state = self.state;
        if self.keeps_out(by) {
            return Err(Refused::Recused);
        }
        // The last of the five duties is a call-back after closing.
        let called_back = noun == Step && state == State::Closed && self.is_bound_to(by);
        // A re-review may run after the closing.
        let heard = noun == Hearing && !self.excludes.is_empty();
        let lasting = called_back
            || heard
            || matches!(noun, Recusal | Execution)
            || (noun == Reopening && state == State::Closed)
            || (noun == Service(Paper::Forwarding) && state == State::Forwarded);
        if matches!(state, State::Closed | State::Forwarded) && !lasting {
            return Err(Refused::Over(state));
        }
        let need = |holds: bool, refused: Refused| if holds { Ok(()) } else { Err(refused) };
        match noun {
            Recusal => Ok(()),
            Classification => need(state == State::Registered, Refused::NotYet(state)),
            Forwarding => {
                need(state == State::Registered, Refused::NotYet(state))?;
                need(self.category != Category::Unsorted, Refused::Unsorted)?;
                need(goes_elsewhere(self.category, self.branch).is_some(), Refused::AssignInstead)
            }
            Assignment | Help => {
                need(self.category != Category::Unsorted, Refused::Unsorted)?;
                if let Some(what) = goes_elsewhere(self.category, self.branch) {
                    return Err(Refused::ForwardInstead(what));
                }
                match noun {
                    Assignment => need(state == State::Registered, Refused::NotYet(state)),
                    _ => need(matches!(state, State::Assigned | State::Accepted), Refused::NotYet(state)),
                }
            }
            Acceptance => {
                let lead = self.leads(by)?;
                need(state == State::Assigned, Refused::NotYet(state))?;
                need(!lead.objected, Refused::ObjectionRaised)
            }
            Objection => {
                let lead = self.leads(by)?;
                need(state == State::Assigned, Refused::NotYet(state))?;
                need(!self.designated.contains(&lead.unit), Refused::Designated)?;
                need(!lead.objected, Refused::ObjectionRaised)?;
                need(self.dispute.is_none(), Refused::Disputed)?;
                need(lead.object_by.is_none_or(|last| today <= last), Refused::ObjectionLate)
            }
            TakingBack => {
                need(state == State::Assigned, Refused::NotYet(state))?;
                need(self.lead.is_some_and(|lead| lead.objected), Refused::NoObjection)
            }
            Referral | Deadlock | Ruling => self.ready_to_dispute(by, noun),
            Extension => {
                self.leads(by)?;
                need(self.extended_on.is_none(), Refused::ExtendedOnce)?;
                need(self.running.contains(&Clock::Handling) && state == State::Accepted, Refused::NothingToExtend)?;
                need(self.handling_due.is_none_or(|due| today <= due), Refused::ExtensionLate)?;
                need(self.handler.is_none() || self.handler != by.official, Refused::OwnExtension)
            }
            Hearing => self.ready_to_hear(by),
            Opinion => {
                self.leads(by)?;
                need(self.opinion.is_none(), Refused::Done)?;
                need(self.dispute.is_none(), Refused::Disputed)?;
                need(state == State::Accepted, Refused::NotYet(state))
            }
            Service(paper) => {
                // A unit that was recused after it had answered cannot serve any more. Its answer stands until a
                // review changes it (art. 35), and the petitioner is owed it in writing (arts. 32, 34): whoever
                // disposes of the matter serves it.
                let bereft = self.lead.is_some_and(|lead| self.recused_units.contains(&lead.unit));
                // What went to another organ has no unit that handles it.
                let own = (bereft && paper == Paper::Opinion) || paper == Paper::Forwarding;
                if !(own && by.official.is_some()) {
                    self.leads(by)?;
                }
                need(!self.anonymous, Refused::Anonymous)?;
                let (made, served) = self.paper(paper);
                need(made.is_some(), Refused::NoPaper(paper))?;
                need(!served, Refused::Done)
            }
            Acknowledgment => {
                need(self.acknowledged.is_none(), Refused::Done)?;
                need(self.opinion.is_some(), Refused::NotYet(state))?;
                need(!self.handled_by(by), Refused::OwnCallBack)
            }
            CallBack => {
                need(!self.anonymous, Refused::Anonymous)?;
                need(state == State::Answered, Refused::NotYet(state))?;
                need(self.paper(Paper::Opinion).1, Refused::CallBackEarly)?;
                need(!self.handled_by(by), Refused::OwnCallBack)
            }
            Settlement => {
                self.leads(by)?;
                need(!self.anonymous, Refused::Anonymous)?;
                need(self.opinion.is_none(), Refused::Done)?;
                need(state == State::Accepted, Refused::NotYet(state))
            }
            Withdrawal => {
                need(state != State::Answered, Refused::Done)?;
                need(by == Party::PETITIONER || !self.handled_by(by), Refused::OwnWithdrawal)
            }
            Unreachability => {
                need(!self.anonymous, Refused::Anonymous)?;
                need(self.unreachable.is_none() && self.withdrawn.is_none(), Refused::Done)?;
                need(!self.paper(Paper::Opinion).1 && self.acknowledged.is_none(), Refused::Reached)?;
                need(by.official.is_some() && !self.handled_by(by), Refused::OwnUnreachability)
            }
            Execution => {
                self.leads(by)?;
                need(self.to_execute, Refused::NothingToExecute)
            }
            Reopening => self.may_reopen(by, false),
            Binding => need(self.leader.is_none(), Refused::BoundAlready),
            Unbinding => need(self.leader.is_some(), Refused::NotBound),
            Step => need(state != State::Registered || self.is_bound_to(by), Refused::NotYet(state)),
            Closure => {
                need(state == State::Answered, Refused::NotYet(state))?;
                need(by.official.is_some() && !self.handled_by(by), Refused::OwnClosure)?;
                need(!self.is_under_review(), Refused::UnderReview)?;
                let over = self.is_untold() || self.withdrawn.is_some() || self.paper(Paper::Opinion).1;
                need(over, Refused::Unserved)?;
                let registrar = by.official == self.registered_by;
                need(self.second_key(by.official), if registrar { Refused::RegistrarKey } else { Refused::OneKey })
            }
        }
    }

    /// Whether nobody can be told (art. 23): no name was left, or name and address lead to nobody.
    pub(super) fn is_untold(&self) -> bool {
        self.anonymous || self.unreachable.is_some()
    }

    /// Whether somebody owes the answer of a review or re-review.
    pub fn is_under_review(&self) -> bool {
        self.running.iter().any(|clock| matches!(clock, Clock::Review | Clock::ReReview))
    }

    /// Whether the party is the handler, the writer of the opinion, or of the unit that handles.
    pub(super) fn handled_by(&self, by: Party) -> bool {
        let person = by.official.is_some()
            && (by.official == self.handler || by.official == self.opinion.map(|opinion| opinion.by));
        person || (by.unit.is_some() && by.unit == self.lead.map(|lead| lead.unit))
    }

    /// Whether somebody besides handler and closer vouches for it: the petitioner, or whoever reached the petitioner
    /// on the day on which the opinion was served or later. Whoever registered it saw the code of the petitioner and needs a call-back by
    /// somebody else. Of an anonymous petition the written opinion is all that there can be.
    fn second_key(&self, closer: Option<i64>) -> bool {
        if self.opinion.is_none() {
            return self.withdrawn_with(closer);
        }
        let confirmed = match self.acknowledged {
            None => false,
            Some(Confirmation::Code) => true,
            Some(Confirmation::Signature(recorded_by)) => Some(recorded_by) != closer,
        };
        let called = |by: i64| closer != self.registered_by || Some(by) != closer;
        // Whoever found that nobody can be reached does not close it on that.
        let unreached = self.unreachable.is_some_and(|found_by| Some(found_by) != closer);
        self.anonymous || unreached || (confirmed && closer != self.registered_by) || self.reached(called)
    }

    /// Whether somebody of whom `counts` holds, and who is not the handler, spoke to the petitioner once the opinion
    /// was served.
    fn reached(&self, counts: impl Fn(i64) -> bool) -> bool {
        let Some(served) = self.opinion.and_then(|opinion| opinion.served_on) else { return false };
        let handler = |by: i64| Some(by) == self.handler || self.opinion.is_some_and(|opinion| opinion.by == by);
        self.call_backs.iter().any(|call| call.reached && call.on >= served && !handler(call.by) && counts(call.by))
    }

    /// The day on which a paper was made, and whether it was served.
    fn paper(&self, paper: Paper) -> (Option<Date>, bool) {
        match paper {
            Paper::Notice => (self.lead.and_then(|lead| lead.accepted_on), self.notice_served),
            Paper::Extension => (self.extended_on, self.extension_served),
            Paper::Opinion => (
                self.opinion.map(|opinion| opinion.on),
                self.opinion.is_some_and(|opinion| opinion.served_on.is_some()),
            ),
            Paper::Forwarding => (self.forwarded_on, self.forwarding_served),
        }
    }

    /// The matter after an act, and what happens to its clocks; or why not. `object_by` is the last day for an
    /// objection where a unit is assigned.
    pub fn after(&self, by: Party, act: &Act, today: Date) -> Result<(Self, Vec<Tick>), Refused> {
        match act {
            // A review orders it, whatever the state.
            Act::Reopen { review: Some(_), .. } => self.may_reopen(by, true)?,
            _ => self.ready(by, act.noun(), today)?,
        }
        let mut next = self.clone();
        let mut ticks = Vec::new();
        match act {
            Act::Classify { category, branch } => {
                let fits = match category {
                    Category::Claim => branch.is_some_and(|branch| (1..=6).contains(&branch)),
                    Category::Unsorted => false,
                    Category::Suggestion | Category::Report => branch.is_none(),
                };
                if !fits {
                    return Err(Refused::BranchMissing);
                }
                // A handling clock that runs goes on: what is sorted anew, and anew once more, gives no days back.
                (next.category, next.branch) = (*category, *branch);
            }
            Act::Recuse { unit, official } => next.recuse(*unit, *official, today, &mut ticks)?,
            Act::Forward { .. } => {
                next.state = State::Forwarded;
                next.forwarded_on = Some(today);
                for clock in [Clock::Registration, Clock::Handling] {
                    ticks.push(Tick::Stop(clock, today));
                }
            }
            Act::Assign { unit, part, .. } => next.assign(*unit, *part, today, &mut ticks)?,
            Act::Accept { .. } => {
                if let Some(lead) = &mut next.lead {
                    lead.accepted_on = Some(today);
                }
                next.state = State::Accepted;
                next.handler = by.official;
                ticks.push(Tick::Stop(Clock::Objection, today));
                // A matter that was accepted before and taken from its unit keeps the days that have passed.
                if !next.has_handling_clock() {
                    ticks.push(Tick::Stop(Clock::Handling, today));
                } else if !next.running.contains(&Clock::Handling) {
                    ticks.push(Tick::Start(Clock::Handling, today));
                }
                // There is nobody to tell (art. 23).
                if next.is_untold() {
                    ticks.push(Tick::Stop(Clock::Notice, today));
                }
            }
            Act::Object { .. } => {
                if let Some(lead) = &mut next.lead {
                    lead.objected = true;
                }
                ticks.push(Tick::Stop(Clock::Objection, today));
            }
            Act::TakeBack => next.take_from_lead(today, &mut ticks),
            Act::Refer { .. } => next.dispute = Some(Dispute { kind: Quarrel::Objection, judge: None }),
            Act::Deadlock { .. } => next.dispute = Some(Dispute { kind: Quarrel::Deadlock, judge: None }),
            Act::Rule { unit, .. } => next.rule(*unit, today, &mut ticks)?,
            Act::Extend { days, .. } => {
                if !(1..=i64::from(self.extension.days)).contains(days) {
                    return Err(Refused::ExtensionDays(self.extension.days, self.extension.article.clone()));
                }
                next.extended_on = Some(today);
                ticks.push(Tick::Extend(Clock::Handling, *days));
            }
            Act::Hear { from, to, .. } => self.hear(*from, *to, today, &mut ticks)?,
            Act::Issue { outcome, .. } => {
                let by = by.official.ok_or(Refused::NotTheLead)?;
                next.opinion = Some(Issued { on: today, by, served_on: None });
                next.state = State::Answered;
                (next.to_execute, next.opined) = (*outcome == Outcome::Supported, true);
                if next.is_untold() {
                    ticks.push(Tick::Stop(Clock::Handling, today));
                }
            }
            Act::Serve { paper, on, manner, signed_by } => {
                let made = self.paper(*paper).0.ok_or(Refused::NoPaper(*paper))?;
                if *on > today || *on < made {
                    return Err(Refused::ImpossibleDay(made));
                }
                if *manner == Manner::InPerson && signed_by.is_empty() {
                    return Err(Refused::NoSignature);
                }
                next.serve(*paper, *on, &mut ticks);
            }
            Act::Acknowledge => {
                let confirmation = by.official.map_or(Confirmation::Code, Confirmation::Signature);
                next.acknowledged = Some(confirmation);
                // Whoever confirms with the code has the answer, whatever paper is still on its way.
                if confirmation == Confirmation::Code && !self.anonymous && !self.paper(Paper::Opinion).1 {
                    next.serve(Paper::Opinion, today, &mut ticks);
                }
            }
            Act::CallBack { on, reached, .. } => {
                let served = self.opinion.and_then(|opinion| opinion.served_on).ok_or(Refused::CallBackEarly)?;
                if *on > today || *on < served {
                    return Err(Refused::ImpossibleDay(served));
                }
                let by = by.official.ok_or(Refused::OwnCallBack)?;
                next.call_backs.push(Call { by, on: *on, reached: *reached });
            }
            Act::Settle { agreement } => ticks.extend(next.settle(by, agreement, today)?),
            Act::Withdraw { .. } => ticks.extend(next.withdraw(by, today)),
            Act::Unreach { .. } => {
                next.unreachable = by.official;
                // The days to handle it go on until it is answered.
                if matches!(self.state, State::Accepted | State::Answered) {
                    ticks.push(Tick::Stop(Clock::Notice, today));
                }
                if self.state == State::Answered {
                    ticks.push(Tick::Stop(Clock::Handling, today));
                }
            }
            Act::Execute { done, .. } => next.to_execute = !done,
            Act::Reopen { review, .. } => ticks.extend(next.reopen(review.is_some(), today)),
            Act::Bind { leader, due_on } => {
                if self.recused_officials.contains(leader) {
                    return Err(Refused::Recused);
                }
                if *due_on <= today {
                    return Err(Refused::BindingDay);
                }
                next.leader = Some(*leader);
            }
            Act::Unbind => next.leader = None,
            Act::Step { on, duty, .. } => self.step(by, *on, *duty, today)?,
            Act::Close { resolution } => {
                if !self.resolutions().contains(resolution) {
                    let withdrawn = *resolution == Resolution::Withdrawn;
                    return Err(if withdrawn { Refused::NotWithdrawn } else { Refused::Withdrawn });
                }
                if *resolution == Resolution::Resolved && self.acknowledged.is_none() && !self.reached(|_| true) {
                    return Err(Refused::NotHeard);
                }
                next.state = State::Closed;
                next.closed_on = Some(today);
                for clock in [Clock::Notice, Clock::Handling] {
                    ticks.push(Tick::Stop(clock, today));
                }
            }
        }
        next.drop_dispute();
        next.tick(&ticks);
        Ok((next, ticks))
    }

    fn recuse(
        &mut self,
        unit: Option<i64>,
        official: Option<i64>,
        today: Date,
        ticks: &mut Vec<Tick>,
    ) -> Result<(), Refused> {
        match (unit, official) {
            (Some(unit), None) => {
                if self.recused_units.contains(&unit) {
                    return Err(Refused::AlreadyRecused);
                }
                self.recused_units.push(unit);
                self.helpers.retain(|helper| *helper != unit);
                // Before the answer the matter goes back to be assigned anew; an answer that is out stands until it
                // is reviewed, but the unit sees the matter no more.
                let before_answer = matches!(self.state, State::Assigned | State::Accepted);
                if before_answer && self.lead.is_some_and(|lead| lead.unit == unit) {
                    self.take_from_lead(today, ticks);
                } else if self.unit == Some(unit) {
                    self.unit = self.back();
                }
            }
            (None, Some(official)) => {
                if self.recused_officials.contains(&official) {
                    return Err(Refused::AlreadyRecused);
                }
                self.recused_officials.push(official);
                if self.handler == Some(official) && self.state == State::Accepted {
                    self.handler = None;
                }
                if self.leader == Some(official) {
                    self.leader = None;
                }
            }
            _ => return Err(Refused::OneRecusal),
        }
        Ok(())
    }

    fn assign(&mut self, unit: i64, part: Part, today: Date, ticks: &mut Vec<Tick>) -> Result<(), Refused> {
        if self.recused_units.contains(&unit) {
            return Err(Refused::Recused);
        }
        if self.helpers.contains(&unit) || self.lead.is_some_and(|lead| lead.unit == unit) {
            return Err(Refused::TakesPart);
        }
        match part {
            Part::Help => self.helpers.push(unit),
            Part::Lead => {
                self.lead = Some(Lead { unit, since: today, object_by: None, objected: false, accepted_on: None });
                self.unit = Some(unit);
                self.state = State::Assigned;
                // From dispatch, never from a click on "received".
                ticks.push(Tick::Stop(Clock::Registration, today));
                ticks.push(Tick::Start(Clock::Notice, today));
                ticks.push(Tick::Start(Clock::Objection, today));
            }
        }
        Ok(())
    }

    /// The unit to which it goes back.
    fn back(&self) -> Option<i64> {
        self.receiver.filter(|unit| !self.recused_units.contains(unit))
    }

    /// The lead unit has it no longer. The handling clock goes on: the petitioner's days are not given back. Whoever
    /// passed it on has received it anew with its papers (art. 23), and owes again what art. 22 asks of whoever
    /// receives: to dispose of it within the days of registration.
    pub(super) fn take_from_lead(&mut self, today: Date, ticks: &mut Vec<Tick>) {
        self.lead = None;
        self.unit = self.back();
        self.handler = None;
        self.state = State::Registered;
        self.notice_served = false;
        ticks.push(Tick::Stop(Clock::Notice, today));
        ticks.push(Tick::Stop(Clock::Objection, today));
        ticks.push(Tick::Start(Clock::Registration, today));
    }

    fn serve(&mut self, paper: Paper, on: Date, ticks: &mut Vec<Tick>) {
        match paper {
            Paper::Notice => {
                self.notice_served = true;
                ticks.push(Tick::Stop(Clock::Notice, on));
            }
            Paper::Extension => self.extension_served = true,
            Paper::Forwarding => self.forwarding_served = true,
            Paper::Opinion => {
                if let Some(opinion) = &mut self.opinion {
                    opinion.served_on = Some(on);
                }
                // An answer that arrived tells more than the notice of acceptance could.
                ticks.push(Tick::Stop(Clock::Notice, on));
                ticks.push(Tick::Stop(Clock::Handling, on));
                if self.has_handling_clock() {
                    ticks.push(Tick::Start(Clock::ReviewRequest, on));
                }
            }
        }
    }

    fn tick(&mut self, ticks: &[Tick]) {
        for tick in ticks {
            match tick {
                Tick::Start(clock, _) | Tick::Resume(clock) => self.running.push(*clock),
                Tick::Stop(clock, _) => {
                    self.running.retain(|running| running != clock);
                    self.excludes.retain(|excluding| excluding.clock != *clock);
                }
                Tick::Extend(..) | Tick::Suspend(..) => {}
            }
        }
    }
}
