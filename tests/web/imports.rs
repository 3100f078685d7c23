//! G7: the ground comes in from spreadsheets, whatever their encoding, and goes out again.

use axum::body::Body;
use axum::http::{Request, header};
use youzhi::sheet::{self, Format};

use crate::county::{Answer, County, Person};

const TEXT: &str = "户号,户主,区划代码,人口,电话\n\
    ０００１２,欧阳,430223125209,３,１３８１２３４５６７８\n\
    00013,易春兰,430223125209,4,\n";

/// Sends a file as a browser does.
async fn upload(person: &Person<'_>, kind: &str, rows: &str, name: &str, bytes: &[u8]) -> Answer {
    let key = person.get("/imports").await.hidden("/imports").into_iter().find(|(name, _)| name == "key").unwrap().1;
    send(person, &key, kind, rows, name, bytes).await
}

async fn send(person: &Person<'_>, key: &str, kind: &str, rows: &str, name: &str, bytes: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (field, value) in [("key", key), ("kind", kind), ("rows", rows)] {
        body.extend_from_slice(
            format!("--mark\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    body.extend_from_slice(
        format!(
            "--mark\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--mark--\r\n");
    let request = Request::post("/imports")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=mark")
        .header("sec-fetch-site", "same-origin");
    person.send_body(request, Body::from(body)).await
}

/// Uploads and opens the page of what came of it.
pub async fn imported(person: &Person<'_>, kind: &str, rows: &str, name: &str, bytes: &[u8]) -> (String, Answer) {
    let answer = upload(person, kind, rows, name, bytes).await;
    let path = answer.is(303).location().to_owned();
    let page = person.get(&path).await;
    (path, page)
}

#[tokio::test]
async fn households_come_in_from_every_encoding_with_leading_zeros_and_full_width_digits() {
    let gbk = encoding_rs::GBK.encode(TEXT).0.into_owned();
    let marked = format!("\u{feff}{TEXT}").into_bytes();
    let sheet = sheet::read(TEXT.as_bytes()).unwrap();
    let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
    let excel = sheet::write(Format::Xlsx, &columns, sheet.rows.iter().map(|(_, row)| row.clone())).unwrap();
    for bytes in [TEXT.as_bytes().to_vec(), gbk, marked, excel] {
        let county = County::new().await;
        let officer = county.signed_in("xitong").await;
        let (_, page) = imported(&officer, "households", "all", "户册", &bytes).await;
        page.is(200).says("新增 2 行");
        let kept = "SELECT COUNT(*) FROM household WHERE number = '00012' AND head = '欧阳' AND people = 3
                       AND village = '430223125209' AND phone IS NOT NULL";
        assert_eq!(county.count(kept).await, 1);
        assert_eq!(county.count("SELECT COUNT(*) FROM household").await, 2);
        assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'import.run'").await, 1);
    }
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_says_so() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    imported(&officer, "households", "all", "户册.csv", TEXT.as_bytes()).await.1.says("新增 2 行");
    let (_, page) = imported(&officer, "households", "all", "户册.csv", TEXT.as_bytes()).await;
    page.says("没有变化：2 行与现有的相同");
    let other = TEXT.replace("易春兰", "易秋兰");
    imported(&officer, "households", "all", "户册.csv", other.as_bytes()).await.1.says("更改 1 行").says("相同 1 行");
    assert_eq!(county.count("SELECT COUNT(*) FROM household WHERE head = '易秋兰'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM household").await, 2);
}

#[tokio::test]
async fn one_bad_row_keeps_all_out_and_comes_back_with_its_reason() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let file = format!("{TEXT}00013,另一户,430223125209,2,\n00014,丁一,430223999999,2,\n");
    let (path, page) = imported(&officer, "households", "all", "户册.csv", file.as_bytes()).await;
    page.is(200).says("2 行不合要求，一行也没有导入");
    assert_eq!(county.count("SELECT COUNT(*) FROM household").await, 0);
    let back = officer.get(&format!("{path}/refused")).await;
    back.is(200);
    let back = sheet::read(&back.bytes).unwrap();
    assert_eq!(back.columns.last().unwrap(), "退回原因");
    assert_eq!(back.rows[0].1, ["00013", "另一户", "430223125209", "2", "", "与文件里前面的行重复"]);
    assert_eq!(back.rows[1].1[5], "没有区划 430223999999");
    // The refused rows hold personal data: nobody else fetches them, nor does the next import leave them.
    county.signed_in("renshi").await.get(&format!("{path}/refused")).await.is(404);

    let (good, page) = imported(&officer, "households", "good", "户册.csv", file.as_bytes()).await;
    page.says("新增 2 行").says("退回 2 行");
    assert_eq!(county.count("SELECT COUNT(*) FROM household").await, 2);
    officer.get(&format!("{path}/refused")).await.is(404);
    officer.get(&format!("{good}/refused")).await.is(200);
}

#[tokio::test]
async fn refused_rows_of_a_workbook_come_back_as_a_workbook() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let rows =
        [vec!["43022312520901".to_owned(), "1组".to_owned()], vec!["4302231252091".to_owned(), "2组".to_owned()]];
    let bytes = sheet::write(Format::Xlsx, &["小组代码", "小组名称"], rows).unwrap();
    let (path, _) = imported(&officer, "groups", "good", "小组.xlsx", &bytes).await;
    let back = officer.get(&format!("{path}/refused")).await;
    let back = sheet::read(&back.bytes).unwrap();
    assert_eq!(back.format, Format::Xlsx);
    assert!(back.rows[0].1[2].contains("14 位"), "{:?}", back.rows);
    let kept = "SELECT COUNT(*) FROM division WHERE kind = 'group' AND parent = '430223125209' AND name = '1组'";
    assert_eq!(county.count(kept).await, 1);
}

