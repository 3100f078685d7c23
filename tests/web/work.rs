//! The work list: what waits for whom and since when; and what stands still.

use crate::county::County;
use crate::plans::{DONE, GOAL, act, freeze, path_of, propose, unit};

#[tokio::test]
async fn everybody_finds_what_waits_for_them_the_longest_waiting_first() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    // On the 2nd December can be handed in since the 1st, and November still until the 5th.
    owner.get("/work").await.is(200).says("2 件等您办").says("上报 12 月的预安 11 月 25 日前报给上级 2026-11-01 1 天");
    owner.get("/my-month").await.says("等您上报：11 月的预安").says("等了 32 天");
    propose(&owner, GOAL, &[]).await.is(303);
    owner.post("/plans/submissions", &[("month", "2026-12")]).await.is(303);
    owner.get("/work").await.keeps_from("12 月的预安");
    let superior = county.signed_in("fenguan").await;
    superior.get("/work").await.says("定稿 县自然资源局 12 月预安 1 项").says("2026-11-02 今天");
    // Sent back: the owner's to mend, and the superior's no more.
    county.on("2026-11-04");
    let superior = county.signed_in("fenguan").await;
    let item = path_of(&superior, &land, GOAL).await;
    act(&superior, &item, "return", &[("reason", "写清楚哪一条渠")]).await.is(303);
    superior.get("/work").await.keeps_from("12 月预安 1 项");
    county.on("2026-11-06");
    let owner = county.signed_in("chengban").await;
    owner.get("/work").await.says("1 件等您办").says("改 渠道清淤验收 退改：写清楚哪一条渠 2026-11-04 2 天");
    let again = [
        ("goal", "东渠清淤验收"),
        ("standard", "验收单签字"),
        ("due_on", "2026-12-20"),
        ("weight", "2"),
        ("source", "own"),
    ];
    owner.fill(&format!("{item}/revision"), &format!("{item}/revision"), &again).await.is(303);
    owner.get("/work").await.says("没有等您办的");
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);

    // Due on the 20th: nothing waits the day before, and the account waits from the day itself.
    county.on("2026-12-19");
    county.signed_in("chengban").await.get("/work").await.keeps_from("东渠");
    county.on("2026-12-23");
    let owner = county.signed_in("chengban").await;
    owner.get("/work").await.says("述职 东渠清淤验收 攸预〔2026〕12-0001号，12 月 20 日到期 2026-12-20 3 天");
    act(&owner, &item, "account", &DONE).await.is(303);
    owner.get("/work").await.keeps_from("东渠");
    county.on("2026-12-25");
    let superior = county.signed_in("fenguan").await;
    superior.get("/work").await.says("销号 东渠清淤验收 攸预〔2026〕12-0001号 周敏 2026-12-23 2 天");
    superior.get("/overview").await.says("等您销号：东渠清淤验收").says("等了 2 天");
    act(&superior, &item, "return", &[("reason", "缺验收单")]).await.is(303);
    county.signed_in("chengban").await.get("/work").await.says("退回：缺验收单 2026-12-25 今天");
    superior.get("/work").await.keeps_from("东渠");
}

#[tokio::test]
async fn what_nobody_moved_for_ten_working_days_stands_still_until_somebody_does() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    // The month begins on Tuesday 1 December: on Monday the 14th nine working days have gone by, on the 15th ten.
    county.on("2026-12-14");
    county.signed_in("fenguan").await.get("/plans/stagnant").await.is(200).says("没有停滞的预安项");
    county.on("2026-12-15");
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans/stagnant").await.says("共 1 项").says("责任人 周敏").says("2026-12-01 10 个工作日");
    superior.get("/work").await.says("停滞的预安项（1）");
    county.signed_in("ducha").await.get("/plans/stagnant?level=units").await.says(GOAL);
    county.signed_in("ducha").await.get("/plans/stagnant?level=village").await.says("没有停滞的预安项");
    county.signed_in("juzhang").await.get("/plans/stagnant").await.keeps_from(GOAL);
    county.signed_in("chengban").await.get("/plans/stagnant").await.is(403);
    // An account moves it; ten working days later it lies with the superior.
    let owner = county.signed_in("chengban").await;
    let item = path_of(&owner, &land, GOAL).await;
    let done = [("done_on", "2026-12-15"), ("content", "验收单已签")];
    act(&owner, &item, "account", &done).await.is(303);
    superior.get("/plans/stagnant").await.says("没有停滞的预安项");
    county.on("2026-12-29");
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans/stagnant").await.says("上级，等销号").says("2026-12-15");
    act(&superior, &item, "cancellation", &[]).await.is(303);
    superior.get("/plans/stagnant").await.says("没有停滞的预安项");
}
