//! Temporary crates, built by the real cargo with the real Node and the real Pyodide: what the crate
//! promises of rebuilds, of the cache, of builds that are killed, and of the switches in the
//! environment.
//!
//! They need `node` and `npm` on `PATH`. The runtime is fetched once, and the crate compiled once,
//! into `cargo/` below cargo's folder for tests; each test works on copies of both.

mod cached;
mod child;
mod files;
mod killed;
mod processes;
mod project;
mod readme;
mod reruns;
mod switches;
