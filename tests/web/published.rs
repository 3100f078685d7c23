//! F1: what the county's account prints of 2010 is what the product's own pages count, out of records.

use sqlx::AssertSqlSafe;
use youzhi::chain::verify;
use youzhi::demo::published::{figure, fill, published};

use crate::county::{County, Person};
use crate::reports::{figures, listed};

/// The county of 2010 on the day on which every test begins: today stays the real day.
async fn filled() -> County {
    let county = County::empty().await;
    fill(&county.app).await.unwrap();
    county
}

/// A figure of a page: the address that it leads to has these words and not those.
async fn told(person: &Person<'_>, page: &str, has: &[&str], not: &[&str]) -> (String, i64) {
    let all = figures(person, page).await;
    let found = all.into_iter().find(|(address, _)| {
        has.iter().all(|word| address.contains(word)) && !not.iter().any(|word| address.contains(word))
    });
    let (address, number) = found.unwrap_or_else(|| panic!("no figure {has:?} on {page}"));
    (address, i64::try_from(number).unwrap())
}

const LEVELS: [(&str, &str, &str); 2] =
    [("plans.county", "level=county", "县级"), ("plans.units", "level=units", "乡镇、部门")];

const BOUND: &str = "bound=2009-2010";

#[tokio::test]
async fn the_pages_count_what_the_account_prints_and_follow_the_records() {
    let county = filled().await;
    let checker = county.signed_in("ducha").await;
    for (id, level, label) in LEVELS {
        let figure = figure(id);
        let page = figure.page.as_deref().unwrap();
        let (_, planned) = told(&checker, page, &[level, "added=0"], &["state="]).await;
        let (address, cancelled) = told(&checker, page, &[level, "added=0", "state=cancelled"], &[]).await;
        assert_eq!((planned, Some(cancelled)), (figure.of, figure.done), "{id}");
        let (_, late) = told(&checker, page, &[level, "state=late"], &[]).await;
        assert!(late > 0 && late < cancelled, "{id}: {late} done late");
        let words = checker.get(page).await.words();
        let row = words.split_once(&format!(" {label} ")).unwrap().1;
        assert!(row.split(' ').take(12).any(|word| Some(word) == figure.exact.as_deref()), "{id}: {row}");
        if id == "plans.county" {
            assert_eq!(i64::try_from(listed(&checker, &address).await).unwrap(), cancelled);
        }
    }
    let bound = figure("bound");
    let page = bound.page.as_deref().unwrap();
    for (tab, count) in [("tab=all", Some(bound.of)), ("tab=closed", bound.done)] {
        let (address, number) = told(&checker, page, &[tab, BOUND], &[]).await;
        assert_eq!(Some(number), count, "{tab}");
        assert_eq!(i64::try_from(listed(&checker, &address).await).unwrap(), number, "{address}");
    }
    checker.get(page).await.says(&format!(
        "2009、2010 年 {} {} {}",
        bound.of,
        bound.done.unwrap(),
        bound.exact.as_deref().unwrap()
    ));

    // One cancellation reversed by the superior, on the item's own page.
    const ITEM: &str = "FROM cancellation c JOIN plan_item i ON i.id = c.item
          JOIN appointment a ON a.id = i.appointment JOIN post p ON p.id = a.post
          JOIN unit u ON u.id = p.unit AND u.kind = 'county'
          JOIN appointment s ON s.post = p.superior JOIN account l ON l.official = s.official AND l.login = 'xianzhang'
         WHERE NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
         ORDER BY c.id DESC LIMIT 1";
    let mut read = county.app.db.read().await.unwrap();
    let (cancellation, item): (i64, i64) =
        sqlx::query_as(AssertSqlSafe(format!("SELECT c.id, c.item {ITEM}"))).fetch_one(&mut *read).await.unwrap();
    drop(read);
    let head = county.signed_in("xianzhang").await;
    let reversal = format!("/plans/cancellations/{cancellation}/reversal");
    let item = format!("/plans/items/{item}");
    head.fill(&item, &reversal, &[("reason", "复查发现没有完成")]).await.is(303);
    let leaders = figure("plans.county");
    let page = leaders.page.as_deref().unwrap();
    let (_, cancelled) = told(&checker, page, &["level=county", "state=cancelled"], &[]).await;
    assert_eq!(Some(cancelled + 1), leaders.done);
    let (_, planned) = told(&checker, page, &["level=county", "added=0"], &["state="]).await;
    assert_eq!(planned, leaders.of, "the denominator stays");

    // One closed case handled anew by the petition office, on its card.
    let case = county.count("SELECT MIN(id) FROM petition WHERE state = 'closed'").await;
    let card = format!("/petitions/{case}");
    let officer = county.signed_in("xinfang").await;
    let again = [("content", "回访发现补偿没有到户，属于错误办结")];
    officer.fill(&card, &format!("{card}/reopening"), &again).await.is(303);
    let page = bound.page.as_deref().unwrap();
    let (_, resolved) = told(&officer, page, &["tab=closed", BOUND], &[]).await;
    assert_eq!(Some(resolved + 1), bound.done);

    youzhi::chain::seal(&county.app.db).await.unwrap();
    let report = verify::walk(&county.app.db).await.unwrap();
    assert_eq!((report.broken, report.unsealed), (None, 0));
}

