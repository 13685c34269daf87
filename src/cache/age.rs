//! Records when an entry of the cache was last used.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(super) struct Aged {
    pub age: Duration,
    pub path: PathBuf,
}

/// The index file of a cache folder.
pub(crate) const INDEX: &str = "index.json";

/// Returns the `wanted` entries of a folder, the most recently used first. A folder's age is that of its
/// index.
pub(super) fn by_age(dir: &Path, wanted: fn(&Path) -> bool) -> Vec<Aged> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| wanted(path))
        .map(|path| Aged { age: age(&path), path })
        .collect();
    found.sort_by_key(|entry| entry.age);
    found
}

fn age(path: &Path) -> Duration {
    let used = fs::metadata(path.join(INDEX)).or_else(|_| fs::metadata(path));
    let age = used.and_then(|meta| meta.modified()).ok().and_then(|time| time.elapsed().ok());
    age.unwrap_or_default()
}

/// Marks a file or a folder as used, so that the least recently used entry is removed first. Does nothing
/// without write permission.
pub(crate) fn touch(path: &Path) {
    // A folder can't be opened for writing, but a handle for reading is enough.
    let file = File::options().append(true).open(path).or_else(|_| File::open(path));
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
}
