//! What a server serves: the loader, the manifest, the parts under names with a hash, and Pyodide's
//! core; with a list of it all for the steps that follow.

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::base::files;
use crate::base::paths::LIBRARY_DIR;
use crate::base::zip::EMPTY_ZIP;
use crate::bundle::layout::{Shipment, Shipped};
use crate::bundle::manifest::{Manifest, ManifestPart, Package, Pyodide, SideModule};
use crate::bundle::names::{
    ASSETS, BUNDLE, COLD_ZIP, CORE, EMPTY, LOADER, MANIFEST, MANIFEST_WITH_SIBLINGS, SERVED,
    STDLIB_ZIP, TYPES, WORKER, hashed_name,
};
use crate::bundle::omitted::{Dropped, without_cold};
use crate::bundle::pack::{self, Packed};
use crate::bundle::plain::{PLAIN_LOADER, loaded_packages};
use crate::bundle::select::Selection;
use crate::engine::node::Runner;
use crate::image::Image;
use crate::settings::compression::Coding;
use crate::settings::lazy::Cold;
use crate::transform::python::Compiler;

const PACKFS_JS: &str = include_str!("../../build-support/runtime/packfs.mjs");
const HOSTS_JS: &str = include_str!("../../build-support/runtime/hosts.mjs");
const LOADER_JS: &str = include_str!("../../build-support/runtime/loader.mjs");
const ZSTD_JS: &str = include_str!("../../build-support/runtime/zstd.mjs");
const COLD_JS: &str = include_str!("../../build-support/runtime/cold.mjs");
const MISSES_JS: &str = include_str!("../../build-support/runtime/misses.mjs");
const NOTES_JS: &str = include_str!("../../build-support/runtime/notes.mjs");
const NOTES_PY: &str = include_str!("../../build-support/runtime/notes.py");
const REMOTE_JS: &str = include_str!("../../build-support/runtime/remote.mjs");
const WORKER_JS: &str = include_str!("../../build-support/runtime/worker.mjs");
const LOADER_TYPES: &str = include_str!("../../build-support/runtime/loader.d.mts");
/// What the outputs have of the project's own files.
pub(crate) const SCRIPTS: [&str; 12] = [
    PACKFS_JS,
    ZSTD_JS,
    HOSTS_JS,
    COLD_JS,
    NOTES_JS,
    NOTES_PY,
    MISSES_JS,
    REMOTE_JS,
    WORKER_JS,
    LOADER_JS,
    LOADER_TYPES,
    PLAIN_LOADER,
];
/// The modules of the loader, each behind those that it imports.
const MODULES: [&str; 8] =
    [ZSTD_JS, HOSTS_JS, PACKFS_JS, COLD_JS, NOTES_JS, MISSES_JS, REMOTE_JS, LOADER_JS];
/// The line of `notes.mjs` in whose place the content of `notes.py` comes.
const NOTES_LINE: &str = "const NOTES_PY = \"notes.py\";\n";

/// A file of the outputs that a server may serve or a crate include.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asset {
    /// Relative to the outputs.
    pub path: String,
    pub bytes: usize,
    /// In hexadecimal: hashing is slow in a build script, so it is done once.
    pub sha256: String,
    /// Whether a page waits for it at the start.
    pub hot: bool,
}

impl Asset {
    fn new(path: impl Into<String>, bytes: &[u8], hot: bool) -> Self {
        let sha256 = files::sha256_hex(bytes);
        Self { path: path.into(), bytes: bytes.len(), sha256, hot }
    }
}

/// Writes the served folder, and [`ASSETS`].
pub(crate) fn write_served(
    compiler: &Compiler,
    image: &Image,
    shipment: &Shipment,
    selection: &Selection,
    mut packed: Packed,
    cold: Cold,
    outputs: &Path,
) -> Result<()> {
    let Compiler { runtime, runner, cache, .. } = *compiler;
    let served = outputs.join(SERVED);
    if served.exists() {
        fs::remove_dir_all(&served).map_err(|e| Error::io("pack anew into", &served, &e))?;
    }
    let cold_zip = match cold {
        Cold::Embedded => Some(pack::cold_zip(&mut packed.parts)?),
        Cold::Separate | Cold::Dropped => None,
    };
    if let Some(zip) = &cold_zip {
        files::write_atomic(&outputs.join(COLD_ZIP), zip)?;
    }
    let mut assets = Vec::new();
    let parts = write_parts(&packed, cold_zip.as_deref(), cold, runner, outputs, &mut assets)?;
    let place = |shipped: &Shipped| {
        let number = *packed.part_of.get(&shipped.path)?;
        Some((number, *packed.parts[number].offsets.get(&shipped.path)?))
    };
    // The cold parts are numbered after the hot ones, so no number changes without them.
    let (dirs, dropped) = match cold {
        Cold::Separate | Cold::Embedded => (shipment.mounted(place), Dropped::new()),
        Cold::Dropped => without_cold(image, shipment, selection, place, parts.len()),
    };
    let size = |path: &String| {
        let found = shipment.files.binary_search_by(|shipped| shipped.path.cmp(path));
        found.map_or(0, |number| shipment.files[number].file.size)
    };
    let mut manifest = Manifest {
        schema: 1,
        siblings: Vec::new(),
        pyodide: Pyodide {
            version: &runtime.version,
            asm: runtime.asm(),
            package_base_url: runtime.package_base_url(),
            env: shipment.env(runtime),
        },
        parts,
        packages: loaded_packages(image)
            .map(|(name, version, channel)| Package { name, version, channel })
            .collect(),
        side_modules: selection
            .side_modules
            .iter()
            .map(|path| SideModule {
                path,
                library: path.starts_with(LIBRARY_DIR),
                bytes: size(path),
            })
            .collect(),
        dirs,
        dropped,
    };
    let mut write = |path: &str, bytes: &[u8], hot: bool| {
        assets.push(Asset::new(path, bytes, hot));
        files::write_atomic(&outputs.join(path), bytes)
    };
    write(MANIFEST, &json(&manifest, outputs)?, true)?;
    let codings = [Coding::Zstd, Coding::Gzip];
    let codings = codings.iter().filter(|coding| **coding == Coding::Gzip || runtime.has_zstd());
    manifest.siblings = codings.map(|coding| coding.name()).collect();
    write(MANIFEST_WITH_SIBLINGS, &json(&manifest, outputs)?, true)?;
    write(LOADER, loader_js().as_bytes(), true)?;
    write(WORKER, WORKER_JS.as_bytes(), true)?;
    write(TYPES, LOADER_TYPES.as_bytes(), false)?;
    write(EMPTY, EMPTY_ZIP, false)?;
    files::create_dir_all(&served.join(CORE))?;
    for name in runtime.core_files() {
        let (from, path) = (runtime.dir.join(name), format!("{SERVED}/{CORE}{name}"));
        let bytes = fs::copy(&from, outputs.join(&path));
        let bytes = bytes.map_err(|e| Error::io("copy the file", &from, &e))?;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        assets.push(Asset { path, bytes, sha256: cache.sha256_of(&from)?, hot: true });
    }
    assets.sort_by(|a, b| a.path.cmp(&b.path));
    files::write_atomic(&outputs.join(ASSETS), &json(&assets, outputs)?)
}

