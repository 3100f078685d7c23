//! What may be bound, by whom it is approved, and when more time and a handover hold. Pure: values in, values out.

use jiff::civil::Date;
use policy::{Month, Quarter};

use crate::petitions::rules::{Duty, Refused};
use crate::words::words;

words! {
    /// Why a matter is prominent (排查).
    Criterion {
        /// A clock of the law that is owed to the petitioner is late.
        Overdue = "overdue", "超期";
        /// Brought again.
        Repeat = "repeat", "重复";
        /// Many stand behind it.
        Joint = "joint", "联名";
        /// The petition office says so, with its reason.
        Severe = "severe", "情况严重";
    }
}

/// Why something may not be done with a bound case; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::petitions) enum Barred {
    /// As an act on the petition is refused.
    #[error(transparent)]
    Act(#[from] Refused),
    /// Decided by somebody who is not the chief of that level.
    #[error("只有{0}可以决定这一项")]
    NotChief(String),
    /// A matter that meets no criterion.
    #[error("这件事没有达到排查标准：先写明理由、标为情况严重，再提请")]
    NoCriterion,
    /// A proposal waits already.
    #[error("这件事已经提请包案，等待批准")]
    Proposed,
    /// A refusal that says nothing.
    #[error("不同意的，请写明理由")]
    NoRemark,
    /// A new deadline that is not later.
    #[error("延长后的期限应晚于现在的期限和今天")]
    NotLater,
    /// Asked for again before it is decided.
    #[error("已经申请延期，等待批准")]
    Asked,
    /// The leader consents to the own deadline.
    #[error("包案领导不能批准自己的延期")]
    OwnDeadline,
    /// The chief comments on the own case.
    #[error("包案领导不能点评自己的包案，请另一位主要领导点评")]
    OwnComment,
    /// Handed to oneself.
    #[error("请选择另一位领导")]
    SamePerson,
    /// Handed to another level.
    #[error("只能移交给同一级的包案领导")]
    OtherLevel,
    /// The meeting is over for this case.
    #[error("已经点评，述职不能再改")]
    Commented,
    /// A quarter in which it was not bound, or that has not begun.
    #[error("这一季度没有这件包案")]
    OtherQuarter,
    /// Commented before.
    #[error("这一季度已经点评过")]
    CommentedBefore,
    /// A text that is too short or too long.
    #[error("请写 {0} 至 {1} 字")]
    Length(usize, usize),
}

/// A text within its bounds.
pub(super) fn text(text: &str, (least, most): (usize, usize)) -> Result<String, Barred> {
    let tidy = text.trim().to_owned();
    if (least..=most).contains(&tidy.chars().count()) { Ok(tidy) } else { Err(Barred::Length(least, most)) }
}

/// The quarter of a day.
pub(in crate::petitions) fn quarter_of(day: Date) -> Quarter {
    Month::of(day).quarter()
}

/// 2026-Q4.
pub(super) fn quarter(text: &str) -> Option<Quarter> {
    let (year, number) = text.split_once("-Q")?;
    let number: i8 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
    let year: i16 = year.parse().ok().filter(|_| year.len() == 4)?;
    Some(Month::new(year, number * 3).ok()?.quarter())
}

/// 2026 年第四季度.
pub(in crate::petitions) fn quarter_name(quarter: Quarter) -> String {
    let number = ["一", "二", "三", "四"][usize::from(quarter.number().unsigned_abs()).saturating_sub(1) % 4];
    format!("{} 年第{number}季度", quarter.year())
}

/// First and last day.
pub(super) fn days(quarter: Quarter) -> (Date, Date) {
    let [first, _, last] = quarter.months();
    (first.first_day(), last.last_day())
}

/// The quarter before, or after.
pub(super) fn beside(quarter: Quarter, quarters: i32) -> Quarter {
    quarter.months()[0].plus(quarters * 3).quarter()
}

/// Whether something may be said of a case at a quarter's end: the quarter has begun, and the case was bound in it.
pub(super) fn may_speak(
    quarter: Quarter,
    (bound_on, ended_on): (Date, Option<Date>),
    today: Date,
) -> Result<(), Barred> {
    let (first, last) = days(quarter);
    let bound = bound_on <= last && ended_on.is_none_or(|ended| ended >= first);
    if first <= today && bound { Ok(()) } else { Err(Barred::OtherQuarter) }
}

/// The labels of kept words of criteria: 超期、重复.
pub(super) fn labels(words: &str) -> String {
    let labels: Vec<&str> = words.split(' ').filter_map(Criterion::from_word).map(Criterion::label).collect();
    labels.join("、")
}

/// Whether a leader may take one more; `present` are those not closed that are bound to the leader now.
pub(in crate::petitions) fn has_room(present: i64, most: i64) -> Result<(), Refused> {
    if present < most { Ok(()) } else { Err(Refused::LeaderFull(present, most)) }
}

