//! Lock files, requirements, script metadata and side modules from nowhere: read or refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pyodide_pack::fuzz::text(bytes));
