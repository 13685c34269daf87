//! One archive (a wheel, or a zip or tar of the distribution): checked, and unpacked once into the
//! cache as one file of uncompressed contents with an index.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cache::{self, Cache};
use crate::error::{Error, ErrorKind, Result};
use crate::fsutil;
use crate::requirement::Name;

/// More than any real distribution has, less than what fills a disk.
const MAX_BYTES: u64 = 2 << 30;
const MAX_ENTRIES: usize = 200_000;

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
    content_len: u64,
    content_crc32: u32,
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
            let zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(&e))?;
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
            let name = file.name().map(std::borrow::Cow::into_owned);
            let name =
                name.map_err(|e| refused(archive, &format!("entry {number}"), &e.to_string()))?;
            if file.is_symlink() {
                return Err(refused(archive, &name, "it is a symbolic link"));
            }
            if file.encrypted() {
                return Err(refused(archive, &name, "it is encrypted"));
            }
            let size = file.size();
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

/// Where Pyodide installs an archive's files, after its own `pyodide/_package_loader.py`.
pub(crate) struct Layout<'a> {
    /// What the whole archive is unpacked into.
    root: &'a str,
    /// `NAME.data/data/`, whose files are copied to `/` as well.
    data: Option<String>,
    /// `NAME.dist-info`, where the installer leaves its records.
    pub dist_info: Option<String>,
}

impl<'a> Layout<'a> {
    /// `root` is site-packages, or `/usr/lib` for shared libraries.
    pub fn new(file_name: &str, index: &Index, root: &'a str) -> Self {
        let is_wheel = Path::new(file_name).extension().is_some_and(|e| e == "whl");
        let name = Name::new(file_name.split('-').next().unwrap_or_default());
        let find = |suffix: &str| {
            let tops =
                index.entries.iter().filter_map(|e| e.name.split_once('/')).map(|(top, _)| top);
            let fits = |top: &&str| {
                top.ends_with(suffix) && Name::new(top).as_str().starts_with(name.as_str())
            };
            tops.filter(fits).min().filter(|_| is_wheel).map(str::to_owned)
        };
        Self {
            root,
            data: find(".data").map(|top| format!("{top}/data/")),
            dist_info: find(".dist-info"),
        }
    }

    /// The absolute paths of an entry.
    pub fn targets(&self, name: &str) -> Vec<String> {
        let mut targets = vec![format!("{}/{name}", self.root)];
        let data = self.data.as_deref().and_then(|data| name.strip_prefix(data));
        targets.extend(data.map(|below| format!("/{below}")));
        targets
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
            let options = SimpleFileOptions::default();
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

    #[test]
    fn refuses_damage() {
        let content = b"some content that is stored or compressed";
        let flip = |bytes: &mut Vec<u8>| bytes[40] ^= 1;
        assert!(unpack(&[("a.py", content)], flip).is_err());
        assert!(unpack(&[("a.py", content)], |bytes| bytes.truncate(50)).is_err());
    }

    #[test]
    fn data_files_are_installed_twice() {
        let entry = |name: &str| Entry { name: name.to_owned(), offset: 0, size: 0 };
        let names = [
            "Foo.bar/x.py",
            "foo_bar-1.0.data/data/share/man/x.1",
            "foo_bar-1.0.dist-info/METADATA",
        ];
        let index = Index { entries: names.map(entry).to_vec(), ..Index::default() };
        let layout = Layout::new("foo_bar-1.0-py3-none-any.whl", &index, "/s");
        assert_eq!(layout.dist_info.as_deref(), Some("foo_bar-1.0.dist-info"));
        assert_eq!(layout.targets(names[0]), ["/s/Foo.bar/x.py"]);
        assert_eq!(
            layout.targets(names[1]),
            ["/s/foo_bar-1.0.data/data/share/man/x.1", "/share/man/x.1"]
        );
        assert!(Layout::new("foo_bar-1.0.zip", &index, "/s").dist_info.is_none());
    }
}
