#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mukae_fuzz::tables::table(bytes));
