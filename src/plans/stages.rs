//! How far a month's plan has come: 预、安、定稿、办、述职、销号. Pure: values in, values out.

use jiff::civil::Date;
use policy::{Month, PlanCycle};

/// How far a month's plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// 预: proposals come from below.
    Proposing,
    /// 安: the superior arranges; goes on until he freezes, also when that is late.
    Arranging,
    /// 定稿: frozen, the month has not begun.
    Frozen,
    /// 办: the month itself.
    Running,
    /// 述职: accounts are given.
    Accounting,
    /// 销号: the superior cancels.
    Cancelling,
    /// The cut-off of the settlement is past.
    Closed,
}

impl Stage {
    /// The stage of the plan of `month` on a day.
    pub fn of(cycle: &PlanCycle, month: Month, frozen_on: Option<Date>, today: Date) -> Self {
        match () {
            () if today > cycle.cancel_by => Self::Closed,
            () if frozen_on.is_none() && today <= cycle.propose_by => Self::Proposing,
            () if frozen_on.is_none() => Self::Arranging,
            () if today < month.first_day() => Self::Frozen,
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
pub fn steps(cycle: &PlanCycle, month: Month, frozen_on: Option<Date>, today: Date) -> [Step; 5] {
    let stage = Stage::of(cycle, month, frozen_on, today);
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
        Stage::Running => format!("还有 {} 天", (month.last_day() - today).get_days()),
        _ => format!("{} 至 {}", short(month.first_day()), short(month.last_day())),
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use policy::{Period, Policy};

    use super::*;

    fn stage(today: Date, frozen: bool) -> Stage {
        let month: Month = "2026-11".parse().unwrap();
        let cycle = PlanCycle::of(Policy::published(), Period::Month(month)).unwrap();
        Stage::of(&cycle, month, frozen.then(|| date(2026, 10, 30)), today)
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
}
