//! Replays a scenario from the outputs alone, and compares it with the trace. A matching run opens no lazy
//! file. It is therefore the run that a bundle without lazy files would do.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::bundle::names::{BUNDLE, SERVED, STDLIB_ZIP};
use crate::engine::scripts::Script;
use crate::engine::{Limit, Task};
use crate::run::mount::packages_dir;
use crate::run::record::{Run, Trace};
use crate::run::recorder::Recorder;
use crate::run::scenario::{ScenarioJob, failed};
use crate::settings::app::Scenario;
use crate::verify::compare::{self, Difference, first_difference};
use crate::verify::route::Route;

/// The job of `replay.mjs`.
#[derive(Serialize)]
struct ReplayJob<'a> {
    route: Route,
    served: PathBuf,
    bundle: PathBuf,
    stdlib: PathBuf,
    core: String,
    noting: Option<&'a Path>,
    snapshot: Option<&'a Path>,
    packages: PathBuf,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    result: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Replayed {
    /// Lazy files that the run opened.
    missed: Vec<String>,
    /// Chunks of modules that the run needed: the starts of their names.
    cold: Vec<String>,
    /// Numbers of the functions of the core that ran, if they were noted.
    ran: Vec<u32>,
    #[serde(flatten)]
    run: Run,
}

/// Whether a second trace of a scenario matches the first.
#[derive(Default)]
enum Again {
    #[default]
    Untried,
    Same,
    /// How the two traces differ.
    Differs(String),
}

/// A scenario with its trace.
pub(crate) struct Baseline<'a> {
    pub number: usize,
    pub scenario: &'a Scenario,
    pub trace: &'a Trace,
    /// The result of a second trace, if there was one.
    again: Mutex<Again>,
}

impl<'a> Baseline<'a> {
    pub fn new(number: usize, scenario: &'a Scenario, trace: &'a Trace) -> Self {
        Self { number, scenario, trace, again: Mutex::default() }
    }

    /// Returns how two traces of it differ, as far as that is known.
    fn known_instability(&self) -> Option<String> {
        match &*self.again.lock().unwrap_or_else(PoisonError::into_inner) {
            Again::Differs(how) => Some(how.clone()),
            Again::Untried | Again::Same => None,
        }
    }

    /// Returns how two traces of it differ. Traces it once more to find out.
    fn instability(&self, recorder: &Recorder) -> Result<Option<String>> {
        // Every thread that waits for the lock needs the same result.
        let mut known = self.again.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Again::Untried => {}
            Again::Same => return Ok(None),
            Again::Differs(how) => return Ok(Some(how.clone())),
        }
        let again = recorder.record(&format!("again-{}", self.number), self.scenario)?;
        let own = first_difference(&self.trace.run.stdout, &again.run.stdout);
        let own = own.map(|own| format!("two traces print different output: {own}"));
        *known = own.clone().map_or(Again::Same, Again::Differs);
        Ok(own)
    }
}

/// The outcome of a scenario in a bundle.
pub(crate) enum Outcome {
    /// The run matches the trace.
    Same(Replay),
    /// The run opened lazy files, or it called functions in chunks of modules.
    Missed {
        files: Vec<String>,
        cold: Vec<String>,
    },
    Differs(Box<Difference>),
}

impl Outcome {
    pub fn differs(&self) -> bool {
        matches!(self, Self::Differs(_))
    }
}

/// Other cores than the one that is served.
#[derive(Clone, Copy)]
pub(crate) struct Cores<'a> {
    /// The folder of the one for plain `loadPyodide`.
    pub plain: &'a Path,
    /// One for the loader that notes which of its functions run.
    pub noting: Option<&'a Path>,
}

/// A matching run, and the parts that could not be compared.
pub(crate) struct Replay {
    pub run: Run,
    /// Numbers of the functions of the core that ran, if they were noted.
    pub ran: Vec<u32>,
    /// Why stdout was not compared, if so.
    pub unstable: Option<String>,
}

#[derive(Clone, Copy)]
pub(crate) struct Replayer<'a> {
    pub recorder: Recorder<'a>,
    /// A snapshot that the loader starts from.
    pub snapshot: Option<&'a Path>,
}

impl Replayer<'_> {
    /// Replays a scenario from the outputs.
    pub fn replay(
        &self,
        outputs: &Path,
        cores: Cores,
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
            core: files::with_separator(cores.plain),
            noting: cores.noting.filter(|_| route == Route::Loader),
            snapshot: self.snapshot.filter(|_| route == Route::Loader),
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
                let difference = Difference::new("it returned no result".to_owned(), error);
                return Ok(Outcome::Differs(Box::new(difference)));
            }
        };
        let Replayed { missed: files, cold, ran, run } = replayed;
        if let Some(difference) = self.compare(baseline, &run, route)? {
            return Ok(Outcome::Differs(Box::new(difference)));
        }
        if !files.is_empty() || !cold.is_empty() {
            return Ok(Outcome::Missed { files, cold });
        }
        Ok(Outcome::Same(Replay { run, ran, unstable: baseline.known_instability() }))
    }

    /// Returns how a run differs from the trace.
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
        // Output that differs between two traces can't be compared.
        let unstable = baseline.instability(&self.recorder)?.is_some();
        Ok((!unstable).then(|| compare::stdout(scenario, &line, route)))
    }

    /// Returns standard output with the file names of the trace.
    fn comparable(&self, stdout: &str, route: Route) -> String {
        if route != Route::Plain {
            return stdout.to_owned();
        }
        // Plain `loadPyodide` has the standard library in its zip.
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
