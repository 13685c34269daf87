//! How large what a page waits for may get.

use serde::Serialize;

/// A limit for [`Builder::budget`](crate::Builder::budget): of everything that `loadBundle` fetches before
/// the app starts, except for Pyodide's own core. That is the eager chunks, the manifest and the loader.
///
/// ```no_run
/// # fn main() -> pyodide_pack::Result<()> {
/// use pyodide_pack::{Budget, Builder};
/// Builder::new("python")
///     .budget(Budget::compressed(4_000_000))
///     .budget(Budget::uncompressed(20_000_000))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    pub(crate) unit: Unit,
    pub(crate) bytes: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    Compressed,
    Uncompressed,
}

impl Budget {
    /// At most so many bytes, compressed with Brotli, as hosts send them. Only builds that make compressed
    /// copies check it: release builds, and those with [`Precompress::Always`](crate::Precompress::Always).
    #[must_use]
    pub fn compressed(bytes: u64) -> Self {
        Self { unit: Unit::Compressed, bytes }
    }

    /// At most so many bytes, uncompressed. Every build checks it.
    #[must_use]
    pub fn uncompressed(bytes: u64) -> Self {
        Self { unit: Unit::Uncompressed, bytes }
    }
}
