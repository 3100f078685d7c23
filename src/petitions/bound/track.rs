//! Bindings as lists and pages track them: deadline, what of the five duties has evidence, who holds how many.

use jiff::civil::Date;
use policy::Quarter;
use sqlx::{AnyConnection, FromRow};

use super::rules::{self, days, labels};
use super::sight::Eyes;
use crate::accounts::{Viewer, list_place};
use crate::db::Sql;
use crate::petitions::clocks::Standing;
use crate::petitions::rules::{Duty, Refused, State};
use crate::petitions::{sight, veil};
use crate::web::{App, day};

/// A binding as it is tracked.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Binding {
    pub(super) id: i64,
    pub(super) petition: i64,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) place: String,
    pub(super) place_name: String,
    pub(super) leader: i64,
    pub(super) leader_name: String,
    pub(super) due_on: String,
    pub(super) bound_on: String,
    /// Ended, or ''.
    pub(super) ended_on: String,
    /// The petition was closed, or ''.
    pub(super) closed_on: String,
    /// Words of the criteria of the proposal that was approved; '' without one.
    pub(super) criteria: String,
    pub(super) reason: String,
    pub(super) approved_by: String,
    pub(super) approved_on: String,
    /// From whom it was taken over, or ''.
    pub(super) taken_from: String,
    /// To whom it is being handed over, or ''.
    pub(super) handing_to: String,
    /// The later deadline that waits for consent, or ''.
    pub(super) asked_for: String,
}

const BINDING: &str =
    "SELECT b.id, b.petition, p.number, p.title, p.state, b.place, COALESCE(v.name, '') AS place_name, b.leader,
        f.name AS leader_name, b.due_on, b.bound_on, COALESCE(b.ended_on, '') AS ended_on,
        COALESCE(c.closed_on, '') AS closed_on, COALESCE(r.criteria, '') AS criteria, COALESCE(r.reason, '') AS reason,
        COALESCE(d.name, '') AS approved_by, COALESCE(r.decided_on, '') AS approved_on,
        COALESCE(g.name, '') AS taken_from,
        COALESCE((SELECT s.name FROM binding_handover h JOIN official s ON s.id = h.successor
                   WHERE h.binding = b.id AND h.taken_on IS NULL AND h.dropped_on IS NULL), '') AS handing_to,
        COALESCE((SELECT e.due_on FROM binding_extension e
                   WHERE e.binding = b.id AND e.decided_on IS NULL), '') AS asked_for
   FROM leader_binding b
   JOIN petition p ON p.id = b.petition
   JOIN official f ON f.id = b.leader
   LEFT JOIN division v ON v.code = b.place
   LEFT JOIN closure c ON c.petition = p.id
   LEFT JOIN binding_proposal r ON r.binding = b.id
   LEFT JOIN official d ON d.id = r.decided_by
   LEFT JOIN binding_handover k ON k.next = b.id
   LEFT JOIN official g ON g.id = k.given_by
  WHERE 1 = 1";

/// The rows of one page.
pub(super) const PAGE: i64 = 100;

/// Which bindings are asked for.
pub(super) enum Which<'a> {
    /// Those of a quarter, of one list or (empty) of all, from a keyset `day.id` on (empty: from the first).
    Quarter(Quarter, &'a str, &'a str),
    /// Those that run for the viewer, and those that the viewer is to take over.
    Own,
    /// One.
    One(i64),
}

