//! C5: registration, ledger, card, sight and recusal.

use std::collections::BTreeSet;

use crate::county::{Answer, County, Person};

/// Registers a petition at the window and gives the receipt page.
pub async fn registered(officer: &Person<'_>, content: &str) -> Answer {
    let fields = [
        ("channel", "visit"),
        ("content", content),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("phone", "１３８ 1234 5678"),
    ];
    let page = officer.fill("/petitions/new", "/petitions", &fields).await;
    page.is(200);
    page
}

/// The path of the card on a receipt page.
pub fn card_of(receipt: &Answer) -> String {
    receipt.between("<a class=\"btn primary\" href=\"", "\"")
}

#[tokio::test]
async fn a_petition_gets_a_number_a_code_and_a_clock() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, "住房墙体因采矿开裂，要求鉴定并补偿。").await;
    receipt.says("攸信〔2026〕0001号").says("正在存证");
    assert_eq!(receipt.between("class=\"code\">", "<").len(), 19);
    // Registered on 2 November: fifteen days end on Tuesday the 17th.
    let card = officer.get(&card_of(&receipt)).await;
    card.is(200).says("罗新华").says("11 月 17 日").says("第二十二条");
    officer.get("/petitions").await.says("攸信〔2026〕0001号").says("住房墙体因采矿开裂");
}

#[tokio::test]
async fn the_second_click_gives_the_same_number_and_the_same_code() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let form = officer.get("/petitions/new").await;
    let key = form.hidden("/petitions").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let fields = [
        ("key", key.as_str()),
        ("channel", "call"),
        ("content", "路灯不亮三个月"),
        ("place", "阳升观村"),
        ("people", "1"),
    ];
    let first = officer.post("/petitions", &fields).await;
    let second = officer.post("/petitions", &fields).await;
    assert_eq!(first.words(), second.words());
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
}

#[tokio::test]
async fn a_key_that_was_taken_elsewhere_registers_nothing_and_brings_the_form_back_with_a_new_one() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let key =
        officer.get("/entries/new").await.hidden("/entries").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let entry = [("key", key.as_str()), ("kind", "meeting"), ("content", "开了例会"), ("on", "2026-11-02")];
    officer.post("/entries", &entry).await.is(303);
    let fields = [
        ("key", key.as_str()),
        ("channel", "call"),
        ("content", "路灯不亮三个月"),
        ("place", "阳升观村"),
        ("people", "1"),
    ];
    for (person, action) in [(officer.clone(), "/petitions"), (county.villager(), "/intake")] {
        let page = person.post(action, &fields).await;
        page.is(422).says("编号已经用在别处").says("路灯不亮三个月");
        assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, i64::from(action == "/intake"));
        let fresh = page.hidden(action).into_iter().find(|(name, _)| name == "key").unwrap().1;
        person
            .post(action, &[&[("key", fresh.as_str())][..], &fields[1..]].concat())
            .await
            .is(200)
            .says("攸信〔2026〕");
    }
}

#[tokio::test]
async fn a_matter_against_the_petition_office_goes_past_it_at_the_window_too() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    let fields = [
        ("channel", "visit"),
        ("content", "接访窗口推诿，不给登记"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("against_unit", office.as_str()),
    ];
    let receipt = officer.fill("/petitions/new", "/petitions", &fields).await;
    receipt.is(200).says("已转由县委督查室处理").keeps_from("打开卡片");
    officer.get("/petitions").await.keeps_from("推诿");
    county.signed_in("ducha").await.get("/petitions").await.says("推诿").says("县委督查室");
}

#[tokio::test]
async fn where_no_other_office_is_left_the_receipt_says_so_and_leads_nowhere() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    county.execute("DELETE FROM role_grant WHERE role = 'supervision'").await;
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    let fields = [
        ("channel", "visit"),
        ("content", "接访窗口推诿，不给登记"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("against_unit", office.as_str()),
    ];
    let receipt = officer.fill("/petitions/new", "/petitions", &fields).await;
    receipt.is(200).says("没有别的单位可以接收").keeps_from("打开卡片");
}

#[tokio::test]
async fn a_form_that_was_changed_and_sent_again_is_not_passed_off_as_new_at_the_window() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    let key = youzhi::web::forms::new_key();
    let fields = |content: &'static str, against: &str| {
        let all = [("key", key.as_str()), ("channel", "call"), ("content", content), ("place", "阳升观村")];
        let more = [("people", "1"), ("against_unit", against)];
        all.into_iter().chain(more).map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
    };
    let send = async |fields: Vec<(&str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        officer.post("/petitions", &fields).await
    };
    send(fields("路灯不亮三个月", "")).await.is(200).keeps_from("先前已经提交过");
    let changed = send(fields("水渠堵了，接访推诿", &office)).await;
    changed.is(200).says("先前已经提交过").says("路灯不亮").says("打开卡片");
    changed.keeps_from("水渠").keeps_from("反映的是本单位");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields =
        [("channel", "visit"), ("content", "短"), ("place", "没有的地方"), ("people", "0"), ("name", "罗新华")];
    let page = officer.fill("/petitions/new", "/petitions", &fields).await;
    page.is(422).says("至少 5 个字").says("没有找到这个地方").says("罗新华").says("没有的地方");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 0);
}

#[tokio::test]
async fn an_ambiguous_place_is_offered_as_a_choice() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [("channel", "visit"), ("content", "路灯不亮三个月"), ("place", "新"), ("people", "1")];
    let page = officer.fill("/petitions/new", "/petitions", &fields).await;
    page.is(422).says("请选一个").says("新市镇");
    let chosen = page.between("name=\"place_code\" value=\"", "\"");
    let key = page.hidden("/petitions").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let all = [&fields[..], &[("key", key.as_str()), ("place_code", chosen.as_str())]].concat();
    officer.post("/petitions", &all).await.is(200).says("攸信〔2026〕0001号");
}

#[tokio::test]
async fn thirty_two_at_once_get_numbers_without_gap_or_double() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let pages = (0..32).map(|_| registered(&officer, "同时登记的一件事"));
    let receipts = join_all(pages).await;
    let numbers: BTreeSet<String> = receipts.iter().map(|page| page.between("class=\"no\">", "<")).collect();
    let expected: BTreeSet<String> = (1..=32).map(|n| format!("攸信〔2026〕{n:04}号")).collect();
    assert_eq!(numbers, expected);
}

/// Drives futures side by side on one task.
pub async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => waiting = true,
                }
            }
        }
        if waiting {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(running.iter_mut().map(|(_, output)| output.take().unwrap()).collect())
        }
    })
    .await
}

#[tokio::test]
async fn a_unit_finds_only_what_is_its_own() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    for login in ["chengban", "fenguan", "lingdao"] {
        let other = county.signed_in(login).await;
        other.get(&card).await.is(404).keeps_from("罗新华");
        other.get("/petitions").await.is(200).keeps_from("墙体");
    }
}

#[tokio::test]
async fn reading_a_card_is_recorded_before_it_is_shown() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    officer.get(&card).await.is(200);
    officer.get(&card).await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.read'").await, 2);
}
