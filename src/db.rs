//! The database: readers, the one way to write, and SQL built at run time.
//!
//! One SQL text serves SQLite and PostgreSQL; this file is the only place that knows which of them answers.
//! On SQLite a commit costs a write to the disk (`synchronous=FULL`), so requests share it: there is one writing
//! connection, each request works in a savepoint, and whoever finds nobody waiting commits for all. Nobody is told
//! that a thing is done before that commit is on the disk. On PostgreSQL [`Database::write`] is a transaction.

mod group;
mod sql;
mod structure;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor};
use tokio::runtime::Handle;

use group::GroupCommit;
pub use group::Savepoint;
pub use sql::Sql;
pub use structure::Structure;

/// Which program keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server.
    Postgres,
}

/// An open database.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    readers: AnyPool,
    writers: Writers,
    /// Nothing is written any more.
    fenced: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Writers {
    Sqlite(Arc<GroupCommit>),
    Postgres(AnyPool),
    /// Opened to look only; the address, to copy from.
    Nobody(String),
}

impl Database {
    /// Opens `address` (`sqlite:data/youzhi.sqlite` or `postgres://…`) and runs the migrations that it lacks.
    ///
    /// A SQLite file is made only where `create` is set, so that a vanished file is a fault and not an empty county.
    pub async fn open(address: &str, create: bool) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        if is_server(address) { Self::open_postgres(address).await } else { Self::open_sqlite(address, create).await }
    }

    /// Opens `address` to look only: no migration runs, no trigger is put back, and a write is refused.
    pub async fn open_to_look(address: &str) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let (engine, readers, address) = if is_server(address) {
            let readers = AnyPoolOptions::new()
                .max_connections(2)
                .acquire_timeout(Duration::from_secs(5))
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        connection.execute("SET default_transaction_read_only = on").await?;
                        Ok(())
                    })
                })
                .connect(address)
                .await;
            (Engine::Postgres, readers.context("连不上 PostgreSQL")?, address.to_owned())
        } else {
            let path = address.strip_prefix("sqlite:").unwrap_or(address);
            let existing = format!("sqlite:{path}?mode=rw");
            let readers = sqlite_readers(&existing).await.with_context(|| format!("打不开数据库文件 {path}"))?;
            (Engine::Sqlite, readers, existing)
        };
        Ok(Self { engine, readers, writers: Writers::Nobody(address), fenced: Arc::default() })
    }

    /// How the structure differs from the one that this program knows.
    pub async fn structure(&self) -> anyhow::Result<Structure> {
        let mut read = self.read().await?;
        Ok(structure::compare(&mut read, self.engine).await?)
    }

    async fn open_sqlite(address: &str, create: bool) -> anyhow::Result<Self> {
        let path = address.strip_prefix("sqlite:").unwrap_or(address);
        let existing = format!("sqlite:{path}?mode=rw");
        let first = if create { format!("sqlite:{path}?mode=rwc") } else { existing.clone() };
        let mut writer = sqlite_connection(&first).await.with_context(|| format!("打不开数据库文件 {path}"))?;
        structure::update(&mut writer, Engine::Sqlite).await?;
        let readers = sqlite_readers(&existing).await?;
        let group = GroupCommit::new(existing, writer);
        Ok(Self { engine: Engine::Sqlite, readers, writers: Writers::Sqlite(Arc::new(group)), fenced: Arc::default() })
    }

    async fn open_postgres(address: &str) -> anyhow::Result<Self> {
        let pool = |size: u32| {
            AnyPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(5))
                .test_before_acquire(false)
                // A page asks for few rows: starting workers or compiling a plan takes longer than reading them, and
                // planning its statements anew for each bound value longer than carrying them out.
                .after_connect(|connection, _| {
                    Box::pin(async move {
                        connection
                            .execute(
                                "SET max_parallel_workers_per_gather = 0; SET jit = off;
                                 SET plan_cache_mode = force_generic_plan",
                            )
                            .await?;
                        Ok(())
                    })
                })
                // A connection that was idle may have lost its server; one in steady use is not asked each time.
                .before_acquire(|connection, meta| {
                    Box::pin(async move {
                        if meta.idle_for > Duration::from_secs(1) {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
        };
        let writers = pool(16).connect(address).await.context("连不上 PostgreSQL")?;
        let mut connection = writers.acquire().await?;
        // Prefix ranges (`divisions::end`) and numbers that decide ties compare by code points.
        let (ordered,): (i64,) =
            sqlx::query_as("SELECT CAST(CASE WHEN 'Z' < 'a' AND '罗' < '罗新' THEN 1 ELSE 0 END AS BIGINT)")
                .fetch_one(&mut *connection)
                .await?;
        anyhow::ensure!(
            ordered == 1,
            "PostgreSQL 数据库的排序规则须为 C 或 C.UTF-8（建库时：LOCALE 'C.UTF-8' TEMPLATE template0）"
        );
        structure::update(&mut connection, Engine::Postgres).await?;
        drop(connection);
        let readers = pool(12).connect(address).await?;
        Ok(Self { engine: Engine::Postgres, readers, writers: Writers::Postgres(writers), fenced: Arc::default() })
    }

    /// Which program keeps the data.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// A connection for looking up; it sees what was committed.
    pub async fn read(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.readers.acquire().await
    }

    /// Begins a write. What it did exists once [`Write::commit`] has returned, and not if it is dropped.
    pub async fn write(&self) -> Result<Write, sqlx::Error> {
        if self.is_fenced() {
            return Err(sqlx::Error::Protocol("this process has been shut out from writing".to_owned()));
        }
        match &self.writers {
            Writers::Sqlite(group) => GroupCommit::begin(group).await.map(Write::Sqlite),
            Writers::Postgres(pool) => Transaction::begin(pool).await.map(Write::Postgres),
            Writers::Nobody(_) => Err(sqlx::Error::Protocol("the database was opened to look only".to_owned())),
        }
    }

    /// Refuses every write from now on: another process holds what this one wrote with.
    pub fn fence(&self) {
        self.fenced.store(true, Ordering::SeqCst);
    }

    /// Whether this process writes no more.
    pub fn is_fenced(&self) -> bool {
        self.fenced.load(Ordering::SeqCst)
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        match &self.writers {
            Writers::Postgres(pool) => pool.close().await,
            Writers::Sqlite(group) => group.close().await,
            Writers::Nobody(_) => {}
        }
    }

    /// Gathers the statistics that the planner needs; called after a bulk import.
    pub async fn analyze(&self) -> anyhow::Result<()> {
        let mut write = self.write().await?;
        write.execute("ANALYZE").await?;
        write.commit().await?;
        Ok(())
    }

    /// Folds SQLite's write-ahead log into the file and empties it, as far as nobody is reading old pages: what was
    /// deleted then lies nowhere. A server cleans its log and dead rows by itself.
    pub async fn fold(&self) -> anyhow::Result<()> {
        let Writers::Sqlite(group) = &self.writers else { return Ok(()) };
        let mut connection = sqlite_connection(&group.address).await?;
        connection.execute("PRAGMA busy_timeout=500; PRAGMA wal_checkpoint(TRUNCATE)").await?;
        connection.close().await?;
        Ok(())
    }

    /// Writes a copy that is consistent even while others write (SQLite only: a server has tools of its own).
    pub async fn copy_to(&self, path: &str) -> anyhow::Result<()> {
        let address = match &self.writers {
            Writers::Sqlite(group) => &group.address,
            Writers::Nobody(address) if self.engine == Engine::Sqlite => address,
            _ => anyhow::bail!("PostgreSQL 请用 pg_dump 备份"),
        };
        let mut connection = AnyConnection::connect(address).await?;
        connection.execute("PRAGMA busy_timeout=5000").await?;
        sqlx::query("VACUUM INTO $1").bind(path).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
}

fn is_server(address: &str) -> bool {
    address.starts_with("postgres:") || address.starts_with("postgresql:")
}

async fn sqlite_readers(address: &str) -> Result<AnyPool, sqlx::Error> {
    AnyPoolOptions::new()
        .max_connections(4)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("PRAGMA query_only=ON; PRAGMA cache_size=-8000").await?;
                Ok(())
            })
        })
        .connect(address)
        .await
}

