//! E5 to E7: what the scores leave open, documents, signatures, the sheet.

use axum::http::StatusCode;

use crate::pay::Scene;

/// Has it checked, put up, submitted and signed by the head of the land bureau and an official of finance.
pub async fn approved(scene: &Scene, run: &str) {
    approved_by(scene, run, "fenguan").await;
}

/// Has it checked, put up, submitted and signed by somebody and an official of finance.
pub async fn approved_by(scene: &Scene, run: &str, login: &str) {
    scene.handed_over(run).await;
    for login in [login, "caizheng"] {
        let signatory = scene.county.signed_in(login).await;
        signatory.fill(run, &format!("{run}/approval"), &[]).await.is(303);
    }
}

#[tokio::test]
async fn equal_scores_wait_for_a_ranking_by_somebody_outside_the_group() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.plan(1, "ZRZY").await;
    scene
        .run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official =
               (SELECT id FROM official WHERE number = 'chengban')",
        )
        .await;
    for n in 1..=3 {
        scene.scored(n, ["甲某", "乙某", "丙某"][usize::try_from(n - 1).unwrap()], "ZRZY", 1, 100).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let page = renshi.get(&run).await;
    page.says("待评议").says("还有 1 个组待评议").keeps_from("/rankings").keeps_from("/submission");
    let document = scene.number("SELECT id FROM authorising_document").await.to_string();
    let version = ("version", "1");
    let key = ("key", "0123456789abcdef0123456789abcdef");
    let early = renshi.post(&format!("{run}/submission"), &[key, version, ("document", &document)]).await;
    early.is(422).says("还有 1 个组待评议或差额不可行");

    let superior = scene.county.signed_in("fenguan").await;
    let ranks = format!("{run}/rankings");
    let page = superior.get(&run).await;
    let hidden = page.hidden(&ranks);
    let field = |name: &str| hidden.iter().find(|(of, _)| of == name).unwrap().1.clone();
    let (key, version, class) = (field("key"), field("version"), field("class"));
    let rank = async |places: [&'static str; 3]| {
        let fields = [
            ("key", key.as_str()),
            ("version", version.as_str()),
            ("class", class.as_str()),
            ("official", "1"),
            ("official", "2"),
            ("official", "3"),
            ("place", places[0]),
            ("place", places[1]),
            ("place", places[2]),
        ];
        superior.post(&ranks, &fields).await
    };
    rank(["1", "1", "3"]).await.is(422).says("不能并列").says("value=\"3\"");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_ranking").await, 0);
    rank(["2", "3", "1"]).await.is(303);
    rank(["2", "3", "1"]).await.is(303);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_ranking").await, 3);
    renshi.get(&run).await.says("评议排序已经登记");

    let again = scene.settle_again(&renshi, &run).await;
    assert_ne!(again, run);
    renshi.get(&again).await.says("按评议排序拉开到 300.00").says("分毫不差").says("第 2 次结算");
    for (n, fen) in [(3, 95_000), (1, 80_000), (2, 65_000)] {
        let id = again.rsplit('/').next().unwrap();
        let share = scene.number(&format!("SELECT share_fen FROM pay_share WHERE run = {id} AND official = {n}")).await;
        assert_eq!(share, fen);
    }
    renshi.get(&run).await.says("已被重新结算取代");
    renshi.get("/pay/runs").await.says(&again).keeps_from(&format!("\"{run}\""));
}

