//! The work folder of the tests, and their shared cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::app::{App, build};

/// Returns `target/tmp`, which exists. Cargo names it only to tests and benchmarks (`CARGO_TARGET_TMPDIR`),
/// not to a library.
#[must_use]
pub fn tmp() -> PathBuf {
    static TMP: OnceLock<PathBuf> = OnceLock::new();
    let tmp = TMP.get_or_init(|| {
        // target/PROFILE/deps/PROGRAM
        let program = std::env::current_exe().unwrap();
        let deps = program.ancestors().find(|folder| folder.ends_with("deps"));
        let target = deps.and_then(Path::parent).and_then(Path::parent);
        let tmp = target.expect("cargo starts tests in its target folder").join("tmp");
        fs::create_dir_all(&tmp).unwrap();
        tmp
    });
    tmp.clone()
}

/// Returns the cache of all tests that need no separate one.
#[must_use]
pub fn cache() -> PathBuf {
    tmp().join("cache")
}

/// Returns the files of the npm package of Pyodide, in a bucket of [`cache`].
#[must_use]
pub fn runtime() -> &'static Path {
    static RUNTIME: OnceLock<PathBuf> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let name = format!("runtimes-v1/pyodide-{}", pyodide_pack::DEFAULT_PYODIDE_VERSION);
        let dir = cache().join(name);
        if !dir.join("pyodide.mjs").is_file() {
            // Any build fetches it.
            build(App::new("").builder());
        }
        dir
    })
}
