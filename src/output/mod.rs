//! The files of `OUT_DIR`.

pub(crate) mod budget;
