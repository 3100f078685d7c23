//! C5, C11: petitions that are one matter are proposed, linked by a person, taken apart again, and counted once.

use crate::county::{Answer, County, Person};
use crate::petitions::card_of;
use crate::petitions_acts::{assigned, done};

const WALL: &str = "住房墙体因附近采矿开裂，要求鉴定并补偿。";
const WALL_AGAIN: &str = "我家住房墙体开裂，是附近采矿放炮造成的，要求鉴定、补偿";
const LAMP: &str = "村口路灯不亮三个月，请尽快派人来修理";

async fn register(officer: &Person<'_>, content: &str, name: &str, fields: &[(&str, &str)]) -> Answer {
    let mut all =
        vec![("channel", "visit"), ("content", content), ("place", "阳升观村"), ("people", "1"), ("name", name)];
    all.retain(|(given, _)| !fields.iter().any(|(name, _)| name == given));
    all.extend_from_slice(fields);
    let page = officer.fill("/petitions/new", "/petitions", &all).await;
    page.is(200);
    page
}

/// The forms by which a page offers to link.
fn offered(page: &Answer) -> usize {
    page.text.matches("并为同一事项</button>").count()
}

#[tokio::test]
async fn the_same_phone_and_a_similar_text_are_proposed_to_whoever_sorts_a_new_petition() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = async |content: &str, name: &str, fields: &[(&str, &str)]| {
        let receipt = register(&officer, content, name, fields).await;
        let card = card_of(&receipt);
        receipt.says(&format!("href=\"{card}/thread\">查同一事项"));
        (officer.get(&card).await, card)
    };
    let (first, _) = card(WALL, "罗新华", &[("phone", "13812345678")]).await;
    first.keeps_from("可能是同一事项");
    // Another man, another matter; then another man with the same matter; then the first with another matter.
    assert_eq!(offered(&card(LAMP, "陈新", &[]).await.0), 0);
    let (again, at) = card(WALL_AGAIN, "文立", &[]).await;
    again.says("可能是同一事项").says("攸信〔2026〕0001号").says("同村，内容有").keeps_from("0002号");
    let (phone, _) = card("反映村务公开不及时，要求查账", "易春兰", &[("phone", "13812345678")]).await;
    phone.says("同一电话");
    assert_eq!(offered(&phone), 1);
    let (named, _) = card("要求落实低保待遇，家庭困难", "陈新", &[("place", "莲塘坳镇")]).await;
    named.says("同名、同乡镇").says("0002号");
    let identity = [("identity", "430223199001011234"), ("place", "新市镇")];
    card("反映公路塌方，要求抢修", "谭志", &identity).await.0.keeps_from("可能是同一事项");
    let (same, _) = card("要求解决饮水困难，多次断水", "谭志", &[("identity", "430223199001011234")]).await;
    same.says("同一身份证号");
    // Elsewhere half of the text has to be the same.
    card(WALL_AGAIN, "刘某甲", &[("place", "桃水镇")]).await.0.keeps_from("可能是同一事项");
    // Once it was sorted, the card is of its handling; the page has the candidates still.
    assigned(&officer, &at).await;
    officer.get(&at).await.keeps_from("可能是同一事项").says("查同一事项");
    officer.get(&format!("{at}/thread")).await.says("同村，内容有");
}

