//! What holds of every clock, whatever the day.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::{Calendar, Clock, Deadline, Policy, Run, Suspension, deadline};
use proptest::prelude::*;

fn due(clock: Clock, from: Date, suspended: &[Suspension], extended_by: u16) -> Deadline {
    let run = Run { clock, from, suspended, extended_by };
    deadline(Policy::published(), Calendar::published(), &run).unwrap()
}

/// A day on which the regulation of 2005 or that of 2022 holds.
fn any_day() -> impl Strategy<Value = Date> {
    (0..8_200_i32).prop_map(|n| date(2005, 5, 1).saturating_add(n.days()))
}

fn any_spans(near: Date) -> impl Strategy<Value = Vec<Suspension>> {
    let span = (-20..80_i32, 0..15_i32).prop_map(move |(at, length)| {
        let from = near.saturating_add(at.days());
        Suspension::new(from, from.saturating_add(length.days())).unwrap()
    });
    prop::collection::vec(span, 0..5)
}

fn day_and_spans() -> impl Strategy<Value = (Date, Vec<Suspension>)> {
    any_day().prop_flat_map(|day| (Just(day), any_spans(day)))
}

/// A missing due day is later than every day.
fn not_earlier(later: &Deadline, earlier: &Deadline) -> bool {
    match (later.due, earlier.due) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(later), Some(earlier)) => later >= earlier,
    }
}

proptest! {
    #[test]
    fn a_later_start_is_never_due_earlier(from in any_day(), clock in prop::sample::select(&Clock::ALL[..])) {
        let next = from.tomorrow().unwrap();
        prop_assert!(not_earlier(&due(clock, next, &[], 0), &due(clock, from, &[], 0)));
    }

    #[test]
    fn a_later_start_with_hearings_is_never_due_earlier((from, spans) in day_and_spans()) {
        let next = from.tomorrow().unwrap();
        let (earlier, later) = (due(Clock::ReReview, from, &spans, 0), due(Clock::ReReview, next, &spans, 0));
        prop_assert!(not_earlier(&later, &earlier));
    }

    #[test]
    fn more_hearings_are_never_due_earlier((from, spans) in day_and_spans()) {
        for n in 0..spans.len() {
            let (fewer, more) = (&spans[..n], &spans[..=n]);
            prop_assert!(not_earlier(&due(Clock::ReReview, from, more, 0), &due(Clock::ReReview, from, fewer, 0)));
        }
    }

    #[test]
    fn a_longer_extension_is_never_due_earlier(from in any_day(), days in 1..=30_u16) {
        let (longer, shorter) = (due(Clock::Handling, from, &[], days), due(Clock::Handling, from, &[], days - 1));
        prop_assert!(not_earlier(&longer, &shorter));
    }

    /// The same count, done one day at a time.
    #[test]
    fn the_count_is_that_of_a_finger_on_the_calendar((from, spans) in day_and_spans()) {
        let mut day = from;
        let mut counted = 0;
        while counted < 30 {
            day = day.tomorrow().unwrap();
            if !spans.iter().any(|span| span.from() <= day && day <= span.to()) {
                counted += 1;
            }
        }
        prop_assert_eq!(due(Clock::ReReview, from, &spans, 0).unmoved, Some(day));
    }

    #[test]
    fn the_order_of_hearings_does_not_matter((from, mut spans) in day_and_spans()) {
        let forwards = due(Clock::ReReview, from, &spans, 0);
        spans.reverse();
        prop_assert_eq!(forwards, due(Clock::ReReview, from, &spans, 0));
    }

    #[test]
    fn a_certain_due_day_is_a_working_day(from in any_day(), clock in prop::sample::select(&Clock::ALL[..])) {
        let deadline = due(clock, from, &[], 0);
        if let (Some(due), false) = (deadline.due, deadline.provisional) {
            prop_assert_eq!(Calendar::published().day(due), policy::Day::Working);
        }
    }
}

#[test]
fn a_working_day_clock_with_excluded_time_counts_working_days_only() {
    // No law has such a clock; the count must be right if one comes.
    let values = r#"
["clock.objection.working_days"]
meaning = "期限"
"2000-01-01" = { value = 5, title = "示例", article = "一" }
["clock.objection.excluded"]
meaning = "不计入"
"2000-01-01" = { value = "鉴定", title = "示例", article = "二" }
["time.start_day"]
meaning = "起算"
"2000-01-01" = { value = "不计入", title = "示例", article = "三" }
["time.rest_day"]
meaning = "顺延"
"2000-01-01" = { value = "顺延", title = "示例", article = "四" }
"#;
    let policy = Policy::parse(&[values]).unwrap();
    // Monday 2 March 2026; Thursday the 5th to Monday the 9th are three working days.
    let suspended = [Suspension::new(date(2026, 3, 5), date(2026, 3, 9)).unwrap()];
    let run = Run { suspended: &suspended, ..Run::new(Clock::Objection, date(2026, 3, 2)) };
    let deadline = deadline(&policy, Calendar::published(), &run).unwrap();
    assert_eq!(deadline.due, Some(date(2026, 3, 12)));
    assert!(deadline.steps.iter().any(|step| step.text.contains("3个工作日不计入")), "{deadline:?}");
}
