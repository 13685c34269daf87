//! When an entry of the cache was used last.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(super) struct Aged {
    pub age: Duration,
    pub path: PathBuf,
}

/// The index of a folder of the cache.
pub(super) const INDEX: &str = "index.json";

/// The entries of a folder that are `wanted`, the youngest first. A folder is as old as its index.
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

/// Notes that a file or a folder is in use, so that the least recently used goes first. Without permission to write,
/// nothing is noted.
pub(crate) fn touch(path: &Path) {
    // A folder can't be opened for writing.
    let file = File::options().append(true).open(path).or_else(|_| File::open(path));
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
}
