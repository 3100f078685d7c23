//! 复查 and 复核 (arts. 35, 36) as rows: asked for, decided by the next higher unit, served; each step in one write.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use sqlx::{AnyConnection, FromRow};

use super::acts::{Hindered, Standing, act_as, standing};
use super::clocks;
use super::history::{History, party};
use super::rules::{Act, Manner, Matter, Refused, Review, Stage, Unreviewable, Verdict, next_stage};
use super::sight;
use super::voice::is_erased;
use crate::accounts::Viewer;
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::web::{App, Refusal};

/// A review as its page shows it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) petition: i64,
    stage: String,
    pub(super) round: i64,
    pub(super) number: String,
    unit: Option<i64>,
    pub(super) organ: String,
    pub(super) reason: String,
    pub(super) asked_on: String,
    pub(super) version: i64,
    verdict: String,
    pub(super) facts: String,
    pub(super) basis: String,
    pub(super) reply: String,
    pub(super) issued_on: String,
    pub(super) served_on: String,
    /// Its last day while it runs; empty where it does not, or the working days of that year are not known.
    pub(super) due: String,
    pub(super) title: String,
    pub(super) matter: String,
}

/// The columns of [`Row`], without its conditions.
const SELECT: &str =
    "SELECT r.id, r.petition, r.stage, r.round, r.number, r.unit, r.organ, r.reason, r.asked_on, r.version,
        COALESCE(o.verdict, '') AS verdict, COALESCE(o.facts, '') AS facts, COALESCE(o.basis, '') AS basis,
        COALESCE(o.reply, '') AS reply, COALESCE(o.issued_on, '') AS issued_on,
        COALESCE(s.served_on, '') AS served_on,
        COALESCE((SELECT MAX(k.due_on) FROM clock k WHERE k.petition = r.petition AND k.kind = r.stage
                   AND k.stopped_on IS NULL AND s.served_on IS NULL), '') AS due, p.title, p.number AS matter
   FROM review r JOIN petition p ON p.id = r.petition
   LEFT JOIN review_opinion o ON o.review = r.id LEFT JOIN review_service s ON s.review = r.id WHERE 1 = 1";

impl Row {
    pub(super) fn stage(&self) -> Stage {
        Stage::from_word(&self.stage).unwrap_or(Stage::Review)
    }

    pub(super) fn verdict(&self) -> &'static str {
        Verdict::from_word(&self.verdict).map_or("", Verdict::label)
    }

    /// The review as the rules see it.
    pub(super) fn review(&self) -> anyhow::Result<Review> {
        let day = |text: &str| -> anyhow::Result<Option<Date>> {
            Ok(if text.is_empty() { None } else { Some(text.parse()?) })
        };
        Ok(Review {
            stage: self.stage(),
            unit: self.unit,
            asked_on: self.asked_on.parse()?,
            issued: Verdict::from_word(&self.verdict).zip(day(&self.issued_on)?),
            served_on: day(&self.served_on)?,
        })
    }
}

/// The reviews of a petition, oldest first. The caller has looked whether the viewer finds it.
pub(super) async fn of(read: &mut AnyConnection, petition: i64, history: &History) -> Result<Vec<Row>, sqlx::Error> {
    if history.last("review").is_none() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(SELECT);
    sql.push(" AND r.petition = ").bind(petition).push(" ORDER BY r.id");
    sql.fetch_all(read).await
}

/// Those of the answer that stands.
fn standing_ones(rows: &[Row], history: &History) -> anyhow::Result<Vec<Review>> {
    let round = history.all("reopened").count() as i64;
    rows.iter().filter(|row| row.round == round).map(Row::review).collect()
}

/// Adds that the viewer finds the review: of the own unit, or of a petition that he or she finds; never where the viewer
/// is to be kept from the petition.
fn push_scope(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" AND (r.unit = ").bind(viewer.unit).push(" OR (1 = 1");
    sight::push(sql, viewer);
    sql.push("))");
    sight::push_recusal(sql, viewer, "p.id");
}

