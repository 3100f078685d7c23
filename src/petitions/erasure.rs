//! Erasing the personal data of petitions whose term of keeping is over (G5, G12): by the security officer, who sees
//! numbers and days and nothing else. What was told, by whom, and every word written about it go; number, days,
//! category and units stay for the ledgers, and the chain says what was destroyed and why.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::rules::{Unerasable, erasable_from, may_erase};
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Problems, Refusal, Rooms, Shell, forms, html_with, see};
use crate::{entries, files, plans, receptions};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/erasures", Access::May("petitions.erase"), page).post(
        "/petitions/{id}/erasure",
        Access::May("petitions.erase"),
        erase,
    )
}

/// How many are listed at a time; what is erased makes room for the next.
const SHOWN: i64 = 50;

/// What stands where the data stood.
const ERASED: &str = "个人信息已依法删除";
/// The same, in place of a name.
const NOBODY: &str = "（已删除）";

#[derive(FromRow)]
struct Row {
    id: i64,
    number: String,
    ended_on: String,
}

#[derive(FromRow)]
struct Done {
    number: String,
    erased_on: String,
    reason: String,
    name: String,
}

#[derive(Template)]
#[template(path = "petitions/erasures.html")]
struct ErasuresPage {
    shell: Shell,
    rows: Vec<Row>,
    done: Vec<Done>,
    years: i64,
    source: String,
    /// The form that came back.
    sent: i64,
    reason: String,
    problems: Problems,
}

/// Ended petitions whose data are still there; the day on which each ended.
const ENDED: &str = "SELECT p.id, p.number, COALESCE(c.closed_on, f.forwarded_on, '') AS ended_on
       FROM petition p
       LEFT JOIN closure c ON c.petition = p.id
       LEFT JOIN forwarding f ON f.petition = p.id
      WHERE p.state IN ('closed', 'forwarded')
        AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = p.id)";

async fn page(State(app): State<App>, viewer: Viewer) -> Page {
    show(&app, &viewer, 0, String::new(), Problems::default()).await
}

async fn show(app: &App, viewer: &Viewer, sent: i64, reason: String, problems: Problems) -> Page {
    let today = app.today();
    let (years, source) = term(app)?;
    // Whatever ended on this day or before may be erased today.
    let mut last = today.saturating_sub(jiff::ToSpan::years(years));
    while erasable_from(last, years) > today {
        last = last.yesterday()?;
    }
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(ENDED);
    sql.push(" AND COALESCE(c.closed_on, f.forwarded_on) <= ").bind(last.to_string());
    sight::push_recusal(&mut sql, viewer, "p.id");
    sql.push(" ORDER BY ended_on, p.id").limit(SHOWN);
    let rows = sql.fetch_all(&mut read).await?;
    let mut sql = Sql::new(
        "SELECT p.number, e.erased_on, e.reason, o.name
           FROM erasure e JOIN petition p ON p.id = e.petition JOIN official o ON o.id = e.erased_by WHERE 1 = 1",
    );
    sight::push_recusal(&mut sql, viewer, "p.id");
    sql.push(" ORDER BY e.erased_on DESC, p.id DESC").limit(SHOWN);
    let done = sql.fetch_all(&mut read).await?;
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shell = Shell::new(viewer, "erasures");
    html_with(status, &ErasuresPage { shell, rows, done, years, source, sent, reason, problems })
}

/// How many years a petition is kept after its end, and who says so.
fn term(app: &App) -> Result<(i64, String), Refusal> {
    let (key, today) = ("petition.retention.years", app.today());
    let years = app.policy.number(key, today)?;
    Ok((years, app.policy.row(key, today)?.1.source.to_string()))
}

#[derive(Deserialize)]
struct Erasure {
    #[serde(default)]
    reason: String,
}

async fn erase(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<Erasure>) -> Page {
    let reason = forms::tidy(&form.reason);
    let mut write = app.db.write().await?;
    match act(&mut write, &app, &viewer, id, &reason).await? {
        Ok(()) => {
            write.commit().await?;
            // The old pages leave the log too, as far as nobody is reading them; what is read now leaves it later.
            if let Err(error) = app.db.fold().await {
                tracing::warn!(error = format!("{error:#}"), "folding the log after an erasure");
            }
            // The bytes of its files go at once where they can, and with the next sweep where the store is silent.
            if let Err(error) = files::sweep(&app).await {
                tracing::warn!(error = format!("{error:#}"), "sweeping files after an erasure");
            }
            see("/erasures")
        }
        Err(why) => {
            drop(write);
            let mut problems = Problems::default();
            problems.add("reason", why.to_string());
            show(&app, &viewer, id, form.reason, problems).await
        }
    }
}

