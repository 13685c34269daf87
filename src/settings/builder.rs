//! The settings of a `build.rs`.

use std::path::PathBuf;
use std::time::Duration;

use crate::settings::budget::Budget;
use crate::settings::compression::{Encoding, Precompress};
use crate::settings::lazy::Lazy;
use crate::settings::python_files::PythonFiles;
use crate::settings::snapshot::Snapshot;
use crate::settings::split::Split;
use crate::settings::verify::Verify;

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
/// current folder. Setters for several values add to earlier calls.
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `build` is called"]
pub struct Builder {
    pub(crate) app: PathBuf,
    pub(crate) requires: Vec<String>,
    pub(crate) scenarios: Vec<PathBuf>,
    pub(crate) eager: Vec<String>,
    pub(crate) eager_sources: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) python_files: Option<PythonFiles>,
    pub(crate) lazy: Lazy,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) prelude: Option<PathBuf>,
    pub(crate) trace_network: bool,
    pub(crate) trace_timeout: Duration,
    pub(crate) benchmark: u32,
    pub(crate) verify: Verify,
    pub(crate) split: Split,
    pub(crate) snapshot: Snapshot,
    pub(crate) pyodide_dir: Option<PathBuf>,
    pub(crate) pyodide_version: Option<String>,
    pub(crate) find_links: Vec<PathBuf>,
    pub(crate) precompress: Precompress,
    pub(crate) embed_encoding: Option<Encoding>,
    pub(crate) service_worker: bool,
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) cache_dir: Option<PathBuf>,
    pub(crate) export_dir: Option<PathBuf>,
    pub(crate) lock_file: Option<PathBuf>,
}

impl Builder {
    /// Creates a builder for an app: a folder with an `app.py`, or one `.py` file.
    ///
    /// All files of a folder belong to the app, except for hidden files, caches, environments, build output,
    /// tests (`test`, `tests`, `test_*.py`, `*_test.py`, `conftest.py`) and the scenarios. `docs/app.md` has
    /// the list, and [`Report::left_out`](crate::Report::left_out) says what was left out. Files over 100 kB
    /// are in the bundle only if a scenario opens them.
    /// In Pyodide they are in `/home/pyodide`, the working folder. So `import app` and `open("data.csv")`
    /// work as they do beside the sources.
    pub fn new(app: impl Into<PathBuf>) -> Self {
        Self {
            app: app.into(),
            requires: Vec::new(),
            scenarios: Vec::new(),
            eager: Vec::new(),
            eager_sources: Vec::new(),
            exclude: Vec::new(),
            python_files: None,
            lazy: Lazy::OnDemand,
            budgets: Vec::new(),
            prelude: None,
            trace_network: false,
            trace_timeout: Duration::from_secs(300),
            benchmark: 0,
            verify: Verify::Auto,
            split: Split::Auto,
            snapshot: Snapshot::Never,
            pyodide_dir: None,
            pyodide_version: None,
            find_links: Vec::new(),
            precompress: Precompress::Release,
            embed_encoding: None,
            service_worker: false,
            out_dir: None,
            cache_dir: None,
            export_dir: None,
            lock_file: None,
        }
    }

