//! What happened to a petition, put together from the rows of its acts in one query.

use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Clock, Run};
use sqlx::{AnyConnection, FromRow};

use super::clocks::Running;
use super::rules::{Call, Confirmation, Issued, Lead, Matter, Outcome, Paper, Party, Term};
use crate::web::{App, date_of};

/// One row of an act, whatever its table: `kind` says which, and what the general columns hold.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Event {
    pub(super) kind: String,
    /// Id of the row, or 0 where the petition is its key.
    pub(super) seq: i64,
    pub(super) day: String,
    /// Last day, day of the end, manner.
    pub(super) other: String,
    pub(super) unit: Option<i64>,
    pub(super) unit_name: String,
    pub(super) official: Option<i64>,
    pub(super) official_name: String,
    /// A word of the rules.
    pub(super) word: String,
    pub(super) content: String,
    pub(super) number: i64,
}

impl Event {
    /// The day on which a service was written down, where that is later than the service.
    pub(super) fn recorded_later(&self) -> Option<Date> {
        let recorded = (self.number > 0).then(|| Timestamp::from_millisecond(self.number).ok().map(date_of)).flatten();
        recorded.filter(|on| on.to_string() > self.day)
    }
}

/// Every act of a petition. A row is `(kind, seq, day, other, unit, official, word, content, number)`; names are
/// joined around them.
macro_rules! rows {
    () => {
        "
 SELECT 'assigned' AS kind, id AS seq, dispatched_on AS day, COALESCE(ended_on, '') AS other, unit, dispatched_by AS official,
        part AS word, instruction AS content, CAST(0 AS BIGINT) AS number FROM assignment WHERE petition = $1
 UNION ALL SELECT 'objected', assignment, raised_on, '', CAST(NULL AS BIGINT), raised_by, '', reason, 0 FROM objection WHERE petition = $1
 UNION ALL SELECT 'forwarded', 0, forwarded_on, '', NULL, forwarded_by, organ, letter, 0 FROM forwarding WHERE petition = $1
 UNION ALL SELECT 'accepted', 0, accepted_on, '', NULL, accepted_by, '', path, 0 FROM acceptance WHERE petition = $1
 UNION ALL SELECT 'served', id, served_on, manner, NULL, recorded_by, paper, signed_by, recorded_at FROM service WHERE petition = $1
 UNION ALL SELECT 'extended', 0, consented_on, '', NULL, consented_by, '', reason, days FROM extension WHERE petition = $1
 UNION ALL SELECT 'opinion', 0, issued_on, '', NULL, written_by, outcome, '', 0 FROM opinion WHERE petition = $1
 UNION ALL SELECT 'acknowledged', 0, given_on, '', NULL, recorded_by, '', '', 0 FROM acknowledgment WHERE petition = $1
 UNION ALL SELECT 'called_back', id, called_on, '', NULL, called_by, '', content, reached FROM call_back WHERE petition = $1
 UNION ALL SELECT 'closed', 0, closed_on, '', NULL, closed_by, resolution, '', 0 FROM closure WHERE petition = $1
 UNION ALL SELECT 'rated', 0, rated_on, '', NULL, recorded_by, '', content, score FROM rating WHERE petition = $1
 UNION ALL SELECT 'supplemented', id, '', '', NULL, NULL, '', content, added_at FROM supplement WHERE petition = $1
 UNION ALL SELECT 'step', id, happened_on, '', NULL, recorded_by, COALESCE(duty, ''), content, 0 FROM entry WHERE petition = $1
 UNION ALL SELECT 'bound', id, bound_on, COALESCE(ended_on, ''), NULL, leader, quarter, due_on, 0 FROM leader_binding WHERE petition = $1
 UNION ALL SELECT 'inquired', id, sent_on, number, NULL, sent_by, organ, question, 0 FROM inquiry WHERE petition = $1
 UNION ALL SELECT 'inquiry_answered', id, answered_on, '', NULL, recorded_by, organ, answer, 0 FROM inquiry WHERE petition = $1 AND answered_on IS NOT NULL
 UNION ALL SELECT 'inquiry_told', id, told_on, '', NULL, told_by, organ, told, 0 FROM inquiry WHERE petition = $1 AND told_on IS NOT NULL
 UNION ALL SELECT 'accompanied', entry, '', level, NULL, NULL, organ, officials || '，代表：' || representatives, cleared FROM accompaniment WHERE petition = $1
 UNION ALL SELECT 'recused', id, '', '', unit, official, reason, '', 0 FROM recusal WHERE petition = $1
 UNION ALL SELECT 'clock', id, runs_from, COALESCE(stopped_on, ''), NULL, NULL, kind, COALESCE(due_on, ''), extension FROM clock WHERE petition = $1"
    };
}

/// When each unit has last read the file. The appointments are walked through the index, one step for each, so that a
/// file read ten thousand times is shown as quickly as a new one.
macro_rules! readings {
    () => {
        "
 UNION ALL SELECT 'read', 0, '', '', o.unit, NULL, '', '', MAX(
     (SELECT MAX(r.at) FROM chain_record r WHERE length(r.commitment) = 0 AND r.subject_kind = 'petition' AND r.subject = $1
         AND r.appointment = w.appointment)) FROM reader w
   JOIN appointment a ON a.id = w.appointment JOIN post o ON o.id = a.post GROUP BY o.unit"
    };
}

