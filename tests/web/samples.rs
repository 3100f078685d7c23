//! C5: what is called back after the closing is drawn by the program, and a rating says on whose device it was given.

use crate::county::{County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, answer, answered, done};

/// A petition that was closed on 20 November 2026.
async fn closed(county: &County) -> String {
    let card = answered(county).await;
    done(&county.signed_in("xinfang").await, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "answered")]).await;
    card
}

/// Sixty more that were closed in that month, and one of nobody.
const MORE: &str = "
    INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division, township,
                          place_detail, people, anonymous, lead, category, state, unit, version)
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    SELECT i, 'N' || i, '2026-11-03', 0, 'visit', '另一件', '另一件', 'other', '430223125', '430223125', '', 1,
           CASE WHEN i = 60 THEN 1 ELSE 0 END, '', 'claim', 'closed', (SELECT MIN(id) FROM unit WHERE code = 'LTA'), 1
      FROM n;
    INSERT INTO closure (petition, resolution, closed_on, closed_by)
    SELECT p.id, 'answered', '2026-11-30', (SELECT MIN(id) FROM official) FROM petition p WHERE p.id <= 60";

async fn call(person: &Person<'_>, sample: i64, result: &str) -> crate::county::Answer {
    let fields = [("on", "2026-12-02"), ("result", result), ("content", "补偿还没有到账")];
    person.post(&format!("/call-backs/{sample}"), &fields).await
}

#[tokio::test]
async fn the_program_draws_once_and_whoever_knows_the_seed_draws_the_same() {
    let county = County::new().await;
    closed(&county).await;
    county.execute(MORE).await;
    let officer = county.signed_in("xinfang").await;
    officer.post("/call-backs", &[("period", "2026-11")]).await.is(422).says("还没有过完");
    county.on("2026-12-02");
    let officer = county.signed_in("xinfang").await;
    officer.get("/call-backs").await.is(200).says("抽 10%（").says("没有待回访的抽中事项");
    officer.post("/call-backs", &[("period", "下个月")]).await.is(422).says("请选择月份");
    officer.post("/call-backs", &[("period", "2026-11")]).await.is(303);
    officer.post("/call-backs", &[("period", "2026-11")]).await.is(422).says("不能重抽");

    let mut read = county.app.db.read().await.unwrap();
    let (seed, size): (String, i64) =
        sqlx::query_as("SELECT seed, population FROM call_back_draw").fetch_one(&mut *read).await.unwrap();
    let population: Vec<(i64,)> =
        sqlx::query_as("SELECT c.petition FROM closure c JOIN petition p ON p.id = c.petition WHERE p.anonymous = 0")
            .fetch_all(&mut *read)
            .await
            .unwrap();
    let drawn: Vec<(i64,)> =
        sqlx::query_as("SELECT petition FROM call_back_sample ORDER BY petition").fetch_all(&mut *read).await.unwrap();
    drop(read);
    assert_eq!((size, drawn.len()), (60, 6), "the one of nobody is not called");
    let population: Vec<i64> = population.into_iter().map(|(id,)| id).collect();
    let again = youzhi::petitions::rules::draw(&seed, &population, 1_000);
    assert_eq!(drawn.into_iter().map(|(id,)| id).collect::<Vec<_>>(), again);
    officer.get("/call-backs").await.says(&seed);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'call_backs.drawn'").await, 1);
}

#[tokio::test]
async fn who_handled_it_does_not_call_and_it_stays_open_until_somebody_is_reached() {
    let county = County::new().await;
    let card = closed(&county).await;
    county.on("2026-12-02");
    let officer = county.signed_in("xinfang").await;
    officer.post("/call-backs", &[("period", "2026-11")]).await.is(303);
    officer.get("/call-backs").await.says("0001号").says("县自然资源局");
    let sample = county.count("SELECT id FROM call_back_sample").await;

    call(&county.signed_in("chengban").await, sample, "settled").await.is(403);
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'petition_officer' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'chengban'",
        )
        .await;
    call(&county.signed_in("chengban").await, sample, "settled").await.is(422).says("承办单位以外的人");

    call(&officer, sample, "").await.is(422).says("补偿还没有到账");
    call(&officer, sample, "missed").await.is(303);
    officer.get("/call-backs").await.says("1 次没有联系上");
    call(&officer, sample, "unsettled").await.is(303);
    call(&officer, sample, "settled").await.is(422).says("已经回访到本人");
    officer.get("/call-backs").await.says("没有待回访的抽中事项");
    officer.get("/call-backs?done=1").await.says("0001号").says("本人说没有解决");
    officer.get(&card).await.says("抽样回访：本人说没有解决").says("重新办理</summary>");
    // Whoever is to be kept from it does not find it among the drawn.
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'xinfang2'",
        )
        .await;
    let kept_out = county.signed_in("xinfang2").await;
    kept_out.get("/call-backs?done=1").await.is(200).keeps_from("0001号");
    call(&kept_out, sample, "settled").await.is(404);
}

#[tokio::test]
async fn a_rating_on_a_staff_device_is_marked_and_counted_apart() {
    let county = County::new().await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        county.on("2026-11-02");
        let receipt = registered(&county.signed_in("xinfang").await, CONTENT).await;
        answer(&county, &card_of(&receipt)).await;
        codes.push((card_of(&receipt), receipt.between("class=\"code\">", "<")));
    }
    let officer = county.signed_in("xinfang2").await;
    for (person, (_, code)) in [county.villager(), officer.clone()].iter().zip(&codes) {
        let page = person.post("/track", &[("code", code)]).await;
        let key = page.hidden("/track/rating").into_iter().find(|(name, _)| name == "key").unwrap().1;
        let rating = [("code", code.as_str()), ("key", key.as_str()), ("score", "5"), ("content", "很快")];
        person.post("/track/rating", &rating).await.is(200).says("您的评价已经记下");
    }
    officer.get(&codes[0].0).await.says("信访人已评价 · 非常满意").keeps_from("工作人员设备");
    let marked = officer.get(&codes[1].0).await;
    marked.says("非常满意（工作人员设备，另计）").says("在工作人员设备上").says("很快 · 贺小兰");
    let page = officer.get("/call-backs").await;
    page.says("非常满意 1 1");
    assert_eq!(county.count("SELECT COUNT(*) FROM rating WHERE recorded_by IS NULL").await, 1);
}

#[tokio::test]
async fn the_code_on_the_handlers_own_device_is_no_second_key() {
    let county = County::new().await;
    let receipt = registered(&county.signed_in("xinfang").await, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    answer(&county, &card).await;
    // A colleague of the handler's unit, on the own device.
    let colleague = county.signed_in("fenguan").await;
    let page = colleague.post("/track", &[("code", &code)]).await;
    let key = page.hidden("/track/acknowledgment").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let sent = colleague.post("/track/acknowledgment", &[("code", &code), ("key", &key)]).await;
    sent.is(422).says("承办人和承办单位以外的人");
    assert_eq!(county.count("SELECT COUNT(*) FROM acknowledgment").await, 0);
}
