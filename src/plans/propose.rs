//! 预 and 安: putting an item into a plan, by its owner or by the superior; mending it before freezing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::post_duties::{PostDuty, duties};
use policy::{Month, Quarter};
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::entering::{self, Placing};
use super::form::{Above, ItemForm, Owner, above, owners};
use super::items::{self, Listed, who};
use super::post_duties::{self, Owed};
use super::rules::{self, CannotPropose, Entrance};
use super::{details, quarters, responsibilities, unlocks};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans/items/new", Access::May("plans.propose"), form)
        .post("/plans/items", Access::May("plans.propose"), post)
        .get("/plans/items/{id}/revision", Access::May("plans.propose"), revision)
        .post("/plans/items/{id}/revision", Access::May("plans.propose"), revise)
}

/// Puts the refusal of a rule beside the field that it is about.
fn refuse(problems: &mut Problems, why: CannotPropose) {
    let field = match why {
        CannotPropose::DueElsewhere => "due_on",
        CannotPropose::Past => "month",
        CannotPropose::Frozen
        | CannotPropose::NoSuperior
        | CannotPropose::NotQuarterly
        | CannotPropose::Regrouped
        | CannotPropose::Stranger => "owner",
    };
    if problems.of(field).is_none() {
        problems.add(field, why.to_string());
    }
}

#[derive(Template)]
#[template(path = "plans/new.html")]
struct NewPage {
    shell: Shell,
    form: ItemForm,
    problems: Problems,
    owners: Vec<Owner>,
    above: Vec<Above>,
    /// Lines of the lists of responsibilities, by kind of unit, as far as somebody in `owners` has one.
    lists: Vec<(String, Vec<responsibilities::Listed>)>,
    /// Every duty of the county's table.
    duties: Vec<PostDuty>,
    /// Those of the owner's post, with the items of the month.
    owed: Vec<Owed>,
    months: Vec<Month>,
    /// The item that is mended; none for a new one.
    revises: Option<Listed>,
    /// The item has changed since its form was opened.
    overtaken: bool,
}

impl NewPage {
    fn action(&self) -> String {
        self.revises.as_ref().map_or("/plans/items".to_owned(), |listed| format!("/plans/items/{}/revision", listed.id))
    }
}

