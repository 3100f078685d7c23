//! Emptying what plans say of a petition whose data are erased.

use sqlx::AnyConnection;

/// Puts `erased` for the goal of every item bound to a petition, and empties what was written about it: accounts,
/// returns, reliefs, reversals, checks and earlier wordings. Numbers, days, points and who did what stay. Gives the items, for
/// their records in the chain.
pub async fn erase(write: &mut AnyConnection, petition: i64, erased: &str) -> Result<Vec<i64>, sqlx::Error> {
    let items: Vec<(i64,)> = sqlx::query_as(
        "UPDATE plan_item SET goal = $2, standard = '', version = version + 1 WHERE petition = $1 RETURNING id",
    )
    .bind(petition)
    .bind(erased.to_owned())
    .fetch_all(&mut *write)
    .await?;
    for (item,) in &items {
        for sql in [
            "UPDATE plan_account SET content = '' WHERE item = $1",
            "UPDATE plan_return SET reason = '' WHERE account IN (SELECT id FROM plan_account WHERE item = $1)",
            "UPDATE plan_revision SET was = '' WHERE item = $1",
            "UPDATE proposal_return SET reason = '' WHERE item = $1",
            "UPDATE plan_relief SET reason = '' WHERE item = $1",
            "UPDATE plan_merge SET reason = '' WHERE into_item = $1",
            "UPDATE plan_check_sample SET seen = '', upheld = '' WHERE item = $1",
            "UPDATE cancellation_reversal SET reason = ''
              WHERE cancellation IN (SELECT id FROM cancellation WHERE item = $1)",
        ] {
            sqlx::query(sql).bind(*item).execute(&mut *write).await?;
        }
    }
    Ok(items.into_iter().map(|(item,)| item).collect())
}
