//! The auditor's ledger: who did or saw what, and whether the chain holds.

use askama::Template;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::FromRow;

use crate::accounts::Viewer;
use crate::db::Sql;
use crate::petitions;
use crate::secrets::hex;
use crate::web::{Access, App, Page, Query, Rooms, Shell, html};

/// `/chain`.
pub fn rooms() -> Rooms {
    Rooms::new().get("/chain", Access::May("chain.list"), ledger)
}

const PAGE: usize = 50;

/// The petition that a record `r` tells of.
const PETITION: &str = "CASE r.subject_kind WHEN 'petition' THEN r.subject
        WHEN 'entry' THEN (SELECT y.petition FROM entry y WHERE y.id = r.subject)
        WHEN 'file' THEN (SELECT y.petition FROM file y WHERE y.id = r.subject)
        WHEN 'plan_item' THEN (SELECT y.petition FROM plan_item y WHERE y.id = r.subject)
        WHEN 'reception_booking' THEN (SELECT y.petition FROM reception_booking y WHERE y.id = r.subject) END";

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    before: String,
    official: String,
    subject: String,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    at: i64,
    who: String,
    post: String,
    action: String,
    subject_kind: String,
    subject: i64,
    seq: Option<i64>,
    hash: Option<Vec<u8>>,
}

impl Row {
    fn at(&self) -> String {
        Timestamp::from_millisecond(self.at).map_or_else(|_| String::new(), crate::web::minute)
    }
    fn hash(&self) -> String {
        self.hash.as_ref().map(|hash| hex(&hash[..6.min(hash.len())])).unwrap_or_default()
    }
    fn action(&self) -> &str {
        super::words::action(&self.action)
    }
    fn subject_kind(&self) -> &str {
        super::words::subject(&self.subject_kind)
    }
}

#[derive(Template)]
#[template(path = "chain/ledger.html")]
struct Ledger {
    shell: Shell,
    rows: Vec<Row>,
    official: String,
    subject: String,
    next: Option<i64>,
    links: i64,
    head: String,
    unsealed: i64,
}

async fn ledger(State(app): State<App>, viewer: Viewer, Query(filter): Query<Filter>) -> Page {
    let (official, subject) = (filter.official.trim().to_owned(), filter.subject.trim().to_owned());
    let mut sql = Sql::new(
        "SELECT r.id, r.at, COALESCE(o.name, '') AS who, COALESCE(u.name || ' ' || p.title, '') AS post, r.action,
                r.subject_kind, r.subject, l.seq, l.hash
           FROM chain_record r
           LEFT JOIN chain_link l ON l.record = r.id
           LEFT JOIN official o ON o.id = r.official
           LEFT JOIN appointment ap ON ap.id = r.appointment
           LEFT JOIN post p ON p.id = ap.post
           LEFT JOIN unit u ON u.id = p.unit
          WHERE 1 = 1",
    );
    if let Ok(before) = filter.before.parse::<i64>() {
        sql.push(" AND r.id < ").bind(before);
    }
    if !official.is_empty() {
        sql.push(" AND r.official IN (SELECT id FROM official WHERE name = ").bind(official.clone());
        sql.push(" OR number = ").bind(official.clone()).push(")");
    }
    if !subject.is_empty() {
        // A petition by its number, anything else by its id.
        sql.push(" AND ((r.subject_kind = 'petition' AND r.subject IN (SELECT id FROM petition WHERE number = ");
        sql.bind(subject.clone()).push(")) OR r.subject = ").bind(subject.parse::<i64>().unwrap_or(-1)).push(")");
    }
    // The auditor too is kept from a petition against the auditor or the auditor's unit, and from what is beside it.
    petitions::push_recusal(&mut sql, &viewer, PETITION);
    sql.push(" ORDER BY r.id DESC").limit(PAGE as i64 + 1);
    let mut read = app.db.read().await?;
    let mut rows: Vec<Row> = sql.fetch_all(&mut read).await?;
    let head: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM chain_link ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *read).await?;
    let (unsealed,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM chain_pending").fetch_one(&mut *read).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| row.id);
    let (links, head) = head.map_or((0, String::new()), |(seq, hash)| (seq, format!("sm3:{}", hex(&hash))));
    html(&Ledger { shell: Shell::new(&viewer, "chain"), rows, official, subject, next, links, head, unsealed })
}
