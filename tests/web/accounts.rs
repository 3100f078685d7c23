//! G2: signing in, sessions, cross-site requests, headers.

use axum::http::{Request, header};
use youzhi::web::limits::Limits;

use crate::county::County;

#[tokio::test]
async fn signing_in_leads_to_the_first_place_and_signing_out_ends_the_session() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions").await.is(200).says("肖文");
    officer.post("/sign-out", &[]).await.is(303);
    let after = officer.get("/petitions").await;
    after.is(303);
    assert_eq!(after.location(), "/sign-in?back=/petitions");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_say_the_same() {
    let county = County::new().await;
    let villager = county.villager();
    let wrong = villager.post("/sign-in", &[("login", "xinfang"), ("password", "wrong")]).await;
    let unknown = villager.post("/sign-in", &[("login", "nobody"), ("password", "wrong")]).await;
    wrong.is(422).says("账号或口令不对");
    assert_eq!(wrong.words(), unknown.words());
}

#[tokio::test]
async fn failures_delay_the_one_who_fails_and_success_clears_them() {
    let county = County::new().await;
    let villager = county.villager();
    for _ in 0..4 {
        villager.post("/sign-in", &[("login", "xinfang"), ("password", "wrong")]).await.says("账号或口令不对");
    }
    let right = [("login", "xinfang"), ("password", youzhi::demo::PASSWORD)];
    villager.post("/sign-in", &right).await.is(422).says("请等");
    county.app.time.set(county.app.now() + jiff::SignedDuration::from_secs(3));
    villager.post("/sign-in", &right).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM sign_in_failure").await, 0);
}

#[tokio::test]
async fn a_session_ends_by_idleness_and_by_age() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let begun = county.app.now();
    let after = |minutes: i64| begun + jiff::SignedDuration::from_mins(minutes);
    for hour in 1..=13 {
        county.app.time.set(after(hour * 60));
        officer.get("/petitions").await.is(200);
    }
    county.app.time.set(after(14 * 60 - 1));
    officer.get("/petitions").await.is(200);
    county.app.time.set(after(14 * 60 + 1));
    officer.get("/petitions").await.is(303);

    let idle = county.signed_in("xinfang").await;
    county.app.time.set(after(14 * 60 + 1 + 4 * 60 + 1));
    idle.get("/petitions").await.is(303);
}

#[tokio::test]
async fn a_session_that_does_not_say_where_it_comes_from_is_refused() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    officer.send(Request::post("/sign-out")).await.is(403);
    let cross = Request::post("/sign-out").header("sec-fetch-site", "cross-site");
    officer.send(cross).await.is(403);
    let foreign = Request::post("/sign-out").header(header::ORIGIN, "https://elsewhere.example").header("host", "here");
    officer.send(foreign).await.is(403);
    officer.get("/petitions").await.is(200);
    let own = Request::post("/sign-out").header(header::ORIGIN, "https://here").header("host", "here");
    officer.send(own).await.is(303);
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let county = County::new().await;
    for back in ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example"] {
        let fields = [("login", "xinfang"), ("password", youzhi::demo::PASSWORD), ("back", back)];
        let page = county.villager().post("/sign-in", &fields).await;
        assert!(page.location().starts_with('/') && !page.location().contains("elsewhere"), "{}", page.location());
    }
}

#[tokio::test]
async fn a_new_password_needs_the_old_one_and_ends_other_sessions() {
    let county = County::new().await;
    let (here, there) = (county.signed_in("xinfang").await, county.signed_in("xinfang").await);
    let fields = |present, new, again| [("present", present), ("new", new), ("again", again)];
    here.post("/account/password", &fields("wrong", "abcdefghij", "abcdefghij")).await.is(422).says("现在的口令不对");
    here.post("/account/password", &fields(youzhi::demo::PASSWORD, "short", "short")).await.is(422).says("至少要 10");
    here.post("/account/password", &fields(youzhi::demo::PASSWORD, "abcdefghij", "abcdefghij")).await.is(303);
    here.get("/account").await.is(200);
    there.get("/account").await.is(303);
}

#[tokio::test]
async fn one_address_cannot_try_for_ever() {
    let county = County::with_limits(Limits::new()).await;
    let villager = county.villager();
    let mut refused = 0;
    for _ in 0..25 {
        let page = villager.post("/sign-in", &[("login", "a"), ("password", "b")]).await;
        refused += i32::from(page.status == 429);
    }
    assert!(refused >= 5, "{refused} of 25 were refused");
}

