//! E2: a plan drawn over its days: the drawing and the table beneath say the same.

use crate::county::County;
use crate::plans::{GOAL, accounted, act, propose};

#[tokio::test]
async fn a_plan_is_drawn_over_its_days_and_told_in_a_table() {
    let county = County::new().await;
    let (item, land) = accounted(&county).await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, "明年的巡查路线定稿", &[("month", "2026-12"), ("due_on", "2026-12-31")]).await.is(422);
    let picture = |view: &str| format!("/plans/picture?period=2026-12&unit={land}&view={view}");
    let page = owner.get(&picture("gantt")).await;
    page.is(200).says(GOAL).says("今天").says("2026-12-20 到期，2026-12-20 完成，已述职").says("共 1 项");
    assert_eq!(page.text.matches("class=\"rest\"").count(), 8, "four weekends of December 2026");
    assert!(page.text.contains("class=\"span told\"") && page.text.contains("<desc"), "{}", page.text);
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    let page = superior.get(&picture("calendar")).await;
    page.is(200).says("月历").says("完成 1").says("销周敏 渠道清淤验收");
    assert!(page.text.contains("cell today"), "{}", page.text);
    // A quarter is three sheets of a month; a year, a unit out of sight and nonsense are not drawn.
    let quarter = superior.get(&format!("/plans/picture?period=2026-Q4&unit={land}&view=calendar")).await;
    assert_eq!(quarter.text.matches("class=\"monthsheet\"").count(), 3);
    superior.get(&format!("/plans/picture?period=2026-Q4&unit={land}")).await.is(200).says("12-7");
    superior.get("/plans/picture?period=2026").await.is(200).says("2026 年 12 月预安");
    county.signed_in("juzhang").await.get(&picture("gantt")).await.is(404);
    superior.get("/plans/picture?period=2026-10").await.says("还没有预安项");
}
