//! `/pay/simulations`: the form and the two sides; and the same as a spreadsheet.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::civil::Date;
use policy::{Month, Policy};
use serde_json::json;

use super::beside::{Beside, Without, beside};
use super::rules::{Comparison, Effect, Group, Pair, Person, Side};
use super::sheet;
use crate::accounts::Viewer;
use crate::chain::{self, Subject};
use crate::pay::ledger::{self, UnitChoice};
use crate::pay::scheme::rules::{self as scheme, Change, Setting, Typed, Wrong};
use crate::pay::scheme::{Fields, tidied};
use crate::pay::words::{self, month_words, signed, tone, yuan};
use crate::web::forms::url_encode;
use crate::web::{Access, App, Page, Query, Refusal, Rooms, Shell, html_with, minute};

pub(in crate::pay) fn rooms() -> Rooms {
    Rooms::new().get("/pay/simulations", Access::May("pay.simulate"), show).get(
        "/pay/simulations/sheet.xlsx",
        Access::May("pay.simulate"),
        export,
    )
}

/// How many months back somebody may look.
const MONTHS: i32 = 36;

/// The choice of every unit.
const ALL: &str = "all";

/// What was asked for and came out.
pub(super) struct Outcome {
    pub(super) month: Month,
    /// Which values differ from those that held: what, before, after.
    pub(super) changes: Vec<(String, String, String)>,
    pub(super) units: Vec<Beside>,
    /// Units that could not be reckoned, with the reason.
    pub(super) failed: Vec<(String, String)>,
    /// For the record.
    told: serde_json::Value,
    subject: i64,
}

/// Why nothing came out.
enum Nothing {
    /// Nothing was asked for yet.
    Unasked,
    /// A rule's refusal.
    Problem(String),
    /// What was typed is wrong.
    Wrong(Wrong),
}

/// A group or a person on the page: each side's text, with an arrow between them where they differ.
fn both(before: &str, after: &str) -> String {
    if before == after { before.to_owned() } else { format!("{before} → {after}") }
}

struct GroupLine {
    class: String,
    state: String,
    open: bool,
    members: String,
    pool: String,
    paid: String,
    spread: String,
}

impl GroupLine {
    fn of(pair: &Pair) -> Self {
        let text = |side: &Option<Group>, show: fn(&Group) -> String| side.as_ref().map_or("—".to_owned(), show);
        let two = |show: fn(&Group) -> String| both(&text(&pair.before, show), &text(&pair.after, show));
        Self {
            class: pair.class.clone(),
            state: two(|group| group.state_words().to_owned()),
            open: pair.after.as_ref().is_some_and(Group::is_open),
            members: two(|group| match group.returned {
                0 => group.members.to_string(),
                returned => format!("{} 另退回 {returned}", group.members),
            }),
            pool: two(|group| yuan(group.pool_fen)),
            paid: two(|group| group.paid_fen.map_or("待定".to_owned(), yuan)),
            spread: two(|group| group.spread_fen.map_or("—".to_owned(), yuan)),
        }
    }
}

struct PersonLine {
    name: String,
    number: String,
    classes: String,
    score: String,
    stake: String,
    share: String,
    delta: String,
    change: String,
    tone: &'static str,
    effect: &'static str,
}

impl PersonLine {
    fn of(person: &Person) -> Self {
        let text = |side: &Option<Side>, show: fn(&Side) -> String| side.as_ref().map_or("—".to_owned(), show);
        let two = |show: fn(&Side) -> String| both(&text(&person.before, show), &text(&person.after, show));
        let change = person.change_fen();
        Self {
            name: person.name.clone(),
            number: person.number.clone(),
            classes: two(|side| side.classes.join("、")),
            score: two(scores),
            stake: two(|side| yuan(side.stake_fen)),
            share: two(|side| side.share_fen.map_or("待定".to_owned(), yuan)),
            delta: two(|side| side.delta_fen().map_or("—".to_owned(), signed)),
            change: change.map_or("—".to_owned(), signed),
            tone: change.map_or("", tone),
            effect: person.effect().word(),
        }
    }
}

