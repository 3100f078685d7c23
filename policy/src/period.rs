//! Months and quarters, and the dates of the plan cycle (预安、定稿、述职、销号) around them.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::values::{Policy, PolicyError};

/// A calendar month of the years 1 to 9998, so that the month before and after can be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    first: Date,
}

/// The text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}”不是月份，应写成 年-月，例如 2026-11")]
pub struct BadMonth(String);

impl Month {
    /// The month of `year` with the number `month`, 1 to 12.
    pub fn new(year: i16, month: i8) -> Result<Self, BadMonth> {
        let bad = || BadMonth(format!("{year}-{month:02}"));
        if !(1..=9998).contains(&year) {
            return Err(bad());
        }
        Date::new(year, month, 1).map(|first| Self { first }).map_err(|_| bad())
    }

    /// The month in which `date` lies.
    pub fn of(date: Date) -> Self {
        Self { first: date.first_of_month() }
    }

    /// Its year.
    pub fn year(self) -> i16 {
        self.first.year()
    }

    /// Its number in the year, 1 to 12.
    pub fn number(self) -> i8 {
        self.first.month()
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.first
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.first.last_of_month()
    }

    /// Its day `day`, or its last day if it is shorter.
    pub fn day(self, day: i8) -> Date {
        let day = day.clamp(1, self.first.days_in_month());
        date(self.year(), self.number(), day)
    }

    /// The month `n` months later, earlier if negative; stops at the ends of the calendar.
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        Self::of(self.first.saturating_add(n.months()))
    }

    /// The quarter in which it lies.
    pub fn quarter(self) -> Quarter {
        let first = (self.number() - 1) / 3 * 3 + 1;
        Quarter { first: Self { first: date(self.year(), first, 1) } }
    }

    /// Its place in its quarter: 0, 1 or 2.
    pub fn place_in_quarter(self) -> usize {
        usize::from((self.number() - 1).unsigned_abs() % 3)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = BadMonth;

    /// Reads `2026-11`; nothing shorter or longer.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadMonth(text.to_owned());
        let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or_else(bad)?;
        if !digits(year, 4) || !digits(month, 2) {
            return Err(bad());
        }
        let (year, month) = (year.parse().map_err(|_| bad())?, month.parse().map_err(|_| bad())?);
        Self::new(year, month).map_err(|_| bad())
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A quarter of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    first: Month,
}

impl Quarter {
    /// Its three months.
    pub fn months(self) -> [Month; 3] {
        [self.first, self.first.plus(1), self.first.plus(2)]
    }

    /// Its number in the year, 1 to 4.
    pub fn number(self) -> i8 {
        (self.first.number() - 1) / 3 + 1
    }

    /// Its year.
    pub fn year(self) -> i16 {
        self.first.year()
    }
}

impl Quarter {
    /// The quarter in which `date` lies.
    pub fn of(date: Date) -> Self {
        Month::of(date).quarter()
    }

    /// The quarter `n` quarters later, earlier if negative.
    #[must_use]
    pub fn plus(self, n: i32) -> Self {
        self.first.plus(n.saturating_mul(3)).quarter()
    }
}

impl FromStr for Quarter {
    type Err = BadMonth;

    /// Reads `2026-Q4`; nothing shorter or longer.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || BadMonth(text.to_owned());
        let (year, number) = text.split_once("-Q").ok_or_else(bad)?;
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let month = match number {
            "1" => 1,
            "2" => 4,
            "3" => 7,
            "4" => 10,
            _ => return Err(bad()),
        };
        Month::new(year.parse().map_err(|_| bad())?, month).map(Month::quarter).map_err(|_| bad())
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year(), self.number())
    }
}

/// What a plan is for: the county's rule is titled by the quarter, the practice is by the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// A month.
    Month(Month),
    /// A quarter.
    Quarter(Quarter),
}

impl From<Month> for Period {
    fn from(month: Month) -> Self {
        Self::Month(month)
    }
}

