//! A bound case day by day: told, given to a unit, accepted, bound to a leader, handled, answered, and resolved or not.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Clock, Month, Run};
use serde_json::{Value, json};

use super::matters::{CALLED_BACK, CONTENT, EXPLAINED, HANDLED, INVESTIGATED, Matter, NOT_CONTENT, SETTLED};
use super::{County, Place, YEAR};
use crate::chain::Subject;
use crate::demo::history::moment;
use crate::demo::names;
use crate::demo::petitions::code;
use crate::demo::random::Random;
use crate::rows::{Rows, row};
use crate::secrets::{Purpose, code_normal};
use crate::web::App;

/// The tables that a case is written to, in the order in which one row may refer to another.
pub(super) struct Tables {
    petitions: Rows,
    petitioners: Rows,
    receipts: Rows,
    clocks: Rows,
    assignments: Rows,
    acceptances: Rows,
    services: Rows,
    opinions: Rows,
    executions: Rows,
    execution_reports: Rows,
    acknowledgments: Rows,
    call_backs: Rows,
    closures: Rows,
    bindings: Rows,
    proposals: Rows,
    entries: Rows,
}

impl Tables {
    pub(super) fn new() -> Self {
        Self {
            petitions: Rows::new(
                "petition",
                "id, number, registered_on, registered_at, registered_by, channel, title, content, theme, division, \
                 township, place_detail, people, anonymous, lead, category, branch, state, unit, handler, version, \
                 received_by",
            ),
            petitioners: Rows::new("petitioner", "id, petition, position, name, address"),
            receipts: Rows::new("receipt", "petition, code_key"),
            clocks: Rows::new("clock", "id, petition, kind, runs_from, due_on, provisional, stopped_on"),
            assignments: Rows::new("assignment", "id, petition, unit, part, dispatched_on, dispatched_by, instruction"),
            acceptances: Rows::new("acceptance", "petition, accepted_on, accepted_by, path"),
            services: Rows::new(
                "service",
                "id, petition, paper, served_on, manner, signed_by, recorded_by, recorded_at",
            ),
            opinions: Rows::new("opinion", "petition, outcome, request, facts, basis, reply, issued_on, written_by"),
            executions: Rows::new("execution", "petition, since, done_on"),
            execution_reports: Rows::new(
                "execution_report",
                "id, petition, content, is_done, reported_on, reported_by",
            ),
            acknowledgments: Rows::new("acknowledgment", "petition, given_on, recorded_by"),
            call_backs: Rows::new("call_back", "id, petition, called_on, reached, content, called_by"),
            closures: Rows::new("closure", "petition, resolution, closed_on, closed_by"),
            bindings: Rows::new(
                "leader_binding",
                "id, petition, leader, quarter, due_on, bound_on, bound_by, ended_on, place",
            ),
            proposals: Rows::new(
                "binding_proposal",
                "id, petition, place, quarter, criteria, reason, leader, due_on, proposed_on, proposed_by, approved, \
                 remark, decided_on, decided_by, binding",
            ),
            entries: Rows::new(
                "entry",
                "id, kind, happened_on, recorded_at, recorded_by, appointment, division, petition, duty, content",
            ),
        }
    }

    pub(super) async fn store(&mut self, app: &App) -> anyhow::Result<()> {
        for rows in [
            &mut self.petitions,
            &mut self.petitioners,
            &mut self.receipts,
            &mut self.clocks,
            &mut self.assignments,
            &mut self.acceptances,
            &mut self.services,
            &mut self.opinions,
            &mut self.executions,
            &mut self.execution_reports,
            &mut self.acknowledgments,
            &mut self.call_backs,
            &mut self.closures,
            &mut self.bindings,
            &mut self.proposals,
            &mut self.entries,
        ] {
            rows.store(&app.db).await?;
        }
        Ok(())
    }
}

