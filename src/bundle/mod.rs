//! Turns decisions into zips: selects eager files, lays them out, and writes the files of the outputs.

pub(crate) mod asset;
pub(crate) mod chunks;
pub(crate) mod index;
pub(crate) mod layout;
pub(crate) mod loader;
pub(crate) mod manifest;
pub(crate) mod names;
pub(crate) mod omitted;
pub(crate) mod pack;
pub(crate) mod parts;
pub(crate) mod plain;
pub(crate) mod reason;
pub(crate) mod select;
pub(crate) mod served;
pub(crate) mod snapshot;
