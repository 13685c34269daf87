//! Parses or refuses arbitrary lock files, requirements, script metadata and side modules.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pyodide_pack::fuzz::text(bytes));
