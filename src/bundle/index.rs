//! The index of a manifest: the files of each folder, without what can be derived from it. With all offsets and
//! all names of bytecode, it would be twice as long.
//!
//! Files of a chunk lie in it in the order of the index, each after the header of a zip entry, so few offsets are
//! written. Bytecode has no entry of its own, but two more numbers in that of its source. `index.mjs` reads it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::base::paths::{BYTECODE_DIR, bytecode_path, is_python};
use crate::bundle::manifest::{ManifestChunk, Paths};
use crate::image::file::STDLIB;
use crate::image::mount::{DirEntry, Dirs};

/// The length of a zip entry's header, in bytes, without the name (APPNOTE.TXT, 4.3.7).
const HEADER: u64 = 30;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Index {
    dirs: BTreeMap<String, Vec<Entry>>,
    /// The offsets that do not follow from the order, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    offsets: BTreeMap<String, u64>,
}

/// The name, then size and chunk of the file, and of its bytecode.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Entry {
    Compiled(String, u64, usize, u64, usize),
    File(String, u64, usize),
}

/// A file of the index.
struct Place {
    path: String,
    size: u64,
    chunk: usize,
    /// Its offset, if it follows from the order.
    next: u64,
}

fn is_source(path: &str) -> bool {
    is_python(path) && !path.starts_with(BYTECODE_DIR)
}

impl Index {
    pub fn new(dirs: &Dirs<usize>, chunks: &[ManifestChunk], paths: &Paths) -> Self {
        let mut files = HashMap::new();
        for (dir, entries) in dirs {
            for DirEntry(name, size, chunk, offset) in entries {
                files.insert(format!("{dir}/{name}"), (*size, *chunk, *offset));
            }
        }
        let sources = files.keys().filter(|path| is_source(path));
        let compiled = sources.map(|path| bytecode_path(path, &paths.tag));
        let compiled: HashSet<_> = compiled.filter(|path| files.contains_key(path)).collect();
        let mut index = Self::default();
        for (dir, entries) in dirs {
            let path = |name: &str| format!("{dir}/{name}");
            let own = entries.iter().filter(|entry| !compiled.contains(&path(&entry.0)));
            let own = own.map(|DirEntry(name, size, chunk, _)| {
                let source = Some(path(name)).filter(|path| is_source(path));
                match source.and_then(|path| files.get(&bytecode_path(&path, &paths.tag))) {
                    Some((code, place, _)) => {
                        Entry::Compiled(name.clone(), *size, *chunk, *code, *place)
                    }
                    None => Entry::File(name.clone(), *size, *chunk),
                }
            });
            let own: Vec<_> = own.collect();
            if !own.is_empty() || entries.is_empty() {
                index.dirs.insert(dir.clone(), own);
            }
        }
        let offset = |path: &str| files.get(path).map(|(.., offset)| *offset);
        for Place { path, chunk, next, .. } in index.places(chunks, paths, offset) {
            if let Some(offset) = offset(&path).filter(|own| chunk < chunks.len() && *own != next) {
                index.offsets.insert(path, offset);
            }
        }
        index
    }

