//! A PostgreSQL server of one test's own, to be stopped and started under load.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A server in a folder of its own.
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
    /// Where to administer it.
    pub url: String,
}

impl Server {
    /// Makes and starts one.
    pub fn start_new() -> Self {
        let folder = std::env::temp_dir().join(format!("youzhi-server-{}", youzhi::secrets::random_hex::<8>()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("postgres://youzhi@127.0.0.1:{port}/postgres");
        let server = Self { folder, programs: programs(), port, url };
        if is_root() {
            // PostgreSQL refuses to run as root.
            succeeds(Command::new("chown").arg("postgres:").arg(&server.folder));
        }
        let data = server.folder.join("data");
        succeeds(
            server
                .command("initdb")
                .args(["--username=youzhi", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--pgdata"])
                .arg(data),
        );
        server.start();
        server
    }

    /// Starts it again.
    pub fn start(&self) {
        let options = format!("-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories=", self.port);
        let mut start = self.command("pg_ctl");
        start.args(["start", "--wait", "--silent", "--options", &options, "--log"]).arg(self.folder.join("log"));
        succeeds(start.arg("--pgdata").arg(self.folder.join("data")));
    }

    /// Stops it as a power cut would: no connection is told.
    pub fn stop(&self) {
        let mut stop = self.command("pg_ctl");
        succeeds(stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(self.folder.join("data")));
    }

    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(&self.folder).env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let mut stop = self.command("pg_ctl");
        let _ =
            stop.args(["stop", "--mode=immediate", "--silent", "--pgdata"]).arg(data).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn succeeds(command: &mut Command) {
    // The server would inherit a pipe and hold it open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{command:?}: {status:?}");
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0)
}

/// Where the server's programs lie: in PATH, or where Debian keeps them, the newest.
fn programs() -> PathBuf {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    debian.sort();
    let has_initdb = |folder: &PathBuf| Path::is_file(&folder.join("initdb"));
    let newest = debian.into_iter().rev().map(|(_, folder)| folder);
    in_path.chain(newest).find(has_initdb).expect("PostgreSQL is installed (cargo xtask tools)")
}
