//! C5 and G4: what stands still, what moves when working days become known, and what nobody can turn back.

use crate::county::{County, Person};
use crate::imports::imported;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, act, answered, assigned, done};

/// A claim of branch 6 that the land bureau accepted on 2 November 2026: its sixty days end on 1 January 2027.
async fn accepted(county: &County) -> String {
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    done(&county.signed_in("chengban").await, &card, "acceptance", &[("content", "由周敏承办")]).await;
    card
}

/// The days of rest of 2027 as a notice might give them: New Year, Spring Festival, the first days of May.
fn arrangement() -> String {
    const SOURCE: &str = "《国务院办公厅关于2027年部分节假日安排的通知》";
    let days = (1..=3).map(|day| (1, day, "元旦")).chain((6..=12).map(|day| (2, day, "春节")));
    let days = days.chain((1..=5).map(|day| (5, day, "劳动节")));
    let mut rows = vec!["日期,休或班,节日,出处".to_owned()];
    rows.extend(days.map(|(month, day, holiday)| format!("2027-{month:02}-{day:02},休,{holiday},{SOURCE}")));
    rows.push(format!("2027年1月9日,班,元旦,{SOURCE}\n"));
    rows.join("\n")
}

async fn publish(officer: &Person<'_>, rows: &str) {
    imported(officer, "working_days", "all", "放假安排.csv", rows.as_bytes()).await.1.is(200).says("新增");
}

#[tokio::test]
async fn the_arrangement_of_a_year_moves_the_open_clocks_and_says_so() {
    let county = County::new().await;
    let card = accepted(&county).await;
    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.says("2027 年 1 月 1 日（暂定）");
    publish(&county.signed_in("xitong").await, &arrangement()).await;

    // New Year's Day rests, and the Saturday and Sunday after it: Monday the 4th.
    let due = "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2027-01-04' AND provisional = 0";
    assert_eq!(county.count(due).await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM clock_move").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'clock.moved'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'calendar.recorded'").await, 1);
    let page = officer.get(&card).await;
    page.says("2027 年 1 月 4 日").keeps_from("暂定").says("顺延至2027-01-04");
    page.says(
        "办理期限重算：2027-01-01 → 2027-01-04（2027 年放假安排公布：《国务院办公厅关于2027年部分节假日安排的通知》）",
    );

    // Again, and nothing is left to do.
    assert_eq!(youzhi::petitions::recount(&county.app).await.unwrap(), 0);
    publish_same(&county.signed_in("xitong").await).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM clock_move").await, 1);
    officer.get("/values").await.says("2027").says("15 天").says("已用");
}

async fn publish_same(officer: &Person<'_>) {
    imported(officer, "working_days", "all", "放假安排.csv", arrangement().as_bytes()).await.1.says("没有变化");
}

