//! C3 and C4: booking a place, the talk, the case that comes of it, the register.

use youzhi::chain::{seal, verify};

use crate::county::{Answer, County, Person};
use crate::receptions_days::{arranged, day, official, with_days};

const MATTER: &str = "村道塌方三个月没有人修，学生上学要绕路。";

/// Books on the public page.
async fn booked(villager: &Person<'_>, day: i64, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/receptions/{day}/booking");
    let mut all = fields.to_vec();
    for (name, value) in [("name", "罗新华"), ("phone", "13812345678"), ("matter", MATTER)] {
        if !fields.iter().any(|(given, _)| *given == name) {
            all.push((name, value));
        }
    }
    villager.fill(&path, &path, &all).await
}

fn code_of(receipt: &Answer) -> String {
    receipt.between("class=\"code\">", "<")
}

/// Sends the form of the desk as a browser does: with what it is filled in with, and with what is typed over it.
async fn talk(officer: &Person<'_>, day: i64, at: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/reception-days/{day}");
    let page = officer.get(&format!("{path}/desk{at}")).await;
    let form = page.between(&format!("action=\"{path}/receptions\">"), "</form>");
    let mut all: Vec<(String, String)> = Vec::new();
    for tag in form.split("<input ").skip(1).filter(|tag| !tag.starts_with("type=\"checkbox\"")) {
        let of = |name: &str| tag.split_once(&format!("{name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap());
        all.push((of("name").unwrap().to_owned(), of("value").unwrap_or_default().to_owned()));
    }
    let matter = form.split_once("name=\"matter\"").unwrap().1.split_once('>').unwrap().1.split('<').next().unwrap();
    all.push(("matter".to_owned(), matter.to_owned()));
    all.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
    let all: Vec<(&str, &str)> =
        all.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(fields.iter().copied()).collect();
    officer.post(&format!("{path}/receptions"), &all).await
}

async fn one(county: &County, sql: &'static str) -> String {
    let mut read = county.app.db.read().await.unwrap();
    let (text,): (String,) = sqlx::query_as(sql).fetch_one(&mut *read).await.unwrap();
    text
}

#[tokio::test]
async fn a_villager_books_a_place_and_follows_it_with_the_code() {
    let county = with_days().await;
    let villager = county.villager();
    let id = day(&county, "LTA", "2026-11").await;
    let receipt = booked(&villager, id, &[]).await;
    receipt.is(200).says("1 号").says("11 月 10 日 星期二").says("文立新");
    let code = code_of(&receipt);
    assert_eq!(code.len(), 19);
    booked(&villager, id, &[("name", "易春兰")]).await.says("2 号");
    // Phone and code lie nowhere in clear.
    if let Some(folder) = county.folder() {
        for file in std::fs::read_dir(folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for secret in ["13812345678", &code, &code.replace('-', "")] {
                assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret}");
            }
        }
    }
    villager.post("/bookings", &[("code", &code.to_lowercase())]).await.is(200).says("1 号").says("已预约");
    villager.post("/bookings", &[("code", "0000-0000-0000-0000")]).await.is(422).says("没有查到");
    villager.post("/bookings/cancellation", &[("code", &code)]).await.is(200).says("已经取消");
    villager.post("/bookings/cancellation", &[("code", &code)]).await.is(422);
    let officer = county.signed_in("xinfang").await;
    let page = officer.get(&format!("/reception-days/{id}")).await;
    page.says("罗新华").says("已取消").says("易春兰").says("1 批待接");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'reception_day.read'").await, 1);
}

#[tokio::test]
async fn the_second_click_books_once_and_a_wrong_form_keeps_what_was_typed() {
    let county = with_days().await;
    let villager = county.villager();
    let id = day(&county, "LTA", "2026-11").await;
    let path = format!("/receptions/{id}/booking");
    let key = villager.get(&path).await.hidden(&path).into_iter().find(|(name, _)| name == "key").unwrap().1;
    let first = booked(&villager, id, &[("key", &key)]).await;
    let second = booked(&villager, id, &[("key", &key)]).await;
    assert_eq!(first.words(), second.words());
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_booking").await, 1);
    let wrong = booked(&villager, id, &[("name", ""), ("phone", "12"), ("reference", "我的信")]).await;
    wrong.is(422).says("请填写姓名").says("手机号应是 11 位").says("\"12\"").says("我的信").says(MATTER);
    booked(&villager, id, &[("reference", "0000-0000-0000-0000")]).await.is(422).says("没有查到这个查询码");
    // A number is taken as typed: the page does not tell which numbers exist.
    booked(&villager, id, &[("reference", "2026-9999")]).await.is(200);
}

#[tokio::test]
async fn a_full_day_and_the_day_itself_take_no_booking() {
    let county = with_days().await;
    let villager = county.villager();
    let id = day(&county, "LTA", "2026-11").await;
    county
        .execute(
            "INSERT INTO policy_value (id, name, holds_from, value, source)
             VALUES (1, 'reception.capacity.count', '2026-01-01', '1', '《通知》')",
        )
        .await;
    youzhi::values::load(&county.app).await.unwrap();
    let receipt = booked(&villager, id, &[]).await;
    let path = format!("/receptions/{id}/booking");
    villager.get(&path).await.is(200).says("已经约满");
    villager.get("/receptions").await.says("已约满");
    let key = youzhi::web::forms::new_key();
    let late = [("key", key.as_str()), ("name", "易春兰"), ("matter", MATTER)];
    villager.post(&path, &late).await.is(422).says("已经约满").says("易春兰");
    // A place that was given up is free again; its number is not given to another.
    villager.post("/bookings/cancellation", &[("code", &code_of(&receipt))]).await.is(200);
    villager.post(&path, &late).await.is(200).says("2 号");
    county.on("2026-11-10");
    villager.get(&path).await.is(200).says("直接来就行");
}

#[tokio::test]
async fn a_day_that_moved_tells_those_who_booked() {
    let county = with_days().await;
    let id = day(&county, "LTA", "2026-12").await;
    county.execute("UPDATE reception_day SET held_on = '2026-12-09' WHERE month = '2026-12'").await;
    let code = code_of(&booked(&county.villager(), id, &[]).await);
    county.villager().post("/bookings", &[("code", &code)]).await.keeps_from("日子改了");
    youzhi::receptions::keep(&county.app).await.unwrap();
    let page = county.villager().post("/bookings", &[("code", &code)]).await;
    page.is(200).says("日子改了").says("原定 12 月 9 日").says("12 月 10 日");
    county.signed_in("xinfang").await.get(&format!("/reception-days/{id}")).await.says("改期");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'reception_day.moved'").await, 7);
}

#[tokio::test]
async fn whoever_is_complained_of_finds_no_booking() {
    let county = with_days().await;
    let villager = county.villager();
    let id = day(&county, "LTA", "2026-11").await;
    let page = villager.get(&format!("/receptions/{id}/booking")).await;
    let unit = |label: &str| {
        page.text.split(&format!("\">{label}</option>")).next().unwrap().rsplit("value=\"").next().unwrap().to_owned()
    };
    booked(&villager, id, &[("against_unit", &unit("莲塘坳镇"))]).await.is(422).says("就是这个单位");
    booked(&villager, id, &[("against_official", "文立新")]).await.is(422).says("接访的领导");
    booked(&villager, id, &[("against_unit", &unit("县信访局")), ("name", "欧阳晖")]).await.is(200);
    let path = format!("/reception-days/{id}");
    let kept = county.signed_in("xinfang").await;
    kept.get(&path).await.is(200).keeps_from("欧阳").says("还没有人预约");
    // A count tells as well.
    let counted = "data-label=\"预约\">1<";
    kept.get("/reception-days").await.is(200).keeps_from(counted);
    county.signed_in("ducha").await.get("/reception-days").await.says(counted);
    county.signed_in("zhenzhang").await.get(&path).await.is(200).says("欧阳晖");
    // Supervision finds it, and sees the name masked.
    county.signed_in("ducha").await.get(&path).await.is(200).says("欧阳某").keeps_from("欧阳晖");
}

#[tokio::test]
async fn a_clerk_writes_down_what_is_said_and_the_next_person_follows() {
    let county = with_days().await;
    let id = day(&county, "LTA", "2026-11").await;
    let receipt = booked(&county.villager(), id, &[]).await;
    booked(&county.villager(), id, &[("name", "易春兰"), ("phone", "")]).await.is(200);
    let officer = county.signed_in("xinfang").await;
    let settled = [("result", "settled"), ("answer", "本周内派人清理")];
    talk(&officer, id, "?walk_in=1", &settled).await.is(422).says("还没有到接访日").says("本周内派人清理");
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let desk = officer.get(&format!("/reception-days/{id}/desk")).await;
    desk.is(200).says("1 号 网上预约").says("13812345678").says("待接 2");
    talk(&officer, id, "", &[("result", "settled"), ("answer", "")]).await.is(422).says("请写下答复了什么");
    let done = talk(&officer, id, "", &settled).await;
    done.is(303);
    let next = officer.get(done.location()).await;
    next.says("已记下：罗新华，当场答复").says("2 号 网上预约").says("易春兰");
    county.villager().post("/bookings", &[("code", &code_of(&receipt))]).await.says("已接待");
    // Somebody who did not book and gives no name is received all the same.
    let walk_in = [("matter", "问医保怎么报销"), ("result", "settled"), ("answer", "去镇便民中心办")];
    talk(&officer, id, "?walk_in=1", &walk_in).await.is(303);
    officer.get(&format!("/reception-days/{id}")).await.says("未留姓名").says("当天来访");
    // The same person cannot be written down twice.
    let (booking, version) =
        (one(&county, "SELECT CAST(id AS TEXT) FROM reception_booking WHERE queue = 1").await, "2");
    let key = youzhi::web::forms::new_key();
    let again = [
        ("key", key.as_str()),
        ("booking", &booking),
        ("version", version),
        ("name", "罗新华"),
        ("matter", MATTER),
        ("result", "settled"),
        ("answer", "又答复"),
    ];
    officer.post(&format!("/reception-days/{id}/receptions"), &again).await.is(422).says("已经登记过了");
}

#[tokio::test]
async fn the_next_day_opens_with_what_the_last_one_left_unfinished() {
    let county = with_days().await;
    let (november, december) = (day(&county, "LTA", "2026-11").await, day(&county, "LTA", "2026-12").await);
    for name in ["罗新华", "易春兰", "贺建军"] {
        booked(&county.villager(), november, &[("name", name)]).await.is(200);
    }
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    talk(&officer, november, "", &[("result", "settled"), ("answer", "已经解释清楚")]).await.is(303);
    talk(&officer, november, "", &[("result", "continued"), ("answer", "等鉴定结果")]).await.is(303);
    county.on("2026-12-10");
    let officer = county.signed_in("xinfang").await;
    let page = officer.get(&format!("/reception-days/{december}")).await;
    page.says("上次没有办完的").says("易春兰").says("上次：等鉴定结果").says("贺建军").keeps_from("罗新华");
    let desk = officer.get(&format!("/reception-days/{december}/desk")).await;
    desk.says("11 月 10 日没有办完的").says("易春兰");
    talk(&officer, december, "", &[("result", "settled"), ("answer", "鉴定结果已告知")]).await.is(303);
    let page = officer.get(&format!("/reception-days/{december}")).await;
    page.says("上次未办完").says("鉴定结果已告知").says("贺建军").keeps_from("上次：等鉴定结果");
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_booking WHERE continues IS NOT NULL").await, 1);
}

#[tokio::test]
async fn what_is_not_settled_becomes_a_case_bound_to_the_leader_who_received() {
    let county = with_days().await;
    let id = day(&county, "XLD", "2026-11").await;
    county.on("2026-11-16");
    let officer = county.signed_in("xinfang").await;
    let case =
        [("result", "case"), ("name", "罗新华"), ("phone", "13812345678"), ("matter", MATTER), ("place", "阳升观村")];
    talk(&officer, id, "?walk_in=1", &case).await.is(422).says("还没有安排接访领导").says("阳升观村");
    arranged(&officer, id, &official(&county, "lingdao").await).await.is(303);
    talk(&officer, id, "?walk_in=1", &[("result", "case"), ("matter", MATTER)]).await.is(422).says("哪个乡镇");
    let form = officer.get(&format!("/reception-days/{id}/desk?walk_in=1")).await;
    let hidden = form.hidden(&format!("/reception-days/{id}/receptions"));
    let key = hidden.into_iter().find(|(name, _)| name == "key").unwrap().1;
    let keyed = [&case[..], &[("key", key.as_str())]].concat();
    let made = officer.post(&format!("/reception-days/{id}/receptions"), &keyed).await;
    made.is(200).says("攸信〔2026〕0001号").says("包案");
    let code = code_of(&made);
    let second = officer.post(&format!("/reception-days/{id}/receptions"), &keyed).await;
    second.is(200).says("攸信〔2026〕0001号").says(&code);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition WHERE channel = 'visit'").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception WHERE bound = 1").await, 1);
    // The clock of any visit: fifteen days from the 16th end on 1 December.
    let card = made.between("<a class=\"btn\" href=\"", "\"");
    let leader = county.signed_in("lingdao").await;
    leader.get(&card).await.is(200).says("罗新华").says("谢国华").says("12 月 1 日");
    county.villager().post("/track", &[("code", &code)]).await.is(200).says("攸信〔2026〕0001号");
    // The leader's own view: the day, who came, what came of it.
    leader.get("/reception-days").await.says("11 月 16 日");
    leader.get(&format!("/reception-days/{id}")).await.is(200).says("转为信访件").says("攸信〔2026〕0001号");
    leader.get("/reception-days/register").await.says("罗新华").says("已包案");
    seal(&county.app.db).await.unwrap();
    assert!(verify::walk(&county.app.db).await.unwrap().broken.is_none());
}

