//! The cache: versioned buckets below one folder, outside of `target`, so that it survives
//! `cargo clean`. Everything in it can be made again, and everything read from it is checked first.
//!
//! ```text
//! runtimes-v1/pyodide-VERSION/       Pyodide's core files        index.json: their sizes, times and checksums
//! wheels-v1/SHA256/NAME.whl          fetched wheels              SHA256.lock, NAME.whl.part
//! unpacked-v1/SHA256/                content.bin, index.json     a wheel's files, uncompressed
//! resolved-v1/KEY.json               what pip resolved
//! digests-v1/KEY.json                SHA-256 of files elsewhere, by path, size and time
//! transformed-v1/KEY/                content.bin, index.json     bytecode, stripped sources
//! startup-v1/KEY/                    what Python reads when it starts, compiled
//! findings-v1/KEY.json               files that can't be transformed as asked for    KEY.lock
//! builds-v1/KEY/                     outputs/, index.json        builds-v1/KEY.lock
//! compressed-v1/SHA256.br11          a file of a build as Brotli (`.br11`, `.br9`) or gzip (`.gz9`),
//!                                    by the file's content
//! tmp/                               work folders
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::seal;
use crate::stored::Stored;

const BUILDS: &str = "builds-v1";
/// Builds are dropped, the longest unused first, while they take more than this.
const BUILDS_LIMIT_BYTES: u64 = 4 << 30;
/// Work folders this old were left behind by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Clone)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    pub fn open(root: &Path) -> Result<Self> {
        files::create_dir_all(root)?;
        let root = std::path::absolute(root).map_err(|e| Error::io("use the cache", root, &e))?;
        Ok(Self { root })
    }

    /// A bucket; its name ends in the version of its format.
    pub fn bucket(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A work folder that goes away with the value. It is in the cache, so that a finished result
    /// can be moved into place in one step.
    pub fn work_dir(&self) -> Result<tempfile::TempDir> {
        files::temp_dir_in(&self.bucket("tmp"))
    }

    /// The SHA-256 of a file outside of the cache, remembered by path, size and time of change:
    /// in an unoptimised build script, hashing a distribution's wheels takes longer than the rest.
    pub fn sha256_of(&self, path: &Path) -> Result<String> {
        let meta = fs::metadata(path).map_err(|e| Error::io("look at", path, &e))?;
        let changed =
            meta.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
        let stamp = format!("{}\n{}\n{:?}", path.display(), meta.len(), changed);
        let memo = self
            .bucket("digests-v1")
            .join(files::sha256_hex(stamp.as_bytes()))
            .with_extension("json");
        if let Some(digest) = read_sealed::<String>(&memo) {
            return Ok(digest);
        }
        let digest = files::sha256_hex(&files::read(path)?);
        write_sealed(&memo, &digest)?;
        Ok(digest)
    }

    /// Looks a finished build up, or makes it; `true` if it was there.
    ///
    /// `make` fills the folder that it is given. A damaged build is made again.
    pub fn build(
        &self,
        key: &str,
        waiting: impl FnOnce(),
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<(Stored, bool)> {
        let mut cached = true;
        let make = |staging: &Path| {
            cached = false;
            Stored::make(staging, make)
        };
        let (mut stored, lock) = self.folder(BUILDS, key, waiting, Stored::open, make)?;
        stored.lock = Some(lock);
        if !cached {
            self.prune(key);
        }
        Ok((stored, cached))
    }

    /// Looks a folder of a bucket up, or makes it; one process at a time for each key, so that none
    /// replaces what another reads. No other does while the returned lock lives.
    ///
    /// `make` fills the folder that it is given. What `open` refuses is damaged, and made again.
    pub fn folder<T>(
        &self,
        bucket: &str,
        key: &str,
        waiting: impl FnOnce(),
        open: impl Fn(&Path) -> Option<T>,
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<(T, File)> {
        let bucket = self.bucket(bucket);
        files::create_dir_all(&bucket)?;
        let lock = lock(&bucket.join(format!("{key}.lock")), waiting)?;
        let dir = bucket.join(key);
        if let Some(found) = open(&dir) {
            return Ok((found, lock));
        }
        let staging = self.work_dir()?;
        make(staging.path())?;
        if dir.exists() {
            fs::remove_dir_all(&dir)
                .map_err(|e| Error::io("remove the damaged folder", &dir, &e))?;
        }
        fs::rename(staging.path(), &dir).map_err(|e| Error::io("move into place", &dir, &e))?;
        let differs = || Error::io("read back", &dir, &std::io::Error::other("it differs"));
        Ok((open(&dir).ok_or_else(differs)?, lock))
    }

    /// Looks a value up in a bucket, or makes it; one process at a time for each key.
    pub fn known<T: Serialize + DeserializeOwned>(
        &self,
        bucket: &str,
        key: &str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let bucket = self.bucket(bucket);
        let path = bucket.join(key).with_extension("json");
        if let Some(value) = read_sealed(&path) {
            return Ok(value);
        }
        files::create_dir_all(&bucket)?;
        let _lock = lock(&path.with_extension("lock"), || {})?;
        if let Some(value) = read_sealed(&path) {
            return Ok(value);
        }
        let value = make()?;
        write_sealed(&path, &value)?;
        Ok(value)
    }

    /// Removes what was left behind or not used for long. Failures don't matter: the next build tries again.
    fn prune(&self, keep: &str) {
        for dir in by_age(&self.bucket("tmp"), Path::is_dir) {
            if dir.age > ABANDONED {
                let _ = fs::remove_dir_all(dir.path);
            }
        }
        let builds = self.bucket(BUILDS);
        let mut total = 0;
        for build in by_age(&builds, Path::is_dir) {
            total += fs_extra::dir::get_size(&build.path).unwrap_or(0);
            if total <= BUILDS_LIMIT_BYTES || build.path == builds.join(keep) {
                continue;
            }
            // Not while another process copies from it.
            let free = File::open(build.path.with_extension("lock"));
            if free.is_ok_and(|lock| lock.try_lock().is_ok()) {
                let _ = fs::remove_dir_all(build.path);
            }
        }
    }
}

/// Waits until no other process holds this lock; it is free again when the file is dropped.
pub(crate) fn lock(path: &Path, waiting: impl FnOnce()) -> Result<File> {
    let failed = |e: std::io::Error| Error::io("lock the cache with", path, &e);
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let lock = file.map_err(failed)?;
    if lock.try_lock().is_err() {
        waiting();
        lock.lock().map_err(failed)?;
    }
    Ok(lock)
}

pub(crate) struct Aged {
    age: Duration,
    pub path: PathBuf,
}

/// What is in a folder and `wanted`, the youngest first. A build's age is that of its index.
pub(crate) fn by_age(dir: &Path, wanted: fn(&Path) -> bool) -> Vec<Aged> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| wanted(path))
        .map(|path| {
            let used = fs::metadata(path.join(seal::INDEX)).or_else(|_| fs::metadata(&path));
            let age = used.and_then(|meta| meta.modified()).ok().and_then(|t| t.elapsed().ok());
            Aged { age: age.unwrap_or_default(), path }
        })
        .collect();
    found.sort_by_key(|entry| entry.age);
    found
}

