//! C7 and C8: the quarter's list of bound cases, their deadlines and handovers, and the quarter-end meeting.

use policy::Policy;
use policy::values::LocalRow;

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, act, assigned, choice, done};
use crate::petitions_ledger::rows;

/// The county's secretary, a second vice head of the county, and a leader of 莲塘坳镇.
pub(crate) const LEADERS: &str = "
    INSERT INTO post (id, unit, code, title, listed_as) SELECT 901, id, 'XLD-1', '县委书记', '县委书记' FROM unit WHERE code = 'XLD';
    INSERT INTO post (id, unit, code, title, listed_as) SELECT 902, id, 'XLD-2', '副县长', '副县长' FROM unit WHERE code = 'XLD';
    INSERT INTO post (id, unit, code, title, listed_as) SELECT 903, id, 'LTA-9', '副镇长', '副镇长' FROM unit WHERE code = 'LTA';
    INSERT INTO official (id, number, name, initials) VALUES
        (901, 'shuji', '龙大为', 'ldw'), (902, 'fuxian', '何志刚', 'hzg'), (903, 'fuzhen', '欧阳勤', 'oyq');
    INSERT INTO appointment (id, official, post, held_from) VALUES
        (901, 901, 901, '2024-01-01'), (902, 902, 902, '2024-01-01'), (903, 903, 903, '2024-01-01');
    INSERT INTO role_grant (appointment, role) VALUES (901, 'leader'), (902, 'leader'), (903, 'leader');
    INSERT INTO account (id, official, login, password_hash)
        SELECT 901, 901, 'shuji', password_hash FROM account WHERE login = 'lingdao';
    INSERT INTO account (id, official, login, password_hash)
        SELECT 902, 902, 'fuxian', password_hash FROM account WHERE login = 'lingdao';
    INSERT INTO account (id, official, login, password_hash)
        SELECT 903, 903, 'fuzhen', password_hash FROM account WHERE login = 'lingdao'";

async fn county() -> County {
    let county = County::new().await;
    county.execute(LEADERS).await;
    county
}

/// A petition that six people stand behind; the path of its card.
async fn joint(officer: &Person<'_>) -> String {
    let fields = [
        ("channel", "visit"),
        ("content", CONTENT),
        ("place", "阳升观村"),
        ("people", "6"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
    ];
    card_of(officer.fill("/petitions/new", "/petitions", &fields).await.is(200))
}

fn id_of(card: &str) -> &str {
    card.rsplit('/').next().unwrap()
}

async fn propose(officer: &Person<'_>, card: &str, leader: &str) -> Answer {
    let form = format!("/bindings/candidates/{}", id_of(card));
    let leader = match leader.parse::<i64>() {
        Ok(_) => leader.to_owned(),
        Err(_) => choice(&officer.get(&form).await, leader),
    };
    let fields =
        [("leader", leader.as_str()), ("due_on", "2026-12-20"), ("reason", "六户房屋开裂，部门推诿，请县领导牵头")];
    officer.post(&format!("{form}/proposal"), &fields).await
}

/// Proposes and approves; the path of the binding.
async fn bound(county: &County, card: &str, leader: &str) -> String {
    let proposal = propose(&county.signed_in("xinfang").await, card, leader).await.is(303).location().to_owned();
    let chief = county.signed_in("shuji").await;
    chief.post(&format!("{proposal}/decision"), &[("approved", "1")]).await.is(303);
    format!(
        "/bindings/{}",
        chief.get(&proposal).await.between("href=\"/bindings/", "\">看包案进展").rsplit('/').next().unwrap()
    )
}

#[tokio::test]
async fn a_prominent_matter_is_proposed_approved_by_the_chief_and_only_then_bound() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    assigned(&officer, &card).await;
    officer.get("/bindings/candidates").await.is(200).says("攸信〔2026〕0001号").says("联名").says("提请包案");
    let leader = county.signed_in("lingdao").await;
    leader.get("/bindings/candidates").await.is(403);

    let proposed = propose(&officer, &card, "谢国华").await;
    let proposal = proposed.is(303).location().to_owned();
    officer.get(&proposal).await.is(200).says("待批准").says("等县委书记、县长批准").keeps_from("签署</button>");
    officer.get("/bindings/candidates").await.keeps_from("0001号");
    propose(&officer, &card, "901").await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 0);
    // Neither the leader nor another level decides or sees it.
    for login in ["lingdao", "zhenzhang"] {
        let person = county.signed_in(login).await;
        person.get("/bindings").await.is(200).keeps_from("0001号");
        person.get(&proposal).await.is(404);
        person.post(&format!("{proposal}/decision"), &[("approved", "1")]).await.is(404);
    }

    let chief = county.signed_in("shuji").await;
    chief.get("/bindings").await.says("待批准 1").says("去决定").says("六户房屋开裂");
    let decision = format!("{proposal}/decision");
    chief.post(&decision, &[("approved", "0")]).await.is(422).says("不同意的，请写明理由");
    chief.post(&decision, &[("approved", "1"), ("remark", "同意")]).await.is(303);
    chief.post(&decision, &[("approved", "1")]).await.is(409);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding WHERE place = '430223'").await, 1);
    leader.get(&card).await.is(200).says("包案：谢国华");
    leader.get("/bindings").await.says("0001号").says("联名").says("0/5");
    officer.get(&proposal).await.says("已批准").says("龙大为").says("看包案进展");
    let sheet = rows(&officer.get("/bindings/export.xlsx").await);
    assert_eq!(
        (sheet[1][0].to_string(), sheet[1][5].to_string(), sheet.len()),
        ("攸信〔2026〕0001号".to_owned(), "谢国华".to_owned(), 2)
    );
}

