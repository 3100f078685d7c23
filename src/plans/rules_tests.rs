//! The rules by hand, and over random orders of acts.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

const OWNER: Who = Who { official: 1, post: 10, supervision: false };
const SUPERIOR: Who = Who { official: 2, post: 20, supervision: false };
const STRANGER: Who = Who { official: 3, post: 30, supervision: false };
const CHECKER: Who = Who { official: 4, post: 20, supervision: true };
/// The owner, who holds the superior's post as well.
const OWNER_ABOVE: Who = Who { official: 1, post: 20, supervision: false };
const EVERYBODY: [Who; 5] = [OWNER, SUPERIOR, STRANGER, CHECKER, OWNER_ABOVE];
const TODAY: Date = date(2026, 11, 23);
/// The last day on which November is cancelled.
const CUT_OFF: Date = date(2026, 12, 5);

fn november() -> Month {
    "2026-11".parse().unwrap()
}

fn item(condition: Condition) -> Item {
    Item { owner: 1, superior: Some(20), month: november(), quarter: None, due_on: date(2026, 11, 20), condition }
}

fn accounted(given_by: i64) -> Condition {
    let done_on = date(2026, 11, 20);
    Condition::Accounted { account: 7, done_on, since: date(2026, 11, 21), given_by, proposed: given_by != 1 }
}

#[test]
fn only_the_holder_of_the_post_above_cancels() {
    let item = item(accounted(1));
    assert_eq!(item.cancel(SUPERIOR), Ok(Accepted { account: 7, done_on: date(2026, 11, 20) }));
    assert_eq!(item.cancel(OWNER), Err(CannotJudge::Owner));
    assert_eq!(item.cancel(OWNER_ABOVE), Err(CannotJudge::Owner));
    assert_eq!(item.cancel(STRANGER), Err(CannotJudge::NotSuperior));
    assert_eq!(item.cancel(CHECKER), Err(CannotJudge::Supervision));
}

#[test]
fn whoever_gave_the_account_does_not_accept_it() {
    assert_eq!(item(accounted(2)).cancel(SUPERIOR), Err(CannotJudge::GaveAccount));
    // The owner's own account takes the place of one that a closing made, and of no other.
    assert_eq!(item(accounted(2)).account(OWNER, TODAY, TODAY), Ok(()));
    assert_eq!(item(accounted(1)).account(OWNER, TODAY, TODAY), Err(CannotAccount::Waiting));
}

#[test]
fn an_account_is_of_a_day_between_the_month_of_proposing_and_today() {
    let open = item(Condition::Open);
    assert_eq!(open.account(OWNER, TODAY, TODAY), Ok(()));
    assert_eq!(open.account(OWNER, date(2026, 11, 24), TODAY), Err(CannotAccount::Future));
    assert_eq!(open.account(OWNER, date(2026, 10, 1), TODAY), Ok(()));
    assert_eq!(open.account(OWNER, date(2026, 9, 30), TODAY), Err(CannotAccount::TooEarly));
    assert_eq!(open.account(SUPERIOR, TODAY, TODAY), Err(CannotAccount::NotOwner));
}

#[test]
fn nothing_is_relieved_after_the_cut_off_nor_deferred_into_the_past() {
    let open = item(Condition::Open);
    let late = date(2026, 12, 4);
    assert_eq!(open.relieve(SUPERIOR, Some(late), CUT_OFF, late), Ok(()));
    assert_eq!(open.relieve(SUPERIOR, Some(date(2026, 12, 3)), CUT_OFF, late), Err(CannotJudge::Passed));
    assert_eq!(open.relieve(SUPERIOR, None, CUT_OFF, CUT_OFF), Ok(()));
    assert_eq!(open.relieve(SUPERIOR, None, CUT_OFF, date(2026, 12, 6)), Err(CannotJudge::CutOff(CUT_OFF)));
}

#[test]
fn after_freezing_only_the_superior_adds_and_it_is_an_addition() {
    let due = date(2026, 11, 30);
    let enter = |who, frozen| propose(who, 1, Some(20), november(), due, frozen, TODAY);
    assert_eq!(enter(OWNER, false), Ok(Entrance::Draft));
    assert_eq!(enter(SUPERIOR, false), Ok(Entrance::Draft));
    assert_eq!(enter(OWNER, true), Err(CannotPropose::Frozen));
    assert_eq!(enter(OWNER_ABOVE, true), Err(CannotPropose::Frozen));
    assert_eq!(enter(SUPERIOR, true), Ok(Entrance::Added));
    assert_eq!(enter(STRANGER, false), Err(CannotPropose::Stranger));
    assert_eq!(propose(OWNER, 1, None, november(), due, false, TODAY), Err(CannotPropose::NoSuperior));
}

