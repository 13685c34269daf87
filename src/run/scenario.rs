//! Runs the scenarios in a Pyodide that has the complete installation, and learns what they open.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::{LIBRARY_DIR, is_side_module};
use crate::engine::Failure;
use crate::engine::node::Runner;
use crate::image::Image;
use crate::pyodide::runtime::Runtime;
use crate::run::mounted::Mounted;
use crate::run::record::{Exception, Trace};
use crate::run::startup::Startup;
use crate::settings::app::Scenario;
use crate::settings::config::Config;

/// What `trace.mjs` reads.
#[derive(Serialize)]
struct TraceJob<'a> {
    schema: u32,
    mounted: Mounted<'a>,
    libraries: Vec<String>,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    result: PathBuf,
}

/// A scenario as the scripts take it.
#[derive(Serialize)]
pub(crate) struct ScenarioJob<'a> {
    source: &'a Path,
    filename: &'a str,
}

impl<'a> From<&'a Scenario> for ScenarioJob<'a> {
    fn from(scenario: &'a Scenario) -> Self {
        Self { source: &scenario.source, filename: &scenario.filename }
    }
}

/// Everything that the runs of one build have in common.
#[derive(Clone, Copy)]
pub(crate) struct Tracer<'a> {
    pub config: &'a Config,
    pub runtime: &'a Runtime,
    pub startup: &'a Startup,
    pub image: &'a Image,
    pub runner: &'a Runner<'a>,
    pub prelude: Option<&'a Path>,
    pub network: bool,
}

impl<'a> Tracer<'a> {
    pub fn new(
        config: &'a Config,
        runtime: &'a Runtime,
        startup: &'a Startup,
        image: &'a Image,
        runner: &'a Runner,
    ) -> Self {
        let (prelude, network) = (config.prelude.as_deref(), config.trace_network);
        Self { config, runtime, startup, image, runner, prelude, network }
    }

    /// Runs a scenario in the complete installation. That it raises is an error: its bundle could
    /// not be relied on.
    pub fn scenario(&self, name: &str, scenario: &Scenario) -> Result<Trace> {
        let mounted = self.installation()?;
        let limit = self.config.trace_timeout;
        let mut trace = self.run(name, scenario, mounted, limit).map_err(|failure| {
            failed(failure, scenario, "while it was traced", ErrorKind::Trace)
        })?;
        if let Some(exception) = &trace.run.exception {
            let what = format!("{} raised {} while it was traced", scenario.name, exception.kind);
            return Err(Error::new(ErrorKind::Trace, what)
                .at(scenario.source.display())
                .because(&exception.traceback)
                .hint(self.hint_for(exception)));
        }
        for (path, _) in &mut trace.opened {
            if let Some(source) = self.startup.source_of(path) {
                source.clone_into(path);
            }
        }
        Ok(trace)
    }

    /// The complete installation, as it is.
    pub fn installation(&self) -> Result<Mounted<'a>> {
        let Self { runtime, startup, image, runner, .. } = *self;
        let is_there = |path: &str| image.files.contains_key(path);
        startup.mounted(runtime, runner.work, image.mounted(), &image.parts, is_there)
    }

    /// Runs a scenario in whatever is mounted.
    pub fn run(
        &self,
        name: &str,
        scenario: &Scenario,
        mounted: Mounted,
        limit: Duration,
    ) -> Result<Trace, Failure> {
        let job = TraceJob {
            schema: 2,
            mounted,
            libraries: libraries(self.image),
            scenario: scenario.into(),
            prelude: self.prelude,
            network: self.network,
            result: self.runner.result_path(name),
        };
        self.runner.run("trace.mjs", name, &job, limit)
    }

    fn hint_for(&self, exception: &Exception) -> String {
        let message = &exception.message;
        if message.contains("the network is off while tracing") {
            "allow it with Builder::trace_network(true), or keep network access out of the scenario"
                .into()
        } else if exception.kind == "ModuleNotFoundError" {
            let module = message.split('\'').nth(1).unwrap_or("...");
            let top = module.split('.').next().unwrap_or(module);
            let known: Vec<_> = self.config.requires.iter().map(|r| r.name.as_str()).collect();
            let provider = self.runtime.distribution.provider(top).map(|p| p.name.as_str());
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
            "Node has no DOM: give the globals that the app expects in a module for Builder::prelude"
                .into()
        } else {
            "the scenario must run in Pyodide without the bundle's help: correct it, or the code \
             that it calls"
                .into()
        }
    }
}

/// Shared libraries, which are loaded before anything else, in a fixed order.
pub(crate) fn libraries(image: &Image) -> Vec<String> {
    let mut files: Vec<_> = image
        .files
        .iter()
        .filter(|(path, _)| path.starts_with(LIBRARY_DIR) && is_side_module(path))
        .collect();
    // Owners are in load order.
    files.sort_by_key(|(path, file)| (file.owner, (*path).clone()));
    files.into_iter().map(|(path, _)| path.clone()).collect()
}

/// The error for a scenario that gave no result; `when` completes "... did not end".
pub(crate) fn failed(failure: Failure, scenario: &Scenario, when: &str, kind: ErrorKind) -> Error {
    let name = &scenario.name;
    let error = |what: String, stderr: String| {
        let error = Error::new(kind, what).at(scenario.source.display());
        if stderr.is_empty() { error } else { error.because(stderr) }
    };
    match failure {
        Failure::Other(error) => error,
        Failure::Timeout(limit, stderr) => error(
            format!("{name} did not end within {} seconds {when}", limit.as_secs_f32()),
            stderr,
        )
        .hint(
            "a scenario must end: guard code that waits or serves for ever with \
                 `if __name__ != \"__main__\":`, or allow more with Builder::trace_timeout",
        ),
        Failure::Ended(status, stderr) => {
            error(format!("Node.js ended without a result of {name} {when} ({status})"), stderr)
                .hint("the app may have ended the process itself, or run out of memory")
        }
    }
}
