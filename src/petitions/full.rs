//! A petition with every column of the ledger: what a sheet says of it, on its way out and against one that comes in.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{AnyConnection, FromRow};

use super::columns::Column;
use super::rules::{Category, Channel, Manner, Outcome, Resolution, State, Theme, masked};
use super::sight;
use super::veil::veiled;
use crate::accounts::Viewer;
use crate::db::Sql;
use crate::web::{App, minute};

/// Rows of one look-up.
pub(super) const PAGE: usize = 500;

/// A petition as a sheet has it.
#[derive(Debug, FromRow)]
pub(super) struct Full {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) state_number: String,
    pub(super) state: String,
    channel: String,
    registered_at: i64,
    lead: String,
    people: i64,
    township: String,
    place: String,
    division: String,
    place_detail: String,
    title: String,
    content: String,
    theme: String,
    category: String,
    branch: i64,
    unit: String,
    due: String,
    bound: String,
    dispatched: String,
    accepted: String,
    notified: String,
    answered: String,
    outcome: String,
    served: String,
    manner: String,
    closed: String,
    resolution: String,
    organ: String,
    forwarded: String,
    /// Phone, address, names of the others, units to be kept from it.
    #[sqlx(skip)]
    people_of: [String; 4],
}

/// An acceptance counts as long as the petition is with the unit that accepted it.
const FULL: &str = "SELECT p.id, p.number, COALESCE(n.number, '') AS state_number, p.channel, p.registered_at, p.lead, p.people,
       COALESCE(t.name, '') AS township, COALESCE(v.name || ' ', '') || COALESCE(d.name, '') AS place, p.division,
       p.place_detail, p.title, p.content, p.theme, p.category, COALESCE(p.branch, 0) AS branch,
       COALESCE(u.name, '') AS unit, p.state,
       COALESCE((SELECT MIN(COALESCE(k.due_on, '9999')) FROM clock k WHERE k.petition = p.id AND k.stopped_on IS NULL
                    AND k.kind IN ('registration', 'notice', 'handling', 'review', 're-review')), '') AS due,
       COALESCE((SELECT MIN(b.due_on) FROM leader_binding b WHERE b.petition = p.id AND b.ended_on IS NULL), '') AS bound,
       COALESCE((SELECT MAX(s.dispatched_on) FROM assignment s
                  WHERE s.petition = p.id AND s.part = 'lead' AND s.ended_on IS NULL), '') AS dispatched,
       CASE WHEN p.state IN ('accepted', 'answered', 'closed') THEN COALESCE(a.accepted_on, '') ELSE '' END AS accepted,
       COALESCE((SELECT MAX(s.served_on) FROM service s WHERE s.petition = p.id AND s.paper = 'notice'), '') AS notified,
       COALESCE(o.issued_on, '') AS answered, COALESCE(o.outcome, '') AS outcome,
       COALESCE((SELECT MAX(s.served_on) FROM service s WHERE s.petition = p.id AND s.paper = 'opinion'), '') AS served,
       COALESCE((SELECT MIN(s.manner) FROM service s WHERE s.petition = p.id AND s.paper IN ('notice', 'opinion')), '') AS manner,
       COALESCE(c.closed_on, '') AS closed, COALESCE(c.resolution, '') AS resolution,
       COALESCE(f.organ, '') AS organ, COALESCE(f.forwarded_on, '') AS forwarded
  FROM petition p
  LEFT JOIN division d ON d.code = p.division
  LEFT JOIN division v ON v.code = d.parent AND d.kind = 'group'
  LEFT JOIN division t ON t.code = p.township AND t.code <> d.code
  LEFT JOIN unit u ON u.id = p.unit
  LEFT JOIN state_number n ON n.petition = p.id
  LEFT JOIN acceptance a ON a.petition = p.id
  LEFT JOIN opinion o ON o.petition = p.id
  LEFT JOIN closure c ON c.petition = p.id
  LEFT JOIN forwarding f ON f.petition = p.id
 WHERE p.id IN (";

#[derive(FromRow)]
struct Person {
    id: i64,
    petition: i64,
    position: i64,
    name: String,
    phone: Option<Vec<u8>>,
    address: String,
}

/// Petitions by id as far as this viewer finds and sees them, in the order of the ids; at most [`PAGE`] of them.
pub(super) async fn of(read: &mut AnyConnection, app: &App, viewer: &Viewer, ids: &[i64]) -> anyhow::Result<Vec<Full>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql = Sql::new(FULL);
    push_ids(&mut sql, ids);
    sight::push(&mut sql, viewer);
    let mut rows: HashMap<i64, Full> =
        sql.fetch_all::<Full>(&mut *read).await?.into_iter().map(|row| (row.id, row)).collect();
    let mut sql = Sql::new("SELECT id, petition, position, name, phone, address FROM petitioner WHERE petition IN (");
    push_ids(&mut sql, ids);
    sql.push(" ORDER BY petition, position");
    let persons: Vec<Person> = sql.fetch_all(&mut *read).await?;
    let mut sql =
        Sql::new("SELECT x.petition, u.name FROM recusal x JOIN unit u ON u.id = x.unit WHERE x.petition IN (");
    push_ids(&mut sql, ids);
    sql.push(" ORDER BY x.petition, u.name");
    let kept_from: Vec<(i64, String)> = sql.fetch_all(read).await?;
    let mut names: HashMap<i64, Vec<String>> = HashMap::new();
    for person in persons {
        let Some(row) = rows.get_mut(&person.petition) else { continue };
        names.entry(person.petition).or_default().push(person.name.clone());
        row.take_in(app, viewer, person)?;
    }
    for (petition, unit) in kept_from {
        if let Some(row) = rows.get_mut(&petition) {
            add(&mut row.people_of[3], &unit);
        }
    }
    if !viewer.sees("petitioner.name") {
        for (id, row) in &mut rows {
            let hidden = names.remove(id).unwrap_or_default();
            if !row.lead.is_empty() {
                row.lead = masked(&row.lead);
            }
            for text in [&mut row.title, &mut row.content, &mut row.place_detail] {
                *text = veiled(text, &hidden);
            }
        }
    }
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

fn push_ids(sql: &mut Sql, ids: &[i64]) {
    for (index, id) in ids.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " }).bind(*id);
    }
    sql.push(")");
}