#[tokio::test]
async fn a_person_links_and_takes_apart_and_the_totals_count_the_matter_once() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let first = card_of(&register(&officer, WALL, "罗新华", &[]).await);
    let second = card_of(&register(&officer, WALL_AGAIN, "文立", &[("people", "7")]).await);
    let third = card_of(&register(&officer, "还是墙体开裂的事，没有人来看过", "罗新华", &[]).await);
    officer.get("/petitions?tab=all&totals=1").await.says("合计 3 件次，3 件，9 人次");
    let link = |from: &str, other: &str| {
        let (officer, at, other) = (officer.clone(), format!("{from}/thread"), other.to_owned());
        async move { officer.post(&at, &[("other", other.as_str())]).await }
    };
    let id = |card: &str| card.rsplit('/').next().unwrap().to_owned();
    link(&second, &id(&first)).await.is(303);
    link(&third, "攸信〔2026〕0001号").await.is(303);
    link(&third, "攸信〔2026〕0001号").await.is(303);
    let page = officer.get(&first).await;
    page.says("同一事项").says("初次").says("另有人反映·联名").says("重复").says("攸信〔2026〕0003号");
    officer.get("/petitions?tab=all&totals=1").await.says("合计 3 件次，1 件，9 人次");
    assert_eq!(offered(&officer.get(&format!("{first}/thread")).await), 0, "what is linked is proposed no more");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.linked'").await, 4);
    // Taken apart: of three one, then of two both.
    officer.post(&format!("{third}/thread/removal"), &[]).await.is(303);
    officer.get(&third).await.keeps_from("本件");
    officer.get("/petitions?tab=all&totals=1").await.says("合计 3 件次，2 件，9 人次");
    officer.post(&format!("{first}/thread/removal"), &[]).await.is(303);
    officer.post(&format!("{first}/thread/removal"), &[]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM thread_member").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.unlinked'").await, 2);
    // Two threads that turn out to be one.
    let fourth = card_of(&register(&officer, "墙体开裂，第四次来", "罗新华", &[]).await);
    link(&first, &id(&second)).await.is(303);
    link(&third, &id(&fourth)).await.is(303);
    link(&second, &id(&third)).await.is(303);
    assert_eq!(county.count("SELECT COUNT(DISTINCT thread) FROM thread_member").await, 1);
    link(&first, "攸信〔2026〕0099号").await.is(422).says("没有找到另一件").says("value=\"攸信〔2026〕0099号\"");
    link(&first, &id(&first)).await.is(422);
    county.signed_in("chengban").await.post(&format!("{first}/thread"), &[("other", "1")]).await.is(403);
}

#[tokio::test]
async fn what_the_viewer_may_not_find_is_neither_proposed_nor_linked_nor_hinted() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let hidden = card_of(&register(&officer, WALL, "罗新华", &[("phone", "13812345678")]).await);
    let open = card_of(&register(&officer, WALL_AGAIN, "罗新华", &[("phone", "13812345678")]).await);
    let id = hidden.rsplit('/').next().unwrap();
    officer.post(&format!("{open}/thread"), &[("other", id)]).await.is(303);
    done(&officer, &hidden, "recusal", &[("official", "肖文")]).await;
    // The link is there, and tells nothing of what it leads to.
    for page in [open.clone(), format!("{open}/thread")] {
        officer
            .get(&page)
            .await
            .is(200)
            .keeps_from("0001号")
            .keeps_from("本件")
            .keeps_from("初次")
            .keeps_from("同一电话");
    }
    officer.post(&format!("{open}/thread"), &[("other", id)]).await.is(422).says("没有找到另一件").keeps_from("0001号");
    officer.post(&format!("{open}/thread"), &[("other", "攸信〔2026〕0001号")]).await.is(422).says("没有找到另一件");
    officer.get(&format!("{hidden}/thread")).await.is(404);
    let new = card_of(&register(&officer, WALL, "罗新华", &[("phone", "13812345678")]).await);
    officer.get(&new).await.says("0002号").keeps_from("0001号");
    let other = county.signed_in("xinfang2").await;
    other.get(&open).await.says("0001号").says("重复");
    // Persons are no reason for those who see them masked.
    let supervisor = county.signed_in("ducha").await;
    let page = supervisor.get(&format!("{open}/thread")).await;
    page.is(200).keeps_from("同一电话").keeps_from("罗新华").keeps_from("并为同一事项</button>");
}

#[tokio::test]
async fn the_receipt_leads_to_what_may_have_been_told_before_and_keeps_the_code_in_sight() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    register(&officer, WALL, "罗新华", &[("phone", "13812345678")]).await;
    let receipt = register(&officer, WALL_AGAIN, "文立", &[]).await;
    let thread = format!("{}/thread", card_of(&receipt));
    receipt.says(&format!("href=\"{thread}\" target=\"_blank\"")).keeps_from("攸信〔2026〕0001号");
    officer.get(&thread).await.says("攸信〔2026〕0001号").says("同村，内容有");
    let first = county.count("SELECT MIN(id) FROM petition").await.to_string();
    officer.post(&thread, &[("other", &first)]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM thread_member").await, 2);
    // A clerk of the unit complained of, who finds it no more, is led nowhere.
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    let receipt = register(&officer, WALL, "文立", &[("against_unit", &office)]).await;
    receipt.keeps_from("看看以前是不是来过");
}
