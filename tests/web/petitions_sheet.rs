//! C6, G7: numbers of the national system, and petitions that come in from a sheet and go out as one.

use std::io::Read;

use youzhi::sheet::{self, Format};

use crate::county::{Answer, County, Person};
use crate::imports::imported;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, answered, done};

const HEAD: &str = "国家编号,信访方式,收到时间,信访人,电话,其他代表,人数,乡镇,地点,内容,主题,类别,情形,责任单位,\
                    交办日期,受理日期,告知日期,答复日期,答复结果,答复送达日期,送达方式,办结日期,办结结果,转送机关,转送日期\n";

/// One matter of each stage: closed two years ago, being handled, forwarded, and just come in without a name.
const ROWS: [&str; 4] = [
    "HN20240001,走访,2024年3月4日9时30分,罗新华,138-1234-5678,易春兰、陈新,12,莲塘坳镇,阳升观村,住房墙体因采矿开裂，要求补偿,涉矿,申诉求决,6,\
     县自然资源局,2024-03-06,2024-03-11,2024-03-12,2024-04-30,予以支持,2024-05-06,邮寄送达,2024-05-20,已化解,,",
    "HN20260002,来信,2026-10-08,文立,,,,莲塘坳镇,阳升观村,山塘渗水，要求维修,道路水利,申诉求决,6,\
     ZRZY,2026-10-12,2026-10-15,,,,,,,,,",
    ",12345,2026-10-20 16:05,贺建,,,,莲塘坳镇,阳升观村,反映某站所吃拿卡要,干部作风,检举控告,,,,,,,,,,,,县纪委监委,2026-10-22",
    ",来信,2026-10-30,匿名,,,,,430223125209,路灯不亮三个月,,,,,,,,,,,,,,,",
];

fn file(rows: &[&str]) -> String {
    format!("{HEAD}{}\n", rows.join("\n")).replace("430223125209,路灯", "阳升观村,路灯")
}

/// The reasons of the rows that came back.
async fn reasons(officer: &Person<'_>, text: &str) -> Vec<String> {
    let (path, page) = imported(officer, "petitions", "all", "台账.csv", text.as_bytes()).await;
    page.says("一行也没有导入");
    let back = sheet::read(&officer.get(&format!("{path}/refused")).await.bytes).unwrap();
    back.rows.into_iter().map(|(_, row)| row.last().cloned().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_national_number_is_entered_once_found_by_it_and_corrected_on_record() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let first = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    let at = format!("{first}/state-number");
    officer.fill(&at, &at, &[("number", "ｈｎ2026 0001")]).await.is(303);
    officer.get(&first).await.says("国家编号 HN20260001");
    // A word that is no number comes back as it was typed.
    officer.fill(&at, &at, &[("number", "不知道")]).await.is(422).says("6 到 40 位").says("value=\"不知道\"");
    let fields = [
        ("channel", "web"),
        ("content", "路灯不亮三个月"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("state_number", "HN20260001"),
    ];
    officer.fill("/petitions/new", "/petitions", &fields).await.is(422).says("这个国家编号已经登过");
    let second = [&fields[..4], &[("state_number", "HN20260002")][..]].concat();
    let second = card_of(officer.fill("/petitions/new", "/petitions", &second).await.is(200));
    for q in ["hn20260002", "ＨＮ20260002"] {
        let page = officer.get(&format!("/petitions?q={}", youzhi::web::forms::url_encode(q))).await;
        page.says("0002号").keeps_from("0001号");
    }
    officer.get("/petitions?q=HN20260003").await.says("没有找到");
    // The other's number is refused, and the one that has it is named to whoever finds it.
    let at = format!("{second}/state-number");
    officer.fill(&at, &at, &[("number", "HN20260001")]).await.is(422).says("已经登在 攸信〔2026〕0001号 上");
    let page = officer.get(&at).await;
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at) SELECT 1, p.id, o.id, 'declared', 0
                      FROM petition p, official o WHERE p.number = '攸信〔2026〕0001号' AND o.number = 'xinfang'",
        )
        .await;
    officer.get(&format!("{first}/state-number")).await.is(404);
    officer
        .post(&at, &[("number", "HN20260001"), ("kept", "HN20260002")])
        .await
        .is(422)
        .says("登在别的事项上")
        .keeps_from("0001号");
    // A form that was made before somebody else's number.
    assert_eq!(page.hidden(&at)[0].1, "HN20260002");
    officer.post(&at, &[("number", "HN20260009"), ("kept", "")]).await.is(409).says("HN20260009");
    officer.fill(&at, &at, &[("number", "HN20260005")]).await.is(303);
    let kept =
        "SELECT COUNT(*) FROM chain_content WHERE content = '{\"number\":\"HN20260005\",\"was\":\"HN20260002\"}'";
    assert_eq!(county.count(kept).await, 1);
    county.signed_in("chengban").await.get(&at).await.is(403);
}

