//! 预 and 安: putting an item into a plan, by its owner or by the superior; mending it before freezing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::{Month, Quarter};
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::entering::{self, Placing, Wording};
use super::items::{self, Listed, who};
use super::rules::{self, CannotPropose, Entrance};
use super::{quarters, unlocks};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::petitions;
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new()
        .get("/plans/items/new", Access::May("plans.propose"), form)
        .post("/plans/items", Access::May("plans.propose"), post)
        .get("/plans/items/{id}/revision", Access::May("plans.propose"), revision)
        .post("/plans/items/{id}/revision", Access::May("plans.propose"), revise)
}

/// An appointment that the viewer may plan for: the own one, and those below.
#[derive(Clone, Debug, FromRow)]
struct Owner {
    appointment: i64,
    official: i64,
    name: String,
    title: String,
    listed_as: String,
    superior: Option<i64>,
    unit: i64,
    unit_name: String,
}

async fn owners(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> Result<Vec<Owner>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT ap.id AS appointment, ap.official, o.name, po.title, po.listed_as, po.superior, po.unit, u.name AS unit_name
           FROM appointment ap
           JOIN official o ON o.id = ap.official
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
          WHERE ap.held_from <= ",
    );
    let today = app.today().to_string();
    sql.bind(today.clone()).push(" AND (ap.held_to IS NULL OR ap.held_to > ").bind(today).push(")");
    sql.push(" AND (ap.id = ").bind(viewer.appointment);
    if viewer.may("plans.freeze") {
        sql.push(" OR po.superior = ").bind(viewer.post);
    }
    sql.push(") ORDER BY CASE WHEN ap.id = ").bind(viewer.appointment);
    sql.push(" THEN 0 ELSE 1 END, u.code, o.number LIMIT 500");
    sql.fetch_all(read).await
}

/// An item of the level above that another can serve.
#[derive(Clone, Debug, FromRow)]
struct Above {
    id: i64,
    number: String,
    goal: String,
}

/// Frozen items of a month, and of its quarter, owed in one of two posts.
async fn above(read: &mut AnyConnection, month: Month, posts: [Option<i64>; 2]) -> Result<Vec<Above>, sqlx::Error> {
    sqlx::query_as(
        "SELECT i.id, i.number, i.goal FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL
           JOIN appointment ap ON ap.id = i.appointment
          WHERE (p.month = $1 OR EXISTS (SELECT 1 FROM plan_quarter_item q WHERE q.item = i.id AND q.quarter = $4))
            AND (ap.post = $2 OR ap.post = $3)
            AND i.petition IS NULL AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id)
          ORDER BY i.number LIMIT 200",
    )
    .bind(month.to_string())
    .bind(posts[0].unwrap_or_default())
    .bind(posts[1].unwrap_or_default())
    .bind(month.quarter().to_string())
    .fetch_all(read)
    .await
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ItemForm {
    key: String,
    version: String,
    month: String,
    /// 2026-Q4 for an item of a quarter, which stands in the month of its due date.
    quarter: String,
    owner: String,
    goal: String,
    standard: String,
    due_on: String,
    weight: String,
    source: String,
    petition: String,
    target: String,
    serves: String,
}

impl ItemForm {
    fn of(listed: &Listed) -> Self {
        Self {
            version: listed.version.to_string(),
            month: listed.item.month.to_string(),
            quarter: listed.item.quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
            owner: listed.appointment.to_string(),
            goal: listed.goal.clone(),
            standard: listed.standard.clone(),
            due_on: listed.item.due_on.to_string(),
            weight: listed.weight.to_string(),
            source: listed.source.clone(),
            petition: listed.petition_number.clone(),
            target: listed.target.map(|target| target.to_string()).unwrap_or_default(),
            serves: listed.serves.map(|serves| serves.to_string()).unwrap_or_default(),
            key: String::new(),
        }
    }