#[tokio::test]
async fn a_spread_that_would_take_more_than_was_put_in_needs_a_waiver_with_a_reason() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.plan(1, "ZRZY").await;
    scene
        .run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official =
               (SELECT id FROM official WHERE number = 'chengban')",
        )
        .await;
    // 40 % of 100 yuan: with 40 yuan each nobody can lose 150.
    for (n, percent) in [(1, 100), (2, 90)] {
        scene.official(n, ["甲某", "乙某"][usize::try_from(n - 1).unwrap()], "ZRZY", "科员", 10_000).await;
        scene.done(n, 1, percent).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.says("差额不可行").keeps_from("/submission");
    let superior = scene.county.signed_in("fenguan").await;
    let waivers = format!("{run}/waivers");
    superior.fill(&run, &waivers, &[("reason", "短")]).await.is(422).says("写明不拉开差额的理由").says("短</textarea>");
    // A page that is older than the run: the reason stays in the form, whose version is the new one.
    let hidden = superior.get(&run).await.hidden(&waivers);
    let of = |name: &str| hidden.iter().find(|(of, _)| of == name).unwrap().1.clone();
    let (key, class) = (of("key"), of("class"));
    let old = [("key", &*key), ("class", &*class), ("version", "0"), ("reason", "全组扣入合计不足")];
    let back = superior.post(&waivers, &old).await;
    back.is(409).says("别人刚刚办了一步，请核对后再提交").says("全组扣入合计不足</textarea>");
    superior.fill(&run, &waivers, &[("reason", "全组扣入合计不足以拉开三百元")]).await.is(303);
    let again = scene.settle_again(&renshi, &run).await;
    renshi.get(&again).await.says("经批准不拉开到 300.00：全组扣入合计不足以拉开三百元").says("分毫不差");
    let id = again.rsplit('/').next().unwrap();
    let of = |n: i64| format!("SELECT share_fen FROM pay_share WHERE run = {id} AND official = {n}");
    // 80 yuan by 100 to 90: 42.105… and 37.894….
    assert_eq!((scene.number(&of(1)).await, scene.number(&of(2)).await), (4_211, 3_789));
    approved(&scene, &again).await;
}

#[tokio::test]
async fn without_a_document_nothing_is_submitted_approved_or_exported() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.says("没有覆盖 2026 年 11 月 的授权文件").says("第八十四条").says("第三十五条");
    let key = ("key", "0123456789abcdef0123456789abcdef");
    let fields = [key, ("version", "1"), ("document", "1")];
    renshi.post(&format!("{run}/submission"), &fields).await.is(422).says("《公务员法》");
    // One that ends a day before the month does.
    scene
        .run(
            "INSERT INTO authorising_document (id, number, title, issuer, holds_from, holds_to, recorded_by)
               SELECT 1, '短期', '短期', '县委', '2026-11-01', '2026-11-29', MIN(id) FROM official",
        )
        .await;
    renshi.post(&format!("{run}/submission"), &fields).await.is(422).says("《公务员法》");
    // Even if it had slipped in: no signature without one.
    scene.run("UPDATE pay_run SET submitted_on = '2026-12-07', document = 1").await;
    let superior = scene.county.signed_in("fenguan").await;
    superior.post(&format!("{run}/approval"), &[key, ("version", "1")]).await.is(422).says("《公务员法》");
    renshi.get(&format!("{run}/sheet.xlsx")).await.is(404);
    scene.run("UPDATE pay_run SET submitted_on = NULL, document = NULL").await;
    // Nor is a notice put up, whose page says on what it rests.
    let checker = scene.county.signed_in("caizheng2").await;
    checker.fill(&run, &format!("{run}/check"), &[]).await.is(303);
    renshi.post(&format!("{run}/notice"), &[key, ("version", "2")]).await.is(422).says("不能公示").says("《公务员法》");
    scene.run("UPDATE authorising_document SET holds_to = '2026-11-30'").await;
    renshi.fill(&run, &format!("{run}/notice"), &[]).await.is(303);
    scene.county.on("2026-12-15");
    scene.submit(&run).await;
}

#[tokio::test]
async fn before_the_cut_off_a_settlement_is_a_trial() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    scene.county.on("2026-12-05");
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let checker = scene.county.signed_in("caizheng").await;
    checker.get(&run).await.says("试算").says("销号截止日 2026-12-05 之前的结算只是试算").keeps_from("/check\"");
    scene.county.on("2026-12-06");
    let renshi = scene.county.signed_in("renshi").await;
    let again = scene.settle_again(&renshi, &run).await;
    scene.county.signed_in("caizheng").await.get(&again).await.says("待核对").says("/check\"");
}

