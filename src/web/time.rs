//! The one source of time; tests set it instead of sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;
use jiff::{Timestamp, tz::Offset};

/// Where `App::now` comes from.
#[derive(Clone, Debug)]
pub enum TimeSource {
    /// The machine's clock.
    Machine,
    /// A clock that stands still until it is set; milliseconds since 1970.
    Set(Arc<AtomicI64>),
}

impl TimeSource {
    /// A clock that stands at an instant.
    pub fn at(instant: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(instant.as_millisecond())))
    }

    /// The present instant.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine => Timestamp::now(),
            Self::Set(millisecond) => {
                Timestamp::from_millisecond(millisecond.load(Ordering::SeqCst)).expect("set from a timestamp")
            }
        }
    }

    /// Sets a clock that can be set; the machine's cannot.
    pub fn set(&self, instant: Timestamp) {
        if let Self::Set(millisecond) = self {
            millisecond.store(instant.as_millisecond(), Ordering::SeqCst);
        }
    }
}

/// The civil day of an instant in China, which has kept UTC+8 without summer time since 1991.
pub fn date_of(instant: Timestamp) -> Date {
    Offset::constant(8).to_datetime(instant).date()
}

/// A day as pages write it: 12 月 14 日, with its year where that is not this one.
pub fn day(date: Date, today: Date) -> String {
    if date.year() == today.year() {
        format!("{} 月 {} 日", date.month(), date.day())
    } else {
        format!("{} 年 {} 月 {} 日", date.year(), date.month(), date.day())
    }
}

/// An instant in China to the minute: 2026-11-23 16:05.
pub fn minute(instant: Timestamp) -> String {
    let at = Offset::constant(8).to_datetime(instant);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}