async fn page(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    form: ItemForm,
    problems: Problems,
    revises: Option<Listed>,
) -> Page {
    let overtaken = revises.as_ref().is_some_and(|listed| form.version.trim() != listed.version.to_string());
    let form = match &revises {
        Some(listed) => ItemForm { version: listed.version.to_string(), ..form },
        None => form,
    };
    let owners = owners(read, app, viewer).await?;
    let now = Month::of(app.today());
    let month = form.month.parse().unwrap_or(now.plus(1));
    let own = owners.iter().find(|owner| owner.appointment == viewer.appointment);
    let superior = revises.as_ref().map_or(own.and_then(|own| own.superior), |listed| listed.item.superior);
    let above = above(read, month, [superior, Some(viewer.post)]).await?;
    // A month that is over can be planned for while it is open by an exception; who may is judged when it is sent.
    let past = Some(month).filter(|month| *month < now && *month >= now.plus(-12));
    let months = past.into_iter().chain([now, now.plus(1), now.plus(2)]).collect();
    let mut kinds: Vec<&str> = match &revises {
        Some(_) => vec![form.unit_kind.as_str()],
        None => owners.iter().map(|owner| owner.unit_kind.as_str()).collect(),
    };
    kinds.sort_unstable();
    kinds.dedup();
    let lines = responsibilities::on(read, month.first_day()).await?;
    let of = |kind: &str| lines.iter().filter(|line| line.unit_kind == kind && line.is_owed()).cloned().collect();
    let mut lists: Vec<(String, Vec<responsibilities::Listed>)> =
        kinds.into_iter().map(|kind| (kind.to_owned(), of(kind))).collect();
    lists.retain(|(_, lines)| !lines.is_empty());
    let policy: &policy::Policy = &app.policy;
    let duties = duties(policy, month.first_day()).map_err(anyhow::Error::from)?.to_vec();
    let owner = match &revises {
        Some(listed) => listed.appointment,
        None => owners
            .iter()
            .find(|owner| owner.appointment.to_string() == form.owner)
            .map_or(viewer.appointment, |one| one.appointment),
    };
    let owed = post_duties::owed(read, app, owner, month).await?;
    let status = match (overtaken, problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shell = Shell::new(viewer, "plans");
    html_with(
        status,
        &NewPage { shell, form, problems, owners, above, lists, duties, owed, months, revises, overtaken },
    )
}

#[derive(Default, Deserialize)]
struct For {
    month: Option<String>,
    owner: Option<String>,
    quarter: Option<String>,
    /// Code of the duty that it is to be of.
    duty: Option<String>,
}

async fn form(State(app): State<App>, viewer: Viewer, Query(of): Query<For>) -> Page {
    let now = Month::of(app.today());
    let quarter: Option<Quarter> = of.quarter.and_then(|text| text.parse().ok());
    let month = match quarter {
        Some(quarter) => quarter.months()[2],
        None => of.month.and_then(|text| text.parse().ok()).unwrap_or(now.plus(1)),
    };
    let policy: &policy::Policy = &app.policy;
    let known = duties(policy, month.first_day()).map_err(anyhow::Error::from)?;
    let duty = known.iter().find(|duty| Some(&duty.code) == of.duty.as_ref());
    let form = ItemForm {
        key: forms::new_key(),
        duty: duty.map(|duty| duty.code.clone()).unwrap_or_default(),
        goal: duty.map(|duty| duty.name.clone()).unwrap_or_default(),
        month: month.to_string(),
        quarter: quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
        owner: of.owner.unwrap_or(viewer.appointment.to_string()),
        due_on: month.last_day().to_string(),
        weight: "1".to_owned(),
        source: if duty.is_some() { "duty" } else { "own" }.to_owned(),
        ..ItemForm::default()
    };
    let mut read = app.db.read().await?;
    page(&mut read, &app, &viewer, form, Problems::default(), None).await
}

async fn post(State(app): State<App>, viewer: Viewer, Form(form): Form<ItemForm>) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    let quarter: Option<Quarter> = form.quarter.trim().parse().ok();
    let due_on: Option<Date> = form.due_on.trim().parse().ok();
    let month: Option<Month> = match quarter {
        Some(quarter) => Some(quarters::month_of(quarter, due_on.unwrap_or(quarter.months()[2].last_day()))),
        None => form.month.trim().parse().ok(),
    };
    problems.require(month.is_some(), "month", "请选择月份");
    let typed_owner = form.owner.trim();
    let owners = owners(&mut write, &app, &viewer).await?;
    let owner = owners.iter().find(|owner| match typed_owner {
        "" => owner.appointment == viewer.appointment,
        typed => owner.appointment.to_string() == typed,
    });
    problems.require(owner.is_some(), "owner", "请选择责任人：自己，或者自己的下级");
    let (Some(month), Some(owner)) = (month, owner.cloned()) else {
        return page(&mut write, &app, &viewer, form, problems, None).await;
    };
    let wording = form.judge(&mut write, &app, &viewer, &owner, month, &mut problems).await?;
    let superior = owner.superior.unwrap_or_default();
    let frozen = match quarter {
        Some(quarter) => quarters::is_frozen(&mut write, owner.unit, quarter, superior).await?,
        None => entering::is_frozen(&mut write, owner.unit, month, superior).await?,
    };
    let open = unlocks::in_force(&mut write, owner.unit, month, app.today()).await?;
    let (me, today) = (who(&viewer), unlocks::rules::day(open, month.last_day(), app.today()));
    let entrance = rules::propose(me, owner.official, owner.superior, month, wording.due_on, frozen, today);
    let entrance = unlocks::rules::entrance(open, entrance);
    let reports = quarter.map(|quarter| quarters::plans_by_quarter(&app, &owner.listed_as, quarter)).transpose()?;
    let entrance = if reports == Some(false) { Err(CannotPropose::NotQuarterly) } else { entrance };
    if let Err(why) = entrance {
        refuse(&mut problems, why);
    }
    let (Ok(entrance), true) = (entrance, problems.is_empty()) else {
        return page(&mut write, &app, &viewer, form, problems, None).await;
    };
    let path = match quarter {
        Some(quarter) => format!("/plans/quarters?quarter={quarter}"),
        None => format!("/plans?unit={}&month={month}", owner.unit),
    };
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &path).await? {
        return see(&earlier);
    }
    let plan = entering::plan(&mut write, &app, owner.unit, month).await?;
    let added = entrance == Entrance::Added;
    let placing =
        Placing { plan, month, owner: owner.official, appointment: owner.appointment, continues: None, added };
    let id = entering::insert(&mut write, &app, &viewer, &placing, &wording).await?;
    if let Some(quarter) = quarter {
        quarters::put(&mut write, id, quarter).await?;
    }
    let kind = if added { "plan_item.added" } else { "plan_item.proposed" };
    unlocks::mark(&mut write, &app, &viewer, (owner.unit, month), id, kind).await?;
    write.commit().await?;
    see(&path)
}

