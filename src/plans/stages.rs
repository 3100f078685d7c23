//! How far the plan of a month or a quarter has come: 预、安、定稿、办、述职、销号, and until when it is handed in and frozen. Pure: values in,
//! values out.

use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};

use super::rules::Condition;

/// How far a month's plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 预: proposals come from below.
    Proposing,
    /// 安: the superior arranges; goes on until he freezes, also when that is late.
    Arranging,
    /// 定稿: frozen, the period has not begun.
    Frozen,
    /// 办: the period itself.
    Running,
    /// 述职: accounts are given.
    Accounting,
    /// 销号: the superior cancels.
    Cancelling,
    /// The cut-off of the settlement is past.
    Closed,
}

impl Stage {
    /// The stage of the plan of `period` on a day.
    pub fn of(cycle: &PlanCycle, period: Period, frozen_on: Option<Date>, today: Date) -> Self {
        match () {
            () if today > cycle.cancel_by => Self::Closed,
            () if frozen_on.is_none() && today <= cycle.propose_by => Self::Proposing,
            () if frozen_on.is_none() => Self::Arranging,
            () if today < period.first_day() => Self::Frozen,
            () if today < cycle.account_from => Self::Running,
            () if today <= cycle.account_to => Self::Accounting,
            () => Self::Cancelling,
        }
    }
}

/// One of the five steps above the plan.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// 预, 安, 办, 述职, 销号.
    pub name: &'static str,
    /// Its days.
    pub text: String,
    /// done, now, or nothing.
    pub class: &'static str,
}

/// The five steps as the page shows them.
pub fn steps(cycle: &PlanCycle, period: Period, frozen_on: Option<Date>, today: Date) -> [Step; 5] {
    let stage = Stage::of(cycle, period, frozen_on, today);
    let short = |date: Date| format!("{:02}-{:02}", date.month(), date.day());
    let class = |from: Stage, to: Stage| {
        if stage > to {
            "done"
        } else if stage >= from {
            "now"
        } else {
            ""
        }
    };
    let frozen = match frozen_on {
        Some(day) => format!("{} 定稿冻结", short(day)),
        None => format!("{} 前定稿", short(cycle.freeze_on)),
    };
    let running = match stage {
        Stage::Running => format!("还有 {} 天", (period.last_day() - today).get_days()),
        _ => format!("{} 至 {}", short(period.first_day()), short(period.last_day())),
    };
    let step = |name, text, class| Step { name, text, class };
    [
        step("预", format!("{} 前 · 自下而上", short(cycle.propose_by)), class(Stage::Proposing, Stage::Proposing)),
        step("安", frozen, class(Stage::Arranging, Stage::Frozen)),
        step("办", running, class(Stage::Running, Stage::Running)),
        step(
            "述职",
            format!("{} 至 {}", short(cycle.account_from), short(cycle.account_to)),
            class(Stage::Accounting, Stage::Accounting),
        ),
        step("销号", format!("{} 前", short(cycle.cancel_by)), class(Stage::Cancelling, Stage::Cancelling)),
    ]
}

/// Why a plan cannot be frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotFreeze {
    /// Nothing of it waits for this superior.
    #[error("没有等您定稿的预安项：自己的预安项由自己的上级定稿，退改的要等改好")]
    Nothing,
    /// The month or quarter is over.
    #[error("这一期已经过去，不能再定稿：没有定稿的不计入这一期")]
    Past,
}

/// Why a plan is not handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotSubmit {
    /// There is nothing of one's own in it.
    #[error("还没有自己的预安项，先列入再上报")]
    Nothing,
    /// Everything in it was withdrawn or deferred.
    #[error("自己的预安项都已撤销或者顺延，没有可以上报的")]
    Relieved,
    /// Proposing begins in the month before.
    #[error("上报从前一个月的 1 日开始，现在还早")]
    TooEarly,
    /// The last day is past.
    #[error("这个月的预安最迟 {0} 上报，已经过了")]
    TooLate(Date),
}

/// How somebody stands with the handing in of a month's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Handed in on that day, until the last day for proposals.
    InTime(Date),
    /// 迟报: handed in after it.
    Late(Date),
    /// Not handed in, and the last day is not past.
    Awaited,
    /// 未报: so many days past the last one.
    Missing(i32),
}

/// How somebody stands who handed in on a day, or has not, as of today.
pub fn standing(cycle: &PlanCycle, submitted_on: Option<Date>, today: Date) -> Standing {
    match submitted_on {
        Some(day) if day <= cycle.propose_by => Standing::InTime(day),
        Some(day) => Standing::Late(day),
        None if today <= cycle.propose_by => Standing::Awaited,
        None => Standing::Missing((today - cycle.propose_by).get_days()),
    }
}

/// Whether what is frozen today is an addition (追加), shown apart from the plan: whatever follows the first freezing of
/// the superior's posts, or comes after the days of grace. `submit_by` is the last of these.
pub fn freeze(period: Period, submit_by: Date, frozen: bool, today: Date) -> Result<bool, CannotFreeze> {
    if today > period.last_day() { Err(CannotFreeze::Past) } else { Ok(frozen || today > submit_by) }
}

