//! 提请: the petition office proposes a matter for a leader; the chief of that level approves, and only then is it bound.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::Stopped;
use super::rules::{self, Barred, days, quarter_of};
use super::screen::{Candidate, Which, candidates};
use super::sight::Eyes;
use super::track::{Leader, eligible, leaders};
use crate::accounts::{Viewer, chiefs_of};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::petitions::acts;
use crate::petitions::history::party;
use crate::petitions::rules::{Act, Refused};
use crate::petitions::veil;
use crate::petitions::voice::is_erased;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, day, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/bindings/candidates/{id}", Access::May("bindings.propose"), form)
        .post("/bindings/candidates/{id}/proposal", Access::May("bindings.propose"), propose)
        .get("/bindings/proposals/{id}", Access::May("bindings.list"), proposal)
        .post("/bindings/proposals/{id}/decision", Access::May("bindings.decide"), decide)
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ProposalForm {
    leader: String,
    due_on: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "petitions/bound/propose.html")]
struct ProposePage {
    shell: Shell,
    candidate: Candidate,
    leaders: Vec<Leader>,
    most: i64,
    form: ProposalForm,
    problems: Problems,
    today: Date,
}

async fn form(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let (_, last) = days(quarter_of(app.today()));
    let form = ProposalForm { due_on: last.to_string(), ..ProposalForm::default() };
    show_form(&app, &viewer, id, form, Problems::default()).await
}

async fn show_form(app: &App, viewer: &Viewer, id: i64, form: ProposalForm, problems: Problems) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let candidate = candidates(&mut read, app, viewer, &Which::One(id)).await?.pop().ok_or(Refusal::NotFound)?;
    let leaders = leaders(&mut read, id, today).await?;
    drop(read);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let most = app.policy.number("binding.leader.petitions", today)?;
    let shell = Shell::new(viewer, "bindings");
    html_with(status, &ProposePage { shell, candidate, leaders, most, form, problems, today })
}

async fn propose(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<ProposalForm>) -> Page {
    let today = app.today();
    let mut problems = Problems::default();
    let leader = form.leader.parse().unwrap_or(0);
    problems.require(leader > 0, "leader", "请选择包案领导");
    let due_on: Option<Date> = forms::half_width(form.due_on.trim()).parse().ok();
    match due_on {
        Some(due_on) if due_on <= today => problems.add("due_on", Refused::BindingDay.to_string()),
        Some(_) => {}
        None => problems.add("due_on", "请填写日期，如 2026-12-20"),
    }
    let reason = rules::text(&forms::tidy(&form.reason), (5, 500));
    if let Err(barred) = &reason {
        problems.add("reason", barred.to_string());
    }
    let mut write = app.db.write().await?;
    let candidate = candidates(&mut write, &app, &viewer, &Which::One(id)).await?.pop().ok_or(Refusal::NotFound)?;
    let (Some(due_on), Ok(reason), true) = (due_on, reason, problems.is_empty()) else {
        drop(write);
        return show_form(&app, &viewer, id, form, problems).await;
    };
    let criteria = candidate.criteria();
    let place = match eligible(&mut write, &app, id, leader).await? {
        _ if criteria.is_empty() => Err(Barred::NoCriterion),
        eligible => eligible.map_err(Barred::Act),
    };
    let place = match place {
        Ok(place) => place,
        Err(barred) => {
            drop(write);
            problems.add(if barred == Barred::NoCriterion { "" } else { "leader" }, barred.to_string());
            return show_form(&app, &viewer, id, form, problems).await;
        }
    };
    let (proposal, quarter) = (app.id(), quarter_of(today).to_string());
    let added = sqlx::query(
        "INSERT INTO binding_proposal (id, petition, place, quarter, criteria, reason, leader, due_on, proposed_on, proposed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(proposal)
    .bind(id)
    .bind(place)
    .bind(quarter.clone())
    .bind(criteria.clone())
    .bind(reason.clone())
    .bind(leader)
    .bind(due_on.to_string())
    .bind(today.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if added.rows_affected() == 0 {
        drop(write);
        problems.add("", Barred::Proposed.to_string());
        return show_form(&app, &viewer, id, form, problems).await;
    }
    let content =
        json!({ "criteria": criteria, "due_on": due_on, "leader": leader, "quarter": quarter, "reason": reason });
    chain::record(&mut write, &app, viewer.actor(), "binding.proposed", Subject("petition", id), &content).await?;
    write.commit().await?;
    see(&format!("/bindings/proposals/{proposal}"))
}

/// A proposal as its page and the list show it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Proposal {
    pub(super) id: i64,
    pub(super) petition: i64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) place: String,
    pub(super) place_name: String,
    pub(super) criteria: String,
    pub(super) reason: String,
    pub(super) leader: i64,
    pub(super) leader_name: String,
    pub(super) due_on: String,
    pub(super) proposed_on: String,
    pub(super) proposed_by: String,
    pub(super) approved: Option<i64>,
    pub(super) remark: String,
    pub(super) decided_on: String,
    pub(super) decided_by: String,
    pub(super) binding: Option<i64>,
}

impl Proposal {
    pub(super) fn labels(&self) -> String {
        rules::labels(&self.criteria)
    }
    pub(super) fn list(&self) -> &str {
        if self.place.len() == 6 { "县级" } else { &self.place_name }
    }
}

