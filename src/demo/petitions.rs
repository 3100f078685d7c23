//! The year's petitions: when each came in, what it was about, and who stands behind it. What became of it is in
//! [`super::course`].

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Clock;
use serde_json::json;

use super::World;
use super::course::{Course, Ending};
use super::history::{instant, moment};
use super::matters::{MATTERS, Matter};
use super::names;
use super::people::Rank;
use super::random::Random;
use crate::chain::Subject;
use crate::petitions::rules;
use crate::rows::{Rows, row};
use crate::secrets::{Purpose, code_normal, code_text};
use crate::web::App;

/// The tables of the room, in the order in which one row may refer to another.
pub(super) struct Tables {
    pub(super) petitions: Rows,
    pub(super) petitioners: Rows,
    pub(super) receipts: Rows,
    pub(super) recusals: Rows,
    pub(super) clocks: Rows,
    pub(super) assignments: Rows,
    pub(super) objections: Rows,
    pub(super) forwardings: Rows,
    pub(super) acceptances: Rows,
    pub(super) services: Rows,
    pub(super) extensions: Rows,
    pub(super) opinions: Rows,
    pub(super) acknowledgments: Rows,
    pub(super) call_backs: Rows,
    pub(super) closures: Rows,
    pub(super) ratings: Rows,
    pub(super) supplements: Rows,
    pub(super) bindings: Rows,
    pub(super) executions: Rows,
    pub(super) execution_reports: Rows,
    pub(super) reviews: Rows,
    pub(super) review_opinions: Rows,
    pub(super) review_services: Rows,
    /// The last number of a review in each year.
    pub(super) review_numbers: BTreeMap<i16, i64>,
    state_numbers: Rows,
}

impl Tables {
    fn new() -> Self {
        Self {
            petitions: Rows::new(
                "petition",
                "id, number, registered_on, registered_at, registered_by, channel, title, content, theme, division, \
                 township, place_detail, people, anonymous, lead, category, branch, state, unit, handler, version",
            ),
            petitioners: Rows::new("petitioner", "id, petition, position, name, phone, phone_key, identity, address"),
            receipts: Rows::new("receipt", "petition, code_key"),
            recusals: Rows::new("recusal", "id, petition, unit, official, reason, recorded_at, recorded_by"),
            clocks: Rows::new("clock", "id, petition, kind, runs_from, extension, due_on, provisional, stopped_on"),
            assignments: Rows::new(
                "assignment",
                "id, petition, unit, part, dispatched_on, dispatched_by, instruction, ended_on",
            ),
            objections: Rows::new("objection", "assignment, petition, reason, raised_on, raised_by"),
            forwardings: Rows::new("forwarding", "petition, organ, letter, forwarded_on, forwarded_by"),
            acceptances: Rows::new("acceptance", "petition, accepted_on, accepted_by, path"),
            services: Rows::new("service", "id, petition, paper, served_on, manner, signed_by, recorded_by"),
            extensions: Rows::new("extension", "petition, days, reason, asked_by, consented_by, consented_on"),
            opinions: Rows::new("opinion", "petition, outcome, request, facts, basis, reply, issued_on, written_by"),
            acknowledgments: Rows::new("acknowledgment", "petition, given_on, recorded_by"),
            call_backs: Rows::new("call_back", "id, petition, called_on, reached, content, called_by"),
            closures: Rows::new("closure", "petition, resolution, closed_on, closed_by"),
            ratings: Rows::new("rating", "petition, score, content, rated_on, recorded_by"),
            supplements: Rows::new("supplement", "id, petition, content, added_at"),
            executions: Rows::new("execution", "petition, since, done_on"),
            execution_reports: Rows::new(
                "execution_report",
                "id, petition, content, is_done, reported_on, reported_by",
            ),
            reviews: Rows::new(
                "review",
                "id, petition, stage, round, number, unit, organ, reason, asked_on, recorded_by, version",
            ),
            review_opinions: Rows::new("review_opinion", "review, verdict, facts, basis, reply, issued_on, written_by"),
            review_services: Rows::new(
                "review_service",
                "review, served_on, manner, signed_by, recorded_by, recorded_at",
            ),
            review_numbers: BTreeMap::new(),
            bindings: Rows::new(
                "leader_binding",
                "id, petition, leader, quarter, due_on, bound_on, bound_by, ended_on",
            ),
            state_numbers: Rows::new("state_number", "petition, number, recorded_at, recorded_by"),
        }
    }

    async fn store(&mut self, app: &App) -> anyhow::Result<()> {
        for rows in [
            &mut self.petitions,
            &mut self.petitioners,
            &mut self.receipts,
            &mut self.recusals,
            &mut self.clocks,
            &mut self.assignments,
            &mut self.objections,
            &mut self.forwardings,
            &mut self.acceptances,
            &mut self.services,
            &mut self.extensions,
            &mut self.opinions,
            &mut self.acknowledgments,
            &mut self.call_backs,
            &mut self.closures,
            &mut self.ratings,
            &mut self.supplements,
            &mut self.bindings,
            &mut self.executions,
            &mut self.execution_reports,
            &mut self.reviews,
            &mut self.review_opinions,
            &mut self.review_services,
            &mut self.state_numbers,
        ] {
            rows.store(&app.db).await?;
        }
        Ok(())
    }
}