#[test]
fn an_item_is_due_in_the_month_of_its_plan_and_that_month_is_not_over() {
    let on = |due, today| propose(OWNER, 1, Some(20), november(), due, false, today);
    assert_eq!(on(date(2026, 11, 1), TODAY), Ok(Entrance::Draft));
    assert_eq!(on(date(2026, 10, 31), TODAY), Err(CannotPropose::DueElsewhere));
    assert_eq!(on(date(2026, 12, 1), TODAY), Err(CannotPropose::DueElsewhere));
    assert_eq!(on(date(2026, 11, 30), date(2026, 11, 30)), Ok(Entrance::Draft));
    assert_eq!(on(date(2026, 11, 30), date(2026, 12, 1)), Err(CannotPropose::Past));
}

#[test]
fn a_quarters_draft_is_moved_within_its_quarter() {
    let quarter = Some("2026-Q4".parse().unwrap());
    let draft = Item { quarter, ..item(Condition::Draft) };
    assert_eq!(draft.revise(OWNER, date(2026, 10, 1)), Ok(()));
    assert_eq!(draft.revise(OWNER, date(2026, 12, 31)), Ok(()));
    assert_eq!(draft.revise(OWNER, date(2027, 1, 1)), Err(CannotPropose::DueElsewhere));
    assert_eq!(item(Condition::Draft).revise(OWNER, date(2026, 12, 1)), Err(CannotPropose::DueElsewhere));
}

#[test]
fn deferral_goes_to_a_later_month() {
    let open = item(Condition::Open);
    assert_eq!(open.relieve(SUPERIOR, Some(date(2026, 12, 1)), CUT_OFF, TODAY), Ok(()));
    assert_eq!(open.relieve(SUPERIOR, Some(date(2026, 11, 30)), CUT_OFF, TODAY), Err(CannotJudge::SameMonth));
    assert_eq!(open.relieve(SUPERIOR, None, CUT_OFF, TODAY), Ok(()));
    assert_eq!(open.relieve(OWNER, None, CUT_OFF, TODAY), Err(CannotJudge::Owner));
}

#[test]
fn on_the_due_date_is_on_time_and_the_day_after_is_late() {
    assert_eq!(days_late(date(2026, 11, 20), date(2026, 11, 20)), 0);
    assert_eq!(days_late(date(2026, 11, 21), date(2026, 11, 20)), 1);
}

#[test]
fn numbers_name_year_month_and_four_places() {
    assert_eq!(number(november(), 418), "攸预〔2026〕11-0418号");
    assert_eq!(number("2026-02".parse().unwrap(), 12_345), "攸预〔2026〕02-12345号");
}

/// An act as somebody tries it.
#[derive(Clone, Copy, Debug)]
enum Act {
    Revise { weight: i64, due: i8 },
    SendBack,
    Freeze,
    Account { done: i8 },
    ClosingAccounts,
    Cancel,
    Reverse,
    Relieve { to: Option<i8> },
}

/// What is on record of one item, as the tables keep it.
#[derive(Clone, Debug, Default)]
struct Records {
    number: Option<u32>,
    weight: i64,
    due: i8,
    proposal_returned: bool,
    accounts: Vec<(i64, Date, i64, bool, bool)>, // id, done, by, proposed, returned
    cancellations: Vec<(i64, i64, Date, i64, bool)>, // id, account, day, by, reversed
    #[expect(clippy::option_option, reason = "no relief; withdrawn; deferred to a day")]
    relief: Option<Option<Date>>,
    next: i64,
}

impl Records {
    fn item(&self) -> Item {
        let facts = Facts {
            frozen: self.number.is_some(),
            regrouped: None,
            sent_back: self.proposal_returned.then(|| ("改".to_owned(), TODAY)),
            account: self.accounts.last().map(|(id, done, by, proposed, _)| (*id, *done, TODAY, *by, *proposed)),
            returned: self.accounts.last().filter(|last| last.4).map(|_| ("退".to_owned(), TODAY)),
            cancellation: self.cancellations.last().map(|(id, account, day, ..)| (*id, *account, *day, *day)),
            reversal: self.cancellations.last().filter(|last| last.4).map(|_| ("误".to_owned(), TODAY)),
            relief: self.relief.map(|to| (to, "因".to_owned())),
        };
        let due_on = date(2026, 11, self.due);
        Item { owner: 1, superior: Some(20), month: november(), quarter: None, due_on, condition: Condition::of(facts) }
    }

