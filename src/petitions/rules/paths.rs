//! Random walks over the state machine: what no sequence of acts, by anybody, in any order, may bring about.

mod disputes;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use policy::Clock;
use proptest::collection::vec;
use proptest::prelude::*;

use self::disputes::{is_cause, superiors_decide_for_good, with_what_the_store_adds};
use super::{
    Act, Category, Duty, Manner, Matter, Noun, Outcome, Paper, Part, Party, Refused, Resolution, State, Term, Tick,
    goes_elsewhere,
};

/// Units 1 to 3 have officials 10 to 12, 20 to 22, 30 to 32; the office is unit 9 with officials 90 to 92, and above them
/// all is unit 8 with officials 80 to 82.
fn party() -> impl Strategy<Value = Party> {
    let official = (prop_oneof![3 => Just(1_i64), 3 => Just(2), 3 => Just(3), 1 => Just(8), 3 => Just(9)], 0_i64..3)
        .prop_map(|(unit, index)| Party { official: Some(unit * 10 + index), unit: Some(unit) });
    prop_oneof![9 => official, 1 => Just(Party::PETITIONER)]
}

fn act() -> impl Strategy<Value = Act> {
    let unit = || 1_i64..4;
    let official = || prop_oneof![Just(10_i64), Just(20), Just(30), Just(80), Just(90), Just(91)];
    let day = || (0_i8..28).prop_map(|day| date(2026, 3, 1).saturating_add((i64::from(day) * 4).days()));
    let words = String::new;
    prop_oneof![
        4 => (prop_oneof![1 => Just(Category::Suggestion), 1 => Just(Category::Report), 5 => Just(Category::Claim)],
            prop_oneof![1 => Just(None), 1 => (1_i64..6).prop_map(Some), 5 => Just(Some(6))])
            .prop_map(|(category, branch)| Act::Classify {
                category,
                branch: branch.filter(|_| category == Category::Claim),
            }),
        1 => unit().prop_map(|unit| Act::Recuse { unit: Some(unit), official: None }),
        1 => official().prop_map(|official| Act::Recuse { unit: None, official: Some(official) }),
        1 => Just(Act::Forward { organ: words(), letter: words() }),
        4 => (unit(), prop_oneof![4 => Just(Part::Lead), 1 => Just(Part::Help)])
            .prop_map(move |(unit, part)| Act::Assign { unit, part, instruction: words() }),
        5 => Just(Act::Accept { path: words() }),
        1 => Just(Act::Object { reason: words() }),
        1 => Just(Act::TakeBack),
        1 => (0_i64..40).prop_map(move |days| Act::Extend { days, reason: words() }),
        1 => Just(Act::Refer { reason: words() }),
        1 => Just(Act::Deadlock { reason: words() }),
        3 => unit().prop_map(move |unit| Act::Rule { unit, reason: words() }),
        1 => (day(), 0_i64..9)
            .prop_map(move |(from, days)| Act::Hear { from, to: from.saturating_add(days.days()), reason: words() }),
        4 => Just(Act::Issue {
            outcome: Outcome::Explained,
            request: words(),
            facts: words(),
            basis: words(),
            reply: words(),
        }),
        5 => (prop_oneof![
            3 => Just(Paper::Notice),
            3 => Just(Paper::Extension),
            3 => Just(Paper::Opinion),
            1 => Just(Paper::Forwarding),
        ], day())
            .prop_map(move |(paper, on)| Act::Serve { paper, on, manner: Manner::Post, signed_by: words() }),
        1 => Just(Act::Acknowledge),
        1 => Just(Act::Withdraw { reason: words() }),
        1 => Just(Act::Unreach { reason: words() }),
        4 => (day(), any::<bool>()).prop_map(move |(on, reached)| Act::CallBack { on, reached, content: words() }),
        1 => official().prop_map(|leader| Act::Bind { leader, due_on: date(2026, 12, 1) }),
        1 => Just(Act::Unbind),
        2 => (day(), prop_oneof![Just(None), Just(Some(Duty::Explained)), Just(Some(Duty::CalledBack))])
            .prop_map(move |(on, duty)| Act::Step { on, duty, content: words() }),
        4 => prop_oneof![2 => Just(Resolution::Resolved), 2 => Just(Resolution::Answered), 1 => Just(Resolution::Withdrawn)]
            .prop_map(|resolution| Act::Close { resolution }),
    ]
}

