//! Downloads wheels of the distribution, from servers that work and from servers that fail.

mod builds;
pub mod distribution;
mod https;
mod job;
mod proxies;
mod script;
pub mod server;
