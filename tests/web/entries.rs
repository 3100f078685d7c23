//! Write once (B2, D5): one entry, and everything that it counts for.

use crate::county::{Answer, County, Person};

/// A village with two groups and five households; `cun` is assigned to it.
pub async fn village(county: &County) {
    county
        .execute(
            "INSERT INTO division (code, parent, name, initials, kind, valid_from) VALUES
                ('43022312520902', '430223125209', '2组', '2z', 'group', '2019-01-01'),
                ('43022312520904', '430223125209', '4组', '4z', 'group', '2019-01-01');
             INSERT INTO household (id, division, village, number, head, people, valid_from, valid_to) VALUES
                (101, '43022312520904', '430223125209', '0418001', '罗新华', 4, '2019-01-01', NULL),
                (102, '43022312520902', '430223125209', '0218002', '罗新民', 3, '2019-01-01', NULL),
                (103, '43022312520904', '430223125209', '0418003', '谭四秀', 2, '2019-01-01', NULL),
                (104, '43022312520904', '430223125209', '0418004', '文国强', 5, '2019-01-01', NULL),
                (105, '43022312520904', '430223125209', '0418005', '刘家祥', 1, '2019-01-01', '2026-06-01'),
                (201, '430223125210', '430223125210', '0518001', '罗新雨', 3, '2019-01-01', NULL);
             INSERT INTO village_assignment (id, official, village, held_from)
                SELECT 9001, id, '430223125209', '2024-01-01' FROM official WHERE number = 'cun'",
        )
        .await;
    reconciled(county).await;
}

/// Counts the households of every village, as the daily keeping does.
pub async fn reconciled(county: &County) {
    let mut write = county.app.db.write().await.unwrap();
    youzhi::duties::reconcile(&mut write, county.today().year(), county.today()).await.unwrap();
    write.commit().await.unwrap();
}

/// Writes an entry through its form and gives what the form answered.
pub async fn wrote(person: &Person<'_>, fields: &[(&str, &str)]) -> Answer {
    person.fill("/entries/new", "/entries", fields).await
}

/// A visit that is written down, and the entry's page.
pub async fn visited(person: &Person<'_>, household: &str, result: &str, content: &str) -> (String, Answer) {
    let fields =
        [("kind", "visit"), ("household", household), ("result", result), ("content", content), ("on", "2026-11-02")];
    let answer = wrote(person, &fields).await;
    answer.is(303);
    let path = answer.location().to_owned();
    let page = person.get(&path).await;
    page.is(200);
    (path, page)
}

#[tokio::test]
async fn one_visit_is_the_years_duty_a_note_and_a_record_in_the_chain() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let (_, page) = visited(&cun, "罗新华", "met", "屋后排水沟堵了，下雨往屋里灌。").await;
    page.says("这一笔算在了").says("阳升观村今年走访 1 / 4 户").says("民情 1 条").says("2027-05-01");
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment WHERE subject = 101 AND period = '2026'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM note").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'entry.recorded'").await, 1);
    cun.get("/entries").await.is(200).says("罗新华").says("排水沟");
}

#[tokio::test]
async fn a_second_visit_of_the_year_changes_nothing_and_the_page_says_so() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    visited(&cun, "0418001", "met", "").await;
    let (_, page) = visited(&cun, "0418001", "met", "").await;
    page.says("今年 2026-11-02 已经走访过");
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment").await, 1);
    assert_eq!(county.count("SELECT fulfilled FROM duty_coverage WHERE village = '430223125209'").await, 1);
}

#[tokio::test]
async fn nobody_home_is_recorded_and_the_duty_stays_open() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    for result in ["nobody_home", "away", "refused"] {
        let (_, page) = visited(&cun, "谭四秀", result, "").await;
        page.says("不算走访到户，也不算谁的过失");
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment").await, 0);
    cun.get("/duties/villages/430223125209").await.says("还没去到").says("2026-11-02 不愿谈");
}

