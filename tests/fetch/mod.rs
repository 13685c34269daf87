//! Wheels of the distribution that are nowhere on this machine: servers as they are, and worse.

mod builds;
mod distribution;
mod script;
mod server;
