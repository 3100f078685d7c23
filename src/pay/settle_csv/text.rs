//! Fields and numbers of CSV, read and written as bytes.

/// A number of plain digits, no more than `most`.
pub(super) fn whole(field: &[u8], most: u64) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    let mut number = 0_u64;
    for byte in field {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
        if number > most {
            return None;
        }
    }
    Some(number)
}

/// 00 to 99.
#[expect(clippy::cast_possible_truncation, reason = "tens and ones are one digit each")]
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut n = 0;
    while n < 100 {
        pairs[n] = [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        n += 1;
    }
    pairs
};

/// Appends a number.
pub(super) fn push_number(text: &mut Vec<u8>, number: i64) {
    if number < 0 {
        text.push(b'-');
    }
    let mut left = number.unsigned_abs();
    let begin = text.len();
    let mut end = begin + left.checked_ilog10().map_or(1, |log| log as usize + 1);
    // Making room for the longest number and cutting off the rest is quicker than a copy of unknown length.
    text.extend_from_slice(&[0; 20]);
    text.truncate(end);
    // Two digits for each division, which is what takes the time.
    while left >= 10 {
        text[end - 2..end].copy_from_slice(&PAIRS[(left % 100) as usize]);
        end -= 2;
        left /= 100;
    }
    if end > begin {
        text[begin] = PAIRS[(left % 10) as usize][1];
    }
}

/// Bytes for which a field needs quotes.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    special[b',' as usize] = true;
    special[b'"' as usize] = true;
    special[b'\r' as usize] = true;
    special[b'\n' as usize] = true;
    special
};

/// Appends a field, in quotes only where it needs them.
pub(super) fn push_field(text: &mut Vec<u8>, field: &[u8]) {
    if !field.iter().fold(false, |any, &byte| any | SPECIAL[byte as usize]) {
        text.extend_from_slice(field);
        return;
    }
    text.push(b'"');
    for &byte in field {
        if byte == b'"' {
            text.push(b'"');
        }
        text.push(byte);
    }
    text.push(b'"');
}