pub(super) fn fresh(anonymous: bool) -> Matter {
    Matter {
        state: State::Registered,
        category: Category::Unsorted,
        branch: None,
        anonymous,
        registered_by: Some(90),
        receiver: Some(9),
        unit: Some(9),
        handler: None,
        lead: None,
        helpers: Vec::new(),
        dispute: None,
        designated: Vec::new(),
        recused_units: Vec::new(),
        recused_officials: Vec::new(),
        running: vec![Clock::Registration],
        handling_due: None,
        extension: Term { days: 30, article: "《信访工作条例》第三十四条".to_owned() },
        extended_on: None,
        excludes: Vec::new(),
        notice_served: false,
        extension_served: false,
        unreachable: None,
        forwarded_on: None,
        forwarding_served: false,
        opinion: None,
        acknowledged: None,
        call_backs: Vec::new(),
        closed_on: None,
        leader: None,
        withdrawn: None,
        to_execute: false,
        opined: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn no_path_closes_with_one_key_or_lets_the_recused_in_or_loses_the_sixty_days(
        anonymous in prop::bool::weighted(0.2),
        acts in vec((party(), act(), 0_i64..4), 1..60),
    ) {
        go(fresh(anonymous), acts)?;
    }
}

/// Monday 2 March 2026, on which every walk begins.
const MONDAY: Date = date(2026, 3, 2);

/// Goes from act to act, as far as the rules let it, and looks at what each came to.
fn go(mut matter: Matter, acts: Vec<(Party, Act, i64)>) -> Result<(), TestCaseError> {
    let mut today = MONDAY;
    let mut hands: Vec<(Party, Act)> = Vec::new();
    for (by, act, days) in acts {
        today = today.saturating_add(days.days());
        let Ok((next, ticks)) = matter.after(by, &act, today) else { continue };
        hands.push((by, act.clone()));

        prop_assert!(!matter.keeps_out(by), "{by:?} was to be kept out and did {act:?}");
        if let (Some(lead), State::Assigned | State::Accepted) = (next.lead, next.state) {
            prop_assert!(!next.recused_units.contains(&lead.unit), "a recused unit has it");
        }
        prop_assert!(
            next.handler
                .is_none_or(|handler| { next.state != State::Accepted || !next.recused_officials.contains(&handler) }),
            "a recused person handles it"
        );
        prop_assert!(next.leader.is_none_or(|leader| !next.recused_officials.contains(&leader)));
        if next.state == State::Accepted {
            prop_assert!(goes_elsewhere(next.category, next.branch).is_none(), "{:?} was accepted", next.category);
            prop_assert_eq!(next.has_handling_clock(), next.running.contains(&Clock::Handling));
            prop_assert!(!next.running.contains(&Clock::Objection), "accepted and may still object");
        }
        if matches!(next.state, State::Closed | State::Forwarded) {
            for clock in [Clock::Registration, Clock::Notice, Clock::Objection, Clock::Handling] {
                prop_assert!(!next.running.contains(&clock), "{clock} runs on after the end");
            }
        }
        prop_assert!(owes(&next), "nobody owes anything: {next:?}");
        superiors_decide_for_good(&matter, by, &act, &next)?;
        for tick in &ticks {
            if let Tick::Stop(clock, _) = tick
                && matter.running.contains(clock)
            {
                prop_assert!(is_cause(&act, *clock, &matter), "{clock} stopped by {act:?}");
            }
        }
        if let Act::Step { duty, .. } = act {
            prop_assert!(duty.is_none() || matter.leader == by.official, "a duty of somebody else's");
            prop_assert_eq!(next.state == State::Closed, duty == Some(Duty::CalledBack));
        }
        for tick in &ticks {
            if let Tick::Start(clock, from) = tick {
                prop_assert!(*from <= today);
                prop_assert_eq!(next.running.iter().filter(|running| *running == clock).count(), 1, "{} twice", clock);
            }
        }
        if next.state == State::Closed && matter.state != State::Closed {
            prop_assert!(!matter.is_under_review(), "closed while a review runs");
            closed_with_two_keys(&next, &hands)?;
        }
        if matches!(matter.state, State::Closed | State::Forwarded) {
            prop_assert_eq!(next.state, matter.state, "nothing leaves the end");
        }
        matter = with_what_the_store_adds(next, today);
    }
    Ok(())
}

/// Whether a clock runs for what is owed next, before the end and wherever the law sets days: none for what is accepted
/// outside branch 6 once the notice is served, and none once the answer has arrived or nobody can be told.
fn owes(matter: &Matter) -> bool {
    let runs = |clock| matter.running.contains(&clock);
    let served = matter.opinion.is_some_and(|opinion| opinion.served_on.is_some());
    match matter.state {
        State::Registered => runs(Clock::Registration),
        State::Assigned => runs(Clock::Notice),
        State::Accepted if matter.has_handling_clock() => runs(Clock::Handling),
        State::Accepted => matter.notice_served || matter.is_untold() || runs(Clock::Notice),
        State::Answered if matter.withdrawn.is_some() => true,
        State::Answered if matter.has_handling_clock() => served || matter.is_untold() || runs(Clock::Handling),
        State::Answered => served || matter.notice_served || matter.is_untold() || runs(Clock::Notice),
        State::Closed | State::Forwarded => true,
    }
}

/// The closer has neither accepted for the unit in charge nor written the opinion, and somebody else vouches.
fn closed_with_two_keys(matter: &Matter, hands: &[(Party, Act)]) -> Result<(), TestCaseError> {
    let (closer, _) = hands.last().expect("it was closed by somebody");
    let writer = hands.iter().rfind(|(_, act)| act.noun() == Noun::Opinion).map(|(by, _)| by.official);
    if hands.iter().any(|(_, act)| act.noun() == Noun::Withdrawal) {
        let withdrew = hands.iter().find(|(_, act)| act.noun() == Noun::Withdrawal).map(|(by, _)| by.official);
        prop_assert_ne!(Some(closer.official), withdrew, "withdrawn and closed by one");
        return Ok(());
    }
    prop_assert!(writer.is_some(), "closed without a written opinion");
    prop_assert!(matter.is_untold() || matter.opinion.unwrap().served_on.is_some(), "closed before the answer arrived");
    prop_assert!(closer.official.is_some());
    prop_assert_ne!(Some(closer.official), writer);
    prop_assert_ne!(closer.official, matter.handler);
    let served = matter.opinion.and_then(|opinion| opinion.served_on);
    let vouched = hands.iter().any(|(by, act)| match act {
        Act::Acknowledge => closer.official != matter.registered_by && by.official != closer.official,
        Act::CallBack { reached: true, on, .. } if by.official == closer.official => {
            closer.official != matter.registered_by && served.is_some_and(|served| *on >= served)
        }
        Act::CallBack { reached: true, on, .. } => {
            Some(by.official) != writer && by.official != matter.handler && served.is_some_and(|served| *on >= served)
        }
        _ => false,
    });
    let unreached = matter.unreachable.is_some() && matter.unreachable != closer.official;
    prop_assert!(matter.anonymous || unreached || vouched, "closed with one key: {hands:?}");
    Ok(())
}

/// A walk that ends is possible at all: otherwise the properties above would hold of nothing.
#[test]
fn a_case_can_be_carried_to_its_closure() {
    let on = date(2026, 3, 2);
    let of = |unit: i64, index: i64| Party { official: Some(unit * 10 + index), unit: Some(unit) };
    let (office, handler) = (of(9, 0), of(1, 0));
    let words = String::new;
    let call = |on| Act::CallBack { on, reached: true, content: words() };
    let matter = walk(
        fresh(false),
        on,
        &[
            (office, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (office, Act::Assign { unit: 1, part: Part::Lead, instruction: words() }),
            (handler, Act::Accept { path: words() }),
            (handler, issue()),
            (handler, Act::Serve { paper: Paper::Opinion, on, manner: Manner::Post, signed_by: words() }),
            (office, call(on)),
        ],
    );
    let close = Act::Close { resolution: Resolution::Resolved };
    assert_eq!(matter.after(handler, &close, on).unwrap_err(), Refused::OwnClosure);
    assert_eq!(matter.after(of(1, 1), &close, on).unwrap_err(), Refused::OwnClosure, "nor a colleague of the unit");
    assert_eq!(matter.after(office, &close, on).unwrap_err(), Refused::RegistrarKey, "who registered it and called");
    assert_eq!(matter.after(of(9, 1), &close, on).unwrap().0.state, State::Closed);
}

fn issue() -> Act {
    let words = String::new;
    Act::Issue { outcome: Outcome::Supported, request: words(), facts: words(), basis: words(), reply: words() }
}

fn walk(matter: Matter, on: Date, acts: &[(Party, Act)]) -> Matter {
    acts.iter().fold(matter, |matter, (by, act)| {
        matter.after(*by, act, on).unwrap_or_else(|refused| panic!("{act:?}: {refused}")).0
    })
}

#[test]
fn a_signature_recorded_by_the_closer_is_no_second_key() {
    let on = date(2026, 3, 2);
    let [office, other, third] = [90, 91, 92].map(|official| Party { official: Some(official), unit: Some(9) });
    let handler = Party { official: Some(10), unit: Some(1) };
    let matter = walk(
        fresh(false),
        on,
        &[
            (office, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (office, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
            (handler, Act::Accept { path: String::new() }),
            (handler, issue()),
            (other, Act::Acknowledge),
            (handler, Act::Serve { paper: Paper::Opinion, on, manner: Manner::Post, signed_by: String::new() }),
        ],
    );
    let close = Act::Close { resolution: Resolution::Answered };
    assert_eq!(matter.after(other, &close, on).unwrap_err(), Refused::OneKey);
    assert_eq!(matter.after(office, &close, on).unwrap_err(), Refused::RegistrarKey);
    assert!(matter.after(third, &close, on).is_ok());
}

#[test]
fn a_unit_complained_of_after_acceptance_loses_the_case_and_the_days_go_on() {
    let on = date(2026, 3, 2);
    let office = Party { official: Some(90), unit: Some(9) };
    let handler = Party { official: Some(10), unit: Some(1) };
    let matter = walk(
        fresh(false),
        on,
        &[
            (office, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (office, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
            (handler, Act::Accept { path: String::new() }),
            (office, Act::Recuse { unit: Some(1), official: None }),
        ],
    );
    assert_eq!((matter.state, matter.unit, matter.handler), (State::Registered, Some(9), None));
    assert!(matter.running.contains(&Clock::Handling) && matter.running.contains(&Clock::Registration));
    let again = Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() };
    assert_eq!(matter.after(office, &again, on).unwrap_err(), Refused::Recused);
    let other = Party { official: Some(20), unit: Some(2) };
    let assign = Act::Assign { unit: 2, part: Part::Lead, instruction: String::new() };
    let matter = walk(matter, on, &[(office, assign), (other, Act::Accept { path: String::new() })]);
    assert_eq!(matter.running.iter().filter(|clock| **clock == Clock::Handling).count(), 1);
}

#[test]
fn a_handling_clock_goes_on_while_the_matter_is_sorted_anew_and_ends_where_another_branch_is_accepted() {
    let on = date(2026, 3, 2);
    let office = Party { official: Some(90), unit: Some(9) };
    let [first, second] = [1, 2].map(|unit| Party { official: Some(unit * 10), unit: Some(unit) });
    let sort = |branch| (office, Act::Classify { category: Category::Claim, branch: Some(branch) });
    let assign = |unit| (office, Act::Assign { unit, part: Part::Lead, instruction: String::new() });
    let accept = |by| (by, Act::Accept { path: String::new() });
    let recuse = (office, Act::Recuse { unit: Some(1), official: None });
    let sorted = walk(fresh(false), on, &[sort(6), assign(1), accept(first), recuse, sort(5)]);
    assert!(sorted.running.contains(&Clock::Handling));
    let accepted = walk(sorted.clone(), on, &[assign(2), accept(second)]);
    assert!(!accepted.running.contains(&Clock::Handling));
    let (_, ticks) = walk(sorted, on, &[sort(6), assign(2)]).after(second, &accept(second).1, on).unwrap();
    assert!(!ticks.contains(&Tick::Start(Clock::Handling, on)), "{ticks:?}");
}

#[test]
fn an_extension_is_open_on_the_due_day_and_not_after_it() {
    let office = Party { official: Some(90), unit: Some(9) };
    let (handler, head) = (Party { official: Some(10), unit: Some(1) }, Party { official: Some(11), unit: Some(1) });
    let mut matter = walk(
        fresh(false),
        date(2026, 3, 2),
        &[
            (office, Act::Classify { category: Category::Claim, branch: Some(6) }),
            (office, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
            (handler, Act::Accept { path: String::new() }),
        ],
    );
    matter.handling_due = Some(date(2026, 5, 6));
    let extend = |days| Act::Extend { days, reason: String::new() };
    let due = date(2026, 5, 6);
    assert!(matter.after(head, &extend(30), due).is_ok());
    let too_many = Refused::ExtensionDays(30, "《信访工作条例》第三十四条".to_owned());
    assert_eq!(matter.after(head, &extend(31), due).unwrap_err(), too_many);
    assert_eq!(matter.after(head, &extend(0), due).unwrap_err(), too_many);
    matter.extension.days = 20;
    assert!(matter.after(head, &extend(21), due).is_err(), "the days are those of the law of the day");
    matter.extension.days = 30;
    assert_eq!(matter.after(head, &extend(30), date(2026, 5, 7)).unwrap_err(), Refused::ExtensionLate);
    assert_eq!(matter.after(handler, &extend(30), due).unwrap_err(), Refused::OwnExtension);
}

/// A claim that the land bureau has answered, up to what stands in `more`.
fn answered(more: &[(Party, Act)]) -> Matter {
    let on = date(2026, 3, 2);
    let office = Party { official: Some(90), unit: Some(9) };
    let handler = Party { official: Some(10), unit: Some(1) };
    let start = [
        (office, Act::Classify { category: Category::Claim, branch: Some(6) }),
        (office, Act::Assign { unit: 1, part: Part::Lead, instruction: String::new() }),
        (handler, Act::Accept { path: String::new() }),
        (handler, issue()),
    ];
    walk(walk(fresh(false), on, &start), on, more)
}

fn serve(on: Date) -> Act {
    Act::Serve { paper: Paper::Opinion, on, manner: Manner::Post, signed_by: String::new() }
}

#[test]
fn an_answer_whose_unit_is_recused_before_it_arrived_is_served_by_the_office_and_can_be_closed() {
    let on = date(2026, 3, 2);
    let [office, other] = [90, 91].map(|official| Party { official: Some(official), unit: Some(9) });
    let handler = Party { official: Some(10), unit: Some(1) };
    let recused = answered(&[(office, Act::Recuse { unit: Some(1), official: None })]);
    assert!(recused.running.contains(&Clock::Handling), "the answer is still owed");
    assert_eq!(recused.unit, Some(9));
    assert_eq!(recused.after(handler, &serve(on), on).unwrap_err(), Refused::Recused);
    assert_eq!(answered(&[]).after(office, &serve(on), on).unwrap_err(), Refused::NotTheLead);
    let call = Act::CallBack { on, reached: true, content: String::new() };
    let matter = walk(recused, on, &[(office, serve(on)), (office, call)]);
    assert!(!matter.running.contains(&Clock::Handling));
    assert!(matter.after(other, &Act::Close { resolution: Resolution::Answered }, on).is_ok());
}

#[test]
fn a_call_back_counts_from_the_day_of_service_on_and_not_before() {
    let (served, called) = (date(2026, 3, 5), date(2026, 3, 4));
    let handler = Party { official: Some(10), unit: Some(1) };
    let other = Party { official: Some(91), unit: Some(9) };
    let call = |on| Act::CallBack { on, reached: true, content: String::new() };
    assert_eq!(answered(&[]).after(other, &call(called), served).unwrap_err(), Refused::CallBackEarly);
    let matter = walk(answered(&[]), served, &[(handler, serve(served))]);
    assert_eq!(matter.after(other, &call(called), served).unwrap_err(), Refused::ImpossibleDay(served));
    let mut matter = walk(matter, served, &[(other, call(served))]);
    let close = Act::Close { resolution: Resolution::Answered };
    let third = Party { official: Some(92), unit: Some(9) };
    assert!(matter.after(third, &close, served).is_ok());
    matter.call_backs[0].on = called;
    assert_eq!(matter.after(third, &close, served).unwrap_err(), Refused::OneKey);
}

#[test]
fn the_five_duties_are_the_bound_leaders_alone_and_the_fifth_comes_after_the_closing() {
    let on = date(2026, 3, 2);
    let [office, other, third] = [90, 91, 92].map(|official| Party { official: Some(official), unit: Some(9) });
    let handler = Party { official: Some(10), unit: Some(1) };
    let leader = Party { official: Some(20), unit: Some(2) };
    let step = |on, duty| Act::Step { on, duty, content: String::new() };
    let matter = answered(&[(office, Act::Bind { leader: 20, due_on: date(2026, 12, 1) })]);
    assert!(matter.after(handler, &step(on, None), on).is_ok());
    assert_eq!(matter.after(handler, &step(on, Some(Duty::Handled)), on).unwrap_err(), Refused::NotTheLeader);
    assert!(matter.after(leader, &step(on, Some(Duty::Handled)), on).is_ok());
    assert_eq!(matter.after(leader, &step(on, Some(Duty::CalledBack)), on).unwrap_err(), Refused::NotClosed);

    let closing = date(2026, 3, 4);
    let call = Act::CallBack { on, reached: true, content: String::new() };
    let matter = walk(matter, on, &[(handler, serve(on)), (other, call)]);
    let matter = walk(matter, closing, &[(third, Act::Close { resolution: Resolution::Answered })]);
    let called_back = |on| step(on, Some(Duty::CalledBack));
    assert!(matter.after(leader, &called_back(closing), closing).is_ok());
    assert_eq!(matter.after(leader, &called_back(on), closing).unwrap_err(), Refused::ImpossibleDay(closing));
    assert_eq!(matter.after(leader, &step(closing, None), closing).unwrap_err(), Refused::Over(State::Closed));
    let late = step(closing, Some(Duty::Explained));
    assert_eq!(matter.after(leader, &late, closing).unwrap_err(), Refused::Over(State::Closed));
    assert_eq!(matter.after(handler, &called_back(closing), closing).unwrap_err(), Refused::Over(State::Closed));
}
