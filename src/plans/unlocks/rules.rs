//! When a locked month may be opened again, who grants it, and what that changes for the rules of plans. Pure.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::plans::rules::{CannotPropose, Entrance};

/// An exception in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: i64,
    /// The last day on which the plan is open.
    pub until: Date,
}

/// Why an exception is not asked for or not granted; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotUnlock {
    /// Nothing is locked.
    #[error("这个月的预安还没有定稿，也没有过销号截止日，不用解锁")]
    NotLocked,
    /// Somebody else's people.
    #[error("解锁由这个单位预安项的上级申请")]
    NotSuperior,
    /// An end in the past or too far away.
    #[error("开放的最后一日应在今天到 {0} 之间")]
    BadEnd(Date),
    /// One at a time.
    #[error("这个单位这个月已经有一份在办或者开放中的解锁例外")]
    Another,
    /// The asker's own.
    #[error("申请人不能批准自己的申请")]
    Own,
    /// Not a post that the values name.
    #[error("解锁例外由{0}批准")]
    OtherPost(String),
    /// One person, one key.
    #[error("您已经批准过这份申请，还要另一人批准")]
    Twice,
    /// Nobody opened it in time.
    #[error("这份申请开放的日子已经过了，没有批齐的作废")]
    Lapsed,
    /// All keys are turned.
    #[error("这份申请已经批齐，不用再批")]
    Granted,
}

/// Whether a superior may ask for an exception. `frozen`: something of the plan is; `cut_off`: the last day on which the
/// month is cancelled; `longest`: how many days it is open at most.
pub fn ask(
    superior: bool,
    (frozen, cut_off): (bool, Date),
    another: bool,
    (until, longest): (Date, u16),
    today: Date,
) -> Result<(), CannotUnlock> {
    let last = today.saturating_add(i64::from(longest).days());
    match () {
        () if !superior => Err(CannotUnlock::NotSuperior),
        () if !frozen && today <= cut_off => Err(CannotUnlock::NotLocked),
        () if another => Err(CannotUnlock::Another),
        () if until < today || until > last => Err(CannotUnlock::BadEnd(last)),
        () => Ok(()),
    }
}

/// An exception that somebody is about to grant.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Who asked.
    pub asked_by: i64,
    /// Who granted so far.
    pub granted_by: &'a [i64],
    /// How many are needed.
    pub keys: usize,
    /// The last day on which it would be open.
    pub until: Date,
}

/// Whether `by`, in a post listed as `post`, turns a key; gives whether it is the last one. `posts` are those that the
/// values name, with 、 between.
pub fn grant(asked: &Asked<'_>, by: i64, post: &str, posts: &str, today: Date) -> Result<bool, CannotUnlock> {
    match () {
        () if !may_grant(post, posts) => Err(CannotUnlock::OtherPost(posts.to_owned())),
        () if asked.asked_by == by => Err(CannotUnlock::Own),
        () if asked.granted_by.len() >= asked.keys => Err(CannotUnlock::Granted),
        () if asked.granted_by.contains(&by) => Err(CannotUnlock::Twice),
        () if asked.until < today => Err(CannotUnlock::Lapsed),
        () => Ok(asked.granted_by.len() + 1 >= asked.keys),
    }
}

/// Whether a post is among those that grant.
pub fn may_grant(post: &str, posts: &str) -> bool {
    posts.split('、').any(|name| name == post)
}

/// The day by which the rules of a month judge: while it is open, at the latest its own last day.
pub fn day(open: Option<Exception>, last: Date, today: Date) -> Date {
    if open.is_some() { today.min(last) } else { today }
}

/// Until when a month is relieved in: while it is open, to the end of the exception.
pub fn cut_off(open: Option<Exception>, cut_off: Date) -> Date {
    open.map_or(cut_off, |open| open.until.max(cut_off))
}

/// How an item enters a plan that is open again: its owner proposes as before the freezing, and the superior's freezing
/// makes it an addition.
pub fn entrance(open: Option<Exception>, entrance: Result<Entrance, CannotPropose>) -> Result<Entrance, CannotPropose> {
    match entrance {
        Err(CannotPropose::Frozen) if open.is_some() => Ok(Entrance::Draft),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const TODAY: Date = date(2026, 12, 8);
    const CUT_OFF: Date = date(2026, 12, 5);

    #[test]
    fn only_what_is_locked_is_opened_and_not_for_long() {
        let on = |frozen, until, today| ask(true, (frozen, CUT_OFF), false, (until, 10), today);
        assert_eq!(on(false, TODAY, TODAY), Ok(()));
        assert_eq!(on(false, CUT_OFF, CUT_OFF), Err(CannotUnlock::NotLocked));
        assert_eq!(on(true, CUT_OFF, CUT_OFF), Ok(()));
        let last = date(2026, 12, 18);
        assert_eq!(on(true, last, TODAY), Ok(()));
        assert_eq!(on(true, date(2026, 12, 19), TODAY), Err(CannotUnlock::BadEnd(last)));
        assert_eq!(on(true, date(2026, 12, 7), TODAY), Err(CannotUnlock::BadEnd(last)));
        assert_eq!(ask(false, (true, CUT_OFF), false, (TODAY, 10), TODAY), Err(CannotUnlock::NotSuperior));
        assert_eq!(ask(true, (true, CUT_OFF), true, (TODAY, 10), TODAY), Err(CannotUnlock::Another));
    }

    #[test]
    fn two_others_of_the_posts_named_turn_the_keys() {
        let posts = "县委书记、副县长";
        let asked = |granted_by| Asked { asked_by: 1, granted_by, keys: 2, until: TODAY };
        assert_eq!(grant(&asked(&[]), 2, "副县长", posts, TODAY), Ok(false));
        assert_eq!(grant(&asked(&[2]), 3, "县委书记", posts, TODAY), Ok(true));
        assert_eq!(grant(&asked(&[2]), 2, "副县长", posts, TODAY), Err(CannotUnlock::Twice));
        assert_eq!(grant(&asked(&[]), 1, "副县长", posts, TODAY), Err(CannotUnlock::Own));
        let other = Err(CannotUnlock::OtherPost(posts.to_owned()));
        assert_eq!(grant(&asked(&[]), 4, "局长", posts, TODAY), other);
        assert_eq!(grant(&asked(&[2, 3]), 4, "副县长", posts, TODAY), Err(CannotUnlock::Granted));
        assert_eq!(grant(&asked(&[2]), 3, "县委书记", posts, date(2026, 12, 9)), Err(CannotUnlock::Lapsed));
        assert_eq!(grant(&Asked { keys: 1, ..asked(&[]) }, 2, "副县长", posts, TODAY), Ok(true));
    }

    #[test]
    fn an_open_month_is_judged_by_its_own_days() {
        let open = Some(Exception { id: 1, until: date(2026, 12, 12) });
        let last = date(2026, 11, 30);
        assert_eq!((day(open, last, TODAY), day(None, last, TODAY)), (last, TODAY));
        assert_eq!(day(open, last, date(2026, 11, 20)), date(2026, 11, 20));
        assert_eq!((cut_off(open, CUT_OFF), cut_off(None, CUT_OFF)), (date(2026, 12, 12), CUT_OFF));
        assert_eq!(entrance(open, Err(CannotPropose::Frozen)), Ok(Entrance::Draft));
        assert_eq!(entrance(None, Err(CannotPropose::Frozen)), Err(CannotPropose::Frozen));
        assert_eq!(entrance(open, Err(CannotPropose::Stranger)), Err(CannotPropose::Stranger));
    }
}
