//! A new county from the command line: `init`, `import`, `verify`, as an operator runs them.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(youzhi::secrets::random_hex::<8>());
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_youzhi"))
        .args(arguments)
        .current_dir(folder)
        .env("YOUZHI_DATA", folder)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn init(folder: &Path, divisions: &str) -> Output {
    let bytes = encoding_rs::GBK.encode(divisions).0.into_owned();
    std::fs::write(folder.join("区划.csv"), bytes).unwrap();
    run(folder, &["init", "--divisions", "区划.csv", "--login", "admin", "--name", "罗致远"])
}

/// In the encoding and with the digits of an office.
const DIVISIONS: &str = "代码,名称\n４３０２２３１２５２０９,阳升观村\n430223,攸县\n430223125,莲塘坳镇\n";

#[test]
fn a_county_begins_from_the_file_that_an_office_has() {
    let folder = folder();
    let done = init(&folder, DIVISIONS);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("初始口令"));
    let out = run(&folder, &["export", "divisions", "out.csv"]);
    assert!(out.status.success(), "{}", said(&out));
    let text = std::fs::read_to_string(folder.join("out.csv")).unwrap();
    assert!(text.contains("430223125209,阳升观村,430223125"), "{text}");

    let values = "名称,生效日期,值,出处\nplan.propose_by.day,2026-12-01,20,《通知》第二条\nclock.handling.days,2026-12-01,9,《通知》\n";
    std::fs::write(folder.join("值.csv"), values).unwrap();
    let refused = run(&folder, &["import", "values", "值.csv"]);
    assert!(!refused.status.success() && said(&refused).contains("退回 1 行"), "{}", said(&refused));
    assert!(std::fs::read_to_string(folder.join("值-退回.csv")).unwrap().contains("国家规定"));
    let taken = run(&folder, &["import", "values", "值.csv", "--good-rows"]);
    assert!(said(&taken).contains("新增 1 行"), "{}", said(&taken));
    let verified = run(&folder, &["verify"]);
    assert!(verified.status.success() && said(&verified).contains("存证链完整"), "{}", said(&verified));
    let head = said(&verified).split("sm3:").nth(1).unwrap()[..64].to_owned();
    let link = run(&folder, &["verify", "--link", &head]);
    assert!(link.status.success() && said(&link).contains("重算相符"), "{}", said(&link));
}

#[test]
fn divisions_that_do_not_fit_come_back_and_no_county_begins() {
    let folder = folder();
    let refused = init(&folder, "代码,名称\n430223,攸县\n430299125,别处\n");
    assert!(!refused.status.success(), "{}", said(&refused));
    assert!(folder.join("区划-退回.csv").exists(), "{}", said(&refused));
    let done = init(&folder, DIVISIONS);
    assert!(done.status.success(), "{}", said(&done));
}
