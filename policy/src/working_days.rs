//! The calendar of working days (工作日) with its moved rest days (调休).
//!
//! Each year's days come from the State Council's notice, usually of the November before. Within a year
//! that is published, a day that is not listed is a working day from Monday to Friday and rests on
//! Saturday and Sunday. A year that is not published says so: it is never taken for Monday to Friday.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, civil};

/// The days of 2004 to 2026 as the State Council's notices give them.
const PUBLISHED: &str = include_str!("../values/working-days.csv");

/// What one day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day<'a> {
    /// People work, also on a Saturday or Sunday that a notice made a working day.
    Working,
    /// People rest; `name` is the holiday (春节) or the weekday (星期六).
    Rest {
        /// What the day is called.
        name: &'a str,
    },
    /// The notice for the year of this day is not known here.
    Unpublished,
}

/// The arrangement of a year is not known, so a day in it is neither a working day nor a rest day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{year}年的工作日安排尚未公布")]
pub struct Unpublished {
    /// The year that is missing.
    pub year: i16,
}

/// Why a list of days cannot be read; lines count from 1, the header included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCalendar {
    /// The first line names other columns.
    #[error("工作日表第1行应为“date,kind,holiday”")]
    Header,
    /// A line does not hold a date, a kind and a holiday.
    #[error("工作日表第{line}行不是“日期,work或rest,节日”：{text}")]
    Line {
        /// The line.
        line: usize,
        /// What it says.
        text: String,
    },
    /// One list says two things of one day.
    #[error("工作日表第{line}行：{date}重复")]
    Twice {
        /// The line of the second mention.
        line: usize,
        /// The day.
        date: Date,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Listed {
    Working,
    Rest(String),
}

/// Which days are working days, for the years that are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i16>,
    listed: BTreeMap<Date, Listed>,
}

impl Calendar {
    /// The calendar that is compiled in: 2004 to 2026.
    pub fn published() -> &'static Self {
        static CALENDAR: LazyLock<Calendar> =
            LazyLock::new(|| Calendar::parse(PUBLISHED).expect("the embedded list of days is read by a test"));
        &CALENDAR
    }

    /// Reads a list with the columns `date,kind,holiday`, kind being `work` or `rest`.
    ///
    /// A year counts as published when its 1 January is listed, which every notice does. So a single
    /// moved day of a coming year does not make the rest of that year known.
    pub fn parse(csv: &str) -> Result<Self, BadCalendar> {
        let mut lines = csv.trim_start_matches('\u{feff}').lines().zip(1..);
        if lines.next().map(|(header, _)| header.trim_end()) != Some("date,kind,holiday") {
            return Err(BadCalendar::Header);
        }
        let mut listed = BTreeMap::new();
        for (text, line) in lines.filter(|(text, _)| !text.trim().is_empty()) {
            let (date, day) =
                read_line(text.trim_end()).ok_or_else(|| BadCalendar::Line { line, text: text.to_owned() })?;
            if listed.insert(date, day).is_some() {
                return Err(BadCalendar::Twice { line, date });
            }
        }
        let years = listed.keys().filter(|d| d.day_of_year() == 1).map(|d| d.year()).collect();
        Ok(Self { years, listed })
    }

    /// This calendar with the days of `other` added; where both list a day, `other` holds.
    ///
    /// A county uses it for a newly published year, or for a day that a later notice changed.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.years.extend(other.years);
        self.listed.extend(other.listed);
        self
    }

    /// Whether the arrangement of `year` is known.
    pub fn is_published(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// What `date` is.
    ///
    /// A day late in December needs its own year only; a notice of the year after that still changes
    /// it comes in by [`Calendar::with`].
    pub fn day(&self, date: Date) -> Day<'_> {
        if !self.is_published(date.year()) {
            return Day::Unpublished;
        }
        match (self.listed.get(&date), date.weekday()) {
            (Some(Listed::Rest(name)), _) => Day::Rest { name },
            (None, Weekday::Saturday) => Day::Rest { name: "星期六" },
            (None, Weekday::Sunday) => Day::Rest { name: "星期日" },
            (Some(Listed::Working) | None, _) => Day::Working,
        }
    }

    /// The first working day that is not before `date`.
    pub fn working_day_from(&self, date: Date) -> Result<Date, Unpublished> {
        let mut date = date;
        loop {
            match self.day(date) {
                Day::Working => return Ok(date),
                Day::Rest { .. } => date = tomorrow(date)?,
                Day::Unpublished => return Err(Unpublished { year: date.year() }),
            }
        }
    }

    /// The first working day after `date`.
    pub fn next_working_day(&self, date: Date) -> Result<Date, Unpublished> {
        self.working_day_from(tomorrow(date)?)
    }

    /// The `n`-th working day after `date`, which is itself not counted; `date` when `n` is 0.
    pub fn add_working_days(&self, date: Date, n: u16) -> Result<Date, Unpublished> {
        (0..n).try_fold(date, |day, _| self.next_working_day(day))
    }
}

