//! `youzhi due`, as a person or a script calls it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::process::{Command, Output};

use serde_json::Value;

fn youzhi(args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_youzhi")).arg("due").args(args.split_whitespace()).output().unwrap()
}

fn json(args: &str) -> Value {
    let output = youzhi(&format!("{args} --json"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(args: &str) -> String {
    let output = youzhi(args);
    assert!(!output.status.success() && output.stdout.is_empty(), "{args}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_clock_gives_its_day_article_and_arithmetic() {
    let answer = json("--clock handling --from 2026-09-01");
    assert_eq!(answer["due"], "2026-11-02");
    assert_eq!(answer["unmoved"], "2026-10-31");
    assert_eq!(answer["article"], "《信访工作条例》第三十四条");
    assert_eq!(answer["provisional"], false);
    assert!(answer.get("why").is_none());
    let steps = answer["steps"].as_array().unwrap();
    assert!(steps.last().unwrap()["text"].as_str().unwrap().contains("顺延至2026-11-02"), "{steps:?}");
    assert_eq!(steps.last().unwrap()["source"], "《民法典》第二百零三条");
}

#[test]
fn hearings_and_extensions_are_counted() {
    let spans = "--suspend 2026-04-01..2026-04-01 --suspend 2026-04-02..2026-04-03";
    assert_eq!(json(&format!("--clock re-review --from 2026-03-02 {spans}"))["due"], "2026-04-07");
    assert_eq!(json("--clock handling --from 2026-09-01 --extend 30")["due"], "2026-11-30");
}

#[test]
fn the_regulation_and_code_of_the_day_are_named() {
    let answer = json("--clock registration --from 2020-12-12");
    assert_eq!(answer["article"], "《信访条例》第二十一条");
    assert_eq!(answer["steps"][3]["source"], "《民法通则》第一百五十四条");
}

#[test]
fn an_unpublished_year_is_provisional_or_unknown() {
    let days = json("--clock handling --from 2026-11-16");
    assert_eq!((days["due"].as_str(), days["provisional"].as_bool()), (Some("2027-01-15"), Some(true)));
    let working = json("--clock objection --from 2026-12-25");
    assert_eq!((&working["due"], working["provisional"].as_bool()), (&Value::Null, Some(true)));
    assert!(working["why"].as_str().unwrap().contains("2027"));
}

#[test]
fn reception_days_move_off_rest_days() {
    assert_eq!(json("--reception 15 --month 2026-11")["due"], "2026-11-16");
    assert_eq!(json("--reception 10 --month 2026-10")["due"], "2026-10-10");
    assert_eq!(json("--reception 10 --month 2027-01")["provisional"], true);
}

#[test]
fn the_words_show_every_step() {
    let output = youzhi("--clock 办理 --from 2026-09-01");
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["办理：2026-11-02（星期一）", "依据：《信访工作条例》第三十四条", "当日不计入", "顺延至2026-11-02"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn bad_input_is_refused_in_chinese() {
    for (args, part) in [
        ("", "请用 --clock"),
        ("--clock nothing --from 2026-01-01", "没有名为“nothing”的期限"),
        ("--clock handling", "--from"),
        ("--clock handling --from 2026-02-30", "不是日期"),
        ("--clock handling --from 2026-02-01T00:00", "不是日期"),
        ("--clock handling --from 2026-09-01 --extend 31", "超过上限30日"),
        ("--clock handling --from 2026-09-01 --extend -1", "不是天数"),
        ("--clock review --from 2026-09-01 --extend 1", "不能延长"),
        ("--clock notice --from 2026-09-01 --suspend 2026-09-02..2026-09-03", "不能扣除"),
        ("--clock handling --from 2026-09-01 --suspend 2026-09-02..2026-09-03", "只规定复核的听证时间不计入"),
        ("--clock re-review --from 2026-09-01 --suspend 2026-09-03T08:00..2026-09-04T00:00", "起日..止日"),
        ("--clock re-review --from 2026-09-01 --suspend 2026-09-03..2026-09-02", "早于"),
        ("--clock re-review --from 2026-09-01 --suspend 2026-09-03", "起日..止日"),
        ("--clock handling --from 2005-04-30", "尚无"),
        ("--clock handling --from 9999-12-01", "超出"),
        ("--clock handling --reception 10", "只能用一个"),
        ("--reception 12 --month 2026-01", "10（乡镇"),
        ("--reception 10", "--month"),
        ("--reception 10 --month 2026-13", "不是月份"),
        ("--reception 10 --month 2026-01 --from 2026-01-01", "只和 --clock"),
    ] {
        let why = refused(args);
        assert!(why.contains(part), "{args}: {why}");
    }
}
