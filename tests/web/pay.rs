//! E5 to E7: settling a unit's month from its plan, deciding, signing, exporting.

use axum::http::StatusCode;
use jiff::ToSpan;
use policy::Calendar;
use sqlx::AssertSqlSafe;

use crate::county::{Answer, County, Person};

/// A county on the Monday after the cut-off of November 2026, with a month to settle.
pub struct Scene {
    /// Its front door.
    pub county: County,
}

/// What became of an item.
#[derive(Clone, Copy)]
pub enum Fate {
    /// Not cancelled.
    Open,
    /// Done on, cancelled on.
    Done(&'static str, &'static str),
    /// 撤销.
    Withdrawn,
}

/// Done and cancelled in time.
pub const DONE: Fate = Fate::Done("2026-11-20", "2026-12-01");
/// Done after the due day, 28 November.
const LATE: Fate = Fate::Done("2026-11-29", "2026-12-01");

impl Scene {
    pub async fn new() -> Self {
        let county = County::new().await;
        county.on("2026-12-07");
        let scene = Self { county };
        // The cast has no allowances: 周敏 is the only one of the land bureau whose stake is a share of it.
        scene
            .run("INSERT INTO allowance (official, holds_from, fen) SELECT id, '2024-01-01', 200000 FROM official")
            .await;
        scene
    }

