//! A file of the outputs that a server serves or a crate includes.

use serde::{Deserialize, Serialize};

use crate::base::files;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Asset {
    /// Path relative to the outputs.
    pub path: String,
    pub bytes: usize,
    /// SHA-256 in hexadecimal. Hashing is slow in a build script, so it is done once.
    pub sha256: String,
    /// Whether a page waits for it at the start.
    pub eager: bool,
    /// Whether its name changes with its content.
    pub immutable: bool,
}

impl Asset {
    pub fn new(path: impl Into<String>, bytes: &[u8], eager: bool) -> Self {
        let sha256 = files::sha256_hex(bytes);
        Self { path: path.into(), bytes: bytes.len(), sha256, eager, immutable: false }
    }
}
