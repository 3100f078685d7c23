//! 两人销号: the first key that the superior turned, and the second that somebody above turns.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules::{self, Second};
use super::{Kept, keep};
use crate::accounts::{Viewer, chief_of};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::plans::items::{self, Listed};
use crate::plans::rules::{CannotJudge, Condition};
use crate::plans::sight;
use crate::web::{Access, App, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/keys", Access::May("plans.cancel"), show).post(
        "/plans/keys/{account}/confirmation",
        Access::May("plans.cancel"),
        confirm,
    )
}

const PAGE: i64 = 50;

/// The first key of an item's account.
#[derive(Clone, Debug, FromRow)]
pub(in crate::plans) struct Keyed {
    pub(in crate::plans) why: String,
    pub(in crate::plans) keyed_on: String,
    keyed_by: i64,
    pub(in crate::plans) keyed_by_name: String,
    delegation: Option<i64>,
}

/// The first key that waits for its second, if the account that waits has one.
pub(in crate::plans) async fn key_of(read: &mut AnyConnection, listed: &Listed) -> Result<Option<Keyed>, sqlx::Error> {
    let Condition::Accounted { account, .. } = listed.item.condition else { return Ok(None) };
    sqlx::query_as(
        "SELECT k.why, k.keyed_on, k.keyed_by, o.name AS keyed_by_name, k.delegation FROM cancellation_key k
           JOIN official o ON o.id = k.keyed_by WHERE k.account = $1 AND k.confirmed_on IS NULL",
    )
    .bind(account)
    .fetch_optional(read)
    .await
}

/// Turns the first key.
pub(super) async fn turn_first(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    listed: &Listed,
    (account, delegation): (i64, Option<i64>),
    why: &str,
) -> Result<(), Refusal> {
    items::raise(write, listed.id, listed.version).await?;
    sqlx::query(
        "INSERT INTO cancellation_key (account, item, why, keyed_on, keyed_by, delegation)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(account)
    .bind(listed.id)
    .bind(why.to_owned())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .bind(delegation)
    .execute(&mut *write)
    .await?;
    let told = json!({ "account": account, "why": why, "delegation": delegation });
    chain::record(write, app, viewer.actor(), "plan_item.keyed", Subject("plan_item", listed.id), &told).await?;
    listed.mark(write, app, viewer, "plan_item.keyed").await?;
    Ok(())
}

/// The items whose second key the viewer can turn: the post above the superior's is held, or nothing stands above it and
/// the viewer is a chief of the county.
async fn waiting(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    account: Option<i64>,
) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(
        " AND i.id IN (SELECT w.item FROM cancellation_key w WHERE w.confirmed_on IS NULL)
          AND r.account IS NULL AND f.item IS NULL AND (c.id IS NULL OR c.account < a.id)
          AND EXISTS (SELECT 1 FROM cancellation_key k WHERE k.account = a.id AND k.confirmed_on IS NULL)",
    );
    if let Some(account) = account {
        sql.push(" AND a.id = ").bind(account);
    }
    push_above(&mut sql, read, app, viewer).await?;
    sql.push(" ORDER BY a.id").limit(PAGE);
    items::fetch_for(viewer, sql, read).await
}

/// Adds to a query over `plan_item i` and `post po`, that of its owner, that the second key is the viewer's to turn.
async fn push_above(sql: &mut Sql, read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<()> {
    let chief = chief_of(read, app, viewer).await?.is_some_and(|place| place.len() <= 6);
    sql.push(" AND EXISTS (SELECT 1 FROM post above WHERE above.id = po.superior AND (above.superior = ");
    sql.bind(viewer.post).push(if chief { " OR above.superior IS NULL))" } else { "))" });
    sight::push_recusal(sql, viewer);
    Ok(())
}

/// How many second keys wait for the viewer; fifty stand for more.
pub(in crate::plans) async fn awaits(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<usize> {
    if viewer.may("plans.cancel") { Ok(waiting(read, app, viewer, None).await?.len()) } else { Ok(0) }
}

#[derive(Template)]
#[template(path = "plans/cancelling/second.html")]
struct KeysPage {
    shell: Shell,
    rows: Vec<(i64, Listed, Keyed)>,
    problems: Problems,
}

async fn show(State(app): State<App>, viewer: Viewer) -> Page {
    let mut read = app.db.read().await?;
    page(&mut read, &app, &viewer, Problems::default()).await
}

async fn page(read: &mut AnyConnection, app: &App, viewer: &Viewer, problems: Problems) -> Page {
    let mut rows = Vec::new();
    for listed in waiting(read, app, viewer, None).await? {
        if let (Condition::Accounted { account, .. }, Some(key)) =
            (listed.item.condition.clone(), key_of(read, &listed).await?)
        {
            rows.push((account, listed, key));
        }
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    html_with(status, &KeysPage { shell: Shell::new(viewer, "plans"), rows, problems })
}

async fn confirm(State(app): State<App>, viewer: Viewer, Path(account): Path<i64>) -> Page {
    let mut write = app.db.write().await?;
    // Whoever else is about to act on the item waits.
    sqlx::query(
        "UPDATE plan_item SET version = version WHERE id IN (SELECT k.item FROM cancellation_key k WHERE k.account = $1)",
    )
    .bind(account)
    .execute(&mut *write)
    .await?;
    let Some(listed) = waiting(&mut write, &app, &viewer, Some(account)).await?.pop() else {
        return gone(&mut write, &app, &viewer, account).await;
    };
    let key = key_of(&mut write, &listed).await?.ok_or(Refusal::NotFound)?;
    let Condition::Accounted { done_on, given_by, .. } = listed.item.condition else {
        return Err(Refusal::NotFound);
    };
    let second = Second { official: viewer.official, supervision: viewer.is("supervision"), above: true };
    if let Err(why) = rules::confirm(second, (listed.item.owner, key.keyed_by, given_by)) {
        let mut problems = Problems::default();
        problems.add("", why.to_string());
        return page(&mut write, &app, &viewer, problems).await;
    }
    sqlx::query("UPDATE cancellation_key SET confirmed_on = $2, confirmed_by = $3 WHERE account = $1")
        .bind(account)
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({
        "account": account, "done_on": done_on, "delegation": key.delegation, "first_key": key.keyed_by,
    });
    let kept = Kept { account, done_on, by: key.keyed_by, delegation: key.delegation, told: &told };
    keep(&mut write, &app, &viewer, &listed, &kept).await?;
    write.commit().await?;
    see("/plans/keys")
}

/// Nothing waits there for the viewer any more: somebody was faster. What was never the viewer's to turn is not found.
async fn gone(write: &mut AnyConnection, app: &App, viewer: &Viewer, account: i64) -> Page {
    let mut sql = Sql::new(
        "SELECT k.item FROM cancellation_key k JOIN plan_item i ON i.id = k.item
           JOIN appointment ap ON ap.id = i.appointment JOIN post po ON po.id = ap.post WHERE k.account = ",
    );
    sql.bind(account);
    push_above(&mut sql, write, app, viewer).await?;
    let turned: Option<(i64,)> = sql.fetch_optional(&mut *write).await?;
    turned.ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    problems.add("", CannotJudge::Confirmed.to_string());
    page(write, app, viewer, problems).await
}
