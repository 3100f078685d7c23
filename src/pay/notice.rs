//! 核对 and 公示 (E7): another goes through a settlement, then personnel puts up its notice. What a notice shows and for how
//! long is what the county's values say on the day on which it is put up.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;
use policy::values::PolicyError;
use serde::Deserialize;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::course::Term;
use super::kept::Share;
use super::run::{Returned, overtaken, page, signatory};
use super::runs::{self, Run};
use super::words::month_words;
use super::{documents, sight};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::web::{Access, App, Form, Page, Path, Refusal, Rooms, forms, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().post("/pay/runs/{id}/check", Access::May("pay.check"), check).post(
        "/pay/runs/{id}/notice",
        Access::May("pay.settle"),
        put_up,
    )
}

/// Who has gone through a settlement.
#[derive(Debug, FromRow)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) checked_on: String,
}

/// A notice as it was put up.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub(super) put_up_on: Date,
    pub(super) put_up_by: String,
    /// For how long it is up, in working days.
    pub(super) working_days: u16,
    /// Within how many working days an objection is in time.
    pub(super) objection_days: u16,
    /// Within how many working days an objection is answered.
    pub(super) answer_days: u16,
    /// Whether it shows amounts.
    pub(super) amounts: bool,
    /// Whether everybody finds it.
    pub(super) public: bool,
    /// Whose result it shows, and since when.
    pub(super) since: BTreeMap<i64, Date>,
}

#[derive(FromRow)]
struct Row {
    put_up_on: String,
    put_up_by: String,
    working_days: i64,
    objection_days: i64,
    answer_days: i64,
    amounts: i64,
    public: i64,
}

/// The notice of a run, if it was put up.
pub(super) async fn of_run(read: &mut AnyConnection, run: i64) -> anyhow::Result<Option<Notice>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT n.put_up_on, o.name AS put_up_by, n.working_days, n.objection_days, n.answer_days, n.amounts, n.public
           FROM pay_notice n JOIN official o ON o.id = n.put_up_by WHERE n.run = $1",
    )
    .bind(run)
    .fetch_optional(&mut *read)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let lines: Vec<(i64, String)> =
        sqlx::query_as("SELECT official, since FROM pay_notice_line WHERE run = $1").bind(run).fetch_all(read).await?;
    let mut since = BTreeMap::new();
    for (official, day) in lines {
        since.insert(official, day.parse()?);
    }
    Ok(Some(Notice {
        put_up_on: row.put_up_on.parse()?,
        put_up_by: row.put_up_by,
        working_days: u16::try_from(row.working_days)?,
        objection_days: u16::try_from(row.objection_days)?,
        answer_days: u16::try_from(row.answer_days)?,
        amounts: row.amounts == 1,
        public: row.public == 1,
        since,
    }))
}

/// Who has gone through a run, if somebody has.
pub(super) async fn check_of(read: &mut AnyConnection, run: i64) -> Result<Option<Check>, sqlx::Error> {
    sqlx::query_as(
        "SELECT o.name, c.checked_on FROM pay_check c JOIN official o ON o.id = c.checked_by WHERE c.run = $1",
    )
    .bind(run)
    .fetch_optional(read)
    .await
}

impl Notice {
    /// The day since which the latest of its results is shown.
    pub(super) fn latest(&self) -> Date {
        self.since.values().max().copied().unwrap_or(self.put_up_on)
    }

    /// How long it is up.
    pub(super) fn up(&self, app: &App) -> Term {
        Term::of(&app.calendar, self.latest(), self.working_days)
    }

    /// How long somebody in it may object in time; nothing: is not in it.
    pub(super) fn to_object(&self, app: &App, official: i64) -> Option<Term> {
        let since = self.since.get(&official)?;
        Some(Term::of(&app.calendar, *since, self.objection_days))
    }

    /// How long nobody signs: while it is up, and while somebody in it may object in time.
    pub(super) fn term(&self, app: &App) -> Term {
        self.up(app).later(Term::of(&app.calendar, self.latest(), self.objection_days))
    }

    /// Whether the result of somebody is shown anew, beside others that were shown before.
    pub(super) fn is_new(&self, official: i64) -> bool {
        self.since.get(&official) == Some(&self.latest())
    }

    /// Whether some of its results were shown by an earlier notice already.
    pub(super) fn is_mixed(&self) -> bool {
        self.since.values().any(|since| *since != self.latest())
    }
}

