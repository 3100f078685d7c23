//! The page of one settlement: each group's pool and shares, what it waits for, and the forms of whoever may act.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

use super::corrections::Correction;
use super::course::{Signatory, Standing};
use super::documents::{self, Document};
use super::kept::{KeptFate, Share, comes_out_again};
use super::rules::LAW;
use super::runs::{self, Run};
use super::settle::decided;
use super::stages::Stages;
use super::words::{self, county_classes, month_words, percent, signed, tone, yuan};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Page, Path, Refusal, Rooms, Shell, forms, html_with, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/pay/runs/{id}", Access::May("pay.list"), show)
}

/// A member of a group as its table shows it.
struct Line {
    official: i64,
    name: String,
    planned: usize,
    cancelled: usize,
    score: String,
    stake: String,
    share: String,
    delta: String,
    tone: &'static str,
    basis: String,
    scored: bool,
    /// What was typed for the ranking.
    place: String,
}

/// A group as the page shows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
struct GroupView {
    class: String,
    county: bool,
    state: &'static str,
    pool: String,
    pool_of: String,
    paid: String,
    paid_note: String,
    /// Something of the pool is not paid out.
    forfeits: bool,
    spread: String,
    spread_note: String,
    rate: String,
    rate_note: String,
    lines: Vec<Line>,
    undecided: bool,
    infeasible: bool,
    /// Ranked or waived since: personnel settles again.
    decided: bool,
    /// Whether the viewer may decide: has the action and stands outside the group.
    may_rank: bool,
    may_waive: bool,
}

/// A form of this page that came back.
#[derive(Default)]
pub(super) struct Returned {
    /// Which: check, notice, submission, approval, correction, ranking/CLASS, waiver/CLASS.
    pub(super) form: String,
    /// What is wrong.
    pub(super) problem: String,
    /// What was typed, in the order of the form.
    pub(super) typed: Vec<String>,
}

#[derive(Template)]
#[template(path = "pay/run.html")]
struct RunPage {
    shell: Shell,
    run: Run,
    month: String,
    groups: Vec<GroupView>,
    documents: Vec<Document>,
    standing: Standing,
    state: (&'static str, &'static str),
    settled_at: String,
    again: bool,
    /// The values of the month are others by now, and nothing is signed yet.
    other_values: bool,
    key: String,
    law: &'static str,
    cut_off: String,
    spread_yuan: String,
    sources: String,
    county_classes: String,
    may_settle: bool,
    /// Nothing: not the viewer's; empty: may; else why not.
    submit: Option<String>,
    approve: Option<String>,
    /// What is before the signatures, and what is added to the shares.
    stages: Stages,
    may_export: bool,
    may_simulate: bool,
    /// What this month carries, and what later months mend in this run.
    corrections: Vec<Correction>,
    mended_by: Vec<Correction>,
    /// The runs that can be mended here.
    mendable: Vec<(i64, String)>,
    may_correct: bool,
    /// Whether the viewer sees amounts.
    shown: bool,
    returned: Returned,
}

