use super::*;
use crate::pay::kept::Kept;

fn share(official: i64, class: &str, stake_fen: i64, share_fen: Option<i64>) -> Share {
    Share {
        official,
        name: format!("甲{official}"),
        class: class.to_owned(),
        stake_fen,
        score_bp: Some(9_000),
        rank: None,
        share_fen,
        state: (if share_fen.is_some() { "settled" } else { "undecided" }).to_owned(),
        kept: Kept {
            number: format!("G{official}"),
            allowance_fen: None,
            parts: Vec::new(),
            submitted: true,
            without_superior: false,
            items: Vec::new(),
            members: 2,
            weight: "0".to_owned(),
            waived: None,
            arithmetic: None,
        },
    }
}

#[test]
fn who_gains_is_who_has_the_greater_reward_whatever_is_staked() {
    // 800 staked and 900 back, then 400 staked and 510 back: ten yuan better.
    let before = [share(1, "甲类", 80_000, Some(90_000)), share(2, "甲类", 80_000, Some(70_000))];
    let after = [share(1, "甲类", 40_000, Some(51_000)), share(2, "甲类", 40_000, Some(29_000))];
    let found = compare(&before, &after);
    assert_eq!((found.count(Effect::Gains), found.count(Effect::Loses)), (1, 1));
    assert_eq!(found.people.iter().map(Person::change_fen).collect::<Vec<_>>(), [Some(-1_000), Some(1_000)]);
    assert_eq!(found.groups[0].before.as_ref().unwrap().spread_fen, Some(20_000));
    assert!(found.conserved);
    let wrong = [share(1, "甲类", 40_000, Some(51_001)), share(2, "甲类", 40_000, Some(29_000))];
    assert!(!compare(&before, &wrong).conserved, "a fen from nowhere");
}

#[test]
fn an_open_group_and_a_class_that_one_side_lacks_are_told_apart() {
    let before = [share(1, "甲类", 100, Some(200)), share(2, "甲类", 100, Some(0)), share(3, "乙类", 50, Some(50))];
    let after = [share(1, "甲类", 100, None), share(2, "甲类", 100, None), share(4, "丙类", 70, Some(0))];
    let found = compare(&before, &after);
    assert_eq!((found.count(Effect::Open), found.count(Effect::Moves)), (2, 2));
    assert_eq!(found.open(), (0, 1));
    let classes: Vec<&str> = found.groups.iter().map(|pair| pair.class.as_str()).collect();
    assert_eq!(classes, ["甲类", "丙类", "乙类"]);
    let [was, would] = found.sums();
    assert_eq!((was.staked, was.paid, was.forfeited()), (250, 250, 0));
    assert_eq!((would.staked, would.paid, would.open, would.forfeited()), (270, 0, 200, 70));
}

#[test]
fn two_shares_of_one_person_are_one_line() {
    let before = [share(1, "甲类", 100, Some(150)), share(1, "乙类", 200, Some(100))];
    let found = compare(&before, &before);
    assert_eq!(found.people.len(), 1);
    let side = found.people[0].before.as_ref().unwrap();
    assert_eq!((side.classes.len(), side.stake_fen, side.delta_fen()), (2, 300, Some(-50)));
    assert_eq!(found.people[0].effect(), Effect::Same);
}