#[tokio::test]
async fn a_recount_that_was_killed_half_way_does_the_rest_and_nothing_twice() {
    let county = County::new().await;
    accepted(&county).await;
    accepted(&county).await;
    publish(&county.signed_in("xitong").await, &arrangement()).await;
    // As if the second clock's write had never come.
    county
        .execute(
            "UPDATE clock SET due_on = '2027-01-01', provisional = 1
              WHERE id = (SELECT MAX(id) FROM clock WHERE kind = 'handling');
             DELETE FROM clock_move WHERE clock = (SELECT MAX(id) FROM clock WHERE kind = 'handling')",
        )
        .await;
    assert_eq!(youzhi::petitions::recount(&county.app).await.unwrap(), 1);
    assert_eq!(youzhi::petitions::recount(&county.app).await.unwrap(), 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM clock_move").await, 2);
    assert_eq!(county.count("SELECT COUNT(DISTINCT clock) FROM clock_move").await, 2);
}

#[tokio::test]
async fn a_clock_in_working_days_gets_its_day_and_one_that_ended_keeps_what_was_said() {
    let county = County::new().await;
    county.on("2026-12-25");
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'objection' AND due_on IS NULL").await, 1);
    publish(&county.signed_in("xitong").await, &arrangement()).await;
    // 28 to 31 December, and Monday 4 January.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'objection' AND due_on = '2027-01-04'").await, 1);
    officer.get(&card).await.says("异议期限重算：待定 → 2027-01-04");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock_move WHERE was_due IS NULL").await, 1);
    let ended = "SELECT COUNT(*) FROM clock_move m JOIN clock k ON k.id = m.clock WHERE k.stopped_on IS NOT NULL";
    assert_eq!(county.count(ended).await, 0);
}

#[tokio::test]
async fn half_an_arrangement_publishes_nothing_and_a_past_year_stays_as_it_was() {
    let county = County::new().await;
    let card = accepted(&county).await;
    let system = county.signed_in("xitong").await;
    publish(&system, "日期,休或班,节日,出处\n2027-01-01,休,元旦,《通知》\n2027-01-02,休,元旦,《通知》\n").await;
    county.signed_in("xinfang").await.get(&card).await.says("暂定");
    assert_eq!(county.count("SELECT COUNT(*) FROM clock_move").await, 0);
    system.get("/values").await.says("不全，没有用");
    let past = "日期,休或班,节日,出处\n2025-12-31,休,元旦,《通知》\n";
    let (path, page) = imported(&system, "working_days", "all", "放假安排.csv", past.as_bytes()).await;
    page.says("1 行不合要求");
    system.get(&format!("{path}/refused")).await.says("过去年份的安排不能再改");
}

/// The county's document: the time of a hearing is left out of handling too.
const DOCUMENT: &str =
    "名称,生效日期,值,出处\nclock.handling.excluded,2026-01-01,\"\"\"听证\"\"\",《县信访听证办法》第九条\n";

#[tokio::test]
async fn a_hearing_stops_handling_where_the_countys_document_says_so_and_nowhere_else() {
    let county = County::new().await;
    county.on("2026-09-01");
    let card = accepted(&county).await;
    let handler = county.signed_in("chengban").await;
    handler.get(&card).await.keeps_from("登记听证</summary>");
    let version = handler.get(&card).await.between("name=\"version\" value=\"", "\"");
    let hearing = [("on", "2026-09-10"), ("until", "2026-09-12"), ("content", "就补偿标准举行听证")];
    let forced = [&hearing[..], &[("version", version.as_str())]].concat();
    handler
        .post(&format!("{card}/hearing"), &forced)
        .await
        .is(422)
        .says("没有因听证可以停下的期限")
        .says("就补偿标准举行听证");

    let system = county.signed_in("xitong").await;
    imported(&system, "values", "all", "规定值.csv", DOCUMENT.as_bytes()).await.1.says("新增 1 行");
    // Sixty days from 1 September end on Saturday 31 October, and so on Monday 2 November.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-11-02'").await, 1);
    county.on("2026-09-14");
    let handler = county.signed_in("chengban").await;
    for (wrong, part) in [
        ([("on", "2026-09-12"), ("until", "2026-09-10")], "不能早于起日"),
        ([("on", "2026-09-01"), ("until", "2026-09-03")], "应在期限开始"),
        ([("on", "2026-09-10"), ("until", "2026-10-10")], "一次最多登记 30 日"),
        ([("on", "2026-11-03"), ("until", "2026-11-03")], "不能再停"),
    ] {
        let fields = [&wrong[..], &[("content", "听证")]].concat();
        act(&handler, &card, "hearing", &fields).await.is(422).says(part);
    }
    done(&handler, &card, "hearing", &hearing).await;
    // Three days more end on Tuesday 3 November.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-11-03'").await, 1);
    let page = handler.get(&card).await;
    page.says("2026-09-10至2026-09-12听证，3日不计入").says("《县信访听证办法》第九条");
    page.says("听证：9 月 10 日至 9 月 12 日 不计入办理期限").says("就补偿标准举行听证 · 周敏");
    // An overlapping one adds only what is new, and an extension keeps both.
    done(&handler, &card, "hearing", &[("on", "2026-09-12"), ("until", "2026-09-13"), ("content", "续开")]).await;
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-11-04'").await, 1);
    done(&county.signed_in("fenguan").await, &card, "extension", &[("days", "30"), ("content", "需要第二次鉴定")])
        .await;
    // Ninety days and four.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND due_on = '2026-12-04'").await, 1);
    county.on("2026-12-05");
    let late = [("on", "2026-12-01"), ("until", "2026-12-02"), ("content", "补记")];
    let handler = county.signed_in("chengban").await;
    act(&handler, &card, "hearing", &late).await.is(422).says("期限已过");
    assert_eq!(county.count("SELECT COUNT(*) FROM suspension").await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.heard'").await, 2);
}

#[tokio::test]
async fn a_hearing_in_the_re_review_is_left_out_by_law_and_a_stranger_records_none() {
    let county = County::new().await;
    let card = answered(&county).await;
    county
        .execute(
            "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional)
             SELECT 1, id, 're-review', '2026-11-20', '2026-12-21', 0 FROM petition",
        )
        .await;
    let hearing = [("on", "2026-12-01"), ("until", "2026-12-03"), ("content", "复核听证")];
    done(&county.signed_in("xinfang").await, &card, "hearing", &hearing).await;
    // Thirty days from 20 November end on Sunday 20 December; with three more on Wednesday the 23rd.
    assert_eq!(county.count("SELECT COUNT(*) FROM clock WHERE id = 1 AND due_on = '2026-12-23'").await, 1);
    county.signed_in("xinfang").await.get(&card).await.says("《信访工作条例》第三十六条").says("不计入复核期限");
    county.signed_in("lingdao").await.post(&format!("{card}/hearing"), &hearing).await.is(403);
}
