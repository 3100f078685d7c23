//! Who decides on a reward or penalty, who signs second, and what a decision needs. Pure.

use crate::words::words;

words! {
    /// Which way a decision goes.
    Kind {
        /// 奖励.
        Reward = "reward", "奖励";
        /// 惩处.
        Penalty = "penalty", "惩处";
    }
}

/// Why a decision is not made or not signed; the text is for the person who tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Barred {
    /// Not the chief of a level.
    #[error("只有县、乡镇党政主要领导可以作奖惩决定")]
    NotChief,
    /// Not a leader of that level.
    #[error("请选择本级的包案领导")]
    NotALeader,
    /// A decision about oneself.
    #[error("不能决定或签署本人的奖惩")]
    Own,
    /// One person turns both keys.
    #[error("作决定的人不能自己签署，须由另一人签署")]
    SamePerson,
    /// A second key of another level.
    #[error("第二人须是同级另一位主要领导，或者人事部门")]
    OtherKey,
    /// Signed before.
    #[error("已经签署")]
    Signed,
}

/// Whether somebody decides on a leader: the chief of the leader's level, never on himself or herself.
pub(super) fn may_decide(by: i64, chief: Option<&str>, official: i64, place: Option<&str>) -> Result<(), Barred> {
    let Some(chief) = chief else { return Err(Barred::NotChief) };
    if by == official {
        return Err(Barred::Own);
    }
    if place == Some(chief) { Ok(()) } else { Err(Barred::NotALeader) }
}

/// Whether somebody turns the second key: neither decider nor leader, and another chief of the level or personnel.
pub(super) fn may_sign(
    by: i64,
    (is_personnel, chief): (bool, Option<&str>),
    (official, decided_by, place): (i64, i64, &str),
    signed: bool,
) -> Result<(), Barred> {
    match () {
        () if signed => Err(Barred::Signed),
        () if by == official => Err(Barred::Own),
        () if by == decided_by => Err(Barred::SamePerson),
        () if is_personnel || chief == Some(place) => Ok(()),
        () => Err(Barred::OtherKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chief_of_the_level_decides_and_never_on_himself() {
        assert_eq!(may_decide(1, None, 2, Some("430223")), Err(Barred::NotChief));
        assert_eq!(may_decide(1, Some("430223"), 1, Some("430223")), Err(Barred::Own));
        assert_eq!(may_decide(1, Some("430223"), 2, Some("430223125")), Err(Barred::NotALeader));
        assert_eq!(may_decide(1, Some("430223"), 2, None), Err(Barred::NotALeader));
        assert_eq!(may_decide(1, Some("430223"), 2, Some("430223")), Ok(()));
    }

    #[test]
    fn two_different_persons_turn_the_keys_and_none_of_them_is_the_leader() {
        let decision = (2, 1, "430223");
        assert_eq!(may_sign(1, (false, Some("430223")), decision, false), Err(Barred::SamePerson));
        assert_eq!(may_sign(2, (true, None), decision, false), Err(Barred::Own));
        assert_eq!(may_sign(3, (false, Some("430223125")), decision, false), Err(Barred::OtherKey));
        assert_eq!(may_sign(3, (false, Some("430223")), decision, false), Ok(()));
        assert_eq!(may_sign(3, (true, None), decision, false), Ok(()));
        assert_eq!(may_sign(3, (true, None), decision, true), Err(Barred::Signed));
    }
}
