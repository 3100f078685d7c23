//! C6: the ledger's tabs, filters and pages, its Excel file, and recusal against every way of looking.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{act, answered, assigned, choice, done};

async fn register(officer: &Person<'_>, fields: &[(&str, &str)]) -> Answer {
    let mut all = vec![("channel", "visit"), ("people", "1")];
    for (name, value) in fields {
        all.retain(|(given, _)| given != name);
        all.push((name, value));
    }
    if !all.iter().any(|(name, _)| *name == "place") {
        all.push(("place", "阳升观村"));
    }
    let page = officer.fill("/petitions/new", "/petitions", &all).await;
    page.is(200);
    page
}

fn encoded(text: &str) -> String {
    youzhi::web::forms::url_encode(text)
}

/// Petitions past the front door, `n` of them, with ids from 1: a ledger too long to type.
async fn many(county: &County, n: i64) {
    let mut write = county.app.db.write().await.unwrap();
    let (officer,): (i64,) =
        sqlx::query_as("SELECT id FROM official WHERE number = 'xinfang'").fetch_one(&mut *write).await.unwrap();
    for id in 1..=n {
        let open = id % 10 == 0;
        sqlx::query(
            "INSERT INTO petition (id, number, registered_on, registered_at, registered_by, channel, title, content, theme,
                                   division, township, place_detail, people, anonymous, lead, category, state, version)
             VALUES ($1, $2, '2026-10-01', 0, $3, 'visit', $4, '内容', $5, '430223125', '430223125', '', 1, 0, '', 'claim', $6, 1)",
        )
        .bind(id)
        .bind(format!("攸信〔2026〕{id:04}号"))
        .bind(officer)
        .bind(format!("第 {id} 件"))
        .bind(if id % 3 == 0 { "land" } else { "works" })
        .bind(if open { "registered" } else { "closed" })
        .execute(&mut *write)
        .await
        .unwrap();
        if open {
            sqlx::query("INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional) VALUES ($1, $1, 'registration', '2026-10-01', $2, 0)")
                .bind(id)
                .bind(if id % 20 == 0 { "2026-10-16" } else { "2026-11-05" })
                .execute(&mut *write)
                .await
                .unwrap();
        }
    }
    write.commit().await.unwrap();
}

/// The numbers on a page of the ledger, in their order.
fn numbers(page: &Answer) -> Vec<String> {
    page.text
        .split("<td><a href=\"/petitions/")
        .skip(1)
        .map(|rest| rest.split_once('>').unwrap().1.split('<').next().unwrap().to_owned())
        .collect()
}

async fn walk(person: &Person<'_>, first: &str) -> Vec<String> {
    let (mut path, mut all) = (first.to_owned(), Vec::new());
    loop {
        let page = person.get(&path).await;
        page.is(200);
        all.extend(numbers(&page));
        match page.text.split_once("\" rel=\"next\"") {
            Some((before, _)) => {
                path = before.rsplit("href=\"").next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            }
            None => return all,
        }
    }
}

#[tokio::test]
async fn pages_by_number_and_by_due_day_show_every_row_once() {
    let county = County::new().await;
    many(&county, 1_230).await;
    let officer = county.signed_in("xinfang").await;
    let all = walk(&officer, "/petitions?tab=all").await;
    let expected: Vec<String> = (1..=1_230).rev().map(|n| format!("攸信〔2026〕{n:04}号")).collect();
    assert_eq!(all, expected);
    // 61 of them are late since 16 October, in the order of their ids: the due day is the same.
    let late = walk(&officer, "/petitions?tab=late").await;
    let expected: Vec<String> = (1..=61).map(|n| format!("攸信〔2026〕{:04}号", n * 20)).collect();
    assert_eq!(late, expected);
    let first = officer.get("/petitions").await;
    first
        .says("第 1–50 条，共 123 条")
        .says("截至 11 月 2 日 09:00")
        .says("全部 500+")
        .says("逾期 61")
        .says("三天内到期 62");
    let second = officer.get("/petitions?tab=open&after=740&past=50").await;
    second.says("第 51–100 条").says("回到第一页").says("0730号").keeps_from("0740号");
}

#[tokio::test]
async fn three_days_is_soon_and_four_is_not() {
    let county = County::new().await;
    many(&county, 10).await;
    county.on("2026-11-01");
    county.signed_in("xinfang").await.get("/petitions?tab=soon").await.keeps_from("0010号");
    county.on("2026-11-02");
    county.signed_in("xinfang").await.get("/petitions?tab=soon").await.says("0010号").says("还有 3 天");
    county.on("2026-11-05");
    county.signed_in("xinfang").await.get("/petitions?tab=soon").await.says("0010号").says("今天");
    county.on("2026-11-06");
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions?tab=soon").await.keeps_from("0010号");
    officer.get("/petitions?tab=late").await.says("0010号").says("逾期 1 天");
}

