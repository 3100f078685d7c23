//! What serves an item: read from the tables, counted by `tree`.

use sqlx::{AnyConnection, FromRow};

use super::items::{self, Listed};
use super::sight;
use super::tree::{self, Fate, Node, Sum};
use crate::accounts::Viewer;
use crate::db::Sql;

#[derive(FromRow)]
struct Row {
    id: i64,
    serves: Option<i64>,
    weight: i64,
    relieved: i64,
    cancelled: i64,
}

/// Every frozen item that serves one of some items, directly or through others, without what the viewer is to be kept
/// from. An item about a petition serves and is never served, so that leaving it out leaves out nothing below it.
pub(super) async fn nodes(read: &mut AnyConnection, viewer: &Viewer, roots: &[i64]) -> Result<Vec<Node>, sqlx::Error> {
    if roots.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "WITH RECURSIVE below (id) AS (
            SELECT n.id FROM plan_item n WHERE n.number IS NOT NULL AND n.serves IN (",
    );
    items::push_all(&mut sql, roots);
    sql.push(
        ") UNION
            SELECT n.id FROM plan_item n JOIN below b ON n.serves = b.id WHERE n.number IS NOT NULL)
         SELECT i.id, i.serves, i.weight,
                CAST(CASE WHEN f.item IS NULL THEN 0 ELSE 1 END AS BIGINT) AS relieved,
                CAST(CASE WHEN EXISTS (SELECT 1 FROM cancellation c WHERE c.item = i.id AND NOT EXISTS
                    (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)) THEN 1 ELSE 0 END AS BIGINT)
                    AS cancelled
           FROM below b
           JOIN plan_item i ON i.id = b.id
           LEFT JOIN plan_relief f ON f.item = i.id
          WHERE 1 = 1",
    );
    sight::push_recusal(&mut sql, viewer);
    let rows: Vec<Row> = sql.fetch_all(read).await?;
    let fate = |row: &Row| match (row.relieved, row.cancelled) {
        (1, _) => Fate::Left,
        (_, 1) => Fate::Done,
        _ => Fate::Open,
    };
    Ok(rows.iter().map(|row| Node { id: row.id, serves: row.serves, weight: row.weight, fate: fate(row) }).collect())
}

/// What an item's page shows of what serves it.
pub(super) struct Below {
    pub(super) sum: Sum,
    /// Those that serve it directly and that the viewer finds, each with what serves it in turn.
    pub(super) direct: Vec<(Listed, Sum)>,
    /// Those that serve it directly and are not found.
    pub(super) hidden: usize,
}

/// Looks up what serves an item.
pub(super) async fn of(read: &mut AnyConnection, viewer: &Viewer, item: i64) -> anyhow::Result<Below> {
    let nodes = nodes(read, viewer, &[item]).await?;
    let count = nodes.iter().filter(|node| node.serves == Some(item)).count();
    if count == 0 {
        return Ok(Below { sum: Sum::default(), direct: Vec::new(), hidden: 0 });
    }
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND i.number IS NOT NULL AND i.serves = ").bind(item);
    sight::push_item(&mut sql, viewer);
    sql.push(" ORDER BY i.number").limit(200);
    let found = items::fetch_for(viewer, sql, read).await?;
    let hidden = count.saturating_sub(found.len());
    let direct = found.into_iter().map(|listed| {
        let sum = tree::below(&[listed.id], &nodes);
        (listed, sum)
    });
    Ok(Below { direct: direct.collect(), sum: tree::below(&[item], &nodes), hidden })
}