#[tokio::test]
async fn a_leader_who_cannot_be_bound_is_named_and_an_earlier_petition_is_not_registered_twice() {
    let county = with_days().await;
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let id = day(&county, "ZRZY", "2026-11").await;
    let case = [("result", "case"), ("name", "罗新华"), ("matter", MATTER), ("place", "阳升观村")];
    let made = talk(&officer, id, "?walk_in=1", &case).await;
    made.is(200).says("没有包案").says("陈新民");
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 0);
    // The person is found by two characters, and what comes next goes to the petition that is there.
    let found = officer.get(&format!("/reception-days/{id}/desk?q=罗新")).await;
    found.says("攸信〔2026〕0001号").says("是这位");
    let person = found.between("desk?person=", "\"");
    let desk = officer.get(&format!("/reception-days/{id}/desk?person={person}")).await;
    desk.says("以前来过：攸信〔2026〕0001号");
    let more = [("matter", "还是那条村道"), ("result", "case")];
    let joined = talk(&officer, id, &format!("?person={person}"), &more).await;
    joined.is(200).says("记入原信访件").says("攸信〔2026〕0001号");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception WHERE result = 'case'").await, 2);
}

#[tokio::test]
async fn a_case_against_the_clerks_own_unit_goes_elsewhere_and_is_found_no_more() {
    let county = with_days().await;
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let id = day(&county, "LTA", "2026-11").await;
    let office = one(&county, "SELECT CAST(id AS TEXT) FROM unit WHERE code = 'XFJ'").await;
    let case = [
        ("result", "case"),
        ("name", "欧阳晖"),
        ("matter", "信访局压件不办"),
        ("place", "阳升观村"),
        ("against_unit", &office),
    ];
    let made = talk(&officer, id, "?walk_in=1", &case).await;
    made.is(200).says("没有包案").says("已转由别的单位处理").keeps_from("打开卡片");
    officer.get(&format!("/reception-days/{id}")).await.keeps_from("欧阳晖");
    officer.get("/reception-days/register").await.keeps_from("欧阳晖");
    county.signed_in("ducha").await.get("/petitions?tab=all").await.says("攸信〔2026〕0001号");
}

