//! Plan items as rows, and the look-ups that every page and act of this room begins with.

use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use super::delegations::{self, Held};
use super::rules::{Condition, Facts, Item, Who, days_late};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions;
use crate::web::Refusal;

/// A unit's month has a few hundred items at most; this bounds a mistake, not a plan.
const MOST: i64 = 2_000;

/// What an item bound to a petition is called before those who do not find the petition.
pub(super) const VEIL: &str = "信访事项";

pub const SELECT: &str =
    "SELECT i.id, i.plan, i.version, i.number, i.goal, i.standard, i.owner, i.appointment, i.due_on,
        i.weight, i.source, i.petition, i.duty, i.target, i.serves, i.added, i.continues, i.meeting, p.month,
        p.unit,
        COALESCE(i.frozen_on, p.frozen_on) AS frozen_on, u.name AS unit_name, o.name AS owner_name,
        po.superior AS superior, po.title AS post_title,
        COALESCE(s.number, '') AS serves_number,
        CASE WHEN s.petition IS NULL THEN COALESCE(s.goal, '') ELSE '信访事项' END AS serves_goal,
        COALESCE(pe.number, '') AS petition_number,
        a.id AS account, a.done_on AS account_done_on, a.given_on, a.given_by, a.proposed,
        COALESCE(a.content, '') AS account_content,
        r.reason AS return_reason, r.returned_on,
        c.id AS cancellation, c.account AS accepted, c.done_on AS accepted_done_on, c.cancelled_on,
        COALESCE(cb.name, '') || COALESCE('（受' || dg.name || '委托）', '') AS cancelled_by_name, q.quarter, v.reason AS reversal_reason, v.reversed_on,
        f.kind AS relief, f.deferred_to, f.reason AS relief_reason, b.reason AS sent_back_reason,
        b.returned_on AS sent_back_on, m.into_item AS merged_into,
        COALESCE(m.merged_on, (SELECT MIN(x.split_on) FROM plan_split x WHERE x.whole = i.id)) AS regrouped_on,
        CASE WHEN i.duty = 'B2' THEN (SELECT COUNT(DISTINCT e.household) FROM entry e
              WHERE e.recorded_by = i.owner AND e.kind = 'visit' AND e.result = 'met'
                AND e.happened_on >= p.month || '-01' AND e.happened_on <= p.month || '-31'
                AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)) ELSE 0 END AS progress,
        CASE WHEN i.duty = 'B2' THEN (SELECT MAX(e.happened_on) FROM entry e
              WHERE e.recorded_by = i.owner AND e.kind = 'visit'
                AND e.happened_on >= p.month || '-01' AND e.happened_on <= p.month || '-31'
                AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)) END AS moved_on
   FROM plan_item i
   JOIN plan p ON p.id = i.plan
   JOIN unit u ON u.id = p.unit
   JOIN official o ON o.id = i.owner
   JOIN appointment ap ON ap.id = i.appointment
   JOIN post po ON po.id = ap.post
   LEFT JOIN plan_item s ON s.id = i.serves
   LEFT JOIN petition pe ON pe.id = i.petition
   LEFT JOIN plan_account a ON a.id = (SELECT MAX(a2.id) FROM plan_account a2 WHERE a2.item = i.id)
   LEFT JOIN plan_return r ON r.account = a.id
   LEFT JOIN cancellation c ON c.id = (SELECT MAX(c2.id) FROM cancellation c2 WHERE c2.item = i.id)
   LEFT JOIN official cb ON cb.id = c.cancelled_by
   LEFT JOIN cancel_delegation d ON d.id = c.delegation
   LEFT JOIN official dg ON dg.id = d.given_by
   LEFT JOIN plan_quarter_item q ON q.item = i.id
   LEFT JOIN cancellation_reversal v ON v.cancellation = c.id
   LEFT JOIN plan_relief f ON f.item = i.id
   LEFT JOIN plan_merge m ON m.item = i.id
   LEFT JOIN proposal_return b ON b.item = i.id AND b.version = i.version
  WHERE 1 = 1";

