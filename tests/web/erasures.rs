//! G5, G12: personal data past their term are erased, and the chain still holds.

use youzhi::chain::{Actor, Subject, record, seal, verify};

use crate::county::County;
use crate::petitions::{card_of, registered};

/// A petition of 罗新华 that was closed on 2 November 2026, with her name in what was written about it.
const CLOSED: &str = "
    INSERT INTO closure (petition, resolution, closed_on, closed_by)
    SELECT p.id, 'answered', '2026-11-02', o.id FROM petition p, official o WHERE o.number = 'xinfang';
    INSERT INTO service (id, petition, paper, served_on, manner, signed_by, recorded_by)
    SELECT 1, p.id, 'opinion', '2026-11-02', 'in_person', '罗新华', o.id
      FROM petition p, official o WHERE o.number = 'xinfang';
    INSERT INTO opinion (petition, outcome, request, facts, basis, reply, issued_on, written_by)
    SELECT p.id, 'explained', '罗新华要求鉴定', '罗新华家住房', '', '罗新华', '2026-11-02', o.id
      FROM petition p, official o WHERE o.number = 'xinfang';
    INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, petition, content)
    SELECT 1, 'case_step', '2026-11-02', 0, o.id, a.id, p.division, p.id, '到罗新华家看了墙体'
      FROM petition p, official o JOIN appointment a ON a.official = o.id WHERE o.number = 'xinfang';
    INSERT INTO note (id, entry, official, division, content, noted_on, expires_on)
    SELECT 1, 1, recorded_by, division, content, '2026-11-02', '2027-05-02' FROM entry;
    UPDATE petition SET state = 'closed'";

/// A plan item for that petition, with her name in all that was written about it.
const PLANNED: &str = "
    INSERT INTO plan (id, unit, month) SELECT 1, u.id, '2026-11' FROM unit u WHERE u.code = 'ZRZY';
    INSERT INTO plan_item (id, plan, goal, standard, owner, appointment, due_on, weight, source, petition, added,
                           proposed_by, version)
    SELECT 1, 1, '罗新华家墙体鉴定', '罗新华满意', o.id, a.id, '2026-11-30', 10, 'petition', p.id, 0, o.id, 2
      FROM petition p, official o JOIN appointment a ON a.official = o.id WHERE o.number = 'chengban';
    INSERT INTO proposal_return (item, version, reason, returned_on, returned_by)
    SELECT 1, 1, '罗新华是谁', '2026-11-02', id FROM official WHERE number = 'fenguan';
    INSERT INTO plan_revision (item, version, was, revised_on, revised_by)
    SELECT 1, 1, '罗新华家墙体', '2026-11-02', id FROM official WHERE number = 'fenguan';
    INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
    SELECT 1, 1, '2026-11-02', '罗新华签了字', 0, '2026-11-02', id FROM official WHERE number = 'chengban';
    INSERT INTO plan_return (account, reason, returned_on, returned_by)
    SELECT 1, '罗新华不满意', '2026-11-02', id FROM official WHERE number = 'fenguan';
    INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by)
    SELECT 1, 1, 1, '2026-11-02', '2026-11-02', id FROM official WHERE number = 'fenguan';
    INSERT INTO cancellation_reversal (cancellation, reason, reversed_on, reversed_by)
    SELECT 1, '罗新华又来了', '2026-11-02', id FROM official WHERE number = 'fenguan';
    INSERT INTO plan_relief (item, kind, reason, consented_on, consented_by)
    SELECT 1, 'withdrawn', '罗新华撤回了', '2026-11-02', id FROM official WHERE number = 'fenguan'";

/// It is bound to 谢国华.
const BOUND: &str = "
    INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
    SELECT 1, p.id, o.id, '2026-Q4', '2026-12-20', '2026-11-02', o.id FROM petition p, official o
     WHERE o.number = 'lingdao'";

