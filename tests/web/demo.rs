//! The demo county: the same seed gives the same county, and what happened in it could have happened.

use sqlx::AssertSqlSafe;
use youzhi::chain::verify;

use crate::county::County;

/// A county of three hundred households around its cast, on the day on which every test begins.
async fn filled() -> County {
    let county = County::empty().await;
    youzhi::demo::fill(&county.app, 300).await.unwrap();
    county
}

/// What a county is, but for its ids, salts and ciphertexts: every text and day of the tables that make it.
async fn digest(county: &County) -> Vec<String> {
    const TABLES: [(&str, &str); 19] = [
        ("division", "code || name || kind"),
        ("household", "number || head || division || CAST(people AS TEXT)"),
        ("official", "number || name"),
        ("post", "code || title"),
        ("entry", "happened_on || kind || division || COALESCE(result, '') || content"),
        ("petition", "number || registered_on || title || state || lead || division"),
        ("clock", "kind || runs_from || COALESCE(due_on, '') || COALESCE(stopped_on, '')"),
        ("plan_item", "COALESCE(number, '') || goal || due_on"),
        ("cancellation", "done_on || cancelled_on"),
        ("account", "login || (SELECT o.number FROM official o WHERE o.id = official)"),
        (
            "recusal",
            "reason || (SELECT p.number FROM petition p WHERE p.id = petition)
                || COALESCE((SELECT u.code FROM unit u WHERE u.id = unit), '')
                || COALESCE((SELECT o.number FROM official o WHERE o.id = official), '')",
        ),
        (
            "leader_binding",
            "quarter || due_on || bound_on || COALESCE(ended_on, '') || (SELECT o.number FROM official o WHERE o.id = leader)
                || (SELECT p.number FROM petition p WHERE p.id = petition)",
        ),
        (
            "objection",
            "reason || raised_on || (SELECT o.number FROM official o WHERE o.id = raised_by)
                || (SELECT p.number FROM petition p WHERE p.id = petition)",
        ),
        (
            "opinion",
            "outcome || request || facts || basis || reply || issued_on
                || (SELECT p.number FROM petition p WHERE p.id = petition)",
        ),
        ("plan_account", "done_on || content || given_on || (SELECT o.number FROM official o WHERE o.id = given_by)"),
        ("plan_return", "reason || returned_on"),
        ("plan_relief", "kind || COALESCE(deferred_to, '') || reason || consented_on"),
        ("plan_submission", "submitted_on || (SELECT o.number FROM official o WHERE o.id = official)"),
        ("authorising_document", "number || title || holds_from"),
    ];
    let mut read = county.app.db.read().await.unwrap();
    let mut lines = Vec::new();
    for (table, text) in TABLES {
        let sql = format!("SELECT {text} AS line FROM {table} ORDER BY 1");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *read).await.unwrap();
        assert!(!rows.is_empty(), "{table}");
        let mut rows: Vec<String> = rows.into_iter().map(|(line,)| format!("{table} {line}")).collect();
        // The databases sort Chinese differently; bytes do not.
        rows.sort_unstable();
        lines.extend(rows);
    }
    lines
}

#[tokio::test]
async fn the_same_seed_gives_the_same_county() {
    let (one, other) = (filled().await, filled().await);
    assert!(digest(&one).await == digest(&other).await);
}

