//! What a reception day is, who receives on it, and what may be done when. Pure: values in, values out.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use policy::values::PolicyError;
use policy::{Month, Policy, Reception};

use crate::words::words;

words! {
    /// What came of a talk.
    Outcome {
        /// 当场答复: answered and settled on the spot.
        Settled = "settled", "当场答复";
        /// 转为信访件: became a petition, or went to the petition that it is about.
        Case = "case", "转为信访件";
        /// 下次再谈: the next day of the unit opens with it.
        Continued = "continued", "下次再谈";
    }
}

words! {
    /// How a person came into the queue of a day.
    Origin {
        /// On the public page.
        Web = "web", "网上预约";
        /// At the window or on the phone.
        Desk = "desk", "窗口预约";
        /// On the day, without a booking.
        WalkIn = "walk_in", "当天来访";
        /// Left unfinished by an earlier day.
        Carried = "carried", "上次未办完";
    }
}

words! {
    /// As the register of receptions has it.
    Sex {
        /// 男.
        Male = "male", "男";
        /// 女.
        Female = "female", "女";
    }
}

words! {
    /// What waits for the receiving leader.
    Notice {
        /// That the day comes.
        Day = "notice", "接访通知";
        /// Who comes.
        List = "list", "预约名单";
    }
}

/// Why something about a reception day is not done; the text is for the person who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The day is past.
    #[error("这个接访日已经过去，请选后面的日子")]
    Over,
    /// Booked on the day itself.
    #[error("今天就是接访日，不用预约，直接来就行")]
    Today,
    /// Every place is taken.
    #[error("这一天已经约满（{0} 批），请选别的日子；急事可以当天直接来")]
    Full(i64),
    /// The unit complained of would receive.
    #[error("您反映的就是这个单位，请预约县委书记、县长接访日或者别的单位，免得被反映的单位知道是您")]
    AgainstReceiver,
    /// The leader complained of would receive.
    #[error("您反映的就是这一天接访的领导，请选别的日子")]
    AgainstLeader,
    /// Written down before the day.
    #[error("还没有到接访日，不能登记接访")]
    Early,
    /// Nobody receives.
    #[error("这一天还没有安排接访领导，请先安排")]
    NoLeader,
    /// Cancelled by the person.
    #[error("这次预约已经取消")]
    Cancelled,
    /// Written down already.
    #[error("这一位已经登记过了")]
    Received,
    /// An absence that comes too late.
    #[error("不能到场应当至少提前 {0} 日说明；现在请直接告诉信访部门，由信访部门安排替班")]
    AbsenceLate(u16),
    /// The next month has no day or nobody on it.
    #[error("下个月还没有可以对调的接访领导，请由信访部门安排替班")]
    NobodyToSwap,
    /// The leader of the next month is the same person.
    #[error("下个月也是同一位领导接访，不能对调，请由信访部门安排替班")]
    SameLeader,
    /// Somebody who does not hold a post in the unit on the day.
    #[error("接访领导应当是这个单位当天在任的干部")]
    Stranger,
}

/// Whether a post is one of those that owe their unit's reception day: Party and government heads of townships, heads
/// of departments, county secretary and county head. `listed_as` is the post as the pay classes list it.
pub(super) fn owes(unit_kind: &str, listed_as: &str) -> bool {
    let posts: &[&str] = match unit_kind {
        "county" => &["县委书记", "县长"],
        "township" => &["乡镇党委书记", "乡镇长"],
        "department" => &["局长", "主任", "主席", "书记"],
        _ => &[],
    };
    posts.contains(&listed_as)
}

/// Whose rule a unit's day follows.
pub(super) fn rule_of(unit_kind: &str) -> Reception {
    if unit_kind == "county" { Reception::County } else { Reception::Township }
}

/// The word of a rule in the database.
pub(super) fn rule_word(rule: Reception) -> &'static str {
    match rule {
        Reception::Township => "township",
        Reception::County => "county",
    }
}