/// Proposals of a quarter that are not bound, or one proposal, as far as the viewer finds them: the office that proposes
/// and the chief who decides.
pub(super) async fn proposals(
    read: &mut AnyConnection,
    viewer: &Viewer,
    eyes: &Eyes,
    (quarter, place, one): (&str, &str, Option<i64>),
) -> Result<Vec<Proposal>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT b.id, b.petition, p.number, p.title, b.place, COALESCE(v.name, '') AS place_name, b.criteria, b.reason,
                b.leader, f.name AS leader_name, b.due_on, b.proposed_on, o.name AS proposed_by, b.approved, b.remark,
                COALESCE(b.decided_on, '') AS decided_on, COALESCE(d.name, '') AS decided_by, b.binding
           FROM binding_proposal b
           JOIN petition p ON p.id = b.petition JOIN official f ON f.id = b.leader JOIN official o ON o.id = b.proposed_by
           LEFT JOIN official d ON d.id = b.decided_by LEFT JOIN division v ON v.code = b.place
          WHERE ",
    );
    match one {
        Some(id) => {
            sql.push("b.id = ").bind(id);
        }
        None => {
            // What waits, waits in every quarter.
            sql.push("b.binding IS NULL AND (b.decided_on IS NULL OR b.quarter = ").bind(quarter.to_owned()).push(")");
            if !place.is_empty() {
                sql.push(" AND b.place = ").bind(place.to_owned());
            }
        }
    }
    eyes.push(&mut sql, viewer, None);
    sql.push(" ORDER BY b.id DESC LIMIT 200");
    let mut rows: Vec<Proposal> = sql.fetch_all(&mut *read).await?;
    let mut texts = Vec::new();
    for row in &mut rows {
        let petition = row.petition;
        texts.extend([(petition, &mut row.title), (petition, &mut row.reason), (petition, &mut row.remark)]);
    }
    veil(read, viewer, texts).await?;
    Ok(rows)
}

/// The decision as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Decision {
    approved: String,
    remark: String,
}

#[derive(Template)]
#[template(path = "petitions/bound/proposal.html")]
struct ProposalPage {
    shell: Shell,
    proposal: Proposal,
    may_decide: bool,
    may_find: bool,
    chiefs: String,
    form: Decision,
    problems: Problems,
    today: Date,
}

impl ProposalPage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

async fn proposal(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, Decision::default(), Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, id: i64, form: Decision, problems: Problems) -> Page {
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, app, viewer).await?;
    let proposal = proposals(&mut read, viewer, &eyes, ("", "", Some(id))).await?.pop().ok_or(Refusal::NotFound)?;
    let may_find = super::binding::finds(&mut read, viewer, proposal.petition).await?;
    drop(read);
    super::binding::recorded(app, viewer, proposal.petition).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ProposalPage {
        shell: Shell::new(viewer, "bindings"),
        may_decide: proposal.decided_on.is_empty() && eyes.leads(&proposal.place),
        may_find,
        chiefs: chiefs_of(app, &proposal.place)?,
        proposal,
        form,
        problems,
        today: app.today(),
    };
    html_with(status, &page)
}

async fn decide(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Decision>) -> Page {
    let mut write = app.db.write().await?;
    let eyes = Eyes::of(&mut write, &app, &viewer).await?;
    let found = proposals(&mut write, &viewer, &eyes, ("", "", Some(id))).await?.pop().ok_or(Refusal::NotFound)?;
    let mut problems = Problems::default();
    match carry_out(&mut write, &app, &viewer, &eyes, &found, &form).await {
        Ok(()) => {
            write.commit().await?;
            return see(&format!("/bindings/proposals/{id}"));
        }
        Err(Stopped::Edge(refusal)) => return Err(refusal),
        Err(Stopped::Rule(barred)) => problems.add("", barred.to_string()),
    }
    drop(write);
    show(&app, &viewer, id, form, problems).await
}

/// Decides, and binds where it is approved. The leader may have been recused, or have filled up, since it was proposed.
async fn carry_out(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    eyes: &Eyes,
    proposal: &Proposal,
    form: &Decision,
) -> Result<(), Stopped> {
    if !eyes.leads(&proposal.place) {
        return Err(Barred::NotChief(chiefs_of(app, &proposal.place)?).into());
    }
    if !proposal.decided_on.is_empty() {
        return Err(Refusal::Stale.into());
    }
    if is_erased(write, proposal.petition).await? {
        return Err(Barred::Act(Refused::Erased).into());
    }
    let approved = form.approved == "1";
    let remark = forms::tidy(&form.remark);
    let remark = rules::text(&remark, (0, 500))?;
    rules::decided(approved, &remark)?;
    let due_on: Date = proposal.due_on.parse()?;
    let mut binding = None;
    if approved {
        let bind = Act::Bind { leader: proposal.leader, due_on };
        acts::act_as(write, app, viewer.actor(), party(viewer), proposal.petition, &bind).await?;
        let bound: (i64,) = sqlx::query_as("SELECT id FROM leader_binding WHERE petition = $1 AND ended_on IS NULL")
            .bind(proposal.petition)
            .fetch_one(&mut *write)
            .await?;
        binding = Some(bound.0);
    }
    let decided = sqlx::query(
        "UPDATE binding_proposal SET approved = $2, remark = $3, decided_on = $4, decided_by = $5, binding = $6
          WHERE id = $1 AND decided_on IS NULL",
    )
    .bind(proposal.id)
    .bind(i64::from(approved))
    .bind(remark.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .bind(binding)
    .execute(&mut *write)
    .await?;
    if decided.rows_affected() == 0 {
        return Err(Refusal::Stale.into());
    }
    let content = json!({ "approved": approved, "proposal": proposal.id, "remark": remark });
    let subject = Subject("petition", proposal.petition);
    chain::record(write, app, viewer.actor(), "binding.decided", subject, &content).await?;
    Ok(())
}
