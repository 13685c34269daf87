//! One archive (a wheel, or a zip or tar of the distribution), hostile until proven otherwise:
//! checked, and unpacked once into the cache as one file of uncompressed contents with an index.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cache::{self, Cache};
use crate::error::{Error, ErrorKind, Result};
use crate::fsutil;

/// More than any real distribution has, less than what fills a disk.
const MAX_BYTES: u64 = 2 << 30;
const MAX_ENTRIES: usize = 200_000;
/// A file larger than this that is compressed more than so is a zip bomb, not a file.
const BOMB_BYTES: u64 = 64 << 20;
const BOMB_RATIO: u64 = 200;

/// The files of one archive, uncompressed and one after the other in `content`.
#[derive(Debug, Clone)]
pub(crate) struct Unpacked {
    pub content: PathBuf,
    pub index: Index,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Index {
    /// In the archive's order.
    pub entries: Vec<Entry>,
    /// Folders that the archive names, without the last `/`.
    pub dirs: Vec<String>,
    pub content_len: u64,
    pub content_crc32: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub name: String,
    /// Where the content starts, in bytes.
    pub offset: u64,
    /// Bytes, uncompressed.
    pub size: u64,
}

impl Unpacked {
    /// The archive with this SHA-256, from the cache if it is there undamaged.
    pub fn of(archive: &Path, sha256: &str, cache: &Cache) -> Result<Self> {
        let dir = cache.bucket("unpacked-v1").join(sha256);
        if let Some(unpacked) = Self::open(&dir) {
            return Ok(unpacked);
        }
        let staging = cache.work_dir()?;
        Writer::create(staging.path())?.unpack(archive)?;
        if dir.exists() {
            fs::remove_dir_all(&dir)
                .map_err(|e| Error::io("remove the damaged folder", &dir, &e))?;
        }
        fsutil::create_dir_all(&cache.bucket("unpacked-v1"))?;
        let renamed = fs::rename(staging.path(), &dir);
        match Self::open(&dir) {
            Some(unpacked) => Ok(unpacked),
            None => Err(match renamed {
                Err(e) => Error::io("store the unpacked archive in", &dir, &e),
                Ok(()) => Error::io("read back", &dir, &std::io::Error::other("it differs")),
            }),
        }
    }

    /// The content of one entry.
    pub fn read(&self, entry: &Entry) -> Result<Vec<u8>> {
        let failed = |e: std::io::Error| Error::io("read the file", &self.content, &e);
        let mut file = File::open(&self.content).map_err(failed)?;
        file.seek(SeekFrom::Start(entry.offset)).map_err(failed)?;
        let mut bytes = Vec::new();
        file.take(entry.size).read_to_end(&mut bytes).map_err(failed)?;
        Ok(bytes)
    }

