//! Names of the outputs.

use std::path::Path;

/// The eager packages and the app, for plain `loadPyodide`.
pub(crate) const BUNDLE: &str = "pyodide-package-bundle.zip";
/// The eager standard library, for plain `loadPyodide`.
pub(crate) const STDLIB_ZIP: &str = "python_stdlib_stripped.zip";
/// All lazy chunks, with `Lazy::Embedded`.
pub(crate) const LAZY_ZIP: &str = "pyodide-package-lazy.zip";
/// The folder of the outputs to serve.
pub(crate) const SERVED: &str = "pyodide-pack";
// Scripts are served as `.js`: some servers do not know that `.mjs` is JavaScript.
pub(crate) const LOADER: &str = "pyodide-pack/loader.js";
pub(crate) const WORKER: &str = "pyodide-pack/worker.js";
/// Exports the core's functions, for service workers, which can't import it at run time.
pub(crate) const CORE: &str = "pyodide-pack/core.js";
pub(crate) const SERVICE_WORKER: &str = "pyodide-pack/service-worker.js";
pub(crate) const MANIFEST: &str = "pyodide-pack/manifest.json";
pub(crate) const TYPES: &str = "pyodide-pack/loader.d.ts";
/// Tells Node that the scripts are modules.
pub(crate) const PACKAGE: &str = "pyodide-pack/package.json";
pub(crate) const EMPTY: &str = "pyodide-pack/empty.zip";
/// The manifest for a folder with precompressed copies. It replaces the other manifest there. Every build
/// has both, so one cached build serves all settings of compression.
pub(crate) const MANIFEST_WITH_COPIES: &str = "internal/manifest.json";
/// The list of every [`Asset`](crate::bundle::asset::Asset), in a cached build only.
pub(crate) const ASSETS: &str = "internal/assets.json";

/// The list of the files to serve, for programs that read them when they run.
pub(crate) const ASSET_INDEX: &str = "pyodide-pack-assets.tsv";
/// Names the manifest of a development build, for pages that look for a newer one.
pub(crate) const DEVELOPMENT: &str = "pyodide-pack/development.json";

/// Returns the folder of Pyodide's core in the served folder. Each version has its own, so caches never mix
/// two of them.
pub(super) fn core_folder(fingerprint: &str) -> String {
    format!("pyodide.{}/", fingerprint.get(..16).unwrap_or(fingerprint))
}

/// Returns the name under which a file of Pyodide's core is served.
pub(super) fn core_name(name: &str) -> String {
    name.strip_suffix(".mjs").map_or_else(|| name.to_owned(), |stem| format!("{stem}.js"))
}

/// Returns a script that leads from the original name of a file of the core to the served one, for plain
/// `loadPyodide`.
pub(super) fn alias(name: &str) -> Option<String> {
    let served = core_name(name);
    let exports = if name == "pyodide.mjs" { "*" } else { "{ default }" };
    (served != name).then(|| format!("export {exports} from \"./{served}\";\n"))
}

/// Returns whether compressed copies of an output are worth their requests: those of tiny files are not
/// smaller, and browsers do not read types .
pub(crate) fn is_compressible(path: &str) -> bool {
    let is_alias = Path::new(path).extension().is_some_and(|end| end == "mjs");
    !is_alias && ![TYPES, PACKAGE, EMPTY].contains(&path)
}

/// Returns a file name with the start of the content's SHA-256: `bundle.0123456789abcdef.zip`.
pub(crate) fn hashed_name(stem: &str, sha256: &str, end: &str) -> String {
    format!("{stem}.{}.{end}", &sha256[..16])
}
