//! E2: a leader's plan for a quarter beside the months, in one model: counted once, in the month in which an item is due.

use policy::Month;
use youzhi::plans;

use crate::county::{Answer, County, Person};
use crate::plans::{DONE, act, checker, propose, unit};

const GOAL: &str = "全镇集中供水全部通水";

/// Proposes an item for the first quarter of 2027.
async fn proposed(person: &Person<'_>, goal: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("goal", goal),
        ("standard", "水务局验收单"),
        ("due_on", "2027-02-26"),
        ("weight", "5"),
        ("source", "own"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(given, _)| given == name));
    fields.extend_from_slice(more);
    person.fill("/plans/items/new?quarter=2027-Q1", "/plans/items", &fields).await
}

async fn freeze(person: &Person<'_>) -> Answer {
    person.fill("/plans/quarters?quarter=2027-Q1", "/plans/quarters/freezing", &[]).await
}

/// The path of the item of a goal, from the quarter's page.
async fn path_of(person: &Person<'_>, goal: &str) -> String {
    let page = person.get("/plans/quarters?quarter=2027-Q1").await;
    let before = page.text.split(&format!("<td>{goal}")).next().unwrap().to_owned();
    before.rsplit("<a href=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

async fn figures(county: &County, month: &str) -> plans::Figures {
    let month: Month = month.parse().unwrap();
    let mut read = county.app.db.read().await.unwrap();
    let within = plans::Within::Unit(unit(county, "LTA").await.parse().unwrap());
    plans::figures(&mut read, &checker(county).await, &within, month).await.unwrap()
}

#[tokio::test]
async fn a_quarters_item_goes_through_the_stages_and_counts_in_the_month_in_which_it_is_due() {
    let county = County::new().await;
    county.on("2026-12-10");
    let head = county.signed_in("zhenzhang").await;
    head.get("/plans/quarters?quarter=2027-Q1").await.says("2027 年第 1 季度").says("12-25 前").says("季度预安一项");
    proposed(&head, GOAL, &[("due_on", "2027-04-01")]).await.is(422).says("当季").says(GOAL);
    proposed(&head, GOAL, &[]).await.is(303);
    // Freezing February's plan is not freezing the quarter's.
    let land = unit(&county, "LTA").await;
    let leader = county.signed_in("lingdao").await;
    leader.get(&format!("/plans?unit={land}&month=2027-02")).await.says(GOAL).says("季度").keeps_from("/freezing");
    freeze(&leader).await.is(303);
    leader
        .get("/plans/quarters?quarter=2027-Q1")
        .await
        .says("攸预〔2027〕02-0001号")
        .says("12-10 定稿冻结")
        .says("定稿 1");
    // Nor the other way round: the month's own plan is still open.
    propose(&head, "二月例会", &[("month", "2027-02"), ("due_on", "2027-02-20")]).await.is(303);
    let page = leader.get(&format!("/plans?unit={land}&month=2027-02")).await;
    page.says("待定稿").says("定稿（1）");
    // What is proposed afterwards for the quarter is the superior's to add.
    proposed(&head, "再加一项", &[]).await.is(422).says("只能由上级追加");

    county.on("2027-02-25");
    let head = county.signed_in("zhenzhang").await;
    let item = path_of(&head, GOAL).await;
    head.get(&item).await.says("2027-Q1 季度预安");
    act(&head, &item, "account", &[("done_on", "2027-02-25"), ("content", "验收单已签")]).await.is(303);
    let leader = county.signed_in("lingdao").await;
    act(&leader, &item, "cancellation", &[]).await.is(303);
    leader.get("/plans/quarters?quarter=2027-Q1").await.says("已销号 1").says("按时 1");
    // Once, in February.
    let counts =
        [figures(&county, "2027-01").await, figures(&county, "2027-02").await, figures(&county, "2027-03").await];
    assert_eq!(counts.map(|one| (one.planned, one.cancelled)), [(0, 0), (1, 1), (0, 0)]);
    let mut read = county.app.db.read().await.unwrap();
    let official = county.count("SELECT id FROM official WHERE number = 'zhenzhang'").await;
    for (month, items) in [("2027-01", 0), ("2027-02", 1), ("2027-03", 0)] {
        let month: Month = month.parse().unwrap();
        assert_eq!(plans::items_for_pay(&mut read, &[official], month).await.unwrap().len(), items);
    }
}

#[tokio::test]
async fn only_the_posts_that_the_values_name_plan_by_the_quarter() {
    let county = County::new().await;
    county.on("2026-12-10");
    let official = county.signed_in("xiangzhen").await;
    official.get("/plans/quarters?quarter=2027-Q1").await.is(200).keeps_from("季度预安一项");
    proposed(&official, GOAL, &[]).await.is(422).says("不报季度预安").says(GOAL);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item").await, 0);
}

#[tokio::test]
async fn items_of_the_months_serve_an_item_of_the_quarter() {
    let county = County::new().await;
    county.on("2026-12-10");
    let head = county.signed_in("zhenzhang").await;
    proposed(&head, GOAL, &[]).await.is(303);
    freeze(&county.signed_in("lingdao").await).await.is(303);
    let official = county.signed_in("xiangzhen").await;
    let serves = county.count("SELECT item FROM plan_quarter_item").await.to_string();
    official.get("/plans/items/new?month=2027-01").await.says("攸预〔2027〕02-0001号");
    let fields = [("month", "2027-01"), ("due_on", "2027-01-20"), ("serves", serves.as_str())];
    propose(&official, "三组管网铺到户", &fields).await.is(303);
    official.get("/plans?month=2027-01").await.says("服务于 攸预〔2027〕02-0001号");
    propose(&official, "四组管网铺到户", &[("month", "2027-04"), ("due_on", "2027-04-20"), ("serves", &serves)])
        .await
        .is(422)
        .says("所服务的应是");
}

#[tokio::test]
async fn a_quarters_draft_moves_within_its_quarter_and_a_deferral_to_the_next_is_of_the_next() {
    let county = County::new().await;
    county.on("2026-12-10");
    let land = unit(&county, "LTA").await;
    let head = county.signed_in("zhenzhang").await;
    proposed(&head, GOAL, &[]).await.is(303);
    let item = path_of(&head, GOAL).await;
    let revision = format!("{item}/revision");
    let moved = [("goal", GOAL), ("standard", "验收单"), ("due_on", "2027-03-20"), ("weight", "5"), ("source", "own")];
    head.fill(&revision, &revision, &moved).await.is(303);
    head.get(&format!("/plans?unit={land}&month=2027-02")).await.keeps_from(GOAL);
    head.get(&format!("/plans?unit={land}&month=2027-03")).await.says(GOAL);
    let leader = county.signed_in("lingdao").await;
    freeze(&leader).await.is(303);
    leader.get(&item).await.says("攸预〔2027〕03-0001号");
    county.on("2027-03-10");
    let leader = county.signed_in("lingdao").await;
    let relief = [("kind", "deferred"), ("deferred_to", "2027-05-20"), ("reason", "汛期推迟")];
    act(&leader, &item, "relief", &relief).await.is(303);
    leader.get("/plans/quarters?quarter=2027-Q2").await.says(GOAL).says("待定稿");
    leader.get("/plans/quarters?quarter=2027-Q1").await.says("顺延 1");
    let head = county.signed_in("zhenzhang").await;
    head.post(&format!("{item}/account"), &[("version", "9"), DONE[0], DONE[1]]).await.is(409);
}
