//! What may be reported to those above, by whom and when, and when their decision is written down. Pure.

use jiff::civil::Date;

use crate::petitions::rules::State;
use crate::words::words;

words! {
    /// Why a matter is brought before those above.
    Ground {
        /// 情况重大、紧急: the petition office proposes, and the level's committee and government decide (art. 22).
        Decision = "decision", "报请决定";
        /// 重大、紧急信访事项和信访信息: told at once by whoever has it (art. 25).
        Urgent = "urgent", "紧急报告";
    }
}

/// Why it is not done; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Barred {
    /// The matter is over.
    #[error("这件事{0}，不能再报")]
    Over(State),
    /// A proposal by another than whoever disposes of the matter.
    #[error("报请决定由收到这件事的信访部门办，承办单位可以作紧急报告")]
    NotTheReceiver,
    /// A day that cannot be.
    #[error("日期不能晚于今天，也不能早于{0}")]
    ImpossibleDay(Date),
    /// Told to those complained of.
    #[error("不得报给被检举、控告的单位（《信访工作条例》第三十条）")]
    ToTheAccused,
    /// A second decision.
    #[error("已经登记过批示或决定")]
    Decided,
}

/// Whether a matter may be brought before an organ on a day; `accused` are the names of the units to be kept from it.
pub(super) fn may_submit(
    (state, registered_on): (State, Date),
    (ground, disposes): (Ground, bool),
    (organ, accused): (&str, &[String]),
    (on, today): (Date, Date),
) -> Result<(), Barred> {
    if matches!(state, State::Closed | State::Forwarded) {
        return Err(Barred::Over(state));
    }
    if ground == Ground::Decision && !disposes {
        return Err(Barred::NotTheReceiver);
    }
    if on > today || on < registered_on {
        return Err(Barred::ImpossibleDay(registered_on));
    }
    let named = accused.iter().any(|name| organ.contains(name.as_str()) || name.contains(organ));
    if named { Err(Barred::ToTheAccused) } else { Ok(()) }
}

/// Whether a decision of a day may be written down.
pub(super) fn may_record(sent_on: Date, decided: bool, (on, today): (Date, Date)) -> Result<(), Barred> {
    if decided {
        return Err(Barred::Decided);
    }
    if on > today || on < sent_on { Err(Barred::ImpossibleDay(sent_on)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const FROM: Date = date(2026, 11, 2);
    const TODAY: Date = date(2026, 11, 5);

    #[test]
    fn the_receiver_proposes_and_whoever_handles_it_reports_what_is_urgent_but_never_to_the_accused() {
        let accused = ["县自然资源局".to_owned()];
        let submit = |state, ground, disposes, organ, on| {
            may_submit((state, FROM), (ground, disposes), (organ, &accused), (on, TODAY))
        };
        let above = "县委、县人民政府";
        assert_eq!(submit(State::Registered, Ground::Decision, true, above, FROM), Ok(()));
        assert_eq!(submit(State::Accepted, Ground::Decision, false, above, FROM), Err(Barred::NotTheReceiver));
        assert_eq!(submit(State::Accepted, Ground::Urgent, false, above, TODAY), Ok(()));
        assert_eq!(submit(State::Forwarded, Ground::Urgent, true, above, FROM), Err(Barred::Over(State::Forwarded)));
        assert_eq!(
            submit(State::Accepted, Ground::Urgent, true, above, date(2026, 11, 1)),
            Err(Barred::ImpossibleDay(FROM))
        );
        assert_eq!(
            submit(State::Accepted, Ground::Urgent, true, above, date(2026, 11, 6)),
            Err(Barred::ImpossibleDay(FROM))
        );
        assert_eq!(submit(State::Accepted, Ground::Urgent, true, "县自然资源局", FROM), Err(Barred::ToTheAccused));
    }

    #[test]
    fn a_decision_is_written_down_once_and_not_of_a_day_before_it_was_asked_for() {
        assert_eq!(may_record(FROM, false, (FROM, TODAY)), Ok(()));
        assert_eq!(may_record(FROM, true, (TODAY, TODAY)), Err(Barred::Decided));
        assert_eq!(may_record(FROM, false, (date(2026, 11, 1), TODAY)), Err(Barred::ImpossibleDay(FROM)));
        assert_eq!(may_record(FROM, false, (date(2026, 11, 6), TODAY)), Err(Barred::ImpossibleDay(FROM)));
    }
}
