//! C5: petitioners' names in what others wrote, before those who are to see them masked; and leaders and offices that
//! are to be kept from a petition.

use crate::county::{County, Person};
use crate::entries::{village, wrote};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, act, assigned, choice, done};

#[tokio::test]
async fn steps_and_papers_name_nobody_to_those_who_see_names_masked() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "罗新华的事由周敏承办")]).await;
    done(&handler, &card, "step", &[("content", "到罗新华家看了墙体")]).await;
    handler.get(&card).await.says("到罗新华家看了墙体");
    for login in ["ducha", "fenguan"] {
        let masked = county.signed_in(login).await;
        masked.get(&card).await.is(200).says("到罗某家看了墙体").keeps_from("罗新华");
        masked.get(&format!("{card}/notice")).await.is(200).says("罗某的事由周敏承办").keeps_from("罗新华");
    }
}

#[tokio::test]
async fn where_it_happened_names_nobody_to_those_who_see_names_masked() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let fields = [
        ("channel", "visit"),
        ("content", CONTENT),
        ("place", "阳升观村"),
        ("place_detail", "罗新华家屋后"),
        ("people", "1"),
        ("name", "罗新华"),
    ];
    let card = card_of(officer.fill("/petitions/new", "/petitions", &fields).await.is(200));
    let masked = county.signed_in("ducha").await;
    for page in [card.as_str(), "/petitions/cards", "/petitions/print?columns=detail"] {
        masked.get(page).await.is(200).says("罗某家屋后").keeps_from("罗新华");
    }
    officer.get(&card).await.says("罗新华家屋后");
}

#[tokio::test]
async fn what_was_said_about_a_case_names_nobody_outside_the_card_either_but_to_its_writer() {
    let county = County::new().await;
    village(&county).await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    assigned(&officer, &card).await;
    let town = choice(&officer.get(&card).await, "莲塘坳镇");
    done(&officer, &card, "assignment", &[("unit", &town), ("part", "help")]).await;
    let visit = [
        ("kind", "visit"),
        ("household_id", "103"),
        ("result", "met"),
        ("case", "攸信〔2026〕0001号"),
        ("content", "罗新华家的墙又裂了"),
        ("on", "2026-11-02"),
    ];
    let cun = county.signed_in("cun").await;
    let entry = wrote(&cun, &visit).await.is(303).location().to_owned();
    let pages = [entry.as_str(), "/notes", "/households/103"];
    for login in ["xiangzhen", "zhenzhang"] {
        let other = county.signed_in(login).await;
        for page in pages {
            other.get(page).await.is(200).says("罗某家的墙又裂了").keeps_from("罗新华");
        }
    }
    for page in [&pages[..], &["/entries"]].concat() {
        cun.get(page).await.is(200).says("罗新华家的墙又裂了");
    }
    officer.get("/notes").await.says("罗新华家的墙又裂了");
}

/// Registers a petition against a unit, given by its code.
async fn against(county: &County, officer: &Person<'_>, unit: &'static str) -> String {
    let unit = county.count(unit).await.to_string();
    let fields = [
        ("channel", "visit"),
        ("content", CONTENT),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("against_unit", unit.as_str()),
    ];
    card_of(officer.fill("/petitions/new", "/petitions", &fields).await.is(200))
}

#[tokio::test]
async fn a_petition_is_not_bound_to_a_leader_whose_unit_is_kept_from_it() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = against(&county, &officer, "SELECT id FROM unit WHERE code = 'XLD'").await;
    officer.get(&card).await.says("包案</summary>").keeps_from("谢国华");
    let leader = county.count("SELECT id FROM official WHERE number = 'lingdao'").await.to_string();
    let binding = [("leader", leader.as_str()), ("on", "2026-12-20")];
    act(&officer, &card, "binding", &binding).await.is(422).says("应当回避");
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 0);
}

#[tokio::test]
async fn a_binding_ends_where_the_leaders_unit_is_recused() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    let leader = choice(&officer.get(&card).await, "谢国华");
    done(&officer, &card, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await;
    county.signed_in("lingdao").await.get(&card).await.is(200);
    done(&officer, &card, "recusal", &[("unit", "县领导")]).await;
    county.signed_in("lingdao").await.get(&card).await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding WHERE ended_on IS NULL").await, 0);
    officer.get(&card).await.says("包案：谢国华（已结束）").keeps_from("结束包案</summary>");
    county.villager().post("/track", &[("code", &code)]).await.says("前办理（已结束）");
}

