//! `youzhi backup` and `youzhi restore`, as an operator calls them.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[expect(dead_code, reason = "shared by the tests of commands, each uses its part")]
mod program;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use program::Place;

#[test]
fn a_backup_while_others_write_is_of_one_moment_and_restores() {
    let (place, _) = Place::with_a_county();
    let (stop, written) = (AtomicBool::new(false), AtomicI64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            program::block_on(async {
                let address = format!("sqlite:{}", place.arg("youzhi.sqlite"));
                let db = youzhi::db::Database::open(&address, false).await.unwrap();
                while !stop.load(Ordering::SeqCst) {
                    let mut write = db.write().await.unwrap();
                    let next = written.load(Ordering::SeqCst) + 1;
                    // Two rows that belong together.
                    for half in ["a", "b"] {
                        sqlx::query("INSERT INTO form_key (form_key, outcome, taken_at) VALUES ($1, '/', $2)")
                            .bind(format!("{half}{next}"))
                            .bind(next)
                            .execute(&mut *write)
                            .await
                            .unwrap();
                    }
                    write.commit().await.unwrap();
                    written.store(next, Ordering::SeqCst);
                }
                db.close().await;
            });
        });
        while written.load(Ordering::SeqCst) < 5 {
            std::thread::yield_now();
        }
        let before = written.load(Ordering::SeqCst);
        place.run(&["backup", &place.arg("copy.sqlite")]).well();
        stop.store(true, Ordering::SeqCst);
        assert!(before >= 5);
    });
    place.run(&["backup", &place.arg("copy.sqlite")]).refused("不覆盖");
    place.run(&["restore", &place.arg("copy.sqlite")]).refused("恢复不覆盖现有数据库");

    let other = Place::new();
    let copy = other.file("copy.sqlite", std::fs::read(place.at("copy.sqlite")).unwrap());
    other.run(&["restore", &copy]).well();
    let (last, rows) =
        (other.count("SELECT COALESCE(MAX(taken_at), 0) FROM form_key"), other.count("SELECT COUNT(*) FROM form_key"));
    assert!(last >= 5 && last <= written.load(Ordering::SeqCst), "{last}");
    assert_eq!(rows, last * 2, "a write is there whole or not at all");
    other.run(&["verify"]).well();
    // The keys are kept elsewhere.
    other.run(&["serve"]).refused("没有密钥文件");
}

#[test]
fn a_damaged_backup_is_not_put_in_place() {
    let (place, _) = Place::with_a_county();
    place.run(&["backup", &place.arg("copy.sqlite")]).well();
    let whole = std::fs::read(place.at("copy.sqlite")).unwrap();
    let other = Place::new();
    let refused = |bytes: &[u8], why: &str| {
        let copy = other.file("copy.sqlite", bytes);
        other.run(&["restore", &copy]).refused(why);
        let left: Vec<String> = std::fs::read_dir(&other.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(left, ["copy.sqlite"]);
    };
    refused(b"nothing", "不是备份文件");
    refused(&whole[..whole.len() / 2], "不是完好的备份");
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2 / 4096 * 4096;
    damaged[middle..middle + 4096].fill(0xa5);
    refused(&damaged, "不是完好的备份");
    other.file("copy.sqlite", &whole);
    other.run(&["restore", &other.arg("copy.sqlite")]).well();
}
