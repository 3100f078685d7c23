//! The accounts of a period: one's own, those of the posts below, and for those who check those of a place.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use policy::{Month, Period};
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::find::{asked_on, last_month, period, push_sight, window};
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::plans::window::Window;
use crate::web::{Access, App, Page, Query, Rooms, Shell, forms, html, minute};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/statements", Access::May("statements.read"), show)
}

const PAGE: usize = 50;

/// How far an account has come: word, label.
const STATES: [(&str, &str); 4] =
    [("", "不分状态"), ("open", "未交"), ("given", "已交，待点评"), ("commented", "已点评")];

/// Whether the viewer is one of the leaders of county or township, who give account each quarter as well (B6).
pub(super) async fn gives_quarterly(read: &mut AnyConnection, viewer: &Viewer) -> Result<bool, sqlx::Error> {
    if !viewer.may("statements.comment") {
        return Ok(false);
    }
    let found: Option<(i64,)> = sqlx::query_as(
        "SELECT po.id FROM post po JOIN unit u ON u.id = po.unit
          WHERE po.id = $1 AND po.superior IS NOT NULL AND u.kind IN ('county', 'township')",
    )
    .bind(viewer.post)
    .fetch_optional(read)
    .await?;
    Ok(found.is_some())
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    period: String,
    state: String,
    /// Keyset: number of the last official.
    after: String,
}

/// Somebody's account in the list.
#[derive(Debug, FromRow)]
struct Row {
    official: i64,
    number: String,
    name: String,
    title: String,
    unit_name: String,
    handed_in_on: String,
    commented_on: String,
}

impl Row {
    fn label(&self) -> &'static str {
        match (self.commented_on.is_empty(), self.handed_in_on.is_empty()) {
            (false, _) => "已点评",
            (true, false) => "已交",
            (true, true) => "未交",
        }
    }
    fn class(&self) -> &'static str {
        match self.label() {
            "已点评" => "ok",
            "已交" => "wait",
            _ => "",
        }
    }
}

#[derive(Template)]
#[template(path = "statements/list.html")]
struct ListPage {
    shell: Shell,
    official: i64,
    shown: Window,
    periods: Vec<Window>,
    state: String,
    /// The viewer's own periods that can be opened.
    own: Vec<Window>,
    rows: Vec<Row>,
    others: bool,
    next: Option<String>,
    as_of: String,
}

/// The months and quarters that a day can look back on, this one included.
fn periods(today: Date) -> Vec<Window> {
    let now = Month::of(today);
    let months = (0..12).map(|back| Window::Month(now.plus(-back)));
    months.chain((0..4).map(|back| Window::Quarter(now.plus(-3 * back).quarter()))).collect()
}

async fn rows(
    read: &mut AnyConnection,
    viewer: &Viewer,
    (of, today): (Period, Date),
    (state, after): (&str, &str),
) -> Result<Vec<Row>, sqlx::Error> {
    let day = asked_on(of, today);
    let mut sql = Sql::new(
        "SELECT o.id AS official, o.number, o.name, MIN(po.title) AS title, MIN(u.name) AS unit_name,
                COALESCE(MIN(w.handed_in_on), '') AS handed_in_on, COALESCE(MIN(c.commented_on), '') AS commented_on
           FROM appointment ap
           JOIN official o ON o.id = ap.official
           JOIN post po ON po.id = ap.post AND po.superior IS NOT NULL
           JOIN unit u ON u.id = po.unit
           LEFT JOIN statement s ON s.official = o.id AND s.period = ",
    );
    sql.bind(window(of).to_string());
    sql.push(
        " LEFT JOIN statement_words w ON w.statement = s.id AND w.handed_in_on IS NOT NULL
           LEFT JOIN statement_comment c ON c.statement = s.id
          WHERE ap.held_from <= ",
    );
    sql.bind(day.clone()).push(" AND (ap.held_to IS NULL OR ap.held_to > ").bind(day).push(")");
    sql.push(" AND ap.official <> ").bind(viewer.official);
    push_sight(&mut sql, viewer);
    if !after.is_empty() {
        sql.push(" AND o.number > ").bind(after.to_owned());
    }
    sql.push(match state {
        "open" => " AND w.version IS NULL",
        "given" => " AND w.version IS NOT NULL AND c.statement IS NULL",
        "commented" => " AND c.statement IS NOT NULL",
        _ => "",
    });
    // A quarter's account is owed by the leaders of county and township.
    if matches!(of, Period::Quarter(_)) {
        sql.push(
            " AND u.kind IN ('county', 'township')
              AND EXISTS (SELECT 1 FROM post below WHERE below.superior = po.id)",
        );
    }
    sql.push(" GROUP BY o.id, o.number, o.name ORDER BY o.number, o.id").limit(PAGE as i64 + 1);
    sql.fetch_all(read).await
}

async fn show(State(app): State<App>, viewer: Viewer, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let of = period(&asked.period).filter(|of| of.first_day() <= today).unwrap_or_else(|| last_month(today));
    let mut read = app.db.read().await?;
    let mut rows = rows(&mut read, &viewer, (of, today), (&asked.state, &asked.after)).await?;
    let quarterly = gives_quarterly(&mut read, &viewer).await?;
    drop(read);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let now = Month::of(today);
    let mut own = vec![Window::Month(now.plus(-1)), Window::Month(now)];
    if quarterly {
        own.extend([Window::Quarter(now.plus(-3).quarter()), Window::Quarter(now.quarter())]);
    }
    let shown = window(of);
    html(&ListPage {
        shell: Shell::new(&viewer, "statements"),
        official: viewer.official,
        next: rows.last().filter(|_| more).map(|last| {
            let (state, after) = (forms::url_encode(&asked.state), forms::url_encode(&last.number));
            format!("/statements?period={shown}&state={state}&after={after}")
        }),
        others: viewer.may("statements.comment") || viewer.is("supervision"),
        own: if viewer.may("statements.write") { own } else { Vec::new() },
        shown,
        periods: periods(today),
        state: asked.state,
        rows,
        as_of: minute(app.now()),
    })
}
