//! C5 and C7: whose turn it is where a case takes no straight way.

use crate::county::County;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, OPINION, act, answered, assigned, choice, done, issued};
use crate::petitions_ledger::rows;

#[tokio::test]
async fn an_answer_whose_unit_is_recused_before_it_arrived_is_served_by_the_office() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    issued(&county, &card).await;
    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.keeps_from("送达处理意见书</summary>");
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    county.signed_in("chengban").await.get(&card).await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on IS NULL").await, 1);
    let paper = [("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")];
    done(&officer, &card, "service", &paper).await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn a_call_back_waits_for_the_service_and_a_service_dated_back_says_when_it_was_written_down() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    issued(&county, &card).await;
    county.on("2026-11-26");
    let officer = county.signed_in("xinfang").await;
    let page = officer.get(&card).await;
    page.keeps_from("回访</summary>");
    let version = page.between("name=\"version\" value=\"", "\"");
    let call = [("reached", "1"), ("content", "收到了")];
    let early = [&[("version", version.as_str()), ("on", "2026-11-26")][..], &call[..]].concat();
    officer.post(&format!("{card}/call-back"), &early).await.is(422).says("送达以后再回访");
    let paper = [("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华"), ("on", "2026-11-23")];
    done(&county.signed_in("chengban").await, &card, "service", &paper).await;
    let page = officer.get(&card).await;
    page.says("11 月 23 日 完成（11 月 26 日补登）").says("当面送达处理意见书（11 月 26 日补登）");
    let villager = county.villager();
    villager.post("/track", &[("code", &code)]).await.says("当面送达，11 月 26 日补登");
    let before = [&call[..], &[("on", "2026-11-22")][..]].concat();
    act(&officer, &card, "call-back", &before).await.is(422).says("也不能早于2026-11-23");
    done(&officer, &card, "call-back", &[&call[..], &[("on", "2026-11-24")][..]].concat()).await;
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn the_five_duties_are_recorded_by_the_bound_leader_alone_and_the_fifth_after_the_closing() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let id = choice(&officer.get(&card).await, "谢国华");
    done(&officer, &card, "binding", &[("leader", &id), ("on", "2026-12-20")]).await;
    let handler = county.signed_in("chengban").await;
    handler.get(&card).await.says("记一次办理</summary>").keeps_from("属于五包的哪一项");
    let claimed = [("content", "我替领导记"), ("duty", "handled")];
    act(&handler, &card, "step", &claimed).await.is(422).says("只能由本人记").says("我替领导记");
    let leader = county.signed_in("lingdao").await;
    let called = [("content", "上门回访，问题没有反复"), ("duty", "called_back")];
    act(&leader, &card, "step", &called).await.is(422).says("办结以后再记");
    done(&leader, &card, "step", &[("content", "督促补偿到位"), ("duty", "handled")]).await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "满意")]).await;
    county.on("2026-11-24");
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "resolved")]).await;

    let leader = county.signed_in("lingdao").await;
    let page = leader.get(&card).await;
    page.says("包转化</option>").keeps_from("包处理</option>").keeps_from("不计入五包");
    act(&leader, &card, "step", &[("content", "再说一次"), ("duty", "explained")]).await.is(422).says("这件事已办结");
    let early = [called[0], called[1], ("on", "2026-11-23")];
    act(&leader, &card, "step", &early).await.is(422).says("也不能早于2026-11-24");
    done(&leader, &card, "step", &called).await;
    leader.get(&card).await.says("包转化 上门回访，问题没有反复");
    county.signed_in("chengban").await.get(&card).await.keeps_from("记一次办理</summary>");
    let duties = "SELECT COUNT(*) FROM entry e JOIN official o ON o.id = e.recorded_by
                   WHERE e.duty IS NOT NULL AND o.number = 'lingdao'";
    assert_eq!(county.count(duties).await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE duty IS NOT NULL").await, 2);
}

