//! 接访登记簿: a view of what was written down, with its filter, and as an Excel file.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use sqlx::{AnyConnection, FromRow};

use super::days::default_place;
use super::rules::{Outcome, Sex};
use super::sight;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::db::Sql;
use crate::divisions;
use crate::petitions::rules::{is_phone, masked};
use crate::petitions::{self, UnitChoice, units};
use crate::secrets::Purpose;
use crate::web::{Access, App, Page, Query, Rooms, Shell, forms, html};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/reception-days/register", Access::May("receptions.list"), register)
}

const PAGE: usize = 50;

/// The register's address as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filter {
    pub(super) year: String,
    pub(super) month: String,
    pub(super) unit: String,
    pub(super) result: String,
    /// First two characters of a name, or a phone.
    pub(super) q: String,
    /// Id of the last row of the page before.
    pub(super) before: String,
}

impl Filter {
    pub(super) fn is_narrowed(&self) -> bool {
        [&self.year, &self.month, &self.unit, &self.result, &self.q].iter().any(|typed| !typed.trim().is_empty())
    }
    /// As a query string, without its place in the order.
    pub(super) fn address(&self) -> String {
        let fields = [
            ("year", &self.year),
            ("month", &self.month),
            ("unit", &self.unit),
            ("result", &self.result),
            ("q", &self.q),
        ];
        let given = fields.iter().filter(|(_, typed)| !typed.trim().is_empty());
        given.map(|(name, typed)| format!("{name}={}", forms::url_encode(typed.trim()))).collect::<Vec<_>>().join("&")
    }
}

/// A line of the register.
#[derive(Debug, FromRow)]
pub(super) struct Line {
    pub(super) id: i64,
    booking: i64,
    pub(super) held_on: String,
    pub(super) day: i64,
    pub(super) unit: String,
    pub(super) place: String,
    pub(super) queue: i64,
    pub(super) name: String,
    sex: String,
    pub(super) age: Option<i64>,
    phone: Option<Vec<u8>>,
    pub(super) address: String,
    pub(super) people: i64,
    pub(super) matter: String,
    leader: i64,
    pub(super) leader_name: String,
    pub(super) post: String,
    result: String,
    pub(super) answer: String,
    pub(super) urgent: i64,
    pub(super) bound: i64,
    pub(super) petition: Option<i64>,
    /// In clear, for those who may see it.
    #[sqlx(skip)]
    pub(super) contact: String,
    /// Number of the petition, where the viewer finds it.
    #[sqlx(skip)]
    pub(super) number: String,
}

impl Line {
    pub(super) fn sex(&self) -> &'static str {
        Sex::from_word(&self.sex).map_or("", Sex::label)
    }
    pub(super) fn result(&self) -> &'static str {
        Outcome::from_word(&self.result).map_or("", Outcome::label)
    }
    pub(super) fn who(&self) -> &str {
        if self.name.is_empty() { "未留姓名" } else { &self.name }
    }
    /// As somebody sees it who may not know the person.
    fn mask(&mut self) {
        self.address.clear();
        if !self.name.is_empty() {
            let hidden = masked(&self.name);
            self.matter = self.matter.replace(&self.name, &hidden);
            self.answer = self.answer.replace(&self.name, &hidden);
            self.name = hidden;
        }
    }
    /// 女，56 岁.
    fn about(&self) -> String {
        let age = self.age.map(|age| format!("{age} 岁"));
        [Some(self.sex().to_owned()).filter(|sex| !sex.is_empty()), age]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("，")
    }
    /// 紧急；集体（12 人）.
    pub(super) fn remarks(&self) -> String {
        let group = (self.people > 5).then(|| format!("集体（{} 人）", self.people));
        let urgent = (self.urgent == 1).then(|| "紧急".to_owned());
        let bound = (self.bound == 1).then(|| "已包案".to_owned());
        [urgent, group, bound].into_iter().flatten().collect::<Vec<_>>().join("；")
    }
}

