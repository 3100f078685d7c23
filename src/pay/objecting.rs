//! 异议 of whoever is in a settlement: what to object to, by when, and what was answered.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::course::{self, CannotObject};
use super::objections::{Clocked, Objection, SELECT, clocked};
use super::run::OVERTAKEN;
use super::runs::{self, Run};
use super::words::month_words;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Query, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/pay/mine/objections", Access::May("pay.own"), mine)
        .get("/pay/mine/{run}/objections", Access::May("pay.own"), mine_of)
        .post("/pay/mine/{run}/objections", Access::May("pay.own"), raise)
}

const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    before: Option<i64>,
}

/// What was typed against the own result.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ObjectionForm {
    key: String,
    content: String,
}

#[derive(Template)]
#[template(path = "pay/own_objections.html")]
struct OwnPage {
    shell: Shell,
    /// The run that it is about; nothing: all of one's own.
    run: Option<Run>,
    rows: Vec<Clocked>,
    next: Option<i64>,
    /// The last day on which an objection is in time, and whether it has passed.
    last: Option<(String, bool)>,
    answer_days: u16,
    form: ObjectionForm,
    /// Why nothing more can be said now; empty: something can.
    barred: String,
    problem: String,
}

impl OwnPage {
    fn month(&self) -> String {
        self.run.as_ref().map_or_else(String::new, |run| month_words(run.month))
    }
}

async fn mine(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut sql = Sql::new(SELECT);
    sql.push("b.official = ").bind(viewer.official);
    if let Some(before) = filter.before {
        sql.push(" AND b.id < ").bind(before);
    }
    sql.push(" ORDER BY b.id DESC").limit(PAGE as i64 + 1);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Objection> = sql.fetch_all(&mut read).await?;
    drop(read);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let page = OwnPage {
        shell: Shell::new(&viewer, "my-pay"),
        run: None,
        next: rows.last().filter(|_| more).map(|row| row.id),
        rows: rows.into_iter().map(|row| clocked(&app, row)).collect(),
        last: None,
        answer_days: 0,
        form: ObjectionForm::default(),
        barred: String::new(),
        problem: String::new(),
    };
    html(&page)
}

async fn mine_of(State(app): State<App>, viewer: Viewer, Path(run): Path<i64>) -> Page {
    let form = ObjectionForm { key: forms::new_key(), ..ObjectionForm::default() };
    own_page(&app, &viewer, run, form, String::new()).await
}

async fn own_page(app: &App, viewer: &Viewer, run: i64, form: ObjectionForm, problem: String) -> Page {
    let mut read = app.db.read().await?;
    let run = runs::find_own(&mut read, viewer, run).await?;
    let mut sql = Sql::new(SELECT);
    sql.push("b.official = ").bind(viewer.official);
    sql.push(" AND r.unit = ").bind(run.scope.unit).push(" AND r.month = ").bind(run.month.to_string());
    sql.push(" ORDER BY b.id DESC").limit(PAGE as i64);
    let rows: Vec<Objection> = sql.fetch_all(&mut read).await?;
    drop(read);
    let waiting = rows.iter().any(|row| row.run == run.id && !row.is_answered());
    let allowed = run.standing(app, &[], &[]).object(waiting);
    let term = run.notice.as_ref().and_then(|notice| notice.to_object(app, viewer.official));
    let answer_days = app.policy.days("pay.objection_answer.working_days", app.today())?;
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = OwnPage {
        shell: Shell::new(viewer, "my-pay"),
        rows: rows.into_iter().map(|row| clocked(app, row)).collect(),
        next: None,
        last: term.map(|term| (term.words(), term.is_over(app.today()))),
        answer_days,
        form,
        barred: allowed.err().map(|why| why.to_string()).unwrap_or_default(),
        problem,
        run: Some(run),
    };
    html_with(status, &page)
}

async fn raise(State(app): State<App>, viewer: Viewer, Path(run): Path<i64>, Form(form): Form<ObjectionForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find_own(&mut write, &viewer, run).await?;
    let path = format!("/pay/mine/{}/objections", run.id);
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &path).await? {
        return see(&earlier);
    }
    let (waiting,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM pay_objection WHERE run = $1 AND official = $2 AND answered_on IS NULL")
            .bind(run.id)
            .bind(viewer.official)
            .fetch_one(&mut *write)
            .await?;
    let content = forms::tidy(&form.content);
    let said = if course::is_said(&content) { Ok(()) } else { Err(CannotObject::Content) };
    if let Err(why) = run.standing(&app, &[], &[]).object(waiting > 0).and(said) {
        drop(write);
        return own_page(&app, &viewer, run.id, form, why.to_string()).await;
    }
    // Whoever settles it anew at this moment has not seen what is said here, and is told.
    match run.raise(&mut write, run.version).await {
        Err(Refusal::Stale) => {
            drop(write);
            return own_page(&app, &viewer, run.id, form, OVERTAKEN.to_owned()).await;
        }
        other => other?,
    }
    let today = app.today();
    let term = run.notice.as_ref().and_then(|notice| notice.to_object(&app, viewer.official));
    let in_time = term.is_some_and(|term| !term.is_over(today));
    let answer_days = app.policy.days("pay.objection_answer.working_days", today)?;
    let id = app.id();
    sqlx::query(
        "INSERT INTO pay_objection (id, run, official, content, raised_on, in_time, answer_days)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(run.id)
    .bind(viewer.official)
    .bind(content.clone())
    .bind(today.to_string())
    .bind(i64::from(in_time))
    .bind(i64::from(answer_days))
    .execute(&mut *write)
    .await?;
    let record = json!({ "content": content, "in_time": in_time, "run": run.id });
    let subject = Subject("pay_objection", id);
    chain::record(&mut write, &app, viewer.actor(), "pay_objection.raised", subject, &record).await?;
    write.commit().await?;
    see(&path)
}
