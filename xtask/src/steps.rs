//! The list of checks.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{self, Count, answer, cargo};
use crate::postgres::Postgres;
use crate::{root, target, tools};

use Check::{Browser, Cargo, Deny, Doc, Inventory, OnPostgres, OnSqlite};

/// Every check, in the order in which they run: what fails quickly comes first.
const STEPS: &[(&str, Check)] = &[
    ("inventory", Inventory),
    ("fmt", Cargo("fmt --all --check")),
    ("clippy", Cargo("clippy --workspace --all-targets -- -D warnings")),
    ("doc", Doc),
    ("deny", Deny),
    ("policy", OnSqlite("--package policy")),
    ("unit", OnSqlite("--workspace --exclude policy --lib --bins")),
    ("tidy", OnSqlite("--workspace --test tidy")),
    ("web-sqlite", OnSqlite("--workspace --test web")),
    ("web-postgres", OnPostgres("--workspace --test web")),
    ("permissions-sqlite", OnSqlite("--workspace --test permissions")),
    ("permissions-postgres", OnPostgres("--workspace --test permissions")),
    ("cli", OnSqlite("--workspace --test cli_*")),
    ("faults-sqlite", OnSqlite("--workspace --test faults")),
    ("faults-postgres", OnPostgres("--workspace --test faults")),
    ("browser", Browser),
];

#[derive(Clone, Copy)]
enum Check {
    /// Every program in `tests/` is in the list, and no name in the list is forgotten.
    Inventory,
    /// A cargo command.
    Cargo(&'static str),
    /// The documentation builds without warnings: no broken link, no missing text.
    Doc,
    /// Licences, banned packages and sources. Not advisories: their database is not in the packages' registry.
    Deny,
    /// `cargo test` with these arguments; it must run at least one test.
    OnSqlite(&'static str),
    /// The same with `YOUZHI_TEST_DATABASE` naming a PostgreSQL server of the tests' own.
    OnPostgres(&'static str),
    /// Journeys through a demo county in Chromium.
    Browser,
}

impl Check {
    fn shown(self) -> String {
        match self {
            Inventory => "every test program is in the list of checks".to_owned(),
            Cargo(arguments) => format!("cargo {arguments}"),
            Doc => "cargo doc --workspace --no-deps, without warnings".to_owned(),
            Deny => "cargo deny: licences, bans and sources".to_owned(),
            OnSqlite(arguments) => format!("cargo test {arguments}"),
            OnPostgres(arguments) => format!("cargo test {arguments}, on PostgreSQL"),
            Browser => "journeys in Chromium (tests/browser)".to_owned(),
        }
    }

    /// The test program that this check runs.
    fn program(self) -> Option<&'static str> {
        let (OnSqlite(arguments) | OnPostgres(arguments)) = self else {
            return None;
        };
        let mut words = arguments.split(' ').skip_while(|word| *word != "--test");
        words.nth(1)
    }
}

/// One run of the list.
#[derive(Default)]
struct Run {
    count: Count,
    /// What stood after `--`, for the test programs.
    for_tests: Vec<String>,
    postgres: Option<Postgres>,
}

/// `cargo xtask test`
pub fn test(mut arguments: Vec<String>) -> Result<()> {
    let for_tests = match arguments.iter().position(|word| word == "--") {
        Some(dashes) => arguments.split_off(dashes)[1..].to_vec(),
        None => Vec::new(),
    };
    let mut keep_going = false;
    let mut names = Vec::new();
    for word in arguments {
        match word.as_str() {
            "--list" => {
                for (name, check) in STEPS {
                    println!("{name:21} {}", check.shown());
                }
                return Ok(());
            }
            "--keep-going" => keep_going = true,
            option if option.starts_with('-') => bail!("unknown option {option}"),
            _ => names.push(word),
        }
    }
    let chosen = choose(&names)?;

    let mut run = Run { for_tests, ..Run::default() };
    let mut summary = Vec::new();
    let mut failed = Vec::new();
    for &(name, check) in chosen {
        println!("\n{} {}", bold(&format!("━━ {name}")), check.shown());
        let start = Instant::now();
        let outcome = run.check(check);
        let took = seconds(start.elapsed());
        match outcome {
            Ok(()) => summary.push(format!("{name:21} {took:>9}")),
            Err(error) => {
                println!("{}: {error:#}", bold(&format!("{name} failed")));
                summary.push(format!("{name:21} {took:>9}  FAILED"));
                failed.push(name);
                if !keep_going {
                    break;
                }
            }
        }
    }
    drop(run.postgres);

    println!("\n{}", summary.join("\n"));
    if !failed.is_empty() {
        println!("\nfailed: {}", failed.join(", "));
    }
    println!("\n{} passed, {} failed", run.count.passed, run.count.failed);
    if !failed.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}

/// The steps of these names, in the list's order; all of them when none is named.
fn choose(names: &[String]) -> Result<impl Iterator<Item = &'static (&'static str, Check)>> {
    let is = |step: &str, name: &str| step == name || step.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    for name in names {
        if !STEPS.iter().any(|(step, _)| is(step, name)) {
            bail!("no check is called {name}; `cargo xtask test --list` lists them");
        }
    }
    let names = names.to_vec();
    Ok(STEPS.iter().filter(move |(step, _)| names.is_empty() || names.iter().any(|name| is(step, name))))
}

impl Run {
    fn check(&mut self, check: Check) -> Result<()> {
        match check {
            Inventory => inventory(&test_programs()?),
            Cargo(arguments) => command::run(cargo().args(arguments.split(' '))),
            Doc => command::run(cargo().env("RUSTDOCFLAGS", "-D warnings").args(["doc", "--workspace", "--no-deps"])),
            Deny => {
                let mut deny = Command::new(tools::cargo_deny()?);
                command::run(deny.args(["--locked", "check", "licenses", "bans", "sources"]).current_dir(root()?))
            }
            OnSqlite(arguments) => self.tests(cargo_test(arguments).env_remove("YOUZHI_TEST_DATABASE")),
            OnPostgres(arguments) => {
                if self.postgres.is_none() {
                    self.postgres = Some(Postgres::start()?);
                }
                let postgres = self.postgres.as_ref().context("the server just started")?;
                let url = postgres.url.clone();
                self.tests(cargo_test(arguments).env("YOUZHI_TEST_DATABASE", url))
            }
            Browser => self.browser(),
        }
    }