#[tokio::test]
async fn what_is_not_approved_is_not_bound_and_says_why() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    let proposal = propose(&officer, &card, "何志刚").await.is(303).location().to_owned();
    let chief = county.signed_in("shuji").await;
    chief.post(&format!("{proposal}/decision"), &[("approved", "0"), ("remark", "先由局里办")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 0);
    officer.get("/bindings").await.says("未批准 1").says("先由局里办");
    // It may be proposed anew.
    propose(&officer, &card, "何志刚").await.is(303);
}

#[tokio::test]
async fn the_four_criteria_screen_and_what_meets_none_is_not_proposed() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let first = card_of(&registered(&officer, CONTENT).await);
    officer.get("/bindings/candidates").await.says("没有达到标准的信访事项");
    propose(&officer, &first, "谢国华").await.is(422).says("没有达到排查标准");
    let severe = [("number", "1"), ("reason", "")];
    officer.post("/bindings/severity", &severe).await.is(422).says("请写 5 至 500 字");
    officer.post("/bindings/severity", &[("number", "77"), ("reason", "墙体随时会倒")]).await.is(422).says("没有找到");
    officer.post("/bindings/severity", &[("number", "1"), ("reason", "墙体随时会倒")]).await.is(303);
    officer.get("/bindings/candidates").await.says("情况严重").says("墙体随时会倒");
    // The same telephone with the same theme.
    registered(&officer, CONTENT).await;
    officer.get("/bindings/candidates").await.says("重复、情况严重").says("0002号");
    county.on("2026-11-18");
    county.signed_in("xinfang").await.get("/bindings/candidates").await.says("超期、重复、情况严重");
}

