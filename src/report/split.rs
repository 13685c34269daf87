//! The sizes of split WebAssembly modules.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::bundle::parts::{Parted, Parts};

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
    /// Why modules are whole, by path.
    pub whole: BTreeMap<String, String>,
}

impl SplitReport {
    /// Reports the core, whose whole module has this size.
    pub(crate) fn of_core(bytes: u64, parts: &Parts) -> Self {
        let mut report = Self { bytes, eager_bytes: bytes, ..Self::default() };
        if let Some(core) = parts.core() {
            report = Self::default();
            report.add(core);
        }
        report.whole.extend(parts.whole_core().map(cloned));
        report
    }

    /// Reports the eager side modules.
    pub(crate) fn of_side_modules(parts: &Parts) -> Self {
        let mut report = Self::default();
        parts.side_modules().for_each(|(_, module)| report.add(module));
        report.whole.extend(parts.whole_side_modules().map(cloned));
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

    /// Returns lines for people about these modules.
    pub(crate) fn lines(&self, what: &str) -> String {
        let mut text = String::new();
        let Self { modules, bytes, eager_bytes, chunks, chunk_bytes, whole } = self;
        if *modules > 0 {
            let _ = writeln!(
                text,
                "{what}: {modules} split: {eager_bytes} of {bytes} bytes, and {chunks} chunks on demand ({chunk_bytes} bytes)."
            );
        }
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (path, why) in whole {
            reasons.entry(why).or_default().push(path);
        }
        for (why, paths) in reasons {
            let names: Vec<_> = paths.iter().map(|path| name(path)).collect();
            let _ = writeln!(text, "{what}: {} whole ({}): {why}.", names.len(), names.join(", "));
        }
        text
    }
}

fn cloned((path, why): (&String, &String)) -> (String, String) {
    (path.clone(), why.clone())
}

/// Returns the name of a module for people: `hashing` for `/lib/.../hashing.cpython-314-wasm32-emscripten.so`.
fn name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.split(".cpython-").next().unwrap_or(file)
}