/// The day after; the last day of the calendar has none, and the year after it is surely unpublished.
fn tomorrow(date: Date) -> Result<Date, Unpublished> {
    date.checked_add(1.day()).map_err(|_| Unpublished { year: date.year() })
}

fn read_line(text: &str) -> Option<(Date, Listed)> {
    let mut fields = text.split(',');
    let (date, kind, holiday) = (fields.next()?, fields.next()?, fields.next()?);
    let date: civil::Date = date.parse().ok()?;
    let day = match kind {
        "work" => Listed::Working,
        "rest" if !holiday.is_empty() => Listed::Rest(holiday.to_owned()),
        _ => return None,
    };
    fields.next().is_none().then_some((date, day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_year_from_2004_to_2026_is_published_and_no_other() {
        let calendar = Calendar::published();
        let years: Vec<i16> = (1990..2040).filter(|&y| calendar.is_published(y)).collect();
        assert_eq!(years, (2004..=2026).collect::<Vec<_>>());
    }

    #[test]
    fn a_sunday_can_be_a_working_day_and_a_thursday_a_rest_day() {
        let calendar = Calendar::published();
        assert_eq!(calendar.day(date(2026, 1, 4)), Day::Working);
        assert_eq!(calendar.day(date(2026, 10, 1)), Day::Rest { name: "国庆节" });
        assert_eq!(calendar.day(date(2026, 11, 21)), Day::Rest { name: "星期六" });
        assert_eq!(calendar.day(date(2026, 11, 20)), Day::Working);
        assert_eq!(calendar.day(date(2027, 3, 1)), Day::Unpublished);
    }

    #[test]
    fn late_december_needs_its_own_year_only_and_new_year_the_next() {
        let calendar = Calendar::published();
        assert_eq!(calendar.working_day_from(date(2026, 12, 26)), Ok(date(2026, 12, 28)));
        assert_eq!(calendar.next_working_day(date(2026, 12, 30)), Ok(date(2026, 12, 31)));
        assert_eq!(calendar.next_working_day(date(2026, 12, 31)), Err(Unpublished { year: 2027 }));
        assert_eq!(calendar.add_working_days(date(2026, 12, 28), 4), Err(Unpublished { year: 2027 }));
        assert_eq!(calendar.add_working_days(date(2026, 12, 28), 3), Ok(date(2026, 12, 31)));
    }

    #[test]
    fn a_moved_day_alone_does_not_publish_its_year() {
        let moved = Calendar::parse("date,kind,holiday\n2027-02-06,work,春节\n").unwrap();
        let calendar = Calendar::published().clone().with(moved);
        assert_eq!(calendar.day(date(2027, 2, 6)), Day::Unpublished);
    }

    #[test]
    fn a_county_can_add_a_year_and_change_a_day() {
        let added = "date,kind,holiday\n2026-12-31,rest,元旦\n2027-01-01,rest,元旦\n";
        let calendar = Calendar::published().clone().with(Calendar::parse(added).unwrap());
        assert_eq!(calendar.next_working_day(date(2026, 12, 30)), Ok(date(2027, 1, 4)));
    }

    #[test]
    fn a_bad_list_names_its_line() {
        assert_eq!(Calendar::parse("日期\n"), Err(BadCalendar::Header));
        let kind = Calendar::parse("date,kind,holiday\n2027-01-01,off,元旦\n").unwrap_err();
        assert!(kind.to_string().contains("第2行"), "{kind}");
        let twice = "date,kind,holiday\n2027-01-01,rest,元旦\n2027-01-01,work,元旦\n";
        let expected = BadCalendar::Twice { line: 3, date: date(2027, 1, 1) };
        assert_eq!(Calendar::parse(twice), Err(expected));
    }

    #[test]
    fn the_last_day_of_the_calendar_has_no_next() {
        let list = "date,kind,holiday\n9999-01-01,rest,元旦\n";
        let calendar = Calendar::parse(list).unwrap();
        assert!(calendar.next_working_day(Date::MAX).is_err());
    }
}
