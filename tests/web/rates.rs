//! E4: the cancellation ledger and its rates: what was frozen is the denominator, every figure is its list.

use crate::county::County;
use crate::plans::{accounted, act, freeze, propose, unit};
use crate::reports::{figures, listed};

#[tokio::test]
async fn additions_stand_apart_and_relief_leaves_the_denominator_in_sight() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let rates = |by: &str| format!("/plans/rates?period=2026-12&by={by}");
    let superior = county.signed_in("fenguan").await;
    superior.get(&rates("level")).await.says("乡镇、部门 1 0 0 1 0 0 0 1 0.0% 0.0% 0 0");
    act(&superior, &item, "cancellation", &[]).await.is(303);
    superior.get(&rates("unit")).await.says("县自然资源局 1 0 0 1 1 1 0 0 100.0% 100.0% 0 0");
    // Added after freezing: apart. Done late: cancelled and not on time.
    let owner = county
        .count("SELECT a.id FROM appointment a JOIN official o ON o.id = a.official WHERE o.number = 'chengban'")
        .await;
    let added = [("owner", &*owner.to_string()), ("source", "own"), ("due_on", "2026-12-22")];
    propose(&superior, "雨后巡查", &added).await.is(303);
    superior.get(&rates("person")).await.says("周敏 县自然资源局 1 0 0 1 1 1 0 0 100.0% 100.0% 1 0");
    superior.get("/plans/items?period=2026-12&added=1").await.says("雨后巡查").keeps_from("渠道清淤");
    superior.get("/plans/items?period=2026-12&added=0").await.says("渠道清淤").keeps_from("雨后巡查");
    superior
        .get("/plans/items?period=2026-12")
        .await
        .says("共 2 项：定稿 1（撤销 0、顺延 0），已销号 1（按时 1、迟 0）；另追加 1");
    // Reversed, then withdrawn with consent: the frozen one is still counted as frozen.
    let cancellation = county.count("SELECT id FROM cancellation").await;
    let reversal = format!("/plans/cancellations/{cancellation}/reversal");
    superior.fill(&item, &reversal, &[("reason", "返工")]).await.is(303);
    superior.get(&rates("post")).await.says("科员 县自然资源局 1 0 0 1 0 0 0 1 0.0% 0.0% 1 0");
    act(&superior, &item, "relief", &[("kind", "withdrawn"), ("reason", "另作安排")]).await.is(303);
    superior.get(&rates("month")).await.says("2026 年 12 月 1 1 0 0 0 0 0 0 — — 1 0");
    superior.get(&rates("quarter")).await.says("2026 年 12 月销号率");
    superior.get("/plans/rates?period=2026-Q4&by=quarter").await.says("2026 年第四季度 1 1 0 0");
    superior.get("/plans/rates?period=2026&by=township").await.says("县本级 1 1 0 0");
}

#[tokio::test]
async fn nobody_counts_what_is_out_of_sight_or_what_they_are_to_be_kept_from() {
    let county = County::new().await;
    accounted(&county).await;
    // A head of another unit finds nothing; supervision finds it; who exports leaves a record.
    for login in ["juzhang", "zhenzhang"] {
        county.signed_in(login).await.get("/plans/rates?period=2026-12").await.is(200).says("还没有定稿的预安项");
    }
    let checker = county.signed_in("ducha").await;
    checker.get("/plans/rates?period=2026-12&by=unit").await.says("县自然资源局 1");
    for file in ["/plans/rates.xlsx?period=2026-12&by=person", "/plans/items/export.xlsx?period=2026-12"] {
        let answer = checker.get(file).await;
        answer.is(200);
        assert!(answer.bytes.starts_with(b"PK"), "{file}");
        let sheet = youzhi::sheet::read(&answer.bytes).unwrap();
        let told = sheet.rows.iter().any(|(_, row)| row.iter().any(|cell| cell == "周敏"));
        assert!(told, "{file}: {sheet:?}");
        county.signed_in("chengban").await.get(file).await.is(403);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plans.exported'").await, 2);
    county
        .execute(
            "INSERT INTO petition (id, number, registered_on, registered_at, channel, title, content, theme, division,
                    township, place_detail, people, anonymous, lead, category, state, version)
             VALUES (7, 'N7', '2026-10-01', 0, 'visit', '事', '事', 'other', '430223125209', '430223125', '', 1, 0, '人',
                    'claim', 'assigned', 1);
             UPDATE plan_item SET petition = 7, source = 'petition';
             INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, 7, o.id, 'declared', 0 FROM official o WHERE o.number = 'ducha'",
        )
        .await;
    checker.get("/plans/rates?period=2026-12").await.says("还没有定稿的预安项");
    checker.get("/plans/items?period=2026-12").await.says("没有这样的预安项");
    county.signed_in("fenguan").await.get("/plans/items?period=2026-12&source=petition").await.says("12-0001号");
}

