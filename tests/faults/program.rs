//! The program itself, as an operator runs it: started, killed, started again on what it left.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sqlx::Connection;

/// A demo county in a folder of its own, with its database there or on a server.
pub struct County {
    pub folder: PathBuf,
    /// The address of the database where it is not in the folder.
    server: Option<(String, String)>,
}

impl County {
    /// Where the database lies is told by `YOUZHI_TEST_DATABASE`, as for every test.
    pub fn new() -> Self {
        let mut county = Self::in_folder(fresh_folder());
        if let Ok(admin) = std::env::var("YOUZHI_TEST_DATABASE") {
            county.on_server(&admin);
        }
        county.fill();
        county
    }

    pub fn in_folder(folder: PathBuf) -> Self {
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder, server: None }
    }

    /// Puts the database on a server.
    pub fn on_server(&mut self, admin: &str) {
        let name = format!("youzhi_faults_{}", youzhi::secrets::random_hex::<8>());
        statement(admin, &format!("CREATE DATABASE {name}"));
        let base = admin.rsplit_once('/').expect("…/database").0;
        self.server = Some((admin.to_owned(), format!("{base}/{name}")));
    }

    /// Makes the demo county, small.
    pub fn fill(&self) {
        let filled = self.command(&["demo", "--households", "20", "--fill-only", "--data"]).arg(&self.folder).output();
        let filled = filled.unwrap();
        assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    }

    /// The database's address.
    pub fn database(&self) -> String {
        match &self.server {
            Some((_, database)) => database.clone(),
            None => format!("sqlite:{}", self.folder.join("youzhi.sqlite").display()),
        }
    }

    /// The program with these arguments, on this county.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_youzhi"));
        command.args(arguments).current_dir(&self.folder).env("YOUZHI_DATA", &self.folder);
        if let Some((_, database)) = &self.server {
            command.env("YOUZHI_DATABASE", database);
        }
        command
    }

    /// Starts the program and waits until it accepts connections.
    pub fn start(&self) -> Program {
        self.start_as(self.command(&[]))
    }

    /// Starts the program so that a limit on the size of its files is an error and not its end.
    pub fn start_without_signal(&self) -> Program {
        let plain = self.command(&[]);
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(plain.get_program());
        shell.current_dir(&self.folder).env("YOUZHI_DATA", &self.folder);
        self.start_as(shell)
    }

    fn start_as(&self, mut command: Command) -> Program {
        command.args(["demo", "--listen", "127.0.0.1:0", "--data"]).arg(&self.folder);
        // What it logs about the faults that are made here would bury the outcome; kept for a failing run.
        let log = std::fs::File::options().create(true).append(true).open(self.log()).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            let read = output.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended: {}", std::fs::read_to_string(self.log()).unwrap_or_default());
        }
        // It goes on printing: somebody has to read.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let address = line.split("http://").nth(1).unwrap().trim().parse().unwrap();
        Program { child, address }
    }

    /// Beside the folder: the folder is moved away, or has no room.
    fn log(&self) -> PathBuf {
        self.folder.with_extension("log")
    }

    /// Asserts that `youzhi verify` finds the chain whole.
    pub fn verify(&self) {
        let verified = self.command(&["verify"]).output().unwrap();
        let said = [verified.stdout, verified.stderr].concat();
        assert!(verified.status.success(), "verify: {}", String::from_utf8_lossy(&said));
    }

    /// Rows of a query, past the program.
    pub fn rows<T>(&self, sql: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> + Send + Unpin,
    {
        sqlx::any::install_default_drivers();
        let address = self.database();
        block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&address).await.unwrap();
            let rows = sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            rows
        })
    }
}

impl Drop for County {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("what the program said last:\n{}", tail(&self.log()));
        }
        let _ = std::fs::remove_dir_all(&self.folder);
        let _ = std::fs::remove_file(self.log());
        if let Some((admin, database)) = &self.server {
            let name = database.rsplit('/').next().unwrap();
            statement(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn tail(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// A running program; killed with the test that started it.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
}

impl Program {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asserts that it is still the same process that was started.
    pub fn still_runs(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the program ended");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn fresh_folder() -> PathBuf {
    std::env::temp_dir().join(format!("youzhi-faults-{}", youzhi::secrets::random_hex::<8>()))
}

fn statement(admin: &str, sql: &str) {
    use sqlx::{AssertSqlSafe, Executor};
    block_on(async {
        let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
        connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
    });
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
