//! 代访请示: what waits for a superior authority, and what was answered and not told yet; the longest first.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::FromRow;

use super::rules::waited;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions::{sight, veil};
use crate::web::{Access, App, Page, Query, Rooms, Shell, day, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/inquiries", Access::May("inquiries.list"), page)
}

#[derive(Clone, Debug, FromRow)]
struct Row {
    id: i64,
    petition: i64,
    petition_number: String,
    title: String,
    number: String,
    organ: String,
    question: String,
    sent_on: String,
    answered_on: String,
}

impl Row {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "a template passes references")]
    fn waited(&self, today: &Date) -> i32 {
        self.sent_on.parse().map_or(0, |sent| waited(sent, *today))
    }
}

/// The rows of one page.
const PAGE: i64 = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: String,
}

#[derive(Template)]
#[template(path = "petitions/inquiries/open.html")]
struct OpenPage {
    shell: Shell,
    rows: Vec<Row>,
    next: Option<String>,
    is_first: bool,
    today: Date,
}

impl OpenPage {
    fn on(&self, on: &str) -> String {
        on.parse().map_or(String::new(), |on| day(on, self.today))
    }
}

async fn page(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let mut read = app.db.read().await?;
    let mut sql = Sql::new(
        "SELECT i.id, p.id AS petition, p.number AS petition_number, p.title, i.number, i.organ, i.question, i.sent_on,
                COALESCE(i.answered_on, '') AS answered_on
           FROM inquiry i JOIN petition p ON p.id = i.petition
          WHERE i.told_on IS NULL AND p.state NOT IN ('closed', 'forwarded')",
    );
    if let Some((sent, id)) = asked.after.split_once('.')
        && let Ok(id) = id.parse::<i64>()
    {
        sql.push(" AND (i.sent_on > ").bind(sent.to_owned()).push(" OR (i.sent_on = ").bind(sent.to_owned());
        sql.push(" AND i.id > ").bind(id).push("))");
    }
    sight::push(&mut sql, &viewer);
    sql.push(" ORDER BY i.sent_on, i.id").limit(PAGE + 1);
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let more = rows.len() > usize::try_from(PAGE)?;
    rows.truncate(usize::try_from(PAGE)?);
    let texts = rows.iter_mut().flat_map(|row| [(row.petition, &mut row.title), (row.petition, &mut row.question)]);
    veil(&mut read, &viewer, texts.collect()).await?;
    let next = rows.last().filter(|_| more).map(|last| format!("/inquiries?after={}.{}", last.sent_on, last.id));
    let shell = Shell::new(&viewer, "inquiries");
    html(&OpenPage { shell, rows, next, is_first: asked.after.is_empty(), today: app.today() })
}