/// Who receives in a month by rota: those who owe the day take turns, month by month.
pub(super) fn rota(heads: &[i64], month: Month) -> Option<i64> {
    let turn = i64::from(month.year()) * 12 + i64::from(month.number()) - 1;
    let count = i64::try_from(heads.len()).ok().filter(|count| *count > 0)?;
    heads.get(usize::try_from(turn.rem_euclid(count)).ok()?).copied()
}

/// The days around a reception day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timetable {
    /// From this day the notice waits for the leader.
    pub(super) notice_on: Date,
    /// From this day the list of those who come does.
    pub(super) list_on: Date,
    /// The last day on which the leader may declare an absence.
    pub(super) absence_by: Date,
}

/// Counted back in calendar days from the reception day, by the values of that day.
pub(super) fn timetable(policy: &Policy, held_on: Date) -> Result<Timetable, PolicyError> {
    let before = |key: &str| Ok(held_on.saturating_sub(i64::from(policy.days(key, held_on)?).days()));
    Ok(Timetable {
        notice_on: before("reception.notice.days")?,
        list_on: before("reception.list.days")?,
        absence_by: before("reception.absence.days")?,
    })
}

/// Whose day it was, where the leader of a day changes: arranging the year replaces nobody, but from the day of the
/// notice on people count on who was named.
pub(super) fn stands_for(
    notice_on: Date,
    today: Date,
    named: Option<i64>,
    first: Option<i64>,
    now: i64,
) -> Option<i64> {
    let first = first.or(if today >= notice_on { named } else { None });
    first.filter(|first| *first != now)
}

/// Whether one more may be booked: `live` are booked already and not cancelled.
pub(super) fn may_book(held_on: Date, today: Date, live: i64, capacity: i64) -> Result<(), Refused> {
    match () {
        () if today > held_on => Err(Refused::Over),
        () if today == held_on => Err(Refused::Today),
        () if live >= capacity => Err(Refused::Full(capacity)),
        () => Ok(()),
    }
}

/// Whether a talk of that day may be written down; one that was forgotten may be later.
pub(super) fn may_receive(held_on: Date, today: Date, leader: Option<i64>) -> Result<i64, Refused> {
    if today < held_on {
        return Err(Refused::Early);
    }
    leader.ok_or(Refused::NoLeader)
}

/// Whether a leader may change days with the leader of the next month; gives that leader.
pub(super) fn swap(
    held_on: Date,
    today: Date,
    absence: (Date, u16),
    leader: i64,
    next: Option<i64>,
) -> Result<i64, Refused> {
    if today > held_on {
        return Err(Refused::Over);
    }
    if today > absence.0 {
        return Err(Refused::AbsenceLate(absence.1));
    }
    match next {
        None => Err(Refused::NobodyToSwap),
        Some(next) if next == leader => Err(Refused::SameLeader),
        Some(next) => Ok(next),
    }
}

/// 星期一 and so on.
pub(super) fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}

/// The longest key period: longer is no period but the whole year.
pub(super) const LONGEST_PERIOD: i32 = 92;

