//! Reads and writes files with a checksum, so that every read notices damage.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::cache::age::{INDEX, touch};

/// The name of the contents in a [`ContentFolder`].
pub(crate) const CONTENT: &str = "content.bin";

/// The number of bytes before the content of a checked file: the checksum and a line feed.
pub(crate) const FRONT_BYTES: usize = 9;

/// Writes a value as JSON after its checksum.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let json = serde_json::to_vec(value).map_err(|e| Error::json("write the file", path, e))?;
    write_bytes(path, &json)
}

/// Returns the value, or `None` if the file is missing, damaged, or of another format.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read_bytes(path)?).ok()
}

pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut checked = checksum(bytes);
    checked.extend(bytes);
    files::write_atomic(path, &checked)
}

pub(crate) fn read_bytes(path: &Path) -> Option<Vec<u8>> {
    let mut checked = std::fs::read(path).ok()?;
    let (front, bytes) = checked.split_at_checked(FRONT_BYTES)?;
    let intact = checksum(bytes) == front;
    checked.drain(..FRONT_BYTES);
    intact.then_some(checked)
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    format!("{:08x}\n", files::crc32(bytes)).into_bytes()
}

/// A folder with one file of concatenated contents, and an index of its pieces.
pub(crate) struct ContentFolder<I> {
    pub path: PathBuf,
    pub index: I,
}

#[derive(Serialize, Deserialize)]
struct Indexed<I> {
    index: I,
    content_crc32: u32,
}

impl<I> ContentFolder<I> {
    /// Returns the path for the contents of such a folder.
    pub fn path_in(dir: &Path) -> PathBuf {
        dir.join(CONTENT)
    }

    /// Completes a folder whose contents, with this checksum, are written.
    pub fn complete(dir: &Path, index: I, content_crc32: u32) -> Result<()>
    where
        I: Serialize,
    {
        write(&dir.join(INDEX), &Indexed { index, content_crc32 })
    }

    /// Returns `None` if the folder is missing or damaged.
    pub fn open(dir: &Path) -> Option<Self>
    where
        I: DeserializeOwned,
    {
        let Indexed { index, content_crc32 } = read(&dir.join(INDEX))?;
        let path = Self::path_in(dir);
        let intact = files::crc32(&std::fs::read(&path).ok()?) == content_crc32;
        touch(&dir.join(INDEX));
        intact.then_some(Self { path, index })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_damage_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = ContentFolder::<Vec<u8>>::path_in(dir.path());
        files::write_atomic(&path, b"abc").unwrap();
        let open = || ContentFolder::<Vec<u8>>::open(dir.path()).map(|contents| contents.index);
        assert_eq!(open(), None);
        ContentFolder::complete(dir.path(), vec![1, 2], files::crc32(b"abc")).unwrap();
        assert_eq!(open(), Some(vec![1, 2]));
        for file in [path, dir.path().join(INDEX)] {
            let whole = std::fs::read(&file).unwrap();
            let mut flipped = whole.clone();
            *flipped.last_mut().unwrap() ^= 1;
            for damaged in [&flipped[..], &whole[..whole.len() - 1], b""] {
                std::fs::write(&file, damaged).unwrap();
                assert_eq!(open(), None, "{}", file.display());
            }
            std::fs::write(&file, whole).unwrap();
        }
        assert!(open().is_some());
    }
}
