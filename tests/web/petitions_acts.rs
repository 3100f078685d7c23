//! C5 and C7: routing, handling, answering and closing a petition, by those whose turn it is.

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};

pub const CONTENT: &str = "住房墙体因附近采矿开裂，要求鉴定并补偿。";

/// Sends the form of an act from the card.
pub async fn act(person: &Person<'_>, card: &str, noun: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all = fields.to_vec();
    let mut today = String::new();
    if matches!(noun, "service" | "call-back" | "step") && !fields.iter().any(|(name, _)| *name == "on") {
        today = person.get(card).await.between("name=\"on\" required max=\"", "\"");
    }
    if !today.is_empty() {
        all.push(("on", &today));
    }
    person.fill(card, &format!("{card}/{noun}"), &all).await
}

/// Sends it and asserts that it was done.
pub async fn done(person: &Person<'_>, card: &str, noun: &str, fields: &[(&str, &str)]) {
    let answer = act(person, card, noun, fields).await;
    assert_eq!(answer.status.as_u16(), 303, "{noun}: {}", answer.words());
}

/// The id of the choice with a label on a page.
pub fn choice(page: &Answer, label: &str) -> String {
    let before = page.text.split(&format!("\">{label}")).next().unwrap();
    before.rsplit("value=\"").next().unwrap().to_owned()
}

/// Gives a claim of branch 6 to the land bureau.
pub async fn assigned(officer: &Person<'_>, card: &str) {
    done(officer, card, "classification", &[("category", "claim"), ("branch", "6")]).await;
    let unit = choice(&officer.get(card).await, "县自然资源局");
    done(officer, card, "assignment", &[("unit", &unit), ("content", "请调查核实")]).await;
}

pub const OPINION: [(&str, &str); 5] = [
    ("outcome", "supported"),
    ("request", "鉴定并补偿房屋损失"),
    ("facts", "经鉴定，开裂与采矿有关。"),
    ("basis", "《中华人民共和国矿产资源法》第三十六条"),
    ("reply", "由矿方补偿修缮费用，三十日内付清。"),
];

/// Brings a petition to its answer, served: registered on 2 November 2026, answered on the 20th.
pub async fn answered(county: &County) -> String {
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    answer(county, &card).await;
    card
}

