//! What was cancelled because a petition was closed that is handled anew since: its superior is asked whether the
//! cancellation is to be taken back. Nothing takes it back by itself.

use sqlx::AnyConnection;

use super::items::{self, Listed, who};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions;

/// The items whose cancellation stands though their petition was opened again after it.
fn select() -> Sql {
    let mut sql = Sql::new(items::SELECT);
    sql.push(" AND c.id IS NOT NULL AND v.cancellation IS NULL AND pe.state <> 'closed'");
    petitions::push_reopened(&mut sql, "i.petition", "c.cancelled_on");
    sql
}

/// Those of a petition that the viewer has found: the number, and the item where the viewer finds that too.
pub async fn cancelled_before_reopening(
    read: &mut AnyConnection,
    viewer: &Viewer,
    petition: i64,
) -> anyhow::Result<Vec<(String, Option<i64>)>> {
    let mut sql = select();
    sql.push(" AND i.petition = ").bind(petition).push(" ORDER BY i.id").limit(20);
    let mut found = Vec::new();
    for listed in items::fetch_for(viewer, sql, read).await? {
        let finds = items::find(read, viewer, listed.id).await.is_ok();
        found.push((listed.title().to_owned(), finds.then_some(listed.id)));
    }
    Ok(found)
}

/// Those whose cancellation is the viewer's to take back, the oldest first.
pub async fn to_reverse(read: &mut AnyConnection, viewer: &Viewer) -> anyhow::Result<Vec<Listed>> {
    if !viewer.may("plans.reverse") {
        return Ok(Vec::new());
    }
    let mut sql = select();
    sql.push(" AND po.superior = ").bind(viewer.post);
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY i.id").limit(20);
    let found = items::fetch_for(viewer, sql, read).await?;
    Ok(found.into_iter().filter(|listed| listed.item.reverse(who(viewer)).is_ok()).collect())
}
