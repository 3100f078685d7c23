//! G5: a personal file is shown only once its reading is recorded; where that cannot be written, nothing is shown.

use youzhi::chain::seal;

use crate::county::{Answer, County, Person};
use crate::entries::{village, visited};
use crate::pay::Scene;
use crate::petitions_acts::{act, answered};

/// From here on no record can be written.
async fn unrecordable(county: &County) {
    county.execute("DROP TABLE chain_pending").await;
}

/// The answer is a fault with a reference number, and tells none of the names.
fn tells_nothing(page: &Answer, names: &[&str]) {
    page.is(500);
    let reference = page.between("<code>", "</code>");
    assert_eq!(reference.len(), 8, "{}", page.words());
    for name in names {
        page.keeps_from(name);
    }
}

async fn refuses(person: &Person<'_>, path: &str, names: &[&str]) {
    let page = person.get(path).await;
    assert_eq!(page.status.as_u16(), 500, "{path}: {}", page.words());
    tells_nothing(&page, names);
}

#[tokio::test]
async fn a_petition_is_not_shown_if_its_reading_cannot_be_written() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    for page in [card.clone(), format!("{card}/opinion"), format!("{card}/notice")] {
        officer.get(&page).await.is(200).says("罗新华");
    }
    unrecordable(&county).await;
    for page in [card.clone(), format!("{card}/opinion"), format!("{card}/notice")] {
        refuses(&officer, &page, &["罗新华", "墙体", "采矿"]).await;
    }
}

#[tokio::test]
async fn a_household_its_card_and_what_was_said_there_are_not_shown_either() {
    let county = County::new().await;
    village(&county).await;
    let (entry, _) = visited(&county.signed_in("cun").await, "罗新华", "met", "水沟堵了").await;
    let town = county.signed_in("xiangzhen").await;
    let pages = ["/households/101", "/households/101/card", entry.as_str(), "/notes"];
    for page in pages {
        town.get(page).await.is(200).says("罗新华");
    }
    unrecordable(&county).await;
    for page in pages {
        refuses(&town, page, &["罗新华", "水沟"]).await;
    }
}

#[tokio::test]
async fn a_settlement_and_the_share_of_another_are_not_shown_either() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let share = format!("{run}/shares/2");
    for page in [&run, &share] {
        renshi.get(page).await.is(200).says("欧阳晖");
    }
    unrecordable(&scene.county).await;
    for page in [&run, &share] {
        refuses(&renshi, page, &["欧阳晖", "800.00"]).await;
    }
}

#[tokio::test]
async fn the_register_of_what_people_said_leaves_one_reading_a_page() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    visited(&cun, "罗新华", "met", "水沟堵了").await;
    visited(&cun, "谭四秀", "met", "路灯不亮").await;
    let read = "SELECT COUNT(*) FROM chain_record WHERE action = 'notes.read' AND subject_kind = 'notes'";
    cun.get("/notes").await.is(200).says("水沟堵了");
    assert_eq!(county.count(read).await, 0, "one's own");
    let town = county.signed_in("xiangzhen").await;
    town.get("/notes").await.is(200).says("水沟堵了").says("路灯不亮");
    town.get("/notes?mine=1").await.is(200);
    assert_eq!(county.count(read).await, 1);
    town.get("/notes?place=阳升观").await.is(200).says("水沟堵了");
    assert_eq!(
        county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'notes.read' AND subject = 430223125209").await,
        1
    );
    seal(&county.app.db).await.unwrap();
    county.signed_in("shenji").await.get("/chain").await.says("查看民情登记本");
}

#[tokio::test]
async fn an_opinion_that_comes_back_is_a_reading_too() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = crate::petitions::card_of(&crate::petitions::registered(&officer, "住房墙体开裂，要求鉴定").await);
    crate::petitions_acts::assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    act(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await.is(303);
    let form = handler.get(&format!("{card}/opinion")).await;
    let hidden = form.is(200).hidden(&format!("{card}/opinion"));
    let read = "SELECT COUNT(*) FROM chain_record WHERE action = 'petition.read'";
    let before = county.count(read).await;
    let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push(("facts", "写到一半"));
    handler.post(&format!("{card}/opinion"), &fields).await.is(422).says("写到一半");
    assert_eq!(county.count(read).await, before + 1);
}
