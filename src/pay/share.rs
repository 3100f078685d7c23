//! One person's share, every fen explained: for whoever may see the run, and for the person.

use askama::Template;
use axum::extract::State;
use policy::values::StakeRow;
use sqlx::FromRow;

use super::corrections::Correction;
use super::kept::{Kept, KeptFate, KeptItem, KeptPolicy, Share};
use super::notice;
use super::rewarding::Paid;
use super::runs::{self, Run};
use super::words::{self, day, exact_yuan, factor, month_words, score, signed, tone, yuan};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Path, Refusal, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/pay/runs/{id}/shares/{official}", Access::May("pay.list"), show)
        .get("/pay/mine", Access::May("pay.own"), mine)
        .get("/pay/mine/{run}", Access::May("pay.own"), mine_of)
}

/// A line of the sum: what it is, how it is reckoned, what comes out.
struct Step {
    name: &'static str,
    how: String,
    amount: String,
}

/// An item as the table of the score shows it.
struct ItemLine {
    id: i64,
    number: String,
    goal: String,
    due: String,
    outcome: String,
    weight: u32,
    credit: String,
}

/// A share in one class.
struct ShareView {
    class: String,
    state: &'static str,
    score: String,
    score_how: String,
    stake: String,
    share: String,
    delta: String,
    tone: &'static str,
    parts: Vec<(String, u8, String, String, bool)>,
    steps: Vec<Step>,
    items: Vec<ItemLine>,
}

#[derive(Template)]
#[template(path = "pay/share.html")]
struct SharePage {
    shell: Shell,
    run: Run,
    month: String,
    name: String,
    number: String,
    own: bool,
    /// Whether the viewer sees amounts.
    shown: bool,
    plans: bool,
    state: (&'static str, &'static str),
    shares: Vec<ShareView>,
    corrections: Vec<Correction>,
    /// What the month pays: the share, corrections and decided rewards.
    paid: Paid,
    spread: String,
    sources: String,
}

async fn show(State(app): State<App>, viewer: Viewer, Path((id, official)): Path<(i64, i64)>) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find(&mut read, &viewer, id).await?;
    let shares = run.shares(&mut read).await?;
    let corrections = corrections(&mut read, &run, official).await?;
    let paid = paid(&mut read, &run, &shares, official).await?;
    drop(read);
    page(&app, &viewer, run, shares, (corrections, paid), official).await
}

/// What the month pays to an official.
async fn paid(read: &mut sqlx::AnyConnection, run: &Run, shares: &[Share], official: i64) -> Result<Paid, sqlx::Error> {
    let carried = run.corrections(&mut *read).await?;
    Ok(run.paid(read, shares, &carried).await?.remove(&official).unwrap_or_default())
}

async fn mine_of(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find_own(&mut read, &viewer, id).await?;
    let shares = run.shares(&mut read).await?;
    let official = viewer.official;
    let mut corrections = corrections(&mut read, &run, official).await?;
    // Until the run that carries it was put up or submitted, a correction is a draft like the run.
    corrections.retain(Correction::is_known);
    let paid = paid(&mut read, &run, &shares, official).await?;
    drop(read);
    page(&app, &viewer, run, shares, (corrections, paid), official).await
}

/// What the run carries for an official, and what later months mend in it.
async fn corrections(read: &mut sqlx::AnyConnection, run: &Run, official: i64) -> Result<Vec<Correction>, sqlx::Error> {
    let mut found = run.corrections(&mut *read).await?;
    found.extend(run.mended_by(read).await?);
    found.retain(|one| one.official == official);
    Ok(found)
}

