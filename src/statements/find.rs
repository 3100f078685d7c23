//! Whose account it is, who may see it, and what was written and said of it.

use jiff::civil::Date;
use policy::{Month, Period};
use sqlx::{AnyConnection, FromRow};

use super::rules::{Reader, State};
use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::divisions;
use crate::plans::window::Window;
use crate::web::Refusal;

/// The period of an address: 2026-11 or 2026-Q4.
pub(super) fn period(text: &str) -> Option<Period> {
    match Window::read(text)? {
        Window::Month(month) => Some(Period::Month(month)),
        Window::Quarter(quarter) => Some(Period::Quarter(quarter)),
        _ => None,
    }
}

/// The same as plans have it.
pub(super) fn window(period: Period) -> Window {
    match period {
        Period::Month(month) => Window::Month(month),
        Period::Quarter(quarter) => Window::Quarter(quarter),
    }
}

/// The period before the one of a day: what can be given account of.
pub(super) fn last_month(today: Date) -> Period {
    Period::Month(Month::of(today).plus(-1))
}

/// The quarter before.
pub(super) fn last_quarter(today: Date) -> Period {
    Period::Quarter(Month::of(today).plus(-3).quarter())
}

/// Somebody in a post, as an account names them.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Person {
    pub(super) official: i64,
    pub(super) name: String,
    pub(super) appointment: i64,
    pub(super) title: String,
    pub(super) unit_name: String,
    pub(super) superior: Option<i64>,
    /// Name of whoever holds that post.
    pub(super) superior_name: String,
}

/// Adds to a query over `appointment ap`, `post po` and `unit u` that the viewer may see the account: one's own, those
/// of the posts below, and every one of the place for those who check.
pub(super) fn push_sight(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" AND (ap.official = ").bind(viewer.official);
    if viewer.may("statements.comment") {
        sql.push(" OR po.superior = ").bind(viewer.post);
    }
    if permissions().sights("statements", &viewer.roles).contains(&Sight::Place) {
        sql.push(" OR (u.division >= ").bind(viewer.place.clone());
        sql.push(" AND u.division < ").bind(divisions::end(&viewer.place)).push(")");
    }
    sql.push(")");
}

/// The day on which it is asked who holds which post: the period's last, or today where it still runs.
pub(super) fn asked_on(period: Period, today: Date) -> String {
    period.last_day().min(today).to_string()
}

/// Whose account of a period an address names; nobody whom the viewer may not see.
pub(super) async fn person(
    read: &mut AnyConnection,
    viewer: &Viewer,
    official: i64,
    period: Period,
    today: Date,
) -> Result<Person, Refusal> {
    let day = asked_on(period, today);
    let mut sql = Sql::new(
        "SELECT o.id AS official, o.name, ap.id AS appointment, po.title, u.name AS unit_name, po.superior,
                COALESCE((SELECT MIN(so.name) FROM appointment sa JOIN official so ON so.id = sa.official
                           WHERE sa.post = po.superior AND sa.held_to IS NULL), '') AS superior_name
           FROM appointment ap
           JOIN official o ON o.id = ap.official
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
          WHERE ap.official = ",
    );
    sql.bind(official).push(" AND ap.held_from <= ").bind(day.clone());
    sql.push(" AND (ap.held_to IS NULL OR ap.held_to > ").bind(day).push(")");
    push_sight(&mut sql, viewer);
    sql.push(" ORDER BY CASE WHEN po.superior IS NULL THEN 1 ELSE 0 END, ap.held_from, ap.id LIMIT 1");
    sql.fetch_optional(read).await?.ok_or(Refusal::NotFound)
}

/// One version of the person's own words.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Words {
    pub(super) version: i64,
    pub(super) content: String,
    pub(super) written_on: String,
    /// Empty: a draft.
    pub(super) handed_in_on: String,
    pub(super) due: i64,
    pub(super) cancelled: i64,
    pub(super) on_time: i64,
}

/// The superior's comment.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Comment {
    pub(super) content: String,
    pub(super) commented_on: String,
    pub(super) name: String,
}

/// What was written and said.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    /// The row, once something was written.
    pub(super) id: Option<i64>,
    /// Every version, the first one first.
    pub(super) words: Vec<Words>,
    pub(super) comment: Option<Comment>,
}

impl Written {
    /// The number of the latest version; 0 before the first.
    pub(super) fn version(&self) -> i64 {
        self.words.last().map_or(0, |words| words.version)
    }

    /// The latest version that was handed in.
    pub(super) fn handed_in(&self) -> Option<&Words> {
        self.words.iter().rev().find(|words| !words.handed_in_on.is_empty())
    }

    pub(super) fn state(&self) -> State {
        let on = self.handed_in().and_then(|words| words.handed_in_on.parse().ok());
        match (&self.comment, on) {
            (Some(_), _) => State::Commented,
            (None, Some(on)) => State::HandedIn(on),
            (None, None) => State::Open,
        }
    }
}

/// What was written and said of an account. Drafts are for their writer.
pub(super) async fn written(
    read: &mut AnyConnection,
    viewer: &Viewer,
    official: i64,
    period: Period,
) -> Result<Written, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT id FROM statement WHERE official = $1 AND period = $2")
        .bind(official)
        .bind(window(period).to_string())
        .fetch_optional(&mut *read)
        .await?;
    let Some((id,)) = found else { return Ok(Written::default()) };
    let mut words: Vec<Words> = sqlx::query_as(
        "SELECT version, content, written_on, COALESCE(handed_in_on, '') AS handed_in_on, COALESCE(due, 0) AS due,
                COALESCE(cancelled, 0) AS cancelled, COALESCE(on_time, 0) AS on_time
           FROM statement_words WHERE statement = $1 ORDER BY version",
    )
    .bind(id)
    .fetch_all(&mut *read)
    .await?;
    if official != viewer.official {
        words.retain(|words| !words.handed_in_on.is_empty());
    }
    let comment = sqlx::query_as(
        "SELECT c.content, c.commented_on, o.name FROM statement_comment c JOIN official o ON o.id = c.commented_by
          WHERE c.statement = $1",
    )
    .bind(id)
    .fetch_optional(read)
    .await?;
    Ok(Written { id: Some(id), words, comment })
}

/// The viewer as the rule of comments asks.
pub(super) fn reader(viewer: &Viewer, person: &Person) -> Reader {
    Reader {
        own: person.official == viewer.official,
        supervision: viewer.is("supervision"),
        superior: person.superior == Some(viewer.post),
    }
}
