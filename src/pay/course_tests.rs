//! The course by hand, and over random orders of acts.

use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn settled() -> Standing {
    Standing {
        today: date(2026, 12, 7),
        settled_on: date(2026, 12, 6),
        cut_off: date(2026, 12, 5),
        open_groups: 0,
        authorised: true,
        unnoticed: false,
        checked: false,
        notice: None,
        objections: Objections::default(),
        submitted: false,
        approvals: 0,
        replaced: false,
    }
}

/// Checked, and its notice over since yesterday.
fn ready() -> Standing {
    Standing { checked: true, notice: Some(Term::Until(date(2026, 12, 6))), ..settled() }
}

#[test]
fn a_run_is_checked_once_by_another_and_only_when_everything_in_it_is_decided() {
    let other = Signatory::default();
    assert_eq!(settled().check(other), Ok(()));
    assert_eq!(settled().check(Signatory { settled: true, ..other }), Err(CannotCheck::SettledIt));
    assert_eq!(settled().check(Signatory { receives: true, ..other }), Err(CannotCheck::ReceivesFromIt));
    let trial = Standing { settled_on: date(2026, 12, 5), ..settled() };
    assert_eq!(trial.check(other), Err(CannotCheck::Trial(date(2026, 12, 5))));
    assert_eq!(Standing { open_groups: 2, ..settled() }.check(other), Err(CannotCheck::Open(2)));
    assert_eq!(Standing { checked: true, ..settled() }.check(other), Err(CannotCheck::Already));
    assert_eq!(Standing { submitted: true, ..settled() }.check(other), Err(CannotCheck::Already));
    assert_eq!(Standing { replaced: true, ..settled() }.check(other), Err(CannotCheck::Replaced));
}

#[test]
fn a_notice_is_put_up_once_after_the_check_and_with_a_document() {
    let checked = Standing { checked: true, ..settled() };
    assert_eq!(checked.put_up(), Ok(()));
    assert_eq!(settled().put_up(), Err(CannotPutUp::NotChecked));
    assert_eq!(Standing { authorised: false, ..checked }.put_up(), Err(CannotPutUp::NoDocument));
    assert_eq!(ready().put_up(), Err(CannotPutUp::Already));
    assert_eq!(Standing { replaced: true, ..checked }.put_up(), Err(CannotPutUp::Replaced));
}

#[test]
fn the_last_day_belongs_to_the_notice_and_the_next_one_does_not() {
    let calendar = Calendar::published();
    // Monday: the day of putting up is not counted, Saturday and Sunday are none.
    let term = Term::of(calendar, date(2026, 12, 7), 5);
    assert_eq!(term, Term::Until(date(2026, 12, 14)));
    assert!(!term.is_over(date(2026, 12, 14)) && term.is_over(date(2026, 12, 15)));
    // Over the national holiday of 2026, whose arrangement makes a Saturday a working day.
    assert_eq!(Term::of(calendar, date(2026, 9, 30), 5), Term::Until(date(2026, 10, 13)));
    let up = Standing { notice: Some(term), today: date(2026, 12, 14), ..ready() };
    assert_eq!(up.submit(), Err(CannotSubmit::NotCleared(NotCleared::StillUp(term))));
    assert!(up.is_up());
    let over = Standing { today: date(2026, 12, 15), ..up };
    assert!(!over.is_up());
    assert_eq!(over.submit(), Ok(()));
}

