//! Archives from nowhere: unpacked or refused, never a panic, nothing outside of the cache.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pyodide_pack::fuzz::archive(bytes));