#[derive(FromRow)]
struct Row {
    id: i64,
    plan: i64,
    version: i64,
    number: Option<String>,
    goal: String,
    standard: String,
    owner: i64,
    appointment: i64,
    due_on: String,
    weight: i64,
    source: String,
    petition: Option<i64>,
    duty: Option<String>,
    target: Option<i64>,
    serves: Option<i64>,
    added: i64,
    continues: Option<i64>,
    meeting: Option<String>,
    month: String,
    unit: i64,
    frozen_on: Option<String>,
    unit_name: String,
    owner_name: String,
    superior: Option<i64>,
    post_title: String,
    serves_number: String,
    serves_goal: String,
    petition_number: String,
    account: Option<i64>,
    account_done_on: Option<String>,
    given_on: Option<String>,
    given_by: Option<i64>,
    proposed: Option<i64>,
    account_content: String,
    return_reason: Option<String>,
    returned_on: Option<String>,
    cancellation: Option<i64>,
    accepted: Option<i64>,
    accepted_done_on: Option<String>,
    cancelled_on: Option<String>,
    cancelled_by_name: String,
    quarter: Option<String>,
    reversal_reason: Option<String>,
    reversed_on: Option<String>,
    relief: Option<String>,
    deferred_to: Option<String>,
    relief_reason: Option<String>,
    sent_back_reason: Option<String>,
    sent_back_on: Option<String>,
    merged_into: Option<i64>,
    regrouped_on: Option<String>,
    progress: i64,
    moved_on: Option<String>,
}

/// A plan item with what its pages show.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The item.
    pub id: i64,
    /// Its plan.
    pub plan: i64,
    /// Raised by every act.
    pub version: i64,
    /// 攸预〔2026〕11-0418号; nothing before it is frozen.
    pub number: Option<String>,
    /// What will be true when it is done. Pages show [`Listed::shown_goal`].
    pub goal: String,
    /// By what one sees it.
    pub standard: String,
    /// It is bound to a petition that whoever looks does not find: nothing that may tell of it is shown.
    pub veiled: bool,
    /// Names that its texts show to whoever looks as others see them.
    pub hidden: Vec<String>,
    /// Name of the owner.
    pub owner_name: String,
    /// The post that it is owed in.
    pub appointment: i64,
    /// That post's title.
    pub post_title: String,
    /// The unit of the plan.
    pub unit: i64,
    /// Its name.
    pub unit_name: String,
    /// 1 to 100.
    pub weight: i64,
    /// own, arranged, petition or duty.
    pub source: String,
    /// The petition whose closing proposes the cancellation.
    pub petition: Option<i64>,
    /// Its number, or nothing.
    pub petition_number: String,
    /// B2, where entries of the owner are progress on it.
    pub duty: Option<String>,
    /// How many, where that is the goal.
    pub target: Option<i64>,
    /// How many so far.
    pub progress: i64,
    /// The item of the level above that it serves.
    pub serves: Option<i64>,
    /// Number of that item.
    pub serves_number: String,
    /// Goal of that item.
    pub serves_goal: String,
    /// Added after freezing.
    pub added: bool,
    /// The item that was deferred to this one.
    pub continues: Option<i64>,
    /// The meeting that decided it, where one did.
    pub meeting: Option<String>,
    /// The day on which it was frozen.
    pub frozen_on: Option<Date>,
    /// The text of the latest account.
    pub account_content: String,
    /// Who cancelled it last, and by whose delegation.
    pub cancelled_by: String,
    /// The delegation by which the viewer may cancel it.
    pub(super) delegated: Option<Held>,
    /// The latest day on which something was done about it: an entry, an act, the freezing.
    pub moved_on: Option<Date>,
    /// As the rules see it.
    pub item: Item,
}

fn day(text: &str) -> anyhow::Result<Date> {
    Ok(text.parse()?)
}

fn optional(text: Option<&String>) -> anyhow::Result<Option<Date>> {
    text.map(|text| day(text)).transpose()
}

/// A reason and its day, where both are there.
fn reasoned(reason: Option<String>, on: Option<&String>) -> anyhow::Result<Option<(String, Date)>> {
    Ok(reason.zip(optional(on)?))
}

