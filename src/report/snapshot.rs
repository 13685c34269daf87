//! The snapshot of Python's memory.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::snapshot::Made;

/// What a snapshot of Python's memory contains, or why there is none. Sizes are uncompressed bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SnapshotReport {
    /// Size of the file; 0 if there is none.
    pub bytes: u64,
    /// Size of Python's memory when it is restored.
    pub memory: u64,
    /// How many modules the build imported for it.
    pub modules: usize,
    /// Why packages are not in it, by name.
    pub left_out: BTreeMap<String, String>,
    /// Why there is none.
    pub missing: Option<String>,
}

impl SnapshotReport {
    pub(crate) fn new(made: &Made) -> Self {
        let content = made.file.as_ref().map(|file| &file.content);
        Self {
            bytes: content.map_or(0, |content| content.bytes as u64),
            memory: content.map_or(0, |content| content.memory),
            modules: made.modules,
            left_out: made.left_out.clone(),
            missing: made.missing.clone(),
        }
    }

    /// Returns lines for people.
    pub(crate) fn lines(&self) -> String {
        let Self { bytes, memory, modules, left_out, missing } = self;
        let mut text = match missing {
            Some(why) => format!("snapshot: none: {why}\n"),
            None => format!(
                "snapshot: {bytes} bytes, {modules} modules are imported; Python's memory has {memory} bytes.\n"
            ),
        };
        for (package, why) in left_out {
            let _ = writeln!(text, "snapshot: without {package}: {why}");
        }
        text
    }
}
