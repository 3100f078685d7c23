//! What waits here: one's own account of the last month and, for a leader, of the last quarter; and the accounts of
//! those below that nobody has commented.

use policy::{Period, PlanCycle};
use sqlx::AnyConnection;

use super::find::{last_month, last_quarter, window};
use super::list::gives_quarterly;
use crate::accounts::Viewer;
use crate::plans::{self, Todo};
use crate::web::{App, day};

/// What waits for the viewer among the accounts.
pub async fn todo(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Todo>> {
    let mut found = Vec::new();
    if viewer.may("statements.write") {
        found.extend(to_give(read, app, viewer).await?);
    }
    if viewer.may("statements.comment") {
        found.extend(to_comment(read, viewer).await?);
    }
    Ok(found)
}

/// Own accounts that can be handed in and were not: of who had something in the plan and somebody above.
async fn to_give(read: &mut AnyConnection, app: &App, viewer: &Viewer) -> anyhow::Result<Vec<Todo>> {
    let today = app.today();
    let mut periods = vec![last_month(today)];
    if gives_quarterly(read, viewer).await? {
        periods.push(last_quarter(today));
    }
    let mut found = Vec::new();
    for period in periods {
        let owed = plans::owes_account(&mut *read, viewer.official, window(period)).await?;
        let given: Option<(i64,)> = sqlx::query_as(
            "SELECT s.id FROM statement s JOIN statement_words w ON w.statement = s.id AND w.handed_in_on IS NOT NULL
              WHERE s.official = $1 AND s.period = $2 LIMIT 1",
        )
        .bind(viewer.official)
        .bind(window(period).to_string())
        .fetch_optional(&mut *read)
        .await?;
        if !owed || given.is_some() {
            continue;
        }
        let cycle = PlanCycle::of(&app.policy, period)?;
        let quarterly = matches!(period, Period::Quarter(_));
        found.push(Todo {
            act: "述职",
            what: format!("{}述职报告", window(period).name()),
            beside: format!("{}前交给上级{}", day(cycle.account_to, today), if quarterly { "，季度述职" } else { "" }),
            href: format!("/statements/{}/{}", viewer.official, window(period)),
            since: cycle.account_from,
        });
    }
    Ok(found)
}

/// Accounts handed in by those below that wait for the viewer's comment.
async fn to_comment(read: &mut AnyConnection, viewer: &Viewer) -> anyhow::Result<Vec<Todo>> {
    let rows: Vec<(i64, String, String, String, String)> = sqlx::query_as(
        "SELECT s.official, s.period, o.name, u.name, MIN(w.handed_in_on)
           FROM statement s
           JOIN appointment ap ON ap.id = s.appointment
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
           JOIN official o ON o.id = s.official
           JOIN statement_words w ON w.statement = s.id AND w.handed_in_on IS NOT NULL
          WHERE po.superior = $1 AND s.official <> $2
            AND NOT EXISTS (SELECT 1 FROM statement_comment c WHERE c.statement = s.id)
          GROUP BY s.official, s.period, o.name, u.name ORDER BY MIN(w.handed_in_on), s.official LIMIT 200",
    )
    .bind(viewer.post)
    .bind(viewer.official)
    .fetch_all(read)
    .await?;
    let told = rows.into_iter().map(|(official, period, name, unit, handed_in_on)| {
        Ok(Todo {
            act: "点评",
            what: format!("{name}的述职报告"),
            beside: format!("{unit} {period}"),
            href: format!("/statements/{official}/{period}"),
            since: handed_in_on.parse()?,
        })
    });
    told.collect()
}
