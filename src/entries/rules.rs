//! What an entry counts for. Pure: values in, values out.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::words::words;

words! {
    /// What an official did.
    Kind {
        /// 走访: of one household.
        Visit = "visit", "走访";
        /// 开会.
        Meeting = "meeting", "开会";
        /// 代办.
        Errand = "errand", "代办";
        /// 办案: a step on a case.
        CaseStep = "case_step", "办案";
    }
}

words! {
    /// How a visit went. None of them is a fault of anybody.
    VisitResult {
        /// Somebody was there and talked.
        Met = "met", "见到";
        /// Nobody was there.
        NobodyHome = "nobody_home", "没人在家";
        /// The household works elsewhere.
        Away = "away", "外出务工";
        /// They did not wish to talk.
        Refused = "refused", "不愿谈";
    }
}

/// The duty that every household is visited once a year (B2), as duty rows and plan items name it.
pub const VISIT_DUTY: &str = "B2";

/// How many days back an entry may be dated: a week bridges a weekend and a phone without a signal. What is written
/// later than that is not a record but a ledger that is filled in.
pub const BACKDATED_DAYS: i32 = 7;

/// How many days a note of what people said holds. What is older is no longer what people say.
pub const NOTE_DAYS: i32 = 180;

/// What was done, as far as it decides what it counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done<'a> {
    /// What it was.
    pub kind: Kind,
    /// When it was.
    pub on: Date,
    /// The household visited.
    pub household: Option<i64>,
    /// How the visit went.
    pub result: Option<VisitResult>,
    /// The case that it concerns.
    pub petition: Option<i64>,
    /// What was said or done.
    pub content: &'a str,
}

/// What stood when it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The household's visit of that year was already made.
    pub duty_met: bool,
    /// The writer already met this household in that month.
    pub met_this_month: bool,
    /// The writer's open plan items of that month whose progress visits are.
    pub items: Vec<i64>,
    /// The writer may find the petition.
    pub finds_petition: bool,
}

/// What an entry counts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Towards the household's visit of the year.
    pub duty: Counts,
    /// Plan items that it brings forward.
    pub items: Vec<i64>,
    /// It is also a note of what people said; the first day on which that no longer holds.
    pub note: Option<Date>,
    /// It is also a step on this petition.
    pub step: Option<i64>,
}

/// What an entry is towards the yearly duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// It is no visit.
    Nothing,
    /// A visit at which nobody was met: recorded as it was, held against nobody, and the duty stays open.
    NotMet,
    /// It fulfils the duty of this household for this year.
    First(i64, i16),
    /// The duty was met before; nothing changes.
    Again,
}

/// Decides what an entry counts for.
///
/// The first visit of the year at which somebody was met fulfils the household's duty, later ones change nothing;
/// a plan item counts households, so that a second visit in the month does not bring it forward; what was said on a
/// visit is a note; and what concerns a petition that the writer may find is a step on it.
pub fn means(done: &Done, context: &Context) -> Meaning {
    let met = match (done.kind, done.household, done.result) {
        (Kind::Visit, Some(household), Some(VisitResult::Met)) => Some(household),
        _ => None,
    };
    let duty = match (done.kind, met) {
        (Kind::Visit, None) => Counts::NotMet,
        (Kind::Visit, Some(_)) if context.duty_met => Counts::Again,
        (Kind::Visit, Some(household)) => Counts::First(household, done.on.year()),
        _ => Counts::Nothing,
    };
    Meaning {
        duty,
        items: if met.is_some() && !context.met_this_month { context.items.clone() } else { Vec::new() },
        note: (done.kind == Kind::Visit && !done.content.trim().is_empty())
            .then(|| done.on.saturating_add(NOTE_DAYS.days())),
        step: done.petition.filter(|_| context.finds_petition),
    }
}

/// Why a day cannot be that of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongDay {
    /// Nothing is recorded before it happened.
    #[error("还没有发生的事不能先记")]
    Future,
    /// Longer ago than [`BACKDATED_DAYS`].
    #[error("只能补记 {BACKDATED_DAYS} 天以内的事")]
    TooLongAgo,
}

/// The first day that an entry written today may be dated.
pub fn earliest(today: Date) -> Date {
    today.saturating_sub(BACKDATED_DAYS.days())
}