#[tokio::test]
async fn a_case_is_found_by_name_number_and_phone_and_by_every_filter() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    register(
        &officer,
        &[("content", "房屋墙体开裂"), ("name", "罗新华"), ("phone", "13812345678"), ("theme", "mining")],
    )
    .await;
    register(&officer, &[("content", "路灯不亮三个月"), ("name", "陈新"), ("place", "新市镇"), ("theme", "works")])
        .await;
    let both = |page: &Answer| (page.text.contains("0001号"), page.text.contains("0002号"));
    let found = |q: &str| {
        let (officer, path) = (officer.clone(), format!("/petitions?q={}", encoded(q)));
        async move { both(&officer.get(&path).await) }
    };
    assert_eq!(found("罗新").await, (true, false));
    assert_eq!(found("罗新华").await, (true, false));
    assert_eq!(found("新华").await, (false, false), "from the first character on");
    assert_eq!(found("1").await, (true, false));
    assert_eq!(found("攸信〔2026〕0002号").await, (false, true));
    assert_eq!(found("１３８ 1234 5678").await, (true, false));
    assert_eq!(found("13812345679").await, (false, false));
    for (filter, expected) in [
        ("theme=mining", (true, false)),
        ("township=430223123", (false, true)),
        ("category=unsorted", (true, true)),
        ("category=claim", (false, false)),
        ("state=registered", (true, true)),
        ("state=closed", (false, false)),
    ] {
        assert_eq!(both(&officer.get(&format!("/petitions?{filter}")).await), expected, "{filter}");
    }
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await;
    assert_eq!(both(&officer.get(&format!("/petitions?unit={office}")).await), (true, true));
    assert_eq!(both(&officer.get("/petitions?unit=7").await), (false, false));
    // Who sees names masked cannot ask whether a name is there.
    let supervisor = county.signed_in("ducha").await;
    assert_eq!(both(&supervisor.get(&format!("/petitions?q={}", encoded("罗新华"))).await), (false, false));
    assert_eq!(both(&supervisor.get("/petitions?q=13812345678").await), (false, false));
    assert_eq!(both(&supervisor.get("/petitions?q=1").await), (true, false));
}

#[tokio::test]
async fn each_tab_holds_what_it_says() {
    let county = County::new().await;
    let card = answered(&county).await;
    let officer = county.signed_in("xinfang").await;
    let has = |tab: &'static str| {
        let officer = officer.clone();
        async move { officer.get(&format!("/petitions?tab={tab}")).await.text.contains("0001号") }
    };
    assert!(has("open").await && has("call").await && has("all").await);
    assert!(!has("closed").await && !has("bound").await && !has("late").await && !has("soon").await);
    let leader = choice(&officer.get(&card).await, "谢国华");
    done(&officer, &card, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await;
    assert!(has("bound").await);
    done(&county.signed_in("xinfang2").await, &card, "call-back", &[("reached", "1"), ("content", "满意")]).await;
    assert!(!has("call").await);
    done(&officer, &card, "closure", &[("resolution", "resolved")]).await;
    assert!(has("closed").await && !has("open").await && !has("bound").await);
}

