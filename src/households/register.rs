//! Looking households up: by two characters of the head's name, by number, by id; always within a scope.

use sqlx::{AnyConnection, FromRow};

use super::Scope;
use crate::db::Sql;
use crate::divisions::{end, end_of_text, like_text};
use crate::web::forms;

/// A household as pickers and lists show it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Found {
    /// The household.
    pub id: i64,
    /// 户号 as the county writes it.
    pub number: String,
    /// Name of the head.
    pub head: String,
    /// How many people.
    pub people: i64,
    /// Code of the village.
    pub village: String,
    /// Name of the village.
    pub village_name: String,
    /// Name of the group; empty where there are none.
    pub group_name: String,
    /// The day on which this year's visit was made, if it was.
    pub visited_on: Option<String>,
}

impl Found {
    /// 阳升观村 4组.
    pub fn place(&self) -> String {
        if self.group_name.is_empty() {
            self.village_name.clone()
        } else {
            format!("{} {}", self.village_name, self.group_name)
        }
    }

    /// 今年还没去, or 3 月去过.
    pub fn visited(&self) -> String {
        match self.visited_on.as_deref().and_then(|day| day.parse::<jiff::civil::Date>().ok()) {
            Some(day) => format!("{} 月去过", day.month()),
            None => "今年还没去".to_owned(),
        }
    }
}

/// The columns of [`Found`]; the year of the visit is bound first.
fn select(year: i16) -> Sql {
    let mut sql = Sql::new(
        "SELECT h.id, h.number, h.head, h.people, h.village, v.name AS village_name,
                CASE WHEN g.code = v.code THEN '' ELSE g.name END AS group_name, f.fulfilled_on AS visited_on
           FROM household h
           JOIN division v ON v.code = h.village
           JOIN division g ON g.code = h.division
           LEFT JOIN duty_fulfilment f ON f.duty = 'B2' AND f.subject = h.id AND f.period = ",
    );
    sql.bind(year.to_string()).push(" WHERE 1 = 1");
    sql
}

/// Adds what was typed: a number from its beginning, or a part of the head's name. In the whole county a name is
/// looked up from its beginning, since only that is served by an index; for whoever does not keep the register, by its
/// whole number alone.
fn push_text(sql: &mut Sql, scope: &Scope, text: &str) {
    let text = forms::half_width(text.trim());
    if text.is_empty() {
        return;
    }
    if scope.by_number() {
        sql.push(" AND h.number = ").bind(text);
    } else if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        sql.push(" AND h.number >= ").bind(text.clone());
        sql.push(" AND h.number < ").bind(end(&text));
    } else if scope.is_county() {
        sql.push(" AND h.head >= ").bind(text.clone());
        sql.push(" AND h.head < ").bind(end_of_text(&text));
    } else {
        sql.push(" AND h.head LIKE ").bind(format!("%{}%", like_text(&text))).push(" ESCAPE '!'");
    }
}

fn push_valid(sql: &mut Sql, today: &str) {
    sql.push(" AND h.valid_from <= ").bind(today.to_owned());
    sql.push(" AND (h.valid_to IS NULL OR h.valid_to > ").bind(today.to_owned()).push(")");
}

/// Whether a text is enough to look a household up: two characters of a name, or three of a number.
fn is_enough(text: &str) -> bool {
    let text = forms::half_width(text.trim());
    text.chars().count() >= if text.is_ascii() { 3 } else { 2 }
}

/// Households within the scope whose head's name or number fits the text, those not yet visited this year first.
pub async fn search(
    read: &mut AnyConnection,
    scope: &Scope,
    text: &str,
    today: jiff::civil::Date,
    limit: i64,
) -> Result<Vec<Found>, sqlx::Error> {
    if !is_enough(text) {
        return Ok(Vec::new());
    }
    let mut sql = select(today.year());
    scope.push(&mut sql, "h.village");
    push_text(&mut sql, scope, text);
    push_valid(&mut sql, &today.to_string());
    sql.push(" ORDER BY CASE WHEN f.subject IS NULL THEN 0 ELSE 1 END, h.village, h.id").limit(limit);
    sql.fetch_all(read).await
}

