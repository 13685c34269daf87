//! Runs the scenarios in a Pyodide with the complete installation, and records the files that they open.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::{LIBRARY_DIR, is_side_module};
use crate::engine::scripts::Script;
use crate::engine::{Engine, Failure, Limit, Task};
use crate::image::Image;
use crate::pyodide::runtime::Runtime;
use crate::run::mount::{Host, Mount};
use crate::run::record::{Exception, Trace};
use crate::run::scenario::{ScenarioJob, failed};
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::settings::config::Config;

/// The job of `trace.mjs`.
#[derive(Serialize)]
struct TraceJob<'a> {
    mounted: Mount,
    libraries: Vec<String>,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
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
}

/// The conditions of a run that the app's settings decide.
#[derive(Clone, Copy)]
pub(crate) struct Conditions<'a> {
    prelude: Option<&'a Path>,
    network: bool,
    limit: Limit,
}

impl<'a> Conditions<'a> {
    pub fn of(config: &'a Config) -> Self {
        let (prelude, network) = (config.prelude.as_deref(), config.trace_network);
        Self { prelude, network, limit: Limit::Total(config.trace_timeout) }
    }

    /// Returns conditions for a run without the app's code.
    pub fn without_app(limit: Limit) -> Self {
        Self { prelude: None, network: false, limit }
    }
}

impl Recorder<'_> {
    /// Runs a scenario in the complete installation. An exception is an error: the bundle of a failing
    /// scenario would be unreliable.
    pub fn record(&self, name: &str, scenario: &Scenario) -> Result<Trace> {
        let ran = self.run(name, scenario, self.installation()?, Conditions::of(self.config))?;
        let mut trace = ran.map_err(|failure| {
            failed(failure, scenario, "while it was traced", ErrorKind::Trace)
        })?;
        if let Some(exception) = &trace.run.exception {
            let what = format!("{} raised {} while it was traced", scenario.name, exception.kind);
            return Err(Error::new(ErrorKind::Trace, what)
                .at(scenario.source.display())
                .because(&exception.traceback)
                .hint(self.hint_for(exception)));
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
        self.startup.mount(self.host(), self.image.mount(), is_there)
    }

    /// Runs a scenario in a given installation.
    pub fn run(
        &self,
        name: &str,
        scenario: &Scenario,
        mounted: Mount,
        conditions: Conditions,
    ) -> Result<Result<Trace, Failure>> {
        let Conditions { prelude, network, limit } = conditions;
        let job = TraceJob {
            mounted,
            libraries: libraries(self.image),
            scenario: scenario.into(),
            prelude,
            network,
            result: self.engine.result_path(name),
        };
        self.engine.run(Task { script: Script::Trace, name, limit }, &job)
    }

    fn hint_for(&self, exception: &Exception) -> String {
        let message = &exception.message;
        let installs = exception.traceback.contains("micropip.install");
        if installs && !self.config.trace_network || message == "No module named 'micropip'" {
            format!(
                "packages come with the bundle, and the network is off while tracing: add {} to build.rs \
                 instead of installing with micropip",
                line_for_micropip(&exception.traceback)
            )
        } else if message.contains("the network is off while tracing") {
            "add .trace_network(true) to build.rs, or keep network access out of the scenario"
                .into()
        } else if exception.kind == "ModuleNotFoundError" {
            let module = message.split('\'').nth(1).unwrap_or("...");
            let top = module.split('.').next().unwrap_or(module);
            let known: Vec<_> = self.config.requires.iter().map(|r| r.name.as_str()).collect();
            let provider = self.runtime.lock.provider(top).map(|p| p.name.as_str());
            let line = format!(".requires([\"{}\"])", provider.unwrap_or(top));
            let provided = match provider {
                Some(name) => {
                    format!("{name} of the Pyodide distribution provides {top}: add {line}")
                }
                None => format!("if a distribution provides {top}, add it: {line}"),
            };
            format!(
                "{provided} to build.rs (now required: [{}]); if it is a module of your own, it must \
                 be in the app's folder",
                known.join(", ")
            )
        } else if message.contains("document") || message.contains("window") {
            "Node has no DOM: define the globals that the app expects in a module, and add .prelude(\"MODULE.mjs\") to build.rs"
                .into()
        } else {
            "the scenario must run in Pyodide without the bundle's help: correct it, or the code \
             that it calls"
                .into()
        }
    }
}

/// Returns the line for `build.rs` with the packages that `micropip.install` in a traceback names literally.
fn line_for_micropip(traceback: &str) -> String {
    let call = traceback.split("micropip.install(").nth(1).unwrap_or_default();
    let arguments = call.split(')').next().unwrap_or_default();
    let quoted = arguments.split(['"', '\'']).skip(1).step_by(2);
    let mut packages: Vec<_> = quoted.map(|package| format!("\"{package}\"")).collect();
    if packages.is_empty() {
        packages.push("\"PACKAGE\"".to_owned());
    }
    format!(".requires([{}])", packages.join(", "))
}

/// Returns the shared libraries, which are loaded first, in a fixed order.
pub(super) fn libraries(image: &Image) -> Vec<String> {
    let mut files: Vec<_> = image
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(LIBRARY_DIR) && is_side_module(path))
        .collect();
    // Packages are in load order already.
    files.sort_by_key(|(path, file)| (file.package, (*path).clone()));
    files.into_iter().map(|(path, _)| path.clone()).collect()
}
