//! PAY 1 to 6 once more, in nothing but the integers of SQL, against what the program settled: over the whole demo
//! county, and over random groups of every kind.
//!
//! Both databases divide towards zero, so a floor of what may be negative is `(x - ((x % y) + y) % y) / y`. No number
//! here leaves 64 bits: groups have at most a hundred members who put in at most 2,000 yuan each, so that
//! P·s·c < 10^7 · 10^5.4 · 10^4 < 10^17, and D·a, which would be too great, is divided in two steps of 100 and 300.

use sqlx::AssertSqlSafe;

use crate::county::{County, Person};
use crate::pay::Scene;

/// The shares as SQL has them, beside those of the program: one row a scored member of a standing run.
const AGAIN: &str = "
WITH member AS (
    SELECT s.run, s.class, s.official, o.number, s.stake_fen AS s, s.score_bp AS c, COALESCE(s.rank, 0) AS r,
           s.share_fen, s.state, CASE WHEN w.class IS NULL THEN 0 ELSE 1 END AS waived
      FROM pay_share s
      JOIN official o ON o.id = s.official
      JOIN pay_run x ON x.id = s.run
      LEFT JOIN pay_waiver w ON w.unit = x.unit AND w.month = x.month AND w.class = s.class
     WHERE s.score_bp IS NOT NULL AND x.replaced_by IS NULL),
grp AS (
    SELECT run, class, COUNT(*) AS n, CAST(SUM(s) AS BIGINT) AS p, CAST(SUM(s * c) AS BIGINT) AS w, MIN(r) AS least
      FROM member GROUP BY run, class),
dev AS (
    SELECT m.*, g.n, g.p, g.w, g.least, m.s * (g.p * m.c - g.w) AS a
      FROM member m JOIN grp g ON g.run = m.run AND g.class = m.class),
span AS (SELECT run, class, MAX(a) - MIN(a) AS ra FROM dev GROUP BY run, class),
rule AS (
    SELECT d.*, x.ra,
           CASE WHEN d.n = 1 THEN 'alone' WHEN d.w = 0 THEN 'forfeited'
                WHEN x.ra = 0 AND d.least > 0 THEN 'ranked' WHEN x.ra = 0 THEN 'undecided'
                WHEN x.ra < 30000 * d.w THEN 'stretched' ELSE 'wide' END AS kind
      FROM dev d JOIN span x ON x.run = d.run AND x.class = d.class),
parted AS (
    SELECT u.*,
           CASE WHEN kind = 'stretched' THEN (a * 100 - ((a * 100) % ra + ra) % ra) / ra ELSE 0 END AS q,
           CASE WHEN kind = 'stretched' THEN ((a * 100) % ra + ra) % ra ELSE 0 END AS rest,
           CASE WHEN kind = 'ranked' THEN s * 2 * (n - 1) + 30000 * (n + 1 - 2 * r) ELSE 0 END AS up,
           CASE WHEN n > 1 THEN 2 * (n - 1) ELSE 1 END AS down
      FROM rule u),
made AS (
    SELECT f.*,
           CASE kind WHEN 'stretched' THEN s + q * 300 + rest * 300 / ra
                     WHEN 'ranked' THEN (up - (up % down + down) % down) / down
                     WHEN 'wide' THEN p * s * c / w
                     WHEN 'alone' THEN (s * c + 5000) / 10000 ELSE 0 END AS whole,
           CASE kind WHEN 'stretched' THEN rest * 300 % ra
                     WHEN 'ranked' THEN (up % down + down) % down
                     WHEN 'wide' THEN p * s * c % w ELSE 0 END AS part
      FROM parted f),
below AS (SELECT run, class, MIN(whole) AS lowest FROM made GROUP BY run, class),
judged AS (
    SELECT m.*,
           CASE WHEN b.lowest >= 0 THEN m.kind WHEN m.waived = 1 THEN 'waived' ELSE 'infeasible' END AS came_to,
           CASE WHEN b.lowest < 0 THEN p * s * c / w ELSE whole END AS floor_fen,
           CASE WHEN b.lowest < 0 THEN p * s * c % w ELSE part END AS part_of
      FROM made m JOIN below b ON b.run = m.run AND b.class = m.class),
handed AS (
    SELECT j.*, p - CAST(SUM(floor_fen) OVER (PARTITION BY run, class) AS BIGINT) AS left_fen,
           ROW_NUMBER() OVER (PARTITION BY run, class
               ORDER BY part_of DESC, c DESC, CASE WHEN came_to = 'ranked' THEN r ELSE 0 END, number) AS place
      FROM judged j),
again AS (
    SELECT h.run, h.class, h.official, h.share_fen, h.state, h.came_to,
           CASE WHEN came_to IN ('undecided', 'infeasible') THEN NULL
                WHEN came_to = 'forfeited' THEN 0
                WHEN came_to = 'alone' THEN floor_fen
                WHEN place <= left_fen THEN floor_fen + 1 ELSE floor_fen END AS sql_fen,
           CASE WHEN came_to IN ('undecided', 'infeasible', 'forfeited') THEN came_to ELSE 'settled' END AS sql_state
      FROM handed h)