#[tokio::test]
async fn the_same_key_is_taken_once_also_when_both_arrive_together() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    // A phone makes its own key, and may send again what it does not know to have arrived.
    let fields = [
        ("key", "7f1c2d34-5e6a-4b8c-9d0e-112233445566"),
        ("kind", "visit"),
        ("household_id", "101"),
        ("result", "met"),
        ("on", "2026-11-02"),
        ("content", "说了一句"),
    ];
    let (one, two) = tokio::join!(cun.post("/entries", &fields), cun.post("/entries", &fields));
    assert_eq!((one.is(303).location(), 1), (two.is(303).location(), 1));
    assert_eq!(cun.post("/entries", &fields).await.location(), one.location());
    for table in ["SELECT COUNT(*) FROM entry", "SELECT COUNT(*) FROM note", "SELECT COUNT(*) FROM duty_fulfilment"] {
        assert_eq!(county.count(table).await, 1, "{table}");
    }
    let refused = cun.post("/entries", &[("key", "short"), fields[1], fields[2], fields[3], fields[4]]).await;
    refused.is(400);
}

#[tokio::test]
async fn a_typed_name_resolves_or_is_offered_as_a_choice_and_nothing_typed_is_lost() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let several =
        [("kind", "visit"), ("household", "罗新"), ("result", "met"), ("content", "水沟"), ("on", "2026-11-02")];
    let page = wrote(&cun, &several).await;
    page.is(422).says("请选一户").says("罗新华").says("罗新民").says("水沟").keeps_from("罗新雨");
    let picked = [("household_id", "102"), several[0], several[1], several[2], several[3], several[4]];
    wrote(&cun, &picked).await.is(303);
    assert_eq!(county.count("SELECT household FROM entry").await, 102);
    for (typed, problem) in [("罗", "至少填两个字"), ("王某某", "没有找到这一户"), ("", "请填写去了哪一户")]
    {
        let fields = [("kind", "visit"), ("household", typed), ("result", "met"), ("on", "2026-11-02")];
        wrote(&cun, &fields).await.is(422).says(problem);
    }
    wrote(&cun, &[("kind", "visit"), ("household", "0418003"), ("on", "2026-11-02")]).await.is(422).says("见到了没有");
}

#[tokio::test]
async fn an_entry_may_be_dated_back_seven_days_and_no_more() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    for (on, problem) in [("2026-11-03", "还没有发生"), ("2026-10-25", "7 天以内"), ("昨天", "日期请写成")]
    {
        let fields = [("kind", "visit"), ("household_id", "101"), ("result", "met"), ("on", on)];
        wrote(&cun, &fields).await.is(422).says(problem);
    }
    wrote(&cun, &[("kind", "visit"), ("household_id", "101"), ("result", "met"), ("on", "2026-10-26")]).await.is(303);
}

#[tokio::test]
async fn a_visit_of_december_written_in_january_counts_for_december() {
    let county = County::new().await;
    village(&county).await;
    county.on("2027-01-02");
    let cun = county.signed_in("cun").await;
    let fields = [("kind", "visit"), ("household_id", "101"), ("result", "met"), ("on", "2026-12-30")];
    let answer = wrote(&cun, &fields).await;
    answer.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment WHERE period = '2026'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment WHERE period = '2027'").await, 0);
    cun.get(answer.location()).await.says("阳升观村2026 年走访 1 / 4 户");
}

/// An item of `cun` for November: thirty households.
async fn planned(county: &County) {
    county
        .execute(
            "INSERT INTO plan (id, unit, month) SELECT 501, id, '2026-11' FROM unit WHERE code = 'LTA';
             INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, duty,
                                    target, added, proposed_by, version)
                SELECT 601, 501, '攸预〔2026〕11-0418号', '走访农户 30 户', '见到人', o.id, a.id, '2026-11-30', 10,
                       'duty', 'B2', 30, 0, o.id, 1
                  FROM official o JOIN appointment a ON a.official = o.id WHERE o.number = 'cun'",
        )
        .await;
}

#[tokio::test]
async fn a_visit_brings_the_writers_plan_item_forward_by_counting_households() {
    let county = County::new().await;
    village(&county).await;
    planned(&county).await;
    let cun = county.signed_in("cun").await;
    let (_, page) = visited(&cun, "罗新华", "met", "").await;
    page.says("攸预〔2026〕11-0418号").says("本月见到 1 / 30 户");
    let (_, again) = visited(&cun, "罗新华", "met", "").await;
    again.keeps_from("0418号");
    let (_, other) = visited(&cun, "罗新民", "met", "").await;
    other.says("本月见到 2 / 30 户");
    let (_, away) = visited(&cun, "谭四秀", "away", "").await;
    away.keeps_from("0418号");
}

