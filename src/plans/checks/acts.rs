//! Fixing a seed, drawing by it, writing down what was seen, and the superior's word on a failed check.

use axum::extract::State;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::find;
use super::page::{list, sample_page};
use super::rules::{self, CannotCheck};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::plans::items::{self, Listed, who};
use crate::plans::rules::Condition;
use crate::plans::sight;
use crate::secrets::random_hex;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    let may = || Access::May("plans.check");
    Rooms::new()
        .post("/plans/checks", may(), seed)
        .post("/plans/checks/{id}/sample", may(), draw)
        .post("/plans/checks/{id}/results", may(), check)
        .post("/plans/checks/{id}/upholdings", Access::May("plans.reverse"), uphold)
}

/// What the forms carry, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) unit: String,
    pub(super) month: String,
    /// The item that was checked.
    pub(super) item: String,
    pub(super) on: String,
    pub(super) passed: String,
    pub(super) seen: String,
    pub(super) reason: String,
    /// Keyset of the list.
    pub(super) after: String,
}

/// Writes the seed of a unit's month down, before anything is drawn by it.
async fn seed(State(app): State<App>, viewer: Viewer, Form(typed): Form<Typed>) -> Page {
    let (Ok(unit), Ok(month)) = (typed.unit.trim().parse::<i64>(), typed.month.trim().parse::<Month>()) else {
        return Err(Refusal::NotFound);
    };
    let today = app.today();
    let mut write = app.db.write().await?;
    let mut sql = Sql::new("SELECT u.id FROM unit u WHERE u.id = ");
    sql.bind(unit);
    sight::push_unit(&mut sql, &viewer, "u.id");
    let found: Option<(i64,)> = sql.fetch_optional(&mut write).await?;
    found.ok_or(Refusal::NotFound)?;
    let (id, seed) = (app.id(), random_hex::<16>());
    let share_bp = app.policy.number("plan.check.share_bp", month.first_day())?;
    let mut why = (month.first_day() > today).then_some(CannotCheck::NotBegun);
    if why.is_none() {
        let made = sqlx::query(
            "INSERT INTO plan_check (id, unit, month, seed, share_bp, fixed_on, fixed_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit, month) DO NOTHING",
        )
        .bind(id)
        .bind(unit)
        .bind(month.to_string())
        .bind(seed.clone())
        .bind(share_bp)
        .bind(today.to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
        why = (made.rows_affected() == 0).then_some(CannotCheck::Seeded);
    }
    if let Some(why) = why {
        let mut problems = Problems::default();
        problems.add("", why.to_string());
        return list(&mut write, &app, &viewer, typed, problems).await;
    }
    let told = json!({ "unit": unit, "month": month, "seed": seed, "share_bp": share_bp });
    chain::record(&mut write, &app, viewer.actor(), "plan_check.seeded", Subject("plan_check", id), &told).await?;
    write.commit().await?;
    see(&format!("/plans/checks/{id}"))
}

/// Draws by the seed that was written down.
async fn draw(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let mut write = app.db.write().await?;
    // Who else draws at this moment waits.
    sqlx::query("UPDATE plan_check SET seed = seed WHERE id = $1").bind(id).execute(&mut *write).await?;
    let draw = find(&mut write, &viewer, id).await?;
    // The whole population, whoever draws: a recusal keeps from an item and not from its number's lot.
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT i.number, i.id, c.id FROM plan p JOIN plan_item i ON i.plan = p.id
           JOIN cancellation c ON c.item = i.id
          WHERE p.unit = $1 AND p.month = $2 AND i.number IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
            AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id)
          ORDER BY i.number",
    )
    .bind(draw.unit)
    .bind(draw.month.clone())
    .fetch_all(&mut *write)
    .await?;
    let why = match () {
        () if !draw.drawn_on.is_empty() => Some(CannotCheck::Drawn),
        () if rows.is_empty() => Some(CannotCheck::Nothing),
        () => None,
    };
    if let Some(why) = why {
        let mut problems = Problems::default();
        problems.add("", why.to_string());
        return sample_page(&mut write, &app, &viewer, draw, Typed::default(), problems).await;
    }
    let numbers: Vec<&str> = rows.iter().map(|(number, ..)| number.as_str()).collect();
    let drawn = rules::draw(&draw.seed, &numbers, draw.share_bp);
    sqlx::query("UPDATE plan_check SET population = $2, drawn_on = $3, drawn_by = $4 WHERE id = $1")
        .bind(id)
        .bind(numbers.join(" "))
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    for (_, item, cancellation) in rows.iter().filter(|(number, ..)| drawn.contains(&number.as_str())) {
        sqlx::query("INSERT INTO plan_check_sample (id, draw, item, cancellation) VALUES ($1, $2, $3, $4)")
            .bind(app.id())
            .bind(id)
            .bind(*item)
            .bind(*cancellation)
            .execute(&mut *write)
            .await?;
    }
    let told = json!({ "seed": draw.seed, "population": numbers, "drawn": drawn });
    chain::record(&mut write, &app, viewer.actor(), "plan_check.drawn", Subject("plan_check", id), &told).await?;
    write.commit().await?;
    see(&format!("/plans/checks/{id}"))
}