/// Every text and day of the tables that make the county, but for ids, salts and ciphertexts.
async fn digest(county: &County) -> Vec<String> {
    const TABLES: [(&str, &str); 7] = [
        ("division", "code || name || kind"),
        ("official", "number || name"),
        ("post", "code || title"),
        ("plan_item", "number || goal || due_on"),
        ("cancellation", "done_on || cancelled_on"),
        ("petition", "number || registered_on || title || state || lead || division"),
        ("clock", "kind || runs_from || due_on || COALESCE(stopped_on, '')"),
    ];
    let mut read = county.app.db.read().await.unwrap();
    let mut lines = Vec::new();
    for (table, text) in TABLES {
        let sql = format!("SELECT {text} AS line FROM {table}");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *read).await.unwrap();
        let mut rows: Vec<String> = rows.into_iter().map(|(line,)| format!("{table} {line}")).collect();
        rows.sort_unstable();
        lines.extend(rows);
    }
    lines
}

#[tokio::test]
async fn the_year_is_the_same_each_time_and_could_have_happened() {
    let (county, other) = (filled().await, filled().await);
    assert!(digest(&county).await == digest(&other).await);
    let towns = "SELECT COUNT(*) FROM division WHERE kind = 'township'";
    assert_eq!(county.count(towns).await, figure("centres").of);
    assert_eq!(county.count("SELECT COUNT(*) FROM division WHERE kind IN ('park', 'street')").await, 0);
    // Each of these counts what could not be: the reason stands beside it.
    let impossible = [
        (
            "an item cancelled by another than the superior",
            "SELECT COUNT(*) FROM cancellation c JOIN plan_item i ON i.id = c.item
            JOIN appointment a ON a.id = i.appointment JOIN post o ON o.id = a.post
            LEFT JOIN appointment s ON s.post = o.superior AND s.official = c.cancelled_by WHERE s.id IS NULL",
        ),
        (
            "an item due outside its month or the year",
            "SELECT COUNT(*) FROM plan_item i JOIN plan p ON p.id = i.plan
              WHERE substr(i.due_on, 1, 7) <> p.month OR substr(p.month, 1, 4) <> '2010'",
        ),
        (
            "an item cancelled before it was accounted for, or done after it was said to be",
            "SELECT COUNT(*) FROM cancellation c JOIN plan_account a ON a.id = c.account
              WHERE c.cancelled_on < a.given_on OR a.done_on > a.given_on",
        ),
        (
            "an item without an owner's plan",
            "SELECT COUNT(*) FROM plan_item i WHERE NOT EXISTS
            (SELECT 1 FROM plan_submission s WHERE s.plan = i.plan AND s.official = i.owner)",
        ),
        (
            "a gap in the numbers of a month's plan",
            "SELECT COUNT(*) FROM number_series s WHERE series <> '攸信' AND last <>
            (SELECT COUNT(*) FROM plan_item i JOIN plan p ON p.id = i.plan
              WHERE p.month = CAST(s.year AS TEXT) || '-' || substr(s.series, 3, 2))",
        ),
        (
            "a gap in the numbers of petitions",
            "SELECT COUNT(*) FROM number_series s WHERE series = '攸信' AND last <>
            (SELECT COUNT(*) FROM petition p WHERE substr(p.registered_on, 1, 4) = CAST(s.year AS TEXT))",
        ),
        (
            "a case bound outside the two years, by its own leader, or to nobody of its list",
            "SELECT COUNT(*) FROM leader_binding b WHERE b.bound_on < '2009-01-01' OR b.bound_on > '2010-12-31'
                OR b.bound_by = b.leader OR NOT EXISTS
            (SELECT 1 FROM appointment a JOIN role_grant g ON g.appointment = a.id AND g.role = 'leader'
               JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit
              WHERE a.official = b.leader AND u.division = b.place)",
        ),
        (
            "a closure by the handler or by whoever called back",
            "SELECT COUNT(*) FROM closure c JOIN petition p ON p.id = c.petition JOIN call_back k ON k.petition = p.id
              WHERE c.closed_by IN (p.handler, k.called_by)",
        ),
        ("a clock that runs on", "SELECT COUNT(*) FROM clock WHERE stopped_on IS NULL"),
        (
            "a cancellation, a closure or an entry that the chain does not know",
            "SELECT (SELECT COUNT(*) FROM closure) + (SELECT COUNT(*) FROM cancellation) + (SELECT COUNT(*) FROM entry)
               + (SELECT COUNT(*) FROM plan_item) - (SELECT COUNT(*) FROM chain_record
               WHERE action IN ('petition.closed', 'plan_item.cancelled', 'entry.recorded', 'plan_item.frozen'))",
        ),
    ];
    for (what, sql) in impossible {
        assert_eq!(county.count(sql).await, 0, "{what}");
    }
    // What is open has reasons of more than one kind, and both levels of leaders are bound.
    let there = [
        ("an account sent back", "SELECT COUNT(*) FROM plan_return"),
        ("a reversal", "SELECT COUNT(*) FROM cancellation_reversal"),
        ("a county's case", "SELECT COUNT(*) FROM leader_binding WHERE length(place) = 6"),
        ("a township's case", "SELECT COUNT(*) FROM leader_binding WHERE length(place) = 9"),
        ("a case that is bound to this day", "SELECT COUNT(*) FROM leader_binding WHERE ended_on IS NULL"),
    ];
    for (what, sql) in there {
        assert!(county.count(sql).await > 0, "the year has not {what}");
    }
}

#[test]
fn the_document_says_what_the_file_says() {
    let document = include_str!("../../docs/published-figures.md");
    for figure in &published().figures {
        assert!(document.contains(&figure.row()), "no row {}", figure.row());
        assert!(document.contains(&figure.sentence), "no sentence of {}", figure.id);
    }
    let rows = document.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, published().figures.len(), "a row of nothing in the file");
}
