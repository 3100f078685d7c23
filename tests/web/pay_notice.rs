//! E7: the course of a settlement: checked by another, put up, objected to, answered, settled anew or corrected.

use policy::Calendar;

use crate::county::Person;
use crate::pay::{DONE, Fate, Scene};
use crate::pay_signing::approved_by;

/// What 谭小雨 says is wrong.
pub const SAID: &str = "渠道清淤一项十一月二十日已经验收，漏记了销号";

/// November of a township with its head and two officials, 谭小雨 with 50.00 and 丁一 with 80.00; settled.
pub async fn township(scene: &Scene) -> String {
    scene.document().await;
    scene.plan(1, "LTA").await;
    for (id, login, weight, fate) in [
        (1, "zhenzhang", 1, DONE),
        (2, "xiangzhen", 1, DONE),
        (3, "xiangzhen", 1, Fate::Open),
        (4, "cun", 80, DONE),
        (5, "cun", 20, Fate::Open),
    ] {
        let official = scene.number(&format!("SELECT id FROM official WHERE number = '{login}'")).await;
        let appointment = scene.number(&format!("SELECT id FROM appointment WHERE official = {official}")).await;
        scene.item(id, 1, official, appointment, weight, fate).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "LTA").await
}

/// The own page of a run.
fn mine(run: &str) -> String {
    run.replace("/runs/", "/mine/")
}

/// The notice of a run.
fn notice(run: &str) -> String {
    run.replace("/runs/", "/notices/")
}

/// 谭小雨 objects to the own result; gives the page of the objection.
pub async fn objected(scene: &Scene, run: &str) -> String {
    let page = format!("{}/objections", mine(run));
    let official = scene.county.signed_in("xiangzhen").await;
    official.fill(&page, &page, &[("content", SAID)]).await.is(303);
    let id = scene.number("SELECT MAX(id) FROM pay_objection").await;
    format!("/pay/objections/{id}")
}

async fn answered(person: &Person<'_>, objection: &str, verdict: &str) {
    let fields = [("verdict", verdict), ("reasons", "查了验收单，按登记处理")];
    person.fill(objection, &format!("{objection}/answer"), &fields).await.is(303);
}

#[tokio::test]
async fn another_checks_then_it_is_put_up_and_its_last_day_still_belongs_to_it() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get(&run).await.says("待核对").says("结算的人不能核对自己的结算").keeps_from("/notice\"");
    let early = [("key", "0123456789abcdef0123456789abcdef"), ("version", "1")];
    renshi.post(&format!("{run}/check"), &early).await.is(422).says("由另一人核对");
    renshi.post(&format!("{run}/notice"), &early).await.is(422).says("还没有核对");
    renshi
        .post(&format!("{run}/submission"), &[early[0], early[1], ("document", "1")])
        .await
        .is(422)
        .says("还没有核对");
    // The township's head finds the run but has no such form; an official of finance has.
    let head = scene.county.signed_in("zhenzhang").await;
    head.get(&run).await.is(200).keeps_from("/check\"");
    head.post(&format!("{run}/check"), &early).await.is(403);
    scene.put_up(&run).await;
    let page = renshi.get(&run).await;
    page.says("公示中").says("袁志华 核对").says("易春兰 公示").says("5 个工作日").says("2026 年 12 月 14 日");
    page.keeps_from("/submission\"").keeps_from("/corrections\"");
    // Monday the 7th: the fifth working day after it is Monday the 14th.
    for day in ["2026-12-07", "2026-12-14"] {
        scene.county.on(day);
        let renshi = scene.county.signed_in("renshi").await;
        renshi.get(&run).await.says("公示中").says("还在公示和提异议的期限内，末日 2026 年 12 月 14 日");
        let version = scene.version(&run).await;
        let fields = [("key", "a123456789abcdef0123456789abcdef"), ("version", version.as_str()), ("document", "1")];
        renshi.post(&format!("{run}/submission"), &fields).await.is(422).says("还在公示");
    }
    scene.county.on("2026-12-15");
    scene.county.signed_in("renshi").await.get(&run).await.says("公示期满").says("/submission\"");
    scene.submit(&run).await;
    scene.county.signed_in("lingdao").await.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
}

#[tokio::test]
async fn a_notice_into_a_year_without_working_days_is_not_over_before_they_are_known() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.county.on("2026-12-28");
    scene.put_up(&run).await;
    scene.county.on("2027-01-20");
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get(&run).await.says("公示中").says("2027 年的放假安排还没有公布").keeps_from("/submission\"");
    let own = scene.county.signed_in("xiangzhen").await;
    own.get(&notice(&run)).await.is(200).says("待定（2027 年的放假安排还没有公布）");
    let known = Calendar::parse("date,kind,holiday\n2027-01-01,rest,元旦\n").unwrap();
    scene.county.app.calendar.replace(Calendar::published().clone().with(known));
    renshi.get(&run).await.says("公示期满").says("2027 年 1 月 5 日").says("/submission\"");
    own.get(&notice(&run)).await.is(404);
}

