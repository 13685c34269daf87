//! Checks of `pyodide-pack-web`. In a browser, this program exports functions that return their checks; on
//! the machine of the build, it compiles itself for the browser:
//!
//!     cargo run --package pyodide-pack-web-tests FOLDER
//!
//! `tests/browser/rust.mjs` serves FOLDER, and calls the functions.

#[cfg(not(target_family = "wasm"))]
mod host;
#[cfg(target_family = "wasm")]
mod page;
#[cfg(not(target_family = "wasm"))]
#[path = "../../../example-app/page/wasm.rs"]
mod wasm;

#[cfg(not(target_family = "wasm"))]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    host::write()
}

#[cfg(target_family = "wasm")]
fn main() {}
