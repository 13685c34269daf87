//! The interface of a build script: settings, errors, the lock file, the outputs and the report.

use pyodide_pack::{Error, ErrorKind};
use support::assert_says;

mod assets;
mod benchmark;
mod budget;
mod builder;
mod cache;
mod compression;
mod errors;
mod folder;
mod lock;
mod offline;
mod pip;
mod uses;
mod wheels;

/// Checks the kind of an error and parts of its text, which always says where and what to do.
fn says(error: &Error, kind: ErrorKind, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.kind(), kind, "{text}");
    assert_says(&text, parts);
    assert_says(&text, &["where:", "hint:"]);
}
