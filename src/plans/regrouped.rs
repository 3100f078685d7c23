//! What the page of an item shows of merges and splits around it.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, FromRow};

use super::{items, regrouping, sight};
use crate::accounts::Viewer;
use crate::db::Sql;

/// A proposal that was merged into an item or that a split made.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Related {
    pub(super) id: i64,
    pub(super) number: String,
    goal: String,
    bound: i64,
    pub(super) weight: i64,
    pub(super) owner_name: String,
}

impl Related {
    /// Its goal, or that it is about a petition.
    pub(super) fn goal(&self) -> &str {
        if self.bound == 1 { items::VEIL } else { &self.goal }
    }
}

/// What the page of an item shows of merges and splits, as far as the viewer finds it.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// What stands in its place since it was merged.
    pub(super) stands: Option<Related>,
    /// What was merged into it.
    pub(super) merged: Vec<Related>,
    /// What it was split into.
    pub(super) parts: Vec<Related>,
    /// What it is a part of.
    pub(super) whole: Option<Related>,
}

impl Shown {
    /// The weights of the parts together.
    pub(super) fn parts_weight(&self) -> i64 {
        self.parts.iter().map(|part| part.weight).sum()
    }
}

const RELATED: &str = "SELECT i.id, COALESCE(i.number, '待编号') AS number, i.goal,
        CAST(CASE WHEN i.petition IS NULL THEN 0 ELSE 1 END AS BIGINT) AS bound, i.weight, o.name AS owner_name
   FROM plan_item i JOIN plan p ON p.id = i.plan JOIN official o ON o.id = i.owner WHERE ";

async fn related(
    read: &mut AnyConnection,
    viewer: &Viewer,
    condition: &'static str,
    id: i64,
) -> Result<Vec<Related>, sqlx::Error> {
    let mut sql = Sql::new(RELATED);
    sql.push(condition).bind(id).push(")");
    sight::push_item(&mut sql, viewer);
    sql.push(" ORDER BY i.id").limit(100);
    sql.fetch_all(read).await
}

/// Looks up what was merged and split around an item.
pub(super) async fn shown(read: &mut AnyConnection, viewer: &Viewer, id: i64) -> Result<Shown, sqlx::Error> {
    let merges: Vec<(i64, i64)> = sqlx::query_as(
        "WITH RECURSIVE up (item) AS (
            SELECT item FROM plan_merge WHERE item = $1
            UNION SELECT m.into_item FROM plan_merge m JOIN up ON up.item = m.item)
         SELECT m.item, m.into_item FROM plan_merge m JOIN up ON up.item = m.item",
    )
    .bind(id)
    .fetch_all(&mut *read)
    .await?;
    let into: BTreeMap<i64, i64> = merges.into_iter().collect();
    let stands = regrouping::stands(&into, id);
    let found = if stands == id { Vec::new() } else { related(read, viewer, "(i.id = ", stands).await? };
    Ok(Shown {
        stands: found.into_iter().next(),
        merged: related(read, viewer, "i.id IN (SELECT item FROM plan_merge WHERE into_item = ", id).await?,
        parts: related(read, viewer, "i.id IN (SELECT part FROM plan_split WHERE whole = ", id).await?,
        whole: related(read, viewer, "i.id IN (SELECT whole FROM plan_split WHERE part = ", id)
            .await?
            .into_iter()
            .next(),
    })
}
