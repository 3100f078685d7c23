//! The roster of one unit in a key period: a day, a member of the leadership.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::AnyConnection;

use super::days::{Member, members};
use super::periods::{Period, find, push_units};
use super::rules::weekday;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/key-periods/{id}/units/{unit}", Access::May("receptions.roster"), show).post(
        "/key-periods/{id}/units/{unit}",
        Access::May("receptions.roster"),
        fill,
    )
}

#[derive(Template)]
#[template(path = "receptions/roster.html")]
struct RosterPage {
    shell: Shell,
    period: Period,
    unit: i64,
    unit_name: String,
    version: i64,
    days: Vec<Date>,
    members: Vec<Member>,
    /// Who is on duty, by day; as typed where the form came back.
    chosen: Vec<Option<i64>>,
    problems: Problems,
    today: Date,
}

impl RosterPage {
    fn gaps(&self) -> usize {
        self.chosen.iter().filter(|chosen| chosen.is_none()).count()
    }
    fn when(&self, day: &Date) -> String {
        format!("{} {}", crate::web::day(*day, self.today), weekday(*day))
    }
    fn is_on(&self, index: &usize, member: &i64) -> bool {
        self.chosen[*index] == Some(*member)
    }
    fn name_on(&self, index: &usize) -> String {
        let member = self.members.iter().find(|member| Some(member.id) == self.chosen[*index]);
        member.map_or_else(|| "空缺".to_owned(), |member| format!("{}（{}）", member.name, member.title))
    }
}

/// The unit's name and its roster's id and version, where the viewer sees it; 0: it has none yet.
async fn roster(
    read: &mut AnyConnection,
    viewer: &Viewer,
    period: i64,
    unit: i64,
) -> Result<(String, i64, i64), Refusal> {
    let mut sql = Sql::new(
        "SELECT u.name, COALESCE(r.id, 0) AS id, COALESCE(r.version, 0) AS version
           FROM unit u LEFT JOIN key_period_roster r ON r.unit = u.id AND r.period = ",
    );
    sql.bind(period).push(" WHERE u.kind <> 'village' AND u.id = ").bind(unit);
    push_units(&mut sql, viewer);
    let found: Option<(String, i64, i64)> = sql.fetch_optional(read).await?;
    found.ok_or(Refusal::NotFound)
}

async fn show(State(app): State<App>, viewer: Viewer, Path((id, unit)): Path<(i64, i64)>) -> Page {
    page(&app, &viewer, (id, unit), None, Problems::default()).await
}

async fn page(
    app: &App,
    viewer: &Viewer,
    (id, unit): (i64, i64),
    typed: Option<Vec<Option<i64>>>,
    problems: Problems,
) -> Page {
    let mut read = app.db.read().await?;
    let period = find(&mut read, id).await?;
    let (unit_name, roster, version) = roster(&mut read, viewer, id, unit).await?;
    let members = members(&mut read, unit, &period.from_on).await?;
    let on: Vec<(String, i64)> = sqlx::query_as("SELECT duty_on, official FROM key_period_duty WHERE roster = $1")
        .bind(roster)
        .fetch_all(&mut *read)
        .await?;
    drop(read);
    let on: HashMap<String, i64> = on.into_iter().collect();
    let days = period.days()?;
    let chosen = typed.unwrap_or_else(|| days.iter().map(|day| on.get(&day.to_string()).copied()).collect());
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (shell, today) = (Shell::new(viewer, "receptions"), app.today());
    html_with(status, &RosterPage { shell, period, unit, unit_name, version, days, members, chosen, problems, today })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RosterForm {
    version: String,
    /// One a day, in their order; empty: nobody.
    official: Vec<String>,
    /// Anything: those chosen take turns on the days that are empty.
    turns: String,
}

async fn fill(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, unit)): Path<(i64, i64)>,
    Form(form): Form<RosterForm>,
) -> Page {
    let mut write = app.db.write().await?;
    let period = find(&mut write, id).await?;
    let (_, mut kept, version) = roster(&mut write, &viewer, id, unit).await?;
    let days = period.days()?;
    let members = members(&mut write, unit, &period.from_on).await?;
    let mut chosen: Vec<Option<i64>> = form.official.iter().map(|typed| typed.trim().parse().ok()).collect();
    chosen.resize(days.len(), None);
    let mut problems = Problems::default();
    let known = |official: i64| members.iter().any(|member| member.id == official);
    problems.require(chosen.iter().flatten().all(|one| known(*one)), "", "值班的应当是本单位在任的干部");
    if !form.turns.is_empty() {
        take_turns(&mut chosen);
        problems.require(chosen.iter().any(Option::is_some), "", "请先选出轮流值班的领导，再按轮流排满");
    }
    if !problems.is_empty() {
        drop(write);
        return page(&app, &viewer, (id, unit), Some(chosen), problems).await;
    }
    if form.version.trim() != version.to_string() {
        return Err(Refusal::Stale);
    }
    if kept == 0 {
        kept = app.id();
        let done = sqlx::query(
            "INSERT INTO key_period_roster (id, period, unit, version) VALUES ($1, $2, $3, 1)
             ON CONFLICT (period, unit) DO NOTHING",
        )
        .bind(kept)
        .bind(id)
        .bind(unit)
        .execute(&mut *write)
        .await?;
        if done.rows_affected() == 0 {
            return Err(Refusal::Stale);
        }
    } else {
        let done = sqlx::query("UPDATE key_period_roster SET version = version + 1 WHERE id = $1 AND version = $2")
            .bind(kept)
            .bind(version)
            .execute(&mut *write)
            .await?;
        if done.rows_affected() == 0 {
            return Err(Refusal::Stale);
        }
    }
    sqlx::query("DELETE FROM key_period_duty WHERE roster = $1").bind(kept).execute(&mut *write).await?;
    for (day, official) in days.iter().zip(&chosen) {
        let Some(official) = official else { continue };
        sqlx::query("INSERT INTO key_period_duty (roster, duty_on, official) VALUES ($1, $2, $3)")
            .bind(kept)
            .bind(day.to_string())
            .bind(*official)
            .execute(&mut *write)
            .await?;
    }
    let on: Vec<(&Date, &Option<i64>)> = days.iter().zip(&chosen).collect();
    let content = json!({ "period": id, "unit": unit, "on": on });
    let subject = Subject("key_period_roster", kept);
    chain::record(&mut write, &app, viewer.actor(), "key_period.rostered", subject, &content).await?;
    write.commit().await?;
    see(&format!("/key-periods/{id}/units/{unit}"))
}

/// Those who were chosen for some days take turns on the empty ones, in the order in which they first stand.
fn take_turns(chosen: &mut [Option<i64>]) {
    let mut turns: Vec<i64> = Vec::new();
    for one in chosen.iter().flatten() {
        if !turns.contains(one) {
            turns.push(*one);
        }
    }
    if turns.is_empty() {
        return;
    }
    let mut next = 0;
    for day in chosen.iter_mut() {
        match day {
            Some(one) => next = turns.iter().position(|other| other == one).map_or(next, |at| at + 1),
            None => {
                *day = Some(turns[next % turns.len()]);
                next += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::take_turns;

    #[test]
    fn those_chosen_take_turns_on_the_empty_days() {
        let mut days = [Some(1), Some(2), None, None, Some(1), None];
        take_turns(&mut days);
        assert_eq!(days, [Some(1), Some(2), Some(1), Some(2), Some(1), Some(2)]);
        let mut nobody = [None, None];
        take_turns(&mut nobody);
        assert_eq!(nobody, [None, None]);
    }
}
