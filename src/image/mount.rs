//! Files and folders as `packfs.mjs` mounts them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::base::paths::has_below;

/// By folder: name, size, part and offset of each file.
pub(crate) type Dirs = BTreeMap<String, Vec<DirEntry>>;

#[derive(Debug, Serialize)]
pub(crate) struct DirEntry(String, u64, usize, u64);

impl DirEntry {
    /// In a part with this number.
    pub fn new(name: &str, size: u64, part: usize, offset: u64) -> Self {
        Self(name.to_owned(), size, part, offset)
    }
}

/// Files (path, size, part, offset) with their folders, and folders without files.
pub(crate) fn mounted<'a>(
    dirs: &BTreeSet<String>,
    files: impl Iterator<Item = (&'a str, u64, usize, u64)>,
) -> Dirs {
    let mut mounted: Dirs = dirs.iter().map(|dir| (dir.clone(), Vec::new())).collect();
    for (path, size, part, offset) in files {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let entry = DirEntry::new(name, size, part, offset);
        mounted.entry(dir.to_owned()).or_default().push(entry);
    }
    // A folder that has others needs no line of its own.
    let needless: Vec<_> =
        mounted.iter().filter(|(_, e)| e.is_empty()).map(|(dir, _)| dir.clone()).collect();
    for dir in needless {
        if has_below(&mounted, &dir) {
            mounted.remove(&dir);
        }
    }
    mounted
}
