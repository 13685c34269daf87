//! Folders of the cache with an index of their files. A file is intact if its size and modification time
//! match the index. Otherwise, as after a copy of the cache, its checksum decides.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::{files, parallel};
use crate::cache::age::{INDEX, touch};
use crate::cache::checked;

#[derive(Clone, Serialize, Deserialize)]
struct IndexedFile {
    /// Path relative to the folder.
    path: String,
    size: u64,
    crc32: u32,
    /// Modification time in nanoseconds since 1970.
    modified: Option<u128>,
}

impl IndexedFile {
    /// Returns the entry of the file as it is now, if its bytes are the same.
    fn again(&self, dir: &Path) -> Option<Self> {
        let path = dir.join(&self.path);
        let meta = fs::metadata(&path).ok()?;
        let modified = modified(&meta);
        let known = self.modified.is_some() && self.modified == modified;
        let intact = meta.len() == self.size
            && (known || fs::read(&path).is_ok_and(|bytes| files::crc32(&bytes) == self.crc32));
        intact.then(|| Self { modified, ..self.clone() })
    }
}

fn modified(meta: &Metadata) -> Option<u128> {
    let time = meta.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(time.as_nanos())
}

/// Writes the index of a folder with these files.
pub(crate) fn write_index(dir: &Path, paths: impl IntoIterator<Item = String>) -> Result<()> {
    let note = |path: String| {
        let file = dir.join(&path);
        let meta = fs::metadata(&file).map_err(|e| Error::io("look at", &file, e))?;
        let bytes = files::read(&file)?;
        let (size, crc32) = (bytes.len() as u64, files::crc32(&bytes));
        Ok(IndexedFile { path, size, crc32, modified: modified(&meta) })
    };
    let files = paths.into_iter().map(note).collect::<Result<Vec<_>>>()?;
    checked::write(&dir.join(INDEX), &files)
}

/// Returns the paths of the indexed files, or `None` if the index is missing or any file is damaged.
pub(crate) fn open(dir: &Path) -> Option<Vec<String>> {
    let index = dir.join(INDEX);
    let files: Vec<IndexedFile> = checked::read(&index)?;
    touch(&index);
    let now = parallel::in_parallel(&files, |file| Ok(file.again(dir))).ok()?;
    let now: Vec<IndexedFile> = now.into_iter().collect::<Option<_>>()?;
    if now.iter().zip(&files).any(|(now, then)| now.modified != then.modified) {
        // The next check then needs no checksums. Without write permission, every check needs them.
        let _ = checked::write(&index, &now);
    }
    Some(now.into_iter().map(|file| file.path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_holds_for_the_same_bytes_and_for_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("sub/a");
        let write = |content: &str| files::write_atomic(&file, content.as_bytes()).unwrap();
        let opened = || open(dir.path());
        assert_eq!(opened(), None);
        write("one");
        write_index(dir.path(), ["sub/a".to_owned()]).unwrap();
        let index = fs::read(dir.path().join(INDEX)).unwrap();
        assert_eq!(opened(), Some(vec!["sub/a".to_owned()]));
        assert_eq!(fs::read(dir.path().join(INDEX)).unwrap(), index);

        // A copy has another modification time, which goes into the index.
        let later = SystemTime::now() + std::time::Duration::from_secs(60);
        fs::File::options().append(true).open(&file).unwrap().set_modified(later).unwrap();
        assert!(opened().is_some());
        assert_ne!(fs::read(dir.path().join(INDEX)).unwrap(), index);

        for damaged in ["two", "three", ""] {
            write(damaged);
            assert_eq!(opened(), None, "{damaged}");
        }
        fs::remove_file(&file).unwrap();
        assert_eq!(opened(), None);
    }
}