    pub async fn run(&self, sql: &str) {
        let mut write = self.county.app.db.write().await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut *write)
            .await
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        write.commit().await.unwrap();
    }

    pub async fn number(&self, sql: &str) -> i64 {
        let mut read = self.county.app.db.read().await.unwrap();
        let (number,): (i64,) = sqlx::query_as(AssertSqlSafe(sql.to_owned())).fetch_one(&mut *read).await.unwrap();
        number
    }

    /// An official of a unit since 2024, with a number such as G07 and an allowance.
    pub async fn official(&self, n: i64, name: &str, unit: &str, listed_as: &str, allowance_fen: i64) {
        self.run(&format!(
            "INSERT INTO official (id, number, name, initials) VALUES ({n}, 'G{n:02}', '{name}', 'x');
             INSERT INTO allowance (official, holds_from, fen) VALUES ({n}, '2024-01-01', {allowance_fen})"
        ))
        .await;
        self.appoint(n, n, unit, listed_as, "2024-01-01").await;
    }

    /// Another post of an official; the appointment has the id given.
    pub async fn appoint(&self, appointment: i64, n: i64, unit: &str, listed_as: &str, from: &str) {
        self.run(&format!(
            "INSERT INTO post (id, unit, code, title, listed_as, superior)
                  SELECT {appointment}, id, 'P{appointment}', '{listed_as}', '{listed_as}',
                         (SELECT s.id FROM post s WHERE s.code = 'DEMO-lingdao') FROM unit WHERE code = '{unit}';
             INSERT INTO appointment (id, official, post, held_from) VALUES ({appointment}, {n}, {appointment}, '{from}')"
        ))
        .await;
    }

    /// The plan of a unit for November, frozen.
    pub async fn plan(&self, id: i64, unit: &str) {
        self.run(&format!(
            "INSERT INTO plan (id, unit, month, frozen_on) SELECT {id}, id, '2026-11', '2026-10-31' FROM unit
              WHERE code = '{unit}'"
        ))
        .await;
    }

    pub async fn submitted(&self, plan: i64, n: i64) {
        self.run(&format!(
            "INSERT INTO plan_submission (plan, official, submitted_on) VALUES ({plan}, {n}, '2026-10-20')"
        ))
        .await;
    }

    /// A frozen item due on 28 November.
    pub async fn item(&self, id: i64, plan: i64, n: i64, appointment: i64, weight: i64, fate: Fate) {
        self.run(&format!(
            "INSERT INTO plan_item (id, plan, number, goal, standard, owner, appointment, due_on, weight, source, added,
                                    proposed_by, version)
             VALUES ({id}, {plan}, '攸预{id}号', '目标{id}', '标准', {n}, {appointment}, '2026-11-28', {weight}, 'own', 0,
                     {n}, 1)"
        ))
        .await;
        match fate {
            Fate::Open => {}
            Fate::Withdrawn => {
                self.run(&format!(
                    "INSERT INTO plan_relief (item, kind, reason, consented_on, consented_by)
                     VALUES ({id}, 'withdrawn', '上级已另作安排', '2026-11-10', {n})"
                ))
                .await;
            }
            Fate::Done(done, cancelled) => {
                self.run(&format!(
                    "INSERT INTO plan_account (id, item, done_on, content, proposed, given_on, given_by)
                     VALUES ({id}, {id}, '{done}', '已完成', 0, '{done}', {n});
                     INSERT INTO cancellation (id, item, account, done_on, cancelled_on, cancelled_by)
                     VALUES ({id}, {id}, {id}, '{done}', '{cancelled}', {n})"
                ))
                .await;
            }
        }
    }

    /// Somebody of a unit with a score that is a whole percentage: one weighty item done, the rest open.
    pub async fn scored(&self, n: i64, name: &str, unit: &str, plan: i64, percent: i64) {
        self.official(n, name, unit, "科员", 200_000).await;
        self.done(n, plan, percent).await;
    }

    /// Items of an official that come to a whole percentage.
    pub async fn done(&self, n: i64, plan: i64, percent: i64) {
        if percent > 0 {
            self.item(n * 100, plan, n, n, percent, DONE).await;
        }
        if percent < 100 {
            self.item(n * 100 + 1, plan, n, n, 100 - percent, Fate::Open).await;
        }
    }

    pub async fn document(&self) {
        let renshi = self.county.signed_in("renshi").await;
        let fields = [
            ("number", "攸委〔2010〕5号"),
            ("title", "预安销号绩酬挂钩办法"),
            ("issuer", "中共攸县县委"),
            ("holds_from", "2010-01-01"),
        ];
        renshi.fill("/pay/documents", "/pay/documents", &fields).await.is(303);
    }

    pub async fn unit(&self, code: &str) -> i64 {
        self.number(&format!("SELECT id FROM unit WHERE code = '{code}'")).await
    }

    /// Settles November of a unit and gives the answer.
    pub async fn try_settle(&self, renshi: &Person<'_>, unit: &str) -> Answer {
        let unit = self.unit(unit).await.to_string();
        renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-11")]).await
    }

    /// Settles November of a unit and gives the path of the run.
    pub async fn settle(&self, renshi: &Person<'_>, unit: &str) -> String {
        let answer = self.try_settle(renshi, unit).await;
        answer.is(303);
        answer.location().to_owned()
    }

    /// Settles a run again, from its own page.
    pub async fn settle_again(&self, renshi: &Person<'_>, run: &str) -> String {
        let answer = renshi.fill(run, "/pay/runs", &[]).await;
        answer.is(303);
        answer.location().to_owned()
    }

    /// Has a run checked by the second finance officer and its notice put up.
    pub async fn put_up(&self, run: &str) {
        let checker = self.county.signed_in("caizheng2").await;
        checker.fill(run, &format!("{run}/check"), &[]).await.is(303);
        let renshi = self.county.signed_in("renshi").await;
        renshi.fill(run, &format!("{run}/notice"), &[]).await.is(303);
    }

    /// Has its notice put up, lets the days of the notice go by, and submits it.
    pub async fn handed_over(&self, run: &str) {
        let known = Calendar::parse("date,kind,holiday\n2027-01-01,rest,元旦\n").unwrap();
        self.county.app.calendar.replace(Calendar::published().clone().with(known));
        self.put_up(run).await;
        self.county.on(&self.county.today().saturating_add(10.days()).to_string());
        self.submit(run).await;
    }

    /// Submits a run whose notice is over.
    pub async fn submit(&self, run: &str) {
        let renshi = self.county.signed_in("renshi").await;
        let document = self.number("SELECT id FROM authorising_document").await.to_string();
        renshi.fill(run, &format!("{run}/submission"), &[("document", &document)]).await.is(303);
    }

    /// The version of a run, as a form carries it.
    pub async fn version(&self, run: &str) -> String {
        let id = run.rsplit('/').next().unwrap();
        self.number(&format!("SELECT version FROM pay_run WHERE id = {id}")).await.to_string()
    }

    /// The six of the land bureau in shared design: scores 100, 98.50, 94, 91, 90 and 78, each 800 yuan.
    pub async fn six(&self) {
        self.plan(1, "ZRZY").await;
        self.run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official =
                  (SELECT id FROM official WHERE number = 'chengban')",
        )
        .await;
        self.scored(1, "周一敏", "ZRZY", 1, 100).await;
        self.official(2, "欧阳晖", "ZRZY", "科员", 200_000).await;
        self.item(200, 1, 2, 2, 97, DONE).await;
        self.item(201, 1, 2, 2, 3, LATE).await;
        self.scored(3, "谭雨", "ZRZY", 1, 94).await;
        self.scored(4, "丁仪", "ZRZY", 1, 91).await;
        self.scored(5, "罗新", "ZRZY", 1, 90).await;
        self.scored(6, "文斌", "ZRZY", 1, 78).await;
    }
}