#[tokio::test]
async fn every_answer_forbids_inline_script_and_caching() {
    let county = County::new().await;
    let page = county.villager().get("/sign-in").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains("style-src 'self'") && !policy.contains("unsafe"));
    assert_eq!(page.headers["cache-control"], "no-store");
    page.keeps_from("style=\"").keeps_from("onclick");
    let style = page.between("stylesheet\" href=\"", "\"");
    let style = county.villager().get(&style).await;
    style.is(200);
    assert!(style.headers["cache-control"].to_str().unwrap().contains("immutable"));
}

/// The path of somebody's page among the accounts.
async fn account_of(county: &County, by: &crate::county::Person<'_>, name: &str) -> String {
    let ledger = by.get(&format!("/accounts?q={}", youzhi::web::forms::url_encode(name))).await;
    ledger.is(200).says(name);
    let _ = county;
    format!("/accounts/{}", ledger.between("<a href=\"/accounts/", "\""))
}

#[tokio::test]
async fn the_system_officer_opens_and_disables_and_the_security_officer_grants() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    let security = county.signed_in("anquan").await;
    let page = account_of(&county, &system, "周敏").await;

    let handler = county.signed_in("chengban").await;
    system.post(&format!("{page}/disabling"), &[]).await.is(303);
    handler.get("/account").await.is(303);
    system.post(&format!("{page}/enabling"), &[]).await.is(303);
    let reset = system.post(&format!("{page}/password"), &[]).await;
    let password = reset.between("class=\"code\">", "<");
    county.villager().post("/sign-in", &[("login", "chengban"), ("password", &password)]).await.is(303);

    system.post(&format!("{page}/roles"), &[("role", "audit_officer")]).await.is(403);
    security.post(&format!("{page}/disabling"), &[]).await.is(403);
    let shown = security.get(&page).await;
    let appointment = shown.between("name=\"appointment\" value=\"", "\"");
    let fields = [("appointment", appointment.as_str()), ("role", "handler"), ("role", "personnel")];
    security.post(&format!("{page}/roles"), &fields).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM role_grant WHERE role = 'personnel'").await, 2);
}

#[tokio::test]
async fn nobody_changes_an_account_of_his_own() {
    let county = County::new().await;
    let security = county.signed_in("anquan").await;
    let page = account_of(&county, &security, "夏志明").await;
    let shown = security.get(&page).await;
    shown.says("自己的账号由别人管理");
    let appointment = shown.between("name=\"appointment\" value=\"", "\"");
    security.post(&format!("{page}/roles"), &[("appointment", &appointment), ("role", "system_officer")]).await.is(403);
}

#[tokio::test]
async fn a_name_is_found_by_its_beginning_and_by_initials() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    for q in ["周", "zm", "chengban"] {
        system.get(&format!("/accounts?q={}", youzhi::web::forms::url_encode(q))).await.says("周敏").keeps_from("肖文");
    }
    system.get("/accounts?q=nobody").await.says("没有找到");
}

#[tokio::test]
async fn the_system_officer_cannot_become_the_security_officer_or_the_auditor() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    let security = county.signed_in("anquan").await;
    for name in ["夏志明", "王丽"] {
        let page = account_of(&county, &system, name).await;
        system.get(&page).await.keeps_from(&format!("{page}/password"));
        system.post(&format!("{page}/password"), &[]).await.is(403);
    }
    let auditor = account_of(&county, &security, "王丽").await;
    security.post(&format!("{auditor}/password"), &[]).await.is(200).says("只显示这一次");
    let handler = account_of(&county, &security, "周敏").await;
    security.post(&format!("{handler}/password"), &[]).await.is(403);
}

#[tokio::test]
async fn signing_in_never_leads_away_by_a_tab_in_the_path() {
    let county = County::new().await;
    let fields = [("login", "xinfang"), ("password", youzhi::demo::PASSWORD), ("back", "/\t/elsewhere.example")];
    let page = county.villager().post("/sign-in", &fields).await;
    assert!(!page.location().contains("elsewhere"), "{}", page.location());
}

#[tokio::test]
async fn a_nul_is_refused_and_is_no_fault() {
    let county = County::new().await;
    county.villager().get("/divisions/search?q=a%00b").await.is(400);
    county.villager().post("/sign-in", &[("login", "a\0b"), ("password", "x")]).await.is(400);
}

