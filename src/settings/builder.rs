//! What a `build.rs` says.

use std::path::PathBuf;
use std::time::Duration;

use crate::settings::budget::Budget;
use crate::settings::compression::{Compression, Encoding};
use crate::settings::lazy::Cold;
use crate::settings::python::Python;

/// Describes one app and builds its bundle. Made in a `build.rs`:
///
/// ```no_run
/// fn main() -> pyodide_pack::Result<()> {
///     pyodide_pack::Builder::new("python") // a folder with app.py, or one .py file
///         .requires(["pandas"])
///         .scenario("scenarios/export.py") // further code to trace, besides the entry point
///         .build()?;
///     Ok(())
/// }
/// ```
///
/// Relative paths are relative to the crate's folder (`CARGO_MANIFEST_DIR`; outside of a build
/// script to the current folder). Setters that take several values add to what is there.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `build` is called"]
pub struct Builder {
    pub(crate) app: PathBuf,
    pub(crate) requires: Vec<String>,
    pub(crate) scenarios: Vec<PathBuf>,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) python: Option<Python>,
    pub(crate) cold: Cold,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) prelude: Option<PathBuf>,
    pub(crate) trace_network: bool,
    pub(crate) trace_timeout: Duration,
    pub(crate) benchmark: u32,
    pub(crate) pyodide_dir: Option<PathBuf>,
    pub(crate) pyodide_version: Option<String>,
    pub(crate) find_links: Vec<PathBuf>,
    pub(crate) compression: Compression,
    pub(crate) embed: Option<Encoding>,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) cache_dir: Option<PathBuf>,
    pub(crate) export_dir: Option<PathBuf>,
    pub(crate) lock_file: Option<PathBuf>,
}

impl Builder {
    /// An app: a folder with an `app.py`, or one `.py` file.
    ///
    /// All files of a folder belong to the app and are in the bundle, but for `__pycache__`, hidden
    /// files, tests (`test`, `tests`, `test_*.py`, `*_test.py`, `conftest.py`) and the scenarios.
    /// In Pyodide they lie in `/home/pyodide`, its working folder, so that `import app` and
    /// `open("data.csv")` work as they do beside the sources.
    pub fn new(app: impl Into<PathBuf>) -> Self {
        Self {
            app: app.into(),
            requires: Vec::new(),
            scenarios: Vec::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            python: None,
            cold: Cold::Separate,
            budgets: Vec::new(),
            prelude: None,
            trace_network: false,
            trace_timeout: Duration::from_secs(300),
            benchmark: 0,
            pyodide_dir: None,
            pyodide_version: None,
            find_links: Vec::new(),
            compression: Compression::Auto,
            embed: None,
            out_dir: None,
            cache_dir: None,
            export_dir: None,
            lock_file: None,
        }
    }

