//! C1 and C2: the year's days by rule, who receives, the published page and feed, key periods.

use crate::county::{Answer, County, Person};

/// A county whose days of this year and the next are made.
pub async fn with_days() -> County {
    let county = County::new().await;
    youzhi::receptions::keep(&county.app).await.unwrap();
    county
}

/// The id of a unit's day in a month.
pub async fn day(county: &County, unit: &str, month: &str) -> i64 {
    let mut read = county.app.db.read().await.unwrap();
    let (id,): (i64,) = sqlx::query_as(
        "SELECT d.id FROM reception_day d JOIN unit u ON u.id = d.unit WHERE u.code = $1 AND d.month = $2",
    )
    .bind(unit.to_owned())
    .bind(month.to_owned())
    .fetch_one(&mut *read)
    .await
    .unwrap();
    id
}

/// The id of an official of the cast.
pub async fn official(county: &County, login: &str) -> String {
    let mut read = county.app.db.read().await.unwrap();
    let (id,): (i64,) = sqlx::query_as("SELECT id FROM official WHERE number = $1")
        .bind(login.to_owned())
        .fetch_one(&mut *read)
        .await
        .unwrap();
    id.to_string()
}

/// Names who receives.
pub async fn arranged(officer: &Person<'_>, day: i64, leader: &str) -> Answer {
    let path = format!("/reception-days/{day}");
    officer.fill(&path, &format!("{path}/leader"), &[("leader", leader)]).await
}

#[tokio::test]
async fn the_days_are_made_by_rule_once_and_running_again_changes_nothing() {
    let county = with_days().await;
    let days = county.count("SELECT COUNT(*) FROM reception_day").await;
    // Seven units of the cast, November 2026 to December 2027.
    assert_eq!(days, 7 * 14);
    let records = county.count("SELECT COUNT(*) FROM chain_record").await;
    youzhi::receptions::keep(&county.app).await.unwrap();
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_day").await, days);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record").await, records, "nothing happened");
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_day WHERE sequence > 0").await, 0);
    // The 15th of November 2026 is a Sunday.
    let county_day = "SELECT COUNT(*) FROM reception_day WHERE kind = 'county' AND held_on = '2026-11-16'";
    assert_eq!(county.count(county_day).await, 1);
    let provisional = "SELECT COUNT(*) FROM reception_day WHERE provisional = 1 AND month >= '2027-01'";
    assert_eq!(county.count(provisional).await, 7 * 12, "2027 is not published");
}

