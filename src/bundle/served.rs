//! Writes the folder to serve: the loader, the manifest, the chunks under names with a hash, and Pyodide's
//! core. Lists these files for later steps.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::zip::EMPTY_ZIP;
use crate::bundle::asset::Asset;
use crate::bundle::layout::Layout;
use crate::bundle::loader;
use crate::bundle::manifest::{Manifest, ManifestChunk};
use crate::bundle::names::{
    ASSETS, BUNDLE, CORE, EMPTY, LAZY_ZIP, LOADER, MANIFEST, MANIFEST_WITH_COPIES, PACKAGE, SERVED,
    SERVICE_WORKER, STDLIB_ZIP, TYPES, WORKER, alias, core_folder, core_name, hashed_name,
};
use crate::bundle::omitted::{Omitted, without_lazy};
use crate::bundle::pack::{Chunk, Packed, pack};
use crate::bundle::parts::Parts;
use crate::bundle::select::Selection;
use crate::bundle::snapshot::SnapshotFile;
use crate::cache::Cache;
use crate::engine::Engine;
use crate::image::Image;
use crate::pyodide::runtime::Runtime;
use crate::settings::compression::Coding;
use crate::settings::lazy::Lazy;

/// Turns a layout into the files of the outputs.
#[derive(Clone, Copy)]
pub(crate) struct Bundler<'a> {
    pub image: &'a Image,
    pub runtime: &'a Runtime,
    pub engine: &'a dyn Engine,
    pub cache: &'a Cache,
    /// The folder to fill.
    pub outputs: &'a Path,
    /// Whether a service worker is served.
    pub service_worker: bool,
    /// The modules in parts, if they are split.
    pub parts: Option<&'a Parts>,
    /// The snapshot, when it is made.
    pub snapshot: Option<&'a SnapshotFile>,
}

