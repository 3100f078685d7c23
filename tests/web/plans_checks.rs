//! E3: supervision draws by a seed written before, writes beside the item what it saw, and reverses nothing itself.

use crate::county::{Answer, County, Person};
use crate::petitions::join_all;
use crate::plans::{DONE, act, freeze, path_of, propose, unit};

const GOALS: [&str; 3] = ["渠道清淤验收", "塘坝除险", "补贴公示"];

/// Three cancelled items of 周敏: their paths and the unit.
async fn cancelled(county: &County) -> (Vec<String>, String) {
    let land = unit(county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    for goal in GOALS {
        propose(&owner, goal, &[]).await.is(303);
    }
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    county.on("2026-12-21");
    let (owner, superior) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    let mut paths = Vec::new();
    for goal in GOALS {
        let item = path_of(&owner, &land, goal).await;
        act(&owner, &item, "account", &DONE).await.is(303);
        act(&superior, &item, "cancellation", &[]).await.is(303);
        paths.push(item);
    }
    county.on("2026-12-28");
    (paths, land)
}

/// Fixes the seed of December and gives the drawing's path.
async fn seeded(checker: &Person<'_>, land: &str) -> String {
    let answer = checker.post("/plans/checks", &[("unit", land), ("month", "2026-12")]).await;
    answer.is(303);
    answer.location().to_owned()
}

/// The item that was drawn, as its own path and its id.
async fn drawn(county: &County) -> (String, String) {
    let id = county.count("SELECT MAX(item) FROM plan_check_sample").await.to_string();
    (format!("/plans/items/{id}"), id)
}

async fn result(checker: &Person<'_>, draw: &str, item: &str, passed: &str) -> Answer {
    let fields = [("item", item), ("on", "2026-12-28"), ("passed", passed), ("seen", "渠道只清了一半，两处塌方没有清")];
    checker.post(&format!("{draw}/results"), &fields).await
}

#[tokio::test]
async fn the_seed_is_written_before_the_drawing_and_anybody_draws_the_same() {
    let county = County::new().await;
    let (_, land) = cancelled(&county).await;
    let checker = county.signed_in("ducha").await;
    let draw = seeded(&checker, &land).await;
    checker.get(&draw).await.says("还没有抽取").says("按种子抽取");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_check.seeded'").await, 1);
    checker.post("/plans/checks", &[("unit", &land), ("month", "2026-12")]).await.is(422).says("已经定过种子");
    checker.post(&format!("{draw}/sample"), &[]).await.is(303);
    // A twentieth of three, rounded up.
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_check_sample").await, 1);
    let again = checker.post(&format!("{draw}/sample"), &[]).await;
    again.is(422).says("不能重抽");
    for login in ["ducha", "fenguan", "chengban"] {
        let page = county.signed_in(login).await.get(&draw).await;
        page.says("按种子重算，与抽中的一致").says("攸预〔2026〕12-0001号").says("攸预〔2026〕12-0003号");
    }
    county.signed_in("juzhang").await.get(&draw).await.is(404);
    county.signed_in("fenguan").await.post(&format!("{draw}/sample"), &[]).await.is(403);
    let order = "SELECT (SELECT MIN(id) FROM chain_record WHERE action = 'plan_check.drawn')
                      - (SELECT MIN(id) FROM chain_record WHERE action = 'plan_check.seeded')";
    assert!(county.count(order).await > 0);
    // Drawn by hand from what the page shows.
    let mut read = county.app.db.read().await.unwrap();
    let (seed, population, number): (String, String, String) = sqlx::query_as(
        "SELECT k.seed, k.population, i.number FROM plan_check k JOIN plan_check_sample s ON s.draw = k.id
           JOIN plan_item i ON i.id = s.item",
    )
    .fetch_one(&mut *read)
    .await
    .unwrap();
    let first = population
        .split(' ')
        .min_by_key(|number| youzhi::secrets::sm3(&[format!("{seed}/{number}").as_bytes()]))
        .unwrap();
    assert_eq!(first, number);
}

#[tokio::test]
async fn a_failed_check_proposes_the_reversal_to_the_superior_and_counts_against_nobody() {
    let county = County::new().await;
    let (_, land) = cancelled(&county).await;
    let checker = county.signed_in("ducha").await;
    let draw = seeded(&checker, &land).await;
    checker.post(&format!("{draw}/sample"), &[]).await.is(303);
    let (item, id) = drawn(&county).await;
    let month = format!("/plans?unit={land}&month=2026-12");
    checker.get(&month).await.says("抽查 1").says("待抽查");
    checker.post(&format!("{draw}/results"), &[("item", &id), ("passed", "0")]).await.is(422).says("请写明看到了什么");
    result(&checker, &draw, &id, "0").await.is(303);
    result(&checker, &draw, &id, "1").await.is(422).says("已经记过").says("两处塌方没有清");
    // Shown beside the item, and proposed; supervision itself reverses nothing.
    let cancellation = county.count("SELECT MAX(cancellation) FROM plan_check_sample").await;
    let reversal = format!("/plans/cancellations/{cancellation}/reversal");
    checker.post(&reversal, &[("reason", "抽查不实")]).await.is(403);
    let superior = county.signed_in("fenguan").await;
    superior.get(&item).await.says("抽查不实").says("两处塌方没有清").says("提请上级撤回销号");
    superior.get(&month).await.says("抽查不实、等上级决定是否撤回销号的有 1 项");
    superior.get(&format!("{month}&state=doubted")).await.says("抽查不实");
    superior.fill(&item, &reversal, &[("reason", "抽查不实，返工")]).await.is(303);
    superior.get(&item).await.says("上级已撤回销号").says("销号已撤回");
    superior.get(&month).await.says("撤回过 1").keeps_from("等上级决定是否撤回");
    // Done again and cancelled again: the number and the first day are kept, and that it was reversed is shown.
    let owner = county.signed_in("chengban").await;
    act(&owner, &item, "account", &[("done_on", "2026-12-28"), ("content", "返工以后验收")]).await.is(303);
    act(&superior, &item, "cancellation", &[]).await.is(303);
    superior.get(&month).await.says("已销号 3").says("撤回过 1");
    superior.get(&item).await.says("2026-12-21 销号").says("2026-12-28 销号");
}

#[tokio::test]
async fn a_superior_who_does_not_reverse_says_why() {
    let county = County::new().await;
    let (_, land) = cancelled(&county).await;
    let checker = county.signed_in("ducha").await;
    let draw = seeded(&checker, &land).await;
    checker.post(&format!("{draw}/sample"), &[]).await.is(303);
    let (item, id) = drawn(&county).await;
    let uphold = format!("{draw}/upholdings");
    let why = [("item", id.as_str()), ("reason", "塌方在邻村地界，不在这一项之内")];
    let superior = county.signed_in("fenguan").await;
    superior.post(&uphold, &why).await.is(422).says("没有等您决定");
    result(&checker, &draw, &id, "0").await.is(303);
    county.signed_in("lingdao").await.post(&uphold, &why).await.is(422).says("由责任人的上级决定");
    superior.post(&uphold, &[("item", &id)]).await.is(422).says("请写明为什么维持销号");
    superior.post(&uphold, &why).await.is(303);
    superior.get(&item).await.says("上级维持销号").says("塌方在邻村地界").keeps_from("提请上级撤回销号");
    superior.get(&format!("/plans?unit={land}&month=2026-12")).await.keeps_from("等上级决定是否撤回");
    county.signed_in("ducha").await.get(&draw).await.says("塌方在邻村地界");
}

#[tokio::test]
async fn two_who_draw_or_check_at_once_do_it_once() {
    let county = County::new().await;
    let (_, land) = cancelled(&county).await;
    let checker = county.signed_in("ducha").await;
    let seed = [("unit", land.as_str()), ("month", "2026-12")];
    let mut statuses: Vec<u16> = Vec::new();
    for answer in join_all((0..3).map(|_| checker.post("/plans/checks", &seed))).await {
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422]);
    let draw = format!("/plans/checks/{}", county.count("SELECT id FROM plan_check").await);
    let sample = format!("{draw}/sample");
    let answers = join_all((0..3).map(|_| checker.post(&sample, &[]))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422]);
    let (_, id) = drawn(&county).await;
    let answers = join_all(["0", "1"].into_iter().map(|passed| result(&checker, &draw, &id, passed))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_item.checked'").await, 1);
}
