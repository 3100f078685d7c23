//! What happened to a petition, put together from the rows of its acts in one query.

use jiff::Timestamp;
use jiff::civil::Date;
use policy::{Clock, Suspension};
use sqlx::{AnyConnection, FromRow};

use super::clocks::{self, Running};
use super::rules::{
    Call, Confirmation, Dispute, Excluding, Issued, Lead, Matter, Outcome, Paper, Party, Quarrel, Term,
};
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
    /// The name of the clock that the row is about.
    pub(super) fn clock(&self) -> &'static str {
        self.word.parse::<Clock>().map_or("", Clock::name)
    }

    /// The days that a row leaves out of a clock: 3 月 10 日至 3 月 12 日.
    pub(super) fn span(&self, today: Date) -> String {
        let day = |text: &str| text.parse().map_or(String::new(), |date| crate::web::day(date, today));
        if self.day == self.other { day(&self.day) } else { format!("{}至 {}", day(&self.day), day(&self.other)) }
    }

    /// How a clock moved: 2027-01-01 → 2027-01-04（2027 年放假安排公布）.
    pub(super) fn moved(&self) -> String {
        let (was, now) = self.other.split_once("..").unwrap_or_default();
        let day = |text: &str| if text.is_empty() { "待定".to_owned() } else { text.to_owned() };
        if was == now {
            format!("{}，日子不变（{}）", day(now), self.content)
        } else {
            format!("{} → {}（{}）", day(was), day(now), self.content)
        }
    }

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
 UNION ALL SELECT 'served', 0, served_on, manner, NULL, recorded_by, 'forwarding', signed_by, recorded_at FROM forwarding_service WHERE petition = $1
 UNION ALL SELECT 'extended', 0, consented_on, '', NULL, consented_by, '', reason, days FROM extension WHERE petition = $1
 UNION ALL SELECT 'opinion', 0, issued_on, '', NULL, written_by, outcome, '', 0 FROM opinion WHERE petition = $1
 UNION ALL SELECT 'acknowledged', 0, given_on, '', NULL, recorded_by, '', '', 0 FROM acknowledgment WHERE petition = $1
 UNION ALL SELECT 'called_back', id, called_on, '', NULL, called_by, '', content, reached FROM call_back WHERE petition = $1
 UNION ALL SELECT 'closed', 0, closed_on, '', NULL, closed_by, resolution, '', 0 FROM closure WHERE petition = $1
 UNION ALL SELECT 'rated', 0, rated_on, '', NULL, recorded_by, '', content, score FROM rating WHERE petition = $1
 UNION ALL SELECT 'supplemented', id, '', '', NULL, NULL, '', content, added_at FROM supplement WHERE petition = $1
 UNION ALL SELECT 'step', id, happened_on, '', NULL, recorded_by, COALESCE(duty, ''), content, 0 FROM entry WHERE petition = $1
        AND NOT EXISTS (SELECT 1 FROM inquiry_entry y WHERE y.entry = entry.id)
 UNION ALL SELECT 'bound', id, bound_on, COALESCE(ended_on, ''), NULL, leader, quarter, due_on, 0 FROM leader_binding WHERE petition = $1
 UNION ALL SELECT 'settled', 0, agreed_on, due_on, NULL, recorded_by, manner, terms, 0 FROM settlement WHERE petition = $1
 UNION ALL SELECT 'withdrawn', 0, withdrawn_on, '', NULL, recorded_by, '', reason, 0 FROM withdrawal WHERE petition = $1
 UNION ALL SELECT 'unreachable', 0, found_on, '', NULL, found_by, '', reason, 0 FROM unreachable WHERE petition = $1
 UNION ALL SELECT 'to_execute', 0, since, COALESCE(done_on, ''), NULL, NULL, '', COALESCE(due_on, ''), 0 FROM execution WHERE petition = $1
 UNION ALL SELECT 'executed', id, reported_on, '', NULL, reported_by, '', content, is_done FROM execution_report WHERE petition = $1
 UNION ALL SELECT 'reopened', id, reopened_on, issued_on, NULL, reopened_by, outcome, reason, COALESCE(review, 0) FROM reopening WHERE petition = $1
 UNION ALL SELECT 'was_answered', id, issued_on, '', NULL, written_by, outcome, '', 0 FROM reopening WHERE petition = $1
 UNION ALL SELECT 'was_closed', id, closed_on, '', NULL, closed_by, resolution, '', 0 FROM reopening WHERE petition = $1 AND closed_on IS NOT NULL
 UNION ALL SELECT 'sampled', c.id, c.called_on, '', NULL, c.called_by, c.result, c.content, 0 FROM call_back_call c JOIN call_back_sample m ON m.id = c.sample WHERE m.petition = $1
 UNION ALL SELECT 'explained', id, explained_on, '', NULL, explained_by, '', content, 0 FROM explanation WHERE petition = $1
 UNION ALL SELECT 'review', id, asked_on, organ, unit, recorded_by, stage, reason, round FROM review WHERE petition = $1
 UNION ALL SELECT 'reviewed', o.review, o.issued_on, v.organ, v.unit, o.written_by, o.verdict, v.stage, 0 FROM review_opinion o JOIN review v ON v.id = o.review WHERE v.petition = $1
 UNION ALL SELECT 'review_served', s.review, s.served_on, s.manner, NULL, s.recorded_by, v.stage, s.signed_by, s.recorded_at FROM review_service s JOIN review v ON v.id = s.review WHERE v.petition = $1
 UNION ALL SELECT 'inquired', id, sent_on, number, NULL, sent_by, organ, question, 0 FROM inquiry WHERE petition = $1
 UNION ALL SELECT 'inquiry_answered', id, answered_on, '', NULL, recorded_by, organ, answer, 0 FROM inquiry WHERE petition = $1 AND answered_on IS NOT NULL
 UNION ALL SELECT 'inquiry_told', id, told_on, '', NULL, told_by, organ, told, 0 FROM inquiry WHERE petition = $1 AND told_on IS NOT NULL
 UNION ALL SELECT 'submitted', id, sent_on, number, unit, sent_by, organ, subject, CASE WHEN ground = 'urgent' THEN 1 ELSE 0 END FROM submission WHERE petition = $1
 UNION ALL SELECT 'submission_decided', id, decided_on, '', unit, recorded_by, organ, decision, CASE WHEN ground = 'urgent' THEN 1 ELSE 0 END FROM submission WHERE petition = $1 AND decided_on IS NOT NULL
 UNION ALL SELECT 'accompanied', entry, '', level, NULL, NULL, organ, officials || '，代表：' || representatives, cleared FROM accompaniment WHERE petition = $1
 UNION ALL SELECT 'recused', id, '', '', unit, official, reason, '', 0 FROM recusal WHERE petition = $1
 UNION ALL SELECT 'clock', id, runs_from, COALESCE(stopped_on, ''), NULL, NULL, kind, COALESCE(due_on, ''), extension FROM clock WHERE petition = $1
 UNION ALL SELECT 'disputed', d.id, d.raised_on, COALESCE(d.ended_on, ''), NULL, d.raised_by, d.kind, d.reason, COALESCE((SELECT MIN(a.official) FROM appointment a WHERE a.post = d.superior AND a.held_to IS NULL), 0) FROM dispute d WHERE d.petition = $1
 UNION ALL SELECT 'ruled', dispute, decided_on, '', unit, decided_by, '', reason, 0 FROM ruling WHERE petition = $1
 UNION ALL SELECT 'suspended', s.id, s.held_from, s.held_to, NULL, s.recorded_by, k.kind, s.reason, s.clock FROM suspension s JOIN clock k ON k.id = s.clock WHERE s.petition = $1
 UNION ALL SELECT 'urged', g.id, g.told_on, g.due_on, o.unit, g.official, g.rung, COALESCE(o.title, ''), g.clock FROM urging g LEFT JOIN post o ON o.id = g.post WHERE g.petition = $1
 UNION ALL SELECT 'brought', 0, '', '', NULL, brought_by, '', '', brought_at FROM petition_origin WHERE petition = $1
 UNION ALL SELECT 'threaded', thread, '', '', NULL, linked_by, '', '', linked_at FROM thread_member WHERE petition = $1
 UNION ALL SELECT 'moved', m.id, m.moved_on, COALESCE(m.was_due, '') || '..' || COALESCE(m.now_due, ''), NULL, NULL, k.kind, m.why, m.clock FROM clock_move m JOIN clock k ON k.id = m.clock WHERE m.petition = $1"
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
            if matches!(event.kind.as_str(), "supplemented" | "brought") {
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

    /// The dispute that waits for its superior.
    pub(super) fn dispute(&self) -> Option<&Event> {
        self.all("disputed").rfind(|event| event.other.is_empty())
    }

    /// How often it was given to a unit to lead.
    pub(super) fn hand_offs(&self) -> usize {
        self.all("assigned").filter(|event| event.word == "lead").count()
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
            clocks.into_iter().map(|event| self.running(app, event)).collect::<anyhow::Result<_>>()?;
        for served in self.all("served") {
            let paper = Paper::from_word(&served.word);
            for running in clocks.iter_mut().filter(|running| match running.clock {
                Clock::Notice => matches!(paper, Some(Paper::Notice | Paper::Opinion)),
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

    fn running(&self, app: &App, event: &Event) -> anyhow::Result<Running> {
        let suspended = self.all("suspended").filter(|row| row.number == event.seq);
        let suspended: Vec<Suspension> =
            suspended.map(|row| clocks::span(&row.day, &row.other)).collect::<anyhow::Result<_>>()?;
        let moves = self
            .all("moved")
            .filter(|row| row.number == event.seq)
            .map(|row| format!("{} 重算：{}", row.day, row.moved()));
        Ok(Running {
            clock: event.word.parse()?,
            from: event.day.parse()?,
            deadline: clocks::computed(app, (&event.word, &event.day, event.number), &suspended)?,
            stopped_on: (!event.other.is_empty()).then(|| event.other.parse()).transpose()?,
            recorded_on: None,
            moves: moves.collect(),
        })
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
        let designated: Vec<i64> = self.all("ruled").filter_map(|ruling| ruling.unit).collect();
        let lead = match self.lead() {
            None => None,
            Some(assignment) => Some(Lead {
                unit: assignment.unit.unwrap_or_default(),
                since: day(assignment)?,
                object_by: due(Clock::Objection)?,
                objected: self.all("objected").any(|objection| objection.seq == assignment.seq)
                    && !designated.iter().any(|unit| Some(*unit) == assignment.unit),
                accepted_on: self.last("accepted").filter(|_| accepted).map(day).transpose()?,
            }),
        };
        let handling = running.iter().rev().find(|event| event.word == Clock::Handling.id());
        let handling_since = handling.map_or(Ok(app.today()), |event| day(event))?;
        // What reached the petitioner from an earlier lead unit, or of an answer that was set aside, counts no more.
        let set_aside = self.last("reopened").map_or(0, |reopened| reopened.seq);
        let since = self.lead().map_or(0, |assignment| assignment.seq);
        let served = |paper: Paper| {
            let since = if paper == Paper::Opinion { since.max(set_aside) } else { since };
            self.all("served").rfind(|event| event.word == paper.word() && event.seq > since)
        };
        // An agreement stands in the place of an opinion, and both have it in hands.
        let opinion = match self.last("opinion").or_else(|| self.last("settled")) {
            None => None,
            Some(settled) if settled.kind == "settled" => Some(Issued {
                on: day(settled)?,
                by: settled.official.unwrap_or_default(),
                served_on: Some(day(settled)?),
            }),
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
            unreachable: self.last("unreachable").and_then(|event| event.official),
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
            dispute: self.dispute().and_then(|event| {
                let judge = Some(event.number).filter(|official| *official != 0);
                Quarrel::from_word(&event.word).map(|kind| Dispute { kind, judge })
            }),
            designated,
            recused_units: self.all("recused").filter_map(|event| event.unit).collect(),
            recused_officials: self.all("recused").filter_map(|event| event.official).collect(),
            running: running.iter().map(|event| event.word.parse()).collect::<Result<_, _>>()?,
            handling_due: due(Clock::Handling)?,
            extension: Term::of_extension(&app.policy, handling_since)?,
            extended_on: self.last("extended").map(day).transpose()?,
            excludes: excluding(app, &running)?,
            notice_served: served(Paper::Notice).is_some(),
            extension_served: served(Paper::Extension).is_some(),
            forwarded_on: self.last("forwarded").map(day).transpose()?,
            forwarding_served: self.all("served").any(|event| event.word == Paper::Forwarding.word()),
            opinion,
            acknowledged: self
                .last("acknowledged")
                .map(|event| event.official.map_or(Confirmation::Code, Confirmation::Signature)),
            call_backs: self
                .all("called_back")
                .filter(|event| event.seq > set_aside)
                .filter_map(|event| {
                    event.official.map(|by| Ok(Call { by, on: day(event)?, reached: event.number == 1 }))
                })
                .collect::<anyhow::Result<_>>()?,
            closed_on: self.last("closed").map(day).transpose()?,
            leader: self.binding().and_then(|event| event.official),
            withdrawn: self
                .last("withdrawn")
                .map(|event| event.official.map_or(Confirmation::Code, Confirmation::Signature)),
            opined: self.last("opinion").is_some(),
            to_execute: self.all("to_execute").any(|event| event.other.is_empty()),
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

/// The running clocks out of which the time of a hearing is left.
fn excluding(app: &App, running: &[&Event]) -> anyhow::Result<Vec<Excluding>> {
    let mut found = Vec::new();
    for event in running {
        let (clock, since): (Clock, Date) = (event.word.parse()?, event.day.parse()?);
        if policy::excludes(&app.policy, clock, since) {
            let due = (!event.content.is_empty()).then(|| event.content.parse()).transpose()?;
            found.push(Excluding { clock, since, due });
        }
    }
    Ok(found)
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

/// Order within a day, as a case goes.
fn rank(kind: &str) -> usize {
    const ORDER: &[&str] = &[
        "recused",
        "assigned",
        "objected",
        "disputed",
        "ruled",
        "forwarded",
        "bound",
        "accepted",
        "supplemented",
        "step",
        "inquired",
        "inquiry_answered",
        "inquiry_told",
        "submitted",
        "submission_decided",
        "unreachable",
        "extended",
        "suspended",
        "moved",
        "urged",
        "was_answered",
        "opinion",
        "settled",
        "served",
        "withdrawn",
        "acknowledged",
        "called_back",
        "rated",
        "was_closed",
        "closed",
        "sampled",
        "review",
        "reviewed",
        "review_served",
        "reopened",
        "explained",
    ];
    ORDER.iter().position(|known| *known == kind).unwrap_or(ORDER.len())
}

/// The viewer as a party of the rules.
pub(super) fn party(viewer: &crate::accounts::Viewer) -> Party {
    Party { official: Some(viewer.official), unit: Some(viewer.unit) }
}
