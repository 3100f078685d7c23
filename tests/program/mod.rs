//! The program as an operator runs it, in a folder of its own, with an embedded database.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sqlx::{AssertSqlSafe, Connection, Executor};

/// A folder in which one county is kept.
pub struct Place {
    pub folder: PathBuf,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// Asserts that it succeeded.
    #[track_caller]
    pub fn well(&self) -> &Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// Asserts that it failed, saying this.
    #[track_caller]
    pub fn refused(&self, why: &str) -> &Self {
        assert!(self.code != 0 && self.err.contains(why), "no “{why}” in {self:?}");
        self
    }

    /// Asserts that a text was printed.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.out.contains(text), "no “{text}” in {self:?}");
        self
    }
}

impl Place {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("youzhi-cli-{}", youzhi::secrets::random_hex::<8>()));
        std::fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// An empty county with its two first officers; gives their passwords.
    pub fn with_a_county() -> (Self, [String; 2]) {
        let place = Self::new();
        let divisions = Path::new(env!("CARGO_MANIFEST_DIR")).join("county/divisions-430223.csv");
        let said = place.run(&[
            "init",
            "--divisions",
            divisions.to_str().unwrap(),
            "--login",
            "admin",
            "--name",
            "罗致远",
            "--security-login",
            "anquan",
            "--security-name",
            "夏志明",
        ]);
        said.well();
        let password = |who: &str| {
            let line = said.out.lines().find(|line| line.contains(who)).unwrap();
            line.rsplit('：').next().unwrap().to_owned()
        };
        let passwords = [password("admin"), password("anquan")];
        (place, passwords)
    }

    /// A path in the folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A path in the folder as an argument.
    pub fn arg(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    /// Writes a file; gives its path as an argument.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.at(name), content).unwrap();
        self.arg(name)
    }

    /// The program with these arguments and nothing of the environment's settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_youzhi"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("YOUZHI_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).current_dir(&self.folder).env("YOUZHI_DATA", &self.folder);
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Said {
        Self::finish(&mut self.command(arguments))
    }

    /// Runs a command to its end.
    pub fn finish(command: &mut Command) -> Said {
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Starts a command that serves, on a port of its own, and waits until it says where.
    pub fn serve(mut command: Command) -> Serving {
        command.env("YOUZHI_LISTEN", "127.0.0.1:0");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("://") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0, "it ended before it served");
        }
        // It goes on printing: somebody has to read.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        let start = line.find("http").unwrap();
        Serving { child, url: line[start..].trim().to_owned() }
    }

    /// Carries a statement out past the program.
    pub fn execute(&self, sql: &str) {
        sqlx::any::install_default_drivers();
        let address = format!("sqlite:{}", self.arg("youzhi.sqlite"));
        block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&address).await.unwrap();
            connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// One number, past the program.
    pub fn count(&self, sql: &'static str) -> i64 {
        sqlx::any::install_default_drivers();
        let address = format!("sqlite:{}", self.arg("youzhi.sqlite"));
        block_on(async {
            let mut connection = sqlx::AnyConnection::connect(&address).await.unwrap();
            let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            count
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A program that serves; killed with the test that started it.
pub struct Serving {
    child: Child,
    /// Where it says that it is.
    pub url: String,
}

impl Serving {
    /// The address to connect to.
    pub fn address(&self) -> std::net::SocketAddr {
        self.url.split("://").nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for a future on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