/// A petition as it was told.
pub(super) struct Told {
    pub(super) id: i64,
    pub(super) number: String,
    pub(super) at: i64,
    pub(super) day: Date,
    pub(super) matter: &'static Matter,
    pub(super) title: String,
    /// What `{v}`, `{g}` and the other places of its texts stand for.
    pub(super) blanks: [(&'static str, String); 6],
    pub(super) village: usize,
    pub(super) division: String,
    pub(super) people: i64,
    pub(super) lead: String,
    pub(super) by: Option<usize>,
}

impl Told {
    /// A text with its blanks filled in.
    pub(super) fn fill(&self, text: &str) -> String {
        self.blanks.iter().fold(text.to_owned(), |text, (blank, value)| text.replace(blank, value))
    }
}

/// The receipt code of a petition of the demo. Like every code it follows from the county's keys and is kept nowhere.
pub(super) fn code(app: &App, number: &str) -> String {
    let mac = app.keys.keyed(Purpose::ReceiptCode, &format!("demo {number}"));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&mac[..10]);
    code_text(&bytes)
}

/// Petitions that a visitor may follow with a code: number, code and title, one of each state worth seeing.
pub async fn codes(app: &App) -> anyhow::Result<Vec<(String, String, String)>> {
    let mut read = app.db.read().await?;
    let mut shown = Vec::new();
    for state in ["accepted", "answered", "closed"] {
        let newest: Option<(String, String)> = sqlx::query_as(
            "SELECT number, title FROM petition WHERE state = $1 AND anonymous = 0 AND registered_by IS NULL
              ORDER BY id DESC LIMIT 1",
        )
        .bind(state)
        .fetch_optional(&mut *read)
        .await?;
        shown.extend(newest.map(|(number, title)| (number.clone(), code(app, &number), title)));
    }
    Ok(shown)
}

/// Makes up the year's petitions and what became of them.
pub(super) async fn tell(world: &mut World<'_>) -> anyhow::Result<()> {
    let mut random = Random::of(world.seed, "petitions");
    let count = (world.households.len() * 6 / 100).clamp(60, 6_000);
    let yesterday = world.today.saturating_sub(1.day());
    let a_year_ago = world.today.saturating_sub(1.year());
    let span = i64::from((yesterday - a_year_ago).get_days());
    let mut moments: Vec<(i64, Date, bool)> = (0..count)
        .map(|_| {
            let day = a_year_ago.saturating_add(random.within(0, span).days());
            // The window keeps hours; the public page does not.
            if random.chance(270) {
                (moment(day, random.within(7 * 60, 22 * 60)), day, true)
            } else {
                let day = world.working_day(day, yesterday);
                (moment(day, random.within(8 * 60 + 30, 17 * 60)), day, false)
            }
        })
        .collect();
    moments.sort_unstable();
    let mut tables = Tables::new();
    let ids = world.app.ids.past();
    let other_ids = world.app.ids.past();
    let mut series: Vec<(i16, i64)> = Vec::new();
    // One at least lies in the office past its fifteen days, however few there are.
    let lying = moments.iter().rposition(|(_, day, _)| *day <= world.today.saturating_sub(30.days()));
    for (place, (at, day, web)) in moments.into_iter().enumerate() {
        let serial = match series.last_mut() {
            Some((year, last)) if *year == day.year() => {
                *last += 1;
                *last
            }
            _ => {
                series.push((day.year(), 1));
                1
            }
        };
        let number = rules::number(day.year(), serial);
        let told = told(world, &mut random, ids.next(instant(at)), number, (at, day), web);
        let anonymous = persons(world, &mut random, &mut tables, &other_ids, &told);
        let code = code_normal(&code(world.app, &told.number)).expect("our own code is well formed");
        row!(tables.receipts; told.id, world.app.keys.keyed(Purpose::Receipt, &code));
        let content = json!({
            "content": told.fill(told.matter.told), "division": told.division, "people": told.people, "title": told.title,
        });
        let by = told.by.map(|by| world.people.officials[by].clone());
        world.history.add(at, by.as_ref(), "petition.registered", Subject("petition", told.id), &content);
        // Some came through the national system; the letters say that the number is invented.
        if let Some(by) = by.as_ref().filter(|_| serial % 6 == 0) {
            let number = format!("YS{}{serial:06}", day.year());
            let content = json!({ "number": number, "was": null });
            world.history.add(at, Some(by), "petition.state_numbered", Subject("petition", told.id), &content);
            row!(tables.state_numbers; told.id, number, told.at, by.id);
        }
        let mut course = Course::new(world, &mut random, &mut tables, &other_ids, &told, anonymous, yesterday);
        course.start(Clock::Registration);
        if lying == Some(place) {
            course.recuse();
        } else {
            course.live();
        }
        let ending = course.end()?;
        petition(world, &mut random, &mut tables, &told, anonymous, web, &ending);
        if tables.petitions.len() >= 2_000 {
            tables.store(world.app).await?;
        }
    }
    tables.store(world.app).await?;
    let mut rows = Rows::new("number_series", "series, year, last");
    for (year, last) in series {
        row!(rows; "攸信", i64::from(year), last);
    }
    for (year, last) in std::mem::take(&mut tables.review_numbers) {
        row!(rows; "攸复查", i64::from(year), last);
    }
    rows.store(&world.app.db).await
}

fn told(world: &World, random: &mut Random, id: i64, number: String, (at, day): (i64, Date), web: bool) -> Told {
    let matter = random.pick(&MATTERS);
    let village = random.below(world.villages.len());
    let place = &world.villages[village];
    let group = 1 + random.below(place.groups);
    let joint = matches!(matter.theme, "mining" | "enterprise" | "works" | "housing") && random.chance(180);
    let people = match () {
        () if joint => random.within(6, 68),
        () if random.chance(140) => random.within(2, 5),
        () => 1,
    };
    let homes = if people > 1 { people } else { random.within(2, 14) };
    let blanks = [
        ("{v}", place.name.clone()),
        ("{g}", format!("{group}组")),
        ("{n}", random.within(2, 9).to_string()),
        ("{h}", homes.to_string()),
        ("{m}", random.within(3, 11).to_string()),
        ("{y}", (random.within(9, 180) * 400).to_string()),
    ];
    let office = world.people.unit("XFJ");
    let by = (!web).then(|| match random.below(10) {
        0..4 => world.people.cast("xinfang"),
        4..7 => world.people.cast("xinfang2"),
        _ => {
            let staff: Vec<usize> =
                world.people.of(office, Rank::Staff).into_iter().filter(|one| !world.is_officer(*one)).collect();
            *random.pick(&staff)
        }
    });
    let mut told = Told {
        id,
        number,
        at,
        day,
        matter,
        title: String::new(),
        blanks,
        village,
        division: place.group(group),
        people,
        lead: lead(world, random, village),
        by,
    };
    told.title = told.fill(matter.title);
    told
}

/// Mostly the head of one of the village's households.
fn lead(world: &World, random: &mut Random, village: usize) -> String {
    let homes = world.villages[village].households.clone();
    if homes.is_empty() || random.chance(300) {
        return names::person(random, 250);
    }
    world.households[homes.start + random.below(homes.len())].head.clone()
}

/// Writes the persons behind it; true where nobody gave a name.
fn persons(world: &World, random: &mut Random, tables: &mut Tables, ids: &crate::ids::Ids, told: &Told) -> bool {
    if told.people == 1 && random.chance(if told.matter.branch == 9 { 350 } else { 25 }) {
        return true;
    }
    let home = &world.villages[told.village];
    let representatives = match told.people {
        1 => 1,
        2..=5 => random.within(1, 2),
        _ => random.within(2, 5),
    };
    for position in 1..=representatives {
        let id = ids.next(instant(told.at));
        let name = if position == 1 { told.lead.clone() } else { names::person(random, 250) };
        let phone = names::phone(random);
        let sealed = world.app.keys.encrypt(&phone, &format!("petitioner.phone/{id}"));
        let address = format!("{}{}", home.name, told.blanks[1].1);
        row!(tables.petitioners; id, told.id, position, name, Some(sealed),
             Some(world.app.keys.keyed(Purpose::Phone, &phone)), None::<Vec<u8>>, address);
    }
    false
}

fn petition(
    world: &World,
    random: &mut Random,
    tables: &mut Tables,
    told: &Told,
    anonymous: bool,
    web: bool,
    ending: &Ending,
) {
    let channel = match () {
        () if web => "web",
        () if told.people > 5 => "visit",
        () => *random.weighed(&[("visit", 60), ("call", 22), ("letter", 16), ("fax", 2)]),
    };
    let place = &world.villages[told.village];
    let lead = if anonymous { String::new() } else { told.lead.clone() };
    let detail = *random.pick(&["", "", "", "村部往东约两百米", "小学旁边", "公路边", "老屋场", "河边"]);
    row!(tables.petitions; told.id, told.number.clone(), told.day, told.at,
         told.by.map(|by| world.people.officials[by].id), channel, told.title.clone(), told.fill(told.matter.told),
         told.matter.theme, told.division.clone(), place.town.clone(), detail, told.people, anonymous, lead,
         ending.category, ending.branch, ending.state, ending.unit, ending.handler, ending.version);
}
