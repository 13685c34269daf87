//! An interpreter over an installation.

pub(crate) mod mounted;
pub(crate) mod record;
pub(crate) mod scenario;
pub(crate) mod startup;
