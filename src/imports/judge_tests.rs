use jiff::civil::date;

use super::*;

const TODAY: Date = date(2026, 11, 2);

fn known() -> Known {
    let mut known = Known::default();
    for (code, kind) in [("430223", "county"), ("430223125", "township"), ("430223125209", "village")] {
        let place = Place { name: format!("名{code}"), kind: kind.to_owned(), until: String::new() };
        known.divisions.insert(code.to_owned(), place);
    }
    known
        .units
        .insert("LTA".to_owned(), ["LTA", "莲塘坳镇", "township", "430223125", "", ""].map(str::to_owned).to_vec());
    for (code, above) in [("ZZ", ""), ("KY", "ZZ")] {
        known.posts.insert(code.to_owned(), [code, "LTA", "科员", "科员", above].map(str::to_owned).to_vec());
    }
    known
}

fn judge(known: &mut Known, kind: Kind, row: &[&str]) -> Verdict {
    let mut cells: Cells = row.iter().map(|cell| Some((*cell).to_owned())).collect();
    known.judge(kind, &mut cells, &mut HashSet::new(), TODAY, true)
}

#[track_caller]
fn refused(kind: Kind, row: &[&str], why: &str) {
    match judge(&mut known(), kind, row) {
        Verdict::Refuse(reason) => assert!(reason.contains(why), "{reason}"),
        verdict => panic!("{row:?}: {verdict:?}"),
    }
}

#[test]
fn a_place_needs_the_place_above_it() {
    assert_eq!(judge(&mut known(), Kind::Divisions, &["430223125210", "廖公村", ""]), Verdict::Add);
    refused(Kind::Divisions, &["430223126210", "廖公村", ""], "没有上级 430223126");
    refused(Kind::Divisions, &["430223125210", "廖公村", "430223126"], "不符");
    refused(Kind::Divisions, &["43022312521", "廖公村", ""], "不是 6、9 或 12 位");
    refused(Kind::Groups, &["430223125209", "阳升观村", ""], "14 位");
    refused(Kind::Divisions, &["430224", "茶陵县", ""], "只有一个县");
    assert_eq!(judge(&mut known(), Kind::Groups, &["43022312520901", "1组"]), Verdict::Add);
}

#[test]
fn the_same_row_changes_nothing_and_another_name_does() {
    assert_eq!(judge(&mut known(), Kind::Divisions, &["430223125", "名430223125", ""]), Verdict::Same);
    assert_eq!(judge(&mut known(), Kind::Divisions, &["430223125", "莲塘坳镇", ""]), Verdict::Change);
}

#[test]
fn a_code_stands_in_a_file_once() {
    let (mut known, mut seen) = (known(), HashSet::new());
    let row: Cells = vec![Some("43022312520901".to_owned()), Some("1组".to_owned())];
    assert_eq!(known.judge(Kind::Groups, &mut row.clone(), &mut seen, TODAY, true), Verdict::Add);
    let again = known.judge(Kind::Groups, &mut row.clone(), &mut seen, TODAY, true);
    assert_eq!(again, Verdict::Refuse("与文件里前面的行重复".to_owned()));
}

#[test]
fn two_posts_never_stand_above_each_other() {
    refused(Kind::Posts, &["ZZ", "LTA", "镇长", "", "KY"], "在这个职务之下");
    refused(Kind::Posts, &["KY", "LTA", "科员", "", "KY"], "不能是自己");
    refused(Kind::Posts, &["X", "LTA", "科员", "", "没有"], "没有上级职务");
    assert_eq!(judge(&mut known(), Kind::Posts, &["X", "LTA", "科员", "", "ZZ"]), Verdict::Add);
    assert_eq!(judge(&mut known(), Kind::Posts, &["KY", "LTA", "科员", "", "ZZ"]), Verdict::Same);
}

#[test]
fn units_know_their_kind_and_place() {
    assert_eq!(judge(&mut known(), Kind::Units, &["NYJ", "县农业农村局", "部门", "430223", ""]), Verdict::Add);
    assert_eq!(judge(&mut known(), Kind::Units, &["LTA", "莲塘坳镇", "乡镇", "430223125", ""]), Verdict::Same);
    refused(Kind::Units, &["NYJ", "县农业农村局", "公司", "430223", ""], "类别");
    refused(Kind::Units, &["NYJ", "县农业农村局", "部门", "430299", ""], "没有区划");
    refused(Kind::Units, &["NYJ", "县农业农村局", "部门", "430223", "没有"], "没有上级单位");
}

#[test]
fn households_lie_in_a_village_and_count_their_people() {
    let row = ["0012", "欧阳", "430223125209", "0", "13812345678"];
    assert_eq!(judge(&mut known(), Kind::Households, &row), Verdict::Add);
    refused(Kind::Households, &["0012", "欧阳", "430223125", "3", ""], "不是村");
    refused(Kind::Households, &["0012", "欧阳", "430223125209", "三", ""], "不是数字");
    refused(Kind::Households, &["0012", "欧阳", "430223125209", "100", ""], "0 到 99");
    assert_eq!(judge(&mut known(), Kind::Households, &["0012", "欧阳", "430223125209", "99", ""]), Verdict::Add);
    refused(Kind::Households, &["0012", "欧阳", "430223125209", "3", "138"], "11 位");
    refused(Kind::Households, &["0012", "", "430223125209", "3", ""], "户主是空的");
}

#[test]
fn an_empty_phone_takes_none_away() {
    let mut known = known();
    judge(&mut known, Kind::Households, &["0012", "欧阳", "430223125209", "3", "13812345678"]);
    assert_eq!(judge(&mut known, Kind::Households, &["0012", "欧阳", "430223125209", "3", ""]), Verdict::Same);
    assert_eq!(judge(&mut known, Kind::Households, &["0012", "欧阳", "430223125209", "4", ""]), Verdict::Change);
    assert_eq!(known.households["0012"][3], "13812345678");
}