#[tokio::test]
async fn what_concerns_a_case_is_a_step_on_it_for_those_who_may_find_it() {
    let county = County::new().await;
    village(&county).await;
    let officer = county.signed_in("xinfang").await;
    let receipt = super::petitions::registered(&officer, "住房墙体因采矿开裂，要求补偿。").await;
    let step = [("kind", "case_step"), ("case", "1"), ("content", "到现场看了墙体"), ("on", "2026-11-02")];
    // The rules of the card's own form: nothing is handled before it is given to a unit.
    wrote(&officer, &step).await.is(422).says("待交办").says("还不能办这一步").says("到现场看了墙体");
    super::petitions_acts::assigned(&officer, &super::petitions::card_of(&receipt)).await;
    let answer = wrote(&officer, &step).await;
    officer.get(answer.is(303).location()).await.says("攸信〔2026〕0001号").says("办案 1 次");
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE petition IS NOT NULL").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.step'").await, 1);
    // The leader is bound to nothing: to that post the number is one that does not exist.
    wrote(&county.signed_in("lingdao").await, &step).await.is(422).says("没有找到这件");
    // A village official whose township has no part in it finds none, and the form does not ask.
    let cun = county.signed_in("cun").await;
    cun.get("/entries/new").await.is(200).keeps_from("涉及哪件信访");
}

#[tokio::test]
async fn what_was_said_about_a_case_is_kept_from_those_who_may_not_find_the_case() {
    let county = County::new().await;
    village(&county).await;
    let officer = county.signed_in("xinfang").await;
    let receipt = super::petitions::registered(&officer, "住房墙体因采矿开裂，要求补偿。").await;
    super::petitions_acts::assigned(&officer, &super::petitions::card_of(&receipt)).await;
    let fields = [
        ("kind", "visit"),
        ("household_id", "101"),
        ("result", "met"),
        ("case", "攸信〔2026〕0001号"),
        ("content", "说了镇里干部的事"),
        ("on", "2026-11-02"),
    ];
    let path = wrote(&officer, &fields).await.is(303).location().to_owned();
    officer.get("/notes").await.says("镇里干部的事");
    let mayor = county.signed_in("zhenzhang").await;
    mayor.get("/notes").await.is(200).keeps_from("镇里干部的事");
    mayor.get("/households/101").await.is(200).keeps_from("镇里干部的事");
    mayor.get(&path).await.is(404);
}

