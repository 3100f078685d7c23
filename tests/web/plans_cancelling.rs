//! E3: cancelling several at once, by two keys, by delegation, late; what proposes it; and one outcome when two act.

use crate::county::{Answer, County};
use crate::petitions::join_all;
use crate::plans::{DONE, GOAL, accounted, act, freeze, path_of, propose, unit, version};

/// Several frozen and accounted items of 周敏 on 21 December, by their paths.
async fn several(county: &County, goals: &[&str], more: &[(&str, &str)]) -> Vec<String> {
    let land = unit(county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    for goal in goals {
        propose(&owner, goal, more).await.is(303);
    }
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    county.on("2026-12-21");
    let owner = county.signed_in("chengban").await;
    let mut paths = Vec::new();
    for goal in goals {
        let item = path_of(&owner, &land, goal).await;
        let content = format!("{goal}，验收单已签");
        act(&owner, &item, "account", &[("done_on", "2026-12-20"), ("content", &content)]).await.is(303);
        paths.push(item);
    }
    paths
}

/// What the tick of an item says on the page of all.
fn tick(page: &Answer, item: &str) -> String {
    let id = item.rsplit('/').next().unwrap();
    format!("{id}.{}", page.between(&format!("value=\"{id}."), "\""))
}

/// 谢国华 lets 贺建军 cancel in his place, until a day.
async fn delegated(county: &County, until: &str) -> Answer {
    let giver = county.signed_in("lingdao").await;
    let page = giver.get("/plans/delegations").await;
    let delegate = page.text.split("\">贺建军").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    let fields = [("delegate", delegate.as_str()), ("until", until), ("reason", "赴省学习")];
    giver.fill("/plans/delegations", "/plans/delegations", &fields).await
}

/// An item of 陈新民, whom 谢国华 judges, accounted on 21 December.
async fn head_accounted(county: &County) -> String {
    let land = unit(county, "ZRZY").await;
    let head = county.signed_in("fenguan").await;
    propose(&head, "矿区巡查全覆盖", &[]).await.is(303);
    freeze(&county.signed_in("lingdao").await, &land).await.is(303);
    county.on("2026-12-21");
    let head = county.signed_in("fenguan").await;
    let item = path_of(&head, &land, "矿区巡查全覆盖").await;
    act(&head, &item, "account", &DONE).await.is(303);
    item
}

#[tokio::test]
async fn several_are_cancelled_at_once_each_with_its_own_tick_and_its_own_outcome() {
    let county = County::new().await;
    let items = several(&county, &["渠道清淤验收", "塘坝除险", "补贴公示", "巡查到组"], &[]).await;
    let superior = county.signed_in("fenguan").await;
    let page = superior.get("/plans/waiting/all").await;
    page.says("渠道清淤验收，验收单已签").says("补贴公示，验收单已签").says("按时").keeps_from(" checked");
    let ticks: Vec<String> = items.iter().map(|item| tick(&page, item)).collect();
    superior.post("/plans/cancellations", &[]).await.is(422).says("一项也没有勾");
    // Meanwhile one is returned and one is cancelled on its own page.
    act(&superior, &items[1], "return", &[("reason", "照片看不清")]).await.is(303);
    act(&superior, &items[2], "cancellation", &[]).await.is(303);
    let three: Vec<(&str, &str)> = ticks[..3].iter().map(|tick| ("items", tick.as_str())).collect();
    let told = superior.post("/plans/cancellations", &three).await;
    told.is(422).says("办成 1 项").says("渠道清淤验收：已销号").says("塘坝除险：您打开页面以后有了变化");
    told.says("补贴公示：已由陈新民销号，没有重复办理").says("巡查到组，验收单已签").keeps_from(" checked");
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 2);
    let last = superior.post("/plans/cancellations", &[("items", &ticks[3])]).await;
    assert_eq!(last.location(), "/plans/waiting/all?done=1&keyed=0");
    superior.get(last.location()).await.says("已销号 1 项").says("没有等您销号");
    // The owner and the supervision office are judged by the same rule.
    for login in ["chengban", "ducha"] {
        county.signed_in(login).await.post("/plans/cancellations", &[("items", &ticks[3])]).await.is(403);
    }
    let stranger = county.signed_in("juzhang").await;
    stranger
        .post("/plans/cancellations", &[("items", &ticks[3])])
        .await
        .is(422)
        .says("没有找到")
        .keeps_from("巡查到组");
    superior.post("/plans/cancellations", &[("items", "x")]).await.is(400);
}

