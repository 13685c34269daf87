//! Runs every scenario from the outputs alone, and compares with the trace. That no cold file is
//! opened is part of it: then the run is the one that a bundle without cold files would have done.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::engine::Failure;
use crate::engine::node::Runner;
use crate::run::mounted::{packages_dir, with_separator};
use crate::run::record::{Run, Trace};
use crate::run::scenario::{ScenarioJob, Tracer, failed};
use crate::run::startup::PlainLines;
use crate::settings::app::Scenario;
use crate::settings::config::Config;
use crate::verify::route::Route;

/// What `validate.mjs` reads.
#[derive(Serialize)]
struct ValidateJob<'a> {
    schema: u32,
    route: Route,
    outputs: &'a Path,
    core: String,
    packages: PathBuf,
    scenario: ScenarioJob<'a>,
    prelude: Option<&'a Path>,
    network: bool,
    result: PathBuf,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Validated {
    /// Cold files that were opened.
    missed: Vec<String>,
    #[serde(flatten)]
    pub run: Run,
}

pub(crate) struct Validator<'a> {
    pub config: &'a Config,
    pub runner: &'a Runner<'a>,
    pub tracer: &'a Tracer<'a>,
    pub plain: &'a PlainLines,
    /// By scenario: how two traces of it differ, once that was of interest.
    pub unstable: Mutex<HashMap<usize, Option<String>>>,
}

/// A scenario with what its trace did.
#[derive(Clone, Copy)]
pub(crate) struct Traced<'a> {
    pub number: usize,
    pub scenario: &'a Scenario,
    pub trace: &'a Trace,
}

/// What a bundle did with a scenario.
pub(crate) enum Outcome {
    /// The same as in the trace.
    Proven(Verdict),
    /// Cold files were opened.
    Missed(Vec<String>),
    /// Something else.
    Broken(Broken),
}

/// That a bundle does what the trace did, and what could not be compared.
pub(crate) struct Verdict {
    pub run: Run,
    /// Why stdout was not compared, if it was not.
    pub unstable: Option<String>,
}

pub(crate) struct Broken {
    /// In a few words, which hold for other apps too: `it raised ValueError`.
    pub why: String,
    pub error: Error,
    /// The exception's traceback, if there is one.
    pub traceback: String,
    /// Modules that were imported on one side only, if that is what is wrong.
    pub modules: Vec<String>,
}

impl Broken {
    fn new(why: String, error: Error) -> Self {
        Self { why, error, traceback: String::new(), modules: Vec::new() }
    }
}

