//! Packs Python apps for [Pyodide] from a `build.rs`. The build traces the app in Node and puts the files
//! that it opens into a small bundle. All other files are fetched when Python first opens them.
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
//! // src/main.rs: only OUT_DIR is needed, so this crate is no normal dependency
//! static BUNDLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pyodide-package-bundle.zip"));
//! mod python { include!(concat!(env!("OUT_DIR"), "/pyodide_pack.rs")); }
//! ```
//!
//! The outputs, all in `OUT_DIR`:
//!
//! ```text
//! pyodide-package-bundle.zip     eager site-packages and app, rooted at /
//! pyodide-package-lazy.zip       lazy files, with Lazy::Embedded
//! python_stdlib_stripped.zip     eager standard library, also for `stdLibURL` of loadPyodide
//! pyodide-pack/                  the files to serve: loader, manifest, chunks, Pyodide's core
//! *.br, *.gz, *.zst              compressed copies of these, in release builds
//! pyodide_pack.rs                all of it as typed constants
//! pyodide-pack-report.txt .json  sizes, decisions, times
//! pyodide-pack-progress.txt      what the build is doing; only this and the report differ between builds
//! ```
//!
//! [Pyodide]: https://pyodide.org

mod base;
mod bundle;
mod cache;
mod development;
mod engine;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzz;
mod image;
mod output;
mod packages;
mod pipeline;
mod pyodide;
mod remote;
mod report;
mod run;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;
mod transform;
mod verify;

pub use base::error::{Error, ErrorKind, Result};
pub use base::progress::Stage;
pub use bundle::reason::Reason;
pub use report::benchmark::{Benchmark, BenchmarkSteps};
pub use report::file::{FallbackForm, FallbackReport, FileForm, FileReport, Loading};
pub use report::snapshot::SnapshotReport;
pub use report::split::SplitReport;
pub use report::{Development, PackageSizes, Report, ScenarioReport};
pub use settings::budget::Budget;
pub use settings::builder::Builder;
pub use settings::compression::{Encoding, Precompress};
pub use settings::config::DEFAULT_PYODIDE_VERSION;
pub use settings::lazy::Lazy;
pub use settings::left_out::LeftOut;
pub use settings::python_files::PythonFiles;
pub use settings::snapshot::Snapshot;
pub use settings::split::Split;
pub use settings::verify::Verify;

impl Builder {
    /// Builds the bundle, or copies it from the cache. Tells Cargo when to run the build script again.
    ///
    /// # Errors
    ///
    /// Every condition that would make the bundle fail is an error: wrong settings, missing tools,
    /// requirements without wheels, damaged archives, an app that raises or never ends, a bundle that
    /// behaves differently from the traced app. No output is left half-written.
    pub fn build(self) -> Result<Report> {
        let env = settings::env::Env::of_process();
        let mut cargo = settings::cargo::Cargo::default();
        let result = pipeline::build(self, &env, &mut cargo);
        // Also after an error: a corrected input must run the build script again.
        print!("{}", cargo.directives(&env.asked()));
        result
    }
}
