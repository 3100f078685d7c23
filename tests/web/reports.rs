//! G8, G9: the overview and my month: figures that are what their records say, and nobody sees more by them.

use crate::county::{County, Person};
use crate::petitions::{card_of, registered};

#[tokio::test]
async fn the_overview_counts_what_the_records_say_and_says_as_of_when() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, "住房墙体因采矿开裂").await;
    registered(&officer, "路灯不亮已经三个月").await;
    let page = officer.get("/overview").await;
    page.is(200).says("2026 年 11 月").says("截至 2026-11-02 09:00").says("0 / 2 件").says("莲塘坳镇");
    // Both were registered in 莲塘坳镇 and are open.
    page.says("township=430223125\">2</a>");
}

#[tokio::test]
async fn what_is_due_within_three_days_is_watched_and_what_is_due_later_is_not() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    // Registered on the 2nd, due on the 17th: on the 13th four days are left, on the 14th three.
    county.on("2026-11-13");
    let officer = county.signed_in("xinfang").await;
    officer.get("/overview").await.says("三天内没有到期的事项").keeps_from(&card);
    county.on("2026-11-14");
    let officer = county.signed_in("xinfang").await;
    officer.get("/overview").await.says("还有 3 天").says(&card);
    officer.get("/my-month").await.says("有 1 件等着").says(&card);
    county.on("2026-11-18");
    county.signed_in("xinfang").await.get("/overview").await.says("逾期 1 天").says("0.0% · 现在逾期 1 件");
}

#[tokio::test]
async fn the_unit_complained_of_and_those_out_of_sight_watch_nothing_of_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let form = officer.get("/petitions/new").await;
    let unit = form.between("<option value=\"", "\">县自然资源局");
    let unit = unit.rsplit("<option value=\"").next().unwrap().to_owned();
    let fields = [
        ("channel", "visit"),
        ("content", "局里办证推诿拖延"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("against_unit", unit.as_str()),
    ];
    officer.fill("/petitions/new", "/petitions", &fields).await.is(200);
    county.on("2026-11-16");
    county.signed_in("xinfang").await.get("/overview").await.says("推诿");
    for login in ["fenguan", "lingdao", "zhenzhang", "renshi", "caizheng"] {
        let page = county.signed_in(login).await.get("/overview").await;
        page.is(200).keeps_from("推诿").keeps_from("罗新华");
    }
    for login in ["chengban", "fenguan", "ducha", "cun"] {
        let page = county.signed_in(login).await.get("/my-month").await;
        page.is(200).keeps_from("罗新华");
    }
    county.signed_in("chengban").await.get("/my-month").await.keeps_from("推诿");
}

#[tokio::test]
async fn a_township_sees_its_own_place_and_no_link_leads_where_it_may_not_go() {
    let county = County::new().await;
    let chief = county.signed_in("zhenzhang").await;
    chief.get("/overview").await.is(200).says("莲塘坳镇").keeps_from("网岭镇");
    let finance = county.signed_in("caizheng").await;
    finance.get("/overview").await.is(200).keeps_from("href=\"/petitions").keeps_from("href=\"/duties");
}

#[tokio::test]
async fn an_empty_month_says_so() {
    let county = County::new().await;
    county
        .signed_in("chengban")
        .await
        .get("/my-month")
        .await
        .is(200)
        .says("今天没有到期的事")
        .says("本月没有定稿的预安项");
    county.signed_in("xinfang").await.get("/overview?month=2025-12").await.is(200).says("2025 年 12 月");
    county.signed_in("xinfang").await.get("/overview?month=nonsense").await.is(200).says("2026 年 11 月");
}

/// Every figure of a page that leads to its records: the address and the number.
pub(crate) async fn figures(person: &Person<'_>, page: &str) -> Vec<(String, usize)> {
    let page = person.get(page).await;
    page.is(200).says("截至");
    let links = page.text.split("<a data-figure href=\"").skip(1).map(|rest| {
        let (address, rest) = rest.split_once("\">").unwrap();
        let number = rest.split("</a>").next().unwrap().replace(',', "").parse().unwrap();
        (address.replace("&#38;", "&").replace("&amp;", "&"), number)
    });
    links.collect()
}

