//! Stages on an installation in memory, with an engine that answers from a function: no Node, no Pyodide.

mod bundle;
mod house;
mod names;
mod report;
mod verify;