#[tokio::test]
async fn a_leader_takes_no_more_than_the_county_allows_by_whatever_way() {
    let county = county().await;
    let own = LocalRow::read("binding.leader.petitions", "2026-01-01".parse().unwrap(), "1", "《县委通知》").unwrap();
    county.app.policy.replace(Policy::published().clone().with_local([own]).unwrap());
    let officer = county.signed_in("xinfang").await;
    let (one, other) = (joint(&officer).await, joint(&officer).await);
    let leader = choice(&officer.get(&one).await, "谢国华");
    done(&officer, &one, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await;
    officer.get("/bindings").await.says("紧急直接包案");
    let full = "现在包案 1 件，已到规定的 1 件";
    act(&officer, &other, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await.is(422).says(full);
    propose(&officer, &other, &leader).await.is(422).says(full);
    // Full by the time it is approved.
    let third = joint(&officer).await;
    let proposal = propose(&officer, &third, "何志刚").await.is(303).location().to_owned();
    done(&officer, &other, "binding", &[("leader", "902"), ("on", "2026-12-20")]).await;
    let chief = county.signed_in("shuji").await;
    chief.post(&format!("{proposal}/decision"), &[("approved", "1")]).await.is(422).says(full);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 2);
}

#[tokio::test]
async fn a_deadline_moves_with_the_chiefs_consent_alone() {
    let county = county().await;
    let card = joint(&county.signed_in("xinfang").await).await;
    let path = bound(&county, &card, "谢国华").await;
    let leader = county.signed_in("lingdao").await;
    let ask = format!("{path}/extension");
    let asked = [("due_on", "2027-01-20"), ("reason", "鉴定要等省里专家")];
    leader.post(&ask, &[("due_on", "2026-12-20"), asked[1]]).await.is(422).says("应晚于").says("鉴定要等省里专家");
    leader.post(&ask, &asked).await.is(303);
    leader.post(&ask, &asked).await.is(422).says("已经申请延期").says("鉴定要等省里专家");
    leader.get(&path).await.says("等县委书记、县长批准").says("12 月 20 日").keeps_from("批准延期</h2>");
    let decision = format!("{path}/extension/decision");
    let consent = [("consented", "1"), ("seen", "2027-01-20")];
    leader.post(&decision, &consent).await.is(422).says("只有县委书记、县长可以决定");
    county.signed_in("zhenzhang").await.post(&decision, &consent).await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding WHERE due_on = '2026-12-20'").await, 1);
    let chief = county.signed_in("shuji").await;
    chief.post(&decision, &[("consented", "1"), ("seen", "2027-02-20")]).await.is(409);
    chief.fill(&path, &decision, &[("consented", "1"), ("remark", "抓紧")]).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding WHERE due_on = '2027-01-20'").await, 1);
    leader.get(&path).await.says("龙大为同意：抓紧");
}

#[tokio::test]
async fn a_handover_takes_both_signatures_and_until_then_the_old_leader_stays_bound() {
    let county = county().await;
    let card = joint(&county.signed_in("xinfang").await).await;
    let path = bound(&county, &card, "谢国华").await;
    let (old, new) = (county.signed_in("lingdao").await, county.signed_in("fuxian").await);
    new.get(&path).await.is(404);
    let give = format!("{path}/handover");
    let reason = ("reason", "分管调整，已现场调查");
    old.post(&give, &[("leader", "903"), reason]).await.is(422).says("只能移交给同一级");
    old.post(&give, &[("leader", "902"), reason]).await.is(303);
    old.get(&path).await.says("对方签收以前仍由 谢国华 负责").keeps_from("接收移交</h2>");
    old.get(&card).await.is(200).says("包案：谢国华");
    new.get(&card).await.is(404);
    new.get("/bindings/mine").await.says("谢国华移交给您，等您签收");
    new.get(&path).await.is(200).says("签字接收");
    let take = format!("{give}/acceptance");
    county.signed_in("shuji").await.post(&take, &[]).await.is(409);
    let next = new.post(&take, &[]).await.is(303).location().to_owned();
    new.get(&card).await.is(200).says("包案：何志刚");
    new.get(&next).await.says("接手自 谢国华").says("何志刚签字接收").says("12 月 20 日");
    old.get(&card).await.is(404);
    new.post(&take, &[]).await.is(404);
    let ended = "SELECT COUNT(*) FROM leader_binding WHERE ended_on IS NULL";
    assert_eq!(county.count(ended).await, 1);
    county.signed_in("xinfang").await.get(&card).await.says("（已结束）");
}

#[tokio::test]
async fn the_five_duties_show_what_when_and_by_whom_without_being_typed_again() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    assigned(&officer, &card).await;
    let path = bound(&county, &card, "谢国华").await;
    let leader = county.signed_in("lingdao").await;
    leader.get("/bindings/mine").await.says("还有 5 项没有记录").says("现在包案 1 件，最多 8 件");
    done(&leader, &card, "step", &[("content", "到罗新华家看了裂缝"), ("duty", "investigated")]).await;
    let mine = leader.get("/bindings/mine").await;
    mine.says("包调查 到罗新华家看了裂缝 11 月 2 日 谢国华").says("还有 4 项没有记录");
    leader.get(&path).await.says("到罗新华家看了裂缝");
    // Who sees names masked sees them masked here too.
    county.signed_in("ducha").await.get(&path).await.is(200).says("到罗某家看了裂缝").keeps_from("罗新华");
    officer.get("/bindings").await.says("1/5");
    let read = "SELECT COUNT(*) FROM chain_record WHERE action = 'binding.read'";
    assert!(county.count(read).await >= 2, "readings are recorded");
}

