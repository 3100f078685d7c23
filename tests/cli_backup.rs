//! `youzhi backup` and `youzhi restore`, as an operator calls them, and where attachments lie.

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

/// A demo county, which has five attachments, with settings of its own.
fn demo(place: &Place, settings: &[(&str, &str)]) -> program::Said {
    run(place, settings, &["demo", "--fill-only", "--households", "100"])
}

fn run(place: &Place, settings: &[(&str, &str)], arguments: &[&str]) -> program::Said {
    Place::finish(place.command(arguments).envs(settings.iter().copied()))
}

#[test]
fn attachments_go_with_a_backup_and_what_is_wrong_with_them_is_told() {
    let place = Place::new();
    demo(&place, &[]).well();
    place.run(&["verify"]).well().says("附件 5 个与存证相符");
    place.run(&["backup", &place.arg("copy.sqlite")]).well().says("附件 5 个已备份到");
    let other = Place::new();
    other.run(&["restore", &place.arg("copy.sqlite")]).well().says("附件 5 个已恢复到");
    other.run(&["verify"]).well().says("附件 5 个与存证相符");

    let mut objects: Vec<_> = std::fs::read_dir(other.at("files"))
        .unwrap()
        .flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap())
        .map(|object| object.unwrap().path())
        .collect();
    assert_eq!(objects.len(), 5);
    std::fs::write(objects.pop().unwrap(), b"something else").unwrap();
    std::fs::remove_file(objects.pop().unwrap()).unwrap();
    let said = other.run(&["verify"]);
    said.says("附件 3 个与存证相符").says("存储里的内容与存证不符").says("存储里没有");
    assert_eq!(said.code, 1);
    other.run(&["doctor"]).says("异常  附件").says("缺 1 个（共 5 个）");
}

/// An S3-compatible store (moto, from PyPI), with a bucket.
struct Bucket {
    server: std::process::Child,
    address: std::net::SocketAddr,
}

impl Bucket {
    /// Starts it; nothing where it cannot be installed.
    fn open() -> Option<Self> {
        use std::process::{Command, Stdio};
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
        let program = folder.join("bin/moto_server");
        let quietly = |command: &mut Command| {
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        let there = program.exists()
            || (quietly(Command::new("python3").args(["-m", "venv"]).arg(&folder))
                && quietly(Command::new(folder.join("bin/pip")).args(["install", "moto[server]==5.*"])));
        if !there {
            println!("skipped: moto[server] cannot be installed from PyPI into {}", folder.display());
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.port().to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let bucket = Self { server: command.spawn().unwrap(), address: port };
        let started = std::time::Instant::now();
        while !bucket.make() {
            assert!(started.elapsed() < std::time::Duration::from_mins(1), "moto does not answer");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        Some(bucket)
    }

    /// Makes the bucket `county`.
    fn make(&self) -> bool {
        use std::io::{Read, Write};
        let Ok(mut stream) = std::net::TcpStream::connect(self.address) else { return false };
        let host = self.address;
        write!(stream, "PUT /county HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_bucket_keeps_attachments_as_a_folder_does() {
    let Some(bucket) = Bucket::open() else { return };
    let endpoint = format!("http://{}", bucket.address);
    let settings = |files: &'static str| {
        [
            ("YOUZHI_FILES", files),
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ]
    };
    let place = Place::new();
    let ours = settings("s3://county/youzhi");
    demo(&place, &ours).well();
    assert!(!place.at("files").exists(), "nothing lies beside the database");
    run(&place, &ours, &["verify"]).well().says("附件 5 个与存证相符");
    run(&place, &ours, &["doctor"]).says("s3://county/youzhi，5 个都在");
    run(&place, &ours, &["backup", &place.arg("copy.sqlite")]).well().says("不在这份备份里");
    let said = run(&place, &settings("s3://county/elsewhere"), &["verify"]);
    assert_eq!(said.code, 1);
    said.says("存储里没有");
    run(&place, &settings("s3://"), &["verify"]).refused("缺少桶名");
}
