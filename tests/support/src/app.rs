//! Makes Python apps from text, and builds them.

use std::fs;
use std::path::{Path, PathBuf};

use pyodide_pack::{Builder, PythonFiles, Report};
use tempfile::TempDir;

use crate::cache::{cache, tmp};

/// Everything as installed, for tests with their own cache that do not test bytecode. Nothing is compiled.
pub const SOURCES: PythonFiles = PythonFiles::source().docstrings(true).comments(true);

/// Returns a builder for the app at `path`, with the tests' cache, writing to `out`.
pub fn builder(path: impl AsRef<Path>, out: impl AsRef<Path>) -> Builder {
    Builder::new(path.as_ref()).cache_dir(cache()).out_dir(out.as_ref())
}

/// Runs a build that must succeed.
#[expect(clippy::must_use_candidate, reason = "the outputs may be all that matters")]
pub fn build(builder: Builder) -> Report {
    builder.build().unwrap_or_else(|error| panic!("{error}"))
}

/// An app in its own folder, with `app.py`, further files, and a folder for the outputs.
#[derive(Debug)]
pub struct App {
    dir: PathBuf,
    /// Removes the folder with the value.
    _removed: Option<TempDir>,
}

impl App {
    /// Creates an app in a new folder, which is removed with the value.
    #[must_use]
    pub fn new(app_py: &str) -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        Self { dir: dir.path().to_owned(), _removed: Some(dir) }.with(app_py)
    }

    /// Creates an app for a `static`, which is never dropped. Its folder has this name, and is emptied
    /// first.
    #[must_use]
    pub fn shared(name: &str, app_py: &str) -> Self {
        let dir = tmp().join("shared").join(name);
        if dir.exists() {
            fs::remove_dir_all(&dir).unwrap();
        }
        Self { dir, _removed: None }.with(app_py)
    }

    fn with(self, app_py: &str) -> Self {
        self.file("app/app.py", app_py);
        self
    }

    /// Writes a file. Files of the app are below `app/`.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Returns the folder for the outputs.
    #[must_use]
    pub fn out(&self) -> PathBuf {
        self.dir("out")
    }

    /// Returns a folder beside the app, which need not exist.
    #[must_use]
    pub fn dir(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Returns a builder with the tests' cache.
    pub fn builder(&self) -> Builder {
        builder(self.dir("app"), self.out())
    }
}
