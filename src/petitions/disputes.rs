//! Disputes about whose matter it is: who is the common superior of the units, by the line of posts, and what a ruling
//! changes.

use jiff::civil::Date;
use sqlx::{AnyConnection, FromRow};

use super::history::History;
use super::rules::{Act, Matter, Part, Party, Quarrel, Refused};
use super::{sight, veil};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::App;

/// No line of posts is longer; one that were would be a circle.
const LONGEST: usize = 20;

/// The post that heads a unit and the posts above it, from below: of a unit's posts the one whose superior sits elsewhere.
pub(super) async fn line(read: &mut AnyConnection, unit: i64) -> Result<Vec<i64>, sqlx::Error> {
    let mut next: Option<(i64, Option<i64>)> = sqlx::query_as(
        "SELECT p.id, p.superior FROM post p LEFT JOIN post s ON s.id = p.superior
          WHERE p.unit = $1 AND (s.id IS NULL OR s.unit <> p.unit)
          ORDER BY CASE WHEN s.id IS NULL THEN 1 ELSE 0 END, p.code LIMIT 1",
    )
    .bind(unit)
    .fetch_optional(&mut *read)
    .await?;
    let mut line = Vec::new();
    while let Some((post, superior)) = next.filter(|_| line.len() < LONGEST) {
        line.push(post);
        next = match superior {
            None => None,
            Some(superior) => {
                sqlx::query_as("SELECT id, superior FROM post WHERE id = $1")
                    .bind(superior)
                    .fetch_optional(&mut *read)
                    .await?
            }
        };
    }
    Ok(line)
}

/// Who holds a post on a day and may be told of a petition: not to be kept from it, and with a role that decides or
/// answers for a unit.
pub(super) async fn holder(read: &mut AnyConnection, post: i64, petition: i64) -> Result<Option<i64>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT f.id FROM appointment a JOIN official f ON f.id = a.official
           JOIN role_grant g ON g.appointment = a.id AND g.role IN ('leader', 'superior')
          WHERE a.held_to IS NULL AND a.post = ",
    );
    sql.bind(post);
    sight::push_unrecused(&mut sql, petition);
    sql.push(" ORDER BY f.id LIMIT 1");
    let found: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(found.map(|(official,)| official))
}

/// The lowest post above all of the units that somebody holds who may decide.
async fn common_superior(read: &mut AnyConnection, units: &[i64], petition: i64) -> Result<Option<i64>, sqlx::Error> {
    let mut lines = Vec::new();
    for unit in units {
        lines.push(line(read, *unit).await?);
    }
    let Some((first, others)) = lines.split_first() else { return Ok(None) };
    for post in first.iter().filter(|post| others.iter().all(|line| line.contains(post))) {
        if holder(read, *post, petition).await?.is_some() {
            return Ok(Some(*post));
        }
    }
    Ok(None)
}

/// The units between which a dispute is: the sender and the lead, or everybody who takes part.
fn parties(matter: &Matter, kind: Quarrel) -> Vec<i64> {
    let lead = matter.lead.map(|lead| lead.unit);
    match kind {
        Quarrel::Objection => matter.receiver.into_iter().chain(lead).collect(),
        Quarrel::Deadlock => lead.into_iter().chain(matter.helpers.iter().copied()).collect(),
    }
}

