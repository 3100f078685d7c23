//! `youzhi::parsers`: sheet.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| youzhi::parsers::run("sheet", bytes));
