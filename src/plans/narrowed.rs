//! What a list or a figure of plan items is narrowed to. The ledger and the rates ask through the same words, so that a
//! figure leads to just the items that it counts.

use jiff::civil::Date;
use policy::Month;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::items::{self, Listed};
use super::sight;
use super::window::Window;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::divisions;
use crate::web::forms::url_encode;

/// The items that have a number, with their relief and the cancellation that stands. `narrow` goes on from here.
pub(super) const FROM: &str = " FROM plan p
    JOIN unit u ON u.id = p.unit
    JOIN plan_item i ON i.plan = p.id AND i.number IS NOT NULL
    JOIN official o ON o.id = i.owner
    JOIN appointment ap ON ap.id = i.appointment
    JOIN post po ON po.id = ap.post
    LEFT JOIN plan_relief f ON f.item = i.id
    LEFT JOIN cancellation c ON c.item = i.id
         AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
   WHERE 1 = 1";

/// What has become of an item: word in the address, label.
pub const STATES: [(&str, &str); 8] = [
    ("", "不分状态"),
    ("due", "应完成的"),
    ("cancelled", "已销号的"),
    ("on_time", "按时完成的"),
    ("late", "迟完成的"),
    ("open", "没有销号的"),
    ("withdrawn", "撤销的"),
    ("deferred", "顺延的"),
];

/// The three levels of the account, by the unit of the plan: word, label.
pub const LEVELS: [(&str, &str); 3] = [("county", "县级"), ("units", "乡镇、部门"), ("village", "村级")];

/// Where an item comes from: word, label.
pub const SOURCES: [(&str, &str); 4] =
    [("own", "自报"), ("arranged", "上级安排"), ("petition", "信访事项"), ("duty", "六个一")];

/// Frozen at approval or added afterwards: word, label.
pub const ADDED: [(&str, &str); 3] = [("", "定稿和追加"), ("0", "定稿的"), ("1", "追加的")];

/// The words of an address. What is none of them narrows nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Narrowed {
    /// 2026-11, 2026-Q4 or 2026.
    #[serde(alias = "month")]
    pub period: String,
    /// A place: the units that serve it or a part of it.
    pub place: String,
    /// Nine digits, or the county's six: the units that serve just that or villages in it.
    pub township: String,
    /// Id of the unit whose plan it is.
    pub unit: String,
    /// Id of the post that it is owed in.
    pub post: String,
    /// Id of the owner.
    pub owner: String,
    /// A word of [`LEVELS`].
    pub level: String,
    /// A word of [`SOURCES`].
    pub source: String,
    /// A word of [`ADDED`].
    pub added: String,
    /// A word of [`STATES`].
    pub state: String,
    /// 1: the viewer's own.
    pub mine: String,
}

