//! `manifest.json`: the loader's description of a bundle.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::paths::{APP_DIR, BYTECODE_DIR, LIBRARY_DIR};
use crate::bundle::index::Index;
use crate::bundle::layout::Layout;
use crate::bundle::loader;
use crate::bundle::names::core_folder;
use crate::bundle::omitted::Omitted;
use crate::bundle::plain::loaded_packages;
use crate::bundle::select::Selection;
use crate::bundle::snapshot::ManifestSnapshot;
use crate::image::Image;
use crate::image::file::STDLIB;
use crate::image::mount::Dirs;
use crate::pyodide::runtime::{CORE, Runtime};

/// `manifest.json`, as `loader.mjs` reads it.
#[derive(Serialize)]
pub(super) struct Manifest<'a> {
    schema: u32,
    loader: &'static str,
    /// Encodings of copies beside the eager chunks that the loader decodes itself, the smallest first.
    copies: Vec<&'static str>,
    #[serde(rename = "serviceWorker")]
    pub service_worker: bool,
    pyodide: Pyodide<'a>,
    paths: Paths,
    chunks: Vec<ManifestChunk>,
    packages: Vec<ManifestPackage<'a>>,
    #[serde(rename = "sideModules")]
    side_modules: Vec<SideModule>,
    #[serde(flatten)]
    index: Index,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<ManifestSnapshot>,
    omitted: Omitted,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pyodide<'a> {
    version: &'a str,
    folder: String,
    bytes: u64,
    asm: &'static str,
    package_base_url: Option<String>,
    env: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<ManifestSplit>,
}

/// The core without the functions that did not run.
#[derive(Serialize)]
pub(super) struct ManifestSplit {
    pub file: String,
    pub bytes: usize,
    pub chunks: Vec<FunctionChunk>,
}

/// Functions of a module.
#[derive(Serialize, Deserialize)]
pub(crate) struct FunctionChunk {
    pub file: String,
    pub bytes: usize,
    pub sha256: String,
    pub crc32: u32,
    pub first: u32,
    pub functions: usize,
}

/// The files without which Python can't start. The loader has a copy, so it requests them at once.
#[derive(Serialize)]
pub(super) struct First<'a> {
    core: Place,
    /// The largest eager chunk, which tells whether the server compresses chunks.
    largest: Option<Place>,
    stdlib: Option<&'a ManifestChunk>,
}

#[derive(Serialize)]
struct Place {
    file: String,
    bytes: u64,
}

/// Folders of Pyodide's file system, and the tag in names of bytecode.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Paths {
    bytecode: String,
    app: String,
    pub stdlib: String,
    pub tag: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ManifestChunk {
    pub file: String,
    pub bytes: usize,
    pub sha256: String,
    pub crc32: u32,
    pub eager: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub source: bool,
    pub package: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedded: Option<u64>,
}

#[derive(Serialize)]
struct ManifestPackage<'a> {
    name: &'a str,
    version: &'a str,
    channel: &'a str,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SideModule {
    pub path: String,
    pub library: bool,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitModule>,
}

/// A side module without the functions that did not run, and these functions.
#[derive(Serialize, Deserialize)]
pub(crate) struct SplitModule {
    pub table: u32,
    /// The zip that contains it, and its place there.
    pub chunk: usize,
    pub offset: u64,
    pub bytes: usize,
    pub chunks: Vec<FunctionChunk>,
}

impl<'a> Manifest<'a> {
    pub fn new(
        image: &'a Image,
        runtime: &'a Runtime,
        layout: &Layout,
        selection: &'a Selection,
        omitted: Omitted,
    ) -> Self {
        let pyodide = Pyodide {
            version: &runtime.version,
            folder: core_folder(&runtime.fingerprint),
            bytes: runtime.wasm_bytes(),
            asm: runtime.asm(),
            package_base_url: runtime.package_base_url(),
            env: layout.env(runtime),
            split: None,
        };
        let packages = loaded_packages(image).map(|(name, version, channel)| ManifestPackage {
            name,
            version,
            channel,
        });
        let size = |path: &String| {
            let found = layout.files.binary_search_by(|file| file.path.cmp(path));
            found.map_or(0, |number| layout.files[number].size())
        };
        let side_modules = selection.side_modules.iter().map(|path| SideModule {
            path: path.clone(),
            library: path.starts_with(LIBRARY_DIR),
            bytes: size(path),
            split: None,
        });
        Self {
            schema: 4,
            loader: loader::release(),
            copies: Vec::new(),
            service_worker: false,
            pyodide,
            paths: Paths {
                bytecode: BYTECODE_DIR.to_owned(),
                app: APP_DIR.to_owned(),
                stdlib: runtime.stdlib_dir(),
                tag: layout.tag.clone(),
            },
            chunks: Vec::new(),
            packages: packages.collect(),
            side_modules: side_modules.collect(),
            index: Index::default(),
            snapshot: None,
            omitted,
        }
    }

    pub fn with_split(mut self, split: Option<ManifestSplit>) -> Self {
        self.pyodide.split = split;
        self
    }

    pub fn with_snapshot(mut self, snapshot: Option<ManifestSnapshot>) -> Self {
        self.snapshot = snapshot;
        self
    }

    /// Adds the chunks of side modules, by path.
    pub fn with_modules(mut self, mut modules: BTreeMap<String, SplitModule>) -> Self {
        for module in &mut self.side_modules {
            module.split = modules.remove(&module.path);
        }
        self
    }

    /// Adds the chunks, and the files in them.
    pub fn with_chunks(self, chunks: Vec<ManifestChunk>, dirs: &Dirs<usize>) -> Self {
        let index = Index::new(dirs, &chunks, &self.paths);
        Self { chunks, index, ..self }
    }

    /// Returns the same manifest for a folder with copies in these encodings.
    pub fn with_copies(self, copies: Vec<&'static str>) -> Self {
        Self { copies, ..self }
    }

    /// Returns what the loader can request before it has the manifest.
    pub fn first(&self) -> First<'_> {
        let Pyodide { folder, bytes, split, .. } = &self.pyodide;
        let core = match split {
            Some(split) => Place { file: split.file.clone(), bytes: split.bytes as u64 },
            None => Place { file: format!("{folder}{CORE}"), bytes: *bytes },
        };
        let eager = self.chunks.iter().filter(|chunk| chunk.eager);
        let largest = eager.clone().rev().max_by_key(|chunk| chunk.bytes);
        let largest = largest.map(|c| Place { file: c.file.clone(), bytes: c.bytes as u64 });
        let stdlib = eager.clone().find(|chunk| chunk.package == STDLIB);
        First { core, largest, stdlib }
    }

    pub fn json(&self, outputs: &Path) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|e| Error::json("describe the outputs in", outputs, e))
    }
}
