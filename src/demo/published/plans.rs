//! The plans of 2010, month by month: proposed, frozen with numbers, accounted for, cancelled by the superior. How many
//! there are comes from `county/published.toml`; which stay open, and why, is invented.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde_json::{Value, json};

use super::figures::figure;
use super::goals::{ACCOUNTS, COUNTY, DEPARTMENT, RETURNED, REVERSED, TOWNSHIP, UNDONE};
use super::share::{choose, share};
use super::{County, SEED, YEAR};
use crate::chain::Subject;
use crate::demo::goals::Goal;
use crate::demo::history::moment;
use crate::demo::random::Random;
use crate::plans::rules;
use crate::rows::{Rows, row};

const MONTHS: usize = 12;

/// What is still to be given out to the officials of a level.
struct Level {
    /// For each official of the level and month, how many items: the official's twelve stand together.
    shares: Vec<usize>,
    /// Its officials.
    owners: Vec<usize>,
    /// For each item in the order of writing, whether it stays open.
    open: std::vec::IntoIter<bool>,
}

impl Level {
    fn of(random: &mut Random, owners: Vec<usize>, figure_id: &str) -> anyhow::Result<Self> {
        let figure = figure(figure_id);
        let planned = usize::try_from(figure.of)?;
        let open = usize::try_from(figure.of - figure.done.unwrap_or_default())?;
        let shares = share(random, owners.len() * MONTHS, planned);
        Ok(Self { shares, owners, open: choose(random, planned, open).into_iter() })
    }

    /// How many items an official promises in a month, 0 to 11; nothing of another level.
    fn share(&self, owner: usize, month: usize) -> usize {
        self.owners.iter().position(|one| *one == owner).map_or(0, |place| self.shares[place * MONTHS + month])
    }
}

/// The days of a month's plan.
struct Days {
    month: Month,
    cycle: PlanCycle,
    frozen: Date,
}

/// Whose item it is, and who is above.
#[derive(Clone, Copy)]
struct Hands {
    owner: usize,
    superior: usize,
}

struct Writer<'c, 'a> {
    county: &'c mut County<'a>,
    random: Random,
    levels: [Level; 2],
    serial: i64,
    /// How many acts there were on the item being written.
    acts: i64,
    plans: Rows,
    submissions: Rows,
    items: Rows,
    accounts: Rows,
    returns: Rows,
    cancellations: Rows,
    reversals: Rows,
}

/// Makes up the plans of the year.
pub(super) async fn plan(county: &mut County<'_>) -> anyhow::Result<()> {
    let mut random = Random::of(SEED, "plans");
    // Whose post has none above it has nobody who could freeze or cancel, and no plan.
    let (leaders, others): (Vec<usize>, Vec<usize>) = (0..county.people.officials.len())
        .filter(|one| county.people.officials[*one].superior.is_some())
        .partition(|one| county.people.units[county.people.officials[*one].unit].kind == "county");
    let levels = [Level::of(&mut random, leaders, "plans.county")?, Level::of(&mut random, others, "plans.units")?];
    let mut series = Rows::new("number_series", "series, year, last");
    let mut writer = Writer {
        county,
        random,
        levels,
        serial: 0,
        acts: 0,
        plans: Rows::new("plan", "id, unit, month, frozen_on, frozen_by"),
        submissions: Rows::new("plan_submission", "plan, official, submitted_on"),
        items: Rows::new(
            "plan_item",
            "id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added, proposed_by, \
             frozen_on, frozen_by, version",
        ),
        accounts: Rows::new("plan_account", "id, item, done_on, content, proposed, given_on, given_by"),
        returns: Rows::new("plan_return", "account, reason, returned_on, returned_by"),
        cancellations: Rows::new("cancellation", "id, item, account, done_on, cancelled_on, cancelled_by"),
        reversals: Rows::new("cancellation_reversal", "cancellation, reason, reversed_on, reversed_by"),
    };
    for number in 1..=12 {
        let month = Month::new(YEAR, number)?;
        let cycle = PlanCycle::of(&writer.county.app.policy, Period::Month(month))?;
        let frozen = writer.county.working_day(cycle.freeze_on.saturating_sub(1.day()), cycle.freeze_on);
        let days = Days { month, cycle, frozen };
        writer.serial = 0;
        for unit in 0..writer.county.people.units.len() {
            writer.unit(unit, &days);
        }
        row!(series; format!("攸预{number:02}"), i64::from(YEAR), writer.serial);
    }
    writer.store().await?;
    series.store(&county.app.db).await
}

