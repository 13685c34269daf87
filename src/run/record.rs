//! The files that a run opened, and its results.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The files that one run opened, and its results.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trace {
    /// Each file with the module whose code opened it (empty if unknown), in the order of the first
    /// opening.
    pub opened: Vec<(String, Phase, String)>,
    /// Path of each source that the run compiled; offset and size of its bytecode.
    pub compiled: Vec<(String, u64, u64)>,
    /// The functions of Pyodide's core that ran, if they were noted: numbers of what it defines, ascending.
    pub ran: Vec<u32>,
    /// The same for side modules, by path.
    #[serde(rename = "ranIn")]
    pub ran_in: Vec<(String, Vec<u32>)>,
    /// The file with this bytecode, if it was kept.
    #[serde(skip)]
    pub bytecode: Option<PathBuf>,
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

/// How a scenario ended, and its visible effects.
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
    /// Seconds from the start of the runtime to the first line of the scenario.
    pub boot: f64,
    /// Seconds of the scenario itself.
    pub run: f64,
}
