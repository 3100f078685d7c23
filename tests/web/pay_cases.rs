//! E6: the special cases of the rule, each from the plan through the front door to the fen.

use crate::pay::{DONE, Fate, Scene};
use crate::pay_signing::approved;

impl Scene {
    /// Lets nobody of the cast belong to a group of the unit but those whom the test makes.
    async fn only_ours(&self) {
        self.run(
            "UPDATE appointment SET held_to = '2026-10-01' WHERE official IN
               (SELECT id FROM official WHERE number IN ('chengban', 'xiangzhen', 'cun', 'zhenzhang'))",
        )
        .await;
    }

    /// A column of the standing shares of an official, summed up.
    async fn of(&self, official: i64, column: &str) -> i64 {
        self.number(&format!(
            "SELECT CAST(COALESCE(SUM(s.{column}), -1) AS BIGINT) FROM pay_share s JOIN pay_run r ON r.id = s.run
              WHERE s.official = {official} AND r.replaced_by IS NULL"
        ))
        .await
    }
}

#[tokio::test]
async fn who_changes_class_in_the_month_has_a_share_in_each_and_the_parts_sum_to_the_stake() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "LTA").await;
    scene.official(1, "提任的", "LTA", "科员", 200_000).await;
    scene.official(2, "科员", "LTA", "科员", 200_000).await;
    scene.official(3, "书记", "LTA", "乡镇党委书记", 200_000).await;
    // 科员 for ten days, 乡镇长 for twenty: of 800.00 and of 666.67, 266.67 and 444.44 by the largest remainder.
    scene.run("UPDATE appointment SET held_to = '2026-11-11' WHERE id = 1").await;
    scene.appoint(50, 1, "LTA", "乡镇长", "2026-11-11").await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    scene.item(101, 1, 1, 50, 1, Fate::Open).await;
    scene.item(200, 1, 2, 2, 1, Fate::Open).await;
    scene.item(300, 1, 3, 3, 1, DONE).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "LTA").await;
    let of =
        |class: &str, column: &str| format!("SELECT {column} FROM pay_share WHERE official = 1 AND class = '{class}'");
    assert_eq!(scene.number(&of("其他干部", "stake_fen")).await, 26_667);
    assert_eq!(scene.number(&of("乡镇党政主要领导", "stake_fen")).await, 44_444);
    // 26,666.67 + 44,444.67 = 71,111.33, rounded half up; the odd fen goes to the earlier part.
    assert_eq!(scene.of(1, "stake_fen").await, 71_111);
    assert_eq!(scene.number(&of("其他干部", "score_bp")).await, 10_000);
    assert_eq!(scene.number(&of("乡镇党政主要领导", "score_bp")).await, 0);
    // Each group's own pool: everything of it to the one who did what was planned.
    assert_eq!(scene.number(&of("其他干部", "share_fen")).await, 106_667);
    assert_eq!(scene.number(&of("乡镇党政主要领导", "share_fen")).await, 0);
    let page = renshi.get(&format!("{run}/shares/1")).await;
    page.is(200)
        .says("其他干部")
        .says("乡镇党政主要领导")
        .says("266.67")
        .says("444.44")
        .says("每季度 2,000.00，逐月三分之一");
}

#[tokio::test]
async fn who_joins_or_leaves_in_the_month_puts_in_what_falls_on_the_days() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "LTA").await;
    for (n, name) in [(1, "到岗的"), (2, "离岗的"), (3, "整月的"), (4, "来了又走的")] {
        scene.official(n, name, "LTA", "科员", 200_000).await;
        scene.item(n * 100, 1, n, n, 1, DONE).await;
    }
    scene
        .run(
            "UPDATE appointment SET held_from = '2026-11-30' WHERE id = 1;
             UPDATE appointment SET held_to = '2026-11-02' WHERE id = 2;
             UPDATE appointment SET held_from = '2026-11-11', held_to = '2026-11-21' WHERE id = 4",
        )
        .await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "LTA").await;
    // 80,000 by 1, 1, 30 and 10 days of 30.
    for (n, stake) in [(1, 2_667), (2, 2_667), (3, 80_000), (4, 26_667)] {
        assert_eq!(scene.of(n, "stake_fen").await, stake, "{n}");
    }
    renshi.get(&format!("{run}/shares/4")).await.says("不在岗").says("不扣");
}

