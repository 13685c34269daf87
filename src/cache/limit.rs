//! Enforces the size limit of the whole cache. The least recently used entries are removed first.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cache::age::{Aged, by_age};
use crate::cache::bucket::Bucket;

/// Work folders of this age are left over from a killed process.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// Removes entries until the rest has at most `limit` bytes. No other process may use the cache meanwhile.
/// Failures don't matter: the next build tries again.
pub(super) fn prune(root: &Path, tmp: &Path, limit: u64) {
    for folder in by_age(tmp, Path::is_dir).into_iter().filter(|folder| folder.age > ABANDONED) {
        remove(&folder.path);
    }
    let mut entries = entries(root);
    entries.sort_by_key(|entry| entry.age);
    let mut total = 0;
    for Aged { path, .. } in entries {
        total += size(&path);
        if total > limit {
            remove(&path);
            // No process waits for the lock, because the cache is not in use.
            let _ = fs::remove_file(lock_of(&path));
        }
    }
}

/// Lists the entries of all buckets, and whole buckets of other versions of this crate.
fn entries(root: &Path) -> Vec<Aged> {
    let mut entries: Vec<_> = Bucket::ALL
        .iter()
        .flat_map(|bucket| by_age(&root.join(bucket.name()), |path| !is_lock(path)))
        .collect();
    let known = |path: &Path| Bucket::ALL.iter().any(|bucket| path.ends_with(bucket.name()));
    let others = by_age(root, Path::is_dir).into_iter();
    entries.extend(others.filter(|folder| !known(&folder.path) && !folder.path.ends_with("tmp")));
    entries
}

/// Where an entry's lock is: `KEY.lock` of `KEY/` and of `KEY.json`.
fn lock_of(path: &Path) -> PathBuf {
    let key = if path.extension().is_some_and(|end| end == "json") {
        path.with_extension("")
    } else {
        path.to_path_buf()
    };
    let mut lock = key.into_os_string();
    lock.push(".lock");
    PathBuf::from(lock)
}

fn is_lock(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "lock")
}

fn size(path: &Path) -> u64 {
    if path.is_dir() {
        return fs_extra::dir::get_size(path).unwrap_or(0);
    }
    fs::metadata(path).map_or(0, |meta| meta.len())
}

fn remove(path: &PathBuf) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

#[test]
fn locks_are_beside_their_entries() {
    for (entry, lock) in [("b/k.json", "b/k.lock"), ("b/pyodide-314.0.7", "b/pyodide-314.0.7.lock")]
    {
        assert_eq!(lock_of(Path::new(entry)), Path::new(lock));
    }
}
