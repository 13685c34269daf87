//! What the code of archives uses besides what it does: docstrings, and columns of instructions. Found by a
//! look at the sources with `uses.mjs`, and cached by archive.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::base::error::{ErrorKind, Result};
use crate::base::paths::is_python;
use crate::cache::bucket::Bucket;
use crate::cache::checked;
use crate::cache::code::Floor;
use crate::cache::key::Key;
use crate::engine::scripts::{self, Script};
use crate::engine::{Limit, Task};
use crate::image::Image;
use crate::image::content::ContentId;
use crate::run::mount::{Host, Mount};
use crate::transform::python::Compiler;

const LIMIT: Duration = Duration::from_secs(1800);
/// Folders and modules whose code runs in tests only.
const TESTS: [&str; 4] = ["test", "tests", "testing", "conftest.py"];

/// The job of `uses.mjs`.
#[derive(Serialize)]
struct UsesJob<'a> {
    mounted: Mount,
    archives: Vec<&'a UsesArchive<'a>>,
    result: PathBuf,
}

#[derive(Serialize)]
struct UsesArchive<'a> {
    content: PathBuf,
    files: Vec<(&'a str, u64, u64)>,
    #[serde(skip)]
    sha256: &'a str,
    #[serde(skip)]
    package: usize,
}

/// The result of `uses.mjs` for an archive. Paths are relative to the folder that modules are imported from.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Uses {
    /// Files whose own docstrings are used.
    pub own: Vec<String>,
    /// Files that use docstrings of other objects.
    pub readers: Vec<String>,
    /// Top-level modules that may use docstrings of other packages.
    pub shares: Vec<String>,
    /// Top-level modules that are imported.
    pub imports: Vec<String>,
    /// Files that read the columns of code.
    pub columns: Vec<String>,
}

/// Returns what each archive of the image uses, with the number of its package.
pub(super) fn of_archives(compiler: &Compiler) -> Result<Vec<(usize, Uses)>> {
    let bucket = compiler.cache.bucket(Bucket::Uses);
    let path = |archive: &UsesArchive| bucket.join(archive.key(compiler)).with_extension("json");
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for archive in archives(compiler.image) {
        match checked::read(&path(&archive)) {
            Some(uses) => found.push((archive.package, uses)),
            None => unknown.push(archive),
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let looked = look(compiler, unknown.iter().collect())?;
    for (archive, uses) in unknown.into_iter().zip(looked) {
        checked::write(&path(&archive), &uses)?;
        found.push((archive.package, uses));
    }
    Ok(found)
}

fn look(compiler: &Compiler, archives: Vec<&UsesArchive>) -> Result<Vec<Uses>> {
    let Compiler { runtime, startup, image, engine, .. } = *compiler;
    let host = Host { runtime, contents: &image.contents, engine };
    let mounted = startup.mount(host, image.mount_stdlib(), |_| true)?;
    let task = Task { script: Script::Uses, name: "uses", limit: Limit::Total(LIMIT) };
    let job = UsesJob { mounted, archives, result: engine.result_path(task.name) };
    engine.run(task, &job)?.map_err(|failure| {
        let what = "the search for uses of docstrings failed";
        failure.into_error(ErrorKind::Tool, what).at(runtime.dir.display())
    })
}

fn archives(image: &Image) -> Vec<UsesArchive<'_>> {
    let mut archives: Vec<UsesArchive> = Vec::new();
    let mut last: Option<ContentId> = None;
    let mut files: Vec<_> = image.files.iter().collect();
    files.sort_by_key(|(path, file)| (file.piece.content, *path));
    for (path, file) in files {
        let Some(sha256) = image.archives.get(&file.piece.content) else { continue };
        if last.replace(file.piece.content) != Some(file.piece.content) {
            archives.push(UsesArchive {
                content: image.contents.path(file.piece.content),
                files: Vec::new(),
                sha256,
                package: file.package,
            });
        }
        let is_test = path.split('/').any(|part| TESTS.contains(&part));
        if is_python(path)
            && !is_test
            && let Some(archive) = archives.last_mut()
        {
            archive.files.push((relative(image, path), file.piece.offset, file.piece.size));
        }
    }
    archives
}

/// Returns the path relative to the folder that modules are imported from.
pub(super) fn relative<'a>(image: &Image, path: &'a str) -> &'a str {
    image.names(path).pop().unwrap_or(path)
}

impl UsesArchive<'_> {
    fn key(&self, compiler: &Compiler) -> String {
        let mut key = Key::new("uses", Floor::Transform);
        key.list(scripts::with_imports(Script::Uses.path()));
        key.list([&compiler.startup.key, self.sha256]);
        // Without those that `exclude` removes.
        key.list(self.files.iter().map(|(path, ..)| path));
        key.finish()
    }
}

#[test]
fn a_result_is_read_as_it_is_described() {
    let uses = crate::engine::border::sample("Uses");
    assert!(serde_json::from_value::<Uses>(uses).is_ok());
}