#[tokio::test]
async fn a_unit_is_settled_from_its_plan_to_the_fen() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let page = renshi.get(&run).await;
    page.is(200).says("4,800.00").says("分毫不差").says("按比例拉开到 300.00").says("按所存数据重算");
    for (score, share, delta) in [
        ("100.00", "910.23", "+110.23"),
        ("98.50", "889.77", "+89.77"),
        ("94.00", "828.41", "+28.41"),
        ("91.00", "787.50", "−12.50"),
        ("90.00", "773.86", "−26.14"),
        ("78.00", "610.23", "−189.77"),
    ] {
        page.says(score).says(share).says(delta);
    }
    page.says("2 项，1 项迟销").says("1 项未销：目标301");
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn the_sums_hold_when_they_are_done_again_in_sql() {
    let scene = Scene::new().await;
    scene.six().await;
    scene.plan(2, "LTA").await;
    for (n, percent) in [(11, 100), (12, 37), (13, 0), (14, 64)] {
        scene.scored(n, "镇干部", "LTA", 2, percent).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    for unit in ["ZRZY", "LTA", "XLD"] {
        scene.settle(&renshi, unit).await;
    }
    // Groups of two and more that are settled: what is handed out is the pool, and the spread is 300 yuan at least.
    let groups = "SELECT COUNT(*) FROM (SELECT run, class FROM pay_share WHERE state = 'settled'
                   GROUP BY run, class HAVING COUNT(*) >= 2) g";
    let wrong = "SELECT COUNT(*) FROM (SELECT run, class FROM pay_share WHERE state = 'settled'
                  GROUP BY run, class
                 HAVING COUNT(*) >= 2 AND (SUM(share_fen) <> SUM(stake_fen)
                        OR MAX(share_fen - stake_fen) - MIN(share_fen - stake_fen) < 30000)) g";
    assert!(scene.number(groups).await >= 2);
    assert_eq!(scene.number(wrong).await, 0);
    let negative = "SELECT COUNT(*) FROM pay_share WHERE share_fen < 0";
    assert_eq!(scene.number(negative).await, 0);
    // The scores as SQL has them from the plan: 100.00 is 97 + 3 halves for the second of the six.
    let score = "SELECT (2 * CAST(SUM(i.weight * CASE WHEN c.id IS NULL THEN 0 WHEN c.done_on <= i.due_on THEN 10000
                        ELSE 5000 END) AS BIGINT) + CAST(SUM(i.weight) AS BIGINT)) / (2 * CAST(SUM(i.weight) AS BIGINT))
                   FROM plan_item i LEFT JOIN cancellation c ON c.item = i.id WHERE i.owner = 2";
    assert_eq!(scene.number(score).await, 9_850);
    assert_eq!(scene.number("SELECT score_bp FROM pay_share WHERE official = 2").await, 9_850);
}

#[tokio::test]
async fn what_is_kept_changed_by_a_fen_no_longer_comes_out() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.says("按所存数据重算，分毫不差");
    scene.run("UPDATE pay_share SET share_fen = share_fen + 1 WHERE official = 4").await;
    renshi.get(&run).await.says("与所存结果不一致").keeps_from("按所存数据重算，分毫不差");
    scene.run("UPDATE pay_share SET share_fen = share_fen - 1 WHERE official = 4").await;
    scene.run("UPDATE pay_share SET score_bp = score_bp - 1 WHERE official = 6").await;
    renshi.get(&run).await.says("与所存结果不一致");
}

