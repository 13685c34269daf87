//! What the crate promises, module by module, with the real Node, the real Pyodide and real wheels. One
//! program, so that what takes long runs beside what does not: `cargo test modes::` runs a module.

mod benchmark;
mod builder;
mod calls;
mod cargo;
mod cold;
mod compression;
mod fetch;
mod fidelity;
mod files;
mod fixtures;
mod layers;
mod lock;
mod modes;
mod own_tests;
mod packages;
mod support;
mod validate;
mod versions;
