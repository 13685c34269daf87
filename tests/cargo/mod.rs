//! Temporary crates, built by the real cargo with the real Node and the real Pyodide: rebuilds, the
//! cache, builds that are killed, and the environment variables that end a build early.
//!
//! They need `node` and `npm` on `PATH`. The runtime is fetched once, and the crate is compiled once for
//! each profile, into `target/tmp/cargo`. Each test works on copies of both.

mod cached;
pub mod child;
#[cfg(unix)]
mod development;
mod killed;
mod minimal;
mod nodes;
mod processes;
pub mod project;
mod reruns;
mod served;
mod switches;
#[cfg(unix)]
pub mod tools;
mod trunk;
