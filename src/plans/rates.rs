//! Planned, cancelled and on time (E4) by person, post, unit, township, level and month: counted from the items that
//! the viewer may find, so that every figure leads to them.

use sqlx::{AnyConnection, FromRow};

use super::narrowed::{FROM, Narrowed};
use super::window::Window;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::part::Part;

/// What the items are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// County, township and department, village.
    Level,
    /// The place that the units serve.
    Township,
    /// The unit whose plan it is.
    Unit,
    /// The post that it is owed in.
    Post,
    /// The owner.
    Person,
    /// The month of the plan.
    Month,
    /// The quarter of the plan.
    Quarter,
}

impl By {
    /// Every one, in the order of the page.
    pub const ALL: [Self; 7] =
        [Self::Level, Self::Township, Self::Unit, Self::Post, Self::Person, Self::Month, Self::Quarter];

    /// In an address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Township => "township",
            Self::Unit => "unit",
            Self::Post => "post",
            Self::Person => "person",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }

    /// On the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::Level => "层级",
            Self::Township => "乡镇",
            Self::Unit => "单位",
            Self::Post => "职务",
            Self::Person => "个人",
            Self::Month => "月份",
            Self::Quarter => "季度",
        }
    }

    /// The one of a word; levels where it is none.
    pub fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|by| by.word() == word).unwrap_or(Self::Level)
    }

    /// The word of [`Narrowed`] that a row's key stands for.
    pub fn narrows(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Township => "township",
            Self::Unit => "unit",
            Self::Post => "post",
            Self::Person => "owner",
            Self::Month | Self::Quarter => "period",
        }
    }

    /// What a row is looked into by.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Level | Self::Township => Self::Unit,
            Self::Unit | Self::Post => Self::Person,
            Self::Person => Self::Month,
            Self::Month | Self::Quarter => Self::Level,
        }
    }

    /// The order of the rows, their key, their name and what stands beside it. The order is that of the county's own
    /// codes: rows are looked up, nobody is ranked.
    fn columns(self) -> &'static str {
        match self {
            Self::Level => {
                "SELECT CASE u.kind WHEN 'county' THEN '1' WHEN 'village' THEN '3' ELSE '2' END AS place,
                        CASE u.kind WHEN 'county' THEN 'county' WHEN 'village' THEN 'village' ELSE 'units' END AS key,
                        '' AS name, '' AS beside"
            }
            Self::Township => {
                "SELECT substr(u.division, 1, 9) AS place, substr(u.division, 1, 9) AS key,
                        COALESCE(MIN((SELECT d.name FROM division d WHERE d.code = substr(u.division, 1, 9))), '')
                        AS name, '' AS beside"
            }
            Self::Unit => "SELECT u.code AS place, CAST(u.id AS TEXT) AS key, MIN(u.name) AS name, '' AS beside",
            Self::Post => {
                "SELECT po.code AS place, CAST(po.id AS TEXT) AS key, MIN(po.title) AS name, MIN(u.name) AS beside"
            }
            // Who was transferred has items in two units.
            Self::Person => {
                "SELECT o.number AS place, CAST(o.id AS TEXT) AS key, MIN(o.name) AS name,
                        CASE WHEN MIN(u.name) = MAX(u.name) THEN MIN(u.name)
                             ELSE MIN(u.name) || '、' || MAX(u.name) END AS beside"
            }
            Self::Month | Self::Quarter => "SELECT p.month AS place, p.month AS key, '' AS name, '' AS beside",
        }
    }

    /// The column of the order.
    fn place(self) -> &'static str {
        match self {
            Self::Level => "CASE u.kind WHEN 'county' THEN '1' WHEN 'village' THEN '3' ELSE '2' END",
            Self::Township => "substr(u.division, 1, 9)",
            Self::Unit => "u.code",
            Self::Post => "po.code",
            Self::Person => "o.number",
            Self::Month | Self::Quarter => "p.month",
        }
    }
}

/// How many items, of one row or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// 定稿: frozen at approval. The denominator that no later act makes smaller without showing it.
    pub planned: i64,
    /// Of these, 撤销 with the superior's consent.
    pub withdrawn: i64,
    /// Of these, 顺延 with the superior's consent.
    pub deferred: i64,
    /// Of these, cancelled and not reversed.
    pub cancelled: i64,
    /// Of the cancelled, done not after the due date.
    pub on_time: i64,
    /// 追加: given a number after freezing; in none of the figures above.
    pub added: i64,
    /// Of the added, cancelled and not reversed.
    pub added_cancelled: i64,
}

impl Counts {
    /// 应完成: planned, less withdrawn and deferred.
    pub fn due(&self) -> i64 {
        self.planned - self.withdrawn - self.deferred
    }

    /// Due and not cancelled.
    pub fn open(&self) -> i64 {
        self.due() - self.cancelled
    }

    /// Cancelled, done after the due date.
    pub fn late(&self) -> i64 {
        self.cancelled - self.on_time
    }

    /// 销号率: cancelled of due.
    pub fn rate(&self) -> Part {
        Part { done: self.cancelled, of: self.due() }
    }