impl RunPage {
    /// The problem of a form, if it is the one that came back.
    fn problem(&self, form: &str) -> Option<&str> {
        (self.returned.form == form && !self.returned.problem.is_empty()).then_some(self.returned.problem.as_str())
    }
    fn problem_of(&self, noun: &str, class: &str) -> Option<&str> {
        self.problem(&format!("{noun}/{class}"))
    }
    fn typed_correction(&self, place: usize) -> &str {
        let back = self.returned.form == "correction";
        self.returned.typed.get(place).filter(|_| back).map_or("", String::as_str)
    }
    fn typed_reason(&self, class: &str) -> &str {
        let back = self.returned.form == format!("waiver/{class}");
        self.returned.typed.first().filter(|_| back).map_or("", String::as_str)
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    page(&app, &viewer, id, Returned::default()).await
}

/// The page, with a form that came back. Its reading is recorded before it is shown.
pub(super) async fn page(app: &App, viewer: &Viewer, id: i64, returned: Returned) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find(&mut read, viewer, id).await?;
    let shares = run.shares(&mut read).await?;
    let documents = documents::covering(&mut read, run.month).await?;
    let decided = decided(&mut read, run.scope.unit, run.month).await?;
    let corrections = run.corrections(&mut read).await?;
    let mended_by = run.mended_by(&mut read).await?;
    let mendable = run.mendable(&mut read).await?;
    let paid = run.paid(&mut read, &shares, &corrections).await?;
    let standing = run.standing(app, &shares, &documents);
    let who = signatory(viewer, &run, &shares, &corrections);
    let stages = Stages::of(&mut read, (app, viewer), &run, (&standing, who), paid.values()).await?;
    drop(read);
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "pay_run.read", Subject("pay_run", run.id)).await?;
    write.commit().await?;

    let again = comes_out_again(&run.policy, &shares);
    let mut groups: Vec<GroupView> = Vec::new();
    for class in &run.policy.classes {
        let members: Vec<&Share> = shares.iter().filter(|share| share.class == class.name).collect();
        if members.is_empty() {
            continue;
        }
        let mut group = group(viewer, &run, &members, &returned);
        group.county = class.group == policy::values::GroupBounds::County;
        let open = !standing.submitted && !standing.replaced;
        let member = members.iter().any(|share| share.official == viewer.official);
        group.decided = (group.undecided && fits(decided.rankings.get(&class.name), &members))
            || (group.infeasible && decided.waivers.contains_key(&class.name));
        group.may_rank = open && !member && group.undecided && viewer.may("pay.rank");
        group.may_waive = open && !member && group.infeasible && viewer.may("pay.waive");
        groups.push(group);
    }
    let status = match returned.problem.as_str() {
        "" => StatusCode::OK,
        OVERTAKEN => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = RunPage {
        shell: Shell::new(viewer, "pay"),
        month: month_words(run.month),
        groups,
        state: standing.words(),
        settled_at: minute(run.settled_at),
        again,
        other_values: !standing.replaced && !standing.approved() && run.is_of_other_values(&app.policy),
        key: forms::new_key(),
        law: LAW,
        cut_off: words::day(run.policy.cut_off),
        spread_yuan: yuan(run.policy.min_spread_fen),
        sources: run.policy.sources.join("；"),
        county_classes: county_classes(&run.policy.classes),
        may_settle: viewer.may("pay.settle") && !standing.replaced && standing.settle_anew().is_ok(),
        submit: (viewer.may("pay.settle") && !standing.submitted && !standing.replaced)
            .then(|| why_not(&standing.submit()))
            .filter(|_| standing.notice.is_some() || !standing.authorised),
        approve: (viewer.may("pay.approve") && standing.submitted && !standing.approved())
            .then(|| why_not(&standing.approve(who))),
        may_correct: viewer.may("pay.settle") && standing.is_draft() && !mendable.is_empty(),
        shown: viewer.sees("pay.amount"),
        stages,
        corrections,
        mended_by,
        mendable,
        may_export: viewer.may("pay.export") && standing.approved() && standing.authorised,
        may_simulate: viewer.may("pay.simulate"),
        documents,
        standing,
        run,
        returned,
    };
    html_with(status, &page)
}

/// What somebody is told whose page is older than the run.
pub(super) const OVERTAKEN: &str = "别人刚刚办了一步，请核对后再提交";

/// The page for whoever was overtaken, with what was typed into the form.
pub(super) async fn overtaken(
    app: &App,
    viewer: &Viewer,
    id: i64,
    why: Refusal,
    (form, typed): (String, Vec<String>),
) -> Page {
    match why {
        Refusal::Stale => page(app, viewer, id, Returned { form, problem: OVERTAKEN.to_owned(), typed }).await,
        why => Err(why),
    }
}

/// Empty where nothing stands against it.
pub(super) fn why_not<E: std::fmt::Display>(allowed: &Result<(), E>) -> String {
    allowed.as_ref().err().map(ToString::to_string).unwrap_or_default()
}

/// What the viewer had to do with a run.
pub(super) fn signatory(viewer: &Viewer, run: &Run, shares: &[Share], corrections: &[Correction]) -> Signatory {
    Signatory {
        settled: run.settled_by == viewer.official
            || run.submitted_by == Some(viewer.official)
            || corrections.iter().any(|one| one.recorded_by == viewer.official),
        receives: shares.iter().any(|share| share.official == viewer.official)
            || corrections.iter().any(|one| one.official == viewer.official),
        signed: run.approvals.iter().any(|approval| approval.approved_by == viewer.official),
    }
}

/// Whether a ranking is of exactly the scored members.
fn fits(ranking: Option<&BTreeMap<i64, u32>>, members: &[&Share]) -> bool {
    let scored = members.iter().filter(|share| share.score_bp.is_some());
    ranking.is_some_and(|ranking| {
        ranking.len() == scored.clone().count() && scored.clone().all(|share| ranking.contains_key(&share.official))
    })
}

