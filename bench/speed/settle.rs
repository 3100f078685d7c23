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
    std::fs::remove_file(&path).unwrap();
    table.ratio(
        &format!("pay settle, {} rows", size.rows),
        &format!("{ours:.2?}"),
        &format!("{bare:.2?}"),
        bare.as_secs_f64() / ours.as_secs_f64(),
        0.4,
    );
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