/// The same for a petition that is registered already.
pub async fn answer(county: &County, card: &str) {
    issued(county, card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, card, "service", &[("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
}

/// Brings a registered petition to an answer that nobody has served yet.
pub async fn issued(county: &County, card: &str) {
    assigned(&county.signed_in("xinfang").await, card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, card, "acceptance", &[("content", "由周敏承办")]).await;
    done(&handler, card, "service", &[("paper", "notice"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
    county.on("2026-11-20");
    let handler = county.signed_in("chengban").await;
    done(&handler, card, "step", &[("content", "现场调查，走访 6 户")]).await;
    let page = handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await;
    assert_eq!(page.status.as_u16(), 303, "{}", page.words());
}

#[tokio::test]
async fn a_matter_goes_from_the_window_to_its_seal() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;

    let page = officer.get(&card).await;
    page.says("已答复").says("走访 6 户").says("出具处理意见书：予以支持").says("罗新华 签收");
    let paper = officer.get(&format!("{card}/opinion")).await;
    paper.is(200).says("请求复查").says("第三十五条").says("由矿方补偿修缮费用").says("2026年11月20日");

    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "已收到补偿，满意")]).await;
    county.on("2026-11-24");
    let other = county.signed_in("xinfang2").await;
    done(&other, &card, "closure", &[("resolution", "resolved")]).await;
    other.get(&card).await.says("已化解").says("已销号").says("满意");
    assert_eq!(county.count("SELECT COUNT(*) FROM closure").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.closed'").await, 1);
}

#[tokio::test]
async fn the_clocks_follow_dispatch_acceptance_and_service() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let clock = |kind: &str| {
        let county = &county;
        let kind = kind.to_owned();
        async move {
            let mut read = county.app.db.read().await.unwrap();
            let row: (String, String, String) = sqlx::query_as(
                "SELECT runs_from, COALESCE(due_on, ''), COALESCE(stopped_on, '') FROM clock WHERE kind = $1",
            )
            .bind(kind)
            .fetch_one(&mut *read)
            .await
            .unwrap();
            row
        }
    };
    let is = |row: (String, String, String), expected: (&str, &str, &str)| {
        assert_eq!((row.0.as_str(), row.1.as_str(), row.2.as_str()), expected);
    };
    // Dispatched, accepted and told on Monday 2 November; answered on the 20th.
    is(clock("registration").await, ("2026-11-02", "2026-11-17", "2026-11-02"));
    is(clock("notice").await, ("2026-11-02", "2026-11-17", "2026-11-02"));
    is(clock("objection").await, ("2026-11-02", "2026-11-09", "2026-11-02"));
    // Sixty days end on Friday 1 January 2027, whose arrangement nobody has published.
    is(clock("handling").await, ("2026-11-02", "2027-01-01", "2026-11-20"));
    is(clock("review-request").await, ("2026-11-20", "2026-12-21", ""));
    officer.get(&card).await.says("第三十四条").says("第三十五条").says("11 月 20 日 完成");
}

#[tokio::test]
async fn one_key_does_not_close() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let other = county.signed_in("xinfang2").await;
    other.get(&card).await.keeps_from("办结销号</summary>");
    let version = other.get(&card).await.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("resolution", "answered")];
    other.post(&format!("{card}/closure"), &fields).await.is(422).says("还不能办结");
    done(&officer, &card, "call-back", &[("reached", "0"), ("content", "电话没有人接")]).await;
    other.get(&card).await.keeps_from("办结销号</summary>");
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&other, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn nothing_closes_before_the_opinion_is_served_whoever_signed() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    issued(&county, &card).await;
    done(&county.signed_in("xinfang").await, &card, "acknowledgment", &[]).await;
    let other = county.signed_in("xinfang2").await;
    let page = other.get(&card).await;
    page.keeps_from("办结销号</summary>");
    let version = page.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("resolution", "answered")];
    other.post(&format!("{card}/closure"), &fields).await.is(422).says("处理意见书还没有送达");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on IS NULL").await, 1);
    let paper = [("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")];
    done(&county.signed_in("chengban").await, &card, "service", &paper).await;
    done(&other, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn confirming_by_the_code_serves_an_opinion_that_no_paper_brought() {
    use youzhi::chain::Actor;
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    issued(&county, &card).await;
    let villager = county.villager();
    villager.post("/track", &[("code", &code)]).await.is(200).says("书面答复：予以支持").says("由矿方补偿修缮费用");
    county.on("2026-11-23");
    let id: i64 = card.rsplit('/').next().unwrap().parse().unwrap();
    let mut write = county.app.db.write().await.unwrap();
    youzhi::petitions::acknowledge(&mut write, &county.app, id, Actor::NOBODY).await.unwrap();
    write.commit().await.unwrap();
    let stopped = "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on = '2026-11-23'";
    assert_eq!(county.count(stopped).await, 1);
    let started = "SELECT COUNT(*) FROM clock WHERE kind = 'review-request' AND runs_from = '2026-11-23'";
    assert_eq!(county.count(started).await, 1);
    county.signed_in("chengban").await.get(&card).await.keeps_from("送达处理意见书");
    let other = county.signed_in("xinfang2").await;
    done(&other, &card, "closure", &[("resolution", "answered")]).await;
    assert_eq!(
        county.count("SELECT COUNT(*) FROM clock WHERE kind = 'review-request' AND stopped_on IS NULL").await,
        1
    );
}

#[tokio::test]
async fn the_handler_never_closes_even_with_the_petition_offices_role() {
    let county = County::new().await;
    let card = answered(&county).await;

    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'petition_officer' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'chengban';
             INSERT INTO acknowledgment (petition, given_on) SELECT id, '2026-11-21' FROM petition",
        )
        .await;
    let handler = county.signed_in("chengban").await;
    let page = handler.get(&card).await;
    page.keeps_from("办结销号</summary>").keeps_from("回访</summary>");
    let version = page.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("resolution", "resolved")];
    handler.post(&format!("{card}/closure"), &fields).await.is(422).says("承办人");
    let other = county.signed_in("xinfang2").await;
    done(&other, &card, "closure", &[("resolution", "resolved")]).await;
}

