//! What a run opened and did.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one run opened and did.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// Each file with the module whose code opened it, empty if unknown; in the order of the first opening.
    pub opened: Vec<(String, Phase, String)>,
    #[serde(flatten)]
    pub run: Run,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// Before the interpreter was ready.
    Boot,
    Run,
}

/// How a scenario ended and what can be seen of it from outside.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub exception: Option<Exception>,
    pub stdout: String,
    /// Imported modules and their files.
    pub modules: BTreeMap<String, String>,
    pub seconds: Seconds,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Exception {
    #[serde(rename = "type")]
    pub kind: String,
    pub message: String,
    pub traceback: String,
}

#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
pub(crate) struct Seconds {
    /// From the start of the runtime to the first line of the scenario.
    pub boot: f64,
    /// The scenario itself.
    pub run: f64,
}
