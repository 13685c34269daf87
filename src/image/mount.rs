//! Files and folders as `packfs.mjs` mounts them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::base::paths::has_below;

/// The files of each folder: name, size, number of the content or chunk, and offset.
pub(crate) type Dirs<N> = BTreeMap<String, Vec<DirEntry<N>>>;

/// Name, size, place and offset of a file.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DirEntry<N>(pub String, pub u64, pub N, pub u64);

impl<N> DirEntry<N> {
    /// Returns the content file or the chunk with its bytes.
    pub fn place(&self) -> &N {
        &self.2
    }

    /// Returns the entry with its bytes in another place.
    pub fn at(self, place: N) -> Self {
        Self(self.0, self.1, place, self.3)
    }
}

/// A file to mount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MountFile<'a, N> {
    pub path: &'a str,
    /// The size in bytes.
    pub size: u64,
    /// The content file or the chunk that contains its bytes.
    pub place: N,
    /// The start of its bytes there.
    pub offset: u64,
}

/// Adds a file to its folder.
pub(crate) fn add<N>(dirs: &mut Dirs<N>, file: MountFile<N>) {
    let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", file.path));
    let entry = DirEntry(name.to_owned(), file.size, file.place, file.offset);
    dirs.entry(dir.to_owned()).or_default().push(entry);
}

/// Gives a file other bytes.
pub(crate) fn replace<N>(dirs: &mut Dirs<N>, file: MountFile<N>) {
    let (dir, name) = file.path.rsplit_once('/').unwrap_or(("", file.path));
    let mut entries = dirs.get_mut(dir).into_iter().flatten();
    if let Some(entry) = entries.find(|entry| entry.0 == name) {
        (entry.1, entry.2, entry.3) = (file.size, file.place, file.offset);
    }
}

/// Returns files with their folders, and folders without files.
pub(crate) fn dirs<'a, N>(
    empty: &BTreeSet<String>,
    files: impl Iterator<Item = MountFile<'a, N>>,
) -> Dirs<N> {
    let mut dirs: Dirs<N> = empty.iter().map(|dir| (dir.clone(), Vec::new())).collect();
    for file in files {
        add(&mut dirs, file);
    }
    // A folder with subfolders needs no entry of its own.
    let needless: Vec<_> =
        dirs.iter().filter(|(_, e)| e.is_empty()).map(|(dir, _)| dir.clone()).collect();
    for dir in needless {
        if has_below(&dirs, &dir) {
            dirs.remove(&dir);
        }
    }
    dirs
}
