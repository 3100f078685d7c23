//! What the reports count. Each function says what its numerator and its denominator are.

use sqlx::{AnyConnection, FromRow};

use crate::divisions;
use crate::plans::Figures;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Numerator.
    pub done: i64,
    /// Denominator.
    pub of: i64,
}

impl Part {
    /// Per mille, rounded half up; nothing of nothing is not a rate.
    pub fn per_mille(self) -> Option<i64> {
        (self.of > 0).then(|| (self.done * 2_000 + self.of) / (self.of * 2))
    }

    /// 93.1%, or a dash.
    pub fn percent(self) -> String {
        self.per_mille().map_or("—".to_owned(), |rate| format!("{}.{}%", rate / 10, rate % 10))
    }

    /// The class of a tile: the darker, the more of it is done.
    pub fn shade(self) -> &'static str {
        match self.per_mille() {
            None | Some(0) => "",
            Some(..250) => "a",
            Some(250..500) => "b",
            Some(500..800) => "c",
            Some(_) => "d",
        }
    }

    /// Width of a bar of a hundred.
    pub fn width(self) -> i64 {
        self.per_mille().map_or(0, |rate| (rate / 10).min(100))
    }
}

impl From<Figures> for Part {
    fn from(figures: Figures) -> Self {
        Self { done: figures.cancelled, of: figures.due() }
    }
}

/// A number as people read it: 182,340.
pub fn grouped(number: &i64) -> String {
    let digits = number.abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if *number < 0 { format!("-{text}") } else { text }
}

/// Petitions bound to leaders in a place since a day, those closed, and those past the binding's own deadline.
pub async fn bindings(
    read: &mut AnyConnection,
    place: &str,
    since: &str,
    today: &str,
) -> Result<(Part, i64), sqlx::Error> {
    let (of, done, late): (i64, i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), COUNT(z.petition),
                CAST(COALESCE(SUM(CASE WHEN z.petition IS NULL AND b.due_on < $4 THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM leader_binding b
           JOIN petition p ON p.id = b.petition
           LEFT JOIN closure z ON z.petition = p.id
          WHERE b.bound_on >= $1 AND p.division >= $2 AND p.division < $3",
    )
    .bind(since.to_owned())
    .bind(place.to_owned())
    .bind(divisions::end(place))
    .bind(today.to_owned())
    .fetch_one(read)
    .await?;
    Ok((Part { done, of }, late))
}

/// Petitions registered in a place since a day, those closed or forwarded, and those with a clock past its due day.
pub async fn petitions(
    read: &mut AnyConnection,
    place: &str,
    since: &str,
    today: &str,
) -> Result<(Part, i64), sqlx::Error> {
    let (of, done): (i64, i64) = sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state IN ('closed', 'forwarded') THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM petition WHERE registered_on >= $1 AND division >= $2 AND division < $3",
    )
    .bind(since.to_owned())
    .bind(place.to_owned())
    .bind(divisions::end(place))
    .fetch_one(&mut *read)
    .await?;
    let (late,): (i64,) = sqlx::query_as(
        "SELECT COUNT(DISTINCT p.id) FROM clock c JOIN petition p ON p.id = c.petition
          WHERE c.stopped_on IS NULL AND c.due_on < $1 AND c.kind NOT IN ('objection', 'review-request', 're-review-request')
            AND p.division >= $2 AND p.division < $3",
    )
    .bind(today.to_owned())
    .bind(place.to_owned())
    .bind(divisions::end(place))
    .fetch_one(read)
    .await?;
    Ok((Part { done, of }, late))
}

/// A township's row of the overview.
#[derive(Debug, FromRow)]
pub struct Township {
    /// Nine digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Frozen items of its unit in the month.
    pub planned: i64,
    /// Those cancelled.
    pub cancelled: i64,
    /// Petitions not closed.
    pub open: i64,
    /// Petitions with a clock past its due day.
    pub late: i64,
}

/// The townships of a place, by code.
pub async fn townships(
    read: &mut AnyConnection,
    place: &str,
    month: &str,
    today: &str,
) -> Result<Vec<Township>, sqlx::Error> {
    sqlx::query_as(
        "SELECT d.code, d.name, COALESCE(l.planned, 0) AS planned, COALESCE(l.cancelled, 0) AS cancelled,
                COALESCE(p.open, 0) AS open, COALESCE(k.late, 0) AS late
           FROM division d
           LEFT JOIN (SELECT u.division, COUNT(*) AS planned, COUNT(c.id) AS cancelled
                        FROM plan l JOIN unit u ON u.id = l.unit
                        JOIN plan_item i ON i.plan = l.id AND i.number IS NOT NULL
                        LEFT JOIN cancellation c ON c.item = i.id
                             AND NOT EXISTS (SELECT 1 FROM cancellation_reversal v WHERE v.cancellation = c.id)
                       WHERE l.month = $3 AND NOT EXISTS (SELECT 1 FROM plan_relief r WHERE r.item = i.id)
                       GROUP BY u.division) l ON l.division = d.code
           LEFT JOIN (SELECT township, COUNT(*) AS open FROM petition
                       WHERE state IN ('registered', 'assigned', 'accepted', 'answered') GROUP BY township) p
                  ON p.township = d.code
           LEFT JOIN (SELECT q.township, COUNT(DISTINCT q.id) AS late
                        FROM clock c JOIN petition q ON q.id = c.petition
                       WHERE c.stopped_on IS NULL AND c.due_on < $4
                         AND c.kind NOT IN ('objection', 'review-request', 're-review-request')
                       GROUP BY q.township) k ON k.township = d.code
          WHERE d.kind IN ('township', 'street') AND d.valid_to IS NULL AND d.code >= $1 AND d.code < $2
          ORDER BY d.code",
    )
    .bind(place.to_owned())
    .bind(divisions::end(place))
    .bind(month.to_owned())
    .bind(today.to_owned())
    .fetch_all(read)
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_half_up_and_nothing_of_nothing_is_none() {
        // The county's own figures of 2010, as PRODUCT F1 quotes them.
        assert_eq!(Part { done: 520, of: 548 }.percent(), "94.9%");
        assert_eq!(Part { done: 6396, of: 6879 }.percent(), "93.0%");
        assert_eq!(Part { done: 187, of: 206 }.percent(), "90.8%");
        assert_eq!(Part { done: 0, of: 0 }.percent(), "—");
        assert_eq!(Part { done: 1, of: 2000 }.percent(), "0.1%");
        assert_eq!(Part { done: 1, of: 2001 }.percent(), "0.0%");
    }

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(&182_340), "182,340");
        assert_eq!(grouped(&340), "340");
        assert_eq!(grouped(&-1_000), "-1,000");
    }

    #[test]
    fn a_tile_darkens_at_a_quarter_a_half_and_four_fifths() {
        let shade = |done| Part { done, of: 1_000 }.shade();
        assert_eq!([0, 1, 249, 250, 499, 500, 799, 800].map(shade), ["", "a", "a", "b", "b", "c", "c", "d"]);
    }
}