/// Whether somebody may hand in a plan whose items have come to `own`. A plan handed in gives the stake back where
/// nothing of it counts (PAY 2): it has to be a plan, and in time.
pub fn submit(month: Month, submit_by: Date, own: &[&Condition], today: Date) -> Result<(), CannotSubmit> {
    let relieved = |one: &&Condition| matches!(one, Condition::Withdrawn { .. } | Condition::Deferred { .. });
    match () {
        () if own.is_empty() => Err(CannotSubmit::Nothing),
        () if own.iter().all(relieved) => Err(CannotSubmit::Relieved),
        () if today > submit_by => Err(CannotSubmit::TooLate(submit_by)),
        () if Month::of(today) < month.plus(-1) => Err(CannotSubmit::TooEarly),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use policy::{Period, Policy};

    use super::*;

    fn stage(today: Date, frozen: bool) -> Stage {
        let month: Month = "2026-11".parse().unwrap();
        let cycle = PlanCycle::of(Policy::published(), Period::Month(month)).unwrap();
        Stage::of(&cycle, period(month), frozen.then(|| date(2026, 10, 30)), today)
    }

    fn period(month: Month) -> Period {
        Period::Month(month)
    }

    #[test]
    fn a_quarter_goes_through_the_same_stages() {
        let quarter = Period::Quarter("2026-Q4".parse().unwrap());
        let cycle = PlanCycle::of(Policy::published(), quarter).unwrap();
        let on = |frozen: bool, today| Stage::of(&cycle, quarter, frozen.then(|| date(2026, 9, 30)), today);
        assert_eq!(on(false, date(2026, 9, 25)), Stage::Proposing);
        assert_eq!(on(false, date(2026, 9, 26)), Stage::Arranging);
        assert_eq!(on(true, date(2026, 9, 30)), Stage::Frozen);
        assert_eq!(on(true, date(2026, 11, 30)), Stage::Running);
        assert_eq!(on(true, date(2027, 1, 3)), Stage::Accounting);
        assert_eq!(on(true, date(2027, 1, 5)), Stage::Cancelling);
        assert_eq!(on(true, date(2027, 1, 6)), Stage::Closed);
        assert_eq!(freeze(quarter, cycle.submit_by, false, date(2026, 10, 5)), Ok(false));
        assert_eq!(freeze(quarter, cycle.submit_by, false, date(2026, 10, 6)), Ok(true));
        assert_eq!(freeze(quarter, cycle.submit_by, false, date(2027, 1, 1)), Err(CannotFreeze::Past));
    }

    #[test]
    fn each_stage_ends_with_its_last_day() {
        assert_eq!(stage(date(2026, 10, 25), false), Stage::Proposing);
        assert_eq!(stage(date(2026, 10, 26), false), Stage::Arranging);
        assert_eq!(stage(date(2026, 10, 31), true), Stage::Frozen);
        assert_eq!(stage(date(2026, 11, 1), true), Stage::Running);
        assert_eq!(stage(date(2026, 11, 30), true), Stage::Running);
        assert_eq!(stage(date(2026, 12, 1), true), Stage::Accounting);
        assert_eq!(stage(date(2026, 12, 3), true), Stage::Accounting);
        assert_eq!(stage(date(2026, 12, 4), true), Stage::Cancelling);
        assert_eq!(stage(date(2026, 12, 5), true), Stage::Cancelling);
        assert_eq!(stage(date(2026, 12, 6), true), Stage::Closed);
    }

    #[test]
    fn a_plan_that_nobody_froze_is_still_being_arranged() {
        assert_eq!(stage(date(2026, 11, 20), false), Stage::Arranging);
        assert_eq!(stage(date(2026, 12, 6), false), Stage::Closed);
    }

    #[test]
    fn a_plan_is_late_from_the_day_after_the_last_one() {
        let cycle = PlanCycle::of(Policy::published(), Period::Month(month())).unwrap();
        let on = |submitted, today| standing(&cycle, submitted, today);
        assert_eq!(on(Some(date(2026, 10, 25)), date(2026, 11, 30)), Standing::InTime(date(2026, 10, 25)));
        assert_eq!(on(Some(date(2026, 10, 26)), date(2026, 11, 30)), Standing::Late(date(2026, 10, 26)));
        assert_eq!(on(None, date(2026, 10, 25)), Standing::Awaited);
        assert_eq!(on(None, date(2026, 10, 27)), Standing::Missing(2));
    }

    /// The last day on which November's plan is handed in or frozen as the plan.
    const SUBMIT_BY: Date = date(2026, 11, 5);

    fn month() -> Month {
        "2026-11".parse().unwrap()
    }

    #[test]
    fn what_is_frozen_after_the_days_of_grace_is_an_addition_and_after_the_month_nothing_is() {
        let on = |frozen, day| freeze(month().into(), SUBMIT_BY, frozen, day);
        assert_eq!(on(false, SUBMIT_BY), Ok(false));
        assert_eq!(on(false, date(2026, 11, 6)), Ok(true));
        assert_eq!(on(true, date(2026, 10, 20)), Ok(true));
        assert_eq!(on(false, date(2026, 11, 30)), Ok(true));
        assert_eq!(on(false, date(2026, 12, 1)), Err(CannotFreeze::Past));
    }

    #[test]
    fn a_plan_is_handed_in_from_the_month_before_until_the_last_day_of_grace_and_with_something_in_it() {
        let withdrawn = Condition::Withdrawn { reason: String::new() };
        let on = |own: &[&Condition], day| submit(month(), SUBMIT_BY, own, day);
        assert_eq!(on(&[&Condition::Draft], date(2026, 9, 30)), Err(CannotSubmit::TooEarly));
        assert_eq!(on(&[&Condition::Draft], date(2026, 10, 1)), Ok(()));
        assert_eq!(on(&[&Condition::Open, &withdrawn], SUBMIT_BY), Ok(()));
        assert_eq!(on(&[&Condition::Open], date(2026, 11, 6)), Err(CannotSubmit::TooLate(SUBMIT_BY)));
        assert_eq!(on(&[&withdrawn], SUBMIT_BY), Err(CannotSubmit::Relieved));
        assert_eq!(on(&[], SUBMIT_BY), Err(CannotSubmit::Nothing));
    }
}