impl Row {
    fn listed(self) -> anyhow::Result<Listed> {
        let month: Month = self.month.parse()?;
        let frozen_on = if self.number.is_some() { optional(self.frozen_on.as_ref())? } else { None };
        let moved = [&self.moved_on, &self.given_on, &self.returned_on, &self.reversed_on];
        let moved_on = moved.into_iter().flatten().map(|text| day(text)).collect::<Result<Vec<_>, _>>()?;
        let account = match (self.account, self.given_by, self.proposed) {
            (Some(id), Some(by), Some(proposed)) => {
                let done_on = optional(self.account_done_on.as_ref())?;
                done_on.zip(optional(self.given_on.as_ref())?).map(|(done, given)| (id, done, given, by, proposed == 1))
            }
            _ => None,
        };
        let cancellation = match (self.cancellation, self.accepted) {
            (Some(id), Some(accepted)) => optional(self.accepted_done_on.as_ref())?
                .zip(optional(self.cancelled_on.as_ref())?)
                .map(|(done, on)| (id, accepted, done, on)),
            _ => None,
        };
        let relief = match self.relief.as_deref() {
            Some(_) => Some((optional(self.deferred_to.as_ref())?, self.relief_reason.unwrap_or_default())),
            None => None,
        };
        let condition = Condition::of(Facts {
            frozen: self.number.is_some(),
            sent_back: reasoned(self.sent_back_reason, self.sent_back_on.as_ref())?,
            regrouped: optional(self.regrouped_on.as_ref())?.map(|on| (self.merged_into, on)),
            account,
            returned: reasoned(self.return_reason, self.returned_on.as_ref())?,
            cancellation,
            reversal: reasoned(self.reversal_reason, self.reversed_on.as_ref())?,
            relief,
        });
        Ok(Listed {
            id: self.id,
            plan: self.plan,
            version: self.version,
            number: self.number,
            goal: self.goal,
            standard: self.standard,
            veiled: self.petition.is_some(),
            hidden: Vec::new(),
            owner_name: self.owner_name,
            appointment: self.appointment,
            post_title: self.post_title,
            unit: self.unit,
            unit_name: self.unit_name,
            weight: self.weight,
            source: self.source,
            petition: self.petition,
            petition_number: self.petition_number,
            duty: self.duty,
            target: self.target,
            progress: self.progress,
            serves: self.serves,
            serves_number: self.serves_number,
            serves_goal: self.serves_goal,
            added: self.added == 1,
            continues: self.continues,
            meeting: self.meeting,
            frozen_on,
            account_content: self.account_content,
            cancelled_by: self.cancelled_by_name,
            delegated: None,
            moved_on: moved_on.into_iter().chain(frozen_on.map(|on| on.max(month.first_day()))).max(),
            item: Item {
                owner: self.owner,
                superior: self.superior,
                month,
                quarter: self.quarter.map(|quarter| quarter.parse()).transpose()?,
                due_on: day(&self.due_on)?,
                condition,
            },
        })
    }
}

/// The viewer as the rules ask.
pub fn who(viewer: &Viewer) -> Who {
    Who { official: viewer.official, post: viewer.post, supervision: viewer.is("supervision") }
}

async fn fetch(sql: Sql, read: &mut AnyConnection) -> anyhow::Result<Vec<Listed>> {
    let rows: Vec<Row> = sql.fetch_all(read).await?;
    rows.into_iter().map(Row::listed).collect()
}

/// As [`fetch`], and what is bound to a petition is unveiled for the owner and for whoever finds the petition. The
/// query has asked for recusal.
pub async fn fetch_for(viewer: &Viewer, sql: Sql, read: &mut AnyConnection) -> anyhow::Result<Vec<Listed>> {
    let mut found = fetch(sql, &mut *read).await?;
    let mut bound: Vec<i64> = found.iter().filter_map(|listed| listed.petition).collect();
    bound.sort_unstable();
    bound.dedup();
    let mut seen: Vec<i64> = Vec::new();
    if !bound.is_empty() {
        let mut sql = Sql::new("SELECT p.id FROM petition p WHERE p.id IN (");
        push_all(&mut sql, &bound);
        sql.push(")");
        petitions::push_sight(&mut sql, viewer);
        let rows: Vec<(i64,)> = sql.fetch_all(&mut *read).await?;
        seen.extend(rows.into_iter().map(|(petition,)| petition));
    }
    let hidden = petitions::hidden(read, viewer, &bound).await?;
    for listed in found.iter_mut().filter(|listed| listed.item.owner != viewer.official) {
        let own = hidden.iter().filter(|(petition, _)| listed.petition == Some(*petition));
        listed.hidden = own.map(|(_, name)| name.clone()).collect();
    }
    for listed in &mut found {
        let sees = listed.petition.is_none_or(|petition| seen.contains(&petition));
        listed.veiled = !sees && listed.item.owner != viewer.official;
    }
    Ok(found)
}

