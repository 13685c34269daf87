//! Turns requirements into files: selects wheels, finds them, and reads their contents.

pub(crate) mod archive;
mod conflict;
mod directory;
pub(crate) mod fetch;
pub(crate) mod find;
pub(crate) mod lockfile;
mod names;
pub(crate) mod pip;
pub(crate) mod repack;
pub(crate) mod resolve;
pub(crate) mod wheel;
