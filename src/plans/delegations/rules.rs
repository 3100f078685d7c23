//! Who delegates cancelling, to whom and for how long. Pure.

use jiff::ToSpan;
use jiff::civil::Date;

/// Why a delegation is not given or not ended; the text is for the person who tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotDelegate {
    /// Nobody's items are cancelled from this post.
    #[error("没有由您的职务销号的预安项，不用委托")]
    NothingBelow,
    /// Not among those who may be named.
    #[error("请选择受托人：同单位、同级或者下级职务里有销号岗位的人")]
    NoDelegate,
    /// An end in the past or too far away.
    #[error("委托的最后一日应在今天到 {0} 之间")]
    BadEnd(Date),
    /// One at a time.
    #[error("已经有一份委托在生效，请先收回")]
    Another,
    /// It is over already.
    #[error("这份委托已经结束")]
    Over,
}

/// Whether the holder of a post with `below` posts beneath it delegates until a day, `longest` days at most.
pub fn give(
    below: bool,
    named: bool,
    another: bool,
    (until, longest): (Date, u16),
    today: Date,
) -> Result<(), CannotDelegate> {
    let last = last(longest, today);
    match () {
        () if !below => Err(CannotDelegate::NothingBelow),
        () if !named => Err(CannotDelegate::NoDelegate),
        () if another => Err(CannotDelegate::Another),
        () if until < today || until > last => Err(CannotDelegate::BadEnd(last)),
        () => Ok(()),
    }
}

/// The last day until which somebody delegates today.
pub fn last(longest: u16, today: Date) -> Date {
    today.saturating_add((i64::from(longest) - 1).max(0).days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 12, 1);

    #[test]
    fn it_has_an_end_and_one_holds_at_a_time() {
        let until = |until| give(true, true, false, (until, 31), TODAY);
        assert_eq!(until(TODAY), Ok(()));
        assert_eq!(until(date(2026, 12, 31)), Ok(()));
        assert_eq!(until(date(2027, 1, 1)), Err(CannotDelegate::BadEnd(date(2026, 12, 31))));
        assert_eq!(until(date(2026, 11, 30)), Err(CannotDelegate::BadEnd(date(2026, 12, 31))));
        assert_eq!(give(true, true, true, (TODAY, 31), TODAY), Err(CannotDelegate::Another));
        assert_eq!(give(true, false, false, (TODAY, 31), TODAY), Err(CannotDelegate::NoDelegate));
        assert_eq!(give(false, true, false, (TODAY, 31), TODAY), Err(CannotDelegate::NothingBelow));
    }
}
