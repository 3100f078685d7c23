//! E1 to E4: proposing, arranging, freezing, accounting, cancelling; who may not; what others may know.

use policy::Month;
use policy::score::Fate;
use youzhi::accounts::Viewer;
use youzhi::plans;

use crate::county::{Answer, County, Person};
use crate::petitions::join_all;

pub(crate) const GOAL: &str = "渠道清淤验收";

/// Proposes an item for December 2026, due on the 20th.
pub(crate) async fn propose(person: &Person<'_>, goal: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("goal", goal),
        ("standard", "验收单签字"),
        ("due_on", "2026-12-20"),
        ("weight", "2"),
        ("source", "own"),
        ("month", "2026-12"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(given, _)| given == name));
    fields.extend_from_slice(more);
    person.fill("/plans/items/new?month=2026-12", "/plans/items", &fields).await
}

/// The path of the item with a goal, from its owner's or superior's page of December.
pub(crate) async fn path_of(person: &Person<'_>, unit: &str, goal: &str) -> String {
    let page = person.get(&format!("/plans?unit={unit}&month=2026-12")).await;
    let before = page.text.split(&format!("<td>{goal}")).next().unwrap().to_owned();
    before.rsplit("<a href=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

pub(crate) async fn unit(county: &County, code: &str) -> String {
    let mut read = county.app.db.read().await.unwrap();
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM unit WHERE code = $1")
        .bind(code.to_owned())
        .fetch_one(&mut *read)
        .await
        .unwrap();
    id.to_string()
}

/// Freezes what waits for the viewer in a unit's December.
pub(crate) async fn freeze(person: &Person<'_>, unit: &str) -> Answer {
    let page = format!("/plans?unit={unit}&month=2026-12");
    let form = person.get(&page).await;
    let action = format!("/plans/{}/freezing", form.between("action=\"/plans/", "/freezing"));
    person.fill(&page, &action, &[]).await
}

/// An act from the item's own page.
pub(crate) async fn act(person: &Person<'_>, item: &str, noun: &str, fields: &[(&str, &str)]) -> Answer {
    person.fill(item, &format!("{item}/{noun}"), fields).await
}

async fn version(county: &County) -> String {
    county.count("SELECT MAX(version) FROM plan_item").await.to_string()
}

/// 周敏, who owns the items of these tests.
async fn owner_id(county: &County) -> i64 {
    county.count("SELECT id FROM official WHERE number = 'chengban'").await
}

/// Somebody of the supervision office, as a room is asked for figures.
async fn checker(county: &County) -> Viewer {
    let official = county.count("SELECT id FROM official WHERE number = 'ducha'").await;
    Viewer {
        account: 0,
        official,
        name: String::new(),
        appointment: 0,
        post: 0,
        post_title: String::new(),
        unit: 0,
        unit_name: String::new(),
        place: "430223".to_owned(),
        roles: vec!["supervision".to_owned()],
        day: county.today(),
    }
}

pub(crate) const DONE: [(&str, &str); 2] = [("done_on", "2026-12-20"), ("content", "验收单已签，附照片")];

/// A frozen item of 周敏, on 21 December: its path and unit.
pub(crate) async fn frozen(county: &County) -> (String, String) {
    let land = unit(county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    county.on("2026-12-21");
    let owner = county.signed_in("chengban").await;
    (path_of(&owner, &land, GOAL).await, land)
}

/// The same, accounted.
pub(crate) async fn accounted(county: &County) -> (String, String) {
    let (item, land) = frozen(county).await;
    let owner = county.signed_in("chengban").await;
    act(&owner, &item, "account", &DONE).await.is(303);
    (item, land)
}

fn december() -> Month {
    "2026-12".parse().unwrap()
}

#[tokio::test]
async fn a_promise_goes_from_proposal_to_its_seal() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    owner.get("/plans?month=2026-12").await.says("待定稿").says(GOAL).says("上报我的预安");
    owner.post("/plans/submissions", &[("month", "2026-12")]).await.is(303);
    owner.get("/plans?month=2026-12").await.says("2026-11-02 上报").keeps_from("上报我的预安");
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans?month=2026-12").await.says("定稿（1）");
    freeze(&superior, &land).await.is(303);
    superior.get("/plans?month=2026-12").await.says("攸预〔2026〕12-0001号").says("未述职").says("11-02 定稿冻结");

    county.on("2026-12-22");
    let owner = county.signed_in("chengban").await;
    let item = path_of(&owner, &land, GOAL).await;
    owner.get(&item).await.says("逾期 2 天");
    act(&owner, &item, "account", &DONE).await.is(303);
    owner.get(&item).await.says("已述职").says("等上级销号").keeps_from("/cancellation\"");
    county.on("2026-12-24");
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans?month=2026-12").await.says("最久等了 2 天").says("逐项销号（1）");
    superior.get("/plans/waiting").await.says(GOAL).says("按时").says("验收单已签");
    let done = superior.fill("/plans/waiting", &format!("{item}/cancellation"), &[]).await;
    assert_eq!(done.location(), "/plans/waiting");
    superior.get("/plans/waiting").await.says("没有等您销号");
    // Done on the due date, cancelled four days later: on time.
    superior.get("/plans?month=2026-12").await.says("按时 1 · 迟 0").says("12-24 陈新民");
    superior.get(&item).await.says("销号 陈新民 2026-12-20 完成");

    let mut read = county.app.db.read().await.unwrap();
    let unit: i64 = land.parse().unwrap();
    let owner = owner_id(&county).await;
    let items = plans::items_for_pay(&mut read, &[owner], december()).await.unwrap();
    let (completed, on) = ("2026-12-20".parse().unwrap(), "2026-12-24".parse().unwrap());
    assert_eq!((items.len(), items[0].weight, items[0].added), (1, 2, false));
    assert_eq!(items[0].fate, Fate::Cancelled { completed, on });
    assert_eq!(plans::submitted(&mut read, &[owner], december()).await.unwrap(), [owner].into());
    let place = plans::Within::Place("430223".to_owned());
    for within in [plans::Within::Unit(unit), place] {
        let figures = plans::figures(&mut read, &checker(&county).await, &within, december()).await.unwrap();
        assert_eq!((figures.planned, figures.cancelled, figures.on_time), (1, 1, 1));
        assert!(figures.are_found());
    }
}

#[tokio::test]
async fn neither_owner_nor_supervision_nor_a_stranger_cancels() {
    let county = County::new().await;
    let (item, land) = accounted(&county).await;
    let at = version(&county).await;
    let path = format!("{item}/cancellation");
    let try_it = async |login: &str| {
        let person = county.signed_in(login).await;
        person.post(&path, &[("version", &at)]).await.status.as_u16()
    };
    // The owner and the supervision office lack the right, a superior of others finds nothing.
    assert_eq!(try_it("chengban").await, 403);
    assert_eq!(try_it("ducha").await, 403);
    assert_eq!(try_it("juzhang").await, 404);
    assert_eq!(try_it("lingdao").await, 422, "above the unit's head, not above the owner's post");
    // Roles that overlap change nothing: an owner with the superior's role, a superior of the supervision office.
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, CASE WHEN o.number = 'chengban' THEN 'superior' ELSE
             'supervision' END FROM appointment a JOIN official o ON o.id = a.official
             WHERE o.number IN ('chengban', 'fenguan')",
        )
        .await;
    let owner = county.signed_in("chengban").await;
    owner.post(&path, &[("version", &at)]).await.is(422).says("不能由自己销号");
    let superior = county.signed_in("fenguan").await;
    superior.post(&path, &[("version", &at)]).await.is(422).says("督查只检查");
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 0);

    // The head's own item: neither frozen by the head, nor by anybody but the leader above.
    let head = county.signed_in("fenguan").await;
    propose(&head, "矿区巡查全覆盖", &[]).await.is(303);
    head.get(&format!("/plans?unit={land}&month=2026-12")).await.keeps_from("/freezing");
    let leader = county.signed_in("lingdao").await;
    freeze(&leader, &land).await.is(303);
    leader.get(&format!("/plans?unit={land}&month=2026-12")).await.says("攸预〔2026〕12-0002号");
}

