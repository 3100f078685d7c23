//! From acceptance to the call-back after closing.

use jiff::ToSpan;
use policy::Clock;
use serde_json::json;

use super::Course;
use crate::demo::matters::{EXTENSIONS, PATHS, RATED, STEPS, SUPPLEMENTS};
use crate::demo::people::Rank;
use crate::demo::visits::Draft;
use crate::rows::row;

impl Course<'_, '_> {
    pub(super) fn accept(&mut self) -> Option<()> {
        let unit = self.lead?;
        if self.random.chance(60) {
            self.wait(8, 13)?;
        } else {
            self.wait(0, 5)?;
        }
        let staff = self.world.people.of(unit, Rank::Staff);
        let land = self.world.people.cast("chengban");
        let handler = if staff.contains(&land) && self.random.chance(450) { land } else { *self.random.pick(&staff) };
        if self.random.chance(15) {
            // Somebody of the unit is kin to a party and says so.
            let kin = *self.random.pick(&staff);
            if kin != handler {
                let official = self.official(kin);
                self.keep_out(None, Some(official), "declared");
            }
        }
        let path = self.random.pick(&PATHS).replace("{u}", &self.world.people.units[unit].name);
        let by = self.official(handler);
        row!(self.tables.acceptances; self.told.id, self.day, by, path.clone());
        self.act(Some(handler), "petition.accepted", json!({ "path": path }));
        self.ending.state = "accepted";
        self.ending.handler = Some(by);
        (self.handler, self.accepted) = (Some(handler), Some(self.day));
        self.stop(Clock::Objection);
        if self.told.matter.branch == 6 {
            self.start(Clock::Handling);
        }
        if self.anonymous {
            self.stop(Clock::Notice);
            return Some(());
        }
        if self.random.chance(700) {
            self.wait(0, 3)?;
        } else {
            self.wait(3, 12)?;
        }
        self.serve("notice")?;
        self.stop(Clock::Notice);
        Some(())
    }

    fn serve(&mut self, paper: &'static str) -> Option<()> {
        let by = self.handler?;
        let web = self.told.by.is_none();
        let manner = if web {
            *self.random.weighed(&[("online", 6), ("in_person", 3), ("post", 1)])
        } else {
            *self.random.weighed(&[("in_person", 6), ("post", 3), ("left", 1)])
        };
        let signed = if manner == "in_person" { self.told.lead.clone() } else { String::new() };
        let (id, official) = (self.id(), self.official(by));
        row!(self.tables.services; id, self.told.id, paper, self.day, manner, signed, official);
        self.act(Some(by), "petition.served", json!({ "manner": manner, "on": self.day.to_string(), "paper": paper }));
        Some(())
    }

    /// A step on the case: of the five duties by the leader, otherwise by the handler.
    fn step(&mut self, duty: &'static str) {
        let by = if duty.is_empty() { self.handler } else { self.leader };
        let Some(by) = by else { return };
        let texts: Vec<&str> = STEPS.iter().filter(|(of, _)| *of == duty).map(|(_, text)| *text).collect();
        let text = *self.random.pick(&texts);
        let content = self.told.fill(text);
        self.at += self.random.within(10, 90) * 60_000;
        self.world.entries.push(Draft {
            at: self.at,
            day: self.day,
            kind: "case_step",
            by,
            division: self.told.division.clone(),
            household: None,
            result: None,
            petition: Some(self.told.id),
            duty: (!duty.is_empty()).then_some(duty),
            content,
        });
    }

    pub(super) fn handle(&mut self) -> Option<()> {
        let accepted = self.clocks.iter().rev().find(|one| one.clock == Clock::Handling).map(|one| one.from);
        self.supplement();
        self.wait(2, 10)?;
        self.step("");
        self.step("investigated");
        self.wait(3, 12)?;
        if self.random.chance(500) {
            self.step("");
        }
        self.step("explained");
        // A few are answered long after their term.
        if self.random.chance(24) {
            self.wait(70, 110)?;
        }
        let prolonged = accepted.is_some() && self.random.chance(80);
        if let (true, Some(accepted)) = (prolonged, accepted) {
            let asked = self.random.within(42, 55);
            self.wait_until(accepted.saturating_add(asked.days()))?;
            self.extend()?;
            self.step("handled");
            let done = self.random.within(62, 92);
            return self.wait_until(accepted.saturating_add(done.days()));
        }
        self.step("handled");
        match (accepted, self.random.below(1_000)) {
            (Some(accepted), 0..30) => {
                let late = self.random.within(62, 84);
                self.wait_until(accepted.saturating_add(late.days()))
            }
            (_, 0..700) => self.wait(2, 20),
            _ => self.wait(10, 30),
        }
    }

    fn extend(&mut self) -> Option<()> {
        let handler = self.handler?;
        let chief = *self.world.people.of(self.lead?, Rank::Chief).first()?;
        let days = *self.random.weighed(&[(30_i64, 6), (20, 2), (15, 2)]);
        let reason = *self.random.pick(&EXTENSIONS);
        let (asked_by, consented_by) = (self.official(handler), self.official(chief));
        row!(self.tables.extensions; self.told.id, days, reason, asked_by, consented_by, self.day);
        self.act(Some(chief), "petition.extended", json!({ "days": days, "reason": reason }));
        for one in self.clocks.iter_mut().filter(|one| one.clock == Clock::Handling) {
            one.extension = u16::try_from(days).unwrap_or_default();
        }
        if !self.anonymous {
            self.wait(0, 2)?;
            self.serve("extension")?;
        }
        Some(())
    }

