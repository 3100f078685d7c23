//! 回访: what the program drew of a month's closed petitions, who is still to be called, and what the petitioners' ratings
//! say, with those apart that were given on a staff device.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::acts::standing;
use super::history::party;
use super::rules::{Heard, NotSampled, draw};
use super::sight;
use super::veil::veil;
use super::voice::rating_label;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::secrets::random_hex;
use crate::web::{Access, App, Form, Page, Path, Problems, Query, Refusal, Rooms, Shell, day, forms, html_with, see};

pub(super) fn rooms() -> Rooms {
    let may = || Access::May("petitions.call_back");
    Rooms::new().get("/call-backs", may(), page).post("/call-backs", may(), make).post("/call-backs/{id}", may(), call)
}

const PAGE: usize = 50;

/// What of a sample `s` can be called about: nothing new is written about what is erased.
const KEPT: &str = "NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = s.petition)";

/// What is still to be called about.
const OPEN: &str = "s.reached_on IS NULL AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = s.petition)";

/// The policy value by which a draw is made.
const SHARE: &str = "call_back.sample.share_bp";

/// Ten-thousandths as people read them: 10%, 2.5%.
fn percent(share_bp: i64) -> String {
    match share_bp % 100 {
        0 => format!("{}%", share_bp / 100),
        rest => format!("{}.{rest:02}%", share_bp / 100),
    }
}

#[derive(FromRow)]
struct Drawn {
    period: String,
    seed: String,
    share_bp: i64,
    population: i64,
    drawn_on: String,
    size: i64,
    reached: i64,
    unsettled: i64,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    petition: i64,
    number: String,
    title: String,
    unit: String,
    period: String,
    /// How often somebody tried, and what came of it last.
    calls: i64,
    last: String,
    reached_on: String,
}

impl Drawn {
    fn share(&self) -> String {
        percent(self.share_bp)
    }
}

impl Row {
    fn last(&self) -> &'static str {
        Heard::from_word(&self.last).map_or("", Heard::label)
    }
}

/// How many ratings there are of a score, with the code on the petitioner's own device and on one of the staff.
#[derive(FromRow)]
struct Rated {
    score: i64,
    own: i64,
    staff: i64,
}

impl Rated {
    fn label(&self) -> &'static str {
        rating_label(self.score)
    }
}

#[derive(Template)]
#[template(path = "petitions/samples.html")]
struct SamplesPage {
    shell: Shell,
    draws: Vec<Drawn>,
    rows: Vec<Row>,
    rated: Vec<Rated>,
    /// The months that can still be drawn, the latest first.
    months: Vec<Month>,
    share: String,
    source: String,
    done: bool,
    past: i64,
    next: Option<i64>,
    sent: i64,
    typed: Typed,
    problems: Problems,
    today: Date,
}

impl SamplesPage {
    /// The tab as the address has it.
    fn tab(&self) -> &'static str {
        if self.done { "1" } else { "0" }
    }

    fn on(&self, text: &str) -> String {
        text.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
    past: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    period: String,
    on: String,
    result: String,
    content: String,
}

async fn page(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    show(&app, &viewer, &asked, (0, Typed::default(), Problems::default())).await
}

