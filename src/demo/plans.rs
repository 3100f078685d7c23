//! The plans of every unit, month by month: proposed, frozen with numbers, accounted for, cancelled.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde_json::json;

use super::World;
use super::goals::{ACCOUNTS, COUNTY, DEPARTMENT, RETURNS, TOWN};
use super::history::{instant, moment};
use super::people::Rank;
use super::random::Random;
use crate::chain::Subject;
use crate::ids::Ids;
use crate::plans::rules;
use crate::rows::{Rows, row};

/// A case that somebody handles, as far as a plan can promise its answer.
pub(super) struct Case {
    pub(super) petition: i64,
    pub(super) number: String,
    pub(super) handler: usize,
    pub(super) accepted: Date,
    /// When it was closed, and by whom.
    pub(super) closed: Option<(Date, usize)>,
}

struct Tables {
    plans: Rows,
    submissions: Rows,
    items: Rows,
    accounts: Rows,
    returns: Rows,
    cancellations: Rows,
    reversals: Rows,
    reliefs: Rows,
}

/// What an item promises.
#[derive(Clone)]
struct Promise {
    goal: String,
    standard: String,
    source: &'static str,
    petition: Option<i64>,
    duty: Option<&'static str>,
    target: Option<i64>,
    weight: i64,
    due: Date,
    /// The case was closed then by somebody: its account comes from there.
    closed: Option<(Date, usize)>,
    /// The item that was deferred to this one.
    continues: Option<i64>,
}

/// The days of a month's plan.
struct Days {
    month: Month,
    cycle: PlanCycle,
    frozen: Option<Date>,
    last: Date,
}

/// A plan on its way, with what it is written to.
struct Writer<'p, 'w> {
    world: &'p mut World<'w>,
    random: Random,
    tables: Tables,
    ids: Ids,
    serial: i64,
    cases: Vec<Vec<Case>>,
    /// What was deferred to the next month, with its owner.
    carried: Vec<(usize, Promise)>,
}

/// The series of a month's numbers: 攸预11 of the year.
fn series_of(month: Month) -> String {
    format!("攸预{:02}", month.number())
}

/// Makes up the plans of the year that ends next month.
pub(super) async fn plan(world: &mut World<'_>) -> anyhow::Result<()> {
    let this_month = Month::of(world.today);
    let yesterday = world.today.saturating_sub(1.day());
    // A small county, as tests make it, needs few months of its six hundred officials.
    let back = i32::try_from((world.households.len() / 1_500).clamp(2, 12))?;
    let mut cases: Vec<Vec<Case>> = (0..world.people.officials.len()).map(|_| Vec::new()).collect();
    for case in std::mem::take(&mut world.cases) {
        cases[case.handler].push(case);
    }
    let ids = world.app.ids.past();
    let random = Random::of(world.seed, "plans");
    let mut series = Rows::new("number_series", "series, year, last");
    let mut writer = Writer { world, random, tables: Tables::new(), ids, serial: 0, cases, carried: Vec::new() };
    for month in (-back..=1).map(|n| this_month.plus(n)) {
        let cycle = PlanCycle::of(&writer.world.app.policy, Period::Month(month))?;
        let freeze = writer.world.working_day(cycle.freeze_on.saturating_sub(1.day()), cycle.freeze_on);
        let days = Days { month, cycle, frozen: (freeze <= yesterday).then_some(freeze), last: yesterday };
        writer.serial = 0;
        for unit in 0..writer.world.people.units.len() {
            writer.unit(unit, &days);
        }
        if writer.serial > 0 {
            row!(series; series_of(month), i64::from(month.year()), writer.serial);
        }
        let db = &writer.world.app.db;
        writer.tables.store(db).await?;
    }
    series.store(&writer.world.app.db).await
}

impl Tables {
    fn new() -> Self {
        Self {
            plans: Rows::new("plan", "id, unit, month, frozen_on, frozen_by"),
            submissions: Rows::new("plan_submission", "plan, official, submitted_on"),
            items: Rows::new(
                "plan_item",
                "id, plan, number, goal, standard, owner, appointment, due_on, weight, source, petition, duty, target, \
                 continues, added, proposed_by, frozen_on, frozen_by, version",
            ),
            accounts: Rows::new("plan_account", "id, item, done_on, content, proposed, given_on, given_by"),
            returns: Rows::new("plan_return", "account, reason, returned_on, returned_by"),
            cancellations: Rows::new("cancellation", "id, item, account, done_on, cancelled_on, cancelled_by"),
            reversals: Rows::new("cancellation_reversal", "cancellation, reason, reversed_on, reversed_by"),
            reliefs: Rows::new("plan_relief", "item, kind, deferred_to, reason, consented_on, consented_by"),
        }
    }

