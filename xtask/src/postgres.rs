//! A PostgreSQL server of the tests' own, made before the first test that needs it and removed after the last.

use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{command, target, tools};

const NAME: &str = "youzhi-postgres-";

/// Stops the server in folder `$1` at once, whatever it is doing, and removes the folder.
///
/// A server stands in its data folder, so a process that merely inherited its number is left alone.
const REMOVE: &str = r#"
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    if [ -n "$pid" ] && { [ ! -d /proc/self ] || [ "/proc/$pid/cwd" -ef "$1/data" ]; }; then
        kill -QUIT "$pid" 2>/dev/null
        for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.2
        done
        kill -KILL "$pid" 2>/dev/null
    fi
    rm -rf "$1"
"#;

/// A running server; it is stopped and its folder removed when this value is dropped.
///
/// The stopping is done by a small shell that waits for the end of its input. The system ends that input when this
/// program ends, however it ends: a failing step, Ctrl-C and `kill -9` all leave nothing behind.
pub struct Postgres {
    /// The address for `YOUZHI_TEST_DATABASE`.
    pub url: String,
    keeper: Child,
    /// Locked as long as this program lives; a folder whose lock is free was left by a run that is no more.
    _lock: File,
}

impl Postgres {
    pub fn start() -> Result<Postgres> {
        let bin = tools::POSTGRES.find_or_install()?;
        let bin = bin.parent().context("initdb lies in no folder")?;
        remove_abandoned()?;

        let folder = new_folder()?;
        let lock = File::create(folder.join("lock"))?;
        lock.try_lock().context("the lock of a new folder is taken")?;
        let keeper = Command::new("sh")
            .args(["-c", &format!("trap '' HUP INT TERM; read -r _; {REMOVE}"), "sh"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("starting sh")?;
        let mut postgres = Postgres { url: String::new(), keeper, _lock: lock };

        let password = random_word()?;
        let password_file = folder.join("password");
        fs::write(&password_file, &password)?;
        if tools::is_root() {
            // PostgreSQL refuses to run as root.
            command::run(Command::new("chown").args(["-R", "postgres:"]).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut initdb = as_owner(&bin.join("initdb"), &folder);
        initdb.arg("--pgdata").arg(&data).arg("--pwfile").arg(&password_file);
        initdb.args(["--username=youzhi", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=password"]);
        quietly(&mut initdb)?;

        // The port is free when asked for; another program may take it before the server does.
        for _ in 0..3 {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            // fsync and synchronous_commit stay on, as delivered: the fault tests are about just that.
            let options = format!(
                "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c max_connections=300"
            );
            let mut start = as_owner(&bin.join("pg_ctl"), &folder);
            start.arg("start").arg("--pgdata").arg(&data).arg("--log").arg(folder.join("log"));
            start.args(["--wait", "--silent", "--options", &options]);
            // The server would inherit a pipe and hold it open.
            if start.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
                postgres.url = format!("postgres://youzhi:{password}@127.0.0.1:{port}/postgres");
                return Ok(postgres);
            }
        }
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL does not start; its log says:\n{log}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// `program`, run as the user that owns the server's files.
fn as_owner(program: &Path, folder: &Path) -> Command {
    let mut command;
    if tools::is_root() {
        command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
    } else {
        command = Command::new(program);
    }
    command.current_dir(folder);
    // A locale that is set but not installed is only a nuisance here.
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// Runs a command, showing what it prints only when it fails.
fn quietly(command: &mut Command) -> Result<()> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("starting {}", command::shown(command)))?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        bail!("{} failed:\n{}", command::shown(command), String::from_utf8_lossy(&said));
    }
    Ok(())
}

/// The folders in which servers are made: the target directory, or the system's for temporary files when the
/// owner of the server cannot get into that.
fn places() -> Result<[PathBuf; 2]> {
    Ok([target()?, std::env::temp_dir()])
}

fn new_folder() -> Result<PathBuf> {
    for place in places()? {
        let folder = place.join(format!("{NAME}{}", std::process::id()));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        let mut enter = as_owner(Path::new("test"), Path::new("/"));
        if command::answer(enter.arg("-x").arg(&folder)).is_some() {
            return Ok(folder);
        }
        fs::remove_dir(&folder)?;
    }
    bail!("the user `postgres` can enter neither the target directory nor the one for temporary files");
}

/// Removes servers whose xtask is no more and that nobody removed, for instance because everything was killed.
fn remove_abandoned() -> Result<()> {
    for place in places()? {
        for entry in fs::read_dir(place)?.flatten() {
            let folder = entry.path();
            if !entry.file_name().to_string_lossy().starts_with(NAME) {
                continue;
            }
            // Another user's, or just now being removed: not ours to judge.
            let Ok(lock) = File::open(folder.join("lock")) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                println!("removing an abandoned PostgreSQL server: {}", folder.display());
                command::run(Command::new("sh").args(["-c", REMOVE, "sh"]).arg(&folder))?;
            }
        }
    }
    Ok(())
}

fn random_word() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u128::from_ne_bytes(bytes).to_string())
}
