//! Counting days and working days past those that are left out.

use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::working_days::Calendar;

/// Days that are not counted, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Suspension {
    from: Date,
    to: Date,
}

/// Why a span of days is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSuspension {
    /// Not two days with two dots between.
    #[error("“{0}”应写成 起日..止日，例如 2026-03-02..2026-03-06")]
    Form(String),
    /// It ends before it begins.
    #[error("不计入的时间从{from}到{to}，止日早于起日")]
    Backwards {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
}

impl Suspension {
    /// The days `from` to `to`, both included.
    pub fn new(from: Date, to: Date) -> Result<Self, BadSuspension> {
        if to < from { Err(BadSuspension::Backwards { from, to }) } else { Ok(Self { from, to }) }
    }

    /// Its first day.
    pub fn from(self) -> Date {
        self.from
    }

    /// Its last day.
    pub fn to(self) -> Date {
        self.to
    }
}

impl FromStr for Suspension {
    type Err = BadSuspension;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || BadSuspension::Form(text.to_owned());
        let (from, to) = text.split_once("..").ok_or_else(form)?;
        // A date alone: of an instant the day would be taken without its hour.
        let date = |text: &str| match text.trim() {
            text if text.len() == 10 => text.parse().map_err(|_| form()),
            _ => Err(form()),
        };
        Self::new(date(from)?, date(to)?)
    }
}

/// The spans in order, overlapping and adjoining ones made one.
pub(super) fn merge(spans: &[Suspension]) -> Vec<Suspension> {
    let mut spans = spans.to_vec();
    spans.sort_unstable();
    let mut merged: Vec<Suspension> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.to.tomorrow().map_or(true, |next| span.from <= next) => {
                last.to = last.to.max(span.to);
            }
            _ => merged.push(span),
        }
    }
    merged
}

pub(super) struct Counted {
    pub last: Date,
    /// The spans that fell into the run, cut to it, with the days of each that were not counted.
    pub skipped: Vec<(Suspension, u32)>,
}

pub(super) enum Stopped {
    OutOfRange,
    Unpublished { why: String, after: u16 },
}

/// The `total`-th day after `from` that lies in none of `spans` (merged, in order).
pub(super) fn count_days(from: Date, total: u16, spans: &[Suspension]) -> Result<Counted, Stopped> {
    let mut last_counted = from;
    let mut remaining = i32::from(total);
    let mut skipped = Vec::new();
    for span in spans {
        let tomorrow = last_counted.tomorrow().map_err(|_| Stopped::OutOfRange)?;
        if span.to < tomorrow {
            continue;
        }
        let begins = span.from.max(tomorrow);
        // Days that still count before this span begins.
        let free = days_between(last_counted, begins) - 1;
        if free >= remaining {
            break;
        }
        remaining -= free;
        let part = Suspension { from: begins, to: span.to };
        let days = days_between(part.from, part.to).unsigned_abs() + 1;
        skipped.push((part, days));
        last_counted = span.to;
    }
    let last = last_counted.checked_add(remaining.days()).map_err(|_| Stopped::OutOfRange)?;
    Ok(Counted { last, skipped })
}

/// The `total`-th working day after `from` that lies in none of `spans` (merged, in order).
pub(super) fn count_working_days(
    calendar: &Calendar,
    from: Date,
    total: u16,
    spans: &[Suspension],
) -> Result<Counted, Stopped> {
    let mut last = from;
    let mut skipped: Vec<(Suspension, u32)> = Vec::new();
    let mut after = 0;
    while after < total {
        last = calendar
            .next_working_day(last)
            .map_err(|unpublished| Stopped::Unpublished { why: unpublished.to_string(), after })?;
        match spans.iter().find(|span| span.from <= last && last <= span.to) {
            None => after += 1,
            Some(span) => match skipped.last_mut() {
                Some((part, days)) if part.to == span.to => *days += 1,
                _ => skipped.push((Suspension { from: last, to: span.to }, 1)),
            },
        }
    }
    Ok(Counted { last, skipped })
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).expect("a span of civil days between two dates always exists").get_days()
}
