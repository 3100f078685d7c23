//! E5: the scheme in force and its sources, schemes set under a document, the paper itself, and the days between which
//! a document allows anything.

use crate::county::{Answer, Person};
use crate::pay::Scene;
use crate::pay_signing::approved;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n";

/// Sets a scheme from a month under the only document.
async fn set(scene: &Scene, renshi: &Person<'_>, from: &str, values: &[(&str, &str)]) -> Answer {
    let document = scene.number("SELECT MAX(id) FROM authorising_document").await.to_string();
    let mut fields = vec![("document", document.as_str()), ("from", from), ("article", "第三条")];
    fields.extend_from_slice(values);
    renshi.fill("/pay/schemes", "/pay/schemes", &fields).await
}

#[tokio::test]
async fn the_scheme_in_force_shows_its_values_with_their_sources_to_everybody_whose_pay_it_is() {
    let scene = Scene::new().await;
    let own = scene.county.signed_in("cun").await;
    let page = own.get("/pay/schemes").await;
    page.is(200).says("按季定额：每季度扣入").says("2,000.00 元").says("600.00 元").says("40.00%").says("300.00 元");
    page.says("《预安销号绩酬挂钩制度》每季度2000元").says("乡镇党委书记、乡镇长").says("其余干部");
    page.says("今天没有授权文件在施行").says("第七十九条、第八十条、第八十四条").says("第三十五条");
    page.keeps_from("action=\"/pay/schemes\"").keeps_from("/pay/simulations");
    scene.document().await;
    own.get("/pay/schemes").await.keeps_from("今天没有授权文件在施行").says("攸委〔2010〕5号").says("施行中");
    own.post("/pay/schemes", &[("from", "2027-01")]).await.is(403);
}

#[tokio::test]
async fn a_scheme_is_set_under_a_document_from_a_month_and_the_months_before_stay() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let values = [("pay.min_spread_fen", "400"), ("pay.others.share_bp", "３０%")];
    set(&scene, &renshi, "2026-12", &values).await.is(303);
    let page = renshi.get("/pay/schemes").await;
    page.says("2026-12-01 起").says("依据 攸委〔2010〕5号《预安销号绩酬挂钩办法》").says("400.00 元").says("30.00%");
    page.says("《预安销号绩酬挂钩办法》攸委〔2010〕5号 第三条");
    let chain = |action: &str| format!("SELECT COUNT(*) FROM chain_record WHERE action = '{action}'");
    assert_eq!(scene.number(&chain("pay_scheme.recorded")).await, 1);
    assert_eq!(scene.number(&chain("policy_value.recorded")).await, 2);
    // The page of values shows the same rows: there is one mechanism.
    renshi.get("/values").await.says("《预安销号绩酬挂钩办法》攸委〔2010〕5号 第三条");
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.says("按比例拉开到 300.00").says("4,800.00");
    // December under the new one: 600 yuan each, and nobody has a plan.
    scene.county.on("2027-01-11");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("ZRZY").await.to_string();
    let fields = [("unit", unit.as_str()), ("month", "2026-12")];
    let december = renshi.fill("/pay/runs", "/pay/runs", &fields).await;
    renshi.get(december.is(303).location()).await.says("3,600.00").says("全组得分为 0");
    renshi.get("/pay/schemes").await.says("现行");
}

#[tokio::test]
async fn a_scheme_comes_back_with_what_is_wrong_and_nothing_of_it_is_kept() {
    let scene = Scene::new().await;
    let renshi = scene.county.signed_in("renshi").await;
    let fields = [
        ("number", "攸委〔2026〕9号"),
        ("title", "新办法"),
        ("issuer", "县委"),
        ("holds_from", "2027-01-01"),
        ("holds_to", "2027-03-31"),
    ];
    renshi.fill("/pay/documents", "/pay/documents", &fields).await.is(303);
    let change = ("pay.min_spread_fen", "400");
    // The month before the first day, the month after the last, and both ends of what it covers.
    for (from, status) in [("2026-12", 422), ("2027-04", 422), ("2027-01", 303), ("2027-03", 303)] {
        let value = if from == "2027-03" { ("pay.min_spread_fen", "500") } else { change };
        let answer = set(&scene, &renshi, from, &[value]).await;
        answer.is(status);
        if status == 422 {
            answer.says("没有覆盖这个月").says("value=\"400\"");
        }
    }
    set(&scene, &renshi, "2027-02", &[]).await.is(422).says("没有改动");
    // The same value as holds then is no change.
    set(&scene, &renshi, "2027-02", &[change]).await.is(422).says("没有改动");
    let odd = set(&scene, &renshi, "2027-02", &[("pay.min_spread_fen", "300.01")]).await;
    odd.is(422).says("应为偶数分").says("300.01").says("第三条");
    set(&scene, &renshi, "2027-02", &[("pay.others.share_bp", "101")]).await.is(422).says("万分比");
    let none = renshi.fill("/pay/schemes", "/pay/schemes", &[("from", "2027-02"), change]).await;
    none.is(422).says("请选择依据的授权文件");
    // A page that is older than the last scheme.
    let old = [("seen", "0"), ("pay.min_spread_fen", "600")];
    set(&scene, &renshi, "2027-02", &old).await.is(409).says("别人刚刚定了一个方案").says("value=\"600\"");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_scheme").await, 2);
    assert_eq!(scene.number("SELECT COUNT(*) FROM policy_value").await, 2);
}

