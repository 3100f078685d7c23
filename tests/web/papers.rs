//! C5, G7: the papers of a petition as pages and as Word files in the official layout.

use std::io::Read;

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, act, answered, assigned, done};

/// The text of a Word file, a line a paragraph.
pub fn told(file: &Answer) -> String {
    let document = part(file, "word/document.xml");
    let paragraphs = document.split("</w:p>").map(|paragraph| {
        let texts = paragraph.split("<w:t ").skip(1);
        texts.map(|text| text.split_once('>').unwrap().1.split('<').next().unwrap()).collect::<String>()
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// A part of a Word file.
fn part(file: &Answer, name: &str) -> String {
    file.is(200);
    assert!(file.headers["content-type"].to_str().unwrap().contains("wordprocessingml"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&file.bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Takes a paper from its page and asserts that both say the same.
async fn taken(person: &Person<'_>, page: &str, says: &[&str]) -> Answer {
    let on_page = person.get(page).await;
    on_page.is(200).says(&format!("{page}.docx"));
    let file = person.get(&format!("{page}.docx")).await;
    let text = told(&file);
    for words in says {
        on_page.says(words);
        assert!(text.contains(words), "no “{words}” in {text}");
    }
    file
}

#[tokio::test]
async fn the_opinion_says_what_the_law_asks_of_it_and_names_who_reviews_it() {
    let county = County::new().await;
    let card = answered(&county).await;
    let handler = county.signed_in("chengban").await;
    let says = [
        "信访事项处理意见书",
        "攸信〔2026〕0001号",
        "罗新华：",
        "您于2026年11月2日通过来访反映的",
        "县信访局于2026年11月2日交办本单位，本单位于2026年11月2日受理",
        "经鉴定，开裂与采矿有关。",
        "四、处理意见：予以支持",
        "《中华人民共和国矿产资源法》第三十六条",
        "自收到本意见书之日起30日内，向攸县人民政府请求复查（《信访工作条例》第三十五条）",
        "县自然资源局",
        "2026年11月20日",
    ];
    let file = taken(&handler, &format!("{card}/opinion"), &says).await;
    let name = file.headers["content-disposition"].to_str().unwrap();
    assert!(name.starts_with("attachment") && name.contains("filename*=UTF-8''%E4%BF%A1"), "{name}");
    let document = part(&file, "word/document.xml");
    assert!(
        document.contains("方正小标宋简体") && document.contains("仿宋_GB2312") && document.contains("linesAndChars")
    );

    // A unit above it, where there is one, reviews instead of the county.
    county.execute("UPDATE unit SET superior = (SELECT id FROM unit WHERE code = 'RSJ') WHERE code = 'ZRZY'").await;
    handler.get(&format!("{card}/opinion")).await.says("向县人力资源和社会保障局请求复查");
    // Whoever sees names masked takes no name away.
    let supervisor = county.signed_in("ducha").await;
    let file = supervisor.get(&format!("{card}/opinion.docx")).await;
    assert!(told(&file).contains("罗某：") && !told(&file).contains("罗新华"));
    let reader = "SELECT COUNT(*) FROM chain_record r JOIN official o ON o.id = r.official
                   WHERE r.action = 'petition.read' AND o.number = 'ducha'";
    assert_eq!(county.count(reader).await, 1, "taking the file is a reading");
}

#[tokio::test]
async fn acceptance_and_extension_are_told_in_papers_of_their_own() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    for paper in ["notice", "notice.docx", "extension", "extension.docx", "opinion.docx", "forwarding.docx"] {
        officer.get(&format!("{card}/{paper}")).await.is(404);
    }
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    let says = ["信访事项受理告知书", "由周敏承办", "本单位将在2027年1月1日前办结", "延长不超过30日"];
    taken(&handler, &format!("{card}/notice"), &says).await;

    county.on("2026-12-20");
    let head = county.signed_in("fenguan").await;
    done(&head, &card, "extension", &[("days", "20"), ("content", "鉴定尚未完成。")]).await;
    head.get(&card).await.says("延期告知书");
    let says = ["信访事项延期告知书", "应当在2027年1月1日前办结", "因鉴定尚未完成，", "延长20日", "第三十四条"];
    taken(&head, &format!("{card}/extension"), &says).await;
}

#[tokio::test]
async fn what_goes_to_another_organ_goes_with_a_letter_and_the_petitioner_is_told() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "法院判决不公，要求重新审理。").await);
    done(&officer, &card, "classification", &[("category", "claim"), ("branch", "1")]).await;
    let fields = [("organ", "县委政法委"), ("content", "现将信访事项转送你单位，请依法处理。")];
    done(&officer, &card, "forwarding", &fields).await;
    let says = ["信访事项转送函", "县委政法委：", "请依法处理", "罗新华", "法院判决不公", "县信访局"];
    taken(&officer, &format!("{card}/forwarding"), &says).await;
    let says = ["信访事项不予受理告知书", "第三十一条", "转送县委政法委", "按照该机关的程序提出"];
    taken(&officer, &format!("{card}/notice"), &says).await;
    // Whoever may not find it takes nothing away.
    county.signed_in("chengban").await.get(&format!("{card}/forwarding.docx")).await.is(404);
}

#[tokio::test]
async fn the_notice_of_what_was_sent_on_is_served_and_recorded_by_whoever_sent_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, "法院判决不公，要求重新审理。").await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    done(&officer, &card, "classification", &[("category", "claim"), ("branch", "1")]).await;
    officer.get(&card).await.keeps_from("告知书</summary>");
    let fields = [("organ", "县委政法委"), ("content", "现将信访事项转送你单位，请依法处理。")];
    done(&officer, &card, "forwarding", &fields).await;
    officer.get(&card).await.says("告知书待送达").says("送达转送（不予受理）告知书");
    county.on("2026-11-06");
    let officer = county.signed_in("xinfang").await;
    let serve =
        |on, signed_by| [("paper", "forwarding"), ("manner", "in_person"), ("on", on), ("signed_by", signed_by)];
    act(&officer, &card, "service", &serve("2026-11-01", "罗新华")).await.is(422).says("也不能早于2026-11-02");
    act(&officer, &card, "service", &serve("2026-11-04", "")).await.is(422).says("签收人");
    done(&officer, &card, "service", &serve("2026-11-04", "罗新华")).await;
    let page = officer.get(&card).await;
    page.says("当面送达转送（不予受理）告知书（11 月 6 日补登）").says("罗新华 签收").keeps_from("告知书待送达");
    page.keeps_from("送达转送（不予受理）告知书</summary>");
    county.villager().post("/track", &[("code", &code)]).await.says("告知书已送达（当面送达，11 月 6 日补登）");
    // Nobody is owed a paper who left no name.
    let form = [("channel", "letter"), ("content", "反映劳动仲裁不公"), ("place", "阳升观村"), ("people", "1")];
    let anonymous = card_of(&officer.fill("/petitions/new", "/petitions", &form).await);
    done(&officer, &anonymous, "classification", &[("category", "claim"), ("branch", "2")]).await;
    done(&officer, &anonymous, "forwarding", &fields).await;
    officer.get(&anonymous).await.keeps_from("告知书待送达").keeps_from("送达转送");
}