async fn page(
    app: &App,
    viewer: &Viewer,
    run: Run,
    all: Vec<Share>,
    (corrections, paid): (Vec<Correction>, Paid),
    official: i64,
) -> Page {
    let state = run.standing(app, &all, &[]).words();
    let shares: Vec<Share> = all.into_iter().filter(|share| share.official == official).collect();
    let Some(first) = shares.first() else { return Err(Refusal::NotFound) };
    let own = official == viewer.official;
    if !own {
        let mut write = app.db.write().await?;
        chain::record_reading(&mut write, app, viewer.actor(), "pay_share.read", Subject("pay_run", run.id)).await?;
        write.commit().await?;
    }
    html(&SharePage {
        shell: Shell::new(viewer, if own { "my-pay" } else { "pay" }),
        month: month_words(run.month),
        name: first.name.clone(),
        number: first.kept.number.clone(),
        own,
        shown: own || viewer.sees("pay.amount"),
        plans: viewer.may("plans.list"),
        state,
        spread: yuan(run.policy.min_spread_fen),
        sources: run.policy.sources.join("；"),
        shares: shares.iter().map(|share| view(share, &run.policy)).collect(),
        run,
        corrections,
        paid,
    })
}

fn view(share: &Share, policy: &KeptPolicy) -> ShareView {
    let kept = &share.kept;
    let delta = share.share_fen.map(|fen| fen - share.stake_fen);
    ShareView {
        class: share.class.clone(),
        state: state_words(&share.state),
        score: share.score_bp.map_or("不计分".to_owned(), score),
        score_how: score_how(share, policy),
        stake: yuan(share.stake_fen),
        share: share.share_fen.map_or("待定".to_owned(), yuan),
        delta: delta.map_or("—".to_owned(), signed),
        tone: delta.map_or("", tone),
        parts: parts(kept, policy),
        steps: steps(share, policy),
        items: kept.items.iter().map(|item| line(item, policy)).collect(),
    }
}

/// A state of `pay_share` as pages name it.
fn state_words(state: &str) -> &'static str {
    match state {
        "settled" => "已结算",
        "returned" => "不计分，退回扣入",
        "forfeited" => "收回",
        "undecided" => "待评议",
        _ => "差额不可行",
    }
}

/// The days of the month: where, how many, how the month's stake is named, what they carry, whether in this group.
fn parts(kept: &Kept, policy: &KeptPolicy) -> Vec<(String, u8, String, String, bool)> {
    kept.parts
        .iter()
        .map(|part| {
            let place =
                if part.unit.is_empty() { "不在岗".to_owned() } else { format!("{} · {}", part.unit, part.class) };
            let how = match part.row {
                Some(StakeRow::Leaders) => format!(
                    "每季度 {}，逐月三分之一，多出的分在前：本月 {}",
                    yuan(policy.leaders_quarter_fen),
                    yuan(part.month_fen)
                ),
                Some(StakeRow::UnitHeads) => format!("每月 {}", yuan(part.month_fen)),
                Some(StakeRow::Others) => format!(
                    "当月津补贴 {} 的 {}%：{}",
                    yuan(kept.allowance_fen.unwrap_or(0)),
                    score(policy.others_share_bp),
                    yuan(part.month_fen)
                ),
                None => "不扣".to_owned(),
            };
            (place, part.days, how, yuan(part.fen), part.here)
        })
        .collect()
}

fn line(item: &KeptItem, policy: &KeptPolicy) -> ItemLine {
    let outcome = match (item.fate, item.completed, item.cancelled_on) {
        (KeptFate::Withdrawn, ..) => "经上级同意撤销，不计".to_owned(),
        (KeptFate::Deferred, ..) => "经上级同意顺延，不计".to_owned(),
        (KeptFate::Cancelled, Some(completed), Some(on)) if item.is_cancelled(policy.cut_off) => {
            let late = if item.is_late() { "逾期完成" } else { "按期完成" };
            let unlocked = if item.unlocked && on > policy.cut_off { "（解锁例外）" } else { "" };
            format!("{} {late}，{} 销号{unlocked}", day(completed), day(on))
        }
        (KeptFate::Cancelled, _, Some(on)) => {
            format!("{} 才销号，过了截止日 {}，本次不计", day(on), day(policy.cut_off))
        }
        _ => "未销号".to_owned(),
    };
    ItemLine {
        id: item.id,
        number: item.number.clone(),
        goal: item.goal.clone(),
        due: day(item.due_on),
        outcome,
        weight: item.weight,
        credit: item.credit.map_or("不计".to_owned(), score),
    }
}

