//! 合并、拆分: before freezing the superior lets one proposal stand for several, or puts several in the place of one.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::details::{self, Helper};
use super::entering::{self, Placing, Wording};
use super::form::{Owner, owners};
use super::items::{self, Listed, who};
use super::regrouping::{self, MOST_PARTS, Proposal};
use super::rules;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans/items/{id}/regrouping", Access::May("plans.freeze"), show)
        .post("/plans/items/{id}/merge", Access::May("plans.freeze"), merge)
        .post("/plans/items/{id}/split", Access::May("plans.freeze"), split)
}

/// What the two forms carry, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    version: String,
    reason: String,
    /// Ids of what is merged into this one, each with its version: 7.2.
    others: Vec<String>,
    /// The weight of what stands.
    weight: String,
    /// Of the parts, one of each a part.
    goals: Vec<String>,
    owners: Vec<String>,
    weights: Vec<String>,
    days: Vec<String>,
}

/// What was typed at one place, where something was.
fn typed_at(cells: &[String], at: usize) -> &str {
    cells.get(at).map_or("", |cell| cell.trim())
}

#[derive(Template)]
#[template(path = "plans/regroup.html")]
struct RegroupPage {
    shell: Shell,
    listed: Listed,
    /// Other proposals of the same plan that can be merged into it.
    others: Vec<Listed>,
    owners: Vec<Owner>,
    typed: Typed,
    problems: Problems,
    /// The item, or one of the others, has changed since the form was opened.
    overtaken: bool,
}

impl RegroupPage {
    fn is_chosen(&self, other: &Listed) -> bool {
        self.typed.others.iter().any(|chosen| chosen.split('.').next() == Some(&other.id.to_string()))
    }
    fn goal(&self, at: &usize) -> &str {
        typed_at(&self.typed.goals, *at)
    }
    fn day(&self, at: &usize) -> &str {
        typed_at(&self.typed.days, *at)
    }
    fn weight(&self, at: &usize) -> &str {
        typed_at(&self.typed.weights, *at)
    }
    fn owns(&self, at: &usize, owner: &Owner) -> bool {
        typed_at(&self.typed.owners, *at) == owner.appointment.to_string()
    }
}

fn proposal(listed: &Listed) -> Proposal<'_> {
    let bound = listed.petition.is_some() || listed.target.is_some();
    Proposal { id: listed.id, plan: listed.plan, item: &listed.item, bound }
}

/// The drafts of the same plan that the viewer can merge into one, but for itself.
async fn mergeable(read: &mut AnyConnection, viewer: &Viewer, listed: &Listed) -> anyhow::Result<Vec<Listed>> {
    let mut found = items::of_month(read, viewer, listed.unit, listed.item.month).await?;
    let standing = proposal(listed);
    found.retain(|other| regrouping::merge(who(viewer), &standing, &[proposal(other)]).is_ok());
    Ok(found)
}

