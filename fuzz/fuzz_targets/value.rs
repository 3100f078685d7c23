//! `youzhi::parsers`: value.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| youzhi::parsers::run("value", bytes));
