//! C6: saved filters of the ledger, its totals, and the ledger and many cards on paper.

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, answered, assigned, done};

async fn saved(person: &Person<'_>, query: &str, fields: &[(&str, &str)]) -> Answer {
    // A browser reads &#38; as &.
    let all = [fields, &[("query", query)][..]].concat();
    person.fill(&format!("/petitions/filters?{query}"), "/petitions/filters", &all).await
}

#[tokio::test]
async fn a_filter_is_kept_under_its_name_with_its_columns_and_without_the_words_searched_for() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    registered(&officer, CONTENT).await;
    let fields = [("name", "土地在办"), ("columns", "number"), ("columns", "title")];
    let answer = saved(&officer, "tab=open&theme=land&q=罗新华", &fields).await;
    assert_eq!(answer.is(303).location(), "/petitions?tab=open&theme=land&columns=number,title");
    let ledger = officer.get("/petitions").await;
    ledger.says("土地在办").says("href=\"/petitions?tab=open&#38;theme=land&#38;columns=number,title\"");
    officer.get(answer.location()).await.says("aria-current=\"true\">土地在办");
    assert_eq!(county.count("SELECT COUNT(*) FROM ledger_filter WHERE query LIKE '%q=%'").await, 0);
    // A second click is the same; another filter of that name is refused, and what was typed stays.
    saved(&officer, "tab=open&theme=land", &fields).await.is(303);
    saved(&officer, "tab=closed", &fields)
        .await
        .is(422)
        .says("您已经有一个叫这个名字的条件")
        .says("value=\"土地在办\"");
    saved(&officer, "tab=closed", &[("name", " ")]).await.is(422).says("请起一个名字");
    assert_eq!(county.count("SELECT COUNT(*) FROM ledger_filter").await, 1);
    let list = officer.get("/petitions/filters").await;
    let id = list.between("/petitions/filters/", "/name");
    officer.post(&format!("/petitions/filters/{id}/name"), &[("name", "土地")]).await.is(303);
    officer.get("/petitions").await.says(">土地<").keeps_from("土地在办");
    // Nobody else has it, or can change it.
    let other = county.signed_in("xinfang2").await;
    other.get("/petitions").await.keeps_from(">土地</a>");
    other.post(&format!("/petitions/filters/{id}/name"), &[("name", "别的")]).await.is(404);
    other.post(&format!("/petitions/filters/{id}/deletion"), &[]).await.is(404);
    officer.post(&format!("/petitions/filters/{id}/deletion"), &[]).await.is(303);
    officer.get("/petitions/filters").await.says("还没有");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action LIKE 'ledger_filter.%'").await, 3);
}

#[tokio::test]
async fn a_filter_of_the_unit_is_a_way_of_looking_and_gives_nobody_anything_to_see() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    saved(&officer, "tab=all", &[("name", "全部事项"), ("shared", "1")]).await.is(303);
    let other = county.signed_in("xinfang2").await;
    other.get("/petitions").await.says("全部事项");
    other.get("/petitions/filters").await.says("肖文共享").keeps_from("改名");
    county.signed_in("chengban").await.get("/petitions").await.keeps_from("全部事项");
}

#[tokio::test]
async fn the_totals_count_cases_and_people_of_just_the_filter_and_say_what_they_count() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let fields = [
        ("channel", "letter"),
        ("content", "路灯不亮三个月"),
        ("place", "阳升观村"),
        ("people", "12"),
        ("name", "陈新"),
    ];
    officer.fill("/petitions/new", "/petitions", &fields).await.is(200);
    officer.get("/petitions?tab=all").await.says(">合计<").keeps_from("人次");
    let all = officer.get("/petitions?tab=all&totals=1").await;
    all.says("合计 2 件次，2 件，13 人次")
        .says("待交办 1 · 待受理 1")
        .says("待分类 1 · 申诉求决 1")
        .says("同一个人反映几次就计几次");
    officer
        .get("/petitions?tab=all&state=assigned&totals=1")
        .await
        .says("合计 1 件次，1 件，1 人次")
        .keeps_from("待交办 1");
    // A unit sums up its own alone, and one that is kept from a petition does not count it.
    let handler = county.signed_in("chengban").await;
    handler.get("/petitions?tab=all&totals=1").await.says("合计 1 件次，1 件，1 人次");
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    handler.get("/petitions?tab=all&totals=1").await.keeps_from("人次");
}

#[tokio::test]
async fn the_ledger_on_paper_has_the_columns_chosen_and_is_on_record() {
    let county = County::new().await;
    answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let page = officer.get("/petitions/print?tab=all&q=%E7%BD%97%E6%96%B0%E5%8D%8E&columns=number,lead,phone").await;
    page.is(200)
        .says("罗新华")
        .says("13812345678")
        .says("合计 1 件次")
        .says("data-print")
        .keeps_from("<th class=\"wrap\">事项");
    let kept = "SELECT COUNT(*) FROM chain_content WHERE content LIKE '%\"columns\":[\"number\",\"lead\",\"phone\"]%'
                   AND content LIKE '%searched\":true%' AND content NOT LIKE '%q=%'";
    assert_eq!(county.count(kept).await, 1);
    let supervisor = county.signed_in("ducha").await;
    supervisor
        .get("/petitions/print?tab=all&columns=all")
        .await
        .says("罗某")
        .keeps_from("罗新华")
        .keeps_from("13812345678");
    county.signed_in("lingdao").await.get("/petitions/print").await.is(403);
    officer.get("/petitions/print?tab=late").await.says("没有符合条件的信访事项");
}

#[tokio::test]
async fn many_cards_are_printed_each_on_its_own_page_and_each_reading_is_recorded() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    for index in 0..52 {
        registered(&officer, &format!("第 {index} 盏路灯不亮")).await;
    }
    let before = county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.read'").await;
    let first = officer.get("/petitions/cards?tab=all").await;
    assert_eq!(first.is(200).text.matches("class=\"card one-page\"").count(), 50);
    first.says("第 51 盏路灯不亮").keeps_from("第 1 盏路灯不亮").says("罗新华").says("后 50 张");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.read'").await, before + 50);
    let next = first.between("href=\"/petitions/cards?", "\"").replace("&#38;", "&");
    let rest = officer.get(&format!("/petitions/cards?{next}")).await;
    assert_eq!(rest.text.matches("class=\"card one-page\"").count(), 2);
    // Names are masked for those who see them masked, in what was told too.
    let supervisor = county.signed_in("ducha").await;
    supervisor
        .get("/petitions/cards?tab=all")
        .await
        .is(200)
        .says("罗某")
        .keeps_from("罗新华")
        .keeps_from("13812345678");
    // A unit that handles nothing prints nothing.
    county.signed_in("chengban").await.get("/petitions/cards?tab=all").await.says("没有符合条件的信访事项");
}
