//! Development builds: the outputs of an earlier build, with the app's present files.

pub(crate) mod edit;
mod imports;
mod manifest;
pub(crate) mod recordings;
pub(crate) mod summary;
