//! Bundles that must not pass.

mod replay;
