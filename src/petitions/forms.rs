//! The forms of the acts on a card: which of them this viewer may send now, and what they say.

use jiff::civil::Date;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::bound;
use super::register::{UnitChoice, units};
use super::rules::{
    Act, Agreement, Category, Duty, Manner, Matter, Noun, Outcome, Paper, Part, Refused, Resolution, Settling,
};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, Problems, forms};

/// Every act that has a form on the card: its noun, the last part of its address, the action that it takes, and its
/// heading.
const FORMS: &[(Noun, &str, &str, &str)] = &[
    (Noun::Classification, "classification", "petitions.classify", "分类"),
    (Noun::Assignment, "assignment", "petitions.assign", "交办"),
    (Noun::Forwarding, "forwarding", "petitions.assign", "转送"),
    (Noun::TakingBack, "taking-back", "petitions.assign", "同意异议，退回重新交办"),
    (Noun::Referral, "referral", "petitions.assign", "不同意异议，报请共同上级裁定"),
    (Noun::Ruling, "ruling", "petitions.rule", "裁定由谁主办"),
    (Noun::Acceptance, "acceptance", "petitions.accept", "受理"),
    (Noun::Service(Paper::Notice), "service", "petitions.serve", "送达受理告知书"),
    (Noun::Service(Paper::Extension), "service", "petitions.serve", "送达延期告知书"),
    (Noun::Service(Paper::Opinion), "service", "petitions.serve", "送达处理意见书"),
    (Noun::Service(Paper::Forwarding), "service", "petitions.serve", "送达转送（不予受理）告知书"),
    (Noun::Step, "step", "petitions.handle", "记一次办理"),
    (Noun::Execution, "execution", "petitions.handle", "报执行情况"),
    (Noun::Settlement, "settlement", "petitions.handle", "登记调解和解协议"),
    (Noun::Objection, "objection", "petitions.accept", "提出异议"),
    (Noun::Deadlock, "deadlock", "petitions.accept", "主办协办意见不一致，报请定主办"),
    (Noun::Extension, "extension", "petitions.extend", "批准延期"),
    (Noun::Hearing, "hearing", "petitions.hear", "登记听证"),
    (Noun::Acknowledgment, "acknowledgment", "petitions.call_back", "登记信访人签收确认"),
    (Noun::CallBack, "call-back", "petitions.call_back", "回访"),
    (Noun::Unreachability, "unreachability", "petitions.call_back", "登记联系不上"),
    (Noun::Withdrawal, "withdrawal", "petitions.call_back", "登记信访人书面撤回"),
    (Noun::Reopening, "reopening", "petitions.close", "重新办理"),
    (Noun::Closure, "closure", "petitions.close", "办结销号"),
    (Noun::Help, "assignment", "petitions.assign", "增加协办单位"),
    (Noun::Binding, "binding", "petitions.bind", "包案"),
    (Noun::Unbinding, "unbinding", "petitions.bind", "结束包案"),
    (Noun::Recusal, "recusal", "petitions.recuse", "登记回避"),
];

/// Whether the viewer may do it now: the role, and the rules.
pub(super) fn may(matter: &Matter, viewer: &Viewer, noun: Noun, today: Date) -> bool {
    let action = match noun {
        Noun::Opinion => "petitions.handle",
        _ => FORMS.iter().find(|(of, ..)| *of == noun).map_or("", |(_, _, action, _)| *action),
    };
    viewer.may(action)
        && in_remit(matter, viewer, noun).is_ok()
        && matter.ready(super::history::party(viewer), noun, today).is_ok()
}

/// Whether it is the viewer's business. A petition office, which registers, disposes of whatever it finds; supervision
/// disposes of what its own unit received, because the office itself is complained of, and of nothing else. A paper
/// is served by its unit, or by whoever disposes of the matter.
pub(super) fn in_remit(matter: &Matter, viewer: &Viewer, noun: Noun) -> Result<(), Refused> {
    let disposes = viewer.may("petitions.register") || matter.receiver == Some(viewer.unit);
    match noun {
        Noun::Classification
        | Noun::Forwarding
        | Noun::Assignment
        | Noun::Help
        | Noun::TakingBack
        | Noun::Referral
        | Noun::Acknowledgment
        | Noun::CallBack
        | Noun::Withdrawal
        | Noun::Unreachability
        | Noun::Reopening
        | Noun::Closure
            if !disposes =>
        {
            Err(Refused::NotReceived)
        }
        Noun::Service(_) if matter.lead.is_some_and(|lead| lead.unit == viewer.unit) => Ok(()),
        Noun::Service(_) if !(disposes && viewer.may("petitions.assign")) => Err(Refused::NotTheLead),
        _ => Ok(()),
    }
}