/// An item that the viewer may find; anything else does not exist.
pub async fn find(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Listed, Refusal> {
    let held = delegations::held(read, viewer).await?;
    let mut sql = Sql::new(SELECT);
    sql.push(" AND i.id = ").bind(id);
    sight::push_item_or(&mut sql, viewer, |sql| {
        if !held.is_empty() {
            sql.push(" OR po.superior IN (");
            delegations::push_posts(sql, viewer, &held);
            sql.push(")");
        }
    });
    let mut found = fetch_for(viewer, sql, read).await?;
    delegations::tell(viewer, &held, &mut found);
    found.pop().ok_or(Refusal::NotFound)
}

/// The items of a unit's month that the viewer may find: frozen ones by number, then drafts.
pub async fn of_month(
    read: &mut AnyConnection,
    viewer: &Viewer,
    unit: i64,
    month: Month,
) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" AND p.unit = ").bind(unit).push(" AND p.month = ").bind(month.to_string());
    sight::push_unit(&mut sql, viewer, "p.unit");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY CASE WHEN i.number IS NULL THEN 1 ELSE 0 END, i.number, i.id").limit(MOST);
    fetch_for(viewer, sql, read).await
}

/// Items that wait for the viewer's cancellation, the longest waiting first.
pub async fn waiting(read: &mut AnyConnection, viewer: &Viewer) -> anyhow::Result<Vec<Listed>> {
    let held = delegations::held(read, viewer).await?;
    let mut sql = Sql::new(SELECT);
    sql.push(" AND po.superior IN (");
    delegations::push_posts(&mut sql, viewer, &held);
    sql.push(") AND a.id IS NOT NULL AND r.account IS NULL AND f.item IS NULL AND (c.id IS NULL OR c.account < a.id)");
    // What waits for the second of two keys waits for somebody else.
    sql.push(" AND NOT EXISTS (SELECT 1 FROM cancellation_key k WHERE k.account = a.id)");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY a.id").limit(MOST);
    let mut found = fetch_for(viewer, sql, read).await?;
    delegations::tell(viewer, &held, &mut found);
    Ok(found.into_iter().filter(|listed| listed.item.cancel(delegations::acting(viewer, listed)).is_ok()).collect())
}

/// The viewer's own items of a month, in whatever unit.
pub async fn own(read: &mut AnyConnection, viewer: &Viewer, month: Month) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" AND i.owner = ").bind(viewer.official).push(" AND p.month = ").bind(month.to_string());
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.due_on, i.id").limit(MOST);
    fetch_for(viewer, sql, read).await
}

/// The frozen items bound to a petition, of every owner. Not for showing.
pub async fn of_petition(read: &mut AnyConnection, petition: i64) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" AND i.petition = ").bind(petition).push(" AND i.number IS NOT NULL ORDER BY i.id").limit(MOST);
    fetch(sql, read).await
}

/// An owner's frozen items of a month with a duty whose fulfilments are progress on them. Not for showing.
pub async fn of_duty(read: &mut AnyConnection, owner: i64, duty: &str, month: Month) -> anyhow::Result<Vec<Listed>> {
    let mut sql = Sql::new(SELECT);
    sql.push(" AND i.owner = ").bind(owner).push(" AND i.duty = ").bind(duty.to_owned());
    sql.push(" AND p.month = ").bind(month.to_string()).push(" AND i.number IS NOT NULL ORDER BY i.id").limit(MOST);
    fetch(sql, read).await
}

/// Numbers that one statement binds: a county's run asks for a few hundred people.
pub const BOUND: usize = 500;

/// Binds numbers, one after another.
pub fn push_all(sql: &mut Sql, numbers: &[i64]) {
    for (place, number) in numbers.iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(*number);
    }
}