    /// Returns the files of each folder, with their offsets.
    pub fn into_dirs(self, chunks: &[ManifestChunk], paths: &Paths) -> Dirs<usize> {
        let mut dirs: Dirs<usize> = self.dirs.keys().map(|dir| (dir.clone(), Vec::new())).collect();
        let known = |path: &str| self.offsets.get(path).copied();
        for Place { path, size, chunk, next } in self.places(chunks, paths, known) {
            let (dir, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let offset = known(&path).unwrap_or(next);
            let entry = DirEntry(name.to_owned(), size, chunk, offset);
            dirs.entry(dir.to_owned()).or_default().push(entry);
        }
        dirs
    }

    /// Returns the files in the order of the index. `known` are the offsets that do not follow from it.
    fn places(
        &self,
        chunks: &[ManifestChunk],
        paths: &Paths,
        known: impl Fn(&str) -> Option<u64>,
    ) -> Vec<Place> {
        let stdlib = format!("{}/", paths.stdlib);
        let mut ends: HashMap<usize, u64> = HashMap::new();
        let mut places = Vec::new();
        // `zipped` is the file's path in the zip, below `/`.
        let mut add = |path: String, zipped: String, size: u64, chunk: usize| {
            // The zip of the standard library is rooted at its folder.
            let is_stdlib = chunks.get(chunk).is_some_and(|c| c.eager && c.package == STDLIB);
            let name = zipped.strip_prefix(&stdlib).filter(|_| is_stdlib).unwrap_or(&zipped[1..]);
            let end = ends.entry(chunk).or_default();
            let next = *end + HEADER + name.len() as u64;
            *end = known(&path).unwrap_or(next) + size;
            places.push(Place { path, size, chunk, next });
        };
        for (dir, entries) in &self.dirs {
            for entry in entries {
                let (Entry::Compiled(name, size, chunk, ..) | Entry::File(name, size, chunk)) =
                    entry;
                let path = format!("{dir}/{name}");
                add(path.clone(), path.clone(), *size, *chunk);
                if let Entry::Compiled(.., size, chunk) = entry {
                    add(bytecode_path(&path, &paths.tag), format!("{path}c"), *size, *chunk);
                }
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(package: &str) -> ManifestChunk {
        ManifestChunk {
            file: String::new(),
            bytes: 0,
            sha256: String::new(),
            crc32: 0,
            eager: true,
            source: false,
            package: package.to_owned(),
            embedded: None,
        }
    }

    #[test]
    fn offsets_follow_from_the_order_or_are_written() {
        let mut paths = Paths::default();
        "/lib/python3.14".clone_into(&mut paths.stdlib);
        "cpython-314".clone_into(&mut paths.tag);
        let chunks = [chunk(STDLIB), chunk("packages")];
        let entry =
            |name: &str, size, chunk, offset| DirEntry(name.to_owned(), size, chunk, offset);
        let site = "/lib/python3.14/site-packages/p";
        let dirs = Dirs::from([
            ("/empty".to_owned(), vec![]),
            ("/lib/python3.14".to_owned(), vec![entry("os.py", 5, 2, 0), entry("x", 3, 0, 80)]),
            (site.to_owned(), vec![entry("a.py", 9, 1, 65), entry("b.py", 1, 1, 500)]),
            // `os.pyc` is the first entry.
            ("/pyc/lib/python3.14".to_owned(), vec![entry("os.cpython-314.pyc", 13, 0, 36)]),
            // Bytecode without a source.
            (format!("/pyc{site}"), vec![entry("gone.cpython-314.pyc", 4, 1, 77)]),
        ]);
        let index = Index::new(&dirs, &chunks, &paths);
        let written: Vec<_> = index.offsets.iter().map(|(path, at)| (path.as_str(), *at)).collect();
        let gone = format!("/pyc{site}/gone.cpython-314.pyc");
        assert_eq!(written, [(format!("{site}/b.py").as_str(), 500), (gone.as_str(), 77)]);
        let json = serde_json::to_value(&index).unwrap();
        let names = json["dirs"].as_object().unwrap().keys().collect::<Vec<_>>();
        assert_eq!(names, ["/empty", "/lib/python3.14", site, &format!("/pyc{site}")]);
        assert_eq!(json["dirs"]["/lib/python3.14"][0], serde_json::json!(["os.py", 5, 2, 13, 0]));
        let read: Index = serde_json::from_value(json).unwrap();
        let mut read = read.into_dirs(&chunks, &paths);
        // Nobody reads the offset of a file without a chunk.
        read.get_mut("/lib/python3.14").unwrap()[0].3 = 0;
        assert_eq!(format!("{read:?}"), format!("{dirs:?}"));
    }
}
