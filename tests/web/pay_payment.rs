//! E7: what a month pays beside the shares, and the files that an approved run becomes.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Xlsx};

use crate::pay::{DONE, Fate, Scene};
use crate::pay_notice::township;
use crate::pay_signing::approved_by;

/// A decision about an official: its id, its kind, its amount in fen, its quarter, whether it was signed.
async fn decided(scene: &Scene, id: i64, login: &str, (kind, fen): (&str, &str), quarter: &str, signed: bool) {
    let keys =
        if signed { "'2026-12-03', (SELECT o.id FROM official o WHERE o.number = 'renshi')" } else { "NULL, NULL" };
    scene
        .run(&format!(
            "INSERT INTO leader_reward (id, official, place, quarter, kind, fen, reason, document, decided_on, decided_by,
                                        signed_on, signed_by)
             SELECT {id}, f.id, '430223125', '{quarter}', '{kind}', {fen}, '包案{id}号点评', '攸奖〔2026〕{id}号', '2026-12-02',
                    d.id, {keys} FROM official f, official d WHERE f.number = '{login}' AND d.number = 'lingdao'"
        ))
        .await;
}

fn book(bytes: Vec<u8>) -> Range<Data> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    book.worksheet_range("绩酬发放表").unwrap()
}

/// The texts of a row.
fn row(of: &Range<Data>, name: &str) -> Vec<Data> {
    let found = of.rows().find(|row| row.iter().any(|cell| *cell == Data::String(name.to_owned())));
    found.unwrap_or_else(|| panic!("{name} in {of:?}")).to_vec()
}

#[tokio::test]
async fn what_two_keys_decided_is_a_line_of_one_month_and_a_penalty_takes_no_more_than_there_is() {
    let scene = Scene::new().await;
    decided(&scene, 1, "zhenzhang", ("reward", "30000"), "2026-Q4", true).await;
    decided(&scene, 2, "zhenzhang", ("penalty", "100000"), "2026-Q4", true).await;
    decided(&scene, 3, "zhenzhang", ("reward", "77700"), "2026-Q4", false).await;
    decided(&scene, 4, "zhenzhang", ("reward", "NULL"), "2026-Q4", true).await;
    decided(&scene, 5, "zhenzhang", ("reward", "88800"), "2027-Q1", true).await;
    decided(&scene, 6, "cun", ("reward", "5000"), "2026-Q3", true).await;
    let run = township(&scene).await;
    let head = "(SELECT id FROM official WHERE number = 'zhenzhang')";
    // Neither score nor share knows of it.
    let share = format!("SELECT share_fen FROM pay_share WHERE official = {head}");
    assert_eq!(scene.number(&share).await, 66_667);
    assert_eq!(scene.number(&format!("SELECT score_bp FROM pay_share WHERE official = {head}")).await, 10_000);
    assert_eq!(scene.number("SELECT CAST(SUM(reward) AS BIGINT) FROM pay_reward").await, 1 + 2 + 6);
    let renshi = scene.county.signed_in("renshi").await;
    let page = renshi.get(&run).await;
    page.says("奖惩决定")
        .says("+300.00")
        .says("−966.67")
        .says("未扣足 33.33")
        .says("包案2号点评")
        .says("攸奖〔2026〕2号");
    page.says("谢国华 2026-12-02")
        .says("易春兰 2026-12-03")
        .says("第八十四条")
        .keeps_from("777.00")
        .keeps_from("888.00");
    // Settled anew it is the same line; another month finds it taken.
    let again = scene.settle_again(&renshi, &run).await;
    renshi.get(&again).await.says("−966.67");
    scene.county.on("2027-01-06");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("LTA").await.to_string();
    renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await.is(303);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_reward").await, 3);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_reward WHERE month = '2026-11'").await, 3);
    scene.county.on("2026-12-08");

    approved_by(&scene, &again, "lingdao").await;
    let own = scene.county.signed_in("zhenzhang").await.get(&again.replace("/runs/", "/mine/")).await;
    own.says("本月实发").says("+300.00").says("−966.67").says("未扣足 33.33").says("易春兰 2026-12-03 签署");
    scene.county.signed_in("cun").await.get(&again.replace("/runs/", "/mine/")).await.says("+50.00").says("1,034.62");
    let finance = scene.county.signed_in("caizheng").await;
    let sheet = book(finance.get(&format!("{again}/sheet.xlsx")).await.bytes);
    let float = Data::Float;
    let line = row(&sheet, "文立新");
    assert_eq!(
        line[3..12],
        [
            Data::String("zhenzhang".into()),
            Data::String("文立新".into()),
            float(666.67),
            float(100.0),
            float(666.67),
            float(300.0),
            float(-966.67),
            float(0.0),
            float(0.0),
        ]
    );
    // 666.67 + 615.38 + 984.62 of shares, 350.00 of rewards, 966.67 taken.
    assert_eq!(row(&sheet, "合计：3 人")[11], float(1_650.0));
    row(&sheet, "实发合计（大写）：壹仟陆佰伍拾元整");
    row(&sheet, "惩处：包案2号点评（攸奖〔2026〕2号；谢国华 2026-12-02 决定，易春兰 2026-12-03 签署；未扣足 33.33）");
}