#[tokio::test]
async fn a_township_has_its_own_list_and_its_own_chief() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    let proposal = propose(&officer, &card, "欧阳勤").await.is(303).location().to_owned();
    county.signed_in("shuji").await.get(&proposal).await.is(404);
    let chief = county.signed_in("zhenzhang").await;
    chief.get("/bindings").await.says("莲塘坳镇").says("去决定");
    chief.post(&format!("{proposal}/decision"), &[("approved", "1")]).await.is(303);
    county.signed_in("fuzhen").await.get("/bindings/mine").await.says("0001号");
    county.signed_in("shuji").await.get("/bindings").await.keeps_from("0001号");
    officer.get("/bindings?place=430223125").await.says("0001号");
    officer.get("/bindings?place=430223").await.keeps_from("0001号");
}

/// Everything on which a row of the list could show.
const PAGES: [&str; 6] = [
    "/bindings",
    "/bindings/mine",
    "/bindings/meeting",
    "/bindings/meeting/report",
    "/bindings?quarter=2026-Q4&place=430223",
    "/my-month",
];

/// None of the pages or the file tells somebody of the first petition.
async fn tells_nothing(person: &Person<'_>) {
    for page in PAGES {
        person.get(page).await.is(200).keeps_from("0001号").keeps_from("墙体").keeps_from("六户房屋");
    }
    let report = crate::papers::told(&person.get("/bindings/meeting/report.docx").await);
    assert!(["0001号", "墙体", "六户房屋"].iter().all(|words| !report.contains(words)), "{report}");
    let sheet = rows(&person.get("/bindings/export.xlsx").await);
    assert_eq!(sheet.len(), 1, "{sheet:?}");
}

#[tokio::test]
async fn a_leader_complained_of_is_neither_bound_nor_proposed_and_finds_no_row_anywhere() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    let leader = choice(&officer.get(&card).await, "谢国华");
    let proposal = propose(&officer, &card, "谢国华").await.is(303).location().to_owned();
    // Complained of while the proposal waits: it is not approved any more.
    done(&officer, &card, "recusal", &[("official", "谢国华")]).await;
    let chief = county.signed_in("shuji").await;
    chief.post(&format!("{proposal}/decision"), &[("approved", "1")]).await.is(422).says("应当回避");
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding").await, 0);
    chief.post(&format!("{proposal}/decision"), &[("approved", "0"), ("remark", "回避，另提")]).await.is(303);
    officer.get(&format!("/bindings/candidates/{}", id_of(&card))).await.is(200).keeps_from("谢国华");
    propose(&officer, &card, &leader).await.is(422).says("应当回避");
    act(&officer, &card, "binding", &[("leader", &leader), ("on", "2026-12-20")]).await.is(422).says("应当回避");
    tells_nothing(&county.signed_in("lingdao").await).await;

    // Bound to another, whose case is not handed to the one complained of either.
    let path = bound(&county, &card, "何志刚").await;
    let other = county.signed_in("fuxian").await;
    other.get(&path).await.is(200).keeps_from("谢国华");
    let give = [("leader", leader.as_str()), ("reason", "分管调整，请接手")];
    other.post(&format!("{path}/handover"), &give).await.is(422).says("应当回避");
    let accused = county.signed_in("lingdao").await;
    accused.get(&path).await.is(404);
    accused.get(&proposal).await.is(404);
    for (act, field) in
        [("account", "content"), ("extension", "reason"), ("handover", "reason"), ("handover/acceptance", "x")]
    {
        accused.post(&format!("{path}/{act}"), &[(field, "试一试看"), ("quarter", "2026-Q4")]).await.is(404);
    }
    tells_nothing(&accused).await;
}