#[tokio::test]
async fn a_heavy_item_needs_a_second_key_from_above() {
    let county = County::new().await;
    let items = several(&county, &["塌陷区整体搬迁"], &[("weight", "60")]).await;
    let superior = county.signed_in("fenguan").await;
    act(&superior, &items[0], "cancellation", &[]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 0);
    superior.get(&items[0]).await.says("等第二人确认").says("分值 60，高于 50").says("已述职");
    superior.get("/plans/waiting").await.says("没有等您销号");
    let at = version(&county).await;
    let again = superior.post(&format!("{}/cancellation", items[0]), &[("version", &at)]).await;
    again.is(422).says("等上一级第二人确认");
    let account = county.count("SELECT MAX(id) FROM plan_account").await;
    let path = format!("/plans/keys/{account}/confirmation");
    // Neither the first nor somebody who is not above.
    superior.post(&path, &[]).await.is(404);
    county.signed_in("zhenzhang").await.post(&path, &[]).await.is(404);
    let above = county.signed_in("lingdao").await;
    above.get("/plans").await.says("第二人确认（1）");
    above.get("/plans/keys").await.says("塌陷区整体搬迁，验收单已签").says("第一人 陈新民");
    above.post(&path, &[]).await.is(303);
    above.post(&path, &[]).await.is(422).says("别人已经办过");
    above.get("/plans/keys").await.says("没有等您确认");
    superior.get(&items[0]).await.says("销号，第一人 陈新民").says("销号，第二人确认 谢国华").says("销号 陈新民");
    let actions = "SELECT COUNT(*) FROM chain_record WHERE action IN ('plan_item.keyed', 'plan_item.cancelled')";
    assert_eq!(county.count(actions).await, 2);
}

#[tokio::test]
async fn a_return_makes_the_first_key_void_and_of_a_return_and_a_second_key_one_happens() {
    let county = County::new().await;
    let items = several(&county, &["塌陷区整体搬迁"], &[("weight", "60")]).await;
    let (superior, above) = (county.signed_in("fenguan").await, county.signed_in("lingdao").await);
    act(&superior, &items[0], "cancellation", &[]).await.is(303);
    act(&superior, &items[0], "return", &[("reason", "有两户没有搬")]).await.is(303);
    above.get("/plans/keys").await.says("没有等您确认");
    let owner = county.signed_in("chengban").await;
    act(&owner, &items[0], "account", &DONE).await.is(303);
    act(&superior, &items[0], "cancellation", &[]).await.is(303);
    let account = county.count("SELECT MAX(id) FROM plan_account").await;
    let (confirm, back) = (format!("/plans/keys/{account}/confirmation"), format!("{}/return", items[0]));
    let at = version(&county).await;
    let fields = [("version", at.as_str()), ("reason", "又有一户没有搬")];
    let sent = [(&above, &confirm, &fields[..0]), (&superior, &back, &fields[..])];
    let answers = join_all(sent.into_iter().map(|(person, path, fields)| person.post(path, fields))).await;
    let done = answers.iter().filter(|answer| answer.status.as_u16() == 303).count();
    assert_eq!(done, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    answers.iter().find(|answer| answer.status.as_u16() != 303).unwrap().says("别人");
    let returned = county.count("SELECT COUNT(*) FROM plan_return").await - 1;
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await + returned, 1);
}

#[tokio::test]
async fn where_nobody_stands_above_the_superior_a_chief_of_the_county_turns_the_second_key() {
    let county = County::new().await;
    county.execute(crate::bindings::LEADERS).await;
    let land = unit(&county, "ZRZY").await;
    let head = county.signed_in("fenguan").await;
    propose(&head, "矿山关停", &[("weight", "80")]).await.is(303);
    let leader = county.signed_in("lingdao").await;
    freeze(&leader, &land).await.is(303);
    county.on("2026-12-21");
    let head = county.signed_in("fenguan").await;
    let item = path_of(&head, &land, "矿山关停").await;
    act(&head, &item, "account", &DONE).await.is(303);
    let leader = county.signed_in("lingdao").await;
    act(&leader, &item, "cancellation", &[]).await.is(303);
    let account = county.count("SELECT MAX(id) FROM plan_account").await;
    let path = format!("/plans/keys/{account}/confirmation");
    leader.post(&path, &[]).await.is(404);
    let chief = county.signed_in("shuji").await;
    chief.get("/plans/keys").await.says("矿山关停");
    let answers = join_all((0..3).map(|_| chief.post(&path, &[]))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422, 422]);
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 1);
}

