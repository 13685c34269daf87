//! Bytes to bytes, per file: Python files become bytecode or stripped sources, side modules lose
//! what only debuggers read. What can't be transformed stays as it is.

pub(crate) mod form;
pub(crate) mod python;
pub(crate) mod wasm;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::paths::{is_python, is_side_module};
use crate::image::content::{Contents, Part};
use crate::image::{Image, ImageFile};
use crate::settings::python::Python;
use crate::transform::form::{Form, Kept};
use crate::transform::python::Compiler;
use python::Place;

/// Where the transformed contents lie: in further parts, numbered from where the image's end.
pub(crate) struct Transformed {
    pub python: Python,
    /// Python's tag in names of compiled files: `cpython-314`.
    pub tag: String,
    pub parts: Vec<Part>,
    files: HashMap<(String, Form), ImageFile>,
    /// Python files that can't be transformed, and why.
    pub refused: BTreeMap<String, String>,
}

impl Transformed {
    /// All Python files of the image as asked for, `kept` in their forms besides, and the side
    /// modules, whose contents go into a file in `work`.
    pub fn new(image: &Image, compiler: &Compiler, kept: &Kept, work: &Path) -> Result<Self> {
        let mut transformed = Self {
            python: compiler.python,
            tag: compiler.startup.tag.clone(),
            parts: Vec::new(),
            files: HashMap::new(),
            refused: BTreeMap::new(),
        };
        let python = image.files.keys();
        let python = python.filter(|path| is_python(path) && !compiler.python.keeps_all());
        let asked = python.map(|path| (path, Form::Asked));
        let kept = kept.iter().filter(|(path, _)| image.files.contains_key(*path));
        let kept = kept.map(|(path, finding)| (path, finding.form));
        transformed.add(image, compiler, asked.chain(kept))?;
        transformed.strip_side_modules(image, work)?;
        Ok(transformed)
    }

    /// Adds files in further forms.
    pub fn add<'a>(
        &mut self,
        image: &Image,
        compiler: &Compiler,
        files: impl Iterator<Item = (&'a String, Form)>,
    ) -> Result<()> {
        let wanted: Vec<_> = files
            .filter(|(path, form)| {
                *form != Form::Untouched && !self.files.contains_key(&((*path).clone(), *form))
            })
            .collect();
        for done in compiler.run(image, &wanted)? {
            let part = image.parts.len() + self.parts.len();
            self.parts.push(Part::new(done.content));
            for (path, place) in done.files {
                match place {
                    Place::Done(offset, size) => {
                        let owner = image.files[&path].owner;
                        let file = ImageFile { owner, part, offset, size };
                        self.files.insert((path, done.form), file);
                    }
                    Place::Refused(why) => drop(self.refused.insert(path, why)),
                }
            }
        }
        Ok(())
    }

    fn strip_side_modules(&mut self, image: &Image, work: &Path) -> Result<()> {
        let part = image.parts.len() + self.parts.len();
        let mut content = Vec::new();
        let contents = image.contents()?;
        for (path, file) in image.files.iter().filter(|(path, _)| is_side_module(path)) {
            if let Some(stripped) = wasm::stripped(contents.get(file)) {
                let (offset, size) = (content.len() as u64, stripped.len() as u64);
                content.extend(stripped);
                let file = ImageFile { owner: file.owner, part, offset, size };
                self.files.insert((path.clone(), Form::Asked), file);
            }
        }
        let path = work.join("side-modules.bin");
        files::write_atomic(&path, &content)?;
        self.parts.push(Part::new(path));
        Ok(())
    }

    /// The content of a file in this form, if it is another than the installed one.
    pub fn get(&self, path: &str, form: Form) -> Option<ImageFile> {
        self.files.get(&(path.to_owned(), form)).copied()
    }

    /// The contents of the image and of the results.
    pub fn contents<'a>(&'a self, image: &'a Image) -> Result<Contents<'a>> {
        Contents::of(image.parts.iter().chain(&self.parts))
    }
}
