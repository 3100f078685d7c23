//! 社情民意登记本: a view of what was said.

use super::entries::{village, visited};
use crate::county::County;

#[tokio::test]
async fn the_register_is_a_view_by_person_and_by_place() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    let town = county.signed_in("xiangzhen").await;
    let (entry, _) = visited(&cun, "罗新华", "met", "水沟堵了").await;
    visited(&town, "罗新雨", "refused", "路灯不亮").await;
    cun.get("/notes").await.is(200).says("水沟堵了").says(&entry).keeps_from("路灯不亮");
    town.get("/notes").await.says("水沟堵了").says("路灯不亮");
    town.get("/notes?mine=1").await.says("路灯不亮").keeps_from("水沟堵了");
    town.get("/notes?place=阳升观").await.says("水沟堵了").keeps_from("路灯不亮");
    town.get("/notes?place=没有的村").await.says("没有找到").keeps_from("水沟堵了");
    // Another's entry opens from the register, and that is recorded.
    town.get(&entry).await.is(200).says("水沟堵了").keeps_from("撤回这一笔");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'entry.read'").await, 1);
    cun.get("/notes?place=廖公村").await.keeps_from("路灯不亮");
}

#[tokio::test]
async fn a_note_lapses_after_half_a_year() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    visited(&cun, "罗新华", "met", "水沟堵了").await;
    county.on("2027-04-30");
    let cun_later = county.signed_in("cun").await;
    cun_later.get("/notes").await.says("2027-05-01").keeps_from("已过期");
    county.on("2027-05-01");
    county.signed_in("cun").await.get("/notes").await.says("已过期");
}

#[tokio::test]
async fn a_visit_without_a_word_is_no_note() {
    let county = County::new().await;
    village(&county).await;
    let cun = county.signed_in("cun").await;
    visited(&cun, "罗新华", "met", "").await;
    cun.get("/notes").await.is(200).says("还没有民情");
    assert_eq!(county.count("SELECT COUNT(*) FROM note").await, 0);
}