    /// Carries an act out where the rules allow it, and says whether they did.
    fn try_act(&mut self, who: Who, act: Act, today: Date) -> bool {
        let item = self.item();
        self.next += 1;
        match act {
            Act::Revise { weight, due } => {
                if item.revise(who, date(2026, 11, due)).is_err() {
                    return false;
                }
                (self.weight, self.due, self.proposal_returned) = (weight, due, false);
            }
            Act::SendBack => match item.send_back(who) {
                Ok(Back::Proposal) => self.proposal_returned = true,
                Ok(Back::Account(id)) => {
                    let last = self.accounts.last_mut().unwrap();
                    assert_eq!(last.0, id);
                    last.4 = true;
                }
                Err(_) => return false,
            },
            Act::Freeze => {
                if !item.freezes(who) {
                    return false;
                }
                self.number = Some(418);
            }
            Act::Account { done } => {
                let done = date(2026, 11, done);
                if item.account(who, done, today).is_err() {
                    return false;
                }
                self.accounts.push((self.next, done, who.official, false, false));
            }
            Act::ClosingAccounts => {
                if !item.condition.in_hand() {
                    return false;
                }
                self.accounts.push((self.next, today, who.official, true, false));
            }
            Act::Cancel => {
                let Ok(accepted) = item.cancel(who) else { return false };
                self.cancellations.push((self.next, accepted.account, today, who.official, false));
            }
            Act::Reverse => {
                let Ok(id) = item.reverse(who) else { return false };
                let last = self.cancellations.last_mut().unwrap();
                assert_eq!(last.0, id);
                last.4 = true;
            }
            Act::Relieve { to } => {
                let to = to.map(|day| date(2026, 12, day));
                if item.relieve(who, to, CUT_OFF, TODAY).is_err() {
                    return false;
                }
                self.relief = Some(to);
            }
        }
        true
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (1_i64..=100, 1_i8..=30).prop_map(|(weight, due)| Act::Revise { weight, due }),
        Just(Act::SendBack),
        Just(Act::Freeze),
        (1_i8..=30).prop_map(|done| Act::Account { done }),
        Just(Act::ClosingAccounts),
        Just(Act::Cancel),
        Just(Act::Cancel),
        Just(Act::Reverse),
        prop_oneof![9 => Just(None), 1 => (1_i8..=31).prop_map(Some)].prop_map(|to| Act::Relieve { to }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_order_of_acts_breaks_a_promise(
        acts in prop::collection::vec((0_usize..8, any_act()), 1..40),
    ) {
        let mut records = Records { weight: 1, due: 20, ..Records::default() };
        for (step, (who, act)) in (0_i32..).zip(acts) {
            // Owner and superior act more often than the rest, so that items get far.
            let who = EVERYBODY.get(who).copied().unwrap_or(if who == 5 { OWNER } else { SUPERIOR });
            let before = records.clone();
            let done = records.try_act(who, act, date(2026, 11, 1) + step.days());
            // The number stays, and nothing of a frozen item changes unseen.
            prop_assert!(before.number.is_none() || records.number == before.number);
            if before.number.is_some() {
                prop_assert_eq!((records.weight, records.due), (before.weight, before.due));
            }
            // Nobody but the superior judges; the doer and the checker never do.
            let judging = matches!(act, Act::Freeze | Act::SendBack | Act::Cancel | Act::Reverse | Act::Relieve { .. });
            prop_assert!(!done || !judging || who == SUPERIOR);
            // At most one cancellation lives, each accepts an account that somebody else gave and that was not returned.
            prop_assert!(records.cancellations.iter().filter(|(.., reversed)| !reversed).count() <= 1);
            for (_, account, _, by, _) in &records.cancellations {
                let given = records.accounts.iter().find(|(id, ..)| id == account).unwrap();
                prop_assert!(*by != OWNER.official && given.2 != *by && !given.4);
            }
            // An account is accepted once.
            let mut accepted: Vec<i64> = records.cancellations.iter().map(|(_, account, ..)| *account).collect();
            accepted.dedup();
            prop_assert_eq!(accepted.len(), records.cancellations.len());
            // Cancellations are kept, the first day among them.
            prop_assert!(records.cancellations.len() >= before.cancellations.len());
            prop_assert_eq!(records.cancellations.first().map(|c| c.2),
                before.cancellations.first().or(records.cancellations.first()).map(|c| c.2));
            // What was relieved stays so.
            prop_assert!(before.relief.is_none() || !done);
        }
    }
}
