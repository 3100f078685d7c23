//! Bound cases of the demo: whose list they stand on, proposals that wait, a handover half signed, last quarter's meeting,
//! a letter that waits for its answer.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;
use serde_json::json;
use sqlx::AnyConnection;

use super::history::moment;
use super::people::Rank;
use super::{PASSWORD, SECRETARY, World};
use crate::accounts::passwords;
use crate::chain::Subject;

/// What leaders say of their cases at a quarter's end, and what the secretary answers.
const MEETING: [(&str, &str); 4] = [
    ("已到现场调查两次，责任单位拿出方案，资金正在落实。", "方案要快，资金由财政局本月到位。"),
    ("主要诉求已经答复，还有一户没有签字，下月上门再做解释。", "解释要讲政策依据，不能只催签字。"),
    ("协调部门多次，标准有分歧，已请示上级。", "请示要有回音，办理期限照算，不能等。"),
    ("已经处理到位，正在回访。", "办得实在，注意别反复。"),
];

/// A binding, its petition, leader and first day, and how many stand behind the petition.
type Found = (i64, i64, i64, String, i64);

/// Puts what is bound on the county's list and adds what the pages are for.
pub(super) async fn list(world: &mut World<'_>) -> anyhow::Result<()> {
    let county = world.people.unit("XLD");
    let vice = world.people.cast("lingdao");
    let leaders = world.people.of(county, Rank::Leader);
    let Some(secretary) = leaders.iter().copied().find(|one| *one != vice) else { return Ok(()) };
    let officer = world.people.cast("xinfang");
    let yesterday = world.today.saturating_sub(1.day());
    let recent = world.working_day(world.today.saturating_sub(3.days()), yesterday);
    let quarter = Month::of(world.today).quarter();
    let before = quarter.months()[0].plus(-1);
    let (last_quarter, ended) = (before.quarter(), before.last_day());
    let password = passwords::hash(PASSWORD).await?;
    let mut write = world.app.db.write().await?;
    let official = |one: usize| world.people.officials[one].id;
    sqlx::query("INSERT INTO account (id, official, login, password_hash) VALUES ($1, $2, $3, $4)")
        .bind(world.app.id())
        .bind(official(secretary))
        .bind(SECRETARY)
        .bind(password)
        .execute(&mut *write)
        .await?;
    sqlx::query("UPDATE leader_binding SET place = '430223'").execute(&mut *write).await?;

    let mut acts: Vec<(Date, usize, &'static str, i64, serde_json::Value)> = Vec::new();
    for (binding, petition, leader, bound_on, people) in
        running(&mut write, last_quarter.months()[0].first_day()).await?
    {
        let criteria = if people >= 5 { "joint" } else { "severe" };
        let day: Date = bound_on.parse()?;
        let of = Month::of(day).quarter().to_string();
        sqlx::query(
            "INSERT INTO binding_proposal (id, petition, place, quarter, criteria, reason, leader, due_on, proposed_on,
                                           proposed_by, approved, remark, decided_on, decided_by, binding)
             SELECT $1, petition, '430223', $2, $3, '涉及面宽，需要县领导牵头协调有关部门。', leader, due_on, bound_on,
                    $4, 1, '同意', bound_on, $5, id FROM leader_binding WHERE id = $6",
        )
        .bind(world.app.id())
        .bind(of)
        .bind(criteria)
        .bind(official(officer))
        .bind(official(secretary))
        .bind(binding)
        .execute(&mut *write)
        .await?;
        if day <= ended {
            let (account, comment) = MEETING[usize::try_from(people)? % MEETING.len()];
            let met = world.working_day(ended.saturating_add(1.day()), yesterday);
            sqlx::query(
                "INSERT INTO binding_account (binding, quarter, content, written_by, given_on) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(binding)
            .bind(last_quarter.to_string())
            .bind(account)
            .bind(leader)
            .bind(ended.to_string())
            .execute(&mut *write)
            .await?;
            if leader != official(secretary) {
                sqlx::query(
                    "INSERT INTO binding_comment (binding, quarter, content, commented_on, commented_by)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(binding)
                .bind(last_quarter.to_string())
                .bind(comment)
                .bind(met.to_string())
                .bind(official(secretary))
                .execute(&mut *write)
                .await?;
                acts.push((
                    met,
                    secretary,
                    "binding.commented",
                    petition,
                    json!({ "binding": binding, "content": comment }),
                ));
            }
        }
    }
    hand_over(&mut write, world, vice, recent).await?;
    let due = quarter.months()[2].last_day().max(world.today.saturating_add(30.days()));
    for (petition, people) in waiting(&mut write, world.today).await? {
        let criteria = if people >= 5 { "joint" } else { "overdue" };
        sqlx::query(
            "INSERT INTO binding_proposal (id, petition, place, quarter, criteria, reason, leader, due_on, proposed_on, proposed_by)
             VALUES ($1, $2, '430223', $3, $4, '部门之间意见不一，群众多次询问，建议县领导包案。', $5, $6, $7, $8)",
        )
        .bind(world.app.id())
        .bind(petition)
        .bind(quarter.to_string())
        .bind(criteria)
        .bind(official(vice))
        .bind(due.to_string())
        .bind(recent.to_string())
        .bind(official(officer))
        .execute(&mut *write)
        .await?;
        let content = json!({ "criteria": criteria, "leader": official(vice) });
        acts.push((recent, officer, "binding.proposed", petition, content));
    }
    inquire(&mut write, world, officer, recent).await?;
    reward(&mut write, world, (secretary, vice), last_quarter.to_string(), recent).await?;
    write.commit().await?;
    for (day, by, action, petition, content) in acts {
        let by = world.people.officials[by].clone();
        world.history.add(moment(day, 8 * 60 + 30), Some(&by), action, Subject("petition", petition), &content);
    }
    Ok(())
}

/// What was bound on a day or since, with leader, first day and how many stand behind it.
async fn running(write: &mut AnyConnection, since: Date) -> Result<Vec<Found>, sqlx::Error> {
    sqlx::query_as(
        "SELECT b.id, b.petition, b.leader, b.bound_on, p.people FROM leader_binding b JOIN petition p ON p.id = b.petition
          WHERE b.ended_on IS NULL OR b.ended_on >= $1 ORDER BY p.number",
    )
    .bind(since.to_string())
    .fetch_all(write)
    .await
}

/// Three open petitions that nobody is bound to: joint ones or late ones.
async fn waiting(write: &mut AnyConnection, today: Date) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT p.id, p.people FROM petition p
          WHERE p.state IN ('registered', 'assigned', 'accepted')
            AND (p.people >= 5 OR EXISTS (SELECT 1 FROM clock k WHERE k.petition = p.id AND k.stopped_on IS NULL
                 AND k.kind IN ('registration', 'notice', 'handling') AND k.due_on < $1))
            AND NOT EXISTS (SELECT 1 FROM leader_binding b WHERE b.petition = p.id)
            AND NOT EXISTS (SELECT 1 FROM recusal r WHERE r.petition = p.id) ORDER BY p.number DESC LIMIT 3",
    )
    .bind(today.to_string())
    .fetch_all(write)
    .await
}

