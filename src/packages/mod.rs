//! Turns requirements into files: selects wheels, finds them, and reads their contents.

pub(crate) mod archive;
mod conflict;
pub(crate) mod fetch;
pub(crate) mod find;
pub(crate) mod lockfile;
pub(crate) mod pip;
pub(crate) mod resolve;
pub(crate) mod wheel;