impl Writer<'_, '_> {
    async fn store(mut self) -> anyhow::Result<()> {
        for rows in [
            &mut self.plans,
            &mut self.submissions,
            &mut self.items,
            &mut self.accounts,
            &mut self.returns,
            &mut self.cancellations,
            &mut self.reversals,
        ] {
            rows.store(&self.county.app.db).await?;
        }
        Ok(())
    }

    fn record(&mut self, day: Date, by: usize, action: &'static str, item: i64, content: &Value) {
        // What happens to an item on one day happens in its order.
        let at = moment(day, 9 * 60 + self.acts * 90 + self.random.within(0, 80));
        self.acts += 1;
        let by = &self.county.people.officials[by];
        self.county.history.add(at, Some(by), action, Subject("plan_item", item), content);
    }

    /// The plan of a unit for a month; none where nobody promised anything.
    fn unit(&mut self, unit: usize, days: &Days) {
        let month = usize::from(days.month.number().unsigned_abs()) - 1;
        let level = usize::from(self.county.people.units[unit].kind != "county");
        let owed: Vec<(usize, usize)> = self.county.people.units[unit]
            .staff
            .iter()
            .map(|owner| (*owner, self.levels[level].share(*owner, month)))
            .filter(|(_, count)| *count > 0)
            .collect();
        if owed.is_empty() {
            return;
        }
        let plan = self.county.id();
        for (owner, count) in &owed {
            let Some(superior) = self.county.people.officials[*owner].superior else { continue };
            let first = days.cycle.propose_by.saturating_sub(9.days());
            let proposed = first.saturating_add(self.random.within(0, 9).days());
            let proposed = self.county.working_day(proposed, days.cycle.propose_by);
            row!(self.submissions; plan, self.county.official(*owner), proposed);
            let mut goals = self.goals(unit);
            self.random.shuffle(&mut goals);
            for goal in goals.into_iter().take(*count) {
                let open = self.levels[level].open.next().unwrap_or_default();
                self.item(plan, Hands { owner: *owner, superior }, goal, open, days);
            }
        }
        let by = self.county.people.officials[owed[0].0].superior.unwrap_or(owed[0].0);
        let (id, by) = (self.county.people.units[unit].id, self.county.official(by));
        row!(self.plans; plan, id, days.month.to_string(), days.frozen, by);
    }

    fn goals(&self, unit: usize) -> Vec<Goal> {
        match self.county.people.units[unit].kind.as_str() {
            "county" => COUNTY.to_vec(),
            "township" => TOWNSHIP.to_vec(),
            _ => DEPARTMENT.to_vec(),
        }
    }

    /// A text with its blanks filled in, by a village of the unit's own township where it is one's.
    fn fill(&mut self, owner: usize, text: &str) -> String {
        let unit = self.county.people.officials[owner].unit;
        let division = &self.county.people.units[unit].division;
        let here: Vec<&str> = self
            .county
            .villages
            .iter()
            .filter(|village| village.code.starts_with(division.as_str()))
            .map(|village| village.name.as_str())
            .collect();
        let village = here[self.random.below(here.len())];
        let (small, large) = (self.random.within(2, 9), self.random.within(20, 96));
        text.replace("{v}", village).replace("{n}", &small.to_string()).replace("{h}", &large.to_string())
    }