#[tokio::test]
async fn every_fen_of_a_share_is_explained() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let page = renshi.get(&format!("{run}/shares/2")).await;
    page.is(200).says("攸预200号").says("按期完成").says("逾期完成").says("50.00");
    page.says("9850.00 ÷ 权重之和 100 = 98.50").says("当月津补贴 2,000.00 的 40.00%：800.00");
    page.says("同组 6 人的扣入合计")
        .says("4,800.00")
        .says("每人的奖惩同乘 1103/704（约 1.566761…）")
        .says("978750/11 分")
        .says("889.77");
    let second = scene.number("SELECT COUNT(*) FROM chain_record WHERE action = 'pay_share.read'").await;
    assert_eq!(second, 1, "reading somebody's pay is recorded");
    renshi.get(&format!("{run}/shares/4242")).await.is(404);
}

#[tokio::test]
async fn a_transfer_in_the_month_divides_the_stake_by_days_and_each_item_counts_where_it_was_approved() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene.plan(2, "LTA").await;
    scene
        .run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official IN
               (SELECT id FROM official WHERE number IN ('chengban', 'xiangzhen', 'cun'))",
        )
        .await;
    scene.official(1, "调动人", "ZRZY", "科员", 200_000).await;
    scene.run("UPDATE appointment SET held_to = '2026-11-11' WHERE id = 1").await;
    scene.appoint(50, 1, "LTA", "科员", "2026-11-11").await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    scene.item(101, 2, 1, 50, 1, Fate::Open).await;
    let renshi = scene.county.signed_in("renshi").await;
    let land = scene.settle(&renshi, "ZRZY").await;
    scene.settle(&renshi, "LTA").await;
    // 800 yuan by 10 and 20 days of 30; alone in both groups, with scores of 100 and 0.
    let of = |unit: &str, column: &str| {
        format!(
            "SELECT s.{column} FROM pay_share s JOIN pay_run r ON r.id = s.run JOIN unit u ON u.id = r.unit
                  WHERE s.official = 1 AND u.code = '{unit}'"
        )
    };
    assert_eq!(scene.number(&of("ZRZY", "stake_fen")).await, 26_667);
    assert_eq!(scene.number(&of("ZRZY", "share_fen")).await, 26_667);
    assert_eq!(scene.number(&of("LTA", "stake_fen")).await, 53_333);
    assert_eq!(scene.number(&of("LTA", "share_fen")).await, 0);
    let page = renshi.get(&format!("{land}/shares/1")).await;
    page.is(200).says("莲塘坳镇 · 其他干部").says("在别的组结算").says("266.67").says("只有一人");
}

#[tokio::test]
async fn who_moves_on_the_first_is_paid_for_what_was_frozen_where_he_was() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene
        .run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official IN
               (SELECT id FROM official WHERE number IN ('chengban', 'xiangzhen', 'cun'))",
        )
        .await;
    scene.official(1, "调动人", "ZRZY", "科员", 200_000).await;
    scene.official(2, "撤销的", "ZRZY", "科员", 200_000).await;
    for n in [1, 2] {
        scene.run(&format!("UPDATE appointment SET held_to = '2026-11-01' WHERE id = {n}")).await;
        scene.appoint(50 + n, n, "LTA", "科员", "2026-11-01").await;
    }
    scene.item(100, 1, 1, 1, 3, DONE).await;
    scene.item(101, 1, 1, 1, 1, Fate::Open).await;
    // Whose one item was withdrawn handed in the plan where he was.
    scene.item(200, 1, 2, 2, 1, Fate::Withdrawn).await;
    scene.submitted(1, 2).await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "LTA").await;
    assert_eq!(scene.number("SELECT score_bp FROM pay_share WHERE official = 1").await, 7_500);
    assert_eq!(scene.number("SELECT share_fen FROM pay_share WHERE official = 1").await, 60_000);
    assert_eq!(scene.number("SELECT share_fen FROM pay_share WHERE official = 2 AND state = 'returned'").await, 80_000);
    // Nothing of the two is left where they were.
    scene.try_settle(&renshi, "ZRZY").await.is(422).says("没有由本次结算成组的人员");
}

