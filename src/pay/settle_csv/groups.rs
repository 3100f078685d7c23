//! The groups of a spreadsheet: each pair of unit and class once, numbered as they first come.

use super::names::{Names, Numbers, Pieces, mix};

/// Units and classes of the file.
#[derive(Default)]
pub(super) struct Groups {
    units: Names,
    classes: Names,
    /// The numbers of unit and class of each group.
    pairs: Vec<[u32; 2]>,
    numbers: Numbers,
    /// The group of the row before: rows of a group mostly follow one another.
    last: u32,
}

/// What is wrong with the name of a unit or class.
pub(super) struct BadName {
    pub is_class: bool,
    pub why: &'static str,
}

impl Groups {
    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The number of the group of `unit` and `class`.
    pub(super) fn of(&mut self, unit: &[u8], class: &[u8]) -> Result<u32, BadName> {
        let unit = self.units.number(unit).map_err(|why| BadName { is_class: false, why })?;
        let class = self.classes.number(class).map_err(|why| BadName { is_class: true, why })?;
        Ok(self.of_pair([unit, class]))
    }

    fn of_pair(&mut self, pair: [u32; 2]) -> u32 {
        if self.pairs.get(self.last as usize) != Some(&pair) {
            let found = self.numbers.find(hash(pair), |group| self.pairs[group as usize] == pair);
            self.last = found.unwrap_or_else(|free| {
                self.pairs.push(pair);
                self.numbers.push(free, |group| hash(self.pairs[group as usize]))
            });
        }
        self.last
    }

    /// Takes over the groups of the rows that follow and returns their numbers among these groups.
    pub(super) fn append(&mut self, after: &Self) -> Vec<u32> {
        let units = self.units.append(&after.units);
        let classes = self.classes.append(&after.classes);
        let pairs = after.pairs.iter();
        pairs.map(|&[unit, class]| self.of_pair([units[unit as usize], classes[class as usize]])).collect()
    }

    /// How the groups are written.
    pub(super) fn written(&self) -> Written<'_> {
        Written { units: self.units.written(), classes: self.classes.written(), pairs: &self.pairs }
    }
}

/// The fields of all groups as they are written.
pub(super) struct Written<'a> {
    units: Pieces,
    classes: Pieces,
    pairs: &'a [[u32; 2]],
}

impl Written<'_> {
    /// Appends the fields `unit,class,` of `group`.
    pub(super) fn push(&self, text: &mut Vec<u8>, group: u32) {
        let [unit, class] = self.pairs[group as usize];
        text.extend_from_slice(self.units.get(unit));
        text.extend_from_slice(self.classes.get(class));
    }
}

/// The classes of a unit, which follow one another, fall into the same line of the cache.
fn hash([unit, class]: [u32; 2]) -> u32 {
    let hash = mix(u64::from(unit), u64::from(class / 16));
    ((hash >> 32) as u32 & !15) | (class % 16)
}
