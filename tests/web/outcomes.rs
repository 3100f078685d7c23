//! C5: how a matter ends otherwise than by an opinion, and the carrying out of what was supported (arts. 32, 33).

use crate::county::{County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, act, answered, assigned, done, issued};

const AGREEMENT: [(&str, &str); 6] = [
    ("settling", "mediated"),
    ("parties", "罗新华；攸县某矿业公司"),
    ("facts", "采矿致墙体开裂。"),
    ("terms", "公司修缮墙体。\n公司补偿八千元。"),
    ("performance", "修缮后当面付清"),
    ("due_on", "2026-12-20"),
];

/// A petition that the land bureau has accepted, with the code on its receipt.
async fn accepted(county: &County) -> (String, String) {
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let card = card_of(&receipt);
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    (card, receipt.between("class=\"code\">", "<"))
}

/// Closes it past the form that the card offers.
async fn close(person: &Person<'_>, card: &str, resolution: &str) -> crate::county::Answer {
    let version = person.get(card).await.between("name=\"version\" value=\"", "\"");
    person.post(&format!("{card}/closure"), &[("version", &version), ("resolution", resolution)]).await
}

#[tokio::test]
async fn an_agreement_of_both_settles_and_is_followed_until_it_is_carried_out() {
    let county = County::new().await;
    let (card, code) = accepted(&county).await;
    let handler = county.signed_in("chengban").await;
    let mut fields = AGREEMENT.to_vec();
    fields.push(("on", "2026-11-02"));
    let refused = act(&handler, &card, "settlement", &fields).await;
    refused.is(422).says("双方自愿").says("公司补偿八千元");
    fields.push(("consented", "1"));
    done(&handler, &card, "settlement", &fields).await;
    let page = handler.get(&card).await;
    page.says("达成调解协议，12 月 20 日 前履行").says("待执行").keeps_from("送达处理意见书").keeps_from("申请复查");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL").await, 0);
    let paper = handler.get(&format!("{card}/settlement")).await;
    paper.is(200).says("信访事项调解协议书").says("（二）公司补偿八千元。").says("第三十三条").says("2026年12月20日前");
    handler.get(&format!("{card}/settlement.docx")).await.is(200);
    handler.get(&format!("{card}/opinion.docx")).await.is(404);
    county.villager().post("/track", &[("code", &code)]).await.says("双方达成协议").says("公司修缮墙体");
    // An agreement has no 复查: it is no opinion of the unit's.
    let key = youzhi::web::forms::new_key();
    let asked = [("code", code.as_str()), ("key", key.as_str()), ("content", "补偿太少，请求复查")];
    county.villager().post("/track", &[("code", &code)]).await.keeps_from("/track/review");
    county.villager().post("/track/review", &asked).await.is(422).says("第三十一条第六项");
    assert_eq!(county.count("SELECT COUNT(*) FROM review").await, 0);

    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions?tab=call").await.says("0001号");
    // What both agreed on is carried out, not reviewed.
    officer.get(&card).await.keeps_from("登记复查复核申请");
    county.villager().post("/track", &[("code", &code)]).await.keeps_from("/track/review");
    let other = county.signed_in("xinfang2").await;
    close(&other, &card, "resolved").await.is(422).says("还不能办结");
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "同意协议")]).await;
    done(&other, &card, "closure", &[("resolution", "resolved")]).await;
    // It is closed and still to be carried out.
    other.get("/petitions?tab=all&state=execute").await.says("0001号").says("待执行");
    done(&handler, &card, "execution", &[("content", "墙体已修缮")]).await;
    handler.get(&card).await.says("待执行").says("墙体已修缮");
    done(&handler, &card, "execution", &[("content", "八千元已付"), ("done", "1")]).await;
    handler.get(&card).await.says("执行完毕").keeps_from("待执行").keeps_from("报执行情况</summary>");
    other.get("/petitions?tab=all&state=execute").await.keeps_from("0001号");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.executed'").await, 2);
}

#[tokio::test]
async fn what_is_supported_is_reported_by_the_unit_that_answered_and_by_nobody_else() {
    let county = County::new().await;
    let card = answered(&county).await;
    let handler = county.signed_in("chengban").await;
    handler.get(&card).await.says("待执行").says("报执行情况</summary>");
    let officer = county.signed_in("xinfang").await;
    let version = officer.get(&card).await.between("name=\"version\" value=\"", "\"");
    let report = [("version", version.as_str()), ("content", "已补偿"), ("done", "1")];
    officer.post(&format!("{card}/execution"), &report).await.is(403);
    done(&handler, &card, "execution", &[("content", "补偿已付清"), ("done", "1")]).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM execution WHERE done_on = '2026-11-20'").await, 1);
}

