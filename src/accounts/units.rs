//! Which unit does what a role is for.

use sqlx::AnyConnection;

/// The unit that takes in what comes to the county: the first by code, among the units that serve the county as a
/// whole, in which somebody holds the role of petition officer on that day.
///
/// A matter against that unit must not go to it (《信访工作条例》第三十条): `except` is passed over. Where no other
/// petition office is left it goes to the first unit with a supervision officer, which may see it and pass it on.
/// Nothing where the county has neither.
pub async fn county_petition_office(
    read: &mut AnyConnection,
    except: Option<i64>,
    on: &str,
) -> Result<Option<i64>, sqlx::Error> {
    let first: Option<(i64,)> = sqlx::query_as(
        "SELECT u.id
           FROM unit u
           JOIN division d ON d.code = u.division AND d.kind = 'county'
           JOIN post p ON p.unit = u.id
           JOIN appointment a ON a.post = p.id AND a.held_from <= $1 AND (a.held_to IS NULL OR a.held_to > $1)
           JOIN role_grant g ON g.appointment = a.id AND g.role IN ('petition_officer', 'supervision')
          WHERE u.id <> $2 AND u.valid_from <= $1 AND (u.valid_to IS NULL OR u.valid_to > $1)
          ORDER BY CASE WHEN g.role = 'petition_officer' THEN 0 ELSE 1 END, u.code
          LIMIT 1",
    )
    .bind(on.to_owned())
    .bind(except.unwrap_or(0))
    .fetch_optional(read)
    .await?;
    Ok(first.map(|(unit,)| unit))
}