";

async fn number(county: &County, sql: &str) -> i64 {
    let mut read = county.app.db.read().await.unwrap();
    let (number,): (i64,) = sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_one(&mut *read).await.unwrap();
    number
}

/// Compares every share with SQL's, and says by which rules how many groups were settled.
async fn compared(county: &County) -> std::collections::BTreeMap<String, i64> {
    let wrong = format!(
        "{AGAIN} SELECT COUNT(*) FROM again
          WHERE COALESCE(share_fen, -1) <> COALESCE(sql_fen, -1) OR state <> sql_state"
    );
    assert_eq!(number(county, &wrong).await, 0, "shares differ from SQL's");
    let kinds = format!(
        "{AGAIN} SELECT came_to, CAST(COUNT(*) AS BIGINT) FROM
           (SELECT DISTINCT run, class, came_to FROM again) g GROUP BY came_to"
    );
    let mut read = county.app.db.read().await.unwrap();
    let rows: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(kinds)).fetch_all(&mut *read).await.unwrap();
    rows.into_iter().collect()
}

/// Settles a month of every unit that has anybody to settle.
async fn settle_all(county: &County, renshi: &Person<'_>, month: &str) -> usize {
    let mut read = county.app.db.read().await.unwrap();
    let units: Vec<(i64,)> =
        sqlx::query_as("SELECT id FROM unit WHERE kind <> 'village' ORDER BY id").fetch_all(&mut *read).await.unwrap();
    drop(read);
    let mut settled = 0;
    for (unit,) in units {
        let answer = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit.to_string()), ("month", month)]).await;
        match answer.status.as_u16() {
            303 => settled += 1,
            422 => {
                answer.says("没有由本次结算成组的人员");
            }
            other => panic!("{other}: {}", answer.words()),
        }
    }
    settled
}

/// The scores of everybody with one share of a month, from the plan: 10,000, half or nothing an item, by weight.
fn scores(month: &str, cut_off: &str) -> String {
    format!(
        "WITH item AS (
            SELECT i.owner, i.weight, CASE WHEN c.id IS NULL OR v.cancellation IS NOT NULL OR c.cancelled_on > '{cut_off}'
                        THEN 0 WHEN c.done_on <= i.due_on THEN 10000 ELSE 5000 END AS credit
              FROM plan_item i
              LEFT JOIN cancellation c ON c.id = (SELECT MAX(d.id) FROM cancellation d WHERE d.item = i.id)
              LEFT JOIN cancellation_reversal v ON v.cancellation = c.id
             WHERE i.number IS NOT NULL AND i.due_on >= '{month}-01' AND i.due_on <= '{month}-31'
               AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id)),
         scored AS (
            SELECT owner, (2 * CAST(SUM(weight * credit) AS BIGINT) + CAST(SUM(weight) AS BIGINT))
                          / (2 * CAST(SUM(weight) AS BIGINT)) AS bp FROM item GROUP BY owner),
         one AS (
            SELECT s.official, MIN(s.score_bp) AS bp FROM pay_share s JOIN pay_run r ON r.id = s.run
             WHERE r.month = '{month}' AND r.replaced_by IS NULL GROUP BY s.official HAVING COUNT(*) = 1) "
    )
}

#[tokio::test]
async fn the_whole_demo_county_comes_out_the_same_in_sql() {
    let county = County::empty().await;
    youzhi::demo::fill(&county.app, 200).await.unwrap();
    county.on("2026-11-09");
    let renshi = county.signed_in("renshi").await;
    let settled = settle_all(&county, &renshi, "2026-10").await;
    assert!(settled > 20, "{settled} units");
    let kinds = compared(&county).await;
    assert!(kinds.values().sum::<i64>() > 20, "{kinds:?}");
    let scores = scores("2026-10", "2026-11-05");
    let wrong = format!("{scores} SELECT COUNT(*) FROM one JOIN scored ON owner = official WHERE one.bp <> scored.bp");
    assert_eq!(number(&county, &wrong).await, 0, "scores differ from SQL's");
    let seen = format!("{scores} SELECT COUNT(*) FROM one JOIN scored ON owner = official WHERE one.bp = scored.bp");
    assert!(number(&county, &seen).await > 300);
    // Stakes of whoever stood in one post all month: 40 % of the allowance, 600 yuan, or the first third of 2,000.
    let stakes = "SELECT COUNT(*) FROM pay_share s JOIN pay_run r ON r.id = s.run
         JOIN appointment a ON a.official = s.official
        WHERE r.month = '2026-10' AND a.held_from <= '2026-10-01' AND (a.held_to IS NULL OR a.held_to > '2026-10-31')
          AND (SELECT COUNT(*) FROM appointment b WHERE b.official = s.official) = 1
          AND s.stake_fen <> CASE s.class WHEN '县级领导' THEN 66667 WHEN '乡镇党政主要领导' THEN 66667
                                          WHEN '县直单位负责人' THEN 60000
                                          ELSE ((SELECT w.fen FROM allowance w WHERE w.official = s.official) * 4000 + 5000)
                                               / 10000 END";
    assert_eq!(number(&county, stakes).await, 0, "stakes differ from SQL's");
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    /// From 0 up to and without `sides`.
    fn roll(&mut self, sides: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % sides.unsigned_abs()).unwrap()
    }
}

