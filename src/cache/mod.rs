//! The cache: versioned buckets in one folder. It is outside of `target`, so it survives `cargo clean`.
//! Everything in it can be made again, and every read verifies it.
//!
//! [`Bucket`] documents the layout of each bucket. `tmp/` has work folders.

pub(crate) mod age;
pub(crate) mod bucket;
pub(crate) mod build;
pub(crate) mod checked;
pub(crate) mod code;
pub(crate) mod folder;
pub(crate) mod key;
mod limit;
pub(crate) mod lock;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::cache::age::touch;
use crate::cache::bucket::Bucket;
use crate::cache::build::CachedBuild;
use crate::cache::lock::lock;

/// Work folders.
const TMP: &str = "tmp";
/// The lock that all builds share while they use the cache. A process that removes entries holds it alone.
const IN_USE: &str = "in-use.lock";

#[derive(Debug)]
pub(crate) struct Cache {
    root: PathBuf,
    in_use: File,
}

/// One result in a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheEntry<'a> {
    pub bucket: Bucket,
    pub key: &'a str,
}

impl Cache {
    pub fn open(root: &Path) -> Result<Self> {
        files::create_dir_all(root)?;
        let root = std::path::absolute(root).map_err(|e| Error::io("use the cache", root, e))?;
        let path = root.join(IN_USE);
        let failed = |e: std::io::Error| Error::io("lock the cache with", &path, e);
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let in_use = file.map_err(failed)?;
        in_use.lock_shared().map_err(failed)?;
        Ok(Self { root, in_use })
    }

    /// Returns the folder of a bucket.
    pub fn bucket(&self, bucket: Bucket) -> PathBuf {
        self.root.join(bucket.name())
    }