impl Validator<'_> {
    /// Runs a scenario from the outputs, with Pyodide's `core`.
    pub fn validate(
        &self,
        outputs: &Path,
        core: &Path,
        traced: Traced,
        route: Route,
    ) -> Result<Outcome> {
        let name = format!(
            "validate-{}-{}",
            traced.number,
            if route == Route::Loader { "loader" } else { "plain" }
        );
        let job = ValidateJob {
            schema: 2,
            route,
            outputs,
            core: with_separator(core),
            packages: packages_dir(self.runner.work)?,
            scenario: traced.scenario.into(),
            prelude: self.config.prelude.as_deref(),
            network: self.config.trace_network,
            result: self.runner.result_path(&name),
        };
        let when = format!("from the bundle, through {}", route.name());
        let limit = self.config.trace_timeout;
        let done: Validated = match self.runner.run("validate.mjs", &name, &job, limit) {
            Ok(done) => done,
            Err(Failure::Other(error)) => return Err(error),
            Err(failure) => {
                let why = "it gave no result".to_owned();
                let error = failed(failure, traced.scenario, &when, ErrorKind::Validate);
                return Ok(Outcome::Broken(Broken::new(why, error)));
            }
        };
        if let Some(broken) = self.judge(traced, &done.run, route)? {
            return Ok(Outcome::Broken(broken));
        }
        if !done.missed.is_empty() {
            return Ok(Outcome::Missed(done.missed));
        }
        let unstable = self.unstable.lock().unwrap_or_else(PoisonError::into_inner);
        let unstable = unstable.get(&traced.number).cloned().flatten();
        Ok(Outcome::Proven(Verdict { run: done.run, unstable }))
    }

    /// How a run differs from the trace.
    pub fn judge(&self, traced: Traced, run: &Run, route: Route) -> Result<Option<Broken>> {
        let broken = |what: String, cause: &str, hint: &str| {
            let name = &traced.scenario.name;
            let whole = format!("{name}: {what} from the bundle, through {}", route.name());
            let error = Error::new(ErrorKind::Validate, whole)
                .at(traced.scenario.source.display())
                .because(cause)
                .hint(hint);
            Broken::new(what, error)
        };
        if let Some(exception) = &run.exception {
            let what = format!("it raised {}", exception.kind);
            let traceback = exception.traceback.clone();
            return Ok(Some(Broken { traceback, ..broken(what, &exception.traceback, DEFECT) }));
        }
        if let Some((difference, modules)) = self.module_difference(&traced.trace.run, run, route) {
            let hint =
                "does the scenario depend on time, chance or the network? Make it repeatable";
            let broken = broken("it imported other modules".into(), &difference, hint);
            return Ok(Some(Broken { modules, ..broken }));
        }
        let difference = self.stdout_difference(traced, run, route)?;
        Ok(difference.map(|why| broken("it printed something else".into(), &why, DEFECT)))
    }

    /// Which modules only one side imported, in words and by name.
    fn module_difference(
        &self,
        traced: &Run,
        run: &Run,
        route: Route,
    ) -> Option<(String, Vec<String>)> {
        let own = if route == Route::Plain { self.plain.modules.as_slice() } else { &[] };
        let (before, after) = (&traced.modules, &run.modules);
        let missing: Vec<_> = before.keys().filter(|name| !after.contains_key(*name)).collect();
        let added = after.keys().filter(|name| !before.contains_key(*name) && !own.contains(*name));
        let added: Vec<_> = added.collect();
        let lines = [("only in the trace", &missing), ("only from the bundle", &added)];
        let lines = lines.iter().filter(|(_, names)| !names.is_empty()).map(|(what, names)| {
            let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
            format!("{what}: {}", names.join(", "))
        });
        let lines: Vec<_> = lines.collect();
        let names = missing.into_iter().chain(added).cloned().collect();
        (!lines.is_empty()).then(|| (lines.join("\n"), names))
    }

    /// Where stdout differs, the untransformed trace is run again: what differs from itself can't
    /// be compared.
    fn stdout_difference(&self, traced: Traced, run: &Run, route: Route) -> Result<Option<String>> {
        let mut stdout = run.stdout.clone();
        if route == Route::Plain {
            // There the standard library lies in its zip, so its files have other names.
            let (major, minor) = self.tracer.runtime.python;
            let zipped = format!("/lib/python{major}{minor}.zip/");
            stdout = stdout.replace(&zipped, &format!("{}/", self.tracer.runtime.stdlib_dir()));
            stdout = stdout.replace(".pyc", ".py");
        }
        let before = &traced.trace.run.stdout;
        let Some(difference) = first_difference(before, &stdout) else { return Ok(None) };
        let mut unstable = self.unstable.lock().unwrap_or_else(PoisonError::into_inner);
        let own = if let Some(known) = unstable.get(&traced.number) {
            known.clone()
        } else {
            let name = format!("again-{}", traced.number);
            let again = self.tracer.scenario(&name, traced.scenario)?;
            let own = first_difference(before, &again.run.stdout);
            let own = own.map(|own| format!("two traces print different things: {own}"));
            unstable.insert(traced.number, own.clone());
            own
        };
        Ok(if own.is_some() { None } else { Some(difference) })
    }
}

const DEFECT: &str = "this may be a defect of pyodide-pack; please report it with the app";

/// The first line that differs but for addresses.
fn first_difference(one: &str, other: &str) -> Option<String> {
    let (one, other) = (masked(one), masked(other));
    let (mut a, mut b) = (one.lines(), other.lines());
    for number in 1.. {
        match (a.next(), b.next()) {
            (None, None) => return None,
            (x, y) if x == y => {}
            (x, y) => {
                let (x, y) = (x.unwrap_or("(the end)"), y.unwrap_or("(the end)"));
                return Some(format!("line {number}: {x:?}, then {y:?}"));
            }
        }
    }
    None
}

/// Text with the digits of every `0x...` replaced.
fn masked(text: &str) -> String {
    let mut parts = text.split("0x");
    let mut masked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        masked += "0x";
        let rest = part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if rest.len() < part.len() {
            masked.push('#');
        }
        masked += rest;
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_do_not_count() {
        let (one, other) = ("<A object at 0x12ab>, 0xg\n", "<A object at 0xffff0>, 0xg\n");
        assert_eq!(first_difference(one, other), None);
        assert_eq!(masked(one), "<A object at 0x#>, 0xg\n");
    }

    #[test]
    fn the_first_different_line_is_named() {
        let difference = first_difference("a\nb\n", "a\nc\n").unwrap();
        assert_eq!(difference, "line 2: \"b\", then \"c\"");
        assert!(first_difference("a\n", "a\nb\n").unwrap().contains("(the end)"));
    }
}