/// Those for whom the viewer can put in a part.
async fn below(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> Result<Vec<Owner>, sqlx::Error> {
    let mut owners = owners(read, app, viewer).await?;
    owners.retain(|owner| owner.superior == Some(viewer.post) && owner.official != viewer.official);
    Ok(owners)
}

async fn page(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: Listed,
    typed: Typed,
    problems: Problems,
    overtaken: bool,
) -> Page {
    let others = mergeable(read, viewer, &listed).await?;
    let owners = below(read, app, viewer).await?;
    let status = match (overtaken, problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shell = Shell::new(viewer, "plans");
    html_with(status, &RegroupPage { shell, listed, others, owners, typed, problems, overtaken })
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let listed = items::find(&mut read, &viewer, id).await?;
    if !listed.item.condition.is_draft() || !listed.item.is_judged_by(who(&viewer)) {
        return Err(Refusal::NotFound);
    }
    let first = [listed.goal.clone(), String::new()];
    let owner = listed.appointment.to_string();
    let typed = Typed {
        weight: listed.weight.to_string(),
        goals: if listed.is_plain() { first.to_vec() } else { Vec::new() },
        owners: vec![owner; MOST_PARTS],
        days: vec![listed.item.due_on.to_string(); MOST_PARTS],
        ..Typed::default()
    };
    page(&mut read, &app, &viewer, listed, typed, Problems::default(), false).await
}

fn judge_reason(typed: &Typed, problems: &mut Problems) -> String {
    let reason = forms::tidy(&typed.reason);
    problems.require((2..=500).contains(&reason.chars().count()), "reason", "请写明理由，2 到 500 字");
    reason
}

/// Takes items for this write, in the order of their ids, so that two writes that take the same ones do not wait for
/// each other.
async fn take(write: &mut AnyConnection, ids: &[i64]) -> Result<(), sqlx::Error> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    for id in ids {
        sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
    }
    Ok(())
}

async fn merge(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let mut chosen: Vec<(i64, i64)> = typed
        .others
        .iter()
        .filter_map(|text| text.split_once('.').and_then(|(id, version)| id.parse().ok().zip(version.parse().ok())))
        .collect();
    chosen.sort_unstable();
    chosen.dedup();
    let ids: Vec<i64> = chosen.iter().map(|(other, _)| *other).chain([id]).collect();
    take(&mut write, &ids).await?;
    let listed = items::find(&mut write, &viewer, id).await?;
    let mut others = Vec::new();
    for (other, _) in &chosen {
        others.push(items::find(&mut write, &viewer, *other).await?);
    }
    let same = typed.version.trim() == listed.version.to_string()
        && others.iter().zip(&chosen).all(|(other, (_, version))| other.version == *version);
    if !same {
        return page(&mut write, &app, &viewer, listed, typed, Problems::default(), true).await;
    }
    let mut problems = Problems::default();
    let reason = judge_reason(&typed, &mut problems);
    let weight: i64 = forms::half_width(typed.weight.trim()).parse().unwrap_or(0);
    problems.require((1..=100).contains(&weight), "weight", "分值是 1 到 100 的整数");
    let candidates: Vec<Proposal<'_>> = others.iter().map(proposal).collect();
    if let Err(why) = regrouping::merge(who(&viewer), &proposal(&listed), &candidates) {
        problems.add("others", why.to_string());
    }
    if !problems.is_empty() {
        return page(&mut write, &app, &viewer, listed, typed, problems, false).await;
    }
    let today = app.today().to_string();
    for other in &others {
        items::raise(&mut write, other.id, other.version).await?;
        sqlx::query(
            "INSERT INTO plan_merge (item, into_item, reason, merged_on, merged_by) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(other.id)
        .bind(id)
        .bind(reason.clone())
        .bind(today.clone())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        let told = json!({ "into": id, "goal": other.goal, "weight": other.weight, "reason": reason });
        let subject = Subject("plan_item", other.id);
        chain::record(&mut write, &app, viewer.actor(), "plan_item.merged", subject, &told).await?;
    }
    // Whoever proposed what was merged helps with what stands, unless named already.
    let mut helpers = details::of(&mut write, id).await?.helpers;
    for other in &others {
        let helper = Helper::Official(other.item.owner);
        if other.item.owner != listed.item.owner && !helpers.contains(&helper) {
            helpers.push(helper);
            details::add_helper(&mut write, &app, id, helper).await?;
        }
    }
    items::raise(&mut write, id, listed.version).await?;
    if weight != listed.weight {
        weigh(&mut write, &app, &viewer, &listed, weight).await?;
    }
    write.commit().await?;
    see(&format!("/plans/items/{id}"))
}

/// Gives a proposal another weight; what it said before stays on record.
async fn weigh(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
    weight: i64,
) -> anyhow::Result<()> {
    sqlx::query("UPDATE plan_item SET weight = $2 WHERE id = $1 AND number IS NULL")
        .bind(listed.id)
        .bind(weight)
        .execute(&mut *write)
        .await?;
    let was = format!("分值 {}", listed.weight);
    sqlx::query("INSERT INTO plan_revision (item, version, was, revised_on, revised_by) VALUES ($1, $2, $3, $4, $5)")
        .bind(listed.id)
        .bind(listed.version)
        .bind(was.clone())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "was": was, "now": { "weight": weight } });
    chain::record(write, app, viewer.actor(), "plan_item.revised", Subject("plan_item", listed.id), &told).await?;
    Ok(())
}