/// Whether a leader may ask for a later deadline.
pub(super) fn may_ask(due_on: Date, asked: Date, waiting: bool, today: Date) -> Result<(), Barred> {
    if waiting {
        return Err(Barred::Asked);
    }
    if asked > due_on && asked > today { Ok(()) } else { Err(Barred::NotLater) }
}

/// Whether the chief `by` may decide on more time for `leader`: never on the own deadline, and a refusal says why.
pub(super) fn may_consent(by: i64, leader: i64, consents: bool, remark: &str) -> Result<(), Barred> {
    if by == leader {
        return Err(Barred::OwnDeadline);
    }
    decided(consents, remark)
}

/// A decision: a refusal says why.
pub(super) fn decided(approved: bool, remark: &str) -> Result<(), Barred> {
    if approved || !remark.is_empty() { Ok(()) } else { Err(Barred::NoRemark) }
}

/// Whether a case may go from one leader to another, each given with the list that he or she stands on.
pub(super) fn may_hand_over(from: (i64, &str), to: (i64, &str)) -> Result<(), Barred> {
    if from.0 == to.0 {
        return Err(Barred::SamePerson);
    }
    if same_list(from.1, to.1) { Ok(()) } else { Err(Barred::OtherLevel) }
}

/// Whether two places are one list; '' is the county's, from before bindings had a place.
pub(super) fn same_list(one: &str, other: &str) -> bool {
    one == other || (one.len() <= 6 && other.len() <= 6)
}

/// How many of the five duties have evidence.
pub(super) fn done(duties: impl Iterator<Item = Duty>) -> usize {
    let met: std::collections::HashSet<Duty> = duties.collect();
    met.len()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_quarter_is_read_as_it_is_written() {
        let fourth = quarter("2026-Q4").unwrap();
        assert_eq!(days(fourth), (date(2026, 10, 1), date(2026, 12, 31)));
        assert_eq!(
            (quarter_name(fourth).as_str(), beside(fourth, 1).to_string().as_str()),
            ("2026 年第四季度", "2027-Q1")
        );
        assert_eq!(quarter_of(date(2026, 10, 1)), fourth);
        for wrong in ["2026-Q5", "2026-Q0", "26-Q1", "2026", "2026-Q-1", ""] {
            assert_eq!(quarter(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn at_a_quarters_end_is_spoken_of_what_was_bound_in_it() {
        let (third, today) = (quarter("2026-Q3").unwrap(), date(2026, 11, 2));
        let bound = date(2026, 9, 30);
        assert_eq!(may_speak(third, (bound, None), today), Ok(()));
        assert_eq!(may_speak(third, (date(2026, 10, 1), None), today), Err(Barred::OtherQuarter));
        assert_eq!(may_speak(third, (date(2026, 4, 1), Some(date(2026, 6, 30))), today), Err(Barred::OtherQuarter));
        assert_eq!(may_speak(quarter("2027-Q1").unwrap(), (bound, None), today), Err(Barred::OtherQuarter));
    }

    #[test]
    fn a_deadline_moves_only_forwards_and_by_another_than_the_leader() {
        let (due, today) = (date(2026, 12, 20), date(2026, 11, 2));
        assert_eq!(may_ask(due, date(2026, 12, 21), false, today), Ok(()));
        assert_eq!(may_ask(due, due, false, today), Err(Barred::NotLater));
        assert_eq!(may_ask(due, date(2026, 12, 25), false, date(2026, 12, 25)), Err(Barred::NotLater));
        assert_eq!(may_ask(due, date(2026, 12, 21), true, today), Err(Barred::Asked));
        assert_eq!(may_consent(1, 1, true, ""), Err(Barred::OwnDeadline));
        assert_eq!(may_consent(1, 2, false, ""), Err(Barred::NoRemark));
        assert_eq!(may_consent(1, 2, true, ""), Ok(()));
    }

    #[test]
    fn a_leader_at_the_cap_takes_no_more_and_is_told_the_number() {
        assert_eq!(has_room(7, 8), Ok(()));
        assert_eq!(has_room(8, 8).unwrap_err().to_string(), "这位领导现在包案 8 件，已到规定的 8 件，不能再包");
    }

    #[test]
    fn a_case_is_handed_to_another_leader_of_the_same_level() {
        assert_eq!(may_hand_over((1, "430223"), (2, "430223")), Ok(()));
        assert_eq!(may_hand_over((1, "430223"), (1, "430223")), Err(Barred::SamePerson));
        assert_eq!(may_hand_over((1, "430223"), (2, "430223125")), Err(Barred::OtherLevel));
    }

    #[test]
    fn a_binding_from_before_places_stands_on_the_countys_list() {
        assert!(same_list("", "430223") && same_list("430223125", "430223125"));
        assert!(!same_list("", "430223125"));
    }

    #[test]
    fn criteria_read_as_labels() {
        assert_eq!(labels("overdue joint"), "超期、联名");
        assert_eq!(labels(""), "");
    }
}
