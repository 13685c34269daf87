//! Verifies that a bundle behaves like the trace, and changes the bundle until it does.

pub(crate) mod bisect;
pub(crate) mod compare;
pub(crate) mod fallbacks;
pub(crate) mod imports;
pub(crate) mod memo;
pub(crate) mod raised;
pub(crate) mod replay;
pub(crate) mod route;
pub(crate) mod split;
pub(crate) mod verifier;
