//! What takes too long for CI: the benchmarks at full size and many rounds of `kill -9`. It can be stopped and started
//! again: a part whose record names the commit that is checked out is not run again.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::command::{answer, cargo, shown};
use crate::postgres::Postgres;
use crate::{root, tools};

/// Each part and its cargo command. Every part may use the PostgreSQL of the run; `faults-sqlite` does without.
const PARTS: &[(&str, &str)] = &[
    ("database", "bench --bench database"),
    ("registration", "bench --bench speed -- registration --seconds 4"),
    ("card", "bench --bench speed -- card --seconds 4"),
    ("ledger", "bench --bench speed -- ledger"),
    ("settle", "bench --bench speed -- settle --rows 7000000"),
    ("footprint", "bench --bench speed -- footprint"),
    ("faults-sqlite", "test --test faults -- --nocapture kill_9"),
    ("faults-postgres", "test --test faults -- --nocapture kill_9"),
    ("search", "bench --bench speed -- search"),
    ("export", "bench --bench speed -- export"),
    ("mutants", MUTANTS),
    ("fuzz-sheet", FUZZ),
    ("fuzz-file", FUZZ),
    ("fuzz-words", FUZZ),
    ("fuzz-value", FUZZ),
    ("fuzz-identifier", FUZZ),
];

/// A parser of outside bytes (`src/parsers.rs`), driven for ten minutes. What is new goes into the target directory;
/// what is worth keeping is brought into fuzz/corpus by hand, which every build replays. Without a sanitizer, which only
/// a nightly compiler has: nothing here is unsafe.
const FUZZ: &str = "fuzz run --sanitizer none --target-dir target/fuzz PARSER target/fuzz/corpus/PARSER fuzz/corpus/PARSER \
                    -- -max_total_time=600 -timeout=20 -max_len=65536";

/// Every change that the tool makes to the rules of pay and score is noticed by a test.
const MUTANTS: &str = "mutants --package policy --file policy/src/pay.rs --file policy/src/pay/*.rs --file policy/src/score.rs \
                       --output target --colors never --no-times --timeout 120";

/// How often the program is killed in a part of faults.
const ROUNDS: &str = "400";

/// `cargo xtask long`
pub fn long(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !PARTS.iter().any(|(part, _)| part == name)) {
        let all: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
        bail!("no part is called {unknown}; there are: {}", all.join(", "));
    }
    let records = root()?.join("docs/measured");
    fs::create_dir_all(&records)?;
    let commit = commit()?;
    let postgres = Postgres::start()?;
    let mut failed = Vec::new();
    for &(part, command) in PARTS.iter().filter(|(part, _)| names.is_empty() || names.iter().any(|name| name == part)) {
        let record = records.join(part).with_extension("md");
        if fs::read_to_string(&record).is_ok_and(|text| text.contains(&format!("commit {commit},"))) {
            println!("{part}: recorded for this commit");
            continue;
        }
        println!("\n━━ {part}");
        if !measure(part, command, &postgres.url, &commit, &record)? {
            failed.push(part);
        }
    }
    if !failed.is_empty() {
        bail!("a promise does not hold in: {}", failed.join(", "));
    }
    Ok(())
}

/// The commit that is checked out. What was changed since would be measured under its name, so nothing may be.
fn commit() -> Result<String> {
    let changed = answer(Command::new("git").args(["status", "--porcelain", "--", ".", ":!docs/measured"]))
        .context("asking git what was changed")?;
    if !changed.is_empty() {
        bail!("a measurement is recorded with its commit: commit first\n{changed}");
    }
    answer(Command::new("git").args(["rev-parse", "--short=12", "HEAD"])).context("asking git for the commit")
}

/// Runs a part and writes its record, also where a promise does not hold; whether all of them hold.
fn measure(part: &str, command: &str, postgres: &str, commit: &str, record: &Path) -> Result<bool> {
    let started = Instant::now();
    let mut run = cargo();
    let fuzzed = part.strip_prefix("fuzz-");
    let command = command.replace("PARSER", fuzzed.unwrap_or_default());
    let tool = match fuzzed {
        Some(parser) => {
            fs::create_dir_all(root()?.join("target/fuzz/corpus").join(parser))?;
            // The fuzzer speaks on the other stream.
            run.stderr(Stdio::piped());
            Some(tools::cargo_fuzz()?)
        }
        None if part == "mutants" => Some(tools::cargo_mutants()?),
        None => None,
    };
    if let Some(tool) = tool {
        let beside = tool.parent().context("a program lies in a folder")?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [beside.to_owned()].into_iter().chain(std::env::split_paths(&path));
        run.env("PATH", std::env::join_paths(folders)?).current_dir(root()?);
    }
    run.args(command.split_whitespace()).env("YOUZHI_TEST_ROUNDS", ROUNDS).stdin(Stdio::null()).stdout(Stdio::piped());
    if part != "faults-sqlite" {
        run.env("YOUZHI_TEST_DATABASE", postgres);
    }
    let mut child = run.spawn().with_context(|| format!("starting {}", shown(&run)))?;
    let (mut lines, mut table) = (String::new(), String::new());
    let output: Box<dyn Read> = match child.stderr.take() {
        Some(stderr) => Box::new(stderr),
        None => Box::new(child.stdout.take().context("a piped output")?),
    };
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        std::io::stdout().flush()?;
        if line.starts_with('|') {
            writeln!(table, "{line}")?;
        } else if [" rounds in ", " runs in ", " mutants tested"].iter().any(|said| line.contains(said)) {
            writeln!(lines, "{line}")?;
        }
    }
    let holds = child.wait()?.success();
    if table.is_empty() && lines.is_empty() {
        bail!("{part} measured nothing");
    }
    let day = answer(Command::new("date").arg("+%F")).unwrap_or_default();
    let text = format!(
        "# {part}\n\n`cargo {command}`, commit {commit}, {day}, {} s on {}.{}\n\n{table}{lines}",
        started.elapsed().as_secs(),
        machine(),
        if holds { "" } else { " **A promise does not hold.**" }
    );
    fs::write(record, text).with_context(|| format!("writing {}", record.display()))?;
    Ok(holds)
}

/// Processors and load, without which a figure says little.
fn machine() -> String {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, name)| name);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!("{cpus} × {model}, load {}", load.split(' ').next().unwrap_or_default())
}
