//! Runs an interpreter over an installation.

mod hint;
pub(crate) mod mount;
pub(crate) mod record;
pub(crate) mod recorder;
pub(crate) mod scenario;
pub(crate) mod startup;