#[tokio::test]
async fn a_notice_shows_scores_inside_the_unit_and_amounts_or_everybody_only_where_the_values_say_so() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    let page = notice(&run);
    let everybody = format!("/pay-notices/{}", run.rsplit('/').next().unwrap());
    scene.county.signed_in("cun").await.get(&page).await.is(404);
    scene.put_up(&run).await;
    for login in ["cun", "xiangzhen", "zhenzhang", "renshi", "caizheng", "lingdao", "shenji"] {
        let read = scene.county.signed_in(login).await.get(&page).await;
        read.is(200)
            .says("谭小雨")
            .says("50.00")
            .says("丁一")
            .says("80.00")
            .says("公示人：易春兰")
            .says("攸委〔2010〕5号");
        read.keeps_from("615.38").keeps_from("984.62");
    }
    // Those of other units do not find it, whatever their roles.
    for login in ["chengban", "fenguan", "juzhang", "xinfang", "ducha"] {
        let other = scene.county.signed_in(login).await;
        other.get(&page).await.is(404);
        other.get(&format!("{page}/notice.docx")).await.is(404);
        other.get("/pay/mine").await.keeps_from(&page);
    }
    scene.county.signed_in("cun").await.get("/pay/mine").await.says(&page).says("984.62").keeps_from("615.38");
    let villager = scene.county.villager();
    villager.get(&everybody).await.is(404);
    villager.get("/pay-notices").await.is(200).says("现在没有向社会公示的绩酬结果").keeps_from("莲塘坳镇");
    let word = scene.county.signed_in("cun").await.get(&format!("{page}/notice.docx")).await;
    word.is(200);
    assert!(word.bytes.starts_with(b"PK"));

    // From the day of another value on, and for what is put up from then on.
    let officer = scene.county.signed_in("xitong").await;
    let values = "名称,生效日期,值,出处\npay.notice.amounts,2026-12-08,1,《县委通知》第三条\n\
                  pay.notice.public,2026-12-08,1,《县委通知》第四条\n";
    crate::imports::imported(&officer, "values", "all", "规定值.csv", values.as_bytes()).await.1.says("新增 2 行");
    scene.county.on("2026-12-08");
    let own = scene.county.signed_in("cun").await;
    own.get(&page).await.is(200).keeps_from("615.38");
    villager.get(&everybody).await.is(404);
    let renshi = scene.county.signed_in("renshi").await;
    let again = scene.settle_again(&renshi, &run).await;
    own.get(&page).await.is(404);
    scene.put_up(&again).await;
    own.get(&notice(&again)).await.is(200).says("615.38").says("984.62").says("同时向社会公开");
    let everybody = format!("/pay-notices/{}", again.rsplit('/').next().unwrap());
    villager.get(&everybody).await.is(200).says("谭小雨").says("615.38");
    villager.get("/pay-notices").await.says(&everybody).says("莲塘坳镇");
    // Nobody's result has changed: nobody's time is prolonged, and on the day after the first notice both are down.
    renshi.get(&again).await.says("2026 年 12 月 14 日");
    scene.county.on("2026-12-15");
    villager.get(&everybody).await.is(404);
    scene.county.signed_in("cun").await.get(&notice(&again)).await.is(404);
    scene.county.signed_in("renshi").await.get(&notice(&again)).await.is(200).says("公示期满");
    scene.submit(&again).await;
}

