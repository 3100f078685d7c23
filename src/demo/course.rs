//! What became of a petition, day by day, until its end or until yesterday: the acts of the room `petitions` in the
//! order that its rules allow, with the delays and disputes that a county has.

mod answer;
mod review;

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Clock, Run};
use serde_json::{Value, json};

use super::World;
use super::history::{instant, moment};
use super::people::{Official, Rank};
use super::petitions::{Tables, Told};
use super::plans::Case;
use super::random::Random;
use crate::chain::Subject;
use crate::ids::Ids;
use crate::rows::row;

/// Where a petition stands at the end of its course.
pub(super) struct Ending {
    pub(super) state: &'static str,
    pub(super) category: &'static str,
    pub(super) branch: Option<i64>,
    pub(super) unit: Option<i64>,
    pub(super) handler: Option<i64>,
    pub(super) version: i64,
}

struct Ticking {
    clock: Clock,
    from: Date,
    extension: u16,
    stopped: Option<Date>,
}

/// A petition on its way.
pub(super) struct Course<'c, 'w> {
    world: &'c mut World<'w>,
    random: &'c mut Random,
    tables: &'c mut Tables,
    ids: &'c Ids,
    told: &'c Told,
    anonymous: bool,
    last: Date,
    day: Date,
    at: i64,
    clocks: Vec<Ticking>,
    ending: Ending,
    handler: Option<usize>,
    lead: Option<usize>,
    leader: Option<usize>,
    /// When it was bound to the leader, and when that ended.
    bound: Option<Date>,
    unbound: Option<Date>,
    accepted: Option<Date>,
    /// When it was supported, and when that was carried out.
    supported: Option<Date>,
    executed: Option<Date>,
    /// When it was closed, and by whom.
    closed: Option<(Date, usize)>,
}

impl<'c, 'w> Course<'c, 'w> {
    /// A petition as it was registered, which is followed until `last`.
    pub(super) fn new(
        world: &'c mut World<'w>,
        random: &'c mut Random,
        tables: &'c mut Tables,
        ids: &'c Ids,
        told: &'c Told,
        anonymous: bool,
        last: Date,
    ) -> Self {
        let office = world.people.units[world.people.unit("XFJ")].id;
        Self {
            world,
            random,
            tables,
            ids,
            told,
            anonymous,
            last,
            day: told.day,
            at: told.at,
            clocks: Vec::new(),
            ending: Ending {
                state: "registered",
                category: "unsorted",
                branch: None,
                unit: Some(office),
                handler: None,
                version: 1,
            },
            handler: None,
            lead: None,
            leader: None,
            bound: None,
            unbound: None,
            accepted: None,
            supported: None,
            executed: None,
            closed: None,
        }
    }

    /// Writes the clocks down and gives where it stands.
    pub(super) fn end(mut self) -> anyhow::Result<Ending> {
        for ticking in std::mem::take(&mut self.clocks) {
            let run = Run { extended_by: ticking.extension, ..Run::new(ticking.clock, ticking.from) };
            let deadline = policy::deadline(&self.world.app.policy, &self.world.app.calendar, &run)?;
            // What the petitioner did not ask for within the term has fallen away with its last day.
            let right = matches!(ticking.clock, Clock::ReviewRequest | Clock::ReReviewRequest);
            let lapsed = deadline.due.filter(|_| right);
            let stopped = ticking.stopped.or(lapsed.filter(|due| *due < self.world.today));
            let id = self.id();
            row!(self.tables.clocks; id, self.told.id, ticking.clock.id(), ticking.from, i64::from(ticking.extension),
                 deadline.due, deadline.provisional, stopped);
        }
        if let (Some(handler), Some(accepted)) = (self.handler, self.accepted) {
            let number = self.told.number.clone();
            self.world.cases.push(Case { petition: self.told.id, number, handler, accepted, closed: self.closed });
        }
        if let (Some(leader), Some(bound_on)) = (self.leader, self.bound) {
            let quarter = format!("{}-Q{}", bound_on.year(), (bound_on.month() - 1) / 3 + 1);
            let due = bound_on.saturating_add(80.days());
            let by = self.officer(None);
            let (id, leader, by) = (self.id(), self.official(leader), self.official(by));
            row!(self.tables.bindings; id, self.told.id, leader, quarter, due, bound_on, by, self.unbound);
        }
        if let Some(since) = self.supported {
            row!(self.tables.executions; self.told.id, since, self.executed);
        }
        Ok(self.ending)
    }

    fn id(&self) -> i64 {
        self.ids.next(instant(self.at))
    }

    pub(super) fn start(&mut self, clock: Clock) {
        self.clocks.push(Ticking { clock, from: self.day, extension: 0, stopped: None });
    }