#[tokio::test]
async fn random_groups_of_every_kind_come_out_the_same_in_sql() {
    let scene = Scene::new().await;
    let mut dice = Dice(20_261_125);
    let mut sql: Vec<String> = Vec::new();
    let mut next = 1_000;
    for group in 0..60_i64 {
        let unit = 100 + group;
        sql.push(format!(
            "INSERT INTO unit (id, code, name, kind, division, valid_from)
                  VALUES ({unit}, 'R{unit}', '单位{unit}', 'department', '430223', '2019-01-01');
             INSERT INTO plan (id, unit, month, frozen_on) VALUES ({unit}, {unit}, '2026-11', '2026-10-31');"
        ));
        let members = if group % 8 == 0 { 1 } else { 2 + dice.roll(11) };
        // Equal scores, nothing done, scores a hair apart, and any.
        let manner = group % 5;
        let alike = 1 + dice.roll(100);
        for place in 0..members {
            next += 1;
            // Groups that put in too little to be spread, and single people who do.
            let poor = group % 6 == 2 || dice.roll(6) == 0;
            let allowance = if poor { dice.roll(60_000) } else { 150_000 + dice.roll(250_000) };
            let percent = match manner {
                0 => alike,
                1 => 0,
                2 => 90 + dice.roll(3),
                _ => dice.roll(101),
            };
            sql.push(format!(
                "INSERT INTO official (id, number, name, initials) VALUES ({next}, 'R{}', '人{next}', 'r');
                 INSERT INTO allowance (official, holds_from, fen) VALUES ({next}, '2024-01-01', {allowance});
                 INSERT INTO post (id, unit, code, title, listed_as, superior)
                      SELECT {next}, {unit}, 'R{next}', '科员', '科员', id FROM post WHERE code = 'DEMO-lingdao';
                 INSERT INTO appointment (id, official, post, held_from) VALUES ({next}, {next}, {next}, '2024-01-01');",
                next * 7_919 % 997
            ));
            for (at, weight) in [(0, percent), (1, 100 - percent)] {
                if weight == 0 {
                    continue;
                }
                let item = next * 10 + at;
                sql.push(format!(
                    "INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source,
                                            added, proposed_by, version)
                          VALUES ({item}, {unit}, 'R{item}', '目标', '标准', {next}, {next}, '2026-11-28', {weight},
                                  'own', 0, {next}, 1);"
                ));
                if at == 0 {
                    let done = if manner >= 3 && dice.roll(4) == 0 { "2026-11-29" } else { "2026-11-20" };
                    sql.push(format!(
                        "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
                              VALUES ({item}, {item}, '{done}', '已完成', 0, '2026-11-30', {next});
                         INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by)
                              VALUES ({item}, {item}, {item}, '{done}', '2026-12-0{}', {next});",
                        1 + dice.roll(if manner >= 3 { 7 } else { 5 })
                    ));
                }
            }
            // A ranking for every other group that may need one.
            if group % 2 == 0 {
                let rank = members - place;
                sql.push(format!(
                    "INSERT INTO pay_ranking (unit, month, class, official, rank, recorded_by)
                          VALUES ({unit}, '2026-11', '其他干部', {next}, {rank}, 1001);"
                ));
            }
        }
        if group % 4 == 0 {
            sql.push(format!(
                "INSERT INTO pay_waiver (unit, month, class, reason, waived_on, waived_by)
                      VALUES ({unit}, '2026-11', '其他干部', '扣入不足以拉开', '2026-12-06', 1001);"
            ));
        }
    }
    scene.run(&sql.join("\n")).await;
    let renshi = scene.county.signed_in("renshi").await;
    assert!(settle_all(&scene.county, &renshi, "2026-11").await >= 60);
    let kinds = compared(&scene.county).await;
    for kind in ["alone", "forfeited", "infeasible", "ranked", "stretched", "undecided", "waived", "wide"] {
        assert!(kinds.contains_key(kind), "no {kind} among {kinds:?}");
    }
    let scores = scores("2026-11", "2026-12-05");
    let wrong = format!("{scores} SELECT COUNT(*) FROM one JOIN scored ON owner = official WHERE one.bp <> scored.bp");
    assert_eq!(number(&scene.county, &wrong).await, 0, "scores differ from SQL's");
    // SQL notices a fen.
    scene
        .run(
            "UPDATE pay_share SET share_fen = share_fen + 1
              WHERE official = (SELECT MIN(official) FROM pay_share WHERE state = 'settled' AND official > 1000)",
        )
        .await;
    let wrong = format!("{AGAIN} SELECT COUNT(*) FROM again WHERE COALESCE(share_fen, -1) <> COALESCE(sql_fen, -1)");
    assert_eq!(number(&scene.county, &wrong).await, 1);
}