#[tokio::test]
async fn whoever_registered_it_saw_the_code_and_needs_a_call_back_by_another() {
    let county = County::new().await;
    let card = answered(&county).await;
    county.execute("INSERT INTO acknowledgment (petition, given_on) SELECT id, '2026-11-20' FROM petition").await;
    let (registrar, other) = (county.signed_in("xinfang").await, county.signed_in("xinfang2").await);
    done(&registrar, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    let page = registrar.get(&card).await;
    page.keeps_from("办结销号</summary>");
    let version = page.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("resolution", "resolved")];
    registrar.post(&format!("{card}/closure"), &fields).await.is(422).says("您登记了这件事");
    other.get(&card).await.says("办结销号</summary>");
    done(&other, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&registrar, &card, "closure", &[("resolution", "resolved")]).await;
}

#[tokio::test]
async fn a_report_goes_to_the_organ_of_discipline_and_not_to_a_unit() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "反映某单位干部收受好处。").await);
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    done(&officer, &card, "classification", &[("category", "report")]).await;
    let page = officer.get(&card).await;
    page.says("县纪委监委").keeps_from("主办单位<select");
    let version = page.between("name=\"version\" value=\"", "\"");
    let unit = county.count("SELECT id FROM unit WHERE code = 'CZJ'").await.to_string();
    let fields = [("version", version.as_str()), ("part", "lead"), ("unit", unit.as_str())];
    officer.post(&format!("{card}/assignment"), &fields).await.is(422).says("应当转送");
    let accused = act(&officer, &card, "forwarding", &[("organ", "县自然资源局"), ("content", "请处理")]).await;
    accused.is(422).says("不得转给");
    done(&officer, &card, "forwarding", &[("organ", "县纪委监委"), ("content", "请依纪依法处理")]).await;
    officer.get(&card).await.says("已转送").says("转送县纪委监委");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL").await, 0);
}

#[tokio::test]
async fn a_claim_of_another_procedure_is_forwarded() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "工资拖欠，要求仲裁。").await);
    act(&officer, &card, "classification", &[("category", "claim"), ("branch", "")]).await.is(422).says("第三十一条");
    done(&officer, &card, "classification", &[("category", "claim"), ("branch", "2")]).await;
    officer.get(&card).await.says("仲裁院").keeps_from("主办单位<select");
}

#[tokio::test]
async fn the_same_form_twice_is_stale() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    let version = officer.get(&card).await.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("category", "suggestion")];
    officer.post(&format!("{card}/classification"), &fields).await.is(303);
    officer.post(&format!("{card}/classification"), &fields).await.is(409);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.classified'").await, 1);
}

#[tokio::test]
async fn only_the_lead_unit_accepts() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let version = officer.get(&card).await.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("content", "我们来办")];
    // The petition office has no such action; a helper finds the card and still may not.
    officer.post(&format!("{card}/acceptance"), &fields).await.is(403);
    let unit = choice(&officer.get(&card).await, "莲塘坳镇");
    done(&officer, &card, "assignment", &[("unit", &unit), ("part", "help")]).await;
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'handler' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'xiangzhen'",
        )
        .await;
    let helper = county.signed_in("xiangzhen").await;
    let page = helper.get(&card).await;
    page.is(200).says("请协办莲塘坳镇").keeps_from("受理</summary>");
    let version = county.count("SELECT version FROM petition").await.to_string();
    let fields = [("version", version.as_str()), ("content", "我们来办")];
    helper.post(&format!("{card}/acceptance"), &fields).await.is(422).says("只有主办单位");
}

#[tokio::test]
async fn an_objection_within_five_working_days_brings_it_back() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    // Five working days from Monday the 2nd end on Monday the 9th.
    county.on("2026-11-10");
    county.signed_in("chengban").await.get(&card).await.is(200).keeps_from("提出异议</summary>");
    county.on("2026-11-09");
    let handler = county.signed_in("chengban").await;
    let officer = county.signed_in("xinfang").await;
    done(&handler, &card, "objection", &[("content", "属于住建部门职责")]).await;
    handler.get(&card).await.keeps_from("受理</summary>");
    done(&officer, &card, "taking-back", &[]).await;
    let page = officer.get(&card).await;
    page.says("待交办").says("属于住建部门职责").says("已收回").says("县信访局");
    handler.get(&card).await.is(404);
    // The papers are back on the 9th: fifteen days to dispose of them end on Tuesday the 24th.
    let again = "SELECT COUNT(*) FROM clock WHERE kind = 'registration' AND runs_from = '2026-11-09'
                  AND due_on = '2026-11-24' AND stopped_on IS NULL";
    assert_eq!(county.count(again).await, 1);
    county.on("2026-11-22");
    county.signed_in("xinfang").await.get("/petitions?tab=soon").await.says("0001号").says("还有 2 天");
    let unit = choice(&county.signed_in("xinfang").await.get(&card).await, "县财政局");
    done(&county.signed_in("xinfang").await, &card, "assignment", &[("unit", &unit)]).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'registration' AND stopped_on IS NULL").await, 0);
}

