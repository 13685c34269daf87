//! Shared by the tests and the benchmarks: apps from text, one cache below cargo's target folder, a real
//! Pyodide distribution, wheels, and Python code run in Node. Errors are panics.

pub mod app;
pub mod cache;
pub mod distribution;
pub mod files;
pub mod run;
pub mod says;
pub mod subjects;
pub mod wheels;

pub use app::{App, build, builder};
pub use cache::{cache, tmp};
pub use distribution::{PACKAGES, distribution};
pub use run::{Ran, Route, node, run, run_plain};
pub use says::assert_says;
