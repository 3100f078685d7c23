//! What comes up a few times a year: a dispute before the common superior, a hearing in a re-review, a mediation
//! agreement, officials who went along to the city, a proposal to those above, causes and notices.

use jiff::ToSpan;
use jiff::civil::Date;
use policy::{Clock, Run, Suspension};
use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::World;
use super::history::moment;
use super::people::Rank;
use crate::chain::Subject;

/// Something that somebody did, for the chain: when, who, what, about what.
type Act = (i64, i64, &'static str, Subject, Value);

/// A petition to tell about: nobody is to be kept from it, and nothing else came up.
const PLAIN: &str = "NOT EXISTS (SELECT 1 FROM recusal x WHERE x.petition = p.id)
    AND NOT EXISTS (SELECT 1 FROM leader_binding b WHERE b.petition = p.id)
    AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.petition = p.id)
    AND NOT EXISTS (SELECT 1 FROM inquiry q WHERE q.petition = p.id)";

/// Adds one of each, where the year has a petition for it.
pub(super) async fn tell(world: &mut World<'_>) -> anyhow::Result<()> {
    let yesterday = world.today.saturating_sub(1.day());
    let recent = world.working_day(world.today.saturating_sub(4.days()), yesterday);
    let mut acts: Vec<Act> = Vec::new();
    let mut write = world.app.db.write().await?;
    dispute(&mut write, world, recent, &mut acts).await?;
    settlement(&mut write, recent, &mut acts).await?;
    accompaniment(&mut write, world, recent, &mut acts).await?;
    submission(&mut write, world, recent, &mut acts).await?;
    re_review(&mut write, world, &mut acts).await?;
    causes(&mut write, &mut acts).await?;
    notices(&mut write, world, &mut acts).await?;
    write.commit().await?;
    for (at, by, action, subject, content) in acts {
        let by = world.people.officials.iter().find(|official| official.id == by).cloned();
        world.history.add(at, by.as_ref(), action, subject, &content);
    }
    Ok(())
}

/// Lead and helper do not agree on who leads, and wait for the superior of both.
async fn dispute(write: &mut AnyConnection, world: &World<'_>, on: Date, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let sql = format!(
        "SELECT p.id, p.handler, p.unit, p.township FROM petition p JOIN unit u ON u.id = p.unit
           JOIN acceptance a ON a.petition = p.id AND a.accepted_on <= $1
          WHERE p.state = 'accepted' AND p.handler IS NOT NULL AND u.kind = 'department' AND length(p.township) = 9
            AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.petition = p.id AND s.part = 'help') AND {PLAIN}
          ORDER BY CASE WHEN u.code = 'ZRZY' THEN 0 ELSE 1 END, p.number DESC LIMIT 20"
    );
    let found: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(on.to_string()).fetch_all(&mut *write).await?;
    let people = &world.people;
    // Those above the head of a unit, from below.
    let above = |unit: usize| {
        let chief = people.of(unit, Rank::Chief).first().copied();
        std::iter::successors(chief, |one| people.officials[*one].superior).skip(1)
    };
    let both = found.into_iter().find_map(|(petition, handler, lead, township)| {
        let lead = people.units.iter().position(|unit| unit.id == lead)?;
        let helper = people.town(&township);
        let superior = above(lead).find(|one| above(helper).any(|other| other == *one))?;
        Some((petition, handler, helper, superior))
    });
    let Some((petition, handler, helper, superior)) = both else { return Ok(()) };
    let officer = people.officials[people.cast("xinfang")].id;
    let helper = people.units[helper].id;
    sqlx::query(
        "INSERT INTO assignment (id, petition, unit, part, dispatched_on, dispatched_by, instruction)
         VALUES ($1, $2, $3, 'help', $4, $5, '请配合主办单位核实现场情况，做好沟通。')",
    )
    .bind(world.app.id())
    .bind(petition)
    .bind(helper)
    .bind(on.to_string())
    .bind(officer)
    .execute(&mut *write)
    .await?;
    let reason = "主办单位认为现场在乡镇、由乡镇牵头更快；协办单位认为涉及审批，应由主管部门牵头。";
    sqlx::query(
        "INSERT INTO dispute (id, petition, kind, reason, raised_on, raised_by, superior)
         VALUES ($1, $2, 'deadlock', $3, $4, $5, $6)",
    )
    .bind(world.app.id())
    .bind(petition)
    .bind(reason)
    .bind(on.to_string())
    .bind(handler)
    .bind(people.officials[superior].post)
    .execute(&mut *write)
    .await?;
    raised(write, petition).await?;
    let subject = || Subject("petition", petition);
    let told = json!({ "part": "help", "unit": helper });
    acts.push((moment(on, 9 * 60), officer, "petition.assigned", subject(), told));
    acts.push((moment(on, 15 * 60 + 20), handler, "petition.deadlocked", subject(), json!({ "reason": reason })));
    Ok(())
}