#[tokio::test]
async fn a_bound_leader_who_is_complained_of_later_and_a_chief_who_is_find_nothing_any_more() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    let path = bound(&county, &card, "谢国华").await;
    let leader = county.signed_in("lingdao").await;
    leader.post(&format!("{path}/handover"), &[("leader", "902"), ("reason", "分管调整，请接手")]).await.is(303);
    for name in ["谢国华", "何志刚", "龙大为"] {
        done(&officer, &card, "recusal", &[("official", name)]).await;
    }
    for login in ["lingdao", "fuxian", "shuji"] {
        let person = county.signed_in(login).await;
        person.get(&path).await.is(404);
        for act in ["extension/decision", "comment", "handover/acceptance"] {
            person.post(&format!("{path}/{act}"), &[("quarter", "2026-Q4")]).await.is(404);
        }
        tells_nothing(&person).await;
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM leader_binding WHERE ended_on IS NULL").await, 0);
    officer.get("/bindings").await.says("0001号").says("包案已结束");
}

#[tokio::test]
async fn the_meeting_writes_itself_the_leader_accounts_and_the_chief_comments() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    assigned(&officer, &card).await;
    let path = bound(&county, &card, "谢国华").await;
    let leader = county.signed_in("lingdao").await;
    done(&leader, &card, "step", &[("content", "协调矿方先行垫付"), ("duty", "handled")]).await;
    let account = format!("{path}/account");
    let said =
        |content: &'static str, given: &'static str| [("quarter", "2026-Q4"), ("content", content), ("given", given)];
    leader.post(&account, &said("先写一半", "0")).await.is(303);
    leader.get("/bindings/meeting").await.says("先写一半").says("草稿，只有您看得到");
    let chief = county.signed_in("shuji").await;
    chief.get("/bindings/meeting").await.says("协调矿方先行垫付").keeps_from("先写一半");
    chief.get("/bindings/meeting/report").await.says("没有述职").keeps_from("先写一半");
    leader
        .post(&account, &[("quarter", "2026-Q3"), ("content", "上一季度的"), ("given", "1")])
        .await
        .is(422)
        .says("这一季度没有这件包案")
        .says("上一季度的");
    leader.post(&account, &said("已垫付到户，年底前修缮完", "1")).await.is(303);
    // A draft over what was given is given again, or refused; never a silent change.
    leader.post(&account, &said("", "0")).await.is(422);
    leader.post(&account, &said("已垫付到户，年底前修缮完工", "0")).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'binding.accounted'").await, 2);
    let comment = format!("{path}/comment");
    let words = [("quarter", "2026-Q4"), ("content", "进展实在，盯住验收")];
    leader.post(&comment, &words).await.is(422).says("只有县委书记、县长");
    officer.post(&comment, &words).await.is(403);
    chief.post(&comment, &words).await.is(303);
    chief.post(&comment, &words).await.is(422).says("已经点评过");
    leader.post(&account, &said("再改一改", "1")).await.is(422).says("述职不能再改").says("再改一改");
    let report = officer.get("/bindings/meeting/report?quarter=2026-Q4").await;
    report.says("本季度包案 1 件").says("协调矿方先行垫付").says("已垫付到户").says("进展实在，盯住验收（龙大为）");
    let file = crate::papers::told(&officer.get("/bindings/meeting/report.docx?quarter=2026-Q4").await);
    assert!(file.contains("一、攸信〔2026〕0001号") && file.contains("进展实在，盯住验收（龙大为）"), "{file}");
    officer.get("/bindings/meeting?quarter=2026-Q3").await.says("没有包案");
}

