//! The setting for lazy files, which are not in the bundle.

use serde::{Deserialize, Serialize};

/// What happens to lazy files, which are not in the bundle; for [`Builder::lazy`](crate::Builder::lazy).
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Lazy};
/// Builder::new("python").lazy(Lazy::Embedded).build()?; // no file is ever fetched
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
    /// They are in a second zip, `pyodide-package-lazy.zip`. It is `LAZY` in `pyodide_pack.rs`, for
    /// `loadBundle({ bundle, stdlib, lazy, manifest })`.
    Embedded,
    /// They are left out. Python raises the same errors as for files that are not installed. A note names
    /// the file, its package and the line to add to `build.rs`. Sources of eager bytecode can be seen, but
    /// not opened.
    Omit,
}
