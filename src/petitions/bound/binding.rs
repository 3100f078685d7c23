//! One bound case: where it stands, more time with the chief's consent, and the handover signed by both.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::Stopped;
use super::rules::{self, Barred};
use super::sight::Eyes;
use super::track::{Binding, Leader, Met, Which, bindings, eligible, evidence, five, leaders};
use crate::accounts::{Viewer, chiefs_of};
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::petitions::rules::Refused;
use crate::petitions::{sight, veil};
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, day, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/bindings/{id}", Access::May("bindings.list"), page)
        .post("/bindings/{id}/extension", Access::May("bindings.answer"), ask)
        .post("/bindings/{id}/extension/decision", Access::May("bindings.decide"), consent)
        .post("/bindings/{id}/handover", Access::May("bindings.answer"), give)
        .post("/bindings/{id}/handover/acceptance", Access::May("bindings.answer"), take)
}

/// Whether the viewer finds the petition itself, so that a link to its card leads somewhere.
pub(super) async fn finds(read: &mut AnyConnection, viewer: &Viewer, petition: i64) -> Result<bool, sqlx::Error> {
    if !viewer.may("petitions.read") {
        return Ok(false);
    }
    let mut sql = Sql::new("SELECT p.id FROM petition p WHERE p.id = ");
    sql.bind(petition);
    sight::push(&mut sql, viewer);
    let found: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(found.is_some())
}

/// Records that the viewer read of a petition here; before it is shown.
pub(super) async fn recorded(app: &App, viewer: &Viewer, petition: i64) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    chain::record_reading(&mut write, app, viewer.actor(), "binding.read", Subject("petition", petition)).await?;
    Ok(write.commit().await?)
}

/// A later deadline as it was asked for and decided.
#[derive(Clone, Debug, FromRow)]
struct Extension {
    due_before: String,
    due_on: String,
    reason: String,
    asked_on: String,
    asked_by: String,
    consented: Option<i64>,
    remark: String,
    decided_on: String,
    decided_by: String,
}

/// A handover as both signed it.
#[derive(Clone, Debug, FromRow)]
struct Handover {
    giver: String,
    successor: i64,
    successor_name: String,
    reason: String,
    given_on: String,
    taken_on: String,
    dropped_on: String,
}

/// What the forms of the page were sent with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    due_on: String,
    reason: String,
    leader: String,
    consented: String,
    remark: String,
    /// The deadline or the successor that the page showed when the form was made.
    seen: String,
}

#[derive(Template)]
#[template(path = "petitions/bound/binding.html")]
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides its own part of the page")]
struct BindingPage {
    shell: Shell,
    binding: Binding,
    five: Vec<Met>,
    extensions: Vec<Extension>,
    handovers: Vec<Handover>,
    leaders: Vec<Leader>,
    /// The handover that waits is to the viewer.
    may_take: bool,
    is_own: bool,
    may_consent: bool,
    may_find: bool,
    chiefs: String,
    sent: &'static str,
    form: Typed,
    problems: Problems,
    today: Date,
}

impl BindingPage {
    /// What was typed into a form that is not offered any more: it has no field to stand in.
    fn unplaced(&self) -> &str {
        match self.sent {
            "extension" if !(self.is_own && self.binding.asked_for.is_empty()) => &self.form.reason,
            "handover" if !self.is_own => &self.form.reason,
            "consent" if !self.may_consent => &self.form.remark,
            _ => "",
        }
    }
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    show(&app, &viewer, id, ("", Typed::default(), Problems::default())).await
}

/// A binding that the viewer finds.
pub(super) async fn find(read: &mut AnyConnection, viewer: &Viewer, eyes: &Eyes, id: i64) -> Result<Binding, Refusal> {
    bindings(read, viewer, eyes, &Which::One(id)).await?.pop().ok_or(Refusal::NotFound)
}

