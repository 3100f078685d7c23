//! Days as offices write them, and stretches of days: from a first day to the first on which it no longer holds. Pure.

use jiff::civil::Date;

use super::judge::{Cells, Verdict};
pub use crate::sheet::day;

/// First day, and the first day no longer; nothing: it still holds.
pub type Term = (Date, Option<Date>);

/// A day that a cell may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// The sheet lacks the column: what is known stays.
    Nothing,
    /// The cell is empty: there is no such day.
    Empty,
    /// The day.
    Day(Date),
}

impl Given {
    /// Reads the cell of a column.
    pub fn read(name: &str, cells: &Cells, at: usize) -> Result<Self, String> {
        match cells.get(at).and_then(Option::as_deref) {
            None => Ok(Self::Nothing),
            Some("") => Ok(Self::Empty),
            Some(text) => day(name, text).map(Self::Day),
        }
    }

    /// The day, if one is given.
    pub fn day(self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(day),
            Self::Nothing | Self::Empty => None,
        }
    }

    /// What is known from now on, where `old` was known.
    fn over(self, old: Option<Date>) -> Option<Date> {
        if self == Self::Nothing { old } else { self.day() }
    }
}

/// What the two days of a term are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Of the first day.
    pub from: &'static str,
    /// Of the first day no longer.
    pub to: &'static str,
}

/// Puts a term among those that are known. A first day that is not given means the newest term, or one that begins
/// today; what has ended is never changed, and no two terms overlap.
pub fn put(
    terms: &mut Vec<Term>,
    from: Option<Date>,
    to: Given,
    today: Date,
    names: Names,
) -> Result<(Verdict, Term), String> {
    let Names { from: begin, to: end } = names;
    let at = match from {
        Some(from) => terms.iter().position(|term| term.0 == from),
        None => terms.len().checked_sub(1),
    };
    let ordered = |from: Date, to: Option<Date>| match to {
        Some(to) if to <= from => Err(format!("{end}应在{begin}之后")),
        _ => Ok(()),
    };
    if let Some(at) = at {
        let (first, old) = terms[at];
        let ended = old.filter(|old| *old <= today);
        let new = to.over(old);
        if let Some(ended) = ended.filter(|_| from.is_none() || new != old) {
            return Err(format!("已于 {ended} 结束，不能再改；要另起一段，请写新的{begin}"));
        }
        ordered(first, new)?;
        terms[at].1 = new;
        let verdict = if new == old { Verdict::Same } else { Verdict::Change };
        return Ok((verdict, terms[at]));
    }
    let first = from.unwrap_or(today);
    if first > today {
        return Err(format!("{begin}在今天以后"));
    }
    let last = to.day();
    ordered(first, last)?;
    let meets = |term: &&Term| term.1.is_none_or(|to| first < to) && last.is_none_or(|last| term.0 < last);
    if let Some((known, _)) = terms.iter().find(meets) {
        return Err(format!("{begin}已记为 {known}，与这一行重叠；要另起一段，请先给那一段写{end}"));
    }
    terms.push((first, last));
    terms.sort_unstable();
    Ok((Verdict::Add, (first, last)))
}

/// The day from which a code is used no more, as it is to be kept; empty: in use. What is retired stays so: a code is
/// never used again.
pub fn retired(old: Option<&str>, cells: &Cells, at: usize, today: Date) -> Result<String, String> {
    let given = Given::read("止用日期", cells, at)?;
    let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let Some(old) = old else {
        return match given.day() {
            Some(new) if new <= today => Err("新的一行，止用日期应在今天以后".to_owned()),
            new => Ok(text(new)),
        };
    };
    let ended = !old.is_empty() && *old <= *today.to_string();
    let new = if given == Given::Nothing { old.to_owned() } else { text(given.day()) };
    // A row that says nothing of it would bring the code back.
    if ended && (given == Given::Nothing || new != old) {
        return Err(format!("已于 {old} 停用，停用的代码不再使用"));
    }
    Ok(new)
}

