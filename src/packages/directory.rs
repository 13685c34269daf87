//! The directory of a zip as it is written. A zip reader keeps only one entry of each name, and reads names as
//! UTF-8 whatever their entries say.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// Stored and deflated, which need no help.
const PLAIN: [u16; 2] = [0, 8];
/// bzip2, LZMA and zstd, which Python's `zipfile` reads.
const FOR_PYTHON: [u16; 3] = [12, 14, 93];
/// The flag of names in UTF-8.
const UTF8: u16 = 1 << 11;

/// The fields of an entry's header. All numbers are little-endian.
const SIGNATURE: &[u8] = b"PK\x01\x02";
const FLAGS: usize = 8;
const METHOD: usize = 10;
const CRC32: Range<usize> = 16..20;
const SIZE: Range<usize> = 24..28;
const LENGTHS: [usize; 3] = [28, 30, 32];
const HEADER_BYTES: usize = 46;

/// What is odd about a directory. Numbers count its different names, in the order of their first entries.
#[derive(Default)]
pub(super) struct Directory {
    /// How many different names it has.
    pub names: usize,
    /// Names of several entries with the same content.
    pub twice: Vec<usize>,
    /// Names that are not ASCII and not marked as UTF-8.
    pub unmarked: Vec<usize>,
    for_python: bool,
}

impl Directory {
    /// Reads the directory that starts there. The error is what is refused, and why.
    pub fn read(archive: &Path, start: u64) -> Result<Self, (String, String)> {
        let mut bytes = Vec::new();
        let read = File::open(archive).and_then(|mut file| {
            file.seek(SeekFrom::Start(start))?;
            file.read_to_end(&mut bytes)
        });
        read.map_err(|e| ("the directory".to_owned(), e.to_string()))?;
        let mut directory = Self::default();
        let mut seen = BTreeMap::new();
        let mut rest = bytes.as_slice();
        while let Some(header) = rest.get(..HEADER_BYTES).filter(|h| h.starts_with(SIGNATURE)) {
            let number = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
            let [name, extra, comment] = LENGTHS.map(|at| usize::from(number(at)));
            let end = HEADER_BYTES + name;
            let name = rest.get(HEADER_BYTES..end).unwrap_or_default();
            rest = rest.get(end + extra + comment..).unwrap_or_default();
            let refused = |why: &str| (String::from_utf8_lossy(name).into_owned(), why.to_owned());

            let marked = number(FLAGS) & UTF8 != 0;
            if marked && std::str::from_utf8(name).is_err() {
                return Err(refused("its name is marked as UTF-8, and is not"));
            }
            let method = number(METHOD);
            if FOR_PYTHON.contains(&method) {
                directory.for_python = true;
            } else if !PLAIN.contains(&method) {
                return Err(refused(&format!("its compression method, {method}, is unknown")));
            }
            let unmarked = !marked && !name.is_ascii();
            let content = (&header[CRC32], &header[SIZE]);
            let (place, first) = seen.entry((name, unmarked)).or_insert((directory.names, content));
            if *first != content {
                return Err(refused("the archive contains it twice, with different content"));
            }
            if *place < directory.names {
                directory.twice.push(*place);
                continue;
            }
            if unmarked {
                directory.unmarked.push(*place);
            }
            directory.names += 1;
        }
        directory.twice.sort_unstable();
        directory.twice.dedup();
        Ok(directory)
    }

    /// Returns whether Python has to write the archive again.
    pub fn is_odd(&self) -> bool {
        self.for_python || !self.twice.is_empty() || !self.unmarked.is_empty()
    }
}