#[tokio::test]
async fn a_file_without_its_columns_comes_back_as_a_form() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    upload(&officer, "households", "all", "a.csv", "户号,户主\n1,丁一\n".as_bytes())
        .await
        .is(422)
        .says("缺少这些列：区划代码、人口");
    upload(&officer, "households", "all", "a.csv", b"").await.is(422).says("请选择一个文件");
    upload(&officer, "else", "all", "a.csv", TEXT.as_bytes()).await.is(422).says("请选择导入什么");
    assert_eq!(county.count("SELECT COUNT(*) FROM import_run").await, 0);
}

#[tokio::test]
async fn the_second_click_imports_once() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let key = officer.get("/imports").await.hidden("/imports").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let first = send(&officer, &key, "households", "all", "a.csv", TEXT.as_bytes()).await;
    let second = send(&officer, &key, "households", "all", "a.csv", TEXT.as_bytes()).await;
    assert_eq!(first.is(303).location(), second.is(303).location());
    assert_eq!(county.count("SELECT COUNT(*) FROM import_run").await, 1);
}

#[tokio::test]
async fn a_new_county_builds_up_from_its_sheets() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    // The village stands before its township: what lies above is judged first.
    let divisions = "代码,名称\n430223127201,新庄村\n430223127,新镇\n";
    imported(&officer, "divisions", "all", "区划.csv", divisions.as_bytes()).await.1.says("新增 2 行");
    let units =
        "单位代码,单位名称,类别,区划代码,上级单位代码\nXZ,新镇,乡镇,430223127,\nXZY,新庄村,村,430223127201,XZ\n";
    imported(&officer, "units", "all", "单位.csv", units.as_bytes()).await.1.says("新增 2 行");
    let posts = "职务代码,单位代码,职务,绩酬职务,上级职务代码\nXZ-1,XZ,镇长,乡镇长,\nXZ-2,XZ,办点干部,科员,XZ-1\n";
    imported(&officer, "posts", "all", "职务.csv", posts.as_bytes()).await.1.says("新增 2 行");
    let officials = "干部编号,姓名,职务代码,任职日期,账号\n0001,欧阳晖,XZ-1,2025年3月1日,ouyang\n0002,文斌,XZ-2,,\n";
    imported(&officer, "officials", "all", "干部.csv", officials.as_bytes()).await.1.says("新增 2 行");
    let held = "SELECT COUNT(*) FROM appointment a JOIN official o ON o.id = a.official JOIN post p ON p.id = a.post
                  JOIN post s ON s.id = p.superior
                 WHERE o.name = '文斌' AND a.held_from = '2026-11-02' AND s.code = 'XZ-1'";
    assert_eq!(county.count(held).await, 1);
    // An account that was opened so has no password that anybody could type.
    let villager = county.villager();
    assert_ne!(villager.post("/sign-in", &[("login", "ouyang"), ("password", "")]).await.status.as_u16(), 303);
    for (kind, text) in [("divisions", divisions), ("units", units), ("posts", posts), ("officials", officials)] {
        imported(&officer, kind, "all", "again.csv", text.as_bytes()).await.1.says("没有变化：2 行与现有的相同");
    }
    officer.get("/officials?q=文斌").await.is(200).says("文斌").says("办点干部").says("新镇");
}

