//! Writing what a sheet brought in: every table once, the numbers of a year in one block.

use jiff::civil::Date;
use serde_json::json;
use sqlx::AnyConnection;

use super::brought::{Ready, instant, words};
use super::columns::Column;
use super::rules::{self, State};
use crate::chain::{self, Actor, Subject};
use crate::divisions;
use crate::rows::{Rows, row};
use crate::secrets::Purpose;
use crate::web::App;

/// What stands in place of texts that lie in the old file.
const IN_THE_FILE: &str = "见原卷（从表格导入，本系统没有正文）";

/// The tables, in the order in which one row may refer to another.
struct Tables {
    petitions: Rows,
    petitioners: Rows,
    recusals: Rows,
    origins: Rows,
    numbers: Rows,
    unpaired: Rows,
    clocks: Rows,
    assignments: Rows,
    forwardings: Rows,
    acceptances: Rows,
    services: Rows,
    opinions: Rows,
    closures: Rows,
    /// What the chain keeps of it.
    records: Option<[Rows; 2]>,
}

impl Tables {
    fn new() -> Self {
        Self {
            petitions: Rows::new(
                "petition",
                "id, number, registered_on, registered_at, registered_by, channel, title, content, theme, division,
                 township, place_detail, people, anonymous, lead, category, branch, state, unit, received_by, version",
            ),
            petitioners: Rows::new("petitioner", "id, petition, position, name, phone, phone_key, address"),
            recusals: Rows::new("recusal", "id, petition, unit, reason, recorded_at, recorded_by"),
            origins: Rows::new("petition_origin", "petition, run, row_key, brought_at, brought_by"),
            numbers: Rows::new("state_number", "petition, number, recorded_at, recorded_by"),
            unpaired: Rows::new("petition_unpaired", "petition"),
            clocks: Rows::new("clock", "id, petition, kind, runs_from, due_on, provisional, stopped_on"),
            assignments: Rows::new("assignment", "id, petition, unit, part, dispatched_on, dispatched_by, instruction"),
            forwardings: Rows::new("forwarding", "petition, organ, letter, forwarded_on, forwarded_by"),
            acceptances: Rows::new("acceptance", "petition, accepted_on, accepted_by, path"),
            services: Rows::new(
                "service",
                "id, petition, paper, served_on, manner, signed_by, recorded_by, recorded_at",
            ),
            opinions: Rows::new("opinion", "petition, outcome, request, facts, basis, reply, issued_on, written_by"),
            closures: Rows::new("closure", "petition, resolution, closed_on, closed_by"),
            records: None,
        }
    }

    fn all(&mut self) -> [&mut Rows; 13] {
        [
            &mut self.petitions,
            &mut self.petitioners,
            &mut self.recusals,
            &mut self.origins,
            &mut self.numbers,
            &mut self.unpaired,
            &mut self.clocks,
            &mut self.assignments,
            &mut self.forwardings,
            &mut self.acceptances,
            &mut self.services,
            &mut self.opinions,
            &mut self.closures,
        ]
    }
}

/// Writes matters, which stand in the order in which they came in, and national numbers of matters that were here.
pub(super) async fn write(
    write: &mut AnyConnection,
    app: &App,
    actor: Actor,
    run: i64,
    matters: &[Ready],
    numbers: &[(i64, String)],
    unit: &(dyn Fn(&str) -> Option<i64> + Send + Sync),
) -> anyhow::Result<()> {
    let mut tables = Tables::new();
    let mut at = 0;
    while at < matters.len() {
        let year = matters[at].at.year();
        let of_year = matters[at..].iter().take_while(|matter| matter.at.year() == year).count();
        let (last,): (i64,) = sqlx::query_as(
            "INSERT INTO number_series (series, year, last) VALUES ('攸信', $1, $2)
             ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + excluded.last RETURNING last",
        )
        .bind(i64::from(year))
        .bind(i64::try_from(of_year)?)
        .fetch_one(&mut *write)
        .await?;
        let first = last - i64::try_from(of_year)? + 1;
        for (serial, matter) in (first..).zip(&matters[at..at + of_year]) {
            fill(&mut tables, app, actor, run, matter, &rules::number(year, serial), unit)?;
        }
        at += of_year;
    }
    let (now, by) = (app.now().as_millisecond(), actor.official.unwrap_or_default());
    for (petition, number) in numbers {
        row!(tables.numbers; *petition, number.clone(), now, by);
        let content = json!({ "number": number, "was": null });
        record(&mut tables, app, actor, "petition.state_numbered", *petition, &content)?;
    }
    for rows in tables.all() {
        rows.write(&mut *write).await?;
    }
    for mut rows in tables.records.into_iter().flatten() {
        rows.write(&mut *write).await?;
    }
    Ok(())
}

