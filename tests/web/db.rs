//! The one way to write, when everything goes wrong: nothing acknowledged is lost, nothing lost is acknowledged.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Executor};
use youzhi::db::{Database, Engine, Write};

use crate::county::County;

/// What a writer learned about its two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    Done,
    /// The commit was refused, or the writer gave up before it.
    NotDone,
}

async fn insert(write: &mut Write, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO database_mark (name, value) VALUES ($1, 'x')")
        .bind(name.to_owned())
        .execute(&mut **write)
        .await?;
    Ok(())
}

async fn exists(db: &Database, name: &str) -> bool {
    names(db).await.contains(name)
}

async fn names(db: &Database) -> BTreeSet<String> {
    let mut read = db.read().await.unwrap();
    let rows: Vec<(String,)> = sqlx::query_as("SELECT name FROM database_mark").fetch_all(&mut *read).await.unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

/// Fails the test where a writer waits for ever.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("the lane is stuck")
}

/// A small generator: a run that fails can be run again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Two rows in one write, with pauses in which the writer may be dropped; sometimes it gives up by itself.
async fn write_two(db: Database, name: String, mut dice: Dice, told: Arc<Mutex<Vec<(String, Told)>>>) {
    let pause = |times: u64| async move {
        for _ in 0..times {
            tokio::task::yield_now().await;
        }
    };
    let mut write = match db.write().await {
        Ok(write) => write,
        Err(error) => panic!("{error}"),
    };
    insert(&mut write, &format!("{name}-1")).await.unwrap();
    pause(dice.below(4)).await;
    match dice.below(8) {
        0 => {
            drop(write);
            told.lock().unwrap().push((name, Told::NotDone));
            return;
        }
        1 => {
            insert(&mut write, &format!("{name}-1")).await.unwrap_err();
            drop(write);
            told.lock().unwrap().push((name, Told::NotDone));
            return;
        }
        _ => {}
    }
    insert(&mut write, &format!("{name}-2")).await.unwrap();
    write.commit().await.unwrap();
    told.lock().unwrap().push((name, Told::Done));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_dropped_writers_loses_nothing_that_was_acknowledged() {
    let county = County::new().await;
    let seed = std::env::var("YOUZHI_TEST_SEED").map_or_else(|_| u64::from(std::process::id()), |s| s.parse().unwrap());
    println!("YOUZHI_TEST_SEED={seed}");
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut dropped = 0;
    for wave in 0..12 {
        let mut tasks = Vec::new();
        for writer in 0..64 {
            let (name, own) = (format!("storm-{wave}-{writer}"), Dice(dice.below(u64::MAX) | 1));
            let task = tokio::spawn(write_two(county.app.db.clone(), name, own, told.clone()));
            // Two of five are dropped, at moments spread over the wave.
            let drop_after = (dice.below(5) < 2).then(|| Duration::from_micros(dice.below(40_000)));
            tasks.push((task, drop_after));
        }
        let ended = tasks.into_iter().map(|(task, drop_after)| {
            let abort = task.abort_handle();
            if let Some(after) = drop_after {
                tokio::spawn(async move {
                    tokio::time::sleep(after).await;
                    abort.abort();
                });
            }
            task
        });
        for task in ended.collect::<Vec<_>>() {
            if let Err(error) = soon(task).await {
                assert!(error.is_cancelled(), "{error}");
                dropped += 1;
            }
        }
    }
    assert!(dropped > 20, "only {dropped} writers were dropped: this proved little");
    // A writer that comes after the storm finds the lane free.
    let mut last = soon(county.app.db.write()).await.unwrap();
    insert(&mut last, "last").await.unwrap();
    soon(last.commit()).await.unwrap();

    let kept = names(&county.app.db).await;
    assert!(kept.contains("last"));
    for (name, told) in told.lock().unwrap().iter() {
        for row in [format!("{name}-1"), format!("{name}-2")] {
            assert_eq!(kept.contains(&row), *told == Told::Done, "{row} was told {told:?}");
        }
    }
    // Those who were dropped never heard: both rows or none.
    for row in kept.iter().filter_map(|row| row.strip_suffix("-1")) {
        assert!(kept.contains(&format!("{row}-2")), "half of {row} was kept");
    }
    for row in kept.iter().filter_map(|row| row.strip_suffix("-2")) {
        assert!(kept.contains(&format!("{row}-1")), "half of {row} was kept");
    }
}

/// A writer whose work is done and who waits for a commit that `next`, who holds the lane now, will have to make.
/// Gives nothing on PostgreSQL, where nobody waits for another's commit.
async fn one_waits_for_the_next(db: &Database) -> Option<(tokio::task::JoinHandle<Result<(), sqlx::Error>>, Write)> {
    if db.engine() != Engine::Sqlite {
        return None;
    }
    let mut first = db.write().await.unwrap();
    insert(&mut first, "first").await.unwrap();
    let next = tokio::spawn({
        let db = db.clone();
        async move { db.write().await.unwrap() }
    });
    // The next one is in the queue before the first is done.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let first = tokio::spawn(first.commit());
    let next = soon(next).await.unwrap();
    assert!(!first.is_finished(), "the first waits for the group's commit");
    Some((first, next))
}

#[tokio::test]
async fn a_dropped_writer_commits_for_those_who_wait_for_it() {
    let county = County::new().await;
    let Some((first, next)) = one_waits_for_the_next(&county.app.db).await else { return };
    drop(next);
    soon(first).await.unwrap().unwrap();
    assert!(exists(&county.app.db, "first").await);
}

#[tokio::test]
async fn a_writer_that_leaves_the_queue_commits_for_those_who_relied_on_it() {
    let county = County::new().await;
    let Some((first, next)) = one_waits_for_the_next(&county.app.db).await else { return };
    let third = tokio::spawn({
        let db = county.app.db.clone();
        async move { db.write().await.map(drop) }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let next = tokio::spawn(next.commit());
    third.abort();
    soon(first).await.unwrap().unwrap();
    soon(next).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_writer_dropped_on_entering_the_lane_leaves_nobody_waiting() {
    let county = County::new().await;
    // A future that is polled a few times and dropped: in the queue, on entering, in BEGIN, in SAVEPOINT.
    for polls in 1..6 {
        let Some((first, next)) = one_waits_for_the_next(&county.app.db).await else { return };
        let db = county.app.db.clone();
        let mut entering = Box::pin(async move { db.write().await.map(drop) });
        assert!(futures_poll(&mut entering).await.is_none(), "it queues behind the next");
        drop(next);
        for _ in 1..polls {
            tokio::time::sleep(Duration::from_millis(3)).await;
            if futures_poll(&mut entering).await.is_some() {
                break;
            }
        }
        drop(entering);
        soon(first).await.unwrap().unwrap();
        county.execute("DELETE FROM database_mark WHERE name = 'first'").await;
    }
}

/// Polls a future once.
async fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn a_full_database_in_the_midst_of_a_group_is_told_to_everybody_in_it() {
    let county = County::new().await;
    let db = &county.app.db;
    let Some((first, mut next)) = one_waits_for_the_next(db).await else { return };
    // As when the disk is full: SQLite rolls back the whole transaction, the first one's work included.
    next.execute("PRAGMA max_page_count = 1").await.unwrap();
    let big = "x".repeat(1 << 20);
    let full = sqlx::query("INSERT INTO database_mark (name, value) VALUES ('next', $1)")
        .bind(big)
        .execute(&mut *next)
        .await
        .unwrap_err();
    assert!(full.to_string().contains("full"), "{full}");
    // One that goes on in spite of it is not believed either.
    let _ = insert(&mut next, "in spite").await;
    soon(next.commit()).await.unwrap_err();
    soon(first).await.unwrap().unwrap_err();
    assert!(!exists(db, "first").await, "it was told that it failed");
    assert!(!exists(db, "next").await);
    // There is room again on a new connection, without anybody's help.
    let mut again = db.write().await.unwrap();
    insert(&mut again, "again").await.unwrap();
    soon(again.commit()).await.unwrap();
    assert!(exists(db, "again").await);
}

#[tokio::test]
async fn a_full_database_is_not_hidden_by_the_next_transaction() {
    let county = County::new().await;
    let db = &county.app.db;
    let Some((first, mut next)) = one_waits_for_the_next(db).await else { return };
    next.execute("PRAGMA max_page_count = 1").await.unwrap();
    let big = "x".repeat(1 << 20);
    let insert_big = "INSERT INTO database_mark (name, value) VALUES ('next', $1)";
    sqlx::query(insert_big).bind(big).execute(&mut *next).await.unwrap_err();
    // The third enters where the second rolled everything back and ends well: the first must not take its commit.
    let third = tokio::spawn({
        let db = db.clone();
        async move {
            let mut third = db.write().await.unwrap();
            insert(&mut third, "third").await.unwrap();
            third.commit().await
        }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(next);
    soon(first).await.unwrap().unwrap_err();
    soon(third).await.unwrap().unwrap();
    assert!(!exists(db, "first").await);
    assert!(exists(db, "third").await);
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_and_the_next_one_succeeds() {
    let county = County::new().await;
    let db = &county.app.db;
    let Some((first, mut next)) = one_waits_for_the_next(db).await else { return };
    // A row that refers to nothing, looked at only by the commit.
    next.execute("PRAGMA defer_foreign_keys = ON").await.unwrap();
    next.execute("INSERT INTO chain_pending (record) VALUES (1)").await.unwrap();
    soon(next.commit()).await.unwrap_err();
    soon(first).await.unwrap().unwrap_err();
    assert!(!exists(db, "first").await);
    county.execute("INSERT INTO database_mark (name, value) VALUES ('again', 'x')").await;
    assert!(exists(db, "again").await);
}

#[tokio::test]
async fn a_commit_after_a_failed_statement_tells_the_truth() {
    let county = County::new().await;
    let db = &county.app.db;
    let mut write = db.write().await.unwrap();
    insert(&mut write, "one").await.unwrap();
    insert(&mut write, "one").await.unwrap_err();
    // PostgreSQL answers this commit with ROLLBACK and without an error.
    let done = write.commit().await.is_ok();
    assert_eq!(exists(db, "one").await, done);
}

#[tokio::test]
async fn what_is_dropped_leaves_no_trace_and_no_connection_behind() {
    let county = County::new().await;
    let db = &county.app.db;
    // More often than there are connections to a server.
    for attempt in 0..40 {
        let mut write = soon(db.write()).await.unwrap();
        insert(&mut write, &format!("dropped-{attempt}")).await.unwrap();
        drop(write);
    }
    assert!(!names(db).await.iter().any(|name| name.starts_with("dropped")));
}

#[tokio::test]
async fn a_file_that_was_moved_away_takes_no_more_commits_until_it_is_back() {
    let folder = std::env::temp_dir().join(format!("youzhi-moved-{}", youzhi::secrets::random_hex::<8>()));
    let away = folder.with_extension("away");
    std::fs::create_dir_all(&folder).unwrap();
    let address = format!("sqlite:{}", folder.join("county.sqlite").display());
    let db = Database::open(&address, true).await.unwrap();
    let write = |name: &'static str| {
        let db = db.clone();
        async move {
            let mut write = db.write().await?;
            write
                .execute(AssertSqlSafe(format!("INSERT INTO database_mark (name, value) VALUES ('{name}', 'x')")))
                .await?;
            write.commit().await
        }
    };
    write("before").await.unwrap();
    std::fs::rename(&folder, &away).unwrap();
    write("meanwhile").await.unwrap_err();
    write("meanwhile").await.unwrap_err();
    std::fs::rename(&away, &folder).unwrap();
    write("after").await.unwrap();
    db.close().await;
    let again = Database::open(&address, false).await.unwrap();
    let kept = names(&again).await;
    assert!(kept.contains("before") && kept.contains("after") && !kept.contains("meanwhile"), "{kept:?}");
    again.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn an_append_only_trigger_that_was_removed_is_missed_and_put_back_by_the_next_start() {
    let county = County::empty().await;
    let db = &county.app.db;
    assert_eq!(db.structure().await.unwrap(), youzhi::db::Structure::default());
    let drop = match db.engine() {
        Engine::Sqlite => "DROP TRIGGER chain_link_no_delete",
        Engine::Postgres => "ALTER TABLE chain_link DISABLE TRIGGER chain_link_append_only",
    };
    county.execute(drop).await;
    let look = Database::open_to_look(&county.address).await.unwrap();
    assert_eq!(look.structure().await.unwrap().triggers.len(), 1);
    assert!(look.write().await.is_err(), "opened to look only");
    look.close().await;
    // Of two that start together one puts it back, and the other finds it there.
    let (one, other) = tokio::join!(Database::open(&county.address, false), Database::open(&county.address, false));
    for again in [one.unwrap(), other.unwrap()] {
        assert_eq!(again.structure().await.unwrap(), youzhi::db::Structure::default());
        again.close().await;
    }
}