    fn open(dir: &Path) -> Option<Self> {
        let index: Index = cache::read_sealed(&dir.join("index.json"))?;
        let content = dir.join("content.bin");
        let bytes = fs::read(&content).ok()?;
        let intact =
            bytes.len() as u64 == index.content_len && fsutil::crc32(&bytes) == index.content_crc32;
        intact.then_some(Self { content, index })
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
        let path = dir.join("content.bin");
        let file = File::create(&path).map_err(|e| Error::io("create the file", &path, &e))?;
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
        let file = File::open(archive).map_err(|e| Error::io("open the archive", archive, &e))?;
        let ends =
            |suffix: &str| archive.as_os_str().as_encoded_bytes().ends_with(suffix.as_bytes());
        if ends(".tar") {
            self.add_tar(tar::Archive::new(BufReader::new(file)), archive)?;
        } else if ends(".tar.gz") || ends(".tgz") {
            self.add_tar(tar::Archive::new(flate2::read::GzDecoder::new(file)), archive)?;
        } else {
            let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&e))?;
            if zip.has_duplicate_names() {
                return Err(refused(archive, "the directory", "it has a name twice"));
            }
            zip.validate_header_consistency().map_err(|e| damaged(&e))?;
            if zip.has_overlapping_entries().map_err(|e| damaged(&e))? {
                return Err(refused(archive, "the directory", "its entries share bytes"));
            }
            self.add_zip(zip, archive)?;
        }
        let content = self.dir.join("content.bin");
        self.content.flush().map_err(|e| Error::io("write the file", &content, &e))?;
        self.index.content_crc32 = self.crc.sum();
        cache::write_sealed(&self.dir.join("index.json"), &self.index)
    }

    fn add_zip(&mut self, mut zip: zip::ZipArchive<BufReader<File>>, archive: &Path) -> Result<()> {
        for number in 0..zip.len() {
            let mut file = zip.by_index(number).map_err(|e| {
                let name = format!("entry {number}");
                refused(archive, &name, &e.to_string())
            })?;
            let unnamed = |why: &str| refused(archive, &format!("entry {number}"), why);
            std::str::from_utf8(file.name_raw()).map_err(|e| unnamed(&e.to_string()))?;
            let name = file.name().map_err(|e| unnamed(&e.to_string()))?.into_owned();
            if file.is_symlink() {
                return Err(refused(archive, &name, "it is a symbolic link"));
            }
            if file.encrypted() {
                return Err(refused(archive, &name, "it is encrypted"));
            }
            let size = file.size();
            if size > BOMB_BYTES && size / BOMB_RATIO > file.compressed_size() {
                return Err(refused(archive, &name, "it is compressed beyond belief"));
            }
            self.add(archive, &name, size, &mut file)?;
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
            let size = entry.size();
            self.add(archive, &name, size, &mut entry)?;
        }
        Ok(())
    }

    fn add(&mut self, archive: &Path, name: &str, size: u64, reader: &mut impl Read) -> Result<()> {
        self.names.check(name).map_err(|why| refused(archive, name, &why))?;
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
        let content = self.dir.join("content.bin");
        self.content.write_all(&bytes).map_err(|e| Error::io("write the file", &content, &e))?;
        self.index.entries.push(Entry { name: name.to_owned(), offset, size });
        self.index.content_len += size;
        Ok(())
    }
}

fn refused(archive: &Path, entry: &str, why: &str) -> Error {
    Error::new(ErrorKind::Archive, format!("{entry:?} of an archive can't be unpacked: {why}"))
        .at(archive.display())
        .hint("fetch the archive again; if that does not help, report it to whoever made it")
}

/// The names seen so far.
#[derive(Default)]
struct Names {
    files: BTreeSet<String>,
    dirs: BTreeSet<String>,
    /// In lower case: two that differ in nothing else would be one file elsewhere.
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
            return Err("the archive has it twice".to_owned());
        }
        if !is_dir && !self.folded.insert(path.to_lowercase()) {
            return Err("the archive has it twice but for letter case".to_owned());
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
            Err("the archive has it as a file and as a folder".to_owned())
        } else {
            Ok(())
        }
    }
}

