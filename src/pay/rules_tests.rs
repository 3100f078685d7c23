use jiff::civil::date;

use super::*;

fn month() -> Month {
    "2026-11".parse().unwrap()
}

fn held(appointment: i64, unit: i64, listed_as: &str, from: Date, to: Option<Date>) -> Held {
    Held { appointment, unit, listed_as: listed_as.to_owned(), has_superior: true, from, to }
}

fn places(held: &[Held]) -> Vec<(Option<(i64, &'static str)>, u8)> {
    let stays = stays(Policy::published(), month(), held).unwrap();
    stays
        .iter()
        .map(|stay| (stay.place.map(|(unit, class)| (unit, class.name.as_str())), stay.days))
        .map(|(place, days)| {
            (place.map(|(unit, class)| (unit, CLASSES.into_iter().find(|c| *c == class).unwrap())), days)
        })
        .collect()
}

const CLASSES: [&str; 4] = ["县级领导", "乡镇党政主要领导", "县直单位负责人", "其他干部"];

#[test]
fn the_day_of_leaving_a_post_is_no_longer_in_it() {
    let moved = date(2026, 11, 11);
    let posts = [held(1, 7, "科员", date(2024, 1, 1), Some(moved)), held(2, 8, "科员", moved, None)];
    assert_eq!(places(&posts), [(Some((7, "其他干部")), 10), (Some((8, "其他干部")), 20)]);
}

#[test]
fn days_before_joining_and_after_leaving_are_nobodys() {
    let posts = [held(1, 7, "局长", date(2026, 11, 6), Some(date(2026, 11, 16)))];
    assert_eq!(places(&posts), [(None, 5), (Some((7, "县直单位负责人")), 10), (None, 15)]);
}

#[test]
fn of_several_posts_the_first_class_of_the_county_decides_and_its_post_the_unit() {
    let posts = [held(1, 7, "科员", date(2020, 1, 1), None), held(2, 8, "局长", date(2026, 1, 1), None)];
    assert_eq!(places(&posts), [(Some((8, "县直单位负责人")), 30)]);
    let equals = [held(3, 9, "科员", date(2026, 1, 1), None), held(1, 7, "科员", date(2020, 1, 1), None)];
    assert_eq!(places(&equals), [(Some((7, "其他干部")), 30)]);
}

#[test]
fn a_run_settles_its_units_classes_and_the_countys_run_those_of_the_whole_county() {
    let classes = Policy::published().pay_classes(month().first_day()).unwrap();
    let (heads, others) = (&classes[2], &classes[3]);
    let department = Scope { unit: 7, county: false };
    let county = Scope { unit: 1, county: true };
    assert!(department.settles(7, others) && !department.settles(8, others) && !department.settles(7, heads));
    assert!(county.settles(7, heads) && county.settles(1, others) && !county.settles(7, others));
}

#[test]
fn an_item_counts_with_the_unit_that_approved_it() {
    let moved = date(2026, 11, 11);
    let posts = [held(1, 7, "科员", date(2024, 1, 1), Some(moved)), held(2, 8, "科员", moved, None)];
    let stays = stays(Policy::published(), month(), &posts).unwrap();
    let unit = |unit, appointment, due| counts_with(&stays, &posts, unit, appointment, due).map(|(unit, _)| unit);
    // Due long after the transfer, it still counts where it was approved.
    assert_eq!(unit(7, 1, date(2026, 11, 30)), Some(7));
    assert_eq!(unit(8, 2, date(2026, 11, 30)), Some(8));
    // Of a unit to whose groups the owner does not belong: where he or she stood on the due day.
    assert_eq!(unit(9, 3, date(2026, 11, 10)), Some(7));
    assert_eq!(unit(9, 3, date(2026, 11, 11)), Some(8));
}

#[test]
fn of_two_classes_in_one_unit_the_appointment_tells() {
    let promoted = date(2026, 11, 16);
    let posts = [held(1, 7, "科员", date(2024, 1, 1), Some(promoted)), held(2, 7, "乡镇长", promoted, None)];
    let stays = stays(Policy::published(), month(), &posts).unwrap();
    let class = |appointment| counts_with(&stays, &posts, 7, appointment, date(2026, 11, 30)).unwrap().1.name.as_str();
    assert_eq!((class(1), class(2)), ("其他干部", "乡镇党政主要领导"));
}

#[test]
fn a_ranking_is_one_to_n_without_ties_or_gaps() {
    let typed = |places: &[&str]| ranking(&places.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
    assert_eq!(typed(&["2", " 1", "3"]), Ok(vec![2, 1, 3]));
    for wrong in [&["1", "1", "2"], &["1", "2", "4"], &["0", "1", "2"], &["1", "2", ""], &["一", "2", "3"]] {
        assert_eq!(typed(wrong), Err(NotARanking(3)), "{wrong:?}");
    }
}

#[test]
fn a_correction_pays_no_fen_that_was_not_put_in_and_takes_none_that_was_not_paid() {
    let ready = Correcting {
        open: true,
        mends_approved: true,
        share_fen: Some(60_000),
        left_fen: 20_000,
        amount: "200",
        reason: "九月一项漏记销号",
    };
    let typed = |amount| correct(&Correcting { amount, ..ready });
    assert_eq!(correct(&ready), Ok(20_000));
    assert_eq!(typed("200.01"), Err(CannotCorrect::MoreThanPutIn(20_000)));
    assert_eq!(typed("-600.00"), Ok(-60_000));
    assert_eq!(typed("−0.5"), Ok(-50));
    assert_eq!(typed("-600.01"), Err(CannotCorrect::BelowNothing(60_000)));
    for wrong in ["", "0", "0.00", "1.234", "一百", "--1", ".5", "1 000", "9999999999"] {
        assert_eq!(typed(wrong), Err(CannotCorrect::Amount), "{wrong}");
    }
    assert_eq!(correct(&Correcting { share_fen: None, ..ready }), Err(CannotCorrect::NoShare));
    assert_eq!(correct(&Correcting { open: false, ..ready }), Err(CannotCorrect::Closed));
    assert_eq!(correct(&Correcting { mends_approved: false, ..ready }), Err(CannotCorrect::NotApproved));
    assert_eq!(correct(&Correcting { reason: "漏记", ..ready }), Err(CannotCorrect::Reason));
}
