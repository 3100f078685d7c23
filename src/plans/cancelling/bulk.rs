//! 一并销号: what waits, each account in full with a tick of its own and none set; each that is ticked is judged by itself
//! and told apart.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::Done;
use crate::accounts::Viewer;
use crate::plans::items::{self, Listed};
use crate::plans::rules::Condition;
use crate::web::{Access, App, Form, Page, Problems, Query, Refusal, Rooms, Shell, html_with, see};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/waiting/all", Access::May("plans.cancel"), show).post(
        "/plans/cancellations",
        Access::May("plans.cancel"),
        cancel,
    )
}

/// Accounts on one page: as many as somebody reads before he signs.
const PAGE: usize = 20;

/// What came of one tick.
struct Told {
    title: String,
    done: bool,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
    /// How many were cancelled just now, and how many wait for a second key.
    done: usize,
    keyed: usize,
}

#[derive(Template)]
#[template(path = "plans/cancelling/bulk.html")]
struct BulkPage {
    shell: Shell,
    rows: Vec<Listed>,
    count: usize,
    next: Option<i64>,
    told: Vec<Told>,
    asked: Asked,
    problems: Problems,
}

async fn show(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let mut read = app.db.read().await?;
    page(&mut read, &viewer, asked, Vec::new(), Problems::default()).await
}

async fn page(read: &mut AnyConnection, viewer: &Viewer, asked: Asked, told: Vec<Told>, problems: Problems) -> Page {
    let mut rows = items::waiting(read, viewer).await?;
    let count = rows.len();
    let passed = rows.iter().position(|listed| listed.id.to_string() == asked.after).map_or(0, |place| place + 1);
    rows.drain(..passed);
    let next = rows.get(PAGE - 1).filter(|_| rows.len() > PAGE).map(|listed| listed.id);
    rows.truncate(PAGE);
    let fails = !problems.is_empty() || told.iter().any(|one| !one.done);
    let status = if fails { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    html_with(status, &BulkPage { shell: Shell::new(viewer, "plans"), rows, count, next, told, asked, problems })
}

/// The ticks: id and version of each item, with a point between.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Ticked {
    items: Vec<String>,
}

impl Ticked {
    /// In the order of ids, so that two who cancel at once do not wait for one another.
    fn read(&self) -> Option<Vec<(i64, i64)>> {
        let read = |text: &String| {
            let (id, version) = text.split_once('.')?;
            Some((id.parse().ok()?, version.parse().ok()?))
        };
        let mut read: Vec<(i64, i64)> = self.items.iter().map(read).collect::<Option<_>>()?;
        read.sort_unstable();
        read.dedup();
        Some(read)
    }
}

async fn cancel(State(app): State<App>, viewer: Viewer, Form(ticked): Form<Ticked>) -> Page {
    let ticked = ticked.read().ok_or_else(|| Refusal::Malformed("勾选的预安项读不出来，请刷新页面。".to_owned()))?;
    let mut problems = Problems::default();
    problems.require(!ticked.is_empty(), "", "请先看过再逐项勾选，一项也没有勾");
    problems.require(ticked.len() <= PAGE, "", "一次最多销一页上的预安项");
    let mut write = app.db.write().await?;
    if !problems.is_empty() {
        return page(&mut write, &viewer, Asked::default(), Vec::new(), problems).await;
    }
    let (mut told, mut done, mut keyed) = (Vec::new(), 0, 0);
    for (id, version) in ticked {
        let one = one(&mut write, &app, &viewer, (id, version)).await?;
        match one.1 {
            Some(Done::Cancelled) => done += 1,
            Some(Done::Keyed) => keyed += 1,
            None => {}
        }
        told.push(one.0);
    }
    if told.iter().all(|one| one.done) {
        write.commit().await?;
        return see(&format!("/plans/waiting/all?done={done}&keyed={keyed}"));
    }
    write.commit().await?;
    let mut read = app.db.read().await?;
    page(&mut read, &viewer, Asked { done, keyed, ..Asked::default() }, told, problems).await
}

/// One tick, judged as if it had been sent alone.
async fn one(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (id, version): (i64, i64),
) -> Result<(Told, Option<Done>), Refusal> {
    sqlx::query("UPDATE plan_item SET version = version WHERE id = $1").bind(id).execute(&mut *write).await?;
    let listed = match items::find(write, viewer, id).await {
        Ok(listed) => listed,
        Err(Refusal::NotFound) => {
            let text = "没有找到这一项".to_owned();
            return Ok((Told { title: "（没有找到）".to_owned(), done: false, text }, None));
        }
        Err(other) => return Err(other),
    };
    let title = format!("{} {}", listed.title(), listed.shown_goal());
    let not = |text: String| Ok((Told { title: title.clone(), done: false, text }, None));
    if let Condition::Cancelled { .. } = listed.item.condition {
        return not(format!("已由{}销号，没有重复办理", listed.cancelled_by));
    }
    if listed.version != version {
        return not("您打开页面以后有了变化，请看过再勾".to_owned());
    }
    match super::cancel(write, app, viewer, &listed).await? {
        Ok(Done::Cancelled) => Ok((Told { title, done: true, text: "已销号".to_owned() }, Some(Done::Cancelled))),
        Ok(Done::Keyed) => {
            let text = "已由您销号，等第二人确认".to_owned();
            Ok((Told { title, done: true, text }, Some(Done::Keyed)))
        }
        Err(why) => not(why.to_string()),
    }
}