/// How many records the list at an address has, on all of its pages.
pub(crate) async fn listed(person: &Person<'_>, address: &str) -> usize {
    let (mut path, mut count) = (address.to_owned(), 0);
    loop {
        let page = person.get(&path).await;
        page.is(200).says("截至");
        for row in ["<td><a href=\"/petitions/", "<tr id=\"i", "<td><a href=\"/duties/villages/"] {
            count += page.text.split(row).count() - 1;
        }
        match page.text.split_once("\" rel=\"next\"") {
            Some((before, _)) => {
                path = before.rsplit("href=\"").next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            }
            None => return count,
        }
    }
}

#[tokio::test]
async fn every_figure_leads_to_just_the_records_that_it_counts() {
    let county = County::empty().await;
    youzhi::demo::fill(&county.app, 300).await.unwrap();
    // One petition handed from a leader to another, one whose leader let the day pass, one that the checker of the
    // supervision office is to be kept from; an item withdrawn and one whose cancellation was reversed.
    county
        .execute(
            "INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by, ended_on)
             SELECT 1, p.id, o.id, '2026-Q1', '2026-02-01', '2026-01-05', o.id, '2026-01-20'
               FROM petition p, official o WHERE o.number = 'lingdao'
                AND p.id = (SELECT MIN(petition) FROM leader_binding);
             INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
             SELECT 2, p.id, o.id, '2026-Q4', '2026-10-20', '2026-10-08', o.id
               FROM petition p, official o WHERE o.number = 'lingdao'
                AND p.id = (SELECT MAX(q.id) FROM petition q WHERE q.state NOT IN ('closed', 'forwarded'));
             INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'ducha'
                AND p.id = (SELECT MIN(q.id) FROM petition q WHERE q.state NOT IN ('closed', 'forwarded'));
             INSERT INTO plan_relief (item, kind, reason, consented_on, consented_by)
             SELECT i.id, 'withdrawn', '另作安排', '2026-10-20', i.owner FROM plan_item i WHERE i.id =
                (SELECT MAX(j.id) FROM plan_item j JOIN plan p ON p.id = j.plan WHERE p.month = '2026-10'
                    AND j.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM plan_relief r WHERE r.item = j.id));
             INSERT INTO cancellation_reversal (cancellation, reason, reversed_on, reversed_by)
             SELECT c.id, '复查', '2026-10-30', c.cancelled_by FROM cancellation c WHERE c.id =
                (SELECT MAX(d.id) FROM cancellation d JOIN plan_item i ON i.id = d.item JOIN plan p ON p.id = i.plan
                  WHERE p.month = '2026-10' AND NOT EXISTS
                        (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = d.id))",
        )
        .await;
    let mut met = 0;
    for (login, page) in [
        ("ducha", "/overview?month=2026-10"),
        ("ducha", "/overview"),
        ("xinfang", "/overview"),
        ("renshi", "/overview?month=2026-10"),
        ("zhenzhang", "/overview?month=2026-10"),
        ("lingdao", "/overview"),
        ("chengban", "/my-month"),
        ("cun", "/my-month"),
        ("fenguan", "/my-month"),
        ("xinfang", "/petitions/figures"),
        ("xinfang", "/petitions/figures?year=2025"),
        ("ducha", "/petitions/figures"),
    ] {
        let person = county.signed_in(login).await;
        for (address, number) in figures(&person, page).await {
            assert_eq!(listed(&person, &address).await, number, "{login} {page} {address}");
            met += usize::from(number > 0);
        }
    }
    assert!(met > 30, "{met} figures of something");
    // The whole place is what supervision finds; a figure of what somebody does not find is no link.
    let addresses = figures(&county.signed_in("ducha").await, "/overview").await;
    let led = |word: &str| addresses.iter().any(|(address, _)| address.contains(word));
    assert!(led("/plans/items?") && led("bound=late") && led("state=ended") && led("/duties?quiet=1"), "{addresses:?}");
    let leader = figures(&county.signed_in("lingdao").await, "/overview").await;
    assert!(leader.iter().all(|(address, _)| !address.starts_with("/petitions")), "{leader:?}");
}