async fn show(app: &App, viewer: &Viewer, id: i64, (sent, form, problems): (&'static str, Typed, Problems)) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let eyes = Eyes::of(&mut read, app, viewer).await?;
    let binding = find(&mut read, viewer, &eyes, id).await?;
    let petition = binding.petition;
    let evidence = evidence(&mut read, viewer, &[petition], today).await?;
    let mut extensions: Vec<Extension> = sqlx::query_as(
        "SELECT e.due_before, e.due_on, e.reason, e.asked_on, a.name AS asked_by, e.consented, e.remark,
                COALESCE(e.decided_on, '') AS decided_on, COALESCE(d.name, '') AS decided_by
           FROM binding_extension e JOIN official a ON a.id = e.asked_by LEFT JOIN official d ON d.id = e.decided_by
          WHERE e.binding = $1 ORDER BY e.id DESC LIMIT 50",
    )
    .bind(id)
    .fetch_all(&mut *read)
    .await?;
    let mut handovers: Vec<Handover> = sqlx::query_as(
        "SELECT g.name AS giver, h.successor, s.name AS successor_name, h.reason, h.given_on,
                COALESCE(h.taken_on, '') AS taken_on, COALESCE(h.dropped_on, '') AS dropped_on
           FROM binding_handover h JOIN official g ON g.id = h.given_by JOIN official s ON s.id = h.successor
          WHERE h.binding = $1 OR h.next = $1 ORDER BY h.id DESC LIMIT 50",
    )
    .bind(id)
    .fetch_all(&mut *read)
    .await?;
    let mut texts: Vec<(i64, &mut String)> = Vec::new();
    texts.extend(extensions.iter_mut().flat_map(|one| [(petition, &mut one.reason), (petition, &mut one.remark)]));
    texts.extend(handovers.iter_mut().map(|one| (petition, &mut one.reason)));
    veil(&mut read, viewer, texts).await?;
    let is_own = binding.leader == viewer.official && binding.runs() && viewer.may("bindings.answer");
    let leaders = if is_own { leaders(&mut read, petition, today).await? } else { Vec::new() };
    let may_find = finds(&mut read, viewer, petition).await?;
    drop(read);
    recorded(app, viewer, petition).await?;
    let waiting = |one: &&Handover| one.taken_on.is_empty() && one.dropped_on.is_empty();
    let may_take = binding.runs() && handovers.iter().find(waiting).is_some_and(|one| one.successor == viewer.official);
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = BindingPage {
        shell: Shell::new(viewer, "bindings"),
        five: five(&evidence, petition, today)?,
        leaders: leaders
            .into_iter()
            .filter(|one| one.id != binding.leader && rules::same_list(&one.place(), &binding.place))
            .collect(),
        may_take,
        is_own,
        may_consent: !binding.asked_for.is_empty()
            && binding.runs()
            && eyes.leads(&binding.place)
            && binding.leader != viewer.official,
        may_find,
        chiefs: chiefs_of(app, &binding.place)?,
        binding,
        extensions,
        handovers,
        sent,
        form,
        problems,
        today,
    };
    html_with(status, &page)
}

/// Answers an act: on to the page, or the form again with what is wrong.
async fn answer(
    app: &App,
    viewer: &Viewer,
    id: i64,
    (sent, form): (&'static str, Typed),
    done: Result<i64, Stopped>,
) -> Page {
    match done {
        Ok(to) => see(&format!("/bindings/{to}")),
        Err(Stopped::Edge(refusal)) => Err(refusal),
        Err(Stopped::Rule(barred)) => {
            let mut problems = Problems::default();
            problems.add("", barred.to_string());
            show(app, viewer, id, (sent, form, problems)).await
        }
    }
}

/// A running binding of the viewer's own. The row of the petition is held, so that two acts on it come one after the other.
async fn own(write: &mut AnyConnection, app: &App, viewer: &Viewer, id: i64) -> Result<Binding, Stopped> {
    let eyes = Eyes::of(write, app, viewer).await?;
    let binding = held(write, viewer, &eyes, id).await?;
    if binding.leader != viewer.official {
        return Err(Barred::Act(Refused::NotTheLeader).into());
    }
    Ok(binding)
}

async fn held(write: &mut AnyConnection, viewer: &Viewer, eyes: &Eyes, id: i64) -> Result<Binding, Stopped> {
    let binding = find(write, viewer, eyes, id).await?;
    sqlx::query("UPDATE petition SET version = version WHERE id = $1")
        .bind(binding.petition)
        .execute(&mut *write)
        .await?;
    let binding = find(write, viewer, eyes, id).await?;
    if !binding.runs() {
        return Err(Barred::Act(Refused::NotBound).into());
    }
    Ok(binding)
}

async fn ask(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let asked = async {
        let mut write = app.db.write().await?;
        let binding = own(&mut write, &app, &viewer, id).await?;
        let due_on: Date = forms::half_width(form.due_on.trim()).parse().map_err(|_| Barred::NotLater)?;
        let reason = rules::text(&forms::tidy(&form.reason), (5, 500))?;
        rules::may_ask(binding.due_on.parse()?, due_on, !binding.asked_for.is_empty(), app.today())?;
        sqlx::query(
            "INSERT INTO binding_extension (id, binding, due_before, due_on, reason, asked_on, asked_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(app.id())
        .bind(id)
        .bind(binding.due_on.clone())
        .bind(due_on.to_string())
        .bind(reason.clone())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        let content = json!({ "binding": id, "due_on": due_on, "reason": reason });
        let subject = Subject("petition", binding.petition);
        chain::record(&mut write, &app, viewer.actor(), "binding.extension_asked", subject, &content).await?;
        write.commit().await?;
        Ok::<_, Stopped>(id)
    };
    let asked = asked.await;
    answer(&app, &viewer, id, ("extension", form), asked).await
}

async fn consent(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let decided = async {
        let mut write = app.db.write().await?;
        let eyes = Eyes::of(&mut write, &app, &viewer).await?;
        let binding = held(&mut write, &viewer, &eyes, id).await?;
        if !eyes.leads(&binding.place) {
            return Err(Barred::NotChief(chiefs_of(&app, &binding.place)?).into());
        }
        let consents = form.consented == "1";
        let remark = rules::text(&forms::tidy(&form.remark), (0, 500))?;
        rules::may_consent(viewer.official, binding.leader, consents, &remark)?;
        // Only what the chief saw is granted.
        let decided = sqlx::query(
            "UPDATE binding_extension SET consented = $2, remark = $3, decided_on = $4, decided_by = $5
              WHERE binding = $1 AND decided_on IS NULL AND due_on = $6",
        )
        .bind(id)
        .bind(i64::from(consents))
        .bind(remark.clone())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .bind(form.seen.clone())
        .execute(&mut *write)
        .await?;
        if decided.rows_affected() == 0 {
            return Err(Refusal::Stale.into());
        }
        if consents {
            sqlx::query("UPDATE leader_binding SET due_on = $2 WHERE id = $1")
                .bind(id)
                .bind(binding.asked_for.clone())
                .execute(&mut *write)
                .await?;
        }
        let content = json!({ "binding": id, "consented": consents, "due_on": binding.asked_for, "remark": remark });
        let subject = Subject("petition", binding.petition);
        chain::record(&mut write, &app, viewer.actor(), "binding.extension_decided", subject, &content).await?;
        write.commit().await?;
        Ok::<_, Stopped>(id)
    };
    let decided = decided.await;
    answer(&app, &viewer, id, ("consent", form), decided).await
}

async fn give(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let given = async {
        let mut write = app.db.write().await?;
        let binding = own(&mut write, &app, &viewer, id).await?;
        let reason = rules::text(&forms::tidy(&form.reason), (5, 500))?;
        let successor: i64 = form.leader.parse().map_err(|_| Barred::Act(Refused::Unknown))?;
        let place = eligible(&mut write, &app, binding.petition, successor).await?.map_err(Barred::Act)?;
        rules::may_hand_over((binding.leader, &binding.place), (successor, &place))?;
        let today = app.today().to_string();
        sqlx::query(
            "UPDATE binding_handover SET dropped_on = $2 WHERE binding = $1 AND taken_on IS NULL AND dropped_on IS NULL",
        )
        .bind(id)
        .bind(today.clone())
        .execute(&mut *write)
        .await?;
        sqlx::query(
            "INSERT INTO binding_handover (id, binding, successor, reason, given_on, given_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(app.id())
        .bind(id)
        .bind(successor)
        .bind(reason.clone())
        .bind(today)
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        let content = json!({ "binding": id, "reason": reason, "successor": successor });
        let subject = Subject("petition", binding.petition);
        chain::record(&mut write, &app, viewer.actor(), "binding.handed_over", subject, &content).await?;
        write.commit().await?;
        Ok::<_, Stopped>(id)
    };
    let given = given.await;
    answer(&app, &viewer, id, ("handover", form), given).await
}

/// The new leader's signature: the old binding ends and the new one begins, with the same deadline.
async fn take(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Typed>) -> Page {
    let taken = async {
        let mut write = app.db.write().await?;
        let eyes = Eyes::of(&mut write, &app, &viewer).await?;
        let binding = held(&mut write, &viewer, &eyes, id).await?;
        eligible(&mut write, &app, binding.petition, viewer.official).await?.map_err(Barred::Act)?;
        let (next, today) = (app.id(), app.today().to_string());
        sqlx::query(
            "INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by, place)
             SELECT $1, petition, $2, quarter, due_on, $3, $2, place FROM leader_binding WHERE id = $4",
        )
        .bind(next)
        .bind(viewer.official)
        .bind(today.clone())
        .bind(id)
        .execute(&mut *write)
        .await?;
        let signed = sqlx::query(
            "UPDATE binding_handover SET taken_on = $2, next = $3
              WHERE binding = $1 AND successor = $4 AND taken_on IS NULL AND dropped_on IS NULL",
        )
        .bind(id)
        .bind(today.clone())
        .bind(next)
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        if signed.rows_affected() == 0 {
            return Err(Refusal::Stale.into());
        }
        sqlx::query("UPDATE leader_binding SET ended_on = $2 WHERE id = $1")
            .bind(id)
            .bind(today)
            .execute(&mut *write)
            .await?;
        // A card that was opened before shows the old leader.
        sqlx::query("UPDATE petition SET version = version + 1 WHERE id = $1")
            .bind(binding.petition)
            .execute(&mut *write)
            .await?;
        let content = json!({ "binding": id, "from": binding.leader, "next": next });
        let subject = Subject("petition", binding.petition);
        chain::record(&mut write, &app, viewer.actor(), "binding.taken_over", subject, &content).await?;
        write.commit().await?;
        Ok::<_, Stopped>(next)
    };
    let taken = taken.await;
    answer(&app, &viewer, id, ("acceptance", form), taken).await
}
