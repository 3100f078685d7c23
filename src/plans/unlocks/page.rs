//! The exceptions of the plans that the viewer finds; asking for one, and turning a key.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::rules::{self, Asked, CannotUnlock};
use super::{Unlock, seen, with_keys};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::plans::entering;
use crate::plans::sight;
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans/unlocks", Access::May("plans.list"), show)
        .post("/plans/unlocks", Access::May("plans.unlock"), ask)
        .post("/plans/unlocks/{id}/keys", Access::May("plans.unlock"), grant)
}

const PAGE: usize = 50;

/// What the form carries, and which plan it is for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    unit: String,
    month: String,
    until: String,
    reason: String,
    /// Keyset: id of the last row.
    after: String,
}

/// The plan for which the form stands.
struct Target {
    unit: i64,
    unit_name: String,
    month: Month,
}

#[derive(Template)]
#[template(path = "plans/unlocks/page.html")]
struct UnlocksPage {
    shell: Shell,
    rows: Vec<(Unlock, bool)>,
    target: Option<Target>,
    /// The last day until which it can be asked for.
    last: Date,
    posts: String,
    keys: i64,
    next: Option<i64>,
    typed: Typed,
    problems: Problems,
    today: Date,
}

/// How the viewer's post is listed.
async fn listed_as(read: &mut AnyConnection, viewer: &Viewer) -> Result<String, sqlx::Error> {
    let found: Option<(String,)> =
        sqlx::query_as("SELECT listed_as FROM post WHERE id = $1").bind(viewer.post).fetch_optional(read).await?;
    Ok(found.map_or(String::new(), |(listed_as,)| listed_as))
}

/// A unit with posts below the viewer's, whose plan he or she may ask to have opened.
async fn target(read: &mut AnyConnection, viewer: &Viewer, typed: &Typed) -> anyhow::Result<Option<Target>> {
    let (Ok(unit), Ok(month)) = (typed.unit.trim().parse::<i64>(), typed.month.trim().parse::<Month>()) else {
        return Ok(None);
    };
    let mut sql = Sql::new("SELECT u.name FROM unit u WHERE u.id = ");
    sql.bind(unit).push(" AND u.id IN (SELECT sp.unit FROM post sp WHERE sp.superior = ").bind(viewer.post).push(")");
    sight::push_unit(&mut sql, viewer, "u.id");
    let found: Option<(String,)> = sql.fetch_optional(read).await?;
    Ok(found.filter(|_| viewer.may("plans.unlock")).map(|(unit_name,)| Target { unit, unit_name, month }))
}

async fn show(State(app): State<App>, viewer: Viewer, Query(typed): Query<Typed>) -> Page {
    let mut read = app.db.read().await?;
    let typed = Typed { key: forms::new_key(), ..typed };
    page(&mut read, &app, &viewer, typed, Problems::default()).await
}

async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, typed: Typed, problems: Problems) -> Page {
    let today = app.today();
    let posts = app.policy.word("plan.unlock.posts", today)?.to_owned();
    let keys = app.policy.number("plan.unlock.keys.count", today)?;
    let listed_as = listed_as(read, viewer).await?;
    let grants = viewer.may("plans.unlock") && rules::may_grant(&listed_as, &posts);
    let mut sql = seen(viewer, grants);
    if let Ok(after) = typed.after.parse::<i64>() {
        sql.push(" AND n.id < ").bind(after);
    }
    sql.push(" ORDER BY n.id DESC").limit(i64::try_from(PAGE + 1).map_err(anyhow::Error::from)?);
    let mut rows = with_keys(read, sql).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let turns = |one: &Unlock| {
        let granted_by: Vec<i64> = one.keys.iter().map(|key| key.granted_by).collect();
        asked(one, &granted_by, keys)
            .is_some_and(|asked| grants && rules::grant(&asked, viewer.official, &listed_as, &posts, today).is_ok())
    };
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = UnlocksPage {
        shell: Shell::new(viewer, "plans"),
        next: rows.last().filter(|_| more).map(|last| last.id),
        target: target(read, viewer, &typed).await?,
        last: last_day(app, today)?,
        rows: rows
            .into_iter()
            .map(|one| {
                let turns = turns(&one);
                (one, turns)
            })
            .collect(),
        posts,
        keys,
        typed,
        problems,
        today,
    };
    html_with(status, &page)
}

fn last_day(app: &App, today: Date) -> anyhow::Result<Date> {
    Ok(today.saturating_add(i64::from(app.policy.days("plan.unlock.days", today)?).days()))
}

/// As the rules see it; nothing where its day cannot be read.
fn asked<'a>(one: &Unlock, granted_by: &'a [i64], keys: i64) -> Option<Asked<'a>> {
    let keys = if one.opened_on.is_empty() { usize::try_from(keys).ok()? } else { granted_by.len() };
    Some(Asked { asked_by: one.asked_by, granted_by, keys, until: one.until_on.parse().ok()? })
}

