//! The functions that the fuzz targets in `tests/fuzz` call. Ordinary builds don't have them.

use std::path::Path;

use crate::base::error::Error;
use crate::cache::Cache;
use crate::packages::archive::Unpacked;
use crate::packages::{lockfile, wheel};
use crate::pyodide::lock::PyodideLock;
use crate::settings::declared;
use crate::settings::requirement::Requirement;
use crate::transform::split::{self, Limits, Stays};
use crate::transform::wasm;

/// An archive of any kind: unpacked or refused.
pub fn archive(bytes: &[u8]) {
    let (kind, content) = bytes.split_first().unwrap_or((&0, &[]));
    let Ok(dir) = tempfile::tempdir() else { return };
    let name = ["x-1-py3-none-any.whl", "x.tar", "x.tar.gz"][usize::from(*kind) % 3];
    let path = dir.path().join(name);
    // Archives that only Python can repack are refused at the second check.
    let copy = |from: &Path, to: &Path| {
        std::fs::copy(from, to).map(drop).map_err(|e| Error::io("copy the file", from, e))
    };
    let Ok(cache) = Cache::open(&dir.path().join("cache")) else { return };
    if std::fs::write(&path, content).is_ok()
        && let Ok(unpacked) = Unpacked::of(&path, "0", &cache, &copy)
    {
        let _ = wheel::check_record(&unpacked);
        let layout = wheel::WheelLayout::new(name, &unpacked.index, "/site");
        for entry in &unpacked.index.entries {
            for target in layout.targets(&entry.name) {
                assert!(!target.split('/').any(|part| part == ".."), "{target}");
            }
        }
    }
}

/// A WebAssembly module: the parts of its split, none if it stays whole. Those of a valid module must be valid.
#[must_use]
pub fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (seed, module) = bytes.split_first().unwrap_or((&0, &[]));
    let defined: Vec<_> =
        (0..=u8::MAX).map(|n| n.wrapping_mul(7).wrapping_add(*seed) % 3 == 0).collect();
    let stays = Stays { defined: &defined, exports: &[], depth: 0 };
    let side = (seed % 2 == 0).then_some("table");
    let noting = split::core_with_coverage(module).ok();
    let parts = split::split(module, &stays, side, Limits { chunk: 64, least: 1 }).ok();
    let parts = parts.into_iter().flat_map(|parts| {
        [parts.primary].into_iter().chain(parts.chunks.into_iter().map(|chunk| chunk.bytes))
    });
    parts.chain(noting).collect()
}

/// Everything that is parsed from text or bytes.
pub fn text(bytes: &[u8]) {
    let _ = wasm::dylink(bytes);
    let _ = wasm::stripped(bytes);
    let _ = PyodideLock::parse(bytes, Path::new("lock"));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = lockfile::parse(text, Path::new("lock"));
        let _ = declared::script_metadata(text);
        let _ = Requirement::parse(text, "here");
        let _ = Requirement::wheel(text, "here");
    }
}
