//! The bound cases (包案) of the last two years, of the county's and the townships' leaders: how many there are and how
//! many of them were resolved comes from `county/published.toml`.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use policy::Month;

use super::cases::{Case, Course, Tables};
use super::figures::figure;
use super::matters::MATTERS;
use super::share::choose;
use super::{COUNTY, County, FIRST_YEAR, SEED};
use crate::demo::random::Random;
use crate::petitions::rules;
use crate::rows::{Rows, row};

/// The quarters of the two years.
const QUARTERS: usize = 8;

/// Makes up the bound cases and what became of them.
pub(super) async fn bind(county: &mut County<'_>) -> anyhow::Result<()> {
    let figure = figure("bound");
    let count = usize::try_from(figure.of)?;
    let mut random = Random::of(SEED, "bound");
    let resolved = choose(&mut random, count, usize::try_from(figure.done.unwrap_or_default())?);
    // Each quarter what was found prominent is bound; what came at the end of the second year is bound in it.
    let mut days: Vec<Date> = Vec::with_capacity(count);
    for index in 0..count {
        let quarter = i32::try_from(index * QUARTERS / count)?;
        let first = Month::new(FIRST_YEAR, 1)?.plus(quarter * 3).first_day();
        let last = if index * QUARTERS / count + 1 == QUARTERS { 48 } else { 84 };
        let day = first.saturating_add(random.within(3, last).days());
        days.push(county.working_day(day, day.saturating_add(11.days())));
    }
    days.sort_unstable();
    let mut tables = Tables::new();
    let mut serials: BTreeMap<i16, i64> = BTreeMap::new();
    for (index, (day, resolved)) in days.into_iter().zip(resolved).enumerate() {
        let serial = serials.entry(day.year()).or_default();
        *serial += 1;
        let number = rules::number(day.year(), *serial);
        let case = case(county, &mut random, index, number);
        Course::new(county, &mut random, &mut tables, &case, day).run(resolved)?;
    }
    tables.store(county.app).await?;
    let mut series = Rows::new("number_series", "series, year, last");
    for (year, last) in serials {
        row!(series; "攸信", i64::from(year), last);
    }
    series.store(&county.app.db).await
}

/// What came, whose business it is, and who takes it upon himself.
fn case(county: &County<'_>, random: &mut Random, index: usize, number: String) -> Case {
    let matter = random.pick(&MATTERS);
    let village = random.pick(&county.villages).clone();
    let town = county.people.town(&village.parent);
    let unit = if matter.unit.is_empty() { town } else { county.people.unit(matter.unit) };
    let staff = &county.people.units[unit].staff;
    // A township has one who handles cases, a department several.
    let handler = if county.people.units[unit].kind == "township" { staff[4] } else { staff[3 + random.below(3)] };
    // Two of three stand on the county's list; its leaders take turns, and so do those of a township.
    let (place, chief, leader) = if random.chance(640) {
        let leaders = &county.people.units[county.people.unit("XLD")].staff;
        (COUNTY.to_owned(), leaders[0], leaders[1 + index % (leaders.len() - 1)])
    } else {
        let own = &county.people.units[town].staff;
        (village.parent.clone(), own[0], own[1 + index % 3])
    };
    let homes = random.within(6, 48);
    let fill = |text: &str, small: i64, yuan: i64| {
        text.replace("{v}", &village.name)
            .replace("{n}", &small.to_string())
            .replace("{h}", &homes.to_string())
            .replace("{y}", &yuan.to_string())
    };
    let (small, yuan) = (random.within(2, 9), random.within(12, 190) * 400);
    Case {
        number,
        matter,
        title: fill(matter.title, small, yuan),
        told: fill(matter.told, small, yuan),
        facts: fill(matter.facts, small, yuan),
        reply: fill(matter.reply, small, yuan),
        unresolved: fill(matter.unresolved, small, yuan),
        village,
        people: homes,
        unit,
        handler,
        place,
        chief,
        leader,
    }
}