/// The scores of a side, one a class.
pub(super) fn scores(side: &Side) -> String {
    let scores: Vec<String> = side.scores.iter().map(|score| score.map_or("不计分".to_owned(), words::score)).collect();
    scores.join("、")
}

/// What all of it comes to.
struct Totals {
    gains: usize,
    loses: usize,
    same: usize,
    open: usize,
    moves: usize,
    staked: String,
    paid: String,
    forfeited: String,
    open_groups: String,
    conserved: bool,
}

impl Totals {
    fn of(all: &[&Comparison]) -> Self {
        let count = |effect| all.iter().map(|one| one.count(effect)).sum();
        let sums =
            |which: usize, of: fn(&super::rules::Sums) -> i64| yuan(all.iter().map(|one| of(&one.sums()[which])).sum());
        let two = |of: fn(&super::rules::Sums) -> i64| both(&sums(0, of), &sums(1, of));
        let open = all.iter().map(|one| one.open()).fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        Self {
            gains: count(Effect::Gains),
            loses: count(Effect::Loses),
            same: count(Effect::Same),
            open: count(Effect::Open),
            moves: count(Effect::Moves),
            staked: two(|sums| sums.staked),
            paid: two(|sums| sums.paid),
            forfeited: two(super::rules::Sums::forfeited),
            open_groups: both(&open.0.to_string(), &open.1.to_string()),
            conserved: all.iter().all(|one| one.conserved),
        }
    }
}

/// A unit of several.
struct UnitLine {
    id: i64,
    name: String,
    totals: Totals,
}

/// The two sides as the page shows them.
struct Shown {
    title: String,
    month: String,
    changes: Vec<(String, String, String)>,
    totals: Totals,
    units: Vec<UnitLine>,
    groups: Vec<GroupLine>,
    people: Vec<PersonLine>,
    run: Option<i64>,
    drifted: bool,
    failed: Vec<(String, String)>,
    looked_at: String,
}