#[tokio::test]
async fn a_sheet_brings_matters_in_with_numbers_and_clocks_from_their_own_days() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    imported(&officer, "petitions", "all", "台账.csv", file(&ROWS).as_bytes()).await.1.says("新增 4 行");
    let all = officer.get("/petitions?tab=all").await;
    for number in ["攸信〔2024〕0001号", "攸信〔2026〕0001号", "攸信〔2026〕0002号", "攸信〔2026〕0003号"]
    {
        all.says(number);
    }
    // Given to its unit on 12 October, the notice was due on the 27th.
    let late = officer.get("/petitions?tab=late").await;
    late.says("攸信〔2026〕0001号").keeps_from("〔2024〕").says("逾期 6 天");
    let open = officer.get("/petitions?q=HN20260002").await;
    let card = officer.get(&open.between("<td><a href=\"", "\"")).await;
    card.says("办理中").says("从表格导入").says("2026-10-08 登记").says("12 月 14 日");
    // Nobody is made its handler by a sheet; its unit goes on with it.
    let handler = county.signed_in("chengban").await;
    handler.get("/petitions").await.says("攸信〔2026〕0001号");
    let closed = officer.get("/petitions?q=HN20240001").await;
    let closed = officer.get(&closed.between("<td><a href=\"", "\"")).await;
    closed.says("已化解").says("罗新华等 12 人").says("易春兰").says("13812345678").says("2024-03-04 登记");
    closed.says("2024 年 5 月 6 日 完成");
    assert_eq!(county.count("SELECT COUNT(*) FROM petitioner").await, 5);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition WHERE anonymous = 1").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition WHERE state = 'forwarded'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.brought'").await, 4);
    assert_eq!(officer.get("/petitions?q=13812345678").await.text.matches("<td><a href").count(), 1);
    // The same file, and the next matter of the window.
    imported(&officer, "petitions", "all", "台账.csv", file(&ROWS).as_bytes()).await.1.says("没有变化：4 行");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 4);
    registered(&officer, CONTENT).await.says("攸信〔2026〕0004号");
    youzhi::chain::seal(&county.app.db).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_comes_back_with_its_reason_and_nothing_comes_in_by_half() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let wrong = [
        ",转入,2026-10-30,罗新,,,,,阳升观村,路灯不亮三个月,,,,,,,,,,,,,,,",
        ",来信,2026-11-03,罗新,,,,,阳升观村,路灯不亮三个月,,,,,,,,,,,,,,,",
        ",来信,2026-10-30,罗新,,,,,没有的村,路灯不亮三个月,,,,,,,,,,,,,,,",
        ",来信,2026-10-30,罗新,,,,,阳升观村,短,,,,,,,,,,,,,,,",
        ",来信,2026-10-30,罗新,,,,,阳升观村,路灯不亮三个月,,,,县自然资源局,,,,,,,,,,,",
        ",来信,2026-10-30,罗新,,,,,阳升观村,路灯不亮三个月,,检举控告,,县自然资源局,2026-10-31,,,,,,,,,,",
    ];
    let text = file(&[&wrong[..], &ROWS[..1]].concat());
    let why = reasons(&officer, &text).await;
    for (why, begins) in why.iter().zip([
        "信访方式",
        "收到时间 2026-11-03 还没有到",
        "没有找到地点",
        "内容",
        "写了责任单位",
        "交办日期：检举控告应当转送",
    ]) {
        assert!(why.starts_with(begins), "{why}");
    }
    assert_eq!((why.len(), county.count("SELECT COUNT(*) FROM petition").await), (6, 0));
    imported(&officer, "petitions", "good", "台账.csv", text.as_bytes()).await.1.says("新增 1 行").says("退回 6 行");
    county
        .execute(
            "INSERT INTO unit (id, code, name, kind, division, valid_from)
             SELECT 61, 'ZRZY2', name, kind, '430223125', valid_from FROM unit WHERE code = 'ZRZY'",
        )
        .await;
    assert!(reasons(&officer, &file(&[ROWS[1]])).await[0].starts_with("有几个单位都叫“县自然资源局”"));
    county.execute("DELETE FROM unit WHERE id = 61").await;
    // Twice in one file, and what the system says otherwise.
    let twice = file(&[ROWS[1], ROWS[1]]);
    assert_eq!(reasons(&officer, &twice).await, ["与文件里前面的行重复"]);
    let other = file(&[&ROWS[0].replace("要求补偿", "要求搬迁")]);
    assert!(reasons(&officer, &other).await[0].contains("这几列与系统里的不同：内容；请在卡片上办理"));
    let unknown = "编号,信访方式,收到时间,内容\n攸信〔2026〕0099号,来信,2026-10-30,路灯不亮三个月\n";
    assert!(reasons(&officer, unknown).await[0].starts_with("没有编号 攸信〔2026〕0099号"));
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
}