impl Period {
    /// Its first day.
    pub fn first_day(self) -> Date {
        self.first_month().first_day()
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.last_month().last_day()
    }

    /// Whether `date` lies in it.
    pub fn contains(self, date: Date) -> bool {
        (self.first_day()..=self.last_day()).contains(&date)
    }

    fn first_month(self) -> Month {
        match self {
            Self::Month(month) => month,
            Self::Quarter(quarter) => quarter.months()[0],
        }
    }

    fn last_month(self) -> Month {
        match self {
            Self::Month(month) => month,
            Self::Quarter(quarter) => quarter.months()[2],
        }
    }
}

/// The dates around one period, as the plan page shows them. They are the county's own dates and do
/// not move off rest days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PlanCycle {
    /// 预: the last day for proposals from below, in the month before.
    pub propose_by: Date,
    /// 安: the plan is final at the end of this day, the last of the month before.
    pub freeze_on: Date,
    /// The last day of grace, in the period itself: what is handed in later is no plan, what is frozen later is an
    /// addition.
    pub submit_by: Date,
    /// 述职: the first day of giving account, in the month after.
    pub account_from: Date,
    /// 述职: the last day of giving account.
    pub account_to: Date,
    /// 销号: the last day on which a cancellation counts for the settlement (cut-off).
    pub cancel_by: Date,
}

impl PlanCycle {
    /// The cycle of `period`, by the values of its first day.
    pub fn of(policy: &Policy, period: Period) -> Result<Self, PolicyError> {
        let on = period.first_day();
        let before = period.first_month().plus(-1);
        let after = period.last_month().plus(1);
        let day = |key| policy.day_of_month(key, on);
        Ok(Self {
            propose_by: before.day(day("plan.propose_by.day")?),
            freeze_on: before.last_day(),
            submit_by: period.first_month().day(day("plan.submit_by.day")?),
            account_from: after.day(day("plan.account.first_day")?),
            account_to: after.day(day("plan.account.last_day")?),
            cancel_by: after.day(day("plan.cancel_by.day")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cycle_of_november_2026_is_that_of_the_plan_page() {
        let period = Period::Month("2026-11".parse().unwrap());
        let cycle = PlanCycle::of(Policy::published(), period).unwrap();
        assert_eq!(cycle.propose_by, date(2026, 10, 25));
        assert_eq!(cycle.freeze_on, date(2026, 10, 31));
        assert_eq!(cycle.submit_by, date(2026, 11, 5));
        assert_eq!((cycle.account_from, cycle.account_to), (date(2026, 12, 1), date(2026, 12, 3)));
        assert_eq!(cycle.cancel_by, date(2026, 12, 5));
    }

    #[test]
    fn the_cycle_of_a_quarter_begins_in_the_year_before() {
        let first: Month = "2026-02".parse().unwrap();
        let cycle = PlanCycle::of(Policy::published(), Period::Quarter(first.quarter())).unwrap();
        assert_eq!((cycle.propose_by, cycle.cancel_by), (date(2025, 12, 25), date(2026, 4, 5)));
    }

    #[test]
    fn months_are_written_one_way_only() {
        let month: Month = "2024-02".parse().unwrap();
        assert_eq!((month.to_string().as_str(), month.last_day()), ("2024-02", date(2024, 2, 29)));
        for wrong in ["2024-2", "2024-13", "24-02", "2024-00", "2024-02-01", "0000-01", "2024年2月"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
        assert_eq!(month.quarter().to_string(), "2024-Q1");
        assert_eq!("2024-Q1".parse::<Quarter>(), Ok(month.quarter()));
        assert_eq!(month.quarter().plus(-1).to_string(), "2023-Q4");
        for wrong in ["2024-Q5", "2024-Q", "24-Q1", "2024-01", "0000-Q1"] {
            assert!(wrong.parse::<Quarter>().is_err(), "{wrong}");
        }
        assert_eq!(month.place_in_quarter(), 1);
        assert_eq!(month.plus(-2).to_string(), "2023-12");
    }
}
