//! The queue of a day as pages show it: who comes, what came of the talk, and what earlier days left over.

use sqlx::{AnyConnection, FromRow};

use super::days::Day;
use super::rules::{Origin, Outcome};
use super::sight;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions;
use crate::petitions::rules::masked;
use crate::web::App;

/// A person in the queue, with what came of the talk.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Visit {
    pub(super) id: i64,
    pub(super) day: i64,
    pub(super) held_on: String,
    pub(super) queue: i64,
    origin: String,
    pub(super) booked_for: String,
    pub(super) name: String,
    pub(super) sex: String,
    pub(super) age: Option<i64>,
    phone: Option<Vec<u8>>,
    pub(super) address: String,
    pub(super) people: i64,
    pub(super) matter: String,
    pub(super) reference: String,
    pub(super) petition: Option<i64>,
    pub(super) against_unit: Option<i64>,
    pub(super) against_official: Option<i64>,
    pub(super) cancelled: i64,
    pub(super) result: String,
    pub(super) answer: String,
    pub(super) version: i64,
    /// Number of the petition, where the viewer finds it.
    #[sqlx(skip)]
    pub(super) number: String,
}

impl Visit {
    pub(super) fn origin(&self) -> &'static str {
        Origin::from_word(&self.origin).map_or("", Origin::label)
    }
    pub(super) fn result(&self) -> &'static str {
        Outcome::from_word(&self.result).map_or("", Outcome::label)
    }
    /// Whether the person waits to be received.
    pub(super) fn waits(&self) -> bool {
        self.result.is_empty() && self.cancelled == 0
    }
    /// 罗新华等 3 人.
    pub(super) fn who(&self) -> String {
        let name = if self.name.is_empty() { "未留姓名" } else { &self.name };
        if self.people > 1 { format!("{name}等 {} 人", self.people) } else { name.to_owned() }
    }
    pub(super) fn moved(&self) -> bool {
        self.booked_for != self.held_on
    }
    /// The phone in clear.
    pub(super) fn phone(&self, app: &App) -> anyhow::Result<String> {
        match &self.phone {
            Some(sealed) => app.keys.decrypt(sealed, &format!("reception_booking.phone/{}", self.id)),
            None => Ok(String::new()),
        }
    }
    /// As somebody sees it who may not know the name.
    fn mask(&mut self) {
        if !self.name.is_empty() {
            let hidden = masked(&self.name);
            self.matter = self.matter.replace(&self.name, &hidden);
            self.answer = self.answer.replace(&self.name, &hidden);
            self.name = hidden;
        }
        self.phone = None;
    }
}

const VISIT: &str = "SELECT b.id, b.day, d.held_on, b.queue, b.origin, b.booked_for, b.name, b.sex, b.age, b.phone,
        b.address, b.people, b.matter, b.reference, b.petition, b.against_unit, b.against_official,
        CASE WHEN b.cancelled_at IS NULL THEN 0 ELSE 1 END AS cancelled, COALESCE(r.result, '') AS result,
        COALESCE(r.answer, '') AS answer, b.version
   FROM reception_booking b
   JOIN reception_day d ON d.id = b.day
   LEFT JOIN reception r ON r.booking = b.id
  WHERE ";

/// Everybody in the queue of a day that the viewer has found, in its order.
pub(super) async fn of_day(read: &mut AnyConnection, viewer: &Viewer, day: &Day) -> anyhow::Result<Vec<Visit>> {
    let mut sql = Sql::new(VISIT);
    sql.push("b.day = ").bind(day.id);
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY b.queue").limit(500);
    let found = sql.fetch_all(&mut *read).await?;
    shown(read, viewer, day, found).await
}

/// What earlier days of the same unit, up to a year back, left unfinished: who was not reached, and who was told to
/// come again, as long as no later day went on with it.
pub(super) async fn left_over(read: &mut AnyConnection, viewer: &Viewer, day: &Day) -> anyhow::Result<Vec<Visit>> {
    let since = day.on()?.saturating_sub(jiff::ToSpan::days(366));
    let mut sql = Sql::new(VISIT);
    sql.push("d.unit = ").bind(day.unit).push(" AND d.held_on < ").bind(day.held_on.clone());
    sql.push(" AND d.held_on >= ").bind(since.to_string());
    sql.push(" AND b.cancelled_at IS NULL AND b.erased_on IS NULL AND (r.result IS NULL OR r.result = 'continued')");
    sql.push(" AND NOT EXISTS (SELECT 1 FROM reception_booking n WHERE n.continues = b.id)");
    sight::push_recusal(&mut sql, viewer);
    sql.push(" ORDER BY d.held_on, b.queue").limit(100);
    let found = sql.fetch_all(&mut *read).await?;
    shown(read, viewer, day, found).await
}

/// One of the queue of a day, or of what is left over for it.
pub(super) async fn one(
    read: &mut AnyConnection,
    viewer: &Viewer,
    day: &Day,
    id: i64,
) -> anyhow::Result<Option<Visit>> {
    let mut sql = Sql::new(VISIT);
    sql.push("b.id = ").bind(id).push(" AND d.unit = ").bind(day.unit);
    sight::push_recusal(&mut sql, viewer);
    let found: Vec<Visit> = sql.fetch_all(&mut *read).await?;
    Ok(shown(read, viewer, day, found).await?.pop())
}

/// Names for those who may know them: whoever sees petitioners' names, and whoever receives them.
async fn shown(
    read: &mut AnyConnection,
    viewer: &Viewer,
    day: &Day,
    mut visits: Vec<Visit>,
) -> anyhow::Result<Vec<Visit>> {
    let receives = day.leader == Some(viewer.official);
    let about: Vec<i64> = visits.iter().filter_map(|visit| visit.petition).collect();
    let found = petitions::find_among(read, viewer, &about).await?;
    for visit in &mut visits {
        if !(receives || viewer.sees("petitioner.name")) {
            visit.mask();
        }
        if let Some(one) = found.iter().find(|one| Some(one.id) == visit.petition) {
            visit.number.clone_from(&one.number);
        }
    }
    Ok(visits)
}