#[tokio::test]
async fn two_settlements_at_once_do_not_pay_one_decision_twice() {
    let scene = Scene::new().await;
    scene.document().await;
    decided(&scene, 1, "zhenzhang", ("reward", "30000"), "2026-Q3", true).await;
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("LTA").await.to_string();
    let fields = |key, month| [("key", key), ("unit", unit.as_str()), ("month", month)];
    let one = fields("a123456789abcdef0123456789abcdef", "2026-11");
    let other = fields("b123456789abcdef0123456789abcdef", "2026-10");
    let (first, second) = tokio::join!(renshi.post("/pay/runs", &one), renshi.post("/pay/runs", &other));
    first.is(303);
    second.is(303);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_reward").await, 1);
}

#[tokio::test]
async fn an_approved_run_becomes_the_same_sheet_and_summary_on_any_day() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.plan(1, "ZRZY").await;
    scene.plan(2, "XFJ").await;
    for (login, plan, fate) in [("fenguan", 1, DONE), ("juzhang", 2, Fate::Open)] {
        let official = scene.number(&format!("SELECT id FROM official WHERE number = '{login}'")).await;
        let appointment = scene.number(&format!("SELECT id FROM appointment WHERE official = {official}")).await;
        scene.item(plan, plan, official, appointment, 1, fate).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "XLD").await;
    // Of the leaders and the county's own officials nobody is told apart: they are not what this test is about.
    scene.run("DELETE FROM pay_share WHERE state IN ('undecided', 'infeasible')").await;
    scene.handed_over(&run).await;
    let renshi = scene.county.signed_in("renshi").await;
    for file in ["sheet.xlsx", "summary.docx"] {
        renshi.get(&format!("{run}/{file}")).await.is(404);
    }
    for login in ["caizheng", "caizheng2"] {
        scene.county.signed_in(login).await.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
    }
    let first = renshi.get(&format!("{run}/sheet.xlsx")).await;
    let paper = renshi.get(&format!("{run}/summary.docx")).await;
    first.is(200);
    paper.is(200);
    scene.county.on("2027-03-01");
    let renshi = scene.county.signed_in("renshi").await;
    assert_eq!(renshi.get(&format!("{run}/sheet.xlsx")).await.bytes, first.bytes);
    assert_eq!(renshi.get(&format!("{run}/summary.docx")).await.bytes, paper.bytes);
    assert_eq!(scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_run.exported'").await, 4);

    let part = |bytes: &[u8], name: &str| {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes.to_vec())).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    assert!(part(&first.bytes, "xl/worksheets/sheet1.xml").contains("state=\"frozen\""));
    let sheet = book(first.bytes);
    assert_eq!(row(&sheet, "小计：县自然资源局")[11], Data::Float(1_200.0));
    assert_eq!(row(&sheet, "小计：县信访局")[11], Data::Float(0.0));
    let heads = row(&sheet, "姓名");
    for head in ["单位", "类别", "编号", "扣入", "得分", "应发", "奖励", "惩处", "更正", "实发"] {
        assert!(heads.contains(&Data::String(head.to_owned())), "{head}");
    }
    let text = part(&paper.bytes, "word/document.xml");
    for words in [
        "2026年11月绩酬汇总",
        "攸委〔2010〕5号",
        "袁志华核对",
        "5个工作日",
        "县自然资源局",
        "核准：文国强",
        "核准：袁志华",
        "大写：贰仟陆佰陆拾陆元陆角柒分",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}