impl Bundler<'_> {
    /// Packs a layout and rewrites all files of the outputs.
    pub fn bundle(&self, layout: &Layout, selection: &Selection, lazy: Lazy) -> Result<()> {
        let mut packed = pack(self.image, layout, selection, self.parts)?;
        packed.write_plain(self.outputs)?;
        let served = self.outputs.join(SERVED);
        if served.exists() {
            fs::remove_dir_all(&served).map_err(|e| Error::io("write anew", &served, e))?;
        }
        if lazy == Lazy::Embedded {
            files::write_atomic(&self.outputs.join(LAZY_ZIP), &packed.lazy_zip()?)?;
        }
        let mut assets = Vec::new();
        let chunks = self.write_chunks(&packed, lazy, &mut assets)?;
        // Lazy chunks have the numbers after the eager ones, so no number changes without them.
        let mount = match lazy {
            Lazy::OnDemand | Lazy::Embedded => {
                (layout.mount(|file| packed.place(file)), Omitted::new())
            }
            Lazy::Omit => {
                let place = |file: &_| packed.place(file);
                without_lazy(self.image, layout, selection, place, chunks.len())
            }
        };
        let (dirs, omitted) = mount;
        let mut manifest = Manifest::new(self.image, self.runtime, layout, selection, omitted);
        manifest.service_worker = self.service_worker;
        let digests = |files: &[PathBuf]| self.engine.digests(files);
        let parts = self.parts.map(|parts| {
            parts.write(self.outputs, |path| packed.primary(path), digests, &mut assets)
        });
        let (core, modules) = parts.transpose()?.unwrap_or_default();
        let snapshot =
            self.snapshot.map(|file| file.write(self.outputs, &mut assets)).transpose()?;
        let manifest = manifest.with_chunks(chunks, &dirs).with_split(core).with_modules(modules);
        let manifest = manifest.with_snapshot(snapshot);
        let loader = loader::loader_js(&manifest.first());
        self.write_manifest(manifest, &mut assets)?;
        self.write(LOADER, loader.as_bytes(), true, &mut assets)?;
        self.write(WORKER, loader::worker_js().as_bytes(), true, &mut assets)?;
        self.write(PACKAGE, loader::PACKAGE_JSON.as_bytes(), false, &mut assets)?;
        if self.service_worker {
            let script = loader::SERVICE_WORKER_JS.as_bytes();
            self.write(SERVICE_WORKER, script, false, &mut assets)?;
            let core = loader::core_js(self.runtime);
            self.write(CORE, core.as_bytes(), false, &mut assets)?;
        }
        self.write(TYPES, loader::TYPES.as_bytes(), false, &mut assets)?;
        self.write(EMPTY, EMPTY_ZIP, false, &mut assets)?;
        self.copy_core(&mut assets)?;
        assets.sort_by(|a, b| a.path.cmp(&b.path));
        let json = serde_json::to_vec(&assets)
            .map_err(|e| Error::json("list the outputs in", self.outputs, e))?;
        files::write_atomic(&self.outputs.join(ASSETS), &json)
    }

    fn write(&self, path: &str, bytes: &[u8], eager: bool, assets: &mut Vec<Asset>) -> Result<()> {
        assets.push(Asset::new(path, bytes, eager));
        files::write_atomic(&self.outputs.join(path), bytes)
    }

    fn write_manifest(&self, manifest: Manifest, assets: &mut Vec<Asset>) -> Result<()> {
        self.write(MANIFEST, &manifest.json(self.outputs)?, true, assets)?;
        let codings = [Coding::Zstd, Coding::Gzip];
        let decodes = |coding: &Coding| *coding == Coding::Gzip || self.runtime.has_zstd();
        let codings = codings.into_iter().filter(decodes).map(Coding::name).collect();
        let manifest = manifest.with_copies(codings);
        self.write(MANIFEST_WITH_COPIES, &manifest.json(self.outputs)?, true, assets)
    }

    fn has_parted_core(&self) -> bool {
        self.parts.is_some_and(|parts| parts.core().is_some())
    }

    fn copy_core(&self, assets: &mut Vec<Asset>) -> Result<()> {
        let folder = format!("{SERVED}/{}", core_folder(&self.runtime.fingerprint));
        files::create_dir_all(&self.outputs.join(&folder))?;
        for name in self.runtime.core_files() {
            let (from, path) =
                (self.runtime.dir.join(name), format!("{folder}{}", core_name(name)));
            let copied = fs::copy(&from, self.outputs.join(&path));
            let bytes = copied.map_err(|e| Error::io("copy the file", &from, e))?;
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            let sha256 = self.cache.sha256_of(&from)?;
            // The loader waits for the part of a split module.
            let eager = !self.has_parted_core() || from != self.runtime.wasm();
            assets.push(Asset { path, bytes, sha256, eager, immutable: true });
            if let Some(script) = alias(name) {
                let path = format!("{folder}{name}");
                files::write_atomic(&self.outputs.join(&path), script.as_bytes())?;
                assets
                    .push(Asset { immutable: true, ..Asset::new(path, script.as_bytes(), false) });
            }
        }
        Ok(())
    }

    /// Writes the chunks to serve, and lists them and the zips beside them.
    fn write_chunks(
        &self,
        packed: &Packed,
        lazy: Lazy,
        assets: &mut Vec<Asset>,
    ) -> Result<Vec<ManifestChunk>> {
        let is_served = |chunk: &Chunk| chunk.eager || lazy == Lazy::OnDemand;
        let is_omitted = |chunk: &Chunk| !chunk.eager && lazy == Lazy::Omit;
        let mut unnamed = HashMap::new();
        for (number, chunk) in packed.chunks.iter().enumerate().filter(|(_, c)| is_served(c)) {
            let path = self.outputs.join(SERVED).join(format!("{}.{number}.zip", chunk.stem));
            files::write_atomic(&path, &chunk.bytes)?;
            unnamed.insert(number, path);
        }
        let zips = [(BUNDLE, false), (STDLIB_ZIP, true), (LAZY_ZIP, false)];
        let zips = zips.into_iter().filter(|(name, _)| *name != LAZY_ZIP || lazy == Lazy::Embedded);
        let zips: Vec<_> =
            zips.map(|(name, eager)| (name, eager, self.outputs.join(name))).collect();
        let files = zips.iter().map(|(.., path)| path).chain(unnamed.values());
        let digests = self.digests(files.cloned().collect())?;
        for (name, eager, path) in zips {
            let bytes = fs::metadata(&path).map_err(|e| Error::io("look at", &path, e))?.len();
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            let sha256 = digests[&path].clone();
            let path = name.to_owned();
            assets.push(Asset { path, bytes, sha256, eager, immutable: false });
        }
        let mut chunks = Vec::new();
        for (number, chunk) in packed.chunks.iter().enumerate().filter(|(_, c)| !is_omitted(c)) {
            let named = unnamed.get(&number).map(|path| (path, digests[path].as_str()));
            chunks.push(self.name_chunk(chunk, named, assets)?);
        }
        Ok(chunks)
    }

    /// Returns the SHA-256 of files, by path.
    fn digests(&self, files: Vec<PathBuf>) -> Result<HashMap<PathBuf, String>> {
        let digests = self.engine.digests(&files)?;
        if digests.len() != files.len() {
            let error = std::io::Error::other("a digest is missing");
            return Err(Error::io("read back the outputs in", self.outputs, error));
        }
        Ok(files.into_iter().zip(digests).collect())
    }

    /// Names a chunk. `written` is its path and SHA-256, if it is served.
    fn name_chunk(
        &self,
        chunk: &Chunk,
        written: Option<(&PathBuf, &str)>,
        assets: &mut Vec<Asset>,
    ) -> Result<ManifestChunk> {
        let (mut file, mut digest) = (format!("{LAZY_ZIP}/{}", chunk.stem), String::new());
        if let Some((path, sha256)) = written {
            file = hashed_name(&chunk.stem, sha256, "zip");
            let named = self.outputs.join(SERVED).join(&file);
            fs::rename(path, &named).map_err(|e| Error::io("write the file", &named, e))?;
            digest = BASE64_STANDARD.encode(files::unhex(sha256));
            let (path, bytes) = (format!("{SERVED}/{file}"), chunk.bytes.len());
            let (sha256, eager) = (sha256.to_owned(), chunk.eager);
            assets.push(Asset { path, bytes, sha256, eager, immutable: true });
        }
        Ok(ManifestChunk {
            file,
            bytes: chunk.bytes.len(),
            sha256: digest,
            crc32: files::crc32(&chunk.bytes),
            eager: chunk.eager,
            source: chunk.source,
            package: chunk.package.clone(),
            embedded: chunk.embedded,
        })
    }
}
