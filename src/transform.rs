//! Bytes to bytes, per file. For now side modules are only looked into.

pub(crate) mod side_module;