/// Notes that a file is in use, so that the longest unused goes first; without the right to write,
/// it does not matter.
pub(crate) fn touch(path: &Path) {
    let file = File::options().append(true).open(path);
    let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
}

/// Writes a value as JSON behind its checksum, so that [`read_sealed`] notices any damage.
pub(crate) fn write_sealed<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let json = serde_json::to_vec(value)
        .map_err(|e| Error::io("write the file", path, &std::io::Error::other(e)))?;
    write_sealed_bytes(path, &json)
}

/// The value, or `None` if the file is not there, damaged, or of another format.
pub(crate) fn read_sealed<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read_sealed_bytes(path)?).ok()
}

pub(crate) fn write_sealed_bytes(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut sealed = seal(bytes);
    sealed.extend(bytes);
    files::write_atomic(path, &sealed)
}

pub(crate) fn read_sealed_bytes(path: &Path) -> Option<Vec<u8>> {
    let mut sealed = fs::read(path).ok()?;
    let (front, bytes) = sealed.split_at_checked(9)?;
    let intact = seal(bytes) == front;
    sealed.drain(..9);
    intact.then_some(sealed)
}

fn seal(bytes: &[u8]) -> Vec<u8> {
    format!("{:08x}\n", files::crc32(bytes)).into_bytes()
}

