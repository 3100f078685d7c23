//! Names that come again and again, each kept once and numbered as they first come.

use super::text::push_field;

/// Byte strings, one after the other.
#[derive(Default)]
pub(super) struct Pieces {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Pieces {
    fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, n: u32) -> &[u8] {
        let n = n as usize;
        let begin = if n == 0 { 0 } else { self.ends[n - 1] };
        &self.text[begin..self.ends[n]]
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..).take(self.len()).map(|n| self.get(n))
    }

    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }
}

/// The names of one column.
#[derive(Default)]
pub(super) struct Names {
    names: Pieces,
    numbers: Numbers,
    /// The name of the row before: rows of a unit mostly follow one another.
    last: u32,
}

impl Names {
    /// The number of `name`, or what is wrong with it.
    pub(super) fn number(&mut self, name: &[u8]) -> Result<u32, &'static str> {
        let is = |number| self.names.get(number) == name;
        if self.names.len() > 0 && is(self.last) {
            return Ok(self.last);
        }
        let hash = hash(name);
        self.last = match self.numbers.find(hash, is) {
            Ok(number) => number,
            Err(_) if name.is_empty() => return Err("没有填"),
            Err(_) if std::str::from_utf8(name).is_err() => return Err("不是 UTF-8 编码"),
            Err(free) => {
                self.names.push(|text| text.extend_from_slice(name));
                self.numbers.push(free, |number| self::hash(self.names.get(number)))
            }
        };
        Ok(self.last)
    }

    /// Takes over the names of the rows that follow and returns their numbers among these names.
    pub(super) fn append(&mut self, after: &Self) -> Vec<u32> {
        after.names.iter().map(|name| self.number(name).expect("a name is checked when it is read")).collect()
    }

    /// All names as they are written, in quotes where they need them, each with the comma after it.
    pub(super) fn written(&self) -> Pieces {
        let mut written = Pieces::default();
        for name in self.names.iter() {
            written.push(|text| {
                push_field(text, name);
                text.push(b',');
            });
        }
        written
    }
}

/// Finds numbers from 0 again by a hash of what they stand for: open addressing, at most half full.
pub(super) struct Numbers {
    /// Each number plus one, 0 where it is free; the length is a power of two.
    slots: Vec<u32>,
    len: u32,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { slots: vec![0; 1_024], len: 0 }
    }
}

impl Numbers {
    /// The number with `hash` of which `is` holds, or else the slot where the next number goes.
    pub(super) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mut slot = hash as usize & (self.slots.len() - 1);
        loop {
            match self.slots[slot] {
                0 => return Err(slot),
                number if is(number - 1) => return Ok(number - 1),
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Puts the next number into the slot that was found free for it; `hash` gives the hash of each number.
    /// There are at most as many numbers as rows, which are fewer than 2^32.
    pub(super) fn push(&mut self, free: usize, hash: impl Fn(u32) -> u32) -> u32 {
        let number = self.len;
        self.len += 1;
        self.slots[free] = self.len;
        if self.len as usize * 2 > self.slots.len() {
            self.slots = vec![0; self.slots.len() * 4];
            for number in 0..self.len {
                if let Err(free) = self.find(hash(number), |_| false) {
                    self.slots[free] = number + 1;
                }
            }
        }
        number
    }
}

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// The high bits of a product are the mixed ones.
#[inline]
pub(super) fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(23) ^ word).wrapping_mul(ODD)
}

/// A quick hash. Somebody who builds a file against it slows down nothing but the settling of that file.
#[inline]
pub(super) fn hash(bytes: &[u8]) -> u32 {
    let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    let hash = words.fold(bytes.len() as u64, mix);
    // The last bytes may be mixed in again; a copy of just the rest would take longer.
    let last = match bytes.last_chunk::<8>() {
        Some(last) => u64::from_le_bytes(*last),
        None => bytes.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte)),
    };
    let hash = mix(hash, last);
    (hash >> 32) as u32
}
