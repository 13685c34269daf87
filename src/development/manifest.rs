//! Replaces the app in the manifest of a build.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::paths::{APP_DIR, BYTECODE_DIR};
use crate::bundle::manifest::{ManifestChunk, SideModule};
use crate::image::file::APP;
use crate::image::mount::{self, Dirs, MountFile};

/// The parts of `manifest.json` that depend on the app.
#[derive(Serialize, Deserialize)]
pub(super) struct Manifest {
    chunks: Vec<ManifestChunk>,
    #[serde(rename = "sideModules")]
    side_modules: Vec<SideModule>,
    dirs: Dirs<usize>,
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
        let replaced = self.app_chunks();
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
        self.renumber(&replaced, &numbers);
        for (path, size, offset) in files {
            let file = MountFile { path, size: *size, place: own, offset: *offset };
            mount::add(&mut self.dirs, file);
        }
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
    fn app_chunks(&self) -> BTreeSet<usize> {
        let mut numbers = BTreeSet::new();
        let dirs = self.dirs.iter().filter(|(dir, _)| is_app_path(dir));
        for entry in dirs.flat_map(|(_, entries)| entries) {
            numbers.insert(*entry.place());
        }
        numbers.retain(|number| self.chunks.get(*number).is_some_and(|chunk| chunk.package == APP));
        numbers
    }

    fn renumber(&mut self, replaced: &BTreeSet<usize>, numbers: &HashMap<usize, usize>) {
        // Files that can be seen, but not opened, have a number without a chunk.
        let nowhere = self.chunks.len();
        let number = |old: &usize| numbers.get(old).copied().unwrap_or(nowhere);
        let dirs = std::mem::take(&mut self.dirs).into_iter();
        let dirs = dirs.filter_map(|(dir, entries)| {
            let was_empty = entries.is_empty();
            let entries = entries.into_iter().filter(|entry| !replaced.contains(entry.place()));
            let entries = entries.map(|entry| {
                let number = number(entry.place());
                entry.at(number)
            });
            let entries: Vec<_> = entries.collect();
            (was_empty || !entries.is_empty()).then_some((dir, entries))
        });
        self.dirs = dirs.collect();
    }
}

/// Returns whether a path of Pyodide's file system is in the app's folder, or in that of its bytecode.
fn is_app_path(path: &str) -> bool {
    let path = path.strip_prefix(BYTECODE_DIR).unwrap_or(path);
    path.strip_prefix(APP_DIR).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