#[tokio::test]
async fn a_day_that_is_past_is_neither_made_nor_touched() {
    let county = County::new().await;
    county.on("2026-11-12");
    youzhi::receptions::keep(&county.app).await.unwrap();
    let past = "SELECT COUNT(*) FROM reception_day WHERE held_on < '2026-11-12'";
    assert_eq!(county.count(past).await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_day WHERE month = '2026-11'").await, 1, "the county's own");
}

#[tokio::test]
async fn the_rota_names_heads_and_what_has_none_is_shown_as_a_gap() {
    let county = with_days().await;
    let officer = county.signed_in("xinfang").await;
    let sheet = officer.get("/reception-days/year?year=2027").await;
    sheet.is(200).says("陈新民").says("文立新").says("曾凡荣").says("暂定");
    // The cast has no county secretary and no county head: somebody has to be named.
    sheet.says("没有安排接访领导").says("县领导");
    officer.get("/reception-days").await.is(200).says("没有安排领导").says("2026 年 11 月");

    let id = day(&county, "XLD", "2026-11").await;
    let leader = official(&county, "lingdao").await;
    let stranger = official(&county, "chengban").await;
    arranged(&officer, id, &stranger).await.is(422).says("在任的干部");
    arranged(&officer, id, &leader).await.is(303);
    officer.get(&format!("/reception-days/{id}")).await.says("谢国华（副县长）");
    let stale = [("version", "1"), ("leader", leader.as_str())];
    officer.post(&format!("/reception-days/{id}/leader"), &stale).await.is(409);
    // What was arranged stays when the rule is applied again.
    youzhi::receptions::keep(&county.app).await.unwrap();
    officer.get(&format!("/reception-days/{id}")).await.says("谢国华（副县长）");
}

#[tokio::test]
async fn who_left_the_post_is_replaced_by_the_rota() {
    let county = with_days().await;
    county
        .execute(
            "UPDATE appointment SET held_to = '2026-12-01' WHERE official = (SELECT id FROM official WHERE number = 'zhenzhang')",
        )
        .await;
    youzhi::receptions::keep(&county.app).await.unwrap();
    let named = "SELECT COUNT(*) FROM reception_day d JOIN unit u ON u.id = d.unit
                  WHERE u.code = 'LTA' AND d.leader IS NOT NULL";
    assert_eq!(county.count(named).await, 1, "November, while he held the post");
}

#[tokio::test]
async fn anybody_reads_who_receives_when_and_where() {
    let county = with_days().await;
    let villager = county.villager();
    let page = villager.get("/receptions").await;
    page.is(200).says("莲塘坳镇").says("11 月 10 日 星期二").says("文立新（镇长）").says("上午8:30");
    page.says("莲塘坳镇信访接待室").keeps_from("暂定").keeps_from("县自然资源局");
    villager.get("/receptions?group=departments").await.says("陈新民（局长）").keeps_from("莲塘坳镇信访接待室");
    villager.get("/receptions?month=2027-01").await.says("暂定").says("2027 年 1 月 10 日");
    villager.get("/receptions?q=莲塘").await.says("莲塘坳镇").keeps_from("县自然资源局");
    villager.get("/receptions?q=没有这个").await.says("没有找到名称里有");

    let officer = county.signed_in("xinfang").await;
    let (unit, ..) = unit_of(&county, "LTA").await;
    let path = format!("/reception-units/{unit}");
    let site = [("place", "镇政府一楼群众来访大厅"), ("hours", "上午9:00—12:00"), ("phone", "0731-24000000")];
    officer.fill(&path, &format!("{path}/site"), &site).await.is(303);
    let wrong = [("phone", "打给老王")];
    officer.fill(&path, &format!("{path}/site"), &wrong).await.is(422).says("打给老王");
    let page = villager.get("/receptions").await;
    page.says("镇政府一楼群众来访大厅").says("上午9:00").says("0731-24000000");
    officer.post(&format!("{path}/site"), &[("version", "0"), ("place", "别处")]).await.is(409);
}

async fn unit_of(county: &County, code: &str) -> (i64, String) {
    let mut read = county.app.db.read().await.unwrap();
    sqlx::query_as("SELECT id, name FROM unit WHERE code = $1")
        .bind(code.to_owned())
        .fetch_one(&mut *read)
        .await
        .unwrap()
}

/// The lines of one event of the feed, unfolded.
fn event(feed: &Answer, uid: &str) -> String {
    let text = feed.text.replace("\r\n ", "");
    let at = text.find(&format!("UID:{uid}")).unwrap_or_else(|| panic!("no {uid} in {text}"));
    text[at..].split("END:VEVENT").next().unwrap().to_owned()
}

#[tokio::test]
async fn the_feed_keeps_its_uids_and_counts_every_change() {
    let county = with_days().await;
    let feed = county.villager().get("/receptions/calendar.ics?unit=XLD").await;
    feed.is(200);
    assert_eq!(feed.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(feed.text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
    assert!(feed.text.ends_with("END:VCALENDAR\r\n"));
    assert!(feed.text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
    assert_eq!(feed.text.matches("BEGIN:VEVENT").count(), 14);
    let before = event(&feed, "XLD-2026-11@receptions.youzhi");
    for part in
        ["SEQUENCE:0", "DTSTART;VALUE=DATE:20261116", "DTEND;VALUE=DATE:20261117", "STATUS:CONFIRMED", "DTSTAMP:"]
    {
        assert!(before.contains(part), "{part} in {before}");
    }
    assert!(event(&feed, "XLD-2027-03@receptions.youzhi").contains("STATUS:TENTATIVE"));
    let officer = county.signed_in("xinfang").await;
    let id = day(&county, "XLD", "2026-11").await;
    arranged(&officer, id, &official(&county, "lingdao").await).await.is(303);
    let feed = county.villager().get("/receptions/calendar.ics?unit=XLD").await;
    let after = event(&feed, "XLD-2026-11@receptions.youzhi");
    assert!(after.contains("SEQUENCE:1") && after.contains("谢国华"), "{after}");
    assert!(county.villager().get("/receptions/calendar.ics").await.text.contains("UID:LTA-2026-12@receptions.youzhi"));
}

#[tokio::test]
async fn notices_wait_for_the_leader_until_they_are_seen() {
    let county = with_days().await;
    let leader = county.signed_in("zhenzhang").await;
    leader.get("/reception-days").await.is(200).says("我的接访日").keeps_from("接访通知");
    county.on("2026-11-05");
    let id = day(&county, "LTA", "2026-11").await;
    let leader = county.signed_in("zhenzhang").await;
    leader.get("/reception-days").await.says("接访通知").keeps_from("预约名单");
    let officer = county.signed_in("xinfang").await;
    officer.get(&format!("/reception-days/{id}")).await.says("未看");
    let seen = format!("/reception-days/{id}/acknowledgment");
    leader.post(&seen, &[("what", "notice")]).await.is(303);
    leader.post(&seen, &[("what", "notice")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'reception_notice.seen'").await, 1);
    leader.get("/reception-days").await.keeps_from("接访通知");
    officer.get(&format!("/reception-days/{id}")).await.says("已看");
    county.on("2026-11-09");
    county.signed_in("zhenzhang").await.get("/reception-days").await.says("预约名单");
    // Whose day it is not does not find it.
    county.signed_in("fenguan").await.post(&seen, &[("what", "list")]).await.is(404);
    county.signed_in("xinfang").await.post(&seen, &[("what", "list")]).await.is(404);
}

#[tokio::test]
async fn a_leader_who_cannot_come_changes_days_with_the_next_month() {
    let county = with_days().await;
    let officer = county.signed_in("xinfang").await;
    let (november, december) = (day(&county, "LTA", "2026-11").await, day(&county, "LTA", "2026-12").await);
    let leader = county.signed_in("zhenzhang").await;
    let path = format!("/reception-days/{november}");
    let absence = format!("{path}/absence");
    let reason = [("reason", "省里开会")];
    leader.fill(&path, &absence, &reason).await.is(422).says("也是同一位领导").says("省里开会");
    arranged(&officer, december, &official(&county, "xiangzhen").await).await.is(303);
    leader.fill(&path, &absence, &[("reason", " ")]).await.is(422);
    leader.fill(&path, &absence, &reason).await.is(303);
    county.villager().get("/receptions").await.says("谭小雨（办点干部）").says("原定文立新");
    county.villager().get("/receptions?month=2026-12").await.says("文立新（镇长）");
    leader.get(&path).await.is(404);
    leader.get(&format!("/reception-days/{december}")).await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_absence").await, 1);
    // Four days before, it is too late to change by oneself.
    county.on("2026-12-06");
    let leader = county.signed_in("zhenzhang").await;
    leader.get(&format!("/reception-days/{december}")).await.keeps_from("与下月对调");
    let late = [("version", "3"), ("reason", "省里开会")];
    leader.post(&format!("/reception-days/{december}/absence"), &late).await.is(422).says("至少提前 5 日");
}

#[tokio::test]
async fn in_a_key_period_every_unit_has_a_leader_on_duty_and_gaps_are_shown() {
    let county = with_days().await;
    let officer = county.signed_in("xinfang").await;
    let wrong = [("name", "国庆"), ("from", "2026-12-07"), ("to", "2026-12-01")];
    officer.fill("/key-periods", "/key-periods", &wrong).await.is(422).says("止日不能早于起日").says("国庆");
    let period = [("name", "年末安全稳定"), ("from", "2026-12-01"), ("to", "2026-12-03")];
    let made = officer.fill("/key-periods", "/key-periods", &period).await;
    made.is(303);
    let path = made.location().to_owned();
    officer.get(&path).await.is(200).says("还空着 21 个班次");

    let head = county.signed_in("zhenzhang").await;
    head.get(&path).await.is(200).says("莲塘坳镇").keeps_from("县自然资源局").says("还空着 3 个班次");
    let (unit, _) = unit_of(&county, "LTA").await;
    let (other, _) = unit_of(&county, "ZRZY").await;
    head.get(&format!("{path}/units/{other}")).await.is(404);
    let roster = format!("{path}/units/{unit}");
    let (one, two) = (official(&county, "zhenzhang").await, official(&county, "xiangzhen").await);
    let stranger = official(&county, "chengban").await;
    head.fill(&roster, &roster, &[("official", &stranger)]).await.is(422).says("在任的干部");
    let turns = [("official", one.as_str()), ("official", two.as_str()), ("official", ""), ("turns", "1")];
    head.fill(&roster, &roster, &turns).await.is(303);
    head.get(&path).await.says("全部排满");
    assert_eq!(county.count("SELECT COUNT(*) FROM key_period_duty").await, 3);
    head.post(&roster, &[("version", "0"), ("official", &one)]).await.is(409);
    head.fill(&roster, &roster, &[("official", &one)]).await.is(303);
    head.get(&roster).await.says("还有 2 天没有人值班");
    // The petition office sees every unit, a township's head may not set a period.
    officer.get(&path).await.says("还空着 20 个班次");
    head.post("/key-periods", &[]).await.is(403);
}