/// Writes the parts that are served, and lists them and the zips that lie beside.
fn write_parts<'a>(
    packed: &'a Packed,
    cold_zip: Option<&[u8]>,
    cold: Cold,
    runner: &Runner,
    outputs: &Path,
    assets: &mut Vec<Asset>,
) -> Result<Vec<ManifestPart<'a>>> {
    let served = outputs.join(SERVED);
    let mut whole =
        vec![(BUNDLE, packed.bundle.len(), false), (STDLIB_ZIP, packed.stdlib.len(), true)];
    whole.extend(cold_zip.map(|zip| (COLD_ZIP, zip.len(), false)));
    let mut files: Vec<_> = whole.iter().map(|(name, ..)| outputs.join(name)).collect();
    let is_served = |part: &pack::Part| part.hot || cold == Cold::Separate;
    for (number, part) in packed.parts.iter().enumerate().filter(|(_, part)| is_served(part)) {
        let unnamed = served.join(format!("{}.{number}.zip", part.stem));
        files::write_atomic(&unnamed, &part.bytes)?;
        files.push(unnamed);
    }
    let mut digests = files.iter().zip(runner.digests(&files)?);
    for (path, bytes, hot) in whole {
        let sha256 = digests.next().map(|(_, sha256)| sha256).unwrap_or_default();
        assets.push(Asset { path: path.to_owned(), bytes, sha256, hot });
    }
    let mut parts = Vec::new();
    let dropped = |part: &&pack::Part| cold == Cold::Dropped && !part.hot;
    for part in packed.parts.iter().filter(|part| !dropped(part)) {
        let (mut file, mut digest) = (format!("{COLD_ZIP}/{}", part.stem), String::new());
        if is_served(part)
            && let Some((unnamed, sha256)) = digests.next()
        {
            file = hashed_name(&part.stem, &sha256);
            let named = served.join(&file);
            fs::rename(unnamed, &named).map_err(|e| Error::io("write the file", &named, &e))?;
            digest = BASE64_STANDARD.encode(files::unhex(&sha256));
            let (path, bytes) = (format!("{SERVED}/{file}"), part.bytes.len());
            assets.push(Asset { path, bytes, sha256, hot: part.hot });
        }
        parts.push(ManifestPart {
            file,
            bytes: part.bytes.len(),
            sha256: digest,
            crc32: files::crc32(&part.bytes),
            hot: part.hot,
            source: part.source,
            distribution: &part.distribution,
            embedded: part.embedded,
        });
    }
    Ok(parts)
}

fn json<T: Serialize>(value: &T, outputs: &Path) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| Error::json("describe the outputs in", outputs, e))
}

/// All modules as one.
fn loader_js() -> String {
    let lines = MODULES.iter().flat_map(|module| module.split_inclusive('\n'));
    let js: String = lines.filter(|line| !is_import(line)).collect();
    let notes = serde_json::Value::from(NOTES_PY);
    js.replacen(NOTES_LINE, &format!("const NOTES_PY = {notes};\n"), 1)
}

/// Whether a line imports from another of the modules, or exports what is one of its exports then.
fn is_import(line: &str) -> bool {
    (line.starts_with("import {") || line.starts_with("export {")) && line.contains("} from \"./")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loader_is_one_module() {
        assert_eq!(NOTES_JS.matches(NOTES_LINE).count(), 1);
        let js = loader_js();
        assert!(!js.lines().any(|line| line.starts_with("import {")), "an import is left");
        assert!(!js.contains(NOTES_LINE) && js.contains("def arm() -> None:\\n"));
        for name in ["function loadBundle", "function mount", "class Cold"] {
            assert!(js.contains(&format!("export {name}")), "{name}");
        }
        // Names at the top of each module are those of one module now.
        let mut names = std::collections::BTreeSet::new();
        for line in js.lines() {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let line = line.strip_prefix("async ").unwrap_or(line);
            let kinds = ["function ", "class ", "const ", "let "];
            let Some(rest) = kinds.iter().find_map(|kind| line.strip_prefix(kind)) else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            assert!(names.insert(&rest[..end]), "{} is there twice", &rest[..end]);
        }
    }
}
