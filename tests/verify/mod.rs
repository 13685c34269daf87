//! Bundles that verification must refuse.

mod replay;
