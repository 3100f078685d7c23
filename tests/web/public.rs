//! C5 and "follow": what a villager does without an account.

use youzhi::web::limits::Limits;

use crate::county::{Answer, County, Person};
use crate::petitions_acts::{answer, done};

/// What a villager types, but for what `fields` says otherwise.
async fn hand_in(villager: &Person<'_>, fields: &[(&str, &str)]) -> Answer {
    let usual = [
        ("content", "三组的路灯不亮，已经三个月。"),
        ("place", "阳升观村"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
    ];
    let mut all: Vec<(&str, &str)> = fields.to_vec();
    for (name, value) in usual {
        if !fields.iter().any(|(given, _)| *given == name) {
            all.push((name, value));
        }
    }
    villager.fill("/", "/intake", &all).await
}

/// The code on a receipt.
fn code_of(receipt: &Answer) -> String {
    receipt.between("class=\"code\">", "<")
}

#[tokio::test]
async fn a_villager_hands_a_matter_in_and_the_petition_office_finds_it() {
    let county = County::new().await;
    let receipt = hand_in(&county.villager(), &[]).await;
    receipt.is(200).says("攸信〔2026〕0001号").says("存证封存中");
    assert_eq!(code_of(&receipt).len(), 19);
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions").await.says("三组的路灯不亮").says("罗新华").says("县信访局");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition WHERE channel = 'web' AND registered_by IS NULL").await, 1);
}

#[tokio::test]
async fn the_page_says_what_to_expect_from_the_values_in_force() {
    let county = County::new().await;
    let page = county.villager().get("/").await;
    page.is(200).says("受理后 60 日内").says("《信访工作条例》第三十四条").says("再延 30 日");
    county.on("2022-04-29");
    county.villager().get("/").await.says("《信访条例》第三十三条").keeps_from("《信访工作条例》第三十四条");
}

#[tokio::test]
async fn the_second_click_shows_the_same_receipt_and_a_changed_form_is_not_passed_off_as_new() {
    let county = County::new().await;
    let villager = county.villager();
    let key = villager.get("/").await.hidden("/intake").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let first = hand_in(&villager, &[("key", &key)]).await;
    let second = hand_in(&villager, &[("key", &key)]).await;
    assert_eq!(first.words(), second.words());
    let changed = hand_in(&villager, &[("key", &key), ("content", "另外一件事，水渠堵了。")]).await;
    changed.is(200).says("先前已经提交过").says("三组的路灯不亮").keeps_from("水渠");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 1);
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed() {
    let county = County::new().await;
    let fields = [
        ("content", "短"),
        ("place", "没有的地方"),
        ("phone", "123"),
        ("against_official", "张三"),
        ("place_detail", "门牌8号"),
    ];
    let page = hand_in(&county.villager(), &fields).await;
    page.is(422).says("至少 5 个字").says("没有找到这个地方").says("手机号应是 11 位");
    for typed in ["短</textarea>", "没有的地方", "\"123\"", "张三", "门牌8号", "罗新华"] {
        page.says(typed);
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 0);
}

#[tokio::test]
async fn a_place_without_script_resolves_by_name_by_initials_or_by_choice() {
    let county = County::new().await;
    let villager = county.villager();
    hand_in(&villager, &[("place", "阳升观")]).await.is(200);
    hand_in(&villager, &[("place", "xsz")]).await.is(200);
    hand_in(&villager, &[("place", "ysgc")]).await.is(422).says("阴山港村").says("阳升观村");
    let offered = hand_in(&villager, &[("place", "新")]).await;
    offered.is(422).says("您说的是哪一个").says("新市镇");
    let code = offered.between("name=\"place_code\" value=\"", "\"");
    let key = offered.hidden("/intake").into_iter().find(|(name, _)| name == "key").unwrap().1;
    hand_in(&villager, &[("place", "新"), ("place_code", &code), ("key", &key)]).await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 3);
}

