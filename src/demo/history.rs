//! What happened, gathered while the county is made up and linked into the chain in the order of time.

use jiff::Timestamp;
use jiff::civil::Date;

use super::people::Official;
use crate::chain::{Actor, Past, Subject};
use crate::rows::{Rows, row};
use crate::web::App;

/// Milliseconds since 1970 of a minute of a day in China.
pub(super) fn moment(day: Date, minute: i64) -> i64 {
    const OFFSET: i64 = 8 * 60;
    let days = i64::from((day - Date::constant(1970, 1, 1)).get_days());
    (days * 24 * 60 + minute - OFFSET) * 60_000
}

/// The instant of a moment.
pub(super) fn instant(moment: i64) -> Timestamp {
    Timestamp::from_millisecond(moment).expect("a year of this century")
}

/// The acts of the invented past, in any order.
#[derive(Default)]
pub(super) struct History(Vec<Past>);

impl History {
    /// Adds an act of an official, or of a villager.
    pub(super) fn add(
        &mut self,
        at: i64,
        by: Option<&Official>,
        action: &'static str,
        subject: Subject,
        content: &serde_json::Value,
    ) {
        let actor = by.map_or(Actor::NOBODY, |by| Actor { official: Some(by.id), appointment: Some(by.appointment) });
        self.0.push(Past { at, actor, action, subject, content: content.to_string() });
    }

    /// Links everything, oldest first, and gives the number of links.
    pub(super) async fn store(mut self, app: &App) -> anyhow::Result<usize> {
        self.0.sort_by_key(|act| act.at);
        let ids = app.ids.past();
        let mut records =
            Rows::new("chain_record", "id, at, official, appointment, action, subject_kind, subject, commitment");
        let mut contents = Rows::new("chain_content", "record, salt, content");
        let mut links = Rows::new("chain_link", "seq, record, hash");
        let mut before: Vec<u8> = Vec::new();
        let count = self.0.len();
        for (seq, act) in (1_i64..).zip(self.0) {
            let id = ids.next(instant(act.at));
            let sealed = act.seal(id, &before);
            row!(records; id, act.at, act.actor.official, act.actor.appointment, act.action, act.subject.0,
                 act.subject.1, sealed.commitment.to_vec());
            row!(contents; id, sealed.salt.to_vec(), act.content);
            row!(links; seq, id, sealed.hash.to_vec());
            before = sealed.hash.to_vec();
            if records.len() >= 20_000 {
                for rows in [&mut records, &mut contents, &mut links] {
                    rows.store(&app.db).await?;
                }
            }
        }
        for rows in [&mut records, &mut contents, &mut links] {
            rows.store(&app.db).await?;
        }
        // They are linked already; the queue takes in whatever is recorded.
        let mut write = app.db.write().await?;
        sqlx::query("DELETE FROM chain_pending").execute(&mut *write).await?;
        write.commit().await?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_in_the_morning_in_china_is_one_in_greenwich() {
        let at = instant(moment(Date::constant(2026, 11, 2), 9 * 60));
        assert_eq!(at.to_string(), "2026-11-02T01:00:00Z");
        assert_eq!(crate::web::date_of(at), Date::constant(2026, 11, 2));
    }
}