#[tokio::test]
async fn the_head_extends_once_by_thirty_days_at_most_and_the_due_day_moves() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    county.on("2026-09-01");
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    // Sixty days from 1 September end on Saturday 31 October: Monday 2 November.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-11-02'").await, 1);
    let head = county.signed_in("fenguan").await;
    let reason = ("content", "需要第二次鉴定");
    act(&head, &card, "extension", &[("days", "31"), reason]).await.is(422).says("1 至 30 日").says("需要第二次鉴定");
    done(&head, &card, "extension", &[("days", "30"), reason]).await;
    // Ninety days end on Monday 30 November.
    assert_eq!(
        county
            .count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-11-30' AND extension = 30")
            .await,
        1
    );
    head.get(&card).await.keeps_from("批准延期</summary>").says("延期 30 日");
    handler.get(&card).await.says("送达延期告知书");
}

#[tokio::test]
async fn an_anonymous_petition_needs_no_notice_and_closes_on_its_opinion_by_another() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [("channel", "letter"), ("content", "垃圾站无人清理"), ("place", "阳升观村"), ("people", "1")];
    let card = card_of(&officer.fill("/petitions/new", "/petitions", &fields).await);
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    handler.get(&card).await.keeps_from("送达受理告知书");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'notice' AND stopped_on IS NOT NULL").await, 1);
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await.is(303);
    act(&officer, &card, "closure", &[("resolution", "resolved")]).await.is(422).says("没有信访人本人的意见");
    done(&officer, &card, "closure", &[("resolution", "answered")]).await;
}

#[tokio::test]
async fn a_bound_leader_finds_the_case_and_gives_evidence_of_the_five_duties() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let leader = county.signed_in("lingdao").await;
    leader.get(&card).await.is(404);
    let id = choice(&officer.get(&card).await, "谢国华");
    act(&officer, &card, "binding", &[("leader", &id), ("on", "2026-11-02")]).await.is(422).says("今天以后");
    done(&officer, &card, "binding", &[("leader", &id), ("on", "2026-12-20")]).await;
    let step = [("content", "带队实地查看"), ("duty", "investigated")];
    done(&leader, &card, "step", &step).await;
    leader.get(&card).await.says("包调查 带队实地查看 11 月 2 日").says("包案：谢国华").says("期限 12 月 20 日");
    done(&officer, &card, "unbinding", &[]).await;
    leader.get(&card).await.is(404);
    officer.get(&card).await.says("已结束");
}

#[tokio::test]
async fn the_petitioner_confirms_adds_and_rates_by_the_code() {
    use youzhi::chain::Actor;
    use youzhi::petitions;
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    let id: i64 = card.rsplit('/').next().unwrap().parse().unwrap();
    let app = &county.app;
    let mut read = app.db.read().await.unwrap();
    let view = petitions::public_view(&mut read, app, id).await.unwrap();
    assert_eq!((view.state, view.may_acknowledge, view.may_rate), ("待交办", false, false));
    assert_eq!(view.deadline.unwrap().due.unwrap().to_string(), "2026-11-17");
    let mut write = app.db.write().await.unwrap();
    assert!(petitions::acknowledge(&mut write, app, id, Actor::NOBODY).await.is_err());
    assert!(petitions::rate(&mut write, app, id, Actor::NOBODY, 5, "").await.is_err());
    petitions::supplement(&mut write, app, id, Actor::NOBODY, "又裂了一道缝").await.unwrap();
    write.commit().await.unwrap();
    drop(read);

    let answered = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let id: i64 = answered.rsplit('/').next().unwrap().parse().unwrap();
    let mut write = app.db.write().await.unwrap();
    petitions::acknowledge(&mut write, app, id, Actor::NOBODY).await.unwrap();
    assert!(petitions::acknowledge(&mut write, app, id, Actor::NOBODY).await.is_err(), "once");
    petitions::rate(&mut write, app, id, Actor::NOBODY, 4, "办得快").await.unwrap();
    assert!(petitions::rate(&mut write, app, id, Actor::NOBODY, 1, "").await.is_err(), "once");
    write.commit().await.unwrap();
    let mut read = app.db.read().await.unwrap();
    let view = petitions::public_view(&mut read, app, id).await.unwrap();
    let steps: Vec<&str> = view.steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(steps[0], "您的评价：满意");
    assert!(steps.contains(&"分给县自然资源局办理"), "{steps:?}");
    assert!(view.next.contains("12 月 21 日"), "{}", view.next);
    let told = format!("{view:?}");
    for name in ["周敏", "肖文"] {
        assert!(!told.contains(name), "{name} in {told}");
    }
    officer.get(&answered).await.says("凭查询码确认").says("信访人已评价 · 满意");
    done(&county.signed_in("xinfang2").await, &answered, "closure", &[("resolution", "resolved")]).await;
}