#[tokio::test]
async fn five_represent_a_joint_matter_and_six_are_refused() {
    let county = County::new().await;
    let villager = county.villager();
    let names = ["罗新华", "丁小红", "谭永清", "陈冬梅", "文小平", "易六"];
    let with = |count: usize| names[..count].iter().map(|name| ("name", *name)).collect::<Vec<_>>();
    let six = hand_in(&villager, &with(6)).await;
    six.is(422).says("不超过 5 人");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 0);
    hand_in(&villager, &with(5)).await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM petitioner").await, 5);
    assert_eq!(county.count("SELECT people FROM petition").await, 5, "whoever names five has said that there are five");
}

#[tokio::test]
async fn a_form_does_not_tell_which_officials_exist_and_the_one_named_finds_nothing() {
    let county = County::new().await;
    let villager = county.villager();
    let known = hand_in(&villager, &[("against_official", "贺小兰")]).await;
    let unknown = hand_in(&villager, &[("against_official", "没有此人")]).await;
    known.is(200);
    unknown.is(200);
    let told = |page: &Answer| page.words().replace(&code_of(page), "").replace("0002号", "0001号");
    assert_eq!(told(&known), told(&unknown));

    let named = county.signed_in("xinfang2").await;
    named.get("/petitions").await.is(200).says("攸信〔2026〕0002号").keeps_from("攸信〔2026〕0001号");
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions").await.says("攸信〔2026〕0001号").says("攸信〔2026〕0002号");
    let newest = format!("/petitions/{}", county.count("SELECT MAX(id) FROM petition").await);
    officer.get(&newest).await.says("所反映的干部：没有此人");
}

#[tokio::test]
async fn an_official_is_found_within_the_words_and_of_one_name_every_one_is_meant() {
    let county = County::new().await;
    county.execute("UPDATE official SET name = '贺小兰' WHERE number = 'ducha'").await;
    let villager = county.villager();
    hand_in(&villager, &[("against_official", "信访局的贺小兰科员")]).await.is(200);
    for login in ["xinfang2", "ducha"] {
        county.signed_in(login).await.get("/petitions?tab=all").await.is(200).keeps_from("0001号");
    }
    county.signed_in("xinfang").await.get("/petitions?tab=all").await.says("0001号");
    let endless = "贺".repeat(201);
    hand_in(&villager, &[("place_detail", &endless)]).await.is(422).says("具体位置请控制在 200 字以内");
    hand_in(&villager, &[("address", &endless)]).await.is(422).says("住址请控制在 200 字以内");
    hand_in(&villager, &[("against_official", &endless)]).await.is(422).says("100 字以内");
}

#[tokio::test]
async fn what_is_against_the_petition_office_does_not_go_to_it() {
    let county = County::new().await;
    let villager = county.villager();
    let page = villager.get("/").await;
    let option = page.text.split("<option value=\"").find(|option| option.contains("县信访局")).unwrap().to_owned();
    let unit = option.split('"').next().unwrap().to_owned();
    hand_in(&villager, &[("against_unit", &unit)]).await.is(200);
    county.signed_in("xinfang").await.get("/petitions").await.is(200).keeps_from("三组的路灯不亮");
    county.signed_in("ducha").await.get("/petitions").await.is(200).says("三组的路灯不亮").says("县委督查室");
}

