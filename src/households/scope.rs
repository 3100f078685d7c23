//! How far a post reaches among villages and households, as SQL.

use sqlx::AnyConnection;

use crate::accounts::Viewer;
use crate::db::Sql;
use crate::divisions;

/// The places that a viewer's post reaches, as codes of which everything inside belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(Vec<String>);

/// Roles that reach the whole place of their unit, whatever village their holder is assigned to besides.
const WHOLE_PLACE: [&str; 6] =
    ["petition_officer", "handler", "leader", "superior", "supervision", "township_official"];

impl Scope {
    /// A village official reaches the villages of his or her assignment (办点), and where there is none the place of
    /// the unit; a township official the township; everybody else the place of the unit.
    pub async fn of(read: &mut AnyConnection, viewer: &Viewer, today: &str) -> Result<Self, sqlx::Error> {
        if viewer.is("village_official") && !WHOLE_PLACE.iter().any(|role| viewer.is(role)) {
            let villages: Vec<(String,)> = sqlx::query_as(
                "SELECT DISTINCT village FROM village_assignment
                  WHERE official = $1 AND held_from <= $2 AND (held_to IS NULL OR held_to > $2) ORDER BY village",
            )
            .bind(viewer.official)
            .bind(today.to_owned())
            .fetch_all(read)
            .await?;
            if !villages.is_empty() {
                return Ok(Self(villages.into_iter().map(|(village,)| village).collect()));
            }
        }
        let place = if viewer.is("township_official") { divisions::township_of(&viewer.place) } else { &viewer.place };
        Ok(Self(vec![place.to_owned()]))
    }

    /// The codes: one place, or the villages of the assignment.
    pub fn codes(&self) -> &[String] {
        &self.0
    }

    /// Whether it is the county itself, so that lists must be narrowed by an index of their own.
    pub fn is_county(&self) -> bool {
        matches!(&self.0[..], [one] if one.len() <= 6)
    }

    /// Whether a place lies inside.
    pub fn holds(&self, code: &str) -> bool {
        self.0.iter().any(|own| code.starts_with(own.as_str()))
    }

    /// Adds that a column of codes lies inside. One county is one database, so that the county itself adds nothing
    /// that a planner would have to look at.
    pub fn push(&self, sql: &mut Sql, column: &'static str) {
        if self.is_county() {
            return;
        }
        for (index, code) in self.0.iter().enumerate() {
            sql.push(if index == 0 { " AND (" } else { " OR " });
            sql.push(column).push(" >= ").bind(code.clone());
            sql.push(" AND ").push(column).push(" < ").bind(divisions::end(code));
        }
        sql.push(")");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_village_is_inside_its_township_and_not_inside_its_neighbour() {
        let town = Scope(vec!["430223125".to_owned()]);
        assert!(town.holds("430223125209") && town.holds("43022312520904") && !town.holds("430223126201"));
        let assigned = Scope(vec!["430223125209".to_owned(), "430223125210".to_owned()]);
        assert!(assigned.holds("43022312521001") && !assigned.holds("430223125211"));
    }

    #[test]
    fn the_scope_is_a_range_that_an_index_serves() {
        let mut sql = Sql::new("SELECT 1");
        Scope(vec!["430223125".to_owned(), "430223126".to_owned()]).push(&mut sql, "h.village");
        assert_eq!(
            sql.text(),
            "SELECT 1 AND (h.village >= $1 AND h.village < $2 OR h.village >= $3 AND h.village < $4)"
        );
    }
}
