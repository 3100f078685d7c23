//! C5: acts at random on the real store, by people of the cast. What no order of them may bring about.

use std::collections::BTreeSet;

use jiff::ToSpan;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use youzhi::accounts::Viewer;
use youzhi::petitions::rules::{Act, Category, Manner, Outcome, Paper, Part, Resolution};
use youzhi::petitions::{Hindered, recount, urge};
use youzhi::web::Refusal;

use crate::county::County;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::CONTENT;

/// Who acts: the office twice, the land bureau, the county's leader, and the township, which has a handler here.
const CAST: [&str; 6] = ["xinfang", "xinfang2", "chengban", "fenguan", "lingdao", "xiangzhen"];

/// What is tried, by whom (one of the cast), how many days later, and which of the choices it has.
#[derive(Clone, Debug)]
struct Try {
    by: usize,
    what: usize,
    choice: usize,
    days: i64,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let any = (0..CAST.len(), 0_usize..24, 0_usize..4, 0_i64..3);
    let one = any.prop_map(|(by, what, choice, days)| Try { by, what, choice, days });
    // Left to chance alone nobody gets far: most steps are those that a case takes on its way.
    let turn = prop_oneof![
        2 => Just((0, 0)),
        3 => Just((0, 1)),
        3 => Just((0, 2)),
        3 => Just((2, 3)),
        3 => Just((5, 3)),
        3 => Just((2, 4)),
        3 => Just((0, 5)),
        3 => Just((5, 7)),
        4 => Just((4, 8)),
        3 => Just((2, 9)),
        3 => Just((5, 9)),
        3 => Just((2, 10)),
        3 => Just((5, 10)),
        4 => Just((0, 12)),
        4 => Just((1, 13)),
        3 => Just((2, 15)),
    ];
    let taken = (turn, 0_usize..4, 0_i64..2).prop_map(|((by, what), choice, days)| Try { by, what, choice, days });
    prop::collection::vec(prop_oneof![9 => taken, 1 => one], 30..60)
}

/// The units and officials that acts may name.
struct Named {
    units: [i64; 3],
    officials: [i64; 3],
}

impl Try {
    fn act(&self, named: &Named, today: jiff::civil::Date) -> Act {
        let text = || "按规定办理，情况属实".to_owned();
        let unit = named.units[self.choice % 3];
        match self.what {
            0 | 22 => match self.choice {
                3 => Act::Classify { category: Category::Suggestion, branch: None },
                choice => Act::Classify { category: Category::Claim, branch: Some(if choice == 2 { 5 } else { 6 }) },
            },
            1 => Act::Assign { unit, part: Part::Lead, instruction: text() },
            2 => Act::Assign { unit, part: Part::Help, instruction: text() },
            3 => Act::Accept { path: text() },
            4 => Act::Object { reason: text() },
            5 => Act::Refer { reason: text() },
            6 => Act::TakeBack,
            7 => Act::Deadlock { reason: text() },
            8 => Act::Rule { unit, reason: text() },
            9 => {
                Act::Issue { outcome: Outcome::Explained, request: text(), facts: text(), basis: text(), reply: text() }
            }
            10 | 11 => {
                let paper = [Paper::Opinion, Paper::Notice, Paper::Opinion, Paper::Opinion][self.choice];
                Act::Serve { paper, on: today, manner: Manner::Post, signed_by: String::new() }
            }
            12 => Act::CallBack { on: today, reached: self.choice > 0, content: text() },
            13 => Act::Close { resolution: Resolution::Answered },
            14 => Act::Extend { days: 10, reason: text() },
            15 => Act::Hear { from: today, to: today.saturating_add(2.days()), reason: text() },
            16 => Act::Acknowledge,
            17 => Act::Bind { leader: named.officials[2], due_on: today.saturating_add(30.days()) },
            18 => Act::Unbind,
            19 => Act::Recuse { unit: Some(unit), official: None },
            20 => Act::Recuse { unit: None, official: Some(named.officials[self.choice % 3]) },
            21 => Act::Forward { organ: "县纪委监委".to_owned(), letter: text() },
            _ => Act::Step { on: today, duty: None, content: text() },
        }
    }
}