/// Everybody who has read the file.
macro_rules! readers {
    () => {
        "WITH RECURSIVE reader (appointment) AS (
     SELECT MIN(r.appointment) FROM chain_record r
      WHERE length(r.commitment) = 0 AND r.subject_kind = 'petition' AND r.subject = $1
      UNION ALL
     SELECT (SELECT MIN(r.appointment) FROM chain_record r
              WHERE length(r.commitment) = 0 AND r.subject_kind = 'petition' AND r.subject = $1
                AND r.appointment > w.appointment)
       FROM reader w WHERE w.appointment IS NOT NULL)
"
    };
}

macro_rules! named {
    ($rows:expr) => {
        concat!(
            "SELECT e.kind, e.seq, e.day, e.other, e.unit, COALESCE(u.name, '') AS unit_name, e.official,
                    COALESCE(f.name, '') AS official_name, e.word, e.content, e.number FROM (",
            $rows,
            ") e LEFT JOIN unit u ON u.id = e.unit LEFT JOIN official f ON f.id = e.official"
        )
    };
}

const ACTS: &str = named!(rows!());
const ACTS_AND_READINGS: &str = concat!(readers!(), named!(concat!(rows!(), readings!())));

/// What happened to a petition, oldest first.
#[derive(Debug)]
pub(super) struct History(pub(super) Vec<Event>);

impl History {
    /// Reads it; with who has read the file, where that is shown.
    pub(super) async fn of(read: &mut AnyConnection, petition: i64, readings: bool) -> anyhow::Result<Self> {
        let text = if readings { ACTS_AND_READINGS } else { ACTS };
        let mut events: Vec<Event> = sqlx::query_as(text).bind(petition).fetch_all(read).await?;
        for event in &mut events {
            if event.kind == "supplemented" {
                event.day = date_of(Timestamp::from_millisecond(event.number)?).to_string();
            }
        }
        events.sort_by(|a, b| (&a.day, rank(&a.kind), a.seq).cmp(&(&b.day, rank(&b.kind), b.seq)));
        Ok(Self(events))
    }

    /// The rows of a kind, oldest first.
    pub(super) fn all<'a>(&'a self, kind: &'a str) -> impl DoubleEndedIterator<Item = &'a Event> {
        self.0.iter().filter(move |event| event.kind == kind)
    }

    /// The newest row of a kind.
    pub(super) fn last(&self, kind: &str) -> Option<&Event> {
        self.0.iter().rev().find(|event| event.kind == kind)
    }

    /// The assignment of the lead unit of now.
    pub(super) fn lead(&self) -> Option<&Event> {
        self.all("assigned").rfind(|event| event.word == "lead" && event.other.is_empty())
    }

    /// The binding of now.
    pub(super) fn binding(&self) -> Option<&Event> {
        self.all("bound").rfind(|event| event.other.is_empty())
    }

    /// Who went where, of a step that was an accompaniment (陪访).
    pub(super) fn accompanied(&self, step: &Event) -> Option<&Event> {
        self.all("accompanied").find(|event| step.kind == "step" && event.seq == step.seq)
    }

    /// The inquiries that wait for a superior authority: its name, and since when.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Event> {
        self.all("inquired").filter(|sent| !self.all("inquiry_answered").any(|answer| answer.seq == sent.seq))
    }

    /// The units that have read the file, each with the day of its last reading, the latest first.
    pub(super) fn read_by(&self) -> anyhow::Result<Vec<(String, Date)>> {
        let mut readers: Vec<&Event> = self.all("read").collect();
        readers.sort_by_key(|event| std::cmp::Reverse(event.number));
        let on = |event: &Event| Ok((event.unit_name.clone(), date_of(Timestamp::from_millisecond(event.number)?)));
        readers.into_iter().map(on).collect()
    }

    /// The clocks with their arithmetic, in the order in which they began.
    pub(super) fn clocks(&self, app: &App) -> anyhow::Result<Vec<Running>> {
        let mut clocks: Vec<&Event> = self.all("clock").collect();
        clocks.sort_by_key(|event| event.seq);
        let mut clocks: Vec<Running> =
            clocks.into_iter().map(|event| running(app, event)).collect::<anyhow::Result<_>>()?;
        for served in self.all("served") {
            let paper = Paper::from_word(&served.word);
            for running in clocks.iter_mut().filter(|running| match running.clock {
                Clock::Notice => paper != Some(Paper::Extension),
                Clock::Handling => paper == Some(Paper::Opinion),
                _ => false,
            }) {
                if running.stopped_on.is_some_and(|stopped| stopped.to_string() == served.day) {
                    running.recorded_on = served.recorded_later();
                }
            }
        }
        Ok(clocks)
    }

    /// The petition as the rules see it.
    pub(super) fn matter(&self, facts: &Facts, app: &App) -> anyhow::Result<Matter> {
        let day = |event: &Event| -> anyhow::Result<Date> { Ok(event.day.parse()?) };
        let accepted = matches!(facts.state.word(), "accepted" | "answered" | "closed");
        let running: Vec<&Event> = self.all("clock").filter(|event| event.other.is_empty()).collect();
        let due = |clock: Clock| -> anyhow::Result<Option<Date>> {
            let found = running.iter().rev().find(|event| event.word == clock.id());
            Ok(found.filter(|event| !event.content.is_empty()).map(|event| event.content.parse()).transpose()?)
        };
        let lead = match self.lead() {
            None => None,
            Some(assignment) => Some(Lead {
                unit: assignment.unit.unwrap_or_default(),
                since: day(assignment)?,
                object_by: due(Clock::Objection)?,
                objected: self.all("objected").any(|objection| objection.seq == assignment.seq),
                accepted_on: self.last("accepted").filter(|_| accepted).map(day).transpose()?,
            }),
        };
        let handling = running.iter().rev().find(|event| event.word == Clock::Handling.id());
        let handling_since = handling.map_or(Ok(app.today()), |event| day(event))?;
        let since = self.lead().map_or(0, |assignment| assignment.seq);
        let served = |paper: Paper| self.all("served").rfind(|event| event.word == paper.word() && event.seq > since);
        let opinion = match self.last("opinion") {
            None => None,
            Some(opinion) => Some(Issued {
                on: day(opinion)?,
                by: opinion.official.unwrap_or_default(),
                served_on: served(Paper::Opinion).or_else(|| self.confirmed_by_code(facts)).map(day).transpose()?,
            }),
        };
        Ok(Matter {
            state: facts.state,
            category: facts.category,
            branch: facts.branch,
            anonymous: facts.anonymous,
            registered_by: facts.registered_by,
            receiver: facts.receiver,
            unit: facts.unit,
            handler: facts.handler,
            lead,
            helpers: self
                .all("assigned")
                .filter(|event| event.word == "help" && event.other.is_empty())
                .filter_map(|event| event.unit)
                .collect(),
            recused_units: self.all("recused").filter_map(|event| event.unit).collect(),
            recused_officials: self.all("recused").filter_map(|event| event.official).collect(),
            running: running.iter().map(|event| event.word.parse()).collect::<Result<_, _>>()?,
            handling_due: due(Clock::Handling)?,
            extension: Term::of_extension(&app.policy, handling_since)?,
            extended_on: self.last("extended").map(day).transpose()?,
            notice_served: served(Paper::Notice).is_some(),
            extension_served: served(Paper::Extension).is_some(),
            opinion,
            acknowledged: self
                .last("acknowledged")
                .map(|event| event.official.map_or(Confirmation::Code, Confirmation::Signature)),
            call_backs: self
                .all("called_back")
                .filter_map(|event| {
                    event.official.map(|by| Ok(Call { by, on: day(event)?, reached: event.number == 1 }))
                })
                .collect::<anyhow::Result<_>>()?,
            closed_on: self.last("closed").map(day).transpose()?,
            leader: self.binding().and_then(|event| event.official),
        })
    }

    /// The petitioner's own confirmation, which serves the opinion where no paper did before.
    fn confirmed_by_code(&self, facts: &Facts) -> Option<&Event> {
        self.last("acknowledged").filter(|event| event.official.is_none() && !facts.anonymous)
    }

    /// The outcome of the written opinion.
    pub(super) fn outcome(&self) -> Option<Outcome> {
        self.last("opinion").and_then(|event| Outcome::from_word(&event.word))
    }
}

