//! What an account may be called, and which roles exclude each other.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_the_three_officers_are_never_one_person() {
        assert_eq!(judge_roles(["system_officer", "handler"]), Ok(()));
        assert_eq!(judge_roles(["audit_officer", "audit_officer"]), Ok(()));
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            assert_eq!(judge_roles([OFFICERS[one], "handler", OFFICERS[other]]), Err(Excluded::Officers));
        }
    }
}