#[test]
fn a_term_into_a_year_that_is_not_published_is_not_over_before_it_is() {
    let calendar = Calendar::published();
    let term = Term::of(calendar, date(2026, 12, 28), 4);
    assert_eq!(term, Term::Unknown(2027));
    assert!(!term.is_over(date(2027, 3, 1)));
    assert!(term.words().contains("2027 年的放假安排还没有公布"));
    let stuck = Standing { notice: Some(term), today: date(2027, 3, 1), ..ready() };
    assert_eq!(stuck.submit(), Err(CannotSubmit::NotCleared(NotCleared::StillUp(term))));
    let published = Calendar::parse("date,kind,holiday\n2027-01-01,rest,元旦\n").unwrap();
    let calendar = calendar.clone().with(published);
    assert_eq!(Term::of(&calendar, date(2026, 12, 28), 4), Term::Until(date(2027, 1, 4)));
    assert_eq!(term.later(Term::Until(date(2030, 1, 1))), term);
    assert_eq!(Term::Until(date(2026, 1, 1)).later(Term::Until(date(2026, 1, 2))), Term::Until(date(2026, 1, 2)));
}

#[test]
fn a_run_is_submitted_when_all_of_its_course_is_behind_it() {
    assert_eq!(ready().submit(), Ok(()));
    let on_the_day = Standing { settled_on: date(2026, 12, 5), ..ready() };
    assert_eq!(on_the_day.submit(), Err(CannotSubmit::Trial(date(2026, 12, 5))));
    assert_eq!(Standing { open_groups: 1, ..ready() }.submit(), Err(CannotSubmit::Open(1)));
    assert_eq!(Standing { authorised: false, ..ready() }.submit(), Err(CannotSubmit::NoDocument));
    assert_eq!(Standing { submitted: true, ..ready() }.submit(), Err(CannotSubmit::Already));
    assert_eq!(Standing { replaced: true, ..ready() }.submit(), Err(CannotSubmit::Replaced));
    let missing = |standing: Standing| match standing.submit() {
        Err(CannotSubmit::NotCleared(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(Standing { checked: false, ..ready() }), NotCleared::NotChecked);
    assert_eq!(missing(Standing { notice: None, ..ready() }), NotCleared::NoNotice);
    let in_time = Objections { unanswered: 2, in_time: 1, accepted: 0 };
    assert_eq!(missing(Standing { objections: in_time, ..ready() }), NotCleared::Unanswered(1));
    let accepted = Objections { accepted: 1, ..Objections::default() };
    assert_eq!(missing(Standing { objections: accepted, ..ready() }), NotCleared::Accepted(1));
    // What was said too late is answered too, and holds nobody's pay up.
    let late = Objections { unanswered: 1, ..Objections::default() };
    assert_eq!(Standing { objections: late, ..ready() }.submit(), Ok(()));
}

#[test]
fn what_was_handed_over_before_there_were_notices_is_signed_as_it_was() {
    let old = Standing { unnoticed: true, submitted: true, ..settled() };
    assert_eq!(old.approve(Signatory::default()), Ok(()));
    assert_eq!(old.words(), ("会签中 0/2", "on"));
    let accepted = Objections { accepted: 1, ..Objections::default() };
    let against = Standing { objections: accepted, ..old };
    assert_eq!(against.approve(Signatory::default()), Err(CannotApprove::NotCleared(NotCleared::Accepted(1))));
}

#[test]
fn whoever_settled_receives_or_signed_does_not_sign() {
    let submitted = Standing { submitted: true, ..ready() };
    let other = Signatory::default();
    assert_eq!(submitted.approve(other), Ok(()));
    assert_eq!(submitted.approve(Signatory { settled: true, ..other }), Err(CannotApprove::SettledIt));
    assert_eq!(submitted.approve(Signatory { receives: true, ..other }), Err(CannotApprove::ReceivesFromIt));
    assert_eq!(submitted.approve(Signatory { signed: true, ..other }), Err(CannotApprove::SignedBefore));
    assert_eq!(ready().approve(other), Err(CannotApprove::NotSubmitted));
    assert_eq!(Standing { authorised: false, ..submitted }.approve(other), Err(CannotApprove::NoDocument));
    assert_eq!(Standing { approvals: 1, ..submitted }.approve(other), Ok(()));
    assert_eq!(Standing { approvals: 2, ..submitted }.approve(other), Err(CannotApprove::Locked));
}

#[test]
fn an_answer_says_yes_or_no_with_reasons_and_never_by_the_one_who_objects() {
    let good = Answering { answered: false, own: false, verdict: "accepted", reasons: "销号登记漏了一项" };
    assert_eq!(answer(&good), Ok(true));
    assert_eq!(answer(&Answering { verdict: "rejected", ..good }), Ok(false));
    assert_eq!(answer(&Answering { verdict: "", ..good }), Err(CannotAnswer::Verdict));
    assert_eq!(answer(&Answering { reasons: "不行", ..good }), Err(CannotAnswer::Reasons));
    assert_eq!(answer(&Answering { own: true, ..good }), Err(CannotAnswer::Own));
    assert_eq!(answer(&Answering { answered: true, ..good }), Err(CannotAnswer::Answered));
}

/// Something that somebody tries.
#[derive(Clone, Copy, Debug)]
enum Act {
    Settle,
    Check,
    PutUp,
    Object,
    Answer(bool),
    Submit,
    Approve,
    Wait(i32),
}

/// An objection: by whom, in time, the answer, whether what was accepted was settled anew.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Objected {
    by: u8,
    in_time: bool,
    accepted: Option<bool>,
    carried: bool,
}

/// A month's settlement as its tables would keep it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Records {
    attempt: u32,
    settled_by: u8,
    checked_by: Option<u8>,
    notice: Option<Date>,
    submitted_by: Option<u8>,
    signed_by: Vec<u8>,
    objections: Vec<Objected>,
}

