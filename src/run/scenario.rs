//! A scenario for the scripts, and the error for a scenario without a result.

use std::path::Path;

use serde::Serialize;

use crate::base::error::{Error, ErrorKind};
use crate::engine::Failure;
use crate::settings::app::Scenario;

/// A scenario for the scripts.
#[derive(Serialize)]
pub(crate) struct ScenarioJob<'a> {
    source: &'a Path,
    filename: &'a str,
}

impl<'a> From<&'a Scenario> for ScenarioJob<'a> {
    fn from(scenario: &'a Scenario) -> Self {
        Self { source: &scenario.script, filename: &scenario.filename }
    }
}

/// Returns the error for a scenario without a result; `when` completes "... did not end".
pub(crate) fn failed(failure: Failure, scenario: &Scenario, when: &str, kind: ErrorKind) -> Error {
    let name = &scenario.name;
    let error = |what: String, stderr: String| {
        let error = Error::new(kind, what).at(scenario.source.display());
        if stderr.is_empty() { error } else { error.because(stderr) }
    };
    let stderr = failure.stderr();
    match failure {
        Failure::Timeout(limit, _) => error(
            format!("{name} did not end within {} seconds {when}", limit.as_secs_f32()),
            stderr,
        )
        .hint(
            "a scenario must end: guard code that waits or serves for ever with \
                 `if __name__ != \"__main__\":`, or allow more with Builder::trace_timeout",
        ),
        Failure::Ended(status, _) => {
            error(format!("Node.js exited without a result for {name} {when} ({status})"), stderr)
                .hint("the app may have exited the process itself, or run out of memory")
        }
    }
}
