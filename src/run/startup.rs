//! Learns which files Python reads at its start, and compiles them as installed, once for each runtime.
//! Compilation dominates a start; all later runs of a build skip it.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::files;
use crate::base::paths::{BYTECODE_DIR, bytecode_path};
use crate::cache::bucket::Bucket;
use crate::cache::checked::ContentFolder;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::cache::{Cache, CacheEntry};
use crate::engine::scripts::{self, Script};
use crate::engine::{Limit, Task};
use crate::image::Image;
use crate::image::content::{ContentId, Piece};
use crate::image::mount::{self, Dirs, MountFile};
use crate::run::mount::{Host, Mount};

const LIMIT: Duration = Duration::from_secs(600);

/// The job of `startup.mjs`.
#[derive(Serialize)]
struct StartupJob<'a> {
    mounted: Mount,
    archive: &'a Path,
    output: &'a Path,
    result: &'a Path,
}

/// The result of `startup.mjs`.
#[derive(Serialize, Deserialize)]
struct Learned {
    tag: String,
    plain: PlainStart,
    /// Path of the source; offset and size of its bytecode.
    files: Vec<(String, u64, u64)>,
}

/// The needs of plain `loadPyodide` besides the app: unpacking a zip, and the Python loader. They are the
/// same for all apps.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct PlainStart {
    /// Paths of files.
    pub opened: Vec<String>,
    /// Names of imported modules.
    pub modules: Vec<String>,
}

pub(crate) struct Startup {
    /// A digest of everything that decides how Python starts: the runtime and the scripts.
    pub key: String,
    pub plain: PlainStart,
    /// Python's tag in names of compiled files: `cpython-314`.
    pub tag: String,
    /// Source path and bytecode, by the path at which the importer looks.
    files: BTreeMap<String, (String, Piece)>,
}

impl Startup {
    /// Loads the result from the cache, or starts Python once from its sources. `plain_zip` is a bundle for
    /// plain `loadPyodide` that contains only the Python loader.
    pub fn of(image: &Image, plain_zip: &[u8], host: Host, cache: &Cache) -> Result<Self> {
        let runtime = host.runtime;
        let mut key = Key::new("startup", Floor::Run);
        key.list(scripts::with_imports(Script::Startup.path()));
        key.list([&runtime.version, &runtime.fingerprint]);
        key.field(plain_zip);
        let key = key.finish();
        let make = |dir: &Path| learn(image, plain_zip, host, dir);
        let open = ContentFolder::<Learned>::open;
        let (ContentFolder { path, index }, _) =
            cache.folder(CacheEntry { bucket: Bucket::Startup, key: &key }, || {}, open, make)?;
        Ok(Self::new(key, index, image.contents.add(path)))
    }

    fn new(key: String, learned: Learned, content: ContentId) -> Self {
        let Learned { tag, plain, files } = learned;
        let place = |(source, offset, size): (String, u64, u64)| {
            (bytecode_path(&source, &tag), (source, Piece { content, offset, size }))
        };
        let files = files.into_iter().map(place).collect();
        Self { key, plain, tag, files }
    }

    /// Returns a start that opens no files, for tests.
    #[cfg(test)]
    pub fn without_files() -> Self {
        let learned = Learned {
            tag: "cpython-314".to_owned(),
            plain: PlainStart::default(),
            files: Vec::new(),
        };
        let nothing = crate::image::content::Contents::default().add_bytes(Vec::new());
        Self::new("startup".to_owned(), learned, nothing)
    }

    /// Returns the source of a bytecode path, if the path is known.
    pub fn source_of(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(|(source, _)| source.as_str())
    }

    /// Returns the sources that Python reads at its start, with their bytecode.
    pub fn compiled(&self) -> impl Iterator<Item = (&str, Piece)> {
        self.files.values().map(|(source, piece)| (source.as_str(), *piece))
    }

    /// Mounts an installation, or a subset of it, with the bytecode of the sources that `is_there` accepts.
    /// Python does not compile these at the start.
    pub fn mount(
        &self,
        host: Host,
        mut dirs: Dirs<ContentId>,
        is_there: impl Fn(&str) -> bool,
    ) -> Result<Mount> {
        for (path, (source, piece)) in &self.files {
            if is_there(source) {
                let Piece { content, offset, size } = *piece;
                mount::add(&mut dirs, MountFile { path, size, place: content, offset });
            }
        }
        let mut env = host.runtime.env();
        env.insert("PYTHONPYCACHEPREFIX", BYTECODE_DIR.to_owned());
        Mount::new(host, env, dirs)
    }
}

fn learn(image: &Image, plain_zip: &[u8], host: Host, dir: &Path) -> Result<()> {
    let Host { runtime, engine, .. } = host;
    let archive = engine.work().join("plain.zip");
    files::write_atomic(&archive, plain_zip)?;
    let output = ContentFolder::<Learned>::path_in(dir);
    let mounted = Mount::new(host, runtime.env(), image.mount_stdlib())?;
    let task = Task { script: Script::Startup, name: "startup", limit: Limit::Total(LIMIT) };
    let result = engine.result_path(task.name);
    let job = StartupJob { mounted, archive: &archive, output: &output, result: &result };
    let learned: Learned = engine.run(task, &job)?.map_err(|failure| {
        let what = "Pyodide could not be started";
        failure.into_error(ErrorKind::Tool, what).at(runtime.dir.display())
    })?;
    let crc32 = files::crc32(&files::read(&output)?);
    ContentFolder::complete(dir, learned, crc32)
}

#[test]
fn a_result_is_read_as_it_is_described() {
    let learned = crate::engine::border::sample("Learned");
    assert!(serde_json::from_value::<Learned>(learned).is_ok());
}
