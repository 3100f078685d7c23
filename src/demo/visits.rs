//! A year of visits, meetings and errands: what was written once, and what it counted for.

use std::collections::HashSet;

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;

use super::World;
use super::history::{instant, moment};
use super::random::Random;
use super::sayings::{AWAY, DONE, NOBODY, REFUSED, SAID};
use crate::chain::Subject;
use crate::rows::{Rows, row};

/// An entry before it has its place in time.
#[derive(Debug)]
pub(super) struct Draft {
    /// When it was written down.
    pub(super) at: i64,
    pub(super) day: Date,
    pub(super) kind: &'static str,
    pub(super) by: usize,
    pub(super) division: String,
    pub(super) household: Option<usize>,
    pub(super) result: Option<&'static str>,
    pub(super) petition: Option<i64>,
    pub(super) duty: Option<&'static str>,
    pub(super) content: String,
}

/// Villages where nobody has been for sixty days.
const QUIET: [&str; 4] = ["430223119205", "430223109213", "430223124225", "430223106228"];

/// Makes up the year's visits, village by village.
pub(super) fn visit(world: &mut World) {
    let mut random = Random::of(world.seed, "visits");
    let yesterday = world.today.saturating_sub(1.day());
    let new_year = world.today.first_of_year();
    let a_year_ago = world.today.saturating_sub(1.year());
    for index in 0..world.villages.len() {
        let quiet = QUIET.contains(&world.villages[index].code.as_str()) || random.chance(6);
        let last = if quiet { world.today.saturating_sub(random.within(63, 110).days()) } else { yesterday };
        // Of a hundred households, how many are seen in a whole year: villages differ widely.
        let seen = if world.villages[index].code == super::VILLAGE {
            800
        } else if quiet {
            420
        } else {
            *random.weighed(&[(990, 30), (940, 30), (860, 20), (740, 12), (560, 8)])
        };
        let span = |from: Date, to: Date| usize::try_from((to - from).get_days()).unwrap_or(0);
        let so_far = seen * span(new_year, last) / 365;
        rounds(world, &mut random, index, (new_year, last), so_far + so_far / 12);
        rounds(world, &mut random, index, (a_year_ago, new_year.saturating_sub(1.day())), seen / 9);
        for _ in 0..random.within(2, 5) {
            other(world, &mut random, index, (a_year_ago, last));
        }
    }
}

/// Working days of a village's visits and the households seen on them; `permille` of all, of whom most are met.
fn rounds(world: &mut World, random: &mut Random, index: usize, (from, to): (Date, Date), permille: usize) {
    if from >= to {
        return;
    }
    let homes = world.villages[index].households.clone();
    // Somebody goes out and sees about seven households in a morning.
    let days: Vec<Date> = (0..(homes.len() * permille.min(1_000) / 7_000).max(1))
        .map(|_| world.working_day(from.saturating_add(random.within(0, span_days(from, to)).days()), to))
        .collect();
    // Where people go at all they were lately; where they do not, `to` lies two months back.
    let mut days = days;
    days.push(world.working_day(to.saturating_sub(random.within(0, 40).days()).max(from), to));
    for home in homes {
        if !random.chance(permille.min(990)) {
            continue;
        }
        let day = *random.pick(&days);
        let by = visitor(world, random, index);
        let result = *random.weighed(&[("met", 840), ("away", 90), ("nobody_home", 55), ("refused", 15)]);
        draft(world, random, home, by, day, result);
        // Who was not met is tried again; some who were met are seen again.
        let again = day.saturating_add(random.within(6, 40).days());
        if again <= to && random.chance(if result == "met" { 90 } else { 600 }) {
            let by = visitor(world, random, index);
            let again = world.working_day(again, to);
            draft(world, random, home, by, again, "met");
        }
    }
}

fn span_days(from: Date, to: Date) -> i64 {
    i64::from((to - from).get_days())
}

fn visitor(world: &World, random: &mut Random, village: usize) -> usize {
    let here = &world.people.assigned[village];
    if world.villages[village].code == super::VILLAGE && random.chance(600) {
        return world.people.cast("cun");
    }
    // The township's own official does most of it, a department's helper the rest.
    if here.len() > 1 && random.chance(200) { here[1] } else { here[0] }
}

