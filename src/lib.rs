//! Packs Python apps for [Pyodide] from a `build.rs`: the app is traced in Node, what it opens goes
//! into a small bundle, and everything else stays within reach, fetched when it is first opened.
//!
//! ```no_run
//! // build.rs
//! fn main() -> pyodide_pack::Result<()> {
//!     pyodide_pack::Builder::new("python").requires(["pandas"]).build()?;
//!     Ok(())
//! }
//! ```
//!
//! ```ignore
//! // src/main.rs: nothing but OUT_DIR is needed, so no normal dependency on this crate
//! static BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pyodide-package-bundle.zip"));
//! mod python { include!(concat!(env!("OUT_DIR"), "/pyodide_pack.rs")); }
//! ```
//!
//! The outputs, all below `OUT_DIR`:
//!
//! ```text
//! pyodide-package-bundle.zip     hot site-packages and app, rooted at /
//! pyodide-package-cold.zip       cold files, with Cold::Embedded
//! python_stdlib_stripped.zip     hot standard library, also for `stdLibURL` of loadPyodide
//! pyodide-pack/                  what a server serves: loader, manifest, parts, Pyodide's core
//! *.br, *.gz                     compressed copies of all of these, in release builds
//! pyodide_pack.rs                all of it as typed constants
//! pyodide-pack-report.txt .json  sizes, decisions, times (the only files that differ between builds)
//! ```
//!
//! [Pyodide]: https://pyodide.org

mod base;
mod bundle;
mod cache;
mod engine;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzz;
mod image;
mod output;
mod packages;
mod pipeline;
mod pyodide;
mod report;
mod run;
mod settings;
mod transform;
mod verify;

pub use base::error::{Error, ErrorKind, Result};
pub use base::progress::Stage;
pub use report::benchmark::{Benchmark, BenchmarkSteps};
pub use report::{FileDecision, Heat, KeptFile, PackageSizes, Report, ScenarioTimes};
pub use settings::budget::Budget;
pub use settings::builder::Builder;
pub use settings::compression::{Compression, Encoding};
pub use settings::config::DEFAULT_PYODIDE_VERSION;
pub use settings::lazy::Cold;
pub use settings::python::Python;

impl Builder {
    /// Builds the bundle, or takes it from the cache, and tells Cargo when to do so again.
    ///
    /// # Errors
    ///
    /// Everything that would give a bundle which does not run: settings, tools, requirements or
    /// archives that are not as they must be, an app that raises or does not end, a bundle that
    /// behaves differently from the traced app. Nothing is left half-written.
    pub fn build(self) -> Result<Report> {
        let env = settings::env::Env::of_process();
        let mut cargo = settings::cargo::Cargo::default();
        let result = pipeline::build(self, &env, &mut cargo);
        // Also after an error, so that correcting an input runs the build script again.
        print!("{}", cargo.directives(&env.asked()));
        result
    }
}
