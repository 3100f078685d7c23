//! What an item says beside its promise: who helps with it, which listed responsibility it falls under, what it replaces,
//! which meeting decided it.

use jiff::civil::Date;
use policy::Month;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, forms};

/// Helpers that one item names at most.
const MOST_HELPERS: usize = 20;

/// Who helps with an item (协办).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Helper {
    Unit(i64),
    Official(i64),
}

/// The details of an item, as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Details {
    pub(super) helpers: Vec<Helper>,
    /// A line of the list of the unit's kind.
    pub(super) responsibility: Option<i64>,
    /// There was a list, and it is on none of its lines.
    pub(super) unlisted: bool,
    /// The item in whose place it came.
    pub(super) replaces: Option<i64>,
    /// The meeting that decided it.
    pub(super) meeting: Option<String>,
}

/// The details of an item as they stand.
pub(super) async fn of(read: &mut AnyConnection, item: i64) -> Result<Details, sqlx::Error> {
    let (responsibility, unlisted, replaces, meeting): (Option<i64>, i64, Option<i64>, Option<String>) =
        sqlx::query_as("SELECT responsibility, unlisted, replaces, meeting FROM plan_item WHERE id = $1")
            .bind(item)
            .fetch_one(&mut *read)
            .await?;
    let helpers = helpers(read, item, Date::MIN).await?.iter().filter_map(Named::helper).collect();
    Ok(Details { helpers, responsibility, unlisted: unlisted == 1, replaces, meeting })
}

/// Puts details in the place of those that an item had.
pub(super) async fn keep(
    write: &mut AnyConnection,
    app: &App,
    item: i64,
    details: &Details,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE plan_item SET responsibility = $2, unlisted = $3, replaces = $4, meeting = $5 WHERE id = $1")
        .bind(item)
        .bind(details.responsibility)
        .bind(i64::from(details.unlisted))
        .bind(details.replaces)
        .bind(details.meeting.clone())
        .execute(&mut *write)
        .await?;
    sqlx::query("DELETE FROM plan_helper WHERE item = $1").bind(item).execute(&mut *write).await?;
    for helper in &details.helpers {
        add_helper(write, app, item, *helper).await?;
    }
    Ok(())
}

/// Names somebody or a unit as a helper of an item.
pub(super) async fn add_helper(
    write: &mut AnyConnection,
    app: &App,
    item: i64,
    helper: Helper,
) -> Result<(), sqlx::Error> {
    let (unit, official) = match helper {
        Helper::Unit(unit) => (Some(unit), None),
        Helper::Official(official) => (None, Some(official)),
    };
    sqlx::query("INSERT INTO plan_helper (id, item, unit, official) VALUES ($1, $2, $3, $4)")
        .bind(app.id())
        .bind(item)
        .bind(unit)
        .bind(official)
        .execute(write)
        .await?;
    Ok(())
}

/// A helper by name.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Named {
    unit: Option<i64>,
    official: Option<i64>,
    name: String,
    /// Where an official is.
    of_unit: String,
}

impl Named {
    fn helper(&self) -> Option<Helper> {
        self.unit.map(Helper::Unit).or(self.official.map(Helper::Official))
    }

    /// The unit, or the official with the unit; the form reads it so.
    pub(super) fn label(&self) -> String {
        if self.of_unit.is_empty() { self.name.clone() } else { format!("{}（{}）", self.name, self.of_unit) }
    }
}

/// Who helps with an item, in the order of naming, with the units of the officials on a day.
pub(super) async fn helpers(read: &mut AnyConnection, item: i64, day: Date) -> Result<Vec<Named>, sqlx::Error> {
    sqlx::query_as(
        "SELECT h.unit, h.official, COALESCE(u.name, o.name, '') AS name,
                COALESCE((SELECT MIN(w.name) FROM appointment ap JOIN post po ON po.id = ap.post
                           JOIN unit w ON w.id = po.unit
                          WHERE ap.official = h.official AND ap.held_from <= $2
                            AND (ap.held_to IS NULL OR ap.held_to > $2)), '') AS of_unit
           FROM plan_helper h
           LEFT JOIN unit u ON u.id = h.unit
           LEFT JOIN official o ON o.id = h.official
          WHERE h.item = $1 ORDER BY h.id",
    )
    .bind(item)
    .bind(day.to_string())
    .fetch_all(read)
    .await
}

/// Reads helpers as they are typed: units by name, officials by name or number, or by name with the unit in brackets.
/// An error is for the person who typed.
pub(super) async fn read_helpers(
    read: &mut AnyConnection,
    typed: &str,
    owner: i64,
    day: Date,
) -> Result<Result<Vec<Helper>, String>, sqlx::Error> {
    let mut found = Vec::new();
    let tidy = forms::tidy(typed);
    let names = tidy.split(['\n', '、', '，', ',', '；', ';']).map(str::trim).filter(|name| !name.is_empty());
    for name in names {
        let helper = match helper(read, name, day).await? {
            Ok(helper) => helper,
            Err(why) => return Ok(Err(why)),
        };
        if helper == Helper::Official(owner) {
            return Ok(Err("责任人自己不用再写进协办".to_owned()));
        }
        if !found.contains(&helper) {
            found.push(helper);
        }
    }
    if found.len() > MOST_HELPERS {
        return Ok(Err(format!("协办最多 {MOST_HELPERS} 个")));
    }
    Ok(Ok(found))
}