fn record(
    tables: &mut Tables,
    app: &App,
    actor: Actor,
    action: &'static str,
    petition: i64,
    content: &serde_json::Value,
) -> anyhow::Result<()> {
    let ([record, contents], _) = chain::rows(app, actor, action, Subject("petition", petition), content)?;
    match &mut tables.records {
        Some([records, rest]) => {
            records.append(record);
            rest.append(contents);
        }
        none => *none = Some([record, contents]),
    }
    Ok(())
}

/// The rows of one matter. Whoever brings it in stands for what the sheet does not name: who dispatched, accepted,
/// wrote and closed is in the old file.
fn fill(
    tables: &mut Tables,
    app: &App,
    actor: Actor,
    run: i64,
    matter: &Ready,
    number: &str,
    unit: &(dyn Fn(&str) -> Option<i64> + Send + Sync),
) -> anyhow::Result<()> {
    let (id, now, by) = (app.id(), app.now().as_millisecond(), actor.official.unwrap_or_default());
    let says = |column: Column| matter.says(column);
    let told = &matter.told;
    let (channel, theme) = words(matter);
    let lead = if told.anonymous { String::new() } else { says(Column::Lead) };
    let (division, content) = (says(Column::Division), says(Column::Content));
    let people: i64 = says(Column::People).parse()?;
    row!(tables.petitions;
        id, number.to_owned(), told.received, instant(matter.at), by, channel, says(Column::Title), content.clone(),
        theme, division.clone(), divisions::township_of(&division).to_owned(), says(Column::Detail), people,
        told.anonymous, lead.clone(), told.category.word(), told.branch, matter.course.state.word(),
        matter.course.unit, told.receiver, 1_i64,
    );
    let others = says(Column::Others);
    let names = [lead.as_str()].into_iter().chain(others.split('、')).filter(|name| !name.is_empty());
    for (position, name) in (1_i64..).zip(names) {
        let person = app.id();
        let (phone, address) =
            if position == 1 { (says(Column::Phone), says(Column::Address)) } else { (String::new(), String::new()) };
        let given = !phone.is_empty();
        row!(tables.petitioners;
            person, id, position, name.to_owned(),
            given.then(|| app.keys.encrypt(&phone, &format!("petitioner.phone/{person}"))),
            given.then(|| app.keys.keyed(Purpose::Phone, &phone)), address,
        );
    }
    for name in says(Column::Against).split('、').filter(|name| !name.is_empty()) {
        row!(tables.recusals; app.id(), id, unit(name), "complained_of", now, by);
    }
    row!(tables.unpaired; id);
    row!(tables.origins; id, run, matter.key.clone(), now, by);
    if !says(Column::StateNumber).is_empty() {
        row!(tables.numbers; id, says(Column::StateNumber), now, by);
    }
    for (ran, due, provisional) in &matter.due {
        row!(tables.clocks; app.id(), id, ran.clock.id(), ran.from, *due, *provisional, ran.stopped);
    }
    acts(tables, app, matter, id, by);
    let dates: serde_json::Map<String, serde_json::Value> = super::brought::columns()
        .filter(|column| column.cell() == super::columns::Cell::Day && !says(*column).is_empty())
        .map(|column| (column.word().to_owned(), json!(says(column))))
        .collect();
    let content = json!({
        "content": content, "days": dates, "division": division, "number": number, "people": people,
        "petitioners": [lead, others], "received": says(Column::Received), "state": matter.course.state.word(),
        "title": says(Column::Title),
    });
    record(tables, app, actor, "petition.brought", id, &content)
}

/// The rows of what was done about it.
fn acts(tables: &mut Tables, app: &App, matter: &Ready, id: i64, by: i64) {
    let (told, now) = (&matter.told, app.now().as_millisecond());
    if let (Some(on), Some(unit)) = (told.dispatched, told.unit) {
        row!(tables.assignments; app.id(), id, unit, "lead", on, by, String::new());
    }
    if let Some(on) = told.forwarded {
        row!(tables.forwardings; id, told.organ.clone(), IN_THE_FILE, on, by);
    }
    if let Some(on) = told.accepted {
        row!(tables.acceptances; id, on, by, IN_THE_FILE);
    }
    if let (Some(on), Some(outcome)) = (told.answered, told.outcome) {
        row!(tables.opinions;
            id, outcome.word(), matter.says(Column::Content), IN_THE_FILE, String::new(), outcome.label(), on, by);
    }
    let papers: [(&'static str, Option<Date>); 2] = [("notice", told.notified), ("opinion", told.served)];
    for (paper, on) in papers {
        if let (Some(on), Some(manner)) = (on, told.manner) {
            row!(tables.services; app.id(), id, paper, on, manner.word(), String::new(), by, now);
        }
    }
    if let (Some(on), Some(resolution), State::Closed) = (told.closed, told.resolution, matter.course.state) {
        row!(tables.closures; id, resolution.word(), on, by);
    }
}
