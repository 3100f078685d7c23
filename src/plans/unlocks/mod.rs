//! 解锁例外 (E2): a month of one unit that is frozen or past its cut-off is open again until a day. A superior asks, two
//! others grant; what is done meanwhile is shown apart, and no approved settlement of pay is changed by it.

mod page;
pub(super) mod rules;

use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use super::items::Listed;
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, Rooms};
use rules::Exception;

pub(super) fn rooms() -> Rooms {
    page::rooms()
}

/// The exception in force for a unit's month on a day.
pub(super) async fn in_force(
    read: &mut AnyConnection,
    unit: i64,
    month: Month,
    today: Date,
) -> anyhow::Result<Option<Exception>> {
    let found: Option<(i64, String)> = sqlx::query_as(
        "SELECT id, until_on FROM plan_unlock
          WHERE unit = $1 AND month = $2 AND opened_on IS NOT NULL AND until_on >= $3 ORDER BY id DESC LIMIT 1",
    )
    .bind(unit)
    .bind(month.to_string())
    .bind(today.to_string())
    .fetch_optional(read)
    .await?;
    Ok(match found {
        Some((id, until)) => Some(Exception { id, until: until.parse()? }),
        None => None,
    })
}

impl Listed {
    /// Notes an act on the item, where its plan is open by an exception.
    pub(super) async fn mark(
        &self,
        write: &mut AnyConnection,
        app: &App,
        viewer: &Viewer,
        kind: &'static str,
    ) -> anyhow::Result<()> {
        mark(write, app, viewer, (self.unit, self.item.month), self.id, kind).await
    }
}

/// Notes an act on an item whose plan is open by an exception; where none is in force there is nothing to note.
pub(super) async fn mark(
    write: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    (unit, month): (i64, Month),
    item: i64,
    kind: &'static str,
) -> anyhow::Result<()> {
    let Some(exception) = in_force(write, unit, month, app.today()).await? else { return Ok(()) };
    sqlx::query(
        "INSERT INTO plan_unlock_act (id, unlock, item, kind, acted_on, acted_by) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(app.id())
    .bind(exception.id)
    .bind(item)
    .bind(kind)
    .bind(app.today().to_string())
    .bind(viewer.official)
    .execute(write)
    .await?;
    Ok(())
}

/// The items of some owners that were cancelled while their month was open, by the cancellation that stands: they count
/// as cancelled in time wherever pay is not approved yet.
pub(super) async fn counted_in_time(
    read: &mut AnyConnection,
    month: Month,
) -> anyhow::Result<std::collections::BTreeSet<i64>> {
    let rows: Vec<(i64,)> = sqlx::query_as(
        "SELECT c.item FROM plan_unlock n
           JOIN plan_unlock_act x ON x.unlock = n.id AND x.kind = 'plan_item.cancelled'
           JOIN cancellation c ON c.item = x.item AND c.cancelled_on >= n.opened_on AND c.cancelled_on <= n.until_on
          WHERE n.month = $1 AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)",
    )
    .bind(month.to_string())
    .fetch_all(read)
    .await?;
    Ok(rows.into_iter().map(|(item,)| item).collect())
}

/// An exception as pages show it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Unlock {
    pub(super) id: i64,
    pub(super) unit: i64,
    pub(super) unit_name: String,
    pub(super) month: String,
    pub(super) reason: String,
    pub(super) until_on: String,
    pub(super) asked_on: String,
    pub(super) asked_by: i64,
    pub(super) asked_by_name: String,
    /// '': not granted.
    pub(super) opened_on: String,
    /// Items that were touched under it.
    pub(super) touched: i64,
    #[sqlx(skip)]
    pub(super) keys: Vec<Key>,
}

/// A key that was turned.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Key {
    unlock: i64,
    pub(super) granted_by: i64,
    pub(super) granted_on: String,
    pub(super) name: String,
}

impl Unlock {
    /// How it stands on a day, in words.
    pub(super) fn state(&self, today: &Date) -> &'static str {
        match (self.opened_on.is_empty(), self.until_on < today.to_string()) {
            (true, true) => "没有批齐，已作废",
            (true, false) => "等待批准",
            (false, true) => "已到期",
            (false, false) => "开放中",
        }
    }

    /// Whether it is open on a day.
    pub(super) fn is_open(&self, today: &Date) -> bool {
        !self.opened_on.is_empty() && self.until_on >= today.to_string()
    }
}

const SELECT: &str = "SELECT n.id, n.unit, u.name AS unit_name, n.month, n.reason, n.until_on, n.asked_on, n.asked_by,
        o.name AS asked_by_name, COALESCE(n.opened_on, '') AS opened_on,
        (SELECT COUNT(DISTINCT x.item) FROM plan_unlock_act x WHERE x.unlock = n.id) AS touched
   FROM plan_unlock n JOIN unit u ON u.id = n.unit JOIN official o ON o.id = n.asked_by WHERE ((1 = 1";

/// Begins a look-up of the exceptions that the viewer finds: those of the plans found, and all for whoever grants them.
fn seen(viewer: &Viewer, grants: bool) -> Sql {
    let mut sql = Sql::new(SELECT);
    sight::push_unit(&mut sql, viewer, "n.unit");
    // What follows narrows both.
    sql.push(if grants { ") OR 1 = 1)" } else { "))" });
    sql
}

async fn with_keys(read: &mut AnyConnection, sql: Sql) -> Result<Vec<Unlock>, sqlx::Error> {
    let mut found: Vec<Unlock> = sql.fetch_all(&mut *read).await?;
    if found.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new(
        "SELECT k.unlock, k.granted_by, k.granted_on, o.name FROM plan_unlock_key k
           JOIN official o ON o.id = k.granted_by WHERE k.unlock IN (",
    );
    super::items::push_all(&mut sql, &found.iter().map(|one| one.id).collect::<Vec<_>>());
    sql.push(") ORDER BY k.unlock, k.position");
    let keys: Vec<Key> = sql.fetch_all(read).await?;
    for one in &mut found {
        one.keys = keys.iter().filter(|key| key.unlock == one.id).cloned().collect();
    }
    Ok(found)
}

/// The exceptions of a unit's month, the latest first; for whoever has found that plan.
pub(super) async fn of_month(read: &mut AnyConnection, unit: i64, month: Month) -> Result<Vec<Unlock>, sqlx::Error> {
    let mut sql = Sql::new(SELECT);
    sql.push(")) AND n.unit = ").bind(unit).push(" AND n.month = ").bind(month.to_string());
    sql.push(" ORDER BY n.id DESC").limit(20);
    with_keys(read, sql).await
}
