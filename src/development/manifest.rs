//! Replaces the app in the manifest of a build.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::paths::{APP_DIR, BYTECODE_DIR};
use crate::bundle::index::Index;
use crate::bundle::manifest::{ManifestChunk, Paths, SideModule};
use crate::image::file::APP;
use crate::image::mount::{self, Dirs, MountFile};

/// The parts of `manifest.json` that depend on the app.
#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    chunks: Vec<ManifestChunk>,
    #[serde(rename = "sideModules")]
    side_modules: Vec<SideModule>,
    paths: Paths,
    #[serde(flatten)]
    index: Index,
    #[serde(default)]
    development: bool,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// One file of the app: path, size and offset in the app's chunk.
pub(super) type Placed<'a> = (&'a str, u64, u64);

impl Manifest {
    /// Replaces the app's chunks by one, and its files by these. Returns the names of the replaced chunks.
    pub fn replace_app(&mut self, chunk: ManifestChunk, files: &[Placed]) -> BTreeSet<String> {
        let mut dirs = std::mem::take(&mut self.index).into_dirs(&self.chunks, &self.paths);
        let replaced = self.app_chunks(&dirs);
        let nowhere = self.chunks.len();
        let mut names = BTreeSet::new();
        let mut numbers = HashMap::new();
        let (mut eager, mut lazy) = (Vec::new(), Vec::new());
        for (number, chunk) in std::mem::take(&mut self.chunks).into_iter().enumerate() {
            if replaced.contains(&number) {
                names.insert(chunk.file);
            } else {
                (if chunk.eager { &mut eager } else { &mut lazy }).push((number, chunk));
            }
        }
        // Eager chunks come first.
        let own = eager.len();
        for (number, chunk) in eager {
            numbers.insert(number, self.chunks.len());
            self.chunks.push(chunk);
        }
        self.chunks.push(chunk);
        for (number, chunk) in lazy {
            numbers.insert(number, self.chunks.len());
            self.chunks.push(chunk);
        }
        // Files that can be seen, but not opened, have a number without a chunk.
        numbers.insert(nowhere, self.chunks.len());
        renumber(&mut dirs, &replaced, &numbers);
        for (path, size, offset) in files {
            let file = MountFile { path, size: *size, place: own, offset: *offset };
            mount::add(&mut dirs, file);
        }
        self.index = Index::new(&dirs, &self.chunks, &self.paths);
        self.development = true;
        let size =
            |path: &str| files.iter().find(|(own, ..)| *own == path).map(|(_, size, _)| *size);
        self.side_modules.retain_mut(|module| {
            let own = size(&module.path);
            module.bytes = own.unwrap_or(module.bytes);
            own.is_some() || !is_app_path(&module.path)
        });
        names
    }

    /// Returns the numbers of the app's chunks. A package may be called `app`, too.
    fn app_chunks(&self, dirs: &Dirs<usize>) -> BTreeSet<usize> {
        let mut numbers = BTreeSet::new();
        let dirs = dirs.iter().filter(|(dir, _)| is_app_path(dir));
        for entry in dirs.flat_map(|(_, entries)| entries) {
            numbers.insert(*entry.place());
        }
        numbers.retain(|number| self.chunks.get(*number).is_some_and(|chunk| chunk.package == APP));
        numbers
    }
}

/// Removes the files of the replaced chunks, and gives the others the new numbers of theirs.
fn renumber(dirs: &mut Dirs<usize>, replaced: &BTreeSet<usize>, numbers: &HashMap<usize, usize>) {
    let entries = std::mem::take(dirs).into_iter();
    let entries = entries.filter_map(|(dir, entries)| {
        let was_empty = entries.is_empty();
        let entries = entries.into_iter().filter(|entry| !replaced.contains(entry.place()));
        let entries = entries.filter_map(|entry| {
            let number = *numbers.get(entry.place())?;
            Some(entry.at(number))
        });
        let entries: Vec<_> = entries.collect();
        (was_empty || !entries.is_empty()).then_some((dir, entries))
    });
    *dirs = entries.collect();
}

/// Returns whether a path of Pyodide's file system is in the app's folder, or in that of its bytecode.
fn is_app_path(path: &str) -> bool {
    let path = path.strip_prefix(BYTECODE_DIR).unwrap_or(path);
    path.strip_prefix(APP_DIR).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
