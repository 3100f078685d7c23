//! C5: 复查 and 复核 (arts. 35, 36), what is handled anew, and what ends.

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, OPINION, act, answer, answered, done};

/// A petition that is answered and served on 20 November, with the code on its receipt.
async fn served(county: &County) -> (String, String) {
    let receipt = registered(&county.signed_in("xinfang").await, CONTENT).await;
    let card = card_of(&receipt);
    answer(county, &card).await;
    (card, receipt.between("class=\"code\">", "<"))
}

const REASON: &str = "补偿没有算上院墙，请求复查。";

/// Asks for it with the code.
async fn ask(county: &County, code: &str) -> Answer {
    let villager = county.villager();
    let page = villager.post("/track", &[("code", code)]).await;
    let key = page.hidden("/track/review").into_iter().find(|(name, _)| name == "key").unwrap().1;
    villager.post("/track/review", &[("code", code), ("key", &key), ("content", REASON)]).await
}

async fn newest(county: &County) -> String {
    format!("/reviews/{}", county.count("SELECT MAX(id) FROM review").await)
}

const DECISION: [(&str, &str); 3] =
    [("facts", "院墙也有裂缝。"), ("basis", "《信访工作条例》第三十五条"), ("reply", "院墙一并补偿。")];

/// Sends the opinion of a review.
async fn decide(person: &Person<'_>, review: &str, verdict: &str) -> Answer {
    let mut fields = vec![("verdict", verdict)];
    fields.extend(DECISION);
    person.fill(review, &format!("{review}/opinion"), &fields).await
}

async fn serve(person: &Person<'_>, review: &str, on: &str) {
    let fields = [("on", on), ("manner", "in_person"), ("signed_by", "罗新华")];
    person.fill(review, &format!("{review}/service"), &fields).await.is(303);
}

#[tokio::test]
async fn a_late_review_is_urged_where_it_is_owed() {
    let county = County::new().await;
    let (_, code) = served(&county).await;
    ask(&county, &code).await.is(200);
    county.on("2026-12-23");
    youzhi::petitions::urge(&county.app).await.unwrap();
    let told = "SELECT COUNT(*) FROM urging g JOIN clock c ON c.id = g.clock AND c.kind = 'review'";
    assert!(county.count(told).await > 0);
    let astray = "SELECT COUNT(*) FROM urging g JOIN clock c ON c.id = g.clock AND c.kind = 'review'
                    JOIN post o ON o.id = g.post JOIN review v ON v.petition = g.petition
                   WHERE o.unit <> v.unit AND g.rung IN ('warn', 'unit')";
    assert_eq!(county.count(astray).await, 0);
}

#[tokio::test]
async fn a_review_goes_to_the_next_higher_unit_and_is_answered_in_writing_by_somebody_else() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    county
        .villager()
        .post("/track", &[("code", &code)])
        .await
        .says("由攸县人民政府复查")
        .says("12 月 21 日 前可以申请");
    ask(&county, &code).await.is(200).says("您申请了复查，由攸县人民政府办理").keeps_from("/track/review");
    let review = newest(&county).await;
    let clock = "SELECT COUNT(*) FROM clock WHERE kind = 'review' AND due_on = '2026-12-21' AND stopped_on IS NULL";
    assert_eq!(county.count(clock).await, 1);
    assert_eq!(
        county.count("SELECT COUNT(*) FROM clock WHERE kind = 'review-request' AND stopped_on IS NULL").await,
        0
    );

    // The unit that answered finds it and does not work on it; nor does the petition office.
    let handler = county.signed_in("chengban").await;
    handler.get(&card).await.says("攸复查〔2026〕0001号").says("攸县人民政府复查，在办");
    for person in [&handler, &county.signed_in("xinfang").await] {
        let page = person.get(&review).await;
        page.is(200).says("只有负责复查、复核的单位").keeps_from("出具复查意见</summary>");
        let mut fields = vec![("version", "1"), ("verdict", "upheld")];
        fields.extend(DECISION);
        person.post(&format!("{review}/opinion"), &fields).await.is(422);
    }
    let reviewer = county.signed_in("pingyi").await;
    reviewer.get("/reviews").await.is(200).says("攸复查〔2026〕0001号").says("在办").says("12 月 21 日");
    reviewer.get(&review).await.is(200).says(REASON).says("由矿方补偿修缮费用").says("走访 6 户");
    let typed = [("verdict", "changed"), ("facts", "院墙也有裂缝，很长的一段话。")];
    reviewer.fill(&review, &format!("{review}/opinion"), &typed).await.is(422).says("很长的一段话");
    decide(&reviewer, &review, "changed").await.is(303);
    let paper = reviewer.get(&format!("{review}/paper")).await;
    paper.is(200).says("攸县人民政府 信访事项复查意见书").says("四、复查意见：变更").says("院墙一并补偿");
    paper.says("30日内，向上一级人民政府请求复核（《信访工作条例》第三十六条）");
    reviewer.get(&format!("{review}/paper.docx")).await.is(200);
    county.on("2026-12-04");
    let reviewer = county.signed_in("pingyi").await;
    serve(&reviewer, &review, "2026-12-04").await;
    let clock = "SELECT COUNT(*) FROM clock WHERE kind = 're-review-request' AND runs_from = '2026-12-04'";
    assert_eq!(county.count(clock).await, 1);
    county.villager().post("/track", &[("code", &code)]).await.says("复查意见：变更").says("申请复核");
    let recorded = "SELECT COUNT(*) FROM chain_record WHERE action LIKE 'petition.review_%'";
    assert_eq!(county.count(recorded).await, 3);
}