/// A review that the viewer finds.
pub(super) async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Row, Refusal> {
    let mut sql = Sql::new(SELECT);
    sql.push(" AND r.id = ").bind(id);
    push_scope(&mut sql, viewer);
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

/// How many a page of the list has.
pub(super) const PAGE: usize = 50;

/// The reviews that the viewer finds, those under way first and then the newest; `past` of them are passed over.
pub(super) async fn list(read: &mut AnyConnection, viewer: &Viewer, past: i64) -> Result<Vec<Row>, sqlx::Error> {
    let mut sql = Sql::new(SELECT);
    push_scope(&mut sql, viewer);
    sql.push(" ORDER BY CASE WHEN s.served_on IS NULL THEN 0 ELSE 1 END, r.id DESC").limit(PAGE as i64 + 1);
    sql.push(" OFFSET ").bind(past);
    sql.fetch_all(read).await
}

/// Who reviews what a unit decided: the unit above it, or the county's government; nothing where the organ is above the
/// county. The name is that of the organ.
pub(super) async fn above(read: &mut AnyConnection, unit: Option<i64>) -> Result<(Option<i64>, String), sqlx::Error> {
    let found: Option<(i64, String)> = sqlx::query_as(
        "SELECT s.id, CASE WHEN s.kind = 'county' THEN d.name || '人民政府' ELSE s.name END
           FROM unit u
           JOIN unit s ON s.id = COALESCE(u.superior, CASE WHEN u.kind <> 'county' THEN
                (SELECT MIN(c.id) FROM unit c WHERE c.kind = 'county' AND c.valid_to IS NULL) END)
           JOIN division d ON d.code = substr(s.division, 1, 6)
          WHERE u.id = $1",
    )
    .bind(unit)
    .fetch_optional(read)
    .await?;
    Ok(found.map_or((None, "上一级人民政府".to_owned()), |(id, name)| (Some(id), name)))
}

/// What can be asked for now: the stage, who reviews, and the last day where it is known.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) stage: Stage,
    pub(super) unit: Option<i64>,
    pub(super) organ: String,
    pub(super) last: Option<Date>,
}

/// What the petitioner can ask for, as if asked on a day.
pub(super) async fn open(
    read: &mut AnyConnection,
    app: &App,
    petition: i64,
    (matter, history): (&Matter, &History),
    on: Date,
) -> Result<Open, Hindered> {
    let rows = of(read, petition, history).await?;
    let (stage, reviews, last) = stage(app, &rows, (matter, history), on)?;
    let decided_by = match reviews.last() {
        None => matter.lead.map(|lead| lead.unit),
        Some(review) => review.unit,
    };
    let (unit, organ) = reviewer(read, decided_by, matter).await?;
    Ok(Open { stage, unit, organ, last })
}

/// Which stage can be asked for, as if asked on a day; the reviews that stand, and the last day where it is known.
fn stage(
    app: &App,
    rows: &[Row],
    (matter, history): (&Matter, &History),
    on: Date,
) -> Result<(Stage, Vec<Review>, Option<Date>), Hindered> {
    let reviews = standing_ones(rows, history)?;
    let right = if reviews.is_empty() { Stage::Review } else { Stage::ReReview };
    let clock = history.all("clock").filter(|event| event.word == right.request().id()).max_by_key(|event| event.seq);
    let last: Option<Date> = clock.and_then(|event| event.content.parse().ok());
    let stage = next_stage(matter, &reviews, last, (on, app.today())).map_err(Refused::from)?;
    Ok((stage, reviews, last))
}

/// Who reviews what a unit decided, among those that are not to be kept from it and did not answer it themselves.
async fn reviewer(
    read: &mut AnyConnection,
    decided_by: Option<i64>,
    matter: &Matter,
) -> Result<(Option<i64>, String), sqlx::Error> {
    let mut found = above(read, decided_by).await?;
    for _ in 0..LONGEST {
        let Some(unit) = found.0 else { return Ok(found) };
        if !matter.recused_units.contains(&unit) && matter.lead.is_none_or(|lead| lead.unit != unit) {
            return Ok(found);
        }
        found = above(read, Some(unit)).await?;
    }
    above(read, None).await
}

/// Levels of units; a circle among them ends as well.
const LONGEST: usize = 10;

/// What came by post within the term is written down at the desk in the fortnight after it.
const POST: i64 = 15;

/// Whether the desk may write down now that it was asked for.
pub(super) fn may_register(app: &App, rows: &[Row], stands: (&Matter, &History)) -> Result<bool, Refusal> {
    match stage(app, rows, stands, app.today()) {
        Ok(_) => Ok(true),
        Err(Hindered::Rule(Refused::Review(Unreviewable::Late(last)))) => {
            Ok(app.today() <= last.saturating_add(POST.days()))
        }
        Err(Hindered::Rule(_)) => Ok(false),
        Err(Hindered::Edge(refusal)) => Err(refusal),
    }
}

