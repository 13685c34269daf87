//! Packs the zips of a build: one for each kind of eager file, and chunks of lazy files.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::base::error::Result;
use crate::base::files;
use crate::base::zip::{EMPTY_ZIP, Zip, data_offsets, unexpected};
use crate::bundle::chunks::cut_into_chunks;
use crate::bundle::layout::{BundleFile, Layout};
use crate::bundle::names::{BUNDLE, STDLIB_ZIP};
use crate::bundle::parts::Parts;
use crate::bundle::plain;
use crate::bundle::select::Selection;
use crate::image::Image;
use crate::image::content::Contents;
use crate::image::file::{APP, PackageKind, STDLIB};

/// The start of the name of the zip with side modules, if some are in parts.
const MODULES: &str = "modules";

/// A zip to serve.
#[derive(Default)]
pub(crate) struct Chunk {
    /// The start of its file name: `bundle`, `lazy/pandas`, `source/pandas`.
    pub stem: String,
    pub bytes: Vec<u8>,
    pub eager: bool,
    /// Whether it contains sources of bytecode, or whole modules of which the loader has the primaries.
    pub source: bool,
    /// The package of its files; `packages` for all eager packages together.
    pub package: String,
    /// Its offset in the bundle for plain `loadPyodide` or in the zip of all lazy chunks, if it is in one.
    pub embedded: Option<u64>,
    /// Path of a mounted file -> offset of its content.
    pub offsets: HashMap<String, u64>,
    /// Path of a split module -> offset of its primary. The file itself is in a lazy chunk.
    primaries: HashMap<String, u64>,
}

impl Chunk {
    fn is_empty(&self) -> bool {
        self.offsets.is_empty() && self.primaries.is_empty()
    }
}

/// All zips of a build.
pub(crate) struct Packed {
    /// `pyodide-package-bundle.zip`: eager packages and app, rooted at `/`, with the Python loader.
    pub bundle: Vec<u8>,
    /// `python_stdlib_stripped.zip`: the eager standard library.
    pub stdlib: Vec<u8>,
    pub chunks: Vec<Chunk>,
    /// Path of a mounted file -> number of its chunk.
    chunk_of: HashMap<String, usize>,
}

impl Packed {
    /// Returns the number of a file's chunk, and the file's offset in it.
    pub fn place(&self, file: &BundleFile) -> Option<(usize, u64)> {
        let number = *self.chunk_of.get(&file.path)?;
        Some((number, *self.chunks[number].offsets.get(&file.path)?))
    }

    /// Returns the chunk and the offset of a split module's primary.
    pub fn primary(&self, path: &str) -> Option<(usize, u64)> {
        let mut chunks = self.chunks.iter().enumerate();
        chunks.find_map(|(number, chunk)| Some((number, *chunk.primaries.get(path)?)))
    }

    /// Writes the two zips for plain `loadPyodide`.
    pub fn write_plain(&self, outputs: &Path) -> Result<()> {
        files::write_atomic(&outputs.join(BUNDLE), &self.bundle)?;
        files::write_atomic(&outputs.join(STDLIB_ZIP), &self.stdlib)
    }

    /// Writes a zip of all lazy chunks, and records the offset of each in it.
    pub fn lazy_zip(&mut self) -> Result<Vec<u8>> {
        let name = |chunk: &Chunk, number: usize| format!("{}.{number}.zip", chunk.stem);
        let mut zip = Zip::new();
        for (number, chunk) in self.chunks.iter().enumerate().filter(|(_, chunk)| !chunk.eager) {
            zip.add(&name(chunk, number), &chunk.bytes)?;
        }
        let zip = zip.finish()?;
        let offsets = data_offsets(&zip)?;
        for (number, chunk) in self.chunks.iter_mut().enumerate() {
            if !chunk.eager {
                chunk.embedded = offsets.get(&name(chunk, number)).copied();
            }
        }
        Ok(zip)
    }
}

/// Packs a layout: eager files by kind of package, lazy files by package, sources apart from other files.
pub(crate) fn pack(
    image: &Image,
    layout: &Layout,
    selection: &Selection,
    parts: Option<&Parts>,
) -> Result<Packed> {
    let eager = |wanted: &dyn Fn(PackageKind) -> bool| -> Vec<&BundleFile> {
        let eager = layout.files.iter().filter(|file| file.eager);
        let eager = eager.filter(|file| wanted(image.package(&file.file).kind));
        let mut eager: Vec<_> = eager.collect();
        eager.sort_by(|a, b| a.in_index().cmp(&b.in_index()));
        eager
    };
    let stdlib_files = eager(&|kind| kind == PackageKind::Stdlib);
    let all_package_files = eager(&|kind| !matches!(kind, PackageKind::Stdlib | PackageKind::App));
    let all_app_files = eager(&|kind| kind == PackageKind::App);
    // If one is split, all side modules are in a zip of their own.
    let parts = parts.filter(|parts| parts.side_modules().next().is_some());
    let is_module = |file: &&BundleFile| parts.is_some() && image.is_side_module(&file.path);
    let (package_modules, package_files): (Vec<_>, Vec<_>) =
        all_package_files.into_iter().partition(is_module);
    let (app_modules, app_files): (Vec<_>, Vec<_>) = all_app_files.into_iter().partition(is_module);
    let mut side_modules = [package_modules, app_modules].concat();
    side_modules.sort_by(|a, b| a.in_index().cmp(&b.in_index()));

    let contents = &image.contents;
    let stdlib_prefix = format!("{}/", image.stdlib_dir().trim_start_matches('/'));
    let stdlib = chunk(STDLIB, STDLIB, &stdlib_files, contents, &stdlib_prefix)?;
    let mut packages = chunk("bundle", "packages", &package_files, contents, "")?;
    let mut app = chunk(APP, APP, &app_files, contents, "")?;

    // Whole modules come last, so that the others have the same distance from their place in the chunk.
    let in_order = package_files.iter().chain(&app_files).chain(&side_modules);
    let bundle = plain_bundle(image, selection, in_order)?;
    let in_bundle = data_offsets(&bundle)?;
    for (chunk, files) in [(&mut packages, &package_files), (&mut app, &app_files)] {
        chunk.embedded = embedded_offset(chunk, files, &in_bundle)?;
    }
    let stdlib_zip =
        if stdlib.offsets.is_empty() { EMPTY_ZIP.to_vec() } else { stdlib.bytes.clone() };
    let mut chunks = Vec::new();
    let modules = modules(image, &side_modules, parts)?;
    for chunk in [stdlib, packages, app, modules].into_iter().filter(|chunk| !chunk.is_empty()) {
        chunks.push(Chunk { eager: true, ..chunk });
    }
    chunks.extend(lazy_chunks(image, layout, parts)?);
    let chunk_of = chunks.iter().enumerate();
    let chunk_of = chunk_of
        .flat_map(|(number, chunk)| chunk.offsets.keys().map(move |path| (path.clone(), number)));
    Ok(Packed { bundle, stdlib: stdlib_zip, chunk_of: chunk_of.collect(), chunks })
}