#[tokio::test]
async fn two_others_sign_and_then_it_is_locked_and_exported() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&format!("{run}/sheet.xlsx")).await.is(404);
    approved(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let page = renshi.get(&run).await;
    page.says("已核准").says("陈新民 核准").says("文国强 核准").says("攸委〔2010〕5号").keeps_from("重新结算</button>");
    // Locked: neither the old form nor a new one settles it again.
    let unit = scene.unit("ZRZY").await.to_string();
    let id = run.rsplit('/').next().unwrap().to_owned();
    let version = scene.number(&format!("SELECT version FROM pay_run WHERE id = {id}")).await.to_string();
    let again = [
        ("key", "0123456789abcdef0123456789abcdef"),
        ("unit", &unit),
        ("month", "2026-11"),
        ("replaces", &id),
        ("version", &version),
    ];
    renshi.post("/pay/runs", &again).await.is(422).says("两人已经核准");
    scene.try_settle(&renshi, "ZRZY").await.is(422).says("已经结算过");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_run").await, 1);

    let sheet = renshi.get(&format!("{run}/sheet.xlsx")).await;
    sheet.is(200);
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(sheet.bytes)).unwrap();
    let range = book.worksheet_range("绩酬发放表").unwrap();
    let cell = |row: u32, column: u32| range.get_value((row, column)).cloned().unwrap();
    assert_eq!(cell(3, 4), Data::String("周一敏".into()));
    assert_eq!((cell(3, 5), cell(3, 6), cell(3, 7)), (Data::Float(800.0), Data::Float(100.0), Data::Float(910.23)));
    assert_eq!(cell(8, 11), Data::Float(610.23));
    assert_eq!((cell(9, 5), cell(9, 7), cell(9, 11)), (Data::Float(4800.0), Data::Float(4800.0), Data::Float(4800.0)));
    assert_eq!(cell(10, 0), Data::String("应发合计（大写）：肆仟捌佰元整".into()));
    assert_eq!(cell(11, 0), Data::String("实发合计（大写）：肆仟捌佰元整".into()));
    assert_eq!(scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_run.exported'").await, 1);
}

#[tokio::test]
async fn whoever_settled_or_receives_does_not_sign() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    // The one who settles also holds the superior's role, and the finance officer works in the bureau itself.
    scene
        .run(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'finance' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'renshi'",
        )
        .await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene.handed_over(&run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let version = scene.version(&run).await;
    let fields = [("key", "0123456789abcdef0123456789abcdef"), ("version", version.as_str())];
    let approval = format!("{run}/approval");
    renshi.post(&approval, &fields).await.is(422).says("不能核准自己经手的结算");
    renshi.get(&run).await.keeps_from("/approval");
    let finance = scene.county.signed_in("caizheng").await;
    scene
        .run("UPDATE pay_share SET official = (SELECT id FROM official WHERE number = 'caizheng') WHERE official = 6")
        .await;
    finance.post(&approval, &fields).await.is(422).says("《公务员法》第七十六条");
    scene
        .run("UPDATE pay_share SET official = 6 WHERE official = (SELECT id FROM official WHERE number = 'caizheng')")
        .await;
    finance.fill(&run, &approval, &[]).await.is(303);
    let version = scene.version(&run).await;
    let again = [("key", "f123456789abcdef0123456789abcdef"), ("version", version.as_str())];
    finance.post(&approval, &again).await.is(422).says("还需另一人核准");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_approval").await, 1);
}

#[tokio::test]
async fn of_two_who_sign_at_once_one_signs_and_the_other_is_told() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene.handed_over(&run).await;
    let (superior, finance) = (scene.county.signed_in("fenguan").await, scene.county.signed_in("caizheng").await);
    let approval = format!("{run}/approval");
    let version = scene.version(&run).await;
    let (one, other) = (
        [("key", "a123456789abcdef0123456789abcdef"), ("version", version.as_str())],
        [("key", "b123456789abcdef0123456789abcdef"), ("version", version.as_str())],
    );
    let (first, second) = tokio::join!(superior.post(&approval, &one), finance.post(&approval, &other));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_approval WHERE position = 1").await, 1);
    // The second click of the one who signed leads to the page and signs nothing.
    let (signed, form) = if first.status == StatusCode::SEE_OTHER { (&superior, one) } else { (&finance, other) };
    let again = signed.post(&approval, &form).await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, run.as_str()));
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_approval").await, 1);
    // The second key: again one turns it, and the other is told that it is locked or that somebody was faster.
    let waiting = if first.status == StatusCode::SEE_OTHER { &finance } else { &superior };
    let third = scene.county.signed_in("caizheng2").await;
    let version = scene.version(&run).await;
    let (one, other) = (
        [("key", "c123456789abcdef0123456789abcdef"), ("version", version.as_str())],
        [("key", "d123456789abcdef0123456789abcdef"), ("version", version.as_str())],
    );
    let (first, second) = tokio::join!(waiting.post(&approval, &one), third.post(&approval, &other));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let late = if first.status == StatusCode::SEE_OTHER { &second } else { &first };
    late.says("别人刚刚办过这一步").says("没有执行");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_approval").await, 2);
    assert_eq!(scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_run.approved'").await, 2);
    third.get(&run).await.says("已核准");
}

