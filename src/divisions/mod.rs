//! Divisions (G1): the places from county to villager group, with codes that are never used again.

mod import;
mod pages;

pub use import::import;
pub(crate) use import::kind_of;
pub use pages::rooms;

use sqlx::{AnyConnection, FromRow};

/// A place with its name from the township down: 莲塘坳镇 阳升村.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Place {
    /// 6, 9, 12 or 14 digits.
    pub code: String,
    /// Its own name.
    pub name: String,
    /// Name of what it lies in; empty for the county.
    pub parent_name: String,
    /// county, township, street, park, village, community or group.
    pub kind: String,
    /// Name of what that lies in, where it is below a township.
    pub grandparent_name: String,
}

impl Place {
    /// The name from the township down.
    pub fn full_name(&self) -> String {
        match self.kind.as_str() {
            "village" | "community" => format!("{} {}", self.parent_name, self.name),
            "group" => format!("{} {} {}", self.grandparent_name, self.parent_name, self.name),
            _ => self.name.clone(),
        }
    }

    /// The township that it lies in, by code; the county's own code for the county.
    pub fn township(&self) -> &str {
        township_of(&self.code)
    }
}

/// The nine digits of the township in a longer code; a shorter code as it is.
pub fn township_of(code: &str) -> &str {
    code.get(..9).unwrap_or(code)
}

/// What comes after every text that begins so: `prefix <= x AND x < end(prefix)` is a prefix test that an index
/// serves, for codes and for names (both databases compare by code points; the last one ends every range).
pub fn end(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

const PLACE: &str = "SELECT d.code, d.name, COALESCE(p.name, '') AS parent_name, d.kind,
                            COALESCE(g.name, '') AS grandparent_name
                       FROM division d
                       LEFT JOIN division p ON p.code = d.parent
                       LEFT JOIN division g ON g.code = p.parent";

/// A place by its code, as of a day.
pub async fn place(read: &mut AnyConnection, code: &str, on: &str) -> Result<Option<Place>, sqlx::Error> {
    let mut sql = crate::db::Sql::new(PLACE);
    sql.push(" WHERE d.code = ").bind(code.to_owned());
    sql.push(" AND d.valid_from <= ").bind(on.to_owned());
    sql.push(" AND (d.valid_to IS NULL OR d.valid_to > ").bind(on.to_owned()).push(")");
    sql.fetch_optional(read).await
}

/// Places whose name contains the text or whose pinyin initials begin with it, inside `within`, nearest first:
/// exact names before others, larger places before smaller.
pub async fn search(
    read: &mut AnyConnection,
    text: &str,
    within: &str,
    on: &str,
    limit: i64,
) -> Result<Vec<Place>, sqlx::Error> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(last) = words.last() else { return Ok(Vec::new()) };
    let mut sql = crate::db::Sql::new(PLACE);
    sql.push(" WHERE d.code >= ").bind(within.to_owned());
    sql.push(" AND d.code < ").bind(end(within));
    sql.push(" AND d.valid_from <= ").bind(on.to_owned());
    sql.push(" AND (d.valid_to IS NULL OR d.valid_to > ").bind(on.to_owned()).push(")");
    if last.is_ascii() {
        let initials = last.to_ascii_lowercase();
        sql.push(" AND (d.initials >= ").bind(initials.clone());
        sql.push(" AND d.initials < ").bind(end(&initials));
        sql.push(" OR d.code = ").bind(initials).push(")");
    } else {
        sql.push(" AND d.name LIKE ").bind(format!("%{}%", like_text(last))).push(" ESCAPE '!'");
    }
    // 莲塘坳 阳升: what stands before narrows by the names above.
    for word in &words[..words.len() - 1] {
        let pattern = format!("%{}%", like_text(word));
        sql.push(" AND (p.name LIKE ").bind(pattern.clone()).push(" ESCAPE '!'");
        sql.push(" OR g.name LIKE ").bind(pattern).push(" ESCAPE '!')");
    }
    sql.push(" ORDER BY CASE WHEN d.name = ").bind((*last).to_owned());
    sql.push(" THEN 0 ELSE 1 END, length(d.code), d.code").limit(limit);
    sql.fetch_all(read).await
}

/// The first text that no longer begins with `text`, for prefixes of people's own words: Chinese characters stand
/// behind the `~` of [`end`].
pub fn end_of_text(text: &str) -> String {
    format!("{text}\u{10ffff}")
}

/// What a typed place turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// One place.
    One(Place),
    /// Several places; the person chooses.
    Several(Vec<Place>),
    /// None.
    Nothing,
}

/// Understands a place typed as text (without script there is no picker): a code, a full name, or a part of one.
pub async fn typed(read: &mut AnyConnection, text: &str, within: &str, on: &str) -> Result<Typed, sqlx::Error> {
    let mut found = search(read, text, within, on, 20).await?;
    let exact: Vec<Place> =
        found.iter().filter(|place| place.full_name() == text.trim() || place.code == text.trim()).cloned().collect();
    if let [one] = &exact[..] {
        return Ok(Typed::One(one.clone()));
    }
    Ok(match found.len() {
        0 => Typed::Nothing,
        1 => Typed::One(found.remove(0)),
        _ => Typed::Several(found),
    })
}

/// A person's text inside LIKE: its own wildcards are ordinary characters. The escape character is `!`.
pub fn like_text(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if matches!(c, '%' | '_' | '!') {
            escaped.push('!');
        }
        escaped.push(c);
        escaped
    })
}

/// Pinyin initials of a name in lower case, as pickers search them: 阳升村 → ysc. Digits stay, the rest is dropped.
pub fn initials(name: &str) -> String {
    use pinyin::ToPinyin;
    name.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(pinyin) => pinyin.first_letter().chars().next(),
            None if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
            None => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_real_names() {
        assert_eq!(initials("阳升村"), "ysc");
        assert_eq!(initials("4组"), "4z");
        assert_eq!(initials("攸县"), "yx");
    }

    #[test]
    fn wildcards_of_a_person_are_ordinary_characters() {
        assert_eq!(like_text("100%_!"), "100!%!_!!");
    }
}
