//! Random orders of every act on the plans of one month, by an owner, another owner, their superior, the leader above and
//! supervision. Nothing here decides: each act asks the rules and keeps what the tables would.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::Month;
use proptest::prelude::*;

use super::regrouping::{self, Proposal};
use super::rules::{Back, Condition, Entrance, Facts, Item, Who, propose};
use super::stages;
use super::tree::{self, Fate, Node};

const CHECKER: Who = Who { official: 9, post: 20, supervision: true };
/// Two officials, their superior, the leader above, and supervision acting in the superior's place.
const PEOPLE: [Who; 5] = [
    Who { official: 1, post: 11, supervision: false },
    Who { official: 2, post: 12, supervision: false },
    Who { official: 3, post: 20, supervision: false },
    Who { official: 4, post: 30, supervision: false },
    CHECKER,
];
/// Whose posts stand below which.
const SUPERIORS: [Option<i64>; 4] = [Some(20), Some(20), Some(30), None];
const CUT_OFF: Date = date(2026, 12, 5);
const SUBMIT_BY: Date = date(2026, 11, 5);

fn november() -> Month {
    "2026-11".parse().unwrap()
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Propose { owner: usize, weight: i64, due: i8 },
    Revise { item: usize, weight: i64, serves: Option<usize> },
    SendBack { item: usize },
    Merge { item: usize, other: usize },
    Split { item: usize, parts: usize },
    Freeze,
    Account { item: usize },
    ClosingAccounts { item: usize },
    Cancel { item: usize },
    Reverse { item: usize },
    Relieve { item: usize, deferred: bool },
}

/// One item as the tables keep it.
#[derive(Clone, Debug, PartialEq)]
struct Record {
    owner: usize,
    weight: i64,
    due: i8,
    /// What was first proposed.
    first: (i64, i8),
    number: Option<usize>,
    added: bool,
    sent_back: bool,
    merged: Option<usize>,
    split: bool,
    serves: Option<usize>,
    /// By whom, returned, made by a closing.
    accounts: Vec<(i64, bool, bool)>,
    /// Of which account, by whom, reversed.
    cancellations: Vec<(usize, i64, bool)>,
    #[expect(clippy::option_option, reason = "no relief; withdrawn; deferred to a day")]
    relief: Option<Option<Date>>,
}

#[derive(Clone, Debug, Default)]
struct County {
    items: Vec<Record>,
    numbers: usize,
}

impl County {
    fn item(&self, at: usize) -> Item {
        let record = &self.items[at];
        let today = date(2026, 11, 1);
        let id = |at: usize| i64::try_from(at).unwrap();
        let facts = Facts {
            frozen: record.number.is_some(),
            sent_back: record.sent_back.then(|| ("改".to_owned(), today)),
            regrouped: match (record.merged, record.split) {
                (Some(into), _) => Some((Some(id(into)), today)),
                (None, true) => Some((None, today)),
                (None, false) => None,
            },
            account: record
                .accounts
                .iter()
                .enumerate()
                .next_back()
                .map(|(at, (by, _, proposed))| (id(at), date(2026, 11, 2), today, *by, *proposed)),
            returned: record.accounts.last().filter(|last| last.1).map(|_| ("退".to_owned(), today)),
            cancellation: record
                .cancellations
                .iter()
                .enumerate()
                .next_back()
                .map(|(at, (account, ..))| (id(at), id(*account), today, today)),
            reversal: record.cancellations.last().filter(|last| last.2).map(|_| ("误".to_owned(), today)),
            relief: record.relief.map(|to| (to, "因".to_owned())),
        };
        let owner = PEOPLE[record.owner].official;
        let due_on = date(2026, 11, record.due);
        let superior = SUPERIORS[record.owner];
        Item { owner, superior, month: november(), quarter: None, due_on, condition: Condition::of(facts) }
    }

