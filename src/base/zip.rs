//! Deterministic zips: uncompressed, sorted entries with a fixed time and mode. The same inputs produce the
//! same bytes everywhere, and contents can be viewed in place.

use std::collections::HashMap;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::base::error::{Error, ErrorKind, Result};

/// A zip without entries.
pub(crate) const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A writer of a zip.
pub(crate) struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Zip {
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    /// Starts with those entries of another zip that `keep` accepts, unchanged.
    pub fn with_entries_of(zip: &[u8], keep: impl Fn(&str) -> bool) -> Result<Self> {
        let mut copy = Self(ZipWriter::new(Cursor::new(Vec::with_capacity(zip.len()))));
        let mut zip = ZipArchive::new(Cursor::new(zip)).map_err(|e| unexpected(&e))?;
        for number in 0..zip.len() {
            let file = zip.by_index_raw(number).map_err(|e| unexpected(&e))?;
            let kept = file.name().is_ok_and(|name| keep(&name));
            if kept {
                copy.0.raw_copy_file(file).map_err(|e| unexpected(&e))?;
            }
        }
        Ok(copy)
    }

    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let options = options().unix_permissions(0o644);
        self.0.start_file(name, options).map_err(|e| unexpected(&e))?;
        self.0.write_all(bytes).map_err(|e| unexpected(&e))
    }

    pub fn add_folder(&mut self, name: &str) -> Result<()> {
        let options = options().unix_permissions(0o755);
        self.0.add_directory(name, options).map_err(|e| unexpected(&e))
    }

    pub fn finish(self) -> Result<Vec<u8>> {
        self.0.finish().map(Cursor::into_inner).map_err(|e| unexpected(&e))
    }
}

fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
}

/// Returns the offset of each entry's content.
pub(crate) fn data_offsets(zip: &[u8]) -> Result<HashMap<String, u64>> {
    let mut zip = ZipArchive::new(Cursor::new(zip)).map_err(|e| unexpected(&e))?;
    let mut offsets = HashMap::new();
    for number in 0..zip.len() {
        let file = zip.by_index_raw(number).map_err(|e| unexpected(&e))?;
        let start = file.data_start().ok_or_else(|| unexpected(&"an entry has no content"))?;
        let name = file.name().map_err(|e| unexpected(&e))?;
        offsets.insert(name.into_owned(), start);
    }
    Ok(offsets)
}

pub(crate) fn unexpected(why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Io, "a bundle could not be written").because(why)
}
