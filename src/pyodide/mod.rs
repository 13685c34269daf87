//! The Pyodide runtime.

pub(crate) mod lock;
pub(crate) mod runtime;
pub(crate) mod session;
