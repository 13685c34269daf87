//! A finished build in the cache: its outputs, with their checksums beside them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::cache;
use crate::error::{Error, Result};
use crate::fsutil;
use crate::runner;

/// A finished build, checked when it was opened.
pub(crate) struct Stored {
    dir: PathBuf,
    files: Vec<StoredFile>,
    /// Held as long as the value, so that no other process replaces the files.
    pub lock: Option<File>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    path: String,
    size: usize,
    crc32: u32,
}

impl StoredFile {
    fn fits(&self, bytes: &[u8]) -> bool {
        bytes.len() == self.size && fsutil::crc32(bytes) == self.crc32
    }
}

impl Stored {
    /// `None` if it is not there or anything in it is damaged.
    pub fn open(dir: &Path) -> Option<Self> {
        let files: Vec<StoredFile> = cache::read_sealed(&dir.join("index.json"))?;
        let stored = Self { dir: dir.to_path_buf(), files, lock: None };
        // Checksums take most of the time that a hit takes.
        let whole = |file: &StoredFile| {
            Ok(fs::read(stored.source(file)).is_ok_and(|bytes| file.fits(&bytes)))
        };
        let whole = runner::in_parallel(&stored.files, whole).ok()?;
        if whole.contains(&false) {
            return None;
        }
        cache::touch(&dir.join("index.json"));
        Some(stored)
    }

    /// Writes the index of the folder's outputs.
    pub fn seal(dir: &Path) -> Result<()> {
        let mut files = Vec::new();
        for (path, source) in fsutil::walk(&dir.join("outputs"), |_| true)? {
            let bytes = fsutil::read(&source)?;
            files.push(StoredFile { path, size: bytes.len(), crc32: fsutil::crc32(&bytes) });
        }
        cache::write_sealed(&dir.join("index.json"), &files)
    }

    fn source(&self, file: &StoredFile) -> PathBuf {
        self.dir.join("outputs").join(&file.path)
    }

    /// Where one of the outputs lies.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.join("outputs").join(path)
    }

    /// One of the outputs, from JSON.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let path = self.path(path);
        serde_json::from_slice(&fsutil::read(&path)?)
            .map_err(|e| Error::io("read the file", &path, &std::io::Error::other(e)))
    }

    /// Puts the outputs into `out_dir`, each at the path that `place` gives it, if any, and returns
    /// these paths.
    pub fn copy_to<'a>(
        &'a self,
        out_dir: &Path,
        place: impl Fn(&'a str) -> Option<&'a str>,
    ) -> Result<BTreeSet<String>> {
        let mut placed = BTreeSet::new();
        for file in &self.files {
            if let Some(path) = place(&file.path) {
                let bytes = fsutil::read(&self.source(file))?;
                fsutil::write_if_changed(&out_dir.join(path), &bytes)?;
                placed.insert(path.to_owned());
            }
        }
        Ok(placed)
    }
}