    /// Whether posts of a superior have a frozen plan. Additions alone freeze nothing.
    fn is_frozen(&self, superior: i64) -> bool {
        self.items.iter().any(|one| one.number.is_some() && !one.added && SUPERIORS[one.owner] == Some(superior))
    }

    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    fn enter(&mut self, owner: usize, weight: i64, due: i8, serves: Option<usize>) -> usize {
        self.items.push(Record {
            owner,
            weight,
            due,
            first: (weight, due),
            number: None,
            added: false,
            sent_back: false,
            merged: None,
            split: false,
            serves,
            accounts: Vec::new(),
            cancellations: Vec::new(),
            relief: None,
        });
        self.items.len() - 1
    }

    fn plan_of(&self, at: usize) -> i64 {
        // The leader's and superior's items stand in other units' plans than those of the two officials.
        [1, 1, 2, 3][self.items[at].owner]
    }

    /// Carries an act out where the rules allow it, and says whether they did.
    fn try_act(&mut self, who: Who, act: Act, today: Date) -> bool {
        let count = self.items.len();
        let there = |at: usize| at < count;
        match act {
            Act::Propose { owner, weight, due } => {
                let frozen = SUPERIORS[owner].is_some_and(|superior| self.is_frozen(superior));
                let due_on = date(2026, 11, due);
                let entrance =
                    propose(who, PEOPLE[owner].official, SUPERIORS[owner], november(), due_on, frozen, today);
                let Ok(entrance) = entrance else { return false };
                let at = self.enter(owner, weight, due, None);
                if entrance == Entrance::Added {
                    self.items[at].number = Some(self.number());
                    self.items[at].added = true;
                }
            }
            Act::Revise { item, weight, serves } if there(item) => {
                let due_on = date(2026, 11, self.items[item].due);
                if self.item(item).revise(who, due_on).is_err() {
                    return false;
                }
                // The form offers the frozen items of the superior of the owner, and no others.
                let serves = serves.filter(|above| {
                    there(*above)
                        && self.items[*above].number.is_some()
                        && SUPERIORS[self.items[item].owner] == Some(PEOPLE[self.items[*above].owner].post)
                });
                let record = &mut self.items[item];
                (record.weight, record.serves, record.sent_back) = (weight, serves, false);
            }
            Act::SendBack { item } if there(item) => match self.item(item).send_back(who) {
                Ok(Back::Proposal) => self.items[item].sent_back = true,
                Ok(Back::Account(_)) => self.items[item].accounts.last_mut().unwrap().1 = true,
                Err(_) => return false,
            },
            Act::Merge { item, other } if there(item) && there(other) => {
                let (one, two) = (self.item(item), self.item(other));
                let proposal = |at: usize, item| Proposal {
                    id: i64::try_from(at).unwrap(),
                    plan: self.plan_of(at),
                    item,
                    bound: false,
                };
                if regrouping::merge(who, &proposal(item, &one), &[proposal(other, &two)]).is_err() {
                    return false;
                }
                self.items[other].merged = Some(item);
                self.items[item].weight = (self.items[item].weight + self.items[other].weight).min(100);
            }
            Act::Split { item, parts } if there(item) => {
                let whole = self.item(item);
                let proposal = Proposal { id: 0, plan: self.plan_of(item), item: &whole, bound: false };
                if regrouping::split(who, &proposal, parts).is_err() {
                    return false;
                }
                let Record { owner, due, serves, .. } = self.items[item];
                self.items[item].split = true;
                for _ in 0..parts {
                    self.enter(owner, 1, due, serves);
                }
            }
            Act::Freeze => {
                let Ok(added) =
                    stages::freeze(policy::Period::Month(november()), SUBMIT_BY, self.is_frozen(who.post), today)
                else {
                    return false;
                };
                let taken: Vec<usize> = (0..count).filter(|at| self.item(*at).freezes(who)).collect();
                for at in &taken {
                    self.items[*at].number = Some(self.number());
                    self.items[*at].added = added;
                }
                return !taken.is_empty();
            }
            Act::Account { item } if there(item) => {
                if self.item(item).account(who, today, today).is_err() {
                    return false;
                }
                self.items[item].accounts.push((who.official, false, false));
            }
            Act::ClosingAccounts { item } if there(item) => {
                if !self.item(item).condition.in_hand() {
                    return false;
                }
                self.items[item].accounts.push((who.official, false, true));
            }
            Act::Cancel { item } if there(item) => {
                let Ok(accepted) = self.item(item).cancel(who) else { return false };
                let account = usize::try_from(accepted.account).unwrap();
                self.items[item].cancellations.push((account, who.official, false));
            }
            Act::Reverse { item } if there(item) => {
                if self.item(item).reverse(who).is_err() {
                    return false;
                }
                self.items[item].cancellations.last_mut().unwrap().2 = true;
            }
            Act::Relieve { item, deferred } if there(item) => {
                let to = deferred.then_some(date(2026, 12, 20));
                if self.item(item).relieve(who, to, CUT_OFF, today).is_err() {
                    return false;
                }
                self.items[item].relief = Some(to);
            }
            _ => return false,
        }
        true
    }

