//! Names of petitioners in what somebody wrote, hidden from those who may not see them.

use sqlx::AnyConnection;

use super::rules::masked;
use crate::accounts::Viewer;
use crate::db::Sql;

/// A text without the names that are to be hidden.
pub(super) fn veiled(text: &str, hidden: &[String]) -> String {
    hidden.iter().fold(text.to_owned(), |text, name| text.replace(name.as_str(), &masked(name)))
}

/// Hides the petitioners' names in texts of petitions, each given with its petition, from a viewer who sees them
/// masked. A list that shows titles passes them through here.
pub async fn veil(
    read: &mut AnyConnection,
    viewer: &Viewer,
    texts: Vec<(i64, &mut String)>,
) -> Result<(), sqlx::Error> {
    if viewer.sees("petitioner.name") || texts.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("SELECT petition, name FROM petitioner WHERE petition IN (");
    for (index, (petition, _)) in texts.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*petition);
    }
    sql.push(")");
    let names: Vec<(i64, String)> = sql.fetch_all(read).await?;
    for (petition, text) in texts {
        let hidden: Vec<String> =
            names.iter().filter(|(of, _)| *of == petition).map(|(_, name)| name.clone()).collect();
        *text = veiled(text, &hidden);
    }
    Ok(())
}
