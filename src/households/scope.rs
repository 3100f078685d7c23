//! How far a post reaches among villages and households, as SQL.

use sqlx::AnyConnection;

use crate::accounts::{Sight, Viewer, permissions};
use crate::db::Sql;
use crate::divisions;

/// The places that a viewer's post reaches, as codes of which everything inside belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    codes: Vec<String>,
    /// Households are found by their whole number alone.
    by_number: bool,
}

impl Scope {
    /// What `permissions.toml` says of households: the place of the unit, its township, or the villages assigned (办点).
    /// Who has no village assigned reaches the unit's place only where that is a village, and otherwise nothing.
    pub async fn of(read: &mut AnyConnection, viewer: &Viewer, today: &str) -> Result<Self, sqlx::Error> {
        let sights = permissions().sights("households", &viewer.roles);
        let place = if sights.contains(&Sight::Unit) {
            divisions::township_of(&viewer.place)
        } else if sights.contains(&Sight::Place) || (sights.contains(&Sight::Bound) && viewer.place.len() == 12) {
            &viewer.place
        } else {
            ""
        };
        let mut codes: Vec<String> = Vec::new();
        if sights.contains(&Sight::Bound) && sights.len() == 1 {
            let villages: Vec<(String,)> = sqlx::query_as(
                "SELECT DISTINCT village FROM village_assignment
                  WHERE official = $1 AND held_from <= $2 AND (held_to IS NULL OR held_to > $2) ORDER BY village",
            )
            .bind(viewer.official)
            .bind(today.to_owned())
            .fetch_all(read)
            .await?;
            codes.extend(villages.into_iter().map(|(village,)| village));
        }
        if codes.is_empty() && !place.is_empty() {
            codes.push(place.to_owned());
        }
        let mut scope = Self { codes, by_number: false };
        // Whoever serves the whole county and does not keep the register would otherwise read it off a picker.
        scope.by_number = scope.is_county() && !viewer.may("households.list");
        Ok(scope)
    }

    /// Whether households are found by their whole number alone.
    pub(super) fn by_number(&self) -> bool {
        self.by_number
    }

    /// The codes: one place, or the villages of the assignment.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// Whether it is the county itself, so that lists must be narrowed by an index of their own.
    pub fn is_county(&self) -> bool {
        matches!(&self.codes[..], [one] if one.len() <= 6)
    }

    /// Whether a place lies inside.
    pub fn holds(&self, code: &str) -> bool {
        self.codes.iter().any(|own| code.starts_with(own.as_str()))
    }

    /// Adds that a column of codes lies inside. One county is one database, so that the county itself adds nothing
    /// that a planner would have to look at.
    pub fn push(&self, sql: &mut Sql, column: &'static str) {
        if self.is_county() {
            return;
        }
        if self.codes.is_empty() {
            sql.push(" AND 1 = 0");
            return;
        }
        for (index, code) in self.codes.iter().enumerate() {
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

    fn scope(codes: &[&str]) -> Scope {
        Scope { codes: codes.iter().map(|code| (*code).to_owned()).collect(), by_number: false }
    }

    #[test]
    fn a_village_is_inside_its_township_and_not_inside_its_neighbour() {
        let town = scope(&["430223125"]);
        assert!(town.holds("430223125209") && town.holds("43022312520904") && !town.holds("430223126201"));
        let assigned = scope(&["430223125209", "430223125210"]);
        assert!(assigned.holds("43022312521001") && !assigned.holds("430223125211"));
    }

    #[test]
    fn the_scope_is_a_range_that_an_index_serves() {
        let mut sql = Sql::new("SELECT 1");
        scope(&["430223125", "430223126"]).push(&mut sql, "h.village");
        assert_eq!(
            sql.text(),
            "SELECT 1 AND (h.village >= $1 AND h.village < $2 OR h.village >= $3 AND h.village < $4)"
        );
    }

    #[test]
    fn who_reaches_nothing_finds_nothing() {
        let mut sql = Sql::new("SELECT 1");
        scope(&[]).push(&mut sql, "h.village");
        assert_eq!(sql.text(), "SELECT 1 AND 1 = 0");
        assert!(!scope(&[]).holds("430223125209") && !scope(&[]).is_county());
    }
}
