use jiff::civil::date;

use super::*;

fn typed(fields: &[(&str, &str)]) -> Typed {
    fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

fn november() -> Month {
    "2026-11".parse().unwrap()
}

fn of(fields: &[(&str, &str)]) -> Result<Vec<(String, String)>, Wrong> {
    let found = changes(Policy::published(), november().first_day(), &typed(fields))?;
    Ok(found.into_iter().map(|change| (change.key, change.text)).collect())
}

#[test]
fn what_is_typed_is_read_in_the_unit_of_its_value_and_what_stays_is_no_change() {
    let change = |key: &str, text: &str| Ok(vec![(key.to_owned(), text.to_owned())]);
    assert_eq!(of(&[("pay.unit_heads.month_fen", "800")]), change("pay.unit_heads.month_fen", "80000"));
    assert_eq!(of(&[("pay.others.share_bp", "30.5%")]), change("pay.others.share_bp", "3050"));
    assert_eq!(of(&[("pay.notice.working_days", "7")]), change("pay.notice.working_days", "7"));
    assert_eq!(of(&[("pay.unit_heads.month_fen", "600.00"), ("pay.others.share_bp", "")]), Ok(Vec::new()));
    assert_eq!(of(&[("clock.handling.days", "90"), ("plan.cancel_by.day", "9")]), Ok(Vec::new()), "no values of pay");
    for (key, text) in [
        ("pay.unit_heads.month_fen", "-1"),
        ("pay.unit_heads.month_fen", "六百"),
        ("pay.others.share_bp", "100.01"),
        ("pay.min_spread_fen", "300.01"),
        ("pay.notice.working_days", "5.5"),
    ] {
        assert!(of(&[(key, text)]).unwrap_err().contains_key(key), "{key} = {text}");
    }
}

#[test]
fn classes_are_written_as_a_file_of_values_writes_them_and_everybody_else_comes_last() {
    let fields = |posts: &'static str, last: &'static str| {
        [
            ("classes", "1"),
            ("class.0.name", "正\"科\""),
            ("class.0.posts", posts),
            ("class.0.stake", "unit_heads"),
            ("class.0.group", "county"),
            ("class.1.name", ""),
            ("class.1.posts", ""),
            ("class.2.name", "其他"),
            ("class.2.posts", last),
            ("class.2.stake", "others"),
            ("class.2.group", "unit"),
        ]
    };
    let found = changes(Policy::published(), november().first_day(), &typed(&fields("局长， 主任", ""))).unwrap();
    let policy = as_if(Policy::published(), november(), None, &found).unwrap();
    let classes = policy.pay_classes(november().first_day()).unwrap();
    assert_eq!(classes[0].name, "正\"科\"");
    assert_eq!(classes[0].posts, ["局长", "主任"]);
    assert_eq!((classes.len(), classes[1].group), (2, GroupBounds::Unit));
    for (posts, last) in [("局长", "科员"), ("", ""), ("局长、局长", "")] {
        assert!(of(&fields(posts, last)).is_err(), "{posts} {last}");
    }
    // Without the tick the rows are those that were shown.
    assert_eq!(of(&fields("局长", "")[1..]), Ok(Vec::new()));
}

#[test]
fn a_scheme_to_come_holds_as_if_it_had_held_and_a_change_goes_before_it() {
    let from = date(2027, 1, 1);
    let own = ["pay.others.share_bp", "pay.min_spread_fen"]
        .map(|key| LocalRow::read(key, from, "2000", "《新办法》").unwrap());
    let policy = Policy::published().clone().with_local(own).unwrap();
    let change = [Change { key: "pay.min_spread_fen".to_owned(), text: "40000".to_owned() }];
    let tried = as_if(&policy, november(), Some(from), &change).unwrap();
    let number = |policy: &Policy, key| policy.number(key, november().first_day()).unwrap();
    assert_eq!(number(&tried, "pay.others.share_bp"), 2_000);
    assert_eq!(number(&tried, "pay.min_spread_fen"), 40_000);
    assert_eq!(number(&policy, "pay.others.share_bp"), 4_000);
    assert_eq!(days(&policy), [date(2010, 1, 1), from]);
}

#[test]
fn a_document_sets_values_from_a_month_that_it_covers_and_of_which_nothing_was_submitted() {
    let one = [Change { key: "pay.min_spread_fen".to_owned(), text: "40000".to_owned() }];
    let with = |holds_from, holds_to| set(Some(Authority { holds_from, holds_to }), november(), None, &one);
    assert_eq!(with("2026-11-01", "2026-11-30"), Ok(()));
    assert_eq!(with("2026-11-01", ""), Ok(()));
    assert_eq!(with("2026-11-02", ""), Err(CannotSet::NotCovered));
    assert_eq!(with("2026-10-01", "2026-11-29"), Err(CannotSet::NotCovered));
    let document = Some(Authority { holds_from: "2026-01-01", holds_to: "" });
    assert_eq!(set(document, november(), Some(november().plus(-1)), &one), Ok(()));
    assert_eq!(set(document, november(), Some(november()), &one), Err(CannotSet::Submitted(november())));
    assert_eq!(set(document, november(), None, &[]), Err(CannotSet::Nothing));
    assert_eq!(set(None, november(), None, &one), Err(CannotSet::NoDocument));
}