/// A form on the card.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) path: &'static str,
    pub(super) heading: &'static str,
    /// The word of the noun, for the template to choose the fields by.
    pub(super) fields: &'static str,
    /// The paper, for services.
    pub(super) paper: &'static str,
}

/// The forms that the viewer may send now, in the order in which a case goes.
pub(super) fn offers(matter: &Matter, viewer: &Viewer, today: Date) -> Vec<Offer> {
    let open = FORMS.iter().filter(|(noun, ..)| may(matter, viewer, *noun, today));
    open.map(|(noun, path, _, heading)| {
        let fields = if *noun == Noun::Help { "help" } else { path };
        let paper = if let Noun::Service(paper) = noun { paper.word() } else { "" };
        Offer { path, heading, fields, paper }
    })
    .collect()
}

/// What the forms on a card choose from; read only where such a form is offered.
#[derive(Debug, Default)]
pub(super) struct Choices {
    pub(super) units: Vec<UnitChoice>,
    pub(super) leaders: Vec<UnitChoice>,
    /// Whom a ruling may name: everybody but those to be kept from it.
    pub(super) named: Vec<UnitChoice>,
}

impl Choices {
    pub(super) async fn of(
        read: &mut AnyConnection,
        matter: &Matter,
        offers: &[Offer],
        petition: i64,
    ) -> Result<Self, sqlx::Error> {
        let offered = |fields: &str| offers.iter().any(|offer| offer.fields == fields);
        let mut choices = Self::default();
        if offered("assignment") || offered("help") {
            choices.units = units(read).await?;
            choices.units.retain(|unit| {
                let taking_part = matter.helpers.contains(&unit.id) || matter.lead.is_some_and(|l| l.unit == unit.id);
                !taking_part && !matter.recused_units.contains(&unit.id)
            });
        }
        if offered("ruling") {
            choices.named = units(read).await?;
            choices.named.retain(|unit| !matter.recused_units.contains(&unit.id));
        }
        if offered("binding") {
            choices.leaders = leaders(read, petition).await?;
        }
        Ok(choices)
    }
}

/// Everybody who holds the role of a leader now and is not to be kept from the petition.
async fn leaders(read: &mut AnyConnection, petition: i64) -> Result<Vec<UnitChoice>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT f.id, f.name || '（' || p.title || '）' AS name FROM role_grant g
           JOIN appointment a ON a.id = g.appointment AND a.held_to IS NULL
           JOIN post p ON p.id = a.post JOIN official f ON f.id = a.official
          WHERE g.role = 'leader'",
    );
    sight::push_unrecused(&mut sql, petition);
    sql.push(" ORDER BY p.code LIMIT 200");
    sql.fetch_all(read).await
}

/// An act's form as it was typed: each form sends its own few of these fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ActForm {
    pub(super) version: String,
    pub(super) category: String,
    pub(super) branch: String,
    pub(super) unit: String,
    pub(super) official: String,
    pub(super) part: String,
    pub(super) organ: String,
    pub(super) paper: String,
    pub(super) on: String,
    pub(super) until: String,
    pub(super) manner: String,
    pub(super) signed_by: String,
    pub(super) days: String,
    pub(super) reached: String,
    pub(super) leader: String,
    pub(super) resolution: String,
    pub(super) duty: String,
    pub(super) content: String,
    pub(super) outcome: String,
    pub(super) request: String,
    pub(super) facts: String,
    pub(super) basis: String,
    pub(super) reply: String,
    pub(super) settling: String,
    pub(super) parties: String,
    pub(super) terms: String,
    pub(super) performance: String,
    pub(super) due_on: String,
    pub(super) consented: String,
    pub(super) done: String,
}

impl ActForm {
    /// The text of a field, tidied and measured.
    fn text(problems: &mut Problems, field: &'static str, typed: &str, (least, most): (usize, usize)) -> String {
        let text = forms::tidy(typed);
        let length = text.chars().count();
        if length < least {
            problems.add(field, if least == 1 { "请填写".to_owned() } else { format!("请至少写 {least} 个字") });
        }
        if length > most {
            problems.add(field, format!("请控制在 {most} 字以内"));
        }
        text
    }

    fn day(&self, problems: &mut Problems) -> Option<Date> {
        Self::day_of(problems, "on", &self.on)
    }

    fn day_of(problems: &mut Problems, field: &'static str, typed: &str) -> Option<Date> {
        let day = forms::half_width(typed.trim()).parse().ok();
        problems.require(day.is_some(), field, "请填写日期，如 2026-11-02");
        day
    }