async fn one<T>(county: &County, sql: &'static str, login: &str) -> T
where
    T: for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> + Send + Unpin,
{
    let mut read = county.app.db.read().await.unwrap();
    sqlx::query_as(sql).bind(login.to_owned()).fetch_one(&mut *read).await.unwrap()
}

/// Somebody of the cast as the guard knows him or her.
async fn viewer(county: &County, login: &str) -> Viewer {
    let sql = "SELECT c.id, o.id, a.id, p.id, u.id, u.division FROM official o
                 JOIN account c ON c.official = o.id JOIN appointment a ON a.official = o.id
                 JOIN post p ON p.id = a.post JOIN unit u ON u.id = p.unit WHERE o.number = $1";
    let (account, official, appointment, post, unit, place): (i64, i64, i64, i64, i64, String) =
        one(county, sql, login).await;
    let mut read = county.app.db.read().await.unwrap();
    let roles: Vec<(String,)> = sqlx::query_as("SELECT role FROM role_grant WHERE appointment = $1 ORDER BY role")
        .bind(appointment)
        .fetch_all(&mut *read)
        .await
        .unwrap();
    Viewer {
        account,
        official,
        name: login.to_owned(),
        appointment,
        post,
        post_title: String::new(),
        unit,
        unit_name: String::new(),
        place,
        roles: roles.into_iter().map(|(role,)| role).collect(),
        day: county.today(),
    }
}

/// Tries everything in turn and looks at the store after each act; gives which acts happened.
async fn walk(tries: Vec<Try>) -> Result<BTreeSet<&'static str>, TestCaseError> {
    let county = County::new().await;
    county
        .execute(
            "INSERT INTO role_grant (appointment, role) SELECT a.id, 'handler' FROM appointment a
               JOIN official o ON o.id = a.official WHERE o.number = 'xiangzhen';
             INSERT INTO policy_value (id, name, holds_from, value, source)
             VALUES (1, 'clock.handling.excluded', '2026-01-01', '\"听证\"', '《县信访听证办法》第九条')",
        )
        .await;
    youzhi::values::load(&county.app).await.unwrap();
    let card = card_of(&registered(&county.signed_in("xinfang").await, CONTENT).await);
    let id: i64 = card.rsplit('/').next().unwrap().parse().unwrap();
    let mut units = [0; 3];
    for (place, code) in ["ZRZY", "LTA", "ZRZY"].into_iter().enumerate() {
        (units[place],) = one::<(i64,)>(&county, "SELECT id FROM unit WHERE code = $1", code).await;
    }
    let mut officials = [0; 3];
    for (place, login) in ["chengban", "fenguan", "lingdao"].into_iter().enumerate() {
        (officials[place],) = one::<(i64,)>(&county, "SELECT id FROM official WHERE number = $1", login).await;
    }
    let named = Named { units, officials };
    let (mut happened, mut count) = (BTreeSet::new(), 0);
    for attempt in tries {
        county.app.time.set(county.app.now().saturating_add((attempt.days * 24).hours()).unwrap());
        let by = viewer(&county, CAST[attempt.by]).await;
        let act = attempt.act(&named, county.today());
        let version = county.count("SELECT version FROM petition").await;
        let mut write = county.app.db.write().await.unwrap();
        match youzhi::petitions::act(&mut write, &county.app, &by, id, version, &act).await {
            Ok(()) => write.commit().await.unwrap(),
            Err(Hindered::Rule(_) | Hindered::Edge(Refusal::NotFound)) => {
                drop(write);
                continue;
            }
            Err(Hindered::Edge(refusal)) => return Err(TestCaseError::fail(format!("{act:?}: {refusal:?}"))),
        }
        count += 1;
        happened.insert(act.record());
        urge(&county.app).await.unwrap();
        clocks_answer(&county, &act).await?;
        let records = "SELECT COUNT(*) FROM chain_record WHERE subject_kind = 'petition'
                        AND action NOT IN ('petition.read', 'petition.registered', 'petition.urged', 'clock.moved')";
        prop_assert_eq!(county.count(records).await, count, "{:?} and the chain", act);
    }
    closed_with_two_keys(&county).await?;
    shows_nothing_to_the_recused(&county, &card).await?;
    Ok(happened)
}

