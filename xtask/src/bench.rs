//! The benchmarks. Their results are ratios within one run, so they may run on any machine.

use anyhow::{Context, Result, bail};

use crate::command::{self, answer, cargo};
use crate::postgres::Postgres;
use crate::steps::targets;

/// `cargo xtask bench`
pub fn bench(arguments: &[String]) -> Result<()> {
    let (names, for_benches) = match arguments.iter().position(|word| word == "--") {
        Some(dashes) => (&arguments[..dashes], &arguments[dashes + 1..]),
        None => (arguments, &[][..]),
    };
    let metadata = answer(cargo().args(["metadata", "--no-deps", "--format-version=1"]))
        .context("asking cargo for the benchmarks")?;
    let all: Vec<String> = targets(&metadata, "bench").map(|(name, _)| name).collect();
    if let Some(unknown) = names.iter().find(|name| !all.contains(name)) {
        bail!("no benchmark is called {unknown}; there are: {}", all.join(", "));
    }
    let chosen = if names.is_empty() { &all[..] } else { names };
    if chosen.is_empty() {
        bail!("no package has a benchmark");
    }
    let postgres = Postgres::start()?;
    for name in chosen {
        println!("\n━━ {name}");
        let mut bench = cargo();
        bench.args(["bench", "--package", "youzhi", "--bench", name, "--"]).args(for_benches);
        command::run(bench.env("YOUZHI_TEST_DATABASE", &postgres.url))?;
    }
    Ok(())
}
