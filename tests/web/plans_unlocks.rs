//! E2: a locked month of one unit opens again only by an exception that two others grant; what is done then stands apart.

use policy::Month;
use youzhi::plans;

use crate::county::County;
use crate::petitions::join_all;
use crate::plans::{DONE, GOAL, accounted, act, checker, freeze, frozen, owner_id, propose, unit};

/// A county with its secretary and a second vice head, who grant.
async fn county() -> County {
    let county = County::new().await;
    county.execute(crate::bindings::LEADERS).await;
    county
}

/// 陈新民 asks to have December of his unit opened until a day.
async fn asked(county: &County, land: &str, until: &str) -> crate::county::Answer {
    let superior = county.signed_in("fenguan").await;
    let page = format!("/plans/unlocks?unit={land}&month=2026-12");
    superior.fill(&page, "/plans/unlocks", &[("until", until), ("reason", "住院期间没有办理，补办")]).await
}

/// The path of the keys of the only exception.
async fn keys(county: &County) -> String {
    format!("/plans/unlocks/{}/keys", county.count("SELECT MAX(id) FROM plan_unlock").await)
}

/// December of 县自然资源局, open from 8 to 12 January.
async fn opened(county: &County, land: &str) {
    county.on("2027-01-08");
    asked(county, land, "2027-01-12").await.is(303);
    let path = keys(county).await;
    for login in ["lingdao", "shuji"] {
        county.signed_in(login).await.post(&path, &[]).await.is(303);
    }
}

#[tokio::test]
async fn a_month_past_its_cut_off_opens_for_one_unit_when_two_others_agree() {
    let county = county().await;
    let (item, land) = accounted(&county).await;
    let page = format!("/plans?unit={land}&month=2026-12");
    county.on("2027-01-08");
    let superior = county.signed_in("fenguan").await;
    let relief = [("kind", "withdrawn"), ("reason", "任务取消")];
    act(&superior, &item, "relief", &relief).await.is(422).says("销号截止");
    // Neither the owner nor a superior of others asks; who grants is not who asks.
    county.signed_in("chengban").await.get(&page).await.keeps_from("申请解锁例外");
    county.signed_in("juzhang").await.post("/plans/unlocks", &[("unit", &land), ("month", "2026-12")]).await.is(404);
    asked(&county, &land, "2027-01-30").await.is(422).says("之间").says("住院期间没有办理");
    asked(&county, &land, "2027-01-12").await.is(303);
    asked(&county, &land, "2027-01-12").await.is(422).says("已经有一份");
    let path = keys(&county).await;
    superior.post(&path, &[]).await.is(422).says("解锁例外由");
    superior.get(&page).await.says("等待批准").says("住院期间没有办理");
    let first = county.signed_in("lingdao").await;
    first.get("/plans/unlocks").await.says("县自然资源局").says("批准");
    first.post(&path, &[]).await.is(303);
    first.post(&path, &[]).await.is(422).says("还要另一人批准");
    act(&superior, &item, "relief", &relief).await.is(422).says("销号截止");
    let second = county.signed_in("shuji").await;
    second.get("/plans/unlocks").await.says("住院期间没有办理");
    second.post(&path, &[]).await.is(303);
    second.post(&path, &[]).await.is(422).says("已经批齐");

    superior.get(&page).await.says("开放中").says("谢国华").says("申请");
    act(&superior, &item, "relief", &relief).await.is(303);
    superior.get(&page).await.says("期间改动 1 项").says("撤销 1").says("解锁期间改动");
    superior.get(&format!("{page}&state=unlocked")).await.says(GOAL);
    superior.get("/plans/unlocks").await.says("1 项");
    let actions = "SELECT COUNT(*) FROM chain_record WHERE action IN
                   ('plan_unlock.asked', 'plan_unlock.granted', 'plan_unlock.opened')";
    assert_eq!(county.count(actions).await, 4);
    // It closes by itself.
    county.on("2027-01-13");
    let superior = county.signed_in("fenguan").await;
    superior.get(&page).await.says("已到期").says("期间改动 1 项");
    let owner = county.signed_in("chengban").await;
    propose(&owner, "再补一项", &[]).await.is(422).says("已经过去");
}

