//! 自下而来: how far what serves an item has come, counted up the tree. Pure: values in, values out.
//!
//! An item may serve one item of the level above, of the same month or of a later one of the same quarter. A link is made
//! from a proposal to an item that is frozen, and nothing of a frozen item changes: no links lead in a circle.

use std::collections::{BTreeMap, BTreeSet};

use policy::Month;

/// A frozen item as the count sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: i64,
    /// The item that it serves.
    pub serves: Option<i64>,
    /// 1 to 100.
    pub weight: i64,
    /// What has become of it.
    pub fate: Fate,
}

/// What has become of an item, as far as the count asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not cancelled.
    Open,
    /// 已销号.
    Done,
    /// 撤销 or 顺延: it leaves the count. What serves it is still counted.
    Left,
}

/// What serves an item, directly and through others: each item once, with its own weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Items that count.
    pub items: usize,
    /// Their weights.
    pub weight: i64,
    /// Those cancelled.
    pub done: usize,
    /// Their weights.
    pub done_weight: i64,
    /// Items that were withdrawn or deferred, and count in neither.
    pub left: usize,
}

impl Sum {
    /// Whole percent of the weight that is done, rounded down.
    pub fn percent(&self) -> i64 {
        if self.weight == 0 { 0 } else { 100 * self.done_weight / self.weight }
    }

    /// Whether nothing serves it.
    pub fn is_empty(&self) -> bool {
        self.items == 0 && self.left == 0
    }
}

/// Whether an item of one month may serve an item of another.
pub fn may_serve(month: Month, above: Month) -> bool {
    above >= month && above.quarter() == month.quarter()
}

/// What serves one or several items. An item that serves two of them through others is counted once; none counts for
/// itself.
pub fn below(roots: &[i64], nodes: &[Node]) -> Sum {
    let mut served_by: BTreeMap<i64, Vec<&Node>> = BTreeMap::new();
    for node in nodes {
        if let Some(above) = node.serves {
            served_by.entry(above).or_default().push(node);
        }
    }
    let mut counted: BTreeMap<i64, &Node> = BTreeMap::new();
    for root in roots {
        let (mut open, mut seen) = (vec![*root], BTreeSet::from([*root]));
        while let Some(at) = open.pop() {
            for node in served_by.get(&at).into_iter().flatten() {
                if seen.insert(node.id) {
                    counted.insert(node.id, node);
                    open.push(node.id);
                }
            }
        }
    }
    let mut sum = Sum::default();
    for node in counted.values() {
        match node.fate {
            Fate::Left => sum.left += 1,
            fate => {
                sum.items += 1;
                sum.weight += node.weight;
                if fate == Fate::Done {
                    sum.done += 1;
                    sum.done_weight += node.weight;
                }
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn node(id: i64, serves: i64, weight: i64, fate: Fate) -> Node {
        Node { id, serves: Some(serves), weight, fate }
    }

    #[test]
    fn what_serves_through_others_counts_once_and_what_left_does_not() {
        let nodes = [
            node(2, 1, 3, Fate::Done),
            node(3, 1, 2, Fate::Left),
            node(4, 3, 5, Fate::Open),
            node(5, 2, 1, Fate::Done),
            node(6, 9, 100, Fate::Done),
        ];
        let sum = below(&[1], &nodes);
        assert_eq!(sum, Sum { items: 3, weight: 9, done: 2, done_weight: 4, left: 1 });
        assert_eq!(sum.percent(), 44);
        // 2 is below 1: asked for together they count what is below each once, and 2 itself as serving 1.
        assert_eq!(below(&[1, 2], &nodes), sum);
        assert_eq!(below(&[2], &nodes).items, 1);
        assert!(below(&[4], &nodes).is_empty());
    }

    #[test]
    fn an_item_serves_one_of_its_month_or_of_a_later_one_of_its_quarter() {
        let may = |month: &str, above: &str| may_serve(month.parse().unwrap(), above.parse().unwrap());
        assert!(may("2026-11", "2026-11") && may("2026-10", "2026-12"));
        assert!(!may("2026-11", "2026-10") && !may("2026-12", "2027-01") && !may("2026-11", "2027-11"));
    }

    fn any_nodes() -> impl Strategy<Value = Vec<Node>> {
        let fate = prop_oneof![Just(Fate::Open), Just(Fate::Done), Just(Fate::Left)];
        prop::collection::vec((prop::option::of(0_usize..24), 1_i64..=100, fate), 1..24).prop_map(|drawn| {
            let (ids, links): (Vec<usize>, Vec<_>) = drawn.into_iter().enumerate().unzip();
            let id = |at: usize| i64::try_from(at).unwrap();
            // Any link: circles and links to what is not there as well.
            ids.into_iter()
                .zip(links)
                .map(|(at, (serves, weight, fate))| Node { id: id(at), serves: serves.map(id), weight, fate })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn nothing_is_counted_twice_and_the_order_of_links_does_not_matter(
            (nodes, shuffled) in any_nodes().prop_flat_map(|nodes| (Just(nodes.clone()), Just(nodes).prop_shuffle())),
            roots in prop::collection::vec(0_i64..24, 1..5),
        ) {
            let sum = below(&roots, &nodes);
            prop_assert_eq!(sum, below(&roots, &shuffled));
            // Every item with a weight of its own stands in the sum at most once.
            prop_assert!(sum.items + sum.left <= nodes.len());
            prop_assert!(sum.weight <= nodes.iter().map(|node| node.weight).sum::<i64>());
            prop_assert!(sum.done <= sum.items && sum.done_weight <= sum.weight);
            prop_assert!((0..=100).contains(&sum.percent()));
            // Asked twice for the same item it counts no more than once.
            let doubled: Vec<i64> = roots.iter().chain(&roots).copied().collect();
            prop_assert_eq!(sum, below(&doubled, &nodes));
            // One root: what counts is what leads to it, itself left out.
            let leads = |from: &Node, root: i64| {
                let (mut at, mut steps) = (from.serves, 0);
                while let Some(above) = at {
                    if above == root { return true; }
                    steps += 1;
                    if steps > nodes.len() { return false; }
                    at = nodes.iter().find(|node| node.id == above).and_then(|node| node.serves);
                }
                false
            };
            let root = roots[0];
            let expected: Vec<&Node> =
                nodes.iter().filter(|node| node.id != root && leads(node, root)).collect();
            let one = below(&[root], &nodes);
            prop_assert_eq!(one.items + one.left, expected.len());
            let done = expected.iter().filter(|node| node.fate == Fate::Done).map(|node| node.weight).sum::<i64>();
            prop_assert_eq!(one.done_weight, done);
        }

        #[test]
        fn withdrawing_one_takes_out_its_own_weight_and_no_other(nodes in any_nodes(), at in 0_usize..24) {
            let Some(taken) = nodes.get(at).copied() else { return Ok(()) };
            let mut after = nodes.clone();
            after[at].fate = Fate::Left;
            for root in nodes.iter().map(|node| node.id) {
                let (before, after) = (below(&[root], &nodes), below(&[root], &after));
                prop_assert!(before.weight == after.weight || before.weight == after.weight + taken.weight);
                prop_assert_eq!(before.items + before.left, after.items + after.left);
            }
        }
    }
}
