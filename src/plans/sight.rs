//! What a viewer finds among the plans, as SQL. No look-up of this room goes without it.

use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::{divisions, petitions};

/// Adds that the viewer may see the whole plan of the unit in a column: the own unit, units with a post below the
/// post held, and, for those who check, every unit of the place that their own unit serves.
pub(super) fn push_unit(sql: &mut Sql, viewer: &Viewer, column: &'static str) {
    let sights = permissions().sights("plans", &viewer.roles);
    sql.push(" AND (1 = 0");
    for sight in sights {
        match sight {
            Sight::Place if viewer.place.len() <= 6 => {
                sql.push(" OR 1 = 1");
            }
            Sight::Place => {
                sql.push(" OR ").push(column);
                sql.push(" IN (SELECT su.id FROM unit su WHERE su.division >= ").bind(viewer.place.clone());
                sql.push(" AND su.division < ").bind(divisions::end(&viewer.place)).push(")");
            }
            Sight::Unit => {
                sql.push(" OR ").push(column).push(" = ").bind(viewer.unit);
                sql.push(" OR ").push(column);
                sql.push(" IN (SELECT sp.unit FROM post sp WHERE sp.superior = ").bind(viewer.post).push(")");
            }
            Sight::Bound | Sight::Village => {}
        }
    }
    sql.push(")");
}

/// Adds to a query over `plan_item i` and `plan p` what the viewer may find of single items: the own ones, those that he
/// or his unit helps with, and those of plans that he sees whole; never what he is to be kept from.
pub(super) fn push_item(sql: &mut Sql, viewer: &Viewer) {
    push_item_or(sql, viewer, |_| {});
}

/// The same with another way of finding an item, which adds ` OR …`.
pub(super) fn push_item_or(sql: &mut Sql, viewer: &Viewer, or: impl FnOnce(&mut Sql)) {
    sql.push(" AND (i.owner = ").bind(viewer.official);
    sql.push(" OR EXISTS (SELECT 1 FROM plan_helper sh WHERE sh.item = i.id AND (sh.official = ");
    sql.bind(viewer.official).push(" OR sh.unit = ").bind(viewer.unit).push("))");
    sql.push(" OR (1 = 1");
    push_unit(sql, viewer, "p.unit");
    sql.push(")");
    or(sql);
    sql.push(")");
    push_recusal(sql, viewer);
}

/// Adds to a query over `plan_item i` that nothing of a petition is found by whoever is to be kept from it.
pub(super) fn push_recusal(sql: &mut Sql, viewer: &Viewer) {
    petitions::push_recusal(sql, viewer, "i.petition");
}