async fn act(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    reason: &str,
) -> Result<Result<(), Unerasable>, Refusal> {
    let today = app.today();
    let mut sql = Sql::new(
        "SELECT COALESCE(c.closed_on, f.forwarded_on, '') AS ended_on
           FROM petition p
           LEFT JOIN closure c ON c.petition = p.id
           LEFT JOIN forwarding f ON f.petition = p.id
          WHERE NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = p.id) AND p.id = ",
    );
    sql.bind(id);
    sight::push_recusal(&mut sql, viewer, "p.id");
    let found: Option<(String,)> = sql.fetch_optional(&mut *write).await?;
    let (ended_on,) = found.ok_or(Refusal::NotFound)?;
    let ended: Option<Date> = if ended_on.is_empty() { None } else { Some(ended_on.parse()?) };
    if let Err(why) = may_erase(ended, term(app)?.0, today, reason) {
        return Ok(Err(why));
    }
    sqlx::query("INSERT INTO erasure (petition, reason, erased_on, erased_by) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(reason.to_owned())
        .bind(today.to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    super::pairing::unpair(write, id).await?;
    blank(write, id).await?;
    let mut subjects = vec![Subject("petition", id)];
    subjects.extend(entries::erase(write, id).await?.into_iter().map(|entry| Subject("entry", entry)));
    subjects.extend(plans::erase(write, id, ERASED).await?.into_iter().map(|item| Subject("plan_item", item)));
    let told = receptions::erase(write, id, ERASED, &today.to_string()).await?;
    subjects.extend(told.into_iter().map(|booking| Subject("reception_booking", booking)));
    subjects.extend(files::erase(write, id).await?.into_iter().map(|file| Subject("file", file)));
    // Nobody writes anything more about it: the last of the five duties is over too.
    sqlx::query("UPDATE leader_binding SET ended_on = $2 WHERE petition = $1 AND ended_on IS NULL")
        .bind(id)
        .bind(today.to_string())
        .execute(&mut *write)
        .await?;
    chain::destroy(write, app, viewer.actor(), &subjects, reason).await?;
    Ok(Ok(()))
}

/// Empties every column in which somebody wrote about the matter or its people.
async fn blank(write: &mut AnyConnection, petition: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE petition SET title = $2, content = $2, place_detail = '', version = version + 1,
                lead = CASE WHEN lead = '' THEN '' ELSE $3 END WHERE id = $1",
    )
    .bind(petition)
    .bind(ERASED)
    .bind(NOBODY)
    .execute(&mut *write)
    .await?;
    sqlx::query("UPDATE opinion SET request = $2, facts = $2, basis = '', reply = $2 WHERE petition = $1")
        .bind(petition)
        .bind(ERASED)
        .execute(&mut *write)
        .await?;
    for sql in [
        "DELETE FROM petitioner WHERE petition = $1",
        "UPDATE assignment SET instruction = '' WHERE petition = $1",
        "UPDATE objection SET reason = '' WHERE petition = $1",
        "UPDATE forwarding SET letter = '' WHERE petition = $1",
        "UPDATE acceptance SET path = '' WHERE petition = $1",
        "UPDATE service SET signed_by = '' WHERE petition = $1",
        "UPDATE forwarding_service SET signed_by = '' WHERE petition = $1",
        "UPDATE extension SET reason = '' WHERE petition = $1",
        "UPDATE dispute SET reason = '' WHERE petition = $1",
        "UPDATE ruling SET reason = '' WHERE petition = $1",
        "UPDATE suspension SET reason = '' WHERE petition = $1",
        "UPDATE call_back SET content = '' WHERE petition = $1",
        "UPDATE settlement SET parties = '', facts = '', terms = '', performance = '' WHERE petition = $1",
        "UPDATE unreachable SET reason = '' WHERE petition = $1",
        "UPDATE withdrawal SET reason = '' WHERE petition = $1",
        "UPDATE execution_report SET content = '' WHERE petition = $1",
        "UPDATE review_opinion SET facts = '', basis = '', reply = ''
          WHERE review IN (SELECT r.id FROM review r WHERE r.petition = $1)",
        "UPDATE review_service SET signed_by = '' WHERE review IN (SELECT r.id FROM review r WHERE r.petition = $1)",
        "UPDATE review SET reason = '' WHERE petition = $1",
        "UPDATE reopening SET reason = '', request = '', facts = '', basis = '', reply = '' WHERE petition = $1",
        "UPDATE call_back_call SET content = ''
          WHERE sample IN (SELECT m.id FROM call_back_sample m WHERE m.petition = $1)",
        "UPDATE explanation SET content = '' WHERE petition = $1",
        "UPDATE rating SET content = '' WHERE petition = $1",
        "UPDATE supplement SET content = '' WHERE petition = $1",
        "UPDATE inquiry SET question = '', content = '', answer = '', told = '' WHERE petition = $1",
        "UPDATE submission SET subject = '', content = '', decision = '' WHERE petition = $1",
        "UPDATE accompaniment SET representatives = '' WHERE petition = $1",
        "UPDATE severity_mark SET reason = '' WHERE petition = $1",
        "UPDATE binding_proposal SET reason = '', remark = '' WHERE petition = $1",
        "UPDATE binding_extension SET reason = '', remark = ''
          WHERE binding IN (SELECT id FROM leader_binding WHERE petition = $1)",
        "UPDATE binding_handover SET reason = ''
          WHERE binding IN (SELECT id FROM leader_binding WHERE petition = $1)",
        "UPDATE binding_account SET content = ''
          WHERE binding IN (SELECT id FROM leader_binding WHERE petition = $1)",
        "UPDATE binding_comment SET content = ''
          WHERE binding IN (SELECT id FROM leader_binding WHERE petition = $1)",
    ] {
        sqlx::query(sql).bind(petition).execute(&mut *write).await?;
    }
    Ok(())
}