#[tokio::test]
async fn supervision_carries_what_is_against_the_petition_office_to_its_end_and_nothing_else() {
    use crate::petitions_acts::{OPINION, choice};
    let county = County::new().await;
    let villager = county.villager();
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    hand_in(&villager, &[("against_unit", &office), ("content", "信访局接访不登记，我家的补偿没人管。")]).await.is(200);
    let card = format!("/petitions/{}", county.count("SELECT MAX(id) FROM petition").await);
    hand_in(&villager, &[]).await.is(200);
    let other = format!("/petitions/{}", county.count("SELECT MAX(id) FROM petition").await);

    let supervisor = county.signed_in("ducha").await;
    // What another office received is none of its business, whoever sends the form.
    let page = supervisor.get(&other).await;
    page.is(200).keeps_from("分类</summary>").keeps_from("罗新华");
    let fields = [("version", "1"), ("category", "suggestion")];
    supervisor.post(&format!("{other}/classification"), &fields).await.is(422).says("只能处理本单位收到的事项");

    supervisor.get(&card).await.is(200).says("罗新华").says("13812345678");
    done(&supervisor, &card, "classification", &[("category", "claim"), ("branch", "6")]).await;
    let page = supervisor.get(&card).await;
    page.keeps_from("县信访局</option>");
    let unit = choice(&page, "县自然资源局");
    done(&supervisor, &card, "assignment", &[("unit", &unit)]).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "objection", &[("content", "属于别的部门职责")]).await;
    done(&supervisor, &card, "taking-back", &[]).await;
    supervisor.get(&card).await.says("待交办").says("县委督查室");
    done(&supervisor, &card, "assignment", &[("unit", &unit)]).await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    handler.fill(&format!("{card}/opinion"), &format!("{card}/opinion"), &OPINION).await.is(303);
    done(&handler, &card, "service", &[("paper", "opinion"), ("manner", "in_person"), ("signed_by", "罗新华")]).await;
    done(&supervisor, &card, "call-back", &[("reached", "1"), ("content", "收到了")]).await;
    done(&supervisor, &card, "closure", &[("resolution", "answered")]).await;
    county.signed_in("xinfang").await.get(&card).await.is(404);
}

#[tokio::test]
async fn a_report_against_the_petition_office_is_forwarded_by_supervision() {
    let county = County::new().await;
    let office = county.count("SELECT id FROM unit WHERE code = 'XFJ'").await.to_string();
    hand_in(&county.villager(), &[("against_unit", &office)]).await.is(200);
    let card = card(&county).await;
    let supervisor = county.signed_in("ducha").await;
    done(&supervisor, &card, "classification", &[("category", "report")]).await;
    done(&supervisor, &card, "forwarding", &[("organ", "县纪委监委"), ("content", "请依纪依法处理")]).await;
    supervisor.get(&card).await.says("转送县纪委监委");
}

#[tokio::test]
async fn an_office_found_to_be_complained_of_hands_over_to_supervision() {
    let county = County::new().await;
    hand_in(&county.villager(), &[]).await.is(200);
    let card = card(&county).await;
    let supervisor = county.signed_in("ducha").await;
    supervisor.get(&card).await.keeps_from("分类</summary>");
    done(&county.signed_in("xinfang").await, &card, "recusal", &[("unit", "县信访局")]).await;
    county.signed_in("xinfang2").await.get(&card).await.is(404);
    done(&supervisor, &card, "classification", &[("category", "claim"), ("branch", "6")]).await;
}

#[tokio::test]
async fn one_address_cannot_hand_in_for_ever() {
    let county = County::with_limits(Limits::new()).await;
    let villager = county.villager();
    let mut refused = 0;
    for _ in 0..25 {
        let page = hand_in(&villager, &[]).await;
        refused += i32::from(page.status == 429);
    }
    assert!((1..=5).contains(&refused), "{refused} of 25 were refused");
}

#[tokio::test]
async fn large_type_is_a_link_and_stays() {
    let county = County::new().await;
    let mut villager = county.villager();
    villager.get("/").await.says("?size=large").keeps_from("class=\"large\"");
    let page = villager.get("/?size=large").await;
    page.is(200).says("class=\"large\"");
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    villager.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    villager.get("/").await.says("class=\"large\"").says("?size=normal");
    villager.get("/?size=huge").await.says("class=\"large\"");
    hand_in(&villager, &[]).await.is(200).says("class=\"large\"");
}

/// Hands a matter in and gives the code of its receipt.
async fn code_in_hand(villager: &Person<'_>) -> String {
    code_of(&hand_in(villager, &[]).await)
}

