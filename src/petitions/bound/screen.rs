//! 排查: open petitions that are prominent by the criteria and bound to nobody, for the petition office to propose.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::rules::{self, Criterion};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::petitions::rules::{State as Step, Theme};
use crate::petitions::{sight, veil};
use crate::web::{Access, App, Form, Page, Problems, Query, Rooms, Shell, day, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/bindings/candidates", Access::May("bindings.propose"), page).post(
        "/bindings/severity",
        Access::May("bindings.propose"),
        mark,
    )
}

/// A prominent petition and why it is one.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Candidate {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) title: String,
    registered_on: String,
    theme: String,
    state: String,
    people: i64,
    township: String,
    unit: String,
    overdue: i64,
    repeated: i64,
    joint: i64,
    severe: i64,
    score: i64,
    pub(super) severe_reason: String,
}

impl Candidate {
    /// The words of the criteria, as a proposal keeps them.
    pub(super) fn criteria(&self) -> String {
        let met = [self.overdue, self.repeated, self.joint, self.severe];
        let words: Vec<&str> =
            Criterion::ALL.iter().zip(met).filter(|(_, met)| *met > 0).map(|(one, _)| one.word()).collect();
        words.join(" ")
    }
    pub(super) fn labels(&self) -> String {
        rules::labels(&self.criteria())
    }
    pub(super) fn theme(&self) -> &'static str {
        Theme::from_word(&self.theme).map_or("", Theme::label)
    }
    pub(super) fn state(&self) -> &'static str {
        Step::from_word(&self.state).map_or("", Step::label)
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn registered(&self, today: &Date) -> String {
        self.registered_on.parse().map_or(String::new(), |on| day(on, *today))
    }
}

/// The rows of one page.
const PAGE: i64 = 100;

/// Which candidates are asked for.
pub(super) enum Which<'a> {
    /// Those that meet a criterion, from a keyset `score.id` on.
    From(&'a str),
    /// One petition, whether it meets a criterion or not.
    One(i64),
}

/// Open petitions that the viewer finds, bound to nobody and not proposed, by how many criteria they meet.
pub(super) async fn candidates(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    which: &Which<'_>,
) -> anyhow::Result<Vec<Candidate>> {
    let today = app.today();
    let number = |key: &str| app.policy.number(key, today);
    let since = today.saturating_sub(i64::from(app.policy.days("binding.repeat.days", today)?).days());
    let mut sql = Sql::new(
        "SELECT x.*, x.overdue + x.repeated + x.joint + x.severe AS score FROM (
         SELECT p.id, p.number, p.title, p.registered_on, p.theme, p.state, p.people, COALESCE(t.name, '') AS township,
                COALESCE(u.name, '') AS unit, COALESCE(m.reason, '') AS severe_reason,
                CASE WHEN m.petition IS NULL THEN 0 ELSE 1 END AS severe,
                CASE WHEN EXISTS (SELECT 1 FROM clock k WHERE k.petition = p.id AND k.stopped_on IS NULL
                    AND k.kind IN ('registration', 'notice', 'handling', 'review', 're-review') AND k.due_on < ",
    );
    sql.bind(today.to_string()).push(") THEN 1 ELSE 0 END AS overdue, CASE WHEN p.people >= ");
    sql.bind(number("binding.joint.people")?).push(
        " THEN 1 ELSE 0 END AS joint,
                CASE WHEN (SELECT COUNT(DISTINCT q.id) FROM petitioner a
                    JOIN petitioner z ON z.phone_key = a.phone_key JOIN petition q ON q.id = z.petition
                   WHERE a.petition = p.id AND a.position = 1 AND a.phone_key IS NOT NULL AND q.theme = p.theme
                     AND q.registered_on >= ",
    );
    sql.bind(since.to_string()).push(") >= ").bind(number("binding.repeat.petitions")?);
    sql.push(
        " THEN 1 ELSE 0 END AS repeated
           FROM petition p
           LEFT JOIN division t ON t.code = p.township LEFT JOIN unit u ON u.id = p.unit
           LEFT JOIN severity_mark m ON m.petition = p.id
          WHERE p.state NOT IN ('closed', 'forwarded')
            AND NOT EXISTS (SELECT 1 FROM leader_binding b WHERE b.petition = p.id AND b.ended_on IS NULL)
            AND NOT EXISTS (SELECT 1 FROM binding_proposal r WHERE r.petition = p.id AND r.decided_on IS NULL)",
    );
    sight::push(&mut sql, viewer);
    sql.push(") x WHERE ");
    match which {
        Which::One(id) => {
            sql.push("x.id = ").bind(*id);
        }
        Which::From(after) => {
            sql.push("x.overdue + x.repeated + x.joint + x.severe > 0");
            if let Some((score, id)) = after.split_once('.')
                && let (Ok(score), Ok(id)) = (score.parse::<i64>(), id.parse::<i64>())
            {
                sql.push(" AND (x.overdue + x.repeated + x.joint + x.severe < ").bind(score);
                sql.push(" OR (x.overdue + x.repeated + x.joint + x.severe = ").bind(score);
                sql.push(" AND x.id > ").bind(id).push("))");
            }
            sql.push(" ORDER BY score DESC, x.id").limit(PAGE + 1);
        }
    }
    let mut rows: Vec<Candidate> = sql.fetch_all(&mut *read).await?;
    let texts = rows.iter_mut().flat_map(|row| [(row.id, &mut row.title), (row.id, &mut row.severe_reason)]);
    veil(read, viewer, texts.collect()).await?;
    Ok(rows)
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    after: String,
}

/// The mark as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Mark {
    number: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "petitions/bound/screen.html")]
