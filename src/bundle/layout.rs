//! The layout of a bundle: the name and content of each file.
//!
//! Bytecode is where `PYTHONPYCACHEPREFIX` makes the importer look for it. Every source therefore stays at
//! its installed path, lazy and unchanged. In the zips for plain `loadPyodide`, bytecode has the name that
//! Python imports without a source.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::error::Result;
use crate::base::paths::{BYTECODE_DIR, add_dirs, bytecode_path, is_python, parent};
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::image::file::ImageFile;
use crate::image::mount::{self, Dirs, MountFile};
use crate::pyodide::runtime::Runtime;
use crate::run::mount::{Host, Mount};
use crate::settings::python_files::PythonFiles;
use crate::transform::Variants;
use crate::transform::form::{Fallbacks, Form};

pub(crate) struct Layout {
    python: PythonFiles,
    /// By path.
    pub files: Vec<BundleFile>,
    /// All folders, including empty ones.
    dirs: BTreeSet<String>,
    /// Python's tag in names of bytecode.
    pub tag: String,
}

pub(crate) struct BundleFile {
    /// The path at which it is mounted.
    pub path: String,
    /// The installed file that it is made from.
    pub origin: String,
    /// Its path below `/` in the zips.
    pub zipped: String,
    pub file: ImageFile,
    pub eager: bool,
    /// Whether it is a source whose bytecode is in the layout too.
    pub has_bytecode: bool,
}

/// A layout, and the decisions that it is made from.
pub(crate) struct Bundled {
    pub layout: Layout,
    pub selection: Selection,
    pub fallbacks: Fallbacks,
}

impl BundleFile {
    /// Its place in the index of a manifest: folder and path of the installed file, and bytecode after its source.
    pub fn in_index(&self) -> (&str, &str, bool) {
        (parent(&self.origin), &self.origin, self.path != self.origin)
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.file.piece.size
    }
}

impl Layout {
    pub fn new(
        image: &Image,
        selection: &Selection,
        variants: &Variants,
        fallbacks: &Fallbacks,
    ) -> Self {
        let mut files = Vec::new();
        let mut dirs = image.dirs.clone();
        for (path, file) in &image.files {
            let form = fallbacks.get(path).map_or(Form::Requested, |fallback| fallback.form);
            let variant = variants.get(path, form);
            let whole = |file| BundleFile {
                path: path.clone(),
                origin: path.clone(),
                zipped: zipped(path),
                file,
                eager: selection.is_eager(path),
                has_bytecode: false,
            };
            let bytecode = variant.filter(|_| is_python(path) && variants.python.bytecode);
            let legacy = format!("{path}c");
            match bytecode.filter(|_| !image.files.contains_key(&legacy)) {
                Some(code) => {
                    let compiled = bytecode_path(path, &variants.tag);
                    add_dirs(&mut dirs, parent(&compiled));
                    let zipped = zipped(&legacy);
                    files.push(BundleFile { path: compiled, zipped, ..whole(code) });
                    let eager = selection.sources.contains(path);
                    files.push(BundleFile { eager, has_bytecode: true, ..whole(*file) });
                }
                None => files.push(whole(variant.filter(|_| bytecode.is_none()).unwrap_or(*file))),
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { python: variants.python, files, dirs, tag: variants.tag.clone() }
    }

    /// Returns the environment that the interpreter needs for the layout.
    pub fn env(&self, runtime: &Runtime) -> BTreeMap<&'static str, String> {
        let mut env = runtime.env();
        if self.python.bytecode {
            env.insert("PYTHONPYCACHEPREFIX", BYTECODE_DIR.to_owned());
        }
        env
    }

    /// Returns all files, eager and lazy, for a run.
    pub fn for_run(&self, host: Host) -> Result<Mount> {
        let files = self.files.iter().map(|file| file.file.at(&file.path));
        let dirs = mount::dirs(&self.dirs, files);
        Mount::new(host, self.env(host.runtime), dirs)
    }

    /// Returns files and folders as the loader mounts them; `place` knows the chunk and the offset of each file.
    pub fn mount(&self, place: impl Fn(&BundleFile) -> Option<(usize, u64)>) -> Dirs<usize> {
        mount::dirs(&self.dirs, placed(&self.files, place))
    }
}

/// Mounts files as the loader does. Files without a place are left out.
pub(super) fn placed(
    files: &[BundleFile],
    place: impl Fn(&BundleFile) -> Option<(usize, u64)>,
) -> impl Iterator<Item = MountFile<'_, usize>> {
    files.iter().filter_map(move |file| {
        let (chunk, offset) = place(file)?;
        Some(MountFile { path: &file.path, size: file.size(), place: chunk, offset })
    })
}

fn zipped(path: &str) -> String {
    path.trim_start_matches('/').to_owned()
}
