//! Entries of the shared cache: named lists of files.

use std::path::PathBuf;

use serde::Serialize;

use crate::base::files;

/// The name of an entry on the server: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Entry(String);

impl Entry {
    /// Returns the entry for a key of the local cache. The key must contain everything that decides the files.
    pub fn new(purpose: &str, key: &str) -> Self {
        Self(files::sha256_hex(format!("pyodide-pack {purpose} {key}").as_bytes()))
    }

    /// Returns its path on the server.
    pub(super) fn path(&self) -> String {
        format!("ac/{}", self.0)
    }
}

/// A file to write to the server.
#[derive(Serialize)]
pub(crate) struct UploadFile {
    /// Its path in the entry.
    pub path: String,
    pub source: PathBuf,
    /// The number of bytes before its content.
    pub skip: usize,
}