/// Two sides agreed, with the unit between them.
async fn settlement(write: &mut AnyConnection, on: Date, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let sql = format!(
        "SELECT p.id, p.handler, p.lead FROM petition p JOIN acceptance a ON a.petition = p.id
          WHERE p.state = 'accepted' AND p.branch = 6 AND p.anonymous = 0 AND p.handler IS NOT NULL
            AND a.accepted_on <= $1 AND {PLAIN} ORDER BY p.number LIMIT 1"
    );
    let found: Option<(i64, i64, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(on.to_string()).fetch_optional(&mut *write).await?;
    let Some((petition, handler, lead)) = found else { return Ok(()) };
    let due = on.saturating_add(30.days());
    let (parties, terms) =
        (format!("{lead}（甲方）、施工单位（乙方）"), "乙方补偿并恢复原状，甲方不再就此事提出要求。");
    sqlx::query(
        "INSERT INTO settlement (petition, manner, parties, facts, terms, performance, due_on, agreed_on, recorded_by)
         VALUES ($1, 'mediated', $2, '施工中损坏甲方的围墙和水沟，双方对损失的数额各有说法。', $3,
                 '补偿款由乙方汇入甲方账户，恢复工程由责任单位验收。', $4, $5, $6)",
    )
    .bind(petition)
    .bind(parties.clone())
    .bind(terms)
    .bind(due.to_string())
    .bind(on.to_string())
    .bind(handler)
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO execution (petition, since, due_on) VALUES ($1, $2, $3)")
        .bind(petition)
        .bind(on.to_string())
        .bind(due.to_string())
        .execute(&mut *write)
        .await?;
    sqlx::query(
        "UPDATE clock SET stopped_on = $2
          WHERE petition = $1 AND stopped_on IS NULL AND kind IN ('notice', 'handling')",
    )
    .bind(petition)
    .bind(on.to_string())
    .execute(&mut *write)
    .await?;
    sqlx::query("UPDATE petition SET state = 'answered' WHERE id = $1").bind(petition).execute(&mut *write).await?;
    raised(write, petition).await?;
    let told = json!({ "manner": "mediated", "parties": parties, "terms": terms });
    acts.push((moment(on, 10 * 60 + 5), handler, "petition.settled", Subject("petition", petition), told));
    Ok(())
}

/// The petitioner did not understand the answer, and officials went along to the city.
async fn accompaniment(
    write: &mut AnyConnection,
    world: &World<'_>,
    on: Date,
    acts: &mut Vec<Act>,
) -> anyhow::Result<()> {
    let sql = format!(
        "SELECT p.id, p.handler, p.division, p.lead, o.issued_on FROM petition p JOIN opinion o ON o.petition = p.id
          WHERE p.state = 'answered' AND p.anonymous = 0 AND p.handler IS NOT NULL AND {PLAIN}
          ORDER BY CASE WHEN o.outcome = 'supported' THEN 1 ELSE 0 END, p.number DESC LIMIT 1"
    );
    let found: Option<(i64, i64, String, String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_optional(&mut *write).await?;
    let Some((petition, handler, division, lead, issued_on)) = found else { return Ok(()) };
    let on = on.max(issued_on.parse()?);
    let Some(by) = world.people.officials.iter().find(|official| official.id == handler) else { return Ok(()) };
    let (entry, at) = (world.app.id(), moment(on, 19 * 60 + 30));
    let content = "陪同代表到市里当面询问，工作人员逐条解释了标准和依据。";
    sqlx::query(
        "INSERT INTO entry (id, kind, happened_on, recorded_at, recorded_by, appointment, division, petition, content)
         VALUES ($1, 'case_step', $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(entry)
    .bind(on.to_string())
    .bind(at)
    .bind(handler)
    .bind(by.appointment)
    .bind(division)
    .bind(petition)
    .bind(content)
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO accompaniment (entry, petition, organ, level, officials, representatives, cleared)
         VALUES ($1, $2, '株洲市信访局', 'city', '承办人、村党支部书记', $3, 1)",
    )
    .bind(entry)
    .bind(petition)
    .bind(lead)
    .execute(&mut *write)
    .await?;
    let told = json!({ "content": content, "happened_on": on.to_string(), "kind": "case_step", "petition": petition });
    acts.push((at, handler, "entry.recorded", Subject("entry", entry), told));
    acts.push((at, handler, "petition.step", Subject("petition", petition), json!({ "entry": entry })));
    let told = json!({ "cleared": true, "entry": entry, "level": "city", "organ": "株洲市信访局" });
    acts.push((at, handler, "petition.accompanied", Subject("petition", petition), told));
    Ok(())
}

/// The petition office proposes to the county, and waits for what is decided.
async fn submission(write: &mut AnyConnection, world: &World<'_>, on: Date, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let sql = format!(
        "SELECT p.id, p.number, p.title FROM petition p
          WHERE p.state IN ('registered', 'assigned', 'accepted') AND p.registered_on <= $1 AND {PLAIN}
          ORDER BY p.people DESC, p.number DESC LIMIT 1"
    );
    let found: Option<(i64, String, String)> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(on.to_string()).fetch_optional(&mut *write).await?;
    let Some((petition, number, title)) = found else { return Ok(()) };
    let officer = world.people.cast("xinfang");
    let by = world.people.officials[officer].id;
    let office = world.people.units[world.people.unit("XFJ")].id;
    let paper = format!("攸信报〔{}〕1号", on.year());
    let content = format!(
        "信访事项 {number} 反映“{title}”。\n情况：牵涉面宽，几个部门的意见不一致。\n建议：由县领导召集有关部门会商，明确牵头单位和时限。"
    );
    sqlx::query(
        "INSERT INTO submission (id, petition, number, ground, organ, subject, content, unit, sent_on, sent_by)
         VALUES ($1, $2, $3, 'decision', '县委、县人民政府', '部门意见不一致的信访事项如何处理', $4, $5, $6, $7)",
    )
    .bind(world.app.id())
    .bind(petition)
    .bind(paper.clone())
    .bind(content)
    .bind(office)
    .bind(on.to_string())
    .bind(by)
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO number_series (series, year, last) VALUES ('攸信报', $1, 1)")
        .bind(i64::from(on.year()))
        .execute(write)
        .await?;
    let told = json!({ "ground": "decision", "number": paper });
    acts.push((moment(on, 11 * 60 + 10), by, "petition.submitted", Subject("petition", petition), told));
    Ok(())
}

/// A re-review by the city: a hearing whose day is left out of its term, and the opinion with which the matter ended.
async fn re_review(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let found: Option<(i64, i64, String)> = sqlx::query_as(
        "SELECT r.petition, k.id, s.served_on FROM review r JOIN review_service s ON s.review = r.id
           JOIN petition p ON p.id = r.petition
           JOIN clock k ON k.petition = r.petition AND k.kind = 're-review-request'
          WHERE s.served_on <= $1 ORDER BY s.served_on DESC, p.number LIMIT 1",
    )
    .bind(world.today.saturating_sub(50.days()).to_string())
    .fetch_optional(&mut *write)
    .await?;
    let Some((petition, right, reviewed)) = found else { return Ok(()) };
    let reviewed: Date = reviewed.parse()?;
    let after = |days: i32| world.working_day(reviewed.saturating_add(days.days()), world.today);
    let (asked, heard, issued, served) = (after(6), after(14), after(26), after(28));
    let officer = world.people.officials[world.people.cast("xinfang")].id;
    let recorder = world.people.officials[world.people.cast("xinfang2")].id;
    sqlx::query("UPDATE clock SET stopped_on = $2 WHERE id = $1")
        .bind(right)
        .bind(asked.to_string())
        .execute(&mut *write)
        .await?;
    let (review, number) = (world.app.id(), format!("攸复核〔{}〕0001号", asked.year()));
    let reason = "复查维持了原来的意见，没有说明面积是怎样算的，请求复核。";
    sqlx::query(
        "INSERT INTO review (id, petition, stage, round, number, organ, reason, asked_on, recorded_by, version)
         VALUES ($1, $2, 're-review', 0, $3, '株洲市人民政府', $4, $5, $6, 4)",
    )
    .bind(review)
    .bind(petition)
    .bind(number.clone())
    .bind(reason)
    .bind(asked.to_string())
    .bind(officer)
    .execute(&mut *write)
    .await?;
    sqlx::query("INSERT INTO number_series (series, year, last) VALUES ('攸复核', $1, 1)")
        .bind(i64::from(asked.year()))
        .execute(&mut *write)
        .await?;
    let hearing = [Suspension::new(heard, heard)?];
    let run = Run { suspended: &hearing, ..Run::new(Clock::ReReview, asked) };
    let deadline = policy::deadline(&world.app.policy, &world.app.calendar, &run)?;
    let clock = world.app.id();
    sqlx::query(
        "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional, stopped_on)
         VALUES ($1, $2, 're-review', $3, $4, $5, $6)",
    )
    .bind(clock)
    .bind(petition)
    .bind(asked.to_string())
    .bind(deadline.due.map(|due| due.to_string()))
    .bind(i64::from(deadline.provisional))
    .bind(served.to_string())
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO suspension (id, petition, clock, held_from, held_to, reason, recorded_at, recorded_by)
         VALUES ($1, $2, $3, $4, $4, '株洲市人民政府就补偿面积举行听证。', $5, $6)",
    )
    .bind(world.app.id())
    .bind(petition)
    .bind(clock)
    .bind(heard.to_string())
    .bind(moment(heard, 16 * 60))
    .bind(recorder)
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO review_opinion (review, verdict, facts, basis, reply, issued_on, written_by)
         VALUES ($1, 'upheld', '听证查明，面积按实测计算，双方签字认可。', '《信访工作条例》第三十六条',
                 '原处理意见和复查意见认定事实清楚，予以维持。', $2, $3)",
    )
    .bind(review)
    .bind(issued.to_string())
    .bind(recorder)
    .execute(&mut *write)
    .await?;
    sqlx::query(
        "INSERT INTO review_service (review, served_on, manner, signed_by, recorded_by, recorded_at)
         VALUES ($1, $2, 'post', '', $3, $4)",
    )
    .bind(review)
    .bind(served.to_string())
    .bind(recorder)
    .bind(moment(served, 17 * 60))
    .execute(&mut *write)
    .await?;
    raised(write, petition).await?;
    let subject = || Subject("petition", petition);
    let told = json!({ "organ": "株洲市人民政府", "reason": reason, "stage": "re-review" });
    acts.push((moment(asked, 9 * 60 + 40), officer, "petition.review_requested", subject(), told));
    let told = json!({ "from": heard, "number": number, "to": heard });
    acts.push((moment(heard, 16 * 60), recorder, "petition.heard", subject(), told));
    let told = json!({ "number": number, "verdict": "upheld" });
    acts.push((moment(issued, 16 * 60), recorder, "petition.review_issued", subject(), told));
    let told = json!({ "number": number, "on": served });
    acts.push((moment(served, 17 * 60), recorder, "petition.review_served", subject(), told));
    Ok(())
}

