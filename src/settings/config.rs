//! The resolved configuration: a builder's settings with absolute paths, parsed requirements and globs,
//! declarations in files, and overrides of the environment.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::globs::Globs;
use crate::cache::Cache;
use crate::settings::app::{App, Scenario};
use crate::settings::budget::Budget;
use crate::settings::builder::Builder;
use crate::settings::cargo::{Cargo, Workspace};
use crate::settings::compression::Encoding;
use crate::settings::declared::Declared;
use crate::settings::env::{self, Env};
use crate::settings::lazy::Lazy;
use crate::settings::python_files::PythonFiles;
use crate::settings::remote_cache::RemoteCache;
use crate::settings::requirement::{Constraint, Requirement};
use crate::settings::snapshot::Snapshot;
use crate::settings::verify::Conditions;

/// The version of Pyodide that is fetched by default.
pub const DEFAULT_PYODIDE_VERSION: &str = "314.0.7";

/// The lock file's name, beside `Cargo.toml`.
pub(crate) const LOCK_FILE: &str = "pyodide-pack.lock";

/// The cache's name in `target`.
const CACHE_BELOW_TARGET: &str = "pyodide-pack-cache";

/// Everything that decides the outputs, except the contents of files.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the user's, each on its own")]
pub(crate) struct Config {
    pub app: App,
    pub requires: Vec<Requirement>,
    /// Lines for pip's constraints file.
    pub constraints: Vec<Constraint>,
    pub scenarios: Vec<Scenario>,
    pub eager: Globs,
    pub eager_sources: Globs,
    pub exclude: Globs,
    pub python: PythonFiles,
    pub lazy: Lazy,
    pub budgets: Vec<Budget>,
    pub prelude: Option<PathBuf>,
    pub trace_network: bool,
    pub trace_timeout: Duration,
    /// Number of runs of each side; 0 means none.
    pub benchmark: u32,
    /// Whether this is a development build, which is not verified.
    pub development: bool,
    /// Whether WebAssembly modules are split, if the build is verified.
    pub split: bool,
    /// Whether there is a snapshot, if the build is verified.
    pub snapshot: Snapshot,
    pub pyodide: PyodideSource,
    pub find_links: Vec<PathBuf>,
    /// Whether all files get compressed copies.
    pub precompress: bool,
    pub embed_encoding: Option<Encoding>,
    pub service_worker: bool,
    pub out_dir: PathBuf,
    /// An additional folder for a copy of the served folder.
    pub export_dir: Option<PathBuf>,
    /// `None` if no folder was chosen and that of the user is unknown.
    pub cache_dir: Option<PathBuf>,
    /// The place of the cache if that of the user can't be written. `None` if a folder was chosen.
    pub cache_fallback: Option<PathBuf>,
    pub lock_file: Option<PathBuf>,
    /// Whether the lock file must be up to date.
    pub locked: bool,
    /// Whether this is the build of `cargo package`, which allows no changes of the crate's folder.
    pub packaged: bool,
    pub remote_cache: Option<RemoteCache>,
    pub offline: bool,
    pub log: bool,
}

/// The source of the runtime.
#[derive(Debug, Serialize)]
pub(crate) enum PyodideSource {
    /// An unpacked distribution.
    Dir(PathBuf),
    /// This version, through npm.
    Version(String),
    /// `node_modules/pyodide` of these folders if it exists, else this version through npm.
    NodeModules(Vec<PathBuf>, String),
}

impl PyodideSource {
    /// Chooses the source; `places` may have a `node_modules`.
    fn new(
        dir: Option<PathBuf>,
        version: Option<String>,
        places: impl Iterator<Item = PathBuf>,
    ) -> Result<Self> {
        Ok(match (dir, version) {
            (Some(dir), _) => {
                must_be_dir(&dir, "pyodide_dir")?;
                Self::Dir(dir)
            }
            (None, Some(version)) => Self::Version(version),
            (None, None) => {
                let mut places: Vec<_> = places.collect();
                places.dedup();
                Self::NodeModules(places, DEFAULT_PYODIDE_VERSION.to_owned())
            }
        })
    }
}

