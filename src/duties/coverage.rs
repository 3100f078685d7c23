//! How far the visits of a year have come, by village: the figures of the pages and of the reports.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use sqlx::{AnyConnection, FromRow};

use crate::divisions::end;
use crate::households::Scope;
use crate::web::App;

/// A village that nobody visited for so many days is shown as such.
pub const QUIET_DAYS: i32 = 60;

/// One village and its visits of a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Coverage {
    /// Code of the village.
    pub village: String,
    /// Its name.
    pub name: String,
    /// Code of its township.
    pub township: String,
    /// Name of its township.
    pub township_name: String,
    /// Households that the duty is owed to.
    pub households: i64,
    /// Households visited in the year.
    pub visited: i64,
    /// The last day on which anybody visited a household there, whatever came of it.
    pub last_visit_on: Option<String>,
}

impl Coverage {
    /// Whether nobody went there for [`QUIET_DAYS`] days. A village without households is not quiet, it is empty.
    pub fn is_quiet(&self, today: Date) -> bool {
        let since = today.saturating_sub(QUIET_DAYS.days()).to_string();
        self.households > 0 && self.last_visit_on.as_ref().is_none_or(|last| *last < since)
    }

    /// Whole percent visited, rounded down: 100 only when every household was.
    pub fn percent(&self) -> i64 {
        percent(self.visited, self.households)
    }

    /// The class of its bar's filling.
    pub(super) fn fill(&self) -> &'static str {
        fill(self.percent())
    }
}

/// The class of a bar's filling: what lies behind is shown as such.
pub(super) fn fill(percent: i64) -> &'static str {
    match percent {
        80.. => "fill",
        50..80 => "warn",
        _ => "bad",
    }
}

/// Whole percent, rounded down; nothing of nothing is nothing.
pub(super) fn percent(part: i64, whole: i64) -> i64 {
    if whole == 0 { 0 } else { part.min(whole) * 100 / whole }
}

/// The visits of a year in every village of a place (6, 9 or 12 digits), by code. A village counts from the day on
/// which [`reconcile`] found its households.
///
/// `substr` stands on both sides, since SQLite gives a column a type that the index over an expression has not, and
/// would then read every entry for every village.
pub async fn coverage(read: &mut AnyConnection, place: &str, year: i16) -> Result<Vec<Coverage>, sqlx::Error> {
    sqlx::query_as(
        "SELECT v.code AS village, v.name, t.code AS township, t.name AS township_name,
                COALESCE(c.households, 0) AS households, COALESCE(c.fulfilled, 0) AS visited,
                (SELECT e.happened_on FROM entry e
                  WHERE substr(e.division, 1, 12) = substr(v.code, 1, 12) AND e.kind = 'visit'
                    AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
                  ORDER BY e.happened_on DESC LIMIT 1) AS last_visit_on
           FROM division v
           JOIN division t ON t.code = v.parent
           LEFT JOIN duty_coverage c ON c.duty = 'B2' AND c.period = $3 AND c.village = v.code
          WHERE v.code >= $1 AND v.code < $2 AND v.kind IN ('village', 'community')
            AND v.valid_from <= $4 AND (v.valid_to IS NULL OR v.valid_to > $4)
          ORDER BY v.code",
    )
    .bind(place.to_owned())
    .bind(end(place))
    .bind(year.to_string())
    .bind(last_day(year).to_string())
    .fetch_all(read)
    .await
}

/// The visits of a year in every village of a scope.
pub async fn coverage_of(read: &mut AnyConnection, scope: &Scope, year: i16) -> Result<Vec<Coverage>, sqlx::Error> {
    let mut villages = Vec::new();
    for code in scope.codes() {
        villages.extend(coverage(read, code, year).await?);
    }
    Ok(villages)
}

/// The visits of a year in one village.
pub async fn village_coverage(
    read: &mut AnyConnection,
    village: &str,
    year: i16,
) -> Result<Option<Coverage>, sqlx::Error> {
    Ok(coverage(read, village, year).await?.into_iter().find(|one| one.village == village))
}

/// The day as of which a year's households are those of the register.
fn last_day(year: i16) -> Date {
    date(year, 12, 31)
}