    fn nodes(&self) -> Vec<Node> {
        let id = |at: usize| i64::try_from(at).unwrap();
        let frozen = self.items.iter().enumerate().filter(|(_, one)| one.number.is_some());
        let fate = |one: &Record| match (one.relief, one.cancellations.last()) {
            (Some(_), _) => Fate::Left,
            (None, Some((.., false))) => Fate::Done,
            _ => Fate::Open,
        };
        frozen
            .map(|(at, one)| Node { id: id(at), serves: one.serves.map(id), weight: one.weight, fate: fate(one) })
            .collect()
    }

    /// What the scores are of: frozen at approval, not relieved, with its weight; and what was added, apart.
    fn denominators(&self) -> [BTreeMap<usize, i64>; 2] {
        [false, true].map(|added| {
            let counts =
                |(_, one): &(usize, &Record)| one.number.is_some() && one.added == added && one.relief.is_none();
            self.items.iter().enumerate().filter(counts).map(|(at, one)| (at, one.weight)).collect()
        })
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    let item = || 0_usize..10;
    prop_oneof![
        3 => (0_usize..4, 1_i64..=9, 1_i8..=30).prop_map(|(owner, weight, due)| Act::Propose { owner, weight, due }),
        2 => (item(), 1_i64..=9, prop::option::of(item()))
            .prop_map(|(item, weight, serves)| Act::Revise { item, weight, serves }),
        1 => item().prop_map(|item| Act::SendBack { item }),
        1 => (item(), item()).prop_map(|(item, other)| Act::Merge { item, other }),
        1 => (item(), 1_usize..6).prop_map(|(item, parts)| Act::Split { item, parts }),
        2 => Just(Act::Freeze),
        3 => item().prop_map(|item| Act::Account { item }),
        1 => item().prop_map(|item| Act::ClosingAccounts { item }),
        3 => item().prop_map(|item| Act::Cancel { item }),
        1 => item().prop_map(|item| Act::Reverse { item }),
        1 => (item(), any::<bool>()).prop_map(|(item, deferred)| Act::Relieve { item, deferred }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_order_of_acts_breaks_a_plan(acts in prop::collection::vec((0_usize..7, any_act()), 1..60)) {
        let mut county = County::default();
        for (step, (by, act)) in (0_i32..).zip(acts) {
            // The superior arranges more often than the others, so that plans get far.
            let who = PEOPLE.get(by).copied().unwrap_or(PEOPLE[2]);
            let before = county.clone();
            let done = county.try_act(who, act, date(2026, 11, 1) + (step / 2).days());
            if !done {
                prop_assert_eq!(&before.items, &county.items);
                continue;
            }

            // No item is cancelled by its doer, nor by supervision, nor by whoever gave the account.
            for one in &county.items {
                for (account, by, _) in &one.cancellations {
                    prop_assert!(*by != PEOPLE[one.owner].official && *by != CHECKER.official);
                    prop_assert_ne!(one.accounts[*account].0, *by);
                }
                prop_assert!(one.cancellations.iter().filter(|(.., reversed)| !reversed).count() <= 1);
            }

            // No number is lost, changed or given twice, and there is no gap.
            for (was, is) in before.items.iter().zip(&county.items) {
                prop_assert!(was.number.is_none() || was.number == is.number);
                prop_assert_eq!((was.first, was.owner), (is.first, is.owner), "the first proposal stays");
            }
            let numbers: BTreeSet<usize> = county.items.iter().filter_map(|one| one.number).collect();
            prop_assert_eq!(numbers.len(), county.numbers);
            prop_assert_eq!(numbers.iter().next_back().copied().unwrap_or(0), county.numbers);
            prop_assert_eq!(numbers.len(), county.items.iter().filter(|one| one.number.is_some()).count());

            // A frozen denominator changes by a relief, which is shown, and by nothing else; what comes after the first
            // freezing of a superior's posts is counted apart.
            let [[was, was_added], [is, is_added]] = [before.denominators(), county.denominators()];
            match act {
                Act::Relieve { item, .. } => {
                    let mut expected = [was, was_added];
                    for of in &mut expected {
                        of.remove(&item);
                    }
                    prop_assert_eq!([is, is_added], expected);
                }
                Act::Freeze if !before.is_frozen(who.post) => {
                    prop_assert!(was.iter().all(|(at, weight)| is.get(at) == Some(weight)));
                    for at in is.keys().filter(|at| !was.contains_key(at)) {
                        prop_assert_eq!(SUPERIORS[county.items[*at].owner], Some(who.post));
                    }
                }
                Act::Freeze | Act::Propose { .. } => {
                    prop_assert_eq!(is, was);
                    prop_assert!(was_added.iter().all(|(at, weight)| is_added.get(at) == Some(weight)));
                }
                _ => prop_assert_eq!([is, is_added], [was, was_added]),
            }

            // What was merged or split has no number, stays so, and leads to what stands in its place.
            let into: BTreeMap<i64, i64> = county.items.iter().enumerate()
                .filter_map(|(at, one)| Some((i64::try_from(at).unwrap(), i64::try_from(one.merged?).unwrap())))
                .collect();
            for (at, one) in county.items.iter().enumerate() {
                prop_assert!(one.number.is_none() || (one.merged.is_none() && !one.split));
                prop_assert!(one.merged.is_none() || !one.split);
                let stands = regrouping::stands(&into, i64::try_from(at).unwrap());
                prop_assert!(!into.contains_key(&stands));
                prop_assert!(before.items.get(at).is_none_or(|was| was.merged.is_none() || was.merged == one.merged));
            }

            // No links lead in a circle, a frozen item's link stays, and up the tree every item counts once.
            let nodes = county.nodes();
            for (at, one) in county.items.iter().enumerate() {
                let (mut above, mut steps) = (one.serves, 0);
                while let Some(next) = above {
                    prop_assert!(next != at && steps <= county.items.len(), "a circle");
                    (above, steps) = (county.items[next].serves, steps + 1);
                }
                let was = before.items.get(at).filter(|was| was.number.is_some());
                prop_assert!(was.is_none_or(|was| was.serves == one.serves && was.weight == one.weight));
            }
            let roots: Vec<i64> = nodes.iter().map(|node| node.id).collect();
            let whole = tree::below(&roots, &nodes);
            let serving = nodes.iter().filter(|node| node.serves.is_some()).count();
            prop_assert_eq!(whole.items + whole.left, serving);
            // Those of one level have nothing in common: their sums add up to that of all of them.
            let level: Vec<i64> = nodes.iter()
                .filter(|node| county.items[usize::try_from(node.id).unwrap()].owner == 2)
                .map(|node| node.id)
                .collect();
            let each: i64 = level.iter().map(|root| tree::below(&[*root], &nodes).weight).sum();
            prop_assert_eq!(each, tree::below(&level, &nodes).weight);
        }
    }
}
