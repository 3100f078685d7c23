//! Submission by personnel, and approval by two others (E7). After the second signature a run is locked.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::documents;
use super::run::{Returned, page, signatory};
use super::runs;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/pay/runs/{id}/submission", Access::May("pay.settle"), submit).post(
        "/pay/runs/{id}/approval",
        Access::May("pay.approve"),
        approve,
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SubmissionForm {
    key: String,
    version: i64,
    document: String,
}

async fn submit(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<SubmissionForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    let shares = run.shares(&mut write).await?;
    let documents = documents::covering(&mut write, run.month).await?;
    let chosen = documents.iter().find(|document| document.id.to_string() == form.document);
    let refused = match (run.standing(&app, &shares, &documents).submit(), chosen) {
        (Err(why), _) => Some(why.to_string()),
        (Ok(()), _) if run.is_of_other_values(&app.policy) => Some("结算以后方案有变：重新结算，再提交".to_owned()),
        (Ok(()), None) => Some("请选择依据的授权文件".to_owned()),
        (Ok(()), Some(_)) => None,
    };
    let Some(document) = chosen.filter(|_| refused.is_none()) else {
        drop(write);
        let problem = refused.unwrap_or_default();
        let returned = Returned { form: "submission".to_owned(), problem, typed: vec![form.document] };
        return page(&app, &viewer, id, returned).await;
    };
    run.raise(&mut write, form.version).await?;
    sqlx::query("UPDATE pay_run SET document = $2, submitted_on = $3, submitted_by = $4 WHERE id = $1")
        .bind(id)
        .bind(document.id)
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let content = json!({ "document": document.number });
    chain::record(&mut write, &app, viewer.actor(), "pay_run.submitted", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    see(&run.path())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ApprovalForm {
    key: String,
    version: i64,
}

async fn approve(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<ApprovalForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    // The version that the signatory saw: what was settled anew in between was not what he or she read.
    if run.version != form.version {
        return Err(Refusal::Stale);
    }
    let shares = run.shares(&mut write).await?;
    let documents = documents::covering(&mut write, run.month).await?;
    let corrections = run.corrections(&mut write).await?;
    let who = signatory(&viewer, &run, &shares, &corrections);
    if let Err(why) = run.standing(&app, &shares, &documents).approve(who) {
        drop(write);
        let returned = Returned { form: "approval".to_owned(), problem: why.to_string(), typed: Vec::new() };
        return page(&app, &viewer, id, returned).await;
    }
    run.raise(&mut write, form.version).await?;
    let position = i64::try_from(run.approvals.len())? + 1;
    let signed = sqlx::query(
        "INSERT INTO pay_approval (run, position, approved_by, approved_on) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(position)
    .bind(viewer.official)
    .bind(app.today().to_string())
    .execute(&mut *write)
    .await?;
    if signed.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    let content = json!({ "position": position });
    chain::record(&mut write, &app, viewer.actor(), "pay_run.approved", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    see(&run.path())
}
