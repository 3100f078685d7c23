//! The database: readers, the one way to write, and SQL built at run time.
//!
//! One SQL text serves SQLite and PostgreSQL; this file is the only place that knows which of them answers.
//! On SQLite a commit costs a write to the disk (`synchronous=FULL`), so requests share it: there is one writing
//! connection, each request works in a savepoint, and whoever finds nobody waiting commits for all. Nobody is told
//! that a thing is done before that commit is on the disk. On PostgreSQL [`Database::write`] is a transaction.

mod group;
mod sql;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Executor};
use tokio::runtime::Handle;

use group::GroupCommit;
pub use group::Savepoint;
pub use sql::Sql;

/// Tables in which the database itself refuses to change or delete a row.
const APPEND_ONLY: [&str; 2] = ["chain_record", "chain_link"];

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// Which program keeps the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the program.
    Sqlite,
    /// A server.
    Postgres,
}

/// An open database with its schema brought up to date.
#[derive(Clone)]
pub struct Database {
    engine: Engine,
    readers: AnyPool,
    writers: Writers,
}

#[derive(Clone)]
enum Writers {
    Sqlite(Arc<GroupCommit>),
    Postgres(AnyPool),
}

impl Database {
    /// Opens `address` (`sqlite:data/youzhi.sqlite` or `postgres://…`) and runs the migrations that it lacks.
    ///
    /// A SQLite file is made only where `create` is set, so that a vanished file is a fault and not an empty county.
    pub async fn open(address: &str, create: bool) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        if address.starts_with("postgres:") || address.starts_with("postgresql:") {
            Self::open_postgres(address).await
        } else {
            Self::open_sqlite(address, create).await
        }
    }

    async fn open_sqlite(address: &str, create: bool) -> anyhow::Result<Self> {
        let path = address.strip_prefix("sqlite:").unwrap_or(address);
        let existing = format!("sqlite:{path}?mode=rw");
        let first = if create { format!("sqlite:{path}?mode=rwc") } else { existing.clone() };
        let mut writer = sqlite_connection(&first).await.with_context(|| format!("打不开数据库文件 {path}"))?;
        MIGRATIONS.run_direct(None, &mut writer, false).await.context("更新数据库结构")?;
        for table in APPEND_ONLY {
            // INSERT OR REPLACE deletes a row without firing the trigger of DELETE: the row must not be there before.
            let known = match table {
                "chain_link" => "seq = NEW.seq OR record = NEW.record OR hash = NEW.hash",
                _ => "id = NEW.id",
            };
            let known = format!("WHEN EXISTS (SELECT 1 FROM {table} WHERE {known})");
            for (event, word, when) in
                [("UPDATE", "change", ""), ("DELETE", "delete", ""), ("INSERT", "replace", &known)]
            {
                let sql = format!(
                    "CREATE TRIGGER IF NOT EXISTS {table}_no_{word} BEFORE {event} ON {table} {when}
                     BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                );
                writer.execute(AssertSqlSafe(sql)).await?;
            }
        }
        let readers = AnyPoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection
                        .execute("PRAGMA query_only=ON; PRAGMA mmap_size=268435456; PRAGMA cache_size=-8000")
                        .await?;
                    Ok(())
                })
            })
            .connect(&existing)
            .await?;
        let group = GroupCommit::new(existing, writer);
        Ok(Self { engine: Engine::Sqlite, readers, writers: Writers::Sqlite(Arc::new(group)) })
    }

    async fn open_postgres(address: &str) -> anyhow::Result<Self> {
        let pool = |size: u32| {
            AnyPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(5))
                .test_before_acquire(false)
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
        MIGRATIONS.run_direct(None, &mut *connection, false).await.context("更新数据库结构")?;
        connection
            .execute(
                "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            )
            .await?;
        for table in APPEND_ONLY {
            let sql = format!(
                "CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                 FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
            );
            connection.execute(AssertSqlSafe(sql)).await?;
        }
        drop(connection);
        let readers = pool(12).connect(address).await?;
        Ok(Self { engine: Engine::Postgres, readers, writers: Writers::Postgres(writers) })
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
        match &self.writers {
            Writers::Sqlite(group) => GroupCommit::begin(group).await.map(Write::Sqlite),
            Writers::Postgres(pool) => Transaction::begin(pool).await.map(Write::Postgres),
        }
    }

    /// Closes every connection; on SQLite the write-ahead log is folded into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        match &self.writers {
            Writers::Postgres(pool) => pool.close().await,
            Writers::Sqlite(group) => group.close().await,
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
    /// deleted then lies nowhere, nor in the planner's samples. A server cleans its log and dead rows by itself.
    pub async fn fold(&self) -> anyhow::Result<()> {
        let Writers::Sqlite(group) = &self.writers else { return Ok(()) };
        let sampled: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'")
            .fetch_optional(&self.readers)
            .await?;
        if sampled.is_some() {
            self.analyze().await?;
        }
        let mut connection = sqlite_connection(&group.address).await?;
        connection.execute("PRAGMA busy_timeout=500; PRAGMA wal_checkpoint(TRUNCATE)").await?;
        connection.close().await?;
        Ok(())
    }

    /// Writes a copy that is consistent even while others write (SQLite only: a server has tools of its own).
    pub async fn copy_to(&self, path: &str) -> anyhow::Result<()> {
        let Writers::Sqlite(group) = &self.writers else {
            anyhow::bail!("PostgreSQL 请用 pg_dump 备份");
        };
        let mut connection = sqlite_connection(&group.address).await?;
        sqlx::query("VACUUM INTO $1").bind(path).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }
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