/// One case on its way to 谢国华, who has not signed yet.
async fn hand_over(write: &mut AnyConnection, world: &World<'_>, to: usize, on: Date) -> Result<(), sqlx::Error> {
    let to = world.people.officials[to].id;
    sqlx::query(
        "INSERT INTO binding_handover (id, binding, successor, reason, given_on, given_by)
         SELECT $1, b.id, $2, '分管工作调整，已现场调查一次，方案待定。', $3, b.leader
           FROM leader_binding b JOIN petition p ON p.id = b.petition
          WHERE b.ended_on IS NULL AND b.leader <> $2 AND p.state IN ('registered', 'assigned', 'accepted', 'answered')
            AND NOT EXISTS (SELECT 1 FROM recusal r WHERE r.petition = p.id)
          ORDER BY p.number DESC LIMIT 1",
    )
    .bind(world.app.id())
    .bind(to)
    .bind(on.to_string())
    .execute(write)
    .await?;
    Ok(())
}

/// One letter to the province that waits for its answer.
async fn inquire(write: &mut AnyConnection, world: &World<'_>, by: usize, on: Date) -> Result<(), sqlx::Error> {
    let sent = on.saturating_sub(9.days());
    let year = sent.year();
    let done = sqlx::query(
        "INSERT INTO inquiry (id, petition, number, organ, question, content, sent_on, sent_by)
         SELECT $1, p.id, $2, '省自然资源厅', '两份文件标准不一致时适用哪一份',
                '办理中遇到两份文件标准不一的情形，适用哪一份不明确，特此请示，请予答复。', $3, $4
           FROM petition p
          WHERE p.state IN ('assigned', 'accepted') AND p.registered_on <= $3
            AND p.unit = (SELECT id FROM unit WHERE code = 'ZRZY')
            AND NOT EXISTS (SELECT 1 FROM recusal r WHERE r.petition = p.id) ORDER BY p.number DESC LIMIT 1",
    )
    .bind(world.app.id())
    .bind(format!("攸信请〔{year}〕1号"))
    .bind(sent.to_string())
    .bind(world.people.officials[by].id)
    .execute(&mut *write)
    .await?;
    if done.rows_affected() == 1 {
        sqlx::query("INSERT INTO number_series (series, year, last) VALUES ('攸信请', $1, 1)")
            .bind(i64::from(year))
            .execute(write)
            .await?;
    }
    Ok(())
}

/// A commendation of 谢国华 for last quarter, decided by the secretary and not signed yet.
async fn reward(
    write: &mut AnyConnection,
    world: &World<'_>,
    (secretary, leader): (usize, usize),
    quarter: String,
    on: Date,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO leader_reward (id, official, place, quarter, kind, reason, document, decided_on, decided_by)
         VALUES ($1, $2, '430223', $3, 'reward', '包案件件有记录、有回访，通报表扬。', '攸演〔2026〕12号', $4, $5)",
    )
    .bind(world.app.id())
    .bind(world.people.officials[leader].id)
    .bind(quarter)
    .bind(on.to_string())
    .bind(world.people.officials[secretary].id)
    .execute(write)
    .await?;
    Ok(())
}
