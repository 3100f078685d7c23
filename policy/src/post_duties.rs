//! 六个一 as duties of posts: which of the recurring duties the holder of a post owes, and how often.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::values::{Policy, PolicyError, Value};

/// The key of the values.
const KEY: &str = "duties.posts";

/// The kinds of units that a row may name.
const UNITS: [&str; 4] = ["county", "department", "township", "village"];

/// A recurring duty and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostDuty {
    /// B2, B3 …: plan items name the duty by it.
    pub code: String,
    /// What is owed.
    pub name: String,
    /// The kinds of units whose officials owe it.
    pub units: Vec<String>,
    /// The posts that owe it, as the pay classes list them; empty: everybody in such a unit.
    pub posts: Vec<String>,
    /// How often.
    pub every: Every,
}

/// How often a duty is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Once a month.
    Month,
    /// Once a quarter.
    Quarter,
    /// Once a year.
    Year,
}

impl Every {
    /// As pages name it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Month => "每月",
            Self::Quarter => "每季度",
            Self::Year => "每年",
        }
    }
}

/// Whether a table of duties can hold: every duty has a code and a name of its own and names units of known kinds.
pub(crate) fn stands(duties: &[PostDuty]) -> bool {
    let distinct = |at: usize, duty: &PostDuty| duties[..at].iter().all(|before| before.code != duty.code);
    !duties.is_empty()
        && duties.iter().enumerate().all(|(at, duty)| {
            let named = !duty.code.is_empty() && duty.code.len() <= 8 && !duty.name.is_empty();
            let units = !duty.units.is_empty() && duty.units.iter().all(|unit| UNITS.contains(&unit.as_str()));
            named && units && distinct(at, duty)
        })
}

/// Every duty of the county's table on a day; nothing before it had one.
pub fn duties(policy: &Policy, on: Date) -> Result<&[PostDuty], PolicyError> {
    match policy.row(KEY, on) {
        Ok((_, row)) => match &row.value {
            Value::Duties(duties) => Ok(duties),
            _ => Err(PolicyError::Kind { key: KEY.to_owned(), wanted: "职务职责表" }),
        },
        Err(PolicyError::NotYet { .. }) => Ok(&[]),
        Err(error) => Err(error),
    }
}

/// The duties that the holder of a post owes on a day, by the kind of its unit and by the post as pay lists it.
pub fn duties_of<'p>(
    policy: &'p Policy,
    on: Date,
    unit_kind: &str,
    post: &str,
) -> Result<Vec<&'p PostDuty>, PolicyError> {
    let owes = |duty: &&PostDuty| {
        duty.units.iter().any(|unit| unit == unit_kind)
            && (duty.posts.is_empty() || duty.posts.iter().any(|named| named == post))
    };
    Ok(duties(policy, on)?.iter().filter(owes).collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::values::LocalRow;

    fn codes(unit: &str, post: &str) -> Vec<String> {
        let found = duties_of(Policy::published(), date(2026, 12, 1), unit, post).unwrap();
        found.into_iter().map(|duty| duty.code.clone()).collect()
    }

    #[test]
    fn duties_follow_from_the_kind_of_unit_and_the_post() {
        assert_eq!(codes("village", "科员"), ["B2"]);
        assert_eq!(codes("township", "科员"), ["B2", "B3"]);
        assert_eq!(codes("township", "乡镇长"), ["B2", "B3", "B4", "B5", "B6"]);
        assert_eq!(codes("department", "局长"), ["B5"]);
        assert_eq!(codes("department", "科员"), Vec::<String>::new());
        assert_eq!(codes("county", "副县长"), ["B6"]);
        assert_eq!(codes("county", "县长"), ["B5", "B6"]);
        assert!(duties(Policy::published(), date(2000, 1, 1)).unwrap().is_empty());
    }

    #[test]
    fn a_county_has_its_own_table_and_a_broken_one_is_refused() {
        let taken = |value: &str| {
            let row = LocalRow::read(KEY, date(2026, 12, 1), value, "《县委办公室通知》").unwrap();
            Policy::published().clone().with_local([row])
        };
        let own = "[{ code = 'B2', name = '走访', units = ['village'], posts = [], every = 'year' }]";
        let policy = taken(own).unwrap();
        assert_eq!(duties_of(&policy, date(2026, 12, 1), "township", "科员").unwrap(), Vec::<&PostDuty>::new());
        for broken in [
            "[{ code = 'B2', name = '走访', units = ['乡镇'], posts = [], every = 'year' }]",
            "[{ code = '', name = '走访', units = ['village'], posts = [], every = 'year' }]",
            "[{ code = 'B2', name = '走访', units = ['village'], posts = [], every = 'year' },
              { code = 'B2', name = '再走', units = ['village'], posts = [], every = 'year' }]",
            "25",
        ] {
            assert!(matches!(taken(broken), Err(PolicyError::Kind { .. })), "{broken}");
        }
    }
}