/// Returns the side modules that are whole, and then the primaries of those that are split.
fn modules(image: &Image, files: &[&BundleFile], parts: Option<&Parts>) -> Result<Chunk> {
    let part = |file: &BundleFile| parts.and_then(|parts| parts.get(&file.path));
    let (split, whole): (Vec<&BundleFile>, Vec<_>) =
        files.iter().copied().partition(|file| part(file).is_some());
    let mut zip = Zip::new();
    for file in &whole {
        zip.add(&file.zipped, &image.read(&file.file)?)?;
    }
    for (file, part) in split.iter().filter_map(|file| Some((file, part(file)?))) {
        zip.add(&file.zipped, &part.split.primary)?;
    }
    let bytes = zip.finish()?;
    let by_name = data_offsets(&bytes)?;
    let offset = |file: &&BundleFile| Some((file.path.clone(), *by_name.get(&file.zipped)?));
    let offsets = |files: &[&BundleFile]| files.iter().filter_map(offset).collect();
    Ok(Chunk {
        stem: MODULES.to_owned(),
        package: "packages".to_owned(),
        offsets: offsets(&whole),
        primaries: offsets(&split),
        bytes,
        ..Chunk::default()
    })
}

/// Returns the bundle for plain `loadPyodide` with these files.
fn plain_bundle<'a>(
    image: &Image,
    selection: &Selection,
    files: impl Iterator<Item = &'a &'a BundleFile>,
) -> Result<Vec<u8>> {
    let mut zip = Zip::new();
    for file in files {
        zip.add(&file.zipped, &image.read(&file.file)?)?;
    }
    for (name, bytes) in plain::files(image, selection) {
        zip.add(&name, &bytes)?;
    }
    for folder in plain::namespaces(image) {
        zip.add_folder(folder.trim_start_matches('/'))?;
    }
    zip.finish()
}

fn lazy_chunks(image: &Image, layout: &Layout, parts: Option<&Parts>) -> Result<Vec<Chunk>> {
    let mut lazy: BTreeMap<(bool, usize), Vec<&BundleFile>> = BTreeMap::new();
    for file in &layout.files {
        // Like sources, whole modules are for programs that look at files.
        let is_split = parts.is_some_and(|parts| parts.get(&file.path).is_some());
        if is_split || !file.eager {
            let is_source = is_split || file.has_bytecode;
            lazy.entry((is_source, file.file.package)).or_default().push(file);
        }
    }
    let mut chunks = Vec::new();
    for ((source, package), files) in lazy {
        let name = &image.packages[package].name;
        let stem = format!("{}/{name}", if source { "source" } else { "lazy" });
        for files in cut_into_chunks(&files) {
            chunks.push(Chunk { source, ..chunk(&stem, name, &files, &image.contents, "")? });
        }
    }
    Ok(chunks)
}

/// Returns a zip of these files, under their names without `prefix`.
fn chunk(
    stem: &str,
    package: &str,
    files: &[&BundleFile],
    contents: &Contents,
    prefix: &str,
) -> Result<Chunk> {
    let name =
        |file: &BundleFile| file.zipped.strip_prefix(prefix).unwrap_or(&file.zipped).to_owned();
    let mut zip = Zip::new();
    for file in files {
        zip.add(&name(file), &contents.read(file.file.piece)?)?;
    }
    let bytes = zip.finish()?;
    let by_name = data_offsets(&bytes)?;
    let offset = |file: &BundleFile| by_name.get(&name(file)).copied();
    let offsets =
        files.iter().filter_map(|file| Some((file.path.clone(), offset(file)?))).collect();
    let (stem, package) = (stem.to_owned(), package.to_owned());
    Ok(Chunk { stem, bytes, package, offsets, ..Chunk::default() })
}

/// Returns the distance from a file's offset in the chunk to its offset in the bundle. All files must
/// agree.
fn embedded_offset(
    chunk: &Chunk,
    files: &[&BundleFile],
    in_bundle: &HashMap<String, u64>,
) -> Result<Option<u64>> {
    let mut moved = None;
    for file in files {
        let there = in_bundle
            .get(&file.zipped)
            .zip(chunk.offsets.get(&file.path))
            .and_then(|(there, here)| there.checked_sub(*here));
        if there.is_none() || moved.is_some_and(|moved| Some(moved) != there) {
            return Err(unexpected(&format!("{} moved in the bundle", file.path)));
        }
        moved = there;
    }
    Ok(moved)
}
