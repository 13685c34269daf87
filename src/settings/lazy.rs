//! What becomes of files that are not in the bundle.

use serde::{Deserialize, Serialize};

/// What becomes of lazy files, which are not in the bundle; for [`Builder::lazy`](crate::Builder::lazy).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Lazy};
/// Builder::new("python").lazy(Lazy::Embedded).build()?; // nothing is fetched, ever
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Lazy {
    /// They are in chunks beside the bundle, and fetched when Python first opens them.
    #[default]
    OnDemand,
    /// They are in a second zip, `pyodide-package-lazy.zip`. `pyodide_pack.rs` has it as `LAZY`, for
    /// `loadBundle({ bundle, stdlib, lazy, manifest })`.
    Embedded,
    /// They are left out. Python says what it says of files that are not installed, with a note that names
    /// the file, its package and the line to add to `build.rs`. Sources of bytecode that is in the bundle
    /// can be seen, but not opened.
    Omit,
}
