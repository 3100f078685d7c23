//! G3: the county's own values hold from their day, on pages, without a restart.

use crate::county::County;
use crate::imports::imported;

const ROWS: &str = "名称,生效日期,值,出处\n\
    plan.propose_by.day,2026-12-01,20,《县委办公室通知》第二条\n\
    reception.county.day,2026-12-01,18,《县委办公室通知》第三条\n";

#[tokio::test]
async fn a_value_of_the_county_holds_from_its_day_and_not_before() {
    let county = County::new().await;
    let leader = county.signed_in("chengban").await;
    leader.get("/plans?month=2026-12").await.is(200).says("11-25 前");
    let officer = county.signed_in("xitong").await;
    imported(&officer, "values", "all", "规定值.csv", ROWS.as_bytes()).await.1.says("新增 2 行");
    leader.get("/plans?month=2026-12").await.says("11-20 前");
    leader.get("/plans?month=2027-01").await.says("12-20 前");
    leader.get("/plans?month=2026-11").await.says("10-25 前");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'policy_value.recorded'").await, 2);
    officer.get("/values").await.is(200).says("《县委办公室通知》第二条").says("《信访工作条例》第三十四条");
    county.signed_in("cun").await.get("/values").await.is(403);

    // A correction of the same day replaces it; the chain keeps both.
    let again = ROWS.replace("2026-12-01,20", "2026-12-01,21");
    imported(&officer, "values", "all", "规定值.csv", again.as_bytes()).await.1.says("更改 1 行").says("相同 1 行");
    leader.get("/plans?month=2026-12").await.says("11-21 前");
}

#[tokio::test]
async fn what_the_county_may_not_set_comes_back_with_its_reason() {
    let county = County::new().await;
    let officer = county.signed_in("xitong").await;
    for (row, why) in [
        ("clock.handling.days,2026-12-01,90,《通知》", "国家规定，县里不能另定"),
        ("plan.nothing,2026-12-01,9,《通知》", "没有名为“plan.nothing”的规定值"),
        ("plan.propose_by.day,2026-12-01,31,《通知》", "应为1至28之间的日子"),
        ("plan.propose_by.day,2026-12-01,月底,《通知》", "应为整数"),
        ("plan.propose_by.day,明年,20,《通知》", "不是日期"),
        ("plan.propose_by.day,2026-12-01,20,", "没有写明出处"),
    ] {
        let file = format!("名称,生效日期,值,出处\n{row}\n");
        let (path, page) = imported(&officer, "values", "all", "规定值.csv", file.as_bytes()).await;
        page.says("1 行不合要求");
        let back = officer.get(&format!("{path}/refused")).await;
        back.says(why);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM policy_value").await, 0);
}

#[tokio::test]
async fn another_process_reads_what_was_brought_in() {
    let county = County::new().await;
    county
        .execute(
            "INSERT INTO policy_value (id, name, holds_from, value, source)
             VALUES (1, 'plan.propose_by.day', '2026-12-01', '22', '《通知》')",
        )
        .await;
    youzhi::values::load(&county.app).await.unwrap();
    county.signed_in("chengban").await.get("/plans?month=2026-12").await.says("11-22 前");
    // A row that no county may set is a fault that says its name, and the values stay as they are.
    county
        .execute(
            "INSERT INTO policy_value (id, name, holds_from, value, source)
             VALUES (2, 'clock.handling.days', '2026-12-01', '90', '《通知》')",
        )
        .await;
    let fault = youzhi::values::load(&county.app).await.unwrap_err().to_string();
    assert!(fault.contains("clock.handling.days"), "{fault}");
    county.signed_in("chengban").await.get("/plans?month=2026-12").await.says("11-22 前");
}