#[tokio::test]
async fn an_entry_withdrawn_on_its_day_counts_for_nothing_and_the_next_visit_takes_its_place() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let (first, _) = visited(&cun, "罗新华", "met", "记错了户").await;
    let (second, _) = visited(&cun, "罗新华", "met", "").await;
    let withdrawal = format!("{first}/withdrawal");
    cun.post(&withdrawal, &[("reason", " ")]).await.is(422).says("请写明为什么撤回");
    cun.post(&withdrawal, &[("reason", "去的是另一户")]).await.is(303);
    cun.get(&first).await.says("已撤回").says("去的是另一户");
    cun.get("/notes?mine=1").await.keeps_from("记错了户");
    let second = second.rsplit('/').next().unwrap().parse::<i64>().unwrap();
    assert_eq!(county.count("SELECT entry FROM duty_fulfilment").await, second);
    assert_eq!(county.count("SELECT fulfilled FROM duty_coverage WHERE village = '430223125209'").await, 1);
    cun.post(&withdrawal, &[("reason", "再撤一次")]).await.is(409);
    cun.post(&format!("/entries/{second}/withdrawal"), &[("reason", "也错了")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM duty_fulfilment").await, 0);
    assert_eq!(county.count("SELECT fulfilled FROM duty_coverage WHERE village = '430223125209'").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'entry.withdrawn'").await, 2);
}

#[tokio::test]
async fn nobody_withdraws_the_next_day_nor_what_another_wrote() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let (path, _) = visited(&cun, "罗新华", "met", "").await;
    let withdrawal = format!("{path}/withdrawal");
    county.signed_in("xiangzhen").await.post(&withdrawal, &[("reason", "替他撤")]).await.is(404);
    county.on("2026-11-03");
    let cun = county.signed_in("cun").await;
    cun.post(&withdrawal, &[("reason", "昨天记错")]).await.is(422).says("只能在记下的当天撤回");
    cun.get(&path).await.is(200).keeps_from("撤回这一笔");
    assert_eq!(county.count("SELECT COUNT(*) FROM entry_withdrawal").await, 0);
}

#[tokio::test]
async fn an_officials_own_entries_come_fifty_a_page_newest_first() {
    let county = County::new().await;
    village(&county).await;
    county
        .execute(
            "INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, content)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 51)
             SELECT 700 + i, 'meeting', '2026-11-01', 0, o.id, a.id, '430223125209', '第' || i || '次会'
               FROM n, official o JOIN appointment a ON a.official = o.id WHERE o.number = 'cun'",
        )
        .await;
    let cun = county.signed_in("cun").await;
    let first = cun.get("/entries").await;
    first.is(200).says("第51次会").says("第2次会").keeps_from("第1次会");
    cun.get("/entries?before=702").await.says("第1次会").keeps_from("第2次会");
    cun.get("/entries?kind=visit").await.keeps_from("第51次会");
}

#[tokio::test]
async fn an_official_of_two_villages_meets_at_the_township_unless_a_village_is_said() {
    let county = County::new().await;
    village(&county).await;
    county
        .execute(
            "INSERT INTO village_assignment (id, official, village, held_from)
             SELECT 9002, id, '430223125210', '2024-01-01' FROM official WHERE number = 'cun'",
        )
        .await;
    let cun = county.signed_in("cun").await;
    cun.get("/entries/new").await.says("您负责的 2 个村今年走访 0 / 5 户").says("不填就是莲塘坳镇");
    wrote(&cun, &[("kind", "meeting"), ("content", "镇里开会"), ("on", "2026-11-02")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE division = '430223125'").await, 1);
    let fields = [("kind", "meeting"), ("place", "廖公"), ("content", "开村民会"), ("on", "2026-11-02")];
    wrote(&cun, &fields).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE division = '430223125210'").await, 1);
}

#[tokio::test]
async fn from_one_visit_a_village_official_gives_duty_progress_note_and_step() {
    use super::petitions_acts::{choice, done};
    let county = County::new().await;
    village(&county).await;
    planned(&county).await;
    let officer = county.signed_in("xinfang").await;
    let card = super::petitions::card_of(&super::petitions::registered(&officer, "罗新华反映房屋开裂").await);
    super::petitions_acts::assigned(&officer, &card).await;
    let cun = county.signed_in("cun").await;
    cun.get("/entries/new").await.keeps_from("涉及哪件信访");
    // The bureau asks the township for help: its people see the case where they write, with the name masked.
    let town = choice(&officer.get(&card).await, "莲塘坳镇");
    done(&officer, &card, "assignment", &[("unit", &town), ("part", "help")]).await;
    cun.get("/entries/new").await.says("涉及哪件信访").says("罗某反映房屋开裂").keeps_from("罗新华反映");
    let visit = [
        ("kind", "visit"),
        ("household_id", "101"),
        ("result", "met"),
        ("case", "攸信〔2026〕0001号"),
        ("content", "看了裂缝，一指宽"),
        ("on", "2026-11-02"),
    ];
    let path = wrote(&cun, &visit).await.is(303).location().to_owned();
    let page = cun.get(&path).await;
    page.says("阳升观村今年走访 1 / 4 户")
        .says("本月见到 1 / 30 户")
        .says("民情 1 条")
        .says("攸信〔2026〕0001号 办案 1 次");
    page.keeps_from(&format!("href=\"{card}\""));
    officer.get(&card).await.says("看了裂缝，一指宽").says("丁一");
    // Writing is all: the card itself and the ledger stay closed to the post.
    cun.get(&card).await.is(403);
    cun.get("/petitions").await.is(403);
    county.signed_in("xiangzhen").await.get("/entries/new").await.says("罗某反映房屋开裂");
}

#[tokio::test]
async fn a_village_official_finds_no_case_of_another_village_nor_one_to_be_kept_from() {
    use super::petitions_acts::{choice, done};
    let county = County::new().await;
    village(&county).await;
    let officer = county.signed_in("xinfang").await;
    let card = super::petitions::card_of(&super::petitions::registered(&officer, "房屋开裂要求补偿").await);
    super::petitions_acts::assigned(&officer, &card).await;
    let town = choice(&officer.get(&card).await, "莲塘坳镇");
    done(&officer, &card, "assignment", &[("unit", &town), ("part", "help")]).await;
    let step = [("kind", "case_step"), ("case", "1"), ("content", "到现场看了"), ("on", "2026-11-02")];
    county.execute("UPDATE village_assignment SET village = '430223125210'").await;
    let cun = county.signed_in("cun").await;
    cun.get("/entries/new").await.keeps_from("房屋开裂");
    wrote(&cun, &step).await.is(422).says("没有找到这件").says("到现场看了");
    county.execute("UPDATE village_assignment SET village = '430223125209'").await;
    cun.get("/entries/new").await.says("房屋开裂");
    done(&officer, &card, "recusal", &[("official", "cun")]).await;
    cun.get("/entries/new").await.keeps_from("房屋开裂");
    wrote(&cun, &step).await.is(422).says("没有找到这件");
}

#[tokio::test]
async fn a_visit_after_the_cancellation_of_its_item_counts_for_it_neither_then_nor_later() {
    let county = County::new().await;
    village(&county).await;
    planned(&county).await;
    let cun = county.signed_in("cun").await;
    let (first, page) = visited(&cun, "罗新华", "met", "").await;
    page.says("0418号");
    county
        .execute(
            "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
             SELECT 701, 601, '2026-11-02', '都走到了', 0, '2026-11-02', owner FROM plan_item WHERE id = 601",
        )
        .await;
    let mut write = county.app.db.write().await.unwrap();
    sqlx::query(
        "INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by)
         SELECT $1, 601, 701, '2026-11-02', '2026-11-02', id FROM official WHERE number = 'zhenzhang'",
    )
    .bind(county.app.id())
    .execute(&mut *write)
    .await
    .unwrap();
    write.commit().await.unwrap();
    let (_, after) = visited(&cun, "罗新民", "met", "").await;
    after.keeps_from("0418号");
    cun.get(&first).await.says("0418号");
}

#[tokio::test]
async fn a_step_from_the_room_of_petitions_is_an_entry_on_one_of_the_five_duties() {
    use super::petitions_acts::{act, choice, done};
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = super::petitions::registered(&officer, "住房墙体因采矿开裂，要求补偿。").await;
    let card = super::petitions::card_of(&receipt);
    let id = choice(&officer.get(&card).await, "谢国华");
    done(&officer, &card, "binding", &[("leader", &id), ("on", "2026-12-20")]).await;
    let leader = county.signed_in("lingdao").await;
    done(&leader, &card, "step", &[("content", "当面答复"), ("duty", "explained")]).await;
    leader.get("/entries").await.says("当面答复");
    // Nobody else handles it yet, and so nobody else has a step to record.
    let page = officer.get(&card).await;
    page.keeps_from("记一次办理</summary>");
    let version = page.between("name=\"version\" value=\"", "\"");
    let step = [("version", version.as_str()), ("content", "没有这件"), ("on", "2026-11-02")];
    officer.post(&format!("{card}/step"), &step).await.is(403);
    act(&leader, &card, "step", &[("content", "太早的"), ("on", "2026-10-01")]).await.is(422).says("7 天");
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE duty = 'explained' AND kind = 'case_step'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.step'").await, 1);
}

#[tokio::test]
async fn a_meeting_is_where_the_writer_says_within_the_scope() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let meeting = |place| [("kind", "meeting"), ("place", place), ("content", "开了村民会"), ("on", "2026-11-02")];
    wrote(&cun, &meeting("")).await.is(303);
    wrote(&cun, &meeting("廖公村")).await.is(422).says("在您负责的范围内没有找到");
    wrote(&cun, &[("kind", "errand"), ("content", ""), ("on", "2026-11-02")]).await.is(422).says("请写一句");
    assert_eq!(county.count("SELECT COUNT(*) FROM entry WHERE division = '430223125209'").await, 1);
}
