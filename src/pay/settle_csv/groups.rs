//! The groups of a spreadsheet: each pair of unit and class once, numbered as they first come.

use super::text::push_field;

/// Units and classes of the file.
pub(super) struct Groups {
    /// `unit,class,` of all groups as it will be written.
    fields: Pieces,
    /// Unit and class of all groups as they were read, with a byte between that no UTF-8 holds.
    keys: Pieces,
    /// Open addressing; its length is a power of two.
    slots: Vec<Slot>,
    /// The group of the row before: rows of a group mostly follow one another.
    last: u32,
}

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    /// A group's number plus one, 0 while the slot is free.
    group: u32,
}

const BETWEEN: u8 = 0xff;
const FREE: Slot = Slot { hash: 0, group: 0 };

/// What is wrong with the name of a unit or class.
pub(super) struct BadName {
    pub is_class: bool,
    pub why: &'static str,
}

impl Groups {
    pub(super) fn new() -> Self {
        Self { fields: Pieces::default(), keys: Pieces::default(), slots: vec![FREE; 1_024], last: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// The fields `unit,class,` of `group`, quoted where they need it.
    pub(super) fn fields(&self, group: u32) -> &[u8] {
        self.fields.get(group as usize)
    }

    /// The number of the group of `unit` and `class`.
    pub(super) fn of(&mut self, unit: &[u8], class: &[u8]) -> Result<u32, BadName> {
        if self.is(self.last, unit, class) {
            return Ok(self.last);
        }
        let hash = hash(unit) ^ hash(class).rotate_left(16);
        let mut slot = hash as usize & (self.slots.len() - 1);
        while self.slots[slot].group != 0 {
            let Slot { hash: known, group } = self.slots[slot];
            if known == hash && self.is(group - 1, unit, class) {
                self.last = group - 1;
                return Ok(self.last);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        for (is_class, name) in [(false, unit), (true, class)] {
            if name.is_empty() {
                return Err(BadName { is_class, why: "没有填" });
            }
            if std::str::from_utf8(name).is_err() {
                return Err(BadName { is_class, why: "不是 UTF-8 编码" });
            }
        }
        // The rows are fewer than 2^32, and each brings one group at most.
        let group = u32::try_from(self.len()).expect("fewer groups than rows");
        self.keys.push(|text| {
            text.extend_from_slice(unit);
            text.push(BETWEEN);
            text.extend_from_slice(class);
        });
        self.fields.push(|text| {
            for name in [unit, class] {
                push_field(text, name);
                text.push(b',');
            }
        });
        self.slots[slot] = Slot { hash, group: group + 1 };
        if self.len() * 2 > self.slots.len() {
            self.grow();
        }
        self.last = group;
        Ok(group)
    }

    fn is(&self, group: u32, unit: &[u8], class: &[u8]) -> bool {
        let group = group as usize;
        group < self.len() && {
            let key = self.keys.get(group);
            key.len() == unit.len() + 1 + class.len()
                && key[unit.len()] == BETWEEN
                && key.starts_with(unit)
                && key.ends_with(class)
        }
    }

    fn grow(&mut self) {
        let wider = vec![FREE; self.slots.len() * 8];
        for old in std::mem::replace(&mut self.slots, wider) {
            if old.group != 0 {
                let mut slot = old.hash as usize & (self.slots.len() - 1);
                while self.slots[slot].group != 0 {
                    slot = (slot + 1) & (self.slots.len() - 1);
                }
                self.slots[slot] = old;
            }
        }
    }
}

/// Byte strings, one after the other.
#[derive(Default)]
struct Pieces {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Pieces {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, n: usize) -> &[u8] {
        let begin = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.text[begin..self.ends[n]]
    }

    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }
}

/// A quick hash. Somebody who builds a file against it slows down nothing but the settling of that file.
pub(super) fn hash(bytes: &[u8]) -> u32 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(ODD);
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = mix(hash, u64::from_le_bytes(last));
    // The high bits of a product are the mixed ones.
    (hash >> 32) as u32
}
