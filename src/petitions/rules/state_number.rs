//! The number of a matter in the national system (国家信访信息系统), as somebody typed it.

/// Longest number that is kept.
const LONGEST: usize = 40;

/// The number in ordinary width and capitals, without blanks; nothing where it cannot be one: letters, digits and
/// the marks `-`, `_`, `/` and brackets, with a digit in it, six characters at least.
pub fn state_number(typed: &str) -> Option<String> {
    let number: String = typed
        .chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .collect();
    let length = number.chars().count();
    let plain = |c: char| c.is_alphanumeric() || "-_/()〔〕[]".contains(c);
    let holds =
        (6..=LONGEST).contains(&length) && number.chars().all(plain) && number.contains(|c: char| c.is_ascii_digit());
    holds.then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_same_in_whatever_width_and_case() {
        for typed in ["ww430223202611020001", " ＷＷ43022320261102 0001 ", "WW４３０２２３202611020001"] {
            assert_eq!(state_number(typed).as_deref(), Some("WW430223202611020001"), "{typed}");
        }
        assert_eq!(state_number("湘信〔2026〕12号").as_deref(), Some("湘信〔2026〕12号"));
    }

    #[test]
    fn what_is_too_short_too_long_or_no_number_is_none() {
        assert_eq!(state_number("12345"), None);
        assert_eq!(state_number(&"1".repeat(40)).map(|number| number.len()), Some(40));
        assert_eq!(state_number(&"1".repeat(41)), None);
        assert_eq!(state_number("没有编号的事项"), None);
        assert_eq!(state_number("A123456，B"), None);
    }
}