fn add(list: &mut String, name: &str) {
    if !list.is_empty() {
        list.push('、');
    }
    list.push_str(name);
}

impl Full {
    /// A person behind it, as far as the viewer sees: the first one's phone and address, the others' names.
    fn take_in(&mut self, app: &App, viewer: &Viewer, person: Person) -> anyhow::Result<()> {
        let sees_name = viewer.sees("petitioner.name");
        if person.position > 1 {
            let name = if sees_name { person.name } else { masked(&person.name) };
            add(&mut self.people_of[2], &name);
            return Ok(());
        }
        self.people_of[0] = match person.phone {
            Some(sealed) if viewer.sees("petitioner.phone") => {
                app.keys.decrypt(&sealed, &format!("petitioner.phone/{}", person.id))?
            }
            Some(_) => "●●●".to_owned(),
            None => String::new(),
        };
        self.people_of[1] =
            if sees_name || person.address.is_empty() { person.address } else { "●●●".to_owned() };
        Ok(())
    }

    /// What stands in a column: days as 2026-11-02, the time of receipt as 2026-11-02 09:00.
    pub(super) fn text(&self, column: Column) -> String {
        let [phone, address, others, against] = &self.people_of;
        match column {
            Column::Number => self.number.clone(),
            Column::StateNumber => self.state_number.clone(),
            Column::Channel => Channel::from_word(&self.channel).map_or("", Channel::label).to_owned(),
            Column::Received => Timestamp::from_millisecond(self.registered_at).map(minute).unwrap_or_default(),
            Column::Lead if self.lead.is_empty() => "匿名".to_owned(),
            Column::Lead => self.lead.clone(),
            Column::Phone => phone.clone(),
            Column::Address => address.clone(),
            Column::Others => others.clone(),
            Column::People => self.people.to_string(),
            Column::Township => self.township.clone(),
            Column::Place => self.place.clone(),
            Column::Division => self.division.clone(),
            Column::Detail => self.place_detail.clone(),
            Column::Title => self.title.clone(),
            Column::Content => self.content.clone(),
            Column::Theme => Theme::from_word(&self.theme).map_or("", Theme::label).to_owned(),
            Column::Category => Category::from_word(&self.category).map_or("", Category::label).to_owned(),
            Column::Branch if self.branch == 0 => String::new(),
            Column::Branch => self.branch.to_string(),
            Column::Against => against.clone(),
            Column::Unit => self.unit.clone(),
            Column::State => State::from_word(&self.state).map_or("", State::label).to_owned(),
            // A due day that is not known yet has no day.
            Column::Due if self.due == "9999" => String::new(),
            Column::Due => self.due.clone(),
            Column::Bound => self.bound.clone(),
            Column::Dispatched => self.dispatched.clone(),
            Column::Accepted => self.accepted.clone(),
            Column::Notified => self.notified.clone(),
            Column::Answered => self.answered.clone(),
            Column::Outcome => Outcome::from_word(&self.outcome).map_or("", Outcome::label).to_owned(),
            Column::Served => self.served.clone(),
            Column::Manner => Manner::from_word(&self.manner).map_or("", Manner::label).to_owned(),
            Column::Closed => self.closed.clone(),
            Column::Resolution => Resolution::from_word(&self.resolution).map_or("", Resolution::label).to_owned(),
            Column::Organ => self.organ.clone(),
            Column::Forwarded => self.forwarded.clone(),
        }
    }
}
