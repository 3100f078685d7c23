//! When the personal data of a petition may be erased.

use jiff::ToSpan;
use jiff::civil::Date;

/// Why they may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unerasable {
    /// Still being handled.
    #[error("这件事还没有办结")]
    NotEnded,
    /// The term of keeping is not over.
    #[error("保管期限还没有满，{0}起才能删除")]
    TooEarly(Date),
    /// No reason was given.
    #[error("请写明删除的理由，2 到 200 字")]
    NoReason,
}

/// The first day on which the data of a petition that ended on a day may be erased.
pub fn erasable_from(ended: Date, years: i64) -> Date {
    ended.saturating_add(years.years())
}

/// Whether they may be erased today, after so many years.
pub fn may_erase(ended: Option<Date>, years: i64, today: Date, reason: &str) -> Result<(), Unerasable> {
    let from = erasable_from(ended.ok_or(Unerasable::NotEnded)?, years);
    if today < from {
        return Err(Unerasable::TooEarly(from));
    }
    if !(2..=200).contains(&reason.chars().count()) {
        return Err(Unerasable::NoReason);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_term_runs_from_the_end_to_the_day() {
        let ended = Some(date(2024, 2, 29));
        assert_eq!(may_erase(ended, 10, date(2034, 2, 28), "期满"), Ok(()));
        assert_eq!(may_erase(ended, 10, date(2034, 2, 27), "期满"), Err(Unerasable::TooEarly(date(2034, 2, 28))));
        assert_eq!(may_erase(None, 10, date(2034, 2, 28), "期满"), Err(Unerasable::NotEnded));
        assert_eq!(may_erase(ended, 10, date(2034, 2, 28), ""), Err(Unerasable::NoReason));
    }
}
