//! What the scores leave open: a ranking of a group that they do not tell apart, a waiver of the spread where it would
//! take more than somebody put in. Neither by a member of the group. Personnel then settles again.

use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

use super::kept::Share;
use super::rules;
use super::run::{Returned, overtaken, page};
use super::runs::{self, Run};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Write;
use crate::web::{Access, App, Form, Page, Path, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/pay/runs/{id}/rankings", Access::May("pay.rank"), rank).post(
        "/pay/runs/{id}/waivers",
        Access::May("pay.waive"),
        waive,
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RankingForm {
    key: String,
    version: i64,
    class: String,
    official: Vec<i64>,
    place: Vec<String>,
}

async fn rank(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<RankingForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    let members = waiting(&mut write, &viewer, &run, &form.class, "undecided").await?;
    let named = |share: &Share| form.official.iter().position(|official| *official == share.official);
    let places: Vec<String> = members
        .iter()
        .map(|share| named(share).and_then(|at| form.place.get(at).cloned()).unwrap_or_default())
        .collect();
    let places = match rules::ranking(&places) {
        Ok(places) => places,
        Err(why) => {
            drop(write);
            let returned =
                Returned { form: format!("ranking/{}", form.class), problem: why.to_string(), typed: places };
            return page(&app, &viewer, id, returned).await;
        }
    };
    if let Err(why) = run.raise(&mut write, form.version).await {
        drop(write);
        let typed = places.iter().map(ToString::to_string).collect();
        return overtaken(&app, &viewer, id, why, (format!("ranking/{}", form.class), typed)).await;
    }
    sqlx::query("DELETE FROM pay_ranking WHERE unit = $1 AND month = $2 AND class = $3")
        .bind(run.scope.unit)
        .bind(run.month.to_string())
        .bind(form.class.clone())
        .execute(&mut *write)
        .await?;
    for (share, place) in members.iter().zip(&places) {
        sqlx::query(
            "INSERT INTO pay_ranking (unit, month, class, official, rank, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(run.scope.unit)
        .bind(run.month.to_string())
        .bind(form.class.clone())
        .bind(share.official)
        .bind(i64::from(*place))
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    }
    let places: Vec<_> = members.iter().zip(&places).map(|(share, place)| json!([share.kept.number, place])).collect();
    let content = json!({ "class": form.class, "places": places });
    chain::record(&mut write, &app, viewer.actor(), "pay_ranking.recorded", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    see(&run.path())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WaiverForm {
    key: String,
    version: i64,
    class: String,
    reason: String,
}

async fn waive(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<WaiverForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    waiting(&mut write, &viewer, &run, &form.class, "infeasible").await?;
    let reason = forms::tidy(&form.reason);
    if !(5..=500).contains(&reason.chars().count()) {
        drop(write);
        let problem = "请写明不拉开差额的理由，5 至 500 字".to_owned();
        let returned = Returned { form: format!("waiver/{}", form.class), problem, typed: vec![form.reason] };
        return page(&app, &viewer, id, returned).await;
    }
    if let Err(why) = run.raise(&mut write, form.version).await {
        drop(write);
        return overtaken(&app, &viewer, id, why, (format!("waiver/{}", form.class), vec![form.reason])).await;
    }
    let waived = sqlx::query(
        "INSERT INTO pay_waiver (unit, month, class, reason, waived_on, waived_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (unit, month, class) DO NOTHING",
    )
    .bind(run.scope.unit)
    .bind(run.month.to_string())
    .bind(form.class.clone())
    .bind(reason.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if waived.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    let content = json!({ "class": form.class, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "pay_waiver.recorded", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    see(&run.path())
}

/// The scored members of a group of the run that waits in `state`. A group that does not, a run that moved on, and a
/// member of the group who would decide over it have no such form.
async fn waiting(
    write: &mut Write,
    viewer: &Viewer,
    run: &Run,
    class: &str,
    state: &str,
) -> Result<Vec<Share>, Refusal> {
    if run.submitted_on.is_some() || run.replaced_by.is_some() {
        return Err(Refusal::Stale);
    }
    let shares = run.shares(write).await?;
    let group: Vec<Share> = shares.into_iter().filter(|share| share.class == class).collect();
    let member = group.iter().any(|share| share.official == viewer.official);
    let members: Vec<Share> = group.into_iter().filter(|share| share.score_bp.is_some()).collect();
    if member || members.is_empty() || members.iter().any(|share| share.state != state) {
        return Err(Refusal::NotFound);
    }
    Ok(members)
}
