//! Splits arbitrary WebAssembly modules: the parts of a valid module are valid.
#![no_main]

use wasmparser::Validator;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let parts = pyodide_pack::fuzz::split(bytes);
    let is_valid = bytes.get(1..).is_some_and(|module| Validator::new().validate_all(module).is_ok());
    for part in parts.iter().filter(|_| is_valid) {
        Validator::new().validate_all(part).unwrap();
    }
});