#[tokio::test]
async fn the_register_of_households_goes_out_only_to_those_who_may_read_it() {
    let county = County::new().await;
    let personnel = county.signed_in("renshi").await;
    personnel.get("/imports").await.says("/exports/officials").keeps_from("/exports/households");
    personnel.get("/exports/officials").await.is(200);
    personnel.get("/exports/households").await.is(403);
    let officer = county.signed_in("xitong").await;
    officer.get("/imports").await.says("/exports/households");
    officer.get("/exports/households").await.is(200);
}

#[tokio::test]
async fn what_goes_out_comes_in_again_and_changes_nothing() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    imported(&officer, "households", "all", "户册.csv", TEXT.as_bytes()).await;
    for kind in ["divisions", "units", "posts", "officials", "households"] {
        let out = officer.get(&format!("/exports/{kind}")).await;
        out.is(200);
        let (_, page) = imported(&officer, kind, "all", "out.xlsx", &out.bytes).await;
        page.says("没有变化");
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM household WHERE phone IS NOT NULL").await, 1, "phones stay");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'export.made'").await, 5);
    let template = sheet::read(&officer.get("/imports/templates/households").await.bytes).unwrap();
    assert_eq!(template.columns, ["户号", "户主", "区划代码", "人口", "电话", "止用日期"]);
}

#[tokio::test]
async fn personnel_bring_in_officials_but_open_no_accounts() {
    let county = County::new().await;
    let personnel = county.signed_in("renshi").await;
    let file = "干部编号,姓名,职务代码,账号\n0001,欧阳晖,DEMO-cun,ouyang\n";
    let (_, page) = imported(&personnel, "officials", "all", "干部.csv", file.as_bytes()).await;
    page.says("1 行不合要求");
    let file = "干部编号,姓名,职务代码\n0001,欧阳晖,DEMO-cun\n";
    imported(&personnel, "officials", "all", "干部.csv", file.as_bytes()).await.1.says("新增 1 行");
    assert_eq!(county.count("SELECT COUNT(*) FROM account WHERE login = 'ouyang'").await, 0);
    county.signed_in("chengban").await.get("/imports").await.is(403);
}

#[tokio::test]
async fn officials_are_listed_by_unit_and_found_by_name_number_and_initials() {
    let county = County::new().await;
    let officer = county.signed_in("renshi").await;
    officer.get("/officials").await.is(200).says("周敏").says("县自然资源局").says("陈新民");
    officer.get("/officials?q=zm").await.is(200).says("周敏").keeps_from("贺小兰");
    officer.get("/officials?q=chengban").await.is(200).says("周敏");
    officer.get("/officials?q=没有这个人").await.is(200).says("没有找到");
    officer.get("/officials?unit=LTA").await.is(200).says("谭小雨").keeps_from("周敏");
    county.signed_in("cun").await.get("/officials").await.is(403);
}

#[test]
fn a_stray_cell_in_the_last_corner_is_refused_and_asks_for_no_memory() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "code").unwrap();
    sheet.write_string(1_048_575, 16_383, "x").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let refused = youzhi::sheet::read(&bytes).unwrap_err();
    assert!(refused.to_string().contains("列数超过"), "{refused}");
}

#[tokio::test]
async fn a_retired_code_comes_in_no_more_and_is_told_why() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let file = "代码,名称,止用日期\n430223125209,阳升观村,2026-11-01\n";
    imported(&officer, "divisions", "all", "区划.csv", file.as_bytes()).await.1.says("更改 1 行");
    assert_eq!(county.count("SELECT COUNT(*) FROM division WHERE valid_to = '2026-11-01'").await, 1);
    let (path, page) =
        imported(&officer, "divisions", "all", "区划.csv", "代码,名称\n430223125209,阳升村\n".as_bytes()).await;
    page.is(200).says("1 行不合要求");
    let back = sheet::read(&officer.get(&format!("{path}/refused")).await.bytes).unwrap();
    assert_eq!(back.rows[0].1[2], "已于 2026-11-01 停用，停用的代码不再使用");
    let (_, page) = imported(&officer, "households", "all", "户册.csv", TEXT.as_bytes()).await;
    page.says("2 行不合要求");
    // What goes out says so too, and comes in again.
    let out = officer.get("/exports/divisions").await;
    imported(&officer, "divisions", "all", "out.xlsx", &out.bytes).await.1.says("没有变化");
}