#[tokio::test]
async fn who_had_a_hand_in_the_matter_does_not_review_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let (card, code) = served(&county).await;
    let leader = county.count("SELECT id FROM official WHERE number = 'pingyi'").await.to_string();
    county.execute("INSERT INTO role_grant (appointment, role) SELECT a.id, 'leader' FROM appointment a JOIN official o ON o.id = a.official WHERE o.number = 'pingyi'").await;
    let officer_now = county.signed_in("xinfang").await;
    done(&officer_now, &card, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await;
    done(&officer_now, &card, "unbinding", &[]).await;
    drop(officer);
    ask(&county, &code).await.is(200);
    let review = newest(&county).await;
    let bound = county.signed_in("pingyi").await;
    bound.get(&review).await.is(200).says("办过这件事的单位和人员").keeps_from("出具复查意见</summary>");
    decide_past_the_page(&bound, &review).await.is(422).says("办过这件事的单位和人员");
    // Whoever is to be kept from the matter does not find its review.
    done(&county.signed_in("xinfang").await, &card, "recusal", &[("official", "陈新民")]).await;
    county.signed_in("fenguan").await.get(&review).await.is(404);
}

#[tokio::test]
async fn a_reviewing_unit_that_is_complained_of_passes_the_review_on_and_no_clock_stays_unanswered() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    ask(&county, &code).await.is(200);
    let review = newest(&county).await;
    county.signed_in("pingyi").await.get(&review).await.is(200);
    done(&county.signed_in("xinfang").await, &card, "recusal", &[("unit", "县领导")]).await;
    let reviewer = county.signed_in("pingyi").await;
    reviewer.get(&review).await.is(404);
    decide_past_the_page(&reviewer, &review).await.is(404);
    // The organ above the county answers; the petition office writes it down.
    let running = "SELECT COUNT(*) FROM clock WHERE kind = 'review' AND stopped_on IS NULL";
    assert_eq!(county.count(running).await, 1);
    let officer = county.signed_in("xinfang").await;
    officer.get(&review).await.is(200).says("上一级人民政府").says("出具复查意见</summary>");
    decide(&officer, &review, "upheld").await.is(303);
    county.on("2026-12-04");
    serve(&county.signed_in("xinfang").await, &review, "2026-12-04").await;
    assert_eq!(county.count(running).await, 0);
}

#[tokio::test]
async fn a_review_ends_though_its_answer_was_set_aside_meanwhile() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    let other = county.signed_in("xinfang2").await;
    done(&other, &card, "closure", &[("resolution", "answered")]).await;
    ask(&county, &code).await.is(200);
    done(&other, &card, "reopening", &[("content", "信访人说补偿没有到账")]).await;
    let (review, reviewer) = (newest(&county).await, county.signed_in("pingyi").await);
    decide(&reviewer, &review, "redo").await.is(303);
    serve(&reviewer, &review, "2026-11-20").await;
    let running = |kind: &'static str| county.count(kind);
    assert_eq!(running("SELECT COUNT(*) FROM clock WHERE kind = 'review' AND stopped_on IS NULL").await, 0);
    // It is being handled anew already, with the days that it had.
    let handling = "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on IS NULL";
    assert_eq!((running(handling).await, running("SELECT COUNT(*) FROM reopening").await), (1, 1));
}