#[tokio::test]
async fn a_month_of_which_something_was_submitted_is_not_put_under_another_scheme() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "ZRZY").await;
    let change = [("pay.min_spread_fen", "400")];
    scene.run("UPDATE pay_run SET submitted_on = '2026-12-07', submitted_by = settled_by").await;
    set(&scene, &renshi, "2026-11", &change).await.is(422).says("2026-11 已有提交会签的结算");
    set(&scene, &renshi, "2026-12", &change).await.is(303);
}

#[tokio::test]
async fn what_was_settled_before_its_scheme_was_set_is_settled_again_before_it_is_submitted() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.keeps_from("结算以后方案有变");
    set(&scene, &renshi, "2026-11", &[("pay.min_spread_fen", "400")]).await.is(303);
    renshi.get(&run).await.says("结算以后方案有变").says("按比例拉开到 300.00");
    let checker = scene.county.signed_in("caizheng2").await;
    checker.fill(&run, &format!("{run}/check"), &[]).await.is(303);
    let notice = format!("{run}/notice");
    renshi.fill(&run, &notice, &[]).await.is(422).says("结算以后方案有变：重新结算，再公示");
    let run = scene.settle_again(&renshi, &run).await;
    renshi.get(&run).await.says("按比例拉开到 400.00").keeps_from("结算以后方案有变");
    // What is put up already is submitted no more by values that have changed since.
    scene.put_up(&run).await;
    set(&scene, &renshi, "2026-11", &[("pay.min_spread_fen", "500")]).await.is(303);
    scene.county.on("2026-12-17");
    let renshi = scene.county.signed_in("renshi").await;
    let document = scene.number("SELECT id FROM authorising_document").await.to_string();
    let refused = renshi.fill(&run, &format!("{run}/submission"), &[("document", &document)]).await;
    refused.is(422).says("结算以后方案有变：重新结算，再提交");
}

#[tokio::test]
async fn classes_typed_on_the_form_are_those_by_which_the_month_is_settled() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let classes = [
        ("classes", "1"),
        ("class.0.name", "负责人"),
        ("class.0.posts", "局长、主任、主席、书记"),
        ("class.0.stake", "unit_heads"),
        ("class.0.group", "unit"),
        ("class.1.name", "全体其他"),
        ("class.1.posts", ""),
        ("class.1.stake", "others"),
        ("class.1.group", "unit"),
    ];
    let twice: Vec<(&str, &str)> =
        classes.iter().map(|(name, text)| (*name, if *name == "class.1.posts" { "局长" } else { *text })).collect();
    set(&scene, &renshi, "2026-11", &twice).await.is(422).says("职务“局长”写在两处").says("全体其他");
    set(&scene, &renshi, "2026-11", &classes).await.is(303);
    renshi.get("/pay/schemes").await.says("负责人").says("每个单位一组");
    let run = scene.settle(&renshi, "ZRZY").await;
    // The head is settled with his own unit now, alone in his class.
    renshi.get(&run).await.says("负责人").says("全体其他").says("陈新民");
}

