//! What becomes of files that are not in the bundle.

use serde::{Deserialize, Serialize};

/// What becomes of files that are not in the bundle; for [`Builder::cold`](crate::Builder::cold).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Cold};
/// Builder::new("python").cold(Cold::Embedded).build()?; // nothing is fetched, ever
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cold {
    /// They lie in chunks beside the bundle, and are fetched when they are first opened.
    #[default]
    Separate,
    /// They lie in one more zip, `pyodide-package-cold.zip`, which `pyodide_pack.rs` has as `COLD`, for
    /// `loadBundle({ bundle, stdlib, cold, manifest })`.
    Embedded,
    /// They are nowhere. Python says what it says of files that are not installed, with a note that
    /// names the file, its distribution and the line to add to `build.rs`. Sources of bytecode that is
    /// in the bundle can be seen, but not opened.
    Dropped,
}
