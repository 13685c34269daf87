//! Finds the last build that recorded an app with the same packages and settings.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cache::bucket::Bucket;
use crate::cache::build::CachedBuild;
use crate::cache::{Cache, age, checked};

pub(crate) struct Recordings<'a> {
    pub cache: &'a Cache,
    /// A digest of everything that decides a recording, except the contents of the user's files.
    pub key: &'a str,
}

impl Recordings<'_> {
    /// Returns the verified build of the same inputs, or else the last build that recorded.
    pub fn find(&self, same_inputs: &str) -> Result<Option<CachedBuild>> {
        if let Some(build) = self.cache.find_build(same_inputs)? {
            return Ok(Some(build));
        }
        let path = self.path();
        let Some(last) = checked::read::<String>(&path) else { return Ok(None) };
        age::touch(&path);
        self.cache.find_build(&last)
    }

    /// Makes a build the last one that recorded.
    pub fn store(&self, build: &str) -> Result<()> {
        checked::write(&self.path(), &build)
    }

    fn path(&self) -> PathBuf {
        self.cache.bucket(Bucket::Recordings).join(self.key).with_extension("json")
    }
}
