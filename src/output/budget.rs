//! Checks the files that a page waits for against the budgets.

use std::fmt::Write;

use crate::base::error::{Error, ErrorKind, Result};
use crate::report::Report;
use crate::report::file::FileReport;
use crate::settings::budget::{Budget, Unit};

/// The number of the largest files that an error names.
const CONTRIBUTORS: usize = 10;

/// Compares the files that a page waits for with the budget, in bytes. `compressed` is `None` if nothing
/// was compressed.
pub(crate) fn check(
    budget: &Budget,
    uncompressed: u64,
    compressed: Option<u64>,
    report: &Report,
) -> Result<()> {
    let limit = budget.bytes;
    let (bytes, how) = match budget.unit {
        Unit::Uncompressed => (Some(uncompressed), "uncompressed"),
        Unit::Compressed => (compressed, "with Brotli"),
    };
    let Some(bytes) = bytes.filter(|bytes| *bytes > limit) else { return Ok(()) };
    let mut largest = String::from("the largest files: bytes, bytes with gzip, path");
    for file in report.largest(CONTRIBUTORS) {
        let FileReport { path, package, eager_bytes, eager_gzip, .. } = file;
        let reason = file.reason();
        let _ =
            write!(largest, "\n{eager_bytes:>9}  {eager_gzip:>8}  {path} ({package}; {reason})");
    }
    if let Some(core) = report.packages.first() {
        let (bytes, gzip) = (report.core.eager_bytes, core.eager_gzip);
        let _ = write!(largest, "\n{bytes:>9}  {gzip:>8}  Pyodide's core");
    }
    let what = format!("a page waits for {bytes} bytes {how}, but the budget is {limit}");
    Err(Error::new(ErrorKind::Budget, what).at("Builder::budget").because(largest).hint(
        "add .exclude(\"GLOB\") to build.rs for files that no user needs, remove an import, or raise the budget",
    ))
}
