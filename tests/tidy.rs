//! Rules of the house that a compiler does not know.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut found);
    assert!(!found.is_empty(), "no {ending} in {folder}");
    found
}

/// The code of a file without its comments and its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn refuse(folder: &str, only: impl Fn(&Path) -> bool, words: &[&str], why: &str) {
    for (path, text) in files(folder, ".rs") {
        if only(&path) {
            let code = code(&text);
            for word in words {
                assert!(!code.contains(word), "{} has “{word}”: {why}", path.display());
            }
        }
    }
}

#[test]
fn rules_are_pure() {
    let io = [
        "async ",
        ".await",
        "sqlx",
        "std::fs",
        "std::net",
        "std::env",
        "tokio",
        "axum",
        "::now(",
        "crate::web",
        "crate::db",
    ];
    refuse("src", |path| path.ends_with("rules.rs"), &io, "rules take values and return values");
    refuse("policy/src", |_| true, &io, "policy is pure");
}

#[test]
fn money_scores_and_deadlines_know_no_floating_point() {
    for folder in ["policy/src", "src"] {
        refuse(folder, |path| !path.ends_with("sheet.rs"), &["f64", "f32"], "money and scores are integers");
    }
}

#[test]
fn no_page_holds_inline_style_script_or_handler() {
    for (path, text) in files("src", ".html") {
        for word in ["style=", "<style", "onclick", "onchange", "onsubmit", "javascript:"] {
            assert!(!text.contains(word), "{} has “{word}”: the content-security policy forbids it", path.display());
        }
        for script in text.split("<script").skip(1) {
            assert!(script.trim_start().starts_with("src="), "{} has a script of its own", path.display());
        }
        assert!(!text.contains("|safe") && !text.contains("| safe"), "{} leaves text unescaped", path.display());
    }
}

/// What every room stands on and may read: places, units, posts, officials and who holds which post. What imports
/// alone bring in is ground too.
const GROUND: [&str; 5] = ["appointment", "division", "official", "post", "unit"];

/// Tables that a second room writes, besides the ground that imports and accounts share. This list may only shrink.
const ALSO_WRITTEN: &[(&str, &str)] = &[("chain_pending", "db"), ("form_key", "accounts"), ("number_series", "plans")];

/// Reads across rooms in SQL, where a join is what keeps scope and recusal in the query. `reports` is for reading
/// across rooms and is not listed. This list may only shrink.
const READ_ELSEWHERE: &[(&str, &str)] = &[
    ("cancellation", "entries"),
    ("cancellation_reversal", "entries"),
    ("chain_record", "petitions"),
    ("duty_fulfilment", "households"),
    ("entry", "chain"),
    ("entry", "duties"),
    ("entry", "households"),
    ("entry", "notes"),
    ("entry", "petitions"),
    ("entry", "plans"),
    ("entry_withdrawal", "duties"),
    ("entry_withdrawal", "households"),
    ("entry_withdrawal", "notes"),
    ("entry_withdrawal", "plans"),
    ("file", "chain"),
    ("note", "entries"),
    ("petition", "chain"),
    ("petition", "entries"),
    ("petition", "households"),
    ("petition", "notes"),
    ("petition", "plans"),
    ("petition", "public"),
    ("plan", "entries"),
    ("plan_item", "chain"),
    ("plan_item", "entries"),
    ("plan_relief", "entries"),
    ("reception_booking", "chain"),
    ("role_grant", "petitions"),
];

/// Tables with the rooms that name them after one of these words.
fn named_after(words: &[&str], tables: &BTreeSet<String>) -> BTreeSet<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeSet::new();
    for (path, text) in files("src", ".rs") {
        let room = path.strip_prefix(&root).unwrap().components().next().unwrap().as_os_str().to_string_lossy();
        let room = room.trim_end_matches(".rs");
        // The demo invents a past in every table at once; imports bring in the ground for the others.
        if ["demo", "imports", "reports"].contains(&room) {
            continue;
        }
        let code = code(&text);
        for word in words {
            for rest in code.split(word).skip(1) {
                let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
                let table: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if tables.contains(&table) && !GROUND.contains(&table.as_str()) {
                    found.insert((table, room.to_owned()));
                }
            }
        }
    }
    found
}