#[tokio::test]
async fn of_two_tabs_that_cancel_at_once_one_is_told() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let at = version(&county).await;
    let superior = county.signed_in("fenguan").await;
    let path = format!("{item}/cancellation");
    let fields = [("version", at.as_str())];
    let answers = join_all((0..6).map(|_| superior.post(&path, &fields))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409, 409]);
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_item.cancelled'").await, 1);
}

#[tokio::test]
async fn cancelling_and_returning_at_once_has_one_outcome() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let at = version(&county).await;
    let superior = county.signed_in("fenguan").await;
    let (cancel, back) = (format!("{item}/cancellation"), format!("{item}/return"));
    let fields = [("version", at.as_str()), ("reason", "照片看不清")];
    let answers = join_all([&cancel, &back].into_iter().map(|path| superior.post(path, &fields))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let both = "SELECT (SELECT COUNT(*) FROM cancellation) + (SELECT COUNT(*) FROM plan_return)";
    assert_eq!(county.count(both).await, 1);
}

#[tokio::test]
async fn a_reversal_keeps_number_and_first_day_and_asks_for_a_new_account() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "return", &[("reason", "照片看不清")]).await.is(303);
    let owner = county.signed_in("chengban").await;
    owner.get(&item).await.says("述职退回").says("照片看不清");
    act(&owner, &item, "account", &DONE).await.is(303);
    act(&superior, &item, "cancellation", &[]).await.is(303);
    let page = superior.get(&item).await;
    let reversal = format!("/plans/cancellations/{}/reversal", page.between("/plans/cancellations/", "/reversal"));
    superior.fill(&item, &reversal, &[("reason", "")]).await.is(422).says("请写明理由");
    county.on("2026-12-23");
    let superior = county.signed_in("fenguan").await;
    superior.fill(&item, &reversal, &[("reason", "复查发现未清到底")]).await.is(303);
    superior.post(&reversal, &[("reason", "再来一次"), ("version", &version(&county).await)]).await.is(422);
    let owner = county.signed_in("chengban").await;
    owner.get(&item).await.says("12-0001号").says("销号已撤回").says("复查发现未清到底");
    let later = [("done_on", "2026-12-23"), ("content", "重新清到底")];
    act(&owner, &item, "account", &later).await.is(303);
    act(&superior, &item, "cancellation", &[]).await.is(303);
    superior.get(&item).await.says("12-0001号").says("2026-12-21 销号").says("2026-12-23 销号").says("迟");
    let live = "SELECT COUNT(*) FROM cancellation c WHERE NOT EXISTS
                (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)";
    assert_eq!(county.count(live).await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 2);
    let mut read = county.app.db.read().await.unwrap();
    let within = plans::Within::Place("430223".to_owned());
    let figures = plans::figures(&mut read, &checker(&county).await, &within, december()).await.unwrap();
    assert_eq!((figures.planned, figures.cancelled, figures.on_time), (1, 1, 0));
}

