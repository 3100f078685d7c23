//! Petitions and the persons behind them as other rooms look them up: within the viewer's sight, by what is typed.

use sqlx::{AnyConnection, FromRow};

use super::rules::{Search, search};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::secrets::Purpose;
use crate::web::App;

/// A petition that the viewer finds.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Found {
    /// The petition.
    pub id: i64,
    /// 攸信〔2026〕0001号.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// For an act on it.
    pub version: i64,
}

/// Petitions by number, newest first; a text that is no number finds none.
pub async fn find_numbers(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    typed: &str,
) -> Result<Vec<Found>, sqlx::Error> {
    let Search::Numbers(numbers) = search(typed, app.today().year()) else { return Ok(Vec::new()) };
    let mut sql = Sql::new("SELECT p.id, p.number, p.title, p.version FROM petition p WHERE p.number IN (''");
    for number in numbers {
        sql.push(", ").bind(number);
    }
    sql.push(")");
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY p.id DESC").limit(10);
    sql.fetch_all(read).await
}

/// Those of these petitions that the viewer finds.
pub async fn find_among(read: &mut AnyConnection, viewer: &Viewer, ids: &[i64]) -> Result<Vec<Found>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new("SELECT p.id, p.number, p.title, p.version FROM petition p WHERE p.id IN (");
    for (place, id) in ids.iter().enumerate() {
        sql.push(if place == 0 { "" } else { ", " }).bind(*id);
    }
    sql.push(")");
    sight::push(&mut sql, viewer);
    sql.fetch_all(read).await
}

/// Somebody who came before.
#[derive(Clone, Debug, FromRow)]
pub struct Earlier {
    /// The petitioner's row; the phone is encrypted for it.
    pub id: i64,
    /// As given then.
    pub name: String,
    /// As given then.
    pub address: String,
    phone: Option<Vec<u8>>,
    /// The petition.
    pub petition: i64,
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: String,
}

impl Earlier {
    /// The phone, where there is one and the viewer sees phones; empty otherwise.
    pub fn phone(&self, app: &App, viewer: &Viewer) -> anyhow::Result<String> {
        match &self.phone {
            Some(sealed) if viewer.sees("petitioner.phone") => {
                app.keys.decrypt(sealed, &format!("petitioner.phone/{}", self.id))
            }
            _ => Ok(String::new()),
        }
    }
}

const EARLIER: &str = "SELECT q.id, q.name, q.address, q.phone, p.id AS petition, p.number, p.title
       FROM petitioner q JOIN petition p ON p.id = q.petition WHERE ";

/// Persons behind petitions that the viewer finds, by the first two characters of the name or by phone, newest first.
/// Whoever sees names or phones masked does not find by them.
pub async fn find_people(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    typed: &str,
) -> Result<Vec<Earlier>, sqlx::Error> {
    let mut sql = Sql::new(EARLIER);
    match search(typed, app.today().year()) {
        Search::Words(name) if viewer.sees("petitioner.name") => {
            sql.push("q.name >= ").bind(name.clone()).push(" AND q.name < ").bind(format!("{name}\u{10ffff}"));
        }
        Search::Phone(phone) if viewer.sees("petitioner.phone") => {
            sql.push("q.phone_key = ").bind(app.keys.keyed(Purpose::Phone, &phone));
        }
        _ => return Ok(Vec::new()),
    }
    sight::push(&mut sql, viewer);
    sql.push(" ORDER BY q.id DESC").limit(9);
    sql.fetch_all(read).await
}

/// One of them.
pub async fn find_person(
    read: &mut AnyConnection,
    viewer: &Viewer,
    petitioner: i64,
) -> Result<Option<Earlier>, sqlx::Error> {
    if !viewer.sees("petitioner.name") {
        return Ok(None);
    }
    let mut sql = Sql::new(EARLIER);
    sql.push("q.id = ").bind(petitioner);
    sight::push(&mut sql, viewer);
    sql.fetch_optional(read).await
}

/// Adds that the petition whose id stands in a column was opened again on the day in another column or since.
pub fn push_reopened(sql: &mut Sql, petition: &'static str, day: &'static str) {
    sql.push(" AND EXISTS (SELECT 1 FROM reopening x WHERE x.petition = ").push(petition);
    sql.push(" AND x.reopened_on >= ").push(day).push(")");
}