#[tokio::test]
async fn the_paper_itself_lies_beside_its_document_and_is_opened_by_those_under_it() {
    let scene = Scene::new().await;
    let renshi = scene.county.signed_in("renshi").await;
    let key = renshi.get("/pay/documents").await.hidden("/pay/documents").remove(0).1;
    let fields = [
        ("key", key.as_str()),
        ("number", "攸委〔2010〕5号"),
        ("title", "办法"),
        ("issuer", "县委"),
        ("holds_from", "2010-01-01"),
    ];
    // What is no paper is refused, and what was typed stays.
    let wrong = renshi.post_files("/pay/documents", &fields, &[("办法.svg", b"<svg/>"), ("办法.pdf", PDF)]).await;
    wrong.is(422).says("SVG").says("value=\"攸委〔2010〕5号\"").says("已经收到，不用再选");
    let kept = wrong.between("name=\"kept\" value=\"", "\"");
    let again: Vec<(&str, &str)> = fields.iter().copied().chain([("kept", kept.as_str())]).collect();
    renshi.post_files("/pay/documents", &again, &[]).await.is(303);
    let document = scene.number("SELECT id FROM authorising_document").await;
    let file = scene.number("SELECT file FROM file_holder").await;
    let path = format!("/pay/documents/{document}/files/{file}");
    renshi.get("/pay/documents").await.says("办法.pdf").says(&path);
    let own = scene.county.signed_in("cun").await;
    let opened = own.get(&path).await;
    assert_eq!((opened.status.as_u16(), opened.bytes.as_slice()), (200, PDF));
    own.get(&format!("/pay/documents/{}/files/{file}", document + 1)).await.is(404);
    scene.county.signed_in("xitong").await.get(&path).await.is(403);
    scene.county.villager().get(&path).await.is(303);
    // Another one later; and neither is swept away when days have gone.
    let add = format!("/pay/documents/{document}/files");
    let key = renshi.get("/pay/documents").await.hidden(&add).remove(0).1;
    renshi.post_files(&add, &[("key", &key)], &[("解读.pdf", PDF)]).await.is(303);
    scene.county.on("2026-12-20");
    youzhi::files::sweep(&scene.county.app).await.unwrap();
    assert_eq!(scene.number("SELECT COUNT(*) FROM file_holder").await, 2);
    scene.county.signed_in("cun").await.get(&path).await.is(200);
    let report = youzhi::files::verify(&scene.county.app.db, &scene.county.app.files).await.unwrap();
    assert_eq!((report.whole, report.faults.len()), (2, 0));
    let (missing, held, more) = youzhi::files::missing(&scene.county.app.db, &scene.county.app.files).await.unwrap();
    assert_eq!((missing.len(), more), (0, 0));
    assert!(held >= 1);
}

#[tokio::test]
async fn a_document_allows_from_its_first_day_to_its_last_and_neither_before_nor_after() {
    for (from, to, allowed) in [
        ("2026-11-01", "2026-11-30", true),
        ("2026-11-02", "", false),
        ("2026-10-01", "2026-11-29", false),
        ("2026-10-01", "2026-10-31", false),
        ("2026-12-01", "", false),
    ] {
        let scene = Scene::new().await;
        scene.six().await;
        let renshi = scene.county.signed_in("renshi").await;
        let fields = [("number", "攸委〔2026〕1号"), ("title", "办法"), ("issuer", "县委"), ("holds_from", from)];
        let fields: Vec<(&str, &str)> = fields.into_iter().chain([("holds_to", to)]).collect();
        renshi.fill("/pay/documents", "/pay/documents", &fields).await.is(303);
        let run = scene.settle(&renshi, "ZRZY").await;
        let checker = scene.county.signed_in("caizheng2").await;
        checker.fill(&run, &format!("{run}/check"), &[]).await.is(303);
        let (page, notice) = (renshi.get(&run).await, format!("action=\"{run}/notice\""));
        if allowed {
            page.says(&notice).keeps_from("没有覆盖 2026 年 11 月 的授权文件");
        } else {
            page.says("没有覆盖 2026 年 11 月 的授权文件").says("政务处分法").keeps_from(&notice);
        }
    }
}

#[tokio::test]
async fn a_document_that_ended_lets_nothing_more_be_approved_or_exported() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let document = scene.number("SELECT id FROM authorising_document").await;
    let end = format!("/pay/documents/{document}/end");
    let run = scene.settle(&renshi, "ZRZY").await;
    approved(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let to = async |day: &str| renshi.fill("/pay/documents", &end, &[("holds_to", day)]).await;
    to("2009-12-31").await.is(422).says("在施行日之前");
    to("").await.is(422);
    let sheet = format!("{run}/sheet.xlsx");
    to("2026-11-30").await.is(303);
    renshi.get(&sheet).await.is(200);
    // A day shorter, and the month is no longer covered: nothing goes out.
    to("2026-11-29").await.is(303);
    renshi.get(&sheet).await.is(404);
    renshi.get(&run).await.says("没有覆盖 2026 年 11 月 的授权文件").keeps_from("sheet.xlsx");
    // Two who change it at once: the second is told.
    let old = [("holds_to", "2026-12-31"), ("was", "2026-11-30")];
    renshi.fill("/pay/documents", &end, &old).await.is(409);
    let ended = "SELECT COUNT(*) FROM chain_record WHERE action = 'authorising_document.ended'";
    assert_eq!(scene.number(ended).await, 2);
    to("2026-12-31").await.is(303);
    renshi.get(&sheet).await.is(200);
}

#[tokio::test]
async fn a_run_whose_document_ended_before_the_month_was_over_is_not_signed() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene
        .run(
            "UPDATE pay_run SET submitted_on = '2026-12-07', submitted_by = settled_by,
                    document = (SELECT id FROM authorising_document)",
        )
        .await;
    scene.run("UPDATE authorising_document SET holds_to = '2026-11-29'").await;
    let signatory = scene.county.signed_in("caizheng").await;
    let key = ("key", "0123456789abcdef0123456789abcdef");
    let refused = signatory.post(&format!("{run}/approval"), &[key, ("version", "1")]).await;
    refused.is(422).says("没有覆盖当月的授权文件，不能核准").says("第八十四条");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_approval").await, 0);
}
