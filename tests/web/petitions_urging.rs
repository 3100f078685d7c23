//! C5: who is told that a clock runs out, or has run out, each once, up the line of posts.

use crate::county::County;
use crate::imports::imported;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, assigned, done};

/// Given to the land bureau on 2 November 2026: it owes the notice by Tuesday the 17th.
async fn given(county: &County) -> String {
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    card
}

async fn urged(county: &County, day: &str) -> usize {
    county.on(day);
    youzhi::petitions::urge(&county.app).await.unwrap()
}

/// The rungs with the login of whoever was told, in order.
async fn rungs(county: &County) -> Vec<(String, String)> {
    let mut read = county.app.db.read().await.unwrap();
    sqlx::query_as(
        "SELECT g.rung, COALESCE(f.number, '') FROM urging g LEFT JOIN official f ON f.id = g.official ORDER BY g.id",
    )
    .fetch_all(&mut *read)
    .await
    .unwrap()
}

fn pairs(rungs: &[(String, String)]) -> Vec<(&str, &str)> {
    rungs.iter().map(|(rung, login)| (rung.as_str(), login.as_str())).collect()
}

#[tokio::test]
async fn a_clock_goes_up_the_line_of_posts_one_rung_after_the_other_and_each_once() {
    let county = County::new().await;
    let card = given(&county).await;
    for (day, told) in [
        ("2026-11-13", 0),
        ("2026-11-14", 1),
        ("2026-11-14", 0),
        ("2026-11-17", 0),
        ("2026-11-18", 1),
        ("2026-11-21", 0),
        ("2026-11-22", 1),
    ] {
        assert_eq!(urged(&county, day).await, told, "{day}");
    }
    assert_eq!(pairs(&rungs(&county).await), [("warn", "fenguan"), ("unit", "fenguan"), ("superior", "lingdao")]);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.urged'").await, 3);

    // The list, for the office, for supervision, and for whoever was told; and the card, which the leader now finds.
    let late = "逾期 5 天";
    for login in ["xinfang", "ducha"] {
        let page = county.signed_in(login).await.get("/petitions/urging").await;
        page.is(200)
            .says("0001号")
            .says(late)
            .says("11 月 22 日 督办：县领导 副县长 谢国华")
            .says("催办：县自然资源局 局长 陈新民");
    }
    let leader = county.signed_in("lingdao").await;
    leader.get("/petitions/urging").await.says("0001号").says(late);
    leader.get("/my-month").await.says(late);
    leader.get(&card).await.is(200).says("督办：").says("催办：县自然资源局 局长");
    county.signed_in("juzhang").await.get("/petitions/urging").await.is(200).keeps_from("0001号");

    // Once the notice is served the clock stands, and the leader has no more to do with it.
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    done(&handler, &card, "service", &[("paper", "notice"), ("manner", "post")]).await;
    county.signed_in("xinfang").await.get("/petitions/urging").await.says("现在没有逾期的期限").keeps_from("0001号");
    county.signed_in("lingdao").await.get(&card).await.is(404);
    assert_eq!(urged(&county, "2026-11-30").await, 0);
}

#[tokio::test]
async fn after_days_without_the_program_every_rung_is_told_at_once_and_nobody_is_warned_of_what_is_over() {
    let county = County::new().await;
    given(&county).await;
    assert_eq!(urged(&county, "2026-12-01").await, 3);
    // The line ends with the county's leader.
    assert_eq!(pairs(&rungs(&county).await), [("unit", "fenguan"), ("superior", "lingdao"), ("above", "lingdao")]);
    // As if it had been killed before the last.
    county.execute("DELETE FROM urging WHERE rung = 'above'").await;
    assert_eq!(urged(&county, "2026-12-01").await, 1);
    assert_eq!(urged(&county, "2026-12-02").await, 0);
}

#[tokio::test]
async fn whoever_handles_it_is_warned_and_warned_again_where_the_day_has_moved() {
    let county = County::new().await;
    county.on("2026-09-01");
    let card = given(&county).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    done(&handler, &card, "service", &[("paper", "notice"), ("manner", "post")]).await;
    // Due on Monday 2 November.
    assert_eq!(urged(&county, "2026-10-30").await, 1);
    county
        .signed_in("chengban")
        .await
        .get("/petitions/urging")
        .await
        .says("0001号")
        .says("到期提醒：县自然资源局 科员 周敏");
    county.signed_in("fenguan").await.get("/petitions/urging?tab=mine").await.keeps_from("0001号");
    let longer = [("days", "10"), ("content", "需要第二次鉴定")];
    done(&county.signed_in("fenguan").await, &card, "extension", &longer).await;
    county.signed_in("chengban").await.get("/petitions/urging").await.keeps_from("0001号");
    // Seventy days end on Tuesday 10 November.
    assert_eq!(urged(&county, "2026-11-05").await, 0);
    assert_eq!(urged(&county, "2026-11-07").await, 1);
    assert_eq!(pairs(&rungs(&county).await), [("warn", "chengban"), ("warn", "chengban")]);
}

#[tokio::test]
async fn whoever_is_to_be_kept_from_it_is_passed_over_and_finds_nothing_of_it() {
    let county = County::new().await;
    given(&county).await;
    let card = "/petitions/".to_owned() + &county.count("SELECT id FROM petition").await.to_string();
    done(&county.signed_in("xinfang").await, &card, "recusal", &[("official", "陈新民")]).await;
    assert_eq!(urged(&county, "2026-11-18").await, 1);
    assert_eq!(pairs(&rungs(&county).await), [("unit", "lingdao")]);
    county.signed_in("fenguan").await.get("/petitions/urging?tab=late").await.is(200).keeps_from("0001号");
    county.signed_in("lingdao").await.get("/petitions/urging").await.says("0001号");
}

#[tokio::test]
async fn the_countys_own_days_hold() {
    let county = County::new().await;
    given(&county).await;
    let rows = "名称,生效日期,值,出处\nurging.warn.days,2026-11-01,5,《县信访督办办法》第四条\n";
    let system = county.signed_in("xitong").await;
    imported(&system, "values", "all", "规定值.csv", rows.as_bytes()).await.1.says("新增 1 行");
    assert_eq!(urged(&county, "2026-11-11").await, 0);
    assert_eq!(urged(&county, "2026-11-12").await, 1);
}

#[tokio::test]
async fn the_list_goes_on_from_page_to_page_and_names_the_first_receiver_where_nobody_was_given_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, CONTENT).await;
    county
        .execute(
            "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
             SELECT n.i, p.id, 'handling', '2026-08-03', '2026-10-09', 0 FROM n CROSS JOIN petition p",
        )
        .await;
    // Sixty of them, and three rungs each.
    assert_eq!(urged(&county, "2026-11-03").await, 180);
    let officer = county.signed_in("xinfang").await;
    let page = officer.get("/petitions/urging").await;
    page.says("县信访局 局长 曾凡荣").says("下一页");
    let next =
        page.between("<a class=\"btn\" href=\"/petitions/urging", "\"").replace("&amp;", "&").replace("&#38;", "&");
    let next = officer.get(&format!("/petitions/urging{next}")).await;
    next.is(200).keeps_from("下一页").says("回到第一页");
    assert_eq!(page.text.matches("逾期 25 天").count() + next.text.matches("逾期 25 天").count(), 60);
}
