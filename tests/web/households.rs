//! The register of households: who finds which, and what is kept of a reading.

use super::entries::{village, visited, wrote};
use crate::county::County;

#[tokio::test]
async fn a_village_official_finds_the_households_of_the_assigned_village_only() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let page = cun.get("/households").await;
    page.is(200).says("罗新华").says("谭四秀").keeps_from("罗新雨");
    cun.get("/households/201").await.is(404);
    cun.get("/households/201/card").await.is(404);
    cun.get("/households/search?q=罗新").await.says("罗新华").keeps_from("罗新雨");
    // The township sees both villages; the household that left the register is seen by nobody.
    let town = county.signed_in("xiangzhen").await;
    town.get("/households").await.says("罗新雨").says("罗新华").keeps_from("刘家祥");
    town.get("/households/105").await.is(404);
    // An assignment that has ended reaches nothing any more, and the township is not a village official's.
    county.execute("UPDATE village_assignment SET held_to = '2026-11-02'").await;
    cun.get("/households").await.is(200).keeps_from("罗新雨").keeps_from("罗新华");
    cun.get("/households/101").await.is(404);
    cun.get("/households/search?q=罗新").await.is(200).keeps_from("罗新");
    cun.get("/notes").await.is(200);
    cun.get("/duties").await.is(200).keeps_from("阳升观村");
    cun.get("/entries/new").await.is(200);
    // Where the unit is a village, that is the place of its officials.
    county.execute("UPDATE unit SET division = '430223125209' WHERE code = 'LTA'").await;
    cun.get("/households").await.says("罗新华").keeps_from("罗新雨");
}

#[tokio::test]
async fn the_register_is_searched_by_two_characters_and_by_number() {
    let county = County::new().await;
    village(&county).await;
    let town = county.signed_in("xiangzhen").await;
    town.get("/households?q=国强").await.says("文国强").keeps_from("罗新华");
    town.get("/households?q=０２１８").await.says("罗新民").keeps_from("文国强");
    town.get("/households?q=没有").await.says("没有找到");
    town.get("/households?place=430223125210").await.says("罗新雨").keeps_from("罗新华");
    // In the whole county a name is found from its beginning.
    let bureau = county.signed_in("fenguan").await;
    bureau.get("/households?q=罗新").await.says("罗新华").says("罗新雨").keeps_from("文国强");
    // Nothing is suggested for one character.
    town.get("/households/search?q=罗").await.is(200).keeps_from("罗新华");
}

#[tokio::test]
async fn the_register_comes_fifty_a_page() {
    let county = County::new().await;
    village(&county).await;
    county
        .execute(
            "INSERT INTO household (id, division, village, number, head, people, valid_from)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
             SELECT 3000 + i, '430223125211', '430223125211', 'P' || i, '第' || i || '户', 1, '2019-01-01' FROM n",
        )
        .await;
    let town = county.signed_in("xiangzhen").await;
    let first = town.get("/households?place=430223125211").await;
    first.is(200).says("第50户").keeps_from("第51户");
    let next =
        first.between("<a class=\"btn\" href=\"/households?q=", "\"").replace("&#38;", "&").replace("&amp;", "&");
    town.get(&format!("/households?q={next}")).await.is(200).says("第51户").says("第60户").keeps_from("第50户");
}

#[tokio::test]
async fn reading_a_household_is_recorded_and_its_phone_is_for_those_who_visit() {
    let county = County::new().await;
    village(&county).await;
    let sealed = county.app.keys.encrypt("13812345678", &youzhi::households::phone_place(101));
    let mut write = county.app.db.write().await.unwrap();
    sqlx::query("UPDATE household SET phone = $1 WHERE id = 101").bind(sealed).execute(&mut *write).await.unwrap();
    write.commit().await.unwrap();
    county.signed_in("cun").await.get("/households/101").await.is(200).says("13812345678").says("还没有人走访");
    county.signed_in("zhenzhang").await.get("/households/101").await.is(200).keeps_from("13812345678");
    county
        .signed_in("cun")
        .await
        .get("/households/101/card")
        .await
        .is(200)
        .says("便民服务联系卡")
        .says("data:image/svg+xml");
    let read = "SELECT COUNT(*) FROM chain_record WHERE action = 'household.read' AND subject = 101";
    assert_eq!(county.count(read).await, 3);
}

#[tokio::test]
async fn a_department_of_the_county_does_not_read_the_register_off_the_picker() {
    let county = County::new().await;
    village(&county).await;
    let handler = county.signed_in("chengban").await;
    handler.get("/households/search?q=罗新").await.is(200).keeps_from("罗新华");
    handler.get("/households/search?q=0418").await.is(200).keeps_from("罗新华");
    // Who was there has the number from the door.
    handler.get("/households/search?q=0418001").await.is(200).says("罗新华");
    let fields = [("kind", "visit"), ("household", "罗新"), ("result", "met"), ("on", "2026-11-02")];
    wrote(&handler, &fields).await.is(422).keeps_from("罗新华").keeps_from("罗新民");
    visited(&handler, "0418001", "met", "").await;
    county.signed_in("fenguan").await.get("/households/search?q=罗新").await.says("罗新华");
}
