//! When an account is handed in and commented, and by whom. Pure: values in, values out.

use jiff::civil::Date;
use policy::Period;

/// How far an account has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// 未交: nothing, or a draft.
    Open,
    /// 已交: signed by handing in; waits for the comment.
    HandedIn(Date),
    /// 已点评.
    Commented,
}

impl State {
    /// The word on pages.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Open => "未交",
            Self::HandedIn(_) => "已交",
            Self::Commented => "已点评",
        }
    }
}

/// Why the words are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotWrite {
    /// The superior has commented.
    #[error("上级已经点评，不能再改")]
    Commented,
    /// Before the period is over.
    #[error("{0} 起才能交，现在可以先存草稿")]
    TooEarly(Date),
    /// Too long.
    #[error("本人的话请控制在 3000 字以内")]
    TooLong,
}

/// Why a comment is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotComment {
    /// One's own.
    #[error("自己的述职由上级点评")]
    Own,
    /// The supervision office checks and does not comment.
    #[error("督查只看，不点评")]
    Supervision,
    /// Not the superior.
    #[error("只有上级可以点评")]
    NotSuperior,
    /// Nothing to comment.
    #[error("还没有交")]
    NotHandedIn,
    /// Commented before.
    #[error("已经点评过了")]
    Commented,
    /// No text, or too much of it.
    #[error("点评请写 2 到 1000 字")]
    Length,
}

/// Whether the owner's words are kept, and signed where they are handed in. Handing in begins with the period's last
/// day, when the last of it can be told; what is late is taken and shown as late.
pub fn write(period: Period, state: &State, words: &str, hands_in: bool, today: Date) -> Result<(), CannotWrite> {
    match () {
        () if *state == State::Commented => Err(CannotWrite::Commented),
        () if hands_in && today < period.last_day() => Err(CannotWrite::TooEarly(period.last_day())),
        () if words.chars().count() > 3_000 => Err(CannotWrite::TooLong),
        () => Ok(()),
    }
}

/// Who comments, as far as the rule asks.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Whether it is the person who gives account.
    pub own: bool,
    /// Whether he or she acts for the supervision office.
    pub supervision: bool,
    /// Whether he or she holds the post above.
    pub superior: bool,
}

/// Whether somebody comments what was handed in.
pub fn comment(reader: Reader, state: &State, words: &str) -> Result<(), CannotComment> {
    match state {
        _ if reader.own => Err(CannotComment::Own),
        _ if reader.supervision => Err(CannotComment::Supervision),
        _ if !reader.superior => Err(CannotComment::NotSuperior),
        State::Open => Err(CannotComment::NotHandedIn),
        State::Commented => Err(CannotComment::Commented),
        State::HandedIn(_) if !(2..=1_000).contains(&words.chars().count()) => Err(CannotComment::Length),
        State::HandedIn(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn an_account_is_handed_in_from_the_last_day_of_its_period() {
        let period = Period::Month("2026-11".parse().unwrap());
        let on = |day, hands_in| write(period, &State::Open, "", hands_in, day);
        assert_eq!(on(date(2026, 11, 29), true), Err(CannotWrite::TooEarly(date(2026, 11, 30))));
        assert_eq!(on(date(2026, 11, 29), false), Ok(()));
        assert_eq!(on(date(2026, 11, 30), true), Ok(()));
        assert_eq!(on(date(2027, 3, 1), true), Ok(()));
        assert_eq!(write(period, &State::Commented, "", false, date(2026, 12, 1)), Err(CannotWrite::Commented));
        assert_eq!(
            write(period, &State::Open, &"字".repeat(3_001), false, date(2026, 12, 1)),
            Err(CannotWrite::TooLong)
        );
    }

    #[test]
    fn the_holder_of_the_post_above_comments_once_and_nobody_else() {
        let handed_in = State::HandedIn(date(2026, 12, 1));
        let superior = Reader { own: false, supervision: false, superior: true };
        let says = |reader, state: &State| comment(reader, state, "按时完成，继续巡查");
        assert_eq!(says(superior, &handed_in), Ok(()));
        assert_eq!(says(superior, &State::Open), Err(CannotComment::NotHandedIn));
        assert_eq!(says(superior, &State::Commented), Err(CannotComment::Commented));
        assert_eq!(comment(superior, &handed_in, "好"), Err(CannotComment::Length));
        assert_eq!(says(Reader { own: true, ..superior }, &handed_in), Err(CannotComment::Own));
        assert_eq!(says(Reader { supervision: true, ..superior }, &handed_in), Err(CannotComment::Supervision));
        assert_eq!(says(Reader { superior: false, ..superior }, &handed_in), Err(CannotComment::NotSuperior));
    }
}