#[tokio::test]
async fn no_plan_scores_nothing_and_a_plan_of_which_nothing_counts_gives_the_stake_back() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene
        .run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official =
               (SELECT id FROM official WHERE number = 'chengban')",
        )
        .await;
    scene.scored(1, "干事的", "ZRZY", 1, 100).await;
    scene.official(2, "没交的", "ZRZY", "科员", 200_000).await;
    scene.official(3, "撤销的", "ZRZY", "科员", 200_000).await;
    scene.submitted(1, 3).await;
    scene.item(300, 1, 3, 3, 1, Fate::Withdrawn).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let page = renshi.get(&run).await;
    page.says("没有交预安，计 0 分").says("各项已撤销或顺延，扣入退回").says("另 1 人不计分，退回 800.00");
    // Two in the group with a pool of 1,600: what the third gets back is in neither sum.
    page.says("1,600.00").keeps_from("2,400.00");
    assert_eq!(scene.number("SELECT share_fen FROM pay_share WHERE official = 1").await, 160_000);
    assert_eq!(scene.number("SELECT share_fen FROM pay_share WHERE official = 2 AND score_bp = 0").await, 0);
    let back = "SELECT share_fen FROM pay_share WHERE official = 3 AND score_bp IS NULL AND state = 'returned'";
    assert_eq!(scene.number(back).await, 80_000);
    renshi.get(&format!("{run}/shares/3")).await.says("扣入原数退回").says("经上级同意撤销");
}

#[tokio::test]
async fn who_has_nobody_above_is_not_scored_for_want_of_anybody_who_could_cancel() {
    let scene = Scene::new().await;
    scene.official(1, "周书记", "XLD", "县委书记", 200_000).await;
    scene.run("UPDATE post SET superior = NULL WHERE id = 1").await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "XLD").await;
    renshi.get(&run).await.says("职务没有上级，无人销号，扣入退回").says("按所存数据重算，分毫不差");
    renshi.get(&format!("{run}/shares/1")).await.says("所任职务没有上级").says("666.67");
    let state =
        "SELECT share_fen - stake_fen FROM pay_share WHERE official = 1 AND score_bp IS NULL AND state = 'returned'";
    assert_eq!(scene.number(state).await, 0);
    // With somebody above, and no plan, it is 0.
    scene.run("UPDATE post SET superior = (SELECT s.id FROM post s WHERE s.code = 'DEMO-lingdao') WHERE id = 1").await;
    scene.settle_again(&renshi, &run).await;
    let last = "SELECT s.score_bp FROM pay_share s JOIN pay_run r ON r.id = s.run
                 WHERE s.official = 1 AND r.replaced_by IS NULL";
    assert_eq!(scene.number(last).await, 0);
}

#[tokio::test]
async fn a_cancellation_after_the_cut_off_does_not_count() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene.official(1, "迟销一天", "ZRZY", "科员", 200_000).await;
    scene.item(100, 1, 1, 1, 1, Fate::Done("2026-11-20", "2026-12-05")).await;
    scene.item(101, 1, 1, 1, 1, Fate::Done("2026-11-20", "2026-12-06")).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    assert_eq!(scene.number("SELECT score_bp FROM pay_share WHERE official = 1").await, 5_000);
    renshi.get(&format!("{run}/shares/1")).await.says("12 月 6 日 才销号，过了截止日 12 月 5 日");
}

#[tokio::test]
async fn heads_of_units_form_one_group_in_the_countys_run() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene.plan(2, "XFJ").await;
    for (login, plan, fate) in [("fenguan", 1, DONE), ("juzhang", 2, Fate::Open)] {
        let official = scene.number(&format!("SELECT id FROM official WHERE number = '{login}'")).await;
        let appointment = scene.number(&format!("SELECT id FROM appointment WHERE official = {official}")).await;
        scene.item(plan, plan, official, appointment, 1, fate).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let land = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&land).await.keeps_from("陈新民").says("由县的那一次结算");
    let county = scene.settle(&renshi, "XLD").await;
    renshi.get(&county).await.says("全县成一组").says("陈新民").says("曾凡荣").says("1,200.00").says("谢国华");
    let share = "SELECT s.share_fen FROM pay_share s JOIN official o ON o.id = s.official WHERE o.number = 'fenguan'";
    assert_eq!(scene.number(share).await, 120_000);
}

