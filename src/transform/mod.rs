//! Transforms files: Python files become bytecode or stripped sources, and side modules lose sections for
//! debuggers. A file that can't be transformed stays unchanged.

pub(crate) mod form;
pub(crate) mod needs;
pub(crate) mod noting;
pub(crate) mod python;
pub(crate) mod split;
mod uses;
pub(crate) mod wasm;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::is_python;
use crate::image::Image;
use crate::image::content::Piece;
use crate::image::file::ImageFile;
use crate::run::record::Trace;
use crate::settings::python_files::PythonFiles;
use crate::transform::form::{Fallbacks, Form};
use crate::transform::needs::Needs;
use crate::transform::python::{Compiler, Place};

/// The variants of files, by path and form. Further forms are made when they are requested.
#[derive(Default)]
pub(crate) struct Variants {
    pub python: PythonFiles,
    /// Python's tag in names of compiled files: `cpython-314`.
    pub tag: String,
    pub needs: Needs,
    made: Mutex<Made>,
}

#[derive(Default)]
struct Made {
    files: HashMap<(String, Form), ImageFile>,
    /// Python files that can't be transformed, with the reasons.
    refused: BTreeMap<String, String>,
}

impl Variants {
    /// Makes the requested form of all Python files in the image, the forms of `fallbacks`, and the side
    /// modules. The side modules' contents go into a file in `work`.
    pub fn new(compiler: &Compiler, fallbacks: &Fallbacks, work: &Path) -> Result<Self> {
        let Compiler { image, python, .. } = *compiler;
        let tag = compiler.startup.tag.clone();
        let needs = Needs::of(compiler)?;
        let variants = Self { python, tag, needs, made: Mutex::default() };
        let requested = image.files.keys();
        let requested = requested.filter(|path| is_python(path) && !python.keeps_all());
        let requested = requested.map(|path| (path, Form::Requested));
        let fallbacks = fallbacks.iter().filter(|(path, _)| image.files.contains_key(*path));
        let fallbacks = fallbacks.map(|(path, fallback)| (path, fallback.form));
        variants.make(compiler, requested.chain(fallbacks))?;
        variants.strip_side_modules(image, work)?;
        Ok(variants)
    }

    /// Returns the bytecode that runs compiled themselves, and that of Python's start: nothing is removed, and
    /// nothing is compiled.
    pub fn recorded(compiler: &Compiler, traces: &[Trace]) -> Self {
        let Compiler { image, python, startup, .. } = *compiler;
        let mut files = HashMap::new();
        let mut add = |path: &str, piece| {
            if let Some(package) = image.files.get(path).map(|file| file.package) {
                files.insert((path.to_owned(), Form::Requested), ImageFile { package, piece });
            }
        };
        if python.bytecode {
            startup.compiled().for_each(|(path, piece)| add(path, piece));
        }
        for (bytecode, trace) in traces.iter().filter_map(|t| Some((t.bytecode.as_ref()?, t))) {
            let content = image.contents.add(bytecode.clone());
            for (path, offset, size) in &trace.compiled {
                add(path, Piece { content, offset: *offset, size: *size });
            }
        }
        let made = Mutex::new(Made { files, ..Made::default() });
        Self { python, tag: startup.tag.clone(), needs: Needs::default(), made }
    }

    /// Makes the forms of these fallbacks.
    pub fn add(&self, compiler: &Compiler, fallbacks: &Fallbacks) -> Result<()> {
        let fallbacks = fallbacks.iter().map(|(path, fallback)| (path, fallback.form));
        self.make(compiler, fallbacks)
    }

    fn make<'a>(
        &self,
        compiler: &Compiler,
        files: impl Iterator<Item = (&'a String, Form)>,
    ) -> Result<()> {
        let wanted: Vec<_> = files
            .filter(|(path, form)| *form != Form::Original && self.get(path, *form).is_none())
            .collect();
        let image = compiler.image;
        for done in compiler.run(&wanted, &self.needs)? {
            let content = image.contents.add(done.content);
            let mut made = self.made();
            for (path, place) in done.files {
                match place {
                    Place::Done(offset, size) => {
                        let package = image.files[&path].package;
                        let file = ImageFile { package, piece: Piece { content, offset, size } };
                        made.files.insert((path, done.form), file);
                    }
                    Place::Refused(why) => drop(made.refused.insert(path, why)),
                }
            }
        }
        Ok(())
    }

    fn strip_side_modules(&self, image: &Image, work: &Path) -> Result<()> {
        let mut all = Vec::new();
        let mut stripped = Vec::new();
        for (path, file) in image.files.iter().filter(|(path, _)| image.is_side_module(path)) {
            if let Some(bytes) = wasm::stripped(&image.read(file)?) {
                stripped.push((path, file.package, all.len() as u64, bytes.len() as u64));
                all.extend(bytes);
            }
        }
        let path = work.join("side-modules.bin");
        files::write_atomic(&path, &all)?;
        let content = image.contents.add(path);
        for (path, package, offset, size) in stripped {
            let file = ImageFile { package, piece: Piece { content, offset, size } };
            self.made().files.insert((path.clone(), Form::Requested), file);
        }
        Ok(())
    }

    /// Returns a file in this form, if its content differs from the installed one.
    pub fn get(&self, path: &str, form: Form) -> Option<ImageFile> {
        self.made().files.get(&(path.to_owned(), form)).copied()
    }

    /// Returns why a Python file can't be transformed, if so.
    pub fn refused(&self, path: &str) -> Option<String> {
        self.made().refused.get(path).cloned()
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