/// A case as it came, and whose it becomes.
pub(super) struct Case {
    pub(super) number: String,
    pub(super) matter: &'static Matter,
    pub(super) title: String,
    pub(super) told: String,
    pub(super) facts: String,
    pub(super) reply: String,
    pub(super) unresolved: String,
    pub(super) village: Place,
    pub(super) people: i64,
    pub(super) unit: usize,
    pub(super) handler: usize,
    /// On whose list it is bound, who approves that, and to whom it is bound.
    pub(super) place: String,
    pub(super) chief: usize,
    pub(super) leader: usize,
}

struct Ticking {
    clock: Clock,
    from: Date,
    stopped: Option<Date>,
}

/// A case on its way.
pub(super) struct Course<'c, 'a> {
    county: &'c mut County<'a>,
    random: &'c mut Random,
    tables: &'c mut Tables,
    case: &'c Case,
    id: i64,
    lead: String,
    officers: [usize; 2],
    day: Date,
    at: i64,
    version: i64,
    clocks: Vec<Ticking>,
}

impl<'c, 'a> Course<'c, 'a> {
    pub(super) fn new(
        county: &'c mut County<'a>,
        random: &'c mut Random,
        tables: &'c mut Tables,
        case: &'c Case,
        day: Date,
    ) -> Self {
        let mut officers = [county.people.in_place("XFJ", 3), county.people.in_place("XFJ", 4)];
        random.shuffle(&mut officers);
        let lead = names::person(random, 170);
        let at = moment(day, random.within(8 * 60 + 40, 15 * 60));
        let id = county.id();
        Self { county, random, tables, case, id, lead, officers, day, at, version: 1, clocks: Vec::new() }
    }

    /// Follows the case to its end: closed as resolved, or answered and still bound.
    pub(super) fn run(mut self, resolved: bool) -> anyhow::Result<()> {
        let (registered_on, registered_at) = (self.day, self.at);
        self.register();
        self.give();
        let (binding, bound_on, due_on) = self.bind();
        self.handle();
        self.answer(resolved);
        let ended = if resolved {
            Some(self.resolve())
        } else {
            self.say_no();
            None
        };
        self.settle_clocks()?;
        let case = self.case;
        let quarter = Month::of(bound_on).quarter().to_string();
        row!(self.tables.bindings; binding, self.id, self.county.official(case.leader), quarter, due_on, bound_on,
             self.county.official(case.chief), ended, case.place.clone());
        let office = self.county.people.units[self.county.people.unit("XFJ")].id;
        row!(self.tables.petitions; self.id, case.number.clone(), registered_on, registered_at,
             self.county.official(self.officers[0]), "visit", case.title.clone(), case.told.clone(),
             case.matter.theme, case.village.code.clone(), case.village.parent.clone(), "", case.people, false,
             self.lead.clone(), "claim", 6_i64, if resolved { "closed" } else { "answered" },
             self.county.people.units[case.unit].id, self.county.official(case.handler), self.version, office);
        Ok(())
    }

    /// Working days go by.
    fn wait(&mut self, low: i64, high: i64) {
        let day = self.day.saturating_add(self.random.within(low, high).days());
        self.day = self.county.working_day(day, day.saturating_add(11.days()));
        let morning = moment(self.day, self.random.within(8 * 60 + 40, 11 * 60));
        self.at = (self.at + self.random.within(6, 40) * 60_000).max(morning);
    }

    #[expect(clippy::needless_pass_by_value, reason = "every call makes its content on the spot")]
    fn act(&mut self, by: usize, action: &'static str, content: Value) {
        self.version += 1;
        self.record(by, action, Subject("petition", self.id), &content);
    }

    fn record(&mut self, by: usize, action: &'static str, subject: Subject, content: &Value) {
        let by = &self.county.people.officials[by];
        self.county.history.add(self.at, Some(by), action, subject, content);
        self.at += 60_000;
    }

    fn start(&mut self, clock: Clock) {
        self.clocks.push(Ticking { clock, from: self.day, stopped: None });
    }

