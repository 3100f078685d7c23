//! Carrying out what an entry means, in one write with its chain record.

use jiff::civil::Date;
use serde_json::json;
use sqlx::AnyConnection;

use super::rules::{Context, Counts, Done, Kind, Meaning, VISIT_DUTY, VisitResult, means};
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::households::{self, Scope};
use crate::petitions::rules::Duty;
use crate::petitions::{self, Hindered};
use crate::web::{App, Refusal, forms};
use crate::{duties, notes, plans};

/// An entry as it is to be recorded.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The form's or the phone's own key: 32 to 64 hexadecimal digits or dashes, taken once.
    pub key: String,
    /// What was done.
    pub kind: Kind,
    /// When; judged by [`super::rules::judge_day`].
    pub on: Date,
    /// Where, for what is neither a visit nor a step; nothing: the writer's usual place.
    pub place: Option<String>,
    /// The household visited.
    pub household: Option<i64>,
    /// How the visit went.
    pub result: Option<VisitResult>,
    /// The case that it concerns.
    pub petition: Option<i64>,
    /// What was said or done.
    pub content: String,
}

/// What recording gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It was recorded now.
    Now(i64),
    /// The key was taken before; what it made is at this path.
    Before(String),
}

impl Recorded {
    /// Where the entry is.
    pub fn path(&self) -> String {
        match self {
            Self::Now(id) => format!("/entries/{id}"),
            Self::Before(path) => path.clone(),
        }
    }
}

/// Records an entry and everything that it counts for. A household or a petition that the writer may not find is not
/// found, and a step is judged as the card's own form judges it; the caller commits.
pub async fn record(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    new: &NewEntry,
) -> Result<Recorded, Hindered> {
    let id = app.id();
    if let Some(earlier) = forms::take_key(write, app, &new.key, &format!("/entries/{id}")).await? {
        return Ok(Recorded::Before(earlier));
    }
    let today = app.today();
    let scope = Scope::of(write, viewer, &today.to_string()).await?;
    let household = match new.household.filter(|_| new.kind == Kind::Visit) {
        Some(household) => Some(households::find(write, &scope, household, today).await?.ok_or(Refusal::NotFound)?),
        None => None,
    };
    let case = match new.petition {
        Some(petition) => Some(petitions::judge_step(write, app, viewer, petition, new.on, None).await?),
        None => None,
    };
    let division = match (&household, &case, &new.place) {
        (Some(household), _, _) => household.division.clone(),
        (None, Some(case), _) if new.kind == Kind::CaseStep => case.clone(),
        (None, _, Some(place)) if scope.holds(place) => place.clone(),
        (None, _, Some(_)) => return Err(Refusal::NotFound.into()),
        (None, _, None) => usual_place(&scope, viewer).to_owned(),
    };
    let done = Done {
        kind: new.kind,
        on: new.on,
        household: new.household.filter(|_| new.kind == Kind::Visit),
        result: new.result.filter(|_| new.kind == Kind::Visit),
        petition: new.petition,
        content: &new.content,
    };
    let context = context(write, viewer.official, &done, id, today, case.is_some()).await?;
    let meaning = means(&done, &context);
    insert(write, app, viewer, (id, &meaning), &done, &division, None).await?;
    if let (Counts::First(subject, year), Some(household)) = (meaning.duty, &household) {
        // Where somebody else met them in the same moment, theirs is the first.
        duties::fulfil(write, subject, &household.village, year, id, new.on).await?;
    }
    if !meaning.items.is_empty() {
        plans::propose_fulfilled(write, app, viewer.actor(), (viewer.official, VISIT_DUTY), new.on).await?;
    }
    if let Some(expires_on) = meaning.note {
        notes::add(write, app, viewer, id, &division, &new.content, new.on, expires_on).await?;
    }
    Ok(Recorded::Now(id))
}

/// Where a writer is who does not say: the one village of the assignment, or the place of the unit.
pub(super) fn usual_place<'a>(scope: &'a Scope, viewer: &'a Viewer) -> &'a str {
    match scope.codes() {
        [one] => one,
        _ => &viewer.place,
    }
}

/// Records a step on a case, given with its division: what was done about it, and where its writer is the bound
/// leader, on which of the five duties; gives the entry. The caller (the room of petitions) has found and judged it, and
/// commits.
pub async fn record_step(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (petition, division): (i64, &str),
    duty: Option<Duty>,
    on: Date,
    content: &str,
) -> anyhow::Result<i64> {
    let id = app.id();
    let done = Done { kind: Kind::CaseStep, on, household: None, result: None, petition: Some(petition), content };
    let meaning = means(&done, &context(write, viewer.official, &done, id, app.today(), true).await?);
    insert(write, app, viewer, (id, &meaning), &done, division, duty).await?;
    Ok(id)
}

