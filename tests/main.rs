//! The promises of the crate, tested with the real Node, the real Pyodide and real wheels. It is one
//! program, so slow tests run beside fast ones. `cargo test python::modes::` runs one module.
//!
//! `.ci/run` runs the tests that are ignored as "long". Nothing runs those ignored as "by hand";
//! CONTRIBUTING.md has the commands.

mod api;
mod cargo;
mod fetch;
mod fixtures;
mod layers;
mod python;
#[cfg(unix)]
mod remote;
mod verify;