async fn show(app: &App, viewer: &Viewer, asked: &Asked, (sent, typed, problems): (i64, Typed, Problems)) -> Page {
    let today = app.today();
    let (done, past) = (asked.done == "1", asked.past.parse().unwrap_or(0).max(0));
    let mut read = app.db.read().await?;
    let draws: Vec<Drawn> = sqlx::query_as(
        "SELECT d.period, d.seed, d.share_bp, d.population, d.drawn_on, COUNT(s.id) AS size,
                COUNT(s.reached_on) AS reached,
                (SELECT COUNT(*) FROM call_back_call c JOIN call_back_sample t ON t.id = c.sample
                  WHERE t.draw = d.id AND c.result = 'unsettled') AS unsettled
           FROM call_back_draw d LEFT JOIN call_back_sample s ON s.draw = d.id
          GROUP BY d.id, d.period, d.seed, d.share_bp, d.population, d.drawn_on ORDER BY d.period DESC LIMIT 12",
    )
    .fetch_all(&mut *read)
    .await?;
    let mut sql = Sql::new(
        "SELECT s.id, s.petition, p.number, p.title, COALESCE(u.name, '') AS unit, d.period,
                (SELECT COUNT(*) FROM call_back_call c WHERE c.sample = s.id) AS calls,
                COALESCE((SELECT c.result FROM call_back_call c WHERE c.sample = s.id ORDER BY c.id DESC LIMIT 1), '') AS last,
                COALESCE(s.reached_on, '') AS reached_on
           FROM call_back_sample s JOIN call_back_draw d ON d.id = s.draw JOIN petition p ON p.id = s.petition
           LEFT JOIN unit u ON u.id = p.unit WHERE ",
    );
    sql.push(if done { "s.reached_on IS NOT NULL" } else { OPEN });
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY s.id DESC").limit(PAGE as i64 + 1).push(" OFFSET ").bind(past);
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let next = (rows.len() > PAGE).then_some(past + PAGE as i64);
    rows.truncate(PAGE);
    veil(&mut read, viewer, rows.iter_mut().map(|row| (row.petition, &mut row.title)).collect()).await?;
    let mut sql = Sql::new(
        "SELECT r.score, CAST(SUM(CASE WHEN r.recorded_by IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS own,
                CAST(SUM(CASE WHEN r.recorded_by IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS staff
           FROM rating r JOIN petition p ON p.id = r.petition WHERE r.rated_on >= ",
    );
    sql.bind(today.first_of_year().to_string());
    sight::push(&mut sql, viewer);
    sql.push(" GROUP BY r.score ORDER BY r.score DESC");
    let rated = sql.fetch_all(&mut read).await?;
    drop(read);
    let months = [1, 2, 3].map(|back| Month::of(today).plus(-back));
    let months = months.into_iter().filter(|month| draws.iter().all(|draw| draw.period != month.to_string())).collect();
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = SamplesPage {
        shell: Shell::new(viewer, "call-backs"),
        share: percent(app.policy.number(SHARE, today)?),
        source: app.policy.row(SHARE, today)?.1.source.to_string(),
        draws,
        rows,
        rated,
        months,
        done,
        past,
        next,
        sent,
        typed,
        problems,
        today,
    };
    html_with(status, &page)
}

/// Draws of a month's closures, once.
async fn make(State(app): State<App>, viewer: Viewer, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    match drawn(&mut write, &app, &viewer, &typed.period).await? {
        Ok(()) => {
            write.commit().await?;
            see("/call-backs")
        }
        Err(why) => {
            drop(write);
            let mut problems = Problems::default();
            problems.add("period", why.to_string());
            show(&app, &viewer, &Asked::default(), (0, typed, problems)).await
        }
    }
}

async fn drawn(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    period: &str,
) -> Result<Result<(), NotSampled>, Refusal> {
    let Ok(month) = period.parse::<Month>() else { return Ok(Err(NotSampled::NoMonth)) };
    let today = app.today();
    if month.last_day() >= today {
        return Ok(Err(NotSampled::NotOver));
    }
    let (id, seed) = (app.id(), random_hex::<16>());
    let share_bp = app.policy.number(SHARE, month.last_day())?;
    let population: Vec<(i64,)> = sqlx::query_as(
        "SELECT c.petition FROM closure c JOIN petition p ON p.id = c.petition
          WHERE c.closed_on >= $1 AND c.closed_on <= $2 AND p.anonymous = 0
            AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.petition = p.id) ORDER BY c.petition",
    )
    .bind(month.first_day().to_string())
    .bind(month.last_day().to_string())
    .fetch_all(&mut *write)
    .await?;
    let population: Vec<i64> = population.into_iter().map(|(id,)| id).collect();
    let made = sqlx::query(
        "INSERT INTO call_back_draw (id, period, seed, share_bp, population, drawn_on, drawn_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (period) DO NOTHING",
    )
    .bind(id)
    .bind(month.to_string())
    .bind(seed.clone())
    .bind(share_bp)
    .bind(population.len() as i64)
    .bind(today.to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if made.rows_affected() == 0 {
        return Ok(Err(NotSampled::Drawn));
    }
    let drawn = draw(&seed, &population, share_bp);
    for petition in &drawn {
        sqlx::query("INSERT INTO call_back_sample (id, draw, petition) VALUES ($1, $2, $3)")
            .bind(app.id())
            .bind(id)
            .bind(*petition)
            .execute(&mut *write)
            .await?;
    }
    let said = serde_json::json!({ "period": month.to_string(), "seed": seed, "share_bp": share_bp,
                                   "population": population.len(), "drawn": drawn });
    chain::record(write, app, viewer.actor(), "call_backs.drawn", Subject("call_back_draw", id), &said).await?;
    Ok(Ok(()))
}

/// Records a call about what was drawn.
async fn call(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(typed): Form<Typed>) -> Page {
    let mut write = app.db.write().await?;
    match called(&mut write, &app, &viewer, id, &typed).await? {
        Ok(()) => {
            write.commit().await?;
            see("/call-backs")
        }
        Err(why) => {
            drop(write);
            let mut problems = Problems::default();
            problems.add("", why.to_string());
            show(&app, &viewer, &Asked::default(), (id, typed, problems)).await
        }
    }
}

async fn called(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    typed: &Typed,
) -> Result<Result<(), NotSampled>, Refusal> {
    let mut sql = Sql::new(
        "SELECT s.petition, d.drawn_on FROM call_back_sample s JOIN call_back_draw d ON d.id = s.draw
           JOIN petition p ON p.id = s.petition WHERE ",
    );
    sql.push(KEPT).push(" AND s.id = ").bind(id);
    sight::push(&mut sql, viewer);
    let found: Option<(i64, String)> = sql.fetch_optional(&mut *write).await?;
    let (petition, drawn_on) = found.ok_or(Refusal::NotFound)?;
    let drawn_on: Date = drawn_on.parse()?;
    let content = forms::tidy(&typed.content);
    let on = forms::half_width(typed.on.trim()).parse().ok();
    let (Some(heard), Some(on), true) =
        (Heard::from_word(&typed.result), on, (2..=1_000).contains(&content.chars().count()))
    else {
        return Ok(Err(NotSampled::Text));
    };
    let standing = standing(write, app, Some(viewer), petition).await?;
    if let Err(why) = standing.matter.may_sample(party(viewer), drawn_on, on, app.today()) {
        return Ok(Err(why));
    }
    let held = sqlx::query("UPDATE call_back_sample SET reached_on = $2 WHERE id = $1 AND reached_on IS NULL")
        .bind(id)
        .bind((heard != Heard::Missed).then(|| on.to_string()))
        .execute(&mut *write)
        .await?;
    if held.rows_affected() == 0 {
        return Ok(Err(NotSampled::Reached));
    }
    sqlx::query(
        "INSERT INTO call_back_call (id, sample, called_on, result, content, called_by) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(app.id())
    .bind(id)
    .bind(on.to_string())
    .bind(heard.word())
    .bind(&content)
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let said = serde_json::json!({ "on": on.to_string(), "result": heard, "content": content });
    let subject = Subject("petition", petition);
    chain::record(write, app, viewer.actor(), "petition.sample_called", subject, &said).await?;
    Ok(Ok(()))
}
