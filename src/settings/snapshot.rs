//! Whether the build makes a snapshot of Python's memory, for [`Builder::snapshot`](crate::Builder::snapshot).

use serde::{Deserialize, Serialize};

/// Whether a page starts from a snapshot of Python's memory, which the build makes after the imports of the app.
///
/// Then Python neither starts nor imports packages again, which takes most of a start. The snapshot contains no code of
/// the app, which runs as always. Where it can't be used, Python starts without it. `docs/snapshots.md` has the details.
///
/// Only verified builds with Pyodide 314 make one.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Builder, Snapshot};
/// Builder::new("python").snapshot(Snapshot::First).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Snapshot {
    /// Makes none.
    #[default]
    Never,
    /// A page fetches the snapshot after its first start, and keeps it for the next ones.
    Idle,
    /// Each start uses the snapshot: in Node, in desktop shells, and on fast networks.
    First,
}