async fn revision(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut read = app.db.read().await?;
    let listed = items::find(&mut read, &viewer, id).await?;
    if !listed.is_plain() || listed.item.revise(who(&viewer), listed.item.due_on).is_err() {
        return Err(Refusal::NotFound);
    }
    let form = ItemForm::of(&mut read, &listed, app.today()).await?;
    page(&mut read, &app, &viewer, form, Problems::default(), Some(listed)).await
}

async fn revise(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(mut form): Form<ItemForm>) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
    let listed = items::find(&mut write, &viewer, id).await?;
    if !listed.is_plain() {
        return Err(Refusal::NotFound);
    }
    form.unit_kind = super::form::unit_kind(&mut write, listed.unit).await?;
    if form.version.trim() != listed.version.to_string() {
        if let Err(why) = listed.item.revise(who(&viewer), listed.item.due_on) {
            refuse(&mut problems, why);
        }
        return page(&mut write, &app, &viewer, form, problems, Some(listed)).await;
    }
    let owner = Owner {
        appointment: listed.appointment,
        official: listed.item.owner,
        name: listed.owner_name.clone(),
        title: listed.post_title.clone(),
        listed_as: String::new(),
        superior: listed.item.superior,
        unit: listed.unit,
        unit_name: listed.unit_name.clone(),
        unit_kind: form.unit_kind.clone(),
    };
    let mut wording = form.judge(&mut write, &app, &viewer, &owner, listed.item.month, &mut problems).await?;
    if matches!(listed.source.as_str(), "own" | "arranged") && matches!(wording.source.as_str(), "own" | "arranged") {
        // Who changes the wording does not change where the item came from.
        wording.source.clone_from(&listed.source);
    }
    if let Err(why) = listed.item.revise(who(&viewer), wording.due_on) {
        refuse(&mut problems, why);
    }
    if !problems.is_empty() {
        return page(&mut write, &app, &viewer, form, problems, Some(listed)).await;
    }
    if Month::of(wording.due_on) != listed.item.month {
        // Another month of its quarter: the draft stands in the plan of the month in which it is due.
        let plan = entering::plan(&mut write, &app, listed.unit, Month::of(wording.due_on)).await?;
        sqlx::query("UPDATE plan_item SET plan = $2 WHERE id = $1 AND number IS NULL")
            .bind(id)
            .bind(plan)
            .execute(&mut *write)
            .await?;
    }
    let before = details::of(&mut write, id).await?;
    let helpers = details::helpers(&mut write, id, app.today()).await?;
    let changed = sqlx::query(
        "UPDATE plan_item SET goal = $3, standard = $4, due_on = $5, weight = $6, source = $7, petition = $8, duty = $9,
                target = $10, serves = $11, version = version + 1
          WHERE id = $1 AND version = $2 AND number IS NULL",
    )
    .bind(id)
    .bind(listed.version)
    .bind(wording.goal.clone())
    .bind(wording.standard.clone())
    .bind(wording.due_on.to_string())
    .bind(wording.weight)
    .bind(wording.source.clone())
    .bind(wording.petition)
    .bind(wording.duty.clone())
    .bind(wording.target)
    .bind(wording.serves)
    .execute(&mut *write)
    .await?;
    if changed.rows_affected() != 1 {
        return Err(Refusal::Stale);
    }
    let mut was =
        format!("{}；以“{}”为准；{} 完成；分值 {}", listed.goal, listed.standard, listed.item.due_on, listed.weight);
    if before.helpers != wording.details.helpers && !helpers.is_empty() {
        let labels: Vec<String> = helpers.iter().map(details::Named::label).collect();
        was = format!("{was}；协办 {}", labels.join("、"));
    }
    details::keep(&mut write, &app, id, &wording.details).await?;
    sqlx::query("INSERT INTO plan_revision (item, version, was, revised_on, revised_by) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(listed.version)
        .bind(was.clone())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "was": was, "now": wording });
    chain::record(&mut write, &app, viewer.actor(), "plan_item.revised", Subject("plan_item", id), &told).await?;
    listed.mark(&mut write, &app, &viewer, "plan_item.revised").await?;
    write.commit().await?;
    see(&format!("/plans/items/{id}"))
}
