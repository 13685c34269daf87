//! What a `build.rs` says.

use std::path::PathBuf;
use std::time::Duration;

use crate::settings::budget::Budget;
use crate::settings::compression::{Encoding, Precompress};
use crate::settings::lazy::Lazy;
use crate::settings::python_files::PythonFiles;

/// Describes one app and builds its bundle. A `build.rs` makes one:
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
/// Relative paths start at the crate's folder (`CARGO_MANIFEST_DIR`), or outside of a build script at the
/// current folder. Setters that take several values add to earlier ones.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `build` is called"]
pub struct Builder {
    pub(crate) app: PathBuf,
    pub(crate) requires: Vec<String>,
    pub(crate) scenarios: Vec<PathBuf>,
    pub(crate) eager: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) python_files: Option<PythonFiles>,
    pub(crate) lazy: Lazy,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) prelude: Option<PathBuf>,
    pub(crate) trace_network: bool,
    pub(crate) trace_timeout: Duration,
    pub(crate) benchmark: u32,
    pub(crate) pyodide_dir: Option<PathBuf>,
    pub(crate) pyodide_version: Option<String>,
    pub(crate) find_links: Vec<PathBuf>,
    pub(crate) precompress: Precompress,
    pub(crate) embed_encoding: Option<Encoding>,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) cache_dir: Option<PathBuf>,
    pub(crate) export_dir: Option<PathBuf>,
    pub(crate) lock_file: Option<PathBuf>,
}

impl Builder {
    /// An app: a folder with an `app.py`, or one `.py` file.
    ///
    /// All files of a folder belong to the app and are in the bundle, except for `__pycache__`, hidden
    /// files, tests (`test`, `tests`, `test_*.py`, `*_test.py`, `conftest.py`) and the scenarios.
    /// In Pyodide they are in `/home/pyodide`, its working folder, so `import app` and
    /// `open("data.csv")` work as they do beside the sources.
    pub fn new(app: impl Into<PathBuf>) -> Self {
        Self {
            app: app.into(),
            requires: Vec::new(),
            scenarios: Vec::new(),
            eager: Vec::new(),
            exclude: Vec::new(),
            python_files: None,
            lazy: Lazy::OnDemand,
            budgets: Vec::new(),
            prelude: None,
            trace_network: false,
            trace_timeout: Duration::from_secs(300),
            benchmark: 0,
            pyodide_dir: None,
            pyodide_version: None,
            find_links: Vec::new(),
            precompress: Precompress::Release,
            embed_encoding: None,
            out_dir: None,
            cache_dir: None,
            export_dir: None,
            lock_file: None,
        }
    }