    async fn store(&mut self, db: &crate::db::Database) -> anyhow::Result<()> {
        for rows in [
            &mut self.plans,
            &mut self.submissions,
            &mut self.items,
            &mut self.accounts,
            &mut self.returns,
            &mut self.cancellations,
            &mut self.reversals,
            &mut self.reliefs,
        ] {
            rows.store(db).await?;
        }
        Ok(())
    }
}

impl Writer<'_, '_> {
    fn id(&self, day: Date) -> i64 {
        self.ids.next(instant(moment(day, 10 * 60)))
    }

    fn official(&self, index: usize) -> i64 {
        self.world.people.officials[index].id
    }

    fn record(&mut self, day: Date, by: usize, action: &'static str, subject: Subject, content: &serde_json::Value) {
        let by = self.world.people.officials[by].clone();
        let at = moment(day, self.random.within(9 * 60, 17 * 60));
        self.world.history.add(at, Some(&by), action, subject, content);
    }

    fn unit(&mut self, unit: usize, days: &Days) {
        let first = days.cycle.propose_by.saturating_sub(13.days());
        if first > days.last {
            return;
        }
        let plan = self.id(first);
        let mut rows = 0;
        for owner in self.world.people.units[unit].staff.clone() {
            // Without a superior nobody could freeze or cancel.
            let Some(superior) = self.world.people.officials[owner].superior else { continue };
            let proposed = first.saturating_add(self.random.within(0, 13).days());
            let proposed = self.world.working_day(proposed, days.cycle.propose_by);
            let (carried, rest) = std::mem::take(&mut self.carried)
                .into_iter()
                .partition(|(of, promise): &(usize, Promise)| *of == owner && Month::of(promise.due) == days.month);
            self.carried = rest;
            // A few hand in nothing; what was deferred to this month is in its plan whatever else is.
            let nothing = proposed > days.last || self.random.chance(12);
            if nothing && carried.is_empty() {
                continue;
            }
            let proposed = proposed.min(days.last);
            let owner_id = self.official(owner);
            row!(self.tables.submissions; plan, owner_id, proposed);
            let promises = if nothing { Vec::new() } else { self.promises(owner, days) };
            for promise in promises.into_iter().chain(carried.into_iter().map(|(_, promise)| promise)) {
                self.item(plan, (owner, superior), proposed, &promise, days);
                rows += 1;
            }
        }
        if rows == 0 {
            return;
        }
        let chief = self.world.people.of(unit, Rank::Chief).first().copied();
        let by = chief.unwrap_or_else(|| self.world.people.cast("lingdao"));
        let frozen_by = days.frozen.map(|_| self.official(by));
        let unit_id = self.world.people.units[unit].id;
        row!(self.tables.plans; plan, unit_id, days.month.to_string(), days.frozen, frozen_by);
    }

