//! The form of a plan item: what it offers, and what was typed, judged.

use jiff::civil::Date;
use policy::{Month, post_duties};
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::details::{self, Details};
use super::entering::Wording;
use super::items::Listed;
use super::responsibilities;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions;
use crate::web::{App, Problems, Refusal, forms};

/// The duty whose items are counted in visits.
pub(super) const VISITS: &str = "B2";

/// An appointment that the viewer may plan for: the own one, and those below.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Owner {
    pub(super) appointment: i64,
    pub(super) official: i64,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) listed_as: String,
    pub(super) superior: Option<i64>,
    pub(super) unit: i64,
    pub(super) unit_name: String,
    pub(super) unit_kind: String,
}

pub(super) async fn owners(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> Result<Vec<Owner>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT ap.id AS appointment, ap.official, o.name, po.title, po.listed_as, po.superior, po.unit, u.name AS unit_name,
                u.kind AS unit_kind
           FROM appointment ap
           JOIN official o ON o.id = ap.official
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
          WHERE ap.held_from <= ",
    );
    let today = app.today().to_string();
    sql.bind(today.clone()).push(" AND (ap.held_to IS NULL OR ap.held_to > ").bind(today).push(")");
    sql.push(" AND (ap.id = ").bind(viewer.appointment);
    if viewer.may("plans.freeze") {
        sql.push(" OR po.superior = ").bind(viewer.post);
    }
    sql.push(") ORDER BY CASE WHEN ap.id = ").bind(viewer.appointment);
    sql.push(" THEN 0 ELSE 1 END, u.code, o.number LIMIT 500");
    sql.fetch_all(read).await
}

/// The kind of a unit.
pub(super) async fn unit_kind(read: &mut AnyConnection, unit: i64) -> Result<String, sqlx::Error> {
    let (kind,): (String,) = sqlx::query_as("SELECT kind FROM unit WHERE id = $1").bind(unit).fetch_one(read).await?;
    Ok(kind)
}

/// An item of the level above that another can serve.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Above {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) goal: String,
}

/// Frozen items owed in one of two posts that an item of a month may serve ([`super::tree::may_serve`]).
pub(super) async fn above(
    read: &mut AnyConnection,
    month: Month,
    posts: [Option<i64>; 2],
) -> Result<Vec<Above>, sqlx::Error> {
    sqlx::query_as(
        "SELECT i.id, i.number, i.goal FROM plan p
           JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL
           JOIN appointment ap ON ap.id = i.appointment
          WHERE ((p.month >= $1 AND p.month <= $4)
                 OR EXISTS (SELECT 1 FROM plan_quarter_item q WHERE q.item = i.id AND q.quarter = $5))
            AND (ap.post = $2 OR ap.post = $3)
            AND i.petition IS NULL AND NOT EXISTS (SELECT 1 FROM plan_relief f WHERE f.item = i.id)
          ORDER BY p.month, i.number LIMIT 200",
    )
    .bind(month.to_string())
    .bind(posts[0].unwrap_or_default())
    .bind(posts[1].unwrap_or_default())
    .bind(month.quarter().months()[2].to_string())
    .bind(month.quarter().to_string())
    .fetch_all(read)
    .await
}

/// The form as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ItemForm {
    pub(super) key: String,
    pub(super) version: String,
    pub(super) month: String,
    /// 2026-Q4 for an item of a quarter, which stands in the month of its due date.
    pub(super) quarter: String,
    pub(super) owner: String,
    pub(super) goal: String,
    pub(super) standard: String,
    pub(super) due_on: String,
    pub(super) weight: String,
    pub(super) source: String,
    pub(super) petition: String,
    pub(super) target: String,
    /// Code of the duty, where it comes from one.
    pub(super) duty: String,
    pub(super) serves: String,
    pub(super) meeting: String,
    /// Units and officials, one a line.
    pub(super) helpers: String,
    /// Id of a line of the list; none: on no line.
    pub(super) responsibility: String,
    /// Number of the item that it replaces.
    pub(super) replaces: String,
    /// Kind of the unit of an item that is mended; not typed.
    #[serde(skip)]
    pub(super) unit_kind: String,
}

impl ItemForm {
    /// The form of an item as it stands.
    pub(super) async fn of(read: &mut AnyConnection, listed: &Listed, today: Date) -> Result<Self, Refusal> {
        let details = details::of(read, listed.id).await?;
        let helpers = details::helpers(read, listed.id, today).await?;
        let replaces: Option<(String,)> = sqlx::query_as("SELECT number FROM plan_item WHERE id = $1")
            .bind(details.replaces)
            .fetch_optional(&mut *read)
            .await?;
        let bound = matches!(listed.source.as_str(), "petition" | "duty");
        let source = if details.meeting.is_some() && !bound { "meeting" } else { listed.source.as_str() };
        Ok(Self {
            version: listed.version.to_string(),
            month: listed.item.month.to_string(),
            quarter: listed.item.quarter.map(|quarter| quarter.to_string()).unwrap_or_default(),
            owner: listed.appointment.to_string(),
            goal: listed.goal.clone(),
            standard: listed.standard.clone(),
            due_on: listed.item.due_on.to_string(),
            weight: listed.weight.to_string(),
            source: source.to_owned(),
            petition: listed.petition_number.clone(),
            target: listed.target.map(|target| target.to_string()).unwrap_or_default(),
            duty: listed.duty.clone().unwrap_or_default(),
            serves: listed.serves.map(|serves| serves.to_string()).unwrap_or_default(),
            key: String::new(),
            meeting: details.meeting.unwrap_or_default(),
            helpers: helpers.iter().map(details::Named::label).collect::<Vec<_>>().join("\n"),
            responsibility: match details.responsibility {
                Some(id) => id.to_string(),
                None if details.unlisted => "none".to_owned(),
                None => String::new(),
            },
            replaces: replaces.map(|(number,)| number).unwrap_or_default(),
            unit_kind: unit_kind(read, listed.unit).await?,
        })
    }