/// Writes down what an act does to a dispute: it is raised, decided, or falls away.
pub(super) async fn keep(
    write: &mut AnyConnection,
    app: &App,
    (party, id, act): (Party, i64, &Act),
    (before, after): (&Matter, &Matter),
    history: &History,
) -> anyhow::Result<Result<(), Refused>> {
    let today = app.today();
    let open = history.dispute().map(|dispute| dispute.seq);
    match (act, after.dispute) {
        (Act::Refer { reason } | Act::Deadlock { reason }, Some(dispute)) => {
            let found = common_superior(write, &parties(before, dispute.kind), id).await?;
            let Some(superior) = found else { return Ok(Err(Refused::NoCommonSuperior)) };
            sqlx::query(
                "INSERT INTO dispute (id, petition, kind, reason, raised_on, raised_by, superior)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(app.id())
            .bind(id)
            .bind(dispute.kind.word())
            .bind(reason)
            .bind(today.to_string())
            .bind(party.official)
            .bind(superior)
            .execute(write)
            .await?;
        }
        (Act::Rule { unit, reason }, _) => {
            sqlx::query(
                "INSERT INTO ruling (dispute, petition, unit, reason, decided_on, decided_by)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(open)
            .bind(id)
            .bind(*unit)
            .bind(reason)
            .bind(today.to_string())
            .bind(party.official)
            .execute(&mut *write)
            .await?;
            end(write, open, today).await?;
            reassign(write, app, (party, id, reason), (before, after), history).await?;
        }
        // Whoever was to decide is to be kept from it from now on: another decides, or nobody can.
        (Act::Recuse { .. }, Some(dispute)) => match common_superior(write, &parties(after, dispute.kind), id).await? {
            Some(superior) => {
                sqlx::query("UPDATE dispute SET superior = $2 WHERE id = $1")
                    .bind(open)
                    .bind(superior)
                    .execute(write)
                    .await?;
            }
            None => end(write, open, today).await?,
        },
        (_, None) if before.dispute.is_some() => end(write, open, today).await?,
        _ => {}
    }
    Ok(Ok(()))
}

async fn end(write: &mut AnyConnection, dispute: Option<i64>, today: Date) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE dispute SET ended_on = $2 WHERE id = $1")
        .bind(dispute)
        .bind(today.to_string())
        .execute(write)
        .await?;
    Ok(())
}

/// The rows of the assignments after a ruling: the unit named leads, the one that led until now helps or is out of it.
async fn reassign(
    write: &mut AnyConnection,
    app: &App,
    (party, id, reason): (Party, i64, &str),
    (before, after): (&Matter, &Matter),
    history: &History,
) -> anyhow::Result<()> {
    let (Some(was), Some(is)) = (before.lead, after.lead) else { return Ok(()) };
    if was.unit == is.unit {
        return Ok(());
    }
    let today = app.today().to_string();
    let mut added = vec![(is.unit, Part::Lead)];
    if after.helpers.contains(&was.unit) {
        added.push((was.unit, Part::Help));
    }
    let running = history.all("assigned").filter(|event| event.other.is_empty());
    for event in running.filter(|event| [Some(was.unit), Some(is.unit)].contains(&event.unit)) {
        sqlx::query("UPDATE assignment SET ended_on = $2 WHERE id = $1")
            .bind(event.seq)
            .bind(today.clone())
            .execute(&mut *write)
            .await?;
    }
    for (unit, part) in added {
        sqlx::query(
            "INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(app.id())
        .bind(id)
        .bind(unit)
        .bind(part.word())
        .bind(today.clone())
        .bind(party.official)
        .bind(reason.to_owned())
        .execute(&mut *write)
        .await?;
    }
    Ok(())
}

/// Who is to decide, with the post: 副县长 谢国华; empty where nothing waits.
pub(super) async fn judge(read: &mut AnyConnection, petition: i64) -> Result<String, sqlx::Error> {
    let found: Option<(String,)> = sqlx::query_as(
        "SELECT p.title || COALESCE(' ' || f.name, '') FROM dispute d JOIN post p ON p.id = d.superior
           LEFT JOIN appointment a ON a.post = p.id AND a.held_to IS NULL LEFT JOIN official f ON f.id = a.official
          WHERE d.petition = $1 AND d.ended_on IS NULL ORDER BY f.id LIMIT 1",
    )
    .bind(petition)
    .fetch_optional(read)
    .await?;
    Ok(found.map(|(name,)| name).unwrap_or_default())
}

/// A dispute that waits for the viewer.
#[derive(Debug, FromRow)]
pub struct ToRule {
    /// The petition.
    pub id: i64,
    /// 攸信〔2026〕0001号.
    pub number: String,
    /// In a few words, as far as the viewer may see.
    pub title: String,
    /// The day on which it was raised.
    pub raised_on: String,
    kind: String,
}

impl ToRule {
    /// What it is about.
    pub fn kind(&self) -> &'static str {
        Quarrel::from_word(&self.kind).map_or("", Quarrel::label)
    }
}

/// The disputes that wait for whoever holds the viewer's post, the oldest first.
pub async fn to_rule(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<ToRule>, sqlx::Error> {
    if !viewer.may("petitions.rule") {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT p.id, p.number, p.title, d.raised_on, d.kind FROM dispute d JOIN petition p ON p.id = d.petition
          WHERE d.ended_on IS NULL AND d.superior = ",
    );
    sql.bind(viewer.post);
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY d.id LIMIT 20");
    let mut rows: Vec<ToRule> = sql.fetch_all(&mut *read).await?;
    veil::veil(read, viewer, rows.iter_mut().map(|row| (row.id, &mut row.title)).collect()).await?;
    Ok(rows)
}