#[tokio::test]
async fn after_freezing_only_the_superior_adds_and_it_stands_apart() {
    let county = County::new().await;
    let (_, land) = frozen(&county).await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, "自己想追加的", &[]).await.is(422).says("只能由上级追加").says("自己想追加的");
    let superior = county.signed_in("fenguan").await;
    let form = superior.get("/plans/items/new?month=2026-12").await;
    let appointment = form.text.split("\">周敏").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    propose(&superior, "上级追加的", &[("owner", &appointment)]).await.is(303);
    let page = superior.get(&format!("/plans?unit={land}&month=2026-12")).await;
    page.says("攸预〔2026〕12-0002号 追加").says("另：追加 1 · 撤销 0 · 顺延 0").says("上级安排");
    let item = path_of(&superior, &land, "上级追加的").await;
    superior.get(&format!("{item}/revision")).await.is(404);
}

#[tokio::test]
async fn nobody_freezes_what_he_has_not_seen() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    let superior = county.signed_in("fenguan").await;
    let page = superior.get("/plans?month=2026-12").await;
    let action = format!("/plans/{}/freezing", page.between("action=\"/plans/", "/freezing"));
    let seen = page.hidden(&action).remove(0).1;
    let item = path_of(&owner, &land, GOAL).await;
    let changed =
        [("goal", GOAL), ("standard", "验收单签字"), ("due_on", "2026-12-28"), ("weight", "1"), ("source", "own")];
    let revision = format!("{item}/revision");
    owner.fill(&revision, &revision, &changed).await.is(303);
    superior.post(&action, &[("seen", &seen)]).await.is(409);
    superior.get(&item).await.says("2026-12-28").says("2026-12-20 完成；分值 2");
    // What is sent back is not frozen before it was mended.
    act(&superior, &item, "return", &[("reason", "期限往前放")]).await.is(303);
    superior.get("/plans?month=2026-12").await.says("退改").keeps_from("/freezing");
    owner.fill(&revision, &revision, &changed).await.is(303);
    freeze(&superior, &land).await.is(303);
    superior.get("/plans?month=2026-12").await.says("攸预〔2026〕12-0001号").says("12-28");
    let late = [("version", "9"), ("weight", "100"), ("goal", GOAL), ("standard", "验收"), ("due_on", "2026-12-31")];
    owner.post(&revision, &late).await.is(409);
    let at = version(&county).await;
    let late =
        [("version", at.as_str()), ("weight", "100"), ("goal", GOAL), ("standard", "验收"), ("due_on", "2026-12-31")];
    owner.post(&revision, &late).await.is(422).says("已经定稿");
    assert_eq!(county.count("SELECT weight FROM plan_item").await, 1);
}

#[tokio::test]
async fn numbers_of_a_month_have_no_gap_when_two_units_freeze_at_once() {
    let county = County::new().await;
    let units = [unit(&county, "ZRZY").await, unit(&county, "LTA").await];
    let heads = [county.signed_in("fenguan").await, county.signed_in("zhenzhang").await];
    for login in ["chengban", "xiangzhen", "cun"] {
        let owner = county.signed_in(login).await;
        for goal in ["第一件事", "第二件事"] {
            propose(&owner, goal, &[]).await.is(303);
        }
    }
    let answers = join_all((0..2).map(|n| freeze(&heads[n], &units[n]))).await;
    assert!(answers.iter().all(|answer| answer.status.as_u16() == 303));
    let mut read = county.app.db.read().await.unwrap();
    let numbers: Vec<(String,)> =
        sqlx::query_as("SELECT number FROM plan_item ORDER BY number").fetch_all(&mut *read).await.unwrap();
    let numbers: Vec<String> = numbers.into_iter().map(|(number,)| number).collect();
    let expected: Vec<String> = (1..=6).map(|n| format!("攸预〔2026〕12-{n:04}号")).collect();
    assert_eq!(numbers, expected);
}