impl Config {
    /// Checks a builder's settings against the file system and applies the environment.
    pub fn resolve(builder: Builder, env: &Env, cargo: &mut Cargo) -> Result<Self> {
        let base = base(env)?;
        let development = is_development(&builder, env)?;
        let absolute = |path: &Path| base.join(path);
        let sources: Vec<_> = builder.scenarios.iter().map(|path| absolute(path)).collect();
        watch_files(&sources, "scenario", cargo)?;
        let prelude = builder.prelude.as_deref().map(absolute);
        watch_files(prelude.as_slice(), "prelude", cargo)?;
        let package = cargo.package(env)?;
        let app = app(&absolute(&builder.app), &sources, &builder.eager, cargo)?;
        let settings = package.as_ref().and_then(|package| package.settings.as_ref());
        let workspace = package.as_ref().and_then(|package| package.workspace.as_ref());
        let declared = Declared::read(&app, settings, env)?;
        declared.announce(cargo);
        let (own, other) = (builder.python_files, declared.python_files);
        let python = one_value("the form of Python files", "python_files", own, other)?;
        let dir = env.own(env::PYODIDE_DIR).map(PathBuf::from).or(builder.pyodide_dir);
        let (own, other) = (builder.pyodide_version, declared.pyodide_version);
        let version = one_value("the version of Pyodide", "pyodide_version", own, other)?;
        let requires = requirements(&builder.requires, declared.requirements, cargo)?;
        let own_cache = builder.cache_dir.as_deref().map(absolute);
        let chosen_cache = env.own(env::CACHE_DIR).map(PathBuf::from).or(own_cache);
        Ok(Self {
            requires,
            constraints: declared.constraints,
            scenarios: app.scenarios(&sources),
            app,
            eager: globs(&builder.eager, &declared.eager, "eager")?,
            eager_sources: Globs::parse(&builder.eager_sources, "Builder::eager_sources")?,
            exclude: globs(&builder.exclude, &declared.exclude, "exclude")?,
            python: python.unwrap_or_default(),
            lazy: builder.lazy,
            budgets: builder.budgets,
            prelude,
            trace_network: builder.trace_network,
            trace_timeout: builder.trace_timeout,
            benchmark: builder.benchmark,
            development,
            split: builder.split.is_wanted(builder.lazy, env),
            snapshot: builder.snapshot,
            pyodide: {
                let places = std::iter::once(base.clone()).chain(workspace.map(|w| w.root.clone()));
                PyodideSource::new(dir.map(|dir| absolute(&dir)), version, places)?
            },
            find_links: find_links(builder.find_links, &base, env, cargo)?,
            precompress: builder.precompress.copies(env),
            embed_encoding: builder.embed_encoding,
            service_worker: builder.service_worker,
            out_dir: out_dir(builder.out_dir.as_deref().map(absolute), env)?,
            export_dir: builder.export_dir.as_deref().map(absolute),
            cache_fallback: below_target(workspace, env).filter(|_| chosen_cache.is_none()),
            cache_dir: chosen_cache.or_else(|| env.user_cache_dir()),
            lock_file: builder.lock_file.as_deref().map(absolute).or_else(|| {
                // Outside of a build script, the lock file is optional.
                env.foreign("OUT_DIR").map(|_| base.join(LOCK_FILE))
            }),
            locked: env.flag(env::LOCKED)?,
            packaged: workspace.is_some_and(|w| base.starts_with(w.target_dir.join("package"))),
            remote_cache: RemoteCache::of(env)?,
            offline: env.offline()?,
            log: env.flag(env::LOG)?,
        })
    }

    /// Opens the cache. A warning says that its place is not the user's, once for each place.
    pub fn open_cache(&self, cargo: &mut Cargo) -> Result<Cache> {
        let opened = self.cache_dir.as_deref().map_or_else(
            || {
                Err(Error::new(ErrorKind::Config, "no folder is known for the cache").because(
                    "neither HOME nor the system's variable for caches is an absolute path",
                ))
            },
            Cache::open,
        );
        let variable = env::CACHE_DIR;
        let opened = opened.map_err(|e| {
            e.hint(format!("set {variable} or Builder::cache_dir to a folder that can be written"))
        });
        let (Err(_), Some(fallback)) = (&opened, self.cache_fallback.as_deref()) else {
            return opened;
        };
        let is_new = !fallback.exists();
        let cache = Cache::open(fallback)?;
        if is_new {
            let why = match &self.cache_dir {
                Some(dir) => format!("{} can't be written", dir.display()),
                None => "the user's cache folder is not known".to_owned(),
            };
            cargo.warn(format!(
                "the cache is in {}, because {why}: `cargo clean` removes it; \
                 set {variable} to a folder that stays",
                fallback.display()
            ));
        }
        Ok(cache)
    }
}

