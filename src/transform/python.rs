//! Makes bytecode or stripped sources of Python files, with `compile.mjs` and the cache.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::base::progress::Progress;
use crate::cache::age::INDEX;
use crate::cache::bucket::Bucket;
use crate::cache::checked::{CONTENT, ContentFolder};
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::cache::{Cache, CacheEntry};
use crate::engine::scripts::{self, Script};
use crate::engine::{Engine, Limit, Task};
use crate::image::Image;
use crate::image::content::{ContentId, Piece};
use crate::image::file::{ImageFile, PackageKind};
use crate::pyodide::runtime::Runtime;
use crate::remote::Remote;
use crate::remote::entry::{Entry, UploadFile};
use crate::run::mount::{Host, Mount};
use crate::run::startup::Startup;
use crate::settings::python_files::PythonFiles;
use crate::transform::form::Form;
use crate::transform::needs::{CompileOptions, Needs};

/// Files that are transformed and cached together: those of an archive, or one file of the app.
#[derive(Serialize)]
struct Unit<'a> {
    #[serde(skip)]
    form: Form,
    #[serde(skip)]
    id: ContentId,
    content: PathBuf,
    files: Vec<(&'a str, u64, u64)>,
    options: CompileOptions,
    output: PathBuf,
}

/// The job of `compile.mjs`.
#[derive(Serialize)]
struct CompileJob<'a> {
    mounted: Mount,
    units: Vec<&'a Unit<'a>>,
    result: PathBuf,
}

#[derive(Deserialize)]
struct CompileResult {
    units: Vec<Vec<Place>>,
}

/// Offset and size in the result, or why the file must stay unchanged.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    Done(u64, u64),
    Refused(String),
}

/// The purpose of entries in the shared cache.
const COMPILED: &str = "compiled";

/// A unit with its key in the cache.
type Keyed<'a> = (String, Unit<'a>);

/// Paths of files with their places.
type Places = Vec<(String, Place)>;

/// A unit's results.
pub(super) struct Done {
    pub form: Form,
    pub content: PathBuf,
    pub files: Places,
}

/// Compiles Python files with `compile.mjs`.
#[derive(Clone, Copy)]
pub(crate) struct Compiler<'a> {
    pub python: PythonFiles,
    pub runtime: &'a Runtime,
    pub startup: &'a Startup,
    pub image: &'a Image,
    pub engine: &'a dyn Engine,
    pub cache: &'a Cache,
    pub remote: &'a Remote<'a>,
    pub progress: &'a dyn Progress,
}

