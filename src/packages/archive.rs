//! Checks one archive (a wheel, or a zip or tar of the distribution) and unpacks it once into the cache, as
//! one file of uncompressed contents with an index. Every archive may be hostile.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorKind, Result};
use crate::cache::bucket::Bucket;
use crate::cache::checked::ContentFolder;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::cache::{Cache, CacheEntry};

/// More than any real distribution has, and less than a disk holds.
const MAX_BYTES: u64 = 2 << 30;
const MAX_ENTRIES: usize = 200_000;
/// A larger file with a higher compression ratio is a zip bomb.
const BOMB_BYTES: u64 = 64 << 20;
const BOMB_RATIO: u64 = 200;

/// The uncompressed files of one archive, concatenated in `content`.
#[derive(Debug, Clone)]
pub(crate) struct Unpacked {
    pub content: PathBuf,
    /// SHA-256 of the archive.
    pub sha256: String,
    pub index: Index,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    /// In the archive's order.
    pub entries: Vec<Entry>,
    /// Folders that the archive names, without the trailing `/`.
    pub dirs: Vec<String>,
    pub content_len: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub name: String,
    /// The start of its content, in bytes.
    pub offset: u64,
    /// The uncompressed size, in bytes.
    pub size: u64,
}

impl Unpacked {
    /// Returns the archive with this SHA-256, from the cache if it is there undamaged.
    pub fn of(archive: &Path, sha256: &str, cache: &Cache) -> Result<Self> {
        let mut key = Key::new("unpacked", Floor::Packages);
        key.field(sha256);
        let make = |dir: &Path| Writer::create(dir)?.unpack(archive);
        let entry = CacheEntry { bucket: Bucket::Unpacked, key: &key.finish() };
        let (found, _) = cache.folder(entry, || {}, ContentFolder::<Index>::open, make)?;
        let ContentFolder { path, index } = found;
        Ok(Self { content: path, sha256: sha256.to_owned(), index })
    }

    /// Returns the content of one entry.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>> {
        let failed = |e: std::io::Error| Error::io("read the file", &self.content, e);
        let mut file = File::open(&self.content).map_err(failed)?;
        file.seek(SeekFrom::Start(entry.offset)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(entry.size).read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }
}

/// Adds checked entries to a folder of the cache.
struct Writer {
    dir: PathBuf,
    content: BufWriter<File>,
    crc: flate2::Crc,
    index: Index,
    names: Names,
}

impl Writer {
    fn create(dir: &Path) -> Result<Self> {
        let path = ContentFolder::<Index>::path_in(dir);
        let file = File::create(&path).map_err(|e| Error::io("create the file", &path, e))?;
        Ok(Self {
            dir: dir.to_path_buf(),
            content: BufWriter::with_capacity(1 << 20, file),
            crc: flate2::Crc::new(),
            index: Index::default(),
            names: Names::default(),
        })
    }

