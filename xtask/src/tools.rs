//! What the checks need beside Rust: found where it usually lies, installed where that is ours to do.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use crate::command::{self, answer, cargo};
use crate::target;

/// A program that a check needs and cargo cannot build.
pub struct Tool {
    what: &'static str,
    found: fn() -> Option<PathBuf>,
    /// Debian's packages.
    packages: &'static [&'static str],
    /// Other ways to it.
    otherwise: &'static str,
}

/// The server's own programs; the path is that of `initdb`.
pub const POSTGRES: Tool = Tool {
    what: "the PostgreSQL server (14 or newer)",
    found: || in_path(&["initdb"]).filter(|initdb| initdb.with_file_name("pg_ctl").exists()).or_else(debian_initdb),
    packages: &["postgresql"],
    otherwise: "install PostgreSQL's server and put initdb and pg_ctl into PATH",
};

pub const CHROMIUM: Tool = Tool {
    what: "Chromium",
    found: || in_path(&["chromium", "chromium-browser", "google-chrome"]),
    packages: &["chromium"],
    otherwise: "install Chromium and put `chromium` into PATH",
};

pub const NODE: Tool = Tool {
    what: "Node.js 18 or newer with npm",
    found: || {
        let node = in_path(&["node"])?;
        in_path(&["npm"])?;
        let version = answer(Command::new(&node).arg("--version"))?;
        let major: u32 = version.trim_start_matches('v').split('.').next()?.parse().ok()?;
        (major >= 18).then_some(node)
    },
    packages: &["nodejs", "npm"],
    otherwise: "install Node.js 18 or newer with npm and put both into PATH",
};

/// Without one, Chinese is drawn as empty boxes whose widths prove nothing.
pub const CHINESE_FONT: Tool = Tool {
    what: "a Chinese font",
    found: || {
        let lists = answer(Command::new("fc-list").args([":lang=zh-cn", "file"]))?;
        let first = lists.lines().next()?.trim_end_matches([':', ' ']);
        Some(PathBuf::from(first))
    },
    packages: &["fontconfig", "fonts-noto-cjk"],
    otherwise: "install fontconfig and a font such as Noto Sans CJK",
};

impl Tool {
    pub fn find_or_install(&self) -> Result<PathBuf> {
        if let Some(path) = (self.found)() {
            return Ok(path);
        }
        if !(is_root() && in_path(&["apt-get"]).is_some()) {
            let packages = self.packages.join(" ");
            bail!("{} is missing: on Debian `apt-get install {packages}`, elsewhere {}", self.what, self.otherwise);
        }
        apt_install(self.packages)?;
        (self.found)()
            .with_context(|| format!("{} is still missing after installing {}", self.what, self.packages.join(" ")))
    }
}

/// `cargo xtask tools`
pub fn print_all() -> Result<()> {
    for tool in [&POSTGRES, &NODE, &CHROMIUM, &CHINESE_FONT] {
        println!("{}: {}", tool.what, tool.find_or_install()?.display());
    }
    println!("cargo-deny: {}", cargo_deny()?.display());
    Ok(())
}

/// cargo-deny, built once into the target directory when it is not on the machine.
pub fn cargo_deny() -> Result<PathBuf> {
    installed("cargo-deny", "0.20.2")
}

/// cargo-fuzz, likewise.
pub fn cargo_fuzz() -> Result<PathBuf> {
    installed("cargo-fuzz", "0.13.2")
}

/// cargo-mutants, likewise.
pub fn cargo_mutants() -> Result<PathBuf> {
    installed("cargo-mutants", "27.1.0")
}

fn installed(name: &'static str, version: &str) -> Result<PathBuf> {
    if let Some(path) = in_path(&[name]) {
        return Ok(path);
    }
    let place = target()?.join("tools");
    let path = place.join("bin").join(name);
    if answer(Command::new(&path).arg("--version")).is_none_or(|found| !found.ends_with(version)) {
        // Unoptimised: it runs for seconds, and optimising it takes minutes.
        let mut install = cargo();
        install.args(["install", name, "--version", version, "--locked", "--debug", "--root"]).arg(&place);
        install.env("CARGO_TARGET_DIR", place.join("build")).env("CARGO_PROFILE_DEV_DEBUG", "false");
        command::run(&mut install)?;
        std::fs::remove_dir_all(place.join("build"))?;
    }
    Ok(path)
}

pub fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| answer(Command::new("id").arg("-u")).is_some_and(|user| user == "0"))
}

fn apt_install(packages: &[&str]) -> Result<()> {
    static UPDATED: OnceLock<()> = OnceLock::new();
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    if UPDATED.get().is_none() {
        command::run(apt().args(["--quiet", "update"]))?;
        let _ = UPDATED.set(());
    }
    if packages.contains(&"postgresql") {
        // Debian would make and start a server of its own beside ours.
        let settings = Path::new("/etc/postgresql-common/createcluster.conf");
        if !settings.exists() {
            std::fs::create_dir_all("/etc/postgresql-common")?;
            std::fs::write(settings, "create_main_cluster = false\n")?;
        }
    }
    println!("installing {}", packages.join(" "));
    let keep_our_settings = "Dpkg::Options::=--force-confold";
    command::run(
        apt().args(["--quiet", "--yes", "--no-install-recommends", "-o", keep_our_settings, "install"]).args(packages),
    )
}

/// The first of these programs that PATH leads to.
fn in_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
}

/// Debian keeps the server's programs out of PATH, in a folder for each version; the newest is taken.
fn debian_initdb() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let newest = versions
        .filter(|version| version.path().join("bin/initdb").is_file())
        .max_by_key(|version| version.file_name().to_string_lossy().parse::<u32>().unwrap_or(0))?;
    Some(newest.path().join("bin/initdb"))
}