    /// Adds packages that the app needs, as [dependency specifiers]: `"pandas"`, `"sqlglot==30.30.0"`.
    ///
    /// Packages of the Pyodide distribution have the distribution's version. Pip resolves all others.
    ///
    /// [dependency specifiers]: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    pub fn requires<S: Into<String>>(mut self, requirements: impl IntoIterator<Item = S>) -> Self {
        self.requires.extend(requirements.into_iter().map(Into::into));
        self
    }

    /// Adds a Python file to trace besides the entry point. It runs as `__main__` in its own runtime.
    pub fn scenario(mut self, file: impl Into<PathBuf>) -> Self {
        self.scenarios.push(file.into());
        self
    }

    /// Adds files that are in the bundle even if no scenario opens them.
    ///
    /// The glob is matched against paths as Python sees them: relative to `site-packages`, to the
    /// standard library or to the app's folder (`"pandas/io/formats/**"`, `"json/*.py"`), or absolute.
    /// `*` stays within a folder, `**` does not.
    pub fn eager(mut self, glob: impl Into<String>) -> Self {
        self.eager.push(glob.into());
        self
    }

    /// Adds sources of Python files to the bundle, beside their bytecode, for code that reads them as text.
    /// Globs are as in [`eager`](Self::eager).
    pub fn eager_sources(mut self, glob: impl Into<String>) -> Self {
        self.eager_sources.push(glob.into());
        self
    }

    /// Removes files from the installation: they are not in the bundle, not fetched on demand, and hidden
    /// from traces. Globs are as in [`eager`](Self::eager). A file that matches both is excluded.
    pub fn exclude(mut self, glob: impl Into<String>) -> Self {
        self.exclude.push(glob.into());
        self
    }

    /// Sets the form of Python files in the outputs. The default is bytecode, with the docstrings that code
    /// may use.
    pub fn python_files(mut self, python_files: PythonFiles) -> Self {
        self.python_files = Some(python_files);
        self
    }

    /// Sets what happens to lazy files, which are not in the bundle. By default they are in chunks beside
    /// it.
    pub fn lazy(mut self, lazy: Lazy) -> Self {
        self.lazy = lazy;
        self
    }

    /// Sets whether `pyodide-pack/service-worker.js` is written, for pages that work without a network. It is
    /// off by default. `docs/offline.md` says how a page uses it.
    pub fn service_worker(mut self, written: bool) -> Self {
        self.service_worker = written;
        self
    }

    /// Adds a limit for the files that a page waits for. A build that exceeds it fails, and names the
    /// largest files.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budgets.push(budget);
        self
    }

    /// Sets a JavaScript module to import before each scenario, for apps that expect a DOM or other
    /// globals.
    ///
    /// It is not part of the bundle. Cargo watches only this module, so it should import no other files of
    /// yours.
    pub fn prelude(mut self, module: impl Into<PathBuf>) -> Self {
        self.prelude = Some(module.into());
        self
    }

    /// Sets whether traced and verified scenarios may use the network and see the host's environment
    /// variables. It is off by default, which makes builds repeatable.
    pub fn trace_network(mut self, allowed: bool) -> Self {
        self.trace_network = allowed;
        self
    }

    /// Sets the time limit of one scenario, including the start of the runtime. The default is 300 seconds.
    pub fn trace_timeout(mut self, limit: Duration) -> Self {
        self.trace_timeout = limit;
        self
    }

    /// Sets how often the entry point starts in plain Pyodide and from the bundle after verification, for
    /// [`Report::benchmark`]. The default is 0, because each comparison starts both sides once.
    ///
    /// A build with another number is not taken from the cache. Its outputs are the same.
    ///
    /// [`Report::benchmark`]: crate::Report::benchmark
    pub fn benchmark(mut self, runs: u32) -> Self {
        self.benchmark = runs;
        self
    }

    /// Sets whether the build is verified. By default debug builds are not: an edit of the app then reuses the
    /// recording of an earlier build, and starts no Node. `docs/development.md` has the details.
    pub fn verify(mut self, verify: Verify) -> Self {
        self.verify = verify;
        self
    }

    /// Sets whether functions of Pyodide's core and of side modules that the app does not run are fetched on demand.
    /// By default those of release builds are.
    pub fn split(mut self, split: Split) -> Self {
        self.split = split;
        self
    }

    /// Sets whether pages start from a snapshot of Python's memory. By default no build makes one.
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.snapshot = snapshot;
        self
    }

    /// Sets the folder of an unpacked Pyodide distribution: the runtime, its lock file, and wheels.
    pub fn pyodide_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.pyodide_dir = Some(dir.into());
        self
    }

    /// Sets the version of Pyodide to fetch with npm; the default is [`DEFAULT_PYODIDE_VERSION`].
    ///
    /// With this setting, the build uses neither `node_modules` nor an older cached runtime.
    ///
    /// [`DEFAULT_PYODIDE_VERSION`]: crate::DEFAULT_PYODIDE_VERSION
    pub fn pyodide_version(mut self, version: impl Into<String>) -> Self {
        self.pyodide_version = Some(version.into());
        self
    }

    /// Adds a folder with wheels. The build searches it before it fetches anything.
    pub fn find_links(mut self, dir: impl Into<PathBuf>) -> Self {
        self.find_links.push(dir.into());
        self
    }

    /// Sets whether the build makes compressed copies, `X.br` and `X.gz`, of the files to serve and of the
    /// two zips. By default only release builds do.
    ///
    /// Hosts can send the copies to browsers that accept them. If a host does not compress zips,
    /// `loadBundle` fetches `X.zst` or `X.gz` itself. Node makes the copies, once for each content. Files
    /// that a page waits for get Brotli quality 11, which takes about two seconds per megabyte. All others
    /// get quality 9, which takes a tenth of that.
    pub fn precompress(mut self, precompress: Precompress) -> Self {
        self.precompress = precompress;
        self
    }

    /// Sets the only compression of the bytes in `pyodide_pack.rs`: of `BUNDLE`, of `STDLIB`, and of assets that
    /// become smaller.
    ///
    /// By default `BUNDLE` and `STDLIB` are uncompressed. Assets are there with Brotli and with gzip if the
    /// build makes compressed copies, else uncompressed. One encoding makes the program smaller, but a
    /// server can't answer clients that do not accept it. `loadBundle` accepts all encodings, but Brotli only
    /// if the browser can decode it.
    ///
    /// Debug builds that are verified also make the copies that this setting needs, but with Brotli quality 9.
    /// Development builds compress nothing.
    pub fn embed_encoding(mut self, encoding: Encoding) -> Self {
        self.embed_encoding = Some(encoding);
        self
    }

    /// Sets the folder of the outputs; the default is `OUT_DIR`.
    pub fn out_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(dir.into());
        self
    }

    /// Also copies the folder to serve, `pyodide-pack` of the outputs, into this folder. It is for tools
    /// that don't know `OUT_DIR`, such as Trunk. The build writes only changed files, and removes other files
    /// from that `pyodide-pack` folder. The profile that was built last owns it.
    ///
    /// Add the folder to `.gitignore`: a crate from a registry must not write into its own folder.
    pub fn export_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.export_dir = Some(dir.into());
        self
    }

    /// Sets the folder for runtimes, wheels and finished builds. The default is `pyodide-pack` in the
    /// user's cache folder, or `pyodide-pack-cache` below `target` if that can't be written. Several builds may share it at the same time.
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(dir.into());
        self
    }

    /// Sets the lock file. In a build script the default is `pyodide-pack.lock` beside `Cargo.toml`.
    ///
    /// The build writes it if it is missing or does not fit the requirements. Without requirements, no lock
    /// file is written.
    pub fn lock_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.lock_file = Some(file.into());
        self
    }
}
