//! Locks between processes.

use std::fs::File;
use std::path::Path;

use crate::base::error::{Error, Result};

/// Waits until no other process holds this lock, and calls `waiting` before that. Dropping the file
/// releases the lock.
pub(crate) fn lock(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let failed = |e: std::io::Error| Error::io("lock the cache with", path, e);
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let lock = file.map_err(failed)?;
    if lock.try_lock().is_err() {
        waiting();
        lock.lock().map_err(failed)?;
    }
    Ok(lock)
}
