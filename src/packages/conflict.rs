//! Requirements that pip can't satisfy, explained for Pyodide.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::pyodide::session::Session;
use crate::settings::requirement::Name;

/// The result of `pip_driver.py` when pip finds nothing.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct PipFailure {
    conflicts: Vec<PipConflict>,
}

#[derive(Serialize, Deserialize)]
struct PipConflict {
    name: String,
    requirement: String,
    parent: String,
    excludes: bool,
}

impl PipFailure {
    /// Adds to an error what pip does not know.
    pub fn explain(&self, error: Error, session: Session) -> Error {
        self.conflicts.iter().fold(error, |error, conflict| conflict.explain(error, session))
    }
}

impl PipConflict {
    fn explain(&self, error: Error, session: Session) -> Error {
        let Session { config, runtime, .. } = session;
        let Self { name, requirement, .. } = self;
        let of_pyodide = runtime.lock.get(&Name::new(name)).filter(|_| self.excludes);
        let Some(package) = of_pyodide else { return error };
        let stated =
            config.requires.iter().find(|r| self.parent.is_empty() && r.text == *requirement);
        let by = stated.map_or(&self.parent, |stated| &stated.origin);
        let (version, pyodide) = (&package.version, &runtime.version);
        error
            .because(format!("{requirement} of {by} excludes {name} {version}, the version of Pyodide {pyodide}"))
            .hint(format!(
                "allow {name} {version}, or put a wheel of another version for Pyodide into a folder of Builder::find_links"
            ))
    }
}

#[test]
fn a_failure_is_as_it_is_described() {
    let sample = crate::engine::border::sample("PipFailure");
    let failure: PipFailure = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(failure).unwrap(), sample);
}