/// Returns a folder for the cache that Cargo can write, or `None` outside of a build script. All profiles share
/// it, if the outputs are in the `target` that `cargo metadata` names.
fn below_target(workspace: Option<&Workspace>, env: &Env) -> Option<PathBuf> {
    let out_dir = PathBuf::from(env.foreign("OUT_DIR")?);
    let target = workspace.map(|workspace| &workspace.target_dir);
    let target = target.filter(|target| out_dir.starts_with(target));
    Some(target.unwrap_or(&out_dir).join(CACHE_BELOW_TARGET))
}

fn is_development(builder: &Builder, env: &Env) -> Result<bool> {
    let (lazy, benchmark) = (builder.lazy, builder.benchmark > 0);
    let conditions = Conditions { lazy, locked: env.flag(env::LOCKED)?, benchmark };
    builder.verify.is_development(&conditions, env)
}

/// Returns the base of relative paths.
fn base(env: &Env) -> Result<PathBuf> {
    match env.foreign("CARGO_MANIFEST_DIR") {
        Some(dir) => Ok(PathBuf::from(dir)),
        None => std::env::current_dir()
            .map_err(|e| Error::io("find the current folder", Path::new("."), e)),
    }
}

/// Finds the app's files, and makes their changes rerun the build script.
fn app(path: &Path, sources: &[PathBuf], eager: &[String], cargo: &mut Cargo) -> Result<App> {
    cargo.rerun_if_changed(path);
    let app = App::scan(path, sources, &Globs::parse(eager, "Builder::eager")?)?;
    app.warnings.iter().for_each(|warning| cargo.warn(warning));
    Ok(app)
}

/// Checks that files exist, and makes their changes rerun the build script.
fn watch_files(files: &[PathBuf], setting: &str, cargo: &mut Cargo) -> Result<()> {
    for file in files {
        must_be_file(file, setting)?;
        cargo.rerun_if_changed(file);
    }
    Ok(())
}

fn globs(own: &[String], declared: &[String], name: &str) -> Result<Globs> {
    Globs::parse(&own.iter().chain(declared).cloned().collect::<Vec<_>>(), name)
}

fn requirements(
    own: &[String],
    declared: Vec<Requirement>,
    cargo: &mut Cargo,
) -> Result<Vec<Requirement>> {
    let own = own.iter().map(|text| Requirement::parse(text, "Builder::requires"));
    let mut requires = own.collect::<Result<Vec<_>>>()?;
    requires.extend(declared);
    for wheel in requires.iter().filter_map(Requirement::local_wheel) {
        cargo.rerun_if_changed(wheel);
    }
    Ok(requires)
}

/// Returns the folders of the variable, then those of the builder.
fn find_links(
    own: Vec<PathBuf>,
    base: &Path,
    env: &Env,
    cargo: &mut Cargo,
) -> Result<Vec<PathBuf>> {
    let named = env.own(env::FIND_LINKS);
    let named = named.iter().flat_map(std::env::split_paths).chain(own);
    let dirs: Vec<_> = named.map(|path| base.join(path)).collect();
    for dir in &dirs {
        must_be_dir(dir, "find_links")?;
        cargo.rerun_if_changed(dir);
    }
    Ok(dirs)
}

fn out_dir(own: Option<PathBuf>, env: &Env) -> Result<PathBuf> {
    own.or_else(|| env.foreign("OUT_DIR").map(PathBuf::from)).ok_or_else(|| {
        Error::new(ErrorKind::Config, "no folder is set for the outputs")
            .because("OUT_DIR is not set, so this is not a build script")
            .hint("call Builder::out_dir(...)")
    })
}

/// Returns the value of a setting that two places may set, if they agree.
fn one_value<T: PartialEq + Debug>(
    what: &str,
    setter: &str,
    own: Option<T>,
    declared: Option<(T, String)>,
) -> Result<Option<T>> {
    match (own, declared) {
        (Some(own), Some((other, place))) if own != other => {
            Err(Error::new(ErrorKind::Config, format!("{what} is set twice"))
                .at(format!("Builder::{setter}: {own:?}\n{place}: {other:?}"))
                .hint("keep one of them"))
        }
        (own, declared) => Ok(own.or(declared.map(|(value, _)| value))),
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
    Err(Error::new(ErrorKind::Config, format!("the {kind} of Builder::{setting} does not exist"))
        .at(path.display())
        .hint(format!(
            "relative paths start at the crate's folder; correct the {setting} call in build.rs"
        )))
}