/// The days of a key period, both ends included; why it is none.
pub(super) fn period_days(from: Date, to: Date) -> Result<Vec<Date>, &'static str> {
    if to < from {
        return Err("止日不能早于起日");
    }
    if (to - from).get_days() >= LONGEST_PERIOD {
        return Err("一个重要时段不超过 92 天");
    }
    Ok(from.series(1.day()).take_while(|day| *day <= to).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn heads_take_turns_and_nobody_is_nobody() {
        let month = |text: &str| text.parse::<Month>().unwrap();
        assert_eq!(rota(&[], month("2026-11")), None);
        assert_eq!(rota(&[7], month("2026-11")), Some(7));
        let (one, next) = (rota(&[7, 8], month("2026-12")), rota(&[7, 8], month("2027-01")));
        assert_ne!(one, next, "the turn goes on over the year's end");
        assert_eq!(rota(&[7, 8], month("2027-02")), one);
    }

    #[test]
    fn township_heads_owe_the_day_and_their_deputies_do_not() {
        assert!(owes("township", "乡镇长") && owes("department", "局长") && owes("county", "县委书记"));
        assert!(!owes("township", "副镇长") && !owes("county", "副县长") && !owes("village", "书记"));
        assert_eq!(rule_of("county"), Reception::County);
        assert_eq!(rule_of("department"), Reception::Township);
    }

    #[test]
    fn the_notice_waits_from_five_days_before_and_the_list_from_one() {
        let days = timetable(Policy::published(), date(2026, 11, 10)).unwrap();
        assert_eq!(days.notice_on, date(2026, 11, 5));
        assert_eq!(days.list_on, date(2026, 11, 9));
        assert_eq!(days.absence_by, date(2026, 11, 5));
    }

    #[test]
    fn a_booking_is_taken_until_the_day_before_while_there_is_room() {
        let on = date(2026, 11, 10);
        assert_eq!(may_book(on, date(2026, 11, 9), 19, 20), Ok(()));
        assert_eq!(may_book(on, date(2026, 11, 9), 20, 20), Err(Refused::Full(20)));
        assert_eq!(may_book(on, on, 0, 20), Err(Refused::Today));
        assert_eq!(may_book(on, date(2026, 11, 11), 0, 20), Err(Refused::Over));
    }

    #[test]
    fn a_talk_is_written_down_on_the_day_or_later_and_somebody_must_have_received() {
        let on = date(2026, 11, 10);
        assert_eq!(may_receive(on, date(2026, 11, 9), Some(1)), Err(Refused::Early));
        assert_eq!(may_receive(on, on, None), Err(Refused::NoLeader));
        assert_eq!(may_receive(on, date(2026, 11, 12), Some(1)), Ok(1));
    }

    #[test]
    fn days_are_changed_in_time_and_with_another() {
        let on = date(2026, 11, 10);
        let absence = (date(2026, 11, 5), 5);
        assert_eq!(swap(on, date(2026, 11, 5), absence, 1, Some(2)), Ok(2));
        assert_eq!(swap(on, date(2026, 11, 6), absence, 1, Some(2)), Err(Refused::AbsenceLate(5)));
        assert_eq!(swap(on, date(2026, 11, 5), absence, 1, Some(1)), Err(Refused::SameLeader));
        assert_eq!(swap(on, date(2026, 11, 5), absence, 1, None), Err(Refused::NobodyToSwap));
        assert_eq!(swap(on, date(2026, 11, 11), absence, 1, Some(2)), Err(Refused::Over));
    }

    #[test]
    fn who_replaces_whom_is_shown_from_the_notice_on() {
        let (notice, before) = (date(2026, 11, 5), date(2026, 11, 4));
        assert_eq!(stands_for(notice, before, Some(1), None, 2), None);
        assert_eq!(stands_for(notice, notice, Some(1), None, 2), Some(1));
        assert_eq!(stands_for(notice, notice, Some(2), Some(1), 3), Some(1), "the first one named stays the first");
        assert_eq!(stands_for(notice, notice, Some(2), Some(1), 1), None, "who comes back replaces nobody");
        assert_eq!(stands_for(notice, notice, None, None, 2), None);
    }

    #[test]
    fn a_key_period_has_both_its_ends() {
        assert_eq!(period_days(date(2026, 12, 31), date(2027, 1, 2)).unwrap().len(), 3);
        assert_eq!(period_days(date(2026, 12, 31), date(2026, 12, 31)).unwrap().len(), 1);
        assert!(period_days(date(2027, 1, 2), date(2026, 12, 31)).is_err());
        assert!(period_days(date(2026, 1, 1), date(2026, 4, 2)).is_ok());
        assert!(period_days(date(2026, 1, 1), date(2026, 4, 3)).is_err());
    }
}
