//! The parsers of bytes from outside, each under a name: what the fuzzers drive, and what the replay of their corpora
//! runs in every build. A parser may refuse; it may not panic, and what it takes it takes again.

use jiff::civil::date;

use crate::petitions::rules::{pair_words, pairs, search, state_number};
use crate::{files, secrets, sheet};

/// A parser that is given whatever came in.
pub type Parser = fn(&[u8]);

/// All of them; the name is that of the fuzz target and of its corpus.
pub const PARSERS: [(&str, Parser); 5] = [
    ("sheet", |bytes| drop(sheet::read(bytes))),
    ("file", files::judged_twice),
    ("words", words),
    ("value", value),
    ("identifier", identifier),
];

/// Runs the parser of that name.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, parser) = PARSERS.iter().find(|(known, _)| *known == name).expect("the name is in the list");
    parser(bytes);
}

/// What is typed into the search box, or told: it is cut into pairs for the index.
fn words(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = search(&text, 2026);
    let _ = state_number(&text);
    let _ = pairs(&text);
    let _ = pair_words(&text);
}

/// A value that a county brings in: key, value and source, a line each.
fn value(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    if let Ok(row) = policy::values::LocalRow::read(line(), date(2026, 1, 1), line(), line()) {
        let _ = policy::Policy::published().clone().with_local([row]);
    }
}

/// Numbers of people and firms, receipt codes, dates and codes as they stand in cells.
fn identifier(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(number) = policy::identifiers::CitizenNumber::parse(&text) {
        assert!(policy::identifiers::CitizenNumber::parse(number.as_str()).is_ok());
        let _ = (number.birth(), number.is_male(), number.masked());
    }
    let _ = policy::identifiers::CreditCode::check(&text).warning();
    if let Some(code) = secrets::code_normal(&text) {
        assert_eq!(secrets::code_normal(&code).as_ref(), Some(&code));
    }
    let _ = sheet::code(&text);
    let _ = sheet::day("日期", &text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fuzzers_kept_is_read_or_refused() {
        let corpora = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        for (name, parser) in PARSERS {
            let folder = corpora.join(name);
            let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().flatten().collect();
            assert!(!kept.is_empty(), "nothing in {}", folder.display());
            for one in kept {
                parser(&std::fs::read(one.path()).unwrap());
            }
        }
    }
}
