//! A snapshot of Python's memory, as a file to serve.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::bundle::asset::Asset;
use crate::bundle::names::{SERVED, hashed_name};
use crate::settings::snapshot::Snapshot;

/// A file that was made, and when it is used.
pub(crate) struct SnapshotFile {
    pub path: PathBuf,
    pub content: SnapshotContent,
    pub usage: Snapshot,
}

/// Sizes in bytes, and checksums.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SnapshotContent {
    pub bytes: usize,
    /// Size of Python's memory.
    pub memory: u64,
    /// In hexadecimal.
    pub sha256: String,
    pub crc32: u32,
}

/// The entry of a manifest.
#[derive(Serialize, Deserialize)]
pub(crate) struct ManifestSnapshot {
    file: String,
    bytes: usize,
    sha256: String,
    crc32: u32,
    #[serde(rename = "use")]
    usage: Snapshot,
}

impl SnapshotFile {
    /// Copies it into the served folder, and lists it.
    pub(super) fn write(
        &self,
        outputs: &Path,
        assets: &mut Vec<Asset>,
    ) -> Result<ManifestSnapshot> {
        let SnapshotContent { bytes, ref sha256, crc32, .. } = self.content;
        let file = hashed_name("snapshot", sha256, "bin");
        let path = format!("{SERVED}/{file}");
        fs::copy(&self.path, outputs.join(&path))
            .map_err(|e| Error::io("copy the file", &self.path, e))?;
        let (sha256, eager) = (sha256.clone(), self.usage == Snapshot::First);
        let digest = BASE64_STANDARD.encode(files::unhex(&sha256));
        assets.push(Asset { path, bytes, sha256, eager, immutable: true });
        Ok(ManifestSnapshot { file, bytes, sha256: digest, crc32, usage: self.usage })
    }
}