/// Whether a text lies in any file of the county.
fn lies_in_a_file(county: &County, text: &str) -> bool {
    let Some(folder) = county.folder() else { return false };
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.into_iter().any(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
}

async fn erase(county: &County, reason: &str) -> crate::county::Answer {
    let officer = county.signed_in("anquan").await;
    let mut read = county.app.db.read().await.unwrap();
    let (id,): (i64,) = sqlx::query_as("SELECT MAX(id) FROM petition").fetch_one(&mut *read).await.unwrap();
    drop(read);
    officer.post(&format!("/petitions/{id}/erasure"), &[("reason", reason)]).await
}

#[tokio::test]
async fn what_is_past_its_term_is_erased_everywhere_and_the_chain_holds() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, "罗新华家住房墙体开裂，要求鉴定").await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    youzhi::petitions::pair(&county.app).await.unwrap();
    for scene in [CLOSED, PLANNED, BOUND] {
        county.execute(scene).await;
    }
    let mut write = county.app.db.write().await.unwrap();
    let item = Subject("plan_item", 1);
    record(&mut write, &county.app, Actor::NOBODY, "plan_item.proposed", item, &"罗新华家墙体鉴定").await.unwrap();
    write.commit().await.unwrap();
    seal(&county.app.db).await.unwrap();
    county.app.db.analyze().await.unwrap();
    county.app.db.fold().await.unwrap();
    assert!(county.folder().is_none() || lies_in_a_file(&county, "罗新华"));

    county.on("2036-11-03");
    county.signed_in("anquan").await.get("/erasures").await.is(200).says("攸信〔2026〕0001号").keeps_from("墙体");
    erase(&county, "").await.is(422).says("请写明删除的理由");
    erase(&county, "保管期满").await.is(303);
    seal(&county.app.db).await.unwrap();

    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.is(200).says("个人信息已依法删除").keeps_from("罗新华").keeps_from("墙体");
    officer.get(&format!("{card}/opinion")).await.is(200).says("个人信息已依法删除").keeps_from("罗新华");
    officer.get("/petitions?tab=all").await.is(200).keeps_from("罗新华");
    county.villager().post("/track", &[("code", &code)]).await.is(200).says("个人信息已依法删除").keeps_from("墙体");
    let done = county.signed_in("anquan").await.get("/erasures").await;
    done.says("没有保管期满的信访事项").says("保管期满").says("攸信〔2026〕0001号");
    erase(&county, "再来一次").await.is(404);
    county.signed_in("shenji").await.get("/chain").await.says("依法删除个人信息");

    let report = verify::walk(&county.app.db).await.unwrap();
    assert_eq!((report.broken, report.without_content), (None, 2));
    let item = "SELECT COUNT(*) FROM plan_item WHERE goal = '个人信息已依法删除' AND due_on = '2026-11-30'";
    assert_eq!(county.count(item).await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM petitioner").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition_pair").await, 0, "nobody finds it by its words");
    seal(&county.app.db).await.unwrap();
    county.app.db.close().await;
    for text in ["罗新华", "墙体"] {
        assert!(!lies_in_a_file(&county, text), "{text} lies in the database");
    }
}

#[tokio::test]
async fn nothing_new_is_written_about_what_is_erased() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, "住房墙体开裂，要求鉴定").await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    county.execute(CLOSED).await;
    county.execute(BOUND).await;
    county.on("2036-11-03");
    let leader = county.signed_in("lingdao").await;
    let version = leader.get(&card).await.says("记一次办理</summary>").between("name=\"version\" value=\"", "\"");
    county.villager().post("/track", &[("code", &code)]).await.says("/track/rating");
    erase(&county, "保管期满").await.is(303);

    let step = [("on", "2036-11-03"), ("content", "罗新华还好"), ("duty", "called_back"), ("version", &version)];
    leader.post(&format!("{card}/step"), &step).await.is(404);
    let officer = county.signed_in("xinfang2").await;
    let version = officer.get(&card).await.between("name=\"version\" value=\"", "\"");
    let again = [("content", "罗新华又来了，重新办理"), ("version", version.as_str())];
    officer.post(&format!("{card}/reopening"), &again).await.is(422).says("不再记录新的内容");
    assert_eq!(county.count("SELECT COUNT(*) FROM reopening").await, 0);
    county
        .execute(
            "INSERT INTO call_back_draw (id, period, seed, share_bp, population, drawn_on, drawn_by)
             SELECT 1, '2026-11', 'seed', 1000, 1, '2026-12-02', id FROM official WHERE number = 'xinfang';
             INSERT INTO call_back_sample (id, draw, petition) SELECT 1, 1, id FROM petition",
        )
        .await;
    officer.get("/call-backs").await.is(200).says("没有待回访的抽中事项");
    let call = [("on", "2036-11-03"), ("result", "settled"), ("content", "罗新华说办好了")];
    officer.post("/call-backs/1", &call).await.is(404);
    let villager = county.villager();
    villager.post("/track", &[("code", &code)]).await.is(200).keeps_from("/track/rating");
    let key = youzhi::web::forms::new_key();
    let rating = [("code", code.as_str()), ("key", key.as_str()), ("score", "5"), ("content", "我是罗新华")];
    villager.post("/track/rating", &rating).await.is(422).says("个人信息已依法删除");
    assert_eq!(county.count("SELECT COUNT(*) FROM rating").await, 0);
}

#[tokio::test]
async fn nothing_is_erased_before_its_day_nor_by_anybody_else() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, "住房墙体开裂，要求鉴定").await;
    erase(&county, "保管期满").await.is(422).says("还没有办结");
    county.execute(CLOSED).await;
    county.on("2036-11-01");
    erase(&county, "保管期满").await.is(422).says("2036-11-02起才能删除");
    county.signed_in("anquan").await.get("/erasures").await.says("没有保管期满的信访事项");
    let card = card_of(&receipt);
    county.signed_in("xinfang").await.post(&format!("{card}/erasure"), &[("reason", "保管期满")]).await.is(403);
    county.on("2036-11-02");
    county.signed_in("anquan").await.get("/erasures").await.says("攸信〔2026〕0001号");
    assert_eq!(county.count("SELECT COUNT(*) FROM erasure").await, 0);
}

#[tokio::test]
async fn whoever_is_to_be_kept_from_a_petition_does_not_erase_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, "住房墙体开裂，要求鉴定").await;
    county.execute(CLOSED).await;
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'anquan'",
        )
        .await;
    county.on("2036-11-03");
    county.signed_in("anquan").await.get("/erasures").await.says("没有保管期满的信访事项");
    erase(&county, "保管期满").await.is(404);
}
