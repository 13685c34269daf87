//! What earlier searches found.

use std::path::PathBuf;

use crate::base::error::Result;
use crate::cache::bucket::Bucket;
use crate::cache::key::Key;
use crate::cache::{Cache, checked};
use crate::engine::scripts::SCRIPTS;
use crate::image::Image;
use crate::packages::wheel::Wheel;
use crate::transform::form::Kept;
use crate::transform::python::Compiler;

/// What earlier searches found. For the same app it is known, in others it is a hint: a build
/// depends on its inputs, not on what was built before.
pub(crate) struct Findings<'a> {
    cache: &'a Cache,
    /// Of this app.
    known: String,
    /// By owner of files, of any app.
    hints: Vec<String>,
}

impl<'a> Findings<'a> {
    /// `build` is the key of the whole build; owners are the standard library and the wheels.
    pub fn of(build: &str, wheels: &[Wheel], compiler: &Compiler<'a>) -> Self {
        let hint = |archive: &str| {
            let mut key = Key::new("findings-1");
            key.list(SCRIPTS.iter().map(|(_, content)| content));
            key.list([&compiler.runtime.version, &compiler.runtime.fingerprint]);
            key.list([archive, &format!("{:?}", compiler.python)]);
            key.finish()
        };
        let archives = std::iter::once("").chain(wheels.iter().map(|w| w.sha256.as_str()));
        let hints = archives.map(hint).collect();
        Self { cache: compiler.cache, known: build.to_owned(), hints }
    }

    /// The findings, and whether they are those of this very app.
    pub fn load(&self) -> (Kept, bool) {
        if let Some(known) = checked::read(&self.path(&self.known)) {
            return (known, true);
        }
        let hints = self.hints.iter().filter_map(|key| checked::read(&self.path(key)));
        (hints.flat_map(|kept: Kept| kept).collect(), false)
    }

    pub fn store(&self, kept: &Kept, image: &Image) -> Result<()> {
        checked::write(&self.path(&self.known), kept)?;
        for (owner, key) in self.hints.iter().enumerate() {
            let own = |path: &String| image.files.get(path).is_some_and(|f| f.owner == owner);
            let own: Kept = kept.clone().into_iter().filter(|(path, _)| own(path)).collect();
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
