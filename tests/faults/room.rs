//! A disk without room, on SQLite: a server keeps its own disk.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{County, Program, fresh_folder};
use crate::writers::{Outcome, Writer, assert_kept};

fn on_a_server() -> bool {
    std::env::var_os("YOUZHI_TEST_DATABASE").is_some()
}

/// Registers until there is no room, makes room, and registers again with the same program.
fn without_room_and_with(
    county: &County,
    mut program: Program,
    take_room: impl Fn(&Program),
    make_room: impl Fn(&Program),
) {
    let mut writer = Writer::signed_in(0, program.address);
    // Long enough that what room is left does not last.
    writer.padding = "，晚上孩子放学看不见路".repeat(800);
    for _ in 0..10 {
        assert_eq!(writer.register(), Outcome::Registered);
    }
    take_room(&program);
    // The log that is there already may be filled up first.
    let started = Instant::now();
    while writer.faults.is_empty() {
        assert_ne!(writer.register(), Outcome::Silence);
        assert!(started.elapsed() < Duration::from_mins(1), "it never ran out of room");
    }
    for _ in 0..10 {
        assert_eq!(writer.register(), Outcome::Fault);
    }
    // What needs no room is still shown.
    assert_eq!(writer.ledger().status, 200);
    program.still_runs();
    make_room(&program);
    // The form that failed eleven times is now registered once.
    writer.settle();
    for _ in 0..10 {
        assert_eq!(writer.register(), Outcome::Registered);
    }
    program.still_runs();
    assert_kept(county, std::slice::from_ref(&writer));
    program.kill();
    county.verify();
    assert_kept(county, std::slice::from_ref(&writer));
}

#[test]
fn files_that_may_not_grow_are_a_fault_with_a_reference_and_pass_by_themselves() {
    if on_a_server() {
        return;
    }
    let county = County::new();
    let program = county.start_without_signal();
    let limit = |program: &Program, limit: &str| {
        let pid = program.id().to_string();
        let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}:")]).status();
        assert!(set.expect("util-linux is installed").success());
    };
    let log = county.folder.join("youzhi.sqlite-wal");
    without_room_and_with(
        &county,
        program,
        |program| limit(program, &(std::fs::metadata(&log).unwrap().len() + 20_000).to_string()),
        |program| limit(program, "unlimited"),
    );
}

#[test]
fn a_full_disk_is_a_fault_with_a_reference_and_passes_by_itself() {
    if on_a_server() {
        return;
    }
    let disk = Disk(fresh_folder());
    std::fs::create_dir_all(&disk.0).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=24m", "none"])
        .arg(&disk.0)
        .stderr(Stdio::null())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("only root can mount a small disk: left to the limit on the size of files");
        std::fs::remove_dir(&disk.0).unwrap();
        return;
    }
    // Made where there is room: attachments leave the last gigabyte of a disk to the database.
    let made = County::new();
    let county = County::in_folder(disk.0.join("county"));
    let copied = Command::new("cp").arg("-a").arg(made.folder.join(".")).arg(&county.folder).status();
    assert!(copied.unwrap().success());
    let program = county.start();
    let filler = disk.0.join("filler");
    without_room_and_with(&county, program, |_| fill_up(&filler), |_| std::fs::remove_file(&filler).unwrap());
}

/// Writes a file until the disk has no room left.
fn fill_up(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}

/// A mounted disk; it is declared before what lies on it, and so taken away after.
struct Disk(std::path::PathBuf);

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(&self.0).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}
