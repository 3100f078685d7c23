//! A duty met: at most one row by household and year.

use jiff::civil::Date;
use sqlx::AnyConnection;

/// Records that an entry met a household's visit of a year. `false`: it was met before, and nothing changed.
pub async fn fulfil(
    write: &mut AnyConnection,
    household: i64,
    village: &str,
    year: i16,
    entry: i64,
    on: Date,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query(
        "INSERT INTO duty_fulfilment (duty, subject, period, village, entry, fulfilled_on)
         VALUES ('B2', $1, $2, $3, $4, $5) ON CONFLICT (duty, subject, period) DO NOTHING",
    )
    .bind(household)
    .bind(year.to_string())
    .bind(village.to_owned())
    .bind(entry)
    .bind(on.to_string())
    .execute(&mut *write)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    count(write, village, &year.to_string(), 1).await?;
    Ok(true)
}

/// The entry that met a household's visit of a year, and the day on which it was made.
pub async fn fulfilled(
    read: &mut AnyConnection,
    household: i64,
    year: i16,
) -> Result<Option<(i64, String)>, sqlx::Error> {
    sqlx::query_as("SELECT entry, fulfilled_on FROM duty_fulfilment WHERE duty = 'B2' AND subject = $1 AND period = $2")
        .bind(household)
        .bind(year.to_string())
        .fetch_optional(read)
        .await
}

/// How many households' visits of the year an official met first, from one day to another, both included.
pub async fn met_by(read: &mut AnyConnection, official: i64, (from, to): (Date, Date)) -> Result<i64, sqlx::Error> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM duty_fulfilment f JOIN entry e ON e.id = f.entry
          WHERE f.duty = 'B2' AND e.recorded_by = $1 AND f.fulfilled_on >= $2 AND f.fulfilled_on <= $3",
    )
    .bind(official)
    .bind(from.to_string())
    .bind(to.to_string())
    .fetch_one(read)
    .await?;
    Ok(count)
}

/// Takes back what a withdrawn entry had met. The next visit of the year that met somebody takes its place; where
/// there is none, the duty is open again. Call it after the withdrawal was written.
pub async fn withdraw(write: &mut AnyConnection, entry: i64) -> Result<(), sqlx::Error> {
    let met: Option<(i64, String, String)> = sqlx::query_as(
        "SELECT f.subject, f.period, f.village FROM duty_fulfilment f
           JOIN entry e ON e.household = f.subject AND f.period = substr(e.happened_on, 1, 4)
          WHERE e.id = $1 AND f.duty = 'B2' AND f.entry = e.id",
    )
    .bind(entry)
    .fetch_optional(&mut *write)
    .await?;
    let Some((household, period, village)) = met else { return Ok(()) };
    let next: Option<(i64, String)> = sqlx::query_as(
        "SELECT e.id, e.happened_on FROM entry e
          WHERE e.household = $1 AND e.kind = 'visit' AND e.result = 'met' AND substr(e.happened_on, 1, 4) = $2
            AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)
          ORDER BY e.id LIMIT 1",
    )
    .bind(household)
    .bind(period.clone())
    .fetch_optional(&mut *write)
    .await?;
    if let Some((next, on)) = next {
        sqlx::query(
            "UPDATE duty_fulfilment SET entry = $3, fulfilled_on = $4
              WHERE duty = 'B2' AND subject = $1 AND period = $2",
        )
        .bind(household)
        .bind(period)
        .bind(next)
        .bind(on)
        .execute(write)
        .await?;
        return Ok(());
    }
    sqlx::query("DELETE FROM duty_fulfilment WHERE duty = 'B2' AND subject = $1 AND period = $2")
        .bind(household)
        .bind(period.clone())
        .execute(&mut *write)
        .await?;
    count(write, &village, &period, -1).await
}

/// Adds to what is counted of a village, or begins to count it.
async fn count(write: &mut AnyConnection, village: &str, period: &str, more: i64) -> Result<(), sqlx::Error> {
    let counted = sqlx::query(
        "UPDATE duty_coverage SET fulfilled = fulfilled + $3 WHERE duty = 'B2' AND period = $1 AND village = $2",
    )
    .bind(period.to_owned())
    .bind(village.to_owned())
    .bind(more)
    .execute(&mut *write)
    .await?;
    if counted.rows_affected() == 0 {
        super::coverage::begin(write, village, period, more).await?;
    }
    Ok(())
}
