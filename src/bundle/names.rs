//! Names of the outputs.

/// The eager packages and the app, for plain `loadPyodide`.
pub(crate) const BUNDLE: &str = "pyodide-package-bundle.zip";
/// The eager standard library, for plain `loadPyodide`.
pub(crate) const STDLIB_ZIP: &str = "python_stdlib_stripped.zip";
/// All lazy chunks, with `Lazy::Embedded`.
pub(crate) const LAZY_ZIP: &str = "pyodide-package-lazy.zip";
/// The folder of the outputs to serve.
pub(crate) const SERVED: &str = "pyodide-pack";
/// The folder of Pyodide's core in it; `loader.mjs` has the same constant.
pub(crate) const CORE: &str = "pyodide/";
pub(crate) const LOADER: &str = "pyodide-pack/loader.mjs";
pub(crate) const WORKER: &str = "pyodide-pack/worker.mjs";
pub(crate) const MANIFEST: &str = "pyodide-pack/manifest.json";
pub(crate) const TYPES: &str = "pyodide-pack/loader.d.mts";
pub(crate) const EMPTY: &str = "pyodide-pack/empty.zip";
/// The manifest for a folder with precompressed copies. It replaces the other manifest there. Every build
/// has both, so one cached build serves all settings of compression.
pub(crate) const MANIFEST_WITH_COPIES: &str = "internal/manifest.json";
/// The list of every [`Asset`](crate::bundle::asset::Asset), in a cached build only.
pub(crate) const ASSETS: &str = "internal/assets.json";

/// Returns a file name with the start of the content's SHA-256: `bundle.0123456789abcdef.zip`.
pub(super) fn hashed_name(stem: &str, sha256: &str) -> String {
    format!("{stem}.{}.zip", &sha256[..16])
}
