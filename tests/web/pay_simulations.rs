//! E6: a past month as another scheme would have settled it, beside what was. Nothing is written but that somebody looked.

use crate::county::{Answer, Person};
use crate::pay::Scene;

async fn tried(scene: &Scene, person: &Person<'_>, unit: &str, more: &str) -> Answer {
    let unit = if unit == "all" { "all".to_owned() } else { scene.unit(unit).await.to_string() };
    person.get(&format!("/pay/simulations?unit={unit}&month=2026-11{more}")).await
}

/// How many rows the tables of pay and values have.
async fn rows(scene: &Scene) -> i64 {
    scene
        .number(
            "SELECT (SELECT COUNT(*) FROM pay_run) + (SELECT COUNT(*) FROM pay_share)
                    + (SELECT COUNT(*) FROM policy_value) + (SELECT COUNT(*) FROM pay_scheme)
                    + (SELECT COUNT(*) FROM pay_ranking) + (SELECT COUNT(*) FROM pay_waiver)",
        )
        .await
}

#[tokio::test]
async fn a_month_under_changed_values_stands_beside_what_was_and_only_the_look_is_recorded() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get("/pay/simulations").await.is(200).says("试什么");
    let run = scene.settle(&renshi, "ZRZY").await;
    let before = rows(&scene).await;
    // 30 % instead of 40: 600 yuan each, spread by the same 300.
    let page = tried(&scene, &renshi, "ZRZY", "&pay.others.share_bp=30").await;
    page.is(200).says("40.00%").says("30.00%").says("4,800.00 → 3,600.00").says("各组的池分毫不差").says(&run);
    page.says("910.23 → 710.23").says("+110.23").says("300.00").says("6");
    // 500 instead of 300: every deviation by 5/3, who gained gains more.
    let wider = tried(&scene, &renshi, "ZRZY", "&pay.min_spread_fen=500").await;
    wider.is(200).says("300.00 → 500.00").says("+110.23 → +183.7").says("变差最多的在前");
    assert_eq!(rows(&scene).await, before, "nothing was written");
    let looked = "SELECT COUNT(*) FROM chain_record WHERE action = 'pay_simulation.read'";
    assert_eq!(scene.number(looked).await, 2);
    renshi.get(&run).await.says("按比例拉开到 300.00");
}

#[tokio::test]
async fn a_scheme_to_come_is_tried_on_a_past_month_and_goes_out_as_a_spreadsheet() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let document = scene.number("SELECT id FROM authorising_document").await.to_string();
    let fields = [("document", document.as_str()), ("from", "2027-01"), ("pay.min_spread_fen", "3000")];
    renshi.fill("/pay/schemes", "/pay/schemes", &fields).await.is(303);
    renshi.get("/pay/schemes").await.says("将要施行").says("/pay/simulations?scheme=2027-01-01");
    renshi.get("/pay/simulations?scheme=2027-01-01").await.is(200).says("2027-01-01 起（将要施行）");
    // Three thousand cannot be made with 800 yuan each.
    let page = tried(&scene, &renshi, "ZRZY", "&scheme=2027-01-01").await;
    page.is(200).says("当月还没有结算").says("已结算 → 差额不可行").says("0 → 1").says("待定 6");
    let path = page.between("href=\"/pay/simulations/sheet.xlsx?", "\"").replace("&#38;", "&").replace("&amp;", "&");
    let sheet = renshi.get(&format!("/pay/simulations/sheet.xlsx?{path}")).await;
    assert_eq!(sheet.status.as_u16(), 200);
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(sheet.bytes)).unwrap();
    let mut cells = |name: &str| {
        let range = calamine::Reader::worksheet_range(&mut book, name).unwrap();
        range.cells().map(|(_, _, cell)| cell.to_string()).collect::<Vec<String>>()
    };
    let groups = cells("各组");
    for text in ["县自然资源局", "差额不可行", "4800", "300"] {
        assert!(groups.iter().any(|cell| cell == text), "no {text} in {groups:?}");
    }
    let people = cells("各人");
    assert!(people.iter().any(|cell| cell == "周一敏") && people.iter().any(|cell| cell == "910.23"), "{people:?}");
    let out = "SELECT COUNT(*) FROM chain_record WHERE action = 'pay_simulation.exported'";
    assert_eq!(scene.number(out).await, 1);
}