#[tokio::test]
async fn a_reward_has_effect_with_two_keys_and_is_read_by_official_and_quarter() {
    let county = county().await;
    let leader = county.count("SELECT id FROM official WHERE number = 'lingdao'").await;
    let id = leader.to_string();
    let chief = county.signed_in("shuji").await;
    let fields = [
        ("official", id.as_str()),
        ("kind", "reward"),
        ("yuan", "2000.50"),
        ("reason", "包案限期办结"),
        ("document", "攸办〔2026〕8号"),
    ];
    let ducha = county.signed_in("lingdao").await;
    ducha.post("/rewards", &fields).await.is(422).says("只有县、乡镇党政主要领导");
    chief
        .fill("/rewards", "/rewards", &[("official", "901"), fields[1], fields[3], fields[4]])
        .await
        .is(422)
        .says("本人");
    chief
        .fill("/rewards", "/rewards", &[fields[0], fields[1], ("yuan", "两千"), fields[3], fields[4]])
        .await
        .is(422)
        .says("两千");
    chief.fill("/rewards", "/rewards", &fields).await.is(303);
    let signed = || async {
        let mut read = county.app.db.read().await.unwrap();
        let quarter = policy::Month::new(2026, 11).unwrap().quarter();
        youzhi::rewards::signed(&mut read, leader, quarter).await.unwrap()
    };
    assert!(signed().await.is_empty(), "one key has no effect");
    let decision = county.count("SELECT id FROM leader_reward").await;
    let signature = format!("/rewards/{decision}/signature");
    chief.post(&signature, &[]).await.is(422).says("须由另一人签署");
    county.signed_in("lingdao").await.post(&signature, &[]).await.is(422).says("本人");
    county.signed_in("zhenzhang").await.post(&signature, &[]).await.is(404);
    let personnel = county.signed_in("renshi").await;
    personnel.get("/rewards").await.says("谢国华").says("2,000.50 元").says("还没有，未生效");
    personnel.post(&signature, &[]).await.is(303);
    let all = signed().await;
    assert_eq!((all.len(), all[0].fen, all[0].kind.as_str()), (1, Some(200_050), "reward"));
    county.signed_in("lingdao").await.get("/rewards").await.says("易春兰");
    county.signed_in("fuxian").await.get("/rewards").await.keeps_from("谢国华：").keeps_from("攸办〔2026〕8号");
}

/// An inquiry of the provincial authority on a petition.
async fn inquired(officer: &Person<'_>, card: &str) {
    let page = format!("{card}/inquiries");
    let fields = [
        ("organ", "省自然资源厅"),
        ("question", "采矿塌陷补偿适用标准"),
        ("content", "罗新华等户房屋开裂，省里两份文件标准不一，请明确。"),
        ("on", "2026-11-02"),
    ];
    officer.fill(&page, &page, &fields).await.is(303);
}

#[tokio::test]
async fn an_inquiry_is_sent_answered_and_told_in_plain_words_and_stops_no_clock() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    let running = "SELECT COUNT(*) FROM clock WHERE kind = 'handling' AND stopped_on IS NULL AND due_on = '2027-01-01'";
    assert_eq!(county.count(running).await, 1);
    let page = format!("{card}/inquiries");
    handler.get(&page).await.is(403);
    let early = [
        ("organ", "省自然资源厅"),
        ("question", "采矿塌陷补偿标准"),
        ("content", "请明确适用哪一份文件。"),
        ("on", "2026-11-01"),
    ];
    officer.fill(&page, &page, &early).await.is(422).says("也不能早于2026-11-02").says("请明确适用哪一份文件。");
    inquired(&officer, &card).await;

    county.on("2026-11-14");
    let officer = county.signed_in("xinfang").await;
    officer.get("/inquiries").await.says("攸信请〔2026〕1号").says("已等 12 天").says("省自然资源厅");
    // It is an entry of its writer, and stands once on the card.
    officer.get("/entries").await.says("代访：请示省自然资源厅（攸信请〔2026〕1号）");
    officer.get(&card).await.keeps_from("代访：请示省自然资源厅");
    officer.get(&card).await.says("正在请示省自然资源厅，已等 12 天").says("不停止法定期限").says("第三十四条");
    assert_eq!(county.count(running).await, 1, "the citizen's clock goes on");
    let villager = county.villager();
    let seen = villager.post("/track", &[("code", &code)]).await;
    seen.says("已书面请示省自然资源厅").says("期限照算").keeps_from("两份文件").keeps_from("适用标准");

    let inquiry = county.count("SELECT id FROM inquiry").await;
    let (answer, telling) = (format!("{page}/{inquiry}/answer"), format!("{page}/{inquiry}/telling"));
    let told = [("content", "按一平方米三百元的标准补偿")];
    officer.post(&telling, &told).await.is(422).says("上级机关还没有答复").says("按一平方米三百元");
    let answered = [("on", "2026-11-13"), ("content", "经研究，适用湘自然资函12号，内部掌握")];
    officer.post(&answer, &answered).await.is(303);
    officer.post(&answer, &answered).await.is(422).says("已经登记过答复");
    officer.get("/inquiries").await.says("已答复，待告知");
    villager.post("/track", &[("code", &code)]).await.says("省自然资源厅已经答复请示").keeps_from("内部掌握");
    officer.post(&telling, &told).await.is(303);
    officer.post(&telling, &told).await.is(422).says("已经告知信访人");
    let seen = villager.post("/track", &[("code", &code)]).await;
    seen.says("省自然资源厅的答复：按一平方米三百元的标准补偿").keeps_from("内部掌握");
    officer.get("/inquiries").await.says("没有等候答复的请示");
    officer.get(&card).await.says("请示省自然资源厅（攸信请〔2026〕1号）").says("内部掌握").keeps_from("正在请示");
    officer.get(&format!("{page}/{inquiry}")).await.is(200).says("关于采矿塌陷补偿适用标准的请示");
    // Supervision reads it with names masked and writes nothing.
    let supervision = county.signed_in("ducha").await;
    supervision.get(&page).await.is(200).keeps_from("登记发出</button>");
    supervision.get(&format!("{page}/{inquiry}")).await.is(200).says("罗某等户").keeps_from("罗新华");
    supervision.post(&page, &[("content", "代拟")]).await.is(403);
}