    fn stop(&mut self, clock: Clock) {
        for ticking in self.clocks.iter_mut().filter(|one| one.clock == clock && one.stopped.is_none()) {
            ticking.stopped = Some(self.day);
        }
    }

    fn settle_clocks(&mut self) -> anyhow::Result<()> {
        for ticking in std::mem::take(&mut self.clocks) {
            let app = self.county.app;
            let deadline = policy::deadline(&app.policy, &app.calendar, &Run::new(ticking.clock, ticking.from))?;
            // The right to ask for a review has fallen away with its last day.
            let stopped = ticking.stopped.or(deadline.due);
            row!(self.tables.clocks; self.county.id(), self.id, ticking.clock.id(), ticking.from, deadline.due,
                 deadline.provisional, stopped);
        }
        Ok(())
    }

    fn register(&mut self) {
        let case = self.case;
        row!(self.tables.petitioners; self.county.id(), self.id, 1_i64, self.lead.clone(), case.village.name.clone());
        let code = code_normal(&code(self.county.app, &case.number)).expect("our own code is well formed");
        row!(self.tables.receipts; self.id, self.county.app.keys.keyed(Purpose::Receipt, &code));
        let content = json!({
            "content": case.told, "division": case.village.code, "people": case.people, "title": case.title,
        });
        self.record(self.officers[0], "petition.registered", Subject("petition", self.id), &content);
        self.start(Clock::Registration);
        self.act(self.officers[0], "petition.classified", json!({ "branch": 6, "category": "claim" }));
    }

    /// Given to the unit, accepted there, and the petitioners told so.
    fn give(&mut self) {
        let (unit, handler) = (self.county.people.units[self.case.unit].id, self.case.handler);
        self.wait(0, 3);
        row!(self.tables.assignments; self.county.id(), self.id, unit, "lead", self.day,
             self.county.official(self.officers[0]), "请核实情况，依法处理并书面答复信访人。");
        self.act(self.officers[0], "petition.assigned", json!({ "part": "lead", "unit": unit }));
        self.stop(Clock::Registration);
        self.start(Clock::Notice);
        self.start(Clock::Objection);
        self.wait(0, 3);
        let path = format!("由{}受理，六十日内书面答复。", self.county.people.units[self.case.unit].name);
        row!(self.tables.acceptances; self.id, self.day, self.county.official(handler), path.clone());
        self.act(handler, "petition.accepted", json!({ "path": path }));
        self.stop(Clock::Objection);
        self.start(Clock::Handling);
        self.wait(0, 3);
        self.serve("notice");
        self.stop(Clock::Notice);
    }

    fn serve(&mut self, paper: &'static str) {
        let handler = self.case.handler;
        row!(self.tables.services; self.county.id(), self.id, paper, self.day, "in_person", self.lead.clone(),
             self.county.official(handler), self.at);
        let content = json!({ "manner": "in_person", "on": self.day.to_string(), "paper": paper });
        self.act(handler, "petition.served", content);
    }

    /// Proposed by the petition office, approved by the chief of the list, and bound with that; gives the binding's id,
    /// first day and deadline.
    fn bind(&mut self) -> (i64, Date, Date) {
        let case = self.case;
        self.wait(1, 4);
        let (proposed_on, leader) = (self.day, self.county.official(case.leader));
        let criteria = "joint";
        self.record(
            self.officers[0],
            "binding.proposed",
            Subject("petition", self.id),
            &json!({ "criteria": criteria, "leader": leader }),
        );
        self.wait(0, 3);
        let (binding, proposal) = (self.county.id(), self.county.id());
        let due_on = self.day.saturating_add(80.days());
        row!(self.tables.proposals; proposal, self.id, case.place.clone(), Month::of(proposed_on).quarter().to_string(),
             criteria, "涉及人数多，需要领导牵头协调有关部门。", leader, due_on, proposed_on,
             self.county.official(self.officers[0]), true, "同意", self.day, self.county.official(case.chief), binding);
        self.act(case.chief, "petition.bound", json!({ "leader": leader }));
        let content = json!({ "approved": true, "proposal": proposal, "remark": "同意" });
        self.record(case.chief, "binding.decided", Subject("petition", self.id), &content);
        (binding, self.day, due_on)
    }