fn tables() -> BTreeSet<String> {
    let name = |rest: &str| rest.split([' ', '(']).next().unwrap().to_owned();
    files("migrations", ".sql")
        .iter()
        .flat_map(|(_, text)| text.split("CREATE TABLE ").skip(1).map(name).collect::<Vec<_>>())
        .collect()
}

fn owned(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(table, room)| ((*table).to_owned(), (*room).to_owned())).collect()
}

#[test]
fn a_table_is_written_by_one_room_and_read_by_others_only_where_that_is_listed() {
    let tables = tables();
    let writers = named_after(&["INSERT INTO ", "UPDATE ", "DELETE FROM ", "Rows::new("], &tables);
    let owners: BTreeSet<(String, String)> = writers.difference(&owned(ALSO_WRITTEN)).cloned().collect();
    let mut rooms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (table, room) in &owners {
        rooms.entry(table).or_default().push(room);
    }
    rooms.retain(|_, rooms| rooms.len() > 1);
    assert!(rooms.is_empty(), "written by more than one room: {rooms:?}");
    let idle: Vec<_> = owned(ALSO_WRITTEN).difference(&writers).cloned().collect();
    assert!(idle.is_empty(), "writes no more: {idle:?}");

    let kept: BTreeSet<&String> = owners.iter().map(|(table, _)| table).collect();
    let mut readers = named_after(&["FROM ", "JOIN "], &tables);
    readers.retain(|pair| kept.contains(&pair.0) && !writers.contains(pair));
    let listed = owned(READ_ELSEWHERE);
    let new: Vec<_> = readers.difference(&listed).collect();
    assert!(new.is_empty(), "a room calls what the other's mod.rs exports, it does not read its tables: {new:?}");
    let idle: Vec<_> = listed.difference(&readers).collect();
    assert!(idle.is_empty(), "reads no more: {idle:?}");
}

#[test]
fn pay_never_reads_a_petition_and_entries_know_no_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    refuse(
        "src",
        |path| path.starts_with(root.join("pay")),
        &["crate::petitions", "petition "],
        "pay follows plans alone",
    );
    refuse(
        "src",
        |path| path.starts_with(root.join("reports")),
        &["INSERT ", "UPDATE ", "DELETE "],
        "reports write nothing",
    );
}

#[test]
fn migrations_are_portable_and_explained() {
    for (path, text) in files("migrations", ".sql") {
        assert!(text.starts_with("--"), "{} begins by saying what it is", path.display());
        for word in ["AUTOINCREMENT", "SERIAL", "BOOLEAN", "TIMESTAMP", "NUMERIC", "JSONB", " DATE ", "DATETIME"] {
            let code: String = text.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
            assert!(!code.contains(word), "{} has {word}: one SQL text for both databases", path.display());
        }
    }
}

/// Columns of tables that nothing explains, neither beside them nor on the line above.
fn unexplained(text: &str) -> Vec<String> {
    let (mut table, mut above, mut found) = (None, "", Vec::new());
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let adds = line.starts_with("ALTER TABLE") && line.contains(" ADD COLUMN ");
        if first == "CREATE" && second == "TABLE" {
            table = words.next();
        } else if line.starts_with(')') {
            table = None;
        } else if adds || (table.is_some() && ["BIGINT", "TEXT", "BYTEA"].iter().any(|kind| second.starts_with(kind))) {
            let beside = line.split_once("--").map(|(_, comment)| comment.trim()).unwrap_or_default();
            if beside.is_empty() && !above.trim_start().starts_with("--") {
                found.push(if adds { line.to_owned() } else { format!("{}.{first}", table.unwrap_or_default()) });
            }
        }
        above = line;
    }
    found
}

#[test]
fn every_column_is_explained() {
    let scene = "CREATE TABLE t (\n    a BIGINT PRIMARY KEY, -- why\n    b TEXT NOT NULL,\n    UNIQUE (a, b)\n);\n\
                 ALTER TABLE t ADD COLUMN c TEXT;\n-- Why.\nALTER TABLE t ADD COLUMN d TEXT;";
    assert_eq!(unexplained(scene), ["t.b", "ALTER TABLE t ADD COLUMN c TEXT;"]);
    for (path, text) in files("migrations", ".sql") {
        let missing = unexplained(&text);
        assert!(missing.is_empty(), "{} says nothing of {missing:?}", path.display());
    }
}