#[tokio::test]
async fn the_register_is_filtered_masked_and_leaves_as_a_typed_file() {
    let county = with_days().await;
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    for (unit, name, phone) in [("LTA", "罗新华", "13812345678"), ("ZRZY", "易春兰", "")] {
        let id = day(&county, unit, "2026-11").await;
        let fields = [
            ("name", name),
            ("phone", phone),
            ("sex", "female"),
            ("age", "５６"),
            ("address", "阳升观村三组"),
            ("matter", MATTER),
            ("result", "settled"),
            ("answer", "本周内派人清理"),
            ("urgent", "1"),
        ];
        talk(&officer, id, "?walk_in=1", &fields).await.is(303);
    }
    let all = officer.get("/reception-days/register").await;
    all.says("罗新华").says("女，56 岁").says("13812345678").says("阳升观村三组").says("紧急").says("镇长");
    for (q, here, not) in
        [("罗新", "罗新华", "易春兰"), ("138 1234 5678", "罗新华", "易春兰"), ("易春", "易春兰", "罗新华")]
    {
        let query = youzhi::web::forms::url_encode(q);
        officer.get(&format!("/reception-days/register?q={query}")).await.says(here).keeps_from(not);
    }
    officer.get("/reception-days/register?year=2025").await.says("没有找到");
    let masked = county.signed_in("ducha").await.get("/reception-days/register").await;
    masked.says("罗某").keeps_from("罗新华").keeps_from("13812345678").keeps_from("阳升观村三组");
    // A head sees the own receptions, with the names of those who came.
    county.signed_in("zhenzhang").await.get("/reception-days/register").await.says("罗新华").keeps_from("易春兰");

    let file = officer.get("/reception-days/register.xlsx?year=2026").await;
    file.is(200);
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(file.bytes.clone())).unwrap();
    let range = calamine::Reader::worksheet_range(&mut book, "接访登记簿").unwrap();
    let rows: Vec<_> = range.rows().collect();
    assert_eq!(rows.len(), 4, "title, heading and two lines");
    assert!(matches!(rows[2][0], calamine::Data::DateTime(_)), "{:?}", rows[2][0]);
    assert_eq!(rows[2][6], calamine::Data::Float(56.0));
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'receptions.exported'").await, 1);
    county.signed_in("zhenzhang").await.get("/reception-days/register.xlsx").await.is(403);
}