#[tokio::test]
async fn an_odd_fen_of_a_divided_stake_goes_to_the_earlier_part() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    // 40 % of 2,000.02 is 800.008: 800.01, by halves 400.005 and 400.005.
    scene.official(1, "调动人", "ZRZY", "科员", 200_002).await;
    scene.run("UPDATE appointment SET held_to = '2026-11-16' WHERE id = 1").await;
    scene.appoint(50, 1, "LTA", "科员", "2026-11-16").await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "ZRZY").await;
    scene.settle(&renshi, "LTA").await;
    let of = |unit: &str| {
        format!(
            "SELECT s.stake_fen FROM pay_share s JOIN pay_run r ON r.id = s.run JOIN unit u ON u.id = r.unit
              WHERE s.official = 1 AND u.code = '{unit}'"
        )
    };
    assert_eq!(scene.number(&of("ZRZY")).await, 40_001);
    assert_eq!(scene.number(&of("LTA")).await, 40_000);
}

#[tokio::test]
async fn who_moved_and_planned_where_he_was_gets_the_part_of_the_new_unit_back() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "ZRZY").await;
    scene.official(1, "调动人", "ZRZY", "科员", 200_000).await;
    scene.run("UPDATE appointment SET held_to = '2026-11-11' WHERE id = 1").await;
    scene.appoint(50, 1, "LTA", "科员", "2026-11-11").await;
    scene.submitted(1, 1).await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "ZRZY").await;
    let town = scene.settle(&renshi, "LTA").await;
    let back = "SELECT share_fen FROM pay_share WHERE official = 1 AND state = 'returned' AND score_bp IS NULL";
    assert_eq!(scene.number(back).await, 53_333);
    renshi.get(&format!("{town}/shares/1")).await.says("没有一项计入本月").says("县自然资源局 · 其他干部");
    // Who handed in nothing anywhere scores nothing in both, and says so.
    scene
        .run("DELETE FROM plan_submission; DELETE FROM cancellation; DELETE FROM plan_account; DELETE FROM plan_item")
        .await;
    let town = scene.settle_again(&renshi, &town).await;
    renshi.get(&town).await.says("没有交预安，计 0 分");
    let nothing = "SELECT s.share_fen FROM pay_share s JOIN pay_run r ON r.id = s.run JOIN unit u ON u.id = r.unit
                    WHERE s.official = 1 AND u.code = 'LTA' AND r.replaced_by IS NULL AND s.score_bp = 0";
    assert_eq!(scene.number(nothing).await, 0);
}

#[tokio::test]
async fn a_head_who_moves_between_units_stays_in_the_countys_one_group_with_the_whole_stake() {
    let scene = Scene::new().await;
    scene.plan(1, "ZRZY").await;
    scene.plan(2, "XFJ").await;
    scene.official(1, "换局的", "ZRZY", "局长", 200_000).await;
    scene.run("UPDATE appointment SET held_to = '2026-11-11' WHERE id = 1").await;
    scene.appoint(50, 1, "XFJ", "局长", "2026-11-11").await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    scene.item(101, 2, 1, 50, 1, Fate::Open).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "XLD").await;
    // Both parts and both items are of the one group: 200.00 and 400.00, one of two done.
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_share WHERE official = 1").await, 1);
    assert_eq!((scene.of(1, "stake_fen").await, scene.of(1, "score_bp").await), (60_000, 5_000));
    renshi.get(&format!("{run}/shares/1")).await.says("200.00").says("400.00").keeps_from("在别的组结算");
}

#[tokio::test]
async fn a_quarters_stake_is_put_in_by_thirds_month_by_month() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.official(1, "书记", "LTA", "乡镇党委书记", 200_000).await;
    scene.official(2, "镇长", "LTA", "乡镇长", 200_000).await;
    scene.official(3, "副县长", "XLD", "副县长", 200_000).await;
    scene.county.on("2027-01-11");
    let renshi = scene.county.signed_in("renshi").await;
    let mut seen = [0, 0];
    for (month, stake) in [("2026-10", 66_667), ("2026-11", 66_667), ("2026-12", 66_666)] {
        for (at, (unit, official)) in [("LTA", 1), ("XLD", 3)].into_iter().enumerate() {
            let unit = scene.unit(unit).await.to_string();
            renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", month)]).await.is(303);
            let put_in = scene
                .number(&format!(
                    "SELECT s.stake_fen FROM pay_share s JOIN pay_run r ON r.id = s.run
                      WHERE s.official = {official} AND r.month = '{month}'"
                ))
                .await;
            assert_eq!(put_in, stake, "{month}");
            seen[at] += put_in;
        }
    }
    assert_eq!(seen, [200_000, 200_000]);
}