    /// An entry of the leader's on one of the five duties.
    fn step(&mut self, duty: &'static str, texts: &[&'static str]) {
        let text = *self.random.pick(texts);
        let (id, by) = (self.county.id(), self.case.leader);
        let leader = &self.county.people.officials[by];
        let division = &self.case.village.code;
        row!(self.tables.entries; id, "case_step", self.day, self.at, leader.id, leader.appointment, division.clone(),
             self.id, duty, text);
        let content = json!({
            "content": text, "division": division, "happened_on": self.day.to_string(), "household": null,
            "kind": "case_step", "petition": self.id, "result": null,
        });
        self.record(by, "entry.recorded", Subject("entry", id), &content);
    }

    fn handle(&mut self) {
        self.wait(2, 7);
        self.step("investigated", &INVESTIGATED);
        self.wait(3, 10);
        self.step("explained", &EXPLAINED);
        self.wait(3, 12);
        self.step("handled", &HANDLED);
        self.wait(1, 6);
        // Some are answered after their sixty days; what came late in the second year was not put off.
        if self.day < Date::constant(YEAR, 7, 1) && self.random.chance(90) {
            self.wait(28, 45);
        }
    }

    fn answer(&mut self, resolved: bool) {
        let case = self.case;
        let outcome = if resolved { "supported" } else { "not_supported" };
        let reply = if resolved { &case.reply } else { &case.unresolved };
        let by = self.county.official(case.handler);
        row!(self.tables.opinions; self.id, outcome, case.told.clone(), case.facts.clone(), case.matter.basis,
             reply.clone(), self.day, by);
        self.act(case.handler, "petition.opinion_issued", json!({ "outcome": outcome, "reply": reply }));
        let issued = self.day;
        self.wait(0, 3);
        self.serve("opinion");
        self.stop(Clock::Handling);
        self.start(Clock::ReviewRequest);
        if !resolved {
            return;
        }
        self.step("settled", &SETTLED);
        self.wait(2, 12);
        let content = "已按处理意见落实到位，群众代表现场确认。";
        row!(self.tables.executions; self.id, issued, self.day);
        row!(self.tables.execution_reports; self.county.id(), self.id, content, true, self.day, by);
        self.act(case.handler, "petition.executed", json!({ "content": content, "done": true }));
    }

    fn call_back(&mut self, content: &'static str) {
        let caller = self.officers[0];
        row!(self.tables.call_backs; self.county.id(), self.id, self.day, true, content, self.county.official(caller));
        self.act(caller, "petition.called_back", json!({ "content": content, "reached": true }));
    }

    /// Signed for, called back, closed by another; gives the last day of the binding.
    fn resolve(&mut self) -> Date {
        let [caller, closer] = self.officers;
        self.wait(0, 3);
        row!(self.tables.acknowledgments; self.id, self.day, self.county.official(caller));
        self.act(caller, "petition.acknowledged", json!({}));
        self.wait(1, 6);
        let said = *self.random.pick(&CONTENT);
        self.call_back(said);
        self.wait(0, 4);
        row!(self.tables.closures; self.id, "resolved", self.day, self.county.official(closer));
        self.act(closer, "petition.closed", json!({ "resolution": "resolved" }));
        self.wait(2, 8);
        self.step("called_back", &CALLED_BACK);
        self.act(closer, "petition.unbound", json!({}));
        self.day
    }

    /// Called back without having accepted the answer: it stays bound.
    fn say_no(&mut self) {
        self.wait(3, 12);
        let said = *self.random.pick(&NOT_CONTENT);
        self.call_back(said);
    }
}
