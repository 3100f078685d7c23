//! Villages as they are, with invented groups and households below them.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::history::{instant, moment};
use super::names;
use super::random::Random;
use crate::divisions::initials;
use crate::rows::{Rows, row};
use crate::web::App;

/// The day from which the county's records hold.
pub(super) const SINCE: &str = "2019-01-01";

/// A village or community.
#[derive(Debug)]
pub(super) struct Village {
    /// Twelve digits.
    pub(super) code: String,
    pub(super) name: String,
    /// Code of its township, street or park.
    pub(super) town: String,
    /// How many groups it has.
    pub(super) groups: usize,
    /// Its households stand together.
    pub(super) households: std::ops::Range<usize>,
}

impl Village {
    /// The code of a group, counted from 1.
    pub(super) fn group(&self, number: usize) -> String {
        format!("{}{number:02}", self.code)
    }
}

/// A household as the year needs it.
#[derive(Debug)]
pub(super) struct Household {
    pub(super) id: i64,
    pub(super) head: String,
    pub(super) village: usize,
    pub(super) group: usize,
}

/// Every village with its groups and `total` households, written as they are made.
pub(super) async fn settle(app: &App, seed: u64, total: usize) -> anyhow::Result<(Vec<Village>, Vec<Household>)> {
    let mut read = app.db.read().await?;
    let mut villages = villages(&mut read).await?;
    drop(read);
    let mut random = Random::of(seed, "places");
    let mut groups = Rows::new("division", "code, parent, name, initials, kind, valid_from");
    for village in &mut villages {
        village.groups = usize::try_from(random.within(8, 20))?;
        for number in 1..=village.groups {
            let name = format!("{number}组");
            row!(groups; village.group(number), village.code.clone(), name.clone(), initials(&name), "group", SINCE);
        }
    }
    groups.store(&app.db).await?;

    let sizes = sizes(&mut random, villages.len(), total);
    let ids = app.ids.past();
    let made = instant(moment("2024-01-01".parse()?, 9 * 60));
    let mut rows = Rows::new("household", "id, division, village, number, head, people, phone, valid_from");
    let mut households = Vec::with_capacity(total);
    for (index, (village, size)) in villages.iter_mut().zip(sizes).enumerate() {
        let first = households.len();
        for serial in 1..=size {
            // Groups fill in turn, so that none stays empty while another has two.
            let group = (serial - 1) % village.groups + 1;
            let home = household(app, &mut random, &mut rows, ids.next(made), village, group, serial);
            households.push(Household { village: index, ..home });
        }
        village.households = first..households.len();
        if rows.len() >= 20_000 {
            rows.store(&app.db).await?;
        }
    }
    rows.store(&app.db).await?;
    Ok((villages, households))
}

fn household(
    app: &App,
    random: &mut Random,
    rows: &mut Rows,
    id: i64,
    village: &Village,
    group: usize,
    serial: usize,
) -> Household {
    let head = names::person(random, 170);
    let people = *random.weighed(&[(1_i64, 8), (2, 22), (3, 24), (4, 22), (5, 14), (6, 8), (7, 2)]);
    // A third have told their number: enough to show the field, and a third of the cost of encrypting.
    let phone = random.chance(330).then(|| app.keys.encrypt(&names::phone(random), &format!("household.phone/{id}")));
    let number = format!("0{}{}{serial:04}", &village.code[6..9], &village.code[9..12]);
    row!(rows; id, village.group(group), village.code.clone(), number, head.clone(), people, phone, SINCE);
    Household { id, head, village: 0, group }
}

/// How the households are spread: some villages have three times as many as others, none is empty.
fn sizes(random: &mut Random, villages: usize, total: usize) -> Vec<usize> {
    let weights: Vec<usize> = (0..villages).map(|_| random.below(120) + 60).collect();
    let sum: usize = weights.iter().sum();
    let mut sizes: Vec<usize> = weights.iter().map(|weight| total * weight / sum).collect();
    let left = total - sizes.iter().sum::<usize>();
    for size in sizes.iter_mut().take(left) {
        *size += 1;
    }
    sizes
}

async fn villages(read: &mut AnyConnection) -> anyhow::Result<Vec<Village>> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT code, name, parent FROM division WHERE kind IN ('village', 'community') ORDER BY code")
            .fetch_all(read)
            .await?;
    Ok(rows.into_iter().map(|(code, name, town)| Village { code, name, town, groups: 0, households: 0..0 }).collect())
}

/// The instant from which the past of a table's ids begins.
pub(super) fn beginning() -> Timestamp {
    instant(moment(jiff::civil::Date::constant(2024, 1, 1), 8 * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_household_lands_in_a_village() {
        let mut random = Random::of(1, "sizes");
        for total in [10, 300, 20_000] {
            assert_eq!(sizes(&mut random, 299, total).iter().sum::<usize>(), total);
        }
        assert!(sizes(&mut random, 299, 20_000).iter().all(|size| *size > 20));
    }
}
