//! How Python files are shipped, and the job for `compile.mjs` that makes them so.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::cache::Cache;
use crate::cache::bucket::Bucket;
use crate::cache::checked::ContentFolder;
use crate::cache::key::Key;
use crate::engine::Failure;
use crate::engine::node::Runner;
use crate::engine::scripts::SCRIPTS;
use crate::image::{Image, ImageFile, OwnerKind};
use crate::pyodide::runtime::Runtime;
use crate::run::mounted::Mounted;
use crate::run::startup::Startup;
use crate::settings::python::Python;
use crate::transform::form::Form;

/// What [`Python`] means for a file.
impl Python {
    /// The forms that a file may take instead, the lesser change first.
    pub(crate) fn fallbacks(self) -> &'static [Form] {
        match self {
            Self::Source { docstrings: false, .. } | Self::Bytecode { docstrings: false, .. } => {
                &[Form::Docstrings, Form::Untouched]
            }
            _ if self.keeps_all() => &[],
            _ => &[Form::Untouched],
        }
    }

    /// Whether files stay as they are.
    pub(crate) fn keeps_all(self) -> bool {
        self == Self::Source { docstrings: true, comments: true }
    }

    pub(crate) fn is_bytecode(self) -> bool {
        matches!(self, Self::Bytecode { .. })
    }

    fn options(self, form: Form, app: bool) -> Options {
        let mut options = match self {
            Self::Source { docstrings, comments } => {
                Options { bytecode: false, docstrings, comments, asserts: true, line_numbers: true }
            }
            Self::Bytecode { docstrings, asserts, line_numbers } => {
                Options { bytecode: true, docstrings, comments: false, asserts, line_numbers }
            }
        };
        options.docstrings |= app || form == Form::Docstrings;
        options
    }
}

/// As `compile.py` takes them.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "switches, each on its own")]
struct Options {
    bytecode: bool,
    docstrings: bool,
    comments: bool,
    asserts: bool,
    line_numbers: bool,
}

/// Files that are transformed, and cached, together: those of an archive, or one of the app's.
#[derive(Serialize)]
struct Unit<'a> {
    #[serde(skip)]
    form: Form,
    content: &'a PathBuf,
    files: Vec<(&'a str, u64, u64)>,
    options: Options,
    output: PathBuf,
}

#[derive(Serialize)]
struct CompileJob<'a> {
    schema: u32,
    mounted: Mounted<'a>,
    units: Vec<&'a Unit<'a>>,
    result: PathBuf,
}

#[derive(Deserialize)]
struct CompileResult {
    units: Vec<Vec<Place>>,
}

/// Offset and size in the result, or why the file has to stay as it is.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Place {
    Done(u64, u64),
    Refused(String),
}

/// A unit's results.
pub(super) struct Done {
    pub form: Form,
    pub content: PathBuf,
    pub files: Vec<(String, Place)>,
}

/// Runs `compile.mjs`.
pub(crate) struct Compiler<'a> {
    pub python: Python,
    pub runtime: &'a Runtime,
    pub startup: &'a Startup,
    pub runner: &'a Runner<'a>,
    pub cache: &'a Cache,
}

impl Compiler<'_> {
    /// Transforms the files, in one process, but for those whose results are in the cache.
    pub(super) fn run(&self, image: &Image, files: &[(&String, Form)]) -> Result<Vec<Done>> {
        let bucket = self.cache.bucket(Bucket::Transformed);
        let mut done = Vec::new();
        let mut missing = Vec::new();
        for mut unit in self.units(image, files) {
            let dir = bucket.join(self.key(image, &unit)?);
            if let Some(found) = open(&dir, unit.form) {
                done.push(found);
            } else {
                unit.output = self.runner.work.join(format!("unit-{}.bin", missing.len()));
                missing.push((dir, unit));
            }
        }
        if missing.is_empty() {
            return Ok(done);
        }
        let result = self.process(image, missing.iter().map(|(_, unit)| unit).collect())?;
        for ((dir, unit), places) in missing.into_iter().zip(result.units) {
            let content = files::read(&unit.output)?;
            let paths = unit.files.iter().map(|(path, ..)| (*path).to_owned());
            let files: Vec<(String, Place)> = paths.zip(places).collect();
            let path = ContentFolder::<Vec<(String, Place)>>::path_in(&dir);
            files::write_atomic(&path, &content)?;
            ContentFolder::complete(&dir, &files, files::crc32(&content))?;
            done.push(Done { form: unit.form, content: path, files });
        }
        Ok(done)
    }

    fn process(&self, image: &Image, units: Vec<&Unit>) -> Result<CompileResult> {
        let Self { runtime, startup, runner, .. } = *self;
        let (dirs, parts) = (image.mounted_stdlib(), image.parts.as_slice());
        let mounted = startup.mounted(runtime, runner.work, dirs, parts, |_| true)?;
        let result = runner.result_path("compile");
        let job = CompileJob { schema: 2, mounted, units, result };
        let limit = Duration::from_secs(1800);
        runner.run("compile.mjs", "compile", &job, limit).map_err(|failure: Failure| {
            let what = "Python files could not be compiled";
            failure.into_error_at(ErrorKind::Tool, what, &runtime.dir)
        })
    }

    fn units<'a>(&self, image: &'a Image, files: &[(&'a String, Form)]) -> Vec<Unit<'a>> {
        let mut numbers = HashMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for (path, form) in files {
            let ImageFile { owner, part, offset, size } = image.files[*path];
            let app = image.owners[owner].kind == OwnerKind::App;
            let group = (part, *form, app.then_some(offset));
            let number = *numbers.entry(group).or_insert_with(|| {
                units.push(Unit {
                    form: *form,
                    content: &image.parts[part].path,
                    files: Vec::new(),
                    options: self.python.options(*form, app),
                    output: PathBuf::new(),
                });
                units.len() - 1
            });
            units[number].files.push((path, offset, size));
        }
        units
    }

    /// Over everything that decides a unit's results.
    fn key(&self, image: &Image, unit: &Unit) -> Result<String> {
        let mut key = Key::new("transformed-3");
        // What was imported before decides bytecode, too.
        key.field(&self.startup.key);
        key.list(SCRIPTS.iter().filter(|script| script.0 == "scripts/compile.mjs").map(|s| s.1));
        key.field(format!("{:?}", unit.options));
        let archive = image.archives.get(unit.content);
        key.list(archive);
        for (path, offset, size) in &unit.files {
            match archive {
                Some(_) => key.field(format!("{path} {offset} {size}")),
                None => key.list([path.as_bytes(), &image.read(&image.files[*path])?]),
            }
        }
        Ok(key.finish())
    }
}

fn open(dir: &Path, form: Form) -> Option<Done> {
    let ContentFolder { path, index } = ContentFolder::open(dir)?;
    Some(Done { form, content: path, files: index })
}
