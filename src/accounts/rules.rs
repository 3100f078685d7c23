//! What an account may be called, which roles exclude each other, and who is the chief of a level.

/// Whether a login can be typed on any keyboard and read out over the telephone.
pub(super) fn plain_login(login: &str) -> bool {
    let plain = login.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
    plain && (3..=32).contains(&login.len())
}

/// The three officers, who keep an eye on each other: accounts, roles, and what both have done.
pub(super) const OFFICERS: [&str; 3] = ["system_officer", "security_officer", "audit_officer"];

/// Why roles cannot be given.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Excluded {
    /// Two of the three officers would be one person.
    #[error("系统管理员、安全保密员、安全审计员不能由同一个人担任，请只留一个")]
    Officers,
}

/// Judges the roles that an official would hold in all of his or her posts together.
pub(super) fn judge_roles<'a>(roles: impl IntoIterator<Item = &'a str>) -> Result<(), Excluded> {
    let mut held: Vec<&str> = roles.into_iter().filter(|role| OFFICERS.contains(role)).collect();
    held.sort_unstable();
    held.dedup();
    if held.len() > 1 { Err(Excluded::Officers) } else { Ok(()) }
}

/// Whose list a leader of a unit stands on: a township's, or the county's.
pub fn list_place(kind: &str, division: &str) -> String {
    if kind == "township" { division.to_owned() } else { division.chars().take(6).collect() }
}

/// The list that the holder of a post approves, if the post is a chief's. `chiefs` names the posts of the county and of
/// a township, with 、 between.
pub(super) fn chief_place(kind: &str, division: &str, listed_as: &str, chiefs: (&str, &str)) -> Option<String> {
    let names = match kind {
        "county" => chiefs.0,
        "township" => chiefs.1,
        _ => return None,
    };
    names.split('、').any(|name| name == listed_as).then(|| list_place(kind, division))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHIEFS: (&str, &str) = ("县委书记、县长", "乡镇党委书记、乡镇长");

    #[test]
    fn a_chief_is_one_by_the_post_and_of_the_own_level_alone() {
        let place = |kind, division, post| chief_place(kind, division, post, CHIEFS);
        assert_eq!(place("county", "430223", "县长").as_deref(), Some("430223"));
        assert_eq!(place("county", "430223", "副县长"), None);
        assert_eq!(place("township", "430223125", "乡镇长").as_deref(), Some("430223125"));
        assert_eq!(place("township", "430223125", "县长"), None);
        assert_eq!(place("department", "430223", "县长"), None);
    }

    #[test]
    fn two_of_the_three_officers_are_never_one_person() {
        assert_eq!(judge_roles(["system_officer", "handler"]), Ok(()));
        assert_eq!(judge_roles(["audit_officer", "audit_officer"]), Ok(()));
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(judge_roles([OFFICERS[one], "handler", OFFICERS[other]]), Err(Excluded::Officers));
        }
    }
}