#[tokio::test]
async fn two_of_the_three_officers_are_never_one_person() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    let security = county.signed_in("anquan").await;
    let page = account_of(&county, &system, "周敏").await;
    let shown = security.get(&page).await;
    let appointment = shown.between("name=\"appointment\" value=\"", "\"");
    let officers = "SELECT COUNT(*) FROM role_grant WHERE role IN ('system_officer', 'audit_officer')";
    let before = county.count(officers).await;
    let both = [
        ("appointment", appointment.as_str()),
        ("role", "handler"),
        ("role", "system_officer"),
        ("role", "audit_officer"),
    ];
    let back = security.post(&format!("{page}/roles"), &both).await;
    back.is(422).says("不能由同一个人担任");
    for role in ["handler", "system_officer", "audit_officer"] {
        back.says(&format!("value=\"{role}\" checked"));
    }
    assert_eq!(county.count(officers).await, before);

    // One in each of two posts is one person too; a post that was left does not count.
    county
        .execute(
            "INSERT INTO post (id, unit, code, title, listed_as) SELECT 7, unit, 'SECOND', '兼职', '科员'
               FROM post WHERE code = 'DEMO-chengban';
             INSERT INTO appointment (id, official, post, held_from)
             SELECT 7, official, 7, '2025-01-01' FROM account WHERE login = 'chengban';
             INSERT INTO role_grant (appointment, role) VALUES (7, 'audit_officer')",
        )
        .await;
    let one = [("appointment", appointment.as_str()), ("role", "system_officer")];
    security.post(&format!("{page}/roles"), &one).await.is(422).says("不能由同一个人担任");
    county.execute("UPDATE appointment SET held_to = '2026-01-01' WHERE id = 7").await;
    security.post(&format!("{page}/roles"), &one).await.is(303);
    assert_eq!(county.count(officers).await, before + 2);
}

#[tokio::test]
async fn what_is_done_to_an_account_is_committed_to() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    let page = account_of(&county, &system, "周敏").await;
    for act in ["disabling", "enabling"] {
        system.post(&format!("{page}/{act}"), &[]).await.is(303);
    }
    system.post(&format!("{page}/password"), &[]).await.is(200);
    let own = [("present", youzhi::demo::PASSWORD), ("new", "abcdefghij"), ("again", "abcdefghij")];
    system.post("/account/password", &own).await.is(303);
    let committed = "SELECT COUNT(*) FROM chain_record r JOIN chain_content c ON c.record = r.id
        WHERE r.action IN ('account.disabled', 'account.enabled', 'password.reset', 'password.changed')";
    assert_eq!(county.count(committed).await, 4);
}

#[tokio::test]
async fn the_system_officer_never_reads_the_password_of_one_of_the_three() {
    let county = County::new().await;
    let system = county.signed_in("xitong").await;
    let security = county.signed_in("anquan").await;
    let page = account_of(&county, &system, "周敏").await;
    let appointment = security.get(&page).await.between("name=\"appointment\" value=\"", "\"");
    let (handler, officer) = (
        [("appointment", appointment.as_str()), ("role", "handler")],
        [("appointment", appointment.as_str()), ("role", "handler"), ("role", "audit_officer")],
    );

    // The account first, the role later: the password that the system officer read is good for nothing.
    let read = system.post(&format!("{page}/password"), &[]).await.between("class=\"code\">", "<");
    let signed_in = county.villager().post("/sign-in", &[("login", "chengban"), ("password", &read)]).await;
    let session = signed_in.is(303).headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut there = county.villager();
    there.cookie = Some(session);
    there.get("/account").await.is(200);
    security.get(&page).await.says("原来的口令随即作废");
    security.post(&format!("{page}/roles"), &officer).await.is(303);
    there.get("/account").await.is(303);
    county.villager().post("/sign-in", &[("login", "chengban"), ("password", &read)]).await.is(422);
    security.get(&page).await.says("还没有能用的口令").says("由安全保密员重设");
    system.post(&format!("{page}/password"), &[]).await.is(403);
    let own = security.post(&format!("{page}/password"), &[]).await.between("class=\"code\">", "<");
    county.villager().post("/sign-in", &[("login", "chengban"), ("password", &own)]).await.is(303);
    // What an officer has is not taken away by ticking the same again.
    security.post(&format!("{page}/roles"), &officer).await.is(303);
    county.villager().post("/sign-in", &[("login", "chengban"), ("password", &own)]).await.is(303);

    // The role first, the account later.
    county
        .execute(
            "DELETE FROM session WHERE account IN (SELECT id FROM account WHERE login = 'chengban');
             DELETE FROM account WHERE login = 'chengban'",
        )
        .await;
    let opened = system.post(&format!("{page}/opening"), &[("login", "zhoumin")]).await;
    opened.is(200).keeps_from("class=\"code\"").keeps_from("只显示这一次").says("由安全保密员重设");
    let usable = "SELECT COUNT(*) FROM account WHERE login = 'zhoumin' AND password_hash <> ''";
    assert_eq!(county.count(usable).await, 0);
    security.post(&format!("{page}/password"), &[]).await.is(200).says("只显示这一次");
    security.post(&format!("{page}/roles"), &handler).await.is(303);
    assert_eq!(county.count(usable).await, 1);
}
