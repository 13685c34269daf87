//! Wheels of the distribution that have to be fetched, from servers that work and from those that don't.

mod builds;
mod distribution;
mod https;
mod job;
mod proxies;
mod script;
mod server;