    fn stop(&mut self, clock: Clock) {
        let day = self.day;
        for ticking in self.clocks.iter_mut().filter(|one| one.clock == clock && one.stopped.is_none()) {
            ticking.stopped = Some(day);
        }
    }

    /// Days go by; nothing where the year ends first.
    fn wait(&mut self, low: i64, high: i64) -> Option<()> {
        let day = self.day.saturating_add(self.random.within(low, high).days());
        if day > self.last {
            return None;
        }
        let day = self.world.working_day(day, self.last);
        if day < self.day {
            return None;
        }
        let minute = self.random.within(8 * 60 + 40, 12 * 60);
        self.at = (self.at + self.random.within(6, 50) * 60_000).max(moment(day, minute));
        self.day = day;
        if self.at <= moment(day, 20 * 60) {
            return Some(());
        }
        // What would fall after office hours is done the next working morning, unless the year ends there.
        let next = self.world.working_day(day.saturating_add(1.day()), self.last);
        if next <= day {
            return None;
        }
        (self.day, self.at) = (next, moment(next, 8 * 60 + 50));
        Some(())
    }

    /// Goes to a day that is already chosen.
    fn wait_until(&mut self, day: Date) -> Option<()> {
        let days = i64::from((day - self.day).get_days()).max(0);
        self.wait(days, days)
    }

    #[expect(clippy::needless_pass_by_value, reason = "every call makes its content on the spot")]
    fn act(&mut self, by: Option<usize>, action: &'static str, content: Value) {
        self.ending.version += 1;
        let by: Option<Official> = by.map(|by| self.world.people.officials[by].clone());
        self.world.history.add(self.at, by.as_ref(), action, Subject("petition", self.told.id), &content);
    }

    fn official(&self, index: usize) -> i64 {
        self.world.people.officials[index].id
    }

    /// One of the petition office, another than `but`.
    fn officer(&mut self, but: Option<usize>) -> usize {
        let two = [self.world.people.cast("xinfang"), self.world.people.cast("xinfang2")];
        let first = *self.random.weighed(&[(two[0], 6), (two[1], 4)]);
        if Some(first) == but { two[usize::from(first == two[0])] } else { first }
    }

    /// Follows the petition as far as the year goes. `None` only says that the year ended first.
    pub(super) fn live(&mut self) -> Option<()> {
        self.recuse();
        // Some wait too long already here; the others are disposed of within the fifteen days.
        if self.random.chance(12) {
            self.wait(16, 24)?;
        } else {
            self.wait(0, 9)?;
        }
        self.classify();
        if self.random.chance(120) {
            self.wait(1, 3)?;
        }
        if self.told.matter.branch == 9 || matches!(self.told.matter.branch, 1..=4) {
            self.forward();
            return Some(());
        }
        self.assign()?;
        self.bind();
        if self.random.chance(12) {
            // Nobody took it up: the notice runs late.
            self.wait(40, 70)?;
        }
        self.accept()?;
        self.handle()?;
        self.answer()?;
        self.close()?;
        self.review()
    }

    pub(super) fn recuse(&mut self) {
        let town = self.world.people.town(&self.world.villages[self.told.village].town);
        if self.told.matter.branch == 9 {
            let whole = self.random.chance(500);
            let someone = *self.random.pick(&self.world.people.units[town].staff);
            let unit = whole.then(|| self.world.people.units[town].id);
            let official = (!whole).then(|| self.official(someone));
            self.keep_out(unit, official, "complained_of");
        } else if self.told.matter.unit != "ZRZY" && self.random.chance(8) {
            let unit = self.world.people.units[self.world.people.unit("ZRZY")].id;
            self.keep_out(Some(unit), None, "complained_of");
        }
    }

    fn keep_out(&mut self, unit: Option<i64>, official: Option<i64>, reason: &'static str) {
        let by = self.told.by.map(|by| self.official(by));
        let id = self.id();
        row!(self.tables.recusals; id, self.told.id, unit, official, reason, self.at, by);
        let content = json!({ "official": official, "reason": reason, "unit": unit });
        self.act(self.told.by, "petition.recused", content);
    }

    fn classify(&mut self) {
        let (category, branch) = match self.told.matter.branch {
            0 => ("suggestion", None),
            9 => ("report", None),
            branch => ("claim", Some(branch)),
        };
        (self.ending.category, self.ending.branch) = (category, branch);
        let by = self.officer(None);
        self.act(Some(by), "petition.classified", json!({ "branch": branch, "category": category }));
    }

    fn forward(&mut self) {
        let organ = match self.told.matter.branch {
            9 => "县纪委监委",
            1 => "县人民法院",
            2 => "县劳动人事争议仲裁委员会",
            3 => "县委组织部",
            _ => "县人力资源和社会保障局（行政程序）",
        };
        let by = self.officer(None);
        let letter = format!("现将{}转你单位依照职权处理，处理情况请按规定告知信访人。", self.told.number);
        let by_id = self.official(by);
        row!(self.tables.forwardings; self.told.id, organ, letter, self.day, by_id);
        self.act(Some(by), "petition.forwarded", json!({ "organ": organ }));
        self.ending.state = "forwarded";
        self.stop(Clock::Registration);
    }

