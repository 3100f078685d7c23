//! Whether proposals may be merged or split before they are frozen. Pure: values in, values out.
//!
//! Nothing is lost by either: what was merged or split stays as it was proposed and points to what stands in its place.

use std::collections::BTreeMap;

use super::rules::{Condition, Item, Who};

/// Parts into which one proposal is split at most.
pub const MOST_PARTS: usize = 4;

/// A proposal as these rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Proposal<'a> {
    /// Its id.
    pub id: i64,
    /// Its plan.
    pub plan: i64,
    /// As the other rules see it.
    pub item: &'a Item,
    /// It is about a petition, or its progress is counted in visits.
    pub bound: bool,
}

/// Why proposals cannot be merged or split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRegroup {
    /// Only the superior arranges.
    #[error("合并、拆分由责任人的上级办")]
    NotSuperior,
    /// A number is never taken back.
    #[error("已经定稿编号，不能再合并或者拆分")]
    Frozen,
    /// It stands for nothing any more.
    #[error("这一项已经合并或者拆分")]
    Regrouped,
    /// Nothing to merge.
    #[error("请选择要并进来的预安项")]
    Alone,
    /// An item is not merged into itself.
    #[error("不能并到自己")]
    Itself,
    /// Another unit or month.
    #[error("只能合并同一单位同一个月的预安项")]
    Elsewhere,
    /// What is counted elsewhere would be counted for nobody.
    #[error("信访件、走访户的预安项随案件和走访计数，不能并到别的项，也不能拆分")]
    Bound,
    /// Too few parts, or too many.
    #[error("请拆成 2 到 {MOST_PARTS} 项")]
    Parts,
}

/// Whether `who` arranges this proposal, which is neither frozen nor merged or split.
fn arranges(who: Who, proposal: &Proposal<'_>) -> Result<(), CannotRegroup> {
    match proposal.item.condition {
        _ if !proposal.item.is_judged_by(who) => Err(CannotRegroup::NotSuperior),
        Condition::Draft | Condition::SentBack { .. } => Ok(()),
        Condition::Regrouped { .. } => Err(CannotRegroup::Regrouped),
        _ => Err(CannotRegroup::Frozen),
    }
}

/// Whether `who` may let one proposal stand for others.
pub fn merge(who: Who, standing: &Proposal<'_>, others: &[Proposal<'_>]) -> Result<(), CannotRegroup> {
    arranges(who, standing)?;
    if others.is_empty() {
        return Err(CannotRegroup::Alone);
    }
    for other in others {
        arranges(who, other)?;
        match () {
            () if other.id == standing.id => return Err(CannotRegroup::Itself),
            () if other.plan != standing.plan => return Err(CannotRegroup::Elsewhere),
            () if other.bound => return Err(CannotRegroup::Bound),
            () => {}
        }
    }
    Ok(())
}

/// Whether `who` may put so many items in the place of a proposal.
pub fn split(who: Who, whole: &Proposal<'_>, parts: usize) -> Result<(), CannotRegroup> {
    arranges(who, whole)?;
    match () {
        () if whole.bound => Err(CannotRegroup::Bound),
        () if !(2..=MOST_PARTS).contains(&parts) => Err(CannotRegroup::Parts),
        () => Ok(()),
    }
}

/// What stands for a proposal after every merge: what it was merged into, and what that was merged into in turn.
pub fn stands(into: &BTreeMap<i64, i64>, proposal: i64) -> i64 {
    let mut at = proposal;
    // Every merge leads to a proposal that was none before it; a count bounds what no merge can bring about.
    for _ in 0..=into.len() {
        match into.get(&at) {
            Some(next) => at = *next,
            None => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const SUPERIOR: Who = Who { official: 2, post: 20, supervision: false };
    const OWNER: Who = Who { official: 1, post: 10, supervision: false };

    fn item(condition: Condition) -> Item {
        let month = "2026-12".parse().unwrap();
        Item { owner: 1, superior: Some(20), month, quarter: None, due_on: date(2026, 12, 20), condition }
    }

    #[test]
    fn the_superior_merges_drafts_of_one_plan_and_nobody_else_does() {
        let (draft, frozen) = (item(Condition::Draft), item(Condition::Open));
        let gone = item(Condition::Regrouped { into: Some(9), on: date(2026, 11, 20) });
        let proposal = |id, item| Proposal { id, plan: 5, item, bound: false };
        let standing = proposal(1, &draft);
        assert_eq!(merge(SUPERIOR, &standing, &[proposal(2, &draft)]), Ok(()));
        assert_eq!(merge(OWNER, &standing, &[proposal(2, &draft)]), Err(CannotRegroup::NotSuperior));
        assert_eq!(merge(SUPERIOR, &standing, &[]), Err(CannotRegroup::Alone));
        assert_eq!(merge(SUPERIOR, &standing, &[standing]), Err(CannotRegroup::Itself));
        assert_eq!(merge(SUPERIOR, &standing, &[proposal(2, &frozen)]), Err(CannotRegroup::Frozen));
        assert_eq!(merge(SUPERIOR, &standing, &[proposal(2, &gone)]), Err(CannotRegroup::Regrouped));
        let elsewhere = Proposal { plan: 6, ..proposal(2, &draft) };
        assert_eq!(merge(SUPERIOR, &standing, &[elsewhere]), Err(CannotRegroup::Elsewhere));
        let bound = Proposal { bound: true, ..proposal(2, &draft) };
        assert_eq!(merge(SUPERIOR, &standing, &[bound]), Err(CannotRegroup::Bound));
        assert_eq!(merge(SUPERIOR, &bound, &[standing]), Ok(()), "what is bound may stand for others");
    }

    #[test]
    fn a_split_has_two_to_four_parts() {
        let draft = item(Condition::Draft);
        let whole = Proposal { id: 1, plan: 5, item: &draft, bound: false };
        assert_eq!(split(SUPERIOR, &whole, 1), Err(CannotRegroup::Parts));
        assert_eq!(split(SUPERIOR, &whole, 2), Ok(()));
        assert_eq!(split(SUPERIOR, &whole, 5), Err(CannotRegroup::Parts));
        assert_eq!(split(SUPERIOR, &Proposal { bound: true, ..whole }, 2), Err(CannotRegroup::Bound));
        assert_eq!(split(OWNER, &whole, 2), Err(CannotRegroup::NotSuperior));
    }

    #[test]
    fn what_was_merged_twice_leads_to_what_stands() {
        let into = BTreeMap::from([(1, 2), (2, 3)]);
        assert_eq!((stands(&into, 1), stands(&into, 2), stands(&into, 3)), (3, 3, 3));
        assert!([1, 2].contains(&stands(&BTreeMap::from([(1, 2), (2, 1)]), 1)), "it ends");
    }
}