    /// Runs `cargo test`. That nothing ran is a failure, unless only some tests were asked for.
    fn tests(&mut self, command: &mut Command) -> Result<()> {
        if !self.for_tests.is_empty() {
            command.arg("--").args(&self.for_tests);
        }
        let before = self.count;
        command::run_tests(command, &mut self.count)?;
        if self.count == before && self.for_tests.is_empty() {
            bail!("no test ran");
        }
        Ok(())
    }

    fn browser(&mut self) -> Result<()> {
        let (node, chromium) = (tools::NODE.find_or_install()?, tools::CHROMIUM.find_or_install()?);
        tools::CHINESE_FONT.find_or_install()?;
        // The same choice of packages as in the tests, so that nothing is built twice.
        command::run(cargo().args(["build", "--workspace", "--bin", "youzhi"]))?;

        let (sources, target) = (root()?.join("tests/browser"), target()?);
        let modules = target.join("browser");
        install_modules(&sources, &modules)?;
        let mut journeys: Vec<_> = std::fs::read_dir(&sources)?.flatten().map(|entry| entry.path()).collect();
        journeys.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
        journeys.sort();
        // What an interrupted run left.
        let counties = target.join("browser/counties");
        if counties.exists() {
            std::fs::remove_dir_all(&counties)?;
        }
        std::fs::create_dir_all(&counties)?;

        let before = self.count;
        // One after the other: each has a server and a browser of its own.
        for journey in journeys {
            let mut runner = Command::new(&node);
            runner.args(["--test", "--test-reporter=spec"]);
            for word in &self.for_tests {
                runner.arg(format!("--test-name-pattern={word}"));
            }
            runner.arg(journey);
            runner.env("YOUZHI_BIN", target.join("debug/youzhi"));
            runner.env("YOUZHI_CHROMIUM", &chromium);
            runner.env("YOUZHI_COUNTIES", &counties);
            runner.env("YOUZHI_NODE_MODULES", modules.join("node_modules"));
            runner.env("YOUZHI_SHOTS", target.join("shots"));
            command::run_tests(&mut runner, &mut self.count)?;
        }
        if self.count == before {
            bail!("no test ran");
        }
        println!("screenshots: {}", target.join("shots").display());
        Ok(())
    }
}

fn cargo_test(arguments: &str) -> Command {
    let mut command = cargo();
    command.arg("test").args(arguments.split(' '));
    command
}

/// Installs the npm packages of the browser tests into `modules`, unless just these are there already.
fn install_modules(sources: &Path, modules: &Path) -> Result<()> {
    let lock = std::fs::read(sources.join("package-lock.json")).context("reading package-lock.json")?;
    // npm leaves this file behind when it is done, and not before.
    if modules.join("node_modules/.package-lock.json").exists()
        && std::fs::read(modules.join("package-lock.json")).is_ok_and(|installed| installed == lock)
    {
        return Ok(());
    }
    std::fs::create_dir_all(modules)?;
    std::fs::copy(sources.join("package.json"), modules.join("package.json"))?;
    std::fs::write(modules.join("package-lock.json"), &lock)?;
    let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    command::run(Command::new("npm").args(npm).current_dir(modules))
}

/// Compares the list with the programs that exist. Their absence needs no care: cargo names a missing one.
fn inventory(programs: &BTreeSet<String>) -> Result<()> {
    let is = |pattern: &str, program: &str| match pattern.strip_suffix('*') {
        Some(start) => program.starts_with(start),
        None => program == pattern,
    };
    for program in programs {
        if !STEPS.iter().filter_map(|(_, check)| check.program()).any(|pattern| is(pattern, program)) {
            bail!("the test program {program} is in no check: put it into STEPS (xtask/src/steps.rs)");
        }
    }
    Ok(())
}

/// The test programs in `tests/`.
fn test_programs() -> Result<BTreeSet<String>> {
    let metadata = answer(cargo().args(["metadata", "--no-deps", "--format-version=1"]))
        .context("asking cargo for the programs")?;
    let place = root()?.join("tests");
    Ok(targets(&metadata, "test")
        .filter(|(_, source)| Path::new(source).starts_with(&place))
        .map(|(name, _)| name)
        .collect())
}

/// Name and source of every target of this kind in what `cargo metadata` prints.
pub fn targets<'a>(metadata: &'a str, kind: &str) -> impl Iterator<Item = (String, String)> + use<'a> {
    let start = format!(r#"{{"kind":["{kind}"]"#);
    let text = |target: &str, key: &str| {
        let (_, value) = target.split_once(&format!(r#""{key}":""#))?;
        value.split_once('"').map(|(text, _)| text.to_owned())
    };
    let found: Vec<_> = metadata.match_indices(&start).map(|(at, _)| &metadata[at..]).collect();
    found.into_iter().filter_map(move |target| Some((text(target, "name")?, text(target, "src_path")?)))
}

fn seconds(took: Duration) -> String {
    format!("{}.{} s", took.as_secs(), took.subsec_millis() / 100)
}

fn bold(text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_read_from_cargo_s_answer() {
        let metadata = r#"{"packages":[{"name":"youzhi","targets":[
            {"kind":["lib"],"crate_types":["lib"],"name":"youzhi","src_path":"/y/src/lib.rs","edition":"2024"},
            {"kind":["test"],"crate_types":["bin"],"name":"web","src_path":"/y/tests/web/main.rs","edition":"2024"},
            {"kind":["bench"],"crate_types":["bin"],"name":"speed","src_path":"/y/benches/speed.rs"}]}]}"#;
        let of = |kind| targets(metadata, kind).collect::<Vec<_>>();
        assert_eq!(of("test"), [("web".to_owned(), "/y/tests/web/main.rs".to_owned())]);
        assert_eq!(of("bench"), [("speed".to_owned(), "/y/benches/speed.rs".to_owned())]);
    }

    #[test]
    fn a_test_program_outside_the_list_is_an_error() {
        let error = inventory(&BTreeSet::from(["forgotten".to_owned()])).unwrap_err().to_string();
        assert!(error.contains("forgotten is in no check"), "{error}");
    }

    #[test]
    fn a_name_means_every_step_that_begins_with_it() {
        let chosen = |name: &str| choose(&[name.to_owned()]).unwrap().map(|(step, _)| *step).collect::<Vec<_>>();
        assert_eq!(chosen("web"), ["web-sqlite", "web-postgres"]);
        assert_eq!(chosen("web-postgres"), ["web-postgres"]);
        assert!(choose(&["we".to_owned()]).is_err());
    }
}
