//! An installation that a run starts from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::Result;
use crate::base::files;
use crate::base::zip::EMPTY_ZIP;
use crate::image::content::Part;
use crate::image::mount::Dirs;
use crate::pyodide::runtime::Runtime;

/// An installation for a run, of which every content is loaded when it is opened; `traced.mjs` has
/// the same.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mounted<'a> {
    runtime: String,
    empty_zip: PathBuf,
    packages: PathBuf,
    env: BTreeMap<&'static str, String>,
    dirs: Dirs,
    /// The files that hold the contents.
    parts: Vec<&'a Path>,
}

impl<'a> Mounted<'a> {
    pub fn new(
        runtime: &Runtime,
        work: &Path,
        env: BTreeMap<&'static str, String>,
        dirs: Dirs,
        parts: impl IntoIterator<Item = &'a Part>,
    ) -> Result<Self> {
        let empty_zip = work.join("empty.zip");
        files::write_atomic(&empty_zip, EMPTY_ZIP)?;
        let parts = parts.into_iter().map(|part| part.path.as_path()).collect();
        let (runtime, packages) = (with_separator(&runtime.dir), packages_dir(work)?);
        Ok(Self { runtime, empty_zip, packages, env, dirs, parts })
    }
}

/// An empty folder, where Pyodide looks for packages that the app loads itself.
pub(crate) fn packages_dir(work: &Path) -> Result<PathBuf> {
    let dir = work.join("packages");
    files::create_dir_all(&dir)?;
    Ok(PathBuf::from(with_separator(&dir)))
}

/// The path as Pyodide's options take folders.
pub(crate) fn with_separator(dir: &Path) -> String {
    format!("{}{}", dir.display(), std::path::MAIN_SEPARATOR)
}
