//! What the viewer has delegated and what was delegated to him or her; giving and taking back.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::push_in_force;
use super::rules::{self, CannotDelegate};
use crate::accounts::{Holder, Viewer, holders_beside};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    let may = || Access::May("plans.delegate");
    Rooms::new().get("/plans/delegations", may(), show).post("/plans/delegations", may(), give).post(
        "/plans/delegations/{id}/end",
        may(),
        end,
    )
}

/// A delegation as the page lists it.
#[derive(Debug, FromRow)]
struct Row {
    id: i64,
    given_by: i64,
    giver: String,
    title: String,
    delegate: String,
    reason: String,
    given_on: String,
    until_on: String,
    /// '': not taken back.
    ended_on: String,
    /// What was done by it.
    acts: i64,
}

impl Row {
    fn state(&self, today: &Date) -> &'static str {
        match () {
            () if !self.ended_on.is_empty() => "已收回",
            () if self.until_on < today.to_string() => "已到期",
            () => "生效中",
        }
    }
    fn is_on(&self, today: &Date) -> bool {
        self.state(today) == "生效中"
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    delegate: String,
    until: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "plans/delegations/page.html")]
struct DelegationsPage {
    shell: Shell,
    rows: Vec<Row>,
    holders: Vec<Holder>,
    /// Posts stand below the viewer's.
    below: bool,
    last: Date,
    official: i64,
    typed: Typed,
    problems: Problems,
    today: Date,
}

async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    let typed = Typed { key: forms::new_key(), ..Typed::default() };
    page(&mut read, &app, &viewer, typed, Problems::default()).await
}

async fn is_above(read: &mut AnyConnection, viewer: &Viewer) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT id FROM post WHERE superior = $1 LIMIT 1")
        .bind(viewer.post)
        .fetch_optional(read)
        .await?;
    Ok(found.is_some())
}

async fn holders(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Holder>, sqlx::Error> {
    let found = holders_beside(read, viewer, "plans.cancel").await?;
    Ok(found.into_iter().filter(|one| one.official != viewer.official).collect())
}

async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, typed: Typed, problems: Problems) -> Page {
    let today = app.today();
    let mut sql = Sql::new(
        "SELECT d.id, d.given_by, g.name AS giver, po.title, o.name AS delegate, d.reason, d.given_on, d.until_on,
                COALESCE(d.ended_on, '') AS ended_on,
                (SELECT COUNT(*) FROM cancellation c WHERE c.delegation = d.id)
                + (SELECT COUNT(*) FROM plan_return r WHERE r.delegation = d.id) AS acts
           FROM cancel_delegation d JOIN official g ON g.id = d.given_by JOIN official o ON o.id = d.delegate
           JOIN post po ON po.id = d.post WHERE (d.post = ",
    );
    sql.bind(viewer.post).push(" OR d.delegate = ").bind(viewer.official).push(" OR d.given_by = ");
    sql.bind(viewer.official).push(") ORDER BY d.id DESC").limit(100);
    let rows = sql.fetch_all(&mut *read).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = DelegationsPage {
        shell: Shell::new(viewer, "plans"),
        rows,
        holders: holders(read, viewer).await?,
        below: is_above(read, viewer).await?,
        last: rules::last(app.policy.days("plan.delegation.days", today)?, today),
        official: viewer.official,
        typed,
        problems,
        today,
    };
    html_with(status, &page)
}

async fn give(State(app): State<App>, viewer: Viewer, Form(typed): Form<Typed>) -> Page {
    let today = app.today();
    let mut write = app.db.write().await?;
    let mut problems = Problems::default();
    let reason = forms::tidy(&typed.reason);
    problems.require((2..=300).contains(&reason.chars().count()), "reason", "请写明理由，2 到 300 字");
    let until: Option<Date> = typed.until.trim().parse().ok();
    problems.require(until.is_some(), "until", "请填写委托到哪一天");
    let named = holders(&mut write, &viewer).await?.into_iter().find(|one| one.official.to_string() == typed.delegate);
    let mut sql = Sql::new("SELECT d.id FROM cancel_delegation d WHERE d.post = ");
    sql.bind(viewer.post);
    push_in_force(&mut sql, &viewer);
    let another: Option<(i64,)> = sql.fetch_optional(&mut write).await?;
    let longest = app.policy.days("plan.delegation.days", today)?;
    let below = is_above(&mut write, &viewer).await?;
    let rule = rules::give(below, named.is_some(), another.is_some(), (until.unwrap_or(today), longest), today);
    if let Err(why) = rule {
        let field = match why {
            CannotDelegate::BadEnd(_) => "until",
            CannotDelegate::NoDelegate => "delegate",
            _ => "",
        };
        problems.add(field, why.to_string());
    }
    let (Some(until), Some(named), true) = (until, named, problems.is_empty()) else {
        return page(&mut write, &app, &viewer, typed, problems).await;
    };
    if let Some(earlier) = forms::take_key(&mut write, &app, &typed.key, "/plans/delegations").await? {
        return see(&earlier);
    }
    let id = app.id();
    sqlx::query(
        "INSERT INTO cancel_delegation (id, post, given_by, delegate, reason, given_on, until_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(viewer.post)
    .bind(viewer.official)
    .bind(named.official)
    .bind(reason.clone())
    .bind(today.to_string())
    .bind(until.to_string())
    .execute(&mut *write)
    .await?;
    let told = json!({ "delegate": named.official, "until": until, "reason": reason });
    let subject = Subject("plan_delegation", id);
    chain::record(&mut write, &app, viewer.actor(), "plan_delegation.given", subject, &told).await?;
    write.commit().await?;
    see("/plans/delegations")
}

async fn end(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut write = app.db.write().await?;
    let found: Option<(String, Option<String>)> =
        sqlx::query_as("SELECT until_on, ended_on FROM cancel_delegation WHERE id = $1 AND given_by = $2")
            .bind(id)
            .bind(viewer.official)
            .fetch_optional(&mut *write)
            .await?;
    let (until, ended) = found.ok_or(Refusal::NotFound)?;
    let today = app.today().to_string();
    let taken = sqlx::query(
        "UPDATE cancel_delegation SET ended_on = $2, ended_by = $3 WHERE id = $1 AND ended_on IS NULL AND until_on >= $2",
    )
    .bind(id)
    .bind(today.clone())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if ended.is_some() || until < today || taken.rows_affected() != 1 {
        let mut problems = Problems::default();
        problems.add("", CannotDelegate::Over.to_string());
        let typed = Typed { key: forms::new_key(), ..Typed::default() };
        return page(&mut write, &app, &viewer, typed, problems).await;
    }
    let subject = Subject("plan_delegation", id);
    chain::record(&mut write, &app, viewer.actor(), "plan_delegation.ended", subject, &json!({})).await?;
    write.commit().await?;
    see("/plans/delegations")
}