/// A key over everything that decides a result; each field is preceded by its length, so that
/// two lists of fields never run together to the same bytes.
pub(crate) struct Key(Sha256);

impl Key {
    pub fn new(purpose: &str) -> Self {
        let mut key = Self(Sha256::new());
        key.field(purpose);
        key.field(env!("CARGO_PKG_VERSION"));
        key
    }

    pub fn field(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A list of any length, closed in itself.
    pub fn list<T: AsRef<[u8]>>(&mut self, items: impl IntoIterator<Item = T>) {
        let items: Vec<T> = items.into_iter().collect();
        self.field(items.len().to_le_bytes());
        for item in items {
            self.field(item);
        }
    }

    pub fn finish(self) -> String {
        files::hex(&self.0.finalize())[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(&dir.path().join("cache")).unwrap();
        (dir, cache)
    }

    fn build(cache: &Cache, content: &str) -> (Stored, bool) {
        let make =
            |outputs: &Path| files::write_atomic(&outputs.join("sub/a.txt"), content.as_bytes());
        cache.build("key", || {}, make).unwrap()
    }

    #[test]
    fn a_build_is_made_once_and_again_after_any_damage() {
        let (dir, cache) = cache();
        assert!(!build(&cache, "1").1);
        let (stored, hit) = build(&cache, "2");
        assert!(hit);
        let placed = stored.copy_to(&dir.path().join("out"), |path| {
            assert_eq!(path, "sub/a.txt");
            Some("moved/a.txt")
        });
        assert_eq!(placed.unwrap(), BTreeSet::from(["moved/a.txt".to_owned()]));
        assert_eq!(fs::read(dir.path().join("out/moved/a.txt")).unwrap(), b"1");
        drop(stored); // and with it the lock

        let entry = cache.bucket("builds-v1").join("key");
        for damaged in ["outputs/sub/a.txt", "index.json"] {
            fs::write(entry.join(damaged), "x").unwrap();
            assert!(!build(&cache, "3").1, "{damaged}");
            assert_eq!(fs::read(entry.join("outputs/sub/a.txt")).unwrap(), b"3");
        }
        fs::remove_file(entry.join("outputs/sub/a.txt")).unwrap();
        assert!(!build(&cache, "4").1);
    }

    #[test]
    fn a_failed_build_leaves_nothing() {
        let (_dir, cache) = cache();
        let fail = |_: &Path| Err(Error::io("x", Path::new("x"), &std::io::Error::other("x")));
        assert!(cache.build("key", || {}, fail).is_err());
        assert!(!cache.bucket("builds-v1").join("key").exists());
        assert_eq!(fs::read_dir(cache.bucket("tmp")).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_is_made_once_and_not_replaced_while_others_read_it() {
        let (_dir, cache) = cache();
        let made = AtomicUsize::new(0);
        let open = |dir: &Path| fs::read(dir.join("a")).ok();
        let make = |dir: &Path| {
            made.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(20));
            files::write_atomic(&dir.join("a"), b"1")
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let (found, lock) = cache.folder("b", "key", || {}, open, make).unwrap();
                    drop(lock);
                    assert_eq!(found, b"1");
                    for _ in 0..100 {
                        assert!(open(&cache.bucket("b/key")).is_some());
                    }
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn fields_do_not_run_together() {
        let key = |fields: &[&[&str]]| {
            let mut key = Key::new("x");
            for list in fields {
                key.list(*list);
            }
            key.finish()
        };
        assert_eq!(key(&[&["a", "b"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["ab"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["a"], &["b"]]), key(&[&["a", "b"], &[]]));
    }

    #[test]
    fn digests_follow_the_file() {
        let (dir, cache) = cache();
        let file = dir.path().join("f");
        fs::write(&file, "1").unwrap();
        let first = cache.sha256_of(&file).unwrap();
        assert_eq!(first, cache.sha256_of(&file).unwrap());
        fs::write(&file, "22").unwrap();
        assert_ne!(first, cache.sha256_of(&file).unwrap());
    }
}
