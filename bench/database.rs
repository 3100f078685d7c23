//! The figures of docs/decisions/0001-database.md: what one SQL text through sqlx's `Any` costs, what a commit costs,
//! and what sharing it brings.
//!
//! `cargo xtask bench database`

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on may stop")]
#![expect(
    clippy::disallowed_types,
    clippy::cast_precision_loss,
    clippy::format_push_string,
    reason = "a measured duration is no amount of money"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use youzhi::db::Database;

const TABLE: &str = "CREATE TABLE bench_row (id BIGINT PRIMARY KEY, name TEXT NOT NULL, at BIGINT NOT NULL)";
const INSERT: &str = "INSERT INTO bench_row (id, name, at) VALUES ($1, $2, $3)";
const SELECT: &str = "SELECT id, name, at FROM bench_row WHERE id >= $1 ORDER BY id LIMIT 50";
/// Statements a loop.
const LOOP: i64 = 4_000;
const ROUNDS: usize = 3;

/// Inserts rows in one transaction, then reads pages of fifty, over one connection; microseconds a statement.
macro_rules! statements {
    ($kind:ty, $address:expr) => {{
        let mut connection = <$kind>::connect($address).await.unwrap();
        let mut best = (f64::MAX, f64::MAX);
        for _ in 0..ROUNDS {
            connection.execute("DELETE FROM bench_row").await.unwrap();
            let started = Instant::now();
            connection.execute("BEGIN").await.unwrap();
            for id in 0..LOOP {
                sqlx::query(INSERT).bind(id).bind("罗新华").bind(id).execute(&mut connection).await.unwrap();
            }
            connection.execute("COMMIT").await.unwrap();
            let inserts = micros(started, LOOP);
            let started = Instant::now();
            for page in 0..LOOP / 4 {
                let rows: Vec<(i64, String, i64)> =
                    sqlx::query_as(SELECT).bind(page).fetch_all(&mut connection).await.unwrap();
                assert_eq!(rows.len(), 50);
            }
            best = (best.0.min(inserts), best.1.min(micros(started, LOOP / 4)));
        }
        connection.close().await.unwrap();
        best
    }};
}

fn micros(started: Instant, times: i64) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / times as f64
}

fn print(what: &str, (inserts, pages): (f64, f64)) {
    println!("| {what} | {inserts:.1} µs | {pages:.1} µs |");
}

#[tokio::main]
async fn main() {
    sqlx::any::install_default_drivers();
    let folder = std::env::temp_dir().join(format!("youzhi-database-{}", youzhi::secrets::random_hex::<4>()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = format!("sqlite:{}?mode=rwc", folder.join("any.sqlite").display());
    let mut connection = SqliteConnection::connect(&file).await.unwrap();
    connection.execute("PRAGMA journal_mode=WAL").await.unwrap();
    connection.execute(TABLE).await.unwrap();
    connection.close().await.unwrap();

    println!("| the best of {ROUNDS} | an insert, {LOOP} in one transaction | a page of 50 rows |\n|---|---|---|");
    print("SQLite, native", statements!(SqliteConnection, &file));
    print("SQLite, `Any`", statements!(AnyConnection, &file));
    if let Ok(server) = std::env::var("YOUZHI_TEST_DATABASE") {
        let name = format!("youzhi_bench_{}", youzhi::secrets::random_hex::<4>());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let own = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        let mut connection = PgConnection::connect(&own).await.unwrap();
        connection.execute(TABLE).await.unwrap();
        connection.close().await.unwrap();
        print("PostgreSQL, native", statements!(PgConnection, &own));
        print("PostgreSQL, `Any`", statements!(AnyConnection, &own));
        admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await.unwrap();
    }

    println!("\n| SQLite, one row a write | 1 writer | 8 writers | 64 writers |\n|---|---|---|---|");
    for synchronous in ["FULL", "NORMAL"] {
        let mut line = format!("| one commit each, synchronous={synchronous} |");
        for writers in [1, 8, 64] {
            line += &format!(" {:.0}/s |", alone(&folder, synchronous, writers).await);
        }
        println!("{line}");
    }
    let mut line = "| group commit, synchronous=FULL |".to_owned();
    for writers in [1, 8, 64] {
        line += &format!(" {:.0}/s |", grouped(&folder, writers).await);
    }
    println!("{line}");
    std::fs::remove_dir_all(&folder).unwrap();
}

const SECONDS: Duration = Duration::from_secs(2);

/// Writers that take turns on one connection and commit each for itself.
async fn alone(folder: &std::path::Path, synchronous: &str, writers: usize) -> f64 {
    let path = folder.join(format!("alone-{synchronous}-{writers}.sqlite"));
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    let pragma = format!("PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}");
    connection.execute(AssertSqlSafe(pragma)).await.unwrap();
    connection.execute(TABLE).await.unwrap();
    let connection = Arc::new(tokio::sync::Mutex::new(connection));
    count(writers, move |id| {
        let connection = connection.clone();
        async move {
            let mut connection = connection.lock().await;
            connection.execute("BEGIN IMMEDIATE").await.unwrap();
            sqlx::query(INSERT).bind(id).bind("罗新华").bind(id).execute(&mut *connection).await.unwrap();
            connection.execute("COMMIT").await.unwrap();
        }
    })
    .await
}

/// Writers through the program's own `db::write`.
async fn grouped(folder: &std::path::Path, writers: usize) -> f64 {
    let path = folder.join(format!("grouped-{writers}.sqlite"));
    let db = Database::open(&format!("sqlite:{}", path.display()), true).await.unwrap();
    let mut write = db.write().await.unwrap();
    write.execute(TABLE).await.unwrap();
    write.commit().await.unwrap();
    let own = db.clone();
    let rate = count(writers, move |id| {
        let db = own.clone();
        async move {
            let mut write = db.write().await.unwrap();
            sqlx::query(INSERT).bind(id).bind("罗新华").bind(id).execute(&mut *write).await.unwrap();
            write.commit().await.unwrap();
        }
    })
    .await;
    db.close().await;
    rate
}

/// How often a second `writers` tasks carry this out.
async fn count<F>(writers: usize, write: impl Fn(i64) -> F + Clone + Send + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    let (next, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (next, write) = (next.clone(), write.clone());
            tokio::spawn(async move {
                while started.elapsed() < SECONDS {
                    write(next.fetch_add(1, Ordering::Relaxed).cast_signed()).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    next.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}
