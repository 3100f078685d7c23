//! 复查 of what was not granted, by the county's government; some are still under way.

use jiff::ToSpan;
use policy::Clock;
use serde_json::json;

use super::Course;
use crate::demo::people::Rank;
use crate::rows::row;

impl Course<'_, '_> {
    /// Some whose request was not granted ask for a review within its term.
    pub(super) fn review(&mut self) -> Option<()> {
        let matter = self.told.matter;
        let granted = self.anonymous || matter.branch != 6 || matter.outcome == "supported";
        if granted || self.leader.is_some() || !self.random.chance(260) {
            return Some(());
        }
        let served = self.clocks.iter().rfind(|one| one.clock == Clock::ReviewRequest)?.from;
        self.wait(1, 6)?;
        if self.day > served.saturating_add(30.days()) {
            return Some(());
        }
        let county = self.world.people.unit("XLD");
        let unit = self.world.people.units[county].id;
        let id = self.id();
        let year = self.day.year();
        let serial = self.tables.review_numbers.entry(year).or_default();
        *serial += 1;
        let number = format!("攸复查〔{year}〕{serial:04}号");
        let reason = "答复没有说清楚为什么不予支持，请上级机关复查。";
        row!(self.tables.reviews; id, self.told.id, "review", 0_i64, number.clone(), unit, "攸县人民政府", reason,
             self.day, None::<i64>, 1_i64);
        self.act(None, "petition.review_requested", json!({ "on": self.day.to_string(), "reason": reason }));
        self.stop(Clock::ReviewRequest);
        self.start(Clock::Review);
        self.wait(8, 26)?;
        let leaders = self.world.people.of(county, Rank::Leader);
        let writer = *self.random.pick(&leaders);
        let by = self.official(writer);
        let reply = "原处理意见认定事实清楚，适用依据正确，予以维持。";
        row!(self.tables.review_opinions; id, "upheld", self.told.fill(matter.facts), matter.basis, reply, self.day, by);
        self.act(Some(writer), "petition.review_issued", json!({ "number": number, "verdict": "upheld" }));
        self.wait(0, 3)?;
        row!(self.tables.review_services; id, self.day, "post", String::new(), by, self.at);
        self.act(Some(writer), "petition.review_served", json!({ "number": number, "on": self.day.to_string() }));
        self.stop(Clock::Review);
        self.start(Clock::ReReviewRequest);
        Some(())
    }
}