#[test]
fn an_official_may_hold_two_posts_and_one_account() {
    let mut known = known();
    assert_eq!(judge(&mut known, Kind::Officials, &["007", "丁一", "ZZ", "2025.3.1", "DingYi"]), Verdict::Add);
    assert_eq!(judge(&mut known, Kind::Officials, &["007", "丁一", "KY", "", "dingyi"]), Verdict::Change);
    assert_eq!(judge(&mut known, Kind::Officials, &["007", "丁一", "ZZ", "2025-03-01", ""]), Verdict::Same);
    let other = judge(&mut known, Kind::Officials, &["008", "丁二", "ZZ", "", "dingyi"]);
    assert_eq!(other, Verdict::Refuse("账号 dingyi 已经是别人的".to_owned()));
    let second = judge(&mut known, Kind::Officials, &["007", "丁一", "ZZ", "", "ding2"]);
    assert_eq!(second, Verdict::Refuse("这位干部已有账号".to_owned()));
}

#[test]
fn personnel_bring_officials_but_open_no_accounts() {
    let mut row: Cells = ["009", "丁三", "ZZ", "", "dingsan"].iter().map(|cell| Some((*cell).to_owned())).collect();
    let verdict = known().judge(Kind::Officials, &mut row, &mut HashSet::new(), TODAY, false);
    assert!(matches!(verdict, Verdict::Refuse(reason) if reason.contains("系统管理员")));
}

#[test]
fn an_official_begins_today_at_the_latest_and_leaves_on_a_day() {
    refused(Kind::Officials, &["1", "丁一", "ZZ", "2026-11-03", ""], "今天以后");
    assert_eq!(judge(&mut known(), Kind::Officials, &["1", "丁一", "ZZ", "2026-11-02", ""]), Verdict::Add);
    let mut known = known();
    assert_eq!(judge(&mut known, Kind::Officials, &["1", "丁一", "ZZ", "2025-03-01", ""]), Verdict::Add);
    known.named.clear();
    let moved = judge(&mut known, Kind::Officials, &["1", "丁一", "ZZ", "2025-04-01", ""]);
    assert!(matches!(moved, Verdict::Refuse(why) if why.contains("已记为 2025-03-01")));
    let left = ["1", "丁一", "ZZ", "2025-03-01", "", "2026-10-01"];
    assert_eq!(judge(&mut known, Kind::Officials, &left), Verdict::Change);
    assert_eq!(judge(&mut known, Kind::Officials, &left), Verdict::Same);
    assert_eq!(judge(&mut known, Kind::Officials, &["1", "丁一", "ZZ", "2026-10-01", ""]), Verdict::Change);
}

#[test]
fn one_number_has_one_name_in_a_file() {
    let mut known = known();
    assert_eq!(judge(&mut known, Kind::Officials, &["1", "丁一", "ZZ", "", ""]), Verdict::Add);
    let other = judge(&mut known, Kind::Officials, &["1", "丁二", "KY", "", ""]);
    assert_eq!(other, Verdict::Refuse("干部编号 1 在文件前面写的是丁一".to_owned()));
    // In the next file the name may have changed.
    known.named.clear();
    assert_eq!(judge(&mut known, Kind::Officials, &["1", "丁二", "KY", "", ""]), Verdict::Change);
}

#[test]
fn villages_are_assigned_and_allowances_given_to_officials_who_are_there() {
    let mut known = known();
    known.officials.insert("1".to_owned(), "丁一".to_owned());
    let village = "430223125209";
    assert_eq!(judge(&mut known, Kind::Assignments, &["1", village, "2026-01-01", ""]), Verdict::Add);
    assert_eq!(judge(&mut known, Kind::Assignments, &["1", village, "2026-01-01", "2026-11-01"]), Verdict::Change);
    refused(Kind::Assignments, &["2", village, "", ""], "没有干部 2");
    let town = judge(&mut known, Kind::Assignments, &["1", "430223125", "", ""]);
    assert_eq!(town, Verdict::Refuse("430223125 不是村或社区".to_owned()));
    assert_eq!(judge(&mut known, Kind::Allowances, &["1", "2026-01-01", "3200.50", "丁一"]), Verdict::Add);
    assert_eq!(judge(&mut known, Kind::Allowances, &["1", "2026/1/1", "3,200.5", ""]), Verdict::Same);
    assert_eq!(judge(&mut known, Kind::Allowances, &["1", "2026-01-01", "3300", ""]), Verdict::Change);
    let wrong = judge(&mut known, Kind::Allowances, &["1", "2026-01-01", "3300", "丁二"]);
    assert_eq!(wrong, Verdict::Refuse("干部编号 1 是丁一，不是丁二".to_owned()));
}

#[test]
fn a_village_that_is_used_no_more_takes_in_nobody() {
    let mut known = known();
    assert_eq!(
        judge(&mut known, Kind::Divisions, &["430223125209", "名430223125209", "", "2026-11-01"]),
        Verdict::Change
    );
    let again = judge(&mut known, Kind::Divisions, &["430223125209", "阳升观村", "", ""]);
    assert!(matches!(again, Verdict::Refuse(why) if why.contains("不再使用")));
    let household = judge(&mut known, Kind::Households, &["0012", "欧阳", "430223125209", "3", ""]);
    assert_eq!(household, Verdict::Refuse("区划 430223125209 已停用".to_owned()));
    let group = judge(&mut known, Kind::Groups, &["43022312520901", "1组", ""]);
    assert_eq!(group, Verdict::Refuse("上级 430223125209 已停用".to_owned()));
}