/// The frozen items of some owners due in a month, in whatever unit: for settlement, not for showing.
pub async fn frozen(read: &mut AnyConnection, owners: &[i64], month: Month) -> anyhow::Result<Vec<Listed>> {
    let mut found = Vec::new();
    for some in owners.chunks(BOUND) {
        let mut sql = Sql::new(SELECT);
        sql.push(" AND i.number IS NOT NULL AND i.owner IN (");
        push_all(&mut sql, some);
        sql.push(") AND i.due_on >= ").bind(month.first_day().to_string());
        sql.push(" AND i.due_on <= ").bind(month.last_day().to_string());
        // No limit: an item that fell off its end would fall out of somebody's pay.
        sql.push(" ORDER BY i.owner, i.number");
        found.append(&mut fetch(sql, read).await?);
    }
    Ok(found)
}

/// Raises an item's version, and says whether it still was the one given.
pub async fn raised(write: &mut AnyConnection, id: i64, version: i64) -> Result<bool, sqlx::Error> {
    let raised = sqlx::query("UPDATE plan_item SET version = version + 1 WHERE id = $1 AND version = $2")
        .bind(id)
        .bind(version)
        .execute(write)
        .await?;
    Ok(raised.rows_affected() == 1)
}

/// Raises an item's version; where somebody else has raised it before, this act is stale.
pub async fn raise(write: &mut AnyConnection, id: i64, version: i64) -> Result<(), Refusal> {
    if raised(write, id, version).await? { Ok(()) } else { Err(Refusal::Stale) }
}

impl Listed {
    /// How many days after its due date it was done, if it was cancelled.
    pub fn late(&self) -> Option<i32> {
        match self.item.condition {
            Condition::Cancelled { done_on, .. } => Some(days_late(done_on, self.item.due_on)),
            _ => None,
        }
    }

    /// Days by which it is overdue on a day and still in the owner's hand; 0 otherwise.
    pub fn overdue(&self, today: &Date) -> i32 {
        if self.item.condition.in_hand() { days_late(*today, self.item.due_on) } else { 0 }
    }

    /// Number, or what it is called before it has one.
    pub fn title(&self) -> &str {
        self.number.as_deref().unwrap_or("待编号")
    }

    /// What will be true when it is done, or that it is about a petition.
    pub fn shown_goal(&self) -> String {
        if self.veiled { VEIL.to_owned() } else { self.told(&self.goal) }
    }

    /// A text of the item as whoever looks may read it.
    pub fn told(&self, text: &str) -> String {
        petitions::veiled(text, &self.hidden)
    }

    /// Whether its wording is shown as it stands: what is not read whole is not rewritten.
    pub fn is_plain(&self) -> bool {
        !self.veiled && [&self.goal, &self.standard].iter().all(|text| self.told(text) == ***text)
    }

    /// Where it comes from, in the words of the ledger.
    pub fn source(&self) -> String {
        if self.veiled {
            return VEIL.to_owned();
        }
        match self.source.as_str() {
            "own" | "arranged" if self.meeting.is_some() => {
                format!("会议议定 · {}", self.meeting.as_deref().unwrap_or_default())
            }
            "petition" => format!("信访 {}", self.petition_number),
            "duty" => match self.duty.as_deref() {
                Some("B3") => "六个一 · 报告会",
                Some("B4") => "六个一 · 座谈会",
                Some("B5") => "六个一 · 接访",
                Some("B6") => "六个一 · 述职",
                None | Some("B2") => "六个一 · 走访",
                Some(_) => "职务职责",
            }
            .to_owned(),
            "arranged" => "上级安排".to_owned(),
            _ => "自报".to_owned(),
        }
    }

    /// 已走访 12 / 34 户, for an item with such a target.
    pub fn counted(&self) -> Option<String> {
        let target = self.target.filter(|_| self.duty.is_some())?;
        Some(format!("已走访 {} / {target} 户", self.progress))
    }

    /// Progress towards its target in whole percent, at most 100.
    pub fn percent(&self) -> i64 {
        self.target.map_or(0, |target| (100 * self.progress / target.max(1)).min(100))
    }

    /// Its due day without the year, as the ledger shows it.
    pub fn due(&self) -> String {
        format!("{:02}-{:02}", self.item.due_on.month(), self.item.due_on.day())
    }
}