#[tokio::test]
async fn an_objection_in_time_holds_up_the_signatures_until_it_is_answered_with_reasons() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    let own = scene.county.signed_in("xiangzhen").await;
    let page = format!("{}/objections", mine(&run));
    own.get(&page).await.is(404);
    scene.put_up(&run).await;
    own.get(&mine(&run)).await.says(&page);
    own.get(&page).await.says("期限到 2026 年 12 月 14 日（含当日）").says("5 个工作日内答复");
    own.fill(&page, &page, &[("content", "不对")]).await.is(422).says("5 至 1000 字").says("不对</textarea>");
    scene.county.on("2026-12-14");
    let objection = objected(&scene, &run).await;
    let own = scene.county.signed_in("xiangzhen").await;
    own.get(&page).await.says(SAID).says("待答复").says("您的异议还没有答复").keeps_from("<textarea");
    // Nobody without a share in it objects.
    scene.county.signed_in("chengban").await.get(&page).await.is(404);
    scene.county.on("2026-12-15");
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get(&run).await.says("待答复异议").says("公示期内提出的 1 件异议还没有答复").keeps_from("/submission\"");
    renshi.get(&run).await.says("还有 1 件异议没有答复：先答复，再重新结算").keeps_from("重新结算</button>");
    // It waits for personnel and for nobody else, until the fifth working day.
    renshi.get("/my-month").await.says("谭小雨对 2026 年 11 月绩酬的异议").says("2026 年 12 月 21 日").says(&objection);
    renshi.get("/pay/objections").await.is(200).says("谭小雨").says("2026 年 12 月 21 日").keeps_from(SAID);
    scene.county.on("2026-12-22");
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get("/my-month").await.says("答复已逾期");
    renshi.get(&objection).await.says(SAID).says("已逾期");
    assert_eq!(scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_objection.read'").await, 1);
    let action = format!("{objection}/answer");
    renshi.fill(&objection, &action, &[("reasons", "查了验收单，按登记处理")]).await.is(422).says("成立还是不成立");
    let short = renshi.fill(&objection, &action, &[("verdict", "rejected"), ("reasons", "不行")]).await;
    short.is(422).says("请写明答复的理由").says("不行</textarea>");
    answered(&renshi, &objection, "rejected").await;
    let own = scene.county.signed_in("xiangzhen").await;
    own.get("/pay/mine/objections").await.says("不成立").says("查了验收单，按登记处理").says("第九十五条");
    renshi.get("/my-month").await.keeps_from("的异议");
    renshi.get("/pay/objections").await.says("没有等着答复的异议");
    renshi.get("/pay/objections?state=all").await.says("谭小雨").says("不成立");
    scene.submit(&run).await;
}

#[tokio::test]
async fn what_is_accepted_is_settled_anew_and_put_up_again_for_those_whose_result_has_changed() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.put_up(&run).await;
    scene.county.on("2026-12-09");
    let objection = objected(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    answered(&renshi, &objection, "accepted").await;
    renshi.get(&objection).await.says("待重新结算").says("先改正有误的登记");
    scene.county.on("2026-12-15");
    let renshi = scene.county.signed_in("renshi").await;
    renshi.get(&run).await.says("1 件异议成立").keeps_from("/submission\"");
    scene
        .run(
            "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
             SELECT 3, 3, '2026-11-20', '已验收', 0, '2026-11-20', owner FROM plan_item WHERE id = 3;
             INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by)
             SELECT 3, 3, 3, '2026-11-20', '2026-12-01', o.id FROM official o WHERE o.number = 'zhenzhang'",
        )
        .await;
    let again = scene.settle_again(&renshi, &run).await;
    renshi.get(&objection).await.says("已经重新结算").says(&again);
    let own = scene.county.signed_in("xiangzhen").await;
    // What was answered stays with the person while the new result is still a draft.
    own.get(&mine(&again)).await.is(404);
    own.get("/pay/mine/objections").await.says("成立").says("已经重新结算");
    // The new one goes the whole way again: another checks it, then it is put up.
    renshi.get(&again).await.says("待核对").keeps_from("/submission\"");
    scene.put_up(&again).await;
    renshi.get(&again).await.says("2 人的结果有变动，重新公示").says("2026 年 12 月 22 日");
    let since = |login: &str| {
        format!(
            "SELECT CAST(SUBSTR(l.since, 9, 2) AS BIGINT) FROM pay_notice_line l JOIN official o ON o.id = l.official
              WHERE o.number = '{login}' AND l.run = {}",
            again.rsplit('/').next().unwrap()
        )
    };
    assert_eq!(scene.number(&since("xiangzhen")).await, 15);
    assert_eq!(scene.number(&since("cun")).await, 15);
    assert_eq!(scene.number(&since("zhenzhang")).await, 7, "alone in the group, and unchanged");
    own.get(&notice(&again))
        .await
        .says("一、结果有变动、重新公示的")
        .says("二、此前已经公示、没有变动的")
        .says("100.00");
    // The time of those unchanged was over; what the head says now comes after it, and holds nobody up.
    let head = scene.county.signed_in("zhenzhang").await;
    let page = format!("{}/objections", mine(&again));
    head.get(&page).await.says("提异议的期限到 2026 年 12 月 14 日 为止，已经过了");
    head.fill(&page, &page, &[("content", "扣入的天数好像不对")]).await.is(303);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_objection WHERE in_time = 0").await, 1);
    scene.county.on("2026-12-22");
    scene.county.signed_in("renshi").await.get(&again).await.keeps_from("/submission\"");
    scene.county.on("2026-12-23");
    scene.submit(&again).await;
    for login in ["lingdao", "caizheng"] {
        scene.county.signed_in(login).await.fill(&again, &format!("{again}/approval"), &[]).await.is(303);
    }
    scene.county.signed_in("renshi").await.get(&again).await.says("已核准").says("期后");
}