/// Opens the tracking page.
async fn follow(villager: &Person<'_>, code: &str) -> Answer {
    villager.post("/track", &[("code", code)]).await
}

/// Sends a form of the tracking page with what is hidden in it.
async fn say(villager: &Person<'_>, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
    let hidden = page.hidden(action);
    let mut all = fields.to_vec();
    all.extend(hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    villager.post(action, &all).await
}

/// The card of the only petition, by its path.
async fn card(county: &County) -> String {
    format!("/petitions/{}", county.count("SELECT id FROM petition").await)
}

#[tokio::test]
async fn the_code_on_the_receipt_shows_number_state_and_deadline() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let page = follow(&villager, &code).await;
    // Registered on 2 November: fifteen days end on the 17th. The 15th is a Sunday: the county receives on the 16th.
    page.is(200).says("攸信〔2026〕0001号").says("待交办").says("还有 15 天，11 月 17 日前转给有权处理的单位");
    page.says("11 月 10 日").says("11 月 16 日").says("县委书记、县长").says("还没有人看过");
    page.keeps_from("罗新华").keeps_from("13812345678").keeps_from("肖文");
    county.on("2026-11-18");
    follow(&villager, &code).await.says("已经晚了 1 天");
    follow(&villager, &code.to_lowercase().replace('-', " ")).await.is(200).says("攸信〔2026〕0001号");
}

#[tokio::test]
async fn a_wrong_a_malformed_and_an_empty_code_get_the_same_answer() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let mut near = code.clone().into_bytes();
    near[0] = if near[0] == b'2' { b'3' } else { b'2' };
    let near = String::from_utf8(near).unwrap();
    let wrong = follow(&villager, &near).await;
    wrong.is(422).says("没有查到").keeps_from("攸信");
    for other in ["0000-0000-0000-0000", "不是查询码", "", "'; DROP TABLE receipt"] {
        for action in ["/track", "/track/supplements", "/track/acknowledgment", "/track/rating"] {
            let answer = villager.post(action, &[("code", other), ("content", "补充"), ("score", "5")]).await;
            assert_eq!((answer.status, answer.words()), (wrong.status, wrong.words()), "{action} with “{other}”");
        }
    }
}

#[tokio::test]
async fn codes_cannot_be_tried_for_ever() {
    let county = County::with_limits(Limits::new()).await;
    let villager = county.villager();
    let mut refused = 0;
    for round in 0..25 {
        let action = if round % 2 == 0 { "/track" } else { "/track/rating" };
        let page = villager.post(action, &[("code", "0000-0000-0000-0000")]).await;
        refused += i32::from(page.status == 429);
    }
    assert!((4..=5).contains(&refused), "{refused} of 25 were refused");
}

#[tokio::test]
async fn the_page_tells_by_unit_who_has_read_the_file_and_names_no_official() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let officer = county.signed_in("xinfang").await;
    let card = card(&county).await;
    officer.get(&card).await.is(200);
    officer.get(&card).await.is(200);
    county.signed_in("ducha").await.get(&card).await.is(200);
    let page = follow(&villager, &code).await;
    page.says("县信访局，最近一次 11 月 2 日")
        .says("县委督查室，最近一次 11 月 2 日")
        .keeps_from("肖文")
        .keeps_from("刘建平");
}

#[tokio::test]
async fn the_seal_on_the_page_is_one_that_anybody_can_check() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    follow(&villager, &code).await.says("存证封存中").keeps_from("sm3:");
    youzhi::chain::seal(&county.app.db).await.unwrap();
    let page = follow(&villager, &code).await;
    let hash = page.between("href=\"/verify?link=", "\"");
    assert_eq!(hash.len(), 68);
    assert!(youzhi::chain::verify::find(&county.app.db, &hash).await.unwrap().is_some());
    villager.get(&format!("/verify?link={hash}")).await.is(200).says("在链上：第 1 条，11 月 2 日写入");
    villager.get("/verify?link=sm3:00").await.is(200).says("链上没有这个存证值");
    villager.get("/verify").await.is(200).keeps_from("链上没有");
}

