//! C5, C11: what is held to be at the root of a matter, and the figures by it.

use crate::county::County;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, assigned, done};

#[tokio::test]
async fn the_office_says_what_is_at_the_root_corrects_it_on_record_and_the_figures_lead_to_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    registered(&officer, "村口路灯不亮三个月，请派人修").await;
    let page = format!("{card}/cause");
    officer.get(&card).await.says("登记成因");
    officer.get(&page).await.is(200).says("不作为").says("乱作为");
    officer.post(&page, &[("cause", "idle")]).await.is(422).says("请选择成因");
    officer.post(&page, &[("cause", "other")]).await.is(303);
    officer.post(&page, &[("cause", "inaction")]).await.is(303);
    officer.post(&page, &[("cause", "inaction")]).await.is(303);
    officer.get(&card).await.says("成因：不作为");
    let recorded = "SELECT COUNT(*) FROM chain_record WHERE action = 'petition.cause_recorded'";
    assert_eq!(county.count(recorded).await, 2, "the correction is on record, the second click is not");

    let figures = officer.get("/petitions/figures").await;
    figures.says("成因").says("没有登记").says("cause=inaction").says("cause=none");
    officer.get("/petitions?tab=all&cause=inaction").await.says("0001号").keeps_from("0002号").says("成因不作为");
    officer.get("/petitions?tab=all&cause=none").await.says("0002号").keeps_from("0001号").says("没有登记成因");
    county.villager().post("/track", &[("code", &code)]).await.keeps_from("不作为");

    // It is said by whoever disposes of the matter, and by nobody who handles or supervises it.
    assigned(&officer, &card).await;
    county.signed_in("chengban").await.get(&page).await.is(403);
    county.signed_in("ducha").await.get(&page).await.is(404);
    done(&officer, &card, "recusal", &[("official", "贺小兰")]).await;
    county.signed_in("xinfang2").await.get(&page).await.is(404);
}