/// One page of the register by village and id, from after `(village, id)`.
pub(super) async fn list(
    read: &mut AnyConnection,
    scope: &Scope,
    within: &str,
    text: &str,
    after: Option<(String, i64)>,
    today: jiff::civil::Date,
    limit: i64,
) -> Result<Vec<Found>, sqlx::Error> {
    let mut sql = select(today.year());
    scope.push(&mut sql, "h.village");
    if !within.is_empty() {
        sql.push(" AND h.village >= ").bind(within.to_owned());
        sql.push(" AND h.village < ").bind(end(within));
    }
    push_text(&mut sql, scope, text);
    push_valid(&mut sql, &today.to_string());
    if let Some((village, id)) = after {
        sql.push(" AND (h.village, h.id) > (").bind(village).push(", ").bind(id).push(")");
    }
    sql.push(" ORDER BY h.village, h.id").limit(limit);
    sql.fetch_all(read).await
}

/// What a typed household turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    /// One household.
    One(Found),
    /// Several; the person chooses.
    Several(Vec<Found>),
    /// None.
    Nothing,
    /// Too little to look for.
    TooShort,
}

/// Understands a household typed as text: without script there is no picker.
pub async fn typed(
    read: &mut AnyConnection,
    scope: &Scope,
    text: &str,
    today: jiff::civil::Date,
) -> Result<Typed, sqlx::Error> {
    if !is_enough(text) {
        return Ok(Typed::TooShort);
    }
    let mut found = search(read, scope, text, today, 20).await?;
    let exact: Vec<Found> = found.iter().filter(|one| one.number == text.trim()).cloned().collect();
    if let [one] = &exact[..] {
        return Ok(Typed::One(one.clone()));
    }
    Ok(match found.len() {
        0 => Typed::Nothing,
        1 => Typed::One(found.remove(0)),
        _ => Typed::Several(found),
    })
}

/// A household by id, where the scope reaches it and it still stands.
pub async fn find(
    read: &mut AnyConnection,
    scope: &Scope,
    id: i64,
    today: jiff::civil::Date,
) -> Result<Option<Household>, sqlx::Error> {
    let mut sql = Sql::new(
        "SELECT h.id, h.number, h.head, h.people, h.division, h.village, h.phone, h.valid_from, h.valid_to,
                v.name AS village_name, t.name AS township_name,
                CASE WHEN g.code = v.code THEN '' ELSE g.name END AS group_name
           FROM household h
           JOIN division v ON v.code = h.village
           JOIN division t ON t.code = v.parent
           JOIN division g ON g.code = h.division
          WHERE h.id = ",
    );
    sql.bind(id);
    scope.push(&mut sql, "h.village");
    push_valid(&mut sql, &today.to_string());
    sql.fetch_optional(read).await
}

/// A household as its own page shows it.
#[derive(Clone, Debug, FromRow)]
pub struct Household {
    /// The household.
    pub id: i64,
    /// 户号 as the county writes it.
    pub number: String,
    /// Name of the head.
    pub head: String,
    /// How many people.
    pub people: i64,
    /// Its group, or its village where there are no groups.
    pub division: String,
    /// Its village.
    pub village: String,
    /// Encrypted for [`phone_place`].
    pub phone: Option<Vec<u8>>,
    /// First day in the register.
    pub valid_from: String,
    /// First day no longer in it.
    pub valid_to: Option<String>,
    /// Name of the village.
    pub village_name: String,
    /// Name of the township.
    pub township_name: String,
    /// Name of the group; empty where there are none.
    pub group_name: String,
}

impl Household {
    /// 莲塘坳镇 阳升观村 4组.
    pub fn place(&self) -> String {
        format!("{} {} {}", self.township_name, self.village_name, self.group_name).trim_end().to_owned()
    }
}

/// What a household's phone is encrypted for ([`crate::secrets::Keys::encrypt`]): a sealed number moved to another
/// row does not open.
pub fn phone_place(id: i64) -> String {
    format!("household.phone/{id}")
}