/// A part as it was typed and judged.
struct Part {
    goal: String,
    owner: Owner,
    weight: i64,
    due_on: Date,
}

/// Judges the parts: those of which something was typed.
fn judge_parts(
    typed: &Typed,
    owners: &[Owner],
    viewer: &Viewer,
    listed: &Listed,
    today: Date,
    problems: &mut Problems,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for at in (0..typed.goals.len()).filter(|at| !typed.goals[*at].trim().is_empty()) {
        let goal = forms::tidy(&typed.goals[at]);
        problems.require((2..=100).contains(&goal.chars().count()), "parts", "每一项写明做到什么，2 到 100 字");
        let owner = owners.iter().find(|owner| owner.appointment.to_string() == typed_at(&typed.owners, at));
        problems.require(owner.is_some(), "parts", "每一项选一位责任人");
        let weight: i64 = forms::half_width(typed_at(&typed.weights, at)).parse().unwrap_or(0);
        problems.require((1..=100).contains(&weight), "parts", "每一项的分值是 1 到 100 的整数");
        let due_on: Option<Date> = typed_at(&typed.days, at).parse().ok();
        problems.require(due_on.is_some(), "parts", "每一项填写完成期限");
        let (Some(owner), Some(due_on)) = (owner, due_on) else { continue };
        let month = listed.item.month;
        if let Err(why) = rules::propose(who(viewer), owner.official, owner.superior, month, due_on, false, today) {
            problems.add("parts", why.to_string());
        }
        parts.push(Part { goal, owner: owner.clone(), weight, due_on });
    }
    parts
}

async fn split(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    take(&mut write, &[id]).await?;
    let listed = items::find(&mut write, &viewer, id).await?;
    if typed.version.trim() != listed.version.to_string() {
        return page(&mut write, &app, &viewer, listed, typed, Problems::default(), true).await;
    }
    let mut problems = Problems::default();
    let reason = judge_reason(&typed, &mut problems);
    let owners = below(&mut write, &app, &viewer).await?;
    let parts = judge_parts(&typed, &owners, &viewer, &listed, app.today(), &mut problems);
    let given = typed.goals.iter().filter(|goal| !goal.trim().is_empty()).count();
    if let Err(why) = regrouping::split(who(&viewer), &proposal(&listed), given) {
        problems.add("parts", why.to_string());
    }
    if !problems.is_empty() {
        return page(&mut write, &app, &viewer, listed, typed, problems, false).await;
    }
    items::raise(&mut write, id, listed.version).await?;
    let details = details::of(&mut write, id).await?;
    let month = listed.item.month;
    let mut told = Vec::new();
    for part in parts {
        let own = part.owner.official == listed.item.owner;
        let wording = Wording {
            goal: part.goal,
            standard: listed.standard.clone(),
            due_on: part.due_on,
            weight: part.weight,
            source: if own { listed.source.clone() } else { "arranged".to_owned() },
            petition: None,
            duty: listed.duty.clone().filter(|_| own),
            target: None,
            serves: listed.serves,
            details: details.clone(),
        };
        let plan = entering::plan(&mut write, &app, part.owner.unit, month).await?;
        let (owner, appointment) = (part.owner.official, part.owner.appointment);
        let placing = Placing { plan, month, owner, appointment, continues: None, added: false };
        let made = entering::insert(&mut write, &app, &viewer, &placing, &wording).await?;
        sqlx::query("INSERT INTO plan_split (part, whole, reason, split_on, split_by) VALUES ($1, $2, $3, $4, $5)")
            .bind(made)
            .bind(id)
            .bind(reason.clone())
            .bind(app.today().to_string())
            .bind(viewer.official)
            .execute(&mut *write)
            .await?;
        told.push(json!({ "item": made, "goal": wording.goal, "weight": wording.weight }));
    }
    let told = json!({ "weight": listed.weight, "parts": told, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "plan_item.split", Subject("plan_item", id), &told).await?;
    write.commit().await?;
    see(&format!("/plans/items/{id}"))
}
