//! 委托销号 (E3): the holder of a post lets a named official cancel and return accounts in his place until a day. Nothing
//! is delegated by default, nobody cancels what is his own, and each act says whose it would have been.

mod page;
mod rules;

use sqlx::{AnyConnection, FromRow};

use super::items::{self, Listed};
use super::rules::Who;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::Rooms;

pub(super) fn rooms() -> Rooms {
    page::rooms()
}

/// A delegation in force, as its delegate acts by it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Held {
    pub(super) id: i64,
    /// The superior's post.
    pub(super) post: i64,
    /// Its holder.
    pub(super) giver: String,
    /// The last day.
    pub(super) until_on: String,
}

/// Adds to a query over `cancel_delegation d` that it is in force on the viewer's day: neither over nor taken back, and
/// its giver still holds the post.
fn push_in_force(sql: &mut Sql, viewer: &Viewer) {
    let day = viewer.day.to_string();
    sql.push(" AND d.given_on <= ").bind(day.clone()).push(" AND d.until_on >= ").bind(day.clone());
    sql.push(
        " AND d.ended_on IS NULL AND EXISTS (SELECT 1 FROM appointment ga
             WHERE ga.official = d.given_by AND ga.post = d.post AND ga.held_from <= ",
    );
    sql.bind(day.clone()).push(" AND (ga.held_to IS NULL OR ga.held_to > ").bind(day).push("))");
}

/// The delegations in force by which the viewer cancels.
pub(super) async fn held(read: &mut AnyConnection, viewer: &Viewer) -> Result<Vec<Held>, sqlx::Error> {
    if !viewer.may("plans.cancel") {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(
        "SELECT d.id, d.post, o.name AS giver, d.until_on FROM cancel_delegation d
           JOIN official o ON o.id = d.given_by WHERE d.delegate = ",
    );
    sql.bind(viewer.official);
    push_in_force(&mut sql, viewer);
    sql.push(" ORDER BY d.id DESC").limit(200);
    sql.fetch_all(read).await
}

/// Adds the viewer's post and those that are delegated to him or her, one after another: named in the text they are
/// looked up, where a question within the question would read every item.
pub(super) fn push_posts(sql: &mut Sql, viewer: &Viewer, held: &[Held]) {
    let posts: Vec<i64> = std::iter::once(viewer.post).chain(held.iter().map(|one| one.post)).collect();
    items::push_all(sql, &posts);
}

/// Says of items that are not the viewer's own to cancel by which delegation he or she may cancel them.
pub(super) fn tell(viewer: &Viewer, held: &[Held], found: &mut [Listed]) {
    let others = |listed: &&mut Listed| listed.item.superior.is_some_and(|post| post != viewer.post);
    for listed in found.iter_mut().filter(others) {
        listed.delegated = held.iter().find(|one| Some(one.post) == listed.item.superior).cloned();
    }
}

/// As whom the viewer judges an account of an item: in the superior's post where that is delegated to him or her.
pub(super) fn acting(viewer: &Viewer, listed: &Listed) -> Who {
    let me = items::who(viewer);
    listed.delegated.as_ref().map_or(me, |held| Who { post: held.post, ..me })
}