    /// Packages that the app needs, as [dependency specifiers]: `"pandas"`, `"sqlglot==30.30.0"`.
    ///
    /// Packages of the Pyodide distribution come in its version. All others come through pip.
    ///
    /// [dependency specifiers]: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    pub fn requires<S: Into<String>>(mut self, requirements: impl IntoIterator<Item = S>) -> Self {
        self.requires.extend(requirements.into_iter().map(Into::into));
        self
    }

    /// A Python file to trace besides the entry point. It runs as `__main__` in a runtime of its own.
    pub fn scenario(mut self, file: impl Into<PathBuf>) -> Self {
        self.scenarios.push(file.into());
        self
    }

    /// Files that are in the bundle although no scenario opens them.
    ///
    /// The glob is matched against paths as Python sees them: relative to `site-packages`, to the
    /// standard library or to the app's folder (`"pandas/io/formats/**"`, `"json/*.py"`), or absolute.
    /// `*` stays within a folder, `**` does not.
    pub fn eager(mut self, glob: impl Into<String>) -> Self {
        self.eager.push(glob.into());
        self
    }

    /// Files that do not exist: not in the bundle, not on demand, and not while tracing. Globs are as in
    /// [`eager`](Self::eager); a file that both match is excluded.
    pub fn exclude(mut self, glob: impl Into<String>) -> Self {
        self.exclude.push(glob.into());
        self
    }

    /// How Python files are shipped; by default as bytecode without docstrings.
    pub fn python_files(mut self, python_files: PythonFiles) -> Self {
        self.python_files = Some(python_files);
        self
    }

    /// What becomes of files that are not in the bundle; by default they are in chunks beside it.
    pub fn lazy(mut self, lazy: Lazy) -> Self {
        self.lazy = lazy;
        self
    }

    /// A limit for what a page waits for. A build that exceeds it fails, and names the largest files.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.push(budget);
        self
    }

    /// A JavaScript module to import before each scenario, for apps that expect a DOM or other globals.
    ///
    /// It is not part of the bundle. Only the module itself is watched for changes, so it should import no
    /// other files of yours.
    pub fn prelude(mut self, module: impl Into<PathBuf>) -> Self {
        self.prelude = Some(module.into());
        self
    }

    /// Whether scenarios may use the network and see the host's environment variables while they
    /// are traced and verified. Off by default, so that a build can be repeated.
    pub fn trace_network(mut self, allowed: bool) -> Self {
        self.trace_network = allowed;
        self
    }

    /// How long one scenario may run, including the start of the runtime; 300 seconds by default.
    pub fn trace_timeout(mut self, limit: Duration) -> Self {
        self.trace_timeout = limit;
        self
    }

    /// How often to start the entry point in plain Pyodide and from the bundle after verification, to
    /// compare them in [`Report::benchmark`]. The default is 0, because it costs that many starts of each.
    ///
    /// A build with another number than before is made anew. The outputs are the same.
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
    /// With this setting, neither `node_modules` nor an older cached runtime is used.
    ///
    /// [`DEFAULT_PYODIDE_VERSION`]: crate::DEFAULT_PYODIDE_VERSION
    pub fn pyodide_version(mut self, version: impl Into<String>) -> Self {
        self.pyodide_version = Some(version.into());
        self
    }

    /// A folder with wheels, which is searched before anything is fetched.
    pub fn find_links(mut self, dir: impl Into<PathBuf>) -> Self {
        self.find_links.push(dir.into());
        self
    }

    /// Whether the build makes compressed copies, `X.br` and `X.gz`, of the files to serve and of the two
    /// zips; by default in release builds.
    ///
    /// They are for hosts that send them to browsers that accept them. Where a host does not compress
    /// zips, `loadBundle` fetches `X.zst` or `X.gz` itself. Node makes the copies, once for each content.
    /// Files that a page waits for get Brotli quality 11, about two seconds for each megabyte. All others
    /// get quality 9, which takes a tenth of that.
    pub fn precompress(mut self, precompress: Precompress) -> Self {
        self.precompress = precompress;
        self
    }

    /// How the bytes in `pyodide_pack.rs` are compressed: `BUNDLE`, `STDLIB`, and those assets that become
    /// smaller by it, whose `encoding` says so.
    ///
    /// `loadBundle` accepts all encodings, Brotli only where the browser can decode it. By default
    /// `BUNDLE` and `STDLIB` are uncompressed, and assets are Brotli where there are compressed copies,
    /// else uncompressed. The copies that this setting needs are made in debug builds too, there with
    /// Brotli quality 9.
    pub fn embed_encoding(mut self, encoding: Encoding) -> Self {
        self.embed_encoding = Some(encoding);
        self
    }

    /// Where the outputs go; `OUT_DIR` by default.
    pub fn out_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(dir.into());
        self
    }

    /// Copies the folder to serve, `pyodide-pack` of the outputs, into this folder too, for tools that
    /// don't know `OUT_DIR`, such as Trunk with `copy-dir`. Only changed files are written. Other files in
    /// `pyodide-pack` there are removed.
    ///
    /// Let Git ignore it: a crate from a registry must not write into its own folder.
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
    /// The build writes it when it is missing or no longer fits the requirements. Without requirements
    /// there is none.
    pub fn lock_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.lock_file = Some(file.into());
        self
    }
}
