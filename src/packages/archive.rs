//! Checks one archive (a wheel, or a zip or tar of the distribution) and unpacks it once into the cache, as
//! one file of uncompressed contents with an index. Every archive may be hostile.

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
use crate::engine::scripts::{self, Script};
use crate::packages::directory::Directory;
use crate::packages::names::{Names, listed};

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
    /// What is unusual, without the archive's name.
    pub warnings: Vec<String>,
}

/// Writes an archive again with names and compression that every reader understands: from, to.
pub(crate) type Repack<'a> = dyn Fn(&Path, &Path) -> Result<()> + 'a;

type Zip = zip::ZipArchive<BufReader<File>>;

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
    pub fn of(archive: &Path, sha256: &str, cache: &Cache, repack: &Repack) -> Result<Self> {
        let mut key = Key::new("unpacked", Floor::Packages);
        key.field(sha256);
        key.list(scripts::with_imports(Script::Repack.path()));
        let make = |dir: &Path| Writer::create(dir)?.unpack(archive, repack);
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

    fn unpack(mut self, archive: &Path, repack: &Repack) -> Result<()> {
        let ends =
            |suffix: &str| archive.as_os_str().as_encoded_bytes().ends_with(suffix.as_bytes());
        let open = || File::open(archive).map_err(|e| Error::io("open the archive", archive, e));
        if ends(".tar") {
            self.add_tar(tar::Archive::new(BufReader::new(open()?)), archive)?;
        } else if ends(".tar.gz") || ends(".tgz") {
            self.add_tar(tar::Archive::new(flate2::read::GzDecoder::new(open()?)), archive)?;
        } else {
            self.unpack_zip(archive, repack)?;
        }
        self.index.warnings.extend(self.names.warnings());
        let content = ContentFolder::<Index>::path_in(&self.dir);
        self.content.flush().map_err(|e| Error::io("write the file", &content, e))?;
        ContentFolder::complete(&self.dir, self.index, self.crc.sum())
    }

    /// Adds a zip. What only Python reads as Pyodide does, Pyodide writes again, after the same checks.
    fn unpack_zip(&mut self, archive: &Path, repack: &Repack) -> Result<()> {
        let mut zip = open_zip(archive, archive)?;
        let (names, stated) = check_zip(&mut zip, archive)?;
        let directory = Directory::read(archive, zip.central_directory_start())
            .map_err(|(entry, why)| refused(archive, &entry, &why))?;
        let unlike = || refused(archive, "the directory", "two of its names are the same");
        if stated.len() != directory.names {
            return Err(unlike());
        }
        if directory.twice.is_empty() {
            // This check itself refuses names that occur twice.
            zip.validate_header_consistency().map_err(|e| damaged(archive, &e))?;
        }
        if zip.has_overlapping_entries().map_err(|e| damaged(archive, &e))? {
            return Err(refused(archive, "the directory", "its entries share bytes"));
        }
        if !directory.is_odd() {
            self.names = names;
            return self.add_zip(zip, &stated, archive);
        }
        let again = self.dir.join("repacked.zip");
        repack(archive, &again)?;
        let mut zip = open_zip(&again, archive)?;
        let (names, stated) = check_zip(&mut zip, archive)?;
        if stated.len() != directory.names {
            return Err(unlike());
        }
        self.names = names;
        self.add_zip(zip, &stated, archive)?;
        fs::remove_file(&again).map_err(|e| Error::io("remove the file", &again, e))?;
        let names = |which: &[usize]| {
            let names = which.iter().filter_map(|number| stated.get(*number));
            names.map(|(name, _)| format!("{name:?}")).collect::<Vec<_>>()
        };
        let warnings = [
            ("contains entries twice, with the same content", names(&directory.twice)),
            (
                "has names without the mark of UTF-8, which Python reads as cp437",
                names(&directory.unmarked),
            ),
        ];
        self.index.warnings.extend(warnings.iter().filter_map(|(what, names)| listed(what, names)));
        Ok(())
    }

    fn add_zip(&mut self, mut zip: Zip, stated: &[(String, u64)], archive: &Path) -> Result<()> {
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
            return Err(too_large(archive, name));
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

/// Opens a zip; errors name the archive that it was made of.
fn open_zip(path: &Path, archive: &Path) -> Result<Zip> {
    let file = File::open(path).map_err(|e| Error::io("open the archive", path, e))?;
    zip::ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(archive, &e))
}

/// Checks the directory alone: the names and sizes that it states.
fn check_zip(zip: &mut Zip, archive: &Path) -> Result<(Names, Vec<(String, u64)>)> {
    let (mut names, mut stated, mut bytes) = (Names::default(), Vec::new(), 0u64);
    for number in 0..zip.len() {
        let unnamed = |why: &dyn std::fmt::Display| {
            refused(archive, &format!("entry {number}"), &why.to_string())
        };
        let file = zip.by_index_raw(number).map_err(|e| unnamed(&e))?;
        let name = file.name().map_err(|e| unnamed(&e))?.into_owned();
        let size = file.size();
        names.check(&name).map_err(|why| refused(archive, &name, &why))?;
        bytes = bytes.saturating_add(size);
        if bytes > MAX_BYTES || number >= MAX_ENTRIES {
            return Err(too_large(archive, &name));
        }
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
    Ok((names, stated))
}

fn damaged(archive: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::new(ErrorKind::Archive, "an archive is damaged").at(archive.display()).because(why)
}

fn too_large(archive: &Path, entry: &str) -> Error {
    let why = format!("it is too large: more than {MAX_BYTES} bytes or {MAX_ENTRIES} files");
    refused(archive, entry, &why)
}

pub(super) fn refused(archive: &Path, entry: &str, why: &str) -> Error {
    Error::new(ErrorKind::Archive, format!("{entry:?} of an archive can't be unpacked: {why}"))
        .at(archive.display())
        .hint("fetch the archive again; if that does not help, report it to its author")
}

#[cfg(test)]
mod tests;