#[tokio::test]
async fn what_is_deferred_goes_on_in_its_new_month() {
    let county = County::new().await;
    let (item, land) = frozen(&county).await;
    let superior = county.signed_in("fenguan").await;
    let relief = |kind, to| [("kind", kind), ("deferred_to", to), ("reason", "汛期推迟")];
    act(&superior, &item, "relief", &relief("deferred", "2026-12-31"))
        .await
        .is(422)
        .says("以后的月份")
        .says("汛期推迟");
    act(&superior, &item, "relief", &relief("deferred", "2027-01-15")).await.is(303);
    superior.get(&item).await.says("顺延").says("到 2027-01-15").says("汛期推迟");
    superior.get(&format!("/plans?unit={land}&month=2026-12")).await.says("另：追加 0 · 撤销 0 · 顺延 1");
    superior.get(&format!("/plans?unit={land}&month=2026-12&state=deferred")).await.says(GOAL).says("截至");
    superior.get(&format!("/plans?unit={land}&month=2026-12&state=withdrawn")).await.says("没有这样的预安项");
    superior.get(&format!("/plans?unit={land}&month=2027-01")).await.says(GOAL).says("待定稿").says("01-15");
    let owner = county.signed_in("chengban").await;
    owner.post(&format!("{item}/account"), &[("version", &version(&county).await), DONE[0], DONE[1]]).await.is(422);
    let mut read = county.app.db.read().await.unwrap();
    let items = plans::items_for_pay(&mut read, &[owner_id(&county).await], december()).await.unwrap();
    assert_eq!(items[0].fate, Fate::Deferred);
    let within = plans::Within::Unit(land.parse().unwrap());
    let figures = plans::figures(&mut read, &checker(&county).await, &within, december()).await.unwrap();
    assert_eq!((figures.planned, figures.deferred, figures.due()), (1, 1, 0));
}

#[tokio::test]
async fn a_plan_is_handed_in_and_frozen_in_time_or_not_at_all() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    let page = county.signed_in("fenguan").await.get("/plans?month=2026-12").await;
    let action = format!("/plans/{}/freezing", page.between("action=\"/plans/", "/freezing"));
    let seen = page.hidden(&action).remove(0).1;
    county.on("2026-12-06");
    let owner = county.signed_in("chengban").await;
    owner.get("/plans?month=2026-12").await.keeps_from("上报我的预安");
    let late = owner.post("/plans/submissions", &[("month", "2026-12")]).await;
    late.is(422).says("最迟 2026-12-05 上报");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_submission").await, 0);
    county.on("2027-01-01");
    let superior = county.signed_in("fenguan").await;
    superior.get("/plans?month=2026-12").await.keeps_from("/freezing");
    superior.post(&action, &[("seen", &seen)]).await.is(422).says("这个月已经过去，不能再定稿");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item WHERE number IS NOT NULL").await, 0);
    // In the month, after the days of grace: an addition, shown apart from the plan.
    county.on("2026-12-06");
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    superior.get("/plans?month=2026-12").await.says("攸预〔2026〕12-0001号 追加").says("另：追加 1");
}

#[tokio::test]
async fn a_plan_of_which_everything_was_withdrawn_is_not_handed_in_afterwards() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[]).await.is(303);
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    let item = path_of(&owner, &land, GOAL).await;
    act(&superior, &item, "relief", &[("kind", "withdrawn"), ("reason", "另作安排")]).await.is(303);
    owner.post("/plans/submissions", &[("month", "2026-12")]).await.is(422).says("都已撤销或者顺延");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_submission").await, 0);
}

#[tokio::test]
async fn what_is_deferred_after_a_transfer_goes_on_where_its_owner_is_now() {
    let county = County::new().await;
    let (item, land) = frozen(&county).await;
    county
        .execute(
            "UPDATE appointment SET held_to = '2026-12-15' WHERE official = (SELECT id FROM official WHERE number = 'chengban');
             INSERT INTO post (id, unit, code, title, listed_as, superior)
             SELECT 77, u.id, 'P77', '干部', '科员', (SELECT id FROM post WHERE code = 'DEMO-zhenzhang')
               FROM unit u WHERE u.code = 'LTA';
             INSERT INTO appointment (id, official, post, held_from)
             SELECT 77, id, 77, '2026-12-15' FROM official WHERE number = 'chengban'",
        )
        .await;
    let relief = |to| [("kind", "deferred"), ("deferred_to", to), ("reason", "汛期推迟")];
    county.on("2027-01-04");
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "relief", &relief("2027-01-03")).await.is(422).says("已经过去").says("汛期推迟");
    county.on("2027-01-06");
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "relief", &relief("2027-01-20")).await.is(422).says("销号截止");
    county.on("2027-01-05");
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "relief", &relief("2027-01-20")).await.is(303);
    let next = "SELECT COUNT(*) FROM plan_item i JOIN plan p ON p.id = i.plan JOIN unit u ON u.id = p.unit
                 WHERE i.continues IS NOT NULL AND i.appointment = 77 AND u.code = 'LTA' AND i.number IS NULL";
    assert_eq!(county.count(next).await, 1);
    superior.get(&format!("/plans?unit={land}&month=2027-01")).await.keeps_from(GOAL);
    let chief = county.signed_in("zhenzhang").await;
    chief.get("/plans?month=2027-01").await.says(GOAL).says("待定稿");
}

