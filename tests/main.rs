//! What the crate promises, with the real Node, the real Pyodide and real wheels. It is one program,
//! so that slow tests run beside fast ones: `cargo test python::modes::` runs one module.
//!
//! Tests that are ignored as "long" are run by `.ci/run`, those "by hand" by nobody else; CONTRIBUTING.md
//! has the commands.

mod api;
mod cargo;
mod fetch;
mod fixtures;
mod layers;
mod python;
mod verify;
