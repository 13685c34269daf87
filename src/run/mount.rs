//! The start of a run: an installation whose contents are loaded when they are first opened.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::BYTECODE_DIR;
use crate::base::zip::EMPTY_ZIP;
use crate::engine::Engine;
use crate::image::content::{ContentId, Contents};
use crate::image::mount::Dirs;
use crate::pyodide::runtime::Runtime;

/// An installation for a run; `traced.mjs` reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Mount {
    runtime: String,
    empty_zip: PathBuf,
    packages: PathBuf,
    bytecode_dir: &'static str,
    site_packages: String,
    env: BTreeMap<&'static str, String>,
    dirs: Dirs<ContentId>,
    /// The content files, by number.
    contents: Vec<PathBuf>,
}

/// The needs of every run: Pyodide, content files, and an engine.
#[derive(Clone, Copy)]
pub(crate) struct Host<'a> {
    pub runtime: &'a Runtime,
    pub contents: &'a Contents,
    pub engine: &'a dyn Engine,
}

impl Mount {
    /// Mounts an installation; `env` is the environment that the interpreter needs.
    pub fn new(
        host: Host,
        env: BTreeMap<&'static str, String>,
        dirs: Dirs<ContentId>,
    ) -> Result<Self> {
        let Host { runtime, contents, engine } = host;
        let empty_zip = engine.work().join("empty.zip");
        files::write_atomic(&empty_zip, EMPTY_ZIP)?;
        Ok(Self {
            runtime: files::with_separator(&runtime.dir),
            empty_zip,
            packages: packages_dir(engine.work())?,
            bytecode_dir: BYTECODE_DIR,
            site_packages: runtime.site_packages(),
            env,
            dirs,
            contents: contents.paths(),
        })
    }
}

/// Returns an empty folder, where Pyodide looks for packages that the app loads itself.
pub(crate) fn packages_dir(work: &Path) -> Result<PathBuf> {
    let dir = work.join("packages");
    files::create_dir_all(&dir)?;
    Ok(PathBuf::from(files::with_separator(&dir)))
}