#[tokio::test]
async fn who_holds_no_post_any_more_has_nothing_deferred() {
    let county = County::new().await;
    let (item, _) = frozen(&county).await;
    county
        .execute(
            "UPDATE appointment SET held_to = '2026-12-15' WHERE official = (SELECT id FROM official WHERE number = 'chengban')",
        )
        .await;
    let superior = county.signed_in("fenguan").await;
    let relief = [("kind", "deferred"), ("deferred_to", "2027-01-20"), ("reason", "退休")];
    act(&superior, &item, "relief", &relief).await.is(422).says("可以撤销").says("退休");
    act(&superior, &item, "relief", &[("kind", "withdrawn"), ("reason", "退休")]).await.is(303);
}

#[tokio::test]
async fn a_plan_is_found_by_its_unit_its_superior_and_those_who_check() {
    let county = County::new().await;
    let (item, land) = accounted(&county).await;
    let plan = format!("/plans?unit={land}&month=2026-12");
    for login in ["xinfang", "juzhang", "zhenzhang", "xiangzhen", "cun", "caizheng"] {
        let other = county.signed_in(login).await;
        other.get(&item).await.is(404).keeps_from(GOAL);
        other.get(&plan).await.is(404).keeps_from(GOAL);
        other.get("/plans?month=2026-12").await.is(200).keeps_from(GOAL);
    }
    for login in ["ducha", "renshi"] {
        let reader = county.signed_in(login).await;
        reader.get(&plan).await.says(GOAL).keeps_from("/cancellation").keeps_from("/freezing");
        reader.get(&item).await.is(200).says(GOAL).keeps_from("method=\"post\" action=\"/plans");
    }
    for login in ["fenguan", "lingdao"] {
        county.signed_in(login).await.get(&plan).await.says(GOAL);
    }
}

#[tokio::test]
async fn closing_a_case_proposes_the_cancellation_of_its_item() {
    let county = County::new().await;
    let card = crate::petitions_acts::answered(&county).await;
    let land = unit(&county, "ZRZY").await;
    let handler = county.signed_in("chengban").await;
    let bound = [("source", "petition"), ("petition", "攸信〔2026〕0001号")];
    propose(&handler, "房屋鉴定答复", &[("source", "petition"), ("petition", "攸信〔2026〕0002号")])
        .await
        .is(422)
        .says("没有找到这个信访编号");
    propose(&handler, "房屋鉴定答复", &bound).await.is(303);
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    let item = path_of(&handler, &land, "房屋鉴定答复").await;
    let officer = county.signed_in("xinfang").await;
    crate::petitions_acts::done(&officer, &card, "call-back", &[("reached", "1"), ("content", "满意")]).await;
    let other = county.signed_in("xinfang2").await;
    crate::petitions_acts::done(&other, &card, "closure", &[("resolution", "resolved")]).await;
    superior.get("/plans/waiting").await.says("房屋鉴定答复").says("因案件办结提请").says("攸信〔2026〕0001号 已办结");
    act(&superior, &item, "cancellation", &[]).await.is(303);
    // The unit complained of finds nothing of it, by whatever way.
    county
        .execute(
            "INSERT INTO recusal (id, petition, unit, reason, recorded_at)
             SELECT 1, p.id, u.id, 'complained_of', 0 FROM petition p, unit u WHERE u.code = 'DCS'",
        )
        .await;
    let checker = county.signed_in("ducha").await;
    checker.get(&item).await.is(404);
    checker.get(&format!("/plans?unit={land}&month=2026-12")).await.is(200).keeps_from("房屋鉴定");
}