/// Those of 5 and more receive from the settlement.
const RECEIVES: u8 = 5;

impl Records {
    fn standing(&self, today: Date) -> Standing {
        let open = |objected: &&Objected| objected.accepted.is_none();
        Standing {
            today,
            settled_on: date(2026, 12, 7),
            checked: self.checked_by.is_some(),
            notice: self.notice.map(|since| Term::of(Calendar::published(), since, 5)),
            objections: Objections {
                unanswered: self.objections.iter().filter(open).count(),
                in_time: self.objections.iter().filter(open).filter(|objected| objected.in_time).count(),
                accepted: self.objections.iter().filter(|one| one.accepted == Some(true) && !one.carried).count(),
            },
            submitted: self.submitted_by.is_some(),
            approvals: self.signed_by.len(),
            ..settled()
        }
    }

    fn try_act(&mut self, who: u8, act: Act, today: Date) -> bool {
        let standing = self.standing(today);
        let signatory = Signatory {
            settled: who == self.settled_by || self.submitted_by == Some(who),
            receives: who >= RECEIVES,
            signed: self.signed_by.contains(&who),
        };
        match act {
            Act::Settle if standing.settle_anew().is_ok() => {
                let mut objections = std::mem::take(&mut self.objections);
                for objected in &mut objections {
                    objected.carried |= objected.accepted == Some(true);
                }
                let attempt = self.attempt + 1;
                *self = Self { attempt, settled_by: who, objections, ..Self::default() };
            }
            Act::Check if standing.check(signatory).is_ok() => self.checked_by = Some(who),
            Act::PutUp if standing.put_up().is_ok() => self.notice = Some(today),
            Act::Object if who >= RECEIVES => {
                let waiting = self.objections.iter().any(|one| one.by == who && one.accepted.is_none());
                if standing.object(waiting).is_err() {
                    return false;
                }
                self.objections.push(Objected { by: who, in_time: standing.is_up(), accepted: None, carried: false });
            }
            Act::Answer(accepted) => {
                let Some(open) = self.objections.iter_mut().find(|one| one.accepted.is_none()) else { return false };
                let verdict = if accepted { "accepted" } else { "rejected" };
                let own = open.by == who;
                let of = Answering { answered: false, own, verdict, reasons: "按登记逐项核过" };
                let Ok(accepted) = answer(&of) else { return false };
                // After approval it is mended by a correction of a later month.
                open.accepted = Some(accepted);
                open.carried = accepted && self.signed_by.len() >= 2;
            }
            Act::Submit if standing.submit().is_ok() => self.submitted_by = Some(who),
            Act::Approve if standing.approve(signatory).is_ok() => self.signed_by.push(who),
            _ => return false,
        }
        true
    }
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => Just(Act::Settle),
        4 => Just(Act::Check),
        4 => Just(Act::PutUp),
        2 => Just(Act::Object),
        3 => any::<bool>().prop_map(Act::Answer),
        4 => Just(Act::Submit),
        6 => Just(Act::Approve),
        4 => (1_i32..7).prop_map(Act::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn no_order_of_acts_breaks_the_course(acts in prop::collection::vec((1_u8..8, any_act()), 1..60)) {
        let mut records = Records { attempt: 1, settled_by: 1, ..Records::default() };
        let mut today = date(2026, 11, 2);
        for (who, act) in acts {
            if let Act::Wait(days) = act {
                today = today.saturating_add(days.days()).min(date(2026, 12, 20));
                continue;
            }
            let before = records.clone();
            let standing = before.standing(today);
            let done = records.try_act(who, act, today);
            prop_assert_eq!(done, records != before);
            // Nothing is handed over or signed while its notice runs or an objection in time is open.
            if done && matches!(act, Act::Submit | Act::Approve) {
                prop_assert!(before.checked_by.is_some() && before.notice.is_some());
                prop_assert!(!standing.is_up());
                prop_assert!(!before.objections.iter().any(|one| one.in_time && one.accepted.is_none()));
                prop_assert!(!before.objections.iter().any(|one| one.accepted == Some(true) && !one.carried));
            }
            // Whoever checks has not settled; two keys are two people, none of whom settled, submitted or receives.
            prop_assert!(records.checked_by.is_none_or(|by| by != records.settled_by && by < RECEIVES));
            let mut keys = records.signed_by.clone();
            keys.dedup();
            prop_assert!(keys.len() == records.signed_by.len() && keys.len() <= 2);
            let is_apart =
                |by: &u8| *by != records.settled_by && Some(*by) != records.submitted_by && *by < RECEIVES;
            prop_assert!(keys.iter().all(is_apart));
            // What is locked never changes; what is said about it afterwards does not touch it.
            if before.signed_by.len() == 2 {
                let kept = |of: &Records| Records { objections: Vec::new(), ..of.clone() };
                prop_assert_eq!(kept(&before), kept(&records));
            }
            // No objection gets lost, and none is unanswered in a settlement whose place another took.
            prop_assert!(records.objections.len() >= before.objections.len());
            if records.attempt > before.attempt {
                prop_assert!(before.objections.iter().all(|one| one.accepted.is_some()));
                prop_assert!(records.checked_by.is_none() && records.notice.is_none());
            }
        }
    }

    #[test]
    fn the_whole_course_can_be_run_from_any_day_of_the_year(day in 1_i32..340) {
        let mut today = date(2026, 1, 1).saturating_add(day.days());
        let mut records = Records { attempt: 1, settled_by: 1, ..Records::default() };
        prop_assert!(records.try_act(2, Act::Check, today));
        prop_assert!(records.try_act(1, Act::PutUp, today));
        prop_assert!(!records.try_act(1, Act::Submit, today));
        let Some(Term::Until(last)) = records.standing(today).notice else { return Ok(()) };
        today = last;
        prop_assert!(!records.try_act(1, Act::Submit, today));
        prop_assert!(records.try_act(RECEIVES, Act::Object, today));
        today = today.saturating_add(1.day());
        prop_assert!(!records.try_act(1, Act::Submit, today));
        prop_assert!(records.try_act(1, Act::Answer(false), today));
        prop_assert!(records.try_act(1, Act::Submit, today));
        prop_assert!(records.try_act(3, Act::Approve, today) && records.try_act(4, Act::Approve, today));
        prop_assert!(!records.try_act(2, Act::Approve, today) && !records.try_act(1, Act::Settle, today));
    }
}
