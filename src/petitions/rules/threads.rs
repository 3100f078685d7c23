//! Which petitions may be one matter (同一事项), and what one is within its thread. Everything here proposes; a person
//! links.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

/// How much of two texts is the same, per mille, where both happened in one village: a third. Two people who tell of
/// the same cracked wall share a third of their word pairs; two road lamps of one village share fewer.
pub const SAME_VILLAGE: u32 = 330;

/// The same across a township, where places tell nothing: half.
pub const SAME_TOWNSHIP: u32 = 500;

/// Years back in which a similar text is looked for; a shared person is looked for without end.
pub const YEARS: i8 = 2;

/// So many people make a petition a joint one (联名、集体), as petition offices count.
pub const JOINT: i64 = 5;

/// Pairs of neighbouring characters of a text, which serve Chinese as words do others; marks and blanks separate.
pub fn pairs(text: &str) -> BTreeSet<[char; 2]> {
    let mut pairs = BTreeSet::new();
    let mut before = None;
    for c in text.chars() {
        let c = c.is_alphanumeric().then(|| c.to_lowercase().next().unwrap_or(c));
        if let (Some(before), Some(c)) = (before, c) {
            pairs.insert([before, c]);
        }
        before = c;
    }
    pairs
}

/// The same as words of an index, without repetition.
pub fn pair_words(text: &str) -> Vec<String> {
    pairs(text).into_iter().map(String::from_iter).collect()
}

/// Shared pairs of all pairs of two texts (Jaccard), per mille, rounded down. Texts of fewer than eight pairs say too
/// little: zero.
pub fn likeness(a: &BTreeSet<[char; 2]>, b: &BTreeSet<[char; 2]>) -> u32 {
    const LEAST: usize = 8;
    if a.len() < LEAST || b.len() < LEAST {
        return 0;
    }
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    u32::try_from(shared * 1_000 / all).unwrap_or(0)
}

/// What two petitions have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Common {
    /// A phone.
    pub phone: bool,
    /// An identity number.
    pub identity: bool,
    /// A name, and the township.
    pub name: bool,
    /// The village.
    pub village: bool,
    /// The township.
    pub township: bool,
    /// How much of their texts, per mille.
    pub likeness: u32,
    /// No more than two years lie between them.
    pub recent: bool,
}

impl Common {
    /// Why they may be one matter, as the page says it; nothing: they are not proposed.
    pub fn reasons(self) -> Vec<String> {
        let mut reasons = Vec::new();
        for (holds, reason) in [
            (self.phone, "同一电话"),
            (self.identity, "同一身份证号"),
            (self.name && self.township && !self.phone && !self.identity, "同名、同乡镇"),
        ] {
            if holds {
                reasons.push(reason.to_owned());
            }
        }
        let enough = if self.village { SAME_VILLAGE } else { SAME_TOWNSHIP };
        if self.recent && (self.village || self.township) && self.likeness >= enough {
            let place = if self.village { "同村" } else { "同乡镇" };
            reasons.push(format!("{place}，内容有 {}% 相同", self.likeness / 10));
        }
        reasons
    }

    /// The likeliest first: persons before texts.
    pub fn weight(self) -> u32 {
        let person = u32::from(self.phone || self.identity) * 2_000 + u32::from(self.name) * 1_000;
        person + self.likeness
    }
}

/// Whether two days lie close enough for texts to be compared.
pub fn recent(a: Date, b: Date) -> bool {
    let (earlier, later) = (a.min(b), a.max(b));
    earlier.saturating_add(i64::from(YEARS).years()) >= later
}

/// What a petition is within its thread. It is derived at each look: who was first may turn out later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// 初次: nothing of the thread came before it.
    First,
    /// 重复: one of its persons stands behind an earlier one.
    Repeat,
    /// The same matter by other people, or through another door.
    Again,
}

impl Place {
    /// The place of a petition, given whether anything came before it, and whether one of its persons did.
    pub fn of(any_before: bool, person_before: bool) -> Self {
        match (any_before, person_before) {
            (false, _) => Self::First,
            (true, true) => Self::Repeat,
            (true, false) => Self::Again,
        }
    }

    /// As the page says it, with 联名 where many stand behind it.
    pub fn label(self, people: i64) -> String {
        let place = match self {
            Self::First => "初次",
            Self::Repeat => "重复",
            Self::Again => "另有人反映",
        };
        if people >= JOINT { format!("{place}·联名") } else { place.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn texts_are_alike_by_their_pairs_of_characters() {
        let of = |a: &str, b: &str| likeness(&pairs(a), &pairs(b));
        let wall = "住房墙体因附近采矿开裂，要求鉴定并补偿。";
        assert_eq!(of(wall, wall), 1_000);
        let other = "我家住房墙体开裂，是附近采矿放炮造成的，要求鉴定、补偿";
        assert!((330..500).contains(&of(wall, other)), "{}", of(wall, other));
        assert!(of(wall, "村口路灯不亮三个月，请尽快派人来修理") < 100);
        assert_eq!(of("路灯不亮", "路灯不亮"), 0, "too short to tell");
        assert_eq!(pairs("A b，ＣＤ").len(), 1, "marks and blanks separate");
    }

    #[test]
    fn a_third_is_enough_in_a_village_and_half_in_a_township_and_neither_after_two_years() {
        let common =
            |village, likeness, recent| Common { village, township: true, likeness, recent, ..Common::default() };
        assert_eq!(common(true, 330, true).reasons(), ["同村，内容有 33% 相同"]);
        assert!(common(true, 329, true).reasons().is_empty());
        assert_eq!(common(false, 500, true).reasons(), ["同乡镇，内容有 50% 相同"]);
        assert!(common(false, 499, true).reasons().is_empty());
        assert!(common(true, 1_000, false).reasons().is_empty());
        assert!(recent(date(2024, 11, 2), date(2026, 11, 2)));
        assert!(!recent(date(2026, 11, 2), date(2024, 11, 1)));
    }

    #[test]
    fn a_person_is_reason_enough_and_said_once() {
        let common = Common { phone: true, name: true, township: true, ..Common::default() };
        assert_eq!(common.reasons(), ["同一电话"]);
        let named = Common { name: true, township: true, ..Common::default() };
        assert_eq!(named.reasons(), ["同名、同乡镇"]);
        assert!(Common { name: true, ..Common::default() }.reasons().is_empty(), "a name alone is no person");
        assert!(
            common.weight() > named.weight() && named.weight() > Common { likeness: 999, ..Common::default() }.weight()
        );
    }

    #[test]
    fn who_came_first_is_first_and_a_person_who_comes_again_repeats() {
        assert_eq!(Place::of(false, false).label(1), "初次");
        assert_eq!(Place::of(true, true).label(4), "重复");
        assert_eq!(Place::of(true, false).label(5), "另有人反映·联名");
    }
}
