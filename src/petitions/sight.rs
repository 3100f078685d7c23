//! What a viewer finds among the petitions, as SQL. No look-up of this room goes without it.

use sqlx::AnyConnection;

use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::divisions;

/// Adds to a query over `petition p` that the viewer may find the row: by place, unit or binding, and never where the
/// viewer or the viewer's unit is to be kept from it (arts. 28, 30). Recusal is part of every branch of it.
pub fn push(sql: &mut Sql, viewer: &Viewer) {
    push_as(sql, viewer, true);
}

/// Whether the viewer's unit helps with any petition of another, or the viewer's post decides whose
/// one is, or was told of one. Where it does not, [`push_as`] asks for the unit
/// alone, and a small unit's ledger is read off the unit's index instead of off everybody's petitions.
pub(super) async fn helps(read: &mut AnyConnection, viewer: &Viewer) -> Result<bool, sqlx::Error> {
    if !permissions().sights("petitions", &viewer.roles).contains(&Sight::Unit) {
        return Ok(false);
    }
    let helping: Option<(i64,)> = sqlx::query_as(
        "SELECT petition FROM assignment WHERE unit = $1 AND part = 'help' AND ended_on IS NULL
          UNION ALL SELECT petition FROM dispute WHERE superior = $2
          UNION ALL SELECT g.petition FROM urging g JOIN petition q ON q.id = g.petition
                     WHERE g.post = $2 AND (q.unit IS NULL OR q.unit <> $1) LIMIT 1",
    )
    .bind(viewer.unit)
    .bind(viewer.post)
    .fetch_optional(read)
    .await?;
    Ok(helping.is_some())
}

/// As [`push`], with what [`helps`] said.
pub(super) fn push_as(sql: &mut Sql, viewer: &Viewer, helps: bool) {
    let sights = permissions().sights("petitions", &viewer.roles);
    sql.push(" AND (");
    let mut first = true;
    for sight in &sights {
        if !std::mem::take(&mut first) {
            sql.push(" OR ");
        }
        match sight {
            // The county: every row, so that the ledger's order can be read off an index.
            Sight::Place if viewer.place.len() <= 6 => {
                sql.push("1 = 1");
            }
            Sight::Place if viewer.place.len() == 9 => {
                sql.push("p.township = ").bind(viewer.place.clone());
            }
            Sight::Place => {
                sql.push("(p.division >= ").bind(viewer.place.clone());
                sql.push(" AND p.division < ").bind(divisions::end(&viewer.place)).push(")");
            }
            Sight::Unit if !helps => {
                sql.push("p.unit = ").bind(viewer.unit);
            }
            Sight::Unit => {
                sql.push("(p.unit = ").bind(viewer.unit);
                sql.push(
                    " OR p.id IN (SELECT s.petition FROM assignment s WHERE s.part = 'help' AND s.ended_on IS NULL",
                );
                sql.push(" AND s.unit = ").bind(viewer.unit).push(") OR ");
                asked(sql, viewer);
                sql.push(")");
            }
            // What is being handled in the villages that the viewer is assigned to, by the viewer's unit or, for the
            // people of a village, by their township.
            Sight::Village => {
                let day = viewer.day.to_string();
                sql.push("(p.state IN ('assigned', 'accepted', 'answered')");
                sql.push(" AND substr(p.division, 1, 12) IN (SELECT v.village FROM village_assignment v");
                sql.push(" WHERE v.official = ").bind(viewer.official);
                sql.push(" AND v.held_from <= ").bind(day.clone());
                sql.push(" AND (v.held_to IS NULL OR v.held_to > ").bind(day).push("))");
                let town = divisions::township_of(&viewer.place).to_owned();
                sql.push(" AND EXISTS (SELECT 1 FROM unit n WHERE (n.id = ").bind(viewer.unit);
                sql.push(" OR (n.kind = 'township' AND n.division = ").bind(town);
                sql.push(")) AND (n.id = p.unit OR EXISTS (SELECT 1 FROM assignment s");
                sql.push(" WHERE s.unit = n.id AND s.petition = p.id AND s.part = 'help' AND s.ended_on IS NULL))))");
            }
            Sight::Bound => {
                sql.push("(p.id IN (SELECT b.petition FROM leader_binding b WHERE b.leader = ");
                sql.bind(viewer.official).push(" AND b.ended_on IS NULL) OR ");
                asked(sql, viewer);
                sql.push(")");
            }
        }
    }
    if first {
        sql.push("1 = 0");
    }
    sql.push(")");
    push_recusal(sql, viewer, "p.id");
}

