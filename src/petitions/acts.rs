//! Carrying an act out: the rules decide, then the petition, the row of the act, its clocks and the chain change in
//! one write.

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::history::{Facts, History, party};
use super::rules::{Act, Category, Duty, Matter, Paper, Part, Party, Refused, State, Tick};
use super::sight;
use super::voice::is_erased;
use super::{bound, clocks, disputes, forms, reviews};
use crate::accounts::{Viewer, county_petition_office};
use crate::chain::{self, Actor, Subject};
use crate::db::Sql;
use crate::web::{App, Refusal};
use crate::{entries, plans};

/// Why an act did not happen.
#[derive(Debug)]
pub enum Hindered {
    /// A rule is against it; the text goes back with the form.
    Rule(Refused),
    /// Not there, somebody was faster, or a fault.
    Edge(Refusal),
}

impl From<Refused> for Hindered {
    fn from(refused: Refused) -> Self {
        Self::Rule(refused)
    }
}

impl From<Refusal> for Hindered {
    fn from(refusal: Refusal) -> Self {
        Self::Edge(refusal)
    }
}

impl From<sqlx::Error> for Hindered {
    fn from(error: sqlx::Error) -> Self {
        Self::Edge(error.into())
    }
}

impl From<anyhow::Error> for Hindered {
    fn from(error: anyhow::Error) -> Self {
        Self::Edge(error.into())
    }
}

/// The row of a petition as an act needs it.
#[derive(Debug, FromRow)]
struct Row {
    state: String,
    category: String,
    branch: Option<i64>,
    anonymous: i64,
    registered_by: Option<i64>,
    received_by: Option<i64>,
    unit: Option<i64>,
    handler: Option<i64>,
    division: String,
    version: i64,
}

/// Facts of the rules from the words of a row.
pub(super) fn facts(
    (state, category): (&str, &str),
    branch: Option<i64>,
    (anonymous, registered_by): (i64, Option<i64>),
    (receiver, unit, handler): (Option<i64>, Option<i64>, Option<i64>),
) -> anyhow::Result<Facts> {
    Ok(Facts {
        state: State::from_word(state).ok_or_else(|| anyhow::anyhow!("no state {state}"))?,
        category: Category::from_word(category).ok_or_else(|| anyhow::anyhow!("no category {category}"))?,
        branch,
        anonymous: anonymous == 1,
        registered_by,
        receiver,
        unit,
        handler,
    })
}

/// A petition as it stands inside a write.
pub(super) struct Standing {
    pub(super) matter: Matter,
    pub(super) version: i64,
    division: String,
    pub(super) history: History,
}

/// A petition as the rules see it now, as far as the viewer finds it; without a viewer the caller has looked.
pub(super) async fn standing(
    write: &mut AnyConnection,
    app: &App,
    viewer: Option<&Viewer>,
    id: i64,
) -> Result<Standing, Refusal> {
    let mut sql = Sql::new(
        "SELECT p.state, p.category, p.branch, p.anonymous, p.registered_by, p.received_by, p.unit, p.handler,
                p.division, p.version
           FROM petition p WHERE p.id = ",
    );
    sql.bind(id);
    if let Some(viewer) = viewer {
        sight::push(&mut sql, viewer);
    }
    let row: Row = sql.fetch_optional(&mut *write).await?.ok_or(Refusal::NotFound)?;
    let stated = (row.anonymous, row.registered_by);
    let units = (row.received_by, row.unit, row.handler);
    let facts = facts((&row.state, &row.category), row.branch, stated, units)?;
    let history = History::of(write, id, false).await?;
    let matter = history.matter(&facts, app)?;
    Ok(Standing { matter, version: row.version, division: row.division, history })
}