#[tokio::test]
async fn names_and_numbers_are_masked_by_role() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "罗新华反映：住房墙体开裂").await);
    officer.get(&card).await.says("罗新华").says("13812345678");
    let supervisor = county.signed_in("ducha").await;
    let page = supervisor.get(&card).await;
    page.is(200).says("罗某").keeps_from("罗新华").keeps_from("13812345678");
    supervisor.get("/petitions").await.says("罗某").keeps_from("罗新华");
    // Two representatives, and the title names the second.
    let fields = [
        ("channel", "visit"),
        ("content", "和谭永清一起反映水渠不通"),
        ("place", "阳升观村"),
        ("people", "2"),
        ("name", "罗新华"),
        ("name", "谭永清"),
    ];
    officer.fill("/petitions/new", "/petitions", &fields).await.is(200);
    supervisor.get("/petitions").await.says("谭某").keeps_from("谭永清");
    county.on("2026-11-16");
    for path in ["/overview", "/my-month"] {
        let page = county.signed_in("ducha").await.get(path).await;
        page.is(200).says("罗某反映").says("谭某一起反映").keeps_from("罗新华").keeps_from("谭永清");
        county.signed_in("xinfang").await.get(path).await.says("罗新华反映").says("谭永清");
    }
    // Whoever writes an entry and sees names masked chooses a case by a masked title.
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'township_official' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'ducha'",
        )
        .await;
    let writer = county.signed_in("ducha").await;
    writer.get("/entries/new").await.says("罗某反映").keeps_from("罗新华").keeps_from("谭永清");
}

#[tokio::test]
async fn closing_a_case_proposes_the_cancellation_of_its_plan_item_and_cancels_nothing() {
    let county = County::new().await;
    let card = answered(&county).await;
    county
        .execute(
            "INSERT INTO plan (id, unit, month, frozen_on, frozen_by)
             SELECT 1, u.id, '2026-11', '2026-11-01', o.id FROM unit u, official o
              WHERE u.code = 'ZRZY' AND o.number = 'fenguan';
             INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, petition,
                                    added, proposed_by, version)
             SELECT 1, 1, '攸预〔2026〕11-0001号', '化解房屋开裂', '信访人确认', a.official, a.id, '2026-11-30', 10, 'petition',
                    p.id, 0, a.official, 1
               FROM petition p, appointment a JOIN official o ON o.id = a.official WHERE o.number = 'chengban'",
        )
        .await;
    let officer = county.signed_in("xinfang").await;
    done(&officer, &card, "call-back", &[("reached", "1"), ("content", "满意")]).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_account").await, 0);
    county.on("2026-11-27");
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "resolved")]).await;
    // Answered and served on the 20th: the week until somebody closed it is not the owner's.
    let proposed = "SELECT COUNT(*) FROM plan_account WHERE item = 1 AND proposed = 1 AND done_on = '2026-11-20'";
    assert_eq!(county.count(proposed).await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM cancellation").await, 0);
}

#[tokio::test]
async fn a_step_is_an_entry_of_its_writer_dated_at_most_a_week_back() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    let step = [("content", "电话了解情况"), ("on", "2026-10-25")];
    act(&handler, &card, "step", &step).await.is(422).says("7 天").says("电话了解情况");
    done(&handler, &card, "step", &[("content", "电话了解情况"), ("on", "2026-10-26")]).await;
    handler.get("/entries").await.says("电话了解情况");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.step'").await, 1);
}
