//! C5 and C12: whose matter it is, where sender and unit, or lead and helper, do not agree.

use crate::county::{County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, OPINION, act, assigned, choice, done};

const REASON: (&str, &str) = ("content", "按三定规定属于你单位职责");

/// A claim given to the land bureau, which objects on Monday 9 November, the last day.
async fn objected(county: &County) -> String {
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    county.on("2026-11-09");
    let objection = [("content", "属于住建部门职责")];
    done(&county.signed_in("chengban").await, &card, "objection", &objection).await;
    card
}

async fn unit(person: &Person<'_>, card: &str, name: &str) -> String {
    choice(&person.get(card).await, name)
}

#[tokio::test]
async fn an_objection_that_the_sender_rejects_is_decided_by_the_common_superior_and_cannot_be_raised_again() {
    let county = County::new().await;
    let card = objected(&county).await;
    let leader = county.signed_in("lingdao").await;
    leader.get(&card).await.is(404);
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "referral", &[REASON]).await;
    officer
        .get(&card)
        .await
        .says("由谁主办，等副县长 谢国华裁定")
        .says("受理以前由首接单位县信访局负责")
        .keeps_from("报请共同上级裁定</summary>");
    // Neither head of the two bureaus decides, nor does the clock wait.
    for login in ["fenguan", "juzhang"] {
        let person = county.signed_in(login).await;
        let version = county.count("SELECT version FROM petition").await.to_string();
        let land = county.count("SELECT id FROM unit WHERE code = 'ZRZY'").await.to_string();
        let fields = [("version", version.as_str()), ("unit", land.as_str()), REASON];
        let answer = person.post(&format!("{card}/ruling"), &fields).await;
        assert!([404, 422].contains(&answer.status.as_u16()), "{login}: {}", answer.words());
    }
    county.signed_in("chengban").await.get(&card).await.keeps_from("受理</summary>");
    let notice = "SELECT COUNT(*) FROM clock WHERE kind = 'notice' AND due_on = '2026-11-17' AND stopped_on IS NULL";
    assert_eq!(county.count(notice).await, 1);

    leader.get("/my-month").await.says("等您裁定").says("管辖异议");
    let land = unit(&leader, &card, "县自然资源局").await;
    done(&leader, &card, "ruling", &[("unit", &land), ("content", "采矿引起，由自然资源部门主办")]).await;
    leader.get("/my-month").await.keeps_from("等您裁定");
    leader.get(&card).await.is(200).says("裁定由县自然资源局主办");
    let handler = county.signed_in("chengban").await;
    let page = handler.get(&card).await;
    page.keeps_from("提出异议</summary>").keeps_from("等待裁定");
    let version = page.between("name=\"version\" value=\"", "\"");
    let again = [("version", version.as_str()), ("content", "还是不属于我们")];
    handler.post(&format!("{card}/objection"), &again).await.is(422).says("上级已经指定");
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    handler.get(&card).await.keeps_from("首接单位");
    assert_eq!(
        county.count("SELECT COUNT(*) FROM chain_record WHERE action IN ('petition.referred', 'petition.ruled')").await,
        2
    );
}

#[tokio::test]
async fn a_ruling_may_name_a_third_unit_whose_notice_runs_from_that_day_and_which_may_not_object() {
    let county = County::new().await;
    let card = objected(&county).await;
    done(&county.signed_in("xinfang").await, &card, "referral", &[REASON]).await;
    county.on("2026-11-12");
    let leader = county.signed_in("lingdao").await;
    let town = unit(&leader, &card, "莲塘坳镇").await;
    done(&leader, &card, "ruling", &[("unit", &town), ("content", "属地先行处置")]).await;
    county.signed_in("chengban").await.get(&card).await.is(404);
    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.says("第 2 次交办").says("交办县自然资源局（已收回）").says("莲塘坳镇");
    for (kind, from, running) in
        [("notice", "2026-11-12", 1), ("objection", "2026-11-12", 0), ("registration", "2026-11-09", 0)]
    {
        let mut read = county.app.db.read().await.unwrap();
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM clock WHERE kind = $1 AND runs_from = $2 AND stopped_on IS NULL")
                .bind(kind)
                .bind(from)
                .fetch_one(&mut *read)
                .await
                .unwrap();
        assert_eq!(count, running, "{kind}");
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM assignment WHERE ended_on IS NULL AND part = 'lead'").await, 1);
}

#[tokio::test]
async fn the_sender_may_still_give_way_while_it_waits() {
    let county = County::new().await;
    let card = objected(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "referral", &[REASON]).await;
    done(&officer, &card, "taking-back", &[]).await;
    officer.get(&card).await.says("待交办").keeps_from("等待裁定");
    assert_eq!(county.count("SELECT COUNT(*) FROM dispute WHERE ended_on = '2026-11-09'").await, 1);
    county.signed_in("lingdao").await.get("/my-month").await.keeps_from("等您裁定");
}

/// Accepted by the land bureau, with the township as a helper that has a handler.
async fn helped(county: &County) -> String {
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let town = choice(&officer.get(&card).await, "莲塘坳镇");
    done(&officer, &card, "assignment", &[("unit", &town), ("part", "help")]).await;
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'handler' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'xiangzhen'",
        )
        .await;
    done(&county.signed_in("chengban").await, &card, "acceptance", &[("content", "由周敏承办")]).await;
    card
}