#[tokio::test]
async fn what_happened_could_have_happened() {
    let county = filled().await;
    assert_eq!(county.count("SELECT COUNT(*) FROM household").await, 300);
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 60);
    assert!(county.count("SELECT COUNT(*) FROM official").await > 560);
    // Each of these counts what could not be: the reason stands beside it.
    let impossible = [
        (
            "a gap in the numbers of petitions",
            "SELECT COUNT(*) FROM number_series s WHERE series = '攸信' AND last <>
            (SELECT COUNT(*) FROM petition p WHERE substr(p.registered_on, 1, 4) = CAST(s.year AS TEXT))",
        ),
        (
            "an older petition with a greater id",
            "SELECT COUNT(*) FROM petition a JOIN petition b ON b.id > a.id AND b.registered_on < a.registered_on",
        ),
        (
            "a clock of the county that runs for what is over",
            "SELECT COUNT(*) FROM clock c JOIN petition p ON p.id = c.petition
           WHERE c.stopped_on IS NULL AND p.state IN ('closed', 'forwarded')
             AND c.kind NOT IN ('review-request', 're-review-request', 're-review')",
        ),
        (
            "an unfinished petition without a clock",
            "SELECT COUNT(*) FROM petition p WHERE p.state IN ('registered', 'assigned') AND NOT EXISTS
            (SELECT 1 FROM clock c WHERE c.petition = p.id AND c.stopped_on IS NULL)",
        ),
        ("a clock that stopped before it began", "SELECT COUNT(*) FROM clock WHERE stopped_on < runs_from"),
        (
            "a closure by the handler",
            "SELECT COUNT(*) FROM closure c JOIN petition p ON p.id = c.petition WHERE p.handler = c.closed_by",
        ),
        (
            "a closure by somebody of the handling unit",
            "SELECT COUNT(*) FROM closure c JOIN petition p ON p.id = c.petition
            JOIN appointment a ON a.official = c.closed_by JOIN post o ON o.id = a.post WHERE o.unit = p.unit",
        ),
        (
            "a call-back by the handler",
            "SELECT COUNT(*) FROM call_back c JOIN petition p ON p.id = c.petition WHERE p.handler = c.called_by",
        ),
        (
            "a closed petition without its closure",
            "SELECT COUNT(*) FROM petition p WHERE (p.state = 'closed') <>
            EXISTS (SELECT 1 FROM closure c WHERE c.petition = p.id)",
        ),
        (
            "an answered petition without an opinion",
            "SELECT COUNT(*) FROM petition p WHERE (p.state IN ('answered', 'closed')) <>
            (EXISTS (SELECT 1 FROM opinion o WHERE o.petition = p.id)
              OR EXISTS (SELECT 1 FROM settlement s WHERE s.petition = p.id))",
        ),
        (
            "an accepted petition without acceptance or handler",
            "SELECT COUNT(*) FROM petition p WHERE p.state IN ('accepted', 'answered', 'closed') AND
            (p.handler IS NULL OR NOT EXISTS (SELECT 1 FROM acceptance a WHERE a.petition = p.id))",
        ),
        (
            "a unit that handles what it is kept from",
            "SELECT COUNT(*) FROM recusal r JOIN petition p ON p.id = r.petition
           WHERE r.unit = p.unit OR r.official = p.handler",
        ),
        (
            "an item cancelled by its owner",
            "SELECT COUNT(*) FROM cancellation c JOIN plan_item i ON i.id = c.item WHERE i.owner = c.cancelled_by",
        ),
        (
            "an item cancelled by another than the superior",
            "SELECT COUNT(*) FROM cancellation c JOIN plan_item i ON i.id = c.item
            JOIN appointment a ON a.id = i.appointment JOIN post o ON o.id = a.post
            LEFT JOIN appointment s ON s.post = o.superior AND s.official = c.cancelled_by WHERE s.id IS NULL",
        ),
        (
            "an item deferred that does not go on on its day",
            "SELECT COUNT(*) FROM plan_relief r WHERE r.kind = 'deferred' AND NOT EXISTS
            (SELECT 1 FROM plan_item n JOIN plan_item i ON i.id = r.item
              WHERE n.continues = r.item AND n.due_on = r.deferred_to AND n.owner = i.owner)",
        ),
        (
            "an item without a number that was accounted for",
            "SELECT COUNT(*) FROM plan_account a JOIN plan_item i ON i.id = a.item WHERE i.number IS NULL",
        ),
        (
            "an item due outside its month",
            "SELECT COUNT(*) FROM plan_item i JOIN plan p ON p.id = i.plan WHERE substr(i.due_on, 1, 7) <> p.month",
        ),
        (
            "a duty met by nobody met",
            "SELECT COUNT(*) FROM duty_fulfilment d JOIN entry e ON e.id = d.entry
           WHERE e.result <> 'met' OR e.household <> d.subject OR e.happened_on <> d.fulfilled_on",
        ),
        ("a household outside its village", "SELECT COUNT(*) FROM household WHERE substr(division, 1, 12) <> village"),
        (
            "a day that has not come",
            "SELECT (SELECT COUNT(*) FROM entry WHERE happened_on >= '2026-11-02')
               + (SELECT COUNT(*) FROM cancellation WHERE cancelled_on >= '2026-11-02')
               + (SELECT COUNT(*) FROM closure WHERE closed_on >= '2026-11-02')",
        ),
        (
            "a closure or cancellation that the chain does not know",
            "SELECT (SELECT COUNT(*) FROM closure) + (SELECT COUNT(*) FROM cancellation) + (SELECT COUNT(*) FROM entry)
               - (SELECT COUNT(*) FROM chain_record
                   WHERE action IN ('petition.closed', 'plan_item.cancelled', 'entry.recorded'))",
        ),
    ];
    for (what, sql) in impossible {
        assert_eq!(county.count(sql).await, 0, "{what}");
    }
    let gaps = "SELECT COUNT(*) FROM number_series s WHERE series LIKE '攸预%' AND last <>
                  (SELECT COUNT(*) FROM plan_item i JOIN plan p ON p.id = i.plan WHERE i.number IS NOT NULL
                      AND p.month = CAST(s.year AS TEXT) || '-' || substr(s.series, 3, 2))";
    assert_eq!(county.count(gaps).await, 0, "a gap in the numbers of a month's plan");
    youzhi::chain::seal(&county.app.db).await.unwrap();
    let report = verify::walk(&county.app.db).await.unwrap();
    assert_eq!((report.broken, report.unsealed), (None, 0));
    assert!(report.links > 1_000, "{}", report.links);
}