#[tokio::test]
async fn who_leaves_a_post_and_who_is_given_a_village_come_in_from_sheets() {
    let county = County::new().await;
    let officer = county.signed_in("renshi").await;
    let left = "干部编号,姓名,职务代码,任职日期,离任日期\n0001,欧阳晖,DEMO-cun,2025-03-01,2026-10-01\n";
    imported(&officer, "officials", "all", "干部.csv", left.as_bytes()).await.1.says("新增 1 行");
    let held = "SELECT COUNT(*) FROM appointment WHERE held_from = '2025-03-01' AND held_to = '2026-10-01'";
    assert_eq!(county.count(held).await, 1);
    let moved = "干部编号,姓名,职务代码,任职日期\n0001,欧阳晖,DEMO-cun,2025-02-01\n";
    imported(&officer, "officials", "all", "干部.csv", moved.as_bytes()).await.1.says("1 行不合要求");
    let two = "干部编号,姓名,职务代码,任职日期\n0001,欧阳晖,DEMO-cun,2026-10-01\n0001,欧阳辉,DEMO-zhen,2026-10-01\n";
    imported(&officer, "officials", "all", "干部.csv", two.as_bytes()).await.1.says("1 行不合要求");
    assert_eq!(county.count("SELECT COUNT(*) FROM official WHERE number = '0001' AND name = '欧阳晖'").await, 1);

    let given = "干部编号,村代码,起始日期,结束日期\n0001,430223125209,2026-10-01,\n";
    imported(&officer, "assignments", "all", "办点.csv", given.as_bytes()).await.1.says("新增 1 行");
    let ended = "干部编号,村代码,起始日期,结束日期\n0001,430223125209,2026-10-01,2026-11-02\n";
    imported(&officer, "assignments", "all", "办点.csv", ended.as_bytes()).await.1.says("更改 1 行");
    let held = "SELECT COUNT(*) FROM village_assignment v JOIN official o ON o.id = v.official
                 WHERE o.number = '0001' AND v.held_from = '2026-10-01' AND v.held_to = '2026-11-02'";
    assert_eq!(county.count(held).await, 1);

    let paid = "干部编号,姓名,生效日期,津补贴\n0001,欧阳晖,2026-01-01,\"3,200.50\"\n";
    imported(&officer, "allowances", "all", "津补贴.csv", paid.as_bytes()).await.1.says("新增 1 行");
    assert_eq!(county.count("SELECT fen FROM allowance WHERE holds_from = '2026-01-01'").await, 320_050);
    for kind in ["assignments", "allowances", "officials"] {
        let out = officer.get(&format!("/exports/{kind}")).await;
        imported(&officer, kind, "all", "out.xlsx", &out.bytes).await.1.says("没有变化");
    }
    county.signed_in("xitong").await.get("/exports/allowances").await.is(403);
}

#[tokio::test]
async fn places_and_units_are_brought_in_by_the_system_officer_alone() {
    let county = County::new().await;
    let personnel = county.signed_in("renshi").await;
    let form = personnel.get("/imports").await;
    form.says("value=\"officials\"").keeps_from("value=\"divisions\"").keeps_from("value=\"units\"");
    for kind in ["divisions", "groups", "units", "households", "values"] {
        upload(&personnel, kind, "all", "a.csv", TEXT.as_bytes()).await.is(403);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM import_run").await, 0);
}

#[tokio::test]
async fn two_clicks_at_the_same_moment_import_once() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let key = officer.get("/imports").await.hidden("/imports").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let (first, second) = tokio::join!(
        send(&officer, &key, "households", "all", "a.csv", TEXT.as_bytes()),
        send(&officer, &key, "households", "all", "a.csv", TEXT.as_bytes())
    );
    assert_eq!(first.is(303).location(), second.is(303).location());
    assert_eq!(county.count("SELECT COUNT(*) FROM import_run").await, 1);
}

