//! The files that hold contents: of unpacked archives, of the app, and of variants.

use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Serialize;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::files;

/// The number of a content file in the registry; runs receive it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub(crate) struct ContentId(usize);

/// A piece of a content file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Piece {
    pub content: ContentId,
    /// Its start, in bytes.
    pub offset: u64,
    /// Its size, in bytes.
    pub size: u64,
}

/// All content files of a build. The registry only grows, so a number never changes its meaning.
#[derive(Debug, Default)]
pub(crate) struct Contents(Mutex<Vec<Arc<ContentFile>>>);

#[derive(Debug)]
struct ContentFile {
    path: PathBuf,
    /// The whole content, after the first read.
    bytes: OnceLock<Vec<u8>>,
}

impl Contents {
    pub fn add(&self, path: PathBuf) -> ContentId {
        self.push(ContentFile { path, bytes: OnceLock::new() })
    }

    /// Writes parts into one file, one after the other. Returns their places, by path.
    pub fn add_parts<B: AsRef<[u8]>>(
        &self,
        file: PathBuf,
        parts: impl Iterator<Item = (String, B)>,
    ) -> Result<BTreeMap<String, Piece>> {
        let (mut bytes, mut places) = (Vec::new(), Vec::new());
        for (path, part) in parts {
            let part = part.as_ref();
            places.push((path, bytes.len() as u64, part.len() as u64));
            bytes.extend_from_slice(part);
        }
        files::write_atomic(&file, &bytes)?;
        let content = self.add(file);
        let piece = |(path, offset, size)| (path, Piece { content, offset, size });
        Ok(places.into_iter().map(piece).collect())
    }

    /// Content without a file, for tests.
    #[cfg(test)]
    pub fn add_bytes(&self, bytes: Vec<u8>) -> ContentId {
        self.push(ContentFile { path: PathBuf::new(), bytes: OnceLock::from(bytes) })
    }

    fn push(&self, file: ContentFile) -> ContentId {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Arc::new(file));
        ContentId(files.len() - 1)
    }

    /// Returns the paths of all files, by number.
    pub fn paths(&self) -> Vec<PathBuf> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.iter().map(|file| file.path.clone()).collect()
    }

    pub fn path(&self, id: ContentId) -> PathBuf {
        self.file(id).path.clone()
    }

    /// Reads the whole file once, and keeps the content.
    ///
    /// # Errors
    ///
    /// Fails if the file can't be read, or ends before the piece does.
    pub fn read(&self, piece: Piece) -> Result<Bytes> {
        let file = self.file(piece.content);
        if file.bytes.get().is_none() {
            let bytes = files::read(&file.path)?;
            file.bytes.get_or_init(|| bytes);
        }
        let length = file.bytes.get().map_or(0, Vec::len);
        let start = usize::try_from(piece.offset).ok();
        let end = usize::try_from(piece.offset.saturating_add(piece.size)).ok();
        let range = start.zip(end).filter(|(_, end)| *end <= length);
        let (start, end) = range.ok_or_else(|| too_short(&file.path))?;
        Ok(Bytes { file, range: start..end })
    }

    fn file(&self, id: ContentId) -> Arc<ContentFile> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&files[id.0])
    }
}

fn too_short(path: &Path) -> Error {
    Error::new(ErrorKind::Io, "a content file ends early").at(path.display()).hint(
        "another program changed the cache during the build; set PYODIDE_PACK_CACHE_DIR to a folder that only builds use",
    )
}

/// Returns the bytes of a piece.
pub(crate) struct Bytes {
    file: Arc<ContentFile>,
    range: Range<usize>,
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.file.bytes.get().map_or(&[], |bytes| &bytes[self.range.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_and_never_beyond_the_end() {
        let contents = Contents::default();
        let content = contents.add_bytes(b"abcdef".to_vec());
        let read = |offset, size| contents.read(Piece { content, offset, size });
        assert_eq!(&*read(1, 3).unwrap(), b"bcd");
        assert_eq!(&*read(6, 0).unwrap(), b"");
        for (offset, size) in [(0, 7), (6, 1), (7, 0), (u64::MAX, 1)] {
            let error = read(offset, size).err().unwrap().to_string();
            assert!(error.contains("ends early"), "{error}");
        }
    }
}
