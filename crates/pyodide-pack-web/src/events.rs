//! What the loader tells while it works.

use serde::Deserialize;

/// What the loader is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Step {
    /// Pyodide itself is being fetched.
    Core,
    /// Bytes of the bundle arrived.
    Fetch,
    /// All of them are here.
    Mount,
    /// The interpreter starts.
    Start,
    /// All is done.
    Ready,
}

/// How far a load is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// What is being done.
    pub step: Step,
    /// Bytes of the bundle that have arrived, uncompressed.
    pub loaded: f64,
    /// Bytes of the bundle that are needed to start, uncompressed.
    pub total: f64,
}

/// A file that no scenario of the build opened, and that was fetched when Python opened it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Miss {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The distribution that it belongs to.
    pub distribution: String,
    /// Bytes that were fetched for it, uncompressed; 0 if they came with an earlier file.
    pub bytes: f64,
    /// How long Python waited for it.
    pub milliseconds: f64,
    /// Who opened it, the innermost call first: `/home/pyodide/app.py:3 in main`.
    pub stack: Vec<String>,
    /// Why it could not be opened, if it could not.
    pub error: Option<String>,
}
