//! A served file as a program includes it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::base::files;
use crate::settings::compression::Encoding;

/// The included form of one served file.
pub(crate) struct Included {
    /// Path relative to the served folder.
    pub path: String,
    /// SHA-256 of the uncompressed file, in hexadecimal.
    pub sha256: String,
    /// At least one, the smallest first.
    pub encodings: Vec<Encoding>,
    pub immutable: bool,
    pub eager: bool,
}

impl Included {
    /// Returns the digest as browsers write it.
    pub fn integrity(&self) -> String {
        format!("sha256-{}", BASE64_STANDARD.encode(files::unhex(&self.sha256)))
    }

    pub fn content_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("mjs" | "js") => "text/javascript",
            Some("json") => "application/json",
            Some("wasm") => "application/wasm",
            Some("zip") => "application/zip",
            Some("ts") => "text/plain",
            _ => "application/octet-stream",
        }
    }
}