#[tokio::test]
async fn the_year_has_what_goes_wrong_in_a_year() {
    let county = filled().await;
    // A county in which everything is done in time shows nothing of what the pages are for.
    let there = [
        ("a clock that ran out", "SELECT COUNT(*) FROM clock WHERE due_on < COALESCE(stopped_on, '2026-11-02')"),
        (
            "a petition that is late now",
            "SELECT COUNT(*) FROM clock c WHERE c.stopped_on IS NULL AND c.due_on < '2026-11-02'
                AND c.kind IN ('registration', 'notice', 'handling', 'review', 're-review')",
        ),
        ("an objection", "SELECT COUNT(*) FROM objection"),
        ("an unfinished petition", "SELECT COUNT(*) FROM petition WHERE state NOT IN ('closed', 'forwarded')"),
        ("a recusal", "SELECT COUNT(*) FROM recusal"),
        ("a petition bound to a leader", "SELECT COUNT(*) FROM leader_binding WHERE ended_on IS NULL"),
        ("an opinion that supports nothing", "SELECT COUNT(*) FROM opinion WHERE outcome <> 'supported'"),
        (
            "an item done late",
            "SELECT COUNT(*) FROM cancellation c JOIN plan_item i ON i.id = c.item WHERE c.done_on > i.due_on",
        ),
        (
            "an item that nobody finished in its month",
            "SELECT COUNT(*) FROM plan_item i WHERE i.number IS NOT NULL AND i.due_on < '2026-11-01'
                AND NOT EXISTS (SELECT 1 FROM cancellation c WHERE c.item = i.id)
                AND NOT EXISTS (SELECT 1 FROM plan_relief r WHERE r.item = i.id)",
        ),
        ("an account sent back", "SELECT COUNT(*) FROM plan_return"),
        ("an item withdrawn", "SELECT COUNT(*) FROM plan_relief WHERE kind = 'withdrawn'"),
        ("an item deferred", "SELECT COUNT(*) FROM plan_relief WHERE kind = 'deferred'"),
        ("an item added after freezing", "SELECT COUNT(*) FROM plan_item WHERE added = 1"),
        (
            "an account that waits for the superior",
            "SELECT COUNT(*) FROM plan_account a WHERE NOT EXISTS (SELECT 1 FROM cancellation c WHERE c.account = a.id)
                AND NOT EXISTS (SELECT 1 FROM plan_return r WHERE r.account = a.id)",
        ),
        (
            "an official who handed in nothing",
            "SELECT COUNT(*) FROM appointment a JOIN post o ON o.id = a.post WHERE o.superior IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM plan_submission s JOIN plan p ON p.id = s.plan
              WHERE s.official = a.official AND p.month = '2026-10')",
        ),
        (
            "a scheme to come under a document with its paper",
            "SELECT COUNT(*) FROM pay_scheme s JOIN file_holder h ON h.holder = s.document WHERE s.holds_from > '2026-11-02'",
        ),
        ("a household where nobody was home", "SELECT COUNT(*) FROM entry WHERE result <> 'met'"),
    ];
    for (what, sql) in there {
        assert!(county.count(sql).await > 0, "the demo has not {what}");
    }
}