#[tokio::test]
async fn what_is_not_granted_in_time_is_void_and_another_unit_stays_locked() {
    let county = county().await;
    let (_, land) = accounted(&county).await;
    let town = unit(&county, "LTA").await;
    county.on("2027-01-08");
    asked(&county, &land, "2027-01-10").await.is(303);
    let path = keys(&county).await;
    county.signed_in("lingdao").await.post(&path, &[]).await.is(303);
    county.on("2027-01-11");
    county.signed_in("shuji").await.post(&path, &[]).await.is(422).says("没有批齐的作废");
    asked(&county, &land, "2027-01-12").await.is(303);
    let path = keys(&county).await;
    for login in ["lingdao", "shuji"] {
        county.signed_in(login).await.post(&path, &[]).await.is(303);
    }
    // The same month of another unit.
    let owner = county.signed_in("xiangzhen").await;
    propose(&owner, "补报的", &[]).await.is(422).says("已经过去");
    county
        .signed_in("zhenzhang")
        .await
        .get(&format!("/plans?unit={town}&month=2026-12"))
        .await
        .keeps_from("解锁例外</b>");
}

#[tokio::test]
async fn what_is_added_while_it_is_open_is_an_addition_shown_apart() {
    let county = county().await;
    let (_, land) = frozen(&county).await;
    opened(&county, &land).await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, "补报的灾情核查", &[]).await.is(303);
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    let page = superior.get(&format!("/plans?unit={land}&month=2026-12")).await;
    page.says("攸预〔2026〕12-0002号 追加 解锁期间改动").says("追加 1");
    // Apart from what was frozen in time.
    let mut read = county.app.db.read().await.unwrap();
    let month: Month = "2026-12".parse().unwrap();
    let figures =
        plans::figures(&mut read, &checker(&county).await, &plans::Within::Unit(land.parse().unwrap()), month)
            .await
            .unwrap();
    assert_eq!((figures.planned, figures.added, figures.due()), (1, 1, 1));
}

#[tokio::test]
async fn what_is_cancelled_while_it_is_open_counts_in_time_and_what_is_cancelled_afterwards_does_not() {
    let county = county().await;
    let (item, land) = accounted(&county).await;
    let december: Month = "2026-12".parse().unwrap();
    let unlocked = async || {
        let mut read = county.app.db.read().await.unwrap();
        let owner = owner_id(&county).await;
        plans::items_for_pay(&mut read, &[owner], december).await.unwrap()[0].unlocked
    };
    opened(&county, &land).await;
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    assert!(unlocked().await);
    let page = superior.get(&item).await;
    let reversal = format!("/plans/cancellations/{}/reversal", page.between("/plans/cancellations/", "/reversal"));
    superior.fill(&item, &reversal, &[("reason", "再看一看")]).await.is(303);
    assert!(!unlocked().await);
    let owner = county.signed_in("chengban").await;
    act(&owner, &item, "account", &DONE).await.is(303);
    county.on("2027-01-20");
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    assert!(!unlocked().await, "the exception was over");
}

#[tokio::test]
async fn of_two_who_grant_at_once_each_turns_one_key_and_a_third_is_told() {
    let county = county().await;
    let (_, land) = accounted(&county).await;
    county.on("2027-01-08");
    asked(&county, &land, "2027-01-12").await.is(303);
    let path = keys(&county).await;
    let people = [county.signed_in("lingdao").await, county.signed_in("shuji").await, county.signed_in("fuxian").await];
    let answers = join_all(people.iter().map(|person| person.post(&path, &[]))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 303, 422]);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_unlock_key").await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_unlock.opened'").await, 1);
}

#[tokio::test]
async fn two_who_ask_at_once_ask_once() {
    let county = county().await;
    let (_, land) = accounted(&county).await;
    county.on("2027-01-08");
    let answers = join_all((0..3).map(|_| asked(&county, &land, "2027-01-12"))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422]);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_unlock").await, 1);
}