#[tokio::test]
async fn a_delegate_cancels_in_the_superiors_place_until_a_day_and_never_the_own() {
    let county = County::new().await;
    let item = head_accounted(&county).await;
    let at = version(&county).await;
    let path = format!("{item}/cancellation");
    let delegate = county.signed_in("pingyi").await;
    delegate.get(&item).await.is(404);
    delegate.post(&path, &[("version", &at)]).await.is(404);
    delegated(&county, "2027-02-01").await.is(422).says("之间").says("赴省学习");
    delegated(&county, "2026-12-23").await.is(303);
    delegated(&county, "2026-12-23").await.is(422).says("请先收回");
    let page = delegate.get("/plans/waiting").await;
    page.says("矿区巡查全覆盖").says("受谢国华委托，到 2026-12-23").keeps_from("/relief");
    // Nothing but the account is judged by delegation.
    delegate
        .post(&format!("{item}/relief"), &[("version", &at), ("kind", "withdrawn"), ("reason", "不办了")])
        .await
        .is(422);
    delegate.post(&path, &[("version", &at)]).await.is(303);
    delegate.get(&item).await.says("销号 贺建军（受谢国华委托）");
    delegate.get("/plans/delegations").await.says("生效中").says("1 次");
    let page = county.signed_in("lingdao").await.get(&item).await;
    page.says("由贺建军（受谢国华委托）销号");
    let reversal = format!("/plans/cancellations/{}/reversal", page.between("/plans/cancellations/", "/reversal"));
    delegate.post(&reversal, &[("version", &version(&county).await), ("reason", "再看")]).await.is(422);
    // It ends by itself.
    let giver = county.signed_in("lingdao").await;
    giver.fill(&item, &reversal, &[("reason", "再看一看")]).await.is(303);
    county.on("2026-12-24");
    let head = county.signed_in("fenguan").await;
    act(&head, &item, "account", &DONE).await.is(303);
    let delegate = county.signed_in("pingyi").await;
    delegate.get(&item).await.is(404);
    delegate.get("/plans/waiting").await.says("没有等您销号");
    delegate.post(&path, &[("version", &version(&county).await)]).await.is(404);
    let giver = county.signed_in("lingdao").await;
    giver.get("/plans/delegations").await.says("已到期").keeps_from("收回</button>");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_delegation.given'").await, 1);
}

#[tokio::test]
async fn a_delegation_is_taken_back_at_once_and_ends_with_the_givers_post() {
    let county = County::new().await;
    let item = head_accounted(&county).await;
    delegated(&county, "2026-12-31").await.is(303);
    let (giver, delegate) = (county.signed_in("lingdao").await, county.signed_in("pingyi").await);
    delegate.get(&item).await.is(200);
    let end = format!("/plans/delegations/{}/end", county.count("SELECT MAX(id) FROM cancel_delegation").await);
    delegate.post(&end, &[]).await.is(404);
    giver.post(&end, &[]).await.is(303);
    giver.post(&end, &[]).await.is(422).says("已经结束");
    delegate.get(&item).await.is(404);
    delegated(&county, "2026-12-31").await.is(303);
    delegate.get(&item).await.is(200);
    county
        .execute("UPDATE appointment SET held_to = '2026-12-21' WHERE official = (SELECT id FROM official WHERE number = 'lingdao')")
        .await;
    delegate.get(&item).await.is(404);
}

