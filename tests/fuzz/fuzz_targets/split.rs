//! Splits arbitrary bytes, and valid modules that are made from them: the parts of a valid module are valid.
#![no_main]

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};
use wasmparser::Validator;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Some(module) = generated(bytes) {
        check(&module);
    }
});

/// Splits a module, which comes after a byte that decides which functions stay.
fn check(bytes: &[u8]) {
    let parts = pyodide_pack::fuzz::split(bytes);
    let is_valid = bytes.get(1..).is_some_and(|module| Validator::new().validate_all(module).is_ok());
    for part in parts.iter().filter(|_| is_valid) {
        Validator::new().validate_all(part).unwrap();
    }
}

/// Returns a valid module with a byte before it.
fn generated(bytes: &[u8]) -> Option<Vec<u8>> {
    let (seed, rest) = bytes.split_first()?;
    let config = Config {
        exceptions_enabled: seed & 4 != 0,
        simd_enabled: seed & 8 != 0,
        tail_call_enabled: seed & 16 != 0,
        max_memories: if seed & 32 == 0 { 1 } else { 3 },
        memory64_enabled: seed & 64 != 0,
        // Without a limit, its modules have too few functions of any size.
        min_funcs: 8,
        max_funcs: 64,
        ..Config::default()
    };
    let module = Module::new(config, &mut Unstructured::new(rest)).ok()?;
    Some([&[*seed], module.to_bytes().as_slice()].concat())
}
