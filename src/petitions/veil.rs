//! Names of petitioners in what somebody wrote, hidden from those who may not see them.

use sqlx::AnyConnection;

use super::rules::masked;
use crate::accounts::Viewer;
use crate::db::Sql;

/// A text without the names that are to be hidden. The longest go first: 张三 within 张三丰 would leave 丰 standing.
pub fn veiled(text: &str, hidden: &[String]) -> String {
    let mut hidden: Vec<&str> = hidden.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    hidden.sort_by_key(|name| std::cmp::Reverse(name.len()));
    hidden.into_iter().fold(text.to_owned(), |text, name| text.replace(name, &masked(name)))
}

/// A text with a mark in place of the names: nobody finds by what is left.
pub(super) fn without(text: &str, names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.into_iter().fold(text.to_owned(), |text, name| text.replace(name, "，"))
}

/// Hides the petitioners' names in texts of petitions, each given with its petition, from a viewer who sees them
/// masked. A list that shows titles passes them through here.
pub async fn veil(
    read: &mut AnyConnection,
    viewer: &Viewer,
    texts: Vec<(i64, &mut String)>,
) -> Result<(), sqlx::Error> {
    let petitions: Vec<i64> = texts.iter().map(|(petition, _)| *petition).collect();
    let names = hidden(read, viewer, &petitions).await?;
    for (petition, text) in texts {
        let hidden: Vec<String> =
            names.iter().filter(|(of, _)| *of == petition).map(|(_, name)| name.clone()).collect();
        *text = veiled(text, &hidden);
    }
    Ok(())
}

/// The names that a viewer is not to read in texts of petitions, each with its petition: none for who sees names.
pub async fn hidden(
    read: &mut AnyConnection,
    viewer: &Viewer,
    petitions: &[i64],
) -> Result<Vec<(i64, String)>, sqlx::Error> {
    if viewer.sees("petitioner.name") || petitions.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT petition, name FROM petitioner WHERE petition IN (");
    for (index, petition) in petitions.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*petition);
    }
    sql.push(")");
    sql.fetch_all(read).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_within_another_leaves_nothing_of_it() {
        for hidden in [["张三", "张三丰"], ["张三丰", "张三"]] {
            let hidden = hidden.map(str::to_owned);
            assert_eq!(veiled("张三丰和张三来访", &hidden), "张某和张某来访");
        }
    }
}
