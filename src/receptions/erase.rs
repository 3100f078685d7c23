//! Deleting what receptions tell of people: with the petition that it is about, or, where there is none, once the same
//! term of keeping is over. Numbers, days and results stay.

use jiff::ToSpan;
use sqlx::AnyConnection;

use crate::chain::{self, Actor, Subject};
use crate::web::App;

/// What stands in place of a name.
const NOBODY: &str = "（已删除）";

/// How many are deleted in one write.
const AT_ONCE: i64 = 500;

/// Empties what was said and written about a petition whose data are erased. Gives the bookings, for their records in
/// the chain.
pub async fn erase(
    write: &mut AnyConnection,
    petition: i64,
    erased: &str,
    today: &str,
) -> Result<Vec<i64>, sqlx::Error> {
    let bookings: Vec<(i64,)> =
        sqlx::query_as("SELECT id FROM reception_booking WHERE petition = $1 AND erased_on IS NULL ORDER BY id")
            .bind(petition)
            .fetch_all(&mut *write)
            .await?;
    for (booking,) in &bookings {
        blank(write, *booking, erased, today).await?;
    }
    Ok(bookings.into_iter().map(|(booking,)| booking).collect())
}

/// Deletes what was told on days that are past the term of keeping and became no petition.
pub(super) async fn lapse(write: &mut AnyConnection, app: &App) -> anyhow::Result<()> {
    let today = app.today();
    let years = app.policy.number("petition.retention.years", today)?;
    let last = today.saturating_sub(years.years()).to_string();
    let mut sql = crate::db::Sql::new(
        "SELECT b.id FROM reception_booking b JOIN reception_day d ON d.id = b.day
          WHERE b.petition IS NULL AND b.erased_on IS NULL AND d.held_on < ",
    );
    sql.bind(last).push(" ORDER BY b.id").limit(AT_ONCE);
    let lapsed: Vec<(i64,)> = sql.fetch_all(&mut *write).await?;
    for (booking,) in &lapsed {
        blank(write, *booking, "个人信息已依法删除", &today.to_string()).await?;
    }
    let subjects: Vec<Subject> = lapsed.into_iter().map(|(id,)| Subject("reception_booking", id)).collect();
    chain::destroy(write, app, Actor::NOBODY, &subjects, "保管期满").await?;
    Ok(())
}

async fn blank(write: &mut AnyConnection, booking: i64, erased: &str, today: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE reception_booking SET name = $2, sex = '', age = NULL, phone = NULL, phone_key = NULL, address = '',
                matter = $3, reference = '', erased_on = $4, version = version + 1 WHERE id = $1",
    )
    .bind(booking)
    .bind(NOBODY)
    .bind(erased.to_owned())
    .bind(today.to_owned())
    .execute(&mut *write)
    .await?;
    sqlx::query("UPDATE reception SET answer = '' WHERE booking = $1").bind(booking).execute(write).await?;
    Ok(())
}