    /// Judges what an item says; what is wrong is added to `problems`.
    pub(super) async fn judge(
        &self,
        read: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        owner: &Owner,
        month: Month,
        problems: &mut Problems,
    ) -> Result<Wording, Refusal> {
        let goal = forms::tidy(&self.goal);
        problems.require((2..=100).contains(&goal.chars().count()), "goal", "请写明做到什么，2 到 100 字");
        let standard = forms::tidy(&self.standard);
        problems.require((2..=500).contains(&standard.chars().count()), "standard", "请写明以什么为准，2 到 500 字");
        let due_on: Option<Date> = self.due_on.trim().parse().ok();
        problems.require(due_on.is_some(), "due_on", "请填写完成期限");
        let weight: i64 = forms::half_width(self.weight.trim()).parse().unwrap_or(0);
        problems.require((1..=100).contains(&weight), "weight", "分值是 1 到 100 的整数");
        let arranged = owner.official != viewer.official;
        let (mut petition, mut duty, mut target) = (None, None, None);
        match self.source.as_str() {
            "petition" => {
                let mut sql = Sql::new("SELECT p.id FROM petition p WHERE p.number = ");
                sql.bind(forms::tidy(&self.petition));
                petitions::push_sight(&mut sql, viewer);
                let found: Option<(i64,)> = sql.fetch_optional(&mut *read).await?;
                problems.require(found.is_some(), "petition", "没有找到这个信访编号，或者不在您能看到的范围内");
                petition = found.map(|(id,)| id);
                // Nobody is handed a petition that he or she is to be kept from.
                if let Some(id) = petition {
                    let kept_from = petitions::is_recused(&mut *read, owner.official, id).await?;
                    problems.require(!kept_from, "owner", "责任人对这件信访应当回避");
                }
            }
            "duty" => {
                let policy: &policy::Policy = &app.policy;
                let code = Some(self.duty.trim()).filter(|code| !code.is_empty()).unwrap_or(VISITS);
                let known = post_duties::duties(policy, month.first_day()).map_err(anyhow::Error::from)?;
                let named = code == VISITS || known.iter().any(|duty| duty.code == code);
                problems.require(named, "duty", "请选择是哪一项职责");
                duty = Some(code.to_owned());
                if code == VISITS {
                    let count: i64 = forms::half_width(self.target.trim()).parse().unwrap_or(0);
                    problems.require((1..=100_000).contains(&count), "target", "请填写要走访多少户");
                    target = Some(count);
                }
            }
            _ => {}
        }
        let serves = match self.serves.trim() {
            "" => None,
            typed => {
                let choices = above(read, month, [owner.superior, None]).await?;
                let chosen = choices.iter().find(|choice| choice.id.to_string() == typed);
                problems.require(chosen.is_some(), "serves", "所服务的应是责任人上级本月、本季度内已定稿的预安项");
                chosen.map(|choice| choice.id)
            }
        };
        let source = match self.source.as_str() {
            bound @ ("petition" | "duty") => bound,
            _ if arranged => "arranged",
            _ => "own",
        };
        let source = source.to_owned();
        let details = self.judge_details(read, viewer, owner, month, problems).await?;
        Ok(Wording {
            goal,
            standard,
            due_on: due_on.unwrap_or(month.last_day()),
            weight,
            source,
            petition,
            duty,
            target,
            serves,
            details,
        })
    }

    async fn judge_details(
        &self,
        read: &mut AnyConnection,
        viewer: &Viewer,
        owner: &Owner,
        month: Month,
        problems: &mut Problems,
    ) -> Result<Details, Refusal> {
        let mut details = Details::default();
        if self.source == "meeting" {
            let meeting = forms::tidy(&self.meeting);
            let length = meeting.chars().count();
            problems.require((2..=60).contains(&length), "meeting", "请写明哪一次会议，2 到 60 字");
            details.meeting = Some(meeting);
        }
        match details::read_helpers(read, &self.helpers, owner.official, viewer.day).await? {
            Ok(helpers) => details.helpers = helpers,
            Err(why) => problems.add("helpers", why),
        }
        let mut lines = responsibilities::on(read, month.first_day()).await?;
        lines.retain(|line| line.unit_kind == owner.unit_kind && line.is_owed());
        if !lines.is_empty() {
            details.unlisted = self.responsibility.trim() == "none";
            let chosen = lines.iter().find(|line| line.id.to_string() == self.responsibility.trim());
            let told = "请选择属于责任人单位清单上的哪一项；清单上没有的，选“清单之外”";
            problems.require(details.unlisted || chosen.is_some(), "responsibility", told);
            details.responsibility = chosen.map(|line| line.id);
        }
        if !self.replaces.trim().is_empty() {
            details.replaces = details::read_replaced(read, viewer, &self.replaces, owner.unit, month).await?;
            let told = "没有找到这个编号的预安项；替代的应是责任人单位已定稿的一项";
            problems.require(details.replaces.is_some(), "replaces", told);
        }
        Ok(details)
    }
}
