//! 异议 for personnel: the list of what waits, one with its clock, and the answer with reasons.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::course::{self, Answering};
use super::objections::{Clocked, Objection, SELECT, clocked};
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Query, Refusal, Rooms, Shell, forms, html, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/pay/objections", Access::May("pay.objections"), ledger)
        .get("/pay/objections/{id}", Access::May("pay.objections"), show)
        .post("/pay/objections/{id}/answer", Access::May("pay.answer"), answer)
}

const PAGE: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    state: String,
    before: Option<i64>,
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "pay/objections.html")]
struct Ledger {
    shell: Shell,
    rows: Vec<Clocked>,
    all: bool,
    next: Option<i64>,
}

async fn ledger(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let all = filter.state == "all";
    let mut sql = Sql::new(SELECT);
    sql.push("1 = 1");
    sight::push_objections(&mut sql, &viewer);
    if all {
        if let Some(before) = filter.before {
            sql.push(" AND b.id < ").bind(before);
        }
        sql.push(" ORDER BY b.id DESC");
    } else {
        sql.push(" AND b.answered_on IS NULL");
        if let Some(after) = filter.after {
            sql.push(" AND b.id > ").bind(after);
        }
        sql.push(" ORDER BY b.id");
    }
    sql.limit(PAGE as i64 + 1);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Objection> = sql.fetch_all(&mut read).await?;
    drop(read);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    let rows = rows.into_iter().map(|row| clocked(&app, row)).collect();
    html(&Ledger { shell: Shell::new(&viewer, "pay"), rows, all, next })
}

/// What was typed for an answer.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AnswerForm {
    key: String,
    verdict: String,
    reasons: String,
}

#[derive(Template)]
#[template(path = "pay/objection.html")]
struct ObjectionPage {
    shell: Shell,
    one: Clocked,
    may_answer: bool,
    own: bool,
    form: AnswerForm,
    problem: String,
}

async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Objection, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.push("b.id = ").bind(id);
    sight::push_objections(&mut sql, viewer);
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

async fn show(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let form = AnswerForm { key: forms::new_key(), ..AnswerForm::default() };
    page(&app, &viewer, id, form, String::new()).await
}

/// The page of an objection. Its reading is recorded before it is shown, except to the one who raised it.
async fn page(app: &App, viewer: &Viewer, id: i64, form: AnswerForm, problem: String) -> Page {
    let mut read = app.db.read().await?;
    let of = find(&mut read, viewer, id).await?;
    drop(read);
    let own = of.official == viewer.official;
    if !own {
        let mut write = app.db.write().await?;
        let subject = Subject("pay_objection", id);
        chain::record_reading(&mut write, app, viewer.actor(), "pay_objection.read", subject).await?;
        write.commit().await?;
    }
    let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ObjectionPage {
        shell: Shell::new(viewer, "pay"),
        may_answer: viewer.may("pay.answer") && !of.is_answered() && !own,
        one: clocked(app, of),
        own,
        form,
        problem,
    };
    html_with(status, &page)
}

async fn answer(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<AnswerForm>) -> Page {
    let mut write = app.db.write().await?;
    let of = find(&mut write, &viewer, id).await?;
    let path = format!("/pay/objections/{id}");
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &path).await? {
        return see(&earlier);
    }
    let reasons = forms::tidy(&form.reasons);
    let own = of.official == viewer.official;
    let judged =
        course::answer(&Answering { answered: of.is_answered(), own, verdict: &form.verdict, reasons: &reasons });
    let accepted = match judged {
        Ok(accepted) => accepted,
        Err(why) => {
            drop(write);
            return page(&app, &viewer, id, form, why.to_string()).await;
        }
    };
    let answered = sqlx::query(
        "UPDATE pay_objection SET accepted = $2, answer = $3, answered_on = $4, answered_by = $5
          WHERE id = $1 AND answered_on IS NULL",
    )
    .bind(id)
    .bind(i64::from(accepted))
    .bind(reasons.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if answered.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    // Whoever is about to sign has to look again.
    sqlx::query("UPDATE pay_run SET version = version + 1 WHERE id = $1").bind(of.run).execute(&mut *write).await?;
    let content = json!({ "accepted": accepted, "reasons": reasons, "run": of.run });
    let subject = Subject("pay_objection", id);
    chain::record(&mut write, &app, viewer.actor(), "pay_objection.answered", subject, &content).await?;
    write.commit().await?;
    see(&path)
}
