//! Whose settlements a viewer finds, as SQL. No look-up of this room goes without it.

use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;

/// Adds to a query over `pay_run r` that the viewer may find the run: personnel, finance and audit every one
/// (`place`), a superior those of the own unit and of units with a post right below the post held (`unit`), a leader
/// the latter alone (`bound`).
pub(super) fn push(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" AND (1 = 0");
    for sight in permissions().sights("pay", &viewer.roles) {
        match sight {
            Sight::Place => {
                sql.push(" OR 1 = 1");
            }
            Sight::Unit => {
                sql.push(" OR r.unit = ").bind(viewer.unit);
                push_below(sql, viewer);
            }
            Sight::Bound => push_below(sql, viewer),
            Sight::Village => {}
        }
    }
    sql.push(")");
}

fn push_below(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" OR r.unit IN (SELECT b.unit FROM post b WHERE b.superior = ").bind(viewer.post).push(")");
}