    fn item(&mut self, plan: i64, hands: Hands, (goal, standard): Goal, open: bool, days: &Days) {
        let id = self.county.id();
        self.serial += 1;
        self.acts = 0;
        let number = rules::number(days.month, self.serial);
        let arranged = self.random.chance(200);
        let by = self.county.official(if arranged { hands.superior } else { hands.owner });
        let due = days.month.first_day().saturating_add(self.random.within(9, 28).days());
        let due = self.county.working_day(due.min(days.month.last_day()), days.month.last_day());
        self.record(days.frozen, hands.superior, "plan_item.frozen", id, &json!({ "number": number }));
        if open {
            self.stay_open(id, hands, due, days);
        } else {
            self.be_done(id, hands, due, days);
        }
        let (goal, standard) = (self.fill(hands.owner, goal), self.fill(hands.owner, standard));
        let appointment = self.county.people.officials[hands.owner].appointment;
        let weight = *self.random.weighed(&[(1_i64, 70), (2, 22), (3, 8)]);
        row!(self.items; id, plan, number, goal, standard, self.county.official(hands.owner), appointment, due, weight,
             if arranged { "arranged" } else { "own" }, false, by, days.frozen,
             self.county.official(hands.superior), 1 + self.acts);
    }

    /// Accounted for and cancelled, some only after the due day and some at the second account.
    fn be_done(&mut self, item: i64, hands: Hands, due: Date, days: &Days) {
        let done = if self.random.chance(62) {
            due.saturating_add(self.random.within(1, 8).days()).min(days.cycle.account_to)
        } else {
            let before = i64::from((due - days.month.first_day()).get_days()) / 2;
            due.saturating_sub(self.random.within(0, before).days())
        };
        let given = self.day_after(done, 2, days);
        let mut account = self.account(item, hands.owner, (done, given));
        let (mut done, mut on) = (done, given);
        if self.random.chance(40) && given < days.cycle.account_to {
            let back = self.day_after(given, 1, days);
            self.send_back(item, account, hands.superior, back, &RETURNED);
            on = self.day_after(back, 2, days);
            done = on.min(done.saturating_add(2.days()));
            account = self.account(item, hands.owner, (done, on));
        }
        let on = self.day_after(on, 4, days);
        self.cancel(item, account, hands.superior, (done, on));
    }

    /// Nobody says that it is done, or the superior does not accept it, or it turns out afterwards not to be done.
    fn stay_open(&mut self, item: i64, hands: Hands, due: Date, days: &Days) {
        let fate = self.random.below(100);
        if fate < 40 {
            return;
        }
        let given = self.day_after(due, 2, days);
        let account = self.account(item, hands.owner, (due, given));
        if fate < 84 {
            let back = self.day_after(given, 3, days);
            self.send_back(item, account, hands.superior, back, &UNDONE);
            return;
        }
        let on = self.day_after(given, 2, days);
        let cancellation = self.cancel(item, account, hands.superior, (due, on));
        let later = on.saturating_add(self.random.within(5, 40).days());
        let later = self.county.working_day(later, later.saturating_add(9.days()));
        let reason = *self.random.pick(&REVERSED);
        let by = self.county.official(hands.superior);
        row!(self.reversals; cancellation, reason, later, by);
        let content = json!({ "cancellation": cancellation, "reason": reason });
        self.record(later, hands.superior, "plan_item.reversed", item, &content);
    }

    /// A working day up to so many days later, within the month's own time for it.
    fn day_after(&mut self, day: Date, most: i64, days: &Days) -> Date {
        let later = day.saturating_add(self.random.within(0, most).days());
        self.county.working_day(later, days.cycle.cancel_by).max(day)
    }

    fn account(&mut self, item: i64, owner: usize, (done, given): (Date, Date)) -> i64 {
        let id = self.county.id();
        let text = *self.random.pick(&ACCOUNTS);
        row!(self.accounts; id, item, done, text, false, given, self.county.official(owner));
        let content = json!({ "content": text, "done_on": done.to_string() });
        self.record(given, owner, "plan_item.accounted", item, &content);
        id
    }

    fn send_back(&mut self, item: i64, account: i64, superior: usize, on: Date, reasons: &[&'static str]) {
        let reason = *self.random.pick(reasons);
        row!(self.returns; account, reason, on, self.county.official(superior));
        self.record(on, superior, "plan_item.returned", item, &json!({ "reason": reason }));
    }

    fn cancel(&mut self, item: i64, account: i64, superior: usize, (done, on): (Date, Date)) -> i64 {
        let id = self.county.id();
        row!(self.cancellations; id, item, account, done, on, self.county.official(superior));
        let content = json!({ "account": account, "done_on": done.to_string() });
        self.record(on, superior, "plan_item.cancelled", item, &content);
        id
    }
}
