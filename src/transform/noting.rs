//! Modules that note which of their functions run, in the place of those of an installation.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::base::error::Result;
use crate::base::files;
use crate::image::Image;
use crate::image::content::Piece;
use crate::pyodide::runtime::Runtime;
use crate::run::recorder::Noting;
use crate::transform::split::{self, Whole};

/// Pyodide's core and all side modules, with notes.
pub(crate) struct NotingModules {
    pub core: PathBuf,
    /// Side modules, by path. What can't be read is not among them, and stays whole.
    modules: BTreeMap<String, Piece>,
}

impl NotingModules {
    /// Writes the modules into the folder `work`, or returns what keeps the core from being split.
    pub fn new(
        image: &Image,
        runtime: &Runtime,
        work: &Path,
    ) -> Result<std::result::Result<Self, Whole>> {
        let noting = match split::core_with_coverage(&files::read(&runtime.wasm())?) {
            Ok(noting) => noting,
            Err(why) => return Ok(Err(why)),
        };
        let core = work.join("noting.wasm");
        files::write_atomic(&core, &noting)?;
        let mut noting = Vec::new();
        for (path, file) in image.files.iter().filter(|(path, _)| image.is_side_module(path)) {
            if let Ok(module) = split::side_with_coverage(&image.read(file)?) {
                noting.push((path.clone(), module));
            }
        }
        let file = work.join("noting-modules.bin");
        let modules = image.contents.add_parts(file, noting.into_iter())?;
        Ok(Ok(Self { core, modules }))
    }

    pub fn for_traces(&self) -> Noting<'_> {
        Noting { core: &self.core, modules: &self.modules }
    }
}
