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
    let found = verify::find(&county.app.db, &report.head).await.unwrap().unwrap();
    assert_eq!((found.seq, found.fault), (report.links, None));
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
async fn a_content_that_is_gone_without_a_record_of_it_is_a_break() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let seq = seq_of(&county, "petition.registered").await;
    county.execute("DELETE FROM chain_content").await;
    let broken = verify::walk(&county.app.db).await.unwrap().broken.unwrap();
    assert_eq!(broken.seq, seq);
    assert!(broken.why.contains("没有依法删除的记录"), "{}", broken.why);
}

/// The place of the newest link whose record is of an action.
async fn seq_of(county: &County, action: &'static str) -> i64 {
    let mut read = county.app.db.read().await.unwrap();
    let (seq,): (i64,) = sqlx::query_as(
        "SELECT MAX(l.seq) FROM chain_link l JOIN chain_record r ON r.id = l.record WHERE r.action = $1",
    )
    .bind(action)
    .fetch_one(&mut *read)
    .await
    .unwrap();
    seq
}

/// Takes the database's own guard away, as whoever owns the machine could.
async fn unguarded(county: &County) {
    county
        .execute(if county.app.db.engine() == youzhi::db::Engine::Sqlite {
            "DROP TRIGGER chain_record_no_change; DROP TRIGGER chain_record_no_delete; DROP TRIGGER chain_link_no_delete"
        } else {
            "DROP TRIGGER chain_record_append_only ON chain_record; DROP TRIGGER chain_link_append_only ON chain_link"
        })
        .await;
}

#[tokio::test]
async fn a_changed_record_breaks_its_link_and_whoever_asks_for_it_is_told() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let head = verify::walk(&county.app.db).await.unwrap().head;
    let asked = format!("/verify?link={head}");
    county.villager().get(&asked).await.is(200).says("相符");
    unguarded(&county).await;
    let seq = seq_of(&county, "petition.registered").await;
    county.execute("UPDATE chain_record SET at = at - 1 WHERE action = 'petition.registered'").await;
    let broken = verify::walk(&county.app.db).await.unwrap().broken.unwrap();
    assert_eq!(broken.seq, seq);
    assert!(broken.why.contains("不符"), "{}", broken.why);
    let found = verify::find(&county.app.db, &head).await.unwrap().unwrap();
    assert_eq!(found.seq, seq, "the registration is the last link");
    assert!(found.fault.is_some());
    county.villager().get(&asked).await.is(200).says("对不上").keeps_from("相符");
}

#[tokio::test]
async fn a_forged_content_is_told_to_whoever_asks_for_its_link() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let head = verify::walk(&county.app.db).await.unwrap().head;
    county.execute("UPDATE chain_content SET content = 'forged'").await;
    county.villager().get(&format!("/verify?link={head}")).await.says("对不上");
    county.execute("DELETE FROM chain_content").await;
    county.villager().get(&format!("/verify?link={head}")).await.says("对不上");
}

#[tokio::test]
async fn a_missing_link_is_named_by_its_place() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let links = verify::walk(&county.app.db).await.unwrap().links;
    assert!(links >= 2);
    unguarded(&county).await;
    county.execute("DELETE FROM chain_link WHERE seq = 1").await;
    let broken = verify::walk(&county.app.db).await.unwrap().broken.unwrap();
    assert_eq!((broken.seq, broken.why.as_str()), (1, "缺第 1 号链接（下一条是第 2 号）"));
}

#[tokio::test]
async fn a_record_that_is_neither_linked_nor_waiting_is_a_break() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let stray = "INSERT INTO chain_record (id, at, action, subject_kind, subject, commitment)
                 SELECT 1, at, action, subject_kind, subject, commitment FROM chain_record LIMIT 1";
    county.execute(stray).await;
    county.execute("DELETE FROM chain_pending WHERE record = 1").await;
    let report = verify::walk(&county.app.db).await.unwrap();
    let broken = report.broken.unwrap();
    assert_eq!((broken.seq, broken.why.as_str()), (report.links + 1, "记录数与链接数相差 1 条"));
}

#[tokio::test]
async fn the_database_refuses_to_change_replace_or_delete_a_record() {
    let county = County::new().await;
    with_a_petition(&county).await;
    let mut acts = vec![
        "UPDATE chain_record SET at = 0",
        "DELETE FROM chain_record",
        "UPDATE chain_link SET seq = seq + 1",
        "DELETE FROM chain_link",
        "INSERT INTO chain_record SELECT * FROM chain_record WHERE 1 = 1 ON CONFLICT (id) DO UPDATE SET at = 0",
        "INSERT INTO chain_link SELECT * FROM chain_link WHERE 1 = 1 ON CONFLICT (seq) DO UPDATE SET record = 0",
    ];
    if county.app.db.engine() == youzhi::db::Engine::Sqlite {
        acts.extend([
            "REPLACE INTO chain_record SELECT * FROM chain_record",
            "INSERT OR REPLACE INTO chain_record SELECT id, 0, official, appointment, action, subject_kind, subject,
                    commitment FROM chain_record",
            "INSERT OR REPLACE INTO chain_link SELECT seq, record, x'00' FROM chain_link WHERE seq = 1",
            "INSERT OR REPLACE INTO chain_link SELECT 100, record, x'00' FROM chain_link WHERE seq = 1",
            "INSERT OR REPLACE INTO chain_link SELECT 100, 1, hash FROM chain_link WHERE seq = 1",
        ]);
    } else {
        acts.extend(["TRUNCATE chain_record CASCADE", "TRUNCATE chain_link"]);
    }
    for sql in acts {
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

#[tokio::test]
async fn the_auditor_finds_nothing_of_what_was_written_beside_such_a_petition() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = crate::petitions::card_of(&crate::petitions::registered(&officer, "住房墙体开裂，要求鉴定").await);
    crate::petitions_acts::assigned(&officer, &card).await;
    let handler = county.signed_in("chengban").await;
    crate::petitions_acts::done(&handler, &card, "acceptance", &[("content", "由周敏承办")]).await;
    crate::petitions_acts::done(&handler, &card, "step", &[("content", "现场调查")]).await;
    let auditor = county.signed_in("shenji").await;
    auditor.get("/chain?official=chengban").await.says("记一笔");
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
             SELECT 1, p.id, o.id, 'declared', 0 FROM petition p, official o WHERE o.number = 'shenji'",
        )
        .await;
    auditor.get("/chain?official=chengban").await.is(200).keeps_from("记一笔");
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

#[tokio::test]
async fn an_erased_link_is_found_lawful_off_an_index_and_not_by_walking_the_chain() {
    let county = County::new().await;
    let mut read = county.app.db.read().await.unwrap();
    let sql = "SELECT c.content FROM chain_record r JOIN chain_content c ON c.record = r.id
                WHERE r.action = 'content.destroyed' AND r.id > 5";
    let plan: Vec<String> = if county.app.db.engine() == youzhi::db::Engine::Sqlite {
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explained).fetch_all(&mut *read).await.unwrap();
        rows.into_iter().map(|row| row.3).collect()
    } else {
        let explained = sqlx::AssertSqlSafe(format!("EXPLAIN {sql}"));
        let rows: Vec<(String,)> = sqlx::query_as(explained).fetch_all(&mut *read).await.unwrap();
        rows.into_iter().map(|row| row.0).collect()
    };
    assert!(plan.iter().any(|line| line.contains("chain_record_destroyed")), "{plan:?}");
}
