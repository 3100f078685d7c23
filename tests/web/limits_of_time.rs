//! Months, years and days that nobody means: the address answers, and never with a fault.

use crate::county::County;

/// Long before and after every rule of law, and no month at all.
const MONTHS: [&str; 8] = ["0000-01", "0001-01", "1900-01", "9998-11", "9999-11", "9999-12", "2026-13", "月"];
const YEARS: [&str; 6] = ["-9999", "0", "1900", "9999", "32767", "年"];
const DAYS: [&str; 5] = ["0001-01-01", "1900-01-01", "9999-12-31", "2026-02-30", "天"];

#[tokio::test]
async fn an_absurd_month_year_or_day_in_an_address_is_no_fault() {
    let county = County::new().await;
    let mut faults = Vec::new();
    for (login, path) in [
        ("fenguan", "/plans?month="),
        ("fenguan", "/plans/items?month="),
        ("fenguan", "/plans/items/new?month="),
        ("renshi", "/pay/runs?month="),
        ("renshi", "/pay/forfeitures?before="),
        ("lingdao", "/overview?month="),
        ("lingdao", "/duties?year="),
        ("xinfang", "/petitions?year="),
        ("xinfang", "/petitions?bound="),
        ("xiangzhen", "/entries?before="),
        ("shenji", "/chain?before="),
    ] {
        let person = county.signed_in(login).await;
        for value in MONTHS.into_iter().chain(YEARS).chain(DAYS) {
            let path = format!("{path}{}", youzhi::web::forms::url_encode(value));
            let answer = person.get(&path).await;
            if answer.status.is_server_error() {
                faults.push(path);
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[tokio::test]
async fn a_month_without_rules_has_no_plan() {
    let county = County::new().await;
    let superior = county.signed_in("fenguan").await;
    for month in ["0001-01", "1900-01"] {
        superior.get(&format!("/plans?month={month}")).await.is(404);
        superior.post("/plans/submissions", &[("month", month)]).await.is(404);
    }
    superior.get("/plans?month=2026-13").await.is(200).says("2026-11");
}

#[tokio::test]
async fn an_absurd_month_or_day_in_a_form_comes_back_with_its_reason() {
    let county = County::new().await;
    let (owner, personnel) = (county.signed_in("chengban").await, county.signed_in("renshi").await);
    let unit = county.count("SELECT id FROM unit WHERE code = 'ZRZY'").await.to_string();
    for month in MONTHS {
        let settled = personnel.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", month)]).await;
        settled.is(422);
        for due_on in DAYS {
            let fields = [
                ("goal", "渠道清淤验收"),
                ("standard", "验收单签字"),
                ("due_on", due_on),
                ("weight", "2"),
                ("source", "own"),
                ("month", month),
            ];
            owner.fill("/plans/items/new", "/plans/items", &fields).await.is(422);
        }
    }
}
