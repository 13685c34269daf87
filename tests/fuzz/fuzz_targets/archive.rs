//! Unpacks or refuses arbitrary archives. Never panics, and never writes outside of the cache.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pyodide_pack::fuzz::archive(bytes));
