//! The basis of all other modules: errors, files, zips, paths, threads, progress.

pub(crate) mod error;
pub(crate) mod files;
pub(crate) mod globs;
pub(crate) mod parallel;
pub(crate) mod paths;
pub(crate) mod progress;
pub(crate) mod zip;