/// A page of lines, newest first, and whether there are more.
pub(super) async fn lines(
    read: &mut AnyConnection,
    app: &App,
    viewer: &Viewer,
    filter: &Filter,
    size: usize,
) -> anyhow::Result<(Vec<Line>, bool)> {
    let mut sql = Sql::new(
        "SELECT r.id, b.id AS booking, d.held_on, d.id AS day, u.name AS unit, COALESCE(s.place, '') AS place, b.queue,
                b.name, b.sex, b.age, b.phone, b.address, b.people, b.matter, r.leader, f.name AS leader_name, r.post,
                r.result, r.answer, r.urgent, r.bound, b.petition
           FROM reception r
           JOIN reception_booking b ON b.id = r.booking
           JOIN reception_day d ON d.id = b.day
           JOIN unit u ON u.id = d.unit
           JOIN official f ON f.id = r.leader
           LEFT JOIN reception_site s ON s.unit = d.unit
          WHERE 1 = 1",
    );
    sight::push(&mut sql, viewer);
    sight::push_recusal(&mut sql, viewer);
    narrow(&mut sql, app, viewer, filter);
    if let Ok(before) = filter.before.trim().parse::<i64>() {
        sql.push(" AND r.id < ").bind(before);
    }
    sql.push(" ORDER BY r.id DESC").limit(i64::try_from(size)? + 1);
    let mut lines: Vec<Line> = sql.fetch_all(&mut *read).await?;
    let more = lines.len() > size;
    lines.truncate(size);
    let about: Vec<i64> = lines.iter().filter_map(|line| line.petition).collect();
    let found = petitions::find_among(read, viewer, &about).await?;
    for line in &mut lines {
        if let Some(one) = found.iter().find(|one| Some(one.id) == line.petition) {
            line.number.clone_from(&one.number);
        }
        if line.place.is_empty() {
            line.place = default_place(&line.unit);
        }
        let receives = line.leader == viewer.official;
        if !(receives || viewer.sees("petitioner.name")) {
            line.mask();
        }
        if let Some(sealed) = line.phone.take().filter(|_| viewer.sees("petitioner.phone")) {
            line.contact = app.keys.decrypt(&sealed, &format!("reception_booking.phone/{}", line.booking))?;
        }
    }
    Ok((lines, more))
}

fn narrow(sql: &mut Sql, app: &App, viewer: &Viewer, filter: &Filter) {
    if let Some(year) = filter.year.trim().parse::<i16>().ok().filter(|year| (1_000..=9_999).contains(year)) {
        sql.push(" AND d.held_on >= ").bind(format!("{year}-01-01"));
        sql.push(" AND d.held_on <= ").bind(format!("{year}-12-31"));
    }
    if let Ok(month) = filter.month.trim().parse::<policy::Month>() {
        sql.push(" AND d.month = ").bind(month.to_string());
    }
    if !filter.unit.trim().is_empty() {
        sql.push(" AND d.unit = ").bind(filter.unit.trim().parse::<i64>().unwrap_or_default());
    }
    if !filter.result.trim().is_empty() {
        sql.push(" AND r.result = ").bind(filter.result.trim().to_owned());
    }
    let q = forms::half_width(&forms::tidy(&filter.q));
    // Whoever sees names and phones masked does not find by them either.
    if q.is_empty() {
    } else if is_phone(&q) && viewer.sees("petitioner.phone") {
        let digits: String = q.chars().filter(char::is_ascii_digit).collect();
        sql.push(" AND b.phone_key = ").bind(app.keys.keyed(Purpose::Phone, &digits));
    } else if q.chars().count() >= 2 && viewer.sees("petitioner.name") {
        sql.push(" AND b.name >= ").bind(q.clone()).push(" AND b.name < ").bind(divisions::end_of_text(&q));
    } else {
        sql.push(" AND 1 = 0");
    }
}

#[derive(Template)]
#[template(path = "receptions/register.html")]
struct RegisterPage {
    shell: Shell,
    filter: Filter,
    lines: Vec<Line>,
    next: Option<i64>,
    units: Vec<UnitChoice>,
    export: Option<String>,
    today: Date,
}

impl RegisterPage {
    fn years(&self) -> Vec<i16> {
        (0..5).map(|back| self.today.year() - back).collect()
    }
    fn on(&self, line: &Line) -> String {
        line.held_on.parse().map_or_else(|_| line.held_on.clone(), |on| crate::web::day(on, self.today))
    }
}

async fn register(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let mut read = app.db.read().await?;
    let (lines, more) = lines(&mut read, &app, &viewer, &filter, PAGE).await?;
    let units = if sight::runs_a_place(&viewer) { units(&mut read).await? } else { Vec::new() };
    drop(read);
    if !lines.is_empty() {
        let mut write = app.db.write().await?;
        let subject = Subject("receptions", viewer.place.parse()?);
        chain::record_reading(&mut write, &app, viewer.actor(), "receptions.read", subject).await?;
        write.commit().await?;
    }
    html(&RegisterPage {
        next: lines.last().filter(|_| more).map(|line| line.id),
        export: viewer.may("receptions.export").then(|| format!("/reception-days/register.xlsx?{}", filter.address())),
        lines,
        units,
        filter,
        today: app.today(),
        shell: Shell::new(&viewer, "receptions"),
    })
}