pub fn rows(answer: &Answer) -> Vec<Vec<Data>> {
    answer.is(200);
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(answer.bytes.clone())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

#[tokio::test]
async fn the_excel_file_holds_the_filtered_rows_with_typed_cells_and_its_taking_is_recorded() {
    let county = County::new().await;
    many(&county, 1_230).await;
    let officer = county.signed_in("xinfang").await;
    let all = rows(&officer.get("/petitions/export.xlsx?tab=all").await);
    assert_eq!(all.len(), 1_231, "headings and every row");
    assert_eq!(all[0][0], Data::String("编号".to_owned()));
    let some = rows(&officer.get("/petitions/export.xlsx?tab=late&theme=land").await);
    assert_eq!(some.len(), 21, "{some:?}");
    let first = &some[1];
    let column = |name: &str| some[0].iter().position(|heading| *heading == Data::String(name.to_owned())).unwrap();
    assert_eq!(first[0], Data::String("攸信〔2026〕0060号".to_owned()));
    assert!(matches!(first[column("收到时间")], Data::DateTime(_)), "{first:?}");
    assert_eq!(first[column("人数")], Data::Float(1.0));
    assert!(matches!(first[column("期限")], Data::DateTime(_)), "{first:?}");
    let few = rows(&officer.get("/petitions/export.xlsx?tab=late&theme=land&columns=title,number").await);
    assert_eq!((few.len(), &few[0][..]), (21, &["编号", "事项"].map(|heading| Data::String(heading.to_owned()))[..]));
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petitions.exported'").await, 3);
    county.signed_in("lingdao").await.get("/petitions/export.xlsx").await.is(403);
}

#[tokio::test]
async fn the_record_of_an_export_does_not_keep_what_was_searched_for() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    for q in ["13812345678".to_owned(), encoded("罗新华")] {
        officer.get(&format!("/petitions/export.xlsx?theme=land&q={q}")).await.is(200);
    }
    let kept =
        "SELECT COUNT(*) FROM chain_content WHERE content LIKE '%theme=land%' AND content LIKE '%searched\":true%'";
    assert_eq!(county.count(kept).await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_content WHERE content LIKE '%q=%'").await, 0);
}

#[tokio::test]
async fn names_are_masked_in_the_excel_file_of_those_who_see_them_masked() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    register(&officer, &[("content", "罗新华反映房屋开裂"), ("name", "罗新华")]).await;
    let text = |rows: &[Vec<Data>]| format!("{rows:?}");
    assert!(text(&rows(&officer.get("/petitions/export.xlsx").await)).contains("罗新华"));
    let supervisor = county.signed_in("ducha").await;
    let masked = text(&rows(&supervisor.get("/petitions/export.xlsx").await));
    assert!(masked.contains("罗某") && !masked.contains("罗新华"), "{masked}");
}

/// Every way in which somebody might come upon the petition with the id in `card`.
async fn finds_nothing(person: &Person<'_>, card: &str, who: &str) {
    for path in [card.to_owned(), format!("{card}/opinion"), format!("{card}/notice")] {
        let page = person.get(&path).await;
        assert_eq!(page.status.as_u16(), 404, "{who} {path}: {}", page.words());
    }
    let searches = ["", "&q=1", "&q=13812345678"].map(str::to_owned).into_iter();
    let named = format!("&q={}", encoded("罗新华"));
    for search in searches.chain([named]) {
        for tab in ["open", "soon", "late", "bound", "call", "closed", "all"] {
            let page = person.get(&format!("/petitions?tab={tab}{search}")).await;
            page.is(200).keeps_from("0001号").keeps_from("开裂");
            assert!(search.contains('%') || !page.text.contains("罗新华"), "{who} reads the name");
            assert!(page.text.contains("<i>0</i>") && !page.text.contains("<i>1</i>"), "{who}: a count tells of it");
        }
    }
    // Figures tell as well: it is the only petition of the county, so all of them are nothing.
    let overview = person.get("/overview").await;
    if overview.status.as_u16() == 200 {
        overview.says("包案化解（今年） 0 / 0 ").says("信访办结（今年） 0 / 0 件").keeps_from("0001号");
        assert_eq!(overview.words().matches("现在逾期 0 件").count(), 2, "{who}: {}", overview.words());
        for label in ["data-label=\"信访在办\">", "data-label=\"逾期\">"] {
            for cell in overview.text.split(label).skip(1) {
                let cell = cell.split("</td>").next().unwrap();
                assert!(cell == "0" || cell.contains(">0</a>"), "{who}: {cell}");
            }
        }
    }
    person.get("/my-month").await.is(200).keeps_from("0001号").keeps_from("开裂");
    let file = person.get("/petitions/export.xlsx?tab=all").await;
    if file.status.as_u16() == 200 {
        assert_eq!(rows(&file).len(), 1, "{who}: {:?}", rows(&file));
    }
    for noun in ["acceptance", "opinion", "service", "step", "objection", "extension", "closure", "binding"] {
        let answer = person.post(&format!("{card}/{noun}"), &[("version", "1"), ("content", "看看有没有")]).await;
        assert!(matches!(answer.status.as_u16(), 403 | 404), "{who} {noun}: {}", answer.words());
    }
}