/// Judges the day of an entry that is written today.
pub fn judge_day(on: Date, today: Date) -> Result<(), WrongDay> {
    if on > today {
        Err(WrongDay::Future)
    } else if on < earliest(today) {
        Err(WrongDay::TooLongAgo)
    } else {
        Ok(())
    }
}

/// Why an entry cannot be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotWithdraw {
    /// Only on the day on which it was written.
    #[error("只能在记下的当天撤回；以后发现有误，请另记一笔说明")]
    TooLate,
    /// It stands on a case card, where others have read it.
    #[error("这一笔已经记在案件上，不能撤回；有误请再记一笔说明")]
    OnCase,
    /// It was withdrawn before.
    #[error("这一笔已经撤回")]
    Withdrawn,
}

/// Judges a withdrawal by the writer today.
pub fn judge_withdrawal(written_on: Date, today: Date, on_case: bool, withdrawn: bool) -> Result<(), CannotWithdraw> {
    if withdrawn {
        Err(CannotWithdraw::Withdrawn)
    } else if on_case {
        Err(CannotWithdraw::OnCase)
    } else if written_on != today {
        Err(CannotWithdraw::TooLate)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const MET: Done = Done {
        kind: Kind::Visit,
        on: date(2026, 11, 2),
        household: Some(7),
        result: Some(VisitResult::Met),
        petition: None,
        content: "",
    };

    fn open() -> Context {
        Context { items: vec![41, 42], ..Context::default() }
    }

    #[test]
    fn the_first_visit_that_met_somebody_fulfils_the_year_and_brings_the_plan_forward() {
        let meaning = means(&MET, &open());
        assert_eq!(meaning, Meaning { duty: Counts::First(7, 2026), items: vec![41, 42], note: None, step: None });
    }

    #[test]
    fn nobody_home_away_and_refused_fulfil_nothing() {
        for result in [VisitResult::NobodyHome, VisitResult::Away, VisitResult::Refused] {
            let meaning = means(&Done { result: Some(result), ..MET }, &open());
            assert_eq!((meaning.duty, meaning.items), (Counts::NotMet, vec![]), "{result}");
        }
    }

    #[test]
    fn a_later_visit_of_the_year_changes_nothing_but_still_counts_in_another_month() {
        let meaning = means(&MET, &Context { duty_met: true, ..open() });
        assert_eq!((meaning.duty, meaning.items.len()), (Counts::Again, 2));
        let meaning = means(&MET, &Context { duty_met: true, met_this_month: true, ..open() });
        assert_eq!((meaning.duty, meaning.items.len()), (Counts::Again, 0));
    }

    #[test]
    fn the_year_is_that_of_the_visit_and_not_that_of_the_writing() {
        let meaning = means(&Done { on: date(2025, 12, 30), ..MET }, &open());
        assert_eq!(meaning.duty, Counts::First(7, 2025));
    }

    #[test]
    fn what_was_said_on_a_visit_is_a_note_for_half_a_year_even_where_they_refused() {
        let said = Done { content: "水沟堵了", result: Some(VisitResult::Refused), ..MET };
        assert_eq!(means(&said, &open()).note, Some(date(2027, 5, 1)));
        assert_eq!(means(&Done { content: " \n", ..said }, &open()).note, None);
        assert_eq!(means(&Done { kind: Kind::Meeting, ..said }, &open()).note, None);
    }

    #[test]
    fn a_step_is_only_on_a_case_that_the_writer_may_find() {
        let concerning = Done { petition: Some(9), ..MET };
        assert_eq!(means(&concerning, &open()).step, None);
        assert_eq!(means(&concerning, &Context { finds_petition: true, ..open() }).step, Some(9));
        assert_eq!(means(&MET, &Context { finds_petition: true, ..open() }).step, None);
    }

    #[test]
    fn meetings_errands_and_case_steps_are_no_visits() {
        for kind in [Kind::Meeting, Kind::Errand, Kind::CaseStep] {
            let meaning = means(&Done { kind, ..MET }, &open());
            assert_eq!((meaning.duty, meaning.items), (Counts::Nothing, vec![]), "{kind}");
        }
    }

    #[test]
    fn an_entry_may_be_dated_seven_days_back_and_not_eight_nor_tomorrow() {
        let today = date(2026, 11, 2);
        assert_eq!(judge_day(today, today), Ok(()));
        assert_eq!(judge_day(date(2026, 10, 26), today), Ok(()));
        assert_eq!(judge_day(date(2026, 10, 25), today), Err(WrongDay::TooLongAgo));
        assert_eq!(judge_day(date(2026, 11, 3), today), Err(WrongDay::Future));
        assert_eq!(WrongDay::TooLongAgo.to_string(), "只能补记 7 天以内的事");
    }

    #[test]
    fn a_withdrawal_is_for_the_same_day_once_and_never_from_a_case() {
        let today = date(2026, 11, 2);
        let yesterday = date(2026, 11, 1);
        assert_eq!(judge_withdrawal(today, today, false, false), Ok(()));
        assert_eq!(judge_withdrawal(yesterday, today, false, false), Err(CannotWithdraw::TooLate));
        assert_eq!(judge_withdrawal(today, today, true, false), Err(CannotWithdraw::OnCase));
        assert_eq!(judge_withdrawal(today, today, false, true), Err(CannotWithdraw::Withdrawn));
    }

    /// The least that a store must do with what [`means`] says: keys are taken once, fulfilments kept by their key.
    #[derive(Default)]
    struct Book {
        keys: HashSet<u8>,
        met: HashSet<(i64, i16, i8)>,
        fulfilled: HashMap<(i64, i16), usize>,
        progress: usize,
        notes: usize,
    }

    impl Book {
        fn record(&mut self, key: u8, done: &Done) {
            if !self.keys.insert(key) {
                return;
            }
            let household = done.household.unwrap();
            let month = (household, done.on.year(), done.on.month());
            let context = Context {
                duty_met: self.fulfilled.contains_key(&(household, done.on.year())),
                met_this_month: self.met.contains(&month),
                items: vec![1],
                finds_petition: false,
            };
            let meaning = means(done, &context);
            if done.result == Some(VisitResult::Met) && done.kind == Kind::Visit {
                self.met.insert(month);
            }
            if let Counts::First(household, year) = meaning.duty {
                *self.fulfilled.entry((household, year)).or_default() += 1;
            }
            self.progress += meaning.items.len();
            self.notes += usize::from(meaning.note.is_some());
        }
    }

    fn visits() -> impl Strategy<Value = Vec<(u8, i64, usize, i16, i8, bool)>> {
        prop::collection::vec((0_u8..20, 0_i64..4, 0_usize..4, 2025_i16..2027, 1_i8..13, any::<bool>()), 0..60)
    }

    fn visit(&(_, household, result, year, month, said): &(u8, i64, usize, i16, i8, bool)) -> Done<'static> {
        Done {
            on: date(year, month, 10),
            household: Some(household),
            result: Some(VisitResult::ALL[result]),
            content: if said { "说了" } else { "" },
            ..MET
        }
    }

    proptest! {
        #[test]
        fn a_household_has_one_fulfilment_a_year_exactly_where_somebody_was_met(written in visits()) {
            let mut book = Book::default();
            let mut expected = HashSet::new();
            let mut progress = HashSet::new();
            let mut keys = HashSet::new();
            for one in &written {
                let done = visit(one);
                book.record(one.0, &done);
                if keys.insert(one.0) && done.result == Some(VisitResult::Met) {
                    expected.insert((one.1, one.3));
                    progress.insert((one.1, one.3, one.4));
                }
            }
            prop_assert!(book.fulfilled.values().all(|times| *times == 1));
            prop_assert_eq!(book.fulfilled.keys().copied().collect::<HashSet<_>>(), expected);
            prop_assert_eq!(book.progress, progress.len());
        }

        #[test]
        fn recording_again_under_the_same_keys_changes_nothing(written in visits()) {
            let mut once = Book::default();
            let mut twice = Book::default();
            for one in &written {
                once.record(one.0, &visit(one));
                twice.record(one.0, &visit(one));
                twice.record(one.0, &visit(one));
            }
            prop_assert_eq!(once.fulfilled, twice.fulfilled);
            prop_assert_eq!((once.progress, once.notes), (twice.progress, twice.notes));
        }
    }
}
