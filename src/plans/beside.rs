//! What is shown beside an item and decides nothing about it: that it was changed while its month was open again, that
//! a cancellation of it was reversed, what a spot check saw, and whose second key it waits for.

use std::collections::HashMap;

use policy::Month;
use sqlx::{AnyConnection, FromRow};

use crate::db::Sql;

/// What stands beside an item.
#[derive(Clone, Debug, Default, FromRow)]
pub(super) struct Beside {
    item: i64,
    /// Acts on it while its month was open by an exception.
    pub(super) unlocked: i64,
    /// Cancellations of it that were reversed: they count against nobody.
    pub(super) reversed: i64,
    /// The sample that it is; nothing: not drawn.
    sample: Option<i64>,
    /// The drawing.
    pub(super) draw: Option<i64>,
    /// 1 or 0; nothing: not checked yet.
    pub(super) passed: Option<i64>,
    /// What was seen.
    pub(super) seen: String,
    /// The day and the checker.
    pub(super) checked_on: String,
    pub(super) checked_by: String,
    /// Why the superior upholds it all the same; '' where he does not.
    pub(super) upheld: String,
    pub(super) upheld_on: String,
    /// The cancellation that was checked was reversed.
    pub(super) undone: i64,
}

impl Beside {
    /// Drawn by supervision.
    pub(super) fn is_drawn(&self) -> bool {
        self.sample.is_some()
    }

    /// A failed check: its reversal is proposed until the superior reverses or upholds it.
    pub(super) fn proposes(&self) -> bool {
        self.passed == Some(0) && self.undone == 0 && self.upheld_on.is_empty()
    }

    /// What a check came to, in a word.
    pub(super) fn check(&self) -> &'static str {
        match self.passed {
            None => "待抽查",
            Some(1) => "抽查属实",
            Some(_) => "抽查不实",
        }
    }
}

const SELECT: &str = "SELECT i.id AS item,
        (SELECT COUNT(*) FROM plan_unlock_act x WHERE x.item = i.id) AS unlocked,
        (SELECT COUNT(*) FROM cancellation c JOIN cancellation_reversal v ON v.cancellation = c.id
          WHERE c.item = i.id) AS reversed,
        s.id AS sample, s.draw, s.passed, COALESCE(s.seen, '') AS seen, COALESCE(s.checked_on, '') AS checked_on,
        COALESCE(o.name, '') AS checked_by, COALESCE(s.upheld, '') AS upheld, COALESCE(s.upheld_on, '') AS upheld_on,
        (SELECT COUNT(*) FROM cancellation_reversal w WHERE w.cancellation = s.cancellation) AS undone
   FROM plan_item i
   JOIN plan p ON p.id = i.plan
   LEFT JOIN plan_check_sample s ON s.item = i.id
   LEFT JOIN official o ON o.id = s.checked_by
  WHERE ";

/// By item, for the plan of a unit's month; the caller has found the items.
pub(super) async fn of_month(
    read: &mut AnyConnection,
    unit: i64,
    month: Month,
) -> Result<HashMap<i64, Beside>, sqlx::Error> {
    let mut sql = Sql::new(SELECT);
    sql.push("p.unit = ").bind(unit).push(" AND p.month = ").bind(month.to_string());
    let rows: Vec<Beside> = sql.fetch_all(read).await?;
    Ok(rows.into_iter().map(|one| (one.item, one)).collect())
}

/// For one item that the caller has found.
pub(super) async fn of_item(read: &mut AnyConnection, item: i64) -> Result<Beside, sqlx::Error> {
    let mut sql = Sql::new(SELECT);
    sql.push("i.id = ").bind(item);
    Ok(sql.fetch_optional(read).await?.unwrap_or_default())
}