/// The row, its record in the chain, and where it is a step, the case's own record of it.
async fn insert(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, meaning): (i64, &Meaning),
    done: &Done<'_>,
    division: &str,
    duty: Option<Duty>,
) -> anyhow::Result<()> {
    let (result, duty) = (done.result.map(VisitResult::word), duty.map(Duty::word));
    sqlx::query(
        "INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, household, result,
                            petition, duty, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(id)
    .bind(done.kind.word())
    .bind(done.on.to_string())
    .bind(app.now().as_millisecond())
    .bind(viewer.official)
    .bind(viewer.appointment)
    .bind(division.to_owned())
    .bind(done.household)
    .bind(result.map(str::to_owned))
    .bind(done.petition)
    .bind(duty.map(str::to_owned))
    .bind(done.content.to_owned())
    .execute(&mut *write)
    .await?;
    let content = json!({
        "kind": done.kind.word(), "happened_on": done.on, "division": division, "household": done.household,
        "result": result, "petition": done.petition, "duty": duty, "content": done.content,
    });
    chain::record(write, app, viewer.actor(), "entry.recorded", Subject("entry", id), &content).await?;
    if let Some(petition) = meaning.step {
        let step = json!({ "entry": id, "duty": duty });
        chain::record(write, app, viewer.actor(), "petition.step", Subject("petition", petition), &step).await?;
    }
    Ok(())
}

/// What stood before the entry `id` was written down: for deciding what it counts for when it is recorded, and for
/// saying so again whenever it is shown. What was withdrawn since then never was.
pub(super) async fn context(
    write: &mut AnyConnection,
    writer: i64,
    done: &Done<'_>,
    id: i64,
    written_on: Date,
    finds_petition: bool,
) -> anyhow::Result<Context> {
    let Some(household) = done.household else { return Ok(Context { finds_petition, ..Context::default() }) };
    let first = duties::fulfilled(write, household, done.on.year()).await?;
    let duty_met = first.is_some_and(|(first, _)| first != id);
    let (from, until) = month_of(done.on);
    let (met,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM entry e
          WHERE e.household = $1 AND e.recorded_by = $2 AND e.kind = 'visit' AND e.result = 'met'
            AND e.happened_on >= $3 AND e.happened_on <= $4 AND e.id < $5
            AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)",
    )
    .bind(household)
    .bind(writer)
    .bind(from.to_string())
    .bind(until.to_string())
    .bind(id)
    .fetch_one(&mut *write)
    .await?;
    let items = open_items(write, writer, done.on, id, written_on).await?;
    Ok(Context { duty_met, met_this_month: met > 0, items, finds_petition })
}

/// First and last day of the month of a day.
pub(super) fn month_of(on: Date) -> (Date, Date) {
    (on.first_of_month(), on.last_of_month())
}

/// The official's plan items of the month whose progress visits are, and which were neither relieved nor cancelled when
/// the entry `id` was written.
async fn open_items(
    read: &mut AnyConnection,
    official: i64,
    on: Date,
    id: i64,
    written_on: Date,
) -> Result<Vec<i64>, sqlx::Error> {
    let month = format!("{:04}-{:02}", on.year(), on.month());
    let items: Vec<(i64,)> = sqlx::query_as(
        "SELECT i.id FROM plan_item i JOIN plan p ON p.id = i.plan
          WHERE i.owner = $1 AND i.duty = $2 AND p.month = $3
            AND NOT EXISTS (SELECT 1 FROM plan_relief r WHERE r.item = i.id)
            AND NOT EXISTS (SELECT 1 FROM cancellation c WHERE c.item = i.id AND c.id < $4
                AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id AND v.reversed_on <= $5))
          ORDER BY i.id LIMIT 20",
    )
    .bind(official)
    .bind(VISIT_DUTY)
    .bind(month)
    .bind(id)
    .bind(written_on.to_string())
    .fetch_all(read)
    .await?;
    Ok(items.into_iter().map(|(id,)| id).collect())
}

/// How many households an official met from one day to another, both included: the progress of a plan item with the
/// duty B2. A household that was met twice counts once.
pub async fn households_met(
    read: &mut AnyConnection,
    official: i64,
    from: Date,
    until: Date,
) -> Result<i64, sqlx::Error> {
    let (met,): (i64,) = sqlx::query_as(
        "SELECT COUNT(DISTINCT e.household) FROM entry e
          WHERE e.recorded_by = $1 AND e.kind = 'visit' AND e.result = 'met'
            AND e.happened_on >= $2 AND e.happened_on <= $3
            AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)",
    )
    .bind(official)
    .bind(from.to_string())
    .bind(until.to_string())
    .fetch_one(read)
    .await?;
    Ok(met)
}

/// Withdraws an entry of the viewer's own; the caller has judged it. A second withdrawal is stale. Where it was the
/// household's visit of the year, the next one takes its place.
pub async fn withdraw(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    reason: &str,
) -> Result<(), Refusal> {
    let withdrawn = sqlx::query(
        "INSERT INTO entry_withdrawal (entry, reason, withdrawn_at, withdrawn_by)
         SELECT e.id, $2, $3, e.recorded_by FROM entry e WHERE e.id = $1 AND e.recorded_by = $4
         ON CONFLICT (entry) DO NOTHING",
    )
    .bind(id)
    .bind(reason.to_owned())
    .bind(app.now().as_millisecond())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    if withdrawn.rows_affected() == 0 {
        return Err(Refusal::Stale);
    }
    duties::withdraw(write, id).await?;
    let content = json!({ "reason": reason });
    chain::record(write, app, viewer.actor(), "entry.withdrawn", Subject("entry", id), &content).await?;
    Ok(())
}