    /// 按时率: on time of due.
    pub fn on_time_rate(&self) -> Part {
        Part { done: self.on_time, of: self.due() }
    }

    fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.withdrawn += other.withdrawn;
        self.deferred += other.deferred;
        self.cancelled += other.cancelled;
        self.on_time += other.on_time;
        self.added += other.added;
        self.added_cancelled += other.added_cancelled;
    }
}

/// One row: whose items, and how many.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Line {
    /// Its place in the order; the next page begins after the last one's.
    pub place: String,
    /// What [`By::narrows`] is set to.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The unit of a post or a person.
    pub beside: String,
    /// How many.
    #[sqlx(flatten)]
    pub counts: Counts,
}

const SUMS: &str = "
    CAST(COALESCE(SUM(1 - i.added), 0) AS BIGINT) AS planned,
    CAST(COALESCE(SUM(CASE WHEN f.kind = 'withdrawn' THEN 1 - i.added ELSE 0 END), 0) AS BIGINT) AS withdrawn,
    CAST(COALESCE(SUM(CASE WHEN f.kind = 'deferred' THEN 1 - i.added ELSE 0 END), 0) AS BIGINT) AS deferred,
    CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.id IS NOT NULL THEN 1 - i.added ELSE 0 END), 0) AS BIGINT)
        AS cancelled,
    CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.done_on <= i.due_on THEN 1 - i.added ELSE 0 END), 0) AS BIGINT)
        AS on_time,
    CAST(COALESCE(SUM(i.added), 0) AS BIGINT) AS added,
    CAST(COALESCE(SUM(CASE WHEN f.item IS NULL AND c.id IS NOT NULL THEN i.added ELSE 0 END), 0) AS BIGINT)
        AS added_cancelled";

/// All the items together.
pub async fn total(
    read: &mut AnyConnection,
    viewer: &Viewer,
    narrowed: &Narrowed,
    window: Window,
) -> Result<Counts, sqlx::Error> {
    let mut sql = Sql::new("SELECT ");
    sql.push(SUMS).push(FROM);
    narrowed.push(&mut sql, viewer, window);
    Ok(sql.fetch_optional(read).await?.unwrap_or_default())
}

/// Row by row, at most `most` of them after the place given; empty begins at the first.
pub async fn lines(
    read: &mut AnyConnection,
    viewer: &Viewer,
    (narrowed, window): (&Narrowed, Window),
    by: By,
    (after, most): (&str, i64),
) -> Result<Vec<Line>, sqlx::Error> {
    let mut sql = Sql::new(by.columns());
    sql.push(", ").push(SUMS).push(FROM);
    narrowed.push(&mut sql, viewer, window);
    if !after.is_empty() {
        sql.push(" AND ").push(by.place()).push(" > ").bind(after.to_owned());
    }
    sql.push(match by {
        By::Unit => " GROUP BY u.code, u.id",
        By::Post => " GROUP BY po.code, po.id",
        By::Person => " GROUP BY o.number, o.id",
        By::Level => " GROUP BY 1, 2",
        By::Township => " GROUP BY substr(u.division, 1, 9)",
        By::Month | By::Quarter => " GROUP BY p.month",
    });
    sql.push(" ORDER BY 1").limit(most);
    let lines: Vec<Line> = sql.fetch_all(read).await?;
    Ok(if by == By::Quarter { by_quarter(lines) } else { lines })
}

/// The rows of months as rows of their quarters.
fn by_quarter(months: Vec<Line>) -> Vec<Line> {
    let mut quarters: Vec<Line> = Vec::new();
    for line in months {
        let Some(Window::Month(month)) = Window::read(&line.key) else { continue };
        let key = month.quarter().to_string();
        match quarters.last_mut().filter(|last| last.key == key) {
            Some(last) => {
                last.counts.add(&line.counts);
                last.place = line.place;
            }
            None => quarters.push(Line { key, ..line }),
        }
    }
    quarters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(key: &str, planned: i64, cancelled: i64) -> Line {
        let counts = Counts { planned, cancelled, on_time: cancelled, ..Counts::default() };
        Line { place: key.to_owned(), key: key.to_owned(), name: String::new(), beside: String::new(), counts }
    }

    #[test]
    fn months_add_up_to_their_quarters() {
        let lines = by_quarter(vec![month("2026-08", 3, 1), month("2026-09", 4, 4), month("2026-10", 5, 0)]);
        let told: Vec<_> = lines.iter().map(|line| (line.key.as_str(), line.counts.rate())).collect();
        assert_eq!(told, [("2026-Q3", Part { done: 5, of: 7 }), ("2026-Q4", Part { done: 0, of: 5 })]);
    }

    #[test]
    fn what_was_withdrawn_or_deferred_leaves_the_denominator_and_what_was_added_never_enters_it() {
        let counts =
            Counts { planned: 10, withdrawn: 1, deferred: 2, cancelled: 6, on_time: 4, added: 3, added_cancelled: 3 };
        assert_eq!((counts.due(), counts.open(), counts.late()), (7, 1, 2));
        assert_eq!(
            (counts.rate().percent(), counts.on_time_rate().percent()),
            ("85.7%".to_owned(), "57.1%".to_owned())
        );
    }
}
