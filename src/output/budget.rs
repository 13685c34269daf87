//! Whether what a page waits for is within its budgets.

use std::fmt::Write;

use crate::base::error::{Error, ErrorKind, Result};
use crate::report::{FileDecision, Report};
use crate::settings::budget::{Budget, Kind};

/// How many of the largest files an error names.
const CONTRIBUTORS: usize = 10;

/// Compares what a page waits for with the limit; `wire` is not known where nothing was compressed.
pub(crate) fn check(
    budget: &Budget,
    stored: u64,
    wire: Option<u64>,
    report: &Report,
) -> Result<()> {
    let limit = budget.bytes()?;
    let (bytes, how) = match budget.kind {
        Kind::Stored => (Some(stored), "uncompressed"),
        Kind::Wire => (wire, "with Brotli"),
    };
    let Some(bytes) = bytes.filter(|bytes| *bytes > limit) else { return Ok(()) };
    let mut largest = String::from("the largest files, in bytes, and with gzip:");
    for file in report.largest(CONTRIBUTORS) {
        let FileDecision { path, package, hot_bytes, hot_gzip, reason, .. } = file;
        let _ = write!(largest, "\n{hot_bytes:>9}  {hot_gzip:>8}  {path} ({package}; {reason})");
    }
    let what = format!(
        "what a page waits for has {bytes} bytes {how}, and its budget is {} ({limit} bytes)",
        budget.limit
    );
    Err(Error::new(ErrorKind::Budget, what).at("Builder::budget").because(largest).hint(
        "leave out what no user needs with Builder::exclude, do without an import, or allow more",
    ))
}