    /// Returns whether a path is in the cache.
    pub fn contains(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    /// Creates a work folder that is deleted when the value is dropped. It is in the cache, so a finished
    /// result can be moved into place in one step.
    pub fn work_dir(&self) -> Result<tempfile::TempDir> {
        files::temp_dir_in(&self.root.join(TMP))
    }

    /// Returns the SHA-256 of a file outside of the cache, remembered by path, size and modification time.
    /// In an unoptimised build script, hashing a distribution's wheels takes longer than all other steps.
    pub fn sha256_of(&self, path: &Path) -> Result<String> {
        let meta = fs::metadata(path).map_err(|e| Error::io("look at", path, e))?;
        let changed =
            meta.modified().ok().and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
        let stamp = format!("{}\n{}\n{:?}", path.display(), meta.len(), changed);
        let memo = self
            .bucket(Bucket::Digests)
            .join(files::sha256_hex(stamp.as_bytes()))
            .with_extension("json");
        if let Some(digest) = checked::read::<String>(&memo) {
            touch(&memo);
            return Ok(digest);
        }
        let digest = files::sha256_hex(&files::read(path)?);
        checked::write(&memo, &digest)?;
        Ok(digest)
    }

    /// Finds or makes a build. Returns `true` if it was in the cache.
    ///
    /// `make` fills the folder that it receives. A damaged build is made again.
    pub fn build(
        &self,
        key: &str,
        waiting: impl FnOnce(),
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<(CachedBuild, bool)> {
        let mut cached = true;
        let make = |staging: &Path| {
            cached = false;
            CachedBuild::make(staging, make)
        };
        let (mut stored, lock) = self.folder(
            CacheEntry { bucket: Bucket::Builds, key },
            waiting,
            CachedBuild::open,
            make,
        )?;
        stored.lock = Some(lock);
        Ok((stored, cached))
    }

    /// Returns a build if it is in the cache and intact.
    pub fn find_build(&self, key: &str) -> Result<Option<CachedBuild>> {
        let bucket = self.bucket(Bucket::Builds);
        let dir = bucket.join(key);
        if !dir.exists() {
            return Ok(None);
        }
        let lock = lock(&bucket.join(format!("{key}.lock")), || {})?;
        let mut found = CachedBuild::open(&dir);
        if let Some(build) = &mut found {
            build.lock = Some(lock);
        }
        Ok(found)
    }

    /// Finds or makes a folder of a bucket, in one process at a time for each key. No other process
    /// replaces the folder while the returned lock exists.
    ///
    /// `make` fills the folder that it receives. A folder that `open` rejects is damaged and made again.
    pub fn folder<T>(
        &self,
        CacheEntry { bucket, key }: CacheEntry,
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
                .map_err(|e| Error::io("remove the damaged folder", &dir, e))?;
        }
        files::rename(staging.path(), &dir)?;
        let differs = || Error::io("read back", &dir, std::io::Error::other("it differs"));
        Ok((open(&dir).ok_or_else(differs)?, lock))
    }

    /// Finds or makes a value in a bucket, in one process at a time for each key.
    pub fn known<T: Serialize + DeserializeOwned>(
        &self,
        bucket: Bucket,
        key: &str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let bucket = self.bucket(bucket);
        let path = bucket.join(key).with_extension("json");
        if let Some(value) = checked::read(&path) {
            touch(&path);
            return Ok(value);
        }
        files::create_dir_all(&bucket)?;
        let _lock = lock(&path.with_extension("lock"), || {})?;
        if let Some(value) = checked::read(&path) {
            return Ok(value);
        }
        let value = make()?;
        checked::write(&path, &value)?;
        Ok(value)
    }

    /// Ends this use of the cache, and shrinks it to `limit` bytes. While another build uses it, nothing is
    /// removed: that build shrinks the cache when it ends.
    pub fn finish(self, limit: u64) {
        let Self { root, in_use } = self;
        if in_use.unlock().is_ok() && in_use.try_lock().is_ok() {
            limit::prune(&root, &root.join(TMP), limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn cache() -> (tempfile::TempDir, Cache) {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::open(&dir.path().join("cache")).unwrap();
        (dir, cache)
    }

    fn build(cache: &Cache, content: &str) -> (CachedBuild, bool) {
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

        let entry = cache.bucket(Bucket::Builds).join("key");
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
        let fail = |_: &Path| Err(Error::io("x", Path::new("x"), std::io::Error::other("x")));
        assert!(cache.build("key", || {}, fail).is_err());
        assert!(!cache.bucket(Bucket::Builds).join("key").exists());
        assert_eq!(fs::read_dir(cache.root.join(TMP)).unwrap().count(), 0);
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
                    let (found, lock) = cache
                        .folder(
                            CacheEntry { bucket: Bucket::Startup, key: "key" },
                            || {},
                            open,
                            make,
                        )
                        .unwrap();
                    drop(lock);
                    assert_eq!(found, b"1");
                    for _ in 0..100 {
                        assert!(open(&cache.bucket(Bucket::Startup).join("key")).is_some());
                    }
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn the_least_recently_used_goes_first_and_nothing_while_a_build_runs() {
        let (dir, first) = cache();
        let root = dir.path().join("cache");
        let put = |bucket: Bucket, name: &str, age: u64| {
            let entry = root.join(bucket.name()).join(name);
            files::write_atomic(&entry, &[0; 1000]).unwrap();
            let time = SystemTime::now() - Duration::from_secs(age);
            File::options().append(true).open(&entry).unwrap().set_modified(time).unwrap();
            entry
        };
        let old = put(Bucket::Wheels, "old", 300);
        let new = put(Bucket::Resolved, "new", 100);
        let middle = put(Bucket::Precompressed, "middle", 200);
        let other_version = root.join("builds-v0/x");
        files::write_atomic(&other_version, &[0; 1000]).unwrap();
        let here = || [&old, &middle, &new, &other_version].map(|path| path.exists());

        let running = Cache::open(&root).unwrap();
        first.finish(0);
        assert_eq!(here(), [true; 4], "another build runs");
        running.finish(3500);
        assert_eq!(here(), [false, true, true, true]);
        touch(&middle);
        Cache::open(&root).unwrap().finish(2500);
        assert_eq!(here(), [false, true, false, true]);
        Cache::open(&root).unwrap().finish(0);
        assert_eq!(here(), [false; 4]);
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