#[tokio::test]
async fn visits_of_the_month_are_progress_on_the_duty() {
    let county = County::new().await;
    let town = unit(&county, "LTA").await;
    let owner = county.signed_in("xiangzhen").await;
    propose(&owner, "走访一组", &[("source", "duty"), ("target", "")]).await.is(422).says("请填写要走访多少户");
    propose(&owner, "走访一组", &[("source", "duty"), ("target", "３４")]).await.is(303);
    freeze(&county.signed_in("zhenzhang").await, &town).await.is(303);
    county
        .execute(
            "INSERT INTO household (id, division, village, number, head, people, valid_from)
             SELECT n, d.code, d.code, CASE n WHEN 1 THEN 'H1' WHEN 2 THEN 'H2' ELSE 'H3' END, '罗新华', 3, '2020-01-01'
               FROM (SELECT MIN(code) AS code FROM division WHERE kind = 'village') d,
                    (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) n;
             INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, household, result, content)
             SELECT h.id * 10 + w.n, 'visit', w.happened_on, 0, o.id, a.id, h.division, h.id, w.result, ''
               FROM household h, official o, appointment a,
                    (SELECT 1 AS n, '2026-12-01' AS happened_on, 'met' AS result UNION ALL
                     SELECT 2, '2026-12-31', 'met' UNION ALL SELECT 3, '2027-01-01', 'met') w
              WHERE o.number = 'xiangzhen' AND a.official = o.id AND h.id <= 2;
             INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, household, result, content)
             SELECT 99, 'visit', '2026-12-05', 0, o.id, a.id, h.division, h.id, 'nobody_home', ''
               FROM household h, official o, appointment a WHERE o.number = 'xiangzhen' AND a.official = o.id AND h.id = 3",
        )
        .await;
    // Two households were met in December; twice is once, nobody home is not met, January is another month.
    owner.get("/plans?month=2026-12").await.says("已走访 2 / 34 户");
    let item = path_of(&owner, &town, "走访一组").await;
    owner.get(&item).await.says("已走访 2 / 34 户");
    // What was withdrawn is no progress, neither for the owner nor for the superior who cancels on it.
    county
        .execute(
            "INSERT INTO entry_withdrawal (entry, reason, withdrawn_at, withdrawn_by)
             SELECT e.id, '去的是另一户', 0, e.recorded_by FROM entry e WHERE e.id IN (11, 12)",
        )
        .await;
    owner.get(&item).await.says("已走访 1 / 34 户");
    let superior = county.signed_in("zhenzhang").await;
    superior.get(&item).await.says("已走访 1 / 34 户");
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed() {
    let county = County::new().await;
    let owner = county.signed_in("chengban").await;
    let wrong = [("due_on", "2027-01-01"), ("weight", "101")];
    let page = propose(&owner, "渠道清淤", &wrong).await;
    page.is(422).says("应在预安的当月之内").says("1 到 100 的整数").says("渠道清淤").says("2027-01-01");
    propose(&owner, "补上个月的", &[("month", "2026-10"), ("due_on", "2026-10-20")]).await.is(422).says("已经过去");
    // Nobody stands above the vice head: nobody could freeze or cancel it.
    let leader = county.signed_in("lingdao").await;
    propose(&leader, "没有上级的", &[]).await.is(422).says("没有登记上级");
    owner.post("/plans/submissions", &[("month", "2026-12")]).await.is(422).says("先列入再上报");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item").await, 0);
}

#[tokio::test]
async fn an_account_of_tomorrow_is_refused_with_what_was_typed() {
    let county = County::new().await;
    let (item, _) = frozen(&county).await;
    let owner = county.signed_in("chengban").await;
    let early = [("done_on", "2026-12-22"), ("content", "明天就验收")];
    act(&owner, &item, "account", &early).await.is(422).says("不能在今天之后").says("明天就验收");
    act(&owner, &item, "account", &DONE).await.is(303);
    let at = version(&county).await;
    owner.post(&format!("{item}/account"), &[("version", &at), DONE[0], DONE[1]]).await.is(422).says("正等上级销号");
    owner.post(&format!("{item}/account"), &[("version", "1"), DONE[0], DONE[1]]).await.is(409);
}

#[tokio::test]
async fn a_long_plan_is_paged_and_narrowed() {
    let county = County::new().await;
    let (_, land) = frozen(&county).await;
    county
        .execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50)
             INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added,
                                    proposed_by, version)
             SELECT i.id + n.n, i.plan, '攸预〔2026〕12-1' || CAST(100 + n.n AS TEXT), i.goal, i.standard, i.owner,
                    i.appointment, i.due_on, 1, 'own', 0, i.proposed_by, 1
               FROM plan_item i, n",
        )
        .await;
    let superior = county.signed_in("fenguan").await;
    let page = superior.get(&format!("/plans?unit={land}&month=2026-12")).await;
    assert_eq!(page.text.matches("<tr id=").count(), 50);
    page.says("共 51 项");
    let next = page.between("<a class=\"btn\" href=\"/plans?unit=", "\">下一页");
    let next = next.rsplit("href=\"").next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let next = if next.starts_with('/') { next } else { format!("/plans?unit={next}") };
    assert_eq!(superior.get(&next).await.text.matches("<tr id=").count(), 1);
    superior.get(&format!("/plans?unit={land}&month=2026-12&state=cancelled")).await.says("没有这样的预安项");
    // Frozen on 2 November, and the month began on Tuesday the first: fourteen working days until Monday the 21st.
    superior.get(&format!("/plans?unit={land}&month=2026-12&state=silent")).await.says("14 个工作日没有动静");
}

/// An item of 周敏 for a petition of 县自然资源局, in December.
async fn bound(county: &County) -> String {
    crate::petitions_acts::answered(county).await;
    let handler = county.signed_in("chengban").await;
    let fields = [("source", "petition"), ("petition", "攸信〔2026〕0001号"), ("standard", "罗新华签收")];
    propose(&handler, BOUND, &fields).await.is(303);
    let superior = county.signed_in("fenguan").await;
    let land = unit(county, "ZRZY").await;
    let item = path_of(&superior, &land, BOUND).await;
    freeze(&superior, &land).await.is(303);
    item
}