/// An official's act on a petition that he or she finds. `version` is that of the page on which the form stood.
///
/// The role is judged by the route's access; sight and the rules here.
pub async fn act(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    version: i64,
    act: &Act,
) -> Result<(), Hindered> {
    let standing = standing(write, app, Some(viewer), id).await?;
    if standing.version != version {
        return Err(Refusal::Stale.into());
    }
    forms::in_remit(&standing.matter, viewer, act.noun())?;
    let division = standing.division.clone();
    // Its owner was done when the answer arrived; the days until somebody else closes it are not the owner's.
    let done_on = standing.matter.opinion.map_or(app.today(), |opinion| opinion.served_on.unwrap_or(opinion.on));
    carry(write, app, (viewer.actor(), party(viewer)), id, standing, act).await?;
    match act {
        // The entry tells the chain of the step, with what was done.
        Act::Step { on, duty, content } => {
            entries::record_step(write, app, viewer, (id, &division), *duty, *on, content).await?;
        }
        Act::Close { .. } => {
            plans::propose_cancellation(write, app, viewer.actor(), id, done_on).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether the viewer may put a step of that day on a petition now, as the rules judge it of the card's own form; gives
/// the division of the matter. For entries that concern one.
pub async fn judge_step(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    id: i64,
    on: Date,
    duty: Option<Duty>,
) -> Result<String, Hindered> {
    let standing = standing(read, app, Some(viewer), id).await?;
    standing.matter.after(party(viewer), &Act::Step { on, duty, content: String::new() }, app.today())?;
    Ok(standing.division)
}

/// The petitioner's own act, whose sight is the code on the receipt.
pub(super) async fn act_as(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    party: Party,
    id: i64,
    act: &Act,
) -> Result<(), Hindered> {
    let standing = standing(write, app, None, id).await?;
    carry(write, app, (actor, party), id, standing, act).await
}

async fn carry(
    write: &mut AnyConnection,
    app: &App,
    (actor, party): (Actor, Party),
    id: i64,
    Standing { matter, version, history, .. }: Standing,
    act: &Act,
) -> Result<(), Hindered> {
    let today = app.today();
    // Nothing new is written about what is erased, and nothing of it begins anew.
    if !matches!(act, Act::Recuse { .. }) && is_erased(write, id).await? {
        return Err(Refused::Erased.into());
    }
    let (mut next, ticks) = matter.after(party, act, today)?;
    forms::known(write, app, act, &matter, id).await??;
    if let Act::Recuse { unit: Some(unit), .. } = act
        && matter.receiver.is_none_or(|receiver| receiver == *unit)
    {
        // Whoever took it in is the one complained of: another disposes of it from now on.
        next.receiver = county_petition_office(write, &next.recused_units, &today.to_string()).await?;
        if matter.receiver.is_some() && next.receiver.is_none() {
            return Err(Refused::NobodyLeft.into());
        }
        next.unit = next.unit.or(next.receiver);
    }
    let guarded = sqlx::query(
        "UPDATE petition SET version = version + 1, state = $3, category = $4, branch = $5, unit = $6, handler = $7,
                received_by = $8
          WHERE id = $1 AND version = $2",
    )
    .bind(id)
    .bind(version)
    .bind(next.state.word())
    .bind(next.category.word())
    .bind(next.branch)
    .bind(next.unit)
    .bind(next.handler)
    .bind(next.receiver)
    .execute(&mut *write)
    .await?;
    if guarded.rows_affected() == 0 {
        return Err(Refusal::Stale.into());
    }
    insert(write, app, party, id, act).await?;
    disputes::keep(write, app, (party, id, act), (&matter, &next), &history).await??;
    if let (Act::Recuse { .. }, Some(leader)) = (act, next.leader)
        && sight::is_recused(write, leader, id).await?
    {
        // Of the unit that is to be kept from it: whoever cannot find it answers for nothing in it.
        next.leader = None;
    }
    if matches!(act, Act::Recuse { unit: Some(_), .. }) {
        reviews::hand_up(write, app, actor, id, (&next, &history)).await?;
    }
    if matter.lead.is_some() && next.lead.is_none() {
        let lead = history.lead().map(|assignment| assignment.seq);
        end("UPDATE assignment SET ended_on = $2 WHERE id = $1", lead, app, write).await?;
    }
    if let Act::Recuse { unit: Some(unit), .. } = act {
        let helping = history
            .all("assigned")
            .find(|event| event.word == Part::Help.word() && event.other.is_empty() && event.unit == Some(*unit));
        end("UPDATE assignment SET ended_on = $2 WHERE id = $1", helping.map(|event| event.seq), app, write).await?;
    }
    if matter.leader.is_some() && next.leader.is_none() {
        let binding = history.binding().map(|binding| binding.seq);
        end("UPDATE leader_binding SET ended_on = $2 WHERE id = $1", binding, app, write).await?;
    }
    execution(write, id, (&matter, &next), act, today).await?;
    for tick in ticks {
        match tick {
            Tick::Start(clock, from) => {
                clocks::start(write, app, id, clock, from).await?;
            }
            Tick::Stop(clock, on) => clocks::stop(write, id, clock, on).await?,
            Tick::Extend(clock, days) => clocks::extend(write, app, id, clock, days).await?,
            Tick::Suspend(clock, span) => {
                let reason = if let Act::Hear { reason, .. } = act { reason.as_str() } else { "" };
                clocks::suspend(write, app, id, (clock, span), (reason, party.official)).await?;
            }
            Tick::Resume(clock) => clocks::resume(write, id, clock).await?,
        }
    }
    if !matches!(act, Act::Step { .. }) {
        chain::record(write, app, actor, act.record(), Subject("petition", id), act).await?;
    }
    Ok(())
}

/// What was supported or agreed begins to be carried out, or is done.
async fn execution(
    write: &mut AnyConnection,
    id: i64,
    (before, after): (&Matter, &Matter),
    act: &Act,
    today: Date,
) -> Result<(), sqlx::Error> {
    let today = today.to_string();
    let query = match (before.to_execute, after.to_execute) {
        (false, true) => {
            let due = if let Act::Settle { agreement } = act { Some(agreement.due_on.to_string()) } else { None };
            let text = "INSERT INTO execution (petition, since, due_on) VALUES ($1, $2, $3)
                        ON CONFLICT (petition) DO UPDATE SET since = $2, due_on = $3, done_on = NULL";
            sqlx::query(text).bind(id).bind(today).bind(due)
        }
        (true, false) => sqlx::query("UPDATE execution SET done_on = $2 WHERE petition = $1").bind(id).bind(today),
        _ => return Ok(()),
    };
    query.execute(&mut *write).await?;
    Ok(())
}

/// The answer of a petition and what followed it go; the reopening has kept them.
async fn set_aside(write: &mut AnyConnection, id: i64) -> Result<(), sqlx::Error> {
    for sql in [
        "DELETE FROM closure WHERE petition = $1",
        "DELETE FROM acknowledgment WHERE petition = $1",
        "DELETE FROM opinion WHERE petition = $1",
    ] {
        sqlx::query(sql).bind(id).execute(&mut *write).await?;
    }
    Ok(())
}

async fn end(sql: &'static str, row: Option<i64>, app: &App, write: &mut AnyConnection) -> Result<(), sqlx::Error> {
    if let Some(row) = row {
        sqlx::query(sql).bind(row).bind(app.today().to_string()).execute(write).await?;
    }
    Ok(())
}

/// Adds the row of the act. What has no row of its own is told by the petition and the chain.
async fn insert(write: &mut AnyConnection, app: &App, by: Party, id: i64, act: &Act) -> Result<(), sqlx::Error> {
    let today = app.today().to_string();
    let query = match act {
        // The rows of a hearing are those of its clocks, those of a dispute come after the petition's.
        Act::Classify { .. }
        | Act::TakeBack
        | Act::Refer { .. }
        | Act::Deadlock { .. }
        | Act::Rule { .. }
        | Act::Unbind
        | Act::Hear { .. }
        | Act::Step { .. } => return Ok(()),
        Act::Recuse { unit, official } => sqlx::query(
            "INSERT INTO recusal (id, petition, unit, official, reason, recorded_at, recorded_by)
             VALUES ($1, $2, $3, $4, 'declared', $5, $6)",
        )
        .bind(app.id())
        .bind(id)
        .bind(*unit)
        .bind(*official)
        .bind(app.now().as_millisecond())
        .bind(by.official),
        Act::Forward { organ, letter } => sqlx::query(
            "INSERT INTO forwarding (petition, organ, letter, forwarded_on, forwarded_by) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(organ)
        .bind(letter)
        .bind(today)
        .bind(by.official),
        Act::Assign { unit, part, instruction } => sqlx::query(
            "INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(app.id())
        .bind(id)
        .bind(*unit)
        .bind(part.word())
        .bind(today)
        .bind(by.official)
        .bind(instruction),
        Act::Accept { path } => sqlx::query(
            "INSERT INTO acceptance (petition, accepted_on, accepted_by, path) VALUES ($1, $2, $3, $4)
             ON CONFLICT (petition) DO UPDATE SET accepted_on = $2, accepted_by = $3, path = $4",
        )
        .bind(id)
        .bind(today)
        .bind(by.official)
        .bind(path),
        Act::Object { reason } => sqlx::query(
            "INSERT INTO objection (assignment, petition, reason, raised_on, raised_by)
             SELECT id, petition, $2, $3, $4 FROM assignment WHERE petition = $1 AND part = 'lead' AND ended_on IS NULL",
        )
        .bind(id)
        .bind(reason)
        .bind(today)
        .bind(by.official),
        Act::Extend { days, reason } => sqlx::query(
            "INSERT INTO extension (petition, days, reason, asked_by, consented_by, consented_on)
             SELECT id, $2, $3, COALESCE(handler, $4), $4, $5 FROM petition WHERE id = $1",
        )
        .bind(id)
        .bind(*days)
        .bind(reason)
        .bind(by.official)
        .bind(today),
        Act::Issue { outcome, request, facts, basis, reply } => sqlx::query(
            "INSERT INTO opinion (petition, outcome, request, facts, basis, reply, issued_on, written_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(outcome.word())
        .bind(request)
        .bind(facts)
        .bind(basis)
        .bind(reply)
        .bind(today)
        .bind(by.official),
        Act::Serve { paper: Paper::Forwarding, on, manner, signed_by } => sqlx::query(
            "INSERT INTO forwarding_service (petition, served_on, manner, signed_by, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(on.to_string())
        .bind(manner.word())
        .bind(signed_by)
        .bind(by.official)
        .bind(app.now().as_millisecond()),
        Act::Serve { paper, on, manner, signed_by } => sqlx::query(
            "INSERT INTO service (id, petition, paper, served_on, manner, signed_by, recorded_by, recorded_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(app.id())
        .bind(id)
        .bind(paper.word())
        .bind(on.to_string())
        .bind(manner.word())
        .bind(signed_by)
        .bind(by.official)
        .bind(app.now().as_millisecond()),
        Act::Acknowledge => {
            sqlx::query("INSERT INTO acknowledgment (petition, given_on, recorded_by) VALUES ($1, $2, $3)")
                .bind(id)
                .bind(today)
                .bind(by.official)
        }
        Act::CallBack { on, reached, content } => sqlx::query(
            "INSERT INTO call_back (id, petition, called_on, reached, content, called_by) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(app.id())
        .bind(id)
        .bind(on.to_string())
        .bind(i64::from(*reached))
        .bind(content)
        .bind(by.official),
        Act::Bind { leader, due_on } => sqlx::query(
            "INSERT INTO leader_binding (id, petition, leader, quarter, due_on, bound_on, bound_by, place)
             VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE((
               SELECT CASE WHEN u.kind = 'township' THEN u.division ELSE substr(u.division, 1, 6) END
                 FROM appointment a JOIN role_grant g ON g.appointment = a.id AND g.role = 'leader'
                 JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit
                WHERE a.official = $3 AND (a.held_to IS NULL OR a.held_to > $6) ORDER BY a.id LIMIT 1), ''))",
        )
        .bind(app.id())
        .bind(id)
        .bind(*leader)
        .bind(bound::rules::quarter_of(app.today()).to_string())
        .bind(due_on.to_string())
        .bind(today)
        .bind(by.official),
        Act::Settle { agreement } => sqlx::query(
            "INSERT INTO settlement (petition, manner, parties, facts, terms, performance, due_on, agreed_on, recorded_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(agreement.manner.word())
        .bind(&agreement.parties)
        .bind(&agreement.facts)
        .bind(&agreement.terms)
        .bind(&agreement.performance)
        .bind(agreement.due_on.to_string())
        .bind(agreement.agreed_on.to_string())
        .bind(by.official),
        Act::Withdraw { reason } => sqlx::query(
            "INSERT INTO withdrawal (petition, reason, withdrawn_on, recorded_by) VALUES ($1, $2, $3, $4)",
        )
        .bind(id)
        .bind(reason)
        .bind(today)
        .bind(by.official),
        Act::Unreach { reason } => {
            sqlx::query("INSERT INTO unreachable (petition, reason, found_on, found_by) VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(reason)
                .bind(today)
                .bind(by.official)
        }
        Act::Execute { content, done } => sqlx::query(
            "INSERT INTO execution_report (id, petition, content, is_done, reported_on, reported_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(app.id())
        .bind(id)
        .bind(content)
        .bind(i64::from(*done))
        .bind(today)
        .bind(by.official),
        Act::Reopen { reason, review } => sqlx::query(
            "INSERT INTO reopening (id, petition, reason, reopened_on, reopened_by, review, outcome, request, facts, basis,
                                    reply, issued_on, written_by, acknowledged_on, resolution, closed_on, closed_by)
             SELECT $2, o.petition, $3, $4, $5, $6, o.outcome, o.request, o.facts, o.basis, o.reply, o.issued_on,
                    o.written_by, k.given_on, c.resolution, c.closed_on, c.closed_by
               FROM opinion o LEFT JOIN acknowledgment k ON k.petition = o.petition
               LEFT JOIN closure c ON c.petition = o.petition WHERE o.petition = $1",
        )
        .bind(id)
        .bind(app.id())
        .bind(reason)
        .bind(today)
        .bind(by.official)
        .bind(*review),
        Act::Close { resolution } => {
            sqlx::query("INSERT INTO closure (petition, resolution, closed_on, closed_by) VALUES ($1, $2, $3, $4)")
                .bind(id)
                .bind(resolution.word())
                .bind(today)
                .bind(by.official)
        }
    };
    query.execute(&mut *write).await?;
    if matches!(act, Act::Reopen { .. }) {
        set_aside(write, id).await?;
    }
    Ok(())
}
