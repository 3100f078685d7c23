//! `youzhi pay settle` against a loop over the rows of the same file that only sums; each is a process of its own.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use crate::Size;
use crate::measure::Table;

pub fn measure(size: &Size, table: &mut Table) {
    let path = std::env::temp_dir().join(format!("youzhi-settle-{}.csv", youzhi::secrets::random_hex::<4>()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "unit,class,official,stake_fen,score_bp").unwrap();
    for row in 0..size.rows {
        // Forty officials a unit, four a class: as in a county, many times over.
        let (unit, class) = (row / 40, row / 4 % 10);
        writeln!(file, "第{unit}单位,{class}级,{row},80000,{}", 6000 + row * 7919 % 4001).unwrap();
    }
    file.into_inner().unwrap().sync_all().unwrap();
    let timed = |command: &mut Command| -> Duration {
        let mut times: Vec<Duration> = (0..3)
            .map(|_| {
                let started = Instant::now();
                assert!(command.stdout(Stdio::null()).status().unwrap().success());
                started.elapsed()
            })
            .collect();
        times.sort();
        times[1]
    };
    let bare = timed(Command::new(std::env::current_exe().unwrap()).arg("--sum").arg(&path));
    let ours = timed(Command::new(env!("CARGO_BIN_EXE_youzhi")).args(["pay", "settle"]).arg(&path));
    let peak = peak(Command::new(env!("CARGO_BIN_EXE_youzhi")).args(["pay", "settle"]).arg(&path));
    std::fs::remove_file(&path).unwrap();
    table.ratio(
        &format!("pay settle, {} rows", size.rows),
        &format!("{ours:.2?}"),
        &format!("{bare:.2?}"),
        bare.as_secs_f64() / ours.as_secs_f64(),
        0.4,
    );
    let each = peak as f64 / size.rows as f64;
    let what = format!("pay settle, {} rows: memory a row, the whole process", size.rows);
    table.at_most(&what, &format!("{each:.1} bytes"), "1 byte", each, 64.0);
}

/// The most memory that a process had until it ended, in bytes, as far as one can see who looks all the time.
fn peak(command: &mut Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
        peak = kib.map_or(peak, |kib| peak.max(kib * 1024));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    peak
}

/// The limit: reads every record and adds two columns up.
pub fn sum(path: &str) -> ExitCode {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let (mut record, mut sums) = (csv::ByteRecord::new(), [0_u64; 2]);
    while reader.read_byte_record(&mut record).unwrap() {
        for (sum, column) in sums.iter_mut().zip([3, 4]) {
            *sum += std::str::from_utf8(&record[column]).unwrap().parse::<u64>().unwrap();
        }
    }
    println!("{sums:?}");
    ExitCode::SUCCESS
}