fn parent(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zip::write::SimpleFileOptions;

    fn unpack(entries: &[(&str, &[u8])], mangle: impl Fn(&mut Vec<u8>)) -> Result<Vec<String>> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            let stored = bytes.is_empty().then_some(zip::CompressionMethod::Stored);
            let options = SimpleFileOptions::default()
                .compression_method(stored.unwrap_or(zip::CompressionMethod::Deflated));
            if name.ends_with('/') {
                zip.add_directory(*name, options).unwrap();
            } else {
                zip.start_file(*name, options).unwrap();
                zip.write_all(bytes).unwrap();
            }
        }
        let mut bytes = zip.finish().unwrap().into_inner();
        mangle(&mut bytes);
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(dir.path()).unwrap();
        let path = dir.path().join("x.whl");
        fs::write(&path, bytes).unwrap();
        let unpacked = Unpacked::of(&path, "0", &cache)?;
        let content = fs::read(&unpacked.content).unwrap();
        let text = |e: &Entry| {
            let bytes =
                &content[usize::try_from(e.offset).unwrap()..][..usize::try_from(e.size).unwrap()];
            format!("{}={}", e.name, String::from_utf8_lossy(bytes))
        };
        Ok(unpacked.index.entries.iter().map(text).collect())
    }

    #[test]
    fn unpacks_contents_in_order() {
        let entries: [(&str, &[u8]); 4] =
            [("b.py", b"1"), ("d/", b""), ("d/ü.py", b""), ("a.py", b"22")];
        assert_eq!(unpack(&entries, |_| {}).unwrap(), ["b.py=1", "d/ü.py=", "a.py=22"]);
    }

    #[test]
    fn refuses_hostile_names() {
        for name in ["../x", "/x", "a/../../x", "C:/x", "a\\b", "a//b", "./a", ".."] {
            let error = unpack(&[(name, b"")], |_| {}).unwrap_err().to_string();
            assert!(
                error.contains("x.whl") && error.contains("can't be unpacked"),
                "{name}: {error}"
            );
        }
        let clash: [(&str, &[u8]); 2] = [("a", b""), ("a/b", b"")];
        assert!(
            unpack(&clash, |_| {}).unwrap_err().to_string().contains("as a file and as a folder")
        );
    }

    /// What is said of a hostile archive, without what all have in common.
    fn refusal(entries: &[(&str, &[u8])], mangle: impl Fn(&mut Vec<u8>)) -> String {
        let error = unpack(entries, mangle).unwrap_err().to_string();
        assert!(error.contains("x.whl"), "{error}");
        error
    }

    /// Replaces bytes everywhere, in the local headers and in the directory.
    fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
        for at in 0..=bytes.len() - old.len() {
            if bytes[at..].starts_with(old) {
                bytes[at..at + new.len()].copy_from_slice(new);
            }
        }
    }

    /// Changes 32 or fewer bits of each header: offset in the local one, in the directory's.
    fn patch(bytes: &mut [u8], local: usize, central: usize, value: &[u8]) {
        for at in 0..bytes.len() - 4 {
            let field = match &bytes[at..at + 4] {
                b"PK\x03\x04" => at + local,
                b"PK\x01\x02" => at + central,
                _ => continue,
            };
            bytes[field..field + value.len()].copy_from_slice(value);
        }
    }

    #[test]
    fn refuses_hostile_entries() {
        let two: [(&str, &[u8]); 2] = [("aa.py", b"1"), ("ab.py", b"2")];
        let text = refusal(&two, |b| replace(b, b"ab.py", b"aa.py"));
        assert!(text.contains("twice"), "{text}");
        let text = refusal(&[("a.py", b"1"), ("A.py", b"2")], |_| {});
        assert!(text.contains("\"A.py\"") && text.contains("letter case"), "{text}");
        let text = refusal(&[("é.py", b"1")], |b| replace(b, "é".as_bytes(), b"\xff\xff"));
        assert!(text.contains("entry 0"), "{text}");
        let encrypted = |b: &mut Vec<u8>| patch(b, 6, 8, &[1, 0]);
        let text = refusal(&[("a.py", b"1")], encrypted);
        assert!(text.contains("ncrypted") || text.contains("assword"), "{text}");
        // The mode of a symbolic link, in the upper half of the external attributes.
        let link = |b: &mut Vec<u8>| {
            let at = b.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
            b[at + 40..at + 42].copy_from_slice(&0o120_777u16.to_le_bytes());
        };
        let text = refusal(&[("a.py", b"/etc")], link);
        assert!(text.contains("symbolic link"), "{text}");
        for lie in [3u32, 5000] {
            let text = refusal(&[("a.py", b"12345678")], |b| patch(b, 22, 24, &lie.to_le_bytes()));
            assert!(text.contains("a.py"), "{text}");
        }
    }

    #[test]
    fn refuses_bombs() {
        let zeros = vec![0; 70 << 20];
        let text = refusal(&[("a.bin", &zeros)], |_| {});
        assert!(text.contains("compressed beyond belief"), "{text}");
    }

    #[test]
    fn takes_many_entries() {
        let names: Vec<_> = (0..66_000).map(|n| format!("{n}")).collect();
        let entries: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert_eq!(unpack(&entries, |_| {}).unwrap().len(), 66_000);
    }

    #[test]
    fn refuses_damage() {
        let content = b"some content that is stored or compressed";
        let flip = |bytes: &mut Vec<u8>| bytes[40] ^= 1;
        refusal(&[("a.py", content)], flip);
        refusal(&[("a.py", content)], |bytes| patch(bytes, 14, 16, &[1, 2, 3, 4]));
        for length in [0, 10, 50, 90] {
            refusal(&[("a.py", content)], |bytes| bytes.truncate(length));
        }
    }
}