#[tokio::test]
async fn the_cast_finds_work_and_a_villager_follows_with_a_code() {
    let county = filled().await;
    let officer = county.signed_in("xinfang").await;
    officer.get("/petitions").await.is(200).says("攸信〔2026〕");
    let codes = youzhi::demo::codes(&county.app).await.unwrap();
    assert!(!codes.is_empty());
    for (number, code, _) in codes {
        assert_eq!(code.len(), 19, "{number}");
    }
    // What was registered here goes on where the invented year ended.
    let last = county.count("SELECT last FROM number_series WHERE series = '攸信' AND year = 2026").await;
    let receipt = crate::petitions::registered(&officer, "桥面破损，过车有响声").await;
    receipt.says(&format!("攸信〔2026〕{:04}号", last + 1));
}

#[tokio::test]
async fn a_newcomer_finishes_the_countys_run_with_the_accounts_of_the_demo() {
    let county = filled().await;
    county.on("2026-11-09");
    let renshi = county.signed_in("renshi").await;
    let unit = county.count("SELECT id FROM unit WHERE code = 'XLD'").await.to_string();
    let settled = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-10")]).await;
    settled.is(303);
    let mut run = settled.location().to_owned();
    // The secretary of the county committee has nobody above who could cancel.
    renshi.get(&run).await.says("县级领导").says("县直单位负责人").says("职务没有上级，无人销号，扣入退回");
    let assessor = county.signed_in("pingyi").await;
    for noun in ["rankings", "waivers"] {
        loop {
            let page = assessor.get(&run).await;
            let action = format!("{run}/{noun}");
            if !page.text.contains(&format!("action=\"{action}\"")) {
                break;
            }
            let hidden = page.hidden(&action);
            let mut fields: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
            let places: Vec<String> = (1..=hidden.len()).map(|place| place.to_string()).collect();
            let members = hidden.iter().filter(|(name, _)| name == "official").count();
            fields.extend(places.iter().take(members).map(|place| ("place", place.as_str())));
            fields.push(("reason", "经县委常委会研究，按得分分配，不拉开差额"));
            assessor.post(&action, &fields).await.is(303);
            let again = renshi.fill(&run, "/pay/runs", &[]).await;
            again.is(303);
            run = again.location().to_owned();
        }
    }
    county.signed_in("caizheng2").await.fill(&run, &format!("{run}/check"), &[]).await.is(303);
    renshi.fill(&run, &format!("{run}/notice"), &[]).await.is(303);
    county.on("2026-11-17");
    let renshi = county.signed_in("renshi").await;
    let document = county.count("SELECT MIN(id) FROM authorising_document").await.to_string();
    renshi.fill(&run, &format!("{run}/submission"), &[("document", &document)]).await.is(303);
    for login in ["lingdao", "fenguan", "pingyi"] {
        let person = county.signed_in(login).await;
        let page = person.get(&run).await;
        assert!(page.status.as_u16() == 404 || !page.text.contains("/approval\""), "{login} receives from it");
    }
    for login in ["caizheng", "caizheng2"] {
        county.signed_in(login).await.fill(&run, &format!("{run}/approval"), &[]).await.is(303);
    }
    renshi.get(&run).await.says("已核准");
    renshi.get(&format!("{run}/sheet.xlsx")).await.is(200);
}