#[tokio::test]
async fn who_owns_an_item_does_not_cancel_it_by_delegation() {
    let county = County::new().await;
    let item = head_accounted(&county).await;
    // 陈新民 is named by his own superior: for the items of others, not for his.
    county
        .execute(
            "INSERT INTO cancel_delegation (id, post, given_by, delegate, reason, given_on, until_on)
             SELECT 1, po.superior, g.official, o.id, '外出', '2026-12-01', '2026-12-31'
               FROM official o JOIN appointment a ON a.official = o.id JOIN post po ON po.id = a.post
               JOIN appointment g ON g.post = po.superior WHERE o.number = 'fenguan'",
        )
        .await;
    let head = county.signed_in("fenguan").await;
    head.get("/plans/waiting").await.says("没有等您销号");
    let answer = head.post(&format!("{item}/cancellation"), &[("version", &version(&county).await)]).await;
    answer.is(422).says("不能由自己销号");
}

#[tokio::test]
async fn of_superior_and_delegate_who_cancel_at_once_one_is_told() {
    let county = County::new().await;
    let item = head_accounted(&county).await;
    delegated(&county, "2026-12-31").await.is(303);
    let people = [county.signed_in("lingdao").await, county.signed_in("pingyi").await];
    let at = version(&county).await;
    let path = format!("{item}/cancellation");
    let fields = [("version", at.as_str())];
    let answers = join_all(people.iter().map(|person| person.post(&path, &fields))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    answers.iter().find(|answer| answer.status.as_u16() == 409).unwrap().says("这一步已经办过了，没有重复办理");
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 1);
}

#[tokio::test]
async fn of_two_who_cancel_the_same_page_at_once_each_number_is_cancelled_once() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let head = county.signed_in("fenguan").await;
    for goal in ["矿区巡查", "汛前检查", "地灾演练"] {
        propose(&head, goal, &[]).await.is(303);
    }
    freeze(&county.signed_in("lingdao").await, &land).await.is(303);
    county.on("2026-12-21");
    let head = county.signed_in("fenguan").await;
    for goal in ["矿区巡查", "汛前检查", "地灾演练"] {
        let item = path_of(&head, &land, goal).await;
        act(&head, &item, "account", &DONE).await.is(303);
    }
    delegated(&county, "2026-12-31").await.is(303);
    let people = [county.signed_in("lingdao").await, county.signed_in("pingyi").await];
    let page = people[0].get("/plans/waiting/all").await;
    let mut ticks: Vec<String> = Vec::new();
    for part in page.text.split("name=\"items\" value=\"").skip(1) {
        ticks.push(part.split('"').next().unwrap().to_owned());
    }
    assert_eq!(ticks.len(), 3);
    let forward: Vec<(&str, &str)> = ticks.iter().map(|tick| ("items", tick.as_str())).collect();
    let backward: Vec<(&str, &str)> = forward.iter().rev().copied().collect();
    let sent = [(&people[0], &forward[..]), (&people[1], &backward[..])];
    let answers = join_all(sent.into_iter().map(|(person, fields)| person.post("/plans/cancellations", fields))).await;
    assert!(answers.iter().all(|answer| [303, 422].contains(&answer.status.as_u16())));
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 3);
    assert_eq!(county.count("SELECT COUNT(DISTINCT item) FROM cancellation").await, 3);
    answers.iter().find(|answer| answer.status.as_u16() == 422).unwrap().says("没有重复办理");
}

#[tokio::test]
async fn of_an_owner_accounting_again_and_a_superior_reversing_or_returning_one_comes_first() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let (owner, superior) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    act(&superior, &item, "return", &[("reason", "照片看不清")]).await.is(303);
    // The owner in two windows, and the superior, who gives it up.
    let at = version(&county).await;
    let (account, relief) = (format!("{item}/account"), format!("{item}/relief"));
    let first = [("version", at.as_str()), ("done_on", "2026-12-20"), ("content", "补拍了照片")];
    let second = [("version", at.as_str()), ("done_on", "2026-12-20"), ("content", "照片三张")];
    let gone = [("version", at.as_str()), ("kind", "withdrawn"), ("reason", "任务取消")];
    let sent = [(&owner, &account, &first[..]), (&owner, &account, &second[..]), (&superior, &relief, &gone[..])];
    let answers = join_all(sent.into_iter().map(|(person, path, fields)| person.post(path, fields))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409]);
    for late in answers.iter().filter(|answer| answer.status.as_u16() == 409) {
        late.says("别人刚刚办了一步");
    }
    let both = "SELECT (SELECT COUNT(*) FROM plan_account) - 1 + (SELECT COUNT(*) FROM plan_relief)";
    assert_eq!(county.count(both).await, 1);
}

