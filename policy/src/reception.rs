//! Reception days (接访日): the 10th for townships and departments, the 15th for the county's leaders.
//!
//! A reception day that is a rest day moves to the next working day (the practice of the counties that
//! publish their rule); in a year whose arrangement is not published the day is provisional.

use serde::{Deserialize, Serialize};

use crate::clock::{Deadline, Step, off_rest_days};
use crate::period::Month;
use crate::values::{Policy, PolicyError};
use crate::working_days::Calendar;

/// Whose reception day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reception {
    /// Party and government heads of every township and department.
    Township,
    /// County secretary and county head.
    County,
}

impl Reception {
    /// Both, in the order of the month.
    pub const ALL: [Self; 2] = [Self::Township, Self::County];

    /// Who receives.
    pub fn name(self) -> &'static str {
        match self {
            Self::Township => "乡镇和县直部门党政主要负责人",
            Self::County => "县委书记、县长",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Township => "reception.township.day",
            Self::County => "reception.county.day",
        }
    }

    /// The day of the month that the rule names, before it moves.
    pub fn nominal_day(self, policy: &Policy, month: Month) -> Result<i8, PolicyError> {
        policy.day_of_month(self.key(), month.last_day())
    }
}

/// The reception day of `month`, with the arithmetic.
pub fn reception_day(
    policy: &Policy,
    calendar: &Calendar,
    reception: Reception,
    month: Month,
) -> Result<Deadline, PolicyError> {
    let nominal = reception.nominal_day(policy, month)?;
    let day = month.day(nominal);
    let article = policy.row(reception.key(), month.last_day())?.1.source.to_string();
    let text = format!("{}每月{nominal}日接访，{month}为{day}", reception.name());
    let steps = vec![Step { text, date: Some(day), source: Some(article.clone()) }];
    let moved = "接访日遇休息日顺延（惯例）".to_owned();
    Ok(off_rest_days(calendar, day, article, moved, steps))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;

    fn day(reception: Reception, month: &str) -> Result<Deadline, PolicyError> {
        let month = month.parse().unwrap();
        reception_day(Policy::published(), Calendar::published(), reception, month)
    }

    fn due(reception: Reception, month: &str) -> Date {
        day(reception, month).unwrap().due.unwrap()
    }

    #[test]
    fn a_working_day_stays_and_a_rest_day_moves() {
        assert_eq!(due(Reception::Township, "2026-11"), date(2026, 11, 10));
        // A Sunday moves to Monday.
        assert_eq!(due(Reception::County, "2026-11"), date(2026, 11, 16));
        // A Saturday that a notice made a working day stays.
        assert_eq!(due(Reception::Township, "2026-10"), date(2026, 10, 10));
        // The 15th in the Spring Festival of 2026, which ends on the 23rd.
        assert_eq!(due(Reception::County, "2026-02"), date(2026, 2, 24));
    }

    #[test]
    fn an_unpublished_year_is_provisional() {
        let expected = day(Reception::Township, "2027-01").unwrap();
        assert_eq!(expected.due, Some(date(2027, 1, 10)));
        assert!(expected.provisional);
        assert!(expected.why.unwrap().contains("2027"));
    }

    #[test]
    fn there_were_no_reception_days_before_october_2007() {
        assert!(day(Reception::County, "2007-09").is_err());
        assert_eq!(due(Reception::County, "2007-10"), date(2007, 10, 15));
    }
}
