//! The sizes of split WebAssembly modules.

use serde::{Deserialize, Serialize};

use crate::bundle::parts::{Core, Parted, Parts};

/// WebAssembly modules that the loader gets in parts. Sizes are uncompressed bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SplitReport {
    /// How many modules are split.
    pub modules: usize,
    /// Size of the whole modules, which plain `loadPyodide` uses.
    pub bytes: u64,
    /// Size of what `loadBundle` waits for in their place.
    pub eager_bytes: u64,
    /// Number of the chunks with the other functions.
    pub chunks: usize,
    /// Size of these chunks together.
    pub chunk_bytes: u64,
    /// Why modules are whole, if so.
    pub whole: Option<String>,
}

impl SplitReport {
    /// Reports the core, whose whole module has this size.
    pub(crate) fn of_core(bytes: u64, parts: &Parts) -> Self {
        match &parts.core {
            Core::Whole(why) => {
                Self { bytes, eager_bytes: bytes, whole: Some(why.clone()), ..Self::default() }
            }
            Core::Parted(core) => {
                let mut report = Self::default();
                report.add(core);
                report
            }
        }
    }

    /// Reports the side modules that are split.
    pub(crate) fn of_side_modules(parts: &Parts) -> Self {
        let mut report = Self { whole: parts.whole_modules.clone(), ..Self::default() };
        parts.modules.values().for_each(|module| report.add(module));
        report
    }

    fn add(&mut self, module: &Parted) {
        let size = |bytes: &[u8]| bytes.len() as u64;
        let chunks = &module.split.chunks;
        self.modules += 1;
        self.bytes += size(&module.whole);
        self.eager_bytes += size(&module.split.primary);
        self.chunks += chunks.len();
        self.chunk_bytes += chunks.iter().map(|chunk| size(&chunk.bytes)).sum::<u64>();
    }

    /// Returns a line for people about these modules.
    pub(crate) fn line(&self, what: &str) -> String {
        let Self { modules, bytes, eager_bytes, chunks, chunk_bytes, whole } = self;
        match whole {
            Some(why) => format!("{what}: whole: {why}."),
            None => format!(
                "{what}: {eager_bytes} of {bytes} bytes, and {chunks} chunks on demand ({chunk_bytes} bytes); {modules} split."
            ),
        }
    }
}