#[tokio::test]
async fn a_deadlock_of_lead_and_helper_goes_to_the_common_superior_who_decides_who_leads() {
    let county = County::new().await;
    let card = helped(&county).await;
    let handler = county.signed_in("chengban").await;
    let deadlock = [("content", "主办认为应由镇里主办，镇里认为应由局里主办")];
    done(&county.signed_in("xiangzhen").await, &card, "deadlock", &deadlock).await;
    // No answer before it is decided who answers.
    handler.get(&card).await.keeps_from("起草处理意见书").says("主办、协办意见不一致");
    let version = handler.get(&card).await.between("name=\"version\" value=\"", "\"");
    let early = [&OPINION[..], &[("version", version.as_str())]].concat();
    handler.post(&format!("{card}/opinion"), &early).await.is(422).says("裁定以后再办");

    county.on("2026-11-16");
    let leader = county.signed_in("lingdao").await;
    leader.get("/my-month").await.says("主办协办意见不一致");
    let town = unit(&leader, &card, "莲塘坳镇").await;
    done(&leader, &card, "ruling", &[("unit", &town), ("content", "由镇里主办，局里协办")]).await;
    let roles = "SELECT COUNT(*) FROM assignment s JOIN unit u ON u.id = s.unit WHERE s.ended_on IS NULL
                  AND ((u.code = 'LTA' AND s.part = 'lead') OR (u.code = 'ZRZY' AND s.part = 'help'))";
    assert_eq!(county.count(roles).await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM assignment WHERE ended_on IS NULL").await, 2);
    // The petitioner's sixty days go on from the first acceptance.
    let town = county.signed_in("xiangzhen").await;
    done(&town, &card, "acceptance", &[("content", "由镇里承办")]).await;
    let handling =
        "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND runs_from = '2026-11-02' AND stopped_on IS NULL";
    assert_eq!(county.count(handling).await, 1);
    county.signed_in("chengban").await.get(&card).await.is(200).says("裁定由莲塘坳镇主办");
}

#[tokio::test]
async fn a_superior_who_is_to_be_kept_from_it_does_not_decide() {
    let county = County::new().await;
    let card = objected(&county).await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "referral", &[REASON]).await;
    done(&officer, &card, "recusal", &[("official", "谢国华")]).await;
    county.signed_in("lingdao").await.get(&card).await.is(404);
    county.signed_in("lingdao").await.get("/my-month").await.keeps_from("等您裁定");
    // Nobody else stands above both bureaus: the dispute falls away, and the office may ask no further.
    let page = officer.get(&card).await;
    page.keeps_from("等待裁定").says("不同意异议，报请共同上级裁定");
    act(&officer, &card, "referral", &[REASON]).await.is(422).says("找不到这些单位的共同上级").says(REASON.1);
}

#[tokio::test]
async fn the_petitioner_reads_that_it_is_being_decided_and_by_whom_it_is_handled() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    done(&county.signed_in("chengban").await, &card, "objection", &[("content", "属于住建部门职责")]).await;
    done(&officer, &card, "referral", &[REASON]).await;
    let leader = county.signed_in("lingdao").await;
    let land = unit(&leader, &card, "县自然资源局").await;
    done(&leader, &card, "ruling", &[("unit", &land), ("content", "由自然资源部门主办")]).await;
    let page = county.villager().post("/track", &[("code", &code)]).await;
    page.says("已报上级裁定").says("上级指定县自然资源局主办").keeps_from("谢国华").keeps_from("按三定规定");
}
