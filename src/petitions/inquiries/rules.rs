//! What an inquiry of a superior authority needs, and in which order it is answered and told. Pure.

use jiff::civil::Date;

use crate::petitions::rules::State;

/// Why an inquiry cannot be sent, answered or told; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Barred {
    /// The matter is over.
    #[error("这件事{0}，不能再请示")]
    Over(State),
    /// A day that cannot be.
    #[error("日期不能晚于今天，也不能早于{0}")]
    ImpossibleDay(Date),
    /// The authority is complained of.
    #[error("不得请示被检举、控告的单位（《信访工作条例》第三十条）")]
    ToTheAccused,
    /// A second answer.
    #[error("已经登记过答复")]
    Answered,
    /// Told before there is an answer.
    #[error("上级机关还没有答复")]
    NoAnswer,
    /// Told twice.
    #[error("已经告知信访人")]
    Told,
    /// A text that is too short or too long.
    #[error("请写 {0} 至 {1} 字")]
    Length(usize, usize),
}

/// 攸信请〔2026〕1号.
pub(super) fn number(year: i16, serial: i64) -> String {
    format!("攸信请〔{year}〕{serial}号")
}

/// How many days an inquiry has waited on a day.
pub(in crate::petitions) fn waited(sent_on: Date, today: Date) -> i32 {
    (today - sent_on).get_days().max(0)
}

/// A text within its bounds.
pub(super) fn text(text: &str, (least, most): (usize, usize)) -> Result<(), Barred> {
    if (least..=most).contains(&text.chars().count()) { Ok(()) } else { Err(Barred::Length(least, most)) }
}

/// Whether an inquiry may go out on a day; `accused` are the names of the units to be kept from the matter.
pub(super) fn may_send(
    (state, registered_on): (State, Date),
    (organ, accused): (&str, &[String]),
    sent_on: Date,
    today: Date,
) -> Result<(), Barred> {
    if matches!(state, State::Closed | State::Forwarded) {
        return Err(Barred::Over(state));
    }
    if sent_on > today || sent_on < registered_on {
        return Err(Barred::ImpossibleDay(registered_on));
    }
    let named = accused.iter().any(|name| organ.contains(name.as_str()) || name.contains(organ));
    if named { Err(Barred::ToTheAccused) } else { Ok(()) }
}

/// Whether an answer of a day may be written down.
pub(super) fn may_answer(sent_on: Date, answered: bool, answered_on: Date, today: Date) -> Result<(), Barred> {
    if answered {
        return Err(Barred::Answered);
    }
    if answered_on > today || answered_on < sent_on { Err(Barred::ImpossibleDay(sent_on)) } else { Ok(()) }
}

/// Whether the petitioner may be told.
pub(super) fn may_tell(answered: bool, told: bool) -> Result<(), Barred> {
    match (answered, told) {
        (false, _) => Err(Barred::NoAnswer),
        (true, true) => Err(Barred::Told),
        (true, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const FROM: Date = date(2026, 11, 2);

    #[test]
    fn a_number_has_no_zeros_before_it() {
        assert_eq!(number(2026, 1), "攸信请〔2026〕1号");
    }

    #[test]
    fn an_inquiry_goes_out_of_an_open_matter_on_a_day_that_can_be_and_never_to_the_accused() {
        let accused = ["县自然资源局".to_owned()];
        let send = |state, organ, on| may_send((state, FROM), (organ, &accused), on, date(2026, 11, 5));
        assert_eq!(send(State::Accepted, "省自然资源厅", FROM), Ok(()));
        assert_eq!(send(State::Closed, "省自然资源厅", FROM), Err(Barred::Over(State::Closed)));
        assert_eq!(send(State::Accepted, "省自然资源厅", date(2026, 11, 1)), Err(Barred::ImpossibleDay(FROM)));
        assert_eq!(send(State::Accepted, "省自然资源厅", date(2026, 11, 6)), Err(Barred::ImpossibleDay(FROM)));
        assert_eq!(send(State::Accepted, "攸县县自然资源局", FROM), Err(Barred::ToTheAccused));
    }

    #[test]
    fn an_answer_comes_once_after_the_letter_and_is_told_once() {
        let today = date(2026, 11, 20);
        assert_eq!(may_answer(FROM, false, today, today), Ok(()));
        assert_eq!(may_answer(FROM, false, date(2026, 11, 1), today), Err(Barred::ImpossibleDay(FROM)));
        assert_eq!(may_answer(FROM, true, today, today), Err(Barred::Answered));
        assert_eq!(may_tell(false, false), Err(Barred::NoAnswer));
        assert_eq!(may_tell(true, true), Err(Barred::Told));
        assert_eq!(may_tell(true, false), Ok(()));
        assert_eq!(waited(FROM, today), 18);
    }
}