#[tokio::test]
async fn nothing_is_cancelled_by_time_and_what_is_cancelled_late_says_so() {
    let county = County::new().await;
    let (item, land) = accounted(&county).await;
    county.on("2027-12-21");
    youzhi::duties::keep(&county.app).await.unwrap();
    youzhi::petitions::urge(&county.app).await.unwrap();
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 0);
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans/waiting").await.says(GOAL);
    act(&superior, &item, "cancellation", &[]).await.is(303);
    // Done in time, whoever was slow.
    superior.get(&format!("/plans?unit={land}&month=2026-12")).await.says("按时 1 · 迟 0").says("12-21 陈新民");
}

#[tokio::test]
async fn additions_drops_and_deferrals_stand_apart_and_the_frozen_stay_counted() {
    let county = County::new().await;
    let items = several(&county, &["渠道清淤验收", "塘坝除险", "补贴公示"], &[]).await;
    let land = unit(&county, "ZRZY").await;
    let (owner, superior) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    // The owner neither adds, drops nor defers.
    propose(&owner, "自己追加", &[]).await.is(422);
    owner.post(&format!("{}/relief", items[0]), &[]).await.is(403);
    act(&superior, &items[1], "relief", &[("kind", "withdrawn"), ("reason", "任务取消")]).await.is(303);
    let deferred = [("kind", "deferred"), ("deferred_to", "2027-01-20"), ("reason", "雨天")];
    act(&superior, &items[2], "relief", &deferred).await.is(303);
    let form = superior.get("/plans/items/new?month=2026-12").await;
    let appointment = form.text.split("\">周敏").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    propose(&superior, "上级追加的", &[("owner", &appointment), ("due_on", "2026-12-31")]).await.is(303);
    let page = format!("/plans?unit={land}&month=2026-12");
    superior.get(&page).await.says("定稿 3 另：追加 1 · 撤销 1 · 顺延 1");
    for (state, goal) in [("added", "上级追加的"), ("withdrawn", "塘坝除险"), ("deferred", "补贴公示")] {
        superior.get(&format!("{page}&state={state}")).await.says(goal).keeps_from("渠道清淤验收");
    }
    let mut read = county.app.db.read().await.unwrap();
    let within = youzhi::plans::Within::Unit(land.parse().unwrap());
    let month = "2026-12".parse().unwrap();
    let figures =
        youzhi::plans::figures(&mut read, &crate::plans::checker(&county).await, &within, month).await.unwrap();
    assert_eq!((figures.planned, figures.added, figures.withdrawn, figures.deferred), (3, 1, 1, 1));
    assert_eq!(figures.due(), 1, "frozen, less withdrawn and deferred; additions are counted apart");
}

#[tokio::test]
async fn the_visit_that_fills_the_number_proposes_the_cancellation() {
    let county = County::new().await;
    crate::entries::village(&county).await;
    let town = unit(&county, "LTA").await;
    let owner = county.signed_in("cun").await;
    propose(&owner, "走访一组", &[("source", "duty"), ("target", "2")]).await.is(303);
    freeze(&county.signed_in("zhenzhang").await, &town).await.is(303);
    let visited = async |household: &str, day: &str| {
        let owner = county.signed_in("cun").await;
        let fields = [("kind", "visit"), ("household_id", household), ("result", "met"), ("on", day)];
        crate::entries::wrote(&owner, &fields).await.is(303);
    };
    county.on("2026-12-05");
    visited("101", "2026-12-04").await;
    let owner = county.signed_in("cun").await;
    let item = path_of(&owner, &town, "走访一组").await;
    owner.get(&item).await.says("已走访 1 / 2 户").says("未述职");
    county.on("2026-12-08");
    visited("102", "2026-12-08").await;
    let owner = county.signed_in("cun").await;
    owner.get(&item).await.says("已走访 2 / 2 户").says("已述职").says("据此提请销号");
    let superior = county.signed_in("zhenzhang").await;
    superior.get("/plans/waiting").await.says("走访一组").says("因走访满数提请").says("2026-12-08 完成");
    act(&superior, &item, "return", &[("reason", "二组没有去")]).await.is(303);
    visited("103", "2026-12-08").await;
    owner.get(&item).await.says("述职退回");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_account").await, 1);
}