/// What the office holds to be at the root of most of what is closed.
async fn causes(write: &mut AnyConnection, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    const CAUSES: [&str; 10] = [
        "inaction",
        "policy",
        "private",
        "misunderstood",
        "inaction",
        "legacy",
        "wrongful",
        "private",
        "inaction",
        "other",
    ];
    let closed: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT p.id, c.closed_on, c.closed_by FROM petition p JOIN closure c ON c.petition = p.id ORDER BY p.number",
    )
    .fetch_all(&mut *write)
    .await?;
    // Every fourth is still to be said.
    for (place, (petition, closed_on, by)) in closed.into_iter().enumerate().filter(|(place, _)| place % 4 != 3) {
        let cause = CAUSES[place * 7 % CAUSES.len()];
        sqlx::query("INSERT INTO petition_cause (petition, cause, recorded_on, recorded_by) VALUES ($1, $2, $3, $4)")
            .bind(petition)
            .bind(cause)
            .bind(closed_on.clone())
            .bind(by)
            .execute(&mut *write)
            .await?;
        let at = moment(closed_on.parse()?, 20 * 60 + 1);
        acts.push((at, by, "petition.cause_recorded", Subject("petition", petition), json!({ "cause": cause })));
    }
    Ok(())
}

/// What was sent on was told to those who had brought it, all but the newest.
async fn notices(write: &mut AnyConnection, world: &World<'_>, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let until = world.today.saturating_sub(10.days());
    let forwarded: Vec<(i64, String, i64)> = sqlx::query_as(
        "SELECT f.petition, f.forwarded_on, f.forwarded_by FROM forwarding f JOIN petition p ON p.id = f.petition
          WHERE p.anonymous = 0 AND f.forwarded_on < $1 ORDER BY p.number",
    )
    .bind(until.to_string())
    .fetch_all(&mut *write)
    .await?;
    for (petition, forwarded_on, by) in forwarded {
        let at = moment(forwarded_on.parse()?, 20 * 60 + 2);
        sqlx::query(
            "INSERT INTO forwarding_service (petition, served_on, manner, signed_by, recorded_by, recorded_at)
             VALUES ($1, $2, 'post', '', $3, $4)",
        )
        .bind(petition)
        .bind(forwarded_on)
        .bind(by)
        .bind(at)
        .execute(&mut *write)
        .await?;
        let told = json!({ "manner": "post", "paper": "forwarding" });
        acts.push((at, by, "petition.served", Subject("petition", petition), told));
    }
    Ok(())
}

/// A form made for an older version is stale.
async fn raised(write: &mut AnyConnection, petition: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE petition SET version = version + 1 WHERE id = $1").bind(petition).execute(write).await?;
    Ok(())
}