#[tokio::test]
async fn a_second_click_settles_once_and_two_at_once_make_one_run() {
    let scene = Scene::new().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("ZRZY").await.to_string();
    let fields = |key| [("key", key), ("unit", unit.as_str()), ("month", "2026-11")];
    let one = fields("a123456789abcdef0123456789abcdef");
    let other = fields("b123456789abcdef0123456789abcdef");
    let (first, second) = tokio::join!(renshi.post("/pay/runs", &one), renshi.post("/pay/runs", &other));
    let done = [&first, &second].into_iter().filter(|answer| answer.status == StatusCode::SEE_OTHER).count();
    assert_eq!(done, 1, "{} {}", first.status, second.status);
    let (made, form) = if first.status == StatusCode::SEE_OTHER { (&first, &one) } else { (&second, &other) };
    let again = renshi.post("/pay/runs", form).await;
    assert_eq!(again.location(), made.location());
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_run").await, 1);
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_share").await, 6);
}

#[tokio::test]
async fn a_stake_without_an_allowance_is_refused_by_name() {
    let scene = Scene::new().await;
    scene.six().await;
    scene.run("DELETE FROM allowance WHERE official = 3").await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.try_settle(&renshi, "ZRZY").await.is(422).says("谭雨（G03）").says("没有当月津补贴");
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_run").await, 0);
}

#[tokio::test]
async fn a_settlement_is_found_by_those_who_may_and_a_share_by_its_owner() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.plan(1, "ZRZY").await;
    scene.scored(1, "另一人", "ZRZY", 1, 50).await;
    let handler = scene.number("SELECT id FROM official WHERE number = 'chengban'").await;
    let appointment = scene.number(&format!("SELECT id FROM appointment WHERE official = {handler}")).await;
    scene.item(9, 1, handler, appointment, 1, DONE).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let share = format!("{run}/shares/1");
    // The bureau's own head, finance, audit, and the leader whose post stands above the head's find it.
    for login in ["fenguan", "caizheng", "shenji", "lingdao"] {
        let person = scene.county.signed_in(login).await;
        person.get(&run).await.is(200).says("另一人");
        person.get("/pay/runs").await.says("县自然资源局");
    }
    // The head of another unit does not; nor do those without the action.
    let other = scene.county.signed_in("juzhang").await;
    other.get(&run).await.is(404);
    other.get(&share).await.is(404);
    other.get("/pay/runs").await.is(200).keeps_from(&run);
    let own = scene.county.signed_in("chengban").await;
    own.get(&run).await.is(403);
    let mine = run.replace("/runs/", "/mine/");
    own.get("/pay/mine").await.is(200).says("已经公示的结算里还没有您的份额");
    own.get(&mine).await.is(404);
    scene.put_up(&run).await;
    own.get("/pay/mine").await.says("1,066.67").says("+266.67");
    own.get(&mine).await.is(200).says("周敏").says("按期完成").keeps_from("另一人");
    other.get(&mine).await.is(404);
}

#[tokio::test]
async fn a_class_of_everybody_in_the_county_settles_everybody() {
    let scene = Scene::new().await;
    let officer = scene.county.signed_in("xitong").await;
    let classes = "名称,生效日期,值,出处\n\
        pay.classes,2026-11-01,\"[{ name = '正科', posts = ['局长'], stake = 'unit_heads', group = 'unit' }, \
        { name = '其他', posts = [], stake = 'others', group = 'county' }]\",《县委通知》\n";
    crate::imports::imported(&officer, "values", "all", "规定值.csv", classes.as_bytes()).await.1.says("新增 1 行");
    let renshi = scene.county.signed_in("renshi").await;
    scene.official(1, "甲某", "ZRZY", "科员", 200_000).await;
    scene.official(2, "乙某", "LTA", "科员", 200_000).await;
    scene.settle(&renshi, "XLD").await;
    let others = "SELECT COUNT(*) FROM pay_share WHERE class = '其他' AND official IN (1, 2)";
    assert_eq!(scene.number(others).await, 2);
    scene.settle(&renshi, "ZRZY").await;
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_share WHERE class = '其他' AND official = 1").await, 1, "once");
}
