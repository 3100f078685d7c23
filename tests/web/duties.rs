//! 六个一: coverage by county, township and village, and the count that is kept of it.

use super::entries::{reconciled, village, visited};
use crate::county::County;

#[tokio::test]
async fn coverage_leads_from_the_county_to_the_household() {
    let county = County::new().await;
    village(&county).await;
    visited(&county.signed_in("cun").await, "罗新华", "met", "").await;
    let leader = county.signed_in("lingdao").await;
    leader.get("/duties").await.is(200).says("1 / 5 户").says("莲塘坳镇").says("/duties?place=430223125&amp;year=2026");
    let town = leader.get("/duties?place=430223125").await;
    town.is(200).says("阳升观村").says("25%").says("2026-11-02").says("60 天没人去");
    let page = leader.get("/duties/villages/430223125209").await;
    page.is(200).says("1 / 4 户").says("丁一").says("谭四秀").says("4组 1/3").keeps_from("刘家祥");
    let words = page.words();
    assert!(words.find("谭四秀") < words.find("罗新华"), "those not yet visited stand first: {words}");
    leader.get("/duties?year=2025").await.is(200).says("2025 年");
}

#[tokio::test]
async fn a_village_official_sees_the_own_village_and_no_other() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    cun.get("/duties").await.is(200).says("阳升观村").keeps_from("廖公村");
    cun.get("/duties/villages/430223125210").await.is(404);
    cun.get("/duties?place=430223125210").await.is(404);
    cun.get("/duties/villages/430223125209?group=43022312520902").await.says("罗新民").keeps_from("谭四秀");
}

#[tokio::test]
async fn what_is_kept_of_coverage_is_what_the_rows_say() {
    let county = County::new().await;
    village(&county).await;
    let town = county.signed_in("xiangzhen").await;
    for household in ["罗新华", "谭四秀", "罗新雨", "罗新华"] {
        visited(&town, household, "met", "").await;
    }
    let (entry, _) = visited(&town, "文国强", "met", "").await;
    town.post(&format!("{entry}/withdrawal"), &[("reason", "记错")]).await.is(303);
    let differing = "SELECT COUNT(*) FROM duty_coverage c WHERE c.period = '2026' AND (c.households, c.fulfilled) <> (
            (SELECT COUNT(*) FROM household h WHERE h.village = c.village
                AND (h.valid_to IS NULL OR h.valid_to > '2026-11-02')),
            (SELECT COUNT(*) FROM duty_fulfilment f WHERE f.village = c.village AND f.period = '2026'))";
    assert_eq!(county.count(differing).await, 0);
    assert_eq!(county.count("SELECT CAST(SUM(fulfilled) AS BIGINT) FROM duty_coverage").await, 3);
    // A household that was visited leaves the register: reconciling takes it out of both figures.
    county.execute("UPDATE household SET valid_to = '2026-11-01' WHERE id = 101").await;
    reconciled(&county).await;
    assert_eq!(county.count("SELECT fulfilled FROM duty_coverage WHERE village = '430223125209'").await, 1);
    assert_eq!(county.count("SELECT households FROM duty_coverage WHERE village = '430223125209'").await, 3);
    reconciled(&county).await;
    assert_eq!(county.count("SELECT CAST(SUM(fulfilled) AS BIGINT) FROM duty_coverage").await, 2);
}

#[tokio::test]
async fn a_village_that_was_never_counted_is_counted_from_its_first_visit() {
    let county = County::new().await;
    village(&county).await;
    county.execute("DELETE FROM duty_coverage").await;
    let cun = county.signed_in("cun").await;
    let (_, page) = visited(&cun, "罗新华", "met", "").await;
    page.says("今年走访 1 / 4 户");
    let (_, page) = visited(&cun, "罗新民", "met", "").await;
    page.says("今年走访 2 / 4 户");
}

#[tokio::test]
async fn a_village_without_a_visit_for_sixty_days_is_named() {
    let county = County::new().await;
    village(&county).await;
    visited(&county.signed_in("cun").await, "罗新华", "away", "").await;
    county.on("2027-01-01");
    reconciled(&county).await;
    let cun = county.signed_in("cun").await;
    cun.get("/duties").await.is(200).keeps_from("tag late");
    county.on("2027-01-02");
    let cun = county.signed_in("cun").await;
    cun.get("/duties").await.is(200).says("tag late");
}