#[tokio::test]
async fn the_countys_leaders_form_one_group_wherever_their_post_stands() {
    let scene = Scene::new().await;
    scene.official(1, "副县长", "XLD", "副县长", 200_000).await;
    scene.official(2, "在乡镇的常委", "LTA", "县委常委", 200_000).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "XLD").await;
    renshi.get(&run).await.says("副县长").says("在乡镇的常委").says("全县成一组");
    let groups = "SELECT COUNT(DISTINCT class) FROM pay_share WHERE official IN (1, 2)";
    assert_eq!(scene.number(groups).await, 1);
    let town = scene.settle(&renshi, "LTA").await;
    renshi.get(&town).await.keeps_from("在乡镇的常委");
}

#[tokio::test]
async fn a_group_of_which_nobody_did_anything_is_forfeited_and_said_so_and_enters_no_later_pool() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.document().await;
    scene.plan(1, "ZRZY").await;
    for n in [1, 2] {
        scene.official(n, ["甲某", "乙某"][usize::try_from(n - 1).unwrap()], "ZRZY", "科员", 200_000).await;
        scene.item(n * 100, 1, n, n, 1, Fate::Open).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    let page = renshi.get(&run).await;
    page.says("全组得分为 0，池全部收回").says("收回 1,600.00").says("记入单位收回账").says("按所存数据重算，分毫不差");
    renshi.get(&format!("{run}/shares/1")).await.says("全组得分都是 0，池全部收回");
    for n in [1, 2] {
        assert_eq!((scene.of(n, "share_fen").await, scene.of(n, "stake_fen").await), (0, 80_000));
    }
    assert_eq!(scene.number("SELECT COUNT(*) FROM pay_share WHERE state = 'forfeited'").await, 2);
    approved(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("ZRZY").await.to_string();
    renshi.get(&format!("/pay/forfeitures?unit={unit}")).await.says("1,600.00");
    // December of the same two has a pool of its own stakes alone.
    scene.county.on("2027-01-11");
    let renshi = scene.county.signed_in("renshi").await;
    let december = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await;
    renshi.get(december.is(303).location()).await.says("1,600.00").keeps_from("3,200.00");
}

#[tokio::test]
async fn one_alone_gets_stake_times_score_rounded_half_up_and_is_settled_also_at_nothing() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "LTA").await;
    // 40 % of 1,500.03 is 600.01; half of it is 300.005.
    scene.official(1, "独一人", "LTA", "科员", 150_003).await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    scene.item(101, 1, 1, 1, 1, Fate::Open).await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "LTA").await;
    assert_eq!((scene.of(1, "stake_fen").await, scene.of(1, "share_fen").await), (60_001, 30_001));
    renshi.get(&run).await.says("只有一人：扣入乘得分").says("收回 300.00");
    scene.run("UPDATE cancellation SET cancelled_on = '2026-12-06' WHERE item = 100").await;
    let again = scene.settle_again(&renshi, &run).await;
    assert_eq!(scene.of(1, "share_fen").await, 0);
    renshi.get(&again).await.says("已结算").says("收回 600.01");
}

#[tokio::test]
async fn what_was_deferred_counts_in_its_new_month_and_not_in_the_old() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "LTA").await;
    scene.official(1, "顺延的", "LTA", "科员", 200_000).await;
    scene.official(2, "都没做的", "LTA", "科员", 200_000).await;
    scene.item(100, 1, 1, 1, 1, DONE).await;
    scene.item(101, 1, 1, 1, 9, Fate::Open).await;
    scene.item(200, 1, 2, 2, 1, Fate::Open).await;
    scene
        .run(
            "INSERT INTO plan_relief (item, kind, deferred_to, reason, consented_on, consented_by)
             VALUES (101, 'deferred', '2026-12-20', '等批复', '2026-11-20', 1)",
        )
        .await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "LTA").await;
    assert_eq!(scene.of(1, "score_bp").await, 10_000);
    renshi.get(&format!("{run}/shares/1")).await.says("经上级同意顺延，不计");
}