    /// Distributions that the app needs, as [dependency specifiers]: `"pandas"`, `"sqlglot==30.30.0"`.
    ///
    /// Packages of the Pyodide distribution come in its version, all others through pip.
    ///
    /// [dependency specifiers]: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    pub fn requires<S: Into<String>>(mut self, requirements: impl IntoIterator<Item = S>) -> Self {
        self.requires.extend(requirements.into_iter().map(Into::into));
        self
    }

    /// A Python file to trace besides the entry point, run as `__main__` in a runtime of its own.
    pub fn scenario(mut self, file: impl Into<PathBuf>) -> Self {
        self.scenarios.push(file.into());
        self
    }

    /// Files that are in the bundle although no scenario opens them.
    ///
    /// The glob is matched against paths as Python sees them: relative to `site-packages`, to the
    /// standard library or to the app's folder (`"pandas/io/formats/**"`, `"json/*.py"`), or absolute.
    /// `*` stays within a folder, `**` does not.
    pub fn include(mut self, glob: impl Into<String>) -> Self {
        self.include.push(glob.into());
        self
    }

    /// Files that are not there at all, neither in the bundle nor on demand, and not while tracing
    /// either; globs as in [`include`](Self::include), over which this one has precedence.
    pub fn exclude(mut self, glob: impl Into<String>) -> Self {
        self.exclude.push(glob.into());
        self
    }

    /// How Python files are shipped; as bytecode without docstrings by default.
    pub fn python(mut self, python: Python) -> Self {
        self.python = Some(python);
        self
    }

    /// What becomes of files that are not in the bundle; chunks beside it by default.
    pub fn cold(mut self, cold: Cold) -> Self {
        self.cold = cold;
        self
    }

    /// A limit for what a page waits for; a build that exceeds it fails, and names the largest files.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.push(budget);
        self
    }

    /// A JavaScript module that is imported before each scenario, for apps that expect a DOM or
    /// other globals. It is not part of the bundle, and should need no other files: only the module
    /// itself is watched for changes.
    pub fn prelude(mut self, module: impl Into<PathBuf>) -> Self {
        self.prelude = Some(module.into());
        self
    }

    /// Whether scenarios may use the network and see the host's environment variables while they
    /// are traced and validated. Off by default, so that a build can be repeated.
    pub fn trace_network(mut self, allowed: bool) -> Self {
        self.trace_network = allowed;
        self
    }

    /// How long one scenario may run, start of the runtime included; 300 seconds by default.
    pub fn trace_timeout(mut self, limit: Duration) -> Self {
        self.trace_timeout = limit;
        self
    }

    /// How often to start the entry point in plain Pyodide and from the bundle after validation, to
    /// compare them in [`Report::benchmark`]; 0 by default, as that costs several starts of each.
    ///
    /// A build with another number than before is done anew; the outputs are the same.
    ///
    /// [`Report::benchmark`]: crate::Report::benchmark
    pub fn benchmark(mut self, runs: u32) -> Self {
        self.benchmark = runs;
        self
    }

    /// A folder with an unpacked Pyodide distribution: the runtime, its lock file, and wheels.
    pub fn pyodide_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.pyodide_dir = Some(dir.into());
        self
    }

    /// The version of Pyodide to fetch with npm; [`DEFAULT_PYODIDE_VERSION`] by default.
    ///
    /// With this, neither `node_modules` nor an older cached runtime is looked at.
    ///
    /// [`DEFAULT_PYODIDE_VERSION`]: crate::DEFAULT_PYODIDE_VERSION
    pub fn pyodide_version(mut self, version: impl Into<String>) -> Self {
        self.pyodide_version = Some(version.into());
        self
    }

    /// A folder with wheels, looked into before anything is fetched.
    pub fn find_links(mut self, dir: impl Into<PathBuf>) -> Self {
        self.find_links.push(dir.into());
        self
    }

    /// Whether there are compressed copies, `X.br` and `X.gz`, beside the files to serve and the two
    /// zips; by default in release builds.
    ///
    /// For hosts that send them where a browser takes them; where a host does not compress zips,
    /// `loadBundle` fetches the `.gz` and inflates it. They are made by Node, once for each content:
    /// Brotli of quality 11 for what is needed at the start, about two seconds for each megabyte, and
    /// of quality 9, a tenth of that, for the rest.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// How the bytes are compressed that `pyodide_pack.rs` includes: `BUNDLE`, `STDLIB`, and those of
    /// `ASSETS` that get smaller by it, whose fourth field says so.
    ///
    /// `loadBundle` takes all of them, Brotli only where the browser offers it. Without this,
    /// `BUNDLE` and `STDLIB` are stored, and `ASSETS` are Brotli where there are compressed copies,
    /// else stored. The copies that it needs are made in debug builds too, Brotli there with quality 9.
    pub fn embed(mut self, encoding: Encoding) -> Self {
        self.embed = Some(encoding);
        self
    }

    /// Where the outputs go; `OUT_DIR` by default.
    pub fn out_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(dir.into());
        self
    }

    /// Copies the folder to serve, `pyodide-pack` of the outputs, into this folder too, for tools that
    /// don't know `OUT_DIR`, such as Trunk with `copy-dir`. Files are written where they changed; whatever
    /// else is in `pyodide-pack` there is removed.
    ///
    /// Best ignored by Git: a crate from a registry must not write into its own folder.
    pub fn export_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.export_dir = Some(dir.into());
        self
    }

    /// Where runtimes, wheels and finished builds are kept; by default `pyodide-pack` in the user's
    /// cache folder. Several builds may share it at the same time.
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(dir.into());
        self
    }

    /// The lock file; in a build script `pyodide-pack.lock` beside `Cargo.toml` by default.
    ///
    /// It is written when it is missing or does not fit the requirements any more. Without
    /// requirements there is none.
    pub fn lock_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.lock_file = Some(file.into());
        self
    }
}