struct ScreenPage {
    shell: Shell,
    rows: Vec<Candidate>,
    next: Option<String>,
    is_first: bool,
    joint: i64,
    repeated: i64,
    days: u16,
    form: Mark,
    problems: Problems,
    today: Date,
}

async fn page(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    show(&app, &viewer, &asked.after, Mark::default(), Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, after: &str, form: Mark, problems: Problems) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let mut rows = candidates(&mut read, app, viewer, &Which::From(after)).await?;
    let more = rows.len() > usize::try_from(PAGE)?;
    rows.truncate(usize::try_from(PAGE)?);
    let next =
        rows.last().filter(|_| more).map(|last| format!("/bindings/candidates?after={}.{}", last.score, last.id));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ScreenPage {
        shell: Shell::new(viewer, "bindings"),
        rows,
        next,
        is_first: after.is_empty(),
        joint: app.policy.number("binding.joint.people", today)?,
        repeated: app.policy.number("binding.repeat.petitions", today)?,
        days: app.policy.days("binding.repeat.days", today)?,
        form,
        problems,
        today,
    };
    html_with(status, &page)
}

/// 情况严重: the office says so of a matter by its number.
async fn mark(State(app): State<App>, viewer: Viewer, Form(form): Form<Mark>) -> Page {
    let mut problems = Problems::default();
    let typed = forms::half_width(form.number.trim());
    let number = match typed.trim_end_matches('号').parse::<i64>() {
        Ok(serial) => crate::petitions::rules::number(app.today().year(), serial),
        Err(_) => typed,
    };
    let reason = match rules::text(&forms::tidy(&form.reason), (5, 500)) {
        Ok(reason) => reason,
        Err(barred) => {
            problems.add("reason", barred.to_string());
            return show(&app, &viewer, "", form, problems).await;
        }
    };
    let mut write = app.db.write().await?;
    let mut sql = Sql::new("SELECT p.id FROM petition p WHERE p.state NOT IN ('closed', 'forwarded') AND p.number = ");
    sql.bind(number);
    sight::push(&mut sql, &viewer);
    let found: Option<(i64,)> = sql.fetch_optional(&mut write).await?;
    let Some((petition,)) = found else {
        drop(write);
        problems.add("number", "没有找到这件在办的信访事项，请核对编号");
        return show(&app, &viewer, "", form, problems).await;
    };
    sqlx::query(
        "INSERT INTO severity_mark (petition, reason, marked_on, marked_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (petition) DO UPDATE SET reason = $2, marked_on = $3, marked_by = $4",
    )
    .bind(petition)
    .bind(reason.clone())
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let subject = Subject("petition", petition);
    chain::record(&mut write, &app, viewer.actor(), "petition.marked_severe", subject, &json!({ "reason": reason }))
        .await?;
    write.commit().await?;
    see(&format!("/bindings/candidates/{petition}"))
}
