//! Runs the scenarios in a Pyodide with the complete installation, and records the files that they open.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::LIBRARY_DIR;
use crate::engine::scripts::Script;
use crate::engine::{Engine, Failure, Limit, Task};
use crate::image::Image;
use crate::image::content::Piece;
use crate::image::mount::{self, MountFile};
use crate::pyodide::runtime::Runtime;
use crate::run::hint::hint_for;
use crate::run::mount::{Host, Mount};
use crate::run::record::Trace;
use crate::run::scenario::{ScenarioJob, failed};
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::settings::config::Config;
use crate::settings::snapshot::Snapshot;

/// The job of `trace.mjs`.
#[derive(Serialize)]
struct TraceJob<'a> {
    mounted: Mount,
    libraries: Vec<String>,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    bytecode: Option<PathBuf>,
    core: Option<&'a Path>,
    modules: Vec<&'a str>,
    renews: bool,
    result: PathBuf,
}

/// The common context of a build's runs.
#[derive(Clone, Copy)]
pub(crate) struct Recorder<'a> {
    pub config: &'a Config,
    pub runtime: &'a Runtime,
    pub startup: &'a Startup,
    pub image: &'a Image,
    pub engine: &'a dyn Engine,
    /// Modules that note which of their functions the scenarios run.
    pub noting: Option<Noting<'a>>,
}

/// WebAssembly modules that note which of their functions ran, in the place of others.
#[derive(Clone, Copy)]
pub(crate) struct Noting<'a> {
    pub core: &'a Path,
    /// Side modules, by path.
    pub modules: &'a BTreeMap<String, Piece>,
}

/// The conditions of a run that the app's settings decide.
#[derive(Clone, Copy)]
pub(crate) struct Conditions<'a> {
    prelude: Option<&'a Path>,
    network: bool,
    limit: Limit,
    /// Whether the bytecode of imported modules is kept.
    keep_bytecode: bool,
    /// Modules that note which of their functions ran.
    noting: Option<Noting<'a>>,
}

impl<'a> Conditions<'a> {
    pub fn of(config: &'a Config) -> Self {
        let (prelude, network) = (config.prelude.as_deref(), config.trace_network);
        let keep_bytecode = config.development && config.python.bytecode;
        let limit = Limit::Total(config.trace_timeout);
        Self { prelude, network, limit, keep_bytecode, noting: None }
    }

    /// Returns conditions for a run without the app's code.
    pub fn without_app(limit: Limit) -> Self {
        Self { prelude: None, network: false, limit, keep_bytecode: false, noting: None }
    }
}

impl Recorder<'_> {
    /// Runs a scenario in the complete installation. An exception is an error: the bundle of a failing
    /// scenario would be unreliable.
    pub fn record(&self, name: &str, scenario: &Scenario) -> Result<Trace> {
        let conditions = Conditions { noting: self.noting, ..Conditions::of(self.config) };
        let ran = self.run(name, scenario, self.installation()?, conditions)?;
        let mut trace = ran.map_err(|failure| {
            failed(failure, scenario, "while it was traced", ErrorKind::Trace)
        })?;
        if let Some(exception) = &trace.run.exception {
            let what = format!("{} raised {} while it was traced", scenario.name, exception.kind);
            return Err(Error::new(ErrorKind::Trace, what)
                .at(scenario.source.display())
                .because(&exception.traceback)
                .hint(hint_for(exception, self.config, self.runtime)));
        }
        for (path, ..) in &mut trace.opened {
            if let Some(source) = self.startup.source_of(path) {
                source.clone_into(path);
            }
        }
        Ok(trace)
    }

    pub fn host(&self) -> Host<'_> {
        let Self { runtime, engine, image, .. } = *self;
        Host { runtime, contents: &image.contents, engine }
    }

    /// Mounts the complete installation as it is.
    pub fn installation(&self) -> Result<Mount> {
        let is_there = |path: &str| self.image.files.contains_key(path);
        let mut dirs = self.image.mount();
        for (path, piece) in self.noting.into_iter().flat_map(|noting| noting.modules) {
            let Piece { content, offset, size } = *piece;
            mount::replace(&mut dirs, MountFile { path, size, place: content, offset });
        }
        self.startup.mount(self.host(), dirs, is_there)
    }

    /// Runs a scenario in a given installation.
    pub fn run(
        &self,
        name: &str,
        scenario: &Scenario,
        mounted: Mount,
        conditions: Conditions,
    ) -> Result<Result<Trace, Failure>> {
        let Conditions { prelude, network, limit, keep_bytecode, noting } = conditions;
        let bytecode =
            keep_bytecode.then(|| self.engine.work().join(format!("{name}.bytecode.bin")));
        let job = TraceJob {
            mounted,
            libraries: libraries(self.image),
            scenario: scenario.into(),
            prelude,
            network,
            bytecode: bytecode.clone(),
            core: noting.map(|noting| noting.core),
            modules: noting
                .into_iter()
                .flat_map(|n| n.modules.keys().map(String::as_str))
                .collect(),
            renews: noting.is_some() && self.config.snapshot != Snapshot::Never,
            result: self.engine.result_path(name),
        };
        let ran = self.engine.run(Task { script: Script::Trace, name, limit }, &job)?;
        Ok(ran.map(|trace: Trace| Trace { bytecode, ..trace }))
    }
}

/// Returns the shared libraries, which are loaded first, in a fixed order.
pub(super) fn libraries(image: &Image) -> Vec<String> {
    let mut files: Vec<_> = image
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(LIBRARY_DIR) && image.is_side_module(path))
        .collect();
    // Packages are in load order already.
    files.sort_by_key(|(path, file)| (file.package, (*path).clone()));
    files.into_iter().map(|(path, _)| path.clone()).collect()
}
