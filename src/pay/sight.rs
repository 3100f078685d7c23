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

/// Whether the viewer sees what others said against a run that the viewer finds: personnel, who answers, and audit; a
/// leader only where he or she may sign it, and that is nobody who receives from it.
pub(super) fn sees_objections(viewer: &Viewer, receives: bool) -> bool {
    viewer.may("pay.objections") && (!receives || viewer.may("pay.answer") || viewer.is("audit_officer"))
}

/// Adds to a query over `pay_run r` that the viewer finds what others said against the run.
pub(super) fn push_objections(sql: &mut Sql, viewer: &Viewer) {
    push(sql, viewer);
    if !sees_objections(viewer, true) {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM pay_share x WHERE x.run = r.id AND x.official = ");
        sql.bind(viewer.official).push(")");
    }
}

/// Adds to a query over `pay_run r` that the viewer may read its notice while it is up: it shows the own result, or is
/// that of the own unit.
pub(super) fn push_notice(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" AND r.replaced_by IS NULL AND EXISTS (SELECT 1 FROM pay_notice n WHERE n.run = r.id) AND (r.unit = ");
    sql.bind(viewer.unit);
    sql.push(" OR EXISTS (SELECT 1 FROM pay_notice_line l WHERE l.run = r.id AND l.official = ");
    sql.bind(viewer.official).push("))");
}
