//! 待办 in the plans: what waits for somebody to hand in, mend, freeze, account for or cancel, and since when.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Month, Period, PlanCycle};
use sqlx::AnyConnection;

use super::items::{self, Listed, who};
use super::rules::Condition;
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::App;

/// Something that waits for whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// 上报, 改, 定稿, 述职, 销号 …
    pub act: &'static str,
    /// What it is about.
    pub what: String,
    /// Number, unit, last day: what helps to know it again.
    pub beside: String,
    /// Where it is done.
    pub href: String,
    /// Since when it waits.
    pub since: Date,
}

impl Todo {
    /// Whole days that it has waited; 0 for what waits since today.
    pub fn waited(&self, today: &Date) -> i32 {
        (*today - self.since).get_days().max(0)
    }
}

/// What waits for the viewer in the plans, the longest waiting first.
pub async fn todo(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Todo>> {
    let today = app.today();
    let mut found = Vec::new();
    if viewer.may("plans.propose") {
        found.extend(to_hand_in(read, app, viewer, today).await?);
        found.extend(to_mend(read, viewer, today).await?);
    }
    if viewer.may("plans.freeze") {
        found.extend(to_freeze(read, app, viewer, today).await?);
    }
    if viewer.may("plans.account") {
        found.extend(to_account(read, viewer, today).await?);
    }
    if viewer.may("plans.cancel") {
        for listed in items::waiting(read, viewer).await? {
            if let Condition::Accounted { since, .. } = listed.item.condition {
                let beside = format!("{} {}", listed.title(), listed.owner_name);
                found.push(of("销号", &listed, beside, since));
            }
        }
    }
    found.sort_by(|a, b| (a.since, &a.href).cmp(&(b.since, &b.href)));
    Ok(found)
}

fn of(act: &'static str, listed: &Listed, beside: String, since: Date) -> Todo {
    Todo { act, what: listed.shown_goal(), beside, href: format!("/plans/items/{}", listed.id), since }
}

/// The plans that can be handed in today and were not: from the first day of the month before.
async fn to_hand_in(read: &mut AnyConnection, app: &App, viewer: &Viewer, today: Date) -> anyhow::Result<Vec<Todo>> {
    let above: Option<(i64,)> = sqlx::query_as("SELECT id FROM post WHERE id = $1 AND superior IS NOT NULL")
        .bind(viewer.post)
        .fetch_optional(&mut *read)
        .await?;
    let mut found = Vec::new();
    // Where nobody stands above, nobody could freeze it.
    if above.is_none() {
        return Ok(found);
    }
    for month in [Month::of(today), Month::of(today).plus(1)] {
        let cycle = PlanCycle::of(&app.policy, Period::Month(month))?;
        let handed_in: Option<(i64,)> = sqlx::query_as(
            "SELECT s.official FROM plan_submission s JOIN plan p ON p.id = s.plan
              WHERE s.official = $1 AND p.month = $2 LIMIT 1",
        )
        .bind(viewer.official)
        .bind(month.to_string())
        .fetch_optional(&mut *read)
        .await?;
        if handed_in.is_some() || today > cycle.submit_by {
            continue;
        }
        let last = if today <= cycle.propose_by { cycle.propose_by } else { cycle.submit_by };
        found.push(Todo {
            act: "上报",
            what: format!("{} 月的预安", month.number()),
            beside: format!("{}前报给上级", crate::web::day(last, today)),
            href: format!("/plans?month={month}"),
            since: month.plus(-1).first_day(),
        });
    }
    Ok(found)
}

/// The viewer's own proposals that were sent back.
async fn to_mend(read: &mut AnyConnection, viewer: &Viewer, today: Date) -> anyhow::Result<Vec<Todo>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.number IS NULL AND b.item IS NOT NULL AND i.owner = ").bind(viewer.official);
    sql.push(" AND p.month >= ").bind(Month::of(today).to_string());
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.id LIMIT 200");
    let rows = items::fetch_for(viewer, sql, read).await?;
    let told = rows.iter().filter_map(|listed| match &listed.item.condition {
        Condition::SentBack { reason, on } => Some(of("改", listed, format!("退改：{}", listed.told(reason)), *on)),
        _ => None,
    });
    Ok(told.collect())
}