async fn helper(read: &mut AnyConnection, typed: &str, day: Date) -> Result<Result<Helper, String>, sqlx::Error> {
    let unit: Option<(i64,)> = sqlx::query_as(
        "SELECT id FROM unit WHERE name = $1 AND (valid_to IS NULL OR valid_to > $2) ORDER BY id LIMIT 1",
    )
    .bind(typed.to_owned())
    .bind(day.to_string())
    .fetch_optional(&mut *read)
    .await?;
    if let Some((unit,)) = unit {
        return Ok(Ok(Helper::Unit(unit)));
    }
    let (name, of_unit) = match typed.split_once(['（', '(']) {
        Some((name, unit)) => (name.trim(), unit.trim_end_matches(['）', ')']).trim()),
        None => (typed, ""),
    };
    let officials: Vec<(i64,)> = sqlx::query_as(
        "SELECT DISTINCT o.id FROM official o
           JOIN appointment ap ON ap.official = o.id AND ap.held_from <= $3
            AND (ap.held_to IS NULL OR ap.held_to > $3)
           JOIN post po ON po.id = ap.post
           JOIN unit u ON u.id = po.unit
          WHERE (o.name = $1 OR o.number = $1) AND ($2 = '' OR u.name = $2) ORDER BY o.id LIMIT 2",
    )
    .bind(name.to_owned())
    .bind(of_unit.to_owned())
    .bind(day.to_string())
    .fetch_all(read)
    .await?;
    Ok(match officials.as_slice() {
        [(official,)] => Ok(Helper::Official(*official)),
        [] => Err(format!("协办里的“{typed}”没有找到：写单位全称，或者在任干部的姓名")),
        _ => Err(format!("叫“{name}”的不止一位，请写成 {name}（单位全称）")),
    })
}

/// Reads the number of the item that is replaced, in full or as 11-0418 of the same year. It is one of the same unit.
pub(super) async fn read_replaced(
    read: &mut AnyConnection,
    viewer: &Viewer,
    typed: &str,
    unit: i64,
    month: Month,
) -> Result<Option<i64>, sqlx::Error> {
    let typed = forms::half_width(&forms::tidy(typed));
    let short = typed.split_once('-').is_some_and(|(month, serial)| {
        [month, serial].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    });
    let number = if short { format!("攸预〔{}〕{typed}号", month.year()) } else { typed };
    let mut sql = Sql::new("SELECT i.id FROM plan_item i JOIN plan p ON p.id = i.plan WHERE i.number = ");
    sql.bind(number).push(" AND p.unit = ").bind(unit);
    sight::push_item(&mut sql, viewer);
    let found: Option<(i64,)> = sql.fetch_optional(read).await?;
    Ok(found.map(|(id,)| id))
}

/// Another item that an item's page names.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Other {
    pub(super) id: i64,
    pub(super) number: String,
    goal: String,
    /// 1 where it is about a petition.
    bound: i64,
}

impl Other {
    /// Its goal, or that it is about a petition.
    pub(super) fn goal(&self) -> &str {
        if self.bound == 1 { super::items::VEIL } else { &self.goal }
    }
}

/// How [`Other`]s are read, up to a condition on `plan_item i`.
pub(super) const OTHERS: &str = "SELECT i.id, COALESCE(i.number, '待编号') AS number, i.goal,
        CAST(CASE WHEN i.petition IS NULL THEN 0 ELSE 1 END AS BIGINT) AS bound
   FROM plan_item i JOIN plan p ON p.id = i.plan WHERE ";

/// What the pages of an item show of its details.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    pub(super) helpers: Vec<Named>,
    pub(super) listed: Option<super::responsibilities::Listed>,
    pub(super) unlisted: bool,
    /// The item that it replaces, where the viewer finds it.
    pub(super) replaces: Option<Other>,
    /// Items that replace it, as far as the viewer finds them.
    pub(super) replaced_by: Vec<Other>,
}

/// Looks up what is shown of an item's details.
pub(super) async fn shown(
    read: &mut AnyConnection,
    viewer: &Viewer,
    item: i64,
    day: Date,
) -> Result<Shown, sqlx::Error> {
    let details = of(read, item).await?;
    let listed = match details.responsibility {
        Some(id) => super::responsibilities::listed(read, id).await?,
        None => None,
    };
    let mut sql = Sql::new(OTHERS);
    sql.push("i.id = ").bind(details.replaces.unwrap_or_default());
    sight::push_item(&mut sql, viewer);
    let replaces = sql.fetch_optional(&mut *read).await?;
    let mut sql = Sql::new(OTHERS);
    sql.push("i.replaces = ").bind(item);
    sight::push_item(&mut sql, viewer);
    sql.push(" ORDER BY i.id").limit(50);
    let replaced_by = sql.fetch_all(&mut *read).await?;
    let helpers = helpers(read, item, day).await?;
    Ok(Shown { helpers, listed, unlisted: details.unlisted, replaces, replaced_by })
}
