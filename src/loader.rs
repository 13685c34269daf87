//! What a server serves and what a crate includes: the loader, the manifest, the parts under names
//! with a hash, Pyodide's core, and `pyodide_pack.rs`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::fsutil;
use crate::image::{Dirs, Image, LIBRARY_DIR};
use crate::pack::{self, EMPTY_ZIP, Packed, hashed_name, loaded_packages};
use crate::runtime::Runtime;
use crate::select::Selection;
use crate::shipment::Shipment;

const PACKFS_JS: &str = include_str!("../build-support/packfs.mjs");
const LOADER_JS: &str = include_str!("../build-support/loader.mjs");
const LOADER_TYPES: &str = include_str!("../build-support/loader.d.mts");
/// What the outputs have of the project's own files.
pub(crate) const SCRIPTS: [&str; 4] = [PACKFS_JS, LOADER_JS, LOADER_TYPES, pack::PLAIN_LOADER];
/// The line of the loader that its first half makes needless.
const IMPORT_PACKFS: &str = "import { loadLibraries, mount, settle } from \"./packfs.mjs\";\n";

/// The folder of the outputs that a server serves.
pub(crate) const SERVED: &str = "pyodide-pack";
/// Where Pyodide's core lies in it.
pub(crate) const CORE: &str = "pyodide/";

/// `manifest.json`, as `loader.mjs` reads it.
#[derive(Serialize)]
struct Manifest<'a> {
    schema: u32,
    pyodide: Pyodide<'a>,
    parts: Vec<ManifestPart<'a>>,
    packages: Vec<Package<'a>>,
    #[serde(rename = "sideModules")]
    side_modules: Vec<SideModule<'a>>,
    dirs: Dirs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pyodide<'a> {
    version: &'a str,
    core: &'static str,
    package_base_url: Option<String>,
    env: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct ManifestPart<'a> {
    file: String,
    bytes: usize,
    sha256: String,
    crc32: u32,
    hot: bool,
    distribution: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded: Option<u64>,
}

#[derive(Serialize)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    channel: &'a str,
}

#[derive(Serialize)]
struct SideModule<'a> {
    path: &'a str,
    library: bool,
    bytes: u64,
}