fn group(viewer: &Viewer, run: &Run, members: &[&Share], returned: &Returned) -> GroupView {
    let shown = viewer.sees("pay.amount");
    let amount = |fen: i64| if shown { yuan(fen) } else { "—".to_owned() };
    let scored: Vec<&&Share> = members.iter().filter(|share| share.score_bp.is_some()).collect();
    let stakes: i64 = members.iter().map(|share| share.stake_fen).sum();
    let pool: i64 = scored.iter().map(|share| share.stake_fen).sum();
    let open = members.iter().any(|share| runs::is_open(share));
    let paid: i64 = scored.iter().filter_map(|share| share.share_fen).sum();
    let state = members.iter().find(|share| share.score_bp.is_some()).map_or("returned", |share| share.state.as_str());
    let deltas: Vec<i64> = scored.iter().filter_map(|share| Some(share.share_fen? - share.stake_fen)).collect();
    let spread = deltas.iter().max().zip(deltas.iter().min()).map(|(most, least)| most - least);
    let cut_off = run.policy.cut_off;
    let items = members.iter().flat_map(|share| &share.kept.items).filter(|item| item.counts());
    let due = items.clone().count();
    let cancelled = items.filter(|item| item.is_cancelled(cut_off)).count();
    let returned_people = members.len() - scored.len();
    let mut pool_of = format!("{} 人进组", scored.len());
    if returned_people > 0 {
        pool_of = format!("{pool_of} · 另 {returned_people} 人不计分，退回 {}", amount(stakes - pool));
    }
    let ranking = format!("ranking/{}", members[0].class);
    let mut place = 0;
    let lines = members
        .iter()
        .map(|share| {
            let delta = share.share_fen.map(|fen| fen - share.stake_fen);
            let typed = if share.score_bp.is_some() && returned.form == ranking {
                place += 1;
                returned.typed.get(place - 1).cloned().unwrap_or_default()
            } else {
                String::new()
            };
            Line {
                official: share.official,
                name: share.name.clone(),
                planned: share.kept.items.iter().filter(|item| item.counts()).count(),
                cancelled: share.kept.items.iter().filter(|item| item.is_cancelled(cut_off)).count(),
                score: share.score_bp.map_or("不计分".to_owned(), words::score),
                stake: amount(share.stake_fen),
                share: share.share_fen.map_or("待定".to_owned(), amount),
                delta: delta.filter(|_| shown).map_or("—".to_owned(), signed),
                tone: delta.map_or("", tone),
                basis: basis(share, run),
                scored: share.score_bp.is_some(),
                place: typed,
            }
        })
        .collect();
    GroupView {
        class: members[0].class.clone(),
        county: false,
        state: match state {
            "returned" => "不计分",
            "settled" => "已结算",
            "forfeited" => "收回",
            "undecided" => "待评议",
            _ => "差额不可行",
        },
        pool: amount(pool),
        pool_of,
        paid: if open { "待定".to_owned() } else { amount(paid) },
        paid_note: match pool - paid {
            _ if open => "决定之后才有".to_owned(),
            0 => "分毫不差".to_owned(),
            forfeited => format!("收回 {}", amount(forfeited)),
        },
        forfeits: !open && pool != paid,
        spread: spread.filter(|_| !open).map_or("—".to_owned(), amount),
        spread_note: spread_note(&scored, run),
        rate: percent(cancelled, due),
        rate_note: format!("预安 {due} · 销号 {cancelled}"),
        lines,
        undecided: state == "undecided",
        infeasible: state == "infeasible",
        decided: false,
        may_rank: false,
        may_waive: false,
    }
}

/// How the difference of the highest and the lowest came about.
fn spread_note(scored: &[&&Share], run: &Run) -> String {
    let least = yuan(run.policy.min_spread_fen);
    let Some(first) = scored.first() else { return "无人计分".to_owned() };
    let sum = first.kept.arithmetic.as_ref();
    match (first.state.as_str(), sum) {
        ("undecided", _) => "得分分不出高低，待评议排序".to_owned(),
        ("infeasible", _) => format!("拉开到 {least} 会使有人应发为负"),
        ("forfeited", _) => "全组得分为 0，池全部收回".to_owned(),
        _ if scored.len() == 1 => "只有一人：扣入乘得分".to_owned(),
        (_, Some(sum)) if sum.rank.is_some() => format!("按评议排序拉开到 {least} · 符合"),
        (_, Some(sum)) if sum.stretch.is_some() => format!("按比例拉开到 {least} · 符合"),
        _ if first.kept.waived.is_some() => {
            format!("经批准不拉开到 {least}：{}", first.kept.waived.clone().unwrap_or_default())
        }
        _ => format!("不低于 {least} · 符合"),
    }
}

/// What a score rests on, in a line.
fn basis(share: &Share, run: &Run) -> String {
    let cut_off = run.policy.cut_off;
    let counting: Vec<_> = share.kept.items.iter().filter(|item| item.counts()).collect();
    let open: Vec<_> = counting.iter().filter(|item| !item.is_cancelled(cut_off)).collect();
    let late = counting.iter().filter(|item| item.is_cancelled(cut_off) && item.is_late()).count();
    let relieved =
        share.kept.items.iter().filter(|item| matches!(item.fate, KeptFate::Withdrawn | KeptFate::Deferred)).count();
    match (counting.len(), open.as_slice(), late) {
        (0, ..) if share.kept.is_excused(&run.policy) && !share.kept.submitted => {
            "职务没有上级，无人销号，扣入退回".to_owned()
        }
        (0, ..) if share.score_bp.is_none() && relieved > 0 => "各项已撤销或顺延，扣入退回".to_owned(),
        (0, ..) if share.score_bp.is_none() => "交了预安，当月没有到期的项，扣入退回".to_owned(),
        (0, ..) => "没有交预安，计 0 分".to_owned(),
        (n, [], 0) => format!("{n} 项，逐项看"),
        (n, [], late) => format!("{n} 项，{late} 项迟销"),
        (_, [one], _) => format!("1 项未销：{}", one.goal),
        (_, many, _) => format!("{} 项未销", many.len()),
    }
}
