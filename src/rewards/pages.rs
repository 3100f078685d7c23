//! The decisions of a quarter: made by the chief, signed by a second person.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::{Month, Quarter};
use serde::Deserialize;
use serde_json::json;

use super::rules::{self, Kind};
use super::{REWARD, Reward, of_quarter, push_sight};
use crate::accounts::{Leader, Viewer, chief_of, leaders_of};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::imports::fen;
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, see};

/// The routes of this room.
pub fn rooms() -> Rooms {
    Rooms::new()
        .get("/rewards", Access::May("rewards.list"), list)
        .post("/rewards", Access::May("rewards.decide"), decide)
        .post("/rewards/{id}/signature", Access::May("rewards.sign"), sign)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    quarter: String,
}

/// 2026-Q4; this quarter where it cannot be read.
fn quarter(text: &str, today: Date) -> Quarter {
    let read = || {
        let (year, number) = text.split_once("-Q")?;
        let number: i8 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
        Some(Month::new(year.parse().ok()?, number * 3).ok()?.quarter())
    };
    read().unwrap_or_else(|| Month::of(today).quarter())
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    key: String,
    quarter: String,
    official: String,
    kind: String,
    yuan: String,
    reason: String,
    document: String,
}

#[derive(Template)]
#[template(path = "rewards/page.html")]
struct RewardsPage {
    shell: Shell,
    rows: Vec<(Reward, bool)>,
    leaders: Vec<Leader>,
    is_chief: bool,
    quarter: Quarter,
    before: Quarter,
    form: Typed,
    problems: Problems,
}

async fn list(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let form = Typed { key: forms::new_key(), ..Typed::default() };
    show(&app, &viewer, quarter(&asked.quarter, app.today()), form, Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, quarter: Quarter, form: Typed, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let chief = chief_of(&mut read, app, viewer).await?.filter(|_| viewer.may("rewards.decide"));
    let leaders = match &chief {
        Some(chief) => leaders_of(&mut read, chief, &app.today().to_string()).await?,
        None => Vec::new(),
    };
    let rows = of_quarter(&mut read, app, viewer, quarter).await?;
    drop(read);
    let key = (viewer.is("personnel"), chief.as_deref());
    let signs = |one: &Reward| {
        let decision = (one.official, one.decided_by, one.place.as_str());
        viewer.may("rewards.sign") && rules::may_sign(viewer.official, key, decision, !one.signed_on.is_empty()).is_ok()
    };
    let rows = rows.into_iter().map(|one| {
        let may = signs(&one);
        (one, may)
    });
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RewardsPage {
        shell: Shell::new(viewer, "rewards"),
        rows: rows.collect(),
        leaders: leaders.into_iter().filter(|one| one.id != viewer.official).collect(),
        is_chief: chief.is_some(),
        quarter,
        before: quarter.months()[0].plus(-1).quarter(),
        form,
        problems,
    };
    html_with(status, &page)
}

async fn decide(State(app): State<App>, viewer: Viewer, Form(form): Form<Typed>) -> Page {
    let today = app.today();
    let of = quarter(&form.quarter, today);
    let mut problems = Problems::default();
    let kind = Kind::from_word(&form.kind);
    problems.require(kind.is_some(), "kind", "请选择奖励还是惩处");
    let amount = if form.yuan.trim().is_empty() { None } else { Some(fen(&form.yuan).filter(|fen| *fen > 0)) };
    problems.require(amount != Some(None), "yuan", "金额写成元，最多两位小数；不涉及金额的不填");
    let (reason, document) = (forms::tidy(&form.reason), forms::tidy(&form.document));
    problems.require((5..=500).contains(&reason.chars().count()), "reason", "请写 5 至 500 字");
    problems.require((2..=100).contains(&document.chars().count()), "document", "请填文号，100 字以内");
    problems.require(of.months()[0].first_day() <= today, "quarter", "这一季度还没有开始");
    let official: i64 = form.official.parse().unwrap_or(0);
    let mut write = app.db.write().await?;
    let chief = chief_of(&mut write, &app, &viewer).await?;
    let mut place = None;
    if let Some(chief) = &chief {
        let leaders = leaders_of(&mut write, chief, &today.to_string()).await?;
        place = leaders.iter().find(|one| one.id == official).map(Leader::place);
    }
    if let Err(barred) = rules::may_decide(viewer.official, chief.as_deref(), official, place.as_deref()) {
        problems.add("official", barred.to_string());
    }
    let (Some(kind), Some(place), true) = (kind, place, problems.is_empty()) else {
        drop(write);
        return show(&app, &viewer, of, form, problems).await;
    };
    let (id, to) = (app.id(), format!("/rewards?quarter={of}"));
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &to).await? {
        return see(&earlier);
    }
    let amount = amount.flatten();
    sqlx::query(
        "INSERT INTO leader_reward (id, official, place, quarter, kind, fen, reason, document, decided_on, decided_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id)
    .bind(official)
    .bind(place)
    .bind(of.to_string())
    .bind(kind.word())
    .bind(amount)
    .bind(reason.clone())
    .bind(document.clone())
    .bind(today.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let content = json!({
        "document": document, "fen": amount, "kind": kind, "official": official, "quarter": of.to_string(), "reason": reason,
    });
    chain::record(&mut write, &app, viewer.actor(), "leader_reward.decided", Subject("leader_reward", id), &content)
        .await?;
    write.commit().await?;
    see(&to)
}

/// The second key.
async fn sign(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let today = app.today();
    let mut write = app.db.write().await?;
    let mut sql = Sql::new(REWARD);
    sql.push("r.id = ").bind(id);
    push_sight(&mut sql, &mut write, &app, &viewer).await?;
    let found: Option<Reward> = sql.fetch_optional(&mut write).await?;
    let found = found.ok_or(Refusal::NotFound)?;
    let (of,): (String,) =
        sqlx::query_as("SELECT quarter FROM leader_reward WHERE id = $1").bind(id).fetch_one(&mut *write).await?;
    let chief = chief_of(&mut write, &app, &viewer).await?;
    let key = (viewer.is("personnel"), chief.as_deref());
    let decision = (found.official, found.decided_by, found.place.as_str());
    if let Err(barred) = rules::may_sign(viewer.official, key, decision, !found.signed_on.is_empty()) {
        drop(write);
        let mut problems = Problems::default();
        problems.add("", barred.to_string());
        let form = Typed { key: forms::new_key(), ..Typed::default() };
        return show(&app, &viewer, quarter(&of, today), form, problems).await;
    }
    let signed =
        sqlx::query("UPDATE leader_reward SET signed_on = $2, signed_by = $3 WHERE id = $1 AND signed_on IS NULL")
            .bind(id)
            .bind(today.to_string())
            .bind(viewer.official)
            .execute(&mut *write)
            .await?;
    if signed.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    let subject = Subject("leader_reward", id);
    chain::record(&mut write, &app, viewer.actor(), "leader_reward.signed", subject, &json!({})).await?;
    write.commit().await?;
    see(&format!("/rewards?quarter={of}"))
}
