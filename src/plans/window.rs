//! The months that figures and lists are of: one month, a quarter, a year.

use std::fmt;

use jiff::civil::Date;
use policy::{Month, Quarter};

/// A month, a quarter or a year of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// 2026-11.
    Month(Month),
    /// 2026-Q4.
    Quarter(Quarter),
    /// 2026.
    Year(i16),
    /// From one month to another; asked for by the program alone.
    Months(Month, Month),
}

impl Window {
    /// Reads 2026-11, 2026-Q4 or 2026; nothing where it is none of them.
    pub fn read(text: &str) -> Option<Self> {
        if let Ok(month) = text.parse() {
            return Some(Self::Month(month));
        }
        if let Some((year, number)) = text.split_once("-Q") {
            let number: i8 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
            return Some(Self::Quarter(Month::new(read_year(year)?, number * 3).ok()?.quarter()));
        }
        Some(Self::Year(read_year(text)?))
    }

    /// Its first month.
    pub fn first(self) -> Month {
        match self {
            Self::Month(month) => month,
            Self::Quarter(quarter) => quarter.months()[0],
            Self::Year(year) => Month::of(Date::constant(year, 1, 1)),
            Self::Months(first, _) => first,
        }
    }

    /// Its last month.
    pub fn last(self) -> Month {
        match self {
            Self::Month(month) => month,
            Self::Quarter(quarter) => quarter.months()[2],
            Self::Year(year) => Month::of(Date::constant(year, 12, 1)),
            Self::Months(_, last) => last,
        }
    }

    /// Whether a day lies in it.
    pub fn contains(self, day: Date) -> bool {
        (self.first().first_day()..=self.last().last_day()).contains(&day)
    }

    /// As people say it: 2026 年 11 月, 2026 年第四季度, 2026 年.
    pub fn name(self) -> String {
        match self {
            Self::Month(month) => format!("{} 年 {} 月", month.year(), month.number()),
            Self::Quarter(quarter) => format!("{} 年第{}季度", quarter.year(), in_words(quarter.number())),
            Self::Year(year) => format!("{year} 年"),
            Self::Months(first, last) => format!("{first} 至 {last}"),
        }
    }

    /// What a list offers on a day: next month, the last twelve months, six quarters and three years.
    pub fn choices(today: Date) -> Vec<Self> {
        let now = Month::of(today);
        let months = (-1..12).map(|back| Self::Month(now.plus(-back)));
        let quarters = (0..6).map(|back| Self::Quarter(now.plus(-3 * back).quarter()));
        let years = (0..3).map(|back| Self::Year(now.year() - back));
        months.chain(quarters).chain(years).collect()
    }
}

/// Four digits, so that no year leaves the calendar.
fn read_year(text: &str) -> Option<i16> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|year| digits && (1_000..9_998).contains(year))
}

fn in_words(quarter: i8) -> &'static str {
    match quarter {
        1 => "一",
        2 => "二",
        3 => "三",
        _ => "四",
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => month.fmt(f),
            Self::Quarter(quarter) => quarter.fmt(f),
            Self::Year(year) => year.fmt(f),
            Self::Months(first, last) => write!(f, "{first}/{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_window_reads_what_it_writes_and_nothing_else() {
        for text in ["2026-11", "2026-Q1", "2026-Q4", "2026"] {
            assert_eq!(Window::read(text).map(|window| window.to_string()).as_deref(), Some(text));
        }
        for text in ["", "2026-Q0", "2026-Q5", "2026-13", "0026", "20260", "Q4", "+026"] {
            assert_eq!(Window::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_quarter_has_its_three_months_and_a_year_its_twelve() {
        let months = |text| Window::read(text).map(|w: Window| (w.first().to_string(), w.last().to_string())).unwrap();
        assert_eq!(months("2026-Q4"), ("2026-10".to_owned(), "2026-12".to_owned()));
        assert_eq!(months("2026"), ("2026-01".to_owned(), "2026-12".to_owned()));
        let quarter = Window::read("2026-Q4").unwrap();
        assert!(quarter.contains(date(2026, 10, 1)) && quarter.contains(date(2026, 12, 31)));
        assert!(!quarter.contains(date(2026, 9, 30)) && !quarter.contains(date(2027, 1, 1)));
        assert_eq!(quarter.name(), "2026 年第四季度");
    }
}