async fn decide_past_the_page(person: &Person<'_>, review: &str) -> Answer {
    let mut fields = vec![("version", "1"), ("verdict", "upheld")];
    fields.extend(DECISION);
    person.post(&format!("{review}/opinion"), &fields).await
}

#[tokio::test]
async fn the_right_to_ask_ends_with_its_last_day() {
    let county = County::new().await;
    let card = answered(&county).await;
    county.on("2026-12-23");
    let officer = county.signed_in("xinfang").await;
    let address = format!("{card}/review");
    let late = officer.post(&address, &[("on", "2026-12-22"), ("reason", REASON)]).await;
    late.is(422).says("申请期限到 2026-12-21 为止").says(REASON);
    officer.post(&address, &[("on", "2026-11-19"), ("reason", REASON)]).await.is(422).says("不能早于2026-11-20");
    officer.post(&address, &[("on", "2026-12-21"), ("reason", "短")]).await.is(422).says("5 至 2000 字");
}

#[tokio::test]
async fn after_the_re_review_the_same_facts_are_accepted_no_more() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    ask(&county, &code).await.is(200);
    let first = newest(&county).await;
    let reviewer = county.signed_in("pingyi").await;
    decide(&reviewer, &first, "upheld").await.is(303);
    serve(&reviewer, &first, "2026-11-20").await;
    county.on("2026-12-01");
    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.says("登记复查复核申请");
    let address = format!("{card}/review");
    officer.get(&address).await.is(200).says("登记复核申请").says("复核机关全称");
    let fields = [("on", "2026-12-01"), ("reason", REASON), ("organ", "株洲市人民政府")];
    officer.post(&address, &fields).await.is(303);
    let second = newest(&county).await;
    officer.get(&second).await.says("攸复核〔2026〕0001号").says("株洲市人民政府");
    // The city is not here: the petition office writes its opinion down.
    decide(&officer, &second, "upheld").await.is(303);
    serve(&officer, &second, "2026-12-01").await;
    officer.get(&card).await.says("已经复核终结").keeps_from("登记复查复核申请");
    officer.get(&address).await.is(404);
    county.villager().post("/track", &[("code", &code)]).await.says("这件事已经终结").keeps_from("/track/review");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL").await, 0);

    // The same person comes again: the ended matter is proposed, and that it was explained is written down once.
    let again = |content: &'static str, different: &'static str| {
        let fields = [
            ("channel", "visit"),
            ("content", content),
            ("place", "阳升观村"),
            ("people", "1"),
            ("name", "罗新华"),
            ("different", different),
        ];
        let officer = officer.clone();
        async move { officer.fill("/petitions/new", "/petitions", &fields).await }
    };
    let proposed = again(CONTENT, "").await;
    proposed.is(422).says("已经复核终结的事项").says("攸信〔2026〕0001号").says(CONTENT);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
    let key = proposed.hidden(&format!("{card}/explanation")).into_iter().find(|(name, _)| name == "key").unwrap().1;
    let explain = |content: &'static str| {
        let (officer, address, key) = (officer.clone(), format!("{card}/explanation"), key.clone());
        async move { officer.post(&address, &[("key", &key), ("content", content)]).await }
    };
    explain("").await.is(422).says("请写明怎样说明的");
    explain("已说明复核是最后的意见").await.is(303);
    explain("已说明复核是最后的意见").await.is(303);
    officer.get(&card).await.says("已说明不再受理").says("已说明复核是最后的意见");
    assert_eq!(county.count("SELECT COUNT(*) FROM explanation").await, 1);
    // New facts are registered like any others.
    again("屋后山体滑坡，要求避险。", "1").await.is(200).says("攸信〔2026〕0002号");
}