#[derive(Template)]
#[template(path = "pay/simulation/page.html")]
struct SimulationPage {
    shell: Shell,
    units: Vec<UnitChoice>,
    months: Vec<Month>,
    /// The schemes by the day from which each holds, and in what tense.
    schemes: Vec<(Date, &'static str)>,
    fields: Fields,
    query: String,
    problem: Option<String>,
    shown: Option<Shown>,
}

impl SimulationPage {
    /// The query of this page for one of its units.
    fn query_of(&self, unit: &i64) -> String {
        let mut typed = self.fields.all().clone();
        typed.insert("unit".to_owned(), unit.to_string());
        query(&typed)
    }
}

/// Fields as a query string.
fn query(typed: &Typed) -> String {
    let classes = typed.contains_key("classes");
    let asks = |name: &str| match name {
        "unit" | "month" | "scheme" | "classes" => true,
        name if name.starts_with("class.") => classes,
        name => name.starts_with("pay."),
    };
    // An empty name of a class still says that the rows go on.
    let given = typed.iter().filter(|(name, text)| asks(name) && (!text.is_empty() || name.starts_with("class.")));
    let parts: Vec<String> = given.map(|(name, text)| format!("{}={}", url_encode(name), url_encode(text))).collect();
    parts.join("&")
}

async fn show(State(app): State<App>, viewer: Viewer, Query(typed): Query<Typed>) -> Page {
    let typed = tidied(typed);
    let units = units(&app, &viewer).await?;
    let outcome = ask(&app, &viewer, &units, &typed).await?;
    let (status, problem, wrong, outcome) = match outcome {
        Ok(outcome) => (StatusCode::OK, None, Wrong::new(), Some(outcome)),
        Err(Nothing::Unasked) => (StatusCode::OK, None, Wrong::new(), None),
        Err(Nothing::Problem(text)) => (StatusCode::UNPROCESSABLE_ENTITY, Some(text), Wrong::new(), None),
        Err(Nothing::Wrong(wrong)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Some("有填得不对的，请改正".to_owned()), wrong, None)
        }
    };
    if let Some(outcome) = &outcome {
        record(&app, &viewer, outcome, "pay_simulation.read").await?;
    }
    let today = app.today();
    let this = Month::of(today);
    let policy: &Policy = &app.policy;
    let days = scheme::days(policy);
    let current = days.iter().rev().find(|day| **day <= today).copied();
    let tense = |day: Date| match () {
        () if day > today => "将要施行",
        () if Some(day) == current => "现行",
        () => "以前的",
    };
    let mut schemes: Vec<(Date, &'static str)> = days.into_iter().map(|day| (day, tense(day))).collect();
    schemes.reverse();
    let page = SimulationPage {
        shell: Shell::new(&viewer, "pay"),
        units,
        months: (1..=MONTHS).map(|back| this.plus(-back)).collect(),
        schemes,
        query: query(&typed),
        fields: Fields::new(policy, today, typed, wrong),
        problem,
        shown: outcome.map(|outcome| shown(&app, outcome)),
    };
    html_with(status, &page)
}

fn shown(app: &App, outcome: Outcome) -> Shown {
    let all: Vec<&Comparison> = outcome.units.iter().map(|unit| &unit.found).collect();
    let totals = Totals::of(&all);
    let one = match outcome.units.as_slice() {
        [one] if outcome.subject != 0 => Some(one),
        _ => None,
    };
    let line = |unit: &Beside| UnitLine { id: unit.unit, name: unit.name.clone(), totals: Totals::of(&[&unit.found]) };
    Shown {
        title: one.map_or("全部单位".to_owned(), |one| one.name.clone()),
        month: month_words(outcome.month),
        totals,
        units: if one.is_some() { Vec::new() } else { outcome.units.iter().map(line).collect() },
        groups: one.map_or(Vec::new(), |one| one.found.groups.iter().map(GroupLine::of).collect()),
        people: one.map_or(Vec::new(), |one| one.found.people.iter().map(PersonLine::of).collect()),
        run: one.and_then(|one| one.run),
        drifted: outcome.units.iter().any(|unit| unit.drifted),
        changes: outcome.changes,
        failed: outcome.failed,
        looked_at: minute(app.now()),
    }
}

/// The units of which the viewer may find a settlement, to whoever sees amounts.
async fn units(app: &App, viewer: &Viewer) -> Result<Vec<UnitChoice>, Refusal> {
    if !viewer.sees("pay.amount") {
        return Err(Refusal::Forbidden);
    }
    let mut read = app.db.read().await?;
    Ok(ledger::units(&mut read, viewer).await?)
}

/// Reckons what was asked for.
async fn ask(
    app: &App,
    viewer: &Viewer,
    units: &[UnitChoice],
    typed: &Typed,
) -> Result<Result<Outcome, Nothing>, Refusal> {
    let field = |name: &str| typed.get(name).map_or("", String::as_str);
    let problem = |text: &str| Ok(Err(Nothing::Problem(text.to_owned())));
    if field("unit").is_empty() || field("month").is_empty() {
        return Ok(Err(Nothing::Unasked));
    }
    let this = Month::of(app.today());
    let month = field("month").parse::<Month>().ok().filter(|month| *month < this && *month >= this.plus(-MONTHS));
    let Some(month) = month else { return problem("请选择一个已经过完的月份") };
    let chosen: Vec<&UnitChoice> = match field("unit") {
        ALL => units.iter().collect(),
        id => units.iter().filter(|unit| unit.id.to_string() == id).collect(),
    };
    if chosen.is_empty() {
        return problem("请选择单位");
    }
    let policy: &Policy = &app.policy;
    let scheme = match field("scheme") {
        "" => None,
        day => match day.parse::<Date>().ok().filter(|day| scheme::days(policy).contains(day)) {
            Some(day) => Some(day),
            None => return problem("请选择方案"),
        },
    };
    let on = month.first_day();
    let (other, changes) = match other(policy, month, scheme, typed) {
        Ok(other) => other,
        Err(nothing) => return Ok(Err(nothing)),
    };
    let differs = differences(&scheme::settings(policy, on), &scheme::settings(&other, on), policy, &other, on);
    if differs.is_empty() {
        return problem("和当月施行的方案一样：选另一个方案，或者至少改一项");
    }
    let mut read = app.db.read().await?;
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for unit in &chosen {
        match beside(&mut read, viewer, unit, month, (policy, &other)).await {
            Ok(one) => found.push(one),
            Err(Without::Nobody) => {}
            Err(Without::Problem(why)) => failed.push((unit.name.clone(), why)),
            Err(Without::Refusal(refusal)) => return Err(refusal),
        }
    }
    drop(read);
    if found.is_empty() {
        return Ok(Err(Nothing::Problem(match failed.first() {
            Some((unit, why)) => format!("{unit}：{why}"),
            None => "当月没有由这次结算成组的人员".to_owned(),
        })));
    }
    let set: Vec<_> = changes.iter().map(|change| json!([change.key, change.text])).collect();
    Ok(Ok(Outcome {
        month,
        changes: differs,
        units: found,
        failed,
        told: json!({ "month": month, "scheme": scheme, "values": set }),
        subject: if field("unit") == ALL { 0 } else { chosen[0].id },
    }))
}

/// The values that the month is to be settled by, and what was typed of them.
fn other(policy: &Policy, month: Month, from: Option<Date>, typed: &Typed) -> Result<(Policy, Vec<Change>), Nothing> {
    let why = |why: policy::values::PolicyError| Nothing::Problem(why.to_string());
    let base = scheme::as_if(policy, month, from, &[]).map_err(why)?;
    let changes = scheme::changes(&base, month.first_day(), typed).map_err(Nothing::Wrong)?;
    let other = scheme::as_if(policy, month, from, &changes).map_err(why)?;
    Ok((other, changes))
}

/// What the other values say that those of the month do not: what, before, after.
fn differences(
    held: &[Setting],
    other: &[Setting],
    before: &Policy,
    after: &Policy,
    on: Date,
) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for one in other {
        let was = held.iter().find(|of| of.key == one.key).map_or("—", |of| of.value.as_str());
        if one.is_single() {
            if was != one.value {
                found.push((one.label.clone(), was.to_owned(), one.value.clone()));
            }
            continue;
        }
        let (was, would) = (scheme::class_rows(before, on), scheme::class_rows(after, on));
        if was != would {
            let text = |rows: &[scheme::ClassRow]| {
                let row = |row: &scheme::ClassRow| {
                    let posts = if row.posts.is_empty() { "其余干部" } else { &row.posts };
                    format!("{}（{posts}；{}；{}）", row.name, row.stake_words(), row.group_words())
                };
                rows.iter().map(row).collect::<Vec<_>>().join("，")
            };
            found.push((one.label.clone(), text(&was), text(&would)));
        }
    }
    found
}

/// That somebody looked, and at what: all that is written.
async fn record(app: &App, viewer: &Viewer, outcome: &Outcome, action: &'static str) -> Result<(), Refusal> {
    let mut write = app.db.write().await?;
    let subject = Subject("pay_simulation", outcome.subject);
    chain::record(&mut write, app, viewer.actor(), action, subject, &outcome.told).await?;
    Ok(write.commit().await?)
}

async fn export(State(app): State<App>, viewer: Viewer, Query(typed): Query<Typed>) -> Page {
    let units = units(&app, &viewer).await?;
    let Ok(outcome) = ask(&app, &viewer, &units, &tidied(typed)).await? else { return Err(Refusal::NotFound) };
    let bytes = sheet::sheet(&outcome)?;
    record(&app, &viewer, &outcome, "pay_simulation.exported").await?;
    let name = url_encode(&format!("绩酬试算-{}.xlsx", outcome.month));
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"pay.xlsx\"; filename*=UTF-8''{name}")),
    ];
    Ok((headers, bytes).into_response())
}