/// The bindings that a viewer finds, the sooner due first; names of petitioners are hidden as everywhere.
pub(super) async fn bindings(
    read: &mut AnyConnection,
    viewer: &Viewer,
    eyes: &Eyes,
    which: &Which<'_>,
) -> Result<Vec<Binding>, sqlx::Error> {
    let mut sql = Sql::new(BINDING);
    match which {
        Which::One(id) => {
            sql.push(" AND b.id = ").bind(*id);
            eyes.push(&mut sql, viewer, Some("b.leader = "));
        }
        Which::Own => {
            sql.push(" AND b.ended_on IS NULL AND (b.leader = ").bind(viewer.official);
            sql.push(" OR b.id IN (SELECT y.binding FROM binding_handover y WHERE y.taken_on IS NULL");
            sql.push(" AND y.dropped_on IS NULL AND y.successor = ").bind(viewer.official).push("))");
            sight::push_recusal(&mut sql, viewer, "p.id");
            sql.push(" ORDER BY b.due_on, b.id LIMIT 100");
        }
        Which::Quarter(quarter, place, after) => {
            let (first, last) = days(*quarter);
            sql.push(" AND b.bound_on <= ").bind(last.to_string());
            sql.push(" AND (b.ended_on IS NULL OR b.ended_on >= ").bind(first.to_string());
            sql.push(") AND (c.closed_on IS NULL OR c.closed_on >= ").bind(first.to_string()).push(")");
            if place.len() == 6 {
                sql.push(" AND (b.place = ").bind((*place).to_owned()).push(" OR b.place = '')");
            } else if !place.is_empty() {
                sql.push(" AND b.place = ").bind((*place).to_owned());
            }
            if let Some((due, id)) = after.split_once('.')
                && let Ok(id) = id.parse::<i64>()
            {
                sql.push(" AND (b.due_on > ").bind(due.to_owned());
                sql.push(" OR (b.due_on = ").bind(due.to_owned());
                sql.push(" AND b.id > ").bind(id).push("))");
            }
            eyes.push(&mut sql, viewer, Some("b.leader = "));
            sql.push(" ORDER BY b.due_on, b.id").limit(PAGE + 1);
        }
    }
    let mut rows: Vec<Binding> = sql.fetch_all(&mut *read).await?;
    let texts = rows.iter_mut().flat_map(|row| [(row.petition, &mut row.title), (row.petition, &mut row.reason)]);
    veil(read, viewer, texts.collect()).await?;
    Ok(rows)
}

impl Binding {
    /// Why it is on the list.
    pub(super) fn basis(&self) -> String {
        match () {
            () if !self.criteria.is_empty() => labels(&self.criteria),
            () if !self.taken_from.is_empty() => format!("接手自 {}", self.taken_from),
            () => "紧急直接包案".to_owned(),
        }
    }

    pub(super) fn list(&self) -> &str {
        if self.place.is_empty() || self.place.len() == 6 { "县级" } else { &self.place_name }
    }

    pub(super) fn state(&self) -> &'static str {
        match () {
            () if !self.ended_on.is_empty() => "包案已结束",
            () => State::from_word(&self.state).map_or("", State::label),
        }
    }

    /// Whether its duties are still to be done.
    pub(super) fn runs(&self) -> bool {
        self.ended_on.is_empty() && !matches!(self.state.as_str(), "closed" | "forwarded")
    }

    /// Days left, or by how many it is late; what is over is neither.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    pub(super) fn standing(&self, today: &Date) -> Standing {
        let over = [&self.closed_on, &self.ended_on].into_iter().find_map(|on| on.parse().ok());
        Standing::of(self.due_on.parse().ok(), false, over, *today)
    }
}

/// Evidence of one of the five duties: an entry of the leader's.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Evidence {
    petition: i64,
    duty: String,
    happened_on: String,
    content: String,
    writer: String,
}

/// A duty with its evidence, as pages show it.
#[derive(Clone, Debug)]
pub(super) struct Met {
    pub(super) duty: Duty,
    /// Day, what, by whom.
    pub(super) lines: Vec<(String, String, String)>,
}

/// What was done on each of the five duties of petitions, up to a day.
pub(super) async fn evidence(
    read: &mut AnyConnection,
    viewer: &Viewer,
    petitions: &[i64],
    until: Date,
) -> Result<Vec<Evidence>, sqlx::Error> {
    if petitions.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT e.petition, e.duty, e.happened_on, e.content, f.name AS writer FROM entry e
           JOIN official f ON f.id = e.recorded_by WHERE e.duty IS NOT NULL AND e.petition IN (",
    );
    for (index, petition) in petitions.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*petition);
    }
    sql.push(") AND e.happened_on <= ").bind(until.to_string());
    sql.push(" ORDER BY e.happened_on, e.id");
    let mut rows: Vec<Evidence> = sql.fetch_all(&mut *read).await?;
    veil(read, viewer, rows.iter_mut().map(|row| (row.petition, &mut row.content)).collect()).await?;
    Ok(rows)
}