/// Writes the served folder.
pub(crate) fn write_served(
    runtime: &Runtime,
    image: &Image,
    shipment: &Shipment,
    selection: &Selection,
    packed: &Packed,
    outputs: &Path,
) -> Result<()> {
    let served = outputs.join(SERVED);
    let mut parts = Vec::new();
    for part in &packed.parts {
        let sha256 = Sha256::digest(&part.bytes);
        let file = hashed_name(&part.stem, &fsutil::hex(&sha256));
        fsutil::write_atomic(&served.join(&file), &part.bytes)?;
        parts.push(ManifestPart {
            file,
            bytes: part.bytes.len(),
            sha256: BASE64_STANDARD.encode(sha256),
            crc32: fsutil::crc32(&part.bytes),
            hot: part.hot,
            distribution: &part.distribution,
            embedded: part.embedded,
        });
    }
    let dirs = shipment.mounted(|shipped| {
        let number = *packed.part_of.get(&shipped.path)?;
        Some((number, *packed.parts[number].offsets.get(&shipped.path)?))
    });
    let size = |path: &String| {
        let found = shipment.files.binary_search_by(|shipped| shipped.path.cmp(path));
        found.map_or(0, |number| shipment.files[number].file.size)
    };
    let manifest = Manifest {
        schema: 1,
        pyodide: Pyodide {
            version: &runtime.version,
            core: CORE,
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
    };
    let manifest_path = served.join("manifest.json");
    let json = serde_json::to_vec(&manifest)
        .map_err(|e| Error::io("write the file", &manifest_path, &std::io::Error::other(e)))?;
    fsutil::write_atomic(&manifest_path, &json)?;
    fsutil::write_atomic(&served.join("loader.mjs"), loader_js().as_bytes())?;
    fsutil::write_atomic(&served.join("loader.d.mts"), LOADER_TYPES.as_bytes())?;
    fsutil::write_atomic(&served.join("empty.zip"), EMPTY_ZIP)?;
    let core = served.join(CORE);
    fsutil::create_dir_all(&core)?;
    for name in runtime.core_files() {
        let (from, to) = (runtime.dir.join(name), core.join(name));
        fs::copy(&from, &to).map_err(|e| Error::io("copy the file", &from, &e))?;
    }
    Ok(())
}

/// One module of the file system and the loader.
fn loader_js() -> String {
    LOADER_JS.replacen(IMPORT_PACKFS, PACKFS_JS, 1)
}

/// Writes `pyodide_pack.rs` for the outputs that are there; `table` is the report's.
pub(crate) fn write_rust(version: &str, table: &str, outputs: &Path) -> Result<()> {
    let mut code = String::from("// Made by pyodide-pack. Include it in a module of its own.\n");
    let mut item = |doc: &str, signature: &str, value: &str| {
        let _ = writeln!(code, "/// {doc}\n#[allow(dead_code)]\npub {signature} = {value};");
    };
    let bytes = |path: &str| format!("include_bytes!({path:?})");
    let text = |path: &str| format!("include_str!({path:?})");
    item(
        "The version of Pyodide that the bundle is made for.",
        "const PYODIDE_VERSION: &str",
        &format!("{version:?}"),
    );
    item(
        "Hot packages and app, to be unpacked into `/`.",
        "static BUNDLE: &[u8]",
        &bytes("pyodide-package-bundle.zip"),
    );
    item("The hot standard library.", "static STDLIB: &[u8]", &bytes("python_stdlib_stripped.zip"));
    item(
        "The JavaScript module with `loadBundle`.",
        "const LOADER_JS: &str",
        &text(&format!("{SERVED}/loader.mjs")),
    );
    item(
        "What `loadBundle` knows of the bundle.",
        "const MANIFEST_JSON: &str",
        &text(&format!("{SERVED}/manifest.json")),
    );
    item("The size table of the build.", "const REPORT: &str", &format!("{table:?}"));
    let mut assets = String::from("&[\n");
    for (path, source) in fsutil::walk(&outputs.join(SERVED), |_| true)? {
        let digest = Sha256::digest(fsutil::read(&source)?);
        let included = bytes(&format!("{SERVED}/{path}"));
        let sri = format!("sha256-{}", BASE64_STANDARD.encode(digest));
        let _ = writeln!(
            assets,
            "    ({path:?}, {included}, {:?}, \"identity\", {sri:?}),",
            mime(&path)
        );
    }
    assets.push(']');
    item(
        "All files to serve: path, content, media type, content encoding, integrity.",
        "static ASSETS: &[(&str, &[u8], &str, &str, &str)]",
        &assets,
    );
    fsutil::write_atomic(&outputs.join("pyodide_pack.rs"), code.as_bytes())
}

fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("mjs" | "js") => "text/javascript",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("zip") => "application/zip",
        Some("mts") => "text/plain",
        _ => "application/octet-stream",
    }
}

/// Valid outputs without content, for documentation builds.
pub(crate) fn write_skipped(out_dir: &Path) -> Result<()> {
    let served = out_dir.join(SERVED);
    if served.exists() {
        fs::remove_dir_all(&served).map_err(|e| Error::io("remove the old output", &served, &e))?;
    }
    for name in ["pyodide-package-bundle.zip", "python_stdlib_stripped.zip"] {
        fsutil::write_if_changed(&out_dir.join(name), EMPTY_ZIP)?;
    }
    let skipped = "export async function loadBundle() {\n  throw new Error(\"the build skipped pyodide-pack\");\n}\n";
    fsutil::write_if_changed(&served.join("loader.mjs"), skipped.as_bytes())?;
    fsutil::write_if_changed(&served.join("manifest.json"), b"{}")?;
    write_rust("", "", out_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loader_is_one_module() {
        assert_eq!(LOADER_JS.matches(IMPORT_PACKFS).count(), 1);
        let js = loader_js();
        assert!(!js.lines().any(|line| line.starts_with("import {")), "an import is left");
        assert!(
            js.contains("export async function loadBundle") && js.contains("export function mount")
        );
    }
}