fn draft(world: &mut World, random: &mut Random, home: usize, by: usize, day: Date, result: &'static str) {
    let text = match result {
        "met" if random.chance(520) => *random.pick(&SAID),
        "away" => *random.pick(&AWAY),
        "nobody_home" => *random.pick(&NOBODY),
        "refused" => *random.pick(&REFUSED),
        _ => "",
    };
    let household = &world.households[home];
    let village = &world.villages[household.village];
    let content = fill(random, text, village.groups);
    let division = village.group(household.group);
    world.entries.push(Draft {
        at: moment(day, random.within(8 * 60 + 20, 18 * 60)),
        day,
        kind: "visit",
        by,
        division,
        household: Some(home),
        result: Some(result),
        petition: None,
        duty: None,
        content,
    });
}

fn other(world: &mut World, random: &mut Random, village: usize, (from, to): (Date, Date)) {
    if from >= to {
        return;
    }
    let day = world.working_day(from.saturating_add(random.within(0, span_days(from, to)).days()), to);
    let (kind, text) = *random.pick(&DONE);
    let by = visitor(world, random, village);
    let content = fill(random, text, world.villages[village].groups);
    world.entries.push(Draft {
        at: moment(day, random.within(9 * 60, 18 * 60)),
        day,
        kind,
        by,
        division: world.villages[village].code.clone(),
        household: None,
        result: None,
        petition: None,
        duty: None,
        content,
    });
}

fn fill(random: &mut Random, text: &str, groups: usize) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    text.replace("{n}", &random.within(2, 9).to_string())
        .replace("{g}", &format!("{}组", random.within(1, groups as i64)))
        .replace("{y}", &(random.within(8, 60) * 500).to_string())
}

/// How long a note of what people said holds.
const NOTE_DAYS: i64 = 180;

/// Writes every entry in the order of time, with the duty that it fulfilled and the note that it is.
pub(super) async fn store(world: &mut World<'_>) -> anyhow::Result<()> {
    let mut drafts = std::mem::take(&mut world.entries);
    drafts.sort_by_key(|draft| draft.at);
    let db = &world.app.db;
    let mut entries = Rows::new(
        "entry",
        "id, kind, happened_on, recorded_at, recorded_by, appointment, division, household, result, petition, duty, content",
    );
    let mut duties = Rows::new("duty_fulfilment", "duty, subject, period, village, entry, fulfilled_on");
    let mut notes = Rows::new("note", "id, entry, official, division, content, noted_on, expires_on");
    let (entry_ids, note_ids) = (world.app.ids.past(), world.app.ids.past());
    let mut met: HashSet<(usize, i16)> = HashSet::new();
    for draft in drafts {
        let id = entry_ids.next(instant(draft.at));
        let by = &world.people.officials[draft.by];
        let household = draft.household.map(|home| world.households[home].id);
        let content = json!({
            "content": draft.content, "division": draft.division, "happened_on": draft.day.to_string(),
            "household": household, "kind": draft.kind, "petition": draft.petition, "result": draft.result,
        });
        world.history.add(draft.at, Some(by), "entry.recorded", Subject("entry", id), &content);
        if let (Some(home), "visit", Some("met")) = (draft.household, draft.kind, draft.result)
            && met.insert((home, draft.day.year()))
        {
            let village = world.villages[world.households[home].village].code.clone();
            row!(duties; "B2", world.households[home].id, draft.day.year().to_string(), village, id, draft.day);
        }
        if draft.kind == "visit" && !draft.content.is_empty() {
            let expires = draft.day.saturating_add(NOTE_DAYS.days());
            row!(notes; note_ids.next(instant(draft.at)), id, by.id, draft.division.clone(), draft.content.clone(),
                 draft.day, expires);
        }
        row!(entries; id, draft.kind, draft.day, draft.at, by.id, by.appointment, draft.division, household,
             draft.result.map(str::to_owned), draft.petition, draft.duty.map(str::to_owned), draft.content);
        if entries.len() >= 20_000 {
            for rows in [&mut entries, &mut duties, &mut notes] {
                rows.store(db).await?;
            }
        }
    }
    for rows in [&mut entries, &mut duties, &mut notes] {
        rows.store(db).await?;
    }
    Ok(())
}
