//! Deterministic zips: entries stored, sorted, with a fixed time and mode, so that the same inputs
//! give the same bytes everywhere, and so that contents can be viewed in place.

use std::collections::{BTreeMap, HashMap};

use crate::base::error::Result;
use crate::base::zip::{EMPTY_ZIP, Zip, data_offsets, unexpected};
use crate::bundle::chunks::cut_into_chunks;
use crate::bundle::layout::{Shipment, Shipped};
use crate::bundle::plain::loader_files;
use crate::bundle::select::Selection;
use crate::image::content::Contents;
use crate::image::{Image, OwnerKind, STDLIB};

/// One zip to be served.
pub(crate) struct Part {
    /// What its file name starts with: `bundle`, `cold/pandas`, `source/pandas`.
    pub stem: String,
    pub bytes: Vec<u8>,
    pub hot: bool,
    /// Whether it has sources of bytecode.
    pub source: bool,
    /// Whose files it has; of the hot packages together `packages`.
    pub distribution: String,
    /// Offset in the bundle for the plain three lines, or in the zip of all cold parts, of those in it.
    pub embedded: Option<u64>,
    /// Path of a mounted file -> offset of its content.
    pub offsets: HashMap<String, u64>,
}

/// All zips of a build.
pub(crate) struct Packed {
    /// `pyodide-package-bundle.zip`: hot packages and app, rooted at `/`, with the Python loader.
    pub bundle: Vec<u8>,
    /// `python_stdlib_stripped.zip`: the hot standard library.
    pub stdlib: Vec<u8>,
    pub parts: Vec<Part>,
    /// Path of a mounted file -> number of its part.
    pub part_of: HashMap<String, usize>,
}

/// Packs the shipment; hot files by kind of owner, cold ones by owner, sources apart from what runs.
pub(crate) fn pack(
    image: &Image,
    shipment: &Shipment,
    selection: &Selection,
    contents: &Contents,
) -> Result<Packed> {
    let hot = |wanted: &dyn Fn(OwnerKind) -> bool| -> Vec<&Shipped> {
        let hot = shipment.files.iter().filter(|shipped| shipped.hot);
        hot.filter(|shipped| wanted(image.owner(&shipped.file).kind)).collect()
    };
    let stdlib_files = hot(&|kind| kind == OwnerKind::Stdlib);
    let package_files = hot(&|kind| matches!(kind, OwnerKind::Distribution | OwnerKind::Index));
    let app_files = hot(&|kind| kind == OwnerKind::App);

    let stdlib_prefix = format!("{}/", image.stdlib_dir().trim_start_matches('/'));
    let stdlib = zip_part(STDLIB, STDLIB, &stdlib_files, contents, &stdlib_prefix)?;
    let mut packages = zip_part("bundle", "packages", &package_files, contents, "")?;
    let mut app = zip_part("app", "app", &app_files, contents, "")?;

    let mut bundle = Zip::new();
    for shipped in package_files.iter().chain(&app_files) {
        bundle.add(&shipped.zipped, contents.get(&shipped.file))?;
    }
    for (name, bytes) in loader_files(image, selection) {
        bundle.add(&name, &bytes)?;
    }
    let bundle = bundle.finish()?;
    let in_bundle = data_offsets(&bundle)?;
    for (part, files) in [(&mut packages, &package_files), (&mut app, &app_files)] {
        part.embedded = embedded_offset(part, files, &in_bundle)?;
    }

    let mut parts: Vec<_> = [stdlib, packages, app]
        .into_iter()
        .filter(|p| !p.offsets.is_empty())
        .map(|mut p| {
            p.hot = true;
            p
        })
        .collect();
    let stdlib = parts
        .iter()
        .find(|part| part.stem == STDLIB)
        .map_or(EMPTY_ZIP.to_vec(), |p| p.bytes.clone());

    let mut cold: BTreeMap<(bool, usize), Vec<&Shipped>> = BTreeMap::new();
    for shipped in shipment.files.iter().filter(|shipped| !shipped.hot) {
        cold.entry((shipped.has_bytecode, shipped.file.owner)).or_default().push(shipped);
    }
    for ((source, owner), files) in cold {
        let name = &image.owners[owner].name;
        let stem = format!("{}/{name}", if source { "source" } else { "cold" });
        for files in cut_into_chunks(&files) {
            parts.push(Part { source, ..zip_part(&stem, name, &files, contents, "")? });
        }
    }
    let part_of = parts
        .iter()
        .enumerate()
        .flat_map(|(number, part)| part.offsets.keys().map(move |path| (path.clone(), number)));
    let part_of = part_of.collect();
    Ok(Packed { bundle, stdlib, parts, part_of })
}

/// A zip of all cold parts, each of which learns its place in it.
pub(crate) fn cold_zip(parts: &mut [Part]) -> Result<Vec<u8>> {
    let name = |part: &Part, number: usize| format!("{}.{number}.zip", part.stem);
    let mut zip = Zip::new();
    for (number, part) in parts.iter().enumerate().filter(|(_, part)| !part.hot) {
        zip.add(&name(part, number), &part.bytes)?;
    }
    let zip = zip.finish()?;
    let offsets = data_offsets(&zip)?;
    for (number, part) in parts.iter_mut().enumerate().filter(|(_, part)| !part.hot) {
        part.embedded = offsets.get(&name(part, number)).copied();
    }
    Ok(zip)
}

/// A zip of these files, under their names without `prefix`.
fn zip_part(
    stem: &str,
    distribution: &str,
    files: &[&Shipped],
    contents: &Contents,
    prefix: &str,
) -> Result<Part> {
    let name = |shipped: &Shipped| {
        shipped.zipped.strip_prefix(prefix).unwrap_or(&shipped.zipped).to_owned()
    };
    let mut zip = Zip::new();
    for shipped in files {
        zip.add(&name(shipped), contents.get(&shipped.file))?;
    }
    let bytes = zip.finish()?;
    let by_name = data_offsets(&bytes)?;
    let offset = |shipped: &Shipped| by_name.get(&name(shipped)).copied();
    let offsets =
        files.iter().filter_map(|shipped| Some((shipped.path.clone(), offset(shipped)?))).collect();
    Ok(Part {
        stem: stem.to_owned(),
        bytes,
        hot: false,
        source: false,
        distribution: distribution.to_owned(),
        embedded: None,
        offsets,
    })
}

/// How much further back in the bundle each file of the part lies, which is the same for all.
fn embedded_offset(
    part: &Part,
    files: &[&Shipped],
    in_bundle: &HashMap<String, u64>,
) -> Result<Option<u64>> {
    let mut moved = None;
    for shipped in files {
        let there = in_bundle
            .get(&shipped.zipped)
            .zip(part.offsets.get(&shipped.path))
            .and_then(|(there, here)| there.checked_sub(*here));
        if there.is_none() || moved.is_some_and(|moved| Some(moved) != there) {
            return Err(unexpected(&format!("{} moved in the bundle", shipped.path)));
        }
        moved = there;
    }
    Ok(moved)
}
