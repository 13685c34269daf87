//! The user's settings from calls, files and variables: data without any work.

pub(crate) mod app;
pub(crate) mod budget;
pub(crate) mod builder;
pub(crate) mod cargo;
pub(crate) mod compression;
pub(crate) mod config;
pub(crate) mod declared;
pub(crate) mod env;
pub(crate) mod lazy;
pub(crate) mod left_out;
pub(crate) mod python_files;
pub(crate) mod remote_cache;
pub(crate) mod requirement;
pub(crate) mod requirements_txt;
pub(crate) mod snapshot;
pub(crate) mod split;
mod text;
pub(crate) mod verify;
