//! From decisions to zips.

pub(crate) mod chunks;
pub(crate) mod layout;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod omitted;
pub(crate) mod pack;
pub(crate) mod plain;
pub(crate) mod select;
pub(crate) mod served;
