//! Which unit does what a role is for.

use sqlx::AnyConnection;

use crate::db::Sql;

/// The unit that takes in what comes to the county: the first by code, among the units that serve the county as a
/// whole, in which somebody holds the role of petition officer on that day.
///
/// A matter must not go to a unit that it is against (《信访工作条例》第三十条): those of `except` are passed over. Where no other
/// petition office is left it goes to the first unit with a supervision officer, which may see it and pass it on.
/// Nothing where the county has neither.
pub async fn county_petition_office(
    read: &mut AnyConnection,
    except: &[i64],
    on: &str,
) -> Result<Option<i64>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT u.id
           FROM unit u
           JOIN division d ON d.code = u.division AND d.kind = 'county'
           JOIN post p ON p.unit = u.id
           JOIN appointment a ON a.post = p.id AND a.held_from <= ",
    );
    sql.bind(on.to_owned()).push(" AND (a.held_to IS NULL OR a.held_to > ").bind(on.to_owned());
    sql.push(") JOIN role_grant g ON g.appointment = a.id AND g.role IN ('petition_officer', 'supervision')");
    sql.push(" WHERE u.valid_from <= ").bind(on.to_owned());
    sql.push(" AND (u.valid_to IS NULL OR u.valid_to > ").bind(on.to_owned()).push(")");
    for unit in except {
        sql.push(" AND u.id <> ").bind(*unit);
    }
    sql.push(" ORDER BY CASE WHEN g.role = 'petition_officer' THEN 0 ELSE 1 END, u.code LIMIT 1");
    let first: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(first.map(|(unit,)| unit))
}
