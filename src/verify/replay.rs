//! Runs a scenario from the outputs alone, and compares with the trace. That no lazy file is opened is part
//! of it: then the run is the one that a bundle without lazy files would have done.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::bundle::names::{BUNDLE, SERVED, STDLIB_ZIP};
use crate::engine::scripts::Script;
use crate::engine::{Limit, Task};
use crate::run::mount::{packages_dir, with_separator};
use crate::run::record::{Run, Trace};
use crate::run::recorder::Recorder;
use crate::run::scenario::{ScenarioJob, failed};
use crate::settings::app::Scenario;
use crate::verify::compare::{self, Difference, first_difference};
use crate::verify::route::Route;

/// What `replay.mjs` reads.
#[derive(Serialize)]
struct ReplayJob<'a> {
    route: Route,
    served: PathBuf,
    bundle: PathBuf,
    stdlib: PathBuf,
    core: String,
    packages: PathBuf,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    result: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Replayed {
    /// Lazy files that were opened.
    missed: Vec<String>,
    #[serde(flatten)]
    run: Run,
}

/// Whether a second trace of a scenario did the same.
#[derive(Default)]
enum Again {
    #[default]
    Untried,
    Same,
    /// How the two differ.
    Differs(String),
}

/// A scenario with what it did while it was traced.
pub(crate) struct Baseline<'a> {
    pub number: usize,
    pub scenario: &'a Scenario,
    pub trace: &'a Trace,
    /// What a second trace showed, once there was one.
    again: Mutex<Again>,
}

impl<'a> Baseline<'a> {
    pub fn new(number: usize, scenario: &'a Scenario, trace: &'a Trace) -> Self {
        Self { number, scenario, trace, again: Mutex::default() }
    }

    /// How two traces of it differ, as far as that is known.
    fn known_instability(&self) -> Option<String> {
        match &*self.again.lock().unwrap_or_else(PoisonError::into_inner) {
            Again::Differs(how) => Some(how.clone()),
            Again::Untried | Again::Same => None,
        }
    }

    /// How two traces of it differ; traces it once more to find out.
    fn instability(&self, recorder: &Recorder) -> Result<Option<String>> {
        // Who waits for the lock wants the same answer.
        let mut known = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Again::Untried => {}
            Again::Same => return Ok(None),
            Again::Differs(how) => return Ok(Some(how.clone())),
        }
        let again = recorder.record(&format!("again-{}", self.number), self.scenario)?;
        let own = first_difference(&self.trace.run.stdout, &again.run.stdout);
        let own = own.map(|own| format!("two traces print different things: {own}"));
        *known = own.clone().map_or(Again::Same, Again::Differs);
        Ok(own)
    }
}

/// What a bundle did with a scenario.
pub(crate) enum Outcome {
    /// The same as in the trace.
    Same(Replay),
    /// Lazy files were opened.
    Missed(Vec<String>),
    Differs(Box<Difference>),
}

/// A run that did what the trace did, and what could not be compared.
pub(crate) struct Replay {
    pub run: Run,
    /// Why stdout was not compared, if it was not.
    pub unstable: Option<String>,
}

#[derive(Clone, Copy)]
pub(crate) struct Replayer<'a> {
    pub recorder: Recorder<'a>,
}

impl Replayer<'_> {
    /// Runs a scenario from the outputs, with Pyodide's `core`.
    pub fn replay(
        &self,
        outputs: &Path,
        core: &Path,
        baseline: &Baseline,
        route: Route,
    ) -> Result<Outcome> {
        let Recorder { config, engine, .. } = self.recorder;
        let name = format!("replay-{}-{}", baseline.number, route.name());
        let job = ReplayJob {
            route,
            served: outputs.join(SERVED),
            bundle: outputs.join(BUNDLE),
            stdlib: outputs.join(STDLIB_ZIP),
            core: with_separator(core),
            packages: packages_dir(engine.work())?,
            scenario: baseline.scenario.into(),
            prelude: config.prelude.as_deref(),
            network: config.trace_network,
            result: engine.result_path(&name),
        };
        let limit = Limit::Total(config.trace_timeout);
        let task = Task { script: Script::Replay, name: &name, limit };
        let replayed: Replayed = match engine.run(task, &job)? {
            Ok(replayed) => replayed,
            Err(failure) => {
                let when = format!("from the bundle, through {}", route.title());
                let error = failed(failure, baseline.scenario, &when, ErrorKind::Verify);
                let difference = Difference::new("it gave no result".to_owned(), error);
                return Ok(Outcome::Differs(Box::new(difference)));
            }
        };
        let Replayed { missed, run } = replayed;
        if let Some(difference) = self.compare(baseline, &run, route)? {
            return Ok(Outcome::Differs(Box::new(difference)));
        }
        if !missed.is_empty() {
            return Ok(Outcome::Missed(missed));
        }
        Ok(Outcome::Same(Replay { run, unstable: baseline.known_instability() }))
    }

    /// How a run differs from the trace.
    pub fn compare(
        &self,
        baseline: &Baseline,
        run: &Run,
        route: Route,
    ) -> Result<Option<Difference>> {
        let Baseline { scenario, trace, .. } = baseline;
        let own = &self.recorder.startup.plain.modules;
        let difference = compare::exception(scenario, run, route)
            .or_else(|| compare::modules(scenario, &trace.run, run, route, own));
        if difference.is_some() {
            return Ok(difference);
        }
        let stdout = self.comparable(&run.stdout, route);
        let Some(line) = first_difference(&trace.run.stdout, &stdout) else { return Ok(None) };
        // What differs from itself can't be compared.
        let unstable = baseline.instability(&self.recorder)?.is_some();
        Ok((!unstable).then(|| compare::stdout(scenario, &line, route)))
    }

    /// Standard output with the names that the files have in the trace.
    fn comparable(&self, stdout: &str, route: Route) -> String {
        if route != Route::Plain {
            return stdout.to_owned();
        }
        // There the standard library is in its zip.
        let runtime = self.recorder.runtime;
        let (major, minor) = runtime.python;
        let zipped = format!("/lib/python{major}{minor}.zip/");
        stdout.replace(&zipped, &format!("{}/", runtime.stdlib_dir())).replace(".pyc", ".py")
    }
}

#[test]
fn a_result_is_read_as_it_is_described() {
    let replayed = crate::engine::border::sample("Replayed");
    assert!(serde_json::from_value::<Replayed>(replayed).is_ok());
}
