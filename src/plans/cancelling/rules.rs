//! Which cancellations need a second key, and who turns it. Pure.

use crate::plans::rules::CannotJudge;

/// Why a cancellation needs a second key, in words; nothing where one is enough. `values`: the weight above which it
/// does, and the names of sources, with 、 between.
pub fn second_key(weight: i64, source: &str, (over, sources): (i64, &str)) -> Option<String> {
    if weight > over {
        return Some(format!("分值 {weight}，高于 {over}"));
    }
    let name = match source {
        "own" => "自报",
        "arranged" => "上级安排",
        "petition" => "信访件",
        "duty" => "走访户",
        _ => return None,
    };
    sources.split('、').any(|one| one == name).then(|| format!("来源是{name}"))
}

/// Who is about to turn a second key.
#[derive(Clone, Copy, Debug)]
pub struct Second {
    /// The official.
    pub official: i64,
    /// Acts for the supervision office.
    pub supervision: bool,
    /// Holds the post above the superior's, or is a chief of the county where nothing stands above that.
    pub above: bool,
}

/// Whether the second key is turned: by somebody above the superior who neither owns the item, nor turned the first key,
/// nor gave the account.
pub fn confirm(by: Second, (owner, keyed_by, given_by): (i64, i64, i64)) -> Result<(), CannotJudge> {
    match () {
        () if by.supervision => Err(CannotJudge::Supervision),
        () if by.official == owner => Err(CannotJudge::Owner),
        () if by.official == keyed_by => Err(CannotJudge::SamePerson),
        () if by.official == given_by => Err(CannotJudge::GaveAccount),
        () if !by.above => Err(CannotJudge::NotAbove),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_item_or_a_named_source_needs_two_keys() {
        assert_eq!(second_key(50, "own", (50, "无")), None);
        assert_eq!(second_key(51, "own", (50, "无")).as_deref(), Some("分值 51，高于 50"));
        assert_eq!(second_key(1, "petition", (100, "上级安排、信访件")).as_deref(), Some("来源是信访件"));
        assert_eq!(second_key(1, "duty", (100, "上级安排、信访件")), None);
    }

    #[test]
    fn the_second_key_is_another_persons_above() {
        let by = |official| Second { official, supervision: false, above: true };
        assert_eq!(confirm(by(4), (1, 2, 1)), Ok(()));
        assert_eq!(confirm(by(1), (1, 2, 1)), Err(CannotJudge::Owner));
        assert_eq!(confirm(by(2), (1, 2, 1)), Err(CannotJudge::SamePerson));
        assert_eq!(confirm(by(3), (1, 2, 3)), Err(CannotJudge::GaveAccount));
        assert_eq!(confirm(Second { above: false, ..by(4) }, (1, 2, 1)), Err(CannotJudge::NotAbove));
        assert_eq!(confirm(Second { supervision: true, ..by(4) }, (1, 2, 1)), Err(CannotJudge::Supervision));
    }
}