    /// Judges what an item says; what is wrong is added to `problems`.
    async fn judge(
        &self,
        read: &mut AnyConnection,
        viewer: &Viewer,
        owner: &Owner,
        month: Month,
        problems: &mut Problems,
    ) -> Result<Wording, Refusal> {
        let goal = forms::tidy(&self.goal);
        problems.require((2..=100).contains(&goal.chars().count()), "goal", "请写明做到什么，2 到 100 字");
        let standard = forms::tidy(&self.standard);
        problems.require((2..=500).contains(&standard.chars().count()), "standard", "请写明以什么为准，2 到 500 字");
        let due_on: Option<Date> = self.due_on.trim().parse().ok();
        problems.require(due_on.is_some(), "due_on", "请填写完成期限");
        let weight: i64 = forms::half_width(self.weight.trim()).parse().unwrap_or(0);
        problems.require((1..=100).contains(&weight), "weight", "分值是 1 到 100 的整数");
        let arranged = owner.official != viewer.official;
        let (mut petition, mut duty, mut target) = (None, None, None);
        match self.source.as_str() {
            "petition" => {
                let mut sql = Sql::new("SELECT p.id FROM petition p WHERE p.number = ");
                sql.bind(forms::tidy(&self.petition));
                petitions::push_sight(&mut sql, viewer);
                let found: Option<(i64,)> = sql.fetch_optional(&mut *read).await?;
                problems.require(found.is_some(), "petition", "没有找到这个信访编号，或者不在您能看到的范围内");
                petition = found.map(|(id,)| id);
                // Nobody is handed a petition that he or she is to be kept from.
                if let Some(id) = petition {
                    let kept_from = petitions::is_recused(&mut *read, owner.official, id, viewer.day).await?;
                    problems.require(!kept_from, "owner", "责任人对这件信访应当回避");
                }
            }
            "duty" => {
                let count: i64 = forms::half_width(self.target.trim()).parse().unwrap_or(0);
                problems.require((1..=100_000).contains(&count), "target", "请填写要走访多少户");
                (duty, target) = (Some("B2".to_owned()), Some(count));
            }
            _ => {}
        }
        let serves = match self.serves.trim() {
            "" => None,
            typed => {
                let choices = above(read, month, [owner.superior, None]).await?;
                let chosen = choices.iter().find(|choice| choice.id.to_string() == typed);
                problems.require(chosen.is_some(), "serves", "所服务的应是责任人上级本月已定稿的预安项");
                chosen.map(|choice| choice.id)
            }
        };
        let source = match self.source.as_str() {
            bound @ ("petition" | "duty") => bound,
            _ if arranged => "arranged",
            _ => "own",
        };
        let source = source.to_owned();
        Ok(Wording {
            goal,
            standard,
            due_on: due_on.unwrap_or(month.last_day()),
            weight,
            source,
            petition,
            duty,
            target,
            serves,
        })
    }
}

/// Puts the refusal of a rule beside the field that it is about.
fn refuse(problems: &mut Problems, why: CannotPropose) {
    let field = match why {
        CannotPropose::DueElsewhere => "due_on",
        CannotPropose::Past => "month",
        CannotPropose::Frozen | CannotPropose::NoSuperior | CannotPropose::Stranger | CannotPropose::NotQuarterly => {
            "owner"
        }
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
    let status = match (overtaken, problems.is_empty()) {
        (true, _) => StatusCode::CONFLICT,
        (false, true) => StatusCode::OK,
        (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shell = Shell::new(viewer, "plans");
    html_with(status, &NewPage { shell, form, problems, owners, above, months, revises, overtaken })
}

#[derive(Default, Deserialize)]
struct For {
    month: Option<String>,
    quarter: Option<String>,
    owner: Option<String>,
}

async fn form(State(app): State<App>, viewer: Viewer, Query(of): Query<For>) -> Page {
    let now = Month::of(app.today());
    let quarter: Option<Quarter> = of.quarter.and_then(|text| text.parse().ok());
    let month = match quarter {
        Some(quarter) => quarter.months()[2],
        None => of.month.and_then(|text| text.parse().ok()).unwrap_or(now.plus(1)),
    };
    let form = ItemForm {
        key: forms::new_key(),
        month: month.to_string(),
        quarter: quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
        owner: of.owner.unwrap_or(viewer.appointment.to_string()),
        due_on: month.last_day().to_string(),
        weight: "1".to_owned(),
        source: "own".to_owned(),
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
    let wording = form.judge(&mut write, &viewer, &owner, month, &mut problems).await?;
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
    page(&mut read, &app, &viewer, ItemForm::of(&listed), Problems::default(), Some(listed)).await
}

async fn revise(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<ItemForm>) -> Page {
    let mut problems = Problems::default();
    let mut write = app.db.write().await?;
    sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
    let listed = items::find(&mut write, &viewer, id).await?;
    if !listed.is_plain() {
        return Err(Refusal::NotFound);
    }
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
    };
    let mut wording = form.judge(&mut write, &viewer, &owner, listed.item.month, &mut problems).await?;
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
    let was =
        format!("{}；以“{}”为准；{} 完成；分值 {}", listed.goal, listed.standard, listed.item.due_on, listed.weight);
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