#[tokio::test]
async fn a_document_is_recorded_once_and_comes_back_when_wrong() {
    let scene = Scene::new().await;
    scene.document().await;
    let renshi = scene.county.signed_in("renshi").await;
    let twice = [
        ("number", "攸委〔2010〕5号"),
        ("title", "同号"),
        ("issuer", "县委"),
        ("holds_from", "2026-01-01"),
        ("holds_to", "2025-12-31"),
    ];
    let answer = renshi.fill("/pay/documents", "/pay/documents", &twice).await;
    answer.is(422).says("失效日在施行日之前").says("同号");
    let twice: Vec<_> = twice.into_iter().filter(|(name, _)| *name != "holds_to").collect();
    renshi.fill("/pay/documents", "/pay/documents", &twice).await.is(422).says("这个文号已经登记过");
    assert_eq!(scene.number("SELECT COUNT(*) FROM authorising_document").await, 1);
    scene.county.signed_in("caizheng").await.get("/pay/documents").await.is(403);
}

#[tokio::test]
async fn a_mistake_is_mended_in_a_later_month_that_names_it_and_no_fen_comes_from_nowhere() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let november = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&november).await.keeps_from("/corrections\"");
    approved(&scene, &november).await;
    scene.county.signed_in("renshi").await.get("/pay/forfeitures").await.is(200).says("没有收回");
    scene.county.on("2027-01-06");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("ZRZY").await.to_string();
    let settled = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await;
    settled.is(303);
    let december = settled.location().to_owned();
    let mends = november.rsplit('/').next().unwrap().to_owned();
    let correct = async |number: &str, amount: &str, reason: &str| {
        let fields = [("mends", mends.as_str()), ("number", number), ("amount", amount), ("reason", reason)];
        renshi.fill(&december, &format!("{december}/corrections"), &fields).await
    };
    // All of November was paid out: first what somebody had too much comes back.
    let early = correct("G04", "60", "十一月一项漏记销号").await;
    early.is(422).says("先把多发的收回").says("value=\"G04\"").says("value=\"60\"").says("漏记销号");
    correct("G01", "-910.24", "一项销号撤回").await.is(422).says("多于他从那一次得到的 910.23");
    correct("G99", "-1", "一项销号撤回").await.is(422).says("没有这个编号");
    correct("G01", "-100", "一项销号撤回").await.is(303);
    correct("G04", "100.01", "十一月一项漏记销号").await.is(422).says("还剩 100.00 没有发出");
    correct("G04", "60", "十一月一项漏记销号").await.is(303);
    for (page, caption) in [(&december, "随本月发放的更正"), (&november, "以后月份对这一次的更正")] {
        let page = renshi.get(page).await;
        page.says(caption).says("−100.00").says("+60.00").says("漏记销号").says("周一敏");
    }
    renshi.get(&format!("{november}/shares/4")).await.says("+60.00 元").keeps_from("−100.00");
    // What is settled again carries the same corrections; they count when two have signed.
    let december = scene.settle_again(&renshi, &december).await;
    renshi.get("/pay/forfeitures").await.says("没有收回");
    approved(&scene, &december).await;
    let renshi = scene.county.signed_in("renshi").await;
    let id = december.rsplit('/').next().unwrap();
    let version = scene.number(&format!("SELECT version FROM pay_run WHERE id = {id}")).await.to_string();
    let page = renshi.get(&december).await;
    page.says("−100.00").keeps_from("/corrections\"").says("记入单位收回账");
    let late = [
        ("key", "0123456789abcdef0123456789abcdef"),
        ("version", version.as_str()),
        ("mends", &mends),
        ("number", "G04"),
        ("amount", "-1"),
        ("reason", "再来一次"),
    ];
    renshi.post(&format!("{december}/corrections"), &late).await.is(422).says("已经核对、公示、提交会签或被取代");
    // November: 40 yuan taken back and paid to nobody. December: nobody planned, the whole pool.
    let account = renshi.get(&format!("/pay/forfeitures?unit={unit}")).await;
    account.says("0.00 +40.00 40.00").says("4,800.00 0.00 4,800.00").says("合计收回 4,840.00 元");
    let moved =
        "SELECT CAST((SELECT SUM(stake_fen) FROM pay_share s JOIN pay_approval a ON a.run = s.run AND a.position = 2)
                      - (SELECT SUM(share_fen) FROM pay_share s JOIN pay_approval a ON a.run = s.run AND a.position = 2)
                      - (SELECT SUM(fen) FROM pay_correction) AS BIGINT)";
    assert_eq!(scene.number(moved).await, 484_000, "put in = paid + corrections + forfeited");

    let sheet = renshi.get(&format!("{december}/sheet.xlsx")).await;
    sheet.is(200);
    use calamine::{Data, Reader, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(sheet.bytes)).unwrap();
    let range = book.worksheet_range("绩酬发放表").unwrap();
    let cells: Vec<Data> = range.used_cells().map(|(_, _, cell)| cell.clone()).collect();
    for text in
        ["更正 2026 年 11 月：一项销号撤回", "更正 2026 年 11 月：十一月一项漏记销号", "实发合计（大写）：负肆拾元整"]
    {
        assert!(cells.contains(&Data::String(text.into())), "{text}");
    }
    assert!(cells.contains(&Data::Float(-100.0)) && cells.contains(&Data::Float(60.0)));
}

