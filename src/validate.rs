//! Runs every scenario from the outputs alone, cold files switched off, and compares with the trace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::{Config, Scenario};
use crate::error::{Error, ErrorKind, Result};
use crate::runner::Runner;
use crate::trace::{Run, ScenarioJob, Trace, Tracer, failed, packages_dir};

/// How a bundle is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Route {
    /// `loadBundle`.
    Loader,
    /// `loadPyodide`, `unpackArchive`, `pyodide_pack_loader.setup()`.
    Plain,
}

impl Route {
    pub const ALL: [Self; 2] = [Self::Loader, Self::Plain];

    pub fn name(self) -> &'static str {
        match self {
            Self::Loader => "loadBundle",
            Self::Plain => "the plain three lines",
        }
    }
}

/// What `validate.mjs` reads.
#[derive(Serialize)]
struct ValidateJob<'a> {
    schema: u32,
    route: Route,
    outputs: &'a Path,
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
    pub outputs: &'a Path,
    /// What the plain three lines import themselves.
    pub plain: &'a Trace,
}

/// That a bundle does what the trace did, and what could not be compared.
pub(crate) struct Verdict {
    pub run: Run,
    /// Why stdout was not compared, if it was not.
    pub unstable: Option<String>,
}

impl Validator<'_> {
    pub fn validate(
        &self,
        number: usize,
        scenario: &Scenario,
        traced: &Trace,
        route: Route,
    ) -> Result<Verdict> {
        let name = format!(
            "validate-{number}-{}",
            if route == Route::Loader { "loader" } else { "plain" }
        );
        let job = ValidateJob {
            schema: 1,
            route,
            outputs: self.outputs,
            packages: packages_dir(self.runner.work)?,
            scenario: scenario.into(),
            prelude: self.config.prelude.as_deref(),
            network: self.config.trace_network,
            result: self.runner.result_path(&name),
        };
        let when = format!("from the bundle, through {}", route.name());
        let done: Validated = self
            .runner
            .run("validate.mjs", &name, &job, self.config.trace_timeout)
            .map_err(|failure| failed(failure, scenario, &when, ErrorKind::Validate))?;
        let invalid = |what: String, why: &str| {
            Error::new(ErrorKind::Validate, format!("{}: {what} {when}", scenario.name))
                .at(scenario.source.display())
                .because(why)
        };
        if let Some(exception) = &done.run.exception {
            let error = invalid(format!("it raised {}", exception.kind), &exception.traceback);
            return Err(error.hint(hint(&done.missed)));
        }
        if !done.missed.is_empty() {
            let why = format!("opened, but not in the bundle:\n{}", done.missed.join("\n"));
            return Err(invalid("it opened other files".into(), &why).hint(hint(&done.missed)));
        }
        if let Some(difference) = self.module_difference(&traced.run, &done.run, route) {
            return Err(invalid("it imported other modules".into(), &difference).hint(
                "does the scenario depend on time, chance or the network? Make it repeatable",
            ));
        }
        let unstable =
            match self.stdout_difference(number, scenario, &traced.run, &done.run, route)? {
                StdoutDifference::None => None,
                StdoutDifference::Unstable(why) => Some(why),
                StdoutDifference::Real(why) => {
                    return Err(invalid("it printed something else".into(), &why).hint(
                        "this may be a defect of pyodide-pack; please report it with the app",
                    ));
                }
            };
        Ok(Verdict { run: done.run, unstable })
    }

    fn module_difference(&self, traced: &Run, run: &Run, route: Route) -> Option<String> {
        let names = |run: &Run| run.modules.keys().cloned().collect::<BTreeSet<_>>();
        let (before, after) = (names(traced), names(run));
        let own = if route == Route::Plain { names(&self.plain.run) } else { BTreeSet::new() };
        let list = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
        let missing = list(before.difference(&after).collect());
        let added = list(after.difference(&before).filter(|name| !own.contains(*name)).collect());
        let lines = [("only in the trace", missing), ("only from the bundle", added)];
        let lines: Vec<_> =
            lines.iter().filter(|(_, n)| !n.is_empty()).map(|(t, n)| format!("{t}: {n}")).collect();
        if lines.is_empty() { None } else { Some(lines.join("\n")) }
    }

    /// Where stdout differs, the untransformed trace is run again: what differs from itself can't
    /// be compared.
    fn stdout_difference(
        &self,
        number: usize,
        scenario: &Scenario,
        traced: &Run,
        run: &Run,
        route: Route,
    ) -> Result<StdoutDifference> {
        let mut stdout = run.stdout.clone();
        if route == Route::Plain {
            // There the standard library lies in its zip, so its files have other names.
            let (major, minor) = self.tracer.runtime.python;
            let zipped = format!("/lib/python{major}{minor}.zip/");
            stdout = stdout.replace(&zipped, &format!("{}/", self.tracer.runtime.stdlib_dir()));
        }
        let Some(difference) = first_difference(&traced.stdout, &stdout) else {
            return Ok(StdoutDifference::None);
        };
        let again = self.tracer.scenario(&format!("again-{number}"), scenario)?;
        Ok(match first_difference(&traced.stdout, &again.run.stdout) {
            Some(own) => {
                StdoutDifference::Unstable(format!("two traces print different things: {own}"))
            }
            None => StdoutDifference::Real(difference),
        })
    }
}

enum StdoutDifference {
    None,
    Unstable(String),
    Real(String),
}

fn hint(missed: &[String]) -> String {
    match missed.first() {
        Some(path) => format!("add it to build.rs: .include({path:?})"),
        None => "this may be a defect of pyodide-pack; please report it with the app".to_owned(),
    }
}

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
