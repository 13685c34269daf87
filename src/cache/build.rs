//! Opens, indexes and copies a finished build of the cache.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::cache::folder;

/// The folder of the outputs in a build's folder.
const OUTPUTS: &str = "outputs/";

/// A finished build, verified when it was opened.
pub(crate) struct CachedBuild {
    dir: PathBuf,
    /// Paths of the outputs, relative to the folder.
    files: Vec<String>,
    /// Held as long as the value: no other process may replace the files.
    pub lock: Option<File>,
}

impl CachedBuild {
    /// Returns `None` if the build is missing or any of its files is damaged.
    pub fn open(dir: &Path) -> Option<Self> {
        let files = folder::open(dir)?;
        Some(Self { dir: dir.to_path_buf(), files, lock: None })
    }

    /// Calls `make` to fill the folder of the outputs, and indexes the result.
    pub fn make(dir: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let outputs = dir.join(OUTPUTS);
        files::create_dir_all(&outputs)?;
        make(&outputs)?;
        let files = files::walk(&outputs, |_| true)?.into_iter();
        folder::write_index(dir, files.map(|(path, _)| format!("{OUTPUTS}{path}")))
    }

    /// Returns the path of one of the outputs.
    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.join(OUTPUTS).join(path)
    }

    /// Returns the paths of all outputs.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter_map(|file| file.strip_prefix(OUTPUTS))
    }

    /// Returns its key in the cache.
    pub fn key(&self) -> Cow<'_, str> {
        self.dir.file_name().unwrap_or_default().to_string_lossy()
    }

    /// Reads one of the outputs as JSON.
    pub fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let path = self.path(path);
        serde_json::from_slice(&files::read(&path)?)
            .map_err(|e| Error::json("read the file", &path, e))
    }

    /// Copies the outputs into `out_dir`, each to the path that `place` returns, if any. Returns these
    /// paths.
    pub fn copy_to<'a>(
        &'a self,
        out_dir: &Path,
        place: impl Fn(&'a str) -> Option<&'a str>,
    ) -> Result<BTreeSet<String>> {
        let mut placed = BTreeSet::new();
        for path in self.outputs() {
            if let Some(target) = place(path) {
                let bytes = files::read(&self.path(path))?;
                files::write_if_changed(&out_dir.join(target), &bytes)?;
                placed.insert(target.to_owned());
            }
        }
        Ok(placed)
    }
}