/// A sample of a drawing whose item the viewer finds; its row is held.
async fn sample(
    write: &mut AnyConnection,
    viewer: &Viewer,
    draw: i64,
    typed: &Typed,
) -> Result<(i64, i64, Option<i64>, bool, Listed), Refusal> {
    let item: i64 = typed.item.trim().parse().map_err(|_| Refusal::NotFound)?;
    sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(item).execute(&mut *write).await?;
    let found: Option<(i64, i64, Option<i64>, Option<String>)> = sqlx::query_as(
        "SELECT id, cancellation, passed, upheld_on FROM plan_check_sample WHERE draw = $1 AND item = $2",
    )
    .bind(draw)
    .bind(item)
    .fetch_optional(&mut *write)
    .await?;
    let (id, cancellation, passed, upheld_on) = found.ok_or(Refusal::NotFound)?;
    Ok((id, cancellation, passed, upheld_on.is_some(), items::find(write, viewer, item).await?))
}

async fn check(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let draw = find(&mut write, &viewer, id).await?;
    let (sample, cancellation, passed, _, listed) = sample(&mut write, &viewer, id, &typed).await?;
    let (cancelled_by,): (i64,) = sqlx::query_as("SELECT cancelled_by FROM cancellation WHERE id = $1")
        .bind(cancellation)
        .fetch_one(&mut *write)
        .await?;
    let mut problems = Problems::default();
    let said = forms::tidy(&typed.seen);
    problems.require((2..=1_000).contains(&said.chars().count()), "seen", "请写明看到了什么，2 到 1000 字");
    let came = match typed.passed.as_str() {
        "1" => Some(1),
        "0" => Some(0),
        _ => None,
    };
    problems.require(came.is_some(), "passed", "请选择属实还是不实");
    let on: Option<Date> = typed.on.trim().parse().ok();
    problems.require(on.is_some(), "on", "请填写抽查日期");
    let drawn_on: Date = draw.drawn_on.parse().map_err(anyhow::Error::from)?;
    let days = (drawn_on, on.unwrap_or(drawn_on));
    let rule = rules::check(viewer.official, (listed.item.owner, cancelled_by), passed.is_some(), days, app.today());
    if let Err(why) = rule {
        problems.add(if matches!(why, CannotCheck::ImpossibleDay(_)) { "on" } else { "" }, why.to_string());
    }
    let (Some(came), Some(on), true) = (came, on, problems.is_empty()) else {
        return sample_page(&mut write, &app, &viewer, draw, typed, problems).await;
    };
    sqlx::query("UPDATE plan_check_sample SET passed = $2, seen = $3, checked_on = $4, checked_by = $5 WHERE id = $1")
        .bind(sample)
        .bind(came)
        .bind(said.clone())
        .bind(on.to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "passed": came == 1, "seen": said, "on": on, "cancellation": cancellation });
    let subject = Subject("plan_item", listed.id);
    chain::record(&mut write, &app, viewer.actor(), "plan_item.checked", subject, &told).await?;
    write.commit().await?;
    see(&format!("/plans/checks/{id}#i{}", listed.id))
}

/// The superior does not follow a failed check, and says why.
async fn uphold(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    let draw = find(&mut write, &viewer, id).await?;
    let (sample, cancellation, passed, upheld, listed) = sample(&mut write, &viewer, id, &typed).await?;
    let mut problems = Problems::default();
    let reason = forms::tidy(&typed.reason);
    problems.require((2..=500).contains(&reason.chars().count()), "reason", "请写明为什么维持销号，2 到 500 字");
    let stands = matches!(listed.item.condition, Condition::Cancelled { cancellation: one, .. } if one == cancellation);
    let why = match () {
        () if !listed.item.is_judged_by(who(&viewer)) => Some(CannotCheck::NotSuperior),
        () if passed != Some(0) || upheld || !stands => Some(CannotCheck::NotDoubted),
        () => None,
    };
    if let Some(why) = why {
        problems.add("", why.to_string());
    }
    if !problems.is_empty() {
        return sample_page(&mut write, &app, &viewer, draw, typed, problems).await;
    }
    sqlx::query("UPDATE plan_check_sample SET upheld = $2, upheld_on = $3, upheld_by = $4 WHERE id = $1")
        .bind(sample)
        .bind(reason.clone())
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    let told = json!({ "reason": reason, "cancellation": cancellation });
    let subject = Subject("plan_item", listed.id);
    chain::record(&mut write, &app, viewer.actor(), "plan_item.upheld", subject, &told).await?;
    write.commit().await?;
    see(&format!("/plans/items/{}", listed.id))
}
