//! The image as it is shipped: which content each file has in the bundle, under which name.
//!
//! Bytecode lies where `PYTHONPYCACHEPREFIX` makes the importer look for it, so that every source
//! stays where it is installed, cold, with its own bytes. In the zips, for the plain three lines, it
//! has the name that Python imports without a source beside it.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::error::Result;
use crate::base::paths::{BYTECODE_DIR, add_dirs, bytecode_path, is_python, parent};
use crate::bundle::select::Selection;
use crate::image::mount::{Dirs, mounted};
use crate::image::{Image, ImageFile};
use crate::pyodide::runtime::Runtime;
use crate::run::mounted::Mounted;
use crate::settings::python::Python;
use crate::transform::Transformed;
use crate::transform::form::{Form, Kept};
use crate::transform::python::Compiler;

pub(crate) struct Shipment {
    pub python: Python,
    /// By path.
    pub files: Vec<Shipped>,
    /// All folders, empty ones too.
    dirs: BTreeSet<String>,
}

pub(crate) struct Shipped {
    /// Where it is mounted.
    pub path: String,
    /// The installed file that it is or is made of.
    pub origin: String,
    /// Its path below `/` in the zips.
    pub zipped: String,
    pub file: ImageFile,
    pub hot: bool,
    /// A source whose bytecode is shipped too.
    pub has_bytecode: bool,
}

impl Shipment {
    pub fn new(
        image: &Image,
        selection: &Selection,
        transformed: &Transformed,
        kept: &Kept,
    ) -> Self {
        let mut files = Vec::new();
        let mut dirs = image.dirs.clone();
        for (path, file) in &image.files {
            let form = kept.get(path).map_or(Form::Asked, |finding| finding.form);
            let result = transformed.get(path, form);
            let whole = |file| Shipped {
                path: path.clone(),
                origin: path.clone(),
                zipped: zipped(path),
                file,
                hot: selection.is_hot(path),
                has_bytecode: false,
            };
            let bytecode = result.filter(|_| is_python(path) && transformed.python.is_bytecode());
            let legacy = format!("{path}c");
            match bytecode.filter(|_| !image.files.contains_key(&legacy)) {
                Some(code) => {
                    let compiled = bytecode_path(path, &transformed.tag);
                    add_dirs(&mut dirs, parent(&compiled));
                    files.push(Shipped { path: compiled, zipped: zipped(&legacy), ..whole(code) });
                    let hot = selection.sources.contains(path);
                    files.push(Shipped { hot, has_bytecode: true, ..whole(*file) });
                }
                None => files.push(whole(result.filter(|_| bytecode.is_none()).unwrap_or(*file))),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { python: transformed.python, files, dirs }
    }

    /// The environment that the interpreter needs for it.
    pub fn env(&self, runtime: &Runtime) -> BTreeMap<&'static str, String> {
        let mut env = runtime.env();
        if self.python.is_bytecode() {
            env.insert("PYTHONPYCACHEPREFIX", BYTECODE_DIR.to_owned());
        }
        env
    }

    /// All its files, hot or not, for a run.
    pub fn for_run<'a>(
        &self,
        image: &'a Image,
        transformed: &'a Transformed,
        compiler: &Compiler,
    ) -> Result<Mounted<'a>> {
        let Compiler { runtime, runner, .. } = *compiler;
        let dirs = self.mounted(|shipped| Some((shipped.file.part, shipped.file.offset)));
        let parts = image.parts.iter().chain(&transformed.parts);
        Mounted::new(runtime, runner.work, self.env(runtime), dirs, parts)
    }

    /// Files and folders as `packfs.mjs` mounts them, with places that `place` knows.
    pub fn mounted(&self, place: impl Fn(&Shipped) -> Option<(usize, u64)>) -> Dirs {
        let files = self.files.iter().filter_map(|shipped| {
            let (part, offset) = place(shipped)?;
            Some((shipped.path.as_str(), shipped.file.size, part, offset))
        });
        mounted(&self.dirs, files)
    }
}

fn zipped(path: &str) -> String {
    path.trim_start_matches('/').to_owned()
}