#[tokio::test]
async fn the_figures_of_petitions_say_what_was_done_in_time_and_what_those_who_came_said() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions/figures").await.is(200).says("还没有到期的").says("这一年还没有登记").says("登记 0 件");
    registered(&officer, "住房墙体因采矿开裂").await;
    registered(&officer, "路灯不亮已经三个月").await;
    let page = officer.get("/petitions/figures").await;
    page.says("登记 2 件").says("11 月").says("莲塘坳镇").says("还没有到期的").keeps_from("12 月");
    // Due on the 17th: on the 18th both fell due. One was met on its last day, one runs on.
    county
        .execute(
            "UPDATE petition SET state = 'closed', people = 3 WHERE title = '住房墙体因采矿开裂';
             UPDATE clock SET stopped_on = '2026-11-17' WHERE petition = (SELECT id FROM petition WHERE people = 3);
             INSERT INTO rating (petition, score, content, rated_on)
             SELECT id, 3, '', '2026-11-17' FROM petition WHERE people = 3",
        )
        .await;
    county.on("2026-11-17");
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions/figures").await.says("还没有到期的").says("4 人次 · 多人共同 1 件");
    county.on("2026-11-18");
    let officer = county.signed_in("xinfang").await;
    let page = officer.get("/petitions/figures").await;
    page.says("登记 2 1 1 50.0%").says("满意 1 / 1 100.0%").says("参评 1 / 1 100.0%").says("办结 1 / 2 50.0%");
    officer.get("/petitions?tab=all&clock=registration.open").await.says("路灯不亮").says("另按：登记期限现在还逾期");
    officer.get("/petitions?tab=all&clock=registration.met").await.says("住房墙体").keeps_from("路灯不亮");
    // Linked as one matter, the later of the two was told again; not to who is to be kept from the earlier.
    county
        .execute(
            "INSERT INTO thread_member (petition, thread, linked_at, linked_by)
             SELECT p.id, 1, 0, o.id FROM petition p, official o WHERE o.number = 'xinfang'",
        )
        .await;
    officer.get("/petitions/figures").await.says("再次提出 1 件");
    officer.get("/petitions?tab=all&is=repeat").await.says("路灯不亮").keeps_from("住房墙体").says("同一事项再次提出");
    // What was rated at an official's device is told apart and counted nowhere else.
    county.execute("UPDATE rating SET recorded_by = (SELECT MIN(id) FROM official)").await;
    let page = officer.get("/petitions/figures").await;
    page.says("满意 0 / 0 —").says("参评 0 / 1 0.0% · 另有工作设备上评价 1 件");
    let report = officer.get("/petitions/figures/report.docx").await;
    let text = crate::papers::told(&report);
    for words in [
        "攸县2026年",
        "登记信访事项 2 件、4 人次，其中多人共同提出的 1 件，同一事项再次提出的 1 件",
        "参评率 0.0%",
        "没有登记反映对象",
    ] {
        assert!(text.contains(words), "no “{words}” in {text}");
    }
    // A bad year is this year, and nobody counts what is to be kept from them.
    officer.get("/petitions/figures?year=2099").await.says("2026 年信访分析");
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM official o, petition p
              WHERE o.number = 'xinfang' AND p.people = 3",
        )
        .await;
    officer.get("/petitions/figures").await.says("登记 1 件").says("再次提出 0 件").keeps_from("住房墙体");
    officer.get("/petitions?tab=all&is=repeat").await.keeps_from("路灯不亮");
}

#[tokio::test]
async fn an_ended_binding_is_not_overdue_and_a_handover_is_one_petition() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, "住房墙体因采矿开裂").await;
    let bind = "INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
                SELECT 1, p.id, o.id, '2026-Q4', '2026-11-03', '2026-11-02', o.id
                  FROM petition p, official o WHERE o.number = 'lingdao'";
    county.execute(bind).await;
    county.on("2026-11-03");
    county.signed_in("xinfang").await.get("/overview").await.says("包案化解（今年） 0 / 1 0.0% · 现在逾期 0 件");
    county.on("2026-11-04");
    let officer = county.signed_in("xinfang").await;
    officer.get("/overview").await.says("包案化解（今年） 0 / 1 0.0% · 现在逾期 1 件");
    county
        .execute(
            "UPDATE leader_binding SET ended_on = '2026-11-04';
             INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
             SELECT 2, p.id, o.id, '2026-Q4', '2026-12-03', '2026-11-04', o.id
               FROM petition p, official o WHERE o.number = 'fenguan'",
        )
        .await;
    officer.get("/overview").await.says("包案化解（今年） 0 / 1 0.0% · 现在逾期 0 件");
}