#[tokio::test]
async fn no_recusal_leaves_a_petition_that_nobody_finds() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = against(&county, &officer, "SELECT id FROM unit WHERE code = 'DCS'").await;
    let refused = act(&officer, &card, "recusal", &[("unit", "县信访局")]).await;
    refused.is(422).says("没有单位能接收这件事").says("县信访局");
    officer.get(&card).await.is(200);
    // With another office it goes there, and not to the one that is kept from it.
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'petition_officer' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'fenguan'",
        )
        .await;
    done(&officer, &card, "recusal", &[("unit", "县信访局")]).await;
    officer.get(&card).await.is(404);
    county.signed_in("ducha").await.get(&card).await.is(404);
    county.signed_in("fenguan").await.get(&card).await.is(200).says("县自然资源局").says("分类</summary>");
}

/// Gives an official of the cast a post in another unit with a role, from 10 November on.
const MOVED: &str = "
    UPDATE appointment SET held_to = '2026-11-10' WHERE official = (SELECT id FROM official WHERE number = 'chengban');
    INSERT INTO post (id, unit, code, title, listed_as, superior)
    SELECT 71, u.id, 'MOVED', '接访科科员', '科员', NULL FROM unit u WHERE u.code = 'XFJ';
    INSERT INTO appointment (id, official, post, held_from)
    SELECT 72, id, 71, '2026-11-10' FROM official WHERE number = 'chengban';
    INSERT INTO role_grant (appointment, role) VALUES (72, 'petition_officer'), (72, 'leader')";

#[tokio::test]
async fn who_was_in_the_unit_when_it_was_complained_of_is_kept_from_it_in_a_new_post_too() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = against(&county, &officer, "SELECT id FROM unit WHERE code = 'ZRZY'").await;
    county.execute(MOVED).await;
    county.on("2026-11-12");
    let later = against(&county, &county.signed_in("xinfang").await, "SELECT id FROM unit WHERE code = 'ZRZY'").await;
    let moved = county.signed_in("chengban").await;
    moved.get(&card).await.is(404);
    moved.get("/petitions?tab=all").await.is(200).keeps_from("0001号").says("0002号");
    // What came in after the post was left is nobody's secret from whoever left it.
    moved.get(&later).await.is(200);
    let officer = county.signed_in("xinfang").await;
    officer.get(&card).await.says("包案</summary>").keeps_from("周敏（接访科科员）");
    officer.get(&later).await.says("周敏（接访科科员）");
}

#[tokio::test]
async fn of_two_units_of_one_name_none_is_recused_by_the_name_alone() {
    let county = County::new().await;
    county
        .execute(
            "INSERT INTO unit (id, code, name, kind, division, valid_from)
             VALUES (61, 'C1', '新联村村民委员会', 'village', '430223125209', '2019-01-01'),
                    (62, 'C2', '新联村村民委员会', 'village', '430223125210', '2019-01-01')",
        )
        .await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, CONTENT).await);
    act(&officer, &card, "recusal", &[("unit", "新联村村民委员会")]).await.is(422).says("请填单位代码");
    done(&officer, &card, "recusal", &[("unit", "C2")]).await;
    assert_eq!(county.count("SELECT unit FROM recusal").await, 62);
}

#[tokio::test]
async fn nothing_is_given_to_a_unit_that_answers_to_whom_it_complains_of() {
    let county = County::new().await;
    county
        .execute(
            "INSERT INTO unit (id, code, name, kind, division, superior, valid_from)
             SELECT 63, 'CHD', '县测绘队', 'department', '430223', id, '2019-01-01' FROM unit WHERE code = 'ZRZY'",
        )
        .await;
    let officer = county.signed_in("xinfang").await;
    let refused = async |card: &str, unit: &str| {
        done(&officer, card, "classification", &[("category", "claim"), ("branch", "6")]).await;
        let unit = choice(&officer.get(card).await, unit);
        let fields = [("unit", unit.as_str()), ("content", "请调查核实")];
        act(&officer, card, "assignment", &fields).await.is(422).says("不能交给它办");
    };
    let card = against(&county, &officer, "SELECT id FROM unit WHERE code = 'ZRZY'").await;
    refused(&card, "县测绘队").await;
    // 陈新民 heads the land bureau; 周敏 works in it.
    for (name, may) in [("陈新民", false), ("周敏", true)] {
        let fields = [
            ("channel", "visit"),
            ("content", CONTENT),
            ("place", "阳升观村"),
            ("people", "1"),
            ("against_official", name),
        ];
        let card = card_of(officer.fill("/petitions/new", "/petitions", &fields).await.is(200));
        if may {
            assigned(&officer, &card).await;
        } else {
            refused(&card, "县自然资源局").await;
        }
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM assignment").await, 1);
}
