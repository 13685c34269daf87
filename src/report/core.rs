//! The sizes of Pyodide's core.

use serde::{Deserialize, Serialize};

use crate::bundle::parts::{Core, Parts};

/// The WebAssembly module of Pyodide's core. Sizes are uncompressed bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CoreReport {
    /// Size of the whole module, which plain `loadPyodide` fetches.
    pub bytes: u64,
    /// Size of the module that `loadBundle` waits for.
    pub eager_bytes: u64,
    /// Number of the chunks with the other functions.
    pub chunks: usize,
    /// Size of these chunks together.
    pub chunk_bytes: u64,
    /// Why the module is not split, if so.
    pub whole: Option<String>,
}

impl CoreReport {
    pub(crate) fn new(bytes: u64, parts: &Parts) -> Self {
        let size = |bytes: &[u8]| bytes.len() as u64;
        match &parts.core {
            Core::Whole(why) => {
                Self { bytes, eager_bytes: bytes, whole: Some(why.clone()), ..Self::default() }
            }
            Core::Parted(core) => {
                let (split, chunks) = (&core.split, &core.split.chunks);
                let chunk_bytes = chunks.iter().map(|chunk| size(&chunk.bytes)).sum();
                let eager_bytes = size(&split.primary);
                Self { bytes, eager_bytes, chunks: chunks.len(), chunk_bytes, whole: None }
            }
        }
    }

    /// Returns a line for people.
    pub(crate) fn line(&self) -> String {
        let Self { bytes, eager_bytes, chunks, chunk_bytes, whole } = self;
        match whole {
            Some(why) => format!("Pyodide's core: {bytes} bytes, whole: {why}."),
            None => format!(
                "Pyodide's core: {eager_bytes} of {bytes} bytes, and {chunks} chunks on demand ({chunk_bytes} bytes)."
            ),
        }
    }
}