#[tokio::test]
async fn what_was_told_goes_when_its_term_is_over() {
    let county = with_days().await;
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let id = day(&county, "LTA", "2026-11").await;
    let told = [("name", "罗新华"), ("matter", MATTER), ("result", "settled"), ("answer", "答复罗新华")];
    talk(&officer, id, "?walk_in=1", &told).await.is(303);
    county.on("2036-11-10");
    youzhi::receptions::keep(&county.app).await.unwrap();
    assert_eq!(
        county.count("SELECT COUNT(*) FROM reception_booking WHERE name = '罗新华'").await,
        1,
        "ten years to the day"
    );
    county.on("2036-11-11");
    youzhi::receptions::keep(&county.app).await.unwrap();
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_booking WHERE name = '罗新华'").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception WHERE answer <> ''").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_content WHERE content LIKE '%罗新华%'").await, 0);
    seal(&county.app.db).await.unwrap();
    assert!(verify::walk(&county.app.db).await.unwrap().broken.is_none());
}

#[tokio::test]
async fn what_was_told_of_an_erased_petition_goes_with_it() {
    let county = with_days().await;
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let id = day(&county, "LTA", "2026-11").await;
    let case =
        [("name", "罗新华"), ("matter", MATTER), ("place", "阳升观村"), ("result", "case"), ("answer", "答复罗新华")];
    talk(&officer, id, "?walk_in=1", &case).await.is(200);
    county
        .execute(
            "INSERT INTO closure (petition, resolution, closed_on, closed_by)
             SELECT p.id, 'answered', '2026-11-20', o.id FROM petition p, official o WHERE o.number = 'xinfang2';
             UPDATE petition SET state = 'closed'",
        )
        .await;
    let petition = one(&county, "SELECT CAST(id AS TEXT) FROM petition").await;
    county.on("2036-11-24");
    let security = county.signed_in("anquan").await;
    security.post(&format!("/petitions/{petition}/erasure"), &[("reason", "保管期满")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception_booking WHERE name = '罗新华'").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM reception WHERE answer <> ''").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_content WHERE content LIKE '%罗新华%'").await, 0);
    seal(&county.app.db).await.unwrap();
    assert!(verify::walk(&county.app.db).await.unwrap().broken.is_none());
}

#[tokio::test]
async fn who_did_not_come_is_not_carried_over() {
    let county = with_days().await;
    let (november, december) = (day(&county, "LTA", "2026-11").await, day(&county, "LTA", "2026-12").await);
    booked(&county.villager(), november, &[]).await.is(200);
    county.on("2026-11-10");
    let officer = county.signed_in("xinfang").await;
    let page = officer.get(&format!("/reception-days/{november}")).await;
    let booking = page.between(&format!("/reception-days/{november}/bookings/"), "/");
    let path = format!("/reception-days/{november}/bookings/{booking}/cancellation");
    page.says("没有来");
    county.signed_in("zhenzhang").await.post(&path, &[]).await.is(403);
    officer.post(&path, &[]).await.is(303);
    officer.post(&path, &[]).await.is(422).says("已经取消");
    officer.get(&format!("/reception-days/{december}")).await.keeps_from("上次没有办完的");
}