#[tokio::test]
async fn a_supplement_is_taken_once_and_stands_in_the_history() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let page = follow(&villager, &code).await;
    let content = [("content", "昨天又坏了两盏。")];
    say(&villager, &page, "/track/supplements", &content).await.is(200).says("已经收到").says("您补充了情况");
    say(&villager, &page, "/track/supplements", &content).await.is(200).says("已经收到");
    assert_eq!(county.count("SELECT COUNT(*) FROM supplement").await, 1);
    let changed = say(&villager, &page, "/track/supplements", &[("content", "还有一盏。")]).await;
    changed.is(422).says("请再点一次").says("还有一盏。</textarea>");
    say(&villager, &changed, "/track/supplements", &[("content", "还有一盏。")]).await.is(200);
    assert_eq!(county.count("SELECT COUNT(*) FROM supplement").await, 2);
    county.signed_in("xinfang").await.get(&card(&county).await).await.says("信访人补充").says("昨天又坏了两盏。");
    let recorded = "SELECT COUNT(*) FROM chain_record WHERE action = 'petition.supplemented' AND official IS NULL";
    assert_eq!(county.count(recorded).await, 2);

    let short = say(&villager, &page_again(&villager, &code).await, "/track/supplements", &[("content", "嗯")]).await;
    short.is(422).says("嗯</textarea>");
}

/// The tracking page, opened anew.
async fn page_again(villager: &Person<'_>, code: &str) -> Answer {
    let page = follow(villager, code).await;
    page.is(200);
    page
}

#[tokio::test]
async fn the_answer_is_acknowledged_and_rated_once_and_not_before_it_is_there() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let before = follow(&villager, &code).await;
    before.keeps_from("/track/rating").keeps_from("/track/acknowledgment");
    let key = youzhi::web::forms::new_key();
    let early = [("code", code.as_str()), ("key", key.as_str()), ("score", "5")];
    villager.post("/track/rating", &early).await.is(422);
    villager.post("/track/acknowledgment", &early).await.is(422);
    assert_eq!(county.count("SELECT COUNT(*) FROM rating").await, 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM acknowledgment").await, 0);

    answer(&county, &card(&county).await).await;
    let page = page_again(&villager, &code).await;
    say(&villager, &page, "/track/acknowledgment", &[]).await.is(200).says("您确认收到了答复").says("您已确认收到答复");
    say(&villager, &page, "/track/acknowledgment", &[]).await.is(200).says("您确认收到了答复");
    say(&villager, &page, "/track/rating", &[("score", "6")]).await.is(422);
    let rated = [("score", "4"), ("content", "修得快")];
    say(&villager, &page, "/track/rating", &rated).await.is(200).says("您的评价：满意").keeps_from("/track/rating");
    say(&villager, &page, "/track/rating", &rated).await.is(200);
    assert_eq!(county.count("SELECT score FROM rating").await, 4);
    assert_eq!(county.count("SELECT COUNT(*) FROM acknowledgment WHERE recorded_by IS NULL").await, 1);
}

#[tokio::test]
async fn a_matter_goes_from_the_villager_to_its_seal_and_the_villager_follows() {
    let county = County::new().await;
    let villager = county.villager();
    let code = code_in_hand(&villager).await;
    let card = card(&county).await;
    answer(&county, &card).await;
    let page = page_again(&villager, &code).await;
    page.says("已答复").says("分给县自然资源局办理").says("处理意见书").keeps_from("周敏").keeps_from("走访 6 户");
    say(&villager, &page, "/track/acknowledgment", &[]).await.is(200);
    done(&county.signed_in("xinfang2").await, &card, "closure", &[("resolution", "resolved")]).await;
    let closed = page_again(&villager, &code).await;
    closed.says("已办结").says("已化解").says("/track/rating").keeps_from("/track/supplements");
}