/// How the score came about.
fn score_how(share: &Share, policy: &KeptPolicy) -> String {
    let counting = share.kept.items.iter().filter_map(|item| item.credit.map(|credit| (item.weight, credit)));
    let weights: u64 = counting.clone().map(|(weight, _)| u64::from(weight)).sum();
    let credits: u64 = counting.map(|(weight, credit)| u64::from(weight) * u64::from(credit)).sum();
    match share.score_bp {
        None if share.kept.is_excused(policy) && !share.kept.submitted => {
            "所任职务没有上级，无人定稿和销号：不计分，扣入原数退回。".to_owned()
        }
        None => "交了预安，但没有一项计入本月：不计分，扣入原数退回。".to_owned(),
        Some(_) if weights == 0 => "没有交本月的预安，也没有计入的项：0 分。".to_owned(),
        Some(bp) => format!(
            "各项权重乘计分之和 {}.{:02} ÷ 权重之和 {weights} = {}（四舍五入到百分之一分，所示即所用）。",
            credits / 100,
            credits % 100,
            score(bp)
        ),
    }
}

/// The sum, line by line.
fn steps(share: &Share, policy: &KeptPolicy) -> Vec<Step> {
    let kept = &share.kept;
    let step = |name, how: String, amount: String| Step { name, how, amount };
    let stake = yuan(share.stake_fen);
    let mut steps = vec![step("扣入", "见上“扣入怎样来”".to_owned(), stake.clone())];
    let Some(sum) = &kept.arithmetic else {
        let (how, amount) = match share.state.as_str() {
            "returned" => ("没有计入的项，扣入原数退回", stake),
            "undecided" => ("全组得分分不出高低，须由单位评议排出名次，才能分配", "待定".to_owned()),
            _ => ("按差额拉开会使有人应发为负，须经批准不拉开差额，或更正有误的得分，才能分配", "待定".to_owned()),
        };
        steps.push(step("应发", how.to_owned(), amount));
        return steps;
    };
    let bp = score(sum.score_bp);
    steps.push(step("池", format!("同组 {} 人的扣入合计", kept.members), yuan(sum.pool_fen)));
    if kept.members == 1 {
        let how = format!("组里只有一人：扣入 × 得分 = {} × {bp}%", yuan(sum.stake_fen));
        steps.push(step("理想份额", how, exact_yuan(&sum.ideal)));
    } else if share.state == "forfeited" {
        steps.push(step("理想份额", "全组得分都是 0，池全部收回".to_owned(), exact_yuan(&sum.ideal)));
        return steps;
    } else {
        let how = format!(
            "池 × 扣入 × 得分 ÷ 全组（扣入 × 得分）之和 = {} × {} × {bp} ÷ {}，即 {} 分",
            yuan(sum.pool_fen),
            yuan(sum.stake_fen),
            weight_words(&kept.weight),
            sum.ideal
        );
        steps.push(step("理想份额", how, exact_yuan(&sum.ideal)));
    }
    let least = yuan(policy.min_spread_fen);
    if let Some(stretch) = &sum.stretch {
        let how = format!(
            "奖惩最高与最低不足 {least}，每人的奖惩同乘 {stretch}（约 {}），次序不变；扣入加拉开后的奖惩，即 {} 分",
            factor(stretch),
            sum.exact
        );
        steps.push(step("拉开差额", how, exact_yuan(&sum.exact)));
    } else if let Some(rank) = sum.rank {
        let how = format!(
            "得分分不出高低，评议第 {rank} 名：在 {} 人之间等距拉开 {least}，即 {} 分",
            kept.members, sum.exact
        );
        steps.push(step("评议排序", how, exact_yuan(&sum.exact)));
    } else if let Some(reason) = &kept.waived {
        steps.push(step("不拉开差额", format!("经批准：{reason}"), exact_yuan(&sum.exact)));
    } else if kept.members > 1 {
        steps.push(step("差额", format!("奖惩最高与最低已不低于 {least}，不用拉开"), exact_yuan(&sum.exact)));
    }
    let rounding = if kept.members == 1 {
        "四舍五入到分".to_owned()
    } else if sum.rounding_fen == 0 {
        format!("先取整到分：{}；余下的分按小数部分从大到小每人一分，没有轮到", yuan(sum.floor_fen))
    } else {
        format!("先取整到分：{}；余下的分按小数部分从大到小每人一分，得 1 分", yuan(sum.floor_fen))
    };
    steps.push(step("应发", rounding, yuan(sum.share_fen)));
    steps.push(step("奖惩", "应发减扣入".to_owned(), signed(sum.delta_fen)));
    steps
}

