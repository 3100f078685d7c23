//! What a text typed into the ledger's one search box looks for.

use super::{is_phone, number};
use crate::words::words;

/// What to look for.
#[derive(Debug, PartialEq, Eq)]
pub enum Search {
    /// The box is empty.
    Everything,
    /// Nothing can be found by this: a single character says too little.
    Nothing,
    /// One of these numbers.
    Numbers(Vec<String>),
    /// A phone, digits only.
    Phone(String),
    /// A name or its first two characters, or words of what was told.
    Words(String),
}

/// How many years back a bare serial is looked for.
const YEARS: i16 = 10;

/// Understands 攸信〔2026〕0187号, 2026-187, 187, 13812345678 and 罗新华, in half or full width.
pub fn search(typed: &str, year: i16) -> Search {
    let typed: String = typed
        .trim()
        .chars()
        .map(|c| match c {
            '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c => c,
        })
        .collect();
    if typed.is_empty() {
        return Search::Everything;
    }
    // 3组路灯 are words; 攸信〔2026〕0187号 is a number.
    let letters = typed.chars().filter(|c| c.is_alphabetic() && !"攸信第号年".contains(*c) && !c.is_ascii());
    if letters.count() >= 2 {
        return Search::Words(typed);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if is_phone(&typed) {
        return Search::Phone(digits);
    }
    let groups: Vec<&str> = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    match groups[..] {
        [of, serial] if of.len() == 4 => match (of.parse(), serial.parse()) {
            (Ok(of), Ok(serial)) => Search::Numbers(vec![number(of, serial)]),
            _ => Search::Nothing,
        },
        [serial] if serial.len() <= 7 => match serial.parse() {
            Ok(serial) => Search::Numbers((0..YEARS).map(|back| number(year - back, serial)).collect()),
            Err(_) => Search::Nothing,
        },
        [] if typed.chars().count() >= 2 => Search::Words(typed),
        _ => Search::Nothing,
    }
}

words! {
    /// How a clock that fell due before today was met.
    Met {
        /// Whichever way.
        Due = "due", "已到期";
        /// On the due day or before.
        Met = "met", "按期";
        /// Runs on.
        Open = "open", "现在还逾期";
    }
}

words! {
    /// What else a figure counts.
    Mark {
        /// More than one person stands behind it (art. 20).
        Joint = "joint", "多人共同";
        /// Linked to an earlier petition as the same matter.
        Repeat = "repeat", "同一事项再次提出";
        /// Answered or closed, with somebody who could be asked.
        Ratable = "ratable", "可以评价";
        /// Rated by the petitioner alone.
        Rated = "rated", "群众自己评价";
        /// So rated 3 to 5.
        Satisfied = "satisfied", "群众自己评价满意";
        /// Rated at the device of an official.
        RatedAtADesk = "rated_at_a_desk", "工作设备上评价";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_understood_however_it_is_written() {
        let one = Search::Numbers(vec!["攸信〔2026〕0187号".to_owned()]);
        for typed in ["攸信〔2026〕0187号", "攸信〔２０２６〕187", " 2026-187 ", "2026 0187"] {
            assert_eq!(search(typed, 2026), one, "{typed}");
        }
        let Search::Numbers(years) = search("187号", 2026) else { panic!("a serial") };
        assert_eq!((years[0].as_str(), years.len()), ("攸信〔2026〕0187号", 10));
    }

    #[test]
    fn eleven_digits_are_a_phone_and_two_characters_a_name() {
        assert_eq!(search("138 1234 5678", 2026), Search::Phone("13812345678".to_owned()));
        assert_eq!(search("１３８１２３４５６７８", 2026), Search::Phone("13812345678".to_owned()));
        assert_eq!(search("罗新", 2026), Search::Words("罗新".to_owned()));
        assert_eq!(search("3组路灯", 2026), Search::Words("3组路灯".to_owned()));
        assert_eq!(search("信号", 2026), Search::Words("信号".to_owned()));
        assert_eq!(search("罗", 2026), Search::Nothing);
        assert_eq!(search("  ", 2026), Search::Everything);
        assert_eq!(search("99999999999999999999", 2026), Search::Nothing);
    }
}