/// The five duties of one petition out of the evidence of many.
pub(super) fn five(evidence: &[Evidence], petition: i64, today: Date) -> anyhow::Result<Vec<Met>> {
    let mut five = Vec::new();
    for duty in Duty::ALL {
        let mut lines = Vec::new();
        for one in evidence.iter().filter(|one| one.petition == petition && one.duty == duty.word()) {
            lines.push((day(one.happened_on.parse()?, today), one.content.clone(), one.writer.clone()));
        }
        five.push(Met { duty: *duty, lines });
    }
    Ok(five)
}

/// How many of the five have evidence.
pub(super) fn met(evidence: &[Evidence], petition: i64) -> usize {
    rules::done(evidence.iter().filter(|one| one.petition == petition).filter_map(|one| Duty::from_word(&one.duty)))
}

/// A leader who may be bound, as a form offers him or her.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Leader {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) title: String,
    kind: String,
    division: String,
    unit: String,
    /// What is bound to the leader now and not closed.
    pub(super) present: i64,
}

impl Leader {
    /// The list on which the leader's cases stand.
    pub(super) fn place(&self) -> String {
        list_place(&self.kind, &self.division)
    }

    pub(super) fn label(&self) -> String {
        format!("{}（{} {}）现包 {} 件", self.name, self.unit, self.title, self.present)
    }
}

/// Everybody who holds the role of a leader and is not to be kept from the petition.
pub(super) async fn leaders(read: &mut AnyConnection, petition: i64, today: Date) -> Result<Vec<Leader>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT f.id, f.name, o.title, u.kind, u.division, u.name AS unit,
                (SELECT COUNT(*) FROM leader_binding b JOIN petition q ON q.id = b.petition
                  WHERE b.leader = f.id AND b.ended_on IS NULL AND q.state NOT IN ('closed', 'forwarded')) AS present
           FROM role_grant g JOIN appointment a ON a.id = g.appointment
           JOIN post o ON o.id = a.post JOIN unit u ON u.id = o.unit JOIN official f ON f.id = a.official
          WHERE g.role = 'leader' AND (a.held_to IS NULL OR a.held_to > ",
    );
    sql.bind(today.to_string()).push(")");
    sight::push_unrecused(&mut sql, petition);
    sql.push(" ORDER BY u.code, o.code LIMIT 300");
    sql.fetch_all(read).await
}

/// Whether a leader may take one more case.
pub(in crate::petitions) async fn room_of(
    read: &mut AnyConnection,
    app: &App,
    leader: i64,
) -> anyhow::Result<Result<(), Refused>> {
    let (present,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM leader_binding b JOIN petition q ON q.id = b.petition
          WHERE b.leader = $1 AND b.ended_on IS NULL AND q.state NOT IN ('closed', 'forwarded')",
    )
    .bind(leader)
    .fetch_one(read)
    .await?;
    Ok(rules::has_room(present, app.policy.number("binding.leader.petitions", app.today())?))
}

/// Whether a leader may be bound to a petition now, and on whose list it then stands.
pub(super) async fn eligible(
    read: &mut AnyConnection,
    app: &App,
    petition: i64,
    leader: i64,
) -> anyhow::Result<Result<String, Refused>> {
    let today = app.today();
    if sight::is_recused(read, leader, petition).await? {
        return Ok(Err(Refused::Recused));
    }
    let Some(found) = leaders(read, petition, today).await?.into_iter().find(|one| one.id == leader) else {
        return Ok(Err(Refused::Unknown));
    };
    Ok(room_of(read, app, leader).await?.map(|()| found.place()))
}
