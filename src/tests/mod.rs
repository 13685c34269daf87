//! Tests stages on an installation in memory. A function replaces the engine: no Node, no Pyodide.

mod bundle;
mod house;
mod names;
mod report;
mod verify;
