//! Registering over HTTP against the same statements issued directly.
//!
//! The limit issues what a registration issues, prepared, by the database's own driver, over as many connections and
//! with the same commits: on SQLite one writer that takes whoever waits into its transaction, on PostgreSQL a
//! transaction each. It parses no form, checks no right, encrypts nothing, renders no page and links no chain.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::{Connection, Executor, PgConnection, Row, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::Size;
use crate::http::Client;
use crate::measure::{Rate, Table, counties, load, median};
use crate::program::County;

/// Rounds of each figure; ours and the limit take turns, and the one in the middle counts.
const ROUNDS: usize = 3;

pub fn measure(size: &Size, table: &mut Table) {
    for (name, county) in counties() {
        let program = county.start();
        let mut officer = Client::new(program.address);
        officer.sign_in("xinfang", youzhi::demo::PASSWORD);
        let register = |client: &mut Client| {
            let key = youzhi::secrets::random_hex::<16>();
            let answer = client.post(
                "/petitions",
                &[
                    ("key", key.as_str()),
                    ("channel", "visit"),
                    ("content", "住房墙体因采矿开裂，要求鉴定并补偿。"),
                    ("place_code", "430223125"),
                    ("place", "莲塘坳镇"),
                    ("people", "1"),
                    ("name", "罗新华"),
                    ("phone", "13812345678"),
                ],
            );
            let answer = answer.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.text());
        };
        load(&officer, program.id(), 4, 1, register);
        for connections in [1, 8, 64] {
            if name == "PostgreSQL" && connections == 64 {
                continue;
            }
            let (mut ours, mut limits) = (Vec::new(), Vec::new());
            for _ in 0..ROUNDS {
                ours.push(load(&officer, program.id(), connections, size.seconds, register));
                limits.push(directly(&county, connections, size.seconds));
            }
            let (ours, limit) = (median(ours), median(limits));
            table.ratio(
                &format!("registration, {name}, {connections} connections"),
                &ours.shown(),
                &format!("{:.0}/s", limit.per_second),
                ours.per_second / limit.per_second,
                0.5,
            );
            if connections == 64 {
                let met = ours.per_second >= 1500.0;
                table.goal("durable registrations a second", &format!("{:.0}", ours.per_second), "1,500", met);
            }
        }
    }
}

static NEXT: AtomicI64 = AtomicI64::new(1);

/// Ids that the program never makes.
fn id() -> i64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

macro_rules! look_up {
    ($connection:expr) => {{
        let rows = sqlx::query(
            "SELECT s.seen_at, a.id AS account, o.id AS official, o.name, ap.id AS appointment,
                    p.id AS post, p.title AS post_title, u.id AS unit, u.name AS unit_name, u.division AS place, g.role
               FROM session s
               JOIN account a ON a.id = s.account AND a.disabled_on IS NULL
               JOIN official o ON o.id = a.official
               JOIN appointment ap ON ap.id = s.appointment AND ap.official = o.id
                    AND ap.held_from <= $4 AND (ap.held_to IS NULL OR ap.held_to > $4)
               JOIN post p ON p.id = ap.post
               JOIN unit u ON u.id = p.unit
               LEFT JOIN role_grant g ON g.appointment = ap.id
              WHERE s.token_hash = $1 AND s.created_at > $2 AND s.seen_at > $3",
        )
        .bind(vec![0_u8; 32])
        .bind(0_i64)
        .bind(0_i64)
        .bind("2026-11-02")
        .fetch_all(&mut $connection)
        .await?;
        let place = sqlx::query("SELECT code, name FROM division WHERE code = $1 AND valid_from <= $2")
            .bind("430223125")
            .bind("2026-11-02")
            .fetch_optional(&mut $connection)
            .await?;
        (rows.len(), place.is_some())
    }};
}