async fn ask(State(app): State<App>, viewer: Viewer, Form(typed): Form<Typed>) -> Page {
    let today = app.today();
    let mut write = app.db.write().await?;
    let target = target(&mut write, &viewer, &typed).await?.ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    let reason = forms::tidy(&typed.reason);
    problems.require((5..=500).contains(&reason.chars().count()), "reason", "请写明理由，5 到 500 字");
    let until: Option<Date> = typed.until.trim().parse().ok();
    problems.require(until.is_some(), "until", "请填写开放到哪一天");
    let path = format!("/plans?unit={}&month={}", target.unit, target.month);
    // Whoever else asks for the same plan at this moment waits.
    let plan = entering::plan(&mut write, &app, target.unit, target.month).await?;
    sqlx::query("UPDATE plan SET frozen_on = frozen_on WHERE id = $1").bind(plan).execute(&mut *write).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &typed.key, &path).await? {
        return see(&earlier);
    }
    let frozen = entering::is_frozen(&mut write, target.unit, target.month, viewer.post).await?;
    let cycle = PlanCycle::of(&app.policy, Period::Month(target.month)).map_err(anyhow::Error::from)?;
    let another: Option<(i64,)> =
        sqlx::query_as("SELECT id FROM plan_unlock WHERE unit = $1 AND month = $2 AND until_on >= $3 LIMIT 1")
            .bind(target.unit)
            .bind(target.month.to_string())
            .bind(today.to_string())
            .fetch_optional(&mut *write)
            .await?;
    let longest = app.policy.days("plan.unlock.days", today)?;
    let end = (until.unwrap_or(today), longest);
    if let Err(why) = rules::ask(true, (frozen, cycle.cancel_by), another.is_some(), end, today) {
        problems.add(if matches!(why, CannotUnlock::BadEnd(_)) { "until" } else { "" }, why.to_string());
    }
    let (Some(until), true) = (until, problems.is_empty()) else {
        drop(write);
        let mut read = app.db.read().await?;
        return page(&mut read, &app, &viewer, typed, problems).await;
    };
    let id = app.id();
    sqlx::query(
        "INSERT INTO plan_unlock (id, unit, month, reason, until_on, asked_on, asked_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(target.unit)
    .bind(target.month.to_string())
    .bind(reason.clone())
    .bind(until.to_string())
    .bind(today.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let told = json!({ "unit": target.unit, "month": target.month, "until": until, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "plan_unlock.asked", Subject("plan_unlock", id), &told).await?;
    write.commit().await?;
    see(&path)
}

async fn grant(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let today = app.today();
    let mut write = app.db.write().await?;
    // Who else turns a key at this moment waits.
    sqlx::query("UPDATE plan_unlock SET until_on = until_on WHERE id = $1").bind(id).execute(&mut *write).await?;
    let posts = app.policy.word("plan.unlock.posts", today)?.to_owned();
    let listed_as = listed_as(&mut write, &viewer).await?;
    let mut sql = seen(&viewer, rules::may_grant(&listed_as, &posts));
    sql.push(" AND n.id = ").bind(id);
    let found = with_keys(&mut write, sql).await?.pop().ok_or(Refusal::NotFound)?;
    let granted_by: Vec<i64> = found.keys.iter().map(|key| key.granted_by).collect();
    let keys = app.policy.number("plan.unlock.keys.count", today)?;
    let asked = asked(&found, &granted_by, keys).ok_or(Refusal::NotFound)?;
    let opens = match rules::grant(&asked, viewer.official, &listed_as, &posts, today) {
        Ok(opens) => opens,
        Err(why) => {
            drop(write);
            let mut problems = Problems::default();
            problems.add("", why.to_string());
            let mut read = app.db.read().await?;
            let typed = Typed { key: forms::new_key(), ..Typed::default() };
            return page(&mut read, &app, &viewer, typed, problems).await;
        }
    };
    let position = i64::try_from(granted_by.len()).map_err(anyhow::Error::from)? + 1;
    sqlx::query("INSERT INTO plan_unlock_key (unlock, position, granted_by, granted_on) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(position)
        .bind(viewer.official)
        .bind(today.to_string())
        .execute(&mut *write)
        .await?;
    let subject = Subject("plan_unlock", id);
    let told = json!({ "position": position });
    chain::record(&mut write, &app, viewer.actor(), "plan_unlock.granted", subject, &told).await?;
    if opens {
        sqlx::query("UPDATE plan_unlock SET opened_on = $2 WHERE id = $1")
            .bind(id)
            .bind(today.to_string())
            .execute(&mut *write)
            .await?;
        let told = json!({ "unit": found.unit, "month": found.month, "until": found.until_on });
        let subject = Subject("plan_unlock", id);
        chain::record(&mut write, &app, viewer.actor(), "plan_unlock.opened", subject, &told).await?;
    }
    write.commit().await?;
    see("/plans/unlocks")
}
