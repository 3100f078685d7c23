//! G8, G9: the overview and my month: figures that are what their records say, and nobody sees more by them.

use crate::county::County;
use crate::petitions::{card_of, registered};

#[tokio::test]
async fn the_overview_counts_what_the_records_say_and_says_as_of_when() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, "住房墙体因采矿开裂").await;
    registered(&officer, "路灯不亮已经三个月").await;
    let page = officer.get("/overview").await;
    page.is(200).says("2026 年 11 月").says("截至 2026-11-02 09:00").says("0 / 2 件").says("莲塘坳镇");
    // Both were registered in 莲塘坳镇 and are open.
    page.says("township=430223125\">2</a>");
}

#[tokio::test]
async fn what_is_due_within_three_days_is_watched_and_what_is_due_later_is_not() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    // Registered on the 2nd, due on the 17th: on the 13th four days are left, on the 14th three.
    county.on("2026-11-13");
    let officer = county.signed_in("xinfang").await;
    officer.get("/overview").await.says("三天内没有到期的事项").keeps_from(&card);
    county.on("2026-11-14");
    let officer = county.signed_in("xinfang").await;
    officer.get("/overview").await.says("还有 3 天").says(&card);
    officer.get("/my-month").await.says("有 1 件等着").says(&card);
    county.on("2026-11-18");
    county.signed_in("xinfang").await.get("/overview").await.says("逾期 1 天").says("0.0% · 逾期 1 件");
}

#[tokio::test]
async fn the_unit_complained_of_and_those_out_of_sight_watch_nothing_of_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let form = officer.get("/petitions/new").await;
    let unit = form.between("<option value=\"", "\">县自然资源局");
    let unit = unit.rsplit("<option value=\"").next().unwrap().to_owned();
    let fields = [
        ("channel", "visit"),
        ("content", "局里办证推诿拖延"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("against_unit", unit.as_str()),
    ];
    officer.fill("/petitions/new", "/petitions", &fields).await.is(200);
    county.on("2026-11-16");
    county.signed_in("xinfang").await.get("/overview").await.says("推诿");
    for login in ["fenguan", "lingdao", "zhenzhang", "renshi", "caizheng"] {
        let page = county.signed_in(login).await.get("/overview").await;
        page.is(200).keeps_from("推诿").keeps_from("罗新华");
    }
    for login in ["chengban", "fenguan", "ducha", "cun"] {
        let page = county.signed_in(login).await.get("/my-month").await;
        page.is(200).keeps_from("罗新华");
    }
    county.signed_in("chengban").await.get("/my-month").await.keeps_from("推诿");
}

#[tokio::test]
async fn a_township_sees_its_own_place_and_no_link_leads_where_it_may_not_go() {
    let county = County::new().await;
    let chief = county.signed_in("zhenzhang").await;
    chief.get("/overview").await.is(200).says("莲塘坳镇").keeps_from("网岭镇");
    let finance = county.signed_in("caizheng").await;
    finance.get("/overview").await.is(200).keeps_from("href=\"/petitions").keeps_from("href=\"/duties");
}

#[tokio::test]
async fn an_empty_month_says_so() {
    let county = County::new().await;
    county
        .signed_in("chengban")
        .await
        .get("/my-month")
        .await
        .is(200)
        .says("今天没有到期的事")
        .says("本月没有定稿的预安项");
    county.signed_in("xinfang").await.get("/overview?month=2025-12").await.is(200).says("2025 年 12 月");
    county.signed_in("xinfang").await.get("/overview?month=nonsense").await.is(200).says("2026 年 11 月");
}