/// Yuan with at most two decimals as fen: 3200, 3,200.50, 3200元.
pub fn fen(text: &str) -> Option<i64> {
    let plain = text.trim().trim_end_matches('元').replace([',', '，', ' '], "");
    let (yuan, rest) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if yuan.is_empty() || yuan.len() > 8 || !digits(yuan) || rest.len() > 2 || !digits(rest) {
        return None;
    }
    let rest: i64 = format!("{rest:0<2}").parse().ok()?;
    Some(yuan.parse::<i64>().ok()? * 100 + rest)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 11, 2);
    const NAMES: Names = Names { from: "任职日期", to: "离任日期" };

    #[test]
    fn days_are_read_as_offices_write_them() {
        for text in ["2025-03-01", "2025/3/1", "2025.3.1", "20250301", "2025年3月1日"] {
            assert_eq!(day("任职日期", text), Ok(date(2025, 3, 1)), "{text}");
        }
        for text in ["去年", "2025-13-01", "2025-3", "45000", ""] {
            assert!(day("任职日期", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_term_ends_once_and_the_next_begins_after_it() {
        let mut terms = vec![(date(2025, 3, 1), None)];
        let mut put = |from, to| put(&mut terms, from, to, TODAY, NAMES).map(|(verdict, _)| verdict);
        assert_eq!(put(None, Given::Nothing), Ok(Verdict::Same));
        assert!(
            put(Some(date(2025, 4, 1)), Given::Nothing).unwrap_err().contains("已记为 2025-03-01"),
            "another first day"
        );
        assert!(put(None, Given::Day(date(2025, 3, 1))).unwrap_err().contains("之后"));
        assert_eq!(put(None, Given::Day(date(2026, 10, 1))), Ok(Verdict::Change));
        assert!(put(None, Given::Nothing).unwrap_err().contains("已于 2026-10-01 结束"));
        assert!(put(Some(date(2025, 3, 1)), Given::Empty).unwrap_err().contains("不能再改"));
        assert_eq!(put(Some(date(2025, 3, 1)), Given::Day(date(2026, 10, 1))), Ok(Verdict::Same));
        assert!(put(Some(date(2026, 9, 1)), Given::Nothing).is_err(), "overlaps");
        assert_eq!(put(Some(date(2026, 10, 1)), Given::Nothing), Ok(Verdict::Add));
        assert!(put(Some(date(2026, 11, 3)), Given::Nothing).unwrap_err().contains("今天以后"));
    }

    #[test]
    fn a_retired_code_is_used_no_more() {
        let cells = |text: Option<&str>| vec![text.map(str::to_owned)];
        let retired = |old, text| retired(old, &cells(text), 0, TODAY);
        assert_eq!(retired(None, None), Ok(String::new()));
        assert!(retired(None, Some("2026-11-02")).is_err());
        assert_eq!(retired(Some(""), Some("2026-06-01")), Ok("2026-06-01".to_owned()));
        assert_eq!(retired(Some("2026-12-01"), Some("")), Ok(String::new()), "not yet retired");
        assert_eq!(retired(Some("2026-12-01"), None), Ok("2026-12-01".to_owned()));
        assert_eq!(retired(Some("2026-06-01"), Some("2026-06-01")), Ok("2026-06-01".to_owned()));
        for text in [None, Some(""), Some("2026-07-01")] {
            assert!(retired(Some("2026-06-01"), text).unwrap_err().contains("不再使用"), "{text:?}");
        }
    }

    #[test]
    fn yuan_are_read_to_the_fen() {
        for (text, expected) in [("3200", 320_000), ("3,200.5", 320_050), ("3200.05元", 320_005), ("0", 0)] {
            assert_eq!(fen(text), Some(expected), "{text}");
        }
        for text in ["", "-5", "3.205", "三千", "123456789", "1e3", "."] {
            assert_eq!(fen(text), None, "{text}");
        }
    }
}