#[tokio::test]
async fn accepted_while_it_is_being_signed_it_goes_back_and_after_approval_a_later_month_mends_it() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.handed_over(&run).await;
    let objection = objected(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let leader = scene.county.signed_in("lingdao").await;
    let before = scene.version(&run).await;
    answered(&renshi, &objection, "accepted").await;
    // Whoever had the page open is told, and on the new page nobody signs.
    let old = [("key", "0123456789abcdef0123456789abcdef"), ("version", before.as_str())];
    leader.post(&format!("{run}/approval"), &old).await.is(409);
    leader.get(&run).await.says("1 件异议成立").keeps_from("/approval\"");
    let again = scene.settle_again(&renshi, &run).await;
    approved_by(&scene, &again, "lingdao").await;

    let late = objected(&scene, &again).await;
    let renshi = scene.county.signed_in("renshi").await;
    answered(&renshi, &late, "accepted").await;
    renshi.get(&late).await.says("待在以后月份更正").says("不再改动");
    renshi.get(&again).await.says("已核准").keeps_from("重新结算</button>");
    scene.county.on("2027-01-06");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("LTA").await.to_string();
    let settled = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await;
    settled.is(303);
    let december = settled.location().to_owned();
    let mends = again.rsplit('/').next().unwrap();
    for (number, amount) in [("cun", "-50"), ("xiangzhen", "50")] {
        let fields = [("mends", mends), ("number", number), ("amount", amount), ("reason", "十一月一项漏记销号")];
        renshi.fill(&december, &format!("{december}/corrections"), &fields).await.is(303);
    }
    renshi.get(&late).await.says("随 2026 年 12 月 更正");
    scene.county.signed_in("xiangzhen").await.get("/pay/mine/objections").await.says("随 2026 年 12 月 更正");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_objection WHERE correction IS NOT NULL").await, 1);
    // What others are to check does not change under their eyes any more.
    let fields = [("mends", mends), ("number", "cun"), ("amount", "1"), ("reason", "再改一次试试看")];
    let hidden = renshi.get(&december).await.hidden(&format!("{december}/corrections"));
    scene.county.signed_in("caizheng2").await.fill(&december, &format!("{december}/check"), &[]).await.is(303);
    let mut late: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    late.extend(fields);
    renshi.post(&format!("{december}/corrections"), &late).await.is(422).says("已经核对");
}

#[tokio::test]
async fn of_two_answers_at_once_one_stands_and_nobody_answers_the_own_objection() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.put_up(&run).await;
    let objection = objected(&scene, &run).await;
    let action = format!("{objection}/answer");
    let renshi = scene.county.signed_in("renshi").await;
    let answer = |key, verdict| [("key", key), ("verdict", verdict), ("reasons", "查了验收单，按登记处理")];
    let one = answer("a123456789abcdef0123456789abcdef", "accepted");
    let other = answer("b123456789abcdef0123456789abcdef", "rejected");
    let (first, second) = tokio::join!(renshi.post(&action, &one), renshi.post(&action, &other));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert!(statuses == [303, 409] || statuses == [303, 422], "{statuses:?}");
    assert_eq!(scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_objection.answered'").await, 1);
    let again = answer("c123456789abcdef0123456789abcdef", "rejected");
    renshi.post(&action, &again).await.is(422).says("已经答复");
    scene.run("UPDATE pay_objection SET accepted = NULL, answered_on = NULL, answered_by = NULL").await;
    scene.run("UPDATE pay_objection SET official = (SELECT id FROM official WHERE number = 'renshi')").await;
    renshi.get(&objection).await.is(200).says("由另一位人事干部答复").keeps_from("/answer\"");
    let own = answer("d123456789abcdef0123456789abcdef", "accepted");
    renshi.post(&action, &own).await.is(422).says("请回避");
}

#[tokio::test]
async fn what_was_submitted_before_there_were_notices_is_signed_as_it_was() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    let document = scene.number("SELECT id FROM authorising_document").await;
    let renshi = scene.number("SELECT id FROM official WHERE number = 'renshi'").await;
    // As the migration leaves a run that was submitted.
    scene
        .run(&format!(
            "UPDATE pay_run SET unnoticed = 1, submitted_on = '2026-12-07', submitted_by = {renshi}, document = {document}"
        ))
        .await;
    let leader = scene.county.signed_in("lingdao").await;
    leader.get("/my-month").await.says("莲塘坳镇 2026 年 11 月绩酬").says("待核准");
    leader.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
    leader.get("/my-month").await.keeps_from("待核准");
    leader.get(&run).await.says("在设公示以前提交，没有公示");
    scene.county.signed_in("caizheng").await.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
    let finance = scene.county.signed_in("caizheng").await;
    finance.get(&run).await.says("已核准");
    finance.get(&format!("{run}/sheet.xlsx")).await.is(200);
    finance.get(&notice(&run)).await.is(404);
}