    /// What somebody promises for a month.
    fn promises(&mut self, owner: usize, days: &Days) -> Vec<Promise> {
        let month = days.month;
        let unit = self.world.people.officials[owner].unit;
        let kind = self.world.people.units[unit].kind.clone();
        let division = self.world.people.units[unit].division.clone();
        let mut promises = Vec::new();
        let goals: &[super::goals::Goal] = match kind.as_str() {
            "county" => &COUNTY,
            "township" => &TOWN,
            _ => &DEPARTMENT,
        };
        let count = *self.random.weighed(&[(1, 60), (2, 34), (3, 6)]);
        let mut order: Vec<usize> = (0..goals.len()).collect();
        self.random.shuffle(&mut order);
        let here: Vec<usize> = (0..self.world.villages.len())
            .filter(|index| self.world.villages[*index].town.starts_with(&division))
            .collect();
        for index in order.into_iter().take(count) {
            let (goal, standard) = goals[index];
            let village = self.world.villages[*self.random.pick(&here)].name.clone();
            let small = self.random.within(2, 9).to_string();
            let large = self.random.within(10, 96).to_string();
            let fill = |text: &str| text.replace("{v}", &village).replace("{n}", &small).replace("{h}", &large);
            let due = self.due(month);
            promises.push(Promise {
                goal: fill(goal),
                standard: fill(standard),
                source: if self.random.chance(220) { "arranged" } else { "own" },
                petition: None,
                duty: None,
                target: None,
                weight: *self.random.weighed(&[(1, 70), (2, 22), (3, 8)]),
                due,
                closed: None,
                continues: None,
            });
        }
        if let Some(promise) = self.visits(owner, month) {
            promises.push(promise);
        }
        let answered = |case: &Case| Month::of(case.accepted.saturating_add(45.days())) == month;
        if let Some(at) = self.cases[owner].iter().position(answered) {
            let case = self.cases[owner].remove(at);
            promises.push(Promise {
                goal: format!("{}书面答复送达信访人", case.number),
                standard: "信访人签收，回访本人".to_owned(),
                source: "petition",
                petition: Some(case.petition),
                duty: None,
                target: None,
                weight: 2,
                due: month.day(25),
                closed: case.closed,
                continues: None,
            });
        }
        promises
    }

    fn due(&mut self, month: Month) -> Date {
        let day = month.first_day().saturating_add(self.random.within(7, 29).days());
        self.world.working_day(day.min(month.last_day()), month.last_day())
    }

    /// Whoever is assigned to a village promises visits now and then; those of the demo's village always.
    fn visits(&mut self, owner: usize, month: Month) -> Option<Promise> {
        let village = (0..self.world.villages.len()).find(|at| self.world.people.assigned[*at].contains(&owner))?;
        let always = self.world.villages[village].code == super::VILLAGE;
        if !always && !self.random.chance(300) {
            return None;
        }
        let target = self.random.within(4, 12);
        Some(Promise {
            goal: format!("走访{}农户{target}户，了解冬春生产生活情况", self.world.villages[village].name),
            standard: "逐户有记录，反映的问题当月答复".to_owned(),
            source: "duty",
            petition: None,
            duty: Some("B2"),
            target: Some(target),
            weight: 1,
            due: month.last_day(),
            closed: None,
            continues: None,
        })
    }

    fn item(&mut self, plan: i64, (owner, superior): (usize, usize), proposed: Date, promise: &Promise, days: &Days) {
        let id = self.id(proposed);
        let added = days.frozen.is_some() && days.month.first_day() <= days.last && self.random.chance(15);
        let number = days.frozen.map(|_| {
            self.serial += 1;
            rules::number(days.month, self.serial)
        });
        let by = if promise.source == "arranged" || added { superior } else { owner };
        let (owner_id, by, above) = (self.official(owner), self.official(by), self.official(superior));
        let appointment = self.world.people.officials[owner].appointment;
        let frozen = if added { Some(days.month.day(3).min(days.last)) } else { days.frozen };
        let mut version = 1 + i64::from(frozen.is_some());
        if let Some(day) = frozen {
            let action = if added { "plan_item.added" } else { "plan_item.frozen" };
            self.record(day, superior, action, Subject("plan_item", id), &json!({ "number": number }));
            version += self.fate(id, (owner, superior), promise, days);
        }
        row!(self.tables.items; id, plan, number, promise.goal.clone(), promise.standard.clone(), owner_id, appointment,
             promise.due, promise.weight, promise.source, promise.petition, promise.duty.map(str::to_owned),
             promise.target, promise.continues, added, by, frozen, frozen.map(|_| above), version);
    }