    fn supplement(&mut self) {
        if self.anonymous || !self.random.chance(70) {
            return;
        }
        let text = *self.random.pick(&SUPPLEMENTS);
        let content = self.told.fill(text);
        self.at += 40 * 60_000;
        let id = self.id();
        row!(self.tables.supplements; id, self.told.id, content.clone(), self.at);
        self.act(None, "petition.supplemented", json!({ "content": content }));
    }

    pub(super) fn answer(&mut self) -> Option<()> {
        let handler = self.handler?;
        let matter = self.told.matter;
        let (facts, reply) = (self.told.fill(matter.facts), self.told.fill(matter.reply));
        let by = self.official(handler);
        row!(self.tables.opinions; self.told.id, matter.outcome, self.told.fill(matter.told), facts, matter.basis,
             reply.clone(), self.day, by);
        self.act(Some(handler), "petition.opinion_issued", json!({ "outcome": matter.outcome, "reply": reply }));
        self.ending.state = "answered";
        self.supported = (matter.outcome == "supported").then_some(self.day);
        if self.anonymous {
            self.stop(Clock::Handling);
            return Some(());
        }
        self.wait(0, 4)?;
        self.serve("opinion")?;
        self.stop(Clock::Handling);
        if matter.branch == 6 {
            self.start(Clock::ReviewRequest);
        }
        self.step("settled");
        Some(())
    }

    pub(super) fn close(&mut self) -> Option<()> {
        if self.anonymous {
            self.wait(1, 6)?;
            let closer = self.officer(None);
            self.closed(closer, "answered");
            return Some(());
        }
        let heard = self.random.chance(560);
        if heard {
            self.wait(0, 5)?;
            row!(self.tables.acknowledgments; self.told.id, self.day, None::<i64>);
            self.act(None, "petition.acknowledged", json!({}));
            self.rate();
        }
        self.wait(1, 8)?;
        let caller = self.officer(None);
        if self.random.chance(140) {
            self.call_back(caller, false, "电话无人接听，改日再打。");
            self.wait(1, 4)?;
        }
        let supported = self.told.matter.outcome == "supported";
        let said = match (supported, heard) {
            (true, true) => "本人表示问题已经解决，对办理过程满意。",
            (true, false) => "本人说工程已开工，希望按期完成。",
            (false, true) => "本人表示理解政策，没有新的诉求。",
            (false, false) => "本人对答复有不同看法，已告知可以在三十日内申请复查。",
        };
        self.call_back(caller, true, said);
        self.wait(0, 6)?;
        self.execute();
        let closer = self.officer(Some(caller));
        self.closed(closer, if supported && heard { "resolved" } else { "answered" });
        if self.leader.is_some() {
            self.wait(8, 20)?;
            self.step("called_back");
            self.unbound = Some(self.day);
            let by = self.officer(None);
            self.act(Some(by), "petition.unbound", json!({}));
        }
        Some(())
    }

    /// Most of what was supported is carried out when it is closed; some is not yet.
    fn execute(&mut self) {
        let (Some(handler), Some(_)) = (self.handler, self.supported) else { return };
        if self.random.chance(60) {
            return;
        }
        let content = "已按处理意见落实到位，信访人现场确认。";
        let (id, by) = (self.id(), self.official(handler));
        row!(self.tables.execution_reports; id, self.told.id, content, true, self.day, by);
        self.act(Some(handler), "petition.executed", json!({ "content": content, "done": true }));
        self.executed = Some(self.day);
    }

    fn call_back(&mut self, caller: usize, reached: bool, content: &'static str) {
        let (id, by) = (self.id(), self.official(caller));
        row!(self.tables.call_backs; id, self.told.id, self.day, reached, content, by);
        self.act(Some(caller), "petition.called_back", json!({ "content": content, "reached": reached }));
    }

    fn closed(&mut self, closer: usize, resolution: &'static str) {
        let by = self.official(closer);
        row!(self.tables.closures; self.told.id, resolution, self.day, by);
        self.act(Some(closer), "petition.closed", json!({ "resolution": resolution }));
        self.ending.state = "closed";
        self.closed = Some((self.day, closer));
        self.stop(Clock::Notice);
        self.stop(Clock::Handling);
    }

    fn rate(&mut self) {
        if !self.random.chance(720) {
            return;
        }
        let score = *self.random.weighed(&[(5_i64, 46), (4, 30), (3, 14), (2, 6), (1, 4)]);
        // The list runs from the pleased to the displeased.
        let part = match score {
            5 => 0..7,
            4 => 4..9,
            3 => 7..10,
            _ => 10..14,
        };
        let content = *self.random.pick(&RATED[part]);
        row!(self.tables.ratings; self.told.id, score, content, self.day, None::<i64>);
        self.at += 60_000;
        self.act(None, "petition.rated", json!({ "content": content, "score": score }));
    }
}