#[tokio::test]
async fn an_inquiry_never_goes_to_the_accused_and_is_not_found_by_who_is_kept_from_the_petition() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    done(&officer, &card, "recusal", &[("unit", "县自然资源局")]).await;
    let page = format!("{card}/inquiries");
    let fields = [
        ("organ", "县自然资源局"),
        ("question", "采矿塌陷补偿标准"),
        ("content", "请明确适用哪一份文件。"),
        ("on", "2026-11-02"),
    ];
    officer.fill(&page, &page, &fields).await.is(422).says("不得请示被检举、控告的单位");
    inquired(&officer, &card).await;
    done(&officer, &card, "recusal", &[("official", "贺小兰")]).await;
    let other = county.signed_in("xinfang2").await;
    other.get("/inquiries").await.is(200).keeps_from("攸信请").keeps_from("采矿塌陷");
    let inquiry = county.count("SELECT id FROM inquiry").await;
    other.get(&format!("{page}/{inquiry}")).await.is(404);
    for act in ["answer", "telling"] {
        other.post(&format!("{page}/{inquiry}/{act}"), &[("content", "试一试看"), ("on", "2026-11-02")]).await.is(404);
    }
}

#[tokio::test]
async fn an_accompaniment_is_one_step_that_shows_who_went_where_and_counts_for_the_leaders_duty() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    assigned(&officer, &card).await;
    officer.post("/bindings/severity", &[("number", "1"), ("reason", "墙体随时会倒")]).await.is(303);
    bound(&county, &card, "谢国华").await;
    let page = format!("{card}/accompaniment");
    let fields = [
        ("level", "province"),
        ("organ", "省信访局"),
        ("officials", "谢国华、周敏"),
        ("representatives", "罗新华"),
        ("content", "省里当面解释了补偿标准"),
        ("cleared", "1"),
    ];
    officer.get(&page).await.is(403);
    let handler = county.signed_in("chengban").await;
    handler.get(&page).await.is(200).says("罗新华").keeps_from("属于五包的哪一项");
    let claimed = [&fields[..], &[("duty", "explained")][..]].concat();
    handler.fill(&page, &page, &[&claimed[..], &[("on", "2026-11-02")]].concat()).await.is(422).says("只能由本人记");
    let leader = county.signed_in("lingdao").await;
    leader.fill(&page, &page, &[("on", "2026-11-02"), ("organ", "省信访局")]).await.is(422).says("疑虑消除了没有");
    assert_eq!(county.count("SELECT COUNT(*) FROM entry").await, 0);
    let all = [&claimed[..], &[("on", "2026-11-02")]].concat();
    let key = leader.get(&page).await.hidden(&page);
    leader.fill(&page, &page, &all).await.is(303);
    let again: Vec<(&str, &str)> =
        all.iter().copied().chain(key.iter().map(|(a, b)| (a.as_str(), b.as_str()))).collect();
    leader.post(&page, &again).await.is(409).says("省里当面解释了补偿标准");
    assert_eq!(
        county
            .count("SELECT COUNT(*) FROM accompaniment a JOIN entry e ON e.id = a.entry AND e.duty = 'explained'")
            .await,
        1
    );
    leader.get(&card).await.says("陪访（省里 省信访局）").says("疑虑已消除").says("同去：谢国华、周敏，代表：罗新华");
    leader.get("/bindings/mine").await.says("包稳控 省里当面解释了补偿标准 11 月 2 日 谢国华");
    county.signed_in("ducha").await.get(&card).await.says("代表：罗某").keeps_from("罗新华");
    let seen = county.villager().post("/track", &[("code", &code)]).await;
    seen.says("工作人员陪同代表到省信访局").keeps_from("谢国华");
}

