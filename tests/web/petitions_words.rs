//! G6: petitions are found by words of what was told, by part of a word, and nobody finds by a name that is hidden.

use crate::county::{Answer, County, Person};
use crate::petitions::card_of;
use crate::petitions_acts::done;

async fn register(officer: &Person<'_>, content: &str, name: &str) -> String {
    let fields = [("channel", "visit"), ("content", content), ("place", "阳升观村"), ("people", "1"), ("name", name)];
    card_of(officer.fill("/petitions/new", "/petitions", &fields).await.is(200))
}

async fn found(person: &Person<'_>, q: &str) -> Answer {
    person.get(&format!("/petitions?q={}", youzhi::web::forms::url_encode(q))).await
}

/// Which of the first three numbers are on the page.
fn numbers(page: &Answer) -> Vec<usize> {
    (1..=3).filter(|n| page.text.contains(&format!("000{n}号"))).collect()
}

#[tokio::test]
async fn a_word_and_part_of_a_word_are_found_where_they_were_told() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    register(&officer, "3组路灯不亮三个月，请派人修理", "陈新").await;
    register(&officer, "住房墙体开裂，罗新华家的路也裂了", "罗新华").await;
    register(&officer, "要求修理山塘，路灯倒不要紧 ABC", "修理工").await;
    assert_eq!(numbers(&found(&officer, "路灯").await), [0; 0], "a moment later");
    youzhi::petitions::pair(&county.app).await.unwrap();
    for (q, expected) in [
        ("路灯", &[1, 3][..]),
        ("灯不亮", &[1]),
        ("墙体", &[2]),
        ("路灯 修理", &[1, 3]),
        ("3组路灯", &[1]),
        ("ａｂｃ 路灯", &[]),
        ("abc", &[3]),
        // A name from its beginning, and words beside it.
        ("修理", &[1, 3]),
        ("罗新", &[2]),
        ("新华", &[]),
        ("没有的词", &[]),
        ("灯", &[]),
    ] {
        assert_eq!(numbers(&found(&officer, q).await), expected, "{q}");
    }
    found(&officer, "路灯").await.says("第 1–2 条，共 2 条");
    // With every other filter, and in the totals and the sheet.
    let narrowed = |rest: &str| format!("/petitions?q=%E8%B7%AF%E7%81%AF&{rest}");
    officer.get(&narrowed("township=430223123")).await.says("没有找到");
    officer.get(&narrowed("tab=open&totals=1")).await.says("合计 2 件次");
    assert_eq!(numbers(&officer.get(&narrowed("tab=late")).await), [0; 0]);
    let sheet = officer.get("/petitions/export.xlsx?q=%E8%B7%AF%E7%81%AF").await;
    assert_eq!(youzhi::sheet::read(&sheet.bytes).unwrap().rows.len(), 2);
    county.on("2026-11-23");
    let officer = county.signed_in("xinfang").await;
    assert_eq!(numbers(&officer.get(&narrowed("tab=late")).await), [1, 3]);
}

#[tokio::test]
async fn words_find_no_name_that_is_hidden_and_nothing_that_is_kept_from_the_viewer() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = register(&officer, "罗新华反映住房墙体开裂，罗新华要求鉴定", "罗新华").await;
    youzhi::petitions::pair(&county.app).await.unwrap();
    let supervisor = county.signed_in("ducha").await;
    assert_eq!(numbers(&found(&supervisor, "墙体").await), [1]);
    for q in ["罗新华", "新华", "华反", "罗新"] {
        found(&supervisor, q).await.says("没有找到");
    }
    done(&officer, &card, "recusal", &[("official", "贺小兰")]).await;
    found(&county.signed_in("xinfang2").await, "墙体").await.says("没有找到").keeps_from("共 1 条");
}

#[tokio::test]
async fn of_more_than_a_thousand_the_newest_fifty_are_shown_and_said_to_be_more() {
    let county = County::new().await;
    county
        .execute(
            "INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division,
                                   township, place_detail, people, anonymous, lead, category, state, version)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1060)
             SELECT i, 'N' || i, '2026-10-01', 0, 'visit', '路灯不亮', '路灯不亮三个月', 'works', '430223125',
                    '430223125', '', 1, 0, '', 'claim', 'closed', 1 FROM n;
             INSERT INTO petition_unpaired (petition) SELECT id FROM petition",
        )
        .await;
    while youzhi::petitions::pair(&county.app).await.unwrap() {}
    let officer = county.signed_in("xinfang").await;
    let first = found(&officer, "路灯").await;
    first.says("第 1–50 条，超过 1000 条").says(">N1060<").says(">N1011<").keeps_from(">N1010<");
    let next =
        first.between("<a class=\"btn\" href=\"/petitions?tab=all&#38;q=%E8%B7%AF%E7%81%AF&#38;after=", "\" rel");
    let next = format!("/petitions?tab=all&q=%E8%B7%AF%E7%81%AF&after={}", next.replace("&#38;", "&"));
    officer.get(&next).await.says("第 51–100 条").says(">N1010<").says(">N961<").keeps_from(">N1011<");
    found(&officer, "路灯不亮三个").await.says("超过 1000 条");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition_unpaired").await, 0);
}
