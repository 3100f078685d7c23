//! What a viewer finds of reception, as SQL: days by place or by who receives, and never a booking about the viewer.

use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::{divisions, petitions};

/// Whether the viewer runs the receptions of a place, and not only the days on which he or she receives.
pub(super) fn runs_a_place(viewer: &Viewer) -> bool {
    permissions().sights("receptions", &viewer.roles).contains(&Sight::Place)
}

/// Adds to a query over `reception_day d JOIN unit u` that the viewer may find the day.
pub(super) fn push(sql: &mut Sql, viewer: &Viewer) {
    let sights = permissions().sights("receptions", &viewer.roles);
    sql.push(" AND (1 = 0");
    for sight in &sights {
        sql.push(" OR ");
        match sight {
            Sight::Place if viewer.place.len() <= 6 => {
                sql.push("1 = 1");
            }
            Sight::Place => {
                sql.push("(u.division >= ").bind(viewer.place.clone());
                sql.push(" AND u.division < ").bind(divisions::end(&viewer.place)).push(")");
            }
            Sight::Unit => {
                sql.push("d.unit = ").bind(viewer.unit);
            }
            Sight::Bound => {
                sql.push("d.leader = ").bind(viewer.official);
            }
            Sight::Village => {
                sql.push("1 = 0");
            }
        }
    }
    sql.push(")");
}

/// Adds to a query over `reception_booking b` that it is not to be kept from the viewer: neither the booking's own
/// words nor a petition that it is about complain of the viewer or of a unit in which the viewer holds a post, or held
/// one in the year of the reception.
pub(super) fn push_recusal(sql: &mut Sql, viewer: &Viewer) {
    sql.push(" AND (b.against_official IS NULL OR b.against_official <> ").bind(viewer.official);
    sql.push(") AND (b.against_unit IS NULL OR (b.against_unit <> ").bind(viewer.unit);
    sql.push(" AND b.against_unit NOT IN (SELECT o.unit FROM appointment a JOIN post o ON o.id = a.post");
    sql.push(" WHERE a.official = ").bind(viewer.official);
    sql.push(" AND (a.held_to IS NULL OR a.held_to > substr(b.booked_for, 1, 4) || '-01-01'))))");
    petitions::push_recusal(sql, viewer, "b.petition");
}