#[tokio::test]
async fn the_order_of_the_ledger_is_kept_and_paging_loses_nothing() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    for day in ["2026-12-09", "2026-12-07", "2026-12-08"] {
        propose(&owner, &format!("{day}完成"), &[("due_on", day)]).await.is(303);
    }
    let superior = county.signed_in("fenguan").await;
    freeze(&superior, &land).await.is(303);
    let order = |text: &str| {
        let place = |day: &str| text.find(&format!("{day}完成")).unwrap();
        let mut days = ["2026-12-07", "2026-12-08", "2026-12-09"];
        days.sort_by_key(|day| place(day));
        days.map(|day| day[8..].to_owned()).join(" ")
    };
    let ledger = "/plans/items?period=2026-12";
    assert_eq!(order(&superior.get(ledger).await.text), "09 07 08");
    assert_eq!(order(&superior.get(&format!("{ledger}&order=due_desc")).await.text), "09 08 07");
    let kept = superior.post("/plans/items/order", &[("order", "due"), ("query", "period=2026-12&x=1")]).await;
    assert_eq!(kept.location(), "/plans/items?period=2026-12");
    assert_eq!(order(&superior.get(ledger).await.text), "07 08 09");
    assert_eq!(order(&owner.get(ledger).await.text), "09 07 08", "the order is one's own");
    assert_eq!(order(&superior.get(&format!("{ledger}&order=number_desc")).await.text), "08 07 09");
    superior.get(&format!("{ledger}&after=1")).await.is(200).says("没有这样的预安项");
    superior.get("/plans/items?period=nonsense&unit=x").await.is(200).says("没有这样的预安项");
}

#[tokio::test]
async fn every_rate_leads_to_just_the_items_that_it_counts() {
    let county = County::empty().await;
    youzhi::demo::fill(&county.app, 300).await.unwrap();
    county
        .execute(
            "INSERT INTO cancellation_reversal (cancellation, reason, reversed_on, reversed_by)
             SELECT c.id, '复查', '2026-10-30', c.cancelled_by FROM cancellation c WHERE c.id =
                (SELECT MAX(d.id) FROM cancellation d JOIN plan_item i ON i.id = d.item JOIN plan p ON p.id = i.plan
                  WHERE p.month = '2026-10' AND NOT EXISTS
                        (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = d.id))",
        )
        .await;
    let checker = county.signed_in("ducha").await;
    let mut met = 0;
    for (page, step) in [
        ("/plans/rates?period=2026-10&by=level", 1),
        ("/plans/rates?period=2026-10&by=township", 6),
        ("/plans/rates?period=2026&by=month", 1),
        ("/plans/rates?period=2026-Q4&by=unit", 11),
        ("/plans/rates?period=2026-Q3&by=post", 97),
        ("/plans/rates?period=2026-10&by=person", 61),
        ("/plans/rates?period=2026-10&by=person&level=county", 9),
    ] {
        for (address, number) in figures(&checker, page).await.into_iter().step_by(step) {
            assert_eq!(listed(&checker, &address).await, number, "{page} {address}");
            met += usize::from(number > 0);
        }
    }
    assert!(met > 50, "{met} figures of something");
    // The rows of each table add up to the whole: the four figures above are the first ones of the page.
    for by in ["level", "township", "unit", "month", "quarter"] {
        let all = figures(&checker, &format!("/plans/rates?period=2026&by={by}")).await;
        let (whole, rows) = all.split_at(10);
        let planned: usize = rows.iter().step_by(10).map(|(_, number)| number).sum();
        let cancelled: usize = rows.iter().skip(4).step_by(10).map(|(_, number)| number).sum();
        assert_eq!((whole[0].1, whole[3].1), (planned, cancelled), "{by}");
    }
    // One's own items are counted for who finds nothing else.
    let villager = county.signed_in("cun").await;
    for (address, number) in figures(&villager, "/plans/rates?period=2026-10&by=person").await {
        assert_eq!(listed(&villager, &address).await, number, "{address}");
    }
}