#[tokio::test]
async fn refused_rows_are_gone_the_day_after() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let file = "户号,户主,区划代码,人口\n1,丁一,430223999999,2\n";
    imported(&officer, "households", "all", "户册.csv", file.as_bytes()).await;
    youzhi::imports::sweep(&county.app).await.unwrap();
    assert_eq!(county.count("SELECT COUNT(*) FROM import_refusal").await, 1);
    county.app.time.set(crate::county::instant("2026-11-03", 10));
    youzhi::imports::sweep(&county.app).await.unwrap();
    assert_eq!(county.count("SELECT COUNT(*) FROM import_refusal").await, 0);
}

#[tokio::test]
async fn refused_rows_of_the_command_line_stay_out_of_the_database() {
    let county = County::new().await;
    let file = "户号,户主,区划代码,人口\n1,丁一,430223999999,2\n";
    let file = std::sync::Arc::new(youzhi::imports::File::read("户册.csv".to_owned(), file.as_bytes()).unwrap());
    let manner = youzhi::imports::Manner { good_rows: false, opens_accounts: true };
    let (actor, kind) = (youzhi::chain::Actor::NOBODY, youzhi::imports::Kind::Households);
    let done = youzhi::imports::import(&county.app, actor, kind, file, manner, None).await.unwrap();
    assert!(matches!(done, youzhi::imports::Imported::Done(outcome) if outcome.back.is_some()));
    assert_eq!(county.count("SELECT COUNT(*) FROM import_refusal").await, 0);
}

#[test]
fn every_kind_of_import_has_its_roles() {
    let listed: Vec<&str> = youzhi::accounts::permissions().imports.keys().map(String::as_str).collect();
    let mut kinds: Vec<&str> = youzhi::imports::Kind::ALL.iter().map(|kind| kind.word()).collect();
    kinds.sort_unstable();
    assert_eq!(listed, kinds);
}

#[tokio::test]
async fn of_two_imports_at_once_the_second_is_judged_by_what_the_first_brought() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    for round in 0..6 {
        let file = |rows: &[(&str, &str)]| {
            let row = |(code, above): &(&str, &str)| {
                let above = if above.is_empty() { String::new() } else { format!("{above}{round}") };
                format!("{code}{round},LTA,科员,科员,{above}\n")
            };
            let rows: String = rows.iter().map(row).collect();
            format!("职务代码,单位代码,职务,绩酬职务,上级职务代码\n{rows}")
        };
        imported(&officer, "posts", "all", "职务.csv", file(&[("A", ""), ("B", "")]).as_bytes()).await.1.says("新增 2");
        // Each is good by itself; both together would let two posts cancel each other's items.
        let (one, other) = (file(&[("A", "B")]), file(&[("B", "A")]));
        let (first, second) = tokio::join!(
            imported(&officer, "posts", "all", "甲.csv", one.as_bytes()),
            imported(&officer, "posts", "all", "乙.csv", other.as_bytes())
        );
        let taken = [&first.1, &second.1].map(|page| page.text.contains("更改 1 行"));
        assert_ne!(taken[0], taken[1], "round {round}: {} / {}", first.1.words(), second.1.words());
    }
    let circles = "SELECT COUNT(*) FROM post p JOIN post s ON s.id = p.superior WHERE s.superior = p.id";
    assert_eq!(county.count(circles).await, 0);
}

