//! The published calendar as an iCalendar feed (RFC 5545): whole days, so that no time zone has to be told.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::days::{DAY, Day, county_hours};
use crate::db::Sql;
use crate::web::{Access, App, Page, Query, Rooms};

pub(super) fn rooms() -> Rooms {
    Rooms::new().get("/receptions/calendar.ics", Access::Public, feed)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// One unit by its code; empty: all.
    unit: String,
}

async fn feed(State(app): State<App>, Query(asked): Query<Asked>) -> Page {
    let today = app.today();
    let mut sql = Sql::new(DAY);
    sql.push(" AND d.held_on >= ").bind(today.saturating_sub(62.days()).to_string());
    if !asked.unit.trim().is_empty() {
        sql.push(" AND u.code = ").bind(asked.unit.trim().to_owned());
    }
    sql.push(" ORDER BY d.held_on, u.kind, u.code").limit(5_000);
    let mut read = app.db.read().await?;
    let days: Vec<Day> = sql.fetch_all(&mut read).await?;
    drop(read);
    let text = calendar(&days, &county_hours(&app, today))?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "inline; filename=\"receptions.ics\""),
        // What is public may be kept for an hour by whoever subscribes.
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    Ok((headers, text).into_response())
}

/// The whole calendar.
fn calendar(days: &[Day], hours: &str) -> anyhow::Result<String> {
    let mut text = String::new();
    line(&mut text, "BEGIN:VCALENDAR");
    line(&mut text, "VERSION:2.0");
    line(&mut text, "PRODID:-//Youzhi//Receptions//ZH");
    line(&mut text, "METHOD:PUBLISH");
    line(&mut text, &format!("X-WR-CALNAME:{}", escaped("领导接访日")));
    for day in days {
        event(&mut text, day, hours)?;
    }
    line(&mut text, "END:VCALENDAR");
    Ok(text)
}

fn event(text: &mut String, day: &Day, hours: &str) -> anyhow::Result<()> {
    let on = day.on()?;
    let changed = Timestamp::from_millisecond(day.changed_at)?.strftime("%Y%m%dT%H%M%SZ").to_string();
    let basic = |date: Date| date.strftime("%Y%m%d").to_string();
    let mut told = vec![format!("接访领导：{}", day.receiver()), format!("时间：{}", day.hours(hours))];
    if !day.phone.is_empty() {
        told.push(format!("电话：{}", day.phone));
    }
    if day.provisional == 1 {
        told.push("放假安排尚未公布，这一天是暂定的".to_owned());
    }
    line(text, "BEGIN:VEVENT");
    // Unit and month are what a day is, whatever day it falls on.
    line(text, &format!("UID:{}-{}@receptions.youzhi", escaped(&day.unit_code), day.month));
    line(text, &format!("DTSTAMP:{changed}"));
    line(text, &format!("LAST-MODIFIED:{changed}"));
    line(text, &format!("SEQUENCE:{}", day.sequence));
    line(text, &format!("DTSTART;VALUE=DATE:{}", basic(on)));
    line(text, &format!("DTEND;VALUE=DATE:{}", basic(on.tomorrow()?)));
    line(text, &format!("SUMMARY:{}", escaped(&format!("{}接访日", day.unit_name))));
    line(text, &format!("LOCATION:{}", escaped(&day.place())));
    line(text, &format!("DESCRIPTION:{}", escaped(&told.join("\n"))));
    line(text, if day.provisional == 1 { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" });
    line(text, "TRANSP:TRANSPARENT");
    line(text, "END:VEVENT");
    Ok(())
}

/// A text as RFC 5545, 3.3.11 writes it.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
        escaped
    })
}

/// The longest line in octets, without its end (RFC 5545, 3.1).
const OCTETS: usize = 75;

/// Adds a content line, folded between characters.
fn line(text: &mut String, content: &str) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > OCTETS {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_at_75_octets_and_unfold_to_what_they_were() {
        let long = format!("DESCRIPTION:{}", "接访".repeat(60));
        let mut text = String::new();
        line(&mut text, &long);
        assert!(text.ends_with("\r\n") && text.lines().all(|line| line.len() <= 75));
        assert!(text.lines().count() > 4);
        assert_eq!(text.replace("\r\n ", "").trim_end(), long);
    }

    #[test]
    fn commas_semicolons_and_line_ends_are_escaped() {
        assert_eq!(escaped("甲,乙;丙\\丁\n戊"), "甲\\,乙\\;丙\\\\丁\\n戊");
    }
}
