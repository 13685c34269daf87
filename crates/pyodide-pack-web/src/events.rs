//! The loader's events.

use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::error::Error;

/// A callback that JavaScript may call as long as this value exists.
pub(crate) type Listener = Closure<dyn FnMut(JsValue)>;

/// The phase of loading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LoadPhase {
    /// Pyodide itself is being fetched.
    Core,
    /// Bytes of the bundle arrived.
    Fetch,
    /// Python's own files have arrived.
    Mount,
    /// The interpreter starts, while packages arrive.
    Start,
    /// Loading is done.
    Ready,
}

/// The progress of loading.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// The current phase.
    pub phase: LoadPhase,
    /// Bytes of the bundle that have arrived, uncompressed.
    pub loaded: f64,
    /// Bytes of the bundle that are needed to start, uncompressed.
    pub total: f64,
}

/// A file that Python opened, but no scenario of the build did.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Miss {
    /// Absolute path in Pyodide's file system.
    pub path: String,
    /// The package that the file belongs to.
    pub package: String,
    /// Bytes that were fetched for it, uncompressed; 0 if they arrived with an earlier file.
    pub bytes: f64,
    /// How long Python waited for it.
    pub milliseconds: f64,
    /// The calls that opened it, innermost first: `/home/pyodide/app.py:3 in main`.
    pub stack: Vec<String>,
    /// How many functions of a split module came, if Python called one and opened no file. `path` is the module.
    pub functions: Option<f64>,
    /// Why it could not be opened, if so.
    pub error: Option<String>,
}

/// An edit of the app that arrived while Python runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Reload {
    /// The modules of the app that were imported again, in the order of their imports. Empty if there is
    /// an error.
    pub modules: Vec<String>,
    /// From the new manifest to this event.
    pub milliseconds: f64,
    /// Whether the edit changed more than the app: its requirements, Pyodide or the loader. Then only a new
    /// page can follow, and `error` says what changed.
    pub stale: bool,
    /// Why the old code goes on running. The next edit is followed again.
    #[serde(skip)]
    pub error: Option<Error>,
}