    fn assign(&mut self) -> Option<()> {
        let right = if self.told.matter.unit.is_empty() {
            self.world.people.town(&self.world.villages[self.told.village].town)
        } else {
            self.world.people.unit(self.told.matter.unit)
        };
        if self.random.chance(45) {
            let wrong = *self.random.pick(&["ZFB", "NYJ", "ZJJ", "SLJ", "MZJ", "LYJ"]);
            let wrong = self.world.people.unit(wrong);
            if wrong != right {
                self.dispute(wrong)?;
            }
        }
        self.dispatch(right, "lead", None);
        if self.random.chance(130) {
            let helper = if self.told.matter.unit.is_empty() {
                self.world.people.unit("ZRZY")
            } else {
                self.world.people.town(&self.world.villages[self.told.village].town)
            };
            if helper != right && !self.kept_out(helper) {
                self.dispatch(helper, "help", None);
            }
        }
        Some(())
    }

    fn kept_out(&self, unit: usize) -> bool {
        // The only unit that is ever kept out of what is assigned (see `recuse`).
        self.world.people.units[unit].code == "ZRZY"
    }

    /// A unit that it was given to objects within five working days, and the office takes it back.
    fn dispute(&mut self, wrong: usize) -> Option<()> {
        let assignment = self.dispatch_row(wrong, "lead");
        let (from, dispatched_by) = (self.day, self.officer(None));
        let objector = *self.random.pick(&self.world.people.of(wrong, Rank::Staff));
        let objected = self.wait(1, 4);
        if objected.is_some() {
            let reason = *self.random.pick(&[
                "所反映事项不属本单位职责，依据三定规定应由行业主管部门办理。",
                "涉及的项目由其他单位实施和验收，建议改交。",
                "属地管理事项，建议由所在乡镇牵头、我单位配合。",
            ]);
            let by = self.official(objector);
            row!(self.tables.objections; assignment, self.told.id, reason, self.day, by);
            self.act(Some(objector), "petition.objected", json!({ "reason": reason }));
            self.stop(Clock::Objection);
        }
        let taken_back = objected.and_then(|()| self.wait(0, 2));
        if taken_back.is_some() {
            self.act(Some(dispatched_by), "petition.taken_back", json!({}));
            self.stop(Clock::Notice);
            self.start(Clock::Registration);
            self.ending.state = "registered";
            self.ending.unit = None;
            self.lead = None;
        }
        let unit = self.world.people.units[wrong].id;
        let by = self.official(dispatched_by);
        row!(self.tables.assignments; assignment, self.told.id, unit, "lead", from, by,
             "请核实情况，依法处理并书面答复信访人。", taken_back.map(|()| self.day));
        taken_back
    }

    fn dispatch(&mut self, unit: usize, part: &'static str, ended: Option<Date>) {
        let id = self.dispatch_row(unit, part);
        let by = self.officer(None);
        let (unit, by) = (self.world.people.units[unit].id, self.official(by));
        let instruction = if part == "lead" {
            "请核实情况，依法处理并书面答复信访人。"
        } else {
            "请配合主办单位核实现场情况，做好沟通。"
        };
        row!(self.tables.assignments; id, self.told.id, unit, part, self.day, by, instruction, ended);
    }

    /// What dispatching to a unit does, but for the row itself.
    fn dispatch_row(&mut self, unit: usize, part: &'static str) -> i64 {
        let by = self.officer(None);
        let id = self.id();
        let unit_id = self.world.people.units[unit].id;
        self.act(Some(by), "petition.assigned", json!({ "part": part, "unit": unit_id }));
        if part == "lead" {
            self.stop(Clock::Registration);
            self.start(Clock::Notice);
            self.start(Clock::Objection);
            self.ending.state = "assigned";
            self.ending.unit = Some(unit_id);
            self.lead = Some(unit);
        }
        id
    }

    /// 包案: what many stand behind, and some of the mining matters.
    fn bind(&mut self) {
        let mining = self.told.matter.theme == "mining";
        if self.told.people < 12 && !(mining && self.random.chance(260)) && !self.random.chance(16) {
            return;
        }
        let county = self.world.people.unit("XLD");
        let leaders = self.world.people.of(county, Rank::Leader);
        let leader =
            if self.random.chance(300) { self.world.people.cast("lingdao") } else { *self.random.pick(&leaders) };
        (self.leader, self.bound) = (Some(leader), Some(self.day));
        let by = self.officer(None);
        self.act(Some(by), "petition.bound", json!({ "leader": self.official(leader) }));
    }
}