/// The households of `duty_coverage.village` that stand on `$1`, and those of them that were visited.
const COUNTED: &str = "UPDATE duty_coverage SET
        households = (SELECT COUNT(*) FROM household h WHERE h.village = duty_coverage.village
            AND h.valid_from <= $1 AND (h.valid_to IS NULL OR h.valid_to > $1)),
        fulfilled = (SELECT COUNT(*) FROM duty_fulfilment f JOIN household h ON h.id = f.subject
            WHERE f.duty = duty_coverage.duty AND f.period = duty_coverage.period
            AND f.village = duty_coverage.village
            AND h.valid_from <= $1 AND (h.valid_to IS NULL OR h.valid_to > $1))
  WHERE duty = 'B2' AND period = $2";

/// Counts the households and visits of a year anew in every village. Safe to run twice, and while others write.
pub async fn reconcile(write: &mut AnyConnection, year: i16, today: Date) -> Result<(), sqlx::Error> {
    let on = last_day(year).min(today).to_string();
    sqlx::query(
        "INSERT INTO duty_coverage (duty, period, village, households, fulfilled)
         SELECT 'B2', $1, d.code, 0, 0 FROM division d WHERE d.kind IN ('village', 'community')
         ON CONFLICT (duty, period, village) DO NOTHING",
    )
    .bind(year.to_string())
    .execute(&mut *write)
    .await?;
    // Takes every row before it counts: whoever is about to add to one has then been seen, or waits and adds after.
    sqlx::query("UPDATE duty_coverage SET fulfilled = fulfilled WHERE duty = 'B2' AND period = $1")
        .bind(year.to_string())
        .execute(&mut *write)
        .await?;
    sqlx::query(COUNTED).bind(on).bind(year.to_string()).execute(write).await?;
    Ok(())
}

/// Counts this year and the last anew, since a visit of December may be written down in January. For a process to
/// call once a day, and for whoever has brought in households.
pub async fn keep(app: &App) -> anyhow::Result<()> {
    let today = app.today();
    for year in [today.year() - 1, today.year()] {
        let mut write = app.db.write().await?;
        reconcile(&mut write, year, today).await?;
        write.commit().await?;
    }
    Ok(())
}

/// Begins to count a village that no reconciliation has seen; whoever is faster begins, the other adds.
pub(super) async fn begin(
    write: &mut AnyConnection,
    village: &str,
    period: &str,
    more: i64,
) -> Result<(), sqlx::Error> {
    let on = period.parse().map_or(date(9999, 12, 31), last_day).to_string();
    sqlx::query(
        "INSERT INTO duty_coverage (duty, period, village, households, fulfilled)
         VALUES ('B2', $1, $2,
                 (SELECT COUNT(*) FROM household WHERE village = $2 AND valid_from <= $3
                     AND (valid_to IS NULL OR valid_to > $3)),
                 (SELECT COUNT(*) FROM duty_fulfilment WHERE duty = 'B2' AND period = $1 AND village = $2))
         ON CONFLICT (duty, period, village) DO UPDATE SET fulfilled = duty_coverage.fulfilled + $4",
    )
    .bind(period.to_owned())
    .bind(village.to_owned())
    .bind(on)
    .bind(more)
    .execute(write)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn village(households: i64, visited: i64, last: Option<&str>) -> Coverage {
        Coverage {
            village: "430223125209".to_owned(),
            name: "阳升观村".to_owned(),
            township: "430223125".to_owned(),
            township_name: "莲塘坳镇".to_owned(),
            households,
            visited,
            last_visit_on: last.map(str::to_owned),
        }
    }

    #[test]
    fn a_village_is_quiet_after_sixty_days_and_not_before() {
        let today = date(2026, 11, 2);
        assert!(!village(10, 1, Some("2026-09-03")).is_quiet(today), "sixty days ago");
        assert!(village(10, 1, Some("2026-09-02")).is_quiet(today), "sixty-one days ago");
        assert!(village(10, 0, None).is_quiet(today), "never");
        assert!(!village(0, 0, None).is_quiet(today), "nobody lives there");
    }

    #[test]
    fn a_hundred_percent_is_every_household() {
        assert_eq!(village(300, 299, None).percent(), 99);
        assert_eq!(village(300, 300, None).percent(), 100);
        assert_eq!(village(0, 0, None).percent(), 0);
    }
}
