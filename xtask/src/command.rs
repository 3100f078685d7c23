//! Running a program, showing what it prints, and counting the tests that it says it ran.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// How many tests ran, by their outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// What one line of output says about tests that ran.
    ///
    /// `cargo test` closes each program with `test result: ok. 3 passed; 0 failed; …`; node's runner closes with
    /// lines such as `ℹ pass 3` and `ℹ fail 0`.
    fn of_line(line: &str) -> Count {
        let number = |text: &str| text.trim().parse().unwrap_or(0);
        if let Some(result) = line.strip_prefix("test result: ") {
            let before = |word| {
                let words = result.split(word).next().unwrap_or_default();
                number(words.rsplit(' ').next().unwrap_or_default())
            };
            return Count { passed: before(" passed;"), failed: before(" failed;") };
        }
        if let Some(passed) = line.strip_prefix("ℹ pass ") {
            return Count { passed: number(passed), failed: 0 };
        }
        if let Some(failed) = line.strip_prefix("ℹ fail ") {
            return Count { passed: 0, failed: number(failed) };
        }
        Count::default()
    }
}

/// `cargo`, the one that started this program.
pub fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    // Set by `cargo run` for this program only.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// Runs a command to its end; an error when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("starting {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a command to its end, showing its lines as they come, and adds the tests that it reports to `count`.
pub fn run_tests(command: &mut Command, count: &mut Count) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {}", shown(command)))?;
    let mut output = BufReader::new(child.stdout.take().context("a piped output")?);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        std::io::stdout().write_all(&line)?;
        count.add(Count::of_line(String::from_utf8_lossy(&line).trim_end()));
        line.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// What a command prints; `None` when it cannot be started or fails.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_from_the_lines_of_both_runners() {
        let lines = [
            "running 13 tests",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            "ℹ tests 5",
            "ℹ pass 4",
            "ℹ fail 1",
            "a test prints: 7 passed, 7 failed",
        ];
        let mut count = Count::default();
        for line in lines {
            count.add(Count::of_line(line));
        }
        assert_eq!(count, Count { passed: 19, failed: 3 });
    }
}