const BOUND: &str = "罗新华房屋鉴定答复";

#[tokio::test]
async fn another_post_in_the_unit_complained_of_keeps_from_the_item_until_it_is_left() {
    let county = County::new().await;
    let item = bound(&county).await;
    county.signed_in("ducha").await.get(&item).await.is(200);
    county
        .execute(
            "INSERT INTO recusal (id, petition, unit, reason, recorded_at)
             SELECT 1, p.id, u.id, 'complained_of', 0 FROM petition p, unit u WHERE u.code = 'LTA';
             INSERT INTO appointment (id, official, post, held_from)
             SELECT 7, o.id, p.id, '2026-01-01' FROM official o, post p
              WHERE o.number = 'ducha' AND p.code = 'DEMO-xiangzhen'",
        )
        .await;
    county.execute("UPDATE appointment SET held_to = '2026-12-31' WHERE id = 7").await;
    let card = county.count("SELECT id FROM petition").await;
    for day in ["2026-12-01", "2026-12-30"] {
        county.on(day);
        let checker = county.signed_in("ducha").await;
        checker.get(&item).await.is(404);
        checker.get(&format!("/petitions/{card}")).await.is(404);
    }
    // The last day was the one before.
    county.on("2026-12-31");
    let checker = county.signed_in("ducha").await;
    checker.get(&item).await.is(200);
    checker.get(&format!("/petitions/{card}")).await.is(200);
}

#[tokio::test]
async fn nobody_is_handed_a_petition_that_he_is_to_be_kept_from() {
    let county = County::new().await;
    crate::petitions_acts::answered(&county).await;
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'chengban'",
        )
        .await;
    let superior = county.signed_in("fenguan").await;
    let form = superior.get("/plans/items/new?month=2026-12").await;
    let appointment = form.text.split("\">周敏").next().unwrap().rsplit("value=\"").next().unwrap().to_owned();
    let fields = [("owner", appointment.as_str()), ("source", "petition"), ("petition", "攸信〔2026〕0001号")];
    propose(&superior, "房屋鉴定答复", &fields).await.is(422).says("应当回避");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item").await, 0);
    county.execute("DELETE FROM recusal").await;
    propose(&superior, "房屋鉴定答复", &fields).await.is(303);
}

#[tokio::test]
async fn ones_own_item_is_not_found_when_ones_unit_is_to_be_kept_from_it() {
    let county = County::new().await;
    let item = bound(&county).await;
    county.on("2026-12-01");
    let owner = county.signed_in("chengban").await;
    owner.get("/my-month").await.says(BOUND);
    county
        .execute(
            "INSERT INTO recusal (id, petition, unit, reason, recorded_at)
             SELECT 1, p.id, u.id, 'declared', 0 FROM petition p, unit u WHERE u.code = 'ZRZY'",
        )
        .await;
    owner.get("/my-month").await.is(200).keeps_from(BOUND);
    owner.get(&item).await.is(404);
}

#[tokio::test]
async fn a_settlement_counts_every_item_of_a_month_however_many() {
    let county = County::new().await;
    let _ = frozen(&county).await;
    county
        .execute(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000)
             INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added,
                                    proposed_by, version)
             SELECT i.id + n.n, i.plan, '攸预〔2026〕12-' || CAST(10000 + n.n AS TEXT), i.goal, i.standard, i.owner,
                    i.appointment, i.due_on, 1, 'own', 0, i.proposed_by, 1
               FROM plan_item i, n",
        )
        .await;
    let mut read = county.app.db.read().await.unwrap();
    let items = plans::items_for_pay(&mut read, &[owner_id(&county).await], december()).await.unwrap();
    assert_eq!(items.len(), 2_001);
}

#[tokio::test]
async fn an_item_names_its_petition_to_its_owner_and_to_those_who_find_the_petition() {
    let county = County::new().await;
    let item = bound(&county).await;
    let land = unit(&county, "ZRZY").await;
    county.on("2026-12-21");
    let owner = county.signed_in("chengban").await;
    act(&owner, &item, "account", &[("done_on", "2026-12-20"), ("content", "罗新华已签收鉴定报告")]).await.is(303);
    let plan = format!("/plans?unit={land}&month=2026-12");
    let card = format!("/petitions/{}", county.count("SELECT id FROM petition").await);
    for login in ["chengban", "fenguan", "ducha"] {
        let person = county.signed_in(login).await;
        person.get(&item).await.says("房屋鉴定答复").says("攸信〔2026〕0001号").says("已签收鉴定报告").says(&card);
        person.get(&plan).await.says("房屋鉴定答复");
    }
    // Whoever finds both, but sees names masked, reads them so here as well.
    owner.get(&item).await.says(BOUND).says("罗新华签收").says("罗新华已签收");
    for login in ["fenguan", "ducha"] {
        let person = county.signed_in(login).await;
        person.get(&item).await.says("罗某签收").says("罗某已签收").keeps_from("罗新华");
        person.get("/plans/waiting").await.keeps_from("罗新华");
        person.get(&item).await.keeps_from("/revision");
    }
    for login in ["renshi", "lingdao"] {
        let person = county.signed_in(login).await;
        for page in [&item, &plan] {
            let page = person.get(page).await;
            page.is(200).says("信访事项").says("攸预〔2026〕12-0001号").says("已述职");
            page.keeps_from("罗新华").keeps_from("攸信").keeps_from("鉴定").keeps_from(&card);
        }
    }
    let mut read = county.app.db.read().await.unwrap();
    let items = plans::items_for_pay(&mut read, &[owner_id(&county).await], december()).await.unwrap();
    assert_eq!((items.len(), items[0].goal.as_str()), (1, "信访事项"));
}

