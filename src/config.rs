//! [`Builder`], what a `build.rs` says, and `Config`, what the pipeline works with: absolute paths,
//! parsed requirements and globs, the environment's overrides applied.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::app::App;
use crate::cargo::Cargo;
use crate::env::{self, Env};
use crate::error::{Error, ErrorKind, Result};
use crate::globs::Globs;
use crate::requirement::Requirement;
use crate::runtime;

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
    app: PathBuf,
    requires: Vec<String>,
    scenarios: Vec<PathBuf>,
    include: Vec<String>,
    exclude: Vec<String>,
    prelude: Option<PathBuf>,
    trace_network: bool,
    trace_timeout: Duration,
    pyodide_dir: Option<PathBuf>,
    pyodide_version: Option<String>,
    find_links: Vec<PathBuf>,
    out_dir: Option<PathBuf>,
    cache_dir: Option<PathBuf>,
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
            prelude: None,
            trace_network: false,
            trace_timeout: Duration::from_secs(300),
            pyodide_dir: None,
            pyodide_version: None,
            find_links: Vec::new(),
            out_dir: None,
            cache_dir: None,
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

    /// A JavaScript module that is imported before each scenario, for apps that expect a DOM or
    /// other globals. It is not part of the bundle.
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

    /// Where the outputs go; `OUT_DIR` by default.
    pub fn out_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(dir.into());
        self
    }

    /// Where runtimes, wheels and finished builds are kept; by default `pyodide-pack` in the user's
    /// cache folder. Several builds may share it at the same time.
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.cache_dir = Some(dir.into());
        self
    }
}

/// Everything that decides what the outputs are, but for the contents of files.
#[derive(Debug, Serialize)]
pub(crate) struct Config {
    pub app: App,
    pub requires: Vec<Requirement>,
    pub scenarios: Vec<Scenario>,
    pub include: Globs,
    pub exclude: Globs,
    pub prelude: Option<PathBuf>,
    pub trace_network: bool,
    pub trace_timeout: Duration,
    pub pyodide: PyodideSource,
    pub find_links: Vec<PathBuf>,
    pub out_dir: PathBuf,
    pub cache_dir: PathBuf,
    pub offline: bool,
    pub log: bool,
}

/// Where the runtime comes from.
#[derive(Debug, Serialize)]
pub(crate) enum PyodideSource {
    /// An unpacked distribution.
    Dir(PathBuf),
    /// This version, through npm.
    Version(String),
    /// `node_modules/pyodide` of these folders if it is there, else this version through npm.
    NodeModules(Vec<PathBuf>, String),
}

/// Code to trace: the file and the path that it seems to have while it runs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Scenario {
    pub name: String,
    pub source: PathBuf,
    pub filename: String,
}

impl Config {
    /// Checks a builder's settings against the file system and applies the environment.
    pub fn resolve(builder: Builder, env: &Env, cargo: &mut Cargo) -> Result<Self> {
        let base = match env.foreign("CARGO_MANIFEST_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => std::env::current_dir()
                .map_err(|e| Error::io("find the current folder", Path::new("."), &e))?,
        };
        let absolute = |path: &Path| base.join(path);
        let include = Globs::parse(&builder.include, "include")?;
        let exclude = Globs::parse(&builder.exclude, "exclude")?;

        let app_path = absolute(&builder.app);
        cargo.rerun_if_changed(&app_path);
        let mut sources = Vec::new();
        for scenario in &builder.scenarios {
            let path = absolute(scenario);
            must_be_file(&path, "scenario")?;
            cargo.rerun_if_changed(&path);
            sources.push(path);
        }
        let app = App::scan(&app_path, &sources, &include)?;
        let scenarios = app.scenarios(&sources);

        let prelude = builder.prelude.as_deref().map(absolute);
        if let Some(prelude) = &prelude {
            must_be_file(prelude, "prelude")?;
            cargo.rerun_if_changed(prelude);
        }

        let mut find_links: Vec<PathBuf> = match env.own(env::FIND_LINKS) {
            Some(value) => std::env::split_paths(&value).map(|p| absolute(&p)).collect(),
            None => Vec::new(),
        };
        find_links.extend(builder.find_links.iter().map(|p| absolute(p)));
        for dir in &find_links {
            must_be_dir(dir, "find_links")?;
            cargo.rerun_if_changed(dir);
        }

        let out_dir = builder.out_dir.as_deref().map(absolute);
        let out_dir = out_dir.or_else(|| env.foreign("OUT_DIR").map(PathBuf::from));
        let out_dir = out_dir.ok_or_else(|| {
            Error::new(ErrorKind::Config, "there is no folder for the outputs")
                .because("OUT_DIR is not set, so this is not a build script")
                .hint("call Builder::out_dir(...)")
        })?;

        let dir = env.own(env::PYODIDE_DIR).map(PathBuf::from).or(builder.pyodide_dir);
        let pyodide = match (dir, builder.pyodide_version) {
            (Some(dir), _) => {
                let dir = absolute(&dir);
                must_be_dir(&dir, "pyodide_dir")?;
                PyodideSource::Dir(dir)
            }
            (None, Some(version)) => PyodideSource::Version(version),
            (None, None) => {
                let mut places = vec![base.clone()];
                places.extend(Cargo::workspace_root(env));
                places.dedup();
                PyodideSource::NodeModules(places, runtime::DEFAULT_PYODIDE_VERSION.to_owned())
            }
        };

        Ok(Self {
            app,
            requires: builder
                .requires
                .iter()
                .map(|r| Requirement::parse(r))
                .collect::<Result<_>>()?,
            scenarios,
            include,
            exclude,
            prelude,
            trace_network: builder.trace_network,
            trace_timeout: builder.trace_timeout,
            pyodide,
            find_links,
            out_dir,
            cache_dir: env.cache_dir(builder.cache_dir.as_deref().map(absolute))?,
            offline: env.offline()?,
            log: env.flag(env::LOG)?,
        })
    }
}

fn must_be_file(path: &Path, setting: &str) -> Result<()> {
    must(path.is_file(), path, setting, "file")
}

fn must_be_dir(path: &Path, setting: &str) -> Result<()> {
    must(path.is_dir(), path, setting, "folder")
}

fn must(there: bool, path: &Path, setting: &str, kind: &str) -> Result<()> {
    if there {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Config, format!("the {kind} of Builder::{setting} is not there"))
        .at(path.display())
        .hint(format!(
            "relative paths start at the crate's folder; correct the {setting} call in build.rs"
        )))
}