#[tokio::test]
async fn the_petitioner_withdraws_with_the_code_and_somebody_closes_it_as_withdrawn() {
    let county = County::new().await;
    let (card, code) = accepted(&county).await;
    let villager = county.villager();
    let page = villager.post("/track", &[("code", &code)]).await;
    page.says("任何人不得要求您撤回");
    let key = page.hidden("/track/withdrawal").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let said = |content: &'static str| [("code", code.clone()), ("key", key.clone()), ("content", content.to_owned())];
    let send = |content| {
        let (villager, fields) = (villager.clone(), said(content));
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            villager.post("/track/withdrawal", &fields).await
        }
    };
    send("").await.is(422).says("请写明撤回的原因");
    send("矿方已经修好了").await.is(200).says("您撤回了这件事").keeps_from("/track/withdrawal");
    send("矿方已经修好了").await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL").await, 0);

    // Whoever registered it has seen the code.
    close(&county.signed_in("xinfang").await, &card, "withdrawn").await.is(422).says("看得到查询码");
    let other = county.signed_in("xinfang2").await;
    other.get(&card).await.says("信访人撤回，待销号").says("矿方已经修好了");
    close(&other, &card, "answered").await.is(422).says("只能写“信访人撤回”");
    done(&other, &card, "closure", &[("resolution", "withdrawn")]).await;
    other.get(&card).await.says("销号：信访人撤回");
    assert_eq!(county.count("SELECT COUNT(*) FROM withdrawal WHERE recorded_by IS NULL").await, 1);
}

#[tokio::test]
async fn a_signed_withdrawal_is_recorded_by_one_and_closed_by_another_and_never_by_the_handler() {
    let county = County::new().await;
    let (card, _) = accepted(&county).await;
    county.signed_in("chengban").await.get(&card).await.keeps_from("登记信访人书面撤回");
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "withdrawal", &[("content", "已经解决，不再反映")]).await;
    officer.get(&card).await.keeps_from("办结销号</summary>");
    close(&officer, &card, "withdrawn").await.is(422);
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "withdrawn")]).await;
}

#[tokio::test]
async fn that_somebody_stopped_coming_closes_nothing() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    let other = county.signed_in("xinfang2").await;
    other.get(&card).await.says("不再来访不是化解").keeps_from("value=\"withdrawn\"");
    for reason in ["息访", "xifang", "settled", "stopped", ""] {
        close(&other, &card, reason).await.is(422);
    }
    close(&other, &card, "withdrawn").await.is(422).says("不再来访不是撤回");
    assert_eq!(county.count("SELECT COUNT(*) FROM closure").await, 0);
}

#[tokio::test]
async fn whom_nobody_can_reach_is_told_nothing_in_writing_and_the_matter_ends_all_the_same_with_two_keys() {
    let county = County::new().await;
    let receipt = registered(&county.signed_in("xinfang").await, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    issued(&county, &card).await;
    let officer = county.signed_in("xinfang2").await;
    county.signed_in("chengban").await.get(&card).await.keeps_from("登记联系不上</summary>");
    act(&officer, &card, "unreachability", &[("content", "空号")]).await.is(422).says("至少写 5 个字");
    done(&officer, &card, "unreachability", &[("content", "电话空号，三次上门，村里说已外迁")]).await;
    let page = officer.get(&card).await;
    page.says("联系不上").says("三次上门").keeps_from("办结销号</summary>").keeps_from("登记联系不上</summary>");
    let running = "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on IS NULL";
    assert_eq!(county.count(running).await, 0);
    let villager = county.villager();
    let seen = villager.post("/track", &[("code", &code)]).await;
    seen.says("联系不上您").says("没有书面送达").says("由矿方补偿").keeps_from("已外迁");
    // Whoever registered it, and did not find it so, closes it.
    let other = county.signed_in("xinfang").await;
    other.get(&card).await.says("办结销号</summary>");
    // The petitioner turns up: the paper is served, and from then on it can be reviewed.
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "service", &[("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
    officer.get(&card).await.keeps_from("<span class=\"tag wait\">联系不上");
    villager.post("/track", &[("code", &code)]).await.says("申请复查");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.unreachable'").await, 1);
}

#[tokio::test]
async fn an_unreachable_petitioners_matter_keeps_its_sixty_days_and_is_closed_by_another() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    done(&officer, &card, "unreachability", &[("content", "来信没有住址，姓名对不上人")]).await;
    crate::petitions_acts::assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    let owed = "SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL AND kind IN ('notice', 'handling')";
    assert_eq!(county.count(owed).await, 1, "no notice, but the sixty days");
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &crate::petitions_acts::OPINION).await.is(303);
    officer.get(&card).await.keeps_from("办结销号</summary>");
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
}