/// W as yuan times score: four places after the point are two of fen and two of the score.
fn weight_words(weight: &str) -> String {
    let weight: i128 = weight.parse().unwrap_or(0);
    let (whole, part) = (weight / 10_000, weight % 10_000);
    if part == 0 { format!("{whole}") } else { format!("{whole}.{part:04}") }
}

#[derive(FromRow)]
struct MineRow {
    run: i64,
    month: String,
    unit_name: String,
    class: String,
    stake_fen: i64,
    score_bp: Option<i64>,
    share_fen: Option<i64>,
    submitted: i64,
    approvals: i64,
}

struct MineLine {
    run: i64,
    month: String,
    unit: String,
    class: String,
    score: String,
    stake: String,
    share: String,
    delta: String,
    tone: &'static str,
    submitted: bool,
    approved: bool,
}

#[derive(Template)]
#[template(path = "pay/mine.html")]
struct MinePage {
    shell: Shell,
    lines: Vec<MineLine>,
    /// The notices that the viewer may read now.
    notices: Vec<notice::Listed>,
}

/// The viewer's own shares of the last three years, once each run was put up or submitted: before that it is a draft.
async fn mine(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    let rows: Vec<MineRow> = sqlx::query_as(
        "SELECT r.id AS run, r.month, u.name AS unit_name, s.class, s.stake_fen, s.score_bp, s.share_fen,
                CAST(CASE WHEN r.submitted_on IS NULL THEN 0 ELSE 1 END AS BIGINT) AS submitted,
                (SELECT COUNT(*) FROM pay_approval a WHERE a.run = r.id) AS approvals
           FROM pay_share s JOIN pay_run r ON r.id = s.run JOIN unit u ON u.id = r.unit
          WHERE s.official = $1 AND r.replaced_by IS NULL
            AND (r.submitted_on IS NOT NULL OR EXISTS (SELECT 1 FROM pay_notice n WHERE n.run = r.id))
          ORDER BY r.month DESC, r.id DESC, s.class LIMIT 72",
    )
    .bind(viewer.official)
    .fetch_all(&mut *read)
    .await?;
    let notices = notice::readable(&mut read, &app, &viewer).await?;
    drop(read);
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let delta = row.share_fen.map(|fen| fen - row.stake_fen);
        let bp = row.score_bp.map(u16::try_from).transpose()?;
        lines.push(MineLine {
            run: row.run,
            month: month_words(row.month.parse()?),
            unit: row.unit_name,
            class: row.class,
            score: bp.map_or("不计分".to_owned(), words::score),
            stake: yuan(row.stake_fen),
            share: row.share_fen.map_or("待定".to_owned(), yuan),
            delta: delta.map_or("—".to_owned(), signed),
            tone: delta.map_or("", tone),
            submitted: row.submitted == 1,
            approved: row.approvals >= 2,
        });
    }
    html(&MinePage { shell: Shell::new(&viewer, "my-pay"), lines, notices })
}