/// No statutory clock runs twice, is kept with another day than its arithmetic gives, or is missing where something is
/// owed; nobody is in two parts at once, and what waits for a superior waits once.
async fn clocks_answer(county: &County, act: &Act) -> Result<(), TestCaseError> {
    prop_assert_eq!(recount(&county.app).await.unwrap(), 0, "{:?} left a clock with another day", act);
    for (sql, what) in [
        ("SELECT COUNT(*) FROM (SELECT kind FROM clock WHERE stopped_on IS NULL GROUP BY kind HAVING COUNT(*) > 1) AS twice",
         "a clock runs twice"),
        ("SELECT COUNT(*) FROM clock WHERE stopped_on < runs_from", "a clock stopped before it began"),
        ("SELECT COUNT(*) FROM petition p WHERE p.state = 'registered' AND NOT EXISTS (SELECT 1 FROM clock c
           WHERE c.petition = p.id AND c.kind = 'registration' AND c.stopped_on IS NULL)", "nobody has to dispose of it"),
        ("SELECT COUNT(*) FROM petition p WHERE p.state = 'assigned' AND NOT EXISTS (SELECT 1 FROM clock c
           WHERE c.petition = p.id AND c.kind = 'notice' AND c.stopped_on IS NULL)", "nobody has to tell the petitioner"),
        ("SELECT COUNT(*) FROM petition p WHERE p.state = 'accepted' AND p.category = 'claim' AND p.branch = 6
             AND NOT EXISTS (SELECT 1 FROM clock c WHERE c.petition = p.id AND c.kind = 'handling' AND c.stopped_on IS NULL)",
         "the sixty days are lost"),
        ("SELECT COUNT(*) FROM petition p JOIN clock c ON c.petition = p.id WHERE p.state IN ('closed', 'forwarded')
             AND c.stopped_on IS NULL AND c.kind IN ('registration', 'notice', 'objection', 'handling')",
         "a clock runs on after the end"),
        ("SELECT COUNT(*) FROM (SELECT unit FROM assignment WHERE ended_on IS NULL GROUP BY unit HAVING COUNT(*) > 1) AS parts",
         "leads and helps"),
        ("SELECT COUNT(*) FROM petition p WHERE p.state IN ('assigned', 'accepted') AND NOT EXISTS (SELECT 1 FROM assignment s
           WHERE s.petition = p.id AND s.unit = p.unit AND s.part = 'lead' AND s.ended_on IS NULL)",
         "whoever is responsible does not lead"),
        ("SELECT COUNT(*) FROM (SELECT petition FROM dispute WHERE ended_on IS NULL GROUP BY petition HAVING COUNT(*) > 1)
           AS twice", "two disputes at once"),
        ("SELECT COUNT(*) FROM dispute d JOIN petition p ON p.id = d.petition WHERE d.ended_on IS NULL
             AND p.state NOT IN ('assigned', 'accepted')", "a dispute about nothing"),
    ] {
        prop_assert_eq!(county.count(sql).await, 0, "{} after {:?}", what, act);
    }
    Ok(())
}

/// What is closed was closed by another than handler and writer, after the answer arrived, and with somebody's word.
async fn closed_with_two_keys(county: &County) -> Result<(), TestCaseError> {
    let one_key = "SELECT COUNT(*) FROM closure c JOIN petition p ON p.id = c.petition
                     LEFT JOIN opinion i ON i.petition = c.petition
                    WHERE i.petition IS NULL OR c.closed_by = i.written_by OR c.closed_by = p.handler
                       OR NOT EXISTS (SELECT 1 FROM service s WHERE s.petition = c.petition AND s.paper = 'opinion')
                       OR NOT (EXISTS (SELECT 1 FROM acknowledgment k WHERE k.petition = c.petition AND k.recorded_by <> c.closed_by)
                            OR EXISTS (SELECT 1 FROM call_back b WHERE b.petition = c.petition AND b.reached = 1
                                          AND b.called_by <> i.written_by))";
    prop_assert_eq!(county.count(one_key).await, 0, "closed with one key");
    Ok(())
}

/// Whoever is to be kept from it finds it at no address.
async fn shows_nothing_to_the_recused(county: &County, card: &str) -> Result<(), TestCaseError> {
    let mut read = county.app.db.read().await.unwrap();
    let kept: Vec<(String,)> = sqlx::query_as(
        "SELECT DISTINCT o.number FROM recusal x JOIN official o ON o.id = x.official
             OR o.id IN (SELECT a.official FROM appointment a JOIN post p ON p.id = a.post WHERE p.unit = x.unit)
           JOIN account c ON c.official = o.id",
    )
    .fetch_all(&mut *read)
    .await
    .unwrap();
    drop(read);
    for (login,) in kept {
        let person = county.signed_in(&login).await;
        for path in [
            card,
            "/petitions?tab=all",
            "/petitions/urging?tab=late",
            "/petitions/urging?tab=mine",
            "/my-month",
            "/overview",
        ] {
            let page = person.get(path).await;
            prop_assert!(
                !page.text.contains("0001号") && !page.text.contains("采矿"),
                "{} reads it at {}",
                login,
                path
            );
        }
        let page = person.get(card).await;
        prop_assert!([403, 404].contains(&page.status.as_u16()), "{} opens the card: {}", login, page.status);
    }
    Ok(())
}

fn run(tries: Vec<Try>) -> Result<BTreeSet<&'static str>, TestCaseError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(walk(tries))
}

proptest! {
    // Each case is a county of its own.
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_acts_leaves_a_clock_unanswered_closes_with_one_key_or_shows_the_recused_anything(tries in tries()) {
        run(tries)?;
    }
}

/// The walks get somewhere: otherwise the property above would hold of nothing.
#[test]
fn the_walks_on_the_store_come_to_rulings_and_closures() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut happened = BTreeSet::new();
    for _ in 0..60 {
        happened.extend(run(tries().new_tree(&mut runner).unwrap().current()).unwrap());
        if ["petition.ruled", "petition.closed", "petition.heard"].iter().all(|act| happened.contains(act)) {
            return;
        }
    }
    panic!("only {happened:?}");
}
