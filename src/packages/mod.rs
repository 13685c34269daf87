//! Requirements to files: which wheels, where they are, what is in them.

pub(crate) mod archive;
pub(crate) mod fetch;
pub(crate) mod find;
pub(crate) mod lockfile;
pub(crate) mod pip;
pub(crate) mod resolve;
pub(crate) mod wheel;