/// A connection that writes. It waits for another process - an import of a whole register takes seconds - nearly as
/// long as a request may take.
async fn sqlite_connection(address: &str) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = AnyConnection::connect(address).await?;
    connection
        .execute(
            "PRAGMA busy_timeout=20000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
             PRAGMA cache_size=-32000; PRAGMA journal_size_limit=67108864; PRAGMA secure_delete=ON",
        )
        .await?;
    Ok(connection)
}

/// A transaction of a server.
///
/// Not sqlx's own: PostgreSQL answers the `COMMIT` of a transaction in which a statement failed with `ROLLBACK` and
/// no error, and sqlx takes that for a commit.
pub struct Transaction {
    runtime: Handle,
    connection: Option<PoolConnection<Any>>,
}

impl Transaction {
    async fn begin(pool: &AnyPool) -> Result<Self, sqlx::Error> {
        let mut transaction = Self { runtime: Handle::current(), connection: Some(pool.acquire().await?) };
        transaction.connection.as_mut().expect("just taken").execute("BEGIN").await?;
        Ok(transaction)
    }

    async fn commit(mut self) -> Result<(), sqlx::Error> {
        let connection = self.connection.as_mut().expect("a transaction has a connection");
        // One message, one answer. Where a statement has failed before, the first part fails too.
        connection.execute("SELECT 1; COMMIT").await?;
        drop(self.connection.take());
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        self.runtime.spawn(async move {
            if connection.execute("ROLLBACK").await.is_err() {
                connection.close_on_drop();
            }
        });
    }
}

/// A write under way; it reads its own changes. Use it as the connection that it is.
///
/// A statement that fails ends the write: drop it. Neither database can go on from there, and a commit that follows
/// is refused.
pub enum Write {
    /// A savepoint of the group's transaction.
    Sqlite(Savepoint),
    /// A transaction.
    Postgres(Transaction),
}

impl Write {
    /// Returns once the write is on the disk. An error means that it may not be: the form's key tells which.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        // In a task of its own: a client that goes away must not stop halfway a commit that others wait for.
        let committed = match self {
            Self::Sqlite(savepoint) => tokio::spawn(savepoint.commit()),
            Self::Postgres(transaction) => tokio::spawn(transaction.commit()),
        };
        committed.await.unwrap_or(Err(sqlx::Error::WorkerCrashed))
    }
}

impl std::ops::Deref for Write {
    type Target = AnyConnection;
    fn deref(&self) -> &AnyConnection {
        match self {
            Self::Sqlite(savepoint) => savepoint.connection().expect("held"),
            Self::Postgres(transaction) => transaction.connection.as_ref().expect("held"),
        }
    }
}

impl std::ops::DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Self::Sqlite(savepoint) => savepoint.connection_mut().expect("held"),
            Self::Postgres(transaction) => transaction.connection.as_mut().expect("held"),
        }
    }
}