#[tokio::test]
async fn a_bindings_own_deadline_orders_its_tab_and_waits_on_the_leaders_month() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    for (content, due) in [("第一件房屋开裂", "2026-11-20"), ("第二件水渠不通", "2026-11-12")] {
        let card = card_of(&registered(&officer, content).await);
        assigned(&officer, &card).await;
        let id = choice(&officer.get(&card).await, "谢国华");
        done(&officer, &card, "binding", &[("leader", &id), ("on", due)]).await;
    }
    let page = officer.get("/petitions?tab=bound").await;
    page.says("包案期限").says("11 月 12 日");
    let place = |text: &str| page.text.find(text).unwrap();
    assert!(place("0002号") < place("0001号"), "the sooner first");
    let sheet = rows(&officer.get("/petitions/export.xlsx?tab=bound").await);
    assert_eq!((sheet[1][0].to_string(), sheet.len()), ("攸信〔2026〕0002号".to_owned(), 3));
    assert!(matches!(sheet[1][12], calamine::Data::DateTime(_)), "{:?}", sheet[1]);
    county.signed_in("lingdao").await.get("/my-month").await.keeps_from("包案期限");
    county.on("2026-11-12");
    let page = county.signed_in("lingdao").await.get("/my-month").await;
    page.says("第二件水渠不通").says("包案期限").says("今天").keeps_from("第一件");
    county.on("2026-11-14");
    let page = county.signed_in("xinfang").await.get("/petitions?tab=bound").await;
    page.says("<span class=\"due late\">逾期 2 天</span>");
    county.signed_in("lingdao").await.get("/my-month").await.says("逾期 2 天");
    county.signed_in("fenguan").await.get("/my-month").await.keeps_from("包案期限");
}

#[tokio::test]
async fn what_is_due_in_a_year_without_working_days_says_so_to_the_petitioner() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    let villager = county.villager();
    villager.post("/track", &[("code", &code)]).await.keeps_from("暂定的");
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    done(&handler, &card, "service", &[("paper", "notice"), ("manner", "post")]).await;
    // Sixty days end on 1 January 2027, of which nobody knows yet whether it is a day of rest.
    villager.post("/track", &[("code", &code)]).await.says("2027 年 1 月 1 日").says("暂定的");
    county.on("2026-12-30");
    county.signed_in("xinfang").await.get(&card).await.says("还有 2 天（暂定）");
    county.signed_in("xinfang").await.get("/overview").await.says("还有 2 天（暂定）");
}

#[tokio::test]
async fn after_a_taking_back_the_petitioner_sees_by_when_it_is_given_on() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    county.on("2026-11-09");
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "objection", &[("content", "属于住建部门职责")]).await;
    done(&county.signed_in("xinfang").await, &card, "taking-back", &[]).await;
    let page = county.villager().post("/track", &[("code", &code)]).await;
    page.says("县信访局会在 11 月 24 日 前转送或者交办").says("还有 15 天，11 月 24 日前转给有权处理的单位");
    county.on("2026-11-25");
    county.signed_in("xinfang").await.get("/petitions?tab=late").await.says("0001号").says("逾期 1 天");
}

#[tokio::test]
async fn sorting_anew_and_anew_once_more_gives_no_days_back() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    done(&county.signed_in("chengban").await, &card, "acceptance", &[("content", "由周敏承办")]).await;
    county.on("2026-11-20");
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    for branch in ["5", "6"] {
        done(&officer, &card, "classification", &[("category", "claim"), ("branch", branch)]).await;
    }
    let running = "SELECT COUNT(*) FROM clock
                    WHERE kind = 'handling' AND runs_from = '2026-11-02' AND stopped_on IS NULL";
    assert_eq!(county.count(running).await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling'").await, 1);
}

#[tokio::test]
async fn a_text_written_while_a_colleague_took_a_step_comes_back_with_the_new_version() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let version = |page: &crate::county::Answer| page.between("name=\"version\" value=\"", "\"");
    let handler = county.signed_in("chengban").await;
    let before = version(&handler.get(&card).await);
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    // The form is not offered any more: what was typed stands above.
    let objection = [("version", before.as_str()), ("content", "属于住建部门职责")];
    let page = handler.post(&format!("{card}/objection"), &objection).await;
    page.is(409).says("请核对后再提交").says("属于住建部门职责");

    let path = format!("{card}/opinion");
    let old = version(&handler.get(&path).await);
    done(&officer, &card, "recusal", &[("official", "cun")]).await;
    let written = |version: String| [&OPINION[..], &[("version", version.leak() as &str)]].concat();
    let page = handler.post(&path, &written(old)).await;
    page.is(409).says("请核对后再提交").says("经鉴定，开裂与采矿有关。").says("由矿方补偿修缮费用");
    let step = [("version", before.as_str()), ("on", "2026-11-02"), ("content", "走访了六户人家")];
    handler.post(&format!("{card}/step"), &step).await.is(409).says("走访了六户人家");
    handler.post(&path, &written(version(&page))).await.is(303);
}

#[tokio::test]
async fn an_anonymous_matter_that_is_answered_says_where_the_answer_is() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [("channel", "letter"), ("content", "垃圾站无人清理"), ("place", "阳升观村"), ("people", "1")];
    let receipt = officer.fill("/petitions/new", "/petitions", &fields).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await.is(303);
    let page = county.villager().post("/track", &[("code", &code)]).await;
    page.says("已经答复，答复内容在下面").says("由矿方补偿修缮费用").keeps_from("正在送达");
}