#[tokio::test]
async fn a_ranking_made_for_others_decides_nothing_and_one_that_takes_too_much_is_infeasible() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "ZRZY").await;
    // 40 % of 374.98 is 149.99: the last of two would have to give 150.
    for (n, allowance) in [(1, 200_000), (2, 37_498)] {
        scene.official(n, ["甲某", "乙某"][usize::try_from(n - 1).unwrap()], "ZRZY", "科员", allowance).await;
        scene.item(n * 100, 1, n, n, 1, DONE).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    renshi.get(&run).await.says("待评议");
    let unit = scene.unit("ZRZY").await;
    let place = |official: i64, rank: i64| {
        format!(
            "INSERT INTO pay_ranking (unit, month, class, official, rank, recorded_by)
             VALUES ({unit}, '2026-11', '其他干部', {official}, {rank}, 1)"
        )
    };
    scene.official(3, "别组的", "LTA", "科员", 200_000).await;
    scene.run(&place(1, 1)).await;
    scene.run(&place(3, 2)).await;
    let run = scene.settle_again(&renshi, &run).await;
    renshi.get(&run).await.says("待评议").keeps_from("评议排序已经登记");
    scene.run("UPDATE pay_ranking SET official = 2 WHERE official = 3").await;
    let run = scene.settle_again(&renshi, &run).await;
    renshi.get(&run).await.says("差额不可行");
    // The other way round the last gives 150 of 800.
    scene.run("UPDATE pay_ranking SET rank = 3 - rank").await;
    let run = scene.settle_again(&renshi, &run).await;
    renshi.get(&run).await.says("按评议排序拉开到 300.00").says("分毫不差");
    assert_eq!((scene.of(1, "share_fen").await, scene.of(2, "share_fen").await), (65_000, 29_999));
}

#[tokio::test]
async fn on_its_due_day_a_thing_is_in_time_and_the_day_after_counts_half() {
    let scene = Scene::new().await;
    scene.only_ours().await;
    scene.plan(1, "LTA").await;
    for (n, day) in [(1, "2026-11-28"), (2, "2026-11-29")] {
        scene.official(n, ["甲某", "乙某"][usize::try_from(n - 1).unwrap()], "LTA", "科员", 200_000).await;
        scene.item(n * 100, 1, n, n, 1, Fate::Done(day, "2026-12-05")).await;
    }
    let renshi = scene.county.signed_in("renshi").await;
    scene.settle(&renshi, "LTA").await;
    assert_eq!((scene.of(1, "score_bp").await, scene.of(2, "score_bp").await), (10_000, 5_000));
    assert_eq!((scene.of(1, "share_fen").await, scene.of(2, "share_fen").await), (106_667, 53_333));
}

#[tokio::test]
async fn years_later_a_settlement_comes_out_by_the_rule_of_its_day() {
    let scene = Scene::new().await;
    scene.document().await;
    scene.six().await;
    let renshi = scene.county.signed_in("renshi").await;
    let run = scene.settle(&renshi, "ZRZY").await;
    approved(&scene, &run).await;
    let renshi = scene.county.signed_in("renshi").await;
    let before = renshi.get(&format!("{run}/shares/2")).await.words();
    // The county's values of that very month become others, the plan is undone, and five years go by.
    let values = "名称,生效日期,值,出处\n\
        pay.min_spread_fen,2026-11-01,80000,《新办法》\npay.others.share_bp,2026-11-01,1000,《新办法》\n\
        pay.late_credit_bp,2026-11-01,0,《新办法》\nplan.cancel_by.day,2026-11-01,1,《新办法》\n";
    let officer = scene.county.signed_in("xitong").await;
    crate::imports::imported(&officer, "values", "all", "规定值.csv", values.as_bytes()).await.1.says("新增 4 行");
    scene
        .run(
            "INSERT INTO cancellation_reversal (cancellation, reason, reversed_on, reversed_by)
             VALUES (200, '不实', '2026-12-08', 1);
             UPDATE appointment SET held_to = '2027-01-01' WHERE official = 3;
             UPDATE allowance SET fen = 1 WHERE official = 4",
        )
        .await;
    scene.county.on("2031-12-01");
    let renshi = scene.county.signed_in("renshi").await;
    let page = renshi.get(&run).await;
    page.says("按所存数据重算，分毫不差").says("按比例拉开到 300.00").says("889.77").says("4,800.00");
    assert_eq!(renshi.get(&format!("{run}/shares/2")).await.words(), before);
    // A month of the new rule is settled by the new rule.
    scene.county.on("2027-01-11");
    let renshi = scene.county.signed_in("renshi").await;
    let unit = scene.unit("ZRZY").await.to_string();
    let december = renshi.fill("/pay/runs", "/pay/runs", &[("unit", &unit), ("month", "2026-12")]).await;
    let path = december.is(303).location().to_owned();
    renshi.get(&path).await.says("800.00").keeps_from("4,800.00");
}
