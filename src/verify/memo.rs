//! Remembers fallbacks of earlier searches. The same app uses them as they are. Other apps use them as
//! hints, because a build must not depend on earlier builds.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cache::bucket::Bucket;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::cache::{Cache, checked};
use crate::engine::scripts;
use crate::image::Image;
use crate::packages::wheel::Wheel;
use crate::transform::form::Fallbacks;
use crate::transform::python::Compiler;

pub(crate) struct FallbackMemo<'a> {
    cache: &'a Cache,
    /// The key of this app's fallbacks.
    known: String,
    /// The keys of any app's fallbacks, by package: the standard library and the wheels.
    hints: Vec<String>,
}

impl<'a> FallbackMemo<'a> {
    /// Creates the memo; `build` is the key of the whole build.
    pub fn new(build: &str, wheels: &[Wheel], compiler: &Compiler<'a>) -> Self {
        let hint = |archive: &str| {
            let mut key = Key::new("fallbacks", Floor::Verify);
            key.list(scripts::FILES.iter().map(|(_, content)| content));
            key.list([&compiler.runtime.version, &compiler.runtime.fingerprint]);
            key.list([archive, &format!("{:?}", compiler.python)]);
            key.finish()
        };
        let archives = std::iter::once("").chain(wheels.iter().map(|w| w.sha256.as_str()));
        let hints = archives.map(hint).collect();
        Self { cache: compiler.cache, known: build.to_owned(), hints }
    }

    /// Returns the fallbacks, and whether they belong to this app.
    pub fn load(&self) -> (Fallbacks, bool) {
        if let Some(known) = checked::read(&self.path(&self.known)) {
            return (known, true);
        }
        let hints = self.hints.iter().filter_map(|key| checked::read(&self.path(key)));
        (hints.flat_map(|fallbacks: Fallbacks| fallbacks).collect(), false)
    }

    pub fn store(&self, fallbacks: &Fallbacks, image: &Image) -> Result<()> {
        checked::write(&self.path(&self.known), fallbacks)?;
        for (package, key) in self.hints.iter().enumerate() {
            let own = |path: &String| image.files.get(path).is_some_and(|f| f.package == package);
            let own: Fallbacks =
                fallbacks.clone().into_iter().filter(|(path, _)| own(path)).collect();
            if !own.is_empty() {
                checked::write(&self.path(key), &own)?;
            }
        }
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.cache.bucket(Bucket::Fallbacks).join(key).with_extension("json")
    }
}