    fn unpack(mut self, archive: &Path) -> Result<()> {
        let damaged = |e: &dyn std::fmt::Display| {
            Error::new(ErrorKind::Archive, "an archive is damaged").at(archive.display()).because(e)
        };
        let file = File::open(archive).map_err(|e| Error::io("open the archive", archive, e))?;
        let ends =
            |suffix: &str| archive.as_os_str().as_encoded_bytes().ends_with(suffix.as_bytes());
        if ends(".tar") {
            self.add_tar(tar::Archive::new(BufReader::new(file)), archive)?;
        } else if ends(".tar.gz") || ends(".tgz") {
            self.add_tar(tar::Archive::new(flate2::read::GzDecoder::new(file)), archive)?;
        } else {
            let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&e))?;
            let sizes = self.check_zip(&mut zip, archive)?;
            zip.validate_header_consistency().map_err(|e| damaged(&e))?;
            if zip.has_overlapping_entries().map_err(|e| damaged(&e))? {
                return Err(refused(archive, "the directory", "its entries share bytes"));
            }
            self.add_zip(zip, &sizes, archive)?;
        }
        let content = ContentFolder::<Index>::path_in(&self.dir);
        self.content.flush().map_err(|e| Error::io("write the file", &content, e))?;
        ContentFolder::complete(&self.dir, self.index, self.crc.sum())
    }

    /// Checks the directory alone: the names and sizes that it states.
    fn check_zip(
        &mut self,
        zip: &mut zip::ZipArchive<BufReader<File>>,
        archive: &Path,
    ) -> Result<Vec<(String, u64)>> {
        let mut stated = Vec::new();
        for number in 0..zip.len() {
            let unnamed = |why: &dyn std::fmt::Display| {
                refused(archive, &format!("entry {number}"), &why.to_string())
            };
            let file = zip.by_index_raw(number).map_err(|e| unnamed(&e))?;
            std::str::from_utf8(file.name_raw()).map_err(|e| unnamed(&e))?;
            let name = file.name().map_err(|e| unnamed(&e))?.into_owned();
            let size = file.size();
            self.names.check(&name).map_err(|why| refused(archive, &name, &why))?;
            let why = if file.is_symlink() {
                "it is a symbolic link"
            } else if file.encrypted() {
                "it is encrypted"
            } else if size > BOMB_BYTES && size / BOMB_RATIO > file.compressed_size() {
                "its compression ratio is implausible"
            } else {
                stated.push((name, size));
                continue;
            };
            return Err(refused(archive, &name, why));
        }
        if zip.has_duplicate_names() {
            let name = duplicate(archive, zip.central_directory_start());
            return Err(refused(archive, &name, "the archive contains it twice"));
        }
        Ok(stated)
    }

    fn add_zip(
        &mut self,
        mut zip: zip::ZipArchive<BufReader<File>>,
        stated: &[(String, u64)],
        archive: &Path,
    ) -> Result<()> {
        for (number, (name, size)) in stated.iter().enumerate() {
            let refused = |e: zip::result::ZipError| refused(archive, name, &e.to_string());
            let mut file = zip.by_index(number).map_err(refused)?;
            self.add(archive, name, *size, &mut file)?;
        }
        Ok(())
    }

    fn add_tar<R: Read>(&mut self, mut tar: tar::Archive<R>, archive: &Path) -> Result<()> {
        let damaged = |e: std::io::Error| refused(archive, "the archive", &e.to_string());
        for entry in tar.entries().map_err(damaged)? {
            let mut entry = entry.map_err(damaged)?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            let name = match name.strip_prefix("./").unwrap_or(&name) {
                "" | "." => continue,
                name if kind.is_dir() && !name.ends_with('/') => format!("{name}/"),
                name => name.to_owned(),
            };
            if !kind.is_file() && !kind.is_dir() {
                return Err(refused(archive, &name, "it is neither a file nor a folder"));
            }
            self.names.check(&name).map_err(|why| refused(archive, &name, &why))?;
            let size = entry.size();
            self.add(archive, &name, size, &mut entry)?;
        }
        Ok(())
    }

    fn add(&mut self, archive: &Path, name: &str, size: u64, reader: &mut impl Read) -> Result<()> {
        if let Some(dir) = name.strip_suffix('/') {
            self.index.dirs.push(dir.to_owned());
            return Ok(());
        }
        let offset = self.index.content_len;
        if size > MAX_BYTES - offset || self.index.entries.len() >= MAX_ENTRIES {
            let limit =
                format!("it is too large: more than {MAX_BYTES} bytes or {MAX_ENTRIES} files");
            return Err(refused(archive, name, &limit));
        }
        let mut bytes = Vec::new();
        reader
            .take(size + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| refused(archive, name, &e.to_string()))?;
        if bytes.len() as u64 != size {
            return Err(refused(
                archive,
                name,
                &format!("its size is not the {size} bytes that it states"),
            ));
        }
        self.crc.update(&bytes);
        let content = ContentFolder::<Index>::path_in(&self.dir);
        self.content.write_all(&bytes).map_err(|e| Error::io("write the file", &content, e))?;
        self.index.entries.push(Entry { name: name.to_owned(), offset, size });
        self.index.content_len += size;
        Ok(())
    }
}

fn refused(archive: &Path, entry: &str, why: &str) -> Error {
    Error::new(ErrorKind::Archive, format!("{entry:?} of an archive can't be unpacked: {why}"))
        .at(archive.display())
        .hint("fetch the archive again; if that does not help, report it to its author")
}

/// The names of earlier entries.
#[derive(Default)]
struct Names {
    files: BTreeSet<String>,
    dirs: BTreeSet<String>,
    /// In lower case: names that differ only in case would be one file on other systems.
    folded: BTreeSet<String>,
}

impl Names {
    fn check(&mut self, name: &str) -> Result<(), String> {
        let path = name.strip_suffix('/').unwrap_or(name);
        let drive = path.as_bytes().get(1) == Some(&b':');
        if path.is_empty() || path.contains(['\\', '\0']) || drive {
            return Err("its name is not a relative path".to_owned());
        }
        if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err("its name leaves the archive or is not normal".to_owned());
        }
        let is_dir = path.len() < name.len();
        if !is_dir && !self.files.insert(path.to_owned()) {
            return Err("the archive contains it twice".to_owned());
        }
        if !is_dir && !self.folded.insert(path.to_lowercase()) {
            return Err("the archive contains it twice, in different letter case".to_owned());
        }
        let mut dir = if is_dir { Some(path) } else { parent(path) };
        while let Some(path) = dir {
            if !self.dirs.insert(path.to_owned()) {
                break;
            }
            dir = parent(path);
        }
        let clash = if is_dir { self.files.contains(path) } else { self.dirs.contains(path) };
        let mut above = parent(path);
        let mut below_file = false;
        while let Some(dir) = above {
            below_file |= self.files.contains(dir);
            above = parent(dir);
        }
        if clash || below_file {
            Err("the archive contains it as a file and as a folder".to_owned())
        } else {
            Ok(())
        }
    }
}

/// Returns the first duplicate name of a zip's directory, which starts there. A zip reader keeps only one
/// entry of each name.
fn duplicate(archive: &Path, start: u64) -> String {
    let bytes = fs::read(archive).unwrap_or_default();
    let mut rest = usize::try_from(start).ok().and_then(|start| bytes.get(start..)).unwrap_or(&[]);
    let mut seen = BTreeSet::new();
    while let Some(header) = rest.get(..46).filter(|header| header.starts_with(b"PK\x01\x02")) {
        let number = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let name = rest.get(46..46 + number(28)).unwrap_or_default();
        if !seen.insert(name) {
            return String::from_utf8_lossy(name).into_owned();
        }
        let length = 46 + number(28) + number(30) + number(32);
        rest = rest.get(length..).unwrap_or_default();
    }
    "the directory".to_owned()
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

#[cfg(test)]
mod tests;
