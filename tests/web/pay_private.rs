//! E7: pay is seen by the person, personnel and finance, the leader who signs, and audit; by nobody else, at any address.

use std::collections::BTreeSet;

use crate::pay::Scene;
use crate::pay_notice::{SAID, objected, township};

/// Who of the cast finds a text at any of some addresses.
async fn finders(scene: &Scene, paths: &[String], text: &str) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for account in &youzhi::demo::ACCOUNTS {
        let person = scene.county.signed_in(account.login).await;
        for path in paths {
            let answer = person.get(path).await;
            assert!(answer.status.as_u16() < 500, "{} {path}: {}", account.login, answer.words());
            if answer.text.contains(text) {
                found.insert(account.login);
            }
        }
    }
    found
}

#[tokio::test]
async fn neither_list_nor_guess_nor_export_nor_notice_nor_chain_shows_pay_to_others() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.put_up(&run).await;
    let objection = objected(&scene, &run).await;
    let id = run.rsplit('/').next().unwrap().to_owned();
    let owner = scene.number("SELECT id FROM official WHERE number = 'xiangzhen'").await;
    let mut paths: Vec<String> = [
        "/pay/runs",
        "/pay/runs?month=2026-11",
        "/pay/mine",
        "/pay/mine/objections",
        "/pay/objections",
        "/pay/objections?state=all",
        "/pay/forfeitures",
        "/my-month",
        "/overview",
        "/chain",
        "/pay-notices",
    ]
    .map(str::to_owned)
    .to_vec();
    for rest in ["", "/sheet.xlsx", "/summary.docx"] {
        paths.push(format!("{run}{rest}"));
    }
    paths.push(format!("{run}/shares/{owner}"));
    paths.push(format!("/pay/mine/{id}"));
    paths.push(format!("/pay/mine/{id}/objections"));
    paths.push(format!("/pay/notices/{id}"));
    paths.push(format!("/pay-notices/{id}"));
    paths.push(objection.clone());
    paths.push(format!("/chain?subject={id}"));
    paths.push(format!("/chain?subject={}", objection.rsplit('/').next().unwrap()));

    // The head of the township finds the unit's run; finance pays it out. Of colleagues nobody finds the amount.
    let amount = finders(&scene, &paths, "615.38").await;
    assert_eq!(
        amount,
        BTreeSet::from(["xiangzhen", "renshi", "caizheng", "caizheng2", "zhenzhang", "lingdao", "shenji"])
    );
    // What was objected: the person, personnel, the leader who can sign, audit. The head receives from the run.
    let said = finders(&scene, &paths, SAID).await;
    assert_eq!(said, BTreeSet::from(["xiangzhen", "renshi", "lingdao", "shenji"]));
    // That there is an objection at all waits for personnel alone.
    let waiting = finders(&scene, &["/my-month".to_owned()], "的异议").await;
    assert_eq!(waiting, BTreeSet::from(["renshi"]));

    // Acts on it from outside: not found or not allowed, and nothing changed.
    let before = scene.version(&run).await;
    let fields = [
        ("key", "0123456789abcdef0123456789abcdef"),
        ("version", before.as_str()),
        ("content", "替别人提一件异议"),
        ("verdict", "rejected"),
        ("reasons", "替别人答复一次试试"),
    ];
    for login in ["chengban", "fenguan", "juzhang", "xinfang", "ducha", "shenji", "zhenzhang"] {
        let person = scene.county.signed_in(login).await;
        for path in [format!("{run}/check"), format!("{run}/notice"), format!("{objection}/answer")] {
            let status = person.post(&path, &fields).await.status.as_u16();
            assert!(matches!(status, 403 | 404), "{login} {path}: {status}");
        }
        let status = person.post(&format!("/pay/mine/{id}/objections"), &fields).await.status.as_u16();
        assert!(matches!(status, 403 | 404) || login == "zhenzhang", "{login} objects: {status}");
    }
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_objection WHERE answered_on IS NOT NULL").await, 0);
    assert_eq!(
        scene.number("SELECT COUNT(*) FROM pay_objection WHERE content LIKE '替别人%'").await,
        1,
        "the head's own"
    );
}

#[tokio::test]
async fn when_the_notice_is_down_those_of_the_unit_find_it_no_more_and_the_person_keeps_the_own_page() {
    let scene = Scene::new().await;
    let run = township(&scene).await;
    scene.put_up(&run).await;
    scene.county.on("2026-12-15");
    let notice = run.replace("/runs/", "/notices/");
    let colleague = scene.county.signed_in("cun").await;
    colleague.get(&notice).await.is(404);
    colleague.get(&format!("{notice}/notice.docx")).await.is(404);
    colleague.get("/pay/mine").await.keeps_from(&notice);
    colleague.get(&run.replace("/runs/", "/mine/")).await.is(200).says("984.62").keeps_from("615.38");
    scene.county.signed_in("shenji").await.get(&notice).await.is(200).says("公示期满");
}
