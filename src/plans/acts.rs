//! 述职、销号、退回、撤回销号、撤销和顺延: each one act in one write, guarded by the item's version.

use axum::extract::State;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::figures::{Account, insert_account};
use super::items::{self, Listed, who};
use super::rules::{Back, CannotJudge, Condition};
use super::{cancelling, delegations, details, entering, item, quarters, unlocks};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .post("/plans/items/{id}/account", Access::May("plans.account"), account)
        .post("/plans/items/{id}/cancellation", Access::May("plans.cancel"), cancel)
        .post("/plans/items/{id}/return", Access::May("plans.cancel"), send_back)
        .post("/plans/items/{id}/relief", Access::May("plans.relieve"), relieve)
        .post("/plans/cancellations/{id}/reversal", Access::May("plans.reverse"), reverse)
}

/// What the forms of these acts carry, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    /// The version that the page showed.
    pub(super) version: String,
    /// Where to go afterwards: plan, waiting, or the item itself.
    pub(super) back: String,
    /// The day of completion.
    pub(super) done_on: String,
    /// What was done.
    pub(super) content: String,
    /// Why.
    pub(super) reason: String,
    /// withdrawn or deferred.
    pub(super) kind: String,
    /// The new due date.
    pub(super) deferred_to: String,
}

impl Typed {
    /// The item, and whether it still is as the page showed it. Whoever else is about to act on it waits.
    async fn current(&self, write: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<(Listed, bool), Refusal> {
        sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
        let listed = items::find(write, viewer, id).await?;
        let same = self.version.trim() == listed.version.to_string();
        Ok((listed, same))
    }

    fn done(&self, listed: &Listed) -> Page {
        match self.back.as_str() {
            "plan" => see(&format!("/plans?unit={}&month={}#i{}", listed.unit, listed.item.month, listed.id)),
            "waiting" => see("/plans/waiting"),
            _ => see(&format!("/plans/items/{}", listed.id)),
        }
    }

    /// Whether that is the reason that was typed: the first click of the same form gave it.
    fn gave(&self, reason: &str) -> bool {
        reason == forms::tidy(&self.reason)
    }

    /// The reason, with what is wrong with it.
    fn judge_reason(&self, problems: &mut Problems) -> String {
        let reason = forms::tidy(&self.reason);
        problems.require(reason.chars().count() >= 2, "reason", "请写明理由");
        problems.require(reason.chars().count() <= 500, "reason", "理由请控制在 500 字以内");
        reason
    }
}

async fn account(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let (listed, same) = typed.current(&mut write, &viewer, id).await?;
    if !same {
        let done = matches!(listed.item.condition, Condition::Accounted { given_by, .. } if given_by == viewer.official)
            && listed.account_content == forms::tidy(&typed.content);
        return item::overtaken(&mut write, &app, &viewer, listed, typed, done).await;
    }
    let mut problems = Problems::default();
    let done_on: Option<Date> = typed.done_on.trim().parse().ok();
    problems.require(done_on.is_some(), "done_on", "请填写完成日期");
    let content = forms::tidy(&typed.content);
    problems.require(content.chars().count() >= 2, "content", "请写明怎么完成的、凭什么看得出来");
    problems.require(content.chars().count() <= 2_000, "content", "述职请控制在 2000 字以内");
    let rule = listed.item.account(who(&viewer), done_on.unwrap_or(app.today()), app.today());
    if let Err(why) = rule {
        problems.add("done_on", why.to_string());
    }
    let (Some(done_on), true) = (done_on, problems.is_empty()) else {
        return item::again(&mut write, &app, &viewer, listed, typed, problems).await;
    };
    items::raise(&mut write, id, listed.version).await?;
    let given = Account { item: id, done_on, content: &content, proposed: false, by: viewer.official };
    insert_account(&mut write, &app, &given).await?;
    let told = json!({ "done_on": done_on, "content": content });
    chain::record(&mut write, &app, viewer.actor(), "plan_item.accounted", Subject("plan_item", id), &told).await?;
    listed.mark(&mut write, &app, &viewer, "plan_item.accounted").await?;
    write.commit().await?;
    typed.done(&listed)
}

async fn cancel(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let (listed, same) = typed.current(&mut write, &viewer, id).await?;
    if !same {
        let done = matches!(listed.item.condition, Condition::Cancelled { .. });
        return item::overtaken(&mut write, &app, &viewer, listed, typed, done).await;
    }
    if let Err(why) = cancelling::cancel(&mut write, &app, &viewer, &listed).await? {
        return item::refused(&mut write, &app, &viewer, listed, typed, &why).await;
    }
    write.commit().await?;
    typed.done(&listed)
}

async fn send_back(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let (listed, same) = typed.current(&mut write, &viewer, id).await?;
    if !same {
        let done = matches!(&listed.item.condition, Condition::SentBack { reason, .. } | Condition::Returned { reason, .. } if typed.gave(reason));
        return item::overtaken(&mut write, &app, &viewer, listed, typed, done).await;
    }
    let mut problems = Problems::default();
    let reason = typed.judge_reason(&mut problems);
    // A delegate judges accounts, not proposals.
    let by = match listed.item.condition {
        Condition::Accounted { .. } => delegations::acting(&viewer, &listed),
        _ => who(&viewer),
    };
    let delegation = listed.delegated.as_ref().map(|held| held.id);
    let back = match listed.item.send_back(by) {
        Ok(back) if problems.is_empty() => back,
        Ok(_) => return item::again(&mut write, &app, &viewer, listed, typed, problems).await,
        Err(why) => return item::refused(&mut write, &app, &viewer, listed, typed, &why).await,
    };
    items::raise(&mut write, id, listed.version).await?;
    let today = app.today().to_string();
    let (query, action) = match back {
        // The return holds for the version that it made; mending the proposal makes the next.
        Back::Proposal => (
            sqlx::query(
                "INSERT INTO proposal_return (item, version, reason, returned_on, returned_by) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(id)
            .bind(listed.version + 1),
            "plan_item.sent_back",
        ),
        Back::Account(account) => (
            sqlx::query(
                "INSERT INTO plan_return (account, delegation, reason, returned_on, returned_by)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(account)
            .bind(delegation),
            "plan_item.returned",
        ),
    };
    query.bind(reason.clone()).bind(today).bind(viewer.official).execute(&mut *write).await?;
    let told = json!({ "reason": reason, "delegation": delegation });
    chain::record(&mut write, &app, viewer.actor(), action, Subject("plan_item", id), &told).await?;
    listed.mark(&mut write, &app, &viewer, action).await?;
    write.commit().await?;
    typed.done(&listed)
}

async fn reverse(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let of: Option<(i64,)> =
        sqlx::query_as("SELECT item FROM cancellation WHERE id = $1").bind(id).fetch_optional(&mut *write).await?;
    let (item_id,) = of.ok_or(Refusal::NotFound)?;
    let (listed, same) = typed.current(&mut write, &viewer, item_id).await?;
    if !same {
        let done = matches!(&listed.item.condition, Condition::Reversed { reason, .. } if typed.gave(reason));
        return item::overtaken(&mut write, &app, &viewer, listed, typed, done).await;
    }
    let mut problems = Problems::default();
    let reason = typed.judge_reason(&mut problems);
    match listed.item.reverse(who(&viewer)) {
        Ok(cancellation) if cancellation != id => {
            return item::overtaken(&mut write, &app, &viewer, listed, typed, false).await;
        }
        Ok(_) if problems.is_empty() => {}
        Ok(_) => return item::again(&mut write, &app, &viewer, listed, typed, problems).await,
        Err(why) => return item::refused(&mut write, &app, &viewer, listed, typed, &why).await,
    }
    items::raise(&mut write, item_id, listed.version).await?;
    sqlx::query(
        "INSERT INTO cancellation_reversal (cancellation, reason, reversed_on, reversed_by) VALUES ($1, $2, $3, $4)",
    )
    .bind(id)
    .bind(reason.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let told = json!({ "cancellation": id, "reason": reason });
    let subject = Subject("plan_item", item_id);
    chain::record(&mut write, &app, viewer.actor(), "plan_item.reversed", subject, &told).await?;
    listed.mark(&mut write, &app, &viewer, "plan_item.reversed").await?;
    write.commit().await?;
    typed.done(&listed)
}

async fn relieve(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let (listed, same) = typed.current(&mut write, &viewer, id).await?;
    if !same {
        let done = matches!(&listed.item.condition, Condition::Withdrawn { reason } | Condition::Deferred { reason, .. } if typed.gave(reason));
        return item::overtaken(&mut write, &app, &viewer, listed, typed, done).await;
    }
    let mut problems = Problems::default();
    let reason = typed.judge_reason(&mut problems);
    let to: Option<Date> = if typed.kind == "deferred" {
        let to = typed.deferred_to.trim().parse().ok();
        problems.require(to.is_some(), "deferred_to", "请填写顺延到哪一天");
        to
    } else {
        problems.require(typed.kind == "withdrawn", "kind", "请选择撤销还是顺延");
        None
    };
    let cycle = PlanCycle::of(&app.policy, Period::Month(listed.item.month)).map_err(anyhow::Error::from)?;
    let present = entering::present(&mut write, listed.item.owner, listed.appointment, app.today()).await?;
    let open = unlocks::in_force(&mut write, listed.unit, listed.item.month, app.today()).await?;
    let cut_off = unlocks::rules::cut_off(open, cycle.cancel_by);
    let rule = listed.item.relieve(who(&viewer), to, cut_off, app.today());
    let rule = rule.and(if to.is_some() && present.is_none() { Err(CannotJudge::NoPost) } else { Ok(()) });
    if let Err(why) = rule {
        return item::refused(&mut write, &app, &viewer, listed, typed, &why).await;
    }
    if !problems.is_empty() {
        return item::again(&mut write, &app, &viewer, listed, typed, problems).await;
    }
    items::raise(&mut write, id, listed.version).await?;
    sqlx::query(
        "INSERT INTO plan_relief (item, kind, deferred_to, reason, consented_on, consented_by)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(typed.kind.clone())
    .bind(to.map(|to| to.to_string()))
    .bind(reason.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if let (Some(to), Some(present)) = (to, present) {
        continue_in(&mut write, &app, &viewer, &listed, &present, to).await?;
    }
    let told = json!({ "kind": typed.kind, "deferred_to": to, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "plan_item.relieved", Subject("plan_item", id), &told).await?;
    listed.mark(&mut write, &app, &viewer, "plan_item.relieved").await?;
    write.commit().await?;
    typed.done(&listed)
}

/// Puts what was deferred into the plan of the month that it was deferred to, in the post that its owner holds now: as
/// a draft, or as an addition where whoever consents has frozen that plan. Otherwise it would count in no month.
async fn continue_in(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
    present: &entering::Present,
    to: Date,
) -> Result<(), Refusal> {
    let month = Month::of(to);
    let plan = entering::plan(write, app, present.unit, month).await?;
    // Into the plan of another superior nobody puts what that one has not seen.
    let quarter = listed.item.quarter.map(|_| month.quarter());
    let frozen = match quarter {
        Some(quarter) => quarters::is_frozen(write, present.unit, quarter, viewer.post).await?,
        None => entering::is_frozen(write, present.unit, month, viewer.post).await?,
    };
    let added = present.superior == viewer.post && frozen;
    let wording = entering::Wording {
        goal: listed.goal.clone(),
        standard: listed.standard.clone(),
        due_on: to,
        weight: listed.weight,
        source: listed.source.clone(),
        petition: listed.petition,
        duty: listed.duty.clone(),
        target: listed.target,
        serves: None,
        details: details::of(write, listed.id).await?,
    };
    let place = entering::Placing {
        plan,
        month,
        owner: listed.item.owner,
        appointment: present.appointment,
        continues: Some(listed.id),
        added,
    };
    let id = entering::insert(write, app, viewer, &place, &wording).await?;
    if let Some(quarter) = quarter {
        quarters::put(write, id, quarter).await?;
    }
    Ok(())
}