    /// 调解、和解协议 as typed; nothing where a day or the manner is missing.
    fn agreement(&self, problems: &mut Problems) -> Option<Agreement> {
        let due_on = forms::half_width(self.due_on.trim()).parse().ok();
        problems.require(due_on.is_some(), "due_on", "请填写履行的最后一日，如 2026-12-31");
        let text = |problems: &mut Problems, field, typed| Self::text(problems, field, typed, (2, 2_000));
        Some(Agreement {
            parties: text(problems, "parties", &self.parties),
            facts: text(problems, "facts", &self.facts),
            terms: text(problems, "terms", &self.terms),
            performance: text(problems, "performance", &self.performance),
            manner: Settling::from_word(&self.settling)?,
            agreed_on: self.day(problems)?,
            due_on: due_on?,
            consented: self.consented == "1",
        })
    }

    fn number(typed: &str) -> Option<i64> {
        forms::half_width(typed.trim()).parse().ok()
    }

    /// The act that the form asks for; nothing where something is missing or cannot be understood.
    pub(super) async fn act(
        &self,
        read: &mut AnyConnection,
        path: &str,
        problems: &mut Problems,
    ) -> Result<Option<Act>, sqlx::Error> {
        let act = match path {
            "classification" => Category::from_word(&self.category).map(|category| {
                let branch = if category == Category::Claim { Self::number(&self.branch) } else { None };
                Act::Classify { category, branch }
            }),
            "recusal" => self.recusal(read, problems).await?,
            "forwarding" => Some(Act::Forward {
                organ: Self::text(problems, "organ", &self.organ, (2, 60)),
                letter: Self::text(problems, "content", &self.content, (2, 2_000)),
            }),
            "assignment" => Part::from_word(&self.part).zip(Self::number(&self.unit)).map(|(part, unit)| Act::Assign {
                unit,
                part,
                instruction: Self::text(problems, "content", &self.content, (0, 500)),
            }),
            "acceptance" => Some(Act::Accept { path: Self::text(problems, "content", &self.content, (2, 1_000)) }),
            "objection" => Some(Act::Object { reason: Self::text(problems, "content", &self.content, (5, 1_000)) }),
            "taking-back" => Some(Act::TakeBack),
            "referral" => Some(Act::Refer { reason: Self::text(problems, "content", &self.content, (5, 1_000)) }),
            "deadlock" => Some(Act::Deadlock { reason: Self::text(problems, "content", &self.content, (5, 1_000)) }),
            "ruling" => Self::number(&self.unit)
                .map(|unit| Act::Rule { unit, reason: Self::text(problems, "content", &self.content, (2, 1_000)) }),
            "extension" => Self::number(&self.days)
                .map(|days| Act::Extend { days, reason: Self::text(problems, "content", &self.content, (5, 500)) }),
            "hearing" => {
                let reason = Self::text(problems, "content", &self.content, (2, 500));
                let days = (self.day(problems), Self::day_of(problems, "until", &self.until));
                days.0.zip(days.1).map(|(from, to)| Act::Hear { from, to, reason })
            }
            "opinion" => Outcome::from_word(&self.outcome).map(|outcome| Act::Issue {
                outcome,
                request: Self::text(problems, "request", &self.request, (5, 2_000)),
                facts: Self::text(problems, "facts", &self.facts, (5, 5_000)),
                basis: Self::text(problems, "basis", &self.basis, (5, 2_000)),
                reply: Self::text(problems, "reply", &self.reply, (5, 5_000)),
            }),
            "service" => {
                let words = Paper::from_word(&self.paper).zip(Manner::from_word(&self.manner));
                let signed_by = Self::text(problems, "signed_by", &self.signed_by, (0, 30));
                words.zip(self.day(problems)).map(|((paper, manner), on)| Act::Serve { paper, on, manner, signed_by })
            }
            "acknowledgment" => Some(Act::Acknowledge),
            "call-back" => {
                let content = Self::text(problems, "content", &self.content, (2, 1_000));
                let reached = match self.reached.as_str() {
                    "1" => Some(true),
                    "0" => Some(false),
                    _ => None,
                };
                reached.zip(self.day(problems)).map(|(reached, on)| Act::CallBack { on, reached, content })
            }
            "binding" => {
                Self::number(&self.leader).zip(self.day(problems)).map(|(leader, due_on)| Act::Bind { leader, due_on })
            }
            "unbinding" => Some(Act::Unbind),
            "step" => self.day(problems).map(|on| Act::Step {
                on,
                duty: Duty::from_word(&self.duty),
                content: Self::text(problems, "content", &self.content, (2, 2_000)),
            }),
            "settlement" => self.agreement(problems).map(|agreement| Act::Settle { agreement }),
            "withdrawal" => Some(Act::Withdraw { reason: Self::text(problems, "content", &self.content, (2, 500)) }),
            "unreachability" => Some(Act::Unreach { reason: Self::text(problems, "content", &self.content, (5, 500)) }),
            "execution" => Some(Act::Execute {
                content: Self::text(problems, "content", &self.content, (2, 2_000)),
                done: self.done == "1",
            }),
            "reopening" => {
                Some(Act::Reopen { reason: Self::text(problems, "content", &self.content, (5, 500)), review: None })
            }
            "closure" => Resolution::from_word(&self.resolution).map(|resolution| Act::Close { resolution }),
            _ => None,
        };
        if act.is_none() && problems.is_empty() {
            problems.add("", "请把这一步要填的内容填完整");
        }
        Ok(act.filter(|_| problems.is_empty()))
    }

