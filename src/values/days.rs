//! The working days in force: those that the program knows, and the arrangements that the county brought in.

use std::collections::BTreeMap;

use jiff::civil::Date;
use policy::Calendar;
use sqlx::AnyConnection;

/// As many days of rest a year has at the least (《全国年节及纪念日放假办法》第二条). An arrangement with fewer is not whole, and a
/// year that is not whole stays unpublished.
const FEWEST: usize = 13;

/// A day as it is kept: day, kind, holiday, source.
pub type KeptDay = (String, String, String, String);

/// Every day that the county brought in.
pub async fn days(read: &mut AnyConnection) -> Result<Vec<KeptDay>, sqlx::Error> {
    sqlx::query_as("SELECT day, kind, holiday, source FROM calendar_day ORDER BY day").fetch_all(read).await
}

/// The days of a year that the county brought in.
#[derive(Debug)]
pub(super) struct Year {
    pub(super) year: i16,
    pub(super) rest: usize,
    pub(super) work: usize,
    /// The notice of its first day.
    pub(super) source: String,
    /// Whether it is whole, or only changes days of a year that is published anyway.
    pub(super) holds: bool,
}

/// Their years, in order.
pub(super) fn years(days: &[KeptDay]) -> Vec<Year> {
    let mut years: BTreeMap<i16, Year> = BTreeMap::new();
    for (day, kind, _, source) in days {
        let Ok(day) = day.parse::<Date>() else { continue };
        let fresh = || Year { year: day.year(), rest: 0, work: 0, source: source.clone(), holds: false };
        let year = years.entry(day.year()).or_insert_with(fresh);
        if kind == "work" {
            year.work += 1;
        } else {
            year.rest += 1;
        }
        year.holds |= day.day_of_year() == 1;
    }
    let mut years: Vec<Year> = years.into_values().collect();
    for year in &mut years {
        let whole = year.holds && year.rest >= FEWEST;
        year.holds = whole || Calendar::published().is_published(year.year);
    }
    years
}

/// The calendar with the county's days over the published ones; those of a year that is not whole are left out.
pub async fn calendar(read: &mut AnyConnection) -> anyhow::Result<Calendar> {
    let days = days(read).await?;
    let held: Vec<i16> = years(&days).into_iter().filter(|year| year.holds).map(|year| year.year).collect();
    let mut list = "date,kind,holiday\n".to_owned();
    for (day, kind, holiday, _) in &days {
        if day.parse::<Date>().is_ok_and(|day| held.contains(&day.year())) {
            list.extend([day.as_str(), ",", kind, ",", holiday, "\n"]);
        }
    }
    let own = Calendar::parse(&list).map_err(|why| anyhow::anyhow!("县里导入的放假安排不能用：{why}"))?;
    Ok(Calendar::published().clone().with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_holds_once_it_is_whole_and_a_day_of_a_published_year_at_once() {
        let day = |day: &str, kind: &str| (day.to_owned(), kind.to_owned(), "元旦".to_owned(), "《通知》".to_owned());
        let whole: Vec<KeptDay> = (1..=13).map(|n| day(&format!("2027-01-{n:02}"), "rest")).collect();
        let holds = |days: &[KeptDay]| years(days).iter().map(|year| year.holds).collect::<Vec<_>>();
        assert_eq!(holds(&whole), [true]);
        assert_eq!(holds(&whole[..12]), [false]);
        assert_eq!(holds(&whole[1..]), [false], "no first of January");
        assert_eq!(holds(&[day("2026-12-31", "rest"), day("2027-01-01", "rest")]), [true, false]);
    }
}