/// What the county's values say of a notice that is put up on a day.
struct Terms {
    working_days: u16,
    objection_days: u16,
    answer_days: u16,
    amounts: bool,
    public: bool,
}

impl Terms {
    fn on(app: &App, day: Date) -> Result<Self, PolicyError> {
        Ok(Self {
            working_days: app.policy.days("pay.notice.working_days", day)?,
            objection_days: app.policy.days("pay.objection.working_days", day)?,
            answer_days: app.policy.days("pay.objection_answer.working_days", day)?,
            amounts: app.policy.number("pay.notice.amounts", day)? == 1,
            public: app.policy.number("pay.notice.public", day)? == 1,
        })
    }
}

/// A run whose notice the viewer may read: whoever finds the run, and as long as it is up those of its unit and those
/// in it.
pub(super) async fn find(read: &mut AnyConnection, app: &App, viewer: &Viewer, id: i64) -> Result<Run, Refusal> {
    match runs::find(read, viewer, id).await {
        Ok(run) if run.notice.is_some() => return Ok(run),
        Ok(_) | Err(Refusal::NotFound) => {}
        Err(other) => return Err(other),
    }
    let mut sql = Sql::new(runs::SELECT);
    sql.bind(id);
    sight::push_notice(&mut sql, viewer);
    let run = runs::with_the_rest(read, sql).await?;
    match &run.notice {
        Some(notice) if !notice.term(app).is_over(app.today()) => Ok(run),
        _ => Err(Refusal::NotFound),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StepForm {
    key: String,
    version: i64,
}

async fn check(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<StepForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    let shares = run.shares(&mut write).await?;
    let corrections = run.corrections(&mut write).await?;
    let who = signatory(&viewer, &run, &shares, &corrections);
    if let Err(why) = run.standing(&app, &shares, &[]).check(who) {
        drop(write);
        let returned = Returned { form: "check".to_owned(), problem: why.to_string(), typed: Vec::new() };
        return page(&app, &viewer, id, returned).await;
    }
    if let Err(why) = run.raise(&mut write, form.version).await {
        drop(write);
        return overtaken(&app, &viewer, id, why, ("check".to_owned(), Vec::new())).await;
    }
    sqlx::query("INSERT INTO pay_check (run, checked_on, checked_by) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(app.today().to_string())
        .bind(viewer.official)
        .execute(&mut *write)
        .await?;
    chain::record(&mut write, &app, viewer.actor(), "pay_run.checked", Subject("pay_run", id), &json!({})).await?;
    write.commit().await?;
    see(&run.path())
}

async fn put_up(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>, Form(form): Form<StepForm>) -> Page {
    let mut write = app.db.write().await?;
    let run = runs::find(&mut write, &viewer, id).await?;
    if let Some(earlier) = forms::take_key(&mut write, &app, &form.key, &run.path()).await? {
        return see(&earlier);
    }
    let shares = run.shares(&mut write).await?;
    let documents = documents::covering(&mut write, run.month).await?;
    let refused = match run.standing(&app, &shares, &documents).put_up() {
        Err(why) => Some(why.to_string()),
        Ok(()) if run.is_of_other_values(&app.policy) => Some("结算以后方案有变：重新结算，再公示".to_owned()),
        Ok(()) => None,
    };
    if let Some(problem) = refused {
        drop(write);
        let returned = Returned { form: "notice".to_owned(), problem, typed: Vec::new() };
        return page(&app, &viewer, id, returned).await;
    }
    if let Err(why) = run.raise(&mut write, form.version).await {
        drop(write);
        return overtaken(&app, &viewer, id, why, ("notice".to_owned(), Vec::new())).await;
    }
    let today = app.today();
    let terms = Terms::on(&app, today)?;
    let before = earlier(&mut write, &run).await?;
    sqlx::query(
        "INSERT INTO pay_notice (run, put_up_on, put_up_by, working_days, objection_days, answer_days, amounts, public,
                                 repeats)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(today.to_string())
    .bind(viewer.official)
    .bind(i64::from(terms.working_days))
    .bind(i64::from(terms.objection_days))
    .bind(i64::from(terms.answer_days))
    .bind(i64::from(terms.amounts))
    .bind(i64::from(terms.public))
    .bind(before.as_ref().map(|(run, _)| *run))
    .execute(&mut *write)
    .await?;
    let shown = before.map(|(_, shown)| shown).unwrap_or_default();
    let mut changed = Vec::new();
    for (official, result) in results(&shares) {
        let since = match shown.get(&official) {
            Some((since, earlier)) if *earlier == result => *since,
            _ => today,
        };
        if since == today {
            changed.push(official);
        }
        sqlx::query("INSERT INTO pay_notice_line (run, official, since) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(official)
            .bind(since.to_string())
            .execute(&mut *write)
            .await?;
    }
    let content = json!({ "amounts": terms.amounts, "public": terms.public, "shown": changed,
        "working_days": terms.working_days });
    chain::record(&mut write, &app, viewer.actor(), "pay_notice.put_up", Subject("pay_run", id), &content).await?;
    write.commit().await?;
    see(&run.path())
}

/// What a notice says of somebody: class, stake, score and share, in each class of the month.
type Shown = Vec<(String, i64, Option<u16>, Option<i64>)>;

/// The results of a run by official.
fn results(shares: &[Share]) -> BTreeMap<i64, Shown> {
    let mut results: BTreeMap<i64, Shown> = BTreeMap::new();
    for share in shares {
        let result = (share.class.clone(), share.stake_fen, share.score_bp, share.share_fen);
        results.entry(share.official).or_default().push(result);
    }
    for of in results.values_mut() {
        of.sort();
    }
    results
}

/// The last earlier settlement of the month whose notice was up: its id, and what it showed of whom since when.
async fn earlier(read: &mut AnyConnection, run: &Run) -> Result<Option<(i64, BTreeMap<i64, (Date, Shown)>)>, Refusal> {
    let last: Option<(i64,)> = sqlx::query_as(
        "SELECT r.id FROM pay_run r JOIN pay_notice n ON n.run = r.id
          WHERE r.unit = $1 AND r.month = $2 AND r.attempt < $3 ORDER BY r.attempt DESC LIMIT 1",
    )
    .bind(run.scope.unit)
    .bind(run.month.to_string())
    .bind(run.attempt)
    .fetch_optional(&mut *read)
    .await?;
    let Some((id,)) = last else { return Ok(None) };
    let mut sql = Sql::new(runs::SELECT);
    sql.bind(id);
    let before = runs::with_the_rest(read, sql).await?;
    let shares = before.shares(read).await?;
    let since = before.notice.map(|notice| notice.since).unwrap_or_default();
    let shown = results(&shares).into_iter().filter_map(|(official, result)| {
        let day = since.get(&official)?;
        Some((official, (*day, result)))
    });
    Ok(Some((id, shown.collect())))
}

/// A notice in a list.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Listed {
    pub(super) run: i64,
    pub(super) unit_name: String,
    month: String,
    pub(super) put_up_on: String,
    working_days: i64,
    objection_days: i64,
    since: String,
}

impl Listed {
    pub(super) fn month(&self) -> String {
        self.month.parse().map_or_else(|_| self.month.clone(), month_words)
    }

    /// Whether so many working days since the latest of its results are over.
    fn is_over(&self, app: &App, days: i64) -> bool {
        let since = self.since.parse().unwrap_or(Date::MIN);
        Term::of(&app.calendar, since, u16::try_from(days).unwrap_or(0)).is_over(app.today())
    }

    /// Whether it is up today.
    pub(super) fn is_up(&self, app: &App) -> bool {
        !self.is_over(app, self.working_days)
    }
}

/// The notices of the last year as a list, to be narrowed down: none is up for longer, and which of them still is, the
/// working days tell.
pub(super) fn listed(app: &App) -> Sql {
    let mut sql = Sql::new(
        "SELECT p.run, u.name AS unit_name, r.month, p.put_up_on, p.working_days, p.objection_days,
                COALESCE((SELECT MAX(l.since) FROM pay_notice_line l WHERE l.run = p.run), p.put_up_on) AS since
           FROM pay_notice p JOIN pay_run r ON r.id = p.run JOIN unit u ON u.id = r.unit
          WHERE r.replaced_by IS NULL AND p.put_up_on >= ",
    );
    sql.bind(app.today().saturating_sub(1.year()).to_string());
    sql
}

/// The notices that are up and shown to the viewer as one of the unit or of those in them.
pub(super) async fn readable(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> Result<Vec<Listed>, sqlx::Error> {
    let mut sql = listed(app);
    sight::push_notice(&mut sql, viewer);
    sql.push(" ORDER BY p.put_up_on DESC, p.run DESC").limit(20);
    let mut rows: Vec<Listed> = sql.fetch_all(read).await?;
    rows.retain(|row| !row.is_over(app, row.working_days.max(row.objection_days)));
    Ok(rows)
}
