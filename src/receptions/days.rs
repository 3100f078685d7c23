//! A reception day as pages show it.

use jiff::civil::Date;
use policy::Month;
use sqlx::{AnyConnection, FromRow};

use super::rules::weekday;
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::App;

/// A day with its unit, who receives, and how many are booked.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Day {
    pub(super) id: i64,
    pub(super) unit: i64,
    pub(super) unit_code: String,
    pub(super) unit_name: String,
    pub(super) month: String,
    pub(super) held_on: String,
    pub(super) provisional: i64,
    pub(super) leader: Option<i64>,
    pub(super) leader_name: String,
    /// The post in the unit on the day.
    pub(super) leader_title: String,
    /// Whose day it was, where somebody took it over.
    pub(super) stands_for: String,
    pub(super) place: String,
    pub(super) hours: String,
    pub(super) phone: String,
    /// Booked ahead and not cancelled.
    pub(super) booked: i64,
    /// Talks written down.
    pub(super) received: i64,
    pub(super) sequence: i64,
    pub(super) changed_at: i64,
    pub(super) version: i64,
}

impl Day {
    /// The day itself.
    pub(super) fn on(&self) -> anyhow::Result<Date> {
        Ok(self.held_on.parse()?)
    }

    /// 11 月 10 日 星期二.
    pub(super) fn when(&self, today: &Date) -> String {
        self.on().map_or_else(|_| self.held_on.clone(), |on| format!("{} {}", crate::web::day(on, *today), weekday(on)))
    }

    /// 谢国华（副县长）; who is replaced stands behind it.
    pub(super) fn receiver(&self) -> String {
        match (self.leader_name.as_str(), self.leader_title.as_str()) {
            ("", _) => "未安排".to_owned(),
            (name, "") => name.to_owned(),
            (name, title) => format!("{name}（{title}）"),
        }
    }

    /// As people find it: the place that the unit named, or its own office.
    pub(super) fn place(&self) -> String {
        if self.place.is_empty() { default_place(&self.unit_name) } else { self.place.clone() }
    }

    /// The unit's hours, or the county's.
    pub(super) fn hours(&self, county: &str) -> String {
        if self.hours.is_empty() { county.to_owned() } else { self.hours.clone() }
    }

    /// Whether the day is still to come.
    pub(super) fn is_ahead(&self, today: &Date) -> bool {
        self.held_on > today.to_string()
    }

    /// Whether that official receives.
    pub(super) fn is_received_by(&self, official: &i64) -> bool {
        self.leader == Some(*official)
    }

    /// The number of its month.
    pub(super) fn month_number(&self) -> i8 {
        self.month.parse::<Month>().map_or(0, Month::number)
    }
}

/// Where a unit receives that has named no place.
pub(super) fn default_place(unit: &str) -> String {
    format!("{unit}信访接待室")
}

/// FROM and columns of [`Day`], up to a condition that always holds.
pub(super) const DAY: &str = "SELECT d.id, d.unit, u.code AS unit_code, u.name AS unit_name, d.month, d.held_on,
        d.provisional, d.leader, COALESCE(f.name, '') AS leader_name,
        COALESCE((SELECT MIN(o.title) FROM appointment a JOIN post o ON o.id = a.post
                   WHERE a.official = d.leader AND o.unit = d.unit AND a.held_from <= d.held_on
                     AND (a.held_to IS NULL OR a.held_to > d.held_on)), '') AS leader_title,
        COALESCE(g.name, '') AS stands_for, COALESCE(s.place, '') AS place, COALESCE(s.hours, '') AS hours,
        COALESCE(s.phone, '') AS phone,
        (SELECT COUNT(*) FROM reception_booking b WHERE b.day = d.id AND b.cancelled_at IS NULL
            AND b.origin IN ('web', 'desk')) AS booked,
        (SELECT COUNT(*) FROM reception_booking b JOIN reception r ON r.booking = b.id WHERE b.day = d.id) AS received,
        d.sequence, d.changed_at, d.version
   FROM reception_day d
   JOIN unit u ON u.id = d.unit
   LEFT JOIN official f ON f.id = d.leader
   LEFT JOIN official g ON g.id = d.stands_for
   LEFT JOIN reception_site s ON s.unit = d.unit
  WHERE 1 = 1";

/// One day, as far as the viewer finds it; without a viewer it is what is published.
pub(super) async fn find(
    read: &mut AnyConnection,
    viewer: Option<&Viewer>,
    id: i64,
) -> Result<Option<Day>, sqlx::Error> {
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.id = ").bind(id);
    if let Some(viewer) = viewer {
        sight::push(&mut sql, viewer);
    }
    sql.fetch_optional(read).await
}

/// The county's hours of that day.
pub(super) fn county_hours(app: &App, on: Date) -> String {
    app.policy.word("reception.hours", on).unwrap_or_default().to_owned()
}

/// Somebody who may receive for a unit.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Member {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) title: String,
}

/// Everybody who holds a post in a unit on a day, the heads first.
pub(super) async fn members(read: &mut AnyConnection, unit: i64, on: &str) -> Result<Vec<Member>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT f.id, f.name, MIN(o.title) AS title FROM appointment a
           JOIN post o ON o.id = a.post JOIN official f ON f.id = a.official
          WHERE o.unit = ",
    );
    sql.bind(unit).push(" AND a.held_from <= ").bind(on.to_owned());
    sql.push(" AND (a.held_to IS NULL OR a.held_to > ").bind(on.to_owned());
    sql.push(") GROUP BY f.id, f.name ORDER BY MIN(o.code), f.id").limit(300);
    sql.fetch_all(read).await
}
