//! Limits for the size of the files that a page waits for.

use serde::Serialize;

/// A limit for [`Builder::budget`](crate::Builder::budget). It counts the files that `loadWorker` fetches
/// before the app starts: Pyodide's core, the eager chunks, the manifest and the loader. Of a split core and of split
/// side modules it counts what the page waits for.
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

/// The counted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum Unit {
    Compressed,
    Uncompressed,
}

impl Budget {
    /// At most this many bytes, compressed with Brotli as hosts send them. Only builds that make compressed
    /// copies check it: release builds, and those with [`Precompress::Always`](crate::Precompress::Always).
    #[must_use]
    pub fn compressed(bytes: u64) -> Self {
        Self { unit: Unit::Compressed, bytes }
    }

    /// At most this many bytes, uncompressed. Every build checks it.
    #[must_use]
    pub fn uncompressed(bytes: u64) -> Self {
        Self { unit: Unit::Uncompressed, bytes }
    }
}