#[tokio::test]
async fn a_simulation_is_found_by_those_who_see_amounts_and_for_the_units_that_they_find() {
    let scene = Scene::new().await;
    scene.six().await;
    let change = "&pay.min_spread_fen=500";
    for login in ["renshi", "caizheng", "fenguan", "lingdao"] {
        let person = scene.county.signed_in(login).await;
        tried(&scene, &person, "ZRZY", change).await.is(200).says("周一敏");
    }
    // The head of another unit has no such choice; the handler, the village and the auditor have no such page.
    let other = scene.county.signed_in("juzhang").await;
    tried(&scene, &other, "ZRZY", change).await.is(422).says("请选择单位").keeps_from("周一敏");
    for login in ["xiangzhen", "cun", "shenji", "xitong"] {
        tried(&scene, &scene.county.signed_in(login).await, "ZRZY", change).await.is(403);
    }
    let looked = "SELECT COUNT(*) FROM chain_record WHERE action = 'pay_simulation.read'";
    assert_eq!(scene.number(looked).await, 4);
}

#[tokio::test]
async fn what_cannot_be_tried_says_why() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    tried(&scene, &renshi, "ZRZY", "").await.is(422).says("和当月施行的方案一样");
    tried(&scene, &renshi, "ZRZY", "&pay.min_spread_fen=300.00").await.is(422).says("和当月施行的方案一样");
    tried(&scene, &renshi, "ZRZY", "&pay.min_spread_fen=%E4%B8%89").await.is(422).says("应是数字").says("value=\"三\"");
    tried(&scene, &renshi, "ZRZY", "&scheme=2031-01-01").await.is(422).says("请选择方案");
    let unit = scene.unit("ZRZY").await;
    for month in ["2026-12", "2027-01", "november", "1999-01"] {
        let path = format!("/pay/simulations?unit={unit}&month={month}&pay.min_spread_fen=500");
        renshi.get(&path).await.is(422).says("已经过完的月份");
    }
    scene.run("DELETE FROM allowance WHERE official = 3").await;
    tried(&scene, &renshi, "ZRZY", "&pay.min_spread_fen=500").await.is(422).says("谭雨（G03）");
    let sheet = format!("/pay/simulations/sheet.xlsx?unit={unit}&month=2026-11");
    renshi.get(&sheet).await.is(404);
}

#[tokio::test]
async fn other_classes_move_people_and_records_that_changed_since_are_said() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "ZRZY").await;
    let classes = "&classes=1&class.0.name=%E8%B4%9F%E8%B4%A3%E4%BA%BA&class.0.posts=%E5%B1%80%E9%95%BF\
        &class.0.stake=unit_heads&class.0.group=unit&class.1.name=%E5%85%B6%E4%BB%96%E5%B9%B2%E9%83%A8\
        &class.1.posts=&class.1.stake=others&class.1.group=unit";
    let page = tried(&scene, &renshi, "ZRZY", classes).await;
    // The head is not of this run as it was, and alone in his class under the other scheme.
    page.is(200).says("陈新民").says("换组").says("负责人").keeps_from("结算以后记录有变动");
    scene.run("UPDATE cancellation SET done_on = '2026-11-29' WHERE item = 100").await;
    tried(&scene, &renshi, "ZRZY", "&pay.min_spread_fen=500").await.says("结算以后记录有变动");
}

#[tokio::test]
async fn the_whole_county_is_tried_unit_by_unit() {
    let scene = Scene::new().await;
    scene.six().await;
    scene.plan(2, "LTA").await;
    scene.scored(11, "镇干部", "LTA", 2, 40).await;
    let renshi = scene.county.signed_in("renshi").await;
    let page = tried(&scene, &renshi, "all", "&pay.others.share_bp=30").await;
    page.is(200).says("全部单位").says("县自然资源局").says("莲塘坳镇").says("各组的池分毫不差").keeps_from("周一敏");
    let one = page.between("<td class=\"wrap\"><a href=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
    renshi.get(&one).await.is(200).says("各人（原 → 试算）");
}