#[tokio::test]
async fn what_was_written_about_a_bound_case_is_erased_with_it() {
    let county = county().await;
    let officer = county.signed_in("xinfang").await;
    let card = joint(&officer).await;
    assigned(&officer, &card).await;
    bound(&county, &card, "谢国华").await;
    inquired(&officer, &card).await;
    county
        .execute(
            "INSERT INTO binding_extension (id, binding, due_before, due_on, reason, asked_on, asked_by)
             SELECT 1, id, due_on, '2027-01-01', '罗新华', bound_on, leader FROM leader_binding;
             INSERT INTO binding_handover (id, binding, successor, reason, given_on, given_by)
             SELECT 1, id, 902, '罗新华', bound_on, leader FROM leader_binding;
             INSERT INTO binding_account (binding, quarter, content, written_by) SELECT id, quarter, '罗新华', leader FROM leader_binding;
             INSERT INTO binding_comment (binding, quarter, content, commented_on, commented_by)
             SELECT id, quarter, '罗新华', bound_on, leader FROM leader_binding;
             INSERT INTO severity_mark (petition, reason, marked_on, marked_by) SELECT petition, '罗新华', bound_on, leader FROM leader_binding;
             UPDATE binding_proposal SET reason = '罗新华', remark = '罗新华';
             UPDATE inquiry SET answer = '罗新华', told = '罗新华';
             INSERT INTO closure (petition, resolution, closed_on, closed_by) SELECT petition, 'answered', '2026-11-02', leader FROM leader_binding;
             UPDATE petition SET state = 'closed'",
        )
        .await;
    county.on("2036-11-03");
    let keeper = county.signed_in("anquan").await;
    keeper.post(&format!("{card}/erasure"), &[("reason", "保管期满")]).await.is(303);
    let left = "SELECT COUNT(*) FROM (
        SELECT reason AS text FROM binding_extension UNION ALL SELECT reason FROM binding_handover
        UNION ALL SELECT content FROM binding_account UNION ALL SELECT content FROM binding_comment
        UNION ALL SELECT reason FROM severity_mark UNION ALL SELECT reason || remark FROM binding_proposal
        UNION ALL SELECT question || content || answer || told FROM inquiry) x WHERE x.text <> ''";
    assert_eq!(county.count(left).await, 0);

    // And nothing new is written about it.
    let id = county.count("SELECT id FROM leader_binding").await;
    let proposal = county.count("SELECT id FROM binding_proposal").await;
    let inquiry = county.count("SELECT id FROM inquiry").await;
    county.execute("UPDATE binding_proposal SET decided_on = NULL; DELETE FROM binding_comment").await;
    let words =
        [("quarter", "2026-Q4"), ("content", "罗新华"), ("given", "0"), ("remark", "罗新华"), ("on", "2036-11-03")];
    let leader = county.signed_in("lingdao").await;
    leader.post(&format!("/bindings/{id}/account"), &words).await.is(422).says("不再记录新的内容");
    let chief = county.signed_in("shuji").await;
    chief.post(&format!("/bindings/{id}/comment"), &words).await.is(422).says("不再记录新的内容");
    chief.post(&format!("/bindings/proposals/{proposal}/decision"), &words).await.is(422).says("不再记录新的内容");
    let officer = county.signed_in("xinfang").await;
    officer.post(&format!("{card}/inquiries/{inquiry}/telling"), &words).await.is(404);
    assert_eq!(county.count(left).await, 0);
}