impl Compiler<'_> {
    /// Transforms the files in one process, except those whose results are in the cache or in the shared one.
    pub(super) fn run(&self, files: &[(&String, Form)], needs: &Needs) -> Result<Vec<Done>> {
        let units = self.units(files, needs).into_iter();
        let units = units.map(|unit| Ok((self.key(&unit)?, unit)));
        let mut done = Vec::new();
        let missing = self.look_up(units.collect::<Result<_>>()?, &mut done);
        self.read_shared(&missing)?;
        let mut missing = self.look_up(missing, &mut done);
        if missing.is_empty() {
            return Ok(done);
        }
        for (number, (_, unit)) in missing.iter_mut().enumerate() {
            unit.output = self.engine.work().join(format!("unit-{number}.bin"));
        }
        let result = self.process(missing.iter().map(|(_, unit)| unit).collect())?;
        for ((key, unit), places) in missing.into_iter().zip(result.units) {
            let make = |dir: &Path| {
                let content = files::read(&unit.output)?;
                let paths = unit.files.iter().map(|(path, ..)| (*path).to_owned());
                let files: Places = paths.zip(places).collect();
                files::write_atomic(&ContentFolder::<Places>::path_in(dir), &content)?;
                ContentFolder::complete(dir, files, files::crc32(&content))
            };
            let entry = CacheEntry { bucket: Bucket::Transformed, key: &key };
            let (found, _) = self.cache.folder(entry, || {}, ContentFolder::open, make)?;
            if self.is_shared(&unit) {
                self.remote.offer(&Entry::new(COMPILED, &key), sources(&self.dir(&key)));
            }
            done.push(unit.done(found));
        }
        Ok(done)
    }

    /// Moves the results of the cache to `done`, and returns the other units.
    fn look_up<'f>(&self, units: Vec<Keyed<'f>>, done: &mut Vec<Done>) -> Vec<Keyed<'f>> {
        let mut missing = Vec::new();
        for (key, unit) in units {
            match unit.open(&self.dir(&key)) {
                Some(found) => done.push(unit.done(found)),
                None => missing.push((key, unit)),
            }
        }
        missing
    }

    fn dir(&self, key: &str) -> PathBuf {
        self.cache.bucket(Bucket::Transformed).join(key)
    }

    /// Returns whether the results are of use to other builds: fallbacks differ between apps.
    fn is_shared(&self, unit: &Unit) -> bool {
        unit.form == Form::Requested && self.image.archives.contains_key(&unit.id)
    }

    /// Moves results of the shared cache into the cache.
    fn read_shared(&self, missing: &[Keyed]) -> Result<()> {
        let shared: Vec<_> = missing.iter().filter(|(_, unit)| self.is_shared(unit)).collect();
        let entries: Vec<_> = shared.iter().map(|(key, _)| Entry::new(COMPILED, key)).collect();
        let Some(reply) = self.remote.read(&entries) else { return Ok(()) };
        for (((key, unit), entry), found) in shared.iter().zip(entries).zip(reply.found) {
            let Some(found) = found else { continue };
            if unit.open(&found.dir).is_none() {
                self.remote.reject(&entry, "it is not the result for these files");
                continue;
            }
            let make = |dir: &Path| {
                [CONTENT, INDEX].iter().try_for_each(|name| found.take(name, &dir.join(name)))
            };
            let entry = CacheEntry { bucket: Bucket::Transformed, key };
            self.cache.folder(entry, || {}, |dir| unit.open(dir), make)?;
        }
        Ok(())
    }

    fn process(&self, units: Vec<&Unit>) -> Result<CompileResult> {
        let Self { runtime, startup, image, engine, .. } = *self;
        let files: usize = units.iter().map(|unit| unit.files.len()).sum();
        let plural = if files == 1 { "" } else { "s" };
        self.progress.started(&format!("compile {files} Python file{plural}"));
        let host = Host { runtime, contents: &image.contents, engine };
        let mounted = startup.mount(host, image.mount_stdlib(), |_| true)?;
        let limit = Limit::Total(Duration::from_secs(1800));
        let task = Task { script: Script::Compile, name: "compile", limit };
        let job = CompileJob { mounted, units, result: engine.result_path(task.name) };
        engine.run(task, &job)?.map_err(|failure| {
            let what = "Python files could not be compiled";
            failure.into_error(ErrorKind::Tool, what).at(runtime.dir.display())
        })
    }

    fn units<'f>(&self, files: &[(&'f String, Form)], needs: &Needs) -> Vec<Unit<'f>> {
        let image = self.image;
        let mut numbers = HashMap::new();
        let mut units: Vec<Unit> = Vec::new();
        for (path, form) in files {
            let file = image.files[*path];
            let Piece { content, offset, size } = file.piece;
            let app = image.package(&file).kind == PackageKind::App;
            let options = needs.options((path, &file), *form, self);
            let group = (content, *form, options, app.then_some(offset));
            let number = *numbers.entry(group).or_insert_with(|| {
                units.push(Unit {
                    form: *form,
                    id: content,
                    content: image.contents.path(content),
                    files: Vec::new(),
                    options,
                    output: PathBuf::new(),
                });
                units.len() - 1
            });
            units[number].files.push((path, offset, size));
        }
        units
    }

    /// Returns the key over everything that decides a unit's results.
    fn key(&self, unit: &Unit) -> Result<String> {
        let mut key = Key::new("transformed", Floor::Transform);
        // Earlier imports affect bytecode, too.
        key.field(&self.startup.key);
        key.list(scripts::with_imports(Script::Compile.path()));
        key.field(format!("{:?}", unit.options));
        let archive = self.image.archives.get(&unit.id);
        key.list(archive);
        for (path, offset, size) in &unit.files {
            if archive.is_some() {
                key.field(format!("{path} {offset} {size}"));
            } else {
                let ImageFile { piece, .. } = self.image.files[*path];
                key.list([path.as_bytes(), &self.image.contents.read(piece)?]);
            }
        }
        Ok(key.finish())
    }
}

/// Returns the files of a result, for the shared cache.
fn sources(dir: &Path) -> impl Iterator<Item = UploadFile> {
    [CONTENT, INDEX].into_iter().map(|name| UploadFile {
        path: name.to_owned(),
        source: dir.join(name),
        skip: 0,
    })
}

impl Unit<'_> {
    /// Returns the result in a folder, if it is intact and has exactly the files of this unit.
    fn open(&self, dir: &Path) -> Option<ContentFolder<Places>> {
        let found = ContentFolder::<Places>::open(dir)?;
        let bytes = std::fs::metadata(&found.path).ok()?.len();
        let is_inside = |place: &Place| match *place {
            Place::Done(offset, size) => offset.checked_add(size).is_some_and(|end| end <= bytes),
            Place::Refused(_) => true,
        };
        let same = self.files.iter().map(|(path, ..)| *path);
        let same = same.eq(found.index.iter().map(|(path, _)| path.as_str()));
        let fits = same && found.index.iter().all(|(_, place)| is_inside(place));
        fits.then_some(found)
    }

    fn done(&self, found: ContentFolder<Places>) -> Done {
        Done { form: self.form, content: found.path, files: found.index }
    }
}

#[test]
fn a_result_is_read_as_it_is_described() {
    for place in [serde_json::json!({"done": [1, 2]}), serde_json::json!({"refused": "text"})] {
        crate::engine::border::check("Place", &place);
        let result = serde_json::json!({"units": [[place]]});
        assert!(serde_json::from_value::<CompileResult>(result).is_ok());
    }
}