/// The reasons of the rows that came back.
async fn reasons(officer: &Person<'_>, kind: &str, text: &str) -> Vec<String> {
    let (path, page) = imported(officer, kind, "all", "a.csv", text.as_bytes()).await;
    page.says("不合要求");
    let back = sheet::read(&officer.get(&format!("{path}/refused")).await.bytes).unwrap();
    back.rows.into_iter().map(|(_, row)| row.last().cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_second_row_for_the_same_day_is_seen_in_whatever_spelling() {
    let county = County::new().await;
    let double = "与文件里前面的行重复";
    let officer = county.signed_in("renshi").await;
    let allowances = "干部编号,生效日期,津补贴\nchengban,2027-01-01,3000\nchengban,2027-1-1,4000\n";
    assert_eq!(reasons(&officer, "allowances", allowances).await, [double]);
    let held = "干部编号,姓名,职务代码,任职日期\n0001,欧阳晖,DEMO-cun,2026-11-02\n0001,欧阳晖,DEMO-cun,2026年11月2日\n\
                0001,欧阳晖,DEMO-cun,\n";
    assert_eq!(reasons(&officer, "officials", held).await, [double, double]);
    let given = "干部编号,村代码,起始日期\nchengban,430223125209,\nchengban,430223125209,2026.11.2\n";
    assert_eq!(reasons(&officer, "assignments", given).await, [double]);
    let system = county.signed_in("xitong").await;
    let values = "名称,生效日期,值,出处\nplan.propose_by.day,2026-12-01,20,《通知》\n\
                  plan.propose_by.day,2026/12/1,21,《通知》\n";
    assert_eq!(reasons(&system, "values", values).await, [double]);
    assert_eq!(county.count("SELECT COUNT(*) FROM allowance WHERE holds_from = '2027-01-01'").await, 0);
}

#[tokio::test]
async fn what_is_above_may_stand_below_it_in_the_file_but_never_in_a_circle() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    let units = "单位代码,单位名称,类别,区划代码,上级单位代码\nXC,丙站,乡镇,430223125,XB\nXB,乙站,乡镇,430223125,XA\n\
                 XA,甲站,乡镇,430223125,\n";
    imported(&officer, "units", "all", "单位.csv", units.as_bytes()).await.1.says("新增 3 行");
    let posts = "职务代码,单位代码,职务,上级职务代码\nX3,XC,科员,X2\nX2,XB,科员,X1\nX1,XA,站长,\n";
    imported(&officer, "posts", "all", "职务.csv", posts.as_bytes()).await.1.says("新增 3 行");

    let circle = "单位代码,单位名称,类别,区划代码,上级单位代码\nYB,乙站,乡镇,430223125,YA\nYA,甲站,乡镇,430223125,YB\n";
    let why = |code: &str| format!("上级单位 {code} 在这个单位之下，上下级成了一圈");
    assert_eq!(reasons(&officer, "units", circle).await, [why("YA"), why("YB")]);
    let known = "单位代码,单位名称,类别,区划代码,上级单位代码\nXA,甲站,乡镇,430223125,XC\n";
    assert_eq!(reasons(&officer, "units", known).await, [why("XC")]);
    let own = "单位代码,单位名称,类别,区划代码,上级单位代码\nXA,甲站,乡镇,430223125,XA\n";
    assert_eq!(reasons(&officer, "units", own).await, ["上级单位不能是自己"]);
    let posts = "职务代码,单位代码,职务,上级职务代码\nY1,XA,科员,Y2\nY2,XA,科员,Y1\nY3,XA,科员,Y1\n";
    let why = |code: &str| format!("上级职务 {code} 在这个职务之下，上下级成了一圈");
    assert_eq!(reasons(&officer, "posts", posts).await, [why("Y2"), why("Y1"), "没有上级职务 Y1".to_owned()]);
}

#[tokio::test]
async fn what_one_county_gives_out_builds_up_another() {
    use youzhi::chain::Actor;
    use youzhi::imports::{self, File, Imported, Kind, Manner};
    let county = County::new().await;
    county.execute("UPDATE unit SET superior = (SELECT id FROM unit WHERE code = 'ZRZY') WHERE code = 'LTA'").await;
    let fresh = County::empty().await;
    let manner = Manner { good_rows: false, opens_accounts: true };
    for kind in [Kind::Divisions, Kind::Groups, Kind::Units, Kind::Posts, Kind::Officials] {
        let out = imports::export(&county.app, Actor::NOBODY, kind, Format::Xlsx).await.unwrap();
        if sheet::read(&out).unwrap().rows.is_empty() {
            continue;
        }
        let file = std::sync::Arc::new(File::read("out.xlsx".to_owned(), &out).unwrap());
        let done = imports::import(&fresh.app, Actor::NOBODY, kind, file, manner, None).await.unwrap();
        let Imported::Done(outcome) = done else { panic!("{kind:?}: {done:?}") };
        let back = outcome.back.map(|(_, bytes)| sheet::read(&bytes).unwrap().rows);
        assert!(outcome.taken && outcome.refused == 0, "{kind:?}: {back:?}");
    }
    for table in [
        "SELECT COUNT(*) FROM unit WHERE superior IS NOT NULL",
        "SELECT COUNT(*) FROM post WHERE superior IS NOT NULL",
        "SELECT COUNT(*) FROM appointment",
        "SELECT COUNT(*) FROM account",
    ] {
        let there = county.count(table).await;
        assert!(there > 0);
        assert_eq!(fresh.count(table).await, there, "{table}");
    }
}