/// The label of a word; empty where there is none.
pub fn label(words: &[(&str, &'static str)], word: &str) -> &'static str {
    words.iter().find(|(one, _)| *one == word).map_or("", |(_, label)| label)
}

impl Narrowed {
    /// The months asked for; what is none is this month.
    pub fn window(&self, today: Date) -> Window {
        Window::read(&self.period).unwrap_or(Window::Month(Month::of(today)))
    }

    /// The same with another value of one word of the address.
    #[must_use]
    pub fn with(&self, word: &str, value: &str) -> Self {
        let mut next = self.clone();
        if let Some(field) = next.field(word) {
            value.clone_into(field);
        }
        next
    }

    fn field(&mut self, word: &str) -> Option<&mut String> {
        Some(match word {
            "period" => &mut self.period,
            "place" => &mut self.place,
            "township" => &mut self.township,
            "unit" => &mut self.unit,
            "post" => &mut self.post,
            "owner" => &mut self.owner,
            "level" => &mut self.level,
            "source" => &mut self.source,
            "added" => &mut self.added,
            "state" => &mut self.state,
            "mine" => &mut self.mine,
            _ => return None,
        })
    }

    /// Words and values, as an address and the hidden fields of a form carry them; without what is empty.
    pub fn words(&self) -> Vec<(&'static str, &str)> {
        let words = [
            ("period", &self.period),
            ("place", &self.place),
            ("township", &self.township),
            ("unit", &self.unit),
            ("post", &self.post),
            ("owner", &self.owner),
            ("level", &self.level),
            ("source", &self.source),
            ("added", &self.added),
            ("state", &self.state),
            ("mine", &self.mine),
        ];
        words.into_iter().filter(|(_, value)| !value.is_empty()).map(|(word, value)| (word, value.as_str())).collect()
    }

    /// The part of an address after the question mark.
    pub fn query(&self) -> String {
        let words: Vec<String> =
            self.words().iter().map(|(word, value)| format!("{word}={}", url_encode(value))).collect();
        words.join("&")
    }

    /// Adds to [`FROM`] what the items are narrowed to, and that the viewer may find them.
    pub(super) fn push(&self, sql: &mut Sql, viewer: &Viewer, window: Window) {
        sql.push(" AND p.month >= ").bind(window.first().to_string());
        sql.push(" AND p.month <= ").bind(window.last().to_string());
        sql.push(" AND (i.owner = ").bind(viewer.official).push(" OR (1 = 1");
        sight::push_unit(sql, viewer, "p.unit");
        sql.push("))");
        sight::push_recusal(sql, viewer);
        if self.mine == "1" {
            sql.push(" AND i.owner = ").bind(viewer.official);
        }
        for (column, id) in
            [(" AND p.unit = ", &self.unit), (" AND ap.post = ", &self.post), (" AND i.owner = ", &self.owner)]
        {
            if !id.is_empty() {
                // What is no number is nobody's id.
                sql.push(column).bind(id.parse::<i64>().unwrap_or(0));
            }
        }
        if !self.place.is_empty() {
            sql.push(" AND u.division >= ").bind(self.place.clone());
            sql.push(" AND u.division < ").bind(divisions::end(&self.place));
        }
        if !self.township.is_empty() {
            sql.push(" AND substr(u.division, 1, 9) = ").bind(self.township.clone());
        }
        sql.push(match self.level.as_str() {
            "county" => " AND u.kind = 'county'",
            "units" => " AND u.kind IN ('department', 'township')",
            "village" => " AND u.kind = 'village'",
            _ => "",
        });
        if SOURCES.iter().any(|(word, _)| *word == self.source) {
            sql.push(" AND i.source = ").bind(self.source.clone());
        }
        sql.push(match self.added.as_str() {
            "0" => " AND i.added = 0",
            "1" => " AND i.added = 1",
            _ => "",
        });
        sql.push(match self.state.as_str() {
            "due" => " AND f.item IS NULL",
            "cancelled" => " AND f.item IS NULL AND c.id IS NOT NULL",
            "on_time" => " AND f.item IS NULL AND c.done_on <= i.due_on",
            "late" => " AND f.item IS NULL AND c.done_on > i.due_on",
            "open" => " AND f.item IS NULL AND c.id IS NULL",
            "withdrawn" => " AND f.kind = 'withdrawn'",
            "deferred" => " AND f.kind = 'deferred'",
            _ => "",
        });
    }
}

/// The items of some ids that the query before has found for the viewer, in the same order.
pub(super) async fn listed(read: &mut AnyConnection, viewer: &Viewer, ids: &[i64]) -> anyhow::Result<Vec<Listed>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(items::BOUND) {
        let mut sql = Sql::new(items::SELECT);
        sql.push(" AND i.id IN (");
        items::push_all(&mut sql, some);
        sql.push(")");
        let mut rows = items::fetch_for(viewer, sql, read).await?;
        rows.sort_by_key(|row| some.iter().position(|id| *id == row.id));
        found.append(&mut rows);
    }
    Ok(found)
}