macro_rules! statements {
    ($connection:expr) => {{
        let (petition, record) = (id(), id());
        let key = youzhi::secrets::random_hex::<16>();
        let bytes = || youzhi::secrets::random::<32>().to_vec();
        sqlx::query("INSERT INTO form_key (form_key, outcome, taken_at) VALUES ($1, $2, $3) ON CONFLICT (form_key) DO NOTHING")
            .bind(key)
            .bind(format!("/petitions/{petition}"))
            .bind(1_i64)
            .execute(&mut $connection)
            .await?;
        let serial: i64 = sqlx::query(
            "INSERT INTO number_series (series, year, last) VALUES ('限', $1, 1)
             ON CONFLICT (series, year) DO UPDATE SET last = number_series.last + 1 RETURNING last",
        )
        .bind(2026_i64)
        .fetch_one(&mut $connection)
        .await?
        .get(0);
        sqlx::query(
            "INSERT INTO petition (id, number, registered_on, registered_at, registered_by, channel, title, content, theme,
                                   division, township, place_detail, people, anonymous, lead, category, state, unit, version)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'unsorted', 'registered', $16, 1)",
        )
        .bind(petition)
        .bind(format!("限〔2026〕{serial:04}号"))
        .bind("2026-11-02")
        .bind(1_i64)
        .bind(None::<i64>)
        .bind("visit")
        .bind("住房墙体因采矿开裂")
        .bind("住房墙体因采矿开裂，要求鉴定并补偿。")
        .bind("mining")
        .bind("430223125")
        .bind("430223125")
        .bind("")
        .bind(1_i64)
        .bind(0_i64)
        .bind("罗新华")
        .bind(None::<i64>)
        .execute(&mut $connection)
        .await?;
        sqlx::query(
            "INSERT INTO petitioner (id, petition, position, name, phone, phone_key, identity, address)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id())
        .bind(petition)
        .bind(1_i64)
        .bind("罗新华")
        .bind(bytes())
        .bind(bytes())
        .bind(None::<Vec<u8>>)
        .bind("")
        .execute(&mut $connection)
        .await?;
        sqlx::query("INSERT INTO receipt (petition, code_key) VALUES ($1, $2)")
            .bind(petition)
            .bind(bytes())
            .execute(&mut $connection)
            .await?;
        sqlx::query("INSERT INTO petition_unpaired (petition) VALUES ($1)")
            .bind(petition)
            .execute(&mut $connection)
            .await?;
        sqlx::query(
            "INSERT INTO clock (id, petition, kind, runs_from, due_on, provisional) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id())
        .bind(petition)
        .bind("registration")
        .bind("2026-11-02")
        .bind("2026-11-17")
        .bind(0_i64)
        .execute(&mut $connection)
        .await?;
        sqlx::query(
            "INSERT INTO chain_record (id, at, official, appointment, action, subject_kind, subject, commitment)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(record)
        .bind(1_i64)
        .bind(1_i64)
        .bind(1_i64)
        .bind("petition.registered")
        .bind("petition")
        .bind(petition)
        .bind(bytes())
        .execute(&mut $connection)
        .await?;
        sqlx::query("INSERT INTO chain_content (record, salt, content) VALUES ($1, $2, $3)")
            .bind(record)
            .bind(bytes())
            .bind(r#"{"title":"住房墙体因采矿开裂","content":"住房墙体因采矿开裂，要求鉴定并补偿。","division":"430223125"}"#)
            .execute(&mut $connection)
            .await?;
    }};
}

/// The limit; the program stands by meanwhile.
fn directly(county: &County, connections: usize, seconds: u64) -> Rate {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let database = county.database();
    let result: Result<(), sqlx::Error> = runtime.block_on(async {
        if database.starts_with("sqlite:") {
            on_sqlite(&database, connections, until, done.clone()).await
        } else {
            on_postgres(&database, connections, until, done.clone()).await
        }
    });
    result.unwrap();
    Rate { per_second: done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64(), cpu: Duration::ZERO }
}

async fn on_postgres(
    database: &str,
    connections: usize,
    until: Instant,
    done: Arc<AtomicU64>,
) -> Result<(), sqlx::Error> {
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (database, done) = (database.to_owned(), done.clone());
        tasks.push(tokio::spawn(async move {
            let mut connection = PgConnection::connect(&database).await?;
            while Instant::now() < until {
                look_up!(connection);
                connection.execute("BEGIN").await?;
                statements!(connection);
                connection.execute("COMMIT").await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, sqlx::Error>(())
        }));
    }
    for task in tasks {
        task.await.unwrap()?;
    }
    Ok(())
}

async fn on_sqlite(
    database: &str,
    connections: usize,
    until: Instant,
    done: Arc<AtomicU64>,
) -> Result<(), sqlx::Error> {
    let (asking, mut asked) = mpsc::channel::<oneshot::Sender<()>>(128);
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (database, done, asking) = (database.to_owned(), done.clone(), asking.clone());
        tasks.push(tokio::spawn(async move {
            let mut reader = SqliteConnection::connect(&database).await?;
            while Instant::now() < until {
                look_up!(reader);
                let (sender, committed) = oneshot::channel();
                asking.send(sender).await.unwrap();
                committed.await.unwrap();
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<_, sqlx::Error>(())
        }));
    }
    drop(asking);
    let mut writer = SqliteConnection::connect(database).await?;
    writer.execute("PRAGMA busy_timeout=20000; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000").await?;
    while let Some(first) = asked.recv().await {
        let mut group = vec![first];
        writer.execute("BEGIN IMMEDIATE").await?;
        statements!(writer);
        while let Ok(next) = asked.try_recv() {
            statements!(writer);
            group.push(next);
            if group.len() == 128 {
                break;
            }
        }
        writer.execute("COMMIT").await?;
        for sender in group {
            let _ = sender.send(());
        }
    }
    for task in tasks {
        task.await.unwrap()?;
    }
    Ok(())
}