/// What the viewer's post was asked to decide, or has decided; and what it was told of, while that clock runs.
fn asked(sql: &mut Sql, viewer: &Viewer) {
    sql.push("p.id IN (SELECT j.petition FROM dispute j WHERE j.superior = ").bind(viewer.post);
    sql.push(" UNION ALL SELECT g.petition FROM urging g JOIN clock gk ON gk.id = g.clock WHERE g.post = ");
    sql.bind(viewer.post).push(" AND gk.stopped_on IS NULL)");
}

/// Adds that the viewer is not to be kept from the petition whose id stands in a column: neither in person nor for a
/// unit in which he or she holds a post, or held one after the petition had come in: whoever was complained of is so
/// in a new post too. Another post in the unit complained of counts as much as the one acted in.
pub fn push_recusal(sql: &mut Sql, viewer: &Viewer, petition: &'static str) {
    sql.push(" AND NOT EXISTS (SELECT 1 FROM recusal x WHERE x.petition = ").push(petition);
    sql.push(" AND (x.unit = ").bind(viewer.unit).push(" OR x.official = ").bind(viewer.official);
    // Few have been in a unit that a petition is against: for them alone is it asked until when.
    sql.push(" OR (x.unit IN (SELECT o.unit FROM appointment a JOIN post o ON o.id = a.post WHERE a.official = ");
    sql.bind(viewer.official);
    sql.push(
        ") AND EXISTS (SELECT 1 FROM appointment w JOIN post s ON s.id = w.post JOIN petition c ON c.id = x.petition",
    );
    sql.push(" WHERE s.unit = x.unit AND w.official = ").bind(viewer.official);
    sql.push(" AND (w.held_to IS NULL OR w.held_to > c.registered_on)))))");
}

/// Whether an official is to be kept from a petition, as [`push_recusal`] asks of a viewer.
pub async fn is_recused(read: &mut AnyConnection, official: i64, petition: i64) -> Result<bool, sqlx::Error> {
    let mut sql = Sql::new("SELECT f.id FROM official f WHERE f.id = ");
    sql.bind(official);
    push_unrecused(&mut sql, petition);
    let free: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(free.is_none())
}

/// Adds to a query over `official f` that the official is not to be kept from a petition.
pub(super) fn push_unrecused(sql: &mut Sql, petition: i64) {
    sql.push(" AND NOT EXISTS (SELECT 1 FROM recusal x JOIN petition c ON c.id = x.petition WHERE x.petition = ");
    sql.bind(petition);
    sql.push(" AND (x.official = f.id OR x.unit IN (SELECT o.unit FROM appointment w JOIN post o ON o.id = w.post");
    sql.push(" WHERE w.official = f.id AND (w.held_to IS NULL OR w.held_to > c.registered_on))))");
}

/// Whether giving a petition to a unit would give it to whom it complains of: an official who is complained of heads
/// the unit, or the unit belongs to one that is to be kept from the petition (art. 30). The county's own organ is above
/// every unit and makes none its own.
pub(super) async fn answers_to_the_accused(
    read: &mut AnyConnection,
    unit: i64,
    petition: i64,
) -> Result<bool, sqlx::Error> {
    let head = super::disputes::line(read, unit).await?.first().copied();
    let found: Option<(i64,)> = sqlx::query_as(
        "WITH RECURSIVE above (id, place) AS (
           SELECT superior, 1 FROM unit WHERE id = $1
            UNION ALL SELECT u.superior, a.place + 1 FROM above a JOIN unit u ON u.id = a.id WHERE a.place < 10)
         SELECT x.id FROM above a JOIN unit u ON u.id = a.id AND u.kind <> 'county'
                JOIN recusal x ON x.unit = u.id AND x.petition = $2
          UNION ALL
         SELECT x.id FROM recusal x JOIN appointment h ON h.official = x.official AND h.held_to IS NULL
          WHERE x.petition = $2 AND x.reason = 'complained_of' AND h.post = $3 LIMIT 1",
    )
    .bind(unit)
    .bind(petition)
    .bind(head)
    .fetch_optional(read)
    .await?;
    Ok(found.is_some())
}