/// What the row of the petition itself tells the rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) state: super::rules::State,
    pub(super) category: super::rules::Category,
    pub(super) branch: Option<i64>,
    pub(super) anonymous: bool,
    pub(super) registered_by: Option<i64>,
    pub(super) receiver: Option<i64>,
    pub(super) unit: Option<i64>,
    pub(super) handler: Option<i64>,
}

fn running(app: &App, event: &Event) -> anyhow::Result<Running> {
    let clock: Clock = event.word.parse()?;
    let from: Date = event.day.parse()?;
    let extended_by = u16::try_from(event.number)?;
    let deadline = policy::deadline(&app.policy, &app.calendar, &Run { extended_by, ..Run::new(clock, from) })?;
    let stopped_on = (!event.other.is_empty()).then(|| event.other.parse()).transpose()?;
    Ok(Running { clock, from, deadline, stopped_on, recorded_on: None })
}

/// Order within a day, as a case goes.
fn rank(kind: &str) -> usize {
    const ORDER: [&str; 17] = [
        "recused",
        "assigned",
        "objected",
        "forwarded",
        "bound",
        "accepted",
        "supplemented",
        "step",
        "inquired",
        "inquiry_answered",
        "inquiry_told",
        "extended",
        "opinion",
        "served",
        "acknowledged",
        "called_back",
        "rated",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

/// The viewer as a party of the rules.
pub(super) fn party(viewer: &crate::accounts::Viewer) -> Party {
    Party { official: Some(viewer.official), unit: Some(viewer.unit) }
}