    /// A unit by its full name, or a person by number or name.
    async fn recusal(&self, read: &mut AnyConnection, problems: &mut Problems) -> Result<Option<Act>, sqlx::Error> {
        let (unit, official) = (self.unit.trim().to_owned(), self.official.trim().to_owned());
        if unit.is_empty() == official.is_empty() {
            problems.add("unit", Refused::OneRecusal.to_string());
            return Ok(None);
        }
        if !unit.is_empty() {
            let found: Vec<(i64,)> =
                sqlx::query_as("SELECT id FROM unit WHERE (name = $1 OR code = $1) AND valid_to IS NULL LIMIT 2")
                    .bind(unit)
                    .fetch_all(read)
                    .await?;
            match &found[..] {
                [(id,)] => return Ok(Some(Act::Recuse { unit: Some(*id), official: None })),
                [] => problems.add("unit", "没有找到这个单位，请填全称"),
                _ => problems.add("unit", "有几个单位同名，请填单位代码"),
            }
            return Ok(None);
        }
        let found: Vec<(i64,)> = sqlx::query_as("SELECT id FROM official WHERE number = $1 OR name = $1 LIMIT 2")
            .bind(official)
            .fetch_all(read)
            .await?;
        match &found[..] {
            [(id,)] => return Ok(Some(Act::Recuse { unit: None, official: Some(*id) })),
            [] => problems.add("official", "没有找到这位干部"),
            _ => problems.add("official", "有几位干部同名，请填干部编号"),
        }
        Ok(None)
    }
}

/// Whether a unit, an official or an organ named by a form may be what the rules need it to be: what only the
/// database knows.
pub(super) async fn known(
    read: &mut AnyConnection,
    app: &App,
    act: &Act,
    matter: &Matter,
    petition: i64,
) -> anyhow::Result<Result<(), Refused>> {
    let found: Option<(i64,)> =
        match act {
            Act::Assign { unit, .. } | Act::Rule { unit, .. } => {
                sqlx::query_as("SELECT id FROM unit WHERE id = $1 AND kind <> 'village' AND valid_to IS NULL")
                    .bind(*unit)
                    .fetch_optional(&mut *read)
                    .await?
            }
            Act::Bind { leader, .. } if sight::is_recused(read, *leader, petition).await? => {
                return Ok(Err(Refused::Recused));
            }
            Act::Bind { leader, .. } => sqlx::query_as(
                "SELECT a.official FROM appointment a JOIN role_grant g ON g.appointment = a.id AND g.role = 'leader'
                   JOIN post o ON o.id = a.post
                  WHERE a.official = $1 AND a.held_to IS NULL LIMIT 1",
            )
            .bind(*leader)
            .fetch_optional(&mut *read)
            .await?,
            Act::Forward { organ, .. } => {
                for unit in &matter.recused_units {
                    let (name,): (String,) =
                        sqlx::query_as("SELECT name FROM unit WHERE id = $1").bind(*unit).fetch_one(&mut *read).await?;
                    if organ.contains(&name) || name.contains(organ.as_str()) {
                        return Ok(Err(Refused::ToTheAccused));
                    }
                }
                return Ok(Ok(()));
            }
            _ => return Ok(Ok(())),
        };
    match act {
        Act::Assign { unit, .. } | Act::Rule { unit, .. }
            if found.is_some() && sight::answers_to_the_accused(read, *unit, petition).await? =>
        {
            Ok(Err(Refused::AnswersToTheAccused))
        }
        Act::Bind { leader, .. } if found.is_some() => bound::room_of(read, app, *leader).await,
        _ => Ok(found.map(|_| ()).ok_or(Refused::Unknown)),
    }
}
