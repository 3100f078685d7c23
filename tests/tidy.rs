//! Rules of the house that a compiler does not know.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

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

#[test]
fn a_room_does_not_read_another_rooms_store() {
    let rooms = ["petitions", "plans", "pay", "entries", "duties", "notes", "households", "public"];
    for room in rooms {
        for other in rooms.iter().filter(|other| **other != room) {
            let inside = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room);
            if inside.exists() {
                let word = format!("crate::{other}::store");
                refuse("src", |path| path.starts_with(&inside), &[&word], "a room calls what another's mod.rs exports");
            }
        }
    }
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
