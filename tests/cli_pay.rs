//! `youzhi pay settle`, as a person or a script calls it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const HEADER: &str = "unit,class,official,stake_fen,score_bp\n";
const OUT: &str = "unit,class,official,stake_fen,score_bp,share_fen,delta_fen,state\n";

fn settle(name: &str, csv: &[u8]) -> Output {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.csv"));
    fs::write(&path, csv).unwrap();
    Command::new(env!("CARGO_BIN_EXE_youzhi")).args(["pay", "settle"]).arg(path).output().unwrap()
}

fn settled(name: &str, csv: &str) -> String {
    let output = settle(name, csv.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(name: &str, csv: &[u8]) -> String {
    let output = settle(name, csv);
    assert!(!output.status.success(), "{name}");
    assert!(output.stdout.is_empty(), "{name}: nothing may be written");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn the_month_of_the_pay_page() {
    let rows = "局,科员,1,80000,10000\n局,科员,2,80000,9850\n局,科员,3,80000,9400\n\
                局,科员,4,80000,9100\n局,科员,5,80000,9000\n局,科员,6,80000,7800\n";
    let expected = "局,科员,1,80000,10000,91023,11023,settled\n局,科员,2,80000,9850,88977,8977,settled\n\
                    局,科员,3,80000,9400,82841,2841,settled\n局,科员,4,80000,9100,78750,-1250,settled\n\
                    局,科员,5,80000,9000,77386,-2614,settled\n局,科员,6,80000,7800,61023,-18977,settled\n";
    assert_eq!(settled("page", &format!("{HEADER}{rows}")), format!("{OUT}{expected}"));
}

#[test]
fn every_state_and_the_order_of_the_file() {
    let csv = format!(
        "{HEADER}甲,a,1,80000,10000\n乙,a,1,80000,0\n甲,a,2,80000,0\n丙,a,1,80000,9000\n乙,a,2,70000,0\n\
         丙,a,2,80000,9000\n丁,a,1,80000,5000\n戊,a,1,100,10000\n戊,a,2,100,5000\n己,a,1,80000,0\n"
    );
    let expected = "甲,a,1,80000,10000,160000,80000,settled\n乙,a,1,80000,0,0,-80000,forfeited\n\
        甲,a,2,80000,0,0,-80000,settled\n丙,a,1,80000,9000,,,undecided\n乙,a,2,70000,0,0,-70000,forfeited\n\
        丙,a,2,80000,9000,,,undecided\n丁,a,1,80000,5000,40000,-40000,settled\n戊,a,1,100,10000,,,infeasible\n\
        戊,a,2,100,5000,,,infeasible\n己,a,1,80000,0,0,-80000,settled\n";
    assert_eq!(settled("states", &csv), format!("{OUT}{expected}"));
}

#[test]
fn ranks_are_used_only_where_scores_tell_nobody_apart() {
    let csv = "unit,class,official,stake_fen,score_bp,rank\n甲,a,1,80000,9000,2\n甲,a,2,80000,9000,1\n\
               乙,a,1,80000,10000,2\n乙,a,2,80000,6000,1\n丙,a,1,80000,0,2\n丙,a,2,80000,0,1\n\
               丁,a,1,80000,9000,\n丁,a,2,80000,9000,\n";
    let expected = "甲,a,1,80000,9000,65000,-15000,settled\n甲,a,2,80000,9000,95000,15000,settled\n\
        乙,a,1,80000,10000,100000,20000,settled\n乙,a,2,80000,6000,60000,-20000,settled\n\
        丙,a,1,80000,0,0,-80000,forfeited\n丙,a,2,80000,0,0,-80000,forfeited\n\
        丁,a,1,80000,9000,,,undecided\n丁,a,2,80000,9000,,,undecided\n";
    assert_eq!(settled("ranks", csv), format!("{OUT}{expected}"));
}

#[test]
fn columns_in_any_order_a_bom_quotes_and_carriage_returns() {
    let csv = "\u{feff}note,score_bp,official,unit,stake_fen,class\r\n\
               x,10000,\"1,\"\"甲\"\"\",\"局\n一\",80000,科员\r\n\r\n,0,2,\"局\n一\",80000,科员";
    let expected = "\"局\n一\",科员,\"1,\"\"甲\"\"\",80000,10000,160000,80000,settled\n\
                    \"局\n一\",科员,2,80000,0,0,-80000,settled\n";
    assert_eq!(settled("order", csv), format!("{OUT}{expected}"));
}

#[test]
fn a_unit_that_comes_again_is_the_same_group() {
    // Many groups, each met twice, a long way apart.
    let rows = |score: u32| (0..5_000).map(move |n| format!("u{n},a,{score},80000,{score}\n"));
    let csv = format!("{HEADER}{}{}", rows(9_000).collect::<String>(), rows(1_000).collect::<String>());
    let text = settled("again", &csv);
    assert_eq!(text.lines().count(), 10_001);
    assert!(
        text.lines()
            .skip(1)
            .all(|line| line.ends_with(",144000,64000,settled") || line.ends_with(",16000,-64000,settled"))
    );
}

/// Rows enough that the file is read in halves, each four of a group.
fn long(rows: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    rows.map(|row| format!("u{},a,{row},80000,{}\n", row / 4, 6_000 + row % 4 * 1_000))
}

#[test]
fn a_long_file_gives_what_its_parts_give() {
    // Whatever group the middle falls into, and with a line break of either kind.
    for (rows, end) in [(8_000, "\n"), (8_001, "\n"), (8_003, "\r\n"), (8_006, "\n\n\r\n")] {
        let parts: Vec<String> = (0..rows).step_by(400).map(|at| long(at..rows.min(at + 400)).collect()).collect();
        let name = format!("long {rows}");
        let expected: String =
            parts.iter().map(|part| settled(&name, &format!("{HEADER}{part}"))[OUT.len()..].to_owned()).collect();
        let csv = format!("{HEADER}{}", parts.concat()).replace('\n', end);
        assert!(settled(&name, &csv) == format!("{OUT}{expected}"), "{name}");
    }
}

#[test]
fn a_quote_before_the_middle_of_a_long_file_may_close_after_it() {
    // The unit's name holds what looks like rows, from the first line on, past the middle, almost to the end.
    let name: String = long(0..8_000).collect();
    let csv = format!("{HEADER}\"{name}\",a,1,80000,10000\nx,a,1,80000,5000\n");
    let expected = format!("{OUT}\"{name}\",a,1,80000,10000,80000,0,settled\nx,a,1,80000,5000,40000,-40000,settled\n");
    assert!(settled("long quote", &csv) == expected);
    let why = refused("long quote, bad", format!("{csv}x,a,2,y,1\n").as_bytes());
    assert!(why.contains("第8004行，stake_fen列"), "{why}");
}

#[test]
fn the_first_bad_row_of_a_long_file_is_named_wherever_it_stands() {
    let rows: Vec<String> = long(0..8_000).collect();
    let with = |bad: &[(usize, &str)]| {
        let mut rows = rows.clone();
        for (row, text) in bad {
            rows[*row] = format!("{text}\n");
        }
        refused("long bad", format!("{HEADER}{}", rows.concat()).as_bytes())
    };
    let (stake, narrow, class) = ("u,a,1,x,1", "u,a", "u,,1,1,1");
    for (bad, part) in [
        (&[(100, stake), (7_000, class)][..], "第102行，stake_fen列"),
        (&[(6_000, stake), (7_000, class)], "第6002行，stake_fen列"),
        (&[(7_999, narrow)], "第8001行：有2列"),
        (&[(1, "u0,a,0,80000,1"), (7_001, "u1750,a,7000,1,1")], "第3行，official列"),
        (&[(7_001, "u1750,a,7000,1,1"), (7_998, "u0,a,0,80000,1")], "第7003行，official列"),
        (&[(7_998, "u0,a,3,80000,1")], "第8000行，official列"),
    ] {
        let why = with(bad);
        assert!(why.contains(part), "{bad:?}: {why}");
    }
}

#[test]
fn a_header_alone_gives_a_header_alone() {
    assert_eq!(settled("alone", HEADER), OUT);
}

#[test]
fn the_greatest_stake_is_exact() {
    let csv = format!("{HEADER}a,a,1,10000000000,10000\na,a,2,10000000000,9999\na,a,3,9999999999,3333\n");
    let text = settled("greatest", &csv);
    assert!(text.contains(",12857877593,") && text.contains(",12856591805,") && text.contains(",4285530601,"));
}

#[test]
fn bad_input_names_line_and_column_and_writes_nothing() {
    let good = "a,b,1,80000,9000\n";
    for (name, rows, parts) in [
        ("negative", "a,b,2,-1,9000\n", ["第3行", "stake_fen"]),
        ("over", "a,b,2,10000000001,9000\n", ["第3行", "stake_fen"]),
        ("huge", "a,b,2,99999999999999999999999,9000\n", ["第3行", "stake_fen"]),
        ("decimals", "a,b,2,800.00,9000\n", ["第3行", "stake_fen"]),
        ("no stake", "a,b,2,,9000\n", ["第3行", "stake_fen"]),
        ("score", "a,b,2,80000,10001\n", ["第3行", "score_bp"]),
        ("no score", "a,b,2,80000,\n", ["第3行", "score_bp"]),
        ("no official", "a,b,,80000,9000\n", ["第3行", "official"]),
        ("no unit", ",b,2,80000,9000\n", ["第3行", "unit"]),
        ("no class", "a,,2,80000,9000\n", ["第3行", "class"]),
        ("twice", "c,b,1,80000,9000\n\na,b,1,80000,9000\n", ["第5行", "official"]),
        ("narrow", "a,b,2,80000\n", ["第3行", "4列"]),
        ("wide", "a,b,2,80000,1,1\n", ["第3行", "6列"]),
    ] {
        let why = refused(name, format!("{HEADER}{good}{rows}").as_bytes());
        assert!(parts.iter().all(|part| why.contains(part)), "{name}: {why}");
    }
    let line = refused("multi-line", format!("{HEADER}\"a\nb\",b,1,1,1\na,b,1,1,x\n").as_bytes());
    assert!(line.contains("第4行"), "{line}");
}

#[test]
fn other_ranks_are_refused() {
    for (name, ranks, part) in [
        ("gap", ["1", "3"], "第3行"),
        ("tie", ["1", "1"], "第3行"),
        ("half", ["1", ""], "第3行"),
        ("other half", ["", "1"], "第2行"),
        ("zero", ["0", "1"], "第2行"),
        ("word", ["1", "x"], "第3行"),
    ] {
        let [one, two] = ranks;
        let header = "unit,class,official,stake_fen,score_bp,rank\n";
        let csv = format!("{header}a,b,1,80000,9000,{one}\na,b,2,80000,8000,{two}\n");
        let why = refused(&format!("rank {name}"), csv.as_bytes());
        assert!(why.contains(part) && why.contains("rank"), "{name}: {why}");
    }
}

#[test]
fn a_header_that_does_not_fit_is_refused() {
    for (name, header, part) in [
        ("empty", "", "空"),
        ("missing", "unit,class,official,stake_fen\n", "缺少“score_bp”列"),
        ("double", "unit,unit,class,official,stake_fen,score_bp\n", "重复"),
        ("capital", "unit,class,official,stake_fen,score_bp,Rank\n", "应写成“rank”"),
    ] {
        let why = refused(&format!("header {name}"), header.as_bytes());
        assert!(why.contains("第1行") && why.contains(part), "{name}: {why}");
    }
}

#[test]
fn what_is_not_utf_8_is_refused() {
    let mut csv = HEADER.as_bytes().to_vec();
    csv.extend_from_slice(b"\xbe\xd6,a,1,80000,9000\n");
    let why = refused("gbk", &csv);
    assert!(why.contains("第2行") && why.contains("unit") && why.contains("UTF-8"), "{why}");
}