#[tokio::test]
async fn whoever_comes_too_late_finds_the_own_words_and_what_has_changed() {
    let county = County::new().await;
    let (item, _) = frozen(&county).await;
    let (owner, superior) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    let old = version(&county).await;
    let account = format!("{item}/account");
    let words = |text: &'static str| [("done_on", "2026-12-18"), ("content", text)];
    act(&owner, &item, "account", &words("验收单在办公室")).await.is(303);
    // The second click of the same form, and another text in a second window.
    let again =
        owner.post(&account, &[("version", &old), words("验收单在办公室")[0], words("验收单在办公室")[1]]).await;
    again.is(409).says("这一步已经办过了，没有重复办理").keeps_from("您刚才写的，没有提交");
    let other = owner.post(&account, &[("version", &old), words("照片三张")[0], words("照片三张")[1]]).await;
    other.is(409).says("别人刚刚办了一步，请核对后再提交").says("您刚才写的，没有提交").says("照片三张");

    act(&superior, &item, "return", &[("reason", "照片看不清")]).await.is(303);
    let sent = superior.post(&format!("{item}/return"), &[("version", &old), ("reason", "另一条理由")]).await;
    sent.is(409).says("别人刚刚办了一步").says("另一条理由");
    let back = owner.post(&account, &[("version", &old), words("补拍了照片")[0], words("补拍了照片")[1]]).await;
    back.is(409).says("请核对后再提交").says("补拍了照片</textarea>").says("value=\"2026-12-18\"");
    let hidden = back.hidden(&account);
    let new = hidden.iter().find(|(name, _)| name == "version").unwrap().1.clone();
    owner.post(&account, &[("version", &new), words("补拍了照片")[0], words("补拍了照片")[1]]).await.is(303);

    let waits = version(&county).await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    let twice = superior.post(&format!("{item}/cancellation"), &[("version", &waits)]).await;
    twice.is(409).says("这一步已经办过了");
    let done = version(&county).await;
    let page = superior.get(&item).await;
    let reversal = format!("/plans/cancellations/{}/reversal", page.between("/plans/cancellations/", "/reversal"));
    let why = [("version", done.as_str()), ("reason", "抽查不实")];
    superior.post(&reversal, &why).await.is(303);
    superior.post(&reversal, &why).await.is(409).says("这一步已经办过了");
    let reversed = version(&county).await;
    let why = [("version", reversed.as_str()), ("kind", "withdrawn"), ("reason", "任务取消")];
    superior.post(&format!("{item}/relief"), &why).await.is(303);
    superior.post(&format!("{item}/relief"), &why).await.is(409).says("这一步已经办过了");
    let late = owner.post(&account, &[("version", &reversed), words("又写一遍")[0], words("又写一遍")[1]]).await;
    late.is(409).says("又写一遍");
    let late = version(&county).await;
    let answer = owner.post(&account, &[("version", &late), words("再写一遍")[0], words("再写一遍")[1]]).await;
    answer.is(422).says("不用再述职").says("再写一遍");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_account").await, 2);
}

#[tokio::test]
async fn a_proposal_that_was_sent_back_meanwhile_keeps_what_is_being_written() {
    let county = County::new().await;
    let (owner, superior) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    propose(&owner, GOAL, &[]).await.is(303);
    let item = path_of(&owner, &unit(&county, "ZRZY").await, GOAL).await;
    let old = version(&county).await;
    act(&superior, &item, "return", &[("reason", "标准写清楚")]).await.is(303);
    let revision = format!("{item}/revision");
    let fields = |version: &str| {
        let fields =
            [("goal", "渠道清淤三公里验收"), ("standard", "验收单"), ("due_on", "2026-12-19"), ("weight", "3")];
        let more = [("source", "own"), ("month", "2026-12"), ("version", version)];
        fields.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |version: &str| {
        let fields = fields(version);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        owner.post(&revision, &fields).await
    };
    let back = send(&old).await;
    back.is(409).says("别人刚刚办了一步，请核对后再提交").says("渠道清淤三公里验收");
    let hidden = back.hidden(&revision);
    let new = hidden.iter().find(|(name, _)| name == "version").unwrap().1.clone();
    send(&new).await.is(303);
    // The second click: nothing is written twice, and the form says so.
    send(&new).await.is(409).says("渠道清淤三公里验收");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_revision").await, 1);
}