#[tokio::test]
async fn who_gets_a_correction_does_not_sign_the_run_that_carries_it() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene
        .run(
            "INSERT INTO pay_correction (id, unit, month, mends, official, fen, reason, recorded_on, recorded_by)
             SELECT 1, r.unit, r.month, r.id, o.id, 100, '此前在本单位时漏记', '2026-12-07', r.settled_by
               FROM pay_run r, official o WHERE o.number = 'caizheng'",
        )
        .await;
    scene.handed_over(&run).await;
    let finance = scene.county.signed_in("caizheng").await;
    finance.get(&run).await.says("有您本人的份额").keeps_from("/approval\"");
}

#[tokio::test]
async fn who_wrote_a_correction_does_not_sign_the_run_that_carries_it() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    scene
        .run(
            "INSERT INTO pay_correction (id, unit, month, mends, official, fen, reason, recorded_on, recorded_by)
             SELECT 1, r.unit, r.month, r.id, 1, 100, '十月一项漏记', '2026-12-07', o.id
               FROM pay_run r, official o WHERE o.number = 'caizheng'",
        )
        .await;
    scene.handed_over(&run).await;
    let finance = scene.county.signed_in("caizheng").await;
    finance.get(&run).await.says("不能核准自己经手的结算").keeps_from("/approval\"");
    let version = scene.version(&run).await;
    let approval = [("key", "0123456789abcdef0123456789abcdef"), ("version", version.as_str())];
    finance.post(&format!("{run}/approval"), &approval).await.is(422).says("不能核准自己经手的结算");
    scene.county.signed_in("caizheng2").await.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
}

#[tokio::test]
async fn the_owner_sees_a_correction_once_the_run_that_carries_it_was_submitted() {
    let scene = Scene::new().await;
    scene.document().await;
    let renshi = scene.county.signed_in("renshi").await;
    let november = scene.settle(&renshi, "CZJ").await;
    scene.run("UPDATE pay_run SET submitted_on = '2026-12-07'").await;
    scene.county.on("2027-01-06");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("CZJ").await.to_string();
    renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await.is(303);
    scene
        .run(
            "INSERT INTO pay_correction (id, unit, month, mends, official, fen, reason, recorded_on, recorded_by)
             SELECT 1, r.unit, '2026-12', r.id, o.id, 100, '十一月一项漏记', '2027-01-06', r.settled_by
               FROM pay_run r, official o WHERE o.number = 'caizheng' AND r.month = '2026-11'",
        )
        .await;
    let own = format!("/pay/mine/{}", november.rsplit('/').next().unwrap());
    let finance = scene.county.signed_in("caizheng").await;
    finance.get(&own).await.is(200).keeps_from("十一月一项漏记");
    renshi.get(&november).await.says("十一月一项漏记");
    scene.run("UPDATE pay_run SET submitted_on = '2027-01-06' WHERE month = '2026-12'").await;
    finance.get(&own).await.says("十一月一项漏记").says("+1.00");
}
