//! The one list of checks, for people and for CI.
//!
//! Everything that a check needs beside Rust is found here or installed here, so that a fresh machine needs no
//! instructions. This program keeps to the standard library, so that it builds in a few seconds.

mod bench;
mod command;
mod long;
mod postgres;
mod steps;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
cargo xtask test [NAME…] [--keep-going] [-- ARGUMENT…]
    Runs the checks in order and stops at the first that fails. With names, only
    those: `web` means `web-sqlite` and `web-postgres`. What stands after `--` goes
    to the test programs, for instance a part of a test's name.
cargo xtask test --list
    Lists the checks.
cargo xtask bench [NAME…] [-- ARGUMENT…]
    Runs the benchmarks, with a PostgreSQL of their own. What stands after `--` goes
    to them: names of parts, `--cases N`, `--households N`, `--seconds N`.
cargo xtask long [NAME…]
    What takes too long for CI: every benchmark at full size, and hundreds of rounds
    of kill -9. It records what it measured in docs/measured/, and started again it
    goes on where it was stopped.
cargo xtask tools
    Finds or installs what the checks need beside Rust, and says where it is.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("test") => steps::test(arguments.collect()),
        Some("bench") => bench::bench(&arguments.collect::<Vec<_>>()),
        Some("long") => long::long(&arguments.collect::<Vec<_>>()),
        Some("tools") => tools::print_all(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bail!("nothing to do\n\n{USAGE}"),
    }
}

/// The project's own folder.
fn root() -> Result<PathBuf> {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here.parent().context("xtask lies in no folder")?;
    Ok(root.to_owned())
}

/// Where cargo builds; this program lies in `target/debug/`.
fn target() -> Result<PathBuf> {
    let this = std::env::current_exe().context("asking where this program lies")?;
    let target = this.ancestors().nth(2).context("this program does not lie in a target directory")?;
    Ok(target.to_owned())
}