/// The petitioner asks for the next stage, at the desk or with the code.
pub(super) async fn ask(
    write: &mut AnyConnection,
    app: &App,
    (actor, viewer): (Actor, Option<&Viewer>),
    petition: i64,
    (reason, organ): (&str, &str),
    on: Date,
) -> Result<i64, Hindered> {
    // The row is held, so that two who ask at once do not both get a number.
    sqlx::query("UPDATE petition SET version = version + 1 WHERE id = $1").bind(petition).execute(&mut *write).await?;
    if !(5..=2_000).contains(&reason.chars().count()) {
        return Err(Refused::from(Unreviewable::Text("请写明申请的理由，5 至 2000 字")).into());
    }
    if is_erased(write, petition).await? {
        return Err(Refused::Erased.into());
    }
    let standing = standing(write, app, viewer, petition).await?;
    let open = open(write, app, petition, (&standing.matter, &standing.history), on).await?;
    let organ = if open.unit.is_none() && !organ.is_empty() { organ } else { &open.organ };
    let series = format!("攸{}", open.stage);
    let (serial,): (i64,) = sqlx::query_as(
        "INSERT INTO number_series (series, year, last) VALUES ($1, $2, 1)
         ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last",
    )
    .bind(series.clone())
    .bind(i64::from(app.today().year()))
    .fetch_one(&mut *write)
    .await?;
    let id = app.id();
    sqlx::query(
        "INSERT INTO review (id, petition, stage, round, number, unit, organ, reason, asked_on, recorded_by, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)",
    )
    .bind(id)
    .bind(petition)
    .bind(open.stage.word())
    .bind(standing.history.all("reopened").count() as i64)
    .bind(format!("{series}〔{}〕{serial:04}号", app.today().year()))
    .bind(open.unit)
    .bind(organ)
    .bind(reason)
    .bind(on.to_string())
    .bind(actor.official)
    .execute(&mut *write)
    .await?;
    clocks::stop(write, petition, open.stage.request(), on).await?;
    clocks::start(write, app, petition, open.stage.answer(), on).await?;
    let said = json!({ "stage": open.stage, "organ": organ, "reason": reason, "on": on.to_string() });
    chain::record(write, app, actor, "petition.review_requested", Subject("petition", petition), &said).await?;
    Ok(id)
}

/// What a step on a review needs to know.
struct Working {
    row: Row,
    review: Review,
    /// The answer that it is about stands; it was not set aside meanwhile.
    stands: bool,
    matter: Matter,
}

/// The review inside a write, for a step of the viewer; `version` is that of the page on which the form stood.
async fn working(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    version: i64,
) -> Result<Working, Hindered> {
    let row = find(write, viewer, id).await?;
    let held = sqlx::query("UPDATE review SET version = version + 1 WHERE id = $1 AND version = $2")
        .bind(id)
        .bind(version)
        .execute(&mut *write)
        .await?;
    if held.rows_affected() == 0 {
        return Err(Refusal::Stale.into());
    }
    if is_erased(write, row.petition).await? {
        return Err(Refused::Erased.into());
    }
    let Standing { matter, history, .. } = standing(write, app, None, row.petition).await?;
    let review = row.review()?;
    may_work(&row, &review, (&matter, &history), viewer)?;
    let stands = row.round == history.all("reopened").count() as i64;
    Ok(Working { row, review, stands, matter })
}

/// Whether the viewer may work on it: in the reviewing unit, and without a hand in the matter before.
pub(super) fn may_work(
    row: &Row,
    review: &Review,
    (matter, history): (&Matter, &History),
    viewer: &Viewer,
) -> Result<(), Hindered> {
    let disposes = viewer.may("petitions.register") || matter.receiver == Some(viewer.unit);
    review.open_to(party(viewer), &worked(row, matter, history), disposes).map_err(Refused::from)?;
    Ok(())
}

/// Whoever had a hand in the matter before this review: its handler and leader, whoever accepted, investigated,
/// prolonged, answered or served it, and whoever decided an earlier review.
fn worked(row: &Row, matter: &Matter, history: &History) -> Vec<i64> {
    const HANDS: [&str; 9] =
        ["accepted", "step", "extended", "opinion", "was_answered", "settled", "served", "executed", "bound"];
    let earlier = history.all("reviewed").filter(|event| event.seq != row.id);
    let hands = history.0.iter().filter(|event| HANDS.contains(&event.kind.as_str())).chain(earlier);
    hands.filter_map(|event| event.official).chain(matter.handler).chain(matter.opinion.map(|one| one.by)).collect()
}

/// What an opinion of a review says.
pub(super) struct Decision<'a> {
    pub(super) verdict: Verdict,
    pub(super) facts: &'a str,
    pub(super) basis: &'a str,
    pub(super) reply: &'a str,
}