#[tokio::test]
async fn the_unit_complained_of_finds_it_in_no_way_whatever_it_was_given() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let unit = county.count("SELECT id FROM unit WHERE code = 'ZRZY'").await.to_string();
    let fields = [
        ("content", "反映该局不作为，房屋开裂无人管"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
        ("against_unit", unit.as_str()),
    ];
    let card = card_of(&register(&officer, &fields).await);
    for login in ["chengban", "fenguan"] {
        finds_nothing(&county.signed_in(login).await, &card, login).await;
    }
    // It cannot be given to it either: not offered, and refused where the form is made up.
    done(&officer, &card, "classification", &[("category", "claim"), ("branch", "6")]).await;
    let page = officer.get(&card).await;
    assert!(!page.text.contains(&format!("value=\"{unit}\"")), "the unit is offered");
    act(&officer, &card, "assignment", &[("unit", &unit)]).await.is(422).says("应当回避");
    // Past the front door: assigned to it, with every role, in the whole county, and bound to one of its people.
    county
        .execute(
            "UPDATE petition SET unit = (SELECT id FROM unit WHERE code = 'ZRZY'), state = 'accepted',
                    handler = (SELECT id FROM official WHERE number = 'chengban');
             INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
             SELECT 1, p.id, u.id, 'lead', '2026-11-02', o.id, '' FROM petition p, unit u, official o
              WHERE u.code = 'ZRZY' AND o.number = 'xinfang';
             INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
             SELECT 2, p.id, u.id, 'help', '2026-11-02', o.id, '' FROM petition p, unit u, official o
              WHERE u.code = 'ZRZY' AND o.number = 'xinfang';
             INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
             SELECT 1, p.id, l.id, '2026-Q4', '2026-12-20', '2026-11-02', o.id FROM petition p, official l, official o
              WHERE l.number = 'fenguan' AND o.number = 'xinfang';
             INSERT INTO role_grant (appointment, role)
             SELECT a.id, r.role FROM appointment a JOIN official o ON o.id = a.official,
                    (SELECT 'petition_officer' AS role UNION SELECT 'leader' UNION SELECT 'supervision') r
              WHERE o.number IN ('chengban', 'fenguan')",
        )
        .await;
    for login in ["chengban", "fenguan"] {
        finds_nothing(&county.signed_in(login).await, &card, login).await;
    }
}

#[tokio::test]
async fn the_person_complained_of_finds_it_in_no_way_whatever_he_was_given() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [
        ("content", "反映谢国华不作为，房屋开裂无人管"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
        ("against_official", "谢国华"),
    ];
    let card = card_of(&register(&officer, &fields).await);
    assigned(&officer, &card).await;
    officer.get(&card).await.keeps_from("谢国华（副县长）");
    let leader = county.count("SELECT id FROM official WHERE number = 'lingdao'").await.to_string();
    let page = officer.get(&card).await;
    let version = page.between("name=\"version\" value=\"", "\"");
    let fields = [("version", version.as_str()), ("leader", leader.as_str()), ("on", "2026-12-20")];
    officer.post(&format!("{card}/binding"), &fields).await.is(422).says("应当回避");
    county
        .execute(
            "INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by)
             SELECT 1, p.id, l.id, '2026-Q4', '2026-12-20', '2026-11-02', o.id FROM petition p, official l, official o
              WHERE l.number = 'lingdao' AND o.number = 'xinfang';
             INSERT INTO role_grant (appointment, role)
             SELECT a.id, r.role FROM appointment a JOIN official o ON o.id = a.official,
                    (SELECT 'petition_officer' AS role UNION SELECT 'handler') r
              WHERE o.number = 'lingdao'",
        )
        .await;
    finds_nothing(&county.signed_in("lingdao").await, &card, "lingdao").await;
    // The unit that it was given to works on.
    county.signed_in("chengban").await.get(&card).await.is(200);
}

#[tokio::test]
async fn who_holds_a_second_post_in_the_unit_complained_of_finds_nothing_in_the_first() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let unit = county.count("SELECT id FROM unit WHERE code = 'ZRZY'").await.to_string();
    let card =
        card_of(&register(&officer, &[("content", "房屋墙体开裂"), ("name", "罗新华"), ("against_unit", &unit)]).await);
    let other = county.signed_in("xinfang2").await;
    other.get(&card).await.is(200);
    county
        .execute(
            "INSERT INTO appointment (id, official, post, held_from)
             SELECT 7, o.id, p.id, '2026-01-01' FROM official o, post p WHERE o.number = 'xinfang2' AND p.code = 'DEMO-fenguan'",
        )
        .await;
    finds_nothing(&other, &card, "xinfang2").await;
}

#[tokio::test]
async fn a_recusal_declared_later_takes_the_case_from_the_unit_at_once() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    handler.get(&card).await.is(200);
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    finds_nothing(&handler, &card, "chengban").await;
    officer.get(&card).await.says("待交办");
    act(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await.is(422).says("已经登记过");
}
