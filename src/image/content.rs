//! The files that hold the contents of an installation.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::base::error::Result;
use crate::base::files;
use crate::image::ImageFile;

/// A file that holds contents.
#[derive(Debug)]
pub(crate) struct Part {
    pub path: PathBuf,
    bytes: OnceLock<Vec<u8>>,
}

impl Part {
    pub fn new(path: PathBuf) -> Self {
        Self { path, bytes: OnceLock::new() }
    }

    /// All of it, read once.
    pub(super) fn bytes(&self) -> Result<&[u8]> {
        match self.bytes.get() {
            Some(bytes) => Ok(bytes),
            None => {
                files::read(&self.path).map(|bytes| self.bytes.get_or_init(|| bytes).as_slice())
            }
        }
    }
}

/// The bytes of parts, by number.
pub(crate) struct Contents<'a>(Vec<&'a [u8]>);

impl<'a> Contents<'a> {
    pub fn of(parts: impl Iterator<Item = &'a Part>) -> Result<Self> {
        parts.map(Part::bytes).collect::<Result<_>>().map(Self)
    }

    pub fn get(&self, file: &ImageFile) -> &'a [u8] {
        slice(self.0[file.part], file.offset, file.size)
    }
}

/// The part of a content file; empty where the file is shorter, which its checksum rules out.
pub(super) fn slice(content: &[u8], offset: u64, size: u64) -> &[u8] {
    let range = usize::try_from(offset).ok().zip(usize::try_from(offset + size).ok());
    range.and_then(|(start, end)| content.get(start..end)).unwrap_or_default()
}
