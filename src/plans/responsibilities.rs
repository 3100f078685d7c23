//! 履职事项清单: the lists that the county keeps of what a kind of unit has to do. They come in as spreadsheets; without
//! one nothing is asked of a plan item.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use crate::accounts::Viewer;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/plans/responsibilities", Access::May("plans.list"), show)
}

/// Lines on one page.
const PAGE: usize = 100;

/// Kinds of units, in the order of the page: word, label.
const KINDS: [(&str, &str); 4] =
    [("township", "乡镇（街道）"), ("department", "县直部门"), ("village", "村（社区）"), ("county", "县级")];

/// What a kind of unit is called here.
pub(super) fn kind_label(kind: &str) -> &'static str {
    KINDS.iter().find(|(word, _)| *word == kind).map_or("", |(_, label)| label)
}

/// A line of a list.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Listed {
    pub(super) id: i64,
    pub(super) unit_kind: String,
    pub(super) code: String,
    pub(super) name: String,
    part: String,
    holds_from: String,
    holds_to: Option<String>,
    source: String,
}

impl Listed {
    /// The part of the list that it stands in.
    pub(super) fn part(&self) -> &'static str {
        match self.part.as_str() {
            "basic" => "基本履职事项",
            "shared" => "配合履职事项",
            _ => "上级收回事项",
        }
    }

    /// Whether a unit of the kind still does it.
    pub(super) fn is_owed(&self) -> bool {
        self.part != "taken_back"
    }
}

/// Columns of [`Listed`].
const SELECT: &str = "SELECT id, unit_kind, code, name, part, holds_from, holds_to, source FROM responsibility ";

/// One line, also one that is listed no more.
pub(super) async fn listed(read: &mut AnyConnection, id: i64) -> Result<Option<Listed>, sqlx::Error> {
    let mut sql = crate::db::Sql::new(SELECT);
    sql.push("WHERE id = ").bind(id);
    sql.fetch_optional(read).await
}

/// Every line that holds on a day, by kind of unit and number.
pub(super) async fn on(read: &mut AnyConnection, day: Date) -> Result<Vec<Listed>, sqlx::Error> {
    let mut sql = crate::db::Sql::new(SELECT);
    sql.push("WHERE holds_from <= ").bind(day.to_string());
    sql.push(" AND (holds_to IS NULL OR holds_to > ").bind(day.to_string());
    sql.push(") ORDER BY unit_kind, part, code, id").limit(2_000);
    sql.fetch_all(read).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    kind: String,
    /// Keyset: id of the last line.
    after: String,
}

#[derive(Template)]
#[template(path = "plans/responsibilities.html")]
struct ListPage {
    shell: Shell,
    kind: String,
    lines: Vec<Listed>,
    total: usize,
    next: Option<i64>,
    today: Date,
    may_import: bool,
}

impl ListPage {
    fn label(&self) -> &'static str {
        kind_label(&self.kind)
    }
}

async fn show(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let today = app.today();
    let mut read = app.db.read().await?;
    let kind = KINDS.iter().find(|(word, _)| *word == filter.kind).map_or(KINDS[0].0, |(word, _)| word);
    let mut lines = on(&mut read, today).await?;
    lines.retain(|line| line.unit_kind == kind);
    let total = lines.len();
    let after = lines.iter().position(|line| line.id.to_string() == filter.after).map_or(0, |place| place + 1);
    lines.drain(..after);
    let next = lines.get(PAGE - 1).filter(|_| lines.len() > PAGE).map(|line| line.id);
    lines.truncate(PAGE);
    html(&ListPage {
        shell: Shell::new(&viewer, "plans"),
        kind: kind.to_owned(),
        lines,
        total,
        next,
        today,
        may_import: viewer.may_import("responsibilities") && viewer.may("imports.run"),
    })
}
