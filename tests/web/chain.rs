//! G5: the evidence chain.

use youzhi::chain::{seal, verify};

use crate::county::County;

async fn with_a_petition(county: &County) {
    let officer = county.signed_in("xinfang").await;
    crate::petitions::registered(&officer, "住房墙体开裂，要求鉴定").await;
    seal(&county.app.db).await.unwrap();
}

#[tokio::test]
async fn what_was_written_is_sealed_and_verifies() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let report = verify::walk(&county.app.db).await.unwrap();
    assert_eq!(report.broken, None);
    assert!(report.links >= 2, "{report:?}");
    assert_eq!(report.unsealed, 0);
    let (seq, _) = verify::find(&county.app.db, &report.head).await.unwrap().unwrap();
    assert_eq!(seq, report.links);
    assert_eq!(verify::find(&county.app.db, "sm3:00").await.unwrap(), None);
}

#[tokio::test]
async fn a_changed_content_breaks_the_first_link_that_commits_to_it() {
    let county = County::new().await;
    with_a_petition(&county).await;
    county.execute("UPDATE chain_content SET content = 'forged'").await;
    let report = verify::walk(&county.app.db).await.unwrap();
    assert!(report.broken.unwrap().why.contains("承诺"));
}

#[tokio::test]
async fn destroying_content_and_salt_keeps_the_chain_whole() {
    let county = County::new().await;
    with_a_petition(&county).await;
    county.execute("DELETE FROM chain_content").await;
    let report = verify::walk(&county.app.db).await.unwrap();
    assert_eq!(report.broken, None);
    assert_eq!(report.without_content, 1);
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_a_record() {
    let county = County::new().await;
    with_a_petition(&county).await;
    for sql in [
        "UPDATE chain_record SET at = 0",
        "DELETE FROM chain_record",
        "UPDATE chain_link SET seq = seq + 1",
        "DELETE FROM chain_link",
    ] {
        let mut write = county.app.db.write().await.unwrap();
        let error = sqlx::raw_sql(sql).execute(&mut *write).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(verify::walk(&county.app.db).await.unwrap().broken, None);
}

#[tokio::test]
async fn the_auditor_sees_who_read_what() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = crate::petitions::registered(&officer, "住房墙体开裂，要求鉴定").await;
    officer.get(&crate::petitions::card_of(&receipt)).await.is(200);
    seal(&county.app.db).await.unwrap();
    let auditor = county.signed_in("shenji").await;
    let page = auditor.get(&format!("/chain?subject={}", youzhi::web::forms::url_encode("攸信〔2026〕0001号"))).await;
    page.is(200).says("肖文").says("查看卡片").says("登记").keeps_from("墙体");
    auditor.get("/chain?official=nobody").await.says("没有符合条件的记录");
}

#[tokio::test]
async fn the_auditor_finds_nothing_of_a_petition_to_be_kept_from() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    crate::petitions::registered(&officer, "住房墙体开裂，要求鉴定").await;
    let auditor = county.signed_in("shenji").await;
    let path = format!("/chain?subject={}", youzhi::web::forms::url_encode("攸信〔2026〕0001号"));
    auditor.get(&path).await.says("肖文").says("登记");
    for of in ["unit", "official"] {
        county.execute("DELETE FROM recusal").await;
        county
            .execute(if of == "unit" {
                "INSERT INTO recusal (id, petition, unit, reason, recorded_at)
                 SELECT 1, p.id, po.unit, 'complained_of', 0 FROM petition p, post po WHERE po.code = 'DEMO-shenji'"
            } else {
                "INSERT INTO recusal (id, petition, official, reason, recorded_at)
                 SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'shenji'"
            })
            .await;
        auditor.get(&path).await.is(200).says("没有符合条件的记录");
        auditor.get("/chain?official=xinfang").await.is(200).keeps_from("登记");
    }
}

#[test]
fn every_action_that_the_program_records_has_a_word_for_pages() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let words = std::fs::read_to_string(root.join("chain/words.rs")).unwrap();
    let mut folders = vec![root];
    let mut missing = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for call in text.split("chain::record").skip(1) {
                let arguments: String = call.chars().take_while(|c| *c != ';').collect();
                for quoted in arguments.split('"').skip(1).step_by(2).filter(|text| text.contains('.')) {
                    if quoted.bytes().all(|b| b.is_ascii_lowercase() || b == b'.' || b == b'_')
                        && !words.contains(&format!("\"{quoted}\""))
                    {
                        missing.push(quoted.to_owned());
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "chain/words.rs lacks {missing:?}");
}

#[tokio::test]
async fn neither_phone_nor_identity_number_nor_form_key_lies_in_the_database_in_clear() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let form = officer.get("/petitions/new").await;
    let key = form.hidden("/petitions").into_iter().find(|(name, _)| name == "key").unwrap().1;
    let fields = [
        ("key", key.as_str()),
        ("channel", "visit"),
        ("content", "住房墙体开裂，要求鉴定"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
        ("phone", "13812345678"),
        ("identity", "430223199001011234"),
    ];
    let receipt = officer.post("/petitions", &fields).await;
    receipt.is(200);
    let code = receipt.between("class=\"code\">", "<");
    let mut read = county.app.db.read().await.unwrap();
    let contents: Vec<(String,)> =
        sqlx::query_as("SELECT content FROM chain_content").fetch_all(&mut *read).await.unwrap();
    let keys: Vec<(String,)> = sqlx::query_as("SELECT form_key FROM form_key").fetch_all(&mut *read).await.unwrap();
    assert!(!contents.is_empty() && !keys.is_empty());
    for (text,) in contents.iter().chain(&keys) {
        for secret in ["13812345678", "430223199001011234", key.as_str(), code.as_str()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}
