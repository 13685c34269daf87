//! What Python reads when it starts: learned, and compiled as it is installed, once for each runtime.
//! Most of a start goes into compiling sources; all later runs of a build are spared that.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::base::paths::{BYTECODE_DIR, bytecode_path};
use crate::cache::Cache;
use crate::cache::bucket::Bucket;
use crate::cache::checked::ContentFolder;
use crate::cache::key::Key;
use crate::engine::Failure;
use crate::engine::node::Runner;
use crate::engine::scripts::SCRIPTS;
use crate::image::Image;
use crate::image::content::Part;
use crate::image::mount::{DirEntry, Dirs};
use crate::pyodide::runtime::Runtime;
use crate::run::mounted::Mounted;

/// The scripts that have a part in it.
const READ: [&str; 6] = [
    "scripts/startup.mjs",
    "scripts/traced.mjs",
    "runtime/packfs.mjs",
    "scripts/scenario.mjs",
    "scripts/scenario.py",
    "scripts/compile.py",
];
const LIMIT: Duration = Duration::from_secs(600);

/// What `startup.mjs` reads.
#[derive(Serialize)]
struct StartupJob<'a> {
    schema: u32,
    mounted: Mounted<'a>,
    archive: &'a Path,
    output: &'a Path,
    result: &'a Path,
}

/// What `startup.mjs` tells.
#[derive(Serialize, Deserialize)]
struct Learned {
    tag: String,
    plain: PlainLines,
    /// Path of the source; offset and size of its bytecode.
    files: Vec<(String, u64, u64)>,
}

/// What the plain three lines need besides the app: unpacking a zip, and the Python loader. It is the
/// same for all apps.
#[derive(Serialize, Deserialize)]
pub(crate) struct PlainLines {
    /// Paths of files.
    pub opened: Vec<String>,
    /// Names of imported modules.
    pub modules: Vec<String>,
}

pub(crate) struct Startup {
    /// Over everything that decides how Python starts: the runtime and the scripts.
    pub key: String,
    pub plain: PlainLines,
    /// Python's tag in names of compiled files: `cpython-314`.
    pub tag: String,
    part: Part,
    /// By the path that the importer looks at: the source's path, offset and size.
    files: BTreeMap<String, (String, u64, u64)>,
}

impl Startup {
    /// From the cache, or by starting Python once from its sources.
    pub fn of(
        runtime: &Runtime,
        image: &Image,
        plain_zip: &[u8],
        runner: &Runner,
        cache: &Cache,
    ) -> Result<Self> {
        let mut key = Key::new("startup-1");
        key.list(SCRIPTS.iter().filter(|script| READ.contains(&script.0)).map(|s| s.1));
        key.list([plain_zip, include_bytes!("startup.rs")]);
        key.list([&runtime.version, &runtime.fingerprint]);
        let key = key.finish();
        let make = |dir: &Path| learn(runtime, image, plain_zip, runner, dir);
        Ok(cache.folder(Bucket::Startup, &key, || {}, |dir| open(dir, &key), make)?.0)
    }

    /// Whether the bytecode is that of a source, and of which.
    pub fn source_of(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|(source, ..)| source.as_str())
    }

    /// An installation, or a part of it: the sources that are there are not compiled at the start.
    pub fn mounted<'a>(
        &'a self,
        runtime: &Runtime,
        work: &Path,
        mut dirs: Dirs,
        parts: &'a [Part],
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Mounted<'a>> {
        for (path, (source, offset, size)) in &self.files {
            if is_there(source) {
                let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
                let entry = DirEntry::new(name, *size, parts.len(), *offset);
                dirs.entry(dir.to_owned()).or_default().push(entry);
            }
        }
        let mut env = runtime.env();
        env.insert("PYTHONPYCACHEPREFIX", BYTECODE_DIR.to_owned());
        Mounted::new(runtime, work, env, dirs, parts.iter().chain([&self.part]))
    }
}

fn learn(
    runtime: &Runtime,
    image: &Image,
    plain_zip: &[u8],
    runner: &Runner,
    dir: &Path,
) -> Result<()> {
    let archive = runner.work.join("plain.zip");
    files::write_atomic(&archive, plain_zip)?;
    let output = ContentFolder::<Learned>::path_in(dir);
    let mounted =
        Mounted::new(runtime, runner.work, runtime.env(), image.mounted_stdlib(), &image.parts)?;
    let (name, result) = ("startup", runner.result_path("startup"));
    let job =
        StartupJob { schema: 2, mounted, archive: &archive, output: &output, result: &result };
    let learned: Learned =
        runner.run("startup.mjs", name, &job, LIMIT).map_err(|failure: Failure| {
            failure.into_error_at(ErrorKind::Tool, "Pyodide could not be started", &runtime.dir)
        })?;
    let crc32 = files::crc32(&files::read(&output)?);
    ContentFolder::complete(dir, learned, crc32)
}

fn open(dir: &Path, key: &str) -> Option<Startup> {
    let ContentFolder { path, index } = ContentFolder::<Learned>::open(dir)?;
    let Learned { tag, plain, files } = index;
    let files = files
        .into_iter()
        .map(|(source, offset, size)| (bytecode_path(&source, &tag), (source, offset, size)));
    let files = files.collect();
    Some(Startup { key: key.to_owned(), plain, tag, part: Part::new(path), files })
}