#[tokio::test]
async fn what_a_review_sends_back_is_handled_anew_and_its_old_answer_stays_on_the_record() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    ask(&county, &code).await.is(200);
    let review = newest(&county).await;
    county.on("2026-12-04");
    let reviewer = county.signed_in("pingyi").await;
    decide(&reviewer, &review, "redo").await.is(303);
    serve(&reviewer, &review, "2026-12-04").await;
    reviewer.get(&review).await.says("责令重新处理").says("由矿方补偿修缮费用");
    let handler = county.signed_in("chengban").await;
    let page = handler.get(&card).await;
    page.says("办理中").says("重新办理：11 月 20 日的答复（予以支持）作废").says("起草处理意见书");
    let clock =
        "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND runs_from = '2026-12-04' AND stopped_on IS NULL";
    assert_eq!(county.count(clock).await, 1);
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await.is(303);
    done(&handler, &card, "service", &[("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
    // The new answer can be reviewed in its turn.
    ask(&county, &code).await.is(200);
    county.signed_in("xinfang").await.get(&card).await.says("攸复查〔2026〕0002号");
}

#[tokio::test]
async fn what_was_closed_wrongly_is_opened_again_with_its_days_and_says_who_and_why() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
    county.on("2026-11-25");
    county.signed_in("chengban").await.get(&card).await.keeps_from("重新办理</summary>");
    let officer = county.signed_in("xinfang").await;
    act(&officer, &card, "reopening", &[("content", "错")]).await.is(422).says("至少写 5 个字");
    done(&officer, &card, "reopening", &[("content", "信访人说补偿没有到账")]).await;
    let page = officer.get(&card).await;
    page.says("办理中").says("信访人说补偿没有到账 · 肖文").says("2027 年 1 月 1 日（暂定）").keeps_from("已销号");
    page.says("销号：已答复（已作废）").says("出具处理意见书：予以支持（已作废）");
    officer.get("/petitions?tab=open").await.says("0001号").says("重新办理");
    // The sixty days go on from acceptance; the call-back of the answer set aside is no key to the next closing.
    let clock =
        "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND runs_from = '2026-11-02' AND stopped_on IS NULL";
    assert_eq!(county.count(clock).await, 1);
    let handler = county.signed_in("chengban").await;
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await.is(303);
    done(&handler, &card, "service", &[("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
    county.signed_in("xinfang2").await.get(&card).await.keeps_from("办结销号</summary>");
    assert_eq!(county.count("SELECT COUNT(*) FROM reopening WHERE closed_on = '2026-11-20'").await, 1);
}

#[tokio::test]
async fn nothing_is_closed_while_a_review_of_it_runs() {
    let county = County::new().await;
    let (card, code) = served(&county).await;
    let officer = county.signed_in("xinfang2").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    officer.get(&card).await.says("办结销号</summary>");
    let version = officer.get(&card).await.between("name=\"version\" value=\"", "\"").parse::<i64>().unwrap();
    ask(&county, &code).await.is(200);
    officer.get(&card).await.keeps_from("办结销号</summary>").says("意见书送达以后才能办结");
    let now = (version + 1).to_string();
    let fields = [("version", now.as_str()), ("resolution", "answered")];
    officer.post(&format!("{card}/closure"), &fields).await.is(422).says("复查、复核还没有办完");
    let review = newest(&county).await;
    let reviewer = county.signed_in("pingyi").await;
    decide(&reviewer, &review, "upheld").await.is(303);
    officer.get(&card).await.keeps_from("办结销号</summary>");
    serve(&reviewer, &review, "2026-11-20").await;
    done(&officer, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn a_reviewing_unit_that_is_complained_of_hands_it_up_and_finds_it_no_more() {
    let county = County::new().await;
    county.execute("UPDATE unit SET superior = (SELECT id FROM unit WHERE code = 'RSJ') WHERE code = 'ZRZY'").await;
    let (card, code) = served(&county).await;
    ask(&county, &code).await.is(200).says("由县人力资源和社会保障局办理");
    let review = newest(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "recusal", &[("unit", "县人力资源和社会保障局")]).await;
    let mine =
        "SELECT COUNT(*) FROM review r JOIN unit u ON u.id = r.unit WHERE u.code = 'XLD' AND r.organ = '攸县人民政府'";
    assert_eq!(county.count(mine).await, 1);
    let clock = "SELECT COUNT(*) FROM clock WHERE kind = 'review' AND due_on = '2026-12-21' AND stopped_on IS NULL";
    assert_eq!(county.count(clock).await, 1, "the days go on");
    county.signed_in("renshi").await.get(&review).await.is(403);
    county.villager().post("/track", &[("code", &code)]).await.says("由攸县人民政府办理");
    // The county as well: an organ above decides, and the petition office writes it down.
    done(&officer, &card, "recusal", &[("unit", "县领导")]).await;
    county.signed_in("pingyi").await.get(&review).await.is(404);
    officer.get(&review).await.says("上一级人民政府").says("出具复查意见</summary>");
    decide(&officer, &review, "upheld").await.is(303);
    let recorded = "SELECT COUNT(*) FROM chain_record WHERE action = 'petition.review_handed_up'";
    assert_eq!(county.count(recorded).await, 2);
}

#[tokio::test]
async fn the_unit_that_re_reviews_records_its_hearing_and_no_hearing_is_left_out_of_the_review() {
    let county = County::new().await;
    county.execute("UPDATE unit SET superior = (SELECT id FROM unit WHERE code = 'DCS') WHERE code = 'ZRZY'").await;
    let (card, code) = served(&county).await;
    ask(&county, &code).await.is(200);
    let first = newest(&county).await;
    let reviewer = county.signed_in("ducha").await;
    reviewer.get(&first).await.is(200).keeps_from("登记听证");
    decide(&reviewer, &first, "upheld").await.is(303);
    serve(&reviewer, &first, "2026-11-20").await;
    ask(&county, &code).await.is(200);
    let second = newest(&county).await;
    let county_itself = county.signed_in("pingyi").await;
    county_itself.get(&second).await.says("登记听证").says("第三十六条");
    let hearing = [("on", "2026-12-01"), ("until", "2026-12-03"), ("reason", "就补偿面积听证")];
    let action = format!("{second}/hearing");
    let mut wrong = hearing;
    wrong[1].1 = "2026-11-30";
    county_itself.fill(&second, &action, &wrong).await.is(422).says("止日不能早于起日").says("就补偿面积听证");
    county_itself.fill(&second, &action, &hearing).await.is(303);
    // Thirty days from 20 November end on Sunday 20 December; with three more on Wednesday the 23rd.
    let due = "SELECT COUNT(*) FROM clock WHERE kind = 're-review' AND due_on = '2026-12-23'";
    assert_eq!(county.count(due).await, 1);
    county_itself.get(&second).await.says("12 月 23 日").says("就补偿面积听证");
    // Neither the unit whose opinion is reviewed nor whoever reviewed it first has a say in its hearing.
    county.signed_in("chengban").await.get(&card).await.keeps_from("登记听证");
    let stale = [("version", "1"), ("on", "2026-12-08"), ("until", "2026-12-08"), ("reason", "再听证")];
    reviewer.post(&action, &stale).await.is(409);
    decide(&county_itself, &second, "upheld").await.is(303);
    county_itself.get(&second).await.keeps_from("登记听证</summary>");
}

#[tokio::test]
async fn what_was_cancelled_for_a_matter_that_is_opened_again_is_shown_and_left_to_its_superior() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    county
        .execute(
            "INSERT INTO plan (id, unit, month, frozen_on, frozen_by)
             SELECT 1, u.id, '2026-11', '2026-11-01', o.id FROM unit u, official o
              WHERE u.code = 'ZRZY' AND o.number = 'fenguan';
             INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, petition,
                                    added, proposed_by, version)
             SELECT 1, 1, '攸预〔2026〕11-0001号', '化解房屋开裂', '信访人确认', a.official, a.id, '2026-11-30', 10, 'petition',
                    p.id, 0, a.official, 1
               FROM petition p, appointment a JOIN official o ON o.id = a.official WHERE o.number = 'chengban'",
        )
        .await;
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
    let superior = county.signed_in("fenguan").await;
    let item = "/plans/items/1";
    superior.fill(item, "/plans/items/1/cancellation", &[("done_on", "2026-11-20")]).await.is(303);
    superior.get("/my-month").await.keeps_from("销号待核");
    done(&officer, &card, "reopening", &[("content", "信访人说补偿没有到账")]).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation_reversal").await, 0, "nothing happens by itself");
    officer.get(&card).await.says("攸预〔2026〕11-0001号").says("还是已销号").keeps_from("href=\"/plans/items/1\"");
    superior.get(&card).await.says("href=\"/plans/items/1\"");
    superior.get("/my-month").await.says("信访件已重新办理，请看要不要撤回销号").says("销号待核");
    county.signed_in("chengban").await.get("/my-month").await.keeps_from("销号待核");
    let id = county.count("SELECT id FROM cancellation").await;
    let reversal = format!("/plans/cancellations/{id}/reversal");
    superior.fill(item, &reversal, &[("reason", "案件重新办理")]).await.is(303);
    superior.get("/my-month").await.keeps_from("销号待核");
    officer.get(&card).await.keeps_from("还是已销号");
}