/// The proposals of those below that wait to be frozen, by unit and month. They wait from the day on which their owner
/// handed in, or from the day after the last for proposals.
async fn to_freeze(read: &mut AnyConnection, app: &App, viewer: &Viewer, today: Date) -> anyhow::Result<Vec<Todo>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.number IS NULL AND b.item IS NULL AND po.superior = ").bind(viewer.post);
    sql.push(" AND p.month >= ").bind(Month::of(today).to_string());
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY p.month, u.code, i.id LIMIT 2000");
    let rows = items::fetch_for(viewer, sql, &mut *read).await?;
    let mut plans: Vec<i64> = rows.iter().map(|listed| listed.plan).collect();
    plans.sort_unstable();
    plans.dedup();
    let mut handed_in: Vec<(i64, i64, String)> = Vec::new();
    for some in plans.chunks(items::BOUND) {
        let mut sql = Sql::new("SELECT plan, official, submitted_on FROM plan_submission WHERE plan IN (");
        items::push_all(&mut sql, some);
        sql.push(")");
        let mut found: Vec<(i64, i64, String)> = sql.fetch_all(&mut *read).await?;
        handed_in.append(&mut found);
    }
    let mut groups: Vec<(i64, Month, String, usize, Option<Date>)> = Vec::new();
    for listed in rows.iter().filter(|listed| listed.item.freezes(who(viewer))) {
        let month = listed.item.month;
        let cycle = PlanCycle::of(&app.policy, Period::Month(month))?;
        let late = cycle.propose_by.saturating_add(1.day());
        let own = handed_in.iter().find(|(plan, owner, _)| (*plan, *owner) == (listed.plan, listed.item.owner));
        let since = own.map_or(Ok(late), |(_, _, day)| day.parse::<Date>().map(|day| day.min(late)))?;
        let since = Some(since).filter(|day| *day <= today);
        match groups.iter_mut().find(|group| (group.0, group.1) == (listed.unit, month)) {
            Some(group) => {
                group.3 += 1;
                group.4 = [group.4, since].into_iter().flatten().min();
            }
            None => groups.push((listed.unit, month, listed.unit_name.clone(), 1, since)),
        }
    }
    let told = groups.into_iter().filter_map(|(unit, month, name, count, since)| {
        Some(Todo {
            act: "定稿",
            what: format!("{name} {} 月预安 {count} 项", month.number()),
            beside: format!("{} 年 {} 月", month.year(), month.number()),
            href: format!("/plans?unit={unit}&month={month}"),
            since: since?,
        })
    });
    Ok(told.collect())
}

/// The viewer's own items that are due, or whose account or cancellation was turned back.
async fn to_account(read: &mut AnyConnection, viewer: &Viewer, today: Date) -> anyhow::Result<Vec<Todo>> {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.number IS NOT NULL AND f.item IS NULL AND (c.id IS NULL OR v.cancellation IS NOT NULL)");
    sql.push(" AND i.owner = ").bind(viewer.official);
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.due_on, i.id LIMIT 200");
    let rows = items::fetch_for(viewer, sql, read).await?;
    let told = rows.iter().filter_map(|listed| {
        let title = listed.title();
        let (beside, since) = match &listed.item.condition {
            Condition::Open => {
                (format!("{title}，{}到期", crate::web::day(listed.item.due_on, today)), listed.item.due_on)
            }
            Condition::Returned { reason, on } => (format!("{title}，退回：{}", listed.told(reason)), *on),
            Condition::Reversed { reason, on, .. } => (format!("{title}，撤回销号：{}", listed.told(reason)), *on),
            _ => return None,
        };
        (since <= today).then(|| of("述职", listed, beside, since))
    });
    Ok(told.collect())
}