#[tokio::test]
async fn petitions_are_brought_in_by_the_petition_office_alone_and_others_hear_nothing_of_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let form = officer.get("/imports").await;
    form.says("value=\"petitions\"").keeps_from("value=\"households\"").says("/exports/petitions");
    officer.get("/exports/officials").await.is(403);
    officer.get("/imports/templates/petitions").await.is(200);
    let (run, _) = imported(&officer, "petitions", "all", "绝密台账.csv", file(&ROWS[3..]).as_bytes()).await;
    for login in ["xitong", "renshi"] {
        let other = county.signed_in(login).await;
        other.get("/imports").await.keeps_from("绝密台账").keeps_from("value=\"petitions\"");
        other.get(&run).await.is(404);
        other.get("/exports/petitions").await.is(403);
    }
}

/// The ledger as a file with every column.
async fn out(officer: &Person<'_>) -> Answer {
    let out = officer.get("/petitions/export.xlsx?tab=all&columns=all").await;
    out.is(200);
    out
}

#[tokio::test]
async fn what_the_ledger_gives_out_comes_in_again_and_changes_nothing() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&county.signed_in("xinfang2").await, &card, "call-back", &[("reached", "1"), ("content", "满意")]).await;
    done(&officer, &card, "closure", &[("resolution", "resolved")]).await;
    registered(&officer, "路灯不亮三个月").await;
    imported(&officer, "petitions", "all", "台账.csv", file(&ROWS).as_bytes()).await.1.says("新增 4 行");
    let file = out(&officer).await;
    let sheet = sheet::read(&file.bytes).unwrap();
    assert_eq!((sheet.columns.len(), sheet.rows.len()), (34, 6));
    assert_eq!(
        officer.get("/exports/petitions").await.is(303).location(),
        "/petitions/export.xlsx?tab=all&columns=all"
    );
    let before = county.count("SELECT CAST(SUM(version) + COUNT(*) AS BIGINT) FROM petition").await;
    imported(&officer, "petitions", "all", "out.xlsx", &file.bytes).await.1.says("没有变化：6 行");
    assert_eq!(county.count("SELECT CAST(SUM(version) + COUNT(*) AS BIGINT) FROM petition").await, before);
    // The national numbers come back from elsewhere: they alone are added.
    let at = |name: &str| sheet.columns.iter().position(|column| column == name).unwrap();
    let mut rows: Vec<Vec<String>> = sheet.rows.iter().map(|(_, row)| row.clone()).collect();
    let own = rows.iter_mut().find(|row| row[at("编号")] == "攸信〔2026〕0002号").unwrap();
    own[at("国家编号")] = "HN20260088".to_owned();
    let columns: Vec<&str> = sheet.columns.iter().map(String::as_str).collect();
    let with = sheet::write(Format::Csv, &columns, rows).unwrap();
    imported(&officer, "petitions", "all", "out.csv", &with).await.1.says("更改 1 行").says("相同 5 行");
    officer.get("/petitions?q=HN20260088").await.says("攸信〔2026〕0002号");
    assert_eq!(county.count("SELECT CAST(SUM(version) + COUNT(*) AS BIGINT) FROM petition").await, before);
}

#[tokio::test]
async fn the_excel_file_can_be_sorted_filtered_and_printed_with_its_headings() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, CONTENT).await;
    let file = out(&officer).await;
    let mut book = zip(&file.bytes, "xl/worksheets/sheet1.xml");
    assert!(book.contains("<autoFilter ref=\"A1:AH2\""), "{book}");
    assert!(book.contains("state=\"frozen\""), "{book}");
    assert!(book.contains("信访台账（截至 11 月 2 日 09:00）"), "{book}");
    book = zip(&file.bytes, "xl/workbook.xml");
    assert!(book.contains("$1:$1"), "headings on every page: {book}");
    assert_eq!(file.headers["content-length"].to_str().unwrap(), file.bytes.len().to_string());
}

/// A part of a workbook as text.
fn zip(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}