    /// What became of a frozen item; gives how many acts there were.
    fn fate(&mut self, item: i64, (owner, superior): (usize, usize), promise: &Promise, days: &Days) -> i64 {
        if promise.petition.is_none() && self.random.chance(26) {
            return self.relief(item, (owner, superior), promise, days);
        }
        let (done, given_by, proposed) = match promise.closed {
            Some((day, by)) if day <= days.cycle.cancel_by && day >= days.month.first_day() => (day, by, true),
            Some(_) => return 0,
            None if promise.petition.is_some() => return 0,
            None => match self.random.below(1_000) {
                // Never done, or said to be done by nobody.
                0..50 => return 0,
                50..115 => {
                    let late = promise.due.saturating_add(self.random.within(1, 9).days());
                    (late.min(days.cycle.account_to), owner, false)
                }
                _ => {
                    let first = days.month.first_day();
                    let span = i64::from((promise.due - first).get_days());
                    let early = self.random.within(0, span / 2);
                    (promise.due.saturating_sub(early.days()), owner, false)
                }
            },
        };
        let given = self.world.working_day(done.saturating_add(self.random.within(0, 2).days()), days.cycle.cancel_by);
        let given = given.max(done);
        if given > days.last {
            return 0;
        }
        let mut acts = 1;
        let mut account = self.account(item, (done, given), given_by, proposed);
        let (mut done, mut on) = (done, given);
        if !proposed && self.random.chance(40) {
            let back = given.saturating_add(self.random.within(1, 2).days());
            if back > days.last {
                return acts;
            }
            let reason = *self.random.pick(&RETURNS);
            let by = self.official(superior);
            row!(self.tables.returns; account, reason, back, by);
            self.record(back, superior, "plan_item.returned", Subject("plan_item", item), &json!({ "reason": reason }));
            acts += 1;
            on = back.saturating_add(self.random.within(1, 3).days());
            if on > days.last || self.random.chance(200) {
                return acts;
            }
            done = on.min(done.saturating_add(3.days()));
            account = self.account(item, (done, on), owner, false);
            acts += 1;
        }
        // A slow superior costs the owner nothing, but some are slow, and the demo's own has some waiting.
        let slow = self.random.chance(30) || superior == self.world.people.cast("fenguan");
        let cancelled =
            on.saturating_add(self.random.within(if slow { 3 } else { 0 }, if slow { 8 } else { 3 }).days());
        let cancelled =
            if cancelled > days.cycle.cancel_by && !slow { days.cycle.cancel_by.max(on) } else { cancelled };
        if cancelled > days.last {
            return acts;
        }
        acts + self.cancel(item, (account, done), superior, cancelled)
    }

    fn account(&mut self, item: i64, (done, given): (Date, Date), by: usize, proposed: bool) -> i64 {
        let id = self.id(given);
        let text = if proposed { "信访事项已办结。" } else { *self.random.pick(&ACCOUNTS) };
        let official = self.official(by);
        row!(self.tables.accounts; id, item, done, text, proposed, given, official);
        let content = json!({ "content": text, "done_on": done.to_string() });
        self.record(given, by, "plan_item.accounted", Subject("plan_item", item), &content);
        id
    }

    fn cancel(&mut self, item: i64, (account, done): (i64, Date), superior: usize, on: Date) -> i64 {
        let id = self.id(on);
        let by = self.official(superior);
        row!(self.tables.cancellations; id, item, account, done, on, by);
        let content = json!({ "account": account, "done_on": done.to_string() });
        self.record(on, superior, "plan_item.cancelled", Subject("plan_item", item), &content);
        let later = on.saturating_add(3.days());
        if later >= self.world.today || !self.random.chance(4) {
            return 1;
        }
        row!(self.tables.reversals; id, "复查发现工程有一段返工，待完工后重新述职。", later, by);
        self.record(later, superior, "plan_item.reversed", Subject("plan_item", item), &json!({ "cancellation": id }));
        2
    }

    fn relief(&mut self, item: i64, (owner, superior): (usize, usize), promise: &Promise, days: &Days) -> i64 {
        let day = days.month.day(12);
        if day > days.last {
            return 0;
        }
        let deferred = self.random.chance(500);
        let to = deferred.then(|| days.month.plus(1).day(20));
        let kind = if deferred { "deferred" } else { "withdrawn" };
        let reason = if deferred {
            "连续下雨，工程顺延。"
        } else {
            "上级统一安排，本项不再单独实施。"
        };
        let by = self.official(superior);
        row!(self.tables.reliefs; item, kind, to, reason, day, by);
        if let Some(due) = to {
            self.carried.push((owner, Promise { due, continues: Some(item), ..promise.clone() }));
        }
        self.record(day, superior, "plan_item.relieved", Subject("plan_item", item), &json!({ "kind": kind }));
        1
    }
}