/// The opinion of a review is issued.
pub(super) async fn decide(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, version): (i64, i64),
    decision: &Decision<'_>,
) -> Result<(), Hindered> {
    let Working { row, review, .. } = working(write, app, viewer, id, version).await?;
    review.decide().map_err(Refused::from)?;
    sqlx::query(
        "INSERT INTO review_opinion (review, verdict, facts, basis, reply, issued_on, written_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(decision.verdict.word())
    .bind(decision.facts)
    .bind(decision.basis)
    .bind(decision.reply)
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(&mut *write)
    .await?;
    let said = json!({ "number": row.number, "verdict": decision.verdict, "facts": decision.facts,
                       "basis": decision.basis, "reply": decision.reply });
    let subject = Subject("petition", row.petition);
    chain::record(write, app, viewer.actor(), "petition.review_issued", subject, &said).await?;
    Ok(())
}

/// The opinion reached the petitioner: the right to the next stage begins, or the matter is handled anew, or it ends.
pub(super) async fn serve(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, version): (i64, i64),
    (on, manner, signed_by): (Date, Manner, &str),
) -> Result<(), Hindered> {
    let Working { row, review, stands, .. } = working(write, app, viewer, id, version).await?;
    let verdict = review.serve(on, manner, signed_by, app.today()).map_err(Refused::from)?;
    sqlx::query(
        "INSERT INTO review_service (review, served_on, manner, signed_by, recorded_by, recorded_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(on.to_string())
    .bind(manner.word())
    .bind(signed_by)
    .bind(viewer.official)
    .bind(app.now().as_millisecond())
    .execute(&mut *write)
    .await?;
    clocks::stop(write, row.petition, review.stage.answer(), on).await?;
    let said = json!({ "number": row.number, "on": on.to_string(), "manner": manner });
    let subject = Subject("petition", row.petition);
    chain::record(write, app, viewer.actor(), "petition.review_served", subject, &said).await?;
    // An answer that was set aside while it was reviewed is being handled anew already.
    if !stands {
        return Ok(());
    }
    if verdict == Verdict::Redo {
        let reason = format!("{}责令重新处理（{}）", review.stage, row.number);
        let act = Act::Reopen { reason, review: Some(id) };
        return act_as(write, app, viewer.actor(), party(viewer), row.petition, &act).await;
    }
    if review.stage == Stage::Review {
        clocks::start(write, app, row.petition, Stage::ReReview.request(), on).await?;
    }
    Ok(())
}

/// The reviewing unit held a hearing: its days are left out of the clock (art. 36).
pub(super) async fn hear(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, version): (i64, i64),
    (days, reason): ((Date, Date), &str),
) -> Result<(), Hindered> {
    let Working { row, review, matter, .. } = working(write, app, viewer, id, version).await?;
    review.decide().map_err(Refused::from)?;
    let clock = review.stage.answer();
    let span = matter.hear_in_review(clock, days, app.today())?;
    clocks::suspend(write, app, row.petition, (clock, span), (reason, Some(viewer.official))).await?;
    let said = json!({ "number": row.number, "from": days.0, "to": days.1, "reason": reason });
    chain::record(write, app, viewer.actor(), "petition.heard", Subject("petition", row.petition), &said).await?;
    Ok(())
}

/// A unit that is to be kept from the matter does not review it. The next one above it does, or an organ above the
/// county, for which the petition office writes down what it decided; the days go on. An opinion that is out stays
/// that of its organ, and the petition office serves it.
pub(super) async fn hand_up(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    petition: i64,
    (matter, history): (&Matter, &History),
) -> anyhow::Result<()> {
    let rows = of(write, petition, history).await?;
    let kept = |unit: &Option<i64>| unit.is_some_and(|unit| matter.recused_units.contains(&unit));
    let Some(row) = rows.into_iter().find(|row| row.served_on.is_empty() && kept(&row.unit)) else { return Ok(()) };
    let (unit, organ) = match &*row.issued_on {
        "" => reviewer(write, row.unit, matter).await?,
        _ => (None, row.organ.clone()),
    };
    sqlx::query("UPDATE review SET unit = $2, organ = $3, version = version + 1 WHERE id = $1")
        .bind(row.id)
        .bind(unit)
        .bind(organ.clone())
        .execute(&mut *write)
        .await?;
    let said = json!({ "number": row.number, "organ": organ, "was": row.organ });
    chain::record(write, app, actor, "petition.review_handed_up", Subject("petition", petition), &said).await?;
    Ok(())
}

/// Whether the same facts are accepted no more: the re-review of the answer that stands was served (art. 36).
pub(super) fn ended(rows: &[Row], history: &History) -> anyhow::Result<bool> {
    Ok(standing_ones(rows, history)?.iter().any(Review::ends))
}
